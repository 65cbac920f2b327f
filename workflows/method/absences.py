"""Not being there for a while: what somebody has goes to the team or to a deputy, and nobody's family is left alone.

What went elsewhere is not taken back when the person returns: a colleague may be in the middle of it. It can be picked up
again from the pool, or given back. Drafts stay their author's.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import cases, jobs, organisations, processes
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.db import house
from workflows.errors import NotFound
from workflows.method.effects import hold
from workflows.method.holding import alarm_if_nobody
from workflows.method.leaving import Belongings, claimed, lock_cases, without_people
from workflows.method.passing_on import closed_to, pass_on
from workflows.method.tasks import give_back
from workflows.organisations import Absence, RoleAssignment

#: Begins an absence on its day.
JOB = "absence_begins"


def report_absence(
    session: Session, *, from_on: date, until_on: date, deputy_id: UUID | None = None, by: Actor, at: datetime
) -> Absence:
    """*by* is not there in this role, from a day until a day. From today on: what they have goes elsewhere at once; later:
    the worker does it at the beginning of that day.

    Args:
        deputy_id: a colleague of the same team who gets it; None, or where that colleague cannot have it: the team.

    Raises:
        Invalid: days that cannot be, or nobody who could stand in.
    """
    absence = organisations.report_absence(
        session, from_on=from_on, until_on=until_on, deputy_id=deputy_id, by=by, at=at
    )
    if absence.from_on <= local_date(at):
        with house(session):
            _begin(session, absence, by=by, at=at)
    else:
        jobs.enqueue(session, JOB, due_at=start_of_day(from_on), subject_kind="absence", subject_id=absence.id)
    session.flush()
    return absence


def end_absence(session: Session, absence_id: UUID, *, by: Actor, at: datetime) -> Absence:
    """*by* is back sooner, or stays after all.

    Raises:
        NotFound: not *by*'s. WrongState: it is over.
    """
    absence = organisations.end_absence(session, absence_id, by=by, at=at)
    jobs.cancel(session, JOB, subject_kind="absence", subject_id=absence.id, at=at)
    session.flush()
    return absence


def begin_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """The job: the first day has come. Cases are locked before the job, as everywhere."""
    absence = organisations.absence(session, UUID(subject_id))
    locked = {} if absence is None else lock_cases(session, _touched(session, absence))
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    if absence is None:
        return True
    session.refresh(absence)
    if absence.begun_at is None and absence.ended_at is None and absence.until_on >= local_date(at):
        _begin(session, absence, by=WORKER, at=at, locked=locked)
    return True


def _begin(
    session: Session, absence: Absence, *, by: Actor, at: datetime, locked: dict[UUID, Case] | None = None
) -> None:
    role = organisations.assignment(session, absence.assignment_id)
    of, alone = Belongings(absence.person_id, role), _alone(session, absence, role)
    locked = lock_cases(session, _touched(session, absence), locked)
    deputy = _deputy(session, absence, role, on=local_date(at))
    moved = 0
    for task_id in claimed(session, *of.tasks):
        task = processes.lock_task(session, task_id)
        if deputy is None or not _can_have(session, task, deputy):
            give_back(session, task, by=by, at=at, event="task.released")
        else:
            pass_on(session, task, deputy, by=by, at=at)
            task.handed_by = absence.person_id  # also when the worker did it
        moved += 1
    for case_id in session.scalars(select(Case.id).where(*of.held).order_by(Case.id)).all():
        there = (
            deputy if deputy is not None and deputy.person_id not in cases.blocked_people(session, case_id) else None
        )
        hold(
            session, locked[case_id], organisation_id=role.organisation_id, role=role.role,
            person_id=None if there is None else there.person_id, by=by, at=at,
        )  # fmt: skip
    organisations.begin_absence(session, absence, tasks_moved=moved, by=by, at=at)
    session.flush()
    for case_id, case in locked.items():
        if case_id in alone and not case.is_closed:
            alarm_if_nobody(session, case, team=(role.organisation_id, role.role), by=by, at=at)


def _touched(session: Session, absence: Absence) -> set[UUID]:
    """Cases that something of goes elsewhere, or that nobody of the team is left for meanwhile."""
    role = organisations.assignment(session, absence.assignment_id)
    return Belongings(absence.person_id, role).touched(session) | _alone(session, absence, role)


def _alone(session: Session, absence: Absence, role: RoleAssignment) -> set[UUID]:
    team = (role.organisation_id, role.role)
    return without_people(session, team, absence.from_on, frozenset({role.id}))


def _deputy(session: Session, absence: Absence, role: RoleAssignment, *, on: date) -> RoleAssignment | None:
    """Who stands in, if they still do this work and are there themselves."""
    if absence.deputy_id is None:
        return None
    team = organisations.people_with_role(
        session, organisation_id=role.organisation_id, role=role.role, municipality=None, on=on
    )
    theirs = [one for person, one in team if person.id == absence.deputy_id]
    away = organisations.away(session, [one.id for one in theirs], on=on)
    return next((one for one in theirs if one.id not in away), None)


def _can_have(session: Session, task: processes.Task, deputy: RoleAssignment) -> bool:
    in_area = not deputy.areas or task.municipality_code is None or task.municipality_code in deputy.areas
    return in_area and deputy.person_id not in closed_to(session, task)


def absence_list(session: Session, *, by: Actor, at: datetime) -> list[Absence]:
    """What *by* said of not being there in this role, as far as it is not over."""
    return organisations.absences_of(session, by=by, on=local_date(at))


def deputies(session: Session, *, by: Actor, at: datetime) -> list[tuple[UUID, str]]:
    """Who could stand in for *by*: the others of the same organisation and role, by name."""
    if by.organisation_id is None:
        raise NotFound("nobody stands in for the house itself")
    team = organisations.people_with_role(
        session, organisation_id=by.organisation_id, role=by.role, municipality=None, on=local_date(at)
    )
    return [(person.id, person.display_name) for person, _ in team if person.id != by.person_id]


__all__ = ["JOB", "absence_list", "begin_in_time", "deputies", "end_absence", "report_absence"]
