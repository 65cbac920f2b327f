"""A region that people can log in to, on both databases; and, for tests in a real browser, a server and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from api import create_app, logs
from api.config import Settings
from tests.browser.live import Chromium, Site
from tests.browser.reader import Reader, account, confirmed_session, parent_session
from tests.builders import CHEAP, PASSWORD, ParentLogin
from tests.conftest import SECRET, Clock, Urls
from tests.plugin_timings import NO_BROWSER
from tests.workflows.path import World
from workflows.db import Database

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (path := shutil.which(name))), None
)
PEOPLE = ("midwife", "nurse", "nurse2", "process_director", "protection_officer", "coordinator")

logs.configure("ERROR")


class Compiled(BytecodeCache):
    """Templates as code, for every application of this process: each has the same, and compiling them costs as much as a test."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED = Compiled()


@pytest.fixture
def world(database: Database, clock: Clock) -> World:
    """A region, the shipped diagrams, and an account for everybody of ``PEOPLE`` by that name."""
    made = World(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


@pytest.fixture
def app(urls: Urls, world: World, clock: Clock) -> Iterator[Flask]:
    settings = Settings(
        database_url=urls.application.render_as_string(hide_password=False),
        secret_key=SECRET,
        vault_keys=(SECRET,),
        argon2=CHEAP,
        worker=False,
        attachments=str(urls.files),
        mode="demo",  # plain http: no Secure cookies
    )
    made = create_app(settings, clock=clock)
    made.jinja_env.bytecode_cache = _COMPILED
    yield made
    made.extensions["steun.database"].dispose()


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Somebody who is not logged in."""
    return Reader(app.test_client())


@pytest.fixture
def enter(app: Flask, world: World) -> Callable[[str], Reader]:
    """``enter("midwife")``: somebody who logged in, and was confirmed with a second factor where the role asks for it."""

    def go(name: str) -> Reader:
        if (secret := confirmed_session(world, name)) is not None:
            client = app.test_client()
            client.set_cookie("steun-sign-in", secret)
            return Reader(client).open("/werk")
        return Reader(app.test_client()).open("/inloggen").send("/inloggen", login=name, password=PASSWORD)

    return go


@pytest.fixture
def enter_as_parent(app: Flask, world: World) -> Callable[[ParentLogin], Reader]:
    """``enter_as_parent(builders.parent_login(…))``: a parent who logged in and confirmed."""

    def go(parent: ParentLogin) -> Reader:
        client = app.test_client()
        client.set_cookie("steun-mijn", parent_session(world, parent))
        return Reader(client).open("/mijn")

    return go


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    if CHROMIUM is None:
        pytest.skip(f"{NO_BROWSER}: de proeven in een echte browser zijn niet gedaan (apt-get install chromium)")
    opened = Chromium(CHROMIUM)
    yield opened
    opened.close()


@pytest.fixture
def site(urls: Urls, database: Database, tmp_path: Any) -> Iterator[Site]:
    """The region served by a process of its own, at the present time."""
    made = Site(urls, database, tmp_path)
    for name in PEOPLE:
        account(made.world, getattr(made.world.region, name), name)
    made.start()
    yield made
    made.stop()
