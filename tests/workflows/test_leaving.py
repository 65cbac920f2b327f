"""Whoever leaves, nothing of a family stays behind in their hands, and a family that nobody is left for is put before
somebody the same day."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from engine.clock import local_date
from tests import builders
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.handing import ACCEPTED, REFUSED, World, team_of
from tests.workflows.test_method import assert_level
from workflows import cases, handovers, hubs, jobs, logbook, method, organisations, packages, processes, pulls, worker
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.errors import ConcurrentChange, ConsentMissing, Invalid, NotAllowed, NotFound, Refusal, WrongState
from workflows.organisations import Person, Role, RoleAssignment
from workflows.processes import Task

ALARM = "Team zonder mensen: overleggen"


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@pytest.fixture
def handed(database, clock) -> World:
    return World(database, clock)


def leave(world: path.World, who):
    return world.do(method.deactivate_person, who.person_id, by=world.region.administrator)


def stop(world: path.World, organisation):
    return world.do(method.deactivate_organisation, organisation.id, by=world.region.administrator)


def case_of(world: path.World, case_id) -> Case:
    with world.database.reading() as session:
        return session.get(Case, case_id)


def forms_of(world: path.World, by) -> list[str]:
    return sorted(card.form_key for card in world.look(method.work_list, by=by).items)


def alarms(world: path.World, by=None) -> list:
    found = world.look(method.work_list, by=by or world.region.process_director).items
    return [card for card in found if card.name == ALARM]


# --- a person


def test_who_leaves_leaves_nothing_in_their_hands_and_the_draft_stays_theirs(world):
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    case_id = world.explored()
    task = world.claim(nurse)
    world.do(method.save_draft, task.id, answers={"wishes": "Rust"}, version=task.version, by=nurse)

    left = leave(world, nurse)

    assert (left.tasks, left.cases, left.alarms) == ((task.id,), (case_id,), ())
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role, held.holder_person_id) == team_of(nurse, person=False)
    with world.database.reading() as session:
        assert processes.draft_of(session, task.id, by=nurse).answers == {"wishes": "Rust"}
        assert processes.draft_of(session, task.id, by=nurse2) is None
        assert {party.person_id for party in cases.parties(session, case_id)} == {
            world.region.midwife.person_id,
            None,  # youth health goes on, without anybody in person
        }
    world.complete(world.claim(nurse2), nurse2)


def test_what_somebody_has_is_listed_without_families_and_goes_to_whom_was_chosen(world):
    nurse, nurse2, administrator = world.region.nurse, world.region.nurse2, world.region.administrator
    cases_ = [world.explored_directly() for _ in range(3)]
    cards = world.look(method.work_list, by=nurse).items
    tasks = [world.do(method.claim_task, card.id, by=nurse) for card in cards]
    found = world.look(method.leaver, nurse.person_id, by=administrator)

    assert [one.is_case for one in found.items] == [False] * 3 + [True] * 3
    assert {one.to for one in found.items} == {((nurse2.person_id, "Joris Jeugdverpleegkundige"),)}
    told = repr(found)
    with world.database.reading() as session:
        known = [session.get(Case, task.subject_id).number for task in tasks]
    assert not [one for one in (*known, *path.SECRETS) if one in told]
    with pytest.raises(NotAllowed):
        world.look(method.leaver, nurse.person_id, by=nurse2)

    to = {
        tasks[0].id: nurse2.person_id,
        tasks[1].id: world.region.midwife.person_id,
        tasks[2].subject_id: nurse2.person_id,
    }
    left = world.do(method.deactivate_person, nurse.person_id, to=to, by=administrator)

    assert dict(left.passed) == {tasks[0].id: nurse2.person_id, tasks[2].subject_id: nurse2.person_id}
    assert set(left.tasks) == {tasks[1].id, tasks[2].id}  # one to whom is not of the team, one that nobody chose
    held = {task.subject_id: case_of(world, task.subject_id).holder_person_id for task in tasks}
    assert held == {
        tasks[0].subject_id: nurse2.person_id, tasks[1].subject_id: None, tasks[2].subject_id: nurse2.person_id,
    }  # fmt: skip
    assert len(cases_) == 3
    story = world.look(method.case_story, tasks[0].subject_id, by=nurse2)
    assert (story.moves[-1].person_id, story.people[nurse2.person_id]) == (
        nurse2.person_id, "Joris Jeugdverpleegkundige",
    )  # fmt: skip


def test_what_stays_with_the_team_is_listed_one_by_one_and_names_no_family(session, clock):
    here, at = builders.region(session, clock()), clock()
    nurse, director, soon = here.nurse, here.process_director, clock() + timedelta(days=3)
    asked, offered, talked = (builders.explored_case(session, here, at) for _ in range(3))
    for case in (asked, offered):
        one = handovers.prepare(
            session, case, kind="organisation", reason="other_expertise", to_organisation_id=here.municipality.id,
            to_role="case_director", by=nurse, at=at,
        )  # fmt: skip
        handovers.offer(session, one, warm_contact_form="none", parent_presence="absent", by=nurse, at=at)
        if case is asked:
            receiver = replace(nurse, organisation_id=here.municipality.id, role="case_director")
            handovers.ask(session, one, ["tried_before"], by=receiver, at=at)
    plan = {"municipality": builders.VENLO, "place": "Bij Noor Voorbeeld thuis", "at": at}
    hubs.plan(session, starts_at=soon + timedelta(days=1), by=nurse, **plan)
    hubs.plan(session, starts_at=soon, by=director, **plan)  # in which nobody of hers has a part
    meeting = hubs.plan(session, starts_at=soon, by=director, **plan)
    item = hubs.add_item(session, meeting.id, talked, parents_invited=True, by=director, at=at)
    session.add(
        hubs.Invitation(agenda_item_id=item.id, organisation_id=nurse.organisation_id, role=nurse.role, invited_at=at)
    )
    pulls.ask(session, search={"name": "Anna Elders"}, reason=pulls.PullReason.MOVED_HERE, by=nurse, at=at)
    away = {"from_on": local_date(at) + timedelta(days=2), "until_on": local_date(at) + timedelta(days=5)}
    organisations.report_absence(session, deputy_id=nurse.person_id, by=here.nurse2, at=at, **away)

    found = method.leaver(session, nurse.person_id, by=here.administrator, at=at).stays

    town = here.municipality.id
    assert [(str(one.kind), one.municipality_code, one.other_id) for one in found] == [
        ("hub_meeting", builders.VENLO, None), ("hub_seat", builders.VENLO, None),
        ("asked_back", builders.VENLO, town), ("waiting_offer", builders.VENLO, town),
        ("case_request", None, None), ("stand_in", None, None),
    ]  # fmt: skip
    assert [one.at for one in found[:2]] == [soon + timedelta(days=1), soon]
    assert (found[-1].until, found[-1].name) == (away["until_on"], "Joris Jeugdverpleegkundige")
    assert {(one.organisation_id, one.role) for one in found} == {(nurse.organisation_id, nurse.role)}
    told = (asked.number, offered.number, talked.number, *path.SECRETS, "Voorbeeld", "Elders")
    assert not [one for one in told if one in repr(found)]
    assert method.leaver(session, here.nurse2.person_id, by=here.administrator, at=at).stays == ()


def test_who_left_gets_nothing_into_their_hands_any_more(world):
    world.explored()
    leave(world, world.region.nurse)
    [card] = world.look(method.work_list, by=world.region.nurse2).items

    with pytest.raises(NotAllowed):
        world.do(method.claim_task, card.id, by=world.region.nurse)


def test_a_case_whose_last_colleague_left_is_put_before_the_process_director(world):
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    case_id = world.explored()
    world.claim(nurse)
    assert leave(world, nurse2).alarms == ()

    left = leave(world, nurse)

    [card] = alarms(world)
    assert left.alarms == (card.id,)
    assert (card.form_key, card.municipality_code) == ("escalation", builders.VENLO)
    assert card.due_at is not None
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role) == (nurse.organisation_id, "explorer")
    task = world.do(method.claim_task, card.id, by=world.region.process_director)
    world.complete(task, world.region.process_director)
    assert not any("Noor" in repr(one) for one in world.look(method.work_list, by=world.region.process_director).items)


def test_a_task_in_the_pool_of_an_empty_team_is_an_alarm_although_another_holds_the_case(world):
    case_id = world.explored()  # the practice holds it; the exploration lies with youth health
    leave(world, world.region.nurse)
    assert case_of(world, case_id).holder_organisation_id == world.region.practice.id

    left = leave(world, world.region.nurse2)

    assert len(left.alarms) == 1
    assert left.tasks == left.cases == ()


def test_a_team_that_only_works_elsewhere_is_nobody_for_this_family(world, clock):
    nurse = world.region.nurse
    world.explored()
    with world.database.writing() as session:
        builders.actor(
            session, "Rob Roermond", world.region.youth_health, Role.EXPLORER, areas=(builders.ROERMOND,), at=clock()
        )
    world.claim(nurse)
    leave(world, world.region.nurse2)

    assert len(leave(world, nurse).alarms) == 1


def test_leaving_twice_is_refused_and_only_an_administrator_says_it(world):
    region = world.region
    for by in (region.nurse2, region.coordinator, region.process_director, region.midwife):
        with pytest.raises(NotAllowed):
            world.do(method.deactivate_person, region.nurse.person_id, by=by)
        with pytest.raises(NotAllowed):
            world.do(method.end_role, region.nurse.assignment_id, by=by)
        with pytest.raises(NotAllowed):
            world.do(method.deactivate_organisation, region.practice.id, by=by)
        with pytest.raises(NotAllowed):
            world.look(method.what_goes_back, person_id=region.nurse.person_id, by=by)
    leave(world, region.nurse)

    for verb, what in (
        (method.deactivate_person, region.nurse.person_id),
        (method.end_role, region.nurse.assignment_id),
    ):
        with pytest.raises(WrongState):
            world.do(verb, what, by=region.administrator)
    for verb in (method.deactivate_person, method.end_role, method.deactivate_organisation):
        with pytest.raises(NotFound):
            world.do(verb, uuid4(), by=region.administrator)


def test_ending_one_role_leaves_what_is_done_in_another(world, clock):
    nurse, region = world.region.nurse, world.region
    with world.database.writing() as session:
        second = organisations.assign_role(
            session, person_id=nurse.person_id, organisation_id=region.practice.id, role=Role.SIGNALLER,
            valid_from=local_date(clock()), by=OPERATOR, at=clock(),
        )  # fmt: skip
    as_signaller = type(nurse)(nurse.person_id, second.id, region.practice.id, "signaller")
    case_id = world.explored()
    world.claim(nurse)
    own = world.start(as_signaller)

    left = world.do(method.end_role, nurse.assignment_id, by=region.administrator)

    assert left.cases == (case_id,)
    assert forms_of(world, nurse) == ["exploration"]  # in the pool
    assert case_of(world, own.subject_id).holder_person_id == nurse.person_id
    world.complete(own, as_signaller)


def test_a_concern_about_safety_goes_back_to_the_protection_officers_and_is_told_to_nobody_else(world, clock):
    region = world.region
    with world.database.writing() as session:
        builders.actor(session, "Aad Aandacht", region.practice, Role.PROTECTION_OFFICER, at=clock())
    task = world.start()
    world.complete(task, region.midwife, builders.signal_answers(clock(), safety_concern="yes"))
    [card] = world.look(method.work_list, by=region.protection_officer).items
    claimed = world.do(method.claim_task, card.id, by=region.protection_officer)

    left = leave(world, region.protection_officer)

    assert left == method.Left((), (), ())
    with world.database.reading() as session:
        assert session.get(Task, claimed.id).status == "open"
    assert world.look(method.work_list, by=region.process_director).items == []


def test_what_happened_is_written_down(world):
    case_id = world.explored()
    world.claim(world.region.nurse)
    leave(world, world.region.nurse)

    with world.database.reading() as session:
        events = [line.event for line in logbook.lines(session, case_id=case_id)]
    assert {"task.released", "case.person_left", "case.holder_moved"} <= set(events)


# --- an organisation


def test_what_an_organisation_held_goes_back_to_where_it_came_from(world):
    region = world.region
    case_id = world.explored()
    task = world.claim(region.nurse)

    left = stop(world, region.youth_health)

    assert left == method.Left((task.id,), (case_id,), (), asked=(case_id,))
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role) == (region.practice.id, "signaller")
    assert forms_of(world, region.midwife) == ["exploration"]
    with world.database.reading() as session:
        assert [party.organisation_id for party in cases.parties(session, case_id)] == [region.practice.id]
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=region.nurse)
    world.claim(region.midwife)


def test_what_lay_with_it_in_another_organisations_case_goes_to_who_holds_that(world):
    region = world.region
    case_id = world.explored()

    left = stop(world, region.youth_health)

    assert len(left.tasks) == 1
    assert left.cases == ()
    assert case_of(world, case_id).holder_organisation_id == region.practice.id
    assert forms_of(world, region.midwife) == ["exploration"]


@pytest.fixture
def noord(world) -> Actor:
    """Somebody of an organisation that could go on with what youth health held."""
    with world.database.writing() as session:
        there = builders.organisation(session, "JGZ Noord (fictief)", "youth_health", "public", at=world.clock())
        return builders.actor(session, "Nina Noord", there, Role.EXPLORER, at=world.clock())


def prepare(world: path.World, organisation, **to):
    return world.do(method.prepare_stop, organisation.id, to=to, by=world.region.administrator)


def test_before_an_organisation_stops_an_offer_lies_ready_for_each_case_and_nobody_else_hears(world, noord):
    region, nurse = world.region, world.region.nurse
    case_id = world.explored()
    exploring = world.claim(nurse)
    draft = world.start()

    found = prepare(world, region.youth_health, explorer=noord.organisation_id)

    assert found == method.Succession((case_id,))
    [one] = world.look(method.handover_list, case_id, by=nurse)
    assert (one.status, one.to_organisation_id, one.to_role) == ("prepared", noord.organisation_id, "explorer")
    assert forms_of(world, nurse) == ["exploration", "handover"]
    task = world.claim(nurse, "handover")
    known = world.look(method.task_view, task.id, by=nurse).answers
    assert known == {
        "handover_choice": "offer", "receiver": f"{noord.organisation_id}:explorer", "handover_kind": "organisation",
        "handover_reason": "professional_leaves",
    }  # fmt: skip
    assert forms_of(world, noord) == []
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=noord)
    assert prepare(world, region.youth_health, explorer=noord.organisation_id) == method.Succession(underway=(case_id,))
    assert prepare(world, region.practice, signaller=noord.organisation_id) == method.Succession()
    assert case_of(world, draft.subject_id).status == "draft"  # known to nobody else, and goes nowhere
    assert case_of(world, case_id).holder_organisation_id == region.youth_health.id
    assert processes_open(world, exploring.id)


def processes_open(world: path.World, task_id) -> bool:
    with world.database.reading() as session:
        return session.get(Task, task_id).status == "claimed"


def test_when_it_stops_who_holds_the_case_now_finds_the_offer_to_the_same_successor(world, noord):
    region, midwife = world.region, world.region.midwife
    case_id = world.explored()
    world.claim(region.nurse)
    prepare(world, region.youth_health, explorer=noord.organisation_id)
    receiver = f"{noord.organisation_id}:explorer"
    world.do_next(region.nurse, path.handover_answers(receiver), "handover")
    world.do_next(region.nurse, form_key="handover_offer")
    assert "handover_answer" in forms_of(world, noord)

    left = stop(world, region.youth_health)

    assert (left.cases, left.prepared, left.asked, left.alarms) == ((case_id,), (case_id,), (), ())
    assert case_of(world, case_id).holder_organisation_id == region.practice.id
    assert forms_of(world, noord) == []
    with world.database.reading() as session:
        before, newest = sorted(handovers.of_case(session, case_id), key=lambda one: one.status)
    assert (before.status, newest.status, newest.to_organisation_id) == ("expired", "prepared", noord.organisation_id)
    assert (newest.from_organisation_id, newest.from_person_id) == (region.practice.id, None)
    assert [one.id for one in world.look(method.handover_list, case_id, by=midwife)] == [newest.id]
    assert forms_of(world, midwife).count("handover") == 1
    world.do_next(midwife, path.handover_answers(receiver), "handover")
    world.do_next(midwife, form_key="handover_offer")
    world.do_next(noord, form_key="handover_answer")
    assert case_of(world, case_id).holder_organisation_id == noord.organisation_id
    assert_level(world, case_id)


def test_without_a_successor_who_is_there_the_process_director_looks_for_one_once(world, noord):
    region, director = world.region, world.region.process_director
    case_id = world.explored()
    world.claim(region.nurse)
    with world.database.writing() as session:
        session.get(RoleAssignment, noord.assignment_id).areas = [builders.ROERMOND]
    to = {"explorer": noord.organisation_id}

    assert prepare(world, region.youth_health, **to) == method.Succession(asked=(case_id,))
    assert prepare(world, region.youth_health) == method.Succession(asked=(case_id,))

    [card] = world.look(method.work_list, by=director).items
    assert (card.name, card.form_key) == ("Organisatie stopt: opvolger zoeken", "escalation")
    assert stop(world, region.youth_health).asked == (case_id,)
    assert len(world.look(method.work_list, by=director).items) == 1
    world.do_next(director, form_key="escalation")


def test_who_cannot_be_a_successor_is_refused_and_nothing_is_prepared(world, noord):
    region = world.region
    world.explored()
    world.claim(region.nurse)
    for verb in (method.prepare_stop, method.deactivate_organisation):
        for role, wrong in (
            ("explorer", region.youth_health.id), ("explorer", uuid4()), ("case_director", noord.organisation_id),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                world.do(verb, region.youth_health.id, to={role: wrong}, by=region.administrator)
            assert set(refused.value.errors) == {role}
    with pytest.raises(NotAllowed):
        world.do(method.prepare_stop, region.youth_health.id, to={}, by=region.nurse)
    with pytest.raises(NotFound):
        world.do(method.prepare_stop, uuid4(), to={}, by=region.administrator)
    stop(world, region.youth_health)
    with pytest.raises(WrongState):
        prepare(world, region.youth_health)
    with world.database.reading() as session:
        assert session.scalars(select(handovers.Handover.id)).all() == []


def test_when_the_organisation_where_it_came_from_stops_the_process_director_hears_of_each_case(world):
    region = world.region
    first, second = world.explored_directly(), world.explored_directly()

    left = stop(world, region.practice)

    assert sorted(left.cases) == sorted((first, second))
    assert len(left.alarms) == len(alarms(world)) == 2
    for case_id in (first, second):
        held = case_of(world, case_id)
        assert (held.holder_organisation_id, held.holder_person_id) == (region.practice.id, None)


def wanted(world: path.World) -> list:
    """What only the process director can still move."""
    found = world.look(method.work_list, by=world.region.process_director).items
    return [card for card in found if card.form_key == "new_holder"]


def offer_anew(world: path.World, to: Actor):
    director = world.region.process_director
    [card] = wanted(world)
    task = world.do(method.claim_task, card.id, by=director)
    return world.complete(task, director, {"receiver": f"{to.organisation_id}:{to.role}"})


def test_a_case_that_a_stopped_organisation_began_is_offered_by_the_process_director(handed):
    region, carla, case_id = handed.region, handed.carla, handed.begun()
    handed.allow(case_id)
    director, stopped = region.process_director, team_of(region.midwife, person=False)
    [before] = [one.id for one in handed.look(method.work_list, by=region.midwife).items if one.form_key == "follow_up"]

    stop(handed, region.practice)

    [card] = wanted(handed)
    assert card.documentation == method.WHY_UNHELD["organisation_stopped"]
    assert handed.holder(case_id) == stopped
    task = handed.do(method.claim_task, card.id, by=director)
    offered = dict(handed.look(method.task_view, task.id, by=director).choices["receivers"])
    assert offered[f"{carla.organisation_id}:case_director"] == "Toegangsteam Venlo (fictief), als casusregisseur"
    assert offered[f"{region.youth_health.id}:explorer"].endswith("als verkenner")
    assert not [one for one in path.SECRETS if one in repr(handed.look(method.task_view, task.id, by=director))]
    with pytest.raises(ConsentMissing):
        receiver = f"{region.youth_health.id}:case_director"
        with handed.database.writing() as session:
            builders.actor(session, "Nog Iemand", region.youth_health, Role.CASE_DIRECTOR, at=handed.clock())
        handed.complete(task, director, {"receiver": receiver})
    handed.complete(task, director, {"receiver": f"{carla.organisation_id}:case_director"})

    assert handed.holder(case_id) == stopped  # until it is accepted
    with pytest.raises(NotFound):
        handed.look(method.case_view, case_id, by=handed.roos)
    with pytest.raises(Invalid) as refused:  # nobody is left to ask
        handed.fill(carla, "handover_answer", {"handover_answer": "asked", "missing": ["other"], "question": "Wie?"})
    assert set(refused.value.errors) == {"handover_answer"}
    handed.fill(carla, "handover_answer", {"handover_answer": "accepted", "first_contact_on": "2026-11-05"})

    assert handed.holder(case_id) == team_of(carla)
    assert {"handover_contact", "follow_up"} <= set(forms_of(handed, carla))
    with handed.database.reading() as session:
        live = processes.tasks_of(session, "case", case_id, live_only=True)
        assert before in {one.id for one in live}
        assert region.practice.id not in {one.organisation_id for one in live}
        assert region.practice.id not in {one.organisation_id for one in cases.parties(session, case_id)}
        [one] = handovers.of_case(session, case_id)
        assert (one.status, one.is_warm, one.shown_to_parent) == ("accepted", False, False)
        [receipt] = packages.receipts_of(session, case_id)
        assert receipt.verdict != packages.Verdict.BROKEN
        assert packages.check(session, session.get_one(packages.HandoverPackage, receipt.package_id), receipt).holds
    handed.fill(carla, "handover_contact", {"first_contact_on": local_date(handed.clock()).isoformat()})
    assert wanted(handed) == []


def test_what_the_process_director_offered_comes_back_when_it_is_refused_or_waits_too_long(handed, clock):
    region, carla, case_id = handed.region, handed.carla, handed.begun()
    handed.allow(case_id)
    stop(handed, region.practice)
    offer_anew(handed, carla)
    nights(handed, clock)
    assert wanted(handed) == []  # somebody can still take it

    handed.fill(carla, "handover_answer", {**REFUSED, "missing": ["other"]})
    offer_anew(handed, carla)
    nights(handed, clock, 20)

    assert len(wanted(handed)) == 1
    assert handed.holder(case_id) == team_of(region.midwife, person=False)
    assert "handover_answer" not in forms_of(handed, carla)
    with handed.database.reading() as session:
        assert [one.status for one in handovers.of_case(session, case_id)] == ["refused", "expired"]
    offer_anew(handed, carla)
    handed.fill(carla, "handover_answer", {"handover_answer": "accepted", "first_contact_on": "2026-12-05"})
    assert handed.holder(case_id) == team_of(carla)


def test_the_process_director_moves_no_case_that_somebody_is_there_for(handed):
    region, case_id = handed.region, handed.begun()
    handed.allow(case_id)
    midwife = region.midwife
    handed.hand(midwife, handed.carla)
    stop(handed, region.practice)
    director, to = region.process_director, f"{handed.carla.organisation_id}:case_director"
    [card] = wanted(handed)
    task = handed.do(method.claim_task, card.id, by=director)

    with pytest.raises(WrongState):  # offered before it stopped, and the answer can still come
        handed.complete(task, director, {"receiver": to})
    handed.fill(handed.carla, "handover_answer", ACCEPTED)
    with pytest.raises(WrongState):
        handed.complete(task, director, {"receiver": f"{region.youth_health.id}:explorer"})
    assert handed.holder(case_id) == team_of(handed.carla)
    assert [form for form in forms_of(handed, handed.carla) if form in ("handover_contact", "handover_talk")] == [
        "handover_talk"
    ]
    with handed.database.reading() as session:
        [receipt] = packages.receipts_of(session, case_id)
    assert receipt.verdict != packages.Verdict.BROKEN


def test_an_offer_to_an_organisation_that_stops_is_off(handed):
    case_id = handed.begun()
    midwife, nurse = handed.region.midwife, handed.region.nurse
    handed.hand(midwife, nurse)
    handed.take(nurse, "handover_answer")

    stop(handed, handed.region.youth_health)

    [line] = handed.look(method.handover_list, case_id, by=midwife)
    assert line.status == "expired"
    assert "handover" in forms_of(handed, midwife)
    assert "handover_answer" not in forms_of(handed, midwife)


def test_the_directors_tasks_of_a_municipality_that_stops_go_to_another_director(world, clock):
    region = world.region
    with world.database.writing() as session:
        other = builders.organisation(session, "Gemeente Ook Venlo (fictief)", "municipality", "public", at=clock())
        weert = builders.actor(session, "Wil Procesregisseur", other, Role.PROCESS_DIRECTOR, at=clock())
    world.explored()
    world.claim(region.nurse)
    leave(world, region.nurse2)
    leave(world, region.nurse)
    before = [card.id for one in (region.process_director, weert) for card in alarms(world, one)]

    stop(world, region.municipality)

    assert [card.id for card in alarms(world, weert)] == before


def test_an_alarm_reaches_a_director_elsewhere_when_the_municipality_has_none(world, clock):
    region = world.region
    with world.database.writing() as session:
        other = builders.organisation(session, "Gemeente Elders (fictief)", "municipality", "public", [], at=clock())
        elsewhere = builders.actor(session, "Els Procesregisseur", other, Role.PROCESS_DIRECTOR, at=clock())
    stop(world, region.municipality)
    world.explored()
    world.claim(region.nurse)
    leave(world, region.nurse2)
    leave(world, region.nurse)

    [card] = alarms(world, elsewhere)
    world.do(method.claim_task, card.id, by=elsewhere)


def test_how_much_goes_back_is_told_beforehand_and_changes_nothing(world):
    region = world.region
    world.explored()
    world.claim(region.nurse)

    person = world.look(method.what_goes_back, person_id=region.nurse.person_id, by=region.administrator)
    nobody = world.look(method.what_goes_back, person_id=region.nurse2.person_id, by=region.administrator)
    whole = world.look(method.what_goes_back, organisation_id=region.youth_health.id, by=region.administrator)

    assert [(one.tasks, one.cases) for one in (person, nobody, whole)] == [(1, 1), (0, 0), (1, 1)]
    left = leave(world, region.nurse)
    assert (len(left.tasks), len(left.cases)) == (person.tasks, person.cases)


# --- every night


def nights(world: path.World, clock: Clock, count: int = 1) -> None:
    worker.plan_standing_jobs(world.database, clock())
    for _ in range(count):
        clock.forward(days=1)
        while worker.run_once(world.database, clock()):
            pass


def test_a_role_that_simply_ends_on_its_last_day_is_noticed_that_night_and_once(world, clock):
    region = world.region
    case_id = world.explored()
    world.claim(region.nurse)
    leave(world, region.nurse2)
    with world.database.writing() as session:
        session.get(RoleAssignment, region.nurse.assignment_id).valid_to = local_date(clock())

    nights(world, clock)
    [card] = alarms(world)
    nights(world, clock, 3)
    assert [one.id for one in alarms(world)] == [card.id]
    task = world.do(method.claim_task, card.id, by=region.process_director)
    world.complete(task, region.process_director)
    nights(world, clock, 3)

    assert alarms(world) == []  # it was told, and it still lasts
    with world.database.writing() as session:
        builders.actor(
            session, "Tijdelijke Kracht", region.youth_health, Role.EXPLORER,
            valid_from=local_date(clock()), valid_to=local_date(clock()), at=clock(),
        )  # fmt: skip
    nights(world, clock, 1)
    assert len(alarms(world)) == 1  # somebody came, and went
    assert case_of(world, case_id).holder_role == "explorer"


def gone(world: path.World, case_id, clock, how: str) -> None:
    """Something goes wrong with who holds a case that no verb saw happen."""
    nurse, nurse2, region = world.region.nurse, world.region.nurse2, world.region
    with world.database.writing() as session:
        case = session.get(Case, case_id)
        if how == "organisation_stopped":
            session.get(organisations.Organisation, region.youth_health.id).active = False
        if how == "person_gone":
            session.get(Person, nurse.person_id).active = False
        if how == "role_nobody_has":
            for one in (nurse, nurse2):
                session.get(RoleAssignment, one.assignment_id).areas = [builders.ROERMOND]
            case.hold(case.holder_organisation_id, "explorer", None)
    if how == "nobody_there":
        for one in (nurse, nurse2):
            world.do(
                method.report_absence, from_on=local_date(clock()) + timedelta(days=1),
                until_on=local_date(clock()) + timedelta(days=9), by=one,
            )  # fmt: skip


@pytest.mark.parametrize("how", ["organisation_stopped", "role_nobody_has", "nobody_there", "person_gone"])
def test_that_nobody_living_holds_a_case_is_told_the_same_day_once_and_with_the_reason(world, clock, how):
    case_id = world.explored()
    world.claim(world.region.nurse)
    director, operator = world.region.process_director, OPERATOR
    assert world.look(method.unheld, by=operator) == []
    gone(world, case_id, clock, how)

    nights(world, clock)

    form = "new_holder" if how == "organisation_stopped" else "escalation"
    [card] = [one for one in world.look(method.work_list, by=director).items if one.form_key == form]
    assert local_date(card.opened_at) == local_date(clock())
    assert card.documentation == method.WHY_UNHELD[how]
    with world.database.reading() as session:
        assert session.get(Task, card.id).properties["reason"] == how
        [line] = [one for one in logbook.changes_of(session, case_id, "task.added") if "reason" in one.details]
        assert line.details["reason"] == how
    held = case_of(world, case_id)
    found = [(one.number, str(one.fault)) for one in world.look(method.unheld, by=operator)]
    if how == "person_gone":  # the team is there, and has it
        assert (held.holder_person_id, found) == (None, [])
    else:
        assert found == [(held.number, how)]
    if form == "escalation":
        world.complete(world.do(method.claim_task, card.id, by=director), director)
    nights(world, clock, 3)
    again = [one.id for one in world.look(method.work_list, by=director).items if one.form_key == form]
    assert again == ([] if form == "escalation" else [card.id])  # which ends when somebody takes the case


def test_the_database_keeps_no_open_case_without_a_holder_and_no_closed_one_with(world):
    case_id = world.explored()
    for column, value in (("holder_role", None), ("holder_organisation_id", None), ("status", "closed")):
        with pytest.raises(IntegrityError), world.database.engine.begin() as connection:
            connection.execute(update(Case).where(Case.id == case_id).values({column: value}))
    with pytest.raises(NotAllowed):
        world.look(method.unheld, by=world.region.nurse)


def test_nobody_is_alarmed_about_a_team_with_people_or_a_closed_case(world, clock):
    region = world.region
    world.explored()
    world.complete(world.claim(region.nurse), region.nurse)
    nights(world, clock)
    assert alarms(world) == []
    world.do_next(region.nurse, form_key="feedback")
    world.do_next(region.nurse, form_key="closure")
    leave(world, region.nurse)
    leave(world, region.nurse2)
    nights(world, clock)

    assert alarms(world) == []


def test_the_night_plans_the_next_one_just_after_midnight_in_amsterdam(world, clock):
    worker.plan_standing_jobs(world.database, clock())
    worker.run_once(world.database, clock())

    with world.database.reading() as session:
        due = session.scalars(select(jobs.Job.due_at).where(jobs.Job.kind == "check_holders")).one()
    assert due == datetime(2026, 11, 3, 23, 0, tzinfo=UTC)
    worker.plan_standing_jobs(world.database, clock())
    with world.database.reading() as session:
        assert len(session.scalars(select(jobs.Job).where(jobs.Job.kind == "check_holders")).all()) == 1


# --- certificates


def test_a_certificate_holds_for_one_intervention_from_its_first_to_its_last_day(session, clock):
    here = builders.region(session, clock())
    person, _ = builders.ids(here.nurse)
    first, last = date(2026, 12, 1), date(2027, 11, 30)
    given = organisations.add_certificate(
        session, person_id=person, intervention=" vz ", valid_from=first, valid_until=last, by=OPERATOR, at=clock()
    )

    def holds(on: date, code: str = "VZ") -> bool:
        return organisations.certified(session, person_id=person, code=code, on=on)

    days = (first - timedelta(days=1), first, last, last + timedelta(days=1))
    assert [holds(day) for day in days] == [False, True, True, False]
    assert not holds(first, "SO")
    organisations.end_certificate(session, given.id, by=here.administrator, at=clock())
    assert not holds(first)
    with pytest.raises(WrongState):
        organisations.end_certificate(session, given.id, by=here.administrator, at=clock())
    with pytest.raises(NotFound):
        organisations.end_certificate(session, uuid4(), by=here.administrator, at=clock())


def test_only_interventions_that_the_region_names_ask_for_a_certificate(session, clock):
    here = builders.region(session, clock())
    nurse = here.nurse

    def ask(code: str | None) -> None:
        organisations.require_certificate(session, code=code, municipality=builders.VENLO, by=nurse, at=clock())

    for code in (None, "NNZ"):
        ask(code)
    with pytest.raises(NotAllowed):
        ask("VZ")
    organisations.add_certificate(
        session, person_id=nurse.person_id, intervention="VZ", valid_from=date(2026, 1, 1), by=OPERATOR, at=clock()
    )
    ask("VZ")
    with pytest.raises(NotAllowed):
        ask("SO")


def test_a_certificate_without_a_code_or_that_ends_before_it_begins_is_refused(session, clock):
    here = builders.region(session, clock())
    with pytest.raises(Refusal) as refused:
        organisations.add_certificate(
            session, person_id=here.nurse.person_id, intervention=" ", valid_from=date(2026, 1, 2),
            valid_until=date(2026, 1, 1), by=OPERATOR, at=clock(),
        )  # fmt: skip
    assert set(refused.value.errors) == {"intervention", "valid_until"}
    with pytest.raises(NotAllowed):
        organisations.add_certificate(
            session, person_id=here.nurse.person_id, intervention="VZ", valid_from=date(2026, 1, 2), by=here.nurse,
            at=clock(),
        )  # fmt: skip


# --- together


def test_somebody_who_claims_while_being_put_out_of_service_has_nothing_in_the_end(world):
    nurse = world.region.nurse
    found = [world.explored_directly() for _ in range(6)]
    cards = world.look(method.work_list, by=nurse).items
    assert len(cards) == len(found)

    def claim() -> None:
        for card in cards:
            with contextlib.suppress(Refusal):
                world.do(method.claim_task, card.id, by=nurse)

    claiming = Thread(target=claim)
    claiming.start()
    for _ in range(20):  # two that meet in the middle: one of them is told to try again
        with contextlib.suppress(ConcurrentChange):
            leave(world, nurse)
            break
    claiming.join()

    with world.database.reading() as session:
        assert not session.get(Person, nurse.person_id).active
        claimed = session.scalars(select(Task.id).where(Task.claimed_by == nurse.person_id, Task.status == "claimed"))
        assert claimed.all() == []
        assert session.scalars(select(Case.id).where(Case.holder_person_id == nurse.person_id)).all() == []
