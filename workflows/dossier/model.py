"""What people said: immutable entries, their answers stored one by one with the compartment each belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    object_session,
    relationship,
    with_loader_criteria,
)
from sqlalchemy.types import JSON

from workflows import vault
from workflows.db import Base, Identified


class Entry(Identified, Base):
    """Answers to one form, given once. A correction is a new entry that supersedes this one."""

    __tablename__ = "entries"
    __holds_content__ = True
    __table_args__ = (
        Index("ix_entries_case_id", "case_id", "recorded_at"),
        Index("ix_entries_subject", "subject_kind", "subject_id"),
        Index("ix_entries_task_id", "task_id"),
        Index("ix_entries_run_id", "run_id"),
        UniqueConstraint("supersedes_id", name="uq_entries_supersedes_id"),
    )

    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    case_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cases.id"), comment="empty for what is not of a case, e.g. a safety file"
    )
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    form_key: Mapped[str] = mapped_column(String(60))
    bundle_digest: Mapped[str] = mapped_column(ForeignKey("bundles.digest"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    observed_at: Mapped[datetime] = mapped_column(comment="when it was seen or said; may be before recorded_at")
    recorded_at: Mapped[datetime]
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"))
    about_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("family_members.id"),
        index=True,
        comment="whose data it is; empty: the parent whom the case speaks with",
    )
    withdrawn_at: Mapped[datetime | None] = mapped_column(
        comment="its author took it back at once; it shows and counts nowhere any more"
    )

    values: Mapped[list[EntryValue]] = relationship(
        order_by="(EntryValue.field, EntryValue.position)", cascade="all, delete-orphan", passive_deletes=True
    )


@event.listens_for(Session, "do_orm_execute")
def _leave_out_withdrawn(call: ORMExecuteState) -> None:
    """No query finds an entry that was taken back, whoever asks: there is nothing to forget in any of them. Destroying,
    which goes by tables, takes these along."""
    if call.is_select and not call.is_column_load and Entry.__mapper__ in call.all_mappers:
        call.statement = call.statement.options(with_loader_criteria(Entry, Entry.withdrawn_at.is_(None)))


class EntryValue(Identified, Base):
    """One answer, or one chosen option of a list."""

    __tablename__ = "entry_values"
    __holds_content__ = True
    __table_args__ = (
        UniqueConstraint("entry_id", "field", "position", name="uq_entry_values_place"),
        CheckConstraint("position >= 0", name="position"),
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)
    stored: Mapped[Any] = mapped_column("value", JSON(none_as_null=False))  #: encrypted when it is about safety
    compartment: Mapped[str] = mapped_column(String(3), comment="C0 … C11")

    @property
    def value(self) -> Any:
        """What was said.

        Raises:
            Unreadable: it is about safety, and its key is not here.
        """
        session = object_session(self)
        assert session is not None, "it is read while its transaction is open"
        return vault.of(session).open_json(self.stored, about=value_about(self.id))


def value_about(value_id: UUID) -> str:
    """As what a value is closed: nobody can put it in the place of another."""
    return f"entry_values/{value_id.hex}"
