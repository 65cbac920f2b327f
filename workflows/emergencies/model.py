"""One emergency in which somebody read a case, who has to look back at it, and every time that somebody tried."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.access import EMERGENCY_GROUNDS
from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class EmergencyReason(StrEnum):
    """Why somebody cannot wait for the usual way."""

    LIFE_AT_RISK = "life_at_risk"
    ACUTE_ILLNESS = "acute_illness"  #: or giving birth
    MENTAL_CRISIS = "mental_crisis"
    CHILD_IN_DANGER = "child_in_danger"
    OTHER_EMERGENCY = "other_emergency"


class EmergencyEnd(StrEnum):
    """Through what it ended."""

    TIME_OVER = "time_over"
    BY_OPENER = "by_opener"
    BY_HOLDER = "by_holder"
    CASE_ENDED = "case_ended"


class ReviewOutcome(StrEnum):
    """What whoever looked back at it found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"
    UNCLEAR = "unclear"


class EmergencyAccess(Identified, Base):
    """Somebody may read one case until a moment, because of an emergency. The story is content, so it stands only here."""

    __tablename__ = "emergency_accesses"
    __holds_content__ = True
    __table_args__ = (
        one_of("reason", EmergencyReason),
        one_of("ground", EMERGENCY_GROUNDS),
        one_of("ended_through", EmergencyEnd),
        CheckConstraint("until_at > opened_at", name="period"),
        CheckConstraint("(ended_at IS NULL) = (ended_through IS NULL)", name="ended"),
        Index(
            "uq_emergency_accesses_open",
            "case_id",
            "assignment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_emergency_accesses_case_id", "case_id", "opened_at"),
        Index("ix_emergency_accesses_person_id", "person_id", "opened_at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    case_number: Mapped[str] = mapped_column(String(16), comment="as on the case, for who may not read the case")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    assignment_id: Mapped[UUID] = mapped_column(
        ForeignKey("role_assignments.id"), index=True, comment="counts for this role only"
    )
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(20))
    explanation: Mapped[str] = mapped_column(Text, comment="in the opener's words; content")
    ground: Mapped[str] = mapped_column(String(28))
    opened_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(comment="nothing is read from this moment on")
    ended_at: Mapped[datetime | None]
    ended_through: Mapped[str | None] = mapped_column(String(12))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)

    def runs(self, at: datetime) -> bool:
        """Whether it still lets its opener read; asks no job whether the time is over."""
        return self.ended_at is None and self.opened_at <= at < self.until_at

    def end(self, through: EmergencyEnd, *, by: UUID | None, at: datetime) -> None:
        """From now on it lets nobody read.

        Raises:
            WrongState: it ended before.
        """
        if self.ended_at is not None:
            raise WrongState(f"emergency {self.id} ended before", detail="Deze noodinzage was al afgelopen.")
        self.ended_at = min(at, self.until_at)
        self.ended_through = through
        self.ended_by = by


class EmergencyReview(Identified, Base):
    """One organisation that has to look back at an emergency: the opener's, or the one that held the case."""

    __tablename__ = "emergency_reviews"
    __holds_content__ = True
    __table_args__ = (
        one_of("outcome", ReviewOutcome),
        CheckConstraint("(outcome IS NULL) = (reviewed_at IS NULL)", name="reviewed"),
        Index("uq_emergency_reviews_organisation", "emergency_id", "organisation_id", unique=True),
    )

    emergency_id: Mapped[UUID] = mapped_column(ForeignKey("emergency_accesses.id"))
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="whose log manager it is for"
    )
    asked_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text, default="", comment="of the reviewer; content")
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    reviewed_at: Mapped[datetime | None]

    def settle(self, outcome: ReviewOutcome | str, words: str, *, by: UUID | None, at: datetime) -> None:
        """Somebody looked back at it.

        Raises:
            WrongState: it was looked at before.
        """
        if self.outcome is not None:
            raise WrongState(f"review {self.id} was done before", detail="Deze noodinzage is al beoordeeld.")
        self.outcome = ReviewOutcome(outcome)
        self.words, self.reviewed_by, self.reviewed_at = words, by, at


class EmergencyAttempt(Identified, Base):
    """Somebody looked for a case to open; kept for a while to slow down who keeps trying. Says nothing of whom."""

    __tablename__ = "emergency_attempts"
    __table_args__ = (Index("ix_emergency_attempts_person_id", "person_id", "at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime]
