"""A door opens the transaction, calls one verb and closes it. Here is also the only clock of the doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, g, has_request_context

from workflows import accounts, logbook
from workflows.db import Database, Session
from workflows.errors import ConcurrentChange, Unavailable

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def database() -> Database:
    """The database of the application that serves this request."""
    found: Database = current_app.extensions["steun.database"]
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """May change things; commits at the end of the block, rolls back on any exception."""
    with database().writing() as session, _current(session):
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Changes nothing but the log of reads. Once a minute it is written down afterwards that a browser was seen."""
    with database().reading() as session:
        with _current(session):
            yield session
        seen = accounts.to_touch(session)
    if seen is not None:
        with suppress(Unavailable, ConcurrentChange), database().writing() as session:
            accounts.touch(session, seen, at=now())


@contextmanager
def _current(session: Session) -> Iterator[None]:
    """While a door's transaction is open, who asks is looked up inside it, and nothing is read unwritten."""
    logbook.guard(session)
    if not has_request_context():
        yield
        return
    outer = g.get("steun_session")
    g.steun_session = session
    try:
        yield
    finally:
        g.steun_session = outer


def now() -> datetime:
    """The present instant, UTC; one and the same during a request."""
    if not has_request_context():
        return clock()()
    if "steun_now" not in g:
        g.steun_now = clock()()
    instant: datetime = g.steun_now
    return instant


def local_date(instant: datetime | None = None) -> date:
    """The day it is in Amsterdam, now or at *instant*."""
    return (instant or now()).astimezone(_AMSTERDAM).date()


def clock() -> Callable[[], datetime]:
    """What says the time: the system, or a test."""
    found: Callable[[], datetime] = current_app.extensions["steun.clock"]
    return found


def system_clock() -> datetime:
    return datetime.now(UTC)
