"""Who knows a family otherwise is kept out of its case, in whatever role, at once and also in a race."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.clock import local_date
from tests.builders import ROERMOND, actor, organisation, signal_answers
from tests.workflows import path
from workflows import cases, logbook, method, organisations
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.errors import Blocked, Invalid, NotAllowed, NotFound, Refusal, WrongState
from workflows.method.holding import alarm_if_nobody, plan_alarms
from workflows.method.placing import director_place
from workflows.organisations import Role
from workflows.processes import Task


@pytest.fixture
def world(database, clock):
    return path.World(database, clock)


def cards(world, who):
    return [card.name for card in world.look(method.work_list, by=who).items]


def sees_nothing(world, who, case_id, task_id):
    unknown = UUID(int=7)
    for verb in (method.case_view, method.plan_view, method.talks_view, method.comment_list, method.handover_list,
                 method.hub_of_case, method.forecast, method.family_outline, method.authorities, method.block_list):  # fmt: skip
        with pytest.raises(Blocked) as kept_out:
            world.look(verb, case_id, by=who)
        with pytest.raises(NotFound) as not_there:
            world.look(verb, unknown, by=who)
        assert (kept_out.value.title, kept_out.value.detail) == (not_there.value.title, not_there.value.detail)
    for verb in (method.task_view, method.candidates):
        with pytest.raises(Blocked):
            world.look(verb, task_id, by=who)
    for verb in (method.claim_task, method.release_task):
        with pytest.raises(Blocked):
            world.do(verb, task_id, by=who)
    assert world.look(method.case_list, by=who).items == []
    assert world.look(cases.list_cases, by=who) == []
    assert cards(world, who) == []


def test_who_says_that_she_knows_the_family_is_out_at_once_and_the_task_is_the_teams(world, clock):
    here, case_id = world.region, world.explored()
    task = world.claim(here.nurse)
    world.look(method.case_view, case_id, by=here.nurse)
    world.do(method.save_draft, task.id, answers={}, version=None, by=here.nurse)

    world.do(method.step_aside_from_task, task.id, reason="neighbour", by=here.nurse)

    sees_nothing(world, here.nurse, case_id, task.id)
    assert cards(world, here.nurse2) == ["Verkenning doen"]
    with world.database.reading() as session:
        case = session.get(Case, case_id)
        assert (case.holder_organisation_id, case.holder_person_id) == (here.youth_health.id, None)
        assert all(party.person_id != here.nurse.person_id for party in cases.parties(session, case_id))
        [line] = [one for one in logbook.lines(session, case_id=case_id) if one.event == "case.blocked"]
        assert line.details["person"] == here.nurse.person_id.hex
        assert line.details["reads_before"] == 1
        assert "neighbour" not in str(line.details)
    world.claim(here.nurse2)
    [block] = world.look(method.block_list, case_id, by=here.nurse2)
    assert (block.name, block.reason, block.by_self) == ("Jet Jeugdverpleegkundige", "neighbour", True)
    assert here.nurse.person_id not in {one.person_id for one in world.look(method.candidates, task.id, by=here.nurse2)}

    world.do(method.unblock_person, block.id, by=here.nurse2)
    assert world.look(method.case_view, case_id, by=here.nurse).case.id == case_id
    with pytest.raises(WrongState):
        world.do(method.unblock_person, block.id, by=here.nurse2)


def test_the_holder_closes_a_case_at_the_familys_wish_also_to_a_colleague_of_her_own(world, clock):
    here, case_id = world.region, world.explored()
    with world.database.reading() as session:
        [task_id] = session.scalars(select(Task.id).where(Task.subject_id == case_id, Task.status == "open"))
    people = {one.person_id for one in world.look(method.involved_people, case_id, by=here.midwife)}
    assert {here.nurse.person_id, here.midwife2.person_id} <= people
    assert here.other_midwife.person_id not in people

    for one in (here.nurse, here.midwife2):
        world.do(method.block_person, case_id, person_id=one.person_id, reason="family", by=here.midwife)
        sees_nothing(world, one, case_id, task_id)

    with pytest.raises(NotFound):
        world.do(method.block_person, case_id, person_id=here.nurse.person_id, reason="family", by=here.nurse2)
    with pytest.raises(WrongState):
        world.do(method.block_person, case_id, person_id=here.nurse.person_id, reason="other", by=here.midwife)
    for wrong in ({"person_id": here.other_midwife.person_id, "reason": "other"}, {"person_id": here.nurse2.person_id, "reason": ""}):  # fmt: skip
        with pytest.raises(Invalid):
            world.do(method.block_person, case_id, **wrong, by=here.midwife)
    task = world.claim(here.nurse2)
    with pytest.raises(NotAllowed):
        world.do(method.block_person, case_id, person_id=here.nurse2.person_id, reason="other", by=here.midwife)
    # Also when she comes back in another role, or through the organisation that holds the case.
    with world.database.writing() as session:
        role = organisations.assign_role(
            session, person_id=here.midwife2.person_id, organisation_id=here.youth_health.id, role=Role.EXPLORER,
            valid_from=local_date(clock()), by=OPERATOR, at=clock(),
        )  # fmt: skip
    sees_nothing(world, Actor(here.midwife2.person_id, role.id, here.youth_health.id, "explorer"), case_id, task.id)


def test_a_family_that_nobody_is_left_for_is_put_before_the_process_director_once(world, clock):
    here, case_id = world.region, world.explored()
    task = world.claim(here.nurse)
    world.do(method.block_person, case_id, person_id=here.nurse2.person_id, reason="colleague", by=here.nurse)
    assert cards(world, here.process_director) == []

    world.do(method.step_aside_from_task, task.id, reason="family", by=here.nurse)

    [alarm] = world.look(method.work_list, by=here.process_director).items
    assert alarm.name == "Team zonder mensen: overleggen"
    with world.database.writing() as session:
        assert plan_alarms(session, at=clock()) == 1
        assert alarm_if_nobody(session, session.get(Case, case_id), by=here.midwife, at=clock()) is None
    # The process director who knows the family is kept out of the lists of the region as well.
    clock.forward(days=30)
    assert world.look(method.terms_at_risk, by=here.process_director).items
    world.do(method.claim_task, alarm.id, by=here.process_director)
    world.do(method.step_aside_from_task, alarm.id, reason="other", by=here.process_director)
    assert cards(world, here.process_director) == []
    assert world.look(method.terms_at_risk, by=here.process_director).items == []
    # Nobody else directs here, so it lies with who signalled; with another director it would lie there.
    assert alarm.name in [one.name for one in world.look(method.work_list, by=here.midwife).items]
    with world.database.writing() as session:
        case = session.get(Case, case_id)
        there = organisation(session, "Gemeente Roermond (fictief)", "municipality", "public", [ROERMOND], at=clock())
        actor(session, "Rina Regisseur", there, "process_director", at=clock())
        assert director_place(session, case, at=clock()).organisation_id == there.id


def test_who_looks_after_safety_steps_aside_and_the_holder_does_not_learn_that_there_was_something(world, clock):
    here = world.region
    task = world.start()
    world.complete(task, here.midwife, signal_answers(clock(), safety_concern="doubt"))
    with world.database.writing() as session:
        other = actor(session, "Anna Aandacht", here.practice, Role.PROTECTION_OFFICER, at=clock())
    file_task = world.claim(here.protection_officer)

    world.do(method.step_aside_from_task, file_task.id, reason="neighbour", by=here.protection_officer)

    assert cards(world, here.protection_officer) == []
    with pytest.raises(NotFound):
        world.look(method.task_view, file_task.id, by=here.protection_officer)
    assert len(cards(world, other)) == 1
    assert world.look(method.block_list, task.subject_id, by=here.midwife) == []
    back = world.look(method.case_at, task.subject_id, purpose="complaint", by=here.midwife)
    assert (back.now.blocked, {one.blocked for one in back.now.readers}) == (0, {0})
    known = {one.person_id for one in world.look(method.involved_people, task.subject_id, by=here.midwife)}
    assert here.protection_officer.person_id in known
    # Nor from being refused: the holder says the same and hears that it is so now.
    told = world.do(
        method.block_person, task.subject_id, person_id=here.protection_officer.person_id, reason="other", by=here.midwife
    )  # fmt: skip
    assert [one.id for one in world.look(method.block_list, task.subject_id, by=here.midwife)] == [told.id]


def test_blocked_while_claiming_leaves_nobody_with_the_case_who_may_not_have_it(world, clock):
    here, case_id = world.region, world.explored()
    with world.database.reading() as session:
        [task_id] = session.scalars(select(Task.id).where(Task.subject_id == case_id, Task.status == "open"))
    barrier, unexpected = threading.Barrier(4), []

    def attempt(verb, *arguments, **more):
        barrier.wait()
        try:
            world.do(verb, *arguments, **more)
        except Refusal:
            pass
        except Exception as error:  # a thread's error must reach the test
            unexpected.append(error)

    nurse = here.nurse.person_id
    threads = [
        threading.Thread(target=attempt, args=(method.claim_task, task_id), kwargs={"by": here.nurse}),
        threading.Thread(target=attempt, args=(method.claim_task, task_id), kwargs={"by": here.nurse}),
        *(
            threading.Thread(
                target=attempt,
                args=(method.block_person, case_id),
                kwargs={"person_id": nurse, "reason": "other", "by": who},
            )
            for who in (here.midwife, here.midwife2)
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert unexpected == []
    with world.database.reading() as session:
        task = session.get(Task, task_id)
        blocked = nurse in cases.blocked_people(session, case_id)
        # Who was first counts: claimed and held by youth health, or closed to her and in the pool.
        assert (task.claimed_by == nurse) == (not blocked)
        assert (session.get(Case, case_id).holder_person_id == nurse) == (not blocked)


def test_no_emergency_opens_it_to_who_is_kept_out(world, clock):
    here, case_id = world.region, world.explored()
    with world.database.reading() as session:
        number = session.get(Case, case_id).number
    asked = {
        "reason": "acute_illness",
        "explanation": "Ze ligt hier en is niet aanspreekbaar.",
        "ground": "vital_interest",
    }
    running = world.do(method.open_emergency, case_number=number, **asked, by=here.nurse)
    assert world.look(method.emergency_view, running.id, by=here.nurse).members

    for one in (here.nurse, here.nurse2):
        world.do(method.block_person, case_id, person_id=one.person_id, reason="family", by=here.midwife)

    with pytest.raises(Blocked):
        world.look(method.emergency_view, running.id, by=here.nurse)
    with pytest.raises(method.NothingOpened):
        world.do(method.open_emergency, case_number=number, **asked, by=here.nurse2)
