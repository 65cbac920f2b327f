"""What a professional noticed together with the parent, without the story itself: that is in the dossier."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases import Urgency
from workflows.db import Base, Identified, one_of


class VulnerabilityLevel(StrEnum):
    """Risk and protective factors weighed against self-reliance, at one moment and together with the parent."""

    NONE = "none"
    POTENTIALLY_VULNERABLE = "potentially_vulnerable"
    VULNERABLE = "vulnerable"
    VERY_VULNERABLE = "very_vulnerable"


class Signal(Identified, Base):
    """A signal about one case."""

    __tablename__ = "signals"
    __holds_content__ = True
    __table_args__ = (one_of("vulnerability_level", VulnerabilityLevel), one_of("urgency", Urgency))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    received_at: Mapped[datetime]
    vulnerability_level: Mapped[str] = mapped_column(String(24))
    urgency: Mapped[str] = mapped_column(String(8))
    feedback_at: Mapped[datetime | None] = mapped_column(comment="when the signaller heard what became of it")


class MatchQuestion(Identified, Base):
    """The holder of one case was asked whether it is about the same family as another. A pair is asked about once."""

    __tablename__ = "match_questions"
    __holds_content__ = True
    __table_args__ = (UniqueConstraint("existing_case_id", "case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True, comment="with which the question came up")
    existing_case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), comment="whose holder was asked")
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), index=True)
    asked_at: Mapped[datetime]
