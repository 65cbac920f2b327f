"""Work that waits for a moment: one row per kind and subject."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified
from workflows.errors import WrongState

#: After this many attempts somebody has to look.
ATTEMPTS = 8


class JobStatus(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  #: after ATTEMPTS tries; waits for a person


class Job(Identified, Base):
    """Something to do when its moment has come; the work is done in the transaction that marks it done."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("kind", "subject_kind", "subject_id", name="uq_jobs_subject"),
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="status"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_jobs_due", "status", "due_at", "id"),
    )
    #: A job is machinery; the use case it plays writes the log line.
    __status_is_logged__ = False

    kind: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime]
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(comment="ids only")
    status: Mapped[str] = mapped_column(String(10), default=JobStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200), comment="kind of error and step, no personal data")
    failing_since: Mapped[datetime | None] = mapped_column(comment="when the first attempt since it was planned failed")
    done_at: Mapped[datetime | None]

    def done(self, at: datetime) -> None:
        """Mark it done. Say so before the work: the work may plan the same job again."""
        if self.status != JobStatus.PENDING:
            raise WrongState(f"job {self.id} is {self.status}")
        self.status = JobStatus.DONE
        self.done_at = at
        self.last_error = self.failing_since = None

    def fail(self, at: datetime, reason: str) -> None:
        """Count the attempt; try again after 10 s, 20 s, 40 s …, or give up.

        Args:
            reason: the kind of error and the step, e.g. ``"RouteUndecided at decide_route"``; never a person's data.
        """
        self.attempts += 1
        self.last_error = reason[:200]
        self.failing_since = self.failing_since or at
        if self.attempts >= ATTEMPTS:
            self.status = JobStatus.FAILED
        else:
            self.due_at = at + timedelta(seconds=10 * 2 ** (self.attempts - 1))

    def plan(self, due_at: datetime, payload: dict[str, Any]) -> None:
        """Let it run (again) at *due_at*, whatever became of it before."""
        self.status = JobStatus.PENDING
        self.due_at = due_at
        self.payload = payload
        self.attempts = 0
        self.last_error = self.failing_since = None
        self.done_at = None
