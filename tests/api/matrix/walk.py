"""Every operation as everybody, in every situation; each request is undone before the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.doors import PREFIX
from tests.api.matrix.requests import BODIES, IDS
from tests.api.matrix.world import Known
from workflows.db import Database, translated
from workflows.errors import ConcurrentChange
from workflows.files import INFO as FILES
from workflows.row_security import LOCKED
from workflows.vault import INFO as VAULT
from workflows.vault import Vault

if TYPE_CHECKING:
    from tests.api.matrix.table import Profile

#: Situation → who is asked in it; everybody in the case of their own, a few where one says as much as all.
SITUATIONS: Mapping[str, tuple[str, ...]] = {
    "own": (),
    "closed": (
        "signaller", "signaller_elsewhere", "explorer_holder", "supporter", "process_director", "administrator",
        "log_manager",
    ),
    "left": ("signaller", "explorer_holder", "process_director"),
    "draft": ("signaller", "signaller_elsewhere", "explorer_holder"),
    "unknown": ("explorer_holder", "administrator"),
}  # fmt: skip
NOBODY = "nobody"
_NO_PROOF = re.compile("Deze (pagina is|bladzijde was) verlopen")
_SAYS = ("organisation", "role", "person", "cases", "scope")
_SAY = text("SELECT " + ", ".join(f"set_config('steun.{name}', :{name}, true)" for name in _SAYS))
_UNSAID = dict.fromkeys(_SAYS, "")
_SAVEPOINT = re.compile(r"sa_savepoint_\d+")
#: What differs between two answers that say the same: ids from the address, numbers of requests, proofs of pages.
_EACH_TIME = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
    r'|(?<=name="csrf_token" value=")[^"]*|(?<=nonce-)[^\'"]*|(?<=nonce=")[^"]*|(?<=steun-browser=)[^;]*'
    r'|(?<=name="_nonce" value=")[^"]*|(?<=name="_comment_nonce" value=")[^"]*'
    r'|(?<=steun-sign-in=)[^;]*|(?<=Expires=)[^;]*|(?<=Content-Length: )\d+|(?<=class="steun-key">)[^<]*|(?<=class="steun-key" dir="ltr">)[^<]*|(?<=name="code" value=")[^"]*'
    r'|(?<="activation_code":")[^"]*|(?<="token":")[^"]*|(?<="secret":")[^"]*'
    r'|(?<="code":")(?:[a-z0-9]{4}(?:-[a-z0-9]{4})+|[0-9]{6,8})|(?<="link":")[^"]*'
)
_CHANGES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\S+)")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Undone(Database):
    """A database of the doors in which nothing is ever kept: one connection, one transaction around everything."""

    def __init__(self, url: Any, vault: Vault, files: Path) -> None:
        super().__init__(url, vault=vault, files=files)
        self._writers = None
        self.connection = self.engine.connect()
        self.connection.begin()
        #: Every statement since :meth:`listen`, and the tables of which a transaction that was kept changed rows.
        self.said: list[str] = []
        self.changed: list[str] = []
        self.rows: Counter[str] = Counter()
        #: Whether the second lock is open: row security hides nothing, as for the worker.
        self.open = False
        event.listen(self.connection, "after_cursor_execute", self._hear)

    def _hear(self, _connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        self.said.append(statement)
        found = _CHANGES.match(statement)
        if found is not None and cursor.rowcount != 0:
            self.changed.append(found[1].strip('"'))
            self.rows[f"{statement.split()[0]} {self.changed[-1]}"] += cursor.rowcount

    def listen(self) -> None:
        """Forget what was said and changed before."""
        self.said.clear()
        self.changed.clear()
        self.rows.clear()

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        mode, before = "create_savepoint", len(self.changed)
        try:
            with Session(bind=self.connection, expire_on_commit=False, join_transaction_mode=mode) as session:
                session.info.update({"writes": writes, VAULT: self.vault, FILES: self.files})
                with session.begin():
                    if not self.is_sqlite:  # what the session before this one said of itself, is not said by this one
                        session.execute(_SAY, _UNSAID | {"scope": "house"} if self.open else _UNSAID)
                    yield session
        except BaseException as error:
            del self.changed[before:]  # nothing of this transaction is kept
            if isinstance(error, StaleDataError):
                raise ConcurrentChange(str(error)) from error
            if isinstance(error, DBAPIError):
                raise translated(error) from error
            raise

    def seen_by_strangers(self) -> dict[str, int]:
        """How many rows of the tables that were changed just now are there for who has nothing to do with any family, and
        for who did not say who they are.
        """
        tables = {f"{'' if '.' in name else 'public.'}{name}" for name in self.changed} & LOCKED.keys()
        found: Counter[str] = Counter()
        stranger = _UNSAID | {"organisation": uuid4().hex, "role": "explorer", "person": uuid4().hex}
        for says in (_UNSAID, stranger):
            self.connection.execute(_SAY, says)
            for table in sorted(tables):
                found[table] += self.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return dict(+found)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done inside did not happen.

        Going back to a savepoint leaves it open, and everything afterwards nests in it, with a lock each: a long walk needs more of
        them than PostgreSQL has. So it is released as well.
        """
        self.connection.exec_driver_sql("SAVEPOINT undone")
        try:
            yield
        finally:
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT undone")
            self.connection.exec_driver_sql("RELEASE SAVEPOINT undone")

    def dispose(self) -> None:
        """Close the one connection."""
        self.connection.close()
        super().dispose()


@dataclass(frozen=True, order=True)
class Operation:
    """A method on a route."""

    method: str
    rule: str
    endpoint: str

    @property
    def key(self) -> str:
        """As the table names it."""
        return f"{self.method} {re.sub(r'<(?:any[(][^)]*[)]|[a-z]+):', '<', self.rule)}"

    @property
    def is_api(self) -> bool:
        return self.rule.startswith(PREFIX)

    @property
    def of_case(self) -> bool:
        """Whether the address names a case."""
        return "case_id" in self.rule


def operations(app: Flask) -> list[Operation]:
    """What the pages and the doors can be asked, all of it."""
    return sorted(
        Operation(method, rule.rule, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in _methods(rule)
        if rule.endpoint != "static"
    )


def _methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


class Walker:
    """Sends requests as somebody."""

    def __init__(
        self, app: Flask, known: Known, canaries: Any, *, thorough: bool, turn: int = 0,
        fewer: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self.app, self.known, self.canaries = app, known, canaries
        self.thorough, self.fewer, self.turn = thorough, fewer, turn
        self.database: Undone = app.extensions["steun.database"]
        self.proofs: dict[str, tuple[str, str]] = {}

    def people(self, profile: Profile, operation: Operation, situation: str) -> list[str]:
        """Who is asked: others for each operation, so that everybody meets every profile; in a long test a third of them all,
        others each time. And in a case of one's own always one who may and one who may not.
        """
        some = [
            name
            for name in self.known.people
            if name in (SITUATIONS[situation] or self.known.people) and (self.fewer is None or name in self.fewer)
        ]
        if not some:
            return some
        at, many = profile.operations.index(operation.key) + self.turn, len(profile.operations)
        least = -(-len(some) // 3) if self.thorough else 2 if situation == "own" and self.fewer is None else 1
        times = max(least, -(-len(some) // many))
        chosen = [some[(at * times + step) % len(some)] for step in range(min(times, len(some)))]
        if situation == "own":
            may = [profile.outcome(situation, name) == "may" for name in some]
            for wanted in (True, False):
                able = [name for name, one in zip(some, may, strict=True) if one is wanted]
                if able and not set(able) & set(chosen):
                    chosen.append(able[at % len(able)])
        return chosen

    def others_who_may(self, profile: Profile, asked: Collection[str]) -> list[str]:
        """Who may as well in a case of their own, beside those who were asked."""
        return [name for name in self.known.people if name not in asked and profile.outcome("own", name) == "may"]

    def address(self, operation: Operation, situation: str = "own", *, case: str | None = None) -> str:
        """The address of an operation on what is meant in a situation; *case*: the situation of the case, if another."""
        given = {**self.known.ids, **IDS.get(operation.key, {})}

        def value(match: re.Match[str]) -> str:
            name = match["name"]
            if match["kind"].startswith("any"):
                options = re.findall(r"[\w-]+", match["kind"])[1:]
                return given["event"] if given["event"] in options else options[0]
            if name == "case_id" and case is not None:
                return str(self.known.cases[case])
            if match["kind"].startswith("uuid") and situation == "unknown":
                return str(uuid4())
            if name == "case_id":
                return str(self.known.cases[situation])
            found = given[name]
            return given.get(found, found)

        return re.sub(r"<(?P<kind>(?:any\([^)]*\)|\w+:)?:?)(?P<name>\w+)>", value, operation.rule)

    def ask(
        self,
        operation: Operation,
        who: str,
        situation: str = "own",
        *,
        method: str | None = None,
        case: str | None = None,
    ) -> TestResponse:
        """One request."""
        path, verb = self.address(operation, situation, case=case), method or operation.method
        options = BODIES.get(operation.key, lambda _walker, _who: {})(self, who) if method is None else {}
        if operation.is_api or who == NOBODY:
            client = self.app.test_client()
            headers = dict(options.pop("headers", {}))
            if who != NOBODY:
                headers["Authorization"] = f"Bearer {self.known.tokens[who]}"
            if operation.is_api and verb not in _SAFE and not options.keys() & {"json", "data"}:
                options["json"] = {}
            return client.open(path, method=verb, headers=headers, buffered=True, **options)
        client = self.browser(who)
        if verb not in _SAFE:
            options["data"] = {"csrf_token": self.proofs[who][1], **options.get("data", {})}
        return client.open(path, method=verb, buffered=True, **options)

    def as_unknown(
        self,
        operation: Operation,
        who: str,
        situation: str,
        refused: tuple[TestResponse, list[str]],
        *,
        sees_case: bool,
    ) -> str | None:
        """How a refusal differs from the answer about what is not there, in what it says or in what it asked of the
        database; None: in nothing.

        Args:
            refused: the answer to *who*, and what was asked of the database for it.
            sees_case: who asks may know of the case, so that only what else the address names can be unknown to them.
        """
        forbidden = plain(refused[0]), refused[1]
        unknown = self._trace(operation, who, "unknown", case=situation if sees_case else None)
        if forbidden != unknown:  # something was put by at the first request, such as a drawing that was read
            forbidden = self._trace(operation, who, situation)
        for told, (one, other) in {"says": (forbidden[0], unknown[0]), "asks": (forbidden[1], unknown[1])}.items():
            differ = [(a, b) for a, b in zip_longest(one, other) if a != b]
            if differ:
                return f"{told} {len(one)} instead of {len(other)}, first {differ[0][0]!r} instead of {differ[0][1]!r}"
        return None

    def _trace(
        self, operation: Operation, who: str, situation: str, *, case: str | None = None
    ) -> tuple[list[str], list[str]]:
        """What an answer says, without what was handed in or is new each time, and what was asked of the database."""
        with self.database.undone():
            answer = self.listen_to(operation, who, situation, case=case)
        return plain(answer), self.asked()

    def listen_to(self, operation: Operation, who: str, situation: str, *, case: str | None = None) -> TestResponse:
        """The answer, of which the database keeps what was asked of it."""
        if not operation.is_api:
            self.browser(who)
        flood = self.app.extensions["steun.refusals"]
        self.app.extensions["steun.refusals"] = type(flood)()  # so that every refusal is written down
        self.database.listen()
        answer = self.ask(operation, who, situation, case=case)
        self.app.extensions["steun.refusals"] = flood
        return answer

    def asked(self) -> list[str]:
        """Of the database, since it listens."""
        return [_SAVEPOINT.sub("savepoint", one) for one in self.database.said]

    def done_behind_lock(self, operation: Operation, who: str) -> tuple[tuple[list[str], Counter[str]], dict[str, int]]:
        """What an answer says and how many rows it changed, and what strangers see of these."""
        with self.database.undone():
            self.database.listen()
            answer = self.ask(operation, who)
            said = [] if answer.mimetype == "application/pdf" else plain(answer)  # a PDF says when it was made
            return (said, Counter(self.database.rows)), self.database.seen_by_strangers()

    def get(self, path: str, who: str | None) -> TestResponse:
        """A page by a browser, the rest by a program, of somebody; None: with proof that is nobody's."""
        if not path.startswith(PREFIX):
            client = self.browser(who) if who else self.app.test_client()
            if not who:
                client.set_cookie("steun-sign-in", "x" * 43)
            return client.get(path)
        return self.app.test_client().get(path, headers=self._bearer(who))

    def post(self, path: str, body: Any, who: str, *, headers: Mapping[str, str] | None = None) -> TestResponse:
        """A change by a program."""
        return self.app.test_client().post(path, json=body, headers={**self._bearer(who), **(headers or {})})

    def _bearer(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.known.tokens[who] if who else 'x' * 43}"}

    def browser(self, who: str) -> Any:
        """A browser of somebody who has just opened a page of ours, so that it can prove that a change was meant."""
        client = self.app.test_client()
        client.set_cookie("steun-sign-in", self.known.cookies[who])
        if who not in self.proofs:
            with self.database.undone():
                found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account").text)
            cookie = client.get_cookie("steun-browser")
            assert found is not None, f"{who} has no page"
            assert cookie is not None
            self.proofs[who] = (cookie.value, found[1])
        client.set_cookie("steun-browser", self.proofs[who][0])
        return client


def outcome(response: TestResponse) -> str:
    """In which class an answer falls: ``may`` (done, or refused only for what was said), 403, 404, 405, ``log in``, or
    ``unmeant``: a change without proof that a page of ours asked for it."""
    status = response.status_code
    if status == 400 and _NO_PROOF.search(response.get_data(as_text=True)):
        return "unmeant"
    if status == 401 or (
        status in (302, 303) and response.headers.get("Location", "").startswith(("/inloggen", "/mijn/inloggen"))
    ):
        return "log in"
    if status in (403, 404, 405):
        return str(status)
    return "may" if status < 500 else f"fault {status}"


def text_of(response: TestResponse) -> str:
    """All that an answer says: body, headers, with the folds of a calendar undone and what is packed unpacked."""
    body = response.get_data()
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as packed:
            body = b"\n".join((name.encode() + b"\n" + packed.read(name)) for name in packed.namelist())
    said = body.decode(errors="replace").replace("\r\n ", "")
    return said + "\n" + "\n".join(f"{name}: {value}" for name, value in response.headers)


def plain(response: TestResponse) -> list[str]:
    """What an answer says, without what was handed in or is new each time."""
    return [str(response.status_code), *_EACH_TIME.sub("…", text_of(response)).splitlines()]


__all__ = ["NOBODY", "SITUATIONS", "Operation", "Undone", "Walker", "operations", "outcome", "plain", "text_of"]
