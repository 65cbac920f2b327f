"""Closing anew, with the key that closes now, what an older key closed or what was never closed. Knows tables by name.

Done in small transactions, beside the doors; what cannot be opened is counted and left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select, tuple_, update
from sqlalchemy.orm import Session

from workflows import (
    accounts,
    attachments,
    consent,
    dossier,
    families,
    notifications,
    outside,
    processes,
    pulls,
    vault,
    webhooks,
)
from workflows.db import Base, Database
from workflows.errors import Unreadable

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that is kept encrypted: as what each row of it is closed, and which rows of the table that are."""

    table: str
    column: str
    about: Callable[[Any], str]
    where: Callable[[Table], ColumnElement[bool]] | None = None


#: Everything that is kept encrypted.
SEALED: tuple[Sealed, ...] = (
    Sealed(
        "entry_values",
        "value",
        lambda row: dossier.value_about(row.id),
        lambda table: table.c.compartment == dossier.UNSAID,
    ),
    Sealed("drafts", "answers", lambda row: f"{processes.draft_about(row.task_id, row.person_id)}/answers"),
    Sealed("drafts", "beside", lambda row: f"{processes.draft_about(row.task_id, row.person_id)}/beside"),
    Sealed("task_notes", "text", lambda row: f"{processes.note_about(row.id)}/text"),
    Sealed("case_grounds", "sealed_reason", lambda row: consent.reason_about(row.id)),
    Sealed("outside_handovers", "sealed_content", lambda row: outside.content_about(row.id)),
    Sealed("case_requests", "sealed_search", lambda row: pulls.search_about(row.id)),
    Sealed("second_factors", "sealed_secret", lambda row: accounts.factor_about(row.id)),
    Sealed("mail_addresses", "sealed_address", lambda row: notifications.address_about(row.account_id)),
    Sealed("mail_addresses", "sealed_code", lambda row: notifications.code_about(row.account_id)),
    Sealed("webhooks", "sealed_secrets", lambda row: webhooks.secrets_about(row.id)),
    Sealed("bsns", "sealed", lambda row: families.bsn_about(row.member_id)),
)


@dataclass(slots=True)
class Resealed:
    """How much was closed anew, and how much could not be opened."""

    done: int = 0
    unreadable: int = 0


def reseal(database: Database, *, told: Callable[[int], None] = lambda _: None) -> Resealed:
    """Close everything with the newest key. It can be stopped at any moment and done again.

    Args:
        told: hears how many rows and files were looked at, each time.
    """
    report = Resealed()
    for sealed in SEALED:
        after: Mapping[str, Any] | None = None
        while True:
            with database.writing() as session:
                after = _batch(session, sealed, after, report, told)
            if after is None:
                break
    with database.reading() as session:
        kept = list(session.scalars(select(attachments.Attachment.id)))
    for identity in kept:
        try:
            report.done += database.files.reseal(identity, about=attachments.file_about(identity))
        except (Unreadable, FileNotFoundError):
            report.unreadable += 1
        told(1)
    return report


def _batch(
    session: Session, sealed: Sealed, after: Mapping[str, Any] | None, report: Resealed, told: Callable[[int], None]
) -> Mapping[str, Any] | None:
    table = Base.metadata.tables[sealed.table]
    key, column = list(table.primary_key.columns), table.c[sealed.column]
    query = select(*key, column).where(column.is_not(None)).order_by(*key).limit(_BATCH).with_for_update()
    if sealed.where is not None:
        query = query.where(sealed.where(table))
    if after is not None:
        query = query.where(tuple_(*key) > tuple(after[one.name] for one in key))
    rows = session.execute(query).all()
    ring = vault.of(session)
    told(len(rows))
    for row in rows:
        known = row._mapping
        here = [one == known[one.name] for one in key]
        try:
            anew = _anew(ring, known[sealed.column], sealed.about(row))
        except Unreadable:
            report.unreadable += 1
            continue
        if anew is not None:
            session.execute(update(table).where(*here).values({column: anew}))
            report.done += 1
    return {one.name: rows[-1]._mapping[one.name] for one in key} if len(rows) == _BATCH else None


def _anew(ring: vault.Vault, stored: Any, about: str) -> Any:
    """As it is to stand there; None when that is how it stands."""
    if isinstance(stored, bytes):
        return None if ring.is_current(stored) else ring.seal(ring.open(stored, about=about), about=about)
    if stored is None or ring.is_current_json(stored):
        return None
    return ring.seal_json(ring.open_json(stored, about=about), about=about)
