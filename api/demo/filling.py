"""Putting the demo region into a database, once: all of it in one transaction, so that it is there or it is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from api.config import Settings
from api.demo.pathways import write_pathways
from api.demo.player import play
from api.demo.region import settle
from workflows import alarms, logbook, organisations, schema
from workflows.actor import OPERATOR
from workflows.db import Database, Session
from workflows.errors import Refusal, Unavailable

#: Mode → what stands in the logbook of its database.
_EVENTS = {"demo": "demo.filled", "practice": "practice.filled"}
_SUBJECT = "demo"


class NotADemo(Refusal):
    """There is something else in this database."""

    title = "Dit is geen lege database"
    detail = (
        "De demonstratie en de oefenomgeving komen alleen in een lege database, elk in een eigen, en hier staat al iets. Er is "
        "niets veranderd. Kies een andere met STEUN_DATABASE_URL. Was dit een oudere demonstratie? Haal dan de bestanden weg die "
        "met steun.db beginnen."
    )


class KnownPasswords(Refusal):
    """Somebody wants to serve a database of the demo to real people."""

    title = "Dit is de demonstratie"
    detail = (
        "In deze database kent iedereen de wachtwoorden. Kies een andere met STEUN_DATABASE_URL, of start steun demo of "
        "steun practice."
    )


def is_demo(session: Session) -> bool:
    """Whether this database was made for the demo: that stands in the logbook, so nobody can take it away."""
    return any(logbook.happened(session, event, _SUBJECT) for event in _EVENTS.values())


def require_demo(database: Database, settings: Settings) -> None:
    """Refuse a database in which somebody else works, before anything in it is changed.

    Raises:
        NotADemo: it is not empty and not of this mode: a real region, or a demo where people practise.
    """
    if not schema.is_there(database):
        return
    with database.reading() as session:
        if not (logbook.happened(session, _EVENTS[settings.mode], _SUBJECT) or organisations.is_empty(session)):
            raise NotADemo(f"a database with people in it that is not marked as a {settings.mode}")


def refuse_demo(database: Database) -> None:
    """Refuse to serve a database of the demo in production; one that is away, or empty, is not.

    Raises:
        KnownPasswords: it was made for the demo.
    """
    with suppress(Unavailable):
        database.ping()
        if schema.is_there(database):
            with database.reading() as session:
                if is_demo(session):
                    raise KnownPasswords("a database that is marked as a demo")


def fill(database: Database, settings: Settings, *, at: datetime) -> bool:
    """Put the demo region into an empty database; False when it is there already, and then nothing changes, whatever people
    did in it since.

    Raises:
        RuntimeError: these settings are not those of a demo.
        NotADemo: the database is not empty and not of the demo.
    """
    if not settings.is_demo:
        raise RuntimeError("the demo region never goes into production")
    require_demo(database, settings)
    with database.writing() as session:
        if is_demo(session):
            return False
        logbook.write(session, _EVENTS[settings.mode], "region", _SUBJECT, by=OPERATOR, at=at)
        region = settle(session, at=at)
        write_pathways(session, region, at=at)
        play(session, region, at=at)
        # All at once: two years were written down in no time, and in parts some would look as if dated back.
        logbook.seal(session, at=at, limit=None)
    with database.writing() as session:  # what was looked at is in the log since the commit; else the worker finds it
        alarms.look(session, at=at)
    return True
