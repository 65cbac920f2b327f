"""Published sets of diagrams, decision tables and forms, exactly as they were published."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base


class StoredBundle(Base):
    """A published set, known by the digest of its content; it never changes."""

    __tablename__ = "bundles"
    __table_args__ = (
        Index(
            "uq_bundles_current",
            "is_current",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="empty: at the command line"
    )
    is_current: Mapped[bool] = mapped_column(comment="new runs start with this one; running runs keep theirs")


class StoredFile(Base):
    """One file of a set."""

    __tablename__ = "bundle_files"

    digest: Mapped[str] = mapped_column(ForeignKey("bundles.digest"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    data: Mapped[bytes]
