"""Notifications, who read them, and where somebody wants mail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class NotificationKind(StrEnum):
    """What somebody hears of."""

    OWN_TASK = "own_task"  #: a task for who holds the case in person
    TEAM_TASK = "team_task"  #: a task that anybody of the team can take
    HANDED = "handed"  #: a colleague gave a task
    LAPSED = "lapsed"  #: a claim is over; the task lies with the team again
    NEARLY_LATE = "nearly_late"
    LATE = "late"
    HANDOVER = "handover"  #: a case is offered
    HANDOVER_WAITS = "handover_waits"  #: what the own team offered has no answer within the term
    HANDOVER_TAKEN = "handover_taken"  #: it was accepted
    HANDOVER_BACK = "handover_back"  #: it was refused, or came back by itself
    HANDOVER_MET = "handover_met"  #: the receiver spoke the parent
    COMMENT = "comment"
    ALARM = "alarm"  #: something unusual in the log
    WEBHOOK_PAUSED = "webhook_paused"  #: a program of the organisation took nothing for days
    CERTIFICATE_ENDS = "certificate_ends"  #: of oneself, or of who works at the own organisation
    REPAIR_ASKED = "repair_asked"  #: a colleague at the operator's desk waits for a second person
    ACCESS_REVIEW = "access_review"  #: whether everybody still needs the role they have


class MailWish(StrEnum):
    """When somebody wants mail about a kind."""

    DIRECT = "direct"
    DAILY = "daily"  #: in one mail on working days
    NONE = "none"


class MailFailure(StrEnum):
    """Why a mail did not arrive."""

    REFUSED = "refused"  #: the mail server said that there is no such address: nobody tries any more
    UNREACHABLE = "unreachable"  #: the mail server was away or refused us: tried again
    RETURNED = "returned"  #: it came back later: nobody tries any more


class Notification(Identified, Base):
    """One thing that a team, or somebody in it, hears of. Who was told is found when they look."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("kind", NotificationKind),
        CheckConstraint("NOT alone OR person_id IS NOT NULL", name="alone"),
        Index("ix_notifications_team", "organisation_id", "role", "at"),
        Index("ix_notifications_spread_at", "spread_at"),
        Index("ix_notifications_subject", "subject_id"),
    )

    kind: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(String(40))
    municipality_code: Mapped[str | None] = mapped_column(String(6))
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="whom it is meant for first"
    )
    alone: Mapped[bool] = mapped_column(default=False, comment="for nobody else of the team")
    by_person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="who brought it about, and so need not hear of it"
    )
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(index=True)
    spread_at: Mapped[datetime | None] = mapped_column(comment="when it was looked at who wants mail about it")


class NotificationMark(Base):
    """Somebody has read a notification."""

    __tablename__ = "notification_marks"

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    read_at: Mapped[datetime]


class MailAddress(Base):
    """Where the owner of an account wants mail, and about what. Nothing is sent to it before its owner gave back a code."""

    __tablename__ = "mail_addresses"
    __table_args__ = (one_of("failure", MailFailure), Index("ix_mail_addresses_due_at", "due_at"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    sealed_address: Mapped[bytes] = mapped_column(comment="encrypted")
    sealed_code: Mapped[bytes | None] = mapped_column(comment="encrypted; gone when it was given back")
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    wishes: Mapped[dict[str, Any]] = mapped_column(comment="kind → direct, daily or none")
    told_until: Mapped[datetime] = mapped_column(comment="spread_at of the last notification that a mail counted")
    due_at: Mapped[datetime | None] = mapped_column(comment="when there is a mail to send")
    sent_at: Mapped[datetime | None] = mapped_column(comment="when the last mail left")
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(12))

    @property
    def takes_mail(self) -> bool:
        """It was confirmed, and no mail server said that it is not there."""
        return self.confirmed_at is not None and self.failure not in (MailFailure.REFUSED, MailFailure.RETURNED)


def address_about(account_id: UUID) -> str:
    """As what an address is closed: nobody can put it with another account."""
    return f"mail_addresses/{account_id.hex}/address"


def code_about(account_id: UUID) -> str:
    """As what the code for an address is closed."""
    return f"mail_addresses/{account_id.hex}/code"
