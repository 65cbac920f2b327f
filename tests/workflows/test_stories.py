"""What is laid down instead of played (``tests.stories``) is what was played."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests import builders, stories
from tests.conftest import Clock, Urls
from tests.workflows import handing
from tests.workflows.path import World
from tests.workflows.test_support import Town
from workflows import logbook, worker
from workflows.db import Database
from workflows.organisations import Organisation


@pytest.fixture
def anew(urls: Urls) -> Iterator[None]:
    yield
    stories.forget(urls.application)


@pytest.mark.parametrize("time", range(6))
def test_a_story_goes_on_whether_it_was_played_or_laid_down(database: Database, clock: Clock, time: int) -> None:
    """Of six times the first are played and the last laid down."""
    town = Town(database, clock)
    town.supported()
    before = town.events()

    assert (town.names(town.help.supporter), town.events()) == (town.names(town.help.supporter), before)
    assert before.count("task.completed") == 7
    assert town.case().holder_person_id == town.region.nurse.person_id
    while worker.run_once(database, clock()):
        pass
    with database.writing() as session:
        logbook.seal(session, at=clock())
    with database.reading() as session:
        assert logbook.verify(session).ok
    assert World.explored_directly(town) != town.case_id


@pytest.mark.parametrize("time", range(4))
def test_a_story_inside_another_of_the_same_name_is_its_own(database: Database, clock: Clock, time: int) -> None:
    """A world begins with the world that it is made of; both are called ``World.__init__``."""
    world = handing.World(database, clock, earlier=True) if time == 3 else handing.World(database, clock)
    assert world.roermond.name == "JGZ team Roermond (fictief)"


def test_where_something_was_written_a_story_is_played(
    urls: Urls, database: Database, clock: Clock, anew: None
) -> None:
    told_by = []

    class Small:
        @stories.told
        def __init__(self, database: Database, clock: Clock) -> None:
            told_by.append(self)
            self.name = f"Praktijk {len(told_by)} (fictief)"
            self.write(database, clock, self.name)

        def write(self, database: Database, clock: Clock, name: str) -> None:
            with database.writing() as session:
                builders.organisation(session, name, "midwifery_practice", "medical", [], at=clock())

    def names() -> list[str]:
        with database.reading() as session:
            return sorted(session.scalars(select(Organisation.name)))

    small = Small.__new__(Small)
    for _ in range(4):
        stories.begin(urls.application, "of this test")
        small = Small(database, clock)
    assert (len(told_by), small.name) == (2, "Praktijk 2 (fictief)")
    assert names() == ["Praktijk 1 (fictief)", "Praktijk 2 (fictief)"]

    stories.begin(urls.application, "of this test")
    small.write(database, clock, "Welzijn (fictief)")
    assert Small(database, clock).name == "Praktijk 3 (fictief)"
    assert names() == ["Praktijk 1 (fictief)", "Praktijk 2 (fictief)", "Praktijk 3 (fictief)", "Welzijn (fictief)"]

    stories.begin(urls.application, "of this test")
    clock.forward(seconds=1)
    Small(database, clock)
    assert len(told_by) == 4


def test_a_copy_waits_for_who_writes_and_not_for_ever():
    look = stories._patience()
    for _ in range(100):
        look(sqlite3.SQLITE_BUSY, 1, 1)
        look(0, 1, 1)
    with pytest.raises(TimeoutError):
        look(sqlite3.SQLITE_LOCKED, 1, 1)
