"""The application on both databases, with a region in it, and ways to be somebody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import URL, make_url
from werkzeug.test import TestResponse

import workflows.method  # noqa: F401 - publishing asks its rules
from api import create_app, logs
from api.config import Settings
from tests import builders
from tests.conftest import SECRET, VAULT, Clock, Urls
from tests.postgres import APPLICATION, server
from workflows import accounts, diagrams
from workflows.accounts import Factor
from workflows.actor import OPERATOR, Actor
from workflows.db import Database

logs.configure("ERROR")  # a fault shows where; nothing else is said

SHIPPED = Path(__file__).parents[2] / "bpmn"
PASSWORD = "een-lang-wachtwoord"
CHEAP = (1, 8, 1)
#: When the clock of every test starts (see ``clock``).
START = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def shipped() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in SHIPPED.iterdir() if path.suffix in diagrams.SUFFIXES}


@dataclass
class Caller:
    """A program that acts as somebody, with a bearer token."""

    client: FlaskClient
    actor: Actor
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self("POST", path, json={} if json is None else json, **options)

    def put(self, path: str, json: Any, **options: Any) -> TestResponse:
        return self("PUT", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self("DELETE", path, **options)


def settings(urls: Urls, **changes: Any) -> Settings:
    return Settings(
        database_url=urls.application.render_as_string(hide_password=False),
        secret_key=SECRET,
        vault_keys=(SECRET,),
        argon2=CHEAP,
        worker=False,
        rate_limit=0,
        refusal_limit=0,
        attachments=str(urls.files),
        **changes,
    ).with_(mode="demo")  # plain http: no Secure cookies


_regions: dict[str, Any] = {}


def _fill(url: URL, at: datetime) -> Any:
    database = Database(url, vault=VAULT, house=True)
    with database.writing() as session:
        made = builders.region(session, at)
        diagrams.publish(session, shipped(), by=OPERATOR, at=at)
    database.dispose()
    return made


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Organisations, people and the shipped diagrams; filled once, copied for every test."""
    path = tmp_path_factory.mktemp("region") / sqlite_template.name
    for file in sqlite_template.parent.glob(f"{sqlite_template.name}*"):
        shutil.copy(file, path.parent / file.name)
    _regions["sqlite"] = _fill(make_url(f"sqlite:///{path}"), START)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_template: str) -> Iterator[str]:
    """The same on PostgreSQL."""
    running = server()
    name = running.create(template=postgres_template)
    _regions["postgresql"] = _fill(running.url(name, APPLICATION), START)
    yield name
    running.drop(name)


@pytest.fixture
def region(database: Database) -> Any:
    """Who there is in the database of this test."""
    return _regions[database.url.get_backend_name()]


@pytest.fixture
def app(urls: Urls, region: Any, clock: Clock) -> Iterator[Flask]:
    made = create_app(settings(urls), clock=clock)
    yield made
    made.extensions["steun.database"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not logged in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, region: Any, database: Database, clock: Clock) -> Callable[..., Caller]:
    """``sign_in("midwife")``: a program that acts as that person of the region."""

    def enter(role: str, *, second_factor: bool = True) -> Caller:
        actor: Actor = getattr(region, role)
        assert actor.assignment_id is not None
        with database.writing() as session:
            token = accounts.make_token(
                session,
                assignment_id=actor.assignment_id,
                label="test",
                expires_at=clock() + timedelta(days=1),
                second_factor=second_factor and actor.role in accounts.SECOND_FACTOR_ROLES,
                by=OPERATOR,
                at=clock(),
            ).secret
        return Caller(app.test_client(), actor, token)

    return enter


@pytest.fixture
def log_in(app: Flask, region: Any, database: Database, clock: Clock) -> Callable[[str], FlaskClient]:
    """``log_in("midwife")``: a browser with a session cookie; confirmed with a second factor where the role asks for it."""

    def enter(role: str) -> FlaskClient:
        actor: Actor = getattr(region, role)
        assert actor.person_id is not None
        assert actor.assignment_id is not None
        login = f"{role}-{uuid4().hex[:6]}"
        with database.writing() as session:
            account = accounts.create_account(
                session, person_id=actor.person_id, login=login, password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP
            )
            factor = Factor.TOTP if actor.role in accounts.SECOND_FACTOR_ROLES else None
            secret = accounts.sign_in(session, account, assignment_id=actor.assignment_id, factor=factor, at=clock())
        browser = app.test_client()
        browser.set_cookie("steun-sign-in", secret)
        return browser

    return enter


def etag(response: TestResponse) -> dict[str, str]:
    """The headers that change what *response* showed."""
    return {"If-Match": response.headers["ETag"]}


#: A complete signal: one pregnant woman in Venlo, more than one theme, nothing unsafe.
SIGNAL: dict[str, Any] = {
    "support_request_own_words": "Ik slaap slecht en de huur is te hoog.",
    "unclear_question": "no",
    "phase": "pregnant",
    "due_date": "2027-03-01",
    "due_date_certainty": "dating_scan",
    "parity": 0,
    "parent_name": "Fatima Voorbeeld",
    "birth_date": "1998-05-04",
    "living_situation": "address",
    "postcode": "5911 AB",
    "municipality_code": "GM0983",
    "preferred_language": "nl",
    "safe_contact": "call",
    "safe_contact_detail": "06 00000000",
    "partner_involved": "yes",
    "protective_factors": ["supportive_partner"],
    "risk_categories": ["KW01", "KW04"],
    "vulnerability_level": "vulnerable",
    "assessed_together": "yes",
    "safety_concern": "no",
    "urgency": "regular",
}


@dataclass
class Begun:
    """A signal that was begun: its first task, claimed by who began it."""

    by: Caller
    task_id: str
    etag: str

    @property
    def path(self) -> str:
        return f"/tasks/{self.task_id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"If-Match": self.etag}

    def complete(self, answers: dict[str, Any], **options: Any) -> TestResponse:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.by.post(f"{self.path}/completion", json={"answers": answers}, headers=headers, **options)


@pytest.fixture
def begin(sign_in: Callable[[str], Caller]) -> Callable[..., Begun]:
    """``begin()``: the midwife starts a signal."""

    def start(by: Caller | None = None) -> Begun:
        caller = by or sign_in("midwife")
        created = caller.post("/signals", json={"municipality_code": "GM0983"})
        assert created.status_code == 201, created.text
        return Begun(caller, created.json["id"], created.headers["ETag"])

    return start
