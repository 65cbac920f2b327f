"""Steps about who takes part, and about time."""

from __future__ import annotations

from bpmn import DIRECTORY
from features.steps.registry import step
from features.steps.world import World
from workflows import diagrams
from workflows.actor import OPERATOR


@step("Gegeven", "een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo")
def a_region(world: World) -> None:
    files = {path.name: path.read_bytes() for path in DIRECTORY.iterdir() if path.suffix in diagrams.SUFFIXES}
    with world.database.writing() as session:
        world.people = world.region(session, world.clock())
        world.digest = diagrams.publish(session, files, by=OPERATOR, at=world.clock())


@step("Als", "er {days:d} dagen voorbijgaan")
def days_pass(world: World, days: int) -> None:
    world.pass_days(days)


@step("Dan", 'heeft de {who} de taak "{name}"')
def has_task(world: World, who: str, name: str) -> None:
    world.task(who, name)


@step("Dan", "heeft de {who} geen enkele taak")
def has_no_task(world: World, who: str) -> None:
    assert world.tasks(who) == []


@step("Dan", "weet de {who} niet om welk gezin het gaat")
def does_not_know_the_family(world: World, who: str) -> None:
    names = [str(card) for card in world.tasks(who)]
    assert names
    assert not any(world.signal["parent_name"] in text for text in names)


@step("Dan", "staat bij elke open taak dat er een tolk nodig is")
def interpreter_on_every_task(world: World) -> None:
    cards = [*world.tasks("verloskundige"), *world.tasks("verpleegkundige")]
    assert cards
    assert all(card.interpreter_needed for card in cards)
