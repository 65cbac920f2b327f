"""Rows of the outbox: one message for one channel."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of

#: After this many attempts nobody tries any more.
ATTEMPTS = 12


class MessageStatus(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  #: after ATTEMPTS tries


class Message(Identified, Base):
    """Something to send. It may arrive twice, never not at all without a trace: its id tells that it is the same one."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("status", MessageStatus),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index("ix_outbox_due", "status", "due_at", "id"),
        Index("ix_outbox_channel", "channel", "created_at"),
    )
    #: Sending is machinery; what is told was written down where it happened.
    __status_is_logged__ = False

    channel: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(comment="ids, codes and hashes only; never of a person")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default=MessageStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(80), comment="kind of error")
    sent_at: Mapped[datetime | None]

    def has_left(self, at: datetime) -> None:
        """It was sent; a second time changes nothing."""
        if self.status != MessageStatus.SENT:
            self.status = MessageStatus.SENT
            self.sent_at = at
            self.last_error = None

    def has_failed(self, reason: str, *, keep: bool = False) -> None:
        """It was not sent: it waits for the next attempt, or nobody tries any more.

        Args:
            keep: go on trying, however often that was.
        """
        self.last_error = reason[:80]
        if self.attempts >= ATTEMPTS and self.status == MessageStatus.PENDING and not keep:
            self.status = MessageStatus.FAILED

    def again(self, at: datetime) -> None:
        """Try it anew, as if it had just been put in."""
        if self.status != MessageStatus.SENT:
            self.status = MessageStatus.PENDING
            self.attempts = 0
            self.due_at = at

    def go_again(self, at: datetime) -> None:
        """Send it (once more) from *at* on, whatever became of it before."""
        self.status = MessageStatus.PENDING
        self.due_at = at
        self.attempts = 0
        self.last_error = self.sent_at = None

    def put_back(self, at: datetime) -> None:
        """Who took it did not come to it."""
        if self.status == MessageStatus.PENDING and self.attempts:
            self.due_at = at
            self.attempts -= 1
