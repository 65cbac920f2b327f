"""Publishing: all or nothing, told in Dutch, and what was published stays as it is."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests import builders
from tests.conftest import VAULT
from tests.workflows import path
from workflows import diagrams, method, processes
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.diagrams import NothingPublished, service
from workflows.errors import Invalid, NotAllowed, NotFound, Unavailable


def test_nothing_is_current_until_it_is_published(session):
    with pytest.raises(NothingPublished):
        diagrams.current(session)
    with pytest.raises(NotFound):
        diagrams.load(session, "f" * 64)


def test_what_is_published_is_current_and_loads_the_same(session, clock):
    digest = diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())

    assert diagrams.current(session) == digest
    assert diagrams.load(session, digest).digest == digest
    assert diagrams.load(session, digest) is diagrams.load(session, digest)
    assert diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock()) == digest


def test_what_cannot_run_is_refused_with_every_finding_under_its_file(session, clock):
    files = path.shipped()
    files["signaleren.bpmn"] = files["signaleren.bpmn"].replace(b"bpmn:userTask", b"bpmn:scriptTask")
    files["routering.dmn"] = b"<geen xml"

    with pytest.raises(Invalid) as refused:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert {"signaleren.bpmn", "routering.dmn"} <= set(refused.value.errors)
    with pytest.raises(NothingPublished):
        diagrams.current(session)


def test_a_drawing_in_which_a_case_gets_stuck_is_refused(session, clock):
    files = path.shipped()
    drawn = files["hoofdproces.bpmn"].decode()
    exclusive = re.search(r'<bpmn:exclusiveGateway id="gather_closing".*?</bpmn:exclusiveGateway>', drawn, re.S)
    waiting_for_all = exclusive[0].replace("exclusiveGateway", "parallelGateway")
    files["hoofdproces.bpmn"] = drawn.replace(exclusive[0], waiting_for_all).encode()

    with pytest.raises(Invalid) as refused:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert "gather_closing" in " ".join(refused.value.errors["hoofdproces.bpmn"])


def test_only_a_coordinator_or_the_operator_publishes(session, clock):
    region = builders.region(session, clock())
    for actor in (region.midwife, region.nurse, region.process_director):
        with pytest.raises(NotAllowed):
            diagrams.publish(session, path.shipped(), by=actor, at=clock())

    with pytest.raises(NotAllowed, match="second factor"):
        diagrams.publish(session, path.shipped(), by=region.coordinator, at=clock())

    confirmed = replace(region.coordinator, second_factor=True)
    assert diagrams.publish(session, path.shipped(), by=confirmed, at=clock())


def test_a_running_case_keeps_the_diagrams_it_began_with(database, clock):
    world = path.World(database, clock)
    task = world.start()
    changed = path.shipped()
    changed["signaleren.bpmn"] = changed["signaleren.bpmn"].replace(
        b"<bpmn:documentation>", b"<bpmn:documentation>Nieuw. ", 1
    )
    with database.writing() as session:
        newer = diagrams.publish(session, changed, by=OPERATOR, at=clock())
    assert newer != world.digest

    world.complete(task, world.region.midwife)

    other = world.start()
    with database.reading() as session:
        assert processes.run_of(session, "case", task.subject_id).bundle_digest == world.digest
        assert processes.run_of(session, "case", other.subject_id).bundle_digest == newer
    assert (
        world.look(method.case_view, task.subject_id, by=world.region.midwife).entries[0].bundle_digest == world.digest
    )


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # SQLite has one writer
def test_who_publishes_waits_for_who_was_first_and_a_case_that_begins_does_not(urls, database, clock):
    """Of who waited at the row in force, two could hold what the other needed once an earlier set was put back."""
    world = path.World(database, clock)
    changed = path.shipped()
    changed["signaleren.bpmn"] = changed["signaleren.bpmn"].replace(
        b"<bpmn:documentation>", b"<bpmn:documentation>Nieuw. ", 1
    )
    hurried = Database(urls.application, vault=VAULT, files=urls.files, house=True, lock_seconds=0.1)
    with database.writing() as first:
        diagrams.publish(first, path.shipped(), by=OPERATOR, at=clock())  # in force already: it changes no row
        with pytest.raises(Unavailable), hurried.writing() as second:
            diagrams.publish(second, changed, by=OPERATOR, at=clock())
        with hurried.writing() as begun:
            assert method.start_signal(begun, by=world.region.midwife, at=clock())

    with hurried.writing() as second:
        assert diagrams.publish(second, changed, by=OPERATOR, at=clock()) != world.digest


def test_a_set_that_was_changed_in_the_database_is_not_used(urls, database, clock, monkeypatch):
    with database.writing() as session:
        digest = diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())
        session.execute(
            text("UPDATE bundle_files SET data = :data WHERE name = 'closure.form'"),
            {"data": path.shipped()["closure.form"].replace(b"Afronden", b"Afmaken") + b"\n"},
        )
    service._parsed.clear()

    with pytest.raises(RuntimeError, match="was changed"), database.reading() as session:
        diagrams.load(session, digest)


def test_threads_share_one_parsed_set(database, clock):
    with database.writing() as session:
        digest = diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())
    service._parsed.clear()
    found = []

    def load() -> None:
        with database.reading() as session:
            found.append(diagrams.load(session, digest).digest)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [digest] * 4
    assert list(service._parsed) == [digest]


def test_a_set_that_was_looked_at_before_is_told_the_same_again():
    shipped_files = path.shipped()
    first, again = diagrams.check(shipped_files), diagrams.check(dict(shipped_files))
    changed = {**shipped_files, "signal.form": shipped_files["signal.form"].replace(b'"C5"', b'"C1"')}

    assert again == first
    assert again[0] is first[0]
    assert diagrams.check(changed)[0] is not first[0]
