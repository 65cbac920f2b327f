"""A parent who is known already: who may hear of it, when, and that nobody else notices anything."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests import builders
from tests.workflows import path
from workflows import cases, consent, method, processes, signals, worker
from workflows.actor import Actor
from workflows.errors import NotFound
from workflows.logbook.model import LoggedChange
from workflows.method import duplicates
from workflows.signals import alike

QUESTION = duplicates.NAME


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def signal(world: path.World, by: Actor, **changes: Any) -> Any:
    """Record a signal; returns the completion."""
    task = world.start(by)
    return world.complete(task, by, builders.signal_answers(world.clock(), **changes))


def agree(world: path.World, by: Actor, done: Any, **changes: Any) -> None:
    """The parent of a signal answers the question for consent, and the worker does what is due."""
    task = world.do(method.claim_task, done.next[0].id, by=by)
    world.complete(
        task,
        by,
        path.consent_answers(**changes) if changes.get("consent_result") != "refused" else path.refused_answers(),
    )
    work(world)


def work(world: path.World) -> None:
    while worker.run_once(world.database, world.clock()):
        pass


def explored(world: path.World) -> Any:
    """A case that the nurse explores and holds; returns its id."""
    case_id = world.explored_directly()
    world.claim(world.region.nurse, "exploration")
    work(world)
    return case_id


def cards(world: path.World, by: Actor) -> list[Any]:
    return [card for card in world.look(method.work_list, by=by).items if card.name == QUESTION]


# -- names


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("Noor Voorbeeld", True),
        ("  noor   VOORBEELD ", True),
        ("Nóór Voorbeeld", True),
        ("NoorVoorbeeld", True),
        ("Noor-Voorbeeld", True),
        ("Voorbeeld, Noor", True),
        ("Nora Voorbeeld", False),
        ("N. Voorbeeld", False),
        ("", False),
        ("?", False),
    ],
)
def test_a_name_is_the_same_however_it_was_typed(other, same):
    assert alike("Noor Voorbeeld", "5911AB", other, "") is same


def test_at_the_same_postcode_a_part_of_the_name_is_enough():
    assert alike("Noor Voorbeeld", "5911AB", "Noor de Vries", "5911 ab")
    assert not alike("Noor Voorbeeld", "5911AB", "Noor de Vries", "5912AB")
    assert not alike("Noor Voorbeeld", "", "Noor de Vries", "")
    assert not alike("Jo de Boer", "5911AB", "An de Vries", "5911AB")


# -- who signals


def test_who_may_see_the_other_case_hears_its_number_and_whom_to_contact(world):
    first = signal(world, world.region.midwife)
    second = signal(
        world, world.region.midwife2, parent_name="NOOR  voorbéeld", postcode=None, living_situation="no_fixed_address"
    )

    [running] = second.running
    assert first.running == ()
    assert running.contact == world.region.practice.name
    view = world.look(method.case_view, running.case_id, by=world.region.midwife2)
    assert running.number == view.case.number


def test_another_day_of_birth_is_another_parent(world):
    signal(world, world.region.midwife)

    assert signal(world, world.region.midwife, birth_date="1998-05-18").running == ()


def test_a_closed_case_is_not_running(world):
    first = signal(world, world.region.midwife)
    task = world.do(method.claim_task, first.next[0].id, by=world.region.midwife)
    world.complete(task, world.region.midwife, path.refused_answers())

    assert signal(world, world.region.midwife).running == ()


def test_who_may_not_see_the_other_case_gets_the_same_answer_in_as_many_statements(world):
    def told(done: Any) -> tuple[Any, ...]:
        return done.running, [card.name for card in done.next], done.ended, done.safety_notice

    other = world.region.other_midwife
    signal(world, other, birth_date="1990-01-01")  # what is read once in a process is read
    with counting(world) as alone:
        without = signal(world, other, birth_date="1990-01-02")
    signal(world, world.region.midwife)
    with counting(world) as beside:
        with_one = signal(world, other)

    assert told(without) == told(with_one)
    assert with_one.running == ()
    assert alone == beside
    assert [card.name for card in world.look(method.work_list, by=other).items].count(QUESTION) == 0


def test_the_consent_that_follows_betrays_nothing_either(world):
    other = world.region.other_midwife
    first, second = signal(world, other, birth_date="1990-01-01"), signal(world, other, birth_date="1990-01-02")
    explored(world)
    third = signal(world, other)
    for done, counted in ((first, None), (second, alone := []), (third, beside := [])):
        task = world.do(method.claim_task, done.next[0].id, by=other)
        with counting(world) as statements:
            world.complete(task, other, path.consent_answers())
        if counted is not None:
            counted += statements

    assert alone == beside


class counting:
    """The statements that a piece of work sends."""

    def __init__(self, world: path.World) -> None:
        self.engine = world.database.engine
        self.statements: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._count)
        return self.statements

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)


# -- who holds the other case


def test_the_holder_is_asked_once_the_family_agreed_and_never_before(world):
    explored(world)
    nurse, other = world.region.nurse, world.region.other_midwife

    done = signal(world, other)
    work(world)
    assert cards(world, nurse) == []

    agree(world, other, done)
    [card] = cards(world, nurse)
    agree(world, other, signal(world, other, birth_date="1990-01-01"))
    work(world)

    assert cards(world, nurse) == [card]
    assert card.documentation == duplicates.DOCUMENTATION


def test_the_question_names_neither_case_nor_organisation_nor_content(world):
    existing = explored(world)
    other = world.region.other_midwife
    done = signal(world, other, support_request_own_words="Iets heel anders", postcode="5913 ZZ")
    agree(world, other, done)

    [card] = cards(world, world.region.nurse)
    new_case = done.task.case_number or ""
    said = f"{card} {world.look(method.case_view, existing, by=world.region.nurse)}"
    assert "Iets heel anders" not in said
    assert "5913ZZ" not in said
    assert world.region.other_practice.name not in card.documentation
    assert not new_case or new_case not in said
    with world.database.reading() as session:
        lines = session.query(LoggedChange).filter(LoggedChange.event == "match.asked").all()
    assert [line.case_id for line in lines] == [existing]
    assert [line.details for line in lines] in ([None], [{}])


def test_who_has_the_task_may_know_which_organisation_asked_while_the_family_agrees(world):
    explored(world)
    nurse, other = world.region.nurse, world.region.other_midwife
    done = signal(world, other)
    agree(world, other, done)
    [card] = cards(world, nurse)
    world.do(method.claim_task, card.id, by=nurse)

    assert world.look(method.task_view, card.id, by=nurse).asked_by == world.region.other_practice.name
    with pytest.raises(NotFound):
        world.look(duplicates.asked_by, card.id, by=other)
    with pytest.raises(NotFound):
        world.look(duplicates.asked_by, card.id, by=world.region.process_director)


@pytest.mark.parametrize(
    "answers",
    [path.refused_answers(), path.consent_answers(share_youth_health="no", share_youth_health_categories=None)],
)
def test_without_consent_for_the_holder_nobody_is_asked(world, answers):
    explored(world)
    other = world.region.other_midwife
    done = signal(world, other)
    task = world.do(method.claim_task, done.next[0].id, by=other)
    world.complete(task, other, answers)
    work(world)

    assert cards(world, world.region.nurse) == []


def test_a_draft_of_another_practice_is_nobody_s_business(world):
    signal(world, world.region.midwife)
    other = world.region.other_midwife
    agree(world, other, signal(world, other))

    assert cards(world, world.region.midwife) == []


def test_who_takes_the_second_case_hears_of_the_first(world):
    first = world.explored_directly()  # in the pool of youth health, still held by the practice
    nurse, other = world.region.nurse, world.region.other_midwife
    done = signal(world, other)
    agree(world, other, done)
    assert cards(world, nurse) == []

    [task] = [card for card in world.look(method.work_list, by=nurse).items if card.form_key == "exploration"]
    world.do(method.claim_task, task.id, by=nurse)
    world.clock.forward(minutes=1)
    work(world)
    assert cards(world, nurse) == []  # the second is not theirs yet
    routing = world.do(
        method.claim_task,
        next(c for c in world.look(method.work_list, by=other).items if c.form_key == "routing").id,
        by=other,
    )
    world.complete(routing, other)
    [task] = [
        card
        for card in world.look(method.work_list, by=nurse).items
        if card.form_key == "exploration" and not card.mine
    ]
    world.do(method.claim_task, task.id, by=nurse)
    work(world)

    [card] = cards(world, nurse)
    assert [t.id for t in tasks(world, first)] == [card.id]


def tasks(world: path.World, case_id: Any) -> list[processes.Task]:
    with world.database.reading() as session:
        return [task for task in processes.tasks_of(session, "case", case_id) if task.element_id == duplicates.ELEMENT]


def test_who_may_see_both_is_not_asked_as_well(world):
    explored(world)
    midwife = world.region.midwife2
    agree(world, midwife, signal(world, midwife))

    assert cards(world, world.region.nurse) == []


def test_a_consent_that_is_taken_back_takes_the_question_away(world):
    existing = explored(world)
    nurse, other = world.region.nurse, world.region.other_midwife
    done = signal(world, other)
    agree(world, other, done)
    [card] = cards(world, nurse)
    claimed = world.do(method.claim_task, card.id, by=nurse)

    withdraw_all(world, case_of(world, done), other)

    assert cards(world, nurse) == []
    [task] = tasks(world, existing)
    assert (task.id, task.status) == (claimed.id, "withdrawn")


def withdraw_all(world: path.World, case_id: Any, by: Actor) -> None:
    """The parent takes back every consent for an exploration."""
    with world.database.reading() as session:
        given = [one.id for one in consent.of_case(session, case_id) if one.is_yes and one.purpose == "exploration"]
    for consent_id in given:
        world.do(method.withdraw_consent, consent_id, by=by)
    work(world)


def case_of(world: path.World, done: Any) -> Any:
    """The case of a signal."""
    with world.database.reading() as session:
        return processes.task(session, done.task.id).subject_id


def test_a_question_never_moves_to_another_organisation(world):
    existing = explored(world)
    other = world.region.other_midwife
    agree(world, other, signal(world, other))
    assert len(cards(world, world.region.nurse)) == 1

    withdraw_all(world, existing, world.region.midwife)

    assert cards(world, world.region.midwife) == []
    assert [task.status for task in tasks(world, existing)] == ["withdrawn"]


def test_others_in_the_case_do_not_see_that_there_is_a_question(world):
    existing = explored(world)
    other = world.region.other_midwife
    agree(world, other, signal(world, other))

    assert QUESTION in [task.name for task in world.look(method.case_view, existing, by=world.region.nurse).tasks]
    assert QUESTION not in [task.name for task in world.look(method.case_view, existing, by=world.region.midwife).tasks]


def test_the_answer_ends_the_question_and_moves_no_case(world):
    existing = explored(world)
    nurse, other = world.region.nurse, world.region.other_midwife
    agree(world, other, signal(world, other))
    [card] = cards(world, nurse)
    before = world.look(method.case_view, existing, by=nurse).case.status

    world.complete(world.do(method.claim_task, card.id, by=nurse), nurse)
    look_again(world)

    assert cards(world, nurse) == []
    assert world.look(method.case_view, existing, by=nurse).case.status == before


def look_again(world: path.World) -> None:
    """Both cases of every question are looked at once more."""
    with world.database.writing() as session:
        for question in session.query(signals.MatchQuestion).all():
            for case_id in (question.case_id, question.existing_case_id):
                duplicates.plan(session, cases.lock(session, case_id), at=world.clock())
    work(world)


def test_a_closed_case_leaves_no_question_behind(world):
    existing = explored(world)
    nurse, other = world.region.nurse, world.region.other_midwife
    done = signal(world, other)
    agree(world, other, done)
    new = case_of(world, done)
    routing = world.do(
        method.claim_task,
        next(c for c in world.look(method.work_list, by=other).items if c.form_key == "routing").id,
        by=other,
    )
    world.complete(routing, other, path.routing_answers(route="regular_care", override_reason="De ouder wil dat."))
    closing = world.do(
        method.claim_task,
        next(c for c in world.look(method.work_list, by=other).items if c.form_key == "closure").id,
        by=other,
    )
    world.complete(closing, other)
    work(world)

    assert world.look(method.case_view, new, by=other).case.status == "closed"
    assert [task.status for task in tasks(world, existing)] == ["withdrawn"]
    assert cards(world, nurse) == []


def test_erasing_a_case_erases_what_was_asked_about_it(world, database, clock):
    existing = explored(world)
    other = world.region.other_midwife
    agree(world, other, signal(world, other))

    with database.writing() as session:
        assert len(signals.questions(session, existing)) == 1
        signals.erase(session, existing, by=other, at=clock())
        assert signals.questions(session, existing) == []
