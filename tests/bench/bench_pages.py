"""What a professional waits for: the work list, a task and a case as pages of the demo region with a hundred open tasks in each
team, and the same among many.

Whole requests through the application, without the network. Weights are of the page alone, compressed; style and script come once.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.engine import make_url

import api
from api import create_app, demo
from api.config import Settings
from tests.api.conftest import shipped
from tests.bench.bench_rooms import FEW, MANY, Figure, fill
from tests.conftest import SECRET, VAULT
from tests.postgres import APPLICATION, OWNER, server
from workflows import accounts, diagrams, directory, organisations, schema
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.processes import Task

#: Who looks, and how often at each page.
WHO = ("vera", "jet", "petra")
TIMES = 60
BUILT = Path(api.__file__).parent / "static" / "built"


def run() -> list[Figure]:
    """Every page on both databases: milliseconds, and how much longer it takes among many open tasks."""
    figures = _weights()
    with tempfile.TemporaryDirectory() as folder:
        url = make_url(f"sqlite:///{Path(folder) / 'steun.db'}")
        schema.upgrade(url, application=None)
        figures += [(f"sqlite: {name}", *rest) for name, *rest in _measure(url, Path(folder) / "files")]
    running = server()
    name = running.create()
    try:
        schema.upgrade(running.url(name, OWNER), application=APPLICATION)
        with tempfile.TemporaryDirectory() as folder:
            found = _measure(running.url(name, APPLICATION), Path(folder))
            figures += [(f"postgresql: {name}", *rest) for name, *rest in found]
    finally:
        running.drop(name)
    return figures


def _weights() -> list[Figure]:
    return [
        (f"{path.suffix[1:]} of every page", len(gzip.compress(path.read_bytes())) / 1000, "kB gz", None)
        for path in sorted((BUILT / "assets").iterdir())
    ]


def _measure(url: Any, files: Path) -> Iterator[Any]:
    at = datetime.now(UTC)
    settings = Settings(
        database_url=url.render_as_string(hide_password=False), secret_key=SECRET, vault_keys=(SECRET,),
        worker=False, mode="demo", attachments=str(files), rate_limit=0,
    )  # fmt: skip
    database = Database(url, vault=VAULT, files=files, house=True)
    with database.writing() as session:
        organisations.load_municipalities(session)
        directory.load_interventions(session)
        diagrams.publish(session, shipped(), by=OPERATOR, at=at)
    demo.fill(database, settings, at=at)
    app = create_app(settings, clock=lambda: at)
    readers = {login: _enter(app.test_client(), database, login, at) for login in WHO}
    pages = [(login, page, address) for login in WHO for page, address in _addresses(database, login, at)]
    for login in WHO:  # else a list of three is compared with a whole page of a list
        fill(database, FEW, at=at, like=_of_team(database, login, at))
    few = {}
    for login, page, address in pages:
        few[login, page], weight = _p95(readers[login], address)
        yield f"{page} of {login}, p95", few[login, page] * 1e3, "ms", None
        yield f"{page} of {login}, the page alone", weight / 1000, "kB gz", ("<=", 60)
    for login in WHO:
        fill(database, MANY // len(WHO) - FEW, at=at, like=_of_team(database, login, at))
    for login, page, address in pages:
        many, _ = _p95(readers[login], address)
        yield f"{page} of {login}, p95 among {MANY} open tasks", many / few[login, page], "×", ("<=", 1.5)
    app.extensions["steun.database"].dispose()
    database.dispose()


def _enter(client: FlaskClient, database: Database, login: str, at: datetime) -> FlaskClient:
    with database.writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        role = organisations.assignments_of(session, account.person_id, on=at.date())[0]
        factor = accounts.Factor.TOTP if role.role in accounts.SECOND_FACTOR_ROLES else None
        secret = accounts.sign_in(session, account, assignment_id=role.id, factor=factor, at=at)
    client.set_cookie("steun-sign-in", secret)
    return client


def _addresses(database: Database, login: str, at: datetime) -> Iterator[tuple[str, str]]:
    """The list, and a task and a case that this person has."""
    yield "work list", "/werk"
    with database.reading() as session:
        person = accounts.account_of(session, login, by=OPERATOR, at=at).person_id
        mine = select(Task).where(Task.claimed_by == person, Task.status == "claimed", Task.subject_kind == "case")
        task = session.scalars(mine.order_by(Task.opened_at, Task.id)).first()
    if task is not None:
        yield "task", f"/taken/{task.id}"
        yield "case", f"/casussen/{task.subject_id}"


def _of_team(database: Database, login: str, at: datetime) -> dict[str, Any]:
    """Organisation and role of the tasks that this person could take."""
    with database.reading() as session:
        person = accounts.account_of(session, login, by=OPERATOR, at=at).person_id
        role = organisations.assignments_of(session, person, on=at.date())[0]
        return {"role": role.role, "organisation_id": role.organisation_id}


def _p95(client: FlaskClient, address: str) -> tuple[float, int]:
    """Seconds, and bytes of the page compressed."""
    spent, size = [], 0
    for _ in range(TIMES + 5):  # the first are not counted: plans and templates are made then
        began = time.perf_counter()
        answer = client.get(address)
        spent.append(time.perf_counter() - began)
        assert answer.status_code == 200, (address, answer.status_code, answer.headers.get("Location"))
        size = len(gzip.compress(answer.get_data()))
    return statistics.quantiles(spent[5:], n=20)[-1], size
