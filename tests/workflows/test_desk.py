"""The operator's desk: what does not go is told without a family, and mended by two people, each time written down."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from tests import builders
from tests.workflows import path
from workflows import desk, jobs, method, outbox, worker
from workflows.actor import OPERATOR
from workflows.desk import Action, Cause, RepairStatus, TroubleKind, TroubleState, Why, cause_of
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.jobs import Job, JobStatus
from workflows.logbook import LoggedChange
from workflows.processes import Run, RunStatus, Task, TaskStatus

#: Past the rooms: what went wrong there was no use case.
_TASKS, _RUNS = Task.__table__, Run.__table__
ERRORS = ("RouteUndecided at decide_route", "SMTPConnectError", "Unreadable", "LookupError", "KeyError", None)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@pytest.fixture
def second(world):
    """A colleague of the administrator."""
    with world.database.writing() as session:
        office = world.region.programme
        return builders.actor(session, "Bo Beheerder", office, "administrator", at=world.clock())


def told(world, by) -> list[str]:
    with world.database.reading() as session:
        return [one.kind for one in method.notification_list(session, by=by, at=world.clock()) if not one.read]


def test_every_other_administrator_hears_that_somebody_waits_and_nobody_when_it_is_decided(world, second):
    asker, at = world.region.administrator, world.clock
    with world.database.writing() as session:
        elsewhere = builders.actor(session, "Ada Beheerder", world.region.practice, "administrator", at=at())
    fail(world, "consent_ends", "OperationalError")
    [dead] = troubles(world)
    for decide, by in ((desk.confirm, second), (desk.refuse, elsewhere), (desk.withdraw, asker)):
        if decide is desk.refuse:
            fail(world, "consent_ends", "OperationalError")
        with world.database.writing() as session:
            asked = desk.ask(session, dead.id, Action.RETRY, Why.CAUSE_MENDED, by=asker, at=at())
        assert [told(world, one) for one in (asker, second, elsewhere)] == [[], ["repair_asked"], ["repair_asked"]]
        assert told(world, world.region.coordinator) == []
        with world.database.writing() as session:
            decide(session, asked.id, by=by, at=at())
        assert [told(world, one) for one in (asker, second, elsewhere)] == [[], [], []]


def test_an_error_says_what_is_behind_it():
    found = [cause_of(error) for error in ERRORS]

    assert found == [Cause.DRAWING, Cause.AWAY, Cause.KEY, Cause.NO_WORKER, Cause.SOFTWARE, Cause.SOFTWARE]


def fail(world, kind: str, error: str, *, times: int = jobs.ATTEMPTS) -> None:
    """A job that failed so often, in the same way."""
    with world.database.writing() as session:
        job = jobs.enqueue(session, kind, due_at=world.clock(), subject_kind="case", subject_id=uuid4())
        for _ in range(times):
            job.fail(world.clock(), error)


def troubles(world) -> list[desk.Trouble]:
    with world.database.reading() as session:
        return desk.troubles(session, by=world.region.administrator, at=world.clock())


def mend(world, trouble: desk.Trouble, second, action: Action | None = None) -> desk.Repair:
    with world.database.writing() as session:
        asked = desk.ask(
            session, trouble.id, action or trouble.actions[0], Why.CAUSE_MENDED, by=world.region.administrator, at=world.clock()
        )  # fmt: skip
    with world.database.writing() as session:
        return desk.confirm(session, asked.id, by=second, at=world.clock())


def test_what_fails_in_one_way_is_one_trouble_and_is_tried_again_when_two_people_want_that(world, second):
    for _ in range(3):
        fail(world, "consent_ends", "RouteUndecided at decide_route")
    fail(world, "consent_ends", "OperationalError", times=2)
    world.clock.forward(minutes=1)

    dead, trying = troubles(world)
    assert (dead.kind, dead.what, dead.state, dead.count) == (TroubleKind.JOB, "consent_ends", TroubleState.FAILED, 3)
    assert (dead.cause, dead.error, dead.step) == (Cause.DRAWING, "RouteUndecided", "decide_route")
    assert dead.since == world.clock() - timedelta(minutes=1)
    assert len(dead.references) == 3
    assert (trying.state, trying.cause, trying.count) == (TroubleState.RETRYING, Cause.DATABASE, 1)
    assert trying.next_at is not None

    with world.database.writing() as session:
        by = world.region.administrator
        with pytest.raises(Invalid) as wrong:
            desk.ask(session, dead.id, Action.DROP, "so", by=by, at=world.clock())
        assert set(wrong.value.errors) == {"action", "why"}
        asked = desk.ask(session, dead.id, Action.RETRY, Why.CAUSE_MENDED, by=by, at=world.clock())
        with pytest.raises(WrongState):
            desk.ask(session, dead.id, Action.RETRY, Why.ADVISED, by=second, at=world.clock())
        with pytest.raises(NotAllowed):
            desk.confirm(session, asked.id, by=by, at=world.clock())
        with pytest.raises(NotAllowed):
            desk.refuse(session, asked.id, by=by, at=world.clock())
        with pytest.raises(NotAllowed):
            desk.withdraw(session, asked.id, by=second, at=world.clock())
        assert desk.waiting(session, by=second, at=world.clock()) == (0, 1)
        assert desk.waiting(session, by=by, at=world.clock()) == (0, 0)
        assert {job.status for job in session.scalars(select(Job).where(Job.attempts == 8))} == {JobStatus.FAILED}

    with world.database.writing() as session:
        done = desk.confirm(session, asked.id, by=second, at=world.clock())
        assert (done.status, done.mended) == (RepairStatus.DONE, 3)
        tried = list(session.scalars(select(Job).where(Job.kind == "consent_ends", Job.attempts == 0)))
        assert [(job.status, job.last_error, job.due_at) for job in tried] == [("pending", None, world.clock())] * 3
        with pytest.raises(WrongState):
            desk.confirm(session, asked.id, by=second, at=world.clock())

    assert [one.state for one in troubles(world)] == [TroubleState.RETRYING]
    with world.database.reading() as session:
        lines = session.scalars(select(LoggedChange).where(LoggedChange.subject_kind == "repair")).all()
        assert [(one.event, one.person_id, one.details["count"]) for one in lines] == [
            ("repair.asked", world.region.administrator.person_id, 3),
            ("repair.confirmed", second.person_id, 3),
        ]
        assert {one.case_id for one in lines} == {None}


def test_nobody_else_looks_at_the_desk_or_mends_there(world):
    fail(world, "seal", "KeyError")
    [trouble] = troubles(world)
    with world.database.writing() as session:
        for by in (world.region.coordinator, world.region.midwife, world.region.log_manager):
            assert not desk.operates(by)
            with pytest.raises(NotAllowed):
                desk.troubles(session, by=by, at=world.clock())
            with pytest.raises(NotAllowed):
                desk.ask(session, trouble.id, Action.RETRY, Why.ADVISED, by=by, at=world.clock())
        assert [one.id for one in desk.troubles(session, by=OPERATOR, at=world.clock())] == [trouble.id]
        with pytest.raises(NotAllowed, match="command line"):
            desk.ask(session, trouble.id, Action.RETRY, Why.ADVISED, by=OPERATOR, at=world.clock())
        with pytest.raises(NotFound):
            desk.ask(session, uuid4(), Action.RETRY, Why.ADVISED, by=world.region.administrator, at=world.clock())


def test_what_does_not_leave_the_house_is_tried_again_or_dropped_as_two_people_want(world, second):
    with world.database.writing() as session:
        for channel, error in (("notification_mail", "SMTPAuthenticationError"), ("anchor_webhook", "HTTPError")):
            message = outbox.put(session, channel, {"heads": []}, at=world.clock())
            session.flush()
            message.attempts = 12
            message.has_failed(error)
        outbox.put(session, "nowhere", {}, at=world.clock())
    world.clock.forward(hours=2)

    found = {one.what: one for one in troubles(world)}
    assert {name: (one.state, one.cause) for name, one in found.items()} == {
        "notification_mail": (TroubleState.FAILED, Cause.LOGIN),
        "anchor_webhook": (TroubleState.FAILED, Cause.REFUSED),
        "nowhere": (TroubleState.OVERDUE, Cause.NO_SENDER),
    }
    mend(world, found["notification_mail"], second)
    mend(world, found["anchor_webhook"], second, Action.DROP)
    mend(world, found["nowhere"], second)

    sent = []
    senders = {name: lambda payload, id: sent.append(id) for name in found}
    worker.run_once(world.database, world.clock(), senders=senders)
    assert len(sent) == 1
    assert troubles(world) == []


def test_a_process_without_anything_to_wait_for_is_laid_out_anew_or_put_before_the_director(world, second):
    case_id = world.explored()
    assert [one for one in troubles(world) if one.state == TroubleState.STUCK] == []
    with world.database.writing() as session:
        run = session.scalars(select(Run).where(Run.subject_id == case_id)).one()
        waited = {
            task.step_key
            for task in session.scalars(select(Task).where(Task.subject_id == case_id))
            if task.status == "open"
        }
        session.connection().execute(
            update(_TASKS).where(_TASKS.c.subject_id == case_id).values(step_key=_TASKS.c.step_key + "-lost")
        )
        session.connection().execute(
            update(_TASKS)
            .where(_TASKS.c.subject_id == case_id, _TASKS.c.status == "open")
            .values(status=TaskStatus.WITHDRAWN, claimed_by=None, lease_until=None)
        )
        session.connection().execute(delete(Job).where(Job.kind == "run_timer", Job.subject_id == str(run.id)))

    [stuck] = [one for one in troubles(world) if one.state == TroubleState.STUCK]
    assert (stuck.kind, stuck.what, stuck.count, stuck.actions) == (
        TroubleKind.RUN,
        run.process_id,
        1,
        (Action.RESUME,),
    )
    assert mend(world, stuck, second).mended == 1
    worker.run_once(world.database, world.clock())
    with world.database.reading() as session:
        live = session.scalars(select(Task).where(Task.subject_id == case_id, Task.status == "open")).all()
        assert {task.step_key for task in live} == waited
    assert [one for one in troubles(world) if one.state == TroubleState.STUCK] == []

    with world.database.writing() as session:
        session.connection().execute(
            update(_TASKS).where(_TASKS.c.subject_id == case_id, _TASKS.c.status == "open").values(status="withdrawn")
        )
        session.connection().execute(
            update(_RUNS).where(_RUNS.c.id == run.id).values(status=RunStatus.ENDED, ended_at=world.clock(), state=b"")
        )
    [lost] = [one for one in troubles(world) if one.state == TroubleState.STUCK]
    assert (lost.kind, lost.actions) == (TroubleKind.CASE, (Action.ASK_DIRECTOR,))
    mend(world, lost, second)
    worker.run_once(world.database, world.clock())
    with world.database.reading() as session:
        [told] = method.work_list(session, by=world.region.process_director, at=world.clock()).items
        assert told.name == "Casus staat stil: overleggen"
    assert [one for one in troubles(world) if one.state == TroubleState.STUCK] == []


def test_a_question_that_nobody_answers_or_that_is_needless_ends_by_itself(world, second):
    fail(world, "consent_ends", "KeyError")
    fail(world, "lease_expiry", "KeyError")
    first, other = troubles(world)
    with world.database.writing() as session:
        for one in (first, other):
            desk.ask(session, one.id, Action.RETRY, Why.ADVISED, by=second, at=world.clock())
        session.execute(delete(Job).where(Job.kind == first.what))
    with world.database.writing() as session:
        [page] = [desk.repairs(session, by=second, at=world.clock())]
        needless = next(one for one in page.items if one.trouble_id == first.id)
        with pytest.raises(WrongState, match="is over"):
            desk.confirm(session, needless.id, by=world.region.administrator, at=world.clock())
        assert desk.expire(session, at=world.clock()) == 1
        assert (needless.status, needless.decided_by) == (RepairStatus.EXPIRED, None)
        assert desk.expire(session, at=world.clock()) == 0
        assert desk.expire(session, at=world.clock() + desk.PATIENCE) == 1
    assert [one.repair for one in troubles(world)] == [None]


def test_the_figures_count_the_same_and_name_nobody(world):
    world.explored()
    fail(world, "seal", "KeyError")
    fail(world, "run_timer", "KeyError", times=1)
    with world.database.writing() as session:
        outbox.put(session, "anchor_mail", {}, at=world.clock())
    world.clock.forward(minutes=30)

    with world.database.reading() as session:
        found = desk.figures(session, at=world.clock())

    assert (found.jobs_failed, found.jobs_retrying) == ({"seal": 1}, {"run_timer": 1})
    assert found.messages_waiting == {"anchor_mail": 1}
    assert found.oldest_message_seconds == {"anchor_mail": 1800.0}
    assert found.oldest_due_seconds >= 1790
    assert set(found.lines_unsealed) == {"changes", "reads"}
    assert min(found.lines_unsealed.values()) >= 0
    assert found.oldest_unsealed_seconds >= 1800
    assert found.stuck == {"run": 0, "case": 0}
    assert found.tasks_open >= 1
