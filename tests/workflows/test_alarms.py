"""Unusual reading: what counts as it, that each is raised once, and who may say what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine.clock import local_date
from tests import builders
from workflows import alarms, cases, jobs, logbook, settings, worker
from workflows.alarms import AlarmKind, Finding, Limits, Look, Readers, find_unusual
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedChange

AT = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
LIMITS = Limits(3, 3, 2, frozenset({"signaller"}), timedelta(days=30), 4, timedelta(minutes=10))
ANNA, CASE = UUID(int=1), UUID(int=2)


def seen(person: UUID = ANNA, case: UUID = CASE, *, role: str = "explorer", times: int = 1, **more) -> Look:
    return Look(person, role, case, times, AT, AT + timedelta(hours=1), **more)


def kinds(**given) -> list[tuple[AlarmKind, int]]:
    return [(found.kind, found.count) for found in find_unusual(given.pop("looks", ()), limits=LIMITS, **given)]


def test_each_kind_begins_just_above_its_limit():
    cases_ = [seen(case=uuid4()) for _ in range(4)]
    four, three = [[Readers(CASE, people, AT, AT)] for people in (4, 3)]
    tries = [AT + timedelta(minutes=3 * n) for n in range(4)]

    assert kinds(looks=cases_[:3], of_week=three, at_night=[seen(times=2)], refusals={ANNA: tries[:3]}) == []
    assert kinds(looks=cases_) == [(AlarmKind.MANY_CASES, 4)]
    assert kinds(of_week=four) == [(AlarmKind.MANY_READERS, 4)]
    assert kinds(at_night=[seen(times=3)]) == [(AlarmKind.AT_NIGHT, 3)]
    assert kinds(at_night=[seen(role="signaller", times=99)]) == []
    assert kinds(in_emergency=[seen()]) == [(AlarmKind.IN_EMERGENCY, 1)]
    assert kinds(looks=[seen(closed_at=AT - timedelta(days=30))]) == [(AlarmKind.CLOSED_CASE, 1)]
    assert kinds(looks=[seen(closed_at=AT - timedelta(days=29))]) == []
    assert kinds(refusals={ANNA: tries}) == [(AlarmKind.REFUSALS, 4)]
    assert kinds(refusals={ANNA: [AT + timedelta(minutes=4 * n) for n in range(4)]}) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=60))
def test_in_whatever_order_lines_come_the_same_is_found_and_of_nobody_twice(pairs):
    looks = [seen(UUID(int=person), UUID(int=case)) for person, case in pairs]
    found = find_unusual(looks, limits=LIMITS)

    def facts(findings: list[Finding]) -> set[tuple]:
        return {(one.kind, one.person_id, one.case_id, one.count) for one in findings}

    assert facts(found) == facts(find_unusual(looks[::-1], limits=LIMITS))
    assert len({(one.kind, one.person_id, one.case_id) for one in found}) == len(found)
    for one in found:
        if one.kind == AlarmKind.MANY_CASES:
            assert one.count == len({case for person, case in pairs if UUID(int=person) == one.person_id}) > 3


@pytest.fixture
def region(database, clock):
    with database.writing() as session:
        return builders.region(session, clock())


def read(database, by, at, *, case_id=None, outcome="success", rule="party", request=None) -> None:
    with database.writing() as session:
        logbook.read(
            session, "case.viewed", "case", case_id or uuid4(), case_id=case_id, by=replace(by, request_id=request),
            at=at, purpose="case", rule=rule, outcome=outcome,
        )  # fmt: skip


def look(database, at) -> int:
    with database.writing() as session:
        return alarms.look(session, at=at)


def test_the_worker_finds_everything_once_and_the_log_manager_of_that_organisation_explains_it(database, clock, region):
    with database.writing() as session:
        for name, value in (("cases_per_day", 5), ("readers_per_week", 2), ("refusals", 3)):
            settings.put(
                session,
                f"alarm.{name}",
                value,
                valid_from=local_date(clock()),
                tag="[I]",
                source="Proef",
                by=region.coordinator,
                at=clock(),
            )
        case = builders.case(session, region.midwife, clock())
        case_id = case.id
        cases.close(session, case, cases.Result.NO_CASE_NEEDED, by=region.midwife, at=clock())
    clock.forward(days=40)
    night = clock() - timedelta(hours=6)  # half past two
    for _ in range(6):
        read(database, region.midwife, clock(), case_id=uuid4())
    for by in (region.midwife, region.midwife2, region.protection_officer):
        read(database, by, clock(), case_id=case_id)
    for number in range(4):
        read(
            database,
            region.nurse,
            night,
            case_id=uuid4(),
            rule="emergency" if not number else "party",
            request=str(number),
        )
        read(database, region.other_midwife, clock(), outcome="refused")
    worker.plan_standing_jobs(database, clock())
    for _ in range(9):
        worker.run_once(database, clock())

    with database.reading() as session:
        found = session.scalars(select(alarms.Alarm)).all()
        lines = session.scalars(select(LoggedChange).where(LoggedChange.event == "log.unusual")).all()
        again = session.scalars(
            select(jobs.Job).where(jobs.Job.kind == "watch_reading", jobs.Job.status == "pending")
        ).all()
    assert {(one.kind, one.organisation_id, one.count) for one in found} == {
        ("many_cases", region.practice.id, 7),
        ("many_readers", region.practice.id, 3),
        ("closed_case", region.practice.id, 1),
        ("refusals", region.other_practice.id, 4),
        ("at_night", region.youth_health.id, 4),
        ("in_emergency", region.youth_health.id, 1),
    }  # fmt: skip
    assert sorted(line.subject_id for line in lines) == sorted(str(one.id) for one in found)
    assert {line.organisation_id for line in lines} == {one.organisation_id for one in found}
    assert [job.due_at - clock() for job in again] == [timedelta(hours=1)]

    clock.forward(minutes=30)
    read(database, region.midwife, clock(), case_id=uuid4())
    assert look(database, clock()) == 0  # known already; its count goes on
    loes = replace(region.log_manager, second_factor=True)
    with database.reading() as session:
        [busy] = [one for one in alarms.alarms(session, by=loes, at=clock()).items if one.kind == "many_cases"]
        assert (busy.count, busy.status) == (8, "raised")
        assert alarms.open_count(session, by=loes, at=clock()) == 5  # three readers of a closed case are three findings
        for other, refusal in (
            (region.log_manager, NotAllowed),
            (replace(region.midwife, second_factor=True), NotFound),
            (replace(region.log_manager, organisation_id=region.youth_health.id, second_factor=True), NotFound),
        ):
            with pytest.raises(refusal):
                alarms.find(session, busy.id, by=other, at=clock())
    with pytest.raises(Invalid) as wrong, database.writing() as session:
        alarms.explain(session, busy.id, outcome="fine", explanation=" ", by=loes, at=clock())
    assert set(wrong.value.errors) == {"outcome", "explanation"}
    with pytest.raises(NotAllowed), database.writing() as session:
        alarms.find(session, busy.id, by=loes, at=clock()).person_id = loes.person_id
        alarms.explain(session, busy.id, outcome="part_of_work", explanation="Ik was het.", by=loes, at=clock())
    with database.writing() as session:
        alarms.see(session, busy.id, by=loes, at=clock())
        alarms.explain(
            session, busy.id, outcome="talked_about", explanation="Er was een inhaaldag.", by=loes, at=clock()
        )
    with pytest.raises(WrongState), database.writing() as session:
        alarms.explain(session, busy.id, outcome="data_breach", explanation="Toch niet.", by=loes, at=clock())

    assert look(database, clock()) == 0
    with database.reading() as session:
        [explained] = alarms.alarms(session, by=loes, at=clock(), explained=True).items
        log = session.scalars(select(LoggedChange).where(LoggedChange.event == "alarm.explained")).one()
        alarms.forget_words(session, case_id)
        session.refresh(explained)
    assert (explained.count, explained.outcome, explained.explanation) == (8, "talked_about", "Er was een inhaaldag.")
    assert "inhaaldag" not in str(log.details)


def test_what_was_read_while_no_worker_ran_is_looked_at_later(database, clock, region):
    assert look(database, clock()) == 0
    clock.forward(days=2)
    for _ in range(41):
        read(database, region.nurse, clock(), case_id=uuid4())
    clock.forward(days=3)

    assert look(database, clock()) == 1
    assert look(database, clock()) == 0
