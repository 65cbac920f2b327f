"""A closed case is kept as long as its result asks for; nothing of that is stored with the case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.clock import local_date
from tests import builders
from tests.workflows import path
from workflows import cases, diagrams, method, settings, worker
from workflows.actor import OPERATOR
from workflows.cases import Case, Result
from workflows.method import retaining

DAY = date(2026, 11, 3)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def kept(world: path.World, case_id: Any, **more: Any) -> method.Retention:
    with world.database.reading() as session:
        return method.retention(session, session.get(Case, case_id), **more)


def closed(world: path.World, result: str) -> Any:
    """A shared case that was closed with a result."""
    case_id = world.explored()
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        cases.close(session, case, result, contact_after="De verloskundige", by=world.region.midwife, at=world.clock())
    return case_id


@pytest.mark.parametrize("result", [str(result) for result in Result])
def test_every_result_has_a_class_with_a_setting(world, result):
    found = kept(world, closed(world, result))

    assert found.retention_class == {"loss": "loss", "compulsory_framework": "compulsory"}.get(result, "case")
    assert found.until == date(2046, 11, 3)
    assert found.source


def test_an_open_case_has_no_end_yet(world):
    assert kept(world, world.explored()).until is None


def test_another_setting_moves_the_end_without_touching_the_case(world, clock):
    case_id = closed(world, "goals_reached")
    with world.database.writing() as session:
        settings.put(
            session, "retention.case_years", 15, valid_from=DAY + timedelta(days=1), tag="[B]", source="Nieuwe wet",
            by=OPERATOR, at=clock(),
        )  # fmt: skip
    clock.forward(days=1)

    assert kept(world, case_id).until == date(2046, 11, 3)
    assert kept(world, case_id, on=local_date(clock())).until == date(2041, 11, 3)
    assert world.look(method.case_view, case_id, by=world.region.midwife).case.retain_until == date(2041, 11, 3)


def test_what_was_never_shared_goes_on_its_day_and_then_nothing_is_kept(world, clock):
    task = world.start()
    world.complete(task, world.region.midwife, builders.signal_answers(clock(), vulnerability_level="none"))
    found = kept(world, task.subject_id)
    assert (found.retention_class, found.until) == ("unshared", DAY + timedelta(days=30))

    clock.forward(days=31)
    while worker.run_once(world.database, clock()):
        pass

    assert kept(world, task.subject_id).until is None


def test_an_older_bundle_without_the_table_keeps_as_long_as_any_case(world, clock):
    files = {name: data for name, data in path.shipped().items() if name != "bewaartermijn.dmn"}
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert kept(world, closed(world, "loss")).retention_class == "case"


def test_a_table_with_a_strange_answer_keeps_as_long_as_any_case(world, clock):
    files = path.shipped()
    files["bewaartermijn.dmn"] = files["bewaartermijn.dmn"].replace(b'<text>"case"</text>', b'<text>"unshared"</text>')
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert kept(world, closed(world, "moved")).retention_class == "case"


def test_a_case_without_a_run_is_kept_too(session, clock):
    region = builders.region(session, clock())
    case = builders.explored_case(session, region, clock())
    cases.close(session, case, "moved", contact_after="De huisarts", by=region.nurse, at=clock())

    assert method.retention(session, case).until == date(2046, 11, 3)


def test_every_class_has_a_setting_with_a_source():
    for name in retaining.YEARS.values():
        assert settings.definition(name).source


def test_no_number_of_years_is_stored_with_a_case(world):
    case_id = closed(world, "moved")

    with world.database.reading() as session:
        row = session.execute(select(Case.__table__).where(Case.__table__.c.id == case_id)).one()
    assert date(2046, 11, 3) not in row
