"""Steps about who looked, as a parent hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from features.steps.registry import step
from features.steps.safety import OFFICER
from features.steps.world import World
from workflows import method
from workflows.errors import Refusal

WHERE = {"praktijk": "verloskundige", "jeugdgezondheidszorg": "verpleegkundige"}
DAYS = {"vandaag": 0, "gisteren": 1}


@step("Als", "de {who} de casus {times:d} keer bekijkt")
def looks(world: World, who: str, times: int) -> None:
    assert world.case_id is not None
    for number in range(times):
        opening = replace(world.actor(who), request_id=f"{world.clock():%H%M}-{number}")
        with world.database.reading() as session:
            method.case_view(session, world.case_id, by=opening, at=world.clock())
            method.plan_view(session, world.case_id, by=opening, at=world.clock())


@step("Als", "de verpleegkundige met de moeder bekijkt wie er keek")
def opens_together(world: World) -> None:
    world.kept = mother(world)
    world.looked.append(world.look(method.client_log, world.case_id, subject_id=world.kept, who="verpleegkundige"))


@step("Als", "de aandachtsfunctionaris van de praktijk de zorg bekijkt")
def officer_looks(world: World) -> None:
    [card] = world.tasks(OFFICER)
    world.take(OFFICER, card.name)
    world.look(method.task_view, card.id, who=OFFICER)


@step("Dan", 'staat er bij {day} dat de {where} {times:d} keer keek "{why}"')
def is_told(world: World, day: str, where: str, times: int, why: str) -> None:
    assert (where, times, why) in [(name, line.times, line.why) for name, line in told(world, DAYS[day])], told(
        world, DAYS[day]
    )


@step("Dan", "staat daarbij dat zij daarvoor toestemming gaf")
def with_her_consent(world: World) -> None:
    assert [line.ground for _, line in told(world, 1)] == ["U gaf toestemming."]


@step("Dan", "kan alleen de verpleegkundige het met haar bekijken")
def nobody_else(world: World) -> None:
    for who in ("verloskundige", "procesregisseur", "beheerder", OFFICER):
        refusal = world.refused(method.client_log, world.case_id, subject_id=world.kept, who=who)
        assert isinstance(refusal, Refusal), who


@step("Dan", "staat er in het overzicht niets anders dan ervoor")
def nothing_else(world: World) -> None:
    opens_together(world)
    before, after = world.looked[-2:]

    def without_the_opening(found: Any) -> list[Any]:
        return [line for day in found.days for line in day.lines if line.compartments != ("C11",)]

    assert without_the_opening(after) == without_the_opening(before)


def mother(world: World) -> Any:
    """The parent that the case is about."""
    return world.look(method.client_log_subjects, world.case_id, who="verpleegkundige")[0].id


def told(world: World, days_ago: int) -> list[tuple[str, Any]]:
    """What the last overview says of a day, with who is meant."""
    on = (world.clock() - timedelta(days=days_ago)).date()
    names = {world.actor(who).organisation_id: name for name, who in WHERE.items()}
    return [
        (names[line.organisation_id], line)
        for day in world.looked[-1].days
        if day.day == on
        for line in day.lines
        if line.compartments != ("C11",)
    ]
