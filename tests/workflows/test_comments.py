"""Comments: for who may read plan and agreements, never changed, gone with the case."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.clock import start_of_day
from tests.workflows import path
from workflows import access, logbook, method, worker
from workflows.access import Facts
from workflows.actor import Actor
from workflows.cases import Case
from workflows.comments import Comment
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedRead
from workflows.processes import Task

SAID = "Ze belt liever na zes uur."


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def taken(world: path.World):
    """A case that the nurse explores with the parent's consent; the midwife signalled."""
    case_id = world.explored()
    world.claim(world.region.nurse)
    return case_id


def read_by(world: path.World, case_id, by) -> list[str]:
    return [one.text for one in world.look(method.comment_list, case_id, by=by)]


def test_a_comment_says_who_wrote_it_for_whom_and_when(world, clock):
    case_id = taken(world)
    nurse = world.region.nurse

    said = world.do(method.add_comment, case_id, f"  {SAID}\r\nEn op vrijdag.\n", by=nurse)

    assert (said.text, said.author_name, said.at) == (f"{SAID}\nEn op vrijdag.", "Jet Jeugdverpleegkundige", clock())
    assert (said.organisation_id, said.role) == (nurse.organisation_id, "explorer")
    assert read_by(world, case_id, nurse) == [said.text]
    assert read_by(world, case_id, world.region.nurse2) == [said.text]


def test_who_may_not_read_the_plan_of_others_reads_the_comments_of_the_own_organisation(world):
    case_id = taken(world)
    world.do(method.add_comment, case_id, "Van de verpleegkundige.", by=world.region.nurse)
    world.do(method.add_comment, case_id, "Van de verloskundige.", by=world.region.midwife)

    assert read_by(world, case_id, world.region.midwife2) == ["Van de verloskundige."]
    assert read_by(world, case_id, world.region.nurse) == ["Van de verpleegkundige.", "Van de verloskundige."]


def test_to_who_has_no_part_in_a_case_its_comments_are_not_there(world):
    case_id = taken(world)
    for stranger in (world.region.other_midwife, world.region.process_director, world.region.administrator):
        for attempt in (
            lambda by=stranger: world.look(method.comment_list, case_id, by=by),
            lambda by=stranger: world.do(method.add_comment, case_id, SAID, by=by),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_a_parent_in_the_case_does_not_comment_among_colleagues(clock):
    parent = Actor(uuid4(), None, None, "parent")
    with pytest.raises(NotAllowed):
        access.require(parent, "comment", Facts(party_roles=frozenset({"parent"}), subject=True), at=clock())


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001, "half teken \ud83d", "nul \x00"])
def test_a_comment_that_says_nothing_or_too_much_is_refused(world, text):
    case_id = taken(world)

    with pytest.raises(Invalid) as refused:
        world.do(method.add_comment, case_id, text, by=world.region.nurse)

    assert set(refused.value.errors) == {"text"}
    assert "teken" not in str(refused.value)
    assert world.do(method.add_comment, case_id, "x" * 4000, by=world.region.nurse)


def test_a_comment_is_about_a_task_of_its_own_case_or_of_none(world):
    case_id = taken(world)
    nurse = world.region.nurse
    with world.database.reading() as session:
        task_id = session.scalars(select(Task.id).where(Task.subject_id == case_id)).first()
    other = world.start().id

    assert world.do(method.add_comment, case_id, SAID, task_id=task_id, by=nurse).task_id == task_id
    for wrong in (other, uuid4()):
        with pytest.raises(Invalid) as refused:
            world.do(method.add_comment, case_id, SAID, task_id=wrong, by=nurse)
        assert set(refused.value.errors) == {"task_id"}


def test_writing_and_reading_are_written_down_without_a_word_of_it(world):
    case_id = taken(world)
    said = world.do(method.add_comment, case_id, SAID, by=world.region.nurse)
    read_by(world, case_id, world.region.nurse2)

    with world.database.reading() as session:
        added = [line for line in logbook.lines(session, case_id=case_id) if line.event == "comment.added"]
        read = session.scalars(select(LoggedRead).where(LoggedRead.event == "comments.viewed")).all()
        assert [line.subject_id for line in added] == [str(said.id)]
        assert [(line.person_id, line.rule) for line in read] == [(world.region.nurse2.person_id, "holder+party")]
        assert not any("zes uur" in repr(vars(line)) for line in [*added, *read])


def test_a_closed_case_is_read_and_not_commented_on(world):
    nurse = world.region.nurse
    case_id = world.explored()
    world.complete(world.claim(nurse), nurse)
    world.do(method.add_comment, case_id, SAID, by=nurse)
    world.do_next(nurse, form_key="feedback")
    world.do_next(nurse, form_key="closure")

    with pytest.raises(WrongState):
        world.do(method.add_comment, case_id, SAID, by=nurse)
    assert read_by(world, case_id, nurse) == [SAID]


def test_what_was_never_shared_goes_with_its_comments(world, clock):
    midwife = world.region.midwife
    case_id = world.start().subject_id
    world.do(method.add_comment, case_id, SAID, by=midwife)
    world.do(method.discard_signal, case_id, by=midwife)
    clock.forward(days=1)
    worker.run_once(world.database, start_of_day(clock().date() + timedelta(days=1)))

    with world.database.reading() as session:
        assert session.get(Case, case_id).family_id is None
        assert session.scalars(select(Comment)).all() == []
