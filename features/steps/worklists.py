"""Steps about giving work to a colleague, and about not being there for a while."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import local_date
from features.steps.registry import step
from features.steps.world import World
from workflows import method

EXPLORE = "Verkenning doen"
WORDS = "Ze belt liever na zes uur."


@step("Als", "de {giver} de verkenning doorgeeft aan de {taker}")
def passes_on(world: World, giver: str, taker: str) -> None:
    card = world.take(giver, EXPLORE)
    world.do(method.assign_task, card.id, to=world.actor(taker).person_id, note=WORDS, who=giver)


@step("Als", "de andere verpleegkundige oppakt wat er ligt")
def takes_what_there_is(world: World) -> None:
    world.take("andere verpleegkundige", EXPLORE)


@step("Als", "de {who} meldt dat zij er drie dagen niet is")
def is_away(world: World, who: str) -> None:
    today = local_date(world.clock())
    away = world.do(method.report_absence, from_on=today, until_on=today + timedelta(days=2), who=who)
    world.kept = away.id


@step("Als", "de verpleegkundige eerder terug is")
def is_back(world: World) -> None:
    world.do(method.end_absence, world.kept, who="verpleegkundige")


@step("Dan", "heeft de {taker} de verkenning, met de woorden van de {giver}")
def has_it_with_words(world: World, taker: str, giver: str) -> None:
    card = world.task(taker, EXPLORE)
    assert card.mine
    assert (card.note.author_id, card.note.text) == (world.actor(giver).person_id, WORDS)


@step("Dan", "heeft de {who} de verkenning weer")
def has_it_again(world: World, who: str) -> None:
    assert world.task(who, EXPLORE).mine


@step("Dan", "ligt de verkenning bij het team")
def lies_with_the_team(world: World) -> None:
    assert world.task("andere verpleegkundige", EXPLORE).status == "open"
