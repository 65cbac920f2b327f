"""What the rooms cost: completing a task, its statements, the state of a run, the work list among many open tasks.

Figures are for the reader; only ratios have a budget. ``run()`` gives (name, value, unit, ("<=", budget) or None).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from sqlalchemy import event, func, insert, select, text
from sqlalchemy.engine import make_url

from tests.conftest import VAULT, Clock
from tests.postgres import APPLICATION, OWNER, server
from tests.workflows import path
from workflows import logbook, method, schema
from workflows.db import Database
from workflows.processes import Run, Task

Figure = tuple[str, float, str, tuple[str, float] | None]

FEW, MANY = 100, 100_000


def run() -> list[Figure]:
    """Measure on both databases, one after the other."""
    figures: list[Figure] = []
    for kind, opened in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with opened() as database:
            figures += [(f"{kind}: {name}", value, unit, budget) for name, value, unit, budget in _measure(database)]
    return figures


def _measure(database: Database) -> Iterator[Figure]:
    clock = Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))
    world = path.World(database, clock)
    nurse = world.region.nurse
    for _ in range(3):  # caches of statements and diagrams are warm in a server
        world.explored()
        world.complete(world.claim(nurse), nurse)
        world.do_next(nurse, form_key="feedback")
        world.do_next(nurse, form_key="closure")
    yield "statements per completion", _statements(world), "statements", ("<=", 25)
    with database.reading() as session:
        yield (
            "largest state of a run",
            session.scalar(select(func.max(func.length(Run.state)))) or 0,
            "bytes",
            ("<=", 8192),
        )
    few = _completion(world)
    team = {"role": "explorer", "organisation_id": world.region.youth_health.id}
    fill(world.database, FEW, at=world.clock(), like=team)
    listed = _median(lambda: world.look(method.work_list, by=nurse))
    counted = _median(lambda: world.look(method.work_list, by=world.region.midwife))
    fill(world.database, MANY - FEW, at=world.clock(), like=team)
    many = _completion(world)
    listed_many = _median(lambda: world.look(method.work_list, by=nurse))
    counted_many = _median(lambda: world.look(method.work_list, by=world.region.midwife))
    yield "complete a task", few * 1e3, "ms", None
    yield f"complete a task among {MANY} open tasks", many / few, "×", ("<=", 1.5)
    yield f"work list of {FEW} open tasks", listed * 1e3, "ms", None
    yield f"work list among {MANY} open tasks", listed_many / listed, "×", ("<=", 1.5)
    yield f"work list of another team among {MANY}", counted_many / counted, "×", ("<=", 1.5)
    yield from _logbook(world)


def _completion(world: path.World, times: int = 15) -> float:
    """Median seconds of completing an exploration."""
    spent = []
    for _ in range(times):
        case_id = world.explored_directly()
        with world.database.reading() as session:
            [task] = list(session.scalars(select(Task).where(Task.subject_id == case_id, Task.status == "open")))
        task = world.do(method.claim_task, task.id, by=world.region.nurse)
        answers = path.exploration_answers(world.clock())
        began = time.perf_counter()
        world.complete(task, world.region.nurse, answers)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def _statements(world: path.World) -> int:
    case_id = world.explored_directly()
    with world.database.reading() as session:
        [task] = list(session.scalars(select(Task).where(Task.subject_id == case_id, Task.status == "open")))
    task = world.do(method.claim_task, task.id, by=world.region.nurse)
    counted: list[str] = []

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    event.listen(world.database.engine, "before_cursor_execute", count)
    world.complete(task, world.region.nurse)
    event.remove(world.database.engine, "before_cursor_execute", count)
    return len(counted)


def _median(look: Callable[[], object], times: int = 75) -> float:
    spent = []
    for _ in range(10):  # plans are made anew after the table grew
        look()
    for _ in range(times):
        began = time.perf_counter()
        look()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def fill(database: Database, count: int, *, at: datetime, like: Mapping[str, Any]) -> None:
    """Open tasks of a team, all of one run: the work list does not look at runs.

    Args:
        like: role and organisation.
    """
    with database.writing() as session:
        run = session.scalars(select(Run).limit(1)).one()
        base = {
            "run_id": run.id, "subject_kind": "benchmark", "process_id": "p", "element_id": "e", "kind": "user",
            "name": "Taak", "municipality_code": "GM0983", "form_key": "exploration", "properties": {},
            "interpreter_needed": False, "status": "open", "opened_at": at, "version": 1, **like,
        }  # fmt: skip
        for start in range(0, count, 5000):
            rows = []
            for number in range(start, min(start + 5000, count)):
                due = at + timedelta(minutes=number)
                step = f"benchmark:{uuid4().hex}"
                rows.append(
                    {**base, "id": uuid4(), "subject_id": uuid4(), "step_key": step, "due_at": due, "sort_at": due}
                )
            session.execute(insert(Task), rows)
    if not database.is_sqlite:  # as PostgreSQL does by itself after a while
        owner = Database(database.url.set(username=OWNER), vault=VAULT, house=True)
        with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        owner.dispose()


def _logbook(world: path.World, lines: int = 20_000) -> Iterator[Figure]:
    by = world.region.nurse

    def write(count: int) -> float:
        """Seconds that a writer of its own spends on so many transactions of one line."""
        began = time.perf_counter()
        for _ in range(count):
            with world.database.writing() as session:
                logbook.write(session, "task.claimed", "task", uuid4(), by=by, at=world.clock())
        return time.perf_counter() - began

    def seal_all() -> None:
        """As the worker does: in short turns, one after the other while there is more."""
        more = True
        while more:
            with world.database.writing() as session:
                logbook.seal(session, at=world.clock())
                more = logbook.more_to_seal(session)

    def seal(stop: Event) -> None:
        while not stop.wait(0.2):  # the worker comes every fifteen seconds
            seal_all()

    pairs = []
    for _ in range(3):
        seal_all()
        alone = write(300)
        seal_all()
        stop = Event()
        sealer = Thread(target=seal, args=(stop,))
        sealer.start()
        pairs.append(write(300) / alone)
        stop.set()
        sealer.join()
    yield "writing while lines are sealed, against alone", sorted(pairs)[1], "x", None

    for _ in range(lines // 5000):
        with world.database.writing() as session:
            for number in range(5000):
                logbook.write(
                    session, "task.completed", "task", uuid4(), case_id=uuid4(), by=by, at=world.clock(),
                    details={"number": number}, compartments=["C0", "C1"], consents=[uuid4()],
                )  # fmt: skip
    began = time.perf_counter()
    with world.database.writing() as session:
        sealed = logbook.seal(session, at=world.clock(), limit=None)
    yield "sealing", sealed / (time.perf_counter() - began), "lines/s", None
    began = time.perf_counter()
    with world.database.reading() as session:
        report = logbook.verify(session)
    checking = time.perf_counter() - began
    assert report.ok, report.problems
    yield "verifying", report.sealed / checking, "lines/s", (">=", 20_000)


@contextmanager
def _sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        url = make_url(f"sqlite:///{Path(folder) / 'steun.db'}")
        schema.upgrade(url, application=None)
        database = Database(url, vault=VAULT, house=True)
        yield database
        database.dispose()


@contextmanager
def _postgresql() -> Iterator[Database]:
    running = server()
    name = running.create()
    schema.upgrade(running.url(name, OWNER), application=APPLICATION)
    database = Database(running.url(name, APPLICATION), vault=VAULT, house=True)
    yield database
    database.dispose()
    running.drop(name)
