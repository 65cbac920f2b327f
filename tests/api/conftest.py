"""The application on both databases, with a region in it, and ways to be somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import create_app
from api.config import Settings
from tests.conftest import Clock, Urls
from workflows import accounts, diagrams
from workflows.actor import OPERATOR, Actor
from workflows.db import Database

SHIPPED = Path(__file__).parents[2] / "bpmn"
PASSWORD = "een-lang-wachtwoord"
CHEAP = (1, 8, 1)


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
        secret_key="-" * 40,
        argon2=CHEAP,
        worker=False,
        **changes,
    ).with_(mode="demo")  # plain http: no Secure cookies


@pytest.fixture
def region(database: Database, clock: Clock) -> Any:
    """Organisations, people and the shipped diagrams, committed."""
    from tests import builders

    with database.writing() as session:
        made = builders.region(session, clock())
        diagrams.publish(session, shipped(), by=OPERATOR, at=clock())
    return made


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
def sign_in(app: Flask, region: Any, database: Database, clock: Clock) -> Callable[[str], Caller]:
    """``sign_in("midwife")``: a program that acts as that person of the region."""

    def enter(role: str) -> Caller:
        actor: Actor = getattr(region, role)
        assert actor.assignment_id is not None
        with database.writing() as session:
            token = accounts.issue_token(
                session,
                assignment_id=actor.assignment_id,
                label="test",
                expires_at=clock() + timedelta(days=1),
                by=OPERATOR,
                at=clock(),
            )
        return Caller(app.test_client(), actor, token)

    return enter


@pytest.fixture
def log_in(app: Flask, region: Any, database: Database, clock: Clock) -> Callable[[str], FlaskClient]:
    """``log_in("midwife")``: a browser with a session cookie."""

    def enter(role: str) -> FlaskClient:
        actor: Actor = getattr(region, role)
        assert actor.person_id is not None
        assert actor.assignment_id is not None
        login = f"{role}-{uuid4().hex[:6]}"
        with database.writing() as session:
            account = accounts.create_account(
                session, person_id=actor.person_id, login=login, password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP
            )
            secret = accounts.sign_in(session, account, assignment_id=actor.assignment_id, at=clock())
        browser = app.test_client()
        browser.set_cookie("steun-sign-in", secret)
        return browser

    return enter


def etag(response: TestResponse) -> dict[str, str]:
    """The headers that change what *response* showed."""
    return {"If-Match": response.headers["ETag"]}
