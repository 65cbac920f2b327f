"""Rows: a program that does one topic for one organisation, and who is at a step now."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified
from workflows.errors import StaleVersion, WrongState

#: How often a step is tried when the program that fails does not say.
RETRIES = 3


class TopicWorker(Identified, Base):
    """A program that may do the steps of one topic, of one organisation, with a token that does nothing else."""

    __tablename__ = "topic_workers"
    __table_args__ = (Index("ix_topic_workers_topic", "organisation_id", "topic"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    topic: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(80), comment="what it is, in words of who made it")
    reads: Mapped[list[str]] = mapped_column(JSON, comment="names on which a route is decided that it gets along")
    writes: Mapped[list[str]] = mapped_column(JSON, comment="and those that it may answer with")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of 256 random bits")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    def require(self, version: int | None) -> None:
        """Only the version that was read.

        Raises:
            StaleVersion: it changed since.
        """
        if version is not None and version != self.version:
            raise StaleVersion(f"topic worker {self.id} has version {self.version}, not {version}")


class TopicLock(Base):
    """Who is at a step now, and how often it went wrong. Codes and ids only: a program says no more."""

    __tablename__ = "topic_locks"
    __table_args__ = (
        CheckConstraint("(lock_id IS NULL) = (locked_until IS NULL)", name="locked"),
        CheckConstraint("retries_left >= 0", name="retries_left"),
        CheckConstraint("(retries_left = 0) = (failed_at IS NOT NULL)", name="failed"),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(ForeignKey("topic_workers.id"), index=True)
    lock_id: Mapped[UUID | None] = mapped_column(comment="new each time: who lost it does nothing any more")
    locked_until: Mapped[datetime | None]
    fetched: Mapped[int] = mapped_column(default=0, comment="how often it was taken")
    retries_left: Mapped[int] = mapped_column(default=RETRIES)
    retry_at: Mapped[datetime | None] = mapped_column(comment="nobody gets it before")
    error_code: Mapped[str | None] = mapped_column(String(60), comment="as the program called it; no words")
    failed_at: Mapped[datetime | None] = mapped_column(comment="since when nobody tries any more")

    def take(self, worker_id: UUID, *, until: datetime) -> UUID:
        """Give it to a program until then."""
        self.worker_id, self.lock_id, self.locked_until = worker_id, uuid4(), until
        self.fetched += 1
        return self.lock_id

    def require(self, worker_id: UUID, lock_id: UUID, *, at: datetime) -> None:
        """Only who has it now.

        Raises:
            WrongState: the time is over, or somebody else has it.
        """
        if (
            (self.worker_id, self.lock_id) != (worker_id, lock_id)
            or self.locked_until is None
            or self.locked_until <= at
        ):
            raise WrongState(
                f"step {self.task_id} is not locked with {lock_id}",
                detail="Uw tijd voor deze stap is om, of een ander heeft hem. Haal de stap opnieuw op.",
            )

    def require_held(self, at: datetime) -> None:
        """Only while a program has it.

        Raises:
            WrongState: none has.
        """
        if self.locked_until is None or self.locked_until <= at:
            raise WrongState(f"step {self.task_id} is with no program", detail="Geen programma heeft deze stap nu.")

    def extend(self, until: datetime) -> None:
        """Who has it gets longer."""
        self.locked_until = until

    def unlock(self) -> None:
        """Anybody who may can get it again."""
        self.lock_id = self.locked_until = None

    def fail(self, code: str, *, retries_left: int | None, wait: timedelta, at: datetime) -> None:
        """It went wrong: it is tried again later, or nobody tries any more.

        Args:
            retries_left: as the program says; None: one less than before.
        """
        self.unlock()
        self.error_code = code
        self.retries_left = max(0, self.retries_left - 1 if retries_left is None else retries_left)
        self.retry_at = at + wait
        self.failed_at = at if self.retries_left == 0 else None

    def retry(self, at: datetime) -> None:
        """Somebody looked at it: it is tried again.

        Raises:
            WrongState: it has not come to an end.
        """
        if self.failed_at is None:
            raise WrongState(f"step {self.task_id} is tried still", detail="Deze stap wordt al opnieuw geprobeerd.")
        self.retries_left, self.failed_at, self.retry_at = 1, None, at
