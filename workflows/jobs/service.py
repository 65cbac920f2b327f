"""Planning jobs and taking them. Lock order: the case first, then its job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.jobs.model import Job, JobStatus

_AT_ONCE = 500


def enqueue(
    session: Session,
    kind: str,
    *,
    due_at: datetime,
    subject_kind: str,
    subject_id: UUID | str,
    payload: Mapping[str, str | None] | None = None,
) -> Job:
    """Plan *kind* for a subject at *due_at*; a plan that was there for the same subject moves along.

    Args:
        payload: ids only.
    """
    job = _find(session, kind, subject_kind, subject_id)
    if job is None:
        job = Job(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id), payload={}, due_at=due_at)
        session.add(job)
    job.plan(due_at, dict(payload or {}))
    return job


def enqueue_new(session: Session, kind: str, *, due_at: datetime, subject_kind: str, subject_id: UUID | str) -> Job:
    """As :func:`enqueue` for a subject that came into being in this transaction, and so has no plan yet: no look-up."""
    job = Job(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id), payload={}, due_at=due_at)
    job.plan(due_at, {})
    session.add(job)
    return job


def enqueue_all(
    session: Session, kind: str, *, due_at: datetime, subject_kind: str, subject_ids: Iterable[UUID]
) -> int:
    """As :func:`enqueue` for many subjects in few statements; returns how many."""
    wanted = [str(subject_id) for subject_id in subject_ids]
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        planned = select(Job).where(Job.kind == kind, Job.subject_kind == subject_kind, Job.subject_id.in_(part))
        known = {job.subject_id: job for job in session.scalars(planned)}
        for subject_id in part:
            if subject_id in known:
                known[subject_id].plan(due_at, {})
            else:
                enqueue_new(session, kind, due_at=due_at, subject_kind=subject_kind, subject_id=subject_id)
    return len(wanted)


def cancel(session: Session, kind: str, *, subject_kind: str, subject_id: UUID | str, at: datetime) -> None:
    """It no longer needs doing."""
    job = _find(session, kind, subject_kind, subject_id)
    if job is not None and job.status == JobStatus.PENDING:
        job.done(at)


def done_since(session: Session, kind: str, *, subject_kind: str, subject_id: UUID | str, since: datetime) -> bool:
    """Whether it was done after a moment, so that it has to be planned again by who wants it still done."""
    job = _find(session, kind, subject_kind, subject_id)
    return job is not None and job.done_at is not None and job.done_at > since


def due_ids(session: Session, *, at: datetime, limit: int = 50) -> list[UUID]:
    """Ids of jobs whose moment has come, oldest first; nothing is locked."""
    return list(
        session.scalars(
            select(Job.id)
            .where(Job.status == JobStatus.PENDING, Job.due_at <= at)
            .order_by(Job.due_at, Job.id)
            .limit(limit)
        )
    )


def take(session: Session, job_id: UUID) -> Job | None:
    """The job, locked and read anew; None when somebody else has it. Take the lock of its case first."""
    return session.scalars(
        select(Job).where(Job.id == job_id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).one_or_none()


def retry_all(session: Session, kind: str, *, failed: bool, last_error: str | None, at: datetime) -> int:
    """Let work of a kind that failed in one way be tried again, now; returns how much. What somebody is busy with stays.

    Args:
        failed: what nobody tries any more; else what would be tried again by itself, later.
    """
    same = select(Job).where(
        Job.kind == kind,
        Job.status == (JobStatus.FAILED if failed else JobStatus.PENDING),
        Job.attempts > 0,
        Job.last_error.is_not_distinct_from(last_error),
    )
    found = list(session.scalars(same.order_by(Job.id).with_for_update(skip_locked=True)))
    for job in found:
        job.plan(at, job.payload)
    return len(found)


def _find(session: Session, kind: str, subject_kind: str, subject_id: UUID | str) -> Job | None:
    return session.scalars(
        select(Job).where(Job.kind == kind, Job.subject_kind == subject_kind, Job.subject_id == str(subject_id))
    ).one_or_none()
