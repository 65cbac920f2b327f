"""Asking for a case: nothing tells whether the family is known, and who holds the case is asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from tests import builders
from tests.workflows.handing import World
from workflows import cases, jobs, method
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, TooOften
from workflows.logbook import LoggedChange, LoggedRead
from workflows.method import asking_for
from workflows.processes import Task
from workflows.pulls import CaseRequest

BORN = date(1996, 12, 31)
WHY = {"reason": "moved_here", "parent_knows": True}
NAMED = {"parent_name": "noor voorbeeld", "birth_date": BORN}


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock)


@pytest.fixture
def case_id(world):
    """A case that the practice holds."""
    found = world.begun()
    with world.database.writing() as session:
        builders.parent(session, session.get_one(Case, found)).birth_date = BORN
    return found


def ask(world: World, by=None, **said):
    return world.do(method.ask_for_case, **{**WHY, **said}, by=by or world.carla)


def work(world: World) -> None:
    """What is due about questions, each job in its own transaction."""
    with world.database.reading() as session:
        due = [
            one for one in jobs.due_ids(session, at=world.clock(), limit=500)
            if session.get_one(jobs.Job, one).kind in (asking_for.JOB, asking_for.FORGET_JOB)
        ]  # fmt: skip
    for one in due:
        with world.database.writing() as session:
            assert method.perform(session, one, at=world.clock())


def asked_of(world: World) -> list:
    with world.database.reading() as session:
        found = session.scalars(select(Task).where(Task.form_key == asking_for.FORM, Task.status != "withdrawn"))
        return [(one.organisation_id, one.documentation) for one in found]


def statements(world: World, **said) -> list[str]:
    found: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        found.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    try:
        ask(world, **said)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", note)
    return found


def test_nothing_tells_whether_a_family_is_known(world, case_id):
    with world.database.reading() as session:
        number = session.get_one(Case, case_id).number
    said = [NAMED, {"parent_name": "Niemand Hier", "birth_date": BORN}, {"case_number": number}]
    said.append({"case_number": "2020-9999"})

    done = [statements(world, **one) for one in said]

    assert done == [done[0]] * 4
    assert not [one for one in done[0] if "FROM cases" in one or "FROM family_members" in one]
    before = world.look(method.case_requests, by=world.carla)
    work(world)
    assert world.look(method.case_requests, by=world.carla) == before
    assert {(one.reason, one.until_at, one.over) for one in before} == {("moved_here", before[0].until_at, False)}
    with world.database.reading() as session:
        rows = list(session.scalars(select(CaseRequest)))
        assert [one.sealed_search for one in rows] == [None] * 4
        mine = [*session.scalars(select(LoggedChange)), *session.scalars(select(LoggedRead))]
        lines = [one for one in mine if one.organisation_id == world.carla.organisation_id]
        assert {(one.event, one.case_id) for one in lines if one.purpose == "pull"} == {("case.asked_for", None)}
        assert "oorbeeld" not in str([one.details for one in lines])
    # Asked twice, by name and by number: one task while it waits.
    [(organisation, told)] = asked_of(world)
    assert organisation == world.region.practice.id
    assert "Carla Casusregisseur, casusregisseur bij Toegangsteam Venlo (fictief)" in told
    assert "verhuisd" in told
    world.clock.forward(days=40)
    assert all(one.over for one in world.look(method.case_requests, by=world.carla))
    work(world)
    assert world.look(method.case_requests, by=world.carla) == []


def test_a_draft_a_closed_door_and_who_left_reach_nobody(world, case_id):
    with world.database.writing() as session:
        case = session.get_one(Case, case_id)
        cases.block(
            session,
            case,
            person_id=world.carla.person_id,
            reason="neighbour",
            organisation_id=world.carla.organisation_id,
            by=world.region.midwife,
            at=world.clock(),
        )
    ask(world, **NAMED)
    work(world)
    assert asked_of(world) == []
    with world.database.writing() as session:
        session.get_one(Case, case_id).erase_on = date(2027, 1, 1)
    ask(world, world.cees, **NAMED)
    work(world)
    assert asked_of(world) == []
    with world.database.reading() as session:
        assert [one for one in session.scalars(select(LoggedRead)) if one.event == "case.asked_about"] == []


def test_what_is_typed_is_checked_at_once_and_nobody_asks_all_day(world):
    for by in (world.region.midwife, world.region.log_manager, world.region.process_director):
        with pytest.raises(NotAllowed):
            ask(world, by, **NAMED)
    with pytest.raises(Invalid) as refused:
        ask(world, parent_name="Noor", reason="curious", parent_knows=False)
    assert set(refused.value.errors) == {"birth_date", "reason", "parent_knows"}
    for _ in range(5):
        ask(world, **NAMED)
    with pytest.raises(TooOften):
        ask(world, **NAMED)
    ask(world, world.cees, **NAMED)
    world.clock.forward(days=1)
    ask(world, **NAMED)


def test_the_holder_answers_the_family_sees_it_and_who_asked_never_reads_the_answer(world, case_id):
    ask(world, **NAMED)
    work(world)
    midwife = world.region.midwife
    world.fill(midwife, asking_for.FORM, {"pull_choice": "keep", "pull_reason_kept": "parent_declines"})

    [mine] = [
        one for one in world.look(method.case_view, case_id, by=midwife).entries if one.form_key == asking_for.FORM
    ]
    assert [one.value for one in mine.values] == ["keep", "parent_declines"]
    with world.database.reading() as session:
        parent = builders.parent(session, session.get_one(Case, case_id)).id
        [line] = [one for one in session.scalars(select(LoggedRead)) if one.event == "case.asked_about"]
        assert (line.organisation_id, line.person_id, line.case_id) == (None, None, case_id)
    log = world.look(method.client_log, case_id, subject_id=parent, by=midwife)
    told = [one for day in log.days for one in day.lines if one.organisation.startswith("Toegangsteam")]
    assert [(one.role, one.why) for one in told] == [
        ("case_director", "Om te vragen of zij u kunnen helpen. Zij kregen niets te zien")
    ]
    # Later the asker gets the case after all, and reads nothing of what was answered.
    world.allow(case_id)
    world.hand(midwife, world.carla)
    world.fill(
        world.carla,
        "handover_answer",
        {"handover_answer": "accepted", "first_contact_on": (world.clock() + timedelta(days=1)).date().isoformat()},
    )
    seen = world.look(method.case_view, case_id, by=world.carla)
    assert asking_for.FORM not in {one.form_key for one in seen.entries}


def prefilled(world: World, by) -> dict:
    task = world.take(by, "handover")
    return world.look(method.task_view, task.id, by=by).answers


def test_who_hands_over_to_who_asked_finds_them_chosen_already_and_may_choose_another(world, case_id):
    midwife, receiver = world.region.midwife, f"{world.carla.organisation_id}:case_director"
    world.allow(case_id)
    ask(world, world.roos, case_number=number_of(world, case_id))
    ask(world, **NAMED)
    work(world)
    waits = [one for one in world.look(method.work_list, by=midwife).items if one.form_key == asking_for.FORM]
    assert len(waits) == 2
    assert prefilled(world, midwife) == {}
    for card in waits:
        task = world.do(method.claim_task, card.id, by=midwife)
        yes = "Carla" in task.documentation
        answers = (
            {"pull_choice": "hand_over"} if yes else {"pull_choice": "keep", "pull_reason_kept": "parent_declines"}
        )
        world.complete(task, midwife, answers)

    assert prefilled(world, midwife) == {"handover_choice": "offer", "receiver": receiver}

    world.clock.forward(hours=1)
    world.hand(midwife, world.carla)
    world.fill(world.carla, "handover_answer", {"handover_answer": "refused", "refused_reason": "no_capacity"})
    assert prefilled(world, midwife)["receiver"] == receiver  # what was prepared, as always
    world.clock.forward(hours=1)
    ask(world, world.roos, case_number=number_of(world, case_id))
    work(world)
    world.fill(midwife, asking_for.FORM, {"pull_choice": "hand_over"})
    known = prefilled(world, midwife)
    assert (known["receiver"], known["parent_question"]) == (
        f"{world.roos.organisation_id}:explorer", "Ik wil rust in huis.",
    )  # fmt: skip


def number_of(world: World, case_id) -> str:
    with world.database.reading() as session:
        return session.get_one(Case, case_id).number
