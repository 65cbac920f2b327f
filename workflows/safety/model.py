"""Concerns about safety: one file per organisation and case, known to that organisation only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class SafetyLevel(StrEnum):
    """How sure and how pressing a concern is, in rising order."""

    DOUBT = "doubt"
    YES = "yes"
    ACUTE = "acute"


class SafetyStatus(StrEnum):
    """Whether the protection officer still works on it."""

    OPEN = "open"
    CLOSED = "closed"


class SafetyFile(Identified, Base):
    """What one organisation does with its concern about one case. Nobody outside it knows that it exists."""

    __tablename__ = "safety_files"
    __holds_content__ = True
    __line_per_case__ = False  # its lines stand apart from those of the case
    __table_args__ = (
        one_of("level", SafetyLevel),
        one_of("status", SafetyStatus),
        Index(
            "uq_safety_files_open",
            "case_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    level: Mapped[str] = mapped_column(String(8), comment="the highest so far")
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    opened_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(8))

    def close(self) -> None:
        """The protection officer is done with it.

        Raises:
            WrongState: closed before.
        """
        if self.status != SafetyStatus.OPEN:
            raise WrongState(f"safety file {self.id} was closed before")
        self.status = SafetyStatus.CLOSED


class SafetyNote(Identified, Base):
    """One moment at which somebody of the organisation was concerned."""

    __tablename__ = "safety_notes"
    __holds_content__ = True
    __line_per_case__ = False  # its lines stand apart from those of the case
    __table_args__ = (one_of("level", SafetyLevel),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("safety_files.id"), index=True)
    level: Mapped[str] = mapped_column(String(8))
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    noted_at: Mapped[datetime]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
