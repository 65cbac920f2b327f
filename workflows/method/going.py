"""Everything that somebody who leaves has in their hands, so that one step can say where each of it goes.

Who manages organisations knows no family: of a task there is what is to be done and where, of a case that there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, logbook, organisations
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus
from workflows.db import house
from workflows.handovers import Handover, HandoverStatus
from workflows.method.holding import Team
from workflows.method.passing_on import closed_to
from workflows.organisations import Absence, RoleAssignment
from workflows.plans import ActionStatus, SupportAction
from workflows.processes import Task, TaskStatus


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


@dataclass(frozen=True, slots=True)
class Leaver:
    """What goes to a colleague or the team, and what stays with the team by itself, counted."""

    items: tuple[Belonging, ...]
    handovers: int  #: offers that wait for an answer: they go on, from the team
    actions: int  #: support actions that this person accepted: the organisation goes on with them
    stands_in: int  #: colleagues who are or will be away, for whom this person stands in: their work goes to the team


def leaver(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> Leaver:
    """What *person_id* has, before they leave; of no family which. What is about safety is told nowhere, and goes back.

    Raises:
        NotFound: no such person. NotAllowed: not for *by*.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
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
        roles = [one.id for one in organisations.assignments_of(session, person_id, on=on)]
        return Leaver(
            tuple(items),
            _count(session, Handover, Handover.from_person_id == person_id, Handover.status.in_((HandoverStatus.OFFERED, HandoverStatus.ASKED))),
            _count(
                session, SupportAction, SupportAction.accepted_by == person_id,
                SupportAction.status == ActionStatus.ACCEPTED,
            ),
            _count(
                session, Absence, Absence.deputy_id.in_(roles), Absence.until_on >= on, Absence.ended_at.is_(None)
            ),
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


def _count(session: Session, kind: type, *which: object) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(*which)) or 0  # type: ignore[arg-type]
