"""The database: one mapped base, UTC instants, and the transactions that a door opens and closes.

SQLite (WAL) by default and PostgreSQL by URL; the same code and the same tests on both. SQLite has one writer at a
time: a fair lock inside the process and a file lock between processes, so that a busy command line or worker never
starves the pages. Reads are logged in a schema ``reads``: on SQLite a second file, attached to every connection, so
that a page that only looks never waits for the writer.

On PostgreSQL the database itself keeps rows from who has nothing to do with them (``row_security``): a transaction sees
nothing of a family until it says for whom it is (:func:`identify`), except that of the house itself: the worker, the
command line. SQLite has no such lock.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Uuid,
    cast,
    create_engine,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import URL, Connection, Dialect, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, SessionTransaction, mapped_column
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import JSON, TypeDecorator

from workflows.errors import ConcurrentChange, Unavailable
from workflows.files import INFO as FILES
from workflows.files import Files
from workflows.vault import INFO as VAULT
from workflows.vault import Vault

#: Name of the schema (PostgreSQL) or attached file (SQLite) that holds what was read.
#: In ``connection.info``: when the statement that runs was sent.
_ASKED_AT = "steun.asked_at"
READS = "reads"

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored in UTC; naive values are refused, because nobody can tell what they mean."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the house. The mapped class is the domain class."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        datetime: UtcDateTime(),
        UUID: Uuid(),
        bytes: LargeBinary(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Identified:
    """A row known by a random id, which tells nothing about the family or the moment."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A constraint that *column* (text) holds one of *values*: readable in every database, unlike a native enum."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


class Database:
    """The engine of one installation and the two kinds of transaction.

    ``writing()`` takes the writer's place at once (SQLite: the writer lock); ``reading()`` never waits
    for a writer. Both commit at the end and roll back on any exception. A database that is away, or a lock that is not got
    in time, raises :class:`Unavailable`; two changes that met raise :class:`ConcurrentChange`.

    Args:
        vault: opens what is kept encrypted; left out, nothing of that can be read or written.
        files: folder of what stands beside the database, closed with the vault; left out: nothing can be attached.
        house: the transactions are of the house itself, and row security hides nothing: for the worker, the command line
            and tests. Left out, a transaction sees no family until :func:`identify` said for whom it is: for the doors.
    """

    def __init__(
        self,
        url: str | URL,
        *,
        vault: Vault | None = None,
        files: Path | None = None,
        house: bool = False,
        pool_size: int = 8,
        lock_seconds: float = 20.0,
    ) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.lock_seconds = lock_seconds
        self.vault = vault or Vault()
        self.files = Files(files, self.vault)
        self._files_in = files
        self.house = house
        self.engine = (
            _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, pool_size, lock_seconds, house=house)
        )
        self._writers = _WriterLock(Path(f"{self.url.database}.lock"), lock_seconds) if self.is_sqlite else None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that may change things."""
        if self._writers is None:
            with self._session(writes=True) as session:
                yield session
        else:
            with self._writers, self._session(writes=True) as session:
                yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that changes nothing but the log of reads."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        try:
            with self.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
                session.info["writes"] = writes
                session.info[VAULT] = self.vault
                session.info[FILES] = self.files
                session.info[_HOUSE] = self.house
                with session.begin():
                    yield session
        except StaleDataError as error:
            raise ConcurrentChange(str(error)) from error
        except DBAPIError as error:
            raise translated(error) from error

    def become(self, other: Database) -> None:
        """Put all of another SQLite database in the place of what is in this one, beside whoever has it open: they see the one
        or the other, never something in between.

        Raises:
            Unavailable: somebody wrote for too long.
        """
        assert self._writers is not None
        with self._writers:
            for suffix in ("", f".{READS}"):
                with (
                    closing(sqlite3.connect(f"{other.url.database}{suffix}")) as source,
                    closing(sqlite3.connect(f"{self.url.database}{suffix}", timeout=self.lock_seconds)) as target,
                ):
                    source.backup(target)

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Session, Any]]:
        """All of it as it is at one moment, for who copies it: a transaction, and the driver's own connection that it is on.
        Who writes goes on meanwhile; on SQLite they wait for the moment itself."""
        try:
            if self.is_sqlite:
                connection = self.engine.connect()
                driver: Any = connection.connection.driver_connection
                with connection, Session(bind=connection) as session:
                    assert self._writers is not None
                    with self._writers:  # so that neither of its two files is ahead of the other
                        for name in ("main", READS):
                            session.execute(text(f"SELECT 1 FROM {name}.sqlite_master")).all()  # noqa: S608
                    yield session, driver
                return
            still = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with still.connect() as connection, Session(bind=connection) as session, session.begin():
                session.execute(text("SELECT 1"))
                yield session, connection.connection.driver_connection
        except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
            raise (translated(error) if isinstance(error, DBAPIError) else _of_driver(error)) from error

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """A connection in a transaction, for who changes what tables are."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (DBAPIError, psycopg.Error) as error:
            raise (translated(error) if isinstance(error, DBAPIError) else _of_driver(error)) from error

    def watch(self, told: Callable[[float], None]) -> None:
        """Tell of every statement how many seconds it took; not which one it was."""

        def before(connection: Connection, *_: Any) -> None:
            connection.info[_ASKED_AT] = time.perf_counter()

        def after(connection: Connection, *_: Any) -> None:
            if (began := connection.info.pop(_ASKED_AT, None)) is not None:
                told(time.perf_counter() - began)

        event.listen(self.engine, "before_cursor_execute", before)
        event.listen(self.engine, "after_cursor_execute", after)

    def of_house(self) -> Database:
        """The same database for the house itself, for a worker beside the doors; on SQLite this very one, for its queue."""
        if self.is_sqlite:
            return self
        return Database(self.url, vault=self.vault, files=self._files_in, house=True, lock_seconds=self.lock_seconds)

    def ping(self) -> None:
        """Raises :class:`Unavailable` when the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def scrub(self) -> None:
        """Let nothing that was deleted linger in the journal of SQLite; PostgreSQL cleans up by itself (vacuum)."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def dispose(self) -> None:
        """Close every connection; the next use opens new ones."""
        self.engine.dispose()


#: What a session knows of its transaction: for whom it is.
_IDENTITY = "db.identity"
#: Whether what is done now is done as the house.
_HOUSE = "db.house"
#: Answers of :func:`once`.
_KNOWN = "db.known"


def identify(session: Session, *, organisation_id: UUID | None, role: str, person_id: UUID | None) -> None:
    """From now until the end of the transaction rows are shown and taken as for this person, acting so.

    The doors call it as soon as they know who asks; who asks twice costs one statement.
    """
    who = (organisation_id, role, person_id)
    if not _has_row_security(session) or session.info.get(_IDENTITY) == who:
        return
    session.execute(
        text(
            "SELECT set_config('steun.organisation', :organisation, true), set_config('steun.role', :role, true),"
            " set_config('steun.person', :person, true)"
        ),
        {"organisation": _hex(organisation_id), "role": role, "person": _hex(person_id)},
    )
    session.info[_IDENTITY] = who


def keeping(session: Session, case_id: InstrumentedAttribute[UUID]) -> tuple[ColumnElement[str], ...]:
    """Columns for the query that finds a case: who may see its row now, sees it until the end of the transaction.

    Work on a case moves its holder and ends parts in it; what it then still has to write is written. It also makes the
    lock fast: the rows of this case need not be looked into one by one. Costs no statement of its own.
    """
    if not _has_row_security(session) or session.info.get(_HOUSE):
        return ()  # what the house looks at is in nobody's sight afterwards
    known = func.coalesce(func.nullif(func.current_setting("steun.cases", True), ""), "{}")
    grown = func.array_append(cast(known, ARRAY(Uuid)), case_id)
    return (func.set_config("steun.cases", cast(grown, String), True),)


@contextmanager
def house(session: Session) -> Iterator[None]:
    """Within a transaction of a door: for these few statements row security hides nothing.

    For the verbs that reach beyond what the actor may see, after access was asked; a house test lists them. What was
    changed before is written before, and what is changed within is written within.
    """
    if not _has_row_security(session) or session.info.get(_HOUSE):
        yield
        return
    session.flush()
    session.info[_HOUSE] = True
    before = session.execute(
        text("SELECT current_setting('steun.scope', true), set_config('steun.scope', 'house', true)")
    ).scalar_one()
    try:
        yield
        session.flush()
    finally:
        session.info[_HOUSE] = False
        if _goes_on(session):  # else the database undoes all of it, and the scope with it
            session.execute(text("SELECT set_config('steun.scope', :scope, true)"), {"scope": before or ""})


def _goes_on(session: Session) -> bool:
    """Whether the transaction can still do something, after whatever went wrong in it."""
    driver: Any = session.connection().connection.dbapi_connection if session.is_active else None
    return driver is not None and driver.info.transaction_status != TransactionStatus.INERROR


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_IDENTITY, None)
        session.info.pop(_KNOWN, None)


def once(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """What *make* says: asked once in a transaction that changes nothing, and each time in one that may.

    For what many parts of a page ask, such as what somebody has to do with a case; asked anew when row security would
    show other rows. Not for content of a family: the logbook has to notice that it is read.
    """
    if session.info.get("writes", True):
        return make()
    known: dict[Hashable, T] = session.info.setdefault(_KNOWN, {})
    key = (key, session.info.get(_IDENTITY), session.info.get(_HOUSE))
    if key not in known:
        known[key] = make()
    return known[key]


def _has_row_security(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _hex(identity: UUID | None) -> str:
    return "" if identity is None else identity.hex


#: Busy, locked, read-only, input/output error, full, cannot open: the machine's trouble, not a mistake of ours.
_SQLITE_AWAY = frozenset({5, 6, 8, 10, 13, 14})


def translated(error: DBAPIError) -> Exception:
    """What a driver's error means to a door: away or busy, two changes that met, or a fault of ours (unchanged)."""
    code = getattr(error.orig, "sqlstate", None) or ""
    sqlite = getattr(error.orig, "sqlite_errorcode", None)
    if code in ("40001", "40P01"):  # serialisation failure, deadlock
        return ConcurrentChange(f"database: {code}")
    away = (
        error.connection_invalidated
        or isinstance(error, InterfaceError)
        or code[:2] in ("08", "53", "57", "55")
        or (sqlite is not None and sqlite & 0xFF in _SQLITE_AWAY)
        or (sqlite is None and isinstance(error, OperationalError) and not code)
    )
    return Unavailable(f"database away or busy: {code or type(error.orig).__name__}") if away else error


def _of_driver(error: Exception) -> Exception:
    """As :func:`translated`, of what the driver said to who works with it itself."""
    return translated(DBAPIError("", {}, error, connection_invalidated=isinstance(error, psycopg.OperationalError)))


class _WriterLock:
    """One writer at a time: fair between threads of this process, a file lock between processes."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self.seconds = seconds
        self._turns: list[threading.Event] = []
        self._guard = threading.Lock()
        self._held = False
        self._file: int | None = None

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._guard:
            if not self._held and not self._turns:
                self._held = True
                turn.set()
            else:
                self._turns.append(turn)
        if not turn.wait(self.seconds):
            with self._guard:
                if not turn.is_set():
                    self._turns.remove(turn)
                    raise Unavailable("writer lock: no turn in time")
        try:
            self._file = self._lock_file()
        except BaseException:
            self._pass_on()
            raise

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)  # closing releases the lock, also when the process is killed
            self._file = None
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._turns:
                self._turns.pop(0).set()
            else:
                self._held = False

    def _lock_file(self) -> int:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.seconds
        wait = 0.0005
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise Unavailable("writer lock: another process holds it") from None
                time.sleep(wait)
                wait = min(wait * 2, 0.02)


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 20},
        pool_size=8,
        max_overflow=16,
        hide_parameters=True,  # what people typed stays out of the texts of errors
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # what is destroyed is overwritten, not only forgotten
        connection.execute("PRAGMA busy_timeout=20000")
        connection.execute(f"ATTACH DATABASE ? AS {READS}", (f"{path}.{READS}",))
        connection.execute(f"PRAGMA {READS}.journal_mode=WAL")
        connection.execute(f"PRAGMA {READS}.synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # Deferred, not IMMEDIATE: that would lock the attached file of reads as well. The writer lock already sees to
        # one writer, so a transaction that reads first and writes later never meets a changed snapshot.
        connection.exec_driver_sql("BEGIN")

    return engine


def _postgresql(url: URL, pool_size: int, lock_seconds: float, *, house: bool) -> Engine:
    # Compiling pays for reports; row security makes our short statements look like one, and they wait for the compiler.
    options = f"-c lock_timeout={round(lock_seconds * 1000)} -c timezone=UTC -c jit=off"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,  # a restarted server is noticed before the first statement, so recovery needs no restart of ours
        pool_timeout=10,
        hide_parameters=True,
        # Of the connection, and of a pool of its own: no connection of the doors ever begins in the scope of the house.
        connect_args={"connect_timeout": 5, "options": f"{options} -c steun.scope=house" if house else options},
    )
    # Rows that go in together go as one statement. Without it the driver executes one statement per row, of which an
    # answer to a form, the keys of a name and the lines of the log are dozens.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine
