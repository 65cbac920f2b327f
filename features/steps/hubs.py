"""Steps about the hub: who sits at the table for which family, and whether the parents do.

Planning and minutes call the verbs that their tasks call; they can go through the tasks *Overleg plannen* and *Verslag*
as soon as those are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from features.steps.consent import allow_youth_health
from features.steps.registry import step
from features.steps.signals import answers, choose_exploration, record_signal
from features.steps.world import World
from workflows import cases, consent, dossier, families, hubs, method, organisations, signals
from workflows.actor import OPERATOR
from workflows.errors import ConsentMissing, Invalid, NotFound

VENLO = "GM0983"
KINDS = {"de jeugdgezondheidszorg": "youth_health", "de gemeente": "municipality", "de welzijnsorganisatie": "welfare"}
SEATS = {
    "de jeugdgezondheidszorg": "verpleegkundige",
    "de gemeente": "procesregisseur",
    "de welzijnsorganisatie": "welzijnswerker",
}
FAMILIES = {"eerste": 0, "tweede": 1}
HELD = {"hub_result": "no_support", "question_clarified": "Rust in huis.", "supporter_of_parent_present": False}


@step("Gegeven", "een welzijnsorganisatie die gezinnen in Venlo steunt")
def welfare(world: World) -> None:
    at = world.clock()
    with world.database.writing() as session:
        where = organisations.add_organisation(
            session,
            name="Welzijn Venlo (verzonnen)",
            type="welfare",
            domain="social",
            areas=[VENLO],
            by=OPERATOR,
            at=at,
        )
        who = organisations.add_person(session, display_name="Wim Welzijn", by=OPERATOR, at=at)
        assignment = organisations.assign_role(
            session,
            person_id=who.id,
            organisation_id=where.id,
            role="supporter",
            valid_from=at.date(),
            by=OPERATOR,
            at=at,
        )
    world.join("welzijnswerker", who.id, assignment.id, where.id, "supporter")


@step("Gegeven", "een gezin dat overleg goedvindt met {whom}")
@step("Gegeven", "nog een gezin dat overleg goedvindt met {whom}")
def family(world: World, whom: str) -> None:
    no_family(world)
    agrees(world, whom)


@step("Gegeven", "nog een gezin dat met niemand overleg goedvindt")
def no_family(world: World) -> None:
    world.signal = answers(world, "schulden", "geen netwerk")
    record_signal(world)
    allow_youth_health(world)
    choose_exploration(world)
    assert world.case_id is not None
    world.cases.append(world.case_id)


@step("Gegeven", "dit gezin vindt overleg met {whom} ook goed")
def agrees(world: World, whom: str) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, _the_case(world))
        assert case.family_id is not None
        consent.record(
            session,
            case_id=case.id,
            subject_id=families.members(session, case.family_id)[0].id,
            recipient_kind=KINDS[whom],
            purpose="hub_meeting",
            categories=["C0", "C1", "C6"],
            given_by="self",
            information_given=consent.EXPLAINED,
            form="oral",
            language="nl",
            text_version="2026-1",
            by=world.actor("verloskundige"),
            at=world.clock(),
        )


@step("Als", "de procesregisseur een overleg plant met dit gezin")
@step("Als", "de procesregisseur één overleg plant met deze gezinnen")
def plan(world: World) -> None:
    _plan(world, parents_invited=True)


@step("Dan", "kan de procesregisseur geen overleg plannen zonder de ouders en zonder reden")
def no_plan_without_parents(world: World) -> None:
    assert _missing(_plan, world, parents_invited=False) == {"reason_not_invited"}
    assert _meeting(world) is None


@step("Als", "de procesregisseur het overleg afzegt")
def cancel(world: World) -> None:
    world.do(hubs.cancel, world.meeting_id, who="procesregisseur")


@step("Dan", "zit {whom} aan tafel voor dit gezin")
def sits_there(world: World, whom: str) -> None:
    assert _seats(world, whom) == 1


@step("Dan", "blijft de stoel van {whom} leeg voor dit gezin")
def does_not_sit_there(world: World, whom: str) -> None:
    assert _seats(world, whom) == 0


@step("Dan", "kan de gemeente niet alsnog worden uitgenodigd")
def is_not_invited_after_all(world: World) -> None:
    town = world.actor("procesregisseur")
    with world.database.reading() as session:
        item = hubs.planned_item(session, _the_case(world))
    refusal = world.refused(
        hubs.invite, item, organisation_id=town.organisation_id, role=town.role, who="procesregisseur"
    )
    assert isinstance(refusal, ConsentMissing)


@step("Dan", "ziet de procesregisseur het nummer van de casus, maar niet om wie het gaat")
def number_without_a_name(world: World) -> None:
    view = world.look(hubs.agenda, world.meeting_id, who="procesregisseur")
    assert [item.case_number for item in view.items] == _numbers(world)
    assert world.signal["parent_name"] not in str(view)


@step("Dan", "ziet de {who} alleen het {which} gezin op de agenda")
def sees_one_family(world: World, who: str, which: str) -> None:
    view = world.look(hubs.agenda, world.meeting_id, who=who)
    assert [item.case_number for item in view.items] == [_numbers(world)[FAMILIES[which]]]
    assert view.items[0].name == world.signal["parent_name"]
    world.looked.append(view)


@step("Dan", "weet niemand van hen dat er meer gezinnen zijn")
def nothing_betrays_the_others(world: World) -> None:
    assert world.looked
    for view in world.looked:
        assert (view.meeting.families, view.parent_seats, [item.position for item in view.items]) == (1, 1, [1])
        assert sum(number in str(view) for number in _numbers(world)) == 1


@step("Dan", "ziet de procesregisseur drie gezinnen op de agenda")
def director_sees_all(world: World) -> None:
    view = world.look(hubs.agenda, world.meeting_id, who="procesregisseur")
    assert [item.case_number for item in view.items] == _numbers(world)
    assert len(view.items) == 3


@step("Dan", "weet de {who} niets van het overleg")
def does_not_know_of_it(world: World, who: str) -> None:
    assert isinstance(world.refused(hubs.agenda, world.meeting_id, who=who), NotFound)
    assert world.look(hubs.meetings, who=who).items == []


@step("Dan", "staat het gezin op geen enkele agenda")
def on_no_agenda(world: World) -> None:
    assert _meeting(world) is None


@step("Dan", "kan het verslag niet zeggen dat de ouders er niet waren zonder te zeggen waarom")
def no_minutes_without_a_reason(world: World) -> None:
    assert _missing(_minutes, world, parents_present="no") == {"reason_if_absent"}
    assert _meeting(world) is not None


@step("Als", "het verslag zegt dat de moeder er niet was omdat haar kind ziek was")
def minutes_with_a_reason(world: World) -> None:
    _minutes(world, parents_present="no", reason_if_absent="Haar kind is ziek.")


@step("Dan", "is het gezin besproken zonder de ouders")
def discussed_without_parents(world: World) -> None:
    [item] = world.look(hubs.agenda, world.meeting_id, who="procesregisseur").items
    assert (item.status, item.parents_present) == ("discussed", False)


@step("Als", "de moeder haar toestemming voor overleg met {whom} intrekt")
def withdraw(world: World, whom: str) -> None:
    given = [
        one
        for one in world.case().consents
        if one.given and (one.purpose, one.recipient_kind) == ("hub_meeting", KINDS[whom])
    ]
    assert given
    for one in given:
        world.do(method.withdraw_consent, one.id, who="verloskundige")


@step("Als", "de verloskundige voor het eerste gezin een miskraam meldt")
def loss(world: World) -> None:
    said = {"loss_kind": "miscarriage", "loss_date": world.today(), "told_by": "parent", "contact_wish": "later"}
    world.do(method.report_loss, world.cases[0], answers=said, who="verloskundige")


def _the_case(world: World) -> UUID:
    assert world.case_id is not None
    return world.case_id


def _plan(world: World, **parents: Any) -> None:
    by, at = world.actor("procesregisseur"), world.clock()
    with world.database.writing() as session:
        locked = [cases.lock(session, case_id) for case_id in world.cases]
        meeting = hubs.plan(session, municipality=VENLO, starts_at=at + timedelta(days=7), by=by, at=at)
        for case in locked:
            item = hubs.add_item(session, meeting.id, case, **parents, by=by, at=at)
            hubs.invite_all(session, item, by=by, at=at)
    world.meeting_id = meeting.id


def _minutes(world: World, **said: Any) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, _the_case(world))
        written = session.get(dossier.Entry, signals.of_case(session, case.id)[0].entry_id)
        assert written is not None
        told = {**HELD, "minutes_shared_on": world.today(), **said}
        hubs.record_minutes(session, case, written, told, by=world.actor("verpleegkundige"), at=world.clock())


def _missing(do: Callable[..., None], world: World, **said: Any) -> set[str]:
    """Which answers it is refused for; none when it is not refused."""
    try:
        do(world, **said)
    except Invalid as refusal:
        return set(refusal.errors)
    return set()


def _meeting(world: World) -> Any:
    with world.database.reading() as session:
        return hubs.meeting_of(session, _the_case(world))


def _seats(world: World, whom: str) -> int:
    organisation_id = world.actor(SEATS[whom]).organisation_id
    [item] = world.look(hubs.agenda, world.meeting_id, who="procesregisseur").items
    return sum(seat.organisation_id == organisation_id and seat.consent_ok for seat in item.seats)


def _numbers(world: World) -> list[str]:
    with world.database.reading() as session:
        return [case.number for case_id in world.cases if (case := session.get(cases.Case, case_id)) is not None]
