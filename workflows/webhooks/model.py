"""Rows: an address that hears what happens, and how far the log was told on."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, object_session

from workflows import vault
from workflows.db import Base, Identified, one_of
from workflows.errors import StaleVersion, WrongState

#: An address that took nothing for so long is left alone, and its administrator is told.
PAUSE_AFTER = timedelta(days=3)
#: How long an address is left alone after the first, second … failure in a row; the last goes on.
BACK_OFF = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
#: Who needs longer than this to answer is slow. It is left alone for so many times as long as that took: then who is fast
#: goes first.
SLOW, REST = timedelta(seconds=5), 3
#: What ``last_error`` says of an address that took the last message, but slowly.
SLOW_ANSWER = "slow"
#: After a new secret the old one signs along for so long.
OVERLAP = timedelta(hours=24)
#: Until when who took messages of an address is thought to be busy sending them.
BUSY = timedelta(minutes=5)


class EventType(StrEnum):
    """What an address can hear of. It says that something happened to something; what, is asked at the other doors."""

    TASK_OPENED = "task.opened"  #: a task for a team of the organisation
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"  #: back with the team
    TASK_COMPLETED = "task.completed"
    TASK_WITHDRAWN = "task.withdrawn"  #: not needed any more, or it went to another organisation
    TASK_NEARLY_LATE = "task.nearly_late"
    TASK_LATE = "task.late"
    CASE_JOINED = "case.joined"  #: the organisation has a part in it from now on
    CASE_LEFT = "case.left"  #: and no longer
    CASE_CHANGED = "case.changed"  #: what is known of the family or agreed with it
    CASE_STATUS_CHANGED = "case.status_changed"
    CASE_HOLDER_CHANGED = "case.holder_changed"
    CASE_CLOSED = "case.closed"
    HANDOVER_OFFERED = "handover.offered"
    HANDOVER_ASKED = "handover.asked"  #: the receiver asks back
    HANDOVER_REPLIED = "handover.replied"
    HANDOVER_ACCEPTED = "handover.accepted"
    HANDOVER_REFUSED = "handover.refused"
    HANDOVER_WITHDRAWN = "handover.withdrawn"
    HANDOVER_EXPIRED = "handover.expired"
    HANDOVER_COMPLETED = "handover.completed"  #: the receiver spoke the family
    TEST = "webhook.test"  #: somebody tries the address out; always sent


class WebhookStatus(StrEnum):
    """Whether an address hears what happens."""

    ACTIVE = "active"
    PAUSED = "paused"  #: what happens is kept for it
    ENDED = "ended"


class Breaker(StrEnum):
    """Whether something is sent there now; follows from the row, and is what an administrator sees."""

    CLOSED = "closed"  #: what happens goes there at once
    OPEN = "open"  #: left alone until ``next_at``
    HALF_OPEN = "half_open"  #: one message goes, to see whether it is taken again


class PauseReason(StrEnum):
    """Why an address is left alone."""

    BY_HAND = "by_hand"
    FAILING = "failing"  #: it took nothing for days
    GONE = "gone"  #: it said that it is there no longer (410)


_TRANSITIONS = {
    WebhookStatus.ACTIVE: {WebhookStatus.PAUSED, WebhookStatus.ENDED},
    WebhookStatus.PAUSED: {WebhookStatus.ACTIVE, WebhookStatus.ENDED},
    WebhookStatus.ENDED: set[WebhookStatus](),
}
_WRONG = {
    WebhookStatus.ACTIVE: "Dit adres is al aan.",
    WebhookStatus.PAUSED: "Dit adres staat al stil.",
    WebhookStatus.ENDED: "Dit adres is verwijderd.",
}


class Webhook(Identified, Base):
    """A program of one organisation that hears what happens there. It is signed with a secret that nobody sees twice."""

    __tablename__ = "webhooks"
    __table_args__ = (
        one_of("status", WebhookStatus),
        one_of("pause_reason", PauseReason),
        CheckConstraint("(status = 'paused') = (pause_reason IS NOT NULL)", name="paused"),
        CheckConstraint("(status = 'ended') = (sealed_secrets IS NULL)", name="secrets"),
        CheckConstraint("(failures = 0) = (failing_since IS NULL)", name="failing"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    label: Mapped[str] = mapped_column(String(80), comment="what it is for, in words of who made it")
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON, comment="types of event")
    channel: Mapped[str] = mapped_column(String(40), unique=True, comment="of the outbox")
    sealed_secrets: Mapped[bytes | None] = mapped_column(comment="encrypted: those that sign, the newest first")
    previous_until: Mapped[datetime | None] = mapped_column(comment="until when the last secret but one signs along")
    status: Mapped[str] = mapped_column(String(8), default=WebhookStatus.ACTIVE)
    pause_reason: Mapped[str | None] = mapped_column(String(8))
    failures: Mapped[int] = mapped_column(default=0, comment="in a row")
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(40), comment="kind of failure, after the last success")
    arrived_at: Mapped[datetime | None] = mapped_column(comment="when it last took something")
    next_at: Mapped[datetime] = mapped_column(comment="nothing is sent there before")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    version: Mapped[int] = mapped_column(default=1, comment="of what somebody chose; sending leaves it alone")

    def _move(self, status: WebhookStatus) -> None:
        if status not in _TRANSITIONS[WebhookStatus(self.status)]:
            now = WebhookStatus(self.status)
            raise WrongState(f"webhook {self.id} is {now}, not to become {status}", detail=_WRONG[now])
        self.status = status
        self.version += 1

    def require(self, version: int | None) -> None:
        """Only the version that was read.

        Raises:
            StaleVersion: it changed since.
        """
        if version is not None and version != self.version:
            raise StaleVersion(f"webhook {self.id} has version {self.version}, not {version}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signs, the newest first.

        Raises:
            Unreadable: its key is not here.
        """
        session = object_session(self)
        assert session is not None, "it is read while its transaction is open"
        if self.sealed_secrets is None:
            return ()
        return tuple(vault.of(session).open(self.sealed_secrets, about=secrets_about(self.id)).decode().split())

    def sign_with(self, secrets: tuple[str, ...], *, ring: vault.Vault, previous_until: datetime | None) -> None:
        """From now on these sign, the newest first."""
        self.sealed_secrets = ring.seal(" ".join(secrets).encode(), about=secrets_about(self.id))
        self.previous_until = previous_until

    def pause(self, reason: PauseReason) -> None:
        """Send nothing there for now.

        Raises:
            WrongState: it stands still already, or is ended.
        """
        self._move(WebhookStatus.PAUSED)
        self.pause_reason = reason

    def resume(self, at: datetime) -> None:
        """Send there again, and at once.

        Raises:
            WrongState: it is on, or ended.
        """
        self._move(WebhookStatus.ACTIVE)
        self.pause_reason = None
        self.failures, self.failing_since, self.last_error, self.next_at = 0, None, None, at

    def end(self) -> None:
        """Never send there again; the secret is gone."""
        self._move(WebhookStatus.ENDED)
        self.pause_reason = None
        self.sealed_secrets = self.previous_until = None
        self.failures, self.failing_since = 0, None

    def has_taken(self, at: datetime, *, within: timedelta = timedelta(0)) -> None:
        """It took a message.

        Args:
            within: how long it took to say so.
        """
        self.failures, self.failing_since, self.last_error, self.arrived_at = 0, None, None, at
        if within > SLOW:
            self.last_error, self.next_at = SLOW_ANSWER, at + (1 + REST) * within

    @property
    def is_troubled(self) -> bool:
        """It did not take the last message, or slowly: others go before it."""
        return self.last_error is not None

    def breaker(self, at: datetime) -> Breaker:
        """Whether something is sent there at *at*, when it is on."""
        if not self.is_troubled:
            return Breaker.CLOSED
        return Breaker.OPEN if self.next_at > at else Breaker.HALF_OPEN

    def has_missed(self, code: str, at: datetime, *, wait: timedelta | None = None) -> None:
        """It did not take a message, and is left alone for a while.

        Args:
            code: the kind of failure. wait: for how long, as it asked itself.
        """
        self.failures += 1
        self.failing_since = self.failing_since or at
        self.last_error = code[:40]
        self.next_at = at + max(BACK_OFF[min(self.failures, len(BACK_OFF)) - 1], wait or timedelta(0))

    def is_hopeless(self, at: datetime) -> bool:
        """Whether it took nothing for so long that somebody has to look."""
        return (
            self.failing_since is not None and self.failures >= len(BACK_OFF) and at - self.failing_since >= PAUSE_AFTER
        )


def secrets_about(webhook_id: UUID) -> str:
    """As what the secrets of an address are closed: nobody can put them with another."""
    return f"webhooks/{webhook_id.hex}/secrets"


class EventPosition(Base):
    """How far the sealed log was told on to who listens; a row per log."""

    __tablename__ = "event_positions"

    log: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, comment="of the last line that was looked at")


#: What a message of the outbox for an address says.
Payload = dict[str, Any]
