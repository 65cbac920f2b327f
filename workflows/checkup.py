"""Whether an installation is well, as far as its database can tell: facts for the operator, with nothing of a family in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from workflows import outbox, resealing, vault
from workflows.db import Base, Database
from workflows.errors import Unreadable
from workflows.jobs import Job, JobStatus
from workflows.logbook import LoggedChange


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found.

    ``clock_off``: how far the clock of the database is ahead of ours; None: it has none of its own (SQLite).
    ``ahead``: how far the newest line of the logbook is ahead of our clock, if it is.
    ``unsealed_for``: how long the oldest line waits for its seal. ``overdue``: how long the job that is due longest waits.
    ``standing``: whether the worker ever planned what it does again and again. ``failed_jobs``, ``failed_messages``: what waits for somebody.
    ``unreadable``: tables of which the newest encrypted row does not open with these keys.
    ``backup_at``: when the last backup was made. ``owns``: the application owns tables, which it should not.
    ``unlocked``: row security is not on where it should be.
    """

    clock_off: timedelta | None
    ahead: timedelta
    unsealed_for: timedelta
    overdue: timedelta
    standing: bool
    failed_jobs: int
    failed_messages: int
    unreadable: tuple[str, ...]
    backup_at: datetime | None
    owns: bool
    unlocked: bool


def look(database: Database, *, at: datetime) -> Facts:
    """Look, and change nothing.

    Raises:
        Unavailable: the database does not answer.
    """
    with database.reading() as session:
        clock_off = None if database.is_sqlite else session.scalars(select(func.clock_timestamp())).one() - at
        newest = session.scalar(select(func.max(LoggedChange.at)))
        waiting = session.scalar(select(func.min(LoggedChange.at)).where(LoggedChange.position.is_(None)))
        due = session.scalar(select(func.min(Job.due_at)).where(Job.status == JobStatus.PENDING))
        return Facts(
            clock_off=clock_off,
            ahead=_since(at, newest),
            unsealed_for=_since(waiting, at),
            overdue=_since(due, at),
            standing=bool(session.scalar(select(func.count()).select_from(Job).where(Job.kind == "seal"))),
            failed_jobs=session.scalar(select(func.count()).select_from(Job).where(Job.status == JobStatus.FAILED))
            or 0,
            failed_messages=_failed_messages(session),
            unreadable=_unreadable(session),
            backup_at=session.scalar(select(func.max(LoggedChange.at)).where(LoggedChange.event == "backup.made")),
            owns=not database.is_sqlite and _owns(session),
            unlocked=not database.is_sqlite and _unlocked(session),
        )


def _since(begin: datetime | None, end: datetime | None) -> timedelta:
    return timedelta(0) if begin is None or end is None else max(timedelta(0), end - begin)


def _failed_messages(session: Session) -> int:
    table = Base.metadata.tables[outbox.Message.__tablename__]
    return session.scalar(select(func.count()).select_from(table).where(table.c.status == "failed")) or 0


def _unreadable(session: Session) -> tuple[str, ...]:
    ring, found = vault.of(session), []
    for sealed in resealing.SEALED:
        table: Table = Base.metadata.tables[sealed.table]
        key, column = list(table.primary_key.columns), table.c[sealed.column]
        query = select(*key, column).where(column.is_not(None)).order_by(*(one.desc() for one in key)).limit(1)
        if sealed.where is not None:
            query = query.where(sealed.where(table))
        row = session.execute(query).first()
        stored = None if row is None else row._mapping[sealed.column]
        try:
            if isinstance(stored, bytes):
                ring.open(stored, about=sealed.about(row))
            elif stored is not None:
                ring.open_json(stored, about=sealed.about(row))
        except Unreadable:
            found.append(sealed.table)
    return tuple(dict.fromkeys(found))


def _owns(session: Session) -> bool:
    owner = text(
        "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = 'public.log_changes'::regclass"
    )
    return bool(session.scalar(owner))


def _unlocked(session: Session) -> bool:
    locked = text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'public.cases'::regclass")
    return not session.scalar(locked)
