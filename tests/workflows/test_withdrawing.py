"""A yes that is taken back counts at once: tasks, parts and reading end in the same transaction, whoever is busy with it."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest

from tests.builders import accept, agree, case
from tests.workflows import path
from workflows import access, cases, consent, families, method, processes
from workflows.errors import Invalid, NotFound, Refusal, Unavailable, WrongState
from workflows.method.facts import case_facts
from workflows.method.reading import member_views
from workflows.method.sharing import sharing

CLIENTS = 20


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def parts(world, case_id):
    with world.database.reading() as session:
        return {(one.organisation_id, one.role) for one in cases.parties(session, case_id)}


def live(world, case_id):
    with world.database.reading() as session:
        return processes.tasks_of(session, "case", case_id, live_only=True)


def test_after_a_withdrawal_nobody_there_reads_or_completes_whatever_twenty_people_do_at_once(world):
    midwife, midwife2, nurse, nurse2 = (
        world.region.midwife, world.region.midwife2, world.region.nurse, world.region.nurse2,
    )  # fmt: skip
    case_id = world.explored()
    [task] = [one for one in live(world, case_id) if one.form_key == "exploration"]
    together, gone = Barrier(CLIENTS), Event()

    def attempt(verb: Any, *arguments: Any, by: Any, looks: bool = False, **more: Any) -> bool:
        try:
            came = (world.look if looks else world.do)(verb, *arguments, by=by, **more)
        except Refusal as refusal:
            if isinstance(refusal, Unavailable):
                raise
            return False
        # The card of what a colleague completed says only that somebody of the team did; it names no family.
        return getattr(came, "form", True) is not None or came.case is not None or bool(came.members)

    def one_thing(dice: random.Random) -> tuple[str, bool]:
        by, answers = dice.choice((nurse, nurse2)), path.exploration_answers(world.clock())
        name = dice.choice(("claim", "read", "ledger", "task", "draft", "complete"))
        looks = {"read": (method.case_view, case_id), "ledger": (method.sharing_of_case, case_id)}
        looks |= {"task": (method.task_view, task.id)}
        if name in looks:
            return name, attempt(*looks[name], by=by, looks=True)
        if name == "claim":
            return name, attempt(method.claim_task, task.id, by=by)
        verb = method.save_draft if name == "draft" else method.complete_task
        return name, attempt(verb, task.id, answers=answers if name == "complete" else {}, version=None, by=by)

    def client(number: int) -> list[str]:
        dice = random.Random(number)
        together.wait(60)
        wrong = []
        for _ in range(3):
            late = gone.is_set()
            if number < 2:
                by = (midwife, midwife2)[number]
                if attempt(method.withdraw_consents, case_id, by=by):
                    gone.set()
                continue
            name, done = one_thing(dice)
            if done and late:
                wrong.append(name)
        return wrong

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert [one for found in pool.map(client, range(CLIENTS)) for one in found] == []

    assert gone.is_set()
    there = nurse.organisation_id
    assert {where for where, _ in parts(world, case_id)} == {midwife.organisation_id}
    assert all(one.organisation_id != there for one in live(world, case_id))
    with world.database.reading() as session:
        found = session.get(cases.Case, case_id)
        assert found.is_closed or found.holder_organisation_id == midwife.organisation_id
        assert all(one.ended_at is not None for one in consent.disclosures(session, case_id))
        assert not any(one.holds(world.clock()) for one in consent.of_case(session, case_id))


def test_several_are_taken_back_at_once_and_the_holder_hears_once_that_something_stopped(world):
    midwife = world.region.midwife
    case_id = world.explored()
    mine = [one for one in world.look(method.case_view, case_id, by=midwife).consents if one.purpose == "exploration"]
    with pytest.raises(NotFound):
        world.do(method.withdraw_consents, case_id, [mine[0].id, case_id], by=midwife)
    with pytest.raises(Invalid):
        world.do(method.withdraw_consents, case_id, withdrawn_by="neighbour", by=midwife)

    taken = world.do(method.withdraw_consents, case_id, [one.id for one in mine], by=midwife)

    assert {one.category for one in taken} == {"C0", "C1", "C3", "C4", "C6"}
    with pytest.raises(WrongState):
        world.do(method.withdraw_consents, case_id, [one.id for one in mine], by=midwife)
    stopped = [one for one in live(world, case_id) if one.name.startswith("Er is iets gestopt")]
    assert [(one.form_key, one.organisation_id) for one in stopped] == [("follow_up", midwife.organisation_id)]
    view = world.look(method.sharing_of_case, case_id, by=midwife)
    assert {one.status for one in view.answers if one.purpose == "exploration"} == {"withdrawn", "refused"}
    assert {one.status for one in view.answers if one.purpose == "feedback"} == {"allowed", "refused"}
    assert view.may_withdraw


def test_who_follows_the_case_sees_that_something_stopped_and_who_may_not_read_consents_not_what(world, clock):
    midwife, nurse, director = world.region.midwife, world.region.nurse, world.region.process_director
    case_id = world.explored()
    world.claim(nurse)
    with world.database.writing() as session:
        found = cases.lock(session, case_id)
        more = {"purpose": "hub_meeting", "recipient_kind": "municipality", "categories": ["C0", "C6"]}
        agree(session, found, midwife, clock(), **more)
        there = {"organisation_id": director.organisation_id, "role": director.role}
        cases.join(session, found, **there, by=midwife, at=clock())
        [c4] = [
            one for one in consent.of_case(session, case_id) if (one.purpose, one.category) == ("exploration", "C4")
        ]
    clock.forward(hours=1)
    world.do(method.withdraw_consent, c4.id, by=midwife)

    told, seen = (world.look(method.sharing_of_case, case_id, by=by) for by in (nurse, director))

    assert told.stopped_at == seen.stopped_at == (clock(),)
    assert "withdrawn" in {one.status for one in told.answers}
    assert (seen.told, seen.answers) == (False, ())
    assert seen.disclosures == ()
    mine = [one for one in told.disclosures if one.recipient_organisation_id == nurse.organisation_id]
    assert [(one.categories, one.ended_at is None) for one in mine] == [
        (["C0", "C1", "C3", "C6"], True),
        (["C0", "C1", "C3", "C4", "C6"], False),
    ]


def test_what_ran_out_gives_nothing_any_more_before_the_worker_has_passed(world, clock):
    midwife, nurse = world.region.midwife, world.region.nurse
    task = world.start()
    case_id = task.subject_id
    world.complete(task, midwife)
    until = (clock() + timedelta(days=5)).date().isoformat()
    world.do_next(midwife, path.consent_answers(validity="until_date", valid_until=until))
    world.do_next(midwife)
    task = world.claim(nurse, "exploration")
    clock.forward(days=6)

    for verb, what in ((method.case_view, case_id), (method.task_view, task.id), (method.sharing_of_case, case_id)):
        with pytest.raises(NotFound):
            world.look(verb, what, by=nurse)
    with pytest.raises(NotFound):
        world.complete(task, nurse)
    assert world.look(method.case_view, case_id, by=midwife).case.id == case_id


def test_a_no_on_a_form_after_a_yes_stops_it_in_the_same_transaction(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.explored()
    world.do_next(nurse, path.exploration_answers(world.clock(), conclusion="hub_meeting"), "exploration")
    world.do_next(nurse, form_key="feedback")
    world.do_next(nurse, path.support_consent_answers("youth_health"), "support_consent")
    with world.database.writing() as session:
        there = {"organisation_id": nurse.organisation_id, "role": "case_director"}
        cases.join(session, cases.lock(session, case_id), **there, by=midwife, at=world.clock())
    assert (nurse.organisation_id, "case_director") in parts(world, case_id)
    no = path.support_consent_answers("youth_health")
    no["sharing"][0] = {"recipient_kind": "youth_health", "allowed": "no"}

    world.do(method.record_consent, case_id, answers=no, by=midwife)

    assert (nurse.organisation_id, "case_director") not in parts(world, case_id)
    assert (nurse.organisation_id, "explorer") in parts(world, case_id)
    assert any(one.name.startswith("Er is iets gestopt") for one in live(world, case_id))


def test_who_was_refused_by_one_of_two_is_told_nothing_of_that_one(session, clock, world):
    midwife, nurse = world.region.midwife, world.region.nurse
    shared = case(session, midwife, clock())
    partner = families.subject(session, shared.family_id, "partner", by=midwife, at=clock())
    agree(session, shared, midwife, clock())
    agree(session, shared, midwife, clock(), subject_id=partner.id, categories=[], asked=["C0", "C1"])
    accept(session, shared, nurse, clock())

    def seen(by):
        facts = case_facts(session, shared, by=by, at=clock())
        readable = access.visible(by, facts)
        members = {one.kind for one in member_views(session, shared, readable, by, at=clock())}
        return members, {
            one.subject_kind for one in sharing(session, shared, facts, readable, by=by, at=clock()).answers
        }

    assert seen(nurse) == ({"pregnant_person"}, {"pregnant_person"})
    assert seen(midwife) == ({"pregnant_person", "partner"}, {"pregnant_person", "partner"})
    agree(session, shared, midwife, clock(), subject_id=partner.id, categories=["C0"])
    assert seen(nurse)[0] == {"pregnant_person", "partner"}
