"""What is kept encrypted: opened by its own key, as its own row, and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.builders import signal_answers
from tests.conftest import SECRET, VAULT
from tests.workflows.path import World, safety_answers
from workflows import method, processes, resealing
from workflows.db import Database
from workflows.dossier import EntryValue
from workflows.errors import Unreadable
from workflows.vault import Vault, is_sealed

#: Words that are nowhere in what we ship.
CANARY = "Kanariepiet4711"


@given(content=st.binary(max_size=200), about=st.text(max_size=20), place=st.integers(0, 400))
def test_what_was_sealed_opens_with_its_key_as_the_same_thing_and_unchanged(content, about, place):
    vault = Vault(("een" * 20, "twee" * 20))
    sealed = vault.seal(content, about=about)
    changed = bytearray(sealed)
    changed[place % len(sealed)] ^= 1

    assert vault.open(sealed, about=about) == content
    assert sealed != vault.seal(content, about=about)
    for ring, what, as_what in (
        (vault, bytes(changed), about),
        (vault, sealed[:-1], about),
        (vault, sealed, about + "x"),
        (Vault(("twee" * 20,)), sealed, about),
        (Vault(), sealed, about),
    ):
        with pytest.raises(Unreadable):
            ring.open(what, about=as_what)


def test_an_older_key_still_opens_and_only_the_newest_closes():
    old, ring = Vault(("oud" * 20,)), Vault(("nieuw" * 20, "oud" * 20))
    before = old.seal_json({"a": ["ü\ud800", 1]}, about="x")

    assert ring.open_json(before, about="x") == {"a": ["ü\ud800", 1]}
    assert old.is_current_json(before)
    assert not ring.is_current_json(before)
    assert ring.is_current_json(ring.seal_json(1, about="x"))
    assert old.digests("1") == ring.digests("1")[1:]
    assert ring.open_json("plain", about="x") == "plain"
    with pytest.raises(Unreadable):
        ring.open_json({"sealed": "geen base64"}, about="x")
    with pytest.raises(Unreadable):
        Vault().seal(b"x", about="x")


def kept(database: Database) -> str:
    """Everything that stands in the database, as anybody reads it who has a copy."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        files = Path(str(database.url.database)).parent.glob("*")
        return "".join(file.read_bytes().decode("latin-1") for file in files if file.is_file())
    with database.reading() as session:
        tables = session.scalars(
            text("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'reads')")
        )
        return "".join(
            str(row) for table in tables.all() for row in session.scalars(text(f"SELECT t::text FROM {table} t"))
        )


@pytest.fixture
def world(database, clock) -> World:
    """The officer wrote down what was said about a family, and a nurse is typing."""
    world = World(database, clock)
    region = world.region
    world.complete(world.start(), region.midwife, signal_answers(clock(), safety_concern="doubt"))
    words = safety_answers(clock(), next_step="talk_with_parent", explanation=CANARY, follow_up_date="2026-11-20")
    world.do_next(region.protection_officer, words)
    task = world.start(region.midwife2)
    world.do(
        method.save_draft, task.id, answers={"parent_name": CANARY}, version=task.version, by=region.midwife2,
        observed={"observed_on": CANARY},
    )  # fmt: skip
    world.typing = task.id  # type: ignore[attr-defined]
    return world


def draft(world: World, database: Database | None = None) -> processes.Draft:
    with (database or world.database).reading() as session:
        found = processes.draft_of(session, world.typing, by=world.region.midwife2)  # type: ignore[attr-defined]
        assert found is not None
        assert found.answers == {"parent_name": CANARY}
        assert (found.beside or {})["observed"] == {"observed_on": CANARY}
        return found


def said(database: Database) -> list[object]:
    """What stands in the entry about safety, opened."""
    with database.reading() as session:
        rows = session.scalars(select(EntryValue).where(EntryValue.field == "explanation"))
        return [row.value for row in rows]


def test_a_copy_of_the_database_says_nothing_of_safety_or_of_what_somebody_types(world):
    database = world.database

    assert CANARY not in kept(database)
    assert "Noor Voorbeeld" in kept(database)  # we look in the right place
    assert said(database) == [CANARY]
    draft(world)
    with database.reading() as session:
        closed = session.scalars(select(EntryValue).where(EntryValue.compartment == "C5")).all()
        assert {row.field for row in closed} >= {"safety_concern", "explanation"}
        assert all(is_sealed(row.stored) for row in closed)


def test_another_rows_words_are_refused_and_a_lost_key_destroys_nothing(world):
    database = world.database
    with database.writing() as session:
        one, two = session.scalars(select(EntryValue).where(EntryValue.compartment == "C5").limit(2)).all()
        one.stored, two.stored = two.stored, one.stored
        with pytest.raises(Unreadable):
            one.value  # noqa: B018 - reading it is what is refused
        session.rollback()

    lost = Database(database.url, vault=Vault(("een heel andere sleutel" * 2,)), house=True)
    with pytest.raises(Unreadable):
        said(lost)
    with pytest.raises(Unreadable):
        draft(world, lost)
    report = resealing.reseal(lost)
    lost.dispose()

    assert (report.done, report.unreadable) == (0, len(everything(database)))
    assert said(database) == [CANARY]
    draft(world)


def everything(database: Database) -> list[object]:
    with database.reading() as session:
        values = session.scalars(select(EntryValue.stored).where(EntryValue.compartment == "C5")).all()
        typed = session.execute(select(processes.Draft.sealed_answers, processes.Draft.sealed_beside)).all()
        return [*values, *(stored for row in typed for stored in row if stored is not None)]


def test_rotating_closes_everything_with_the_new_key_also_what_was_never_closed(world):
    database = world.database
    with database.writing() as session:
        [row] = session.scalars(select(EntryValue).where(EntryValue.field == "explanation"))
        row.stored = CANARY  # as an earlier version kept it
    new = "nieuw" * 10
    both = Database(database.url, vault=Vault((new, SECRET)), house=True)
    report = resealing.reseal(both)
    again = resealing.reseal(both)
    both.dispose()
    only = Database(database.url, vault=Vault((new,)), house=True)

    assert (report.done, report.unreadable) == (len(everything(database)), 0)
    assert (again.done, again.unreadable) == (0, 0)
    assert said(only) == [CANARY]
    draft(world, only)
    assert not any(VAULT.is_current_json(stored) for stored in everything(database))
    only.dispose()
