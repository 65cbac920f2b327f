"""What searching costs among 100,000 cases, for a practice that sees all of them and for one that sees none.

On PostgreSQL with row security, as a door searches. Figures are for the reader.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, text

from tests.bench.bench_rooms import Figure, _postgresql, _sqlite
from tests.conftest import VAULT, Clock
from tests.postgres import OWNER
from tests.workflows import path
from workflows import method
from workflows.actor import Actor
from workflows.cases import Case, CaseParty
from workflows.db import Database, Session, identify
from workflows.families import Family, FamilyMember, NameKey
from workflows.families.names import keys

CASES = 100_000
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
            _fill(world)
            figures += [(f"{kind}: {name}", value, unit, budget) for name, value, unit, budget in _measure(world)]
    return figures


def _measure(world: path.World) -> Iterator[Figure]:
    doors = Database(world.database.url, vault=VAULT)
    for who, by in (("all", world.region.midwife), ("none", world.region.other_midwife)):
        for what, typed in (
            ("a name", "fatma jilmaz"), ("a common name", "de vries"), ("an unknown name", "Xanthippe Quist"),
            ("a day", "31-12-1996"), ("a number", "2026-0001"),
        ):  # fmt: skip
            yield f"search for {what}, {who} of {CASES} cases in sight", _median(doors, typed, by) * 1e3, "ms", None
    doors.dispose()


def _median(doors: Database, typed: str, by: Actor) -> float:
    spent = []
    for _ in range(9):
        began = time.perf_counter()
        with _asked(doors, by) as session:
            method.search_cases(session, typed, by=by, at=datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


@contextmanager
def _asked(doors: Database, by: Actor) -> Iterator[Session]:
    with doors.reading() as session:
        identify(session, organisation_id=by.organisation_id, role=by.role, person_id=by.person_id)
        yield session


@lru_cache
def _keys(name: str) -> list[str]:
    return sorted(keys(name))


def _fill(world: path.World) -> None:
    """Cases of the midwife's practice, each with two parents."""
    draw, by, at = random.Random(5), world.region.midwife, world.clock()
    with world.database.writing() as session:
        for start in range(0, CASES, 5000):
            rows: dict[Any, list[dict[str, object]]] = {
                one: [] for one in (Family, FamilyMember, NameKey, Case, CaseParty)
            }
            for number in range(start, start + 5000):
                family, case = uuid4(), uuid4()
                rows[Family].append({"id": family, "created_at": at, "partner_involved": "unknown"})
                for kind in ("parent", "partner"):
                    member, name = uuid4(), f"{draw.choice(FIRST)} {draw.choice(LAST)}"
                    rows[FamilyMember].append(
                        {
                            "id": member, "family_id": family, "kind": kind, "name": name, "version": 1,
                            "birth_date": date(1980, 1, 1) + timedelta(days=draw.randrange(9000)),
                            "organisation_id": by.organisation_id,
                        }
                    )  # fmt: skip
                    rows[NameKey] += [{"member_id": member, "key": key} for key in _keys(name)]
                rows[Case].append(
                    {
                        "id": case, "number": f"2025-{number:06d}", "family_id": family, "status": "draft",
                        "urgency": "regular", "holder_organisation_id": by.organisation_id, "holder_role": by.role,
                        "signaller_organisation_id": by.organisation_id, "opened_at": at + timedelta(seconds=number),
                        "version": 1,
                    }
                )  # fmt: skip
                rows[CaseParty].append(
                    {
                        "id": uuid4(), "case_id": case, "organisation_id": by.organisation_id, "role": by.role,
                        "at_home": True, "from_at": at,
                    }
                )  # fmt: skip
            for table, found in rows.items():
                session.execute(insert(table.__table__).inline(), found)
    if not world.database.is_sqlite:
        owner = Database(world.database.url.set(username=OWNER), vault=VAULT, house=True)
        with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        owner.dispose()
