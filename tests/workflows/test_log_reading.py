"""The log as the log manager sees it: the own organisation only, by filters, as an export; and looking is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests import builders
from tests.workflows import path
from tests.workflows.family import Family
from workflows import alarms, logbook, method
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.logbook import LoggedRead
from workflows.method import log_reading
from workflows.method.effects import hold
from workflows.organisations import Role


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def walked(world: path.World, by, **filters: Any) -> Iterator[Any]:
    """Every line, page by page of three."""
    cursor = None
    while True:
        page = world.look(method.log_page, by=by, filters=filters, cursor=cursor, page_size=3)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def test_a_log_manager_sees_what_was_done_for_the_own_organisation_and_filters_it(world, clock):
    case_id = world.explored()
    world.claim(world.region.nurse)
    clock.forward(days=1)
    midwife = world.region.midwife
    number = world.look(method.case_view, case_id, by=midwife).case.number
    world.look(method.case_view, case_id, by=replace(world.region.midwife2, request_id="r"))
    with world.database.writing() as session:
        common = {"by": midwife, "at": clock(), "purpose": "case"}
        logbook.read(session, "case.viewed", "case", uuid4(), rule="none", outcome="refused", **common)
        logbook.read(session, "case.viewed", "case", case_id, case_id=case_id, rule="emergency", **common)
    with world.database.writing() as session:
        alarms.look(session, at=clock())
    loes = replace(world.region.log_manager, second_factor=True)

    lines = list(walked(world, loes))

    assert len({(line.log, line.id) for line in lines}) == len(lines) > 20
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    assert {line.person_name for line in lines} >= {"Vera Verloskundige", "Mila Verloskundige"}
    assert not {"Jet Jeugdverpleegkundige", "Pien Procesregisseur"} & {line.person_name for line in lines}
    assert {line.case_number for line in lines} == {None, number}
    assert not any(secret in str(lines) for secret in path.SECRETS)

    def found(**filters: Any) -> list[tuple[str, str | None]]:
        mine = [line for line in walked(world, loes, **filters) if not line.event.startswith("log.")]
        return [(line.event, line.person_name) for line in mine]

    looked = [("case.viewed", "Vera Verloskundige"), ("case.viewed", "Mila Verloskundige")]
    emergency = [("case.viewed", "Vera Verloskundige")]
    assert found(refused=True) == emergency
    assert found(emergency=True) == found(unusual=True) == emergency
    assert found(person_id=world.region.midwife2.person_id) == looked[1:]
    assert sorted(found(since=date(2026, 11, 4), log="reads")) == sorted([*looked, *emergency, *emergency])
    assert found(until=date(2026, 11, 3), event="signal.started") == [("signal.started", "Vera Verloskundige")]
    assert {event for event, _ in found(case_number=number, log="reads")} == {"case.viewed"}
    assert found(case_number="2026-9999") == []
    [marked] = list(walked(world, loes, emergency=True))
    assert (marked.emergency, marked.unusual, marked.case_number) == (True, True, number)
    with pytest.raises(Invalid) as wrong:
        world.look(
            method.log_page,
            by=loes,
            filters={
                "since": date(2026, 11, 4), "until": date(2026, 11, 3), "log": "x", "case_number": "Noor", "all": True,
            },
        )  # fmt: skip
    assert set(wrong.value.errors) == {"until", "log", "case_number", "all"}


def test_who_held_the_case_then_finds_that_a_parent_did_something_and_not_what(database, clock):
    family = Family(database, clock)
    region, words = family.region, "Ik wil vooral rust."
    with database.writing() as session:
        lars = builders.actor(session, "Lars Logbeheerder", region.youth_health, Role.LOG_MANAGER, at=clock())
    lars, loes = replace(lars, second_factor=True), replace(region.log_manager, second_factor=True)
    number = family.look(method.case_view, family.case_id, by=family.nurse).case.number
    clock.forward(hours=1)
    family.acts(method.add_own_words, words)
    family.sees(method.family_home, by=family.father)

    def of_parents(by, **filters: Any) -> list[Any]:
        return [line for line in walked(family, by, **filters) if line.role == "parent"]

    found = of_parents(lars, case_number=number)
    assert {line.event for line in found} >= {"own_story.viewed"}
    assert {line.log for line in found} == {"reads", "changes"}
    assert {(line.person_id, line.person_name, line.purpose, line.case_number) for line in found} == {
        (None, None, None, number)
    }
    told = repr(found)
    secret = (words, str(family.mother.person_id), str(family.father.person_id), str(family.mother_id), "other_parent")
    assert not [one for one in (*secret, *path.SECRETS) if one in told]
    assert of_parents(lars) == of_parents(loes, case_number=number) == []  # it holds the case no longer
    export = family.look(method.log_export, by=lars, filters={"case_number": number}, form="csv")
    taken, _ = family.look(method.log_batch, export, by=lars)
    assert {line.role for line in taken}.isdisjoint({"parent", "other_parent"})

    clock.forward(hours=1)
    with database.writing() as session:
        case, practice = session.get_one(Case, family.case_id), region.practice.id
        hold(session, case, organisation_id=practice, role="signaller", person_id=None, by=family.nurse, at=clock())
    clock.forward(hours=1)
    family.acts(method.add_own_words, "En slapen.")

    assert [line.id for line in of_parents(lars, case_number=number)] == [line.id for line in found]
    later = of_parents(loes, case_number=number)
    assert later
    assert not {(line.log, line.id) for line in later} & {(line.log, line.id) for line in found}


def test_only_who_looks_after_the_log_sees_it_and_with_a_second_factor(world):
    region = world.region
    for by in (region.midwife, region.administrator, region.process_director):
        with pytest.raises(NotFound):
            world.look(method.log_page, by=replace(by, second_factor=True))
    for verb, more in ((method.log_page, {}), (method.log_people, {}), (method.log_export, {"form": "csv"})):
        with pytest.raises(NotAllowed) as refused:
            world.look(verb, by=region.log_manager, **more)
        assert "code" in refused.value.detail
    people = world.look(method.log_people, by=replace(region.log_manager, second_factor=True))
    assert {name for _, name in people} >= {"Vera Verloskundige", "Loes Logbeheerder"}
    assert "Jet Jeugdverpleegkundige" not in {name for _, name in people}
    with world.database.reading() as session:
        assert session.scalars(select(LoggedRead.event).where(LoggedRead.event.startswith("log."))).all() == []


def test_looking_at_the_log_is_in_the_log_with_what_was_looked_for_as_ids(world):
    case_id = world.explored()
    loes = replace(world.region.log_manager, second_factor=True)
    number = world.look(method.case_view, case_id, by=world.region.midwife).case.number
    person = world.region.midwife.person_id
    filters = {"person_id": person, "case_number": number, "log": "changes", "since": date(2026, 11, 1)}
    world.look(method.log_page, by=loes, filters=filters)
    world.look(method.log_page, by=loes, filters={"event": "Noor Voorbeeld", "case_number": "2026-0999"})

    first, second = list(walked(world, loes, event="log.viewed"))[::-1][:2]

    assert first.details == {
        "person_id": str(person), "case": case_id.hex, "log": "changes", "since": "2026-11-01", "lines": first.details["lines"],
    }  # fmt: skip
    assert second.details == {"event": "unknown", "case": "unknown", "lines": 0}
    assert (first.purpose, first.rule, first.compartments) == ("log_review", "log", "C11")


def test_an_export_holds_what_was_there_when_it_began_in_batches_and_is_written_down_with_its_count(
    world, clock, monkeypatch
):
    monkeypatch.setattr(log_reading, "BATCH", 4)  # a limit, so that a small log has several
    world.explored()
    loes = replace(world.region.log_manager, second_factor=True)
    export = world.look(method.log_export, by=loes, filters={"log": "changes"}, form="csv")
    world.start()  # after it began

    taken: list[Any] = []
    cursor, batches = None, 0
    while batches == 0 or cursor:
        lines, cursor = world.look(method.log_batch, export, by=loes, cursor=cursor)
        assert len(lines) <= 4
        taken, batches = [*taken, *lines], batches + 1

    assert batches > 3
    assert len(taken) == export.count
    assert {"EventID", "userName", "toestemmingsProfiel"} <= taken[0].nen7513.keys()
    assert taken[0].nen7513["userName"] == taken[0].person_name
    [line] = walked(world, loes, event="log.exported")
    assert line.details == {"log": "changes", "lines": export.count, "form": "csv"}
    with pytest.raises(NotAllowed):
        world.look(method.log_batch, export, by=world.region.log_manager)


def test_a_bookmark_that_we_did_not_write_is_refused(world):
    loes = replace(world.region.log_manager, second_factor=True)
    place = logbook.Place(world.clock(), 1, 5)
    assert logbook.Place.read(place.written()) == place
    for cursor in ("x", "W10", "e" * 500, logbook.Place(world.clock(), 1, 2**63).written()):
        with pytest.raises(Invalid):
            world.look(method.log_page, by=loes, cursor=cursor)


def test_findings_are_shown_with_names_and_each_look_is_written_down(world, clock):
    case_id = world.explored()
    with world.database.writing() as session:
        logbook.read(
            session, "case.viewed", "case", case_id, case_id=case_id, by=world.region.midwife, at=clock(),
            purpose="case", rule="emergency",
        )  # fmt: skip
    with world.database.writing() as session:
        alarms.look(session, at=clock() + timedelta(minutes=1))
    loes = replace(world.region.log_manager, second_factor=True)

    [found] = world.look(method.alarm_list, by=loes).items
    assert world.look(method.waiting_alarms, by=loes) == 1
    assert (found.kind, found.person_name, found.about_me) == ("in_emergency", "Vera Verloskundige", False)
    assert world.look(method.alarm_view, found.id, by=loes) == found
    world.do(method.see_alarm, found.id, by=loes)
    done = world.do(method.explain_alarm, found.id, outcome="part_of_work", explanation="Bevalling.", by=loes)

    assert (done.status, done.explained_by_name, done.seen_by_name) == (
        "explained",
        "Loes Logbeheerder",
        "Loes Logbeheerder",
    )
    assert [one.id for one in world.look(method.alarm_list, explained=True, by=loes).items] == [found.id]
    events = {line.event for line in walked(world, loes)}
    assert {"alarms.viewed", "alarm.viewed", "alarm.seen", "alarm.explained", "log.unusual"} <= events
    with pytest.raises(NotFound):
        world.look(method.alarm_view, UUID(int=1), by=loes)
