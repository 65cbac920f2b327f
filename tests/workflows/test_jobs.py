"""Jobs wait for their moment, are planned once per subject, and give up in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from workflows import jobs
from workflows.errors import WrongState
from workflows.jobs import ATTEMPTS, Job


def plan(session, clock, **more) -> Job:
    return jobs.enqueue(
        session, "lease_expiry", due_at=clock() + timedelta(hours=1), subject_kind="task", subject_id="t1", **more
    )


def test_a_job_is_due_at_its_moment_and_not_before(session, clock):
    job = plan(session, clock)
    session.flush()

    assert jobs.due_ids(session, at=clock()) == []
    assert jobs.due_ids(session, at=clock.forward(hours=1)) == [job.id]


def test_planning_again_moves_the_same_job(session, clock):
    first = plan(session, clock)
    session.flush()
    clock.forward(hours=5)
    second = plan(session, clock)
    session.flush()

    assert first is second
    assert second.due_at == clock() + timedelta(hours=1)
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_done_job_can_be_planned_again_but_not_done_again(session, clock):
    job = plan(session, clock)
    job.done(clock())
    with pytest.raises(WrongState):
        job.done(clock())
    session.flush()
    assert jobs.due_ids(session, at=clock() + timedelta(days=9)) == []

    plan(session, clock)
    session.flush()
    assert jobs.due_ids(session, at=clock() + timedelta(days=9)) == [job.id]


def test_a_cancelled_job_is_not_due(session, clock):
    plan(session, clock)
    session.flush()
    jobs.cancel(session, "lease_expiry", subject_kind="task", subject_id="t1", at=clock())
    session.flush()

    assert jobs.due_ids(session, at=clock() + timedelta(days=9)) == []


def test_a_job_that_fails_waits_longer_each_time_and_then_for_a_person(session, clock):
    job = plan(session, clock)
    waits = []
    for _ in range(ATTEMPTS - 1):
        job.fail(clock(), "RouteUndecided at decide_route")
        waits.append((job.due_at - clock()).total_seconds())
    job.fail(clock(), "RouteUndecided at decide_route")

    assert waits == [10 * 2**n for n in range(ATTEMPTS - 1)]
    assert job.status == "failed"
    session.flush()
    assert jobs.due_ids(session, at=clock() + timedelta(days=99)) == []


def test_a_job_that_somebody_has_is_passed_over(database, clock):
    with database.writing() as session:
        identity = plan(session, clock).id
        session.flush()
        identity = session.scalars(select(Job.id)).one()
    if database.is_sqlite:
        return  # the writer lock itself is the lock
    with database.writing() as first:
        assert jobs.take(first, identity) is not None
        with database.writing() as second:
            assert jobs.take(second, identity) is None
