"""What searching costs among 100,000 cases, for a practice that sees all of them and for one that sees a few.

On PostgreSQL with row security, as a door searches. Figures are for the reader.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, MetaData, String, Table, event, exists, insert, select, text

from tests.bench.bench_rooms import Figure, _postgresql, _sqlite
from tests.conftest import VAULT, Clock
from tests.postgres import server
from tests.workflows import path
from workflows import method
from workflows.actor import Actor
from workflows.cases import Case, CaseParty, CaseReference
from workflows.db import Database, Session, identify
from workflows.families import Family, FamilyMember, NameKey
from workflows.families.names import keys

CASES, FEW = 100_000, 40
SEARCHES = {
    "a name": "fatma jilmaz", "a common name": "de vries", "an unknown name": "Xanthippe Quist", "a day": "31-12-1996",
    "a number": "2025-002500", "an own number": "kd 2500",
}  # fmt: skip
FIRST = "Noor Anna Fatma Mohamed Sanne Jan Eva Piet Lotte Youssef Ewa Daan Zeynep Sara Bram Khadija Tess Omar Iris Luuk".split()
LAST = (
    "de Vries,Jansen,van Dijk,Bakker,Yılmaz,El Amrani,Kowalska,Meijer,Smit,Hendriks,van den Berg,Peeters,Şahin,Janssens,"
    "Benali,Wiśniewska,ter Horst,Visser,de Boer,Mulder,Dekker,van der Meer,Aydin,Ouali,Nowak,Maas,Geurts,Coenen"
).split(",")


def run() -> list[Figure]:
    """Measure on both databases, one after the other."""
    figures: list[Figure] = []
    for kind, opened in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with opened() as database:
            world = path.World(database, Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC)))
            world.complete(world.start(), world.region.midwife)
            by, other = world.region.midwife, world.region.other_midwife
            with _whole(database) as session:
                fill(session, CASES, FEW, by=by, other=other, at=world.clock())
            figures += [(f"{kind}: {name}", value, unit, budget) for name, value, unit, budget in _measure(world)]
    return figures


def _measure(world: path.World) -> Iterator[Figure]:
    doors = Database(world.database.url, vault=VAULT)
    for who, by in (("all", world.region.midwife), (str(FEW), world.region.other_midwife)):
        for what, typed in SEARCHES.items():
            spent, statements = _searching(doors, typed, by)
            yield f"search for {what}, {who} of {CASES} cases in sight", spent * 1e3, "ms", None
            yield f"statements of that ({what}, {who})", statements, "statements", ("<=", 60)
    doors.dispose()


def _searching(doors: Database, typed: str, by: Actor) -> tuple[float, int]:
    """Median seconds and the statements of one search."""
    spent, asked = [], 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    for again in range(6):
        if not again:
            event.listen(doors.engine, "before_cursor_execute", count)
        began = time.perf_counter()
        with _asked(doors, by) as session:
            method.search_cases(session, typed, by=by, at=datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
        spent.append(time.perf_counter() - began)
        if not again:
            event.remove(doors.engine, "before_cursor_execute", count)
    return statistics.median(spent[1:]), asked


@contextmanager
def _asked(doors: Database, by: Actor) -> Iterator[Session]:
    with doors.reading() as session:
        identify(session, organisation_id=by.organisation_id, role=by.role, person_id=by.person_id)
        yield session


def fill(session: Session, count: int, few: int, *, by: Actor, other: Actor, at: datetime) -> None:
    """Cases of *by*'s practice, each with two parents and a number in its records; a *few* are from *other*'s."""
    draw = random.Random(5)
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    for start in range(0, count, 5000):
        rows: dict[Any, list[dict[str, object]]] = {
            one: [] for one in (Family, FamilyMember, Case, CaseParty, CaseReference)
        }
        for number in range(start, min(start + 5000, count)):
            family, case, told = uuid4(), uuid4(), other if number % (count // few) == 0 else by
            rows[Family].append({"id": family, "created_at": at, "partner_involved": "unknown"})
            rows[FamilyMember] += [
                {
                    "id": uuid4(), "family_id": family, "kind": kind, "name": draw.choice(names), "version": 1,
                    "birth_date": date(1980, 1, 1) + timedelta(days=draw.randrange(9000)),
                    "organisation_id": told.organisation_id,
                }
                for kind in ("parent", "partner")
            ]  # fmt: skip
            rows[Case].append(
                {
                    "id": case, "number": f"2025-{number:06d}", "family_id": family, "status": "draft",
                    "urgency": "regular", "holder_organisation_id": by.organisation_id, "holder_role": by.role,
                    "signaller_organisation_id": told.organisation_id, "opened_at": at + timedelta(seconds=number),
                    "version": 1,
                }
            )  # fmt: skip
            called = f"KD {number}"
            for party in {by, told}:
                here = {"id": uuid4(), "case_id": case, "organisation_id": party.organisation_id}
                rows[CaseParty].append({**here, "role": party.role, "at_home": True, "from_at": at})
                rows[CaseReference].append(
                    {**here, "number": called, "key": CaseReference.key_of(called), "recorded_at": at}
                )
        for table, found in rows.items():
            session.execute(insert(table.__table__).inline(), found)
    _hear(session, names)


@contextmanager
def _whole(database: Database) -> Iterator[Session]:
    """To fill it: on PostgreSQL as who runs the server, past row security and without looking up every reference."""
    if database.is_sqlite:
        with database.writing() as session:
            session.execute(text("PRAGMA cache_size = -200000"))
            yield session
        database.dispose()
        return
    owner = Database(server().admin.set(database=database.url.database), vault=VAULT, house=True)
    with owner.writing() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # as PostgreSQL does by itself after a while
    owner.dispose()


def _hear(session: Session, names: list[str]) -> None:
    """The keys of everybody's name, taken from those of each name that there is, inside the database."""
    heard = Table("bench_keys", MetaData(), Column("name", String), Column("key", String), prefixes=["TEMPORARY"])
    heard.create(session.connection())
    session.execute(insert(heard), [{"name": name, "key": key} for name in names for key in sorted(keys(name))])
    everybody = (
        select(FamilyMember.id, heard.c.key).join(heard, heard.c.name == FamilyMember.name).order_by(heard.c.key)
    )
    has_none = ~exists().where(NameKey.member_id == FamilyMember.id)
    session.execute(insert(NameKey.__table__).from_select(["member_id", "key"], everybody.where(has_none)))
