"""Making a backup: everything as it is at one moment, while people go on working."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import Connection, sql

from workflows import logbook, schema
from workflows.actor import OPERATOR
from workflows.backups import archive
from workflows.db import READS, Database
from workflows.vault import Vault

#: How a backup is called at its end; before it stands the moment.
SUFFIX = ".steun-backup"
FORMAT = 1
#: Never in a backup: the migrations that a database is put back with say it themselves.
_OWN = "public.alembic_version"
#: What the current key of the vault closes, so that who puts it back hears whether that key is there.
PROBE = "backup/probe"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: where, what moment it is of, what it takes, and up to where the logbook is in it."""

    place: Path
    made_at: datetime
    size: int
    tables: int
    files: int
    heads: dict[str, int]


def back_up(
    database: Database,
    folder: Path,
    *,
    vault: Vault | None,
    at: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> Backup:
    """Copy the database and the files with cases to a new file in *folder*. People go on working; nobody waits for it.

    The database is of one moment. A file that was added since is in it too, and one whose case was destroyed since is not.

    Args:
        database: as the application opens it, for the house.
        vault: keys of backups; None: whoever has the file can read it.
        told: hears how many bytes were copied, each time.

    Raises:
        BackupUnwritable: disk full, or no rights there. Unavailable: the database is away.
    """
    place = folder / f"steun-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    with database.snapshot() as (session, driver):
        heads = {name: {"position": one.position, "hash": one.hash} for name, one in logbook.heads(session).items()}
        begin: dict[str, Any] = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "release": version("steun-op-maat"),
            "revision": schema.revision(session),
            "database": "sqlite" if database.is_sqlite else "postgresql",
            "heads": heads,
            "probe": _probe(database.vault),
        }
        with archive.writing(place, vault=vault, told=told) as made:
            if database.is_sqlite:
                made.say(archive.BEGIN, begin)
                tables = _copy_sqlite(made, driver, Path(str(database.url.database)).parent)
            else:
                columns = _columns(driver)
                made.say(archive.BEGIN, {**begin, "tables": columns, "sequences": _sequences(driver)})
                for name in columns:
                    made.put(f"tables/{name}", _rows(driver, name, columns[name]))
                tables = len(columns)
            files = 0
            for identity, _ in database.files.known():
                stored = database.files.stored(identity)
                if stored is not None:
                    made.put(f"files/{identity}", [stored])
                    files += 1
    done = Backup(
        place, at, place.stat().st_size, tables, files, {name: int(str(one["position"])) for name, one in heads.items()}
    )
    if schema.is_current(database):  # before an upgrade nothing is written with what only the new release knows
        with database.writing() as session:
            details = {"bytes": done.size, "closed": vault is not None, **done.heads}
            logbook.write(session, "backup.made", "backup", place.name, by=OPERATOR, at=at, details=details)
    return done


def forget_older(folder: Path, *, keep: int) -> list[Path]:
    """Remove all but the newest *keep* backups of a folder; returns which went."""
    gone = sorted(folder.glob(f"steun-*{SUFFIX}"))[:-keep]
    for place in gone:
        place.unlink(missing_ok=True)
    return gone


def _probe(vault: Vault) -> str | None:
    return b64encode(vault.seal(b"steun", about=PROBE)).decode() if vault.can_seal else None


def _copy_sqlite(made: archive.Writing, driver: sqlite3.Connection, beside: Path) -> int:
    tables = 0
    with TemporaryDirectory(prefix=".backup-", dir=beside) as folder:  # where the database itself lies readable already
        for name in ("main", READS):
            copied = Path(folder) / name
            try:
                with closing(sqlite3.connect(copied)) as target:
                    driver.backup(target, pages=1000, name=name)
                    [counted] = target.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
            except sqlite3.Error as error:
                raise archive.BackupUnwritable(f"copy beside {beside}: {error}") from error
            tables += counted
            made.put(f"database/{name}", _pieces(copied))
    return tables


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(archive.PIECE):
            yield piece


def _columns(driver: Connection[Any]) -> dict[str, list[str]]:
    """Every table with the columns that hold something of their own."""
    found = driver.execute(
        "SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND n.nspname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
        " GROUP BY 1 ORDER BY 1",
        (["public", READS],),
    )
    return {name: columns for name, columns in found if name != _OWN}


def _sequences(driver: Connection[Any]) -> dict[str, list[Any]]:
    names = driver.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'S' AND n.nspname = ANY(%s)",
        (["public", READS],),
    ).fetchall()
    return {
        name: list(
            driver.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(qualified(name))).fetchone() or ()
        )
        for [name] in names
    }


def _rows(driver: Connection[Any], table: str, columns: list[str]) -> Iterator[bytes]:
    copy = sql.SQL("COPY {} ({}) TO STDOUT").format(
        qualified(table), sql.SQL(", ").join(sql.Identifier(one) for one in columns)
    )
    with driver.cursor() as cursor, cursor.copy(copy) as rows:
        for one in rows:
            yield bytes(one)


def qualified(name: str) -> sql.Identifier:
    """A table or sequence as a backup calls it, ``schema.name``, for a statement."""
    return sql.Identifier(*name.split(".", 1))
