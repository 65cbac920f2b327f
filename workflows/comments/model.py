"""A comment on a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified


class Comment(Identified, Base):
    """What somebody wrote on a case, for an organisation and in a role. Who was wrong writes another."""

    __tablename__ = "comments"
    __holds_content__ = True
    __table_args__ = (Index("ix_comments_case_id", "case_id", "at", "ordinal"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    task_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("tasks.id"), index=True, comment="the task it is about, if it is about one"
    )
    text: Mapped[str] = mapped_column(Text, comment="compartment C6: plan and agreements")
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="1 for the first comment on the case")
