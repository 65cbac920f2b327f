"""Steps about the hub: who sits at the table for which family, and whether the parents do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from features.steps.consent import allow_youth_health
from features.steps.registry import step
from features.steps.signals import answers, choose_exploration, record_signal
from features.steps.world import World
from workflows import cases, consent, hubs, method, organisations, processes
from workflows.actor import OPERATOR
from workflows.errors import ConsentMissing, Invalid, NotFound

VENLO = "GM0983"
KINDS = {
    "de jeugdgezondheidszorg": "youth_health",
    "de gemeente": "municipality",
    "de welzijnsorganisatie": "welfare",
    "de kraamzorg": "maternity_care",
}
SEATS = {
    "de jeugdgezondheidszorg": "verpleegkundige",
    "de gemeente": "procesregisseur",
    "de welzijnsorganisatie": "welzijnswerker",
    "de kraamzorg": "kraamverzorgende",
}
FAMILIES = {"eerste": 0, "tweede": 1}
HELD = {"hub_result": "no_support", "question_clarified": "Rust in huis."}


@step("Gegeven", "een welzijnsorganisatie en een kraamzorgorganisatie die gezinnen in Venlo steunen")
def supporters(world: World) -> None:
    at = world.clock()
    with world.database.writing() as session:
        for who, kind, domain in (
            ("welzijnswerker", "welfare", "social"),
            ("kraamverzorgende", "maternity_care", "medical"),
        ):
            where = organisations.add_organisation(
                session, name=f"{kind} Venlo (verzonnen)", type=kind, domain=domain, areas=[VENLO], by=OPERATOR, at=at
            )
            person = organisations.add_person(session, display_name=f"{who} (verzonnen)", by=OPERATOR, at=at)
            assignment = organisations.assign_role(
                session,
                person_id=person.id,
                organisation_id=where.id,
                role="supporter",
                valid_from=at.date(),
                by=OPERATOR,
                at=at,
            )
            world.join(who, person.id, assignment.id, where.id, "supporter")


@step("Gegeven", "een gezin dat overleg goedvindt met {whom}")
@step("Gegeven", "nog een gezin dat overleg goedvindt met {whom}")
def family(world: World, whom: str) -> None:
    explored_family(world)
    agree(world, *(KINDS[name] for name in whom.split(" en met ")))


@step("Gegeven", "nog een gezin dat steun goedvindt, maar met niemand overleg")
def family_without_a_talk(world: World) -> None:
    explored_family(world)
    agree(world, "youth_health", purposes=("support_action",))


def explored_family(world: World) -> None:
    """A family that explored with the nurse, and together they want to talk about it in the hub."""
    world.signal = answers(world, "schulden", "geen netwerk")
    record_signal(world)
    allow_youth_health(world)
    choose_exploration(world)
    world.cases.append(_the_case(world))
    said = {
        "contacts": [{"date": world.today(), "form": "home_visit", "present": ["parent"], "result": "took_place"}],
        "what_goes_well": "Ze vraagt zelf om hulp.",
        "wishes": "Rust in huis.",
        "what_first": "Overzicht over het geld.",
        "vulnerability_level_after": "vulnerable",
        "safety_assessed": "yes",
        "safety_concern": "no",
        "conclusion": "hub_meeting",
        "decided_with_parent": "yes",
    }
    _complete(world, "verpleegkundige", "exploration", said)
    told = {"given_on": world.today(), "channel": "phone", "shared": ["contact_took_place"]}
    _complete(world, "verpleegkundige", "feedback", told)


def agree(world: World, *kinds: str, purposes: tuple[str, ...] = ("hub_meeting", "support_action")) -> None:
    """What the mother says about who may talk along and support."""
    rows = [
        {"recipient_kind": kind, "allowed": "yes", "purposes": list(purposes), "categories": ["C0", "C1", "C6"]}
        for kind in kinds
    ]
    said = {
        "support_consent": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": list(consent.EXPLAINED),
        "consent_form": "oral",
        "consent_language": "nl",
        "sharing": rows,
        "validity": "until_closed",
    }
    _complete(world, "verpleegkundige", "support_consent", said)


@step("Als", "de procesregisseur een overleg plant met dit gezin")
@step("Als", "de procesregisseur één overleg plant met deze gezinnen")
def plan(world: World) -> None:
    _plan(world, parents_invited="yes")


@step("Dan", "kan de procesregisseur geen overleg plannen zonder de ouders en zonder reden")
def no_plan_without_parents(world: World) -> None:
    assert _missing(_plan, world, parents_invited="no") == {"reason_not_invited"}
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
        for one in world.case("verpleegkundige").consents
        if one.given and (one.purpose, one.recipient_kind) == ("hub_meeting", KINDS[whom])
    ]
    assert given
    for one in given:
        world.do(method.withdraw_consent, one.id, who="verpleegkundige")


@step("Als", "de verloskundige voor het eerste gezin een miskraam meldt")
def loss(world: World) -> None:
    said = {"loss_kind": "miscarriage", "loss_date": world.today(), "told_by": "parent", "contact_wish": "later"}
    world.do(method.report_loss, world.cases[0], answers=said, who="verloskundige")


def _the_case(world: World) -> UUID:
    assert world.case_id is not None
    return world.case_id


def _plan(world: World, **parents: Any) -> None:
    """Every family on one agenda: the first with a new meeting, the others with that one."""
    for case_id in world.cases:
        world.case_id = case_id
        when = (
            {"meeting": "new", "meeting_date": world.today(7), "meeting_time": "14:00", "place": "Wijkhuis"}
            if world.meeting_id is None
            else {"meeting": str(world.meeting_id)}
        )
        _complete(world, "procesregisseur", "hub_planning", {**when, **parents})
        world.meeting_id = _meeting(world).id


def _minutes(world: World, **said: Any) -> None:
    _complete(world, "verpleegkundige", "hub_minutes", {**HELD, "minutes_shared_on": world.today(), **said})


def _complete(world: World, who: str, form_key: str, said: dict[str, Any]) -> None:
    """Take the task of the family that is talked about, and complete it; several families have tasks of one name."""
    with world.database.reading() as session:
        live = processes.tasks_of(session, "case", _the_case(world), live_only=True)
    [task] = [one for one in live if one.form_key == form_key]
    if task.status == "open":
        task = world.do(method.claim_task, task.id, who=who)
    world.do(method.complete_task, task.id, answers=said, version=task.version, who=who)


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
