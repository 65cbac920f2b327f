"""Runs and tasks: one claimant, one completion, and open tasks that are exactly what the machine waits for."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, insert, select

from tests.conftest import VAULT, Clock, copy_of
from tests.workflows import path
from tests.workflows.test_method import assert_level
from workflows import method, processes, worker
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import Database
from workflows.dossier import Entry
from workflows.errors import Invalid, Refusal, WrongState
from workflows.logbook import LoggedChange
from workflows.processes import Task


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def fill(world: path.World, rows: list[dict]) -> None:
    """Open tasks straight into the table, of one run."""
    task = world.start()
    base = {
        "run_id": task.run_id, "subject_kind": "test", "process_id": "p", "element_id": "e", "kind": "user",
        "name": "Taak", "role": "explorer", "organisation_id": world.region.youth_health.id, "properties": {},
        "interpreter_needed": False, "status": "open", "opened_at": world.clock(), "version": 1,
    }  # fmt: skip
    with world.database.writing() as session:
        for row in rows:
            due = row.get("due_at")
            session.execute(
                insert(Task).values(
                    **base,
                    **row,
                    id=uuid4(),
                    subject_id=uuid4(),
                    step_key=uuid4().hex,
                    sort_at=due or processes.NO_TERM,
                )
            )


def pages(world: path.World, by: Actor, **more) -> list:
    found, cursor = [], None
    while True:
        page = world.look(method.work_list, by=by, cursor=cursor, page_size=7, **more)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_the_work_list_shows_every_task_once_by_term_and_those_without_a_term_last(world, clock):
    dues = [clock() + timedelta(days=n % 5) for n in range(25)]
    fill(world, [{"municipality_code": "GM0983", "due_at": due} for due in dues] + [{"municipality_code": None}] * 5)

    found = pages(world, world.region.nurse)

    assert len({card.id for card in found}) == len(found) == 30
    assert [card.due_at for card in found] == [*sorted(dues), *[None] * 5]


def test_an_area_limits_the_pool_and_unknown_municipalities_are_everybodys(world):
    codes = ["GM0983", "GM0957", "GM0988", None]
    fill(world, [{"municipality_code": code} for code in codes for _ in range(3)])
    nurse = world.region.nurse
    local = Actor(
        nurse.person_id, nurse.assignment_id, nurse.organisation_id, nurse.role, frozenset({"GM0957", "GM0988"})
    )

    assert {card.municipality_code for card in pages(world, local)} == {"GM0957", "GM0988", None}
    assert len(pages(world, local)) == 9
    assert len(pages(world, nurse, filters={"municipality": "GM0983"})) == 3


def test_counts_stop_at_99(world, clock):
    fill(world, [{"municipality_code": "GM0983", "due_at": clock()}] * 120)

    page = world.look(method.work_list, by=world.region.nurse)

    assert page.count_text == "99+"
    assert len(page.items) == 50


def test_mine_comes_along_and_can_be_asked_for_alone(world):
    world.explored()
    task = world.claim(world.region.nurse)

    assert [card.id for card in pages(world, world.region.nurse)] == [task.id]
    assert [card.id for card in pages(world, world.region.nurse, filters={"mine": True})] == [task.id]
    assert pages(world, world.region.nurse, filters={"status": "open"}) == []
    assert pages(world, world.region.nurse2) == []


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "eyJhIjoxfQ", "W251bGwsbnVsbF0"])
def test_a_strange_cursor_or_filter_is_refused(world, cursor):
    with pytest.raises(Invalid):
        world.look(method.work_list, by=world.region.nurse, cursor=cursor)
    with pytest.raises(Invalid):
        world.look(method.work_list, by=world.region.nurse, filters={"name": "x"})


@pytest.mark.parametrize("verb", ["claim", "complete"])
def test_of_many_at_once_exactly_one_wins(world, verb):
    world.explored()
    nurse = world.region.nurse
    [card] = world.look(method.work_list, by=nurse).items
    task = world.do(method.claim_task, card.id, by=nurse) if verb == "complete" else card
    barrier, results = threading.Barrier(6), []

    def attempt(by: Actor) -> None:
        barrier.wait()
        try:
            if verb == "claim":
                world.do(method.claim_task, task.id, by=by)
            else:
                world.complete(task, by)
            results.append("won")
        except WrongState:
            results.append("lost")

    team = [nurse, world.region.nurse2] * 3 if verb == "claim" else [nurse] * 6
    threads = [threading.Thread(target=attempt, args=(by,)) for by in team]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["lost"] * 5 + ["won"]
    with world.database.reading() as session:
        event = {"claim": "task.claimed", "complete": "task.completed"}[verb]
        done = select(func.count()).where(LoggedChange.subject_id == str(task.id), LoggedChange.event == event)
        assert session.scalar(done) == 1


def test_several_workers_at_once_do_every_job_once(world, clock):
    cases = [world.explored_directly() for _ in range(6)]
    clock.forward(days=20)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(3):
                worker.run_once(world.database, clock())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.run_once(world.database, clock())

    assert failures == []
    cards = world.look(method.work_list, by=world.region.process_director).items
    assert [card.form_key for card in cards] == ["escalation"] * 6
    for case_id in cases:
        assert_level(world, case_id)


class Tasks(RuleBasedStateMachine):
    """Claim, release, expire, complete and lose in any order, by several people."""

    @initialize()
    def begin(self) -> None:
        self.clock = Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))
        self.database = fresh()
        self.world = path.World(self.database, self.clock)
        region = self.world.region
        self.people = [region.midwife, region.midwife2, region.nurse, region.nurse2, region.process_director]
        self.case_id = self.world.start().subject_id
        self.ended = False

    def tasks(self) -> list[Task]:
        """In an order that does not lie in their random ids: the same choices must give the same run again."""
        with self.database.reading() as session:
            found = processes.tasks_of(session, "case", self.case_id)
        return sorted(found, key=lambda task: (task.opened_at, task.element_id, task.status))

    def pick(self, data: st.DataObject) -> Task:
        return data.draw(st.sampled_from(self.tasks()))

    def attempt(self, verb, *arguments, **more) -> None:
        with contextlib.suppress(Refusal):
            self.world.do(verb, *arguments, **more)

    @rule(data=st.data(), who=st.integers(0, 4))
    def claim(self, data, who) -> None:
        self.attempt(method.claim_task, self.pick(data).id, by=self.people[who])

    @rule(data=st.data(), who=st.integers(0, 4))
    def release(self, data, who) -> None:
        self.attempt(method.release_task, self.pick(data).id, by=self.people[who])

    @rule(data=st.data(), who=st.integers(0, 4))
    def complete(self, data, who) -> None:
        task = self.pick(data)
        answers = path.answers_for(str(task.form_key), self.clock())
        self.attempt(method.complete_task, task.id, by=self.people[who], answers=answers, version=task.version)

    @rule()
    def go_on(self) -> None:
        """Somebody who can does the next task, so that runs come far."""
        for person in self.people:
            cards = self.world.look(method.work_list, by=person).items
            for card in sorted(cards, key=lambda card: (card.element_id, card.status)):
                task = card if card.mine else self.world.do(method.claim_task, card.id, by=person)
                self.attempt(
                    method.complete_task,
                    task.id,
                    by=person,
                    answers=path.answers_for(str(task.form_key), self.clock()),
                    version=task.version,
                )
                return

    @rule(hours=st.sampled_from([1, 80, 400]))
    def wait(self, hours) -> None:
        self.clock.forward(hours=hours)
        worker.run_once(self.database, self.clock())

    @precondition(lambda self: len(self.tasks()) > 1)
    @rule(who=st.integers(0, 3))
    def lose(self, who) -> None:
        self.attempt(method.report_loss, self.case_id, by=self.people[who], answers=path.loss_answers())

    @invariant()
    def one_claimant_one_completion_one_holder(self) -> None:
        if not hasattr(self, "case_id"):
            return
        assert_level(self.world, self.case_id)
        with self.database.reading() as session:
            case = session.get(Case, self.case_id)
            assert case is not None
            for task in processes.tasks_of(session, "case", self.case_id):
                assert (task.status == "claimed") == (task.lease_until is not None)
                assert task.status != "claimed" or task.claimed_by is not None
                entries = session.scalar(select(func.count()).where(Entry.task_id == task.id)) or 0
                assert entries <= 1
                assert task.status != "completed" or entries == 1 or case.family_id is None
            if not case.is_closed:
                assert processes.tasks_of(session, "case", self.case_id, live_only=True), "an open case without a task"

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()


_template: list[Path] = []


def fresh() -> Database:
    """An empty SQLite database of its own."""
    return Database(copy_of(_template[0], Path(mkdtemp(dir=_template[1]))), vault=VAULT, house=True)


def test_tasks_in_any_order_keep_their_invariants(sqlite_template, tmp_path):
    from hypothesis.stateful import run_state_machine_as_test

    _template[:] = [sqlite_template, tmp_path]
    examples = max(5, settings.default.max_examples // 4)
    run_state_machine_as_test(Tasks, settings=settings(max_examples=examples, stateful_step_count=18, deadline=None))
