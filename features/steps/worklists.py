"""Steps about giving work to a colleague, and about not being there for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.clock import local_date
from features.steps.registry import step
from features.steps.world import World
from workflows import method, processes
from workflows.errors import Invalid, NotFound

EXPLORE = "Verkenning doen"
WORDS = "Ze belt liever na zes uur."
OF_VENLO = {"municipality": "GM0983"}


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
@step("Dan", "heeft de {who} de verkenning nog")
@step("Dan", "heeft de {who} de verkenning zolang")
def has_it_again(world: World, who: str) -> None:
    assert world.task(who, EXPLORE).mine


@step("Dan", "ligt de verkenning bij het team")
def lies_with_the_team(world: World) -> None:
    assert world.task("andere verpleegkundige", EXPLORE).status == "open"


@step("Als", "de {who} meldt dat zij er morgen twee dagen niet is, met de {deputy} als vervanger")
def is_away_from_tomorrow(world: World, who: str, deputy: str) -> None:
    world.kept = world.do(method.report_absence, **from_tomorrow(world, deputy), who=who).id


@step("Dan", "kan de {who} de {deputy} niet als vervanger kiezen")
def no_such_deputy(world: World, who: str, deputy: str) -> None:
    refusal = world.refused(method.report_absence, **from_tomorrow(world, deputy), who=who)
    assert isinstance(refusal, Invalid)
    assert "deputy_id" in refusal.errors


def from_tomorrow(world: World, deputy: str) -> dict[str, Any]:
    """Two days, and who stands in."""
    today = local_date(world.clock())
    days = {"from_on": today + timedelta(days=1), "until_on": today + timedelta(days=2)}
    return {**days, "deputy_id": world.actor(deputy).person_id}


@step("Dan", "heeft de {who} de casus in handen")
def holds_the_case(world: World, who: str) -> None:
    assert world.case(who).case.holder_person_id == world.actor(who).person_id


@step("Als", 'de {who} de taken van Venlo bewaart als "{name}"')
def saves_a_list(world: World, who: str, name: str) -> None:
    world.kept = world.do(processes.save_list, name, OF_VENLO, who=who).id


@step("Dan", 'telt de lijst "{name}" van de {who} {count:d} taken')
def list_counts(world: World, name: str, who: str, count: int) -> None:
    found = world.look(method.saved_lists, who=who)
    assert [(one.name, counted) for one, counted in found] == [(name, count)]


@step("Dan", "heeft de {who} geen lijst en kan zij die van een ander niet weghalen")
def has_no_list(world: World, who: str) -> None:
    assert world.look(method.saved_lists, who=who) == []
    assert isinstance(world.refused(processes.delete_list, world.kept, who=who), NotFound)


@step("Dan", 'kan de {who} niet nog een lijst bewaren die "{name}" heet')
def name_is_taken(world: World, who: str, name: str) -> None:
    refusal = world.refused(processes.save_list, name.upper(), OF_VENLO, who=who)
    assert isinstance(refusal, Invalid)
    assert "name" in refusal.errors


@step("Dan", "kan de {who} geen lijst bewaren van alles")
def no_list_of_everything(world: World, who: str) -> None:
    refusal = world.refused(processes.save_list, "Alles", {}, who=who)
    assert isinstance(refusal, Invalid)
    assert "filters" in refusal.errors
