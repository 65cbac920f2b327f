"""Steps about breaking the glass: reading a case in an emergency, for a while and with everybody hearing of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from features.steps.registry import step
from features.steps.world import World
from workflows import method
from workflows.errors import NotAllowed, NotFound

SHE = "andere verloskundige"
WHY = {
    "reason": "acute_illness",
    "explanation": "De moeder belt, ze is alleen en het gaat niet goed.",
    "ground": "vital_interest",
}


def read(world: World) -> Any:
    """The case as she reads it in the emergency."""
    return world.look(method.emergency_view, world.emergency_id, who=SHE)


@step("Als", "een verloskundige van een andere praktijk in nood het gezin opent dat zij kent")
def open_known(world: World) -> None:
    known = {
        "parent_name": world.signal["parent_name"],
        "birth_date": date.fromisoformat(world.signal["birth_date"]),
    }
    world.emergency_id = world.do(method.open_emergency, **known, **WHY, who=SHE).id


@step("Als", "een verloskundige van een andere praktijk in nood een gezin probeert te openen met een halve naam")
def open_half_known(world: World) -> None:
    known = {
        "parent_name": world.signal["parent_name"].split()[0],
        "birth_date": date.fromisoformat(world.signal["birth_date"]),
    }
    world.refusal = world.refused(method.open_emergency, **known, **WHY, who=SHE)


@step("Als", "het meelezen wordt beëindigd door de verloskundigenpraktijk")
def stop(world: World) -> None:
    world.do(method.end_emergency, world.emergency_id, who="verloskundigenpraktijk")


@step("Als", "er een uur voorbijgaat")
def an_hour(world: World) -> None:
    world.clock.forward(hours=1)


@step("Dan", "leest zij wat de moeder vertelde")
def reads_the_story(world: World) -> None:
    said = {value.text for entry in read(world).entries for value in entry.values}
    assert world.signal["support_request_own_words"] in said


@step("Dan", "de casus blijft voor haar dicht")
def the_case_stays_closed(world: World) -> None:
    assert isinstance(world.refused(method.case_view, world.case_id, who=SHE), NotFound)


@step("Dan", "leest zij niets meer")
def reads_nothing_more(world: World) -> None:
    assert isinstance(world.refused(method.emergency_view, world.emergency_id, who=SHE), NotAllowed)


@step("Dan", "leest zij niets over veiligheid")
def reads_nothing_of_safety(world: World) -> None:
    values = [value for entry in read(world).entries for value in entry.values]
    assert values
    assert not any(value.compartment == "C5" or value.field.startswith("safety") for value in values)


@step("Dan", "opent zij niets en hoort zij niet waarom")
def opens_nothing(world: World) -> None:
    assert isinstance(world.refusal, method.NothingOpened)
    unknown = world.refused(method.open_emergency, case_number="2026-9999", **WHY, who=SHE)
    assert unknown is not None
    assert (str(unknown), unknown.detail) == (str(world.refusal), world.refusal.detail)
