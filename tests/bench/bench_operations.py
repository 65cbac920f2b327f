"""What each operation of the API costs, as somebody who may and does it: statements, and milliseconds of the slowest of twenty.

The whole application on PostgreSQL without the network, in the region of the access matrix, in which everything has happened
once. Whatever is done is undone, so every time is of the same. No budgets of its own: the ratios that are gates stand in
``bench_http``; here one sees which door stands out.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from api import create_app
from tests.api import conftest
from tests.api.matrix import table
from tests.api.matrix.walk import Operation, Undone, Walker, operations
from tests.api.matrix.world import fill
from tests.bench.bench_rooms import Figure
from tests.conftest import VAULT, Clock, Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import schema
from workflows.db import Database

TIMES = 20


def run() -> list[Figure]:
    """Two figures per operation that somebody can do, the dearest first; then how many there are, and the middle of them."""
    running = server()
    name = running.create()
    try:
        schema.upgrade(running.url(name, OWNER), application=APPLICATION)
        with tempfile.TemporaryDirectory() as folder:
            measured = _measured(Urls(running.url(name, APPLICATION), running.url(name, OWNER)), Path(folder))
    finally:
        running.drop(name)
    rows = sorted(measured, key=lambda one: -one[1])
    figures: list[Figure] = []
    for key, statements, slowest in rows:
        figures += [(key, statements, "sql", None), (f"{key} p95", slowest, "ms", None)]
    for what, place in (("statements", 1), ("p95", 2)):
        ordered = sorted(one[place] for one in rows)
        figures.append((f"middle of {len(rows)} operations: {what}", ordered[len(ordered) // 2], "", None))
    return figures


def _measured(urls: Urls, files: Path) -> list[tuple[str, float, float]]:
    clock = Clock(conftest.START)
    region = conftest._fill(urls.application, conftest.START)
    database = Database(urls.application, vault=VAULT, files=files, house=True)
    known = fill(database, clock, region)
    app = create_app(conftest.settings(urls), clock=clock)
    app.extensions["steun.database"].dispose()
    app.extensions["steun.database"] = Undone(urls.application, VAULT, files)
    walker = Walker(app, known, None, thorough=True)
    expected = {key: profile for profile in table.profiles() for key in profile.operations}
    found = []
    for operation in (one for one in operations(app) if one.is_api):
        for who in walker.others_who_may(expected[operation.key], ()):
            if (one := _one(walker, operation, who)) is not None:
                found.append((operation.key, *one))
                break
    app.extensions["steun.database"].dispose()
    database.dispose()
    return found


def _one(walker: Walker, operation: Operation, who: str) -> tuple[float, float] | None:
    """Statements, and the 95th percentile in milliseconds; None: this one is refused for what stands in its case."""
    taken = []
    for _ in range(TIMES):
        with walker.database.undone():
            walker.database.listen()
            begun = time.perf_counter()
            answer = walker.ask(operation, who)
            taken.append((time.perf_counter() - begun) * 1000)
            said = [one for one in walker.database.said if "SAVEPOINT" not in one]
        if answer.status_code >= 400:
            return None
    return len(said), sorted(taken)[round(TIMES * 0.95) - 1]
