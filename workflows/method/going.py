"""Everything that somebody who leaves has in their hands, so that one step can say where each of it goes.

Who manages organisations knows no family: of a task there is what is to be done and where, of a case that there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import cases, logbook, organisations
from workflows.actor import Actor
from workflows.cases import Case, CaseParty, CaseStatus
from workflows.db import house
from workflows.handovers import Handover, HandoverStatus
from workflows.hubs import AgendaItem, HubMeeting, Invitation, ItemStatus, MeetingStatus
from workflows.method.holding import Team
from workflows.method.passing_on import closed_to
from workflows.organisations import Absence, Person, RoleAssignment
from workflows.plans import ActionStatus, SupportAction
from workflows.processes import Task, TaskStatus
from workflows.pulls import CaseRequest


@dataclass(frozen=True, slots=True)
class Belonging:
    """A task, or a case that is held in person. ``to``: colleagues who are there and may have it, by name; nobody: the team."""

    id: UUID
    is_case: bool
    name: str | None
    organisation_id: UUID
    role: str
    municipality_code: str | None
    since: datetime | None
    to: tuple[tuple[UUID, str], ...]


class StaysBehind(StrEnum):
    """What nobody has to give to anybody: it goes on from the team, and the team has to know of it."""

    HUB_MEETING = "hub_meeting"  #: planned by this person
    HUB_SEAT = "hub_seat"  #: where this person would sit at the table for their team
    ASKED_BACK = "asked_back"  #: a receiver asked something about what this person offered
    WAITING_OFFER = "waiting_offer"  #: offered by this person, and not answered yet
    CASE_REQUEST = "case_request"  #: this person asked for a case that somebody else may hold
    SUPPORT_ACTION = "support_action"  #: accepted by this person: the organisation goes on with it
    STAND_IN = "stand_in"  #: for a colleague who is or will be away: their work goes to the team


@dataclass(frozen=True, slots=True)
class Staying:
    """One thing that stays with a team by itself.

    Args:
        at: when a meeting is, or since when the rest is so. until: when it ends at the latest, if it does.
        other_id: organisation on the other side of a handover. name: of a colleague who is away.
    """

    kind: StaysBehind
    organisation_id: UUID
    role: str
    municipality_code: str | None
    at: datetime | None
    until: date | None = None
    other_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Leaver:
    """What goes to a colleague or the team, and what stays with the team by itself, as it comes in time."""

    items: tuple[Belonging, ...]
    stays: tuple[Staying, ...]


def leaver(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> Leaver:
    """What *person_id* has, before they leave; of no family which. What is about safety is told nowhere, and goes back.

    Raises:
        NotFound: no such person. NotAllowed: not for *by*.
    """
    organisations.require_person(session, person_id, whole=True, by=by, at=at)
    organisations.professional(session, person_id)
    on = local_date(at)
    with house(session), logbook.deciding(session):  # as it is counted before somebody leaves: no family is told
        tasks = session.scalars(
            select(Task)
            .where(Task.claimed_by == person_id, Task.status == TaskStatus.CLAIMED, Task.subject_kind == "case")
            .order_by(Task.sort_at, Task.id)
        ).all()
        held = session.scalars(
            select(Case)
            .where(Case.holder_person_id == person_id, Case.status != CaseStatus.CLOSED)
            .order_by(Case.opened_at, Case.id)
        ).all()
        items = [_of_task(session, task, person_id, on) for task in tasks]
        items += [_of_case(session, case, person_id, on) for case in held]
        return Leaver(tuple(items), tuple(_stays(session, person_id, at)))


def _stays(session: Session, person_id: UUID, at: datetime) -> Iterator[Staying]:
    on = local_date(at)
    for meeting in session.scalars(
        select(HubMeeting)
        .where(
            HubMeeting.planned_by == person_id, HubMeeting.status == MeetingStatus.PLANNED,
            HubMeeting.starts_at >= start_of_day(on),
        )
        .order_by(HubMeeting.starts_at, HubMeeting.id)
    ):  # fmt: skip
        yield Staying(
            StaysBehind.HUB_MEETING, meeting.organised_by, meeting.organised_as, meeting.municipality_code,
            meeting.starts_at,
        )  # fmt: skip
    yield from _seats(session, person_id, on)
    yield from _offers(session, person_id)
    for request in session.scalars(
        select(CaseRequest)
        .where(CaseRequest.person_id == person_id, CaseRequest.until_at > at)
        .order_by(CaseRequest.asked_at, CaseRequest.id)
    ):
        until = local_date(request.until_at - timedelta(microseconds=1))
        yield Staying(
            StaysBehind.CASE_REQUEST, request.organisation_id, request.role, None, request.asked_at, until
        )  # fmt: skip
    for action, code in session.execute(
        select(SupportAction, Case.municipality_code)
        .join(Case, Case.id == SupportAction.case_id)
        .where(SupportAction.accepted_by == person_id, SupportAction.status == ActionStatus.ACCEPTED)
        .order_by(SupportAction.accepted_at, SupportAction.id)
    ):
        if action.accepted_for is not None:  # what it says is of the family
            yield Staying(
                StaysBehind.SUPPORT_ACTION, action.accepted_for, "supporter", code, action.accepted_at,
                action.ends_on,
            )  # fmt: skip
    for absence, role, colleague in session.execute(
        select(Absence, RoleAssignment, Person.display_name)
        .join(RoleAssignment, RoleAssignment.id == Absence.assignment_id)
        .join(Person, Person.id == Absence.person_id)
        .where(Absence.deputy_id == person_id, Absence.until_on >= on, Absence.ended_at.is_(None))
        .order_by(Absence.from_on, Absence.id)
    ):
        yield Staying(
            StaysBehind.STAND_IN, role.organisation_id, role.role, None, start_of_day(absence.from_on),
            absence.until_on, name=colleague,
        )  # fmt: skip


def _seats(session: Session, person_id: UUID, on: date) -> Iterator[Staying]:
    """Meetings of others in which their team has a seat for a family that they have a part in, in person; each once."""
    query = (
        select(HubMeeting, Invitation.organisation_id, Invitation.role)
        .join(AgendaItem, AgendaItem.meeting_id == HubMeeting.id)
        .join(Invitation, Invitation.agenda_item_id == AgendaItem.id)
        .join(
            CaseParty,
            and_(
                CaseParty.case_id == AgendaItem.case_id,
                CaseParty.organisation_id == Invitation.organisation_id,
                CaseParty.role == Invitation.role,
            ),
        )
        .where(
            CaseParty.person_id == person_id,
            CaseParty.until_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            AgendaItem.status == ItemStatus.PLANNED,
            HubMeeting.status == MeetingStatus.PLANNED,
            HubMeeting.starts_at >= start_of_day(on),
            or_(HubMeeting.planned_by.is_(None), HubMeeting.planned_by != person_id),
        )
        .order_by(HubMeeting.starts_at, HubMeeting.id)
    )
    found = {(meeting.id, organisation_id, role): meeting for meeting, organisation_id, role in session.execute(query)}
    for (_, organisation_id, role), meeting in found.items():
        yield Staying(
            StaysBehind.HUB_SEAT, organisation_id, role, meeting.municipality_code, meeting.starts_at
        )  # fmt: skip


def _offers(session: Session, person_id: UUID) -> Iterator[Staying]:
    """What they offered and is not answered: first those in which the receiver asked something, which the team answers."""
    query = (
        select(Handover, Case.municipality_code)
        .join(Case, Case.id == Handover.case_id)
        .where(
            Handover.from_person_id == person_id,
            Handover.status.in_((HandoverStatus.OFFERED, HandoverStatus.ASKED)),
        )
        .order_by(Handover.asked_at.is_(None), Handover.asked_at, Handover.offered_at, Handover.id)
    )
    for one, code in session.execute(query):
        asked = one.status == HandoverStatus.ASKED
        yield Staying(
            StaysBehind.ASKED_BACK if asked else StaysBehind.WAITING_OFFER, one.from_organisation_id, one.from_role,
            code, one.asked_at if asked else one.offered_at, other_id=one.to_organisation_id,
        )  # fmt: skip


def takers(
    session: Session, team: Team, municipality: str | None, *, without: Iterable[UUID], on: date
) -> dict[UUID, RoleAssignment]:
    """Colleagues of a team who are there that day, by person, in order of name."""
    out = frozenset(without)
    found = organisations.people_with_role(
        session, organisation_id=team[0], role=team[1], municipality=municipality, on=on
    )
    away = organisations.away(session, [role.id for _, role in found], on=on)
    return {person.id: role for person, role in found if person.id not in out and role.id not in away}


def takers_of_task(session: Session, task: Task, *, but: UUID, on: date) -> dict[UUID, RoleAssignment]:
    """Who could have a task instead of *but*: nobody whom its case is closed to."""
    team = (task.organisation_id, task.role)
    return takers(session, team, task.municipality_code, without={but, *closed_to(session, task)}, on=on)


def takers_of_case(session: Session, case: Case, *, but: UUID, on: date) -> dict[UUID, RoleAssignment]:
    """Who of the team that holds a case could hold it in person instead of *but*."""
    if case.holder_organisation_id is None or case.holder_role is None:
        return {}
    team = (case.holder_organisation_id, case.holder_role)
    out = {but, *cases.blocked_people(session, case.id)}
    return takers(session, team, case.municipality_code, without=out, on=on)


def _of_task(session: Session, task: Task, person_id: UUID, on: date) -> Belonging:
    to = takers_of_task(session, task, but=person_id, on=on)
    return Belonging(
        task.id, False, task.name, task.organisation_id, task.role, task.municipality_code, task.claimed_at,
        _named(session, to),
    )  # fmt: skip


def _of_case(session: Session, case: Case, person_id: UUID, on: date) -> Belonging:
    assert case.holder_organisation_id is not None
    assert case.holder_role is not None
    to = takers_of_case(session, case, but=person_id, on=on)
    return Belonging(
        case.id, True, None, case.holder_organisation_id, case.holder_role, case.municipality_code, None,
        _named(session, to),
    )  # fmt: skip


def _named(session: Session, to: Iterable[UUID]) -> tuple[tuple[UUID, str], ...]:
    people = list(to)
    names = organisations.names_of(session, people)
    return tuple((one, names[one]) for one in people)
