"""What each member of a family agreed to or refused: per recipient, purpose and category of data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class Purpose(StrEnum):
    """What data may be used for; each purpose is asked separately."""

    EXPLORATION = "exploration"  #: prenatal home visit or another first talk
    PATHWAY = "pathway"
    HUB_MEETING = "hub_meeting"
    SUPPORT_ACTION = "support_action"
    HANDOVER = "handover"
    FEEDBACK = "feedback"  #: telling the signaller what became of it
    PROGRAMME_EVALUATION = "programme_evaluation"


class GivenBy(StrEnum):
    """Who decided for the data subject."""

    SELF = "self"
    PARENT_WITH_AUTHORITY = "parent_with_authority"
    BOTH_PARENTS = "both_parents"
    MINOR_AND_PARENTS = "minor_and_parents"
    CURATOR = "curator"
    GUARDIAN = "guardian"


class ConsentForm(StrEnum):
    """How it was given."""

    ORAL = "oral"
    WRITTEN = "written"
    DIGITAL = "digital"


#: Compartments that a family can consent to share. C5 (safety) and C11 (log) have grounds of their own.
CATEGORIES = ("C0", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "C10")


class Consent(Identified, Base):
    """One answer, yes or no, about one subject, recipient, purpose and category. Never edited: a later one decides."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("category", CATEGORIES),
        one_of("given_by", GivenBy),
        one_of("form", ConsentForm),
        CheckConstraint("recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL", name="recipient"),
        CheckConstraint("withdrawn_at IS NULL OR given", name="withdrawn"),
        Index("ix_consents_case_id", "case_id", "purpose"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), index=True)
    recipient_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    recipient_kind: Mapped[str | None] = mapped_column(
        String(30), comment="a type of organisation, or signaller, when no single one is meant"
    )
    purpose: Mapped[str] = mapped_column(String(24))
    category: Mapped[str] = mapped_column(String(3), comment="compartment, e.g. C1")
    given: Mapped[bool] = mapped_column(comment="false: refused")
    given_by: Mapped[str] = mapped_column(String(24))
    authority_checked: Mapped[bool] = mapped_column(default=False, comment="of who decides for a child or ward")
    information_given: Mapped[list[str]] = mapped_column(JSON, comment="codes of what was explained")
    form: Mapped[str | None] = mapped_column(String(8), comment="how it was given; empty for a refusal")
    language: Mapped[str] = mapped_column(String(80), default="", comment="in which it was explained")
    interpreter: Mapped[bool] = mapped_column(default=False)
    text_version: Mapped[str] = mapped_column(String(80), comment="of the text that was read or handed over")
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="order within the case; the highest decides")
    valid_until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)

    @property
    def is_yes(self) -> bool:
        """Given and not taken back; until when it holds is another question."""
        return self.given and self.withdrawn_at is None
