"""The chain: sealing gives lines their place, verifying finds what was done to them since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from workflows.db import UtcDateTime
from workflows.logbook.fields import HASHED, LATER
from workflows.logbook.model import ChangesHead, LoggedChange, LoggedRead, ReadsHead
from workflows.logbook.service import add_lines

#: Hash before the first line of a chain.
START = "0" * 64
#: How long before it was sealed a line can honestly say that it happened, when the sealer was there: the longest transaction,
#: the longest round of a worker and clocks of machines that differ, with room to spare.
LATE = timedelta(hours=1)
#: For how long a log is kept at least: five years, the longest of which all may have a day more.
MINIMUM = timedelta(days=5 * 365 + 1)
#: Event of the line that tells that the oldest lines of a chain were removed, because their time was over.
CUT = "log.cut"

#: Name of a log → its lines and its head.
TABLES: dict[str, tuple[Table, Table]] = {
    "changes": (LoggedChange.__table__, ChangesHead.__table__),  # type: ignore[dict-item]
    "reads": (LoggedRead.__table__, ReadsHead.__table__),  # type: ignore[dict-item]
}
#: How a line's values are taken out, by its version.
_TAKEN = {version: attrgetter(*names) for version, names in HASHED.items()}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was kept outside the database; the chain must still pass through it."""

    position: int
    hash: str
    sealed_at: str | None = None  #: in canonical form, if it is known


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a chain begins since its oldest lines were removed: the last of these, and how old it was at most."""

    position: int
    hash: str
    until: str
    at: str


class Anchored(StrEnum):
    """How the log of changes knows that something happened, best first."""

    SEALED = "sealed"  #: the line has its place in the chain, and fits the lines beside it
    WAITING = "waiting"  #: the line is there, and the sealer has not come yet
    CUT = "cut"  #: lines of that time were removed, because their term was over
    BROKEN = "broken"  #: no such line, or it was changed


@dataclass(slots=True)
class VerifyReport:
    """What a check of both logs found; ``problems`` is Dutch, for the log manager."""

    sealed: int = 0
    unsealed: int = 0
    anchors: int = 0
    problems: list[str] = field(default_factory=list)
    heads: dict[str, Anchor] = field(default_factory=dict)
    cuts: dict[str, Cut] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.problems


#: Lines of one log that are sealed in one transaction: on SQLite whoever writes waits for it, a few milliseconds.
SEAL_BATCH = 200
_MORE = "logbook.more_to_seal"


def seal(session: Session, *, at: datetime, limit: int | None = SEAL_BATCH) -> int:
    """Give at most *limit* unsealed lines of each log their place in its chain; returns how many.

    Lines that wait for the end of this very transaction go in first. One sealer at a time: the head's row is locked, on SQLite the file. Lines of transactions that commit later than
    they were numbered simply come later in the chain.
    """
    add_lines(session)
    sealed = [_seal(session, name, *tables, at=at, limit=limit) for name, tables in TABLES.items()]
    session.info[_MORE] = limit is not None and max(sealed) >= limit
    return sum(sealed)


def more_to_seal(session: Session) -> bool:
    """Whether the last :func:`seal` of this session stopped at its limit, so that there may be more: let others write first."""
    return bool(session.info.get(_MORE))


def heads(session: Session) -> dict[str, Anchor]:
    """Where each chain ends now; a log without sealed lines has no head."""
    found = {}
    for name, (_, table) in TABLES.items():
        if (row := session.execute(select(table).where(table.c.log == name)).first()) is not None:
            sealed_at = None if row.sealed_at is None else _canonical_instant(row.sealed_at)
            found[name] = Anchor(row.position, row.hash, sealed_at)
    return found


def verify(
    session: Session,
    *,
    anchors: Mapping[str, Iterable[Anchor] | Anchor] | None = None,
    batch: int = 4000,
    told: Callable[[int], None] = lambda _: None,
) -> VerifyReport:
    """Walk both chains from the start.

    Finds lines that were changed, deleted, inserted, swapped, dated back or ahead, and cut off. A chain that was hashed
    anew as a whole, or an older copy that was put back, only an anchor betrays.

    Args:
        anchors: heads that were kept outside the database, by log.
        told: hears of each line that was looked at.
    """
    report = VerifyReport()
    for name, (log, table) in TABLES.items():
        kept = (anchors or {}).get(name, ())
        _verify(session, name, log, table, report, [kept] if isinstance(kept, Anchor) else kept, batch, told)
    return report


def _seal(session: Session, name: str, log: Table, heads: Table, *, at: datetime, limit: int | None) -> int:
    if session.get_bind().dialect.name == "sqlite":
        # A transaction that first reads a file and then writes it fails when another wrote in between, however long
        # it waits; one that begins with a write waits its turn. So: write nothing first.
        session.execute(log.delete().where(text("0")))
    head = session.execute(select(heads).where(heads.c.log == name).with_for_update()).first()
    position, previous = (head.position, head.hash) if head else (0, START)
    reader = _Reader(session, log)
    query = select(*reader.columns, log.c.id).where(log.c.position.is_(None)).order_by(log.c.id).limit(limit)
    rows = session.execute(query).all()
    if not rows:
        return 0
    places = []
    sealed_at = _canonical_instant(at)
    for row in rows:
        position += 1
        value = reader.sealed(row, position, previous, sealed_at=sealed_at)
        places.append({"_id": row[-1], "position": position, "previous_hash": previous, "hash": value, "sealed_at": at})
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


#: After so many deviations the rest tells nothing new.
_ENOUGH = 100


def _verify(
    session: Session,
    name: str,
    log: Table,
    heads: Table,
    report: VerifyReport,
    anchors: Iterable[Anchor],
    batch: int,
    told: Callable[[int], None],
) -> None:
    head = session.execute(select(heads).where(heads.c.log == name)).first()
    end = (head.position, head.hash) if head else (0, START)
    anchors = list(anchors)
    kept: dict[int, set[str]] = {}
    for anchor in anchors:
        kept.setdefault(anchor.position, set()).add(anchor.hash)
    report.anchors += len(kept)
    found: list[str] = []
    dates = _Dates(found)
    position, previous = 0, START
    first = session.execute(
        select(log.c.position, log.c.previous_hash).where(log.c.position.is_not(None)).order_by(log.c.position).limit(1)
    ).first()
    begin = (first.position - 1, first.previous_hash) if first else end
    if begin[0] > 0 and (cut := _cut(session, name, *begin)) is not None:
        position, previous = begin
        report.cuts[name] = cut
        if cut.until > _moved(cut.at, -MINIMUM) or any(
            anchor.position <= position and (anchor.sealed_at or "") > cut.until for anchor in anchors
        ):
            found.append(f"tot en met plaats {position} zijn regels verwijderd die nog bewaard moesten worden")
        if position in kept and kept[position] != {previous}:
            found.append(f"plaats {position} klopt niet met het bewaarde anker")
    for row in _sealed(session, log, batch):
        position += 1
        if row.position != position:
            found.append(f"op plaats {position} ontbreken regels; de volgende regel staat op plaats {row.position}")
            position = row.position
        elif row.previous_hash != previous:
            found.append(f"regel op plaats {position} sluit niet aan op de regel ervoor")
        if row.hash != row.digest:
            found.append(f"regel op plaats {position} is veranderd")
        dates.look(position, row.at, row.sealed_at)
        if kept and position in kept and kept[position] != {row.hash}:
            found.append(f"plaats {position} klopt niet met het bewaarde anker")
        previous = row.hash
        report.sealed += 1
        told(1)
        if len(found) >= _ENOUGH:
            found.append("er zijn meer afwijkingen; de controle stopt hier")
            break
    else:
        if (position, previous) != end:
            found.append(f"de keten eindigt op plaats {position}, maar hoort te eindigen op {end[0]}")
        if kept and max(kept) > position:
            found.append(
                f"de keten is korter dan het bewaarde anker ({max(kept)}): er is een oudere kopie teruggezet of er zijn "
                "regels afgeknipt"
            )
        report.heads[name] = Anchor(position, previous)
        report.unsealed += session.scalar(select(func.count()).select_from(log).where(log.c.position.is_(None))) or 0
    report.problems += [f"{name}: {problem}" for problem in found]


def anchored(
    session: Session, event: str, subject_id: UUID | str, says: Mapping[str, Any], *, at: datetime
) -> Anchored:
    """How the log of changes knows that *event* happened to a subject at that moment, with these details: the line itself,
    its seal, and whether it fits the lines before and after it. The whole chain is for :func:`verify`."""
    query = select(LoggedChange).where(LoggedChange.subject_id == str(subject_id), LoggedChange.event == event)
    line = session.scalars(query.order_by(LoggedChange.id).limit(1).execution_options(populate_existing=True)).first()
    log, heads = TABLES["changes"]
    if line is None:
        told = session.scalars(select(log.c.details).where(log.c.event == CUT, log.c.subject_id == "changes")).all()
        return Anchored.CUT if any(str(one.get("until")) > _canonical_instant(at) for one in told) else Anchored.BROKEN
    if line.at != at or any(line.details.get(name) != value for name, value in says.items()):
        return Anchored.BROKEN
    if line.position is None or line.previous_hash is None:
        return Anchored.WAITING
    beside = {
        row.position: row
        for row in session.execute(
            select(log.c.position, log.c.previous_hash, log.c.hash).where(
                log.c.position.in_((line.position - 1, line.position + 1))
            )
        )
    }
    before, after = beside.get(line.position - 1), beside.get(line.position + 1)
    head = session.execute(select(heads).where(heads.c.log == "changes")).first()
    fits = (
        digest(line, line.position, line.previous_hash) == line.hash
        and (before is None or before.hash == line.previous_hash)
        and (after.previous_hash if after else head.hash if head else None) == line.hash
    )
    return Anchored.SEALED if fits else Anchored.BROKEN


class _Dates:
    """Finds lines that were dated back or ahead.

    What is sealed together has one moment of sealing. A line that was there when the sealer last came would have been
    sealed then; so a line says a moment that is not long before those of lines that were sealed earlier. One that was
    committed late passes, and so does a log whose sealer was away for a week.
    """

    def __init__(self, found: list[str]) -> None:
        self._found = found
        self._sealed_at: str | None = None
        self._highest = ""  # moment of a line that was sealed in this round or before
        self._from = ""  # what a line of this round may say at the earliest
        self._until = ""

    def look(self, position: int, at: str, sealed_at: str | None) -> None:
        if sealed_at != self._sealed_at:
            if sealed_at is None or (self._sealed_at or "") > sealed_at:
                self._found.append(f"regel op plaats {position} is verzegeld vóór de regel ervoor")
                return
            self._from, self._until = _moved(self._highest, -LATE), _moved(sealed_at, LATE)
            self._sealed_at = sealed_at
        if at < self._from:
            self._found.append(f"regel op plaats {position} is teruggedateerd: ze zegt {at}, lang vóór eerdere regels")
        elif at > self._until:
            self._found.append(
                f"regel op plaats {position} is vooruit gedateerd: ze zegt {at}, lang na haar verzegeling"
            )
        elif at > self._highest:
            self._highest = at


def _moved(instant: str, by: timedelta) -> str:
    """An instant in canonical form, moved; what is none stays what it is."""
    try:
        return _canonical_instant(datetime.fromisoformat(instant).replace(tzinfo=UTC) + by)
    except (ValueError, OverflowError):
        return instant


def _cut(session: Session, name: str, position: int, hash: str) -> Cut | None:
    """The sealed line that tells that *name* was cut off up to and including *position*, if there is one."""
    log = TABLES["changes"][0]
    told = select(log.c.details, log.c.at).where(
        log.c.event == CUT, log.c.subject_id == name, log.c.position.is_not(None)
    )
    for details, at in session.execute(told.order_by(log.c.id.desc())):
        if details.get("position") == position and details.get("hash") == hash:
            return Cut(position, hash, str(details.get("until")), _canonical_instant(at))
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """What the check needs of a sealed line; ``digest`` is what its hash should be."""

    position: int
    previous_hash: str
    hash: str
    at: str
    sealed_at: str | None
    digest: str | None


class _Reader:
    """Reads lines in canonical form from the database itself: a tenth of the cost of making objects of them first, and a
    value that is no date or id any more is a changed line, not an error."""

    def __init__(self, session: Session, log: Table) -> None:
        formed = canonical_columns(session, log)
        names = list(formed)
        self.columns = list(formed.values())
        self.of_at, self.of_sealed, self._of_version, self._of_details = (
            names.index(name) for name in ("at", "sealed_at", "hash_version", "details")
        )
        self._take: dict[int, Callable[[Any], tuple[Any, ...]]] = {
            version: itemgetter(*(names.index(name) for name in fields)) for version, fields in HASHED.items()
        }
        self._later = {
            version: itemgetter(*(names.index(name) for name in fields), 0)
            for version, fields in LATER.items()
            if fields
        }
        self._details = {version: fields.index("details") + 2 for version, fields in HASHED.items()}
        self._sealing = {
            version: fields.index("sealed_at") + 2 for version, fields in HASHED.items() if "sealed_at" in fields
        }

    def sealed(self, row: Any, position: int, previous: str, *, sealed_at: str) -> str:
        """The hash of a line that gets its place now."""
        return self._hash(row, row[self._of_version] or 1, position, previous, sealed_at)

    def digest(self, row: Any) -> str | None:
        """What the hash of a sealed line should be; None when it says something that no hash of its version covers."""
        version = row[self._of_version] or 1
        if version not in self._take:
            return None
        if version in self._later and any(said is not None for said in self._later[version](row)[:-1]):
            return None
        return self._hash(row, version, row[0], row[1], None)

    def _hash(self, row: Any, version: int, position: int, previous: str, sealed_at: str | None) -> str:
        values = [position, previous, *self._take[version](row)]
        details = row[self._of_details]
        values[self._details[version]] = {} if details == "{}" else _parsed(details)
        if sealed_at is not None and version in self._sealing:  # which the row does not have yet
            values[self._sealing[version]] = sealed_at
        return _hashed(values)


def _sealed(session: Session, log: Table, batch: int) -> Iterator[_Line]:
    """Sealed lines by place, a batch in memory at a time; keyset, because SQLite buffers a long result."""
    reader = _Reader(session, log)
    last = -1
    while True:
        query = select(*reader.columns).where(log.c.position > last).order_by(log.c.position).limit(batch)
        rows = session.execute(query).all()
        for row in rows:
            digest = reader.digest(row)
            yield _Line(row[0], row[1], row[2], row[reader.of_at], row[reader.of_sealed], digest)
        if len(rows) < batch:
            return
        last = rows[-1][0]


def canonical_columns(session: Session, log: Table) -> dict[str, ColumnElement[Any]]:
    """What is sealed of a line, as the database itself writes it in canonical form, with its place in the chain."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    names = dict.fromkeys(name for version in HASHED.values() for name in version)
    placed = {"position": log.c.position, "previous_hash": log.c.previous_hash, "hash": log.c.hash}
    return {**placed, **{name: _form(log.c[name], sqlite) for name in names}}


def _form(column: ColumnElement[Any], sqlite: bool) -> ColumnElement[Any]:
    """How the database itself writes a value in canonical form."""
    kind = column.type
    if isinstance(kind, UtcDateTime):
        if sqlite:
            return func.replace(type_coerce(column, String), " ", "T")
        return func.to_char(func.timezone("UTC", column), text("'YYYY-MM-DD\"T\"HH24:MI:SS.US'"))
    if isinstance(kind, Uuid):
        return type_coerce(column, String) if sqlite else func.replace(cast(column, String), "-", "")
    if column.key == "details":
        return type_coerce(column, String) if sqlite else cast(column, String)
    return column


def _parsed(details: str) -> Any:
    try:
        return json.loads(details)
    except ValueError:
        return None


def digest(row: Any, position: int, previous: str) -> str:
    """sha256 over one line in canonical form: a JSON list of its place, the hash before it and its fields.

    Which fields these are depends on the version that the line was written under. ``row.sealed_at`` is part of it from
    the second on, so a line says itself when it was sealed.
    """
    return _hashed([position, previous, *map(_canonical, _TAKEN[row.hash_version or 1](row))])


def _canonical(value: Any) -> Any:
    kind = type(value)
    if kind is datetime:
        return _canonical_instant(value)
    return value.hex if kind is UUID else value


def _canonical_instant(value: datetime) -> str:
    """As UTC, to the microsecond, without an offset."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _hashed(values: list[Any]) -> str:
    return hashlib.sha256(_encode(values).encode()).hexdigest()


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
