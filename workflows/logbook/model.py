"""Rows of the two logbooks and their heads: what was changed, and what was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import READS, Base

#: Counts up by itself on both databases; a log of decades needs more than 32 bits on PostgreSQL.
Serial = BigInteger().with_variant(Integer, "sqlite")


class LogLine:
    """One line, with the fields that NEN 7513 asks for (``nen7513`` names them). ``position``, the two hashes and
    ``sealed_at`` are the sealer's; no other column ever changes."""

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    event: Mapped[str] = mapped_column(String(80), comment="room.what_happened, e.g. task.completed")
    at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(comment="the user; empty for the worker and the command line")
    assignment_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None] = mapped_column(comment="on behalf of which organisation")
    role: Mapped[str] = mapped_column(String(40))
    on_behalf_of: Mapped[UUID | None] = mapped_column(comment="the responsible user, when that is somebody else")
    purpose: Mapped[str | None] = mapped_column(String(80))
    rule: Mapped[str | None] = mapped_column(String(120), comment="which rule allowed it")
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80), comment="an id or a digest, never a name")
    case_id: Mapped[UUID | None]
    outcome: Mapped[str] = mapped_column(String(20), comment="success or refused")
    origin: Mapped[str] = mapped_column(String(10), comment="page, api, worker or cli")
    request_id: Mapped[str | None] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(comment="ids, scalars and salted hashes; never answers")
    position: Mapped[int | None] = mapped_column(Serial, comment="place in the chain; empty until sealed")
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))
    sealed_at: Mapped[datetime | None]
    hash_version: Mapped[int | None] = mapped_column(comment="which list of fields is hashed; empty: the first")
    ground: Mapped[str | None] = mapped_column(String(40), comment="ground on which secrecy was broken, if it was")
    consent_profile: Mapped[str | None] = mapped_column(Text, comment="ids of the consents that allowed it")
    relation: Mapped[str | None] = mapped_column(String(120), comment="what connected the user with the subject")
    compartments: Mapped[str | None] = mapped_column(String(60), comment="kinds of data that were there to see")
    policy: Mapped[str | None] = mapped_column(String(16), comment="digest of the rules of access that decided")
    access_point: Mapped[str | None] = mapped_column(String(80), comment="id of the sign-in or token")
    second_factor: Mapped[bool | None] = mapped_column(comment="confirmed with something the user has")


class LogHead:
    """The end of a chain. Without it, cutting off the last lines would leave no trace."""

    log: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int] = mapped_column(Serial)
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime | None]


_OUTCOME = "outcome IN ('success', 'refused')"
_SEALED = "(position IS NULL) = (hash IS NULL) AND (hash IS NULL) = (previous_hash IS NULL) AND (position IS NULL OR position > 0)"


class LoggedChange(LogLine, Base):
    """Something was done, or was tried and refused."""

    __tablename__ = "log_changes"
    __holds_content__ = True
    __line_per_case__ = False
    __table_args__ = (
        CheckConstraint(_OUTCOME, name="outcome"),
        CheckConstraint(_SEALED, name="sealed"),
        Index("uq_log_changes_position", "position", unique=True),
        Index("ix_log_changes_case_id", "case_id", "id"),
        Index("ix_log_changes_subject", "subject_id", "id"),
        Index("ix_log_changes_organisation_id", "organisation_id", "at", "id"),
    )


class LoggedRead(LogLine, Base):
    """Somebody looked at something. In its own file on SQLite, so that looking never waits for the writer."""

    __tablename__ = "log_reads"
    __holds_content__ = True
    __line_per_case__ = False
    __table_args__ = (
        CheckConstraint(_OUTCOME, name="outcome"),
        CheckConstraint(_SEALED, name="sealed"),
        Index("uq_log_reads_position", "position", unique=True),
        Index("ix_log_reads_case_id", "case_id", "id"),
        Index("ix_log_reads_subject", "subject_id", "id"),
        Index("ix_log_reads_organisation_id", "organisation_id", "at", "id"),
        {"schema": READS},
    )


class LogForward(Base):
    """How far the lines of a log were sent to another system; a row per log."""

    __tablename__ = "log_forwards"

    log: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0, comment="of the last line that was taken there")
    attempts: Mapped[int] = mapped_column(default=0, comment="since something was taken")
    due_at: Mapped[datetime] = mapped_column(comment="not before; who sends has until then")


class ChangesHead(LogHead, Base):
    """Where the chain of changes ends."""

    __tablename__ = "log_heads"


class ReadsHead(LogHead, Base):
    """Where the chain of reads ends; beside its lines, because two SQLite files are not written as one."""

    __tablename__ = "log_heads"
    __table_args__ = ({"schema": READS},)
