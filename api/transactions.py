"""A door opens the transaction, calls one verb and closes it. Here is also the only clock of the doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import current_app, g, has_request_context

from workflows.db import Database, Session


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
    """Changes nothing but the log of reads, and never waits for a writer."""
    with database().reading() as session, _current(session):
        yield session


@contextmanager
def _current(session: Session) -> Iterator[None]:
    """While a door's transaction is open, who asks is looked up inside it."""
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


def clock() -> Callable[[], datetime]:
    """What says the time: the system, or a test."""
    found: Callable[[], datetime] = current_app.extensions["steun.clock"]
    return found


def system_clock() -> datetime:
    return datetime.now(UTC)
