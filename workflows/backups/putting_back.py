"""Putting a backup back, in a house where nobody ever was; and whether the logbook in it holds."""

from __future__ import annotations

import sqlite3
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from uuid import UUID

from psycopg import Connection, sql
from sqlalchemy import text
from sqlalchemy.engine import URL

from workflows import accounts, attachments, logbook, row_security, schema
from workflows.actor import OPERATOR
from workflows.backups import archive
from workflows.backups.copying import FORMAT, PROBE, qualified
from workflows.db import READS, Database
from workflows.errors import Refusal, Unreadable
from workflows.vault import Vault


class NotEmpty(Refusal):
    """There is something in the database already; putting back never overwrites."""

    title = "De database is niet leeg"
    detail = "Terugzetten overschrijft nooit iets. Maak een nieuwe, lege database en wijs die aan met STEUN_DATABASE_URL en STEUN_OWNER_DATABASE_URL."


class OtherDatabase(Refusal):
    """A backup of SQLite goes into SQLite, and one of PostgreSQL into PostgreSQL."""

    title = "Een ander soort database"
    detail = "Een back-up van SQLite gaat alleen terug in SQLite, en een van PostgreSQL alleen in PostgreSQL."


class BackupFromLater(Refusal):
    """It was made by a later release than this one."""

    title = "Deze back-up is van een nieuwere versie"
    detail = "Deze back-up is gemaakt met een nieuwere versie van Steun op Maat. Installeer eerst die versie."


@dataclass(slots=True)
class Restored:
    """What was put back, or looked at, and whether the logbook holds.

    ``key``: whether the vault key of then is here; None: nothing was closed then.
    ``sessions``: how many that went on then were ended. ``lost``: per log how many sealed lines the kept anchors know of and this backup does not have.
    """

    made_at: datetime
    release: str
    heads: dict[str, int]
    tables: int = 0
    files: int = 0
    key: bool | None = None
    sealed: int = 0
    unsealed: int = 0
    anchors: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    missing: tuple[UUID, ...] = ()
    sessions: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """The logbook holds, every file with a case is there, and what was closed can be opened."""
        return not self.problems and not self.missing and self.key is not False


def check(place: Path, *, vault: Vault | None, keys: Vault, told: Callable[[int], None] = lambda _: None) -> Restored:
    """Read a backup from its beginning to its end: all of it is there and as it was made. Nothing is put back.

    Args:
        vault: keys of backups; with them, one that is not closed is not taken. keys: those of the vault, of what is closed in the database.

    Raises:
        BackupBroken, BackupOpen, WrongBackupKey, NoBackupKey, BackupFromLater.
    """
    with archive.reading(place, vault=vault, told=told) as made:
        found = _said(made.begin, keys)
        tables, files = set[str](), set[str]()
        for name, _ in made.parts():
            kind, _, rest = name.partition("/")
            if kind == "files":
                files.add(str(UUID(rest)))
            elif rest in _places(made.begin, kind):
                tables.add(rest)
            else:
                raise archive.BackupBroken(f"it holds {name[:100]}")
    found.tables, found.files = len(made.begin.get("tables", tables)), len(files)
    return found


def _places(begin: Mapping[str, Any], kind: str) -> Collection[str]:
    """Where parts of a kind belong."""
    if begin["database"] == "sqlite":
        return ("main", READS) if kind == "database" else ()
    return begin["tables"] if kind == "tables" else ()


def restore(
    database: Database,
    owner: URL,
    place: Path,
    *,
    vault: Vault | None,
    at: datetime,
    anchors: Mapping[str, list[logbook.Anchor]] | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Put a backup back in an empty database, bring it to the newest schema, and look whether its logbook holds.

    Everybody is logged out: sessions that ended since would otherwise go on. The file is read to its end first; what is broken or of another house changes nothing. A backup of an earlier
    release is put back as it was and then migrated.

    Args:
        database: as the application opens it, for the house. owner: the same for who migrates it.
        anchors: heads that were kept outside; those of after the backup say what was lost, and only that.

    Raises:
        NotEmpty, OtherDatabase, BackupFromLater, BackupBroken, BackupOpen, WrongBackupKey, NoBackupKey; Unavailable: the database
        is away, or the disk is full. Nothing is left behind then.
    """
    found = check(place, vault=vault, keys=database.vault)
    with archive.reading(place, vault=vault, told=told) as made:
        if (made.begin["database"] == "sqlite") != database.is_sqlite:
            raise OtherDatabase(f"a backup of {made.begin['database']}")
        if is_used(database):
            raise NotEmpty("putting a backup back")
        if database.is_sqlite:
            _into_sqlite(database, made)
        else:
            _into_postgresql(database, owner, made)
    _verify(database, found, anchors or {}, at)
    details: dict[str, logbook.Scalar] = {**found.heads, "made_at": found.made_at.isoformat(), "ok": found.ok}
    with database.writing() as session:
        found.sessions = accounts.end_every_session(session, at=at)
        logbook.write(session, "backup.restored", "backup", place.name, by=OPERATOR, at=at, details=details)
    return found


def is_used(database: Database) -> bool:
    """Whether anything ever happened in a database; one that was only migrated is empty."""
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return False
    if not schema.is_there(database):
        return False
    with database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM (SELECT 1 FROM log_changes LIMIT 1) AS found")))


def _said(begin: Mapping[str, Any], keys: Vault) -> Restored:
    if begin.get("format") != FORMAT or not schema.is_known(str(begin["revision"])):
        raise BackupFromLater(f"format {begin.get('format')}, revision {begin.get('revision')}")
    try:
        heads = {str(name): int(one["position"]) for name, one in begin["heads"].items()}
        found = Restored(datetime.fromisoformat(begin["made_at"]), str(begin["release"]), heads)
        if begin["database"] != "sqlite":
            _require_tables(begin)
        if begin["probe"] is not None:
            found.key = keys.open(b64decode(begin["probe"]), about=PROBE) == b"steun"
    except Unreadable:
        found.key = False
    except (TypeError, AttributeError, ValueError, KeyError, OverflowError) as error:
        raise archive.BackupBroken("its beginning is not as we write it") from error
    return found


def _require_tables(begin: Mapping[str, Any]) -> None:
    names = [*begin["tables"], *begin["sequences"], *(one for columns in begin["tables"].values() for one in columns)]
    if begin["database"] != "postgresql" or not all(isinstance(one, str) for one in names):
        raise TypeError("no tables")
    if any(len(state) != 2 for state in begin["sequences"].values()):
        raise TypeError("no sequences")


def _verify(database: Database, found: Restored, anchors: Mapping[str, list[logbook.Anchor]], at: datetime) -> None:
    known = {name: [one for one in kept if one.position <= found.heads.get(name, 0)] for name, kept in anchors.items()}
    found.lost = {
        name: ahead
        for name, kept in anchors.items()
        if (ahead := max((one.position for one in kept), default=0) - found.heads.get(name, 0)) > 0
    }
    with database.reading() as session:
        report = logbook.verify(session, anchors=known)
        found.sealed, found.unsealed, found.anchors = report.sealed, report.unsealed, report.anchors
        found.problems = list(report.problems)
        found.problems += [
            f"{name}: de keten eindigt op plaats {end.position}, en in de back-up op {found.heads.get(name, 0)}"
            for name, end in report.heads.items()
            if end.position != found.heads.get(name, 0)
        ]
        found.missing = attachments.standing(session, at=at).missing


def _into_sqlite(database: Database, made: archive.Reading) -> None:
    path = Path(str(database.url.database))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = not path.exists()
    try:
        with TemporaryDirectory(prefix=".restore-", dir=path.parent) as folder:
            beside = Path(folder) / path.name
            places = {"main": beside, READS: beside.with_name(f"{beside.name}.{READS}")}
            for file, content in _parts(database, made, places):
                file.write(content)
            for place in places.values():
                with closing(sqlite3.connect(place)) as copied:
                    if copied.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                        raise archive.BackupBroken("the database in it is damaged")
            other = Database(f"sqlite:///{beside}", house=True)
            try:
                schema.upgrade(other.url, application=None)
                database.become(other)
            finally:
                other.dispose()
    except BaseException as error:
        database.dispose()
        for leftover in path.parent.glob(f"{path.name}*") if new else ():
            with suppress(OSError):
                leftover.unlink()
        if isinstance(error, OSError | sqlite3.Error):
            raise archive.BackupUnwritable(f"restore: {error}", detail=_FULL) from error
        raise


@contextmanager
def _files(places: Mapping[str, Path]) -> Iterator[dict[str, IO[bytes]]]:
    opened: dict[str, IO[bytes]] = {name: place.open("wb") for name, place in places.items()}
    try:
        yield opened
    finally:
        for one in opened.values():
            one.close()


def _parts(database: Database, made: archive.Reading, places: Mapping[str, Path]) -> Iterator[tuple[IO[bytes], bytes]]:
    """Parts of the database with the file that they belong in; files with cases are put in their place on the way."""
    with _files(places) as opened:
        for kind, name, content in _sorted(database, made):
            if kind == "database":
                yield opened[name], content


def _sorted(database: Database, made: archive.Reading) -> Iterator[tuple[str, str, bytes]]:
    kept: tuple[str, bytes] | None = None  # a file with a case may have several parts
    for name, content in made.parts():
        kind, _, rest = name.partition("/")
        if kind != "files":
            yield kind, rest, content
            continue
        if kept is not None and kept[0] != rest:
            database.files.put_back(UUID(kept[0]), kept[1])
            kept = None
        kept = (rest, (kept[1] if kept else b"") + content)
    if kept is not None:
        database.files.put_back(UUID(kept[0]), kept[1])


def _into_postgresql(database: Database, owner: URL, made: archive.Reading) -> None:
    application = database.url.username if database.url.username != owner.username else None
    schema.upgrade(owner, application=None, revision=str(made.begin["revision"]))
    opened = Database(owner, house=True)
    try:
        with opened.as_owner() as connection:
            row_security.unlock(connection)
            _fill(connection.connection.driver_connection, database, made)
        schema.upgrade(owner, application=application)
    except BaseException:
        with suppress(Exception):
            schema.downgrade(owner)
        raise
    finally:
        opened.dispose()


def _fill(driver: Any, database: Database, made: archive.Reading) -> None:
    """All rows as they were. References between tables are taken away first and asked anew at the end, of every row."""
    connection: Connection[Any] = driver
    columns: Mapping[str, list[str]] = made.begin["tables"]
    references = connection.execute(
        "SELECT n.nspname || '.' || c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
        " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE k.contype = 'f' AND n.nspname = ANY(%s) ORDER BY 1, 2",
        (["public", READS],),
    ).fetchall()
    for table, name, _ in references:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(qualified(table), sql.Identifier(name)))
    everything = sql.SQL(", ").join(qualified(name) for name in columns)
    connection.execute(sql.SQL("TRUNCATE {}").format(everything))
    parts = ((name, content) for kind, name, content in _sorted(database, made) if kind == "tables")
    for name, of_table in groupby(parts, key=itemgetter(0)):
        names = sql.SQL(", ").join(sql.Identifier(one) for one in columns[name])
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(qualified(name), names)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for _, content in of_table:
                copy.write(content)
    for table, name, definition in references:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                qualified(table), sql.Identifier(name), sql.SQL(definition)
            )
        )
    for name, (last, called) in made.begin["sequences"].items():
        connection.execute("SELECT setval(%s, %s, %s)", (name, last, called))


_FULL = "De back-up kon niet worden teruggezet: er kan niet geschreven worden. Kijk of de schijf vol is. Er is niets achtergebleven."
