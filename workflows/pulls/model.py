"""That somebody asked for a case, and until when they wait. Never of which case, and never whether there is one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class PullReason(StrEnum):
    """Why somebody asks for a case."""

    PARENT_ASKS = "parent_asks_us"
    MOVED_HERE = "moved_here"
    HELP_CONTINUES = "help_continues_here"


class CaseRequest(Identified, Base):
    """One question of one person; counts the attempts as well. What was searched for is closed, and soon gone."""

    __tablename__ = "case_requests"
    __table_args__ = (
        one_of("reason", PullReason),
        CheckConstraint("until_at > asked_at", name="period"),
        Index("ix_case_requests_person_id", "person_id", "asked_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(24))
    sealed_search: Mapped[bytes | None] = mapped_column(
        comment="closed with the vault; empty once it was looked for, found or not"
    )
    asked_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(comment="after this the asker hears that nobody answered")
