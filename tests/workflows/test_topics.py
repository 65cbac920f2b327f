"""Steps that a program of a partner does: one at a time, for a while, with no more than it needs; and what if it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests import builders
from tests.workflows import outsourced, path
from workflows import desk, method, organisations, topics, worker
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.organisations import Role
from workflows.processes import Task

SHORT = timedelta(minutes=5)


class Outsourcing(path.World):
    """A region in which youth health has a letter written by a program."""

    def __init__(self, database, clock) -> None:
        super().__init__(database, clock)
        with database.writing() as session:
            outsourced.stored(session, clock())
            organisation_id = self.region.nurse.organisation_id
            person = organisations.add_person(session, display_name="Bo Beheer", by=OPERATOR, at=clock())
            given = organisations.assign_role(
                session, person_id=person.id, organisation_id=organisation_id, role=Role.ADMINISTRATOR, by=OPERATOR,
                valid_from=clock().date(), at=clock(),
            )  # fmt: skip
        self.boss = replace(
            self.region.administrator, person_id=person.id, assignment_id=given.id, organisation_id=organisation_id
        )
        self.program, self.token = self.do(
            topics.add_worker, topic=outsourced.TOPIC, label="Brieven", reads=["theme_count"], writes=["theme_count"],
            by=self.boss,
        )  # fmt: skip

    def case(self):
        """A case in which the letter waits."""
        begun = self.start()
        self.complete(begun, self.region.midwife)
        self.do_next(self.region.midwife)
        return begun.subject_id

    def ask(self, verb, *arguments, token=None, **more):
        with self.database.writing() as session:
            found = topics.worker_of_token(session, token or self.token, at=self.clock())
            assert found is not None
            return verb(session, found[0], *arguments, by=found[1], at=self.clock(), **more)

    def standing(self):
        with self.database.reading() as session:
            return topics.standing(session, at=self.clock())

    def delays(self):
        """What the desk says of steps of programs."""
        found = self.look(desk.troubles, by=self.region.administrator)
        return [one for one in found if one.kind == desk.TroubleKind.STEP]

    def fetch(self, most=1, **more):
        return self.ask(method.fetch_steps, most=most, lock_for=SHORT, **more)


@pytest.fixture
def world(database, clock) -> Outsourcing:
    return Outsourcing(database, clock)


def test_a_program_gets_a_step_for_a_while_with_what_it_may_know_and_the_process_goes_on_with_its_answer(world, clock):
    case_id = world.case()
    [step] = world.fetch(most=5)

    assert (step.topic, step.element_id, step.fetched) == (outsourced.TOPIC, "letter", 1)
    assert step.variables.keys() == {"theme_count"}
    assert step.case_id in (None, case_id)
    assert world.fetch() == [], "nobody else has it meanwhile"
    until = world.ask(method.extend_step, step.id, step.lock_id, lock_for=timedelta(hours=1))
    assert until == clock() + timedelta(hours=1)
    clock.forward(minutes=30)
    assert world.fetch() == []
    with pytest.raises(Invalid) as wrong:
        world.ask(method.complete_step, step.id, step.lock_id, variables={"pathway_current": "x", "theme_count": 7})
    assert wrong.value.errors.keys() == {"variables.pathway_current"}
    with pytest.raises(Invalid):
        world.ask(method.complete_step, step.id, step.lock_id, variables={"theme_count": ["een verhaal"]})
    with pytest.raises(WrongState):
        world.ask(method.complete_step, step.id, uuid4(), variables={})

    world.ask(method.complete_step, step.id, step.lock_id, variables={"theme_count": 7})
    with world.database.reading() as session:
        assert session.get_one(Case, case_id).is_closed
        task = session.get_one(Task, step.id)
        assert (task.status, task.completed_by, task.completed_role) == ("completed", None, "topic_worker")
    with pytest.raises(WrongState):
        world.ask(method.complete_step, step.id, step.lock_id, variables={"theme_count": 7})


def test_a_lock_that_is_over_is_anothers_and_a_step_that_is_given_back_is_free(world, clock):
    world.case()
    [first] = world.fetch()
    clock.forward(minutes=6)
    [second] = world.fetch()
    assert (second.id, second.fetched) == (first.id, 2)
    for late in (method.release_step, method.complete_step):
        more = {"variables": {}} if late is method.complete_step else {}
        with pytest.raises(WrongState):
            world.ask(late, first.id, first.lock_id, **more)
    world.ask(method.release_step, second.id, second.lock_id)
    [third] = world.fetch()
    assert third.retries_left == second.retries_left, "giving back is no failure"

    clock.forward(days=60)  # nobody did it: the term at its edge brings it to somebody
    worker.run_once(world.database, clock())
    with pytest.raises(WrongState):
        world.ask(method.complete_step, third.id, third.lock_id, variables={})
    assert world.fetch() == []
    assert [card.form_key for card in world.look(method.work_list, by=world.region.midwife).items] == ["follow_up"]


def test_what_fails_is_tried_again_later_and_then_waits_for_an_administrator(world, clock):
    world.case()
    with pytest.raises(Invalid):
        [step] = world.fetch()
        world.ask(method.fail_step, step.id, step.lock_id, code="Fatima kon niet gevonden worden")
    for left in (2, 1, 0):
        assert world.ask(
            method.fail_step, step.id, step.lock_id, code="printer_away", wait=timedelta(minutes=1)
        ) == left  # fmt: skip
        assert world.fetch() == [], "not at once"
        clock.forward(minutes=2)
        if left:
            [step] = world.fetch()
    assert world.fetch() == []
    [incident] = world.look(method.topic_incidents, by=world.boss)
    assert (incident.task_id, incident.error_code, incident.fetched) == (step.id, "printer_away", 3)
    assert world.look(method.topic_incidents, by=world.region.administrator) == [], "of another organisation"
    with pytest.raises(NotFound):
        world.do(topics.retry_incident, step.id, by=world.region.administrator)
    with pytest.raises(NotAllowed):
        world.do(topics.retry_incident, step.id, by=world.region.nurse)
    [trouble] = world.delays()
    assert (trouble.cause, trouble.error, trouble.count) == ("other_program", "printer_away", 1)
    with world.database.writing() as session:
        second = builders.actor(session, "Bas Beheerder", world.region.programme, "administrator", at=clock())
    asked = world.do(desk.ask, trouble.id, "retry", "cause_mended", by=world.region.administrator)
    world.do(desk.confirm, asked.id, by=second)
    [step] = world.fetch()
    assert step.id == incident.task_id
    world.ask(method.fail_step, step.id, step.lock_id, code="printer_away", retries_left=0)
    world.do(topics.retry_incident, step.id, by=world.boss)
    assert [one.id for one in world.fetch()] == [step.id]
    with pytest.raises(WrongState):
        world.do(topics.retry_incident, step.id, by=world.boss)


def test_the_console_sees_how_it_stands_takes_a_step_back_and_has_it_tried_again(world, clock):
    world.case()
    [there] = world.standing()
    assert (there.topic, there.organisation_id) == (outsourced.TOPIC, world.boss.organisation_id)
    assert ([one.label for one in there.programs], there.waiting, there.held, there.failed) == (["Brieven"], 1, [], [])
    [step] = world.fetch()
    [there] = world.standing()
    assert (there.waiting, there.held) == (0, [topics.Held(step.id, "Brieven", step.locked_until)])

    world.do(topics.release_held, step.id, by=OPERATOR)
    for verb in (method.complete_step, method.fail_step):
        with pytest.raises(WrongState):
            more = {"variables": {}} if verb is method.complete_step else {"code": "x"}
            world.ask(verb, step.id, step.lock_id, **more)
    with pytest.raises(WrongState):
        world.do(topics.release_held, step.id, by=OPERATOR)
    [step] = world.fetch()
    with pytest.raises(WrongState):
        world.do(topics.retry_step, step.id, by=OPERATOR)
    world.ask(method.fail_step, step.id, step.lock_id, code="printer_away", retries_left=0)
    [there] = world.standing()
    assert [(one.task_id, one.error_code) for one in there.failed] == [(step.id, "printer_away")]
    world.do(topics.retry_step, step.id, by=OPERATOR)
    [again] = world.fetch()
    assert again.id == step.id
    for verb in (topics.retry_step, topics.release_held):
        with pytest.raises(NotFound):
            world.do(verb, uuid4(), by=OPERATOR)


def test_the_desk_tells_what_does_not_come_further_and_two_people_take_it_back(world, clock):
    world.case()
    assert world.delays() == [], "not at once"
    clock.forward(hours=4)
    [waits] = world.delays()
    assert (waits.what, waits.state, waits.cause, waits.actions) == (outsourced.TOPIC, "overdue", "program_away", ())
    assert (waits.organisation, waits.program, waits.since) == (
        organisation_name(world),
        "Brieven",
        clock() - timedelta(hours=4),
    )

    [step] = world.fetch()
    [held] = world.delays()
    assert (held.state, held.cause, held.program) == ("held", "program_busy", "Brieven")
    assert held.actions == (desk.Action.TAKE_BACK,)
    assert held.references == (step.id.hex[:8],)
    assert world.look(desk.waiting, by=world.region.administrator) == (0, 0), "nothing is dead"
    with world.database.writing() as session:
        second = builders.actor(session, "Bas Beheerder", world.region.programme, "administrator", at=clock())
    asked = world.do(desk.ask, held.id, "take_back", "see_if_it_works", by=world.region.administrator)
    assert world.delays()[0].repair is not None
    assert world.do(desk.confirm, asked.id, by=second).mended == 1
    with pytest.raises(WrongState):
        world.ask(method.complete_step, step.id, step.lock_id, variables={})

    [again] = world.fetch()
    assert again.id == step.id
    clock.forward(minutes=16)
    [lapsed] = world.delays()
    assert (lapsed.state, lapsed.cause, lapsed.since, lapsed.actions) == (
        "overdue", "program_silent", again.locked_until, (),
    )  # fmt: skip

    [step] = world.fetch()
    world.ask(method.fail_step, step.id, step.lock_id, code="printer_away")
    [tried] = world.delays()
    assert (tried.state, tried.cause, tried.error, tried.actions) == ("retrying", "program_tries", "printer_away", ())
    world.do(topics.end_worker, world.program.id, by=world.boss)
    [alone] = world.delays()
    assert (alone.cause, alone.program) == ("no_program", None)


def test_an_administrator_sees_how_it_stands_with_the_topics_of_the_own_organisation(world, clock):
    world.case()
    [there] = world.look(topics.own_standing, by=world.boss)
    assert (there.topic, there.waiting, there.waiting_since) == (outsourced.TOPIC, 1, clock())
    world.do(topics.add_worker, topic=outsourced.TOPIC, label="Elders", by=world.region.administrator)
    [own] = world.look(topics.own_standing, by=world.region.administrator)
    assert ([one.label for one in own.programs], own.waiting) == (["Elders"], 0)
    [there] = world.look(topics.own_standing, by=world.boss)
    assert [one.label for one in there.programs] == ["Brieven"]
    with pytest.raises(NotAllowed):
        world.look(topics.own_standing, by=world.region.nurse)


def organisation_name(world) -> str:
    with world.database.reading() as session:
        return organisations.called(session, [world.boss.organisation_id])[world.boss.organisation_id]


def test_a_program_does_its_own_topic_for_its_own_organisation_as_long_as_its_token_counts(world, clock):
    world.case()
    other, other_token = world.do(topics.add_worker, topic="phone_calls", label="Bellen", by=world.boss)
    _, elsewhere = world.do(topics.add_worker, topic=outsourced.TOPIC, label="Elders", by=world.region.administrator)
    assert world.fetch(token=other_token) == world.fetch(token=elsewhere) == []
    [step] = world.fetch()
    for token in (other_token, elsewhere):
        with pytest.raises(NotFound):
            world.ask(method.release_step, step.id, step.lock_id, token=token)
    with pytest.raises(Invalid) as wrong:
        world.do(topics.add_worker, topic="Brieven!", label="", reads=["x y"], days=1000, by=world.boss)
    assert wrong.value.errors.keys() == {"topic", "label", "reads", "days"}
    with pytest.raises(NotAllowed):
        world.do(topics.add_worker, topic="x", label="x", by=world.region.nurse)

    def known(token: str) -> bool:
        with world.database.reading() as session:
            return topics.worker_of_token(session, token, at=clock()) is not None

    _, renewed = world.do(topics.renew_token, world.program.id, days=2, by=world.boss)
    assert (known(world.token), known(renewed), known("x" * 43)) == (False, True, False)
    with pytest.raises(StaleVersion):
        world.do(topics.end_worker, other.id, version=9, by=world.boss)
    world.do(topics.end_worker, other.id, by=world.boss)
    assert not known(other_token)
    clock.forward(days=3)
    assert not known(renewed)
