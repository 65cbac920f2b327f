"""Steps about terms: nearly late, too late, what is coming, and the settings behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.clock import local_date
from features.steps.registry import step
from features.steps.world import World
from workflows import method, settings
from workflows.errors import NotAllowed, NotFound

BIRTH = {"pregnancy_weeks", "due_date", "after_birth", "age_limit_warning", "age_limit"}


@step("Dan", 'is de taak "{name}" van de {who} bijna te laat')
def nearly_late(world: World, who: str, name: str) -> None:
    assert world.task(who, name).warned_at is not None


@step("Dan", 'is de taak "{name}" van de {who} nog op tijd')
def not_yet_late(world: World, who: str, name: str) -> None:
    assert world.task(who, name).warned_at is None


@step("Dan", "ziet de procesregisseur dat een taak bij de verloskundigenpraktijk te laat is, zonder het gezin")
def sees_what_is_late(world: World) -> None:
    [card] = world.look(method.terms_at_risk, who="procesregisseur").items
    assert card.risk == "late"
    assert card.organisation_id == world.actor("verloskundigenpraktijk").organisation_id
    assert world.signal["parent_name"] not in str(card)


def change(world: World, who: str, term: str, days: int) -> Any:
    """Set a term for Venlo from today, as a decision."""
    by = world.people.coordinator if who == "coördinator" else world.actor(who)
    with world.database.writing() as session:
        return method.change_setting(
            session,
            f"term.{term}",
            {"working_days": days},
            municipality="GM0983",
            valid_from=local_date(world.clock()),
            tag="[B]",
            source="Besluit van Venlo",
            by=by,
            at=world.clock(),
        )


@step("Als", 'de coördinator de termijn "{term}" in Venlo op {days:d} werkdagen zet')
def coordinator_sets(world: World, term: str, days: int) -> None:
    change(world, "coördinator", term, days)


@step("Dan", "is bij die termijn te zien dat de coördinator hem zette")
def who_set_it(world: World) -> None:
    with world.database.reading() as session:
        listed = settings.listing(session, municipality="GM0983", on=local_date(world.clock()))
    [changed] = [one for one in listed if one.row is not None]
    assert changed.row is not None
    assert changed.row.set_by == world.people.coordinator.person_id
    assert changed.tag == "[B]"


@step("Dan", 'kan de {who} de termijn "{term}" niet veranderen')
def sets_nothing(world: World, who: str, term: str) -> None:
    try:
        change(world, who, term, 1)
    except NotAllowed:
        return
    raise AssertionError(f"{who} set {term}")


def coming(world: World) -> dict[str, Any]:
    """What the midwife sees coming: Dutch words and the day."""
    found = world.look(method.forecast, world.case_id, who="verloskundige")
    return {one.label: one.day for one in found}


@step("Dan", "ziet de verloskundige wanneer de moeder {weeks:d} weken zwanger is")
def sees_weeks(world: World, weeks: int) -> None:
    due_date = coming(world)["Uitgerekende datum"]
    assert coming(world)[f"{weeks} weken zwanger"] == due_date - timedelta(weeks=40 - weeks)


@step("Dan", "ziet de verloskundige wanneer het kind twee jaar wordt")
def sees_birthday(world: World) -> None:
    assert "Het kind wordt twee jaar" in coming(world)


@step("Dan", "ziet de {who} niet wat eraan komt")
def does_not_look_ahead(world: World, who: str) -> None:
    assert isinstance(world.refused(method.forecast, world.case_id, who=who), NotFound)


@step("Dan", "verwacht niemand nog iets van de geboorte")
def nothing_of_the_birth(world: World) -> None:
    found = world.look(method.forecast, world.case_id, who="verloskundige")
    assert not BIRTH & {one.kind for one in found}


@step("Dan", "is bekend tot wanneer de casus bewaard wordt")
def kept_until(world: World) -> None:
    card = world.case().case
    assert card.status == "closed"
    assert card.retain_until > local_date(world.clock())
