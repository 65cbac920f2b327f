"""Shared by all tests: both databases, a clock that only moves when told, and the seed of random tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from tests import stories
from tests.postgres import APPLICATION, OWNER, LocalServer, server
from workflows import files, schema, vault
from workflows.db import Database

os.environ["LC_ALL"] = "C.UTF-8"  # a machine that speaks English would have the command line do so too

settings.register_profile(
    "short",
    max_examples=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("long", settings.get_profile("short"), max_examples=60)
settings.load_profile(os.environ.get("STEUN_TEST_PROFILE", "short"))


#: Opens what tests keep encrypted; of the same secret as their applications have.
SECRET = "-" * 40
VAULT = vault.Vault((SECRET,))


class Clock:
    """Says what time it is, and moves only when asked. UTC."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Tuesday 3 November 2026, half past nine in the morning in Amsterdam."""
    return Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))


class Urls:
    """Where one empty, migrated database is: for the application and for its owner."""

    def __init__(self, application: URL, owner: URL) -> None:
        self.application = application
        self.owner = owner
        #: Where files with cases are kept; gone after the test.
        self.files = Path(gettempdir()) / f"steun-{uuid4().hex}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "STEUN_DATABASE_URL": self.application.render_as_string(hide_password=False),
            "STEUN_OWNER_DATABASE_URL": self.owner.render_as_string(hide_password=False),
        }


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "steun.db"
    schema.upgrade(make_url(f"sqlite:///{path}"), application=None)
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    running = server()
    name = running.create()
    schema.upgrade(running.url(name, OWNER), application=APPLICATION)
    yield name
    running.drop(name)


def copy_of(template: Path, folder: Path) -> URL:
    """A copy of an empty SQLite database, with the file of reads beside it; faster than migrating again."""
    for file in template.parent.glob(f"{template.name}*"):
        shutil.copy(file, folder / file.name)
    return make_url(f"sqlite:///{folder / template.name}")


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Urls]:
    """An empty database with every table, of either kind; gone after the test."""
    # Who changes something of ours for a while has everything played under that change, and leaves nothing of it to others.
    plainly = "monkeypatch" not in request.fixturenames
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        url = copy_of(template, tmp_path)
        made = Urls(url, url)
        if plainly:
            stories.begin(url, template)
        yield made
    else:
        running = server()
        template = request.getfixturevalue("postgres_template")
        name = running.lend(template)
        made = Urls(running.url(name, APPLICATION), running.url(name, OWNER))
        if plainly:
            stories.begin(made.application, template)
        yield made
        running.give_back(name, template)
    stories.forget(made.application)
    shutil.rmtree(made.files, ignore_errors=True)


@pytest.fixture
def database(urls: Urls) -> Iterator[Database]:
    """The database as the application role opens it."""
    opened = Database(urls.application, vault=VAULT, files=urls.files, house=True)
    yield opened
    opened.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One open transaction that may write; rolled back at the end of the test."""
    with database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as open_session:
        open_session.info.update({"writes": True, vault.INFO: database.vault, files.INFO: database.files})
        yield open_session
        open_session.rollback()


@pytest.fixture
def own_postgres() -> Iterator[LocalServer]:
    """A server of the test's own, to stop and start."""
    local = LocalServer()
    yield local
    local.remove()
