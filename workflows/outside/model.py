"""One handover to a party outside: who, by which way, and how far it is. The case stays with who holds it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class OutsideKind(StrEnum):
    """To what kind of help the family goes."""

    REGULAR_CARE = "regular_care"
    COMPULSORY_FRAMEWORK = "compulsory_framework"
    MUNICIPALITY = "municipality"


class OutsideWay(StrEnum):
    """How what goes along gets there."""

    LINK = "link"  #: with a code that the sender reads out by telephone
    PAPER = "paper"


class OutsideStatus(StrEnum):
    """How far it is."""

    SENT = "sent"
    OPENED = "opened"  #: read once; nobody said yet that it arrived
    RECEIVED = "received"
    ENDED = "ended"


class OutsideReceipt(StrEnum):
    """What the receiver confirms."""

    TAKES_OVER = "takes_over"
    READ = "read"


class OutsideEnd(StrEnum):
    """Why it can be opened no more."""

    WITHDRAWN = "withdrawn"
    CONSENT_ENDED = "consent_ended"
    WRONG_CODES = "wrong_codes"


TRANSITIONS: dict[OutsideStatus, frozenset[OutsideStatus]] = {
    OutsideStatus.SENT: frozenset({OutsideStatus.OPENED, OutsideStatus.RECEIVED, OutsideStatus.ENDED}),
    OutsideStatus.OPENED: frozenset({OutsideStatus.RECEIVED, OutsideStatus.ENDED}),
    OutsideStatus.RECEIVED: frozenset(),
    OutsideStatus.ENDED: frozenset(),
}


class OutsideHandover(Identified, Base):
    """What was made ready for one party, and what came of it. Link and code themselves are kept nowhere."""

    __tablename__ = "outside_handovers"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", OutsideKind),
        one_of("way", OutsideWay),
        one_of("status", OutsideStatus),
        one_of("receipt", OutsideReceipt),
        one_of("ended_because", OutsideEnd),
        CheckConstraint("(way = 'link') = (token_hash IS NOT NULL)", name="link"),
        CheckConstraint("(way = 'link') = (code_digest IS NOT NULL)", name="code"),
        CheckConstraint("(status = 'received') = (received_at IS NOT NULL)", name="received"),
        CheckConstraint("(received_at IS NULL) = (receipt IS NULL)", name="receipt_given"),
        CheckConstraint("(status = 'ended') = (ended_because IS NOT NULL)", name="ended"),
        Index("ix_outside_handovers_case_id", "case_id", "sent_at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(24))
    way: Mapped[str] = mapped_column(String(8))
    party_kind: Mapped[str] = mapped_column(String(30), comment="a type of organisation: what the family agreed to")
    party_name: Mapped[str] = mapped_column(String(200))
    telephone: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12), default=OutsideStatus.SENT)
    categories: Mapped[list[str]] = mapped_column(JSON, comment="kinds of data that go along")
    sealed_content: Mapped[dict[str, Any]] = mapped_column(
        JSON, comment="closed with the vault; what was sent, as it was then"
    )
    content_hash: Mapped[str] = mapped_column(String(64), comment="of what was sent, before it was closed")
    size: Mapped[int | None] = mapped_column(comment="lines; empty: sent before there were any")
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    code_digest: Mapped[bytes | None] = mapped_column(comment="with a key that is not in the database")
    receipt_hash: Mapped[bytes | None] = mapped_column(comment="of what the page that was opened confirms with")
    wrong_codes: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    sent_for: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    sent_role: Mapped[str] = mapped_column(String(24))
    open_until: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(12))
    receiver_name: Mapped[str | None] = mapped_column(String(200))
    receiver_function: Mapped[str | None] = mapped_column(String(200))
    receiver_organisation: Mapped[str | None] = mapped_column(String(200))
    recorded_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"),
        index=True,
        comment="who wrote down what the receiver said by telephone; empty: by link",
    )
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(16))

    def opens(self, at: datetime) -> bool:
        """Whether the link still gives something: not yet opened, not ended, and in time."""
        return self.way == OutsideWay.LINK and self.status == OutsideStatus.SENT and at < self.open_until

    def _move(self, status: OutsideStatus) -> None:
        if status not in TRANSITIONS[OutsideStatus(self.status)]:
            raise WrongState(f"outside handover {self.id} is {self.status}, not to become {status}", detail=_GONE)
        self.status = status

    def open(self, receipt_hash: bytes, at: datetime) -> None:
        """It is read, once.

        Raises:
            WrongState: it was, or it ended.
        """
        self._move(OutsideStatus.OPENED)
        self.opened_at, self.receipt_hash = at, receipt_hash

    def receive(
        self, receipt: OutsideReceipt, *, name: str, function: str, organisation: str, by: UUID | None, at: datetime
    ) -> None:
        """It arrived.

        Raises:
            WrongState: somebody said so before, or it ended.
        """
        self._move(OutsideStatus.RECEIVED)
        self.receipt, self.received_at, self.recorded_by = receipt, at, by
        self.receiver_name, self.receiver_function, self.receiver_organisation = name, function, organisation
        self.receipt_hash = None

    def end(self, because: OutsideEnd, at: datetime) -> None:
        """It can be opened and confirmed no more.

        Raises:
            WrongState: it was received, or it ended before.
        """
        self._move(OutsideStatus.ENDED)
        self.ended_because, self.ended_at = because, at
        self.receipt_hash = None


_GONE = "Dit kan niet meer: het is al ontvangen, of het is ingetrokken. Ververs de bladzijde."
