"""Closing a case to somebody who knows the family otherwise: at the family's wish, or because this person says so.

What they had of it goes back to the team in the same transaction, with the case locked: who claims at that moment was
first, and gives back, or comes too late. Nothing opens it again but the holder.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, logbook, organisations, processes
from workflows.actor import Actor
from workflows.cases import Case, CaseBlock
from workflows.db import house
from workflows.errors import Invalid, NotFound
from workflows.method.effects import hold
from workflows.method.facts import NOWHERE, about_cases, case_id_of, find_case, find_task, task_facts, write_read
from workflows.method.holding import alarm_if_nobody
from workflows.method.reviewing import REVIEW, pass_on_review
from workflows.method.tasks import give_back
from workflows.processes import Task, TaskStatus


@dataclass(frozen=True, slots=True)
class BlockView:
    """Somebody whom a case is closed to, as who holds the case knows it. ``by_self``: this person said so."""

    id: UUID
    case_id: UUID
    person_id: UUID
    name: str
    organisation_id: UUID | None
    reason: str
    since: datetime
    by_self: bool


@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody of an organisation that has a part in a case."""

    person_id: UUID
    name: str
    organisation_id: UUID


def block_person(
    session: Session, case_id: UUID, *, person_id: UUID, reason: str, by: Actor, at: datetime
) -> BlockView:
    """At the family's wish: from now on the case is not there for this person, in whatever role.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case.
        Invalid: nobody of an organisation that has a part in the case, or no reason. WrongState: closed to them already.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "block_person", facts, at=at)
    known = {one.person_id: one for one in _involved(session, case, at)}
    if person_id not in known:
        errors = {"person_id": ["Kies iemand van een organisatie die bij deze casus betrokken is."]}
        raise Invalid(f"case {case.id}: {person_id} is not involved", errors=errors)
    return close_to(session, case, person_id, known[person_id].organisation_id, reason, by=by, at=at)


def step_aside(session: Session, case_id: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """*by* knows this family otherwise: the case is not there for them any more, and what they had goes back.

    Raises:
        NotFound: no such case, or not for *by*. Invalid: no reason.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "step_aside", facts, at=at)
    assert by.person_id is not None, "nobody else has a part in a case"
    close_to(session, case, by.person_id, by.organisation_id, reason, by=by, at=at)


def step_aside_from_task(session: Session, task_id: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """As :func:`step_aside`, from a task that *by* has; also one about safety or a review of an emergency, of which the
    holder then hears nothing.

    Raises:
        NotFound, NotAllowed: not *by*'s task. Invalid: no reason.
    """
    require_own_task(session, task_id, by=by, at=at)
    task = processes.task(session, task_id)
    of_case = task.subject_kind == "case"
    with nullcontext() if of_case else house(session):  # who looks back at an emergency has nothing to do with its case
        case = cases.lock(session, case_id_of(session, task))
        task = processes.lock_task(session, task_id)
        access.require(by, "view_task", task_facts(session, task, by=by, at=at), at=at)
        assert by.person_id is not None, "nobody else has a task"
        close_to(session, case, by.person_id, by.organisation_id if of_case else None, reason, by=by, at=at)


def require_step_aside(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Pass when *by* could step aside from the case: before the page that asks is shown.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        _, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "step_aside", facts, at=at)


def require_own_task(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> None:
    """As :func:`require_step_aside`, for a task.

    Raises:
        NotFound, NotAllowed: not *by*'s task.
    """
    access.require(by, "view_task", task_facts(session, find_task(session, task_id, by=by), by=by, at=at), at=at)


def unblock_person(session: Session, block_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """The family thinks otherwise now, or it was a mistake: this person may come near the case again, as far as their role
    goes. Returns the case's id.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case. WrongState: it ended before.
    """
    found = session.get(CaseBlock, block_id)
    case, facts = find_case(session, NOWHERE if found is None else found.case_id, by=by, at=at, lock=True)
    access.require(by, "block_person", facts, at=at)
    assert found is not None, "or its case is not there either"
    session.refresh(found)
    if found.organisation_id is None:
        raise NotFound(f"no block {block_id}")
    cases.unblock(session, found, by=by, at=at)
    return case.id


def block_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[BlockView]:
    """Whom the case is closed to, for who holds it; the read is written down.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "block_person", facts, at=at)
    write_read(session, "blocks.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at)
    return [_view(session, one) for one in cases.blocks(session, case.id) if one.organisation_id is not None]


def involved_people(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[Involved]:
    """Who works for an organisation that has a part in the case, by name: whom the holder can close it to.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "block_person", facts, at=at)
    closed = {one.person_id for one in cases.blocks(session, case.id) if one.organisation_id is not None}
    return [one for one in _involved(session, case, at) if one.person_id not in closed]


def _involved(session: Session, case: Case, at: datetime) -> list[Involved]:
    teams = {party.organisation_id for party in cases.parties(session, case.id)} | {case.signaller_organisation_id}
    teams |= {task.organisation_id for task in processes.tasks_of(session, "case", case.id, live_only=True)}
    found: dict[UUID, Involved] = {}
    for organisation_id in teams:
        for person, _ in organisations.roles_at(session, organisation_id, on=local_date(at)):
            found.setdefault(person.id, Involved(person.id, person.display_name, organisation_id))
    return sorted(found.values(), key=lambda one: (one.name, one.person_id))


def close_to(
    session: Session, case: Case, person_id: UUID, told: UUID | None, reason: str, *, by: Actor, at: datetime
) -> BlockView:
    """Close a locked case to somebody, and give back what they had of it. Whether *by* may was asked before.

    Args:
        told: the organisation through which the holder knows this person; None: the holder hears nothing of it.

    Raises:
        Invalid: no reason. WrongState: closed to them already.
    """
    found = cases.block(session, case, person_id=person_id, reason=reason, organisation_id=told, by=by, at=at)
    subjects = [case.id, *about_cases(session, [case.id])]
    in_hand = select(Task.id).where(
        Task.status == TaskStatus.CLAIMED, Task.claimed_by == person_id, Task.subject_id.in_(subjects)
    )
    for task_id in session.scalars(in_hand.order_by(Task.id)).all():
        task = processes.lock_task(session, task_id)
        give_back(session, task, by=by, at=at, event="task.released")
        if task.subject_kind == REVIEW:
            pass_on_review(session, task, without=cases.blocked_people(session, case.id), by=by, at=at)
    if not case.is_closed:
        if case.holder_person_id == person_id and case.holder_organisation_id and case.holder_role:
            team = (case.holder_organisation_id, case.holder_role)
            hold(session, case, organisation_id=team[0], role=team[1], person_id=None, by=by, at=at)
        cases.forget_person(session, case, person_id=person_id, by=by, at=at)
        waiting = {
            (task.organisation_id, task.role)
            for task in processes.tasks_of(session, "case", case.id, live_only=True)
            if task.kind == "user"
        }
        alarm_if_nobody(session, case, by=by, at=at)
        for team in sorted(waiting - {(case.holder_organisation_id, case.holder_role)}):
            alarm_if_nobody(session, case, team=team, by=by, at=at)
    session.flush()
    return _view(session, found)


def _view(session: Session, one: CaseBlock) -> BlockView:
    return BlockView(
        id=one.id,
        case_id=one.case_id,
        person_id=one.person_id,
        name=organisations.person(session, one.person_id).display_name,
        organisation_id=one.organisation_id,
        reason=one.reason,
        since=one.since,
        by_self=one.recorded_by == one.person_id,
    )
