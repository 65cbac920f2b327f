"""Why a case does not move: what it waits for, with whom, since when, and what will happen by itself. Derived when asked.

As far as the asker may follow how the case goes on. Safety has its own runs and is never among it; who may not follow hears
the same, whatever the case waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import processes
from workflows.cases import Case
from workflows.jobs import Job, JobStatus
from workflows.method.terms import ESCALATION, is_drawn
from workflows.method.views import ByItself, Standstill, WaitsFor
from workflows.processes import Run, RunStatus, Task, TaskStatus

#: As late as the worker may be before a moment counts as missed.
_LATE = timedelta(minutes=10)


def standstill_of(
    session: Session, case: Case, runs: Sequence[Run], tasks: Collection[Task], *, follows: bool, at: datetime
) -> Standstill:
    """Why a case does not move.

    Args:
        runs, tasks: of the case; of the tasks those that live and that the asker may know of.
        follows: the asker may follow how the case goes on.
    """
    if case.is_closed:
        return Standstill(WaitsFor.CLOSED, since=case.closed_at)
    if not follows and not tasks:
        return Standstill(WaitsFor.WITHHELD)
    own = [run.id for run in runs if run.status == RunStatus.RUNNING] if follows else []
    planned = _jobs(session, [*own, *(task.id for task in tasks if task.kind == "service")])
    if (broken := _broken(planned, at)) is not None:
        return broken
    if tasks:
        first = min(tasks, key=lambda one: (one.due_at is None, one.due_at or one.opened_at, one.id))
        return replace(_waits(session, first, at), others=len(tasks) - 1)
    coming = min((job.due_at for job in planned if job.kind == "run_timer"), default=None)
    if coming is not None:
        return Standstill(WaitsFor.MOMENT, ByItself.GOES_ON, coming)
    return Standstill(WaitsFor.NOTHING, ByItself.MENDED)


def _jobs(session: Session, ids: Sequence[UUID]) -> list[Job]:
    if not ids:
        return []
    of = [str(one) for one in ids]
    return list(
        session.scalars(
            select(Job).where(
                Job.kind.in_(("run_timer", "run_service")), Job.subject_id.in_(of), Job.status != JobStatus.DONE
            )
        )
    )


def _broken(planned: Collection[Job], at: datetime) -> Standstill | None:
    """The machine itself does not go on: what failed for good first, then what is tried again, then what nobody came for."""
    for job in sorted(planned, key=lambda one: (one.status != JobStatus.FAILED, one.due_at)):
        told = Standstill(WaitsFor.SYSTEM, since=job.failing_since or job.due_at, reference=job.id.hex[:8])
        if job.status == JobStatus.FAILED:
            return replace(told, by_itself=ByItself.MENDED)
        if job.attempts:
            return replace(told, by_itself=ByItself.TRIED_AGAIN, next_at=job.due_at)
        if job.due_at <= at - _LATE:
            return replace(told, by_itself=ByItself.MENDED)
    return None


def _waits(session: Session, task: Task, at: datetime) -> Standstill:
    told = Standstill(
        WaitsFor.SERVICE if task.kind == "service" else WaitsFor.TASK,
        task_id=task.id,
        what=task.name,
        organisation_id=task.organisation_id,
        role=task.role,
        taken=task.status == TaskStatus.CLAIMED,
        since=task.claimed_at or task.opened_at,
        due_at=task.due_at,
        late=task.due_at is not None and task.due_at <= at,
    )
    returns = task.lease_until if task.status == TaskStatus.CLAIMED else None
    if returns is not None and (task.due_at is None or told.late or returns < task.due_at):
        return replace(told, by_itself=ByItself.RETURNS, next_at=returns)
    if task.escalated_at is not None:
        return replace(told, by_itself=ByItself.DIRECTOR_ASKED, next_at=task.escalated_at)
    if task.due_at is None or told.late or task.form_key == ESCALATION:
        return told
    if not processes.is_own(task) and is_drawn(session, task):
        return replace(told, by_itself=ByItself.GOES_ON, next_at=task.due_at)
    return replace(told, by_itself=ByItself.ASKS_DIRECTOR, next_at=task.due_at)
