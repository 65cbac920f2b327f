"""Completing a task over HTTP with eight clients, beside plain requests that do as much with the database.

All three run on the same server software, in turns, with the same load generator; ratios count, not absolute figures.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from api import create_app
from api.config import Settings
from tests import builders
from tests.api.conftest import SIGNAL, shipped
from tests.bench import plain
from tests.conftest import VAULT
from tests.postgres import APPLICATION, OWNER, server
from workflows import accounts, diagrams, method, schema
from workflows.actor import OPERATOR
from workflows.db import Database

Figure = tuple[str, float, str, tuple[str, float] | None]
CLIENTS = 8
ROUNDS = 3
EACH = 25  #: requests per client and round: small enough to run often, enough in all for a p99
ROOT = Path(__file__).parents[2]
BODY = json.dumps({"answers": SIGNAL}).encode()


def run() -> list[Figure]:
    """Every figure; PostgreSQL first."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        running = server()
        name = running.create()
        try:
            schema.upgrade(running.url(name, OWNER), application=APPLICATION)
            url = running.url(name, APPLICATION).render_as_string(hide_password=False)
            owner = running.url(name, OWNER).render_as_string(hide_password=False)
            figures += _measure("PostgreSQL", url, owner, workers=2)
        finally:
            running.drop(name)
        url = f"sqlite:///{folder}/steun.db"
        schema.upgrade(Database(url).url, application=None)
        figures += _measure("SQLite", url, url, workers=1)
    return figures


def _measure(kind: str, url: str, owner: str, *, workers: int) -> list[Figure]:
    database, owned = Database(url, vault=VAULT, house=True), Database(owner, vault=VAULT, house=True)
    plain.fill(owned)
    if not owned.is_sqlite:
        with owned.engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT ALL ON bench_rows TO {APPLICATION}")
    token, tasks = _prepare(database, CLIENTS * EACH * ROUNDS + 1)
    counts = _counts(url, tasks.pop(), token)
    database.dispose()
    owned.dispose()

    common = {
        "STEUN_DATABASE_URL": url,
        "STEUN_SECRET_KEY": "-" * 40,
        "STEUN_VAULT_KEY": "-" * 40,
        "STEUN_WORKERS": str(workers),
        "STEUN_THREADS": "8",
        "STEUN_RATE_LIMIT": "0",
        "STEUN_BENCH_COUNTS": json.dumps(counts),
    }
    spent: dict[str, list[float]] = {"complete": [], "plain": [], "bare": []}
    wall: dict[str, float] = dict.fromkeys(spent, 0.0)
    with ExitStack() as stack:
        house, started = stack.enter_context(_serving(["-m", "api.cli", "serve"], common))
        other, _ = stack.enter_context(_serving(["-m", "tests.bench.plain"], common))
        _load(other, [("/plain", {})] * CLIENTS * 4, token)  # warm
        _load(other, [("/bare", {})] * CLIENTS * 4, token)
        for _ in range(ROUNDS):
            work, tasks = tasks[: CLIENTS * EACH], tasks[CLIENTS * EACH :]
            completing = [(f"/api/v1/tasks/{task}/completion", {"If-Match": f'"{version}"'}) for task, version in work]
            for what, port, requests in (
                ("complete", house, completing),
                ("plain", other, [("/plain", {})] * CLIENTS * EACH),
                ("bare", other, [("/bare", {})] * CLIENTS * EACH),
            ):
                seconds, each = _load(port, requests, token)
                spent[what] += each
                wall[what] += seconds
    rate = {what: len(each) / wall[what] for what, each in spent.items()}
    p99 = {what: sorted(each)[int(len(each) * 0.99)] * 1000 for what, each in spent.items()}
    figures: list[Figure] = [
        (f"{kind}: statements per completion: select", counts["selects"], "", None),
        (f"{kind}: statements per completion: insert", counts["inserts"], "", None),
        (f"{kind}: statements per completion: update or delete", counts["updates"], "", None),
        *((f"{kind}: {what} per second, {CLIENTS} clients", value, "/s", None) for what, value in rate.items()),
        *((f"{kind}: {what} p99", value, "ms", None) for what, value in p99.items() if kind != "SQLite"),
    ]
    if kind == "SQLite":
        figures += [
            ("SQLite: complete / plain request", rate["complete"] / rate["plain"], "×", None),
            ("SQLite: complete p99", p99["complete"], "ms", ("<=", 100)),
            ("SQLite: plain p99", p99["plain"], "ms", None),
        ]
    else:
        figures += [
            (f"{kind}: complete / plain request, as many reads and writes", rate["complete"] / rate["plain"], "×", (">=", 0.5)),
            (f"{kind}: complete / bare one-commit request", rate["complete"] / rate["bare"], "×", (">=", 0.25)),
        ]  # fmt: skip
    figures.append((f"{kind}: start of steun serve to its first answer", started, "s", ("<=", 3)))
    return figures


def _prepare(database: Database, number: int) -> tuple[str, list[tuple[Any, int]]]:
    """A midwife with a token and *number* signals to complete."""
    at = datetime.now(UTC)
    with database.writing() as session:
        region = builders.region(session, at)
        diagrams.publish(session, shipped(), by=OPERATOR, at=at)
        token = accounts.make_token(
            session,
            assignment_id=region.midwife.assignment_id,
            label="bench",
            expires_at=at + timedelta(days=1),
            by=OPERATOR,
            at=at,
        ).secret
    tasks = []
    while len(tasks) < number:
        with database.writing() as session:
            for _ in range(min(50, number - len(tasks))):
                task = method.start_signal(session, municipality="GM0983", by=region.midwife, at=at)
                session.flush()
                tasks.append((task.id, task.version))
    return token, tasks


def _counts(url: str, task: tuple[Any, int], token: str) -> dict[str, int]:
    """How many statements and rows one completion costs, with everything the door does."""
    app = create_app(Settings(database_url=url, secret_key="-" * 40, vault_keys=("-" * 40,)))
    database: Database = app.extensions["steun.database"]
    found = {"selects": 0, "inserts": 0, "inserted": 0, "updates": 0}

    @event.listens_for(database.engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        verb = statement.split(None, 1)[0].upper()
        if verb in ("SELECT", "WITH"):
            found["selects"] += 1
        elif verb == "INSERT":
            found["inserts"] += 1
            found["inserted"] += (
                len(parameters) if many and isinstance(parameters, list) else statement.count("), (") + 1
            )
        elif verb in ("UPDATE", "DELETE"):
            found["updates"] += 1

    answer = app.test_client().post(
        f"/api/v1/tasks/{task[0]}/completion",
        data=BODY,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "If-Match": f'"{task[1]}"', "Idempotency-Key": "count"},
    )
    assert answer.status_code == 201, answer.text
    database.dispose()
    return found


@contextmanager
def _serving(arguments: list[str], environment: Mapping[str, str]) -> Iterator[tuple[int, float]]:
    """A server of its own; gives its port and the seconds until its first answer."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = int(listening.getsockname()[1])
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**inherited, "PYTHONPATH": str(ROOT), **environment, "STEUN_PORT": str(port)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health/live")
                assert connection.getresponse().status == 200
                connection.close()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise
                time.sleep(0.02)
        yield port, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(60)


def _load(port: int, requests: list[tuple[str, dict[str, str]]], token: str) -> tuple[float, list[float]]:
    """Send everything with as many clients as agreed; seconds in all, and seconds of each."""
    waiting = iter(requests)
    turn = threading.Lock()
    spent: list[float] = []
    wrong: list[str] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with turn:
                following = next(waiting, None)
            if following is None or wrong:
                break
            path, extra = following
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": uuid4().hex,
                **extra,
            }
            began = time.perf_counter()
            connection.request("POST", path, BODY, headers)
            answer = connection.getresponse()
            text = answer.read()
            spent.append(time.perf_counter() - began)
            if answer.status != 201:
                wrong.append(f"{path}: {answer.status} {text[:400]!r}")
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return time.perf_counter() - began, spent
