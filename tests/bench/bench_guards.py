"""What guarding a family costs per request: access and filtering, the logbook, row security; and the statements of a request.

The same request with a guard and without it, in turns in one process through the door, so that only the ratio counts.
*Without* exists in this process only: the guard's function is replaced for the length of one request, and on PostgreSQL
the rows are unlocked in a database that is thrown away afterwards.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from api import create_app
from api.config import Settings
from tests.api.conftest import SIGNAL
from tests.conftest import SECRET, VAULT
from tests.postgres import APPLICATION, OWNER, server
from tests.workflows import path
from workflows import access, accounts, consent, db, method, row_security, schema
from workflows.access import Facts, Readable, Scope
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.logbook import service as logbook_service
from workflows.method import facts as method_facts
from workflows.processes import Task

Figure = tuple[str, float, str, tuple[str, float] | None]
READS, COMPLETIONS = 40, 16  #: of each kind, with and without
_ALL = dict.fromkeys(access.COMPARTMENTS, Scope.ALL)


def run() -> list[Figure]:
    """Every figure, on both databases."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        url = make_url(f"sqlite:///{Path(folder) / 'steun.db'}")
        schema.upgrade(url, application=None)
        figures += [(f"SQLite: {name}", *rest) for name, *rest in Bench(url, None).figures()]
    running = server()
    name = running.create()
    try:
        schema.upgrade(running.url(name, OWNER), application=APPLICATION)
        bench = Bench(running.url(name, APPLICATION), Database(running.url(name, OWNER), house=True))
        figures += [(f"PostgreSQL: {name}", *rest) for name, *rest in bench.figures()]
    finally:
        running.drop(name)
    return figures


class Bench:
    """An application on one database, with a family that a nurse explores."""

    def __init__(self, url: Any, owner: Database | None) -> None:
        self.owner = owner
        self.database = Database(url, vault=VAULT, house=True)
        self.now = datetime.now(UTC)
        self.world = path.World(self.database, lambda: self.now)
        settings = Settings(
            url.render_as_string(hide_password=False), secret_key=SECRET, vault_keys=(SECRET,), worker=False,
            rate_limit=0,
        )  # fmt: skip
        self.app = create_app(settings.with_(mode="demo"), clock=lambda: self.now)
        self.client = self.app.test_client()
        self.midwife, self.nurse = (self.token(who) for who in (self.world.region.midwife, self.world.region.nurse))
        self.case_id, self.task = self.claimed()

    def token(self, who: Actor) -> str:
        assert who.assignment_id is not None
        more = {"label": "bench", "expires_at": self.now + timedelta(days=1), "by": OPERATOR, "at": self.now}
        with self.database.writing() as session:
            return accounts.make_token(session, assignment_id=who.assignment_id, **more).secret

    def claimed(self) -> tuple[UUID, Task]:
        case_id = self.world.explored_directly()
        with self.database.reading() as session:
            task = session.scalars(select(Task).where(Task.subject_id == case_id, Task.status == "open")).one()
        return case_id, self.world.do(method.claim_task, task.id, by=self.world.region.nurse)

    def ask(self, verb: str, address: str, token: str, *, body: Any = None, **headers: str) -> TestResponse:
        headers = {
            "Authorization": f"Bearer {token}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        answer = self.client.open(address, method=verb, headers=headers, json=body)
        assert answer.status_code < 300, (address, answer.status_code, answer.text)
        return answer

    def figures(self) -> Iterator[Figure]:
        yield from self.statements()
        kinds = {"access and filtering": without_access, "the logbook": without_logbook}
        yield from self.ratios(kinds)
        if self.owner is not None:
            yield from self.ratio_of_row_security()
            self.owner.dispose()
        self.app.extensions["steun.database"].dispose()
        self.database.dispose()

    # --- statements

    def statements(self) -> Iterator[Figure]:
        """Counted the second time, when what does not change was read before."""
        asked = {
            "work list": lambda: self.ask("GET", "/api/v1/tasks", self.nurse),
            "case": lambda: self.ask("GET", f"/api/v1/cases/{self.case_id}", self.nurse),
            "page of the case": lambda: self.ask("GET", f"/casussen/{self.case_id}", self.nurse),
            "task": lambda: self.ask("GET", f"/api/v1/tasks/{self.task.id}", self.nurse),
        }
        for name, request in asked.items():
            request()
            yield f"statements: {name}", self.count(request), "", None
        for counting in (False, True):
            _, task = self.claimed()
            answers = {"answers": path.exploration_answers(self.now)}
            found = self.count(
                lambda task=task, answers=answers: self.ask(  # type: ignore[misc]
                    "POST",
                    f"/api/v1/tasks/{task.id}/completion",
                    self.nurse,
                    body=answers,
                    If_Match=f'"{task.version}"',
                )
            )
            if counting:
                yield "statements: completing an exploration", found, "", None
        for counting in (False, True):
            case_id, _ = self.claimed()
            with self.database.reading() as session:
                given = next(one for one in consent.of_case(session, case_id) if one.purpose == "exploration")
            found = self.count(
                lambda id=given.id: self.ask("POST", f"/api/v1/consents/{id}/withdrawals", self.midwife, body={})  # type: ignore[misc]
            )
            if counting:
                yield "statements: withdrawing a consent", found, "", None

    def count(self, request: Callable[[], object]) -> int:
        counted: list[str] = []
        engine = self.app.extensions["steun.database"].engine

        def note(*arguments: Any) -> None:
            if arguments[2] != "BEGIN":  # that we say it ourselves on SQLite is no difference
                counted.append(arguments[2])

        event.listen(engine, "before_cursor_execute", note)
        request()
        event.remove(engine, "before_cursor_execute", note)
        return len(counted)

    # --- ratios

    def ratios(self, kinds: dict[str, Callable[[], Any]]) -> Iterator[Figure]:
        """In turns: with everything, and without each guard."""
        spent = self.measure({"": nullcontext, **kinds})
        for what, number in (("reading a case", READS), ("completing a signal", COMPLETIONS)):
            for name in kinds:
                ratio = spent[what, ""] / spent[what, name]
                yield f"{what}: with / without {name} (n = {number})", ratio, "×", None

    def ratio_of_row_security(self) -> Iterator[Figure]:
        """Locked and unlocked in turns of a block, because unlocking is a change of the schema."""
        found: dict[tuple[str, bool], list[float]] = {}
        for locked in (True, False) * 4:
            with nullcontext() if locked else self.unlocked():
                for (what, _), seconds in self.measure({"": nullcontext}, parts=4).items():
                    found.setdefault((what, locked), []).append(seconds)
        for what, number in (("reading a case", READS), ("completing a signal", COMPLETIONS)):
            ratio = statistics.median(found[what, True]) / statistics.median(found[what, False])
            yield f"{what}: with / without row security (n = {number})", ratio, "×", None

    def measure(self, kinds: dict[str, Callable[[], Any]], parts: int = 1) -> dict[tuple[str, str], float]:
        """Median seconds per request, for each kind of doing without."""
        tasks = iter(self.signals((COMPLETIONS // parts + 1) * len(kinds)))
        todo: dict[str, tuple[int, Callable[[], object]]] = {
            "reading a case": (
                READS // parts,
                lambda: self.ask("GET", f"/api/v1/cases/{self.case_id}", self.nurse),
            ),
            "completing a signal": (COMPLETIONS // parts, lambda: self.signal(*next(tasks))),
        }
        found = {}
        for what, (number, request) in todo.items():
            spent: dict[str, list[float]] = {name: [] for name in kinds}
            gc.collect()
            for turn in range(number + 1):  # the first is to warm up
                for name, guard in kinds.items():
                    with guard():
                        began = time.perf_counter()
                        request()
                        if turn:
                            spent[name].append(time.perf_counter() - began)
            found |= {(what, name): statistics.median(each) for name, each in spent.items()}
        return found

    def signals(self, number: int) -> list[tuple[UUID, int]]:
        made = []
        with self.database.writing() as session:
            for _ in range(number):
                task = method.start_signal(session, municipality="GM0983", by=self.world.region.midwife, at=self.now)
                session.flush()
                made.append((task.id, task.version))
        return made

    def signal(self, task_id: UUID, version: int) -> TestResponse:
        return self.ask(
            "POST",
            f"/api/v1/tasks/{task_id}/completion",
            self.midwife,
            body={"answers": SIGNAL},
            If_Match=f'"{version}"',
        )

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """PostgreSQL without policies, and without telling it who asks."""
        assert self.owner is not None
        with self.owner.engine.begin() as connection:
            row_security.unlock(connection)
        with replaced(db, "_has_row_security", lambda session: False):
            yield
        with self.owner.engine.begin() as connection:
            row_security.lock(connection)


@contextmanager
def replaced(place: Any, name: str, instead: Any) -> Iterator[None]:
    """*place*'s *name* is another thing for a while."""
    before = getattr(place, name)
    setattr(place, name, instead)
    try:
        yield
    finally:
        setattr(place, name, before)


@contextmanager
def without_access() -> Iterator[None]:
    """Everybody may do everything and reads everything; no fact is looked up to decide on."""
    everything = Facts(holder=True, claimed_by_me=True, candidate=True, own_organisation=True)
    readable = Readable(read=_ALL, write=_ALL)
    with ExitStack() as stack:
        for place, name, instead in (
            (access, "require", lambda *_, **__: None),
            (access, "visible", lambda *_, **__: readable),
            (access, "rule_of", lambda *_, **__: "none"),
            (Readable, "reads", lambda *_, **__: True),
            (method_facts, "case_facts", lambda *_, **__: everything),
        ):
            stack.enter_context(replaced(place, name, instead))
        yield


@contextmanager
def without_logbook() -> Iterator[None]:
    """No line is made and none is kept."""
    with (
        replaced(logbook_service, "_line", lambda *_: {}),
        replaced(logbook_service, "_add", lambda *_: None),
    ):
        yield


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
