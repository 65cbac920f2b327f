"""Sealed lines go to another system as well, in order and in batches: what was logged is still known when this house is lost.

Who sends takes a batch, sends it in no transaction at all, and says whether it arrived. A batch may arrive twice; its lines
carry their place and hash, so whoever receives them can tell, and can check the chain without us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.logbook.chain import TABLES, canonical_columns
from workflows.logbook.model import LogForward

#: Lines of one message: half a megabyte.
BATCH = 500
#: Until when who took a batch is thought to be busy; twice as long after every attempt, up to an hour.
_BUSY = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
_MESSAGES = UUID("5d2b6b0e-6a6b-4c63-9a3c-0b2c3f0d8f57")


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines to send; ``id`` is the same when the same lines are sent again."""

    id: UUID
    log: str
    until: int
    lines: list[dict[str, Any]]


def forwardable(session: Session, *, at: datetime) -> list[str]:
    """The logs with sealed lines that are to be sent now; nothing is locked."""
    found = []
    for name, (_, heads) in TABLES.items():
        end = session.scalar(select(heads.c.position).where(heads.c.log == name)) or 0
        kept = session.get(LogForward, name)
        if end > (kept.position if kept else 0) and (kept is None or kept.due_at <= at):
            found.append(name)
    return found


def take_batch(session: Session, name: str, *, at: datetime, limit: int = BATCH) -> Batch | None:
    """The next lines of a log to send; None when somebody else took them or there are none."""
    query = select(LogForward).where(LogForward.log == name).with_for_update(skip_locked=True)
    kept = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if kept is None:
        if session.get(LogForward, name) is not None:
            return None
        kept = LogForward(log=name, position=0, attempts=0, due_at=at)
        session.add(kept)
    if kept.due_at > at:
        return None
    log, _ = TABLES[name]
    columns = canonical_columns(session, log)
    sealed = log.c.position > kept.position
    rows = session.execute(select(*columns.values()).where(sealed).order_by(log.c.position).limit(limit)).all()
    if not rows:
        return None
    kept.due_at = at + min(_BUSY * 2 ** min(kept.attempts, 10), _LONGEST)
    kept.attempts += 1
    lines = [dict(zip(columns, row, strict=True)) for row in rows]
    until = int(lines[-1]["position"])
    return Batch(uuid5(_MESSAGES, f"{name} {lines[-1]['hash']}"), name, until, lines)


def arrived(session: Session, batch: Batch, *, at: datetime) -> None:
    """A batch was taken there; the next may go at once."""
    kept = session.get_one(LogForward, batch.log)
    if batch.until > kept.position:
        kept.position, kept.attempts, kept.due_at = batch.until, 0, at


@dataclass(frozen=True, slots=True)
class Unsent:
    """Sealed lines of a log that another system has not taken; ``attempts`` since it took something."""

    log: str
    lines: int
    attempts: int
    due_at: datetime


def unsent(session: Session) -> list[Unsent]:
    """What waits to be taken, per log of which something was sent ever."""
    found = []
    for kept in session.scalars(select(LogForward).order_by(LogForward.log)):
        _, heads = TABLES[kept.log]
        end = session.scalar(select(heads.c.position).where(heads.c.log == kept.log)) or 0
        if end > kept.position:
            found.append(Unsent(kept.log, end - kept.position, kept.attempts, kept.due_at))
    return found


def send_now(session: Session, name: str, *, at: datetime) -> int:
    """Try again now what was not taken; returns how many lines wait."""
    kept = session.get(LogForward, name, with_for_update=True)
    if kept is None:
        return 0
    kept.due_at, kept.attempts = at, 0
    return next((one.lines for one in unsent(session) if one.log == name), 0)


def unsealed(session: Session) -> tuple[dict[str, int], datetime | None]:
    """How many lines of each log have no place in its chain yet, and of when the oldest of them is."""
    counts, oldest = {}, []
    for name, (log, _) in TABLES.items():
        many, first = session.execute(select(func.count(), func.min(log.c.at)).where(log.c.position.is_(None))).one()
        counts[name] = many
        if first is not None:
            oldest.append(first)
    return counts, min(oldest, default=None)
