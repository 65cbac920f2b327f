"""A file with a case. The row says what it is; what is in it stands beside the database, encrypted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class AttachmentKind(StrEnum):
    """What may be attached: what everybody can open and nothing that runs."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    DOCX = "docx"
    ODT = "odt"


class Attachment(Identified, Base):
    """A file that somebody attached to a case, for an organisation and in a role. Never changed."""

    __tablename__ = "attachments"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", AttachmentKind),
        CheckConstraint("size > 0", name="size"),
        Index("ix_attachments_case_id", "case_id", "at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    name: Mapped[str] = mapped_column(String(120), comment="of the file, made safe; may say whom it is about")
    description: Mapped[str] = mapped_column(Text, comment="what it is, in the words of who attached it")
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(comment="bytes, as handed out")
    compartment: Mapped[str] = mapped_column(String(4), comment="kind of data that is in it")
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), comment="keyed: finds the same file, tells nothing of it")
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]


def file_about(attachment_id: UUID) -> str:
    """As what its file is closed: nobody can put it in the place of another."""
    return f"attachments/{attachment_id.hex}"
