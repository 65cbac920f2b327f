"""Why a case does not move: told as far as somebody may follow it, with what will happen by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.workflows import path
from workflows import jobs, method, processes, worker
from workflows.errors import NotFound
from workflows.jobs import Job
from workflows.method import ByItself, Standstill, WaitsFor
from workflows.processes import Run, Task


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def why(world, case_id: UUID, by) -> Standstill:
    with world.database.reading() as session:
        return method.standstill(session, case_id, by=by, at=world.clock())


def test_a_case_waits_for_a_team_for_somebody_for_the_director_and_for_nobody_at_last(world):
    case_id = world.explored()
    nurse = world.region.nurse

    free = why(world, case_id, world.region.midwife)  # the parent finds it good that she hears how it goes on
    assert (free.waits_for, free.taken, free.late) == (WaitsFor.TASK, False, False)
    assert (free.organisation_id, free.role) == (nurse.organisation_id, "explorer")
    assert (free.by_itself, free.next_at) == (ByItself.ASKS_DIRECTOR, free.due_at)

    task = world.claim(nurse)
    taken = why(world, case_id, nurse)
    assert (taken.task_id, taken.taken, taken.since) == (task.id, True, world.clock())
    with world.database.reading() as session:
        assert taken.by_itself == ByItself.RETURNS
        assert taken.next_at == session.get_one(Task, task.id).lease_until

    world.clock.forward(days=40)
    for _ in range(3):
        worker.run_once(world.database, world.clock())
    late = why(world, case_id, nurse)
    assert (late.late, late.taken, late.by_itself) == (True, False, ByItself.DIRECTOR_ASKED)

    with world.database.writing() as session:
        run = processes.run_of(session, "case", case_id)
        job = session.scalars(select(Job).where(Job.kind == "run_timer", Job.subject_id == str(run.id))).one()
        job.plan(world.clock(), {})
        job.fail(world.clock(), "KeyError")
    trying = why(world, case_id, nurse)
    assert (trying.waits_for, trying.by_itself, trying.reference) == (
        WaitsFor.SYSTEM,
        ByItself.TRIED_AGAIN,
        job.id.hex[:8],
    )
    assert trying.next_at == world.clock() + timedelta(seconds=10)
    with world.database.writing() as session:
        for _ in range(jobs.ATTEMPTS - 1):
            session.get_one(Job, job.id).fail(world.clock(), "KeyError")
    dead = why(world, case_id, nurse)
    assert (dead.waits_for, dead.by_itself, dead.since) == (WaitsFor.SYSTEM, ByItself.MENDED, world.clock())
    with world.database.reading() as session:
        assert method.case_view(session, case_id, by=nurse, at=world.clock()).standstill == dead


def test_who_may_not_follow_hears_the_same_whatever_it_waits_for(world):
    midwife = world.region.midwife
    task = world.start()
    case_id = task.subject_id
    world.complete(task, midwife)
    world.do_next(midwife, path.consent_answers(share_feedback="no", share_feedback_categories=None))
    world.do_next(midwife)
    world.claim(world.region.nurse)  # who holds the case now

    before = why(world, case_id, midwife)
    assert before == Standstill(WaitsFor.WITHHELD)

    with world.database.writing() as session:
        [run] = session.scalars(select(Run).where(Run.subject_id == case_id))
        jobs.enqueue(session, "run_timer", due_at=world.clock(), subject_kind="run", subject_id=run.id)
    world.clock.forward(hours=1)
    assert why(world, case_id, midwife) == before
    with world.database.reading() as session:
        stranger = world.region.other_midwife
        with pytest.raises(NotFound):
            method.standstill(session, case_id, by=stranger, at=world.clock())


def test_each_reason_is_one_sentence():
    from api.pages.standing_words import sentence

    at = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)

    class Names:
        def organisation(self, key: UUID | None) -> str:
            return "JGZ Venlo" if key else ""

    task = {"what": "Verkennen", "organisation_id": UUID(int=1), "role": "explorer", "since": at}
    said = {
        one: sentence(one, Names(), mine=False, now=at)  # type: ignore[arg-type]
        for one in (
            Standstill(WaitsFor.TASK, ByItself.ASKS_DIRECTOR, at + timedelta(days=7), **task),
            Standstill(WaitsFor.TASK, ByItself.RETURNS, at + timedelta(days=1), taken=True, **task),
            Standstill(WaitsFor.TASK, ByItself.DIRECTOR_ASKED, at, late=True, due_at=at - timedelta(days=2), **task),
            Standstill(WaitsFor.SERVICE, **task),
            Standstill(WaitsFor.MOMENT, ByItself.GOES_ON, at + timedelta(days=7)),
            Standstill(WaitsFor.SYSTEM, ByItself.TRIED_AGAIN, at, since=at, reference="ab12cd34"),
            Standstill(WaitsFor.SYSTEM, ByItself.MENDED, since=at, reference="ab12cd34"),
            Standstill(WaitsFor.NOTHING, ByItself.MENDED),
            Standstill(WaitsFor.CLOSED),
            Standstill(WaitsFor.WITHHELD),
        )
    }

    assert list(said.values())[:5] == [
        "Het wacht op ‘Verkennen’: dat ligt sinds 3 november 2026 bij JGZ Venlo (verkenner) en is nog niet opgepakt; is het "
        "op dinsdag 10 november nog niet klaar, dan vraagt het systeem de procesregisseur om te overleggen.",
        "Het wacht op ‘Verkennen’: dat is sinds 3 november 2026 in handen van JGZ Venlo (verkenner); gebeurt er niets, dan "
        "gaat de taak woensdag 4 november terug naar het team.",
        "Het wacht op ‘Verkennen’: dat ligt sinds 3 november 2026 bij JGZ Venlo (verkenner) en is nog niet opgepakt, "
        "2 dagen te laat; de procesregisseur is op dinsdag 3 november gevraagd om te overleggen.",
        "Het wacht sinds 3 november 2026 op een ander systeem, voor ‘Verkennen’.",
        "Er is nu niets te doen: op dinsdag 10 november 2026 gaat het vanzelf verder.",
    ]
    for text in said.values():
        assert text.count(".") == 1, text
        assert text.endswith(".")
