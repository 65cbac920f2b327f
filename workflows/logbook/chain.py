"""The chain: sealing gives lines their place, verifying finds what was done to them since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from workflows.logbook.fields import HASHED, LATER
from workflows.logbook.model import ChangesHead, LoggedChange, LoggedRead, ReadsHead

#: Hash before the first line of a chain.
START = "0" * 64

_TABLES: dict[str, tuple[Table, Table]] = {
    "changes": (LoggedChange.__table__, ChangesHead.__table__),  # type: ignore[dict-item]
    "reads": (LoggedRead.__table__, ReadsHead.__table__),  # type: ignore[dict-item]
}
#: How a line's values are taken out, by its version.
_TAKEN = {version: attrgetter(*names) for version, names in HASHED.items()}
_LATER = {version: attrgetter(*names) for version, names in LATER.items() if names}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was kept outside the database; the chain must still pass through it."""

    position: int
    hash: str


@dataclass(slots=True)
class VerifyReport:
    """What a check of both logs found; ``problems`` is Dutch, for the log manager."""

    sealed: int = 0
    unsealed: int = 0
    problems: list[str] = field(default_factory=list)
    heads: dict[str, Anchor] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.problems


def seal(session: Session, *, at: datetime, limit: int = 2000) -> int:
    """Give at most *limit* unsealed lines of each log their place in its chain; returns how many.

    One sealer at a time: the head's row is locked, on SQLite the file. Lines of transactions that commit later than
    they were numbered simply come later in the chain.
    """
    return sum(_seal(session, name, *tables, at=at, limit=limit) for name, tables in _TABLES.items())


def verify(session: Session, *, anchors: Mapping[str, Anchor] | None = None) -> VerifyReport:
    """Walk both chains from the start; finds changed, deleted, inserted, swapped and cut-off lines."""
    report = VerifyReport()
    for name, (log, heads) in _TABLES.items():
        _verify(session, name, log, heads, report, (anchors or {}).get(name))
    return report


def _seal(session: Session, name: str, log: Table, heads: Table, *, at: datetime, limit: int) -> int:
    if session.get_bind().dialect.name == "sqlite":
        # A transaction that first reads a file and then writes it fails when another wrote in between, however long
        # it waits; one that begins with a write waits its turn. So: write nothing first.
        session.execute(log.delete().where(text("0")))
    head = session.execute(select(heads).where(heads.c.log == name).with_for_update()).first()
    position, previous = (head.position, head.hash) if head else (0, START)
    rows = session.execute(select(log).where(log.c.position.is_(None)).order_by(log.c.id).limit(limit)).all()
    if not rows:
        return 0
    places = []
    for row in rows:
        position += 1
        fields = _TAKEN[row.hash_version or 1](row)
        if row.hash_version:  # its last field is the moment of sealing, which the row does not have yet
            fields = (*fields[:-1], at)
        value = _digest(fields, position, previous)
        places.append({"_id": row.id, "position": position, "previous_hash": previous, "hash": value, "sealed_at": at})
        previous = value
    session.connection().execute(
        update(log)
        .where(log.c.id == bindparam("_id"), log.c.position.is_(None))
        .values({c: bindparam(c) for c in ("position", "previous_hash", "hash", "sealed_at")}),
        places,
    )
    kept = {"position": position, "hash": previous, "sealed_at": at}
    if head:
        session.execute(update(heads).where(heads.c.log == name).values(kept))
    else:  # two first sealers: the second meets the first one's row and tries again later
        session.execute(insert(heads).values(log=name, **kept))
    return len(rows)


def _verify(session: Session, name: str, log: Table, heads: Table, report: VerifyReport, anchor: Anchor | None) -> None:
    head = session.execute(select(heads).where(heads.c.log == name)).first()
    position, previous = 0, START
    for row in _sealed(session, log):
        position += 1
        if row.position != position:
            report.problems.append(
                f"{name}: op plaats {position} ontbreken regels; de volgende regel staat op plaats {row.position}"
            )
            position = row.position
        elif row.previous_hash != previous:
            report.problems.append(f"{name}: regel op plaats {position} sluit niet aan op de regel ervoor")
        if row.hash != digest(row, position, row.previous_hash) or _holds_more(row):
            report.problems.append(f"{name}: regel op plaats {position} is veranderd")
        if anchor is not None and anchor.position == position and anchor.hash != row.hash:
            report.problems.append(f"{name}: plaats {position} klopt niet met het bewaarde anker")
        previous = row.hash
        report.sealed += 1
        if len(report.problems) >= _ENOUGH:
            report.problems.append(f"{name}: er zijn meer afwijkingen; de controle stopt hier")
            return
    end = (head.position, head.hash) if head else (0, START)
    if (position, previous) != end:
        report.problems.append(f"{name}: de keten eindigt op plaats {position}, maar hoort te eindigen op {end[0]}")
    if anchor is not None and anchor.position > position:
        report.problems.append(f"{name}: de keten is korter dan het bewaarde anker ({anchor.position})")
    report.heads[name] = Anchor(position, previous)
    report.unsealed += session.scalar(select(func.count()).select_from(log).where(log.c.position.is_(None))) or 0


def _holds_more(row: Any) -> bool:
    """Whether a line says something that its hash does not cover."""
    later = _LATER.get(row.hash_version or 1)
    return later is not None and any(value is not None for value in later(row))


_ENOUGH = 100


def _sealed(session: Session, log: Table, batch: int = 2000) -> Iterator[Any]:
    """Sealed lines by place, a batch in memory at a time; keyset, because SQLite buffers a long result."""
    last = -1
    while True:
        rows = session.execute(select(log).where(log.c.position > last).order_by(log.c.position).limit(batch)).all()
        yield from rows
        if len(rows) < batch:
            return
        last = rows[-1].position


def digest(row: Any, position: int, previous: str) -> str:
    """sha256 over one line in canonical form: a JSON list of its place, the hash before it and its fields.

    Which fields these are depends on the version that the line was written under. ``row.sealed_at`` is part of it from
    the second on, so a line says itself when it was sealed.
    """
    return _digest(_TAKEN[row.hash_version or 1](row), position, previous)


def _digest(fields: Iterable[Any], position: int, previous: str) -> str:
    values = [position, previous]
    for value in fields:
        kind = type(value)
        if kind is datetime:  # as UTC, to the microsecond, without an offset
            value = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        elif kind is UUID:
            value = value.hex
        values.append(value)
    return hashlib.sha256(_encode(values).encode()).hexdigest()


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
