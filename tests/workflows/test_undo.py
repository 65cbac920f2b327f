"""Undoing that a task was completed: everything is as it was, or nothing is, and whoever went on is not undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bpmn import DIRECTORY
from engine import Bundle
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.lives import Life
from tests.workflows.test_method import assert_level
from workflows import consent, explorations, jobs, logbook, method, processes, vault, worker
from workflows import settings as regional
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import NotFound, Refusal, WrongState
from workflows.processes import Draft, Task, UndoState


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def standing(session: Session, case_id: UUID) -> dict[str, Any]:
    """Everything of a case that a completion can move, without ids and versions."""
    case = session.get_one(Case, case_id, populate_existing=True)
    runs = processes.runs_of(session, "case", case_id)
    live = processes.tasks_of(session, "case", case_id, live_only=True)
    planned = select(jobs.Job.kind, jobs.Job.due_at).where(
        jobs.Job.status == "pending",
        jobs.Job.subject_id.in_([*map(str, (run.id for run in runs)), *(str(t.id) for t in live)]),
    )
    said = session.scalars(select(Entry).where(Entry.case_id == case_id)).all()
    return {
        "case": (case.status, case.holder_organisation_id, case.holder_role, case.holder_person_id),
        "runs": [(run.status, hash(run.state)) for run in runs],
        "tasks": sorted(
            (t.element_id, t.status, t.role, str(t.due_at), str(t.claimed_by), t.warned_at is None) for t in live
        ),
        "jobs": sorted((kind, str(due)) for kind, due in session.execute(planned) if kind != "lease_expiry"),
        "steps": sorted((one.element_id, one.ordinal) for one in processes.steps_of(session, [run.id for run in runs])),
        "entries": sorted((one.form_key, str(one.author_id)) for one in said),
        "explorations": [str(one.conclusion) for one in explorations.of_case(session, case_id)],
        "shared": [
            (one.recipient_organisation_id, one.ended_at is None) for one in consent.disclosures(session, case_id)
        ],
    }


class Regretful(Life):
    """A family whose professionals take back what they completed and do it again, whenever that can be done."""

    regretted: set[str] = set()

    def _complete(self, task: Task, answers: dict[str, Any], by: Actor) -> None:
        if task.subject_kind != "case" or self.dice.random() < 0.3:
            return super()._complete(task, answers, by)
        before = standing(self.session, task.subject_id)
        drafts = self._drafts(task)
        super()._complete(task, answers, by)
        after = standing(self.session, task.subject_id)
        refused = ""
        try:
            with self.session.begin_nested():
                method.undo_completion(self.session, task.id, by=by, at=self.clock())
        except WrongState as refusal:
            refused = refusal.detail
        if refused:
            assert standing(self.session, task.subject_id) == after, "refused, and yet something moved"
            never = method.NOT_UNDOABLE.get(str(task.form_key))
            assert (refused == never) == (never is not None), "each form has its own reason, and keeps to it"
            return None
        self.regretted.add(str(task.form_key))
        assert standing(self.session, task.subject_id) == before
        self.holds()
        assert self._drafts(task) == drafts + 1 or drafts == 1
        task = processes.task(self.session, task.id)
        super()._complete(task, answers, by)
        again = standing(self.session, task.subject_id)
        assert again == after
        return None

    def _drafts(self, task: Task) -> int:
        return self.session.scalar(select(func.count()).select_from(Draft).where(Draft.task_id == task.id)) or 0


def test_undone_and_done_again_is_as_done_once_and_a_case_is_never_nobodys(world):
    regretted: set[str] = set()

    @example(seed=1)
    @example(seed=2)
    @settings(max_examples=2, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**32 - 1))
    def live(seed: int) -> None:
        with world.database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
            session.info[vault.INFO] = world.database.vault
            session.info["writes"] = True
            life = Regretful(session, world.region, Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC)), seed)
            life.regretted = regretted
            life.live()
            session.rollback()

    live()

    assert {"routing", "exploration"} <= regretted, "or nothing of the above was tried"


def test_every_shipped_form_can_be_undone_or_says_what_to_do_instead():
    shipped = Bundle.read_dir(DIRECTORY).forms.keys()

    assert not method.UNDOABLE.keys() & method.NOT_UNDOABLE.keys()
    assert method.UNDOABLE.keys() | method.NOT_UNDOABLE.keys() == set(shipped)
    assert all(reason.endswith(".") for reason in method.NOT_UNDOABLE.values())


def explored(world: path.World) -> tuple[UUID, Task, Any]:
    """A case whose exploration the nurse just completed: the case, the task and what came of it."""
    case_id = world.explored_directly()
    task = world.claim(world.region.nurse, "exploration")
    return case_id, task, world.complete(task, world.region.nurse)


def undo(world: path.World, task: Task, by: Actor | None = None) -> Task:
    return world.do(method.undo_completion, task.id, by=by or world.region.nurse)


def test_what_was_undone_is_a_draft_again_and_shows_and_counts_nowhere(world, clock):
    nurse = world.region.nurse
    case_id, task, done = explored(world)
    assert done.undo_until == clock() + timedelta(minutes=5)
    [offered] = world.look(method.just_completed, by=nurse)
    assert (offered.task.id, offered.until) == (task.id, done.undo_until)
    assert world.look(method.just_completed, by=world.region.nurse2) == ()
    clock.forward(minutes=4)

    undo(world, task)

    view = world.look(method.task_view, task.id, by=nurse)
    assert view.task.mine
    assert view.answers["wishes"] == path.exploration_answers(clock())["wishes"]
    case = world.look(method.case_view, case_id, by=nurse)
    assert "exploration" not in {entry.form_key for entry in case.entries}
    assert [card.form_key for card in case.tasks] == ["exploration"]
    assert_level(world, case_id)
    with world.database.reading() as session:
        assert explorations.of_case(session, case_id) == []
        assert session.get(UndoState, task.id) is None
        events = [line.event for line in logbook.lines(session, case_id=case_id)]
    assert {"entry.withdrawn", "exploration.withdrawn", "task.withdrawn", "task.undone"} <= set(events)
    with pytest.raises(WrongState):
        undo(world, task)  # the second click

    again = world.complete(view.task, nurse, dict(view.answers))

    assert [card.element_id for card in again.opened] == [card.element_id for card in done.opened]
    assert_level(world, case_id)
    while worker.run_once(world.database, clock()):
        pass
    with world.database.writing() as session:
        logbook.seal(session, at=clock(), limit=None)
        assert logbook.verify(session).ok


def test_whoever_went_on_is_not_undone_and_who_is_late_hears_until_when(world, clock):
    region = world.region
    nurse = region.nurse

    def taken(done: Any, _case_id: UUID) -> None:
        world.do(method.claim_task, done.next[0].id, by=region.nurse2)

    def taken_and_given_back(done: Any, case_id: UUID) -> None:
        taken(done, case_id)
        world.do(method.release_task, done.next[0].id, by=region.nurse2)

    def commented(_done: Any, case_id: UUID) -> None:
        world.do(method.add_comment, case_id, text="Even bellen.", by=nurse)

    def read_elsewhere(_done: Any, case_id: UUID) -> None:
        clock.forward(seconds=1)
        world.look(method.case_view, case_id, by=region.midwife)

    def late(_done: Any, _case_id: UUID) -> None:
        clock.forward(minutes=5)

    def late_and_swept(done: Any, case_id: UUID) -> None:
        late(done, case_id)
        with world.database.writing() as session:
            processes.forget_states(session, at=clock())
            assert session.scalars(select(UndoState)).all() == []

    told = {
        taken: "verdergegaan", taken_and_given_back: "verdergegaan", commented: "intussen iets gebeurd",
        read_elsewhere: "andere organisatie", late: "kon tot", late_and_swept: "voorbij",
    }  # fmt: skip
    for happened, said in told.items():
        case_id, task, done = explored(world)
        happened(done, case_id)
        with world.database.reading() as session:
            before = standing(session, case_id)

        offered = {one.task.id for one in world.look(method.just_completed, by=nurse)}
        assert (task.id in offered) == (happened in (commented, read_elsewhere)), happened.__name__
        with pytest.raises(method.CannotUndo) as refused:
            undo(world, task)

        assert said in refused.value.detail, happened.__name__
        with world.database.reading() as session:
            assert standing(session, case_id) == before
        assert_level(world, case_id)
        for card in [one for one in world.look(method.work_list, by=nurse).items if one.status == "open"]:
            world.do(method.claim_task, card.id, by=nurse)  # the next family begins with an empty pool


def test_the_next_who_takes_it_is_told_when_it_was_undone_first(world):
    _, task, done = explored(world)

    undo(world, task)

    with pytest.raises(WrongState) as refused:
        world.do(method.claim_task, done.next[0].id, by=world.region.nurse2)
    assert "vervallen" in refused.value.detail


def test_only_who_completed_it_undoes_it_and_a_stranger_hears_nothing(world):
    _, task, _ = explored(world)

    for by in (world.region.nurse2, world.region.midwife):
        with pytest.raises(Refusal):
            undo(world, task, by=by)
    with pytest.raises(NotFound):
        undo(world, task, by=world.region.other_midwife)


def test_what_is_never_undone_says_what_to_do_instead_and_keeps_nothing(world):
    region = world.region
    task = world.start()
    done = world.complete(task, region.midwife)

    assert done.undo_until is None
    with pytest.raises(method.CannotUndo) as refused:
        undo(world, task, by=region.midwife)
    assert refused.value.detail == method.NOT_UNDOABLE["signal"]
    with world.database.reading() as session:
        assert session.scalars(select(UndoState)).all() == []


def test_what_was_told_about_safety_is_not_untold_and_a_region_can_leave_it_out(world, clock):
    nurse = world.region.nurse
    world.explored_directly()
    task = world.claim(nurse, "exploration")
    worried = path.exploration_answers(clock(), safety_concern="doubt")
    assert world.complete(task, nurse, worried).undo_until is None

    with world.database.writing() as session:
        regional.put(
            session,
            "task.undo_minutes",
            0,
            valid_from=clock().date(),
            tag="[B]",
            source="Besluit",
            by=OPERATOR,
            at=clock(),
        )
    _, _, done = explored(world)
    assert done.undo_until is None
