"""What an organisation still sees of a family when its part in the case is over, or is another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.clock import local_date
from tests.workflows import path
from workflows import consent, method, worker
from workflows.cases import Case
from workflows.errors import NotFound, WrongState


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def withdraw(world: path.World, case_id) -> None:
    with world.database.reading() as session:
        given = [one for one in consent.of_case(session, case_id) if one.purpose == "exploration" and one.given]
    for one in given:
        world.do(method.withdraw_consent, one.id, by=world.region.midwife)


def test_a_task_done_before_consent_was_taken_back_no_longer_shows_how_the_case_stands(world):
    nurse = world.region.nurse
    case_id = world.explored()
    task = world.claim(nurse)
    world.complete(task, nurse)
    assert world.look(method.task_view, task.id, by=nurse).case.status == "in_exploration"

    withdraw(world, case_id)

    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=nurse)
    view = world.look(method.task_view, task.id, by=nurse)
    assert (view.case, view.form, view.members, view.answers) == (None, None, (), {})


def test_another_organisation_in_the_case_does_not_learn_who_took_a_task(world):
    region = world.region
    world.explored()
    task = world.claim(region.nurse)

    with pytest.raises(WrongState) as refused:
        world.do(method.release_task, task.id, by=region.midwife)

    assert "Jet" not in refused.value.detail
    assert not hasattr(refused.value, "person_id")


def agreed_until(world: path.World, days: int):
    """A case that was handed to youth health with a consent of so many days."""
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    until = (local_date(world.clock()) + timedelta(days=days)).isoformat()
    world.do_next(midwife, path.consent_answers(validity="until_date", valid_until=until))
    world.do_next(midwife)
    return task.subject_id


@pytest.mark.parametrize("claimed", [False, True])
def test_when_consent_runs_out_the_case_is_back_where_it_came_from_and_somebody_hears_it(world, clock, claimed):
    region = world.region
    case_id = agreed_until(world, 3)
    if claimed:
        world.claim(region.nurse)
    clock.forward(days=4)
    worker.run_once(world.database, clock())

    assert world.look(method.work_list, by=region.nurse).items == []
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=region.nurse)
    waiting = world.look(method.work_list, by=region.midwife).items
    assert sorted(card.form_key for card in waiting) == ["exploration", "follow_up"]
    for card in waiting:
        world.do(method.claim_task, card.id, by=region.midwife)
    with world.database.reading() as session:
        case = session.get(Case, case_id)
        assert (case.holder_organisation_id, case.holder_role) == (region.practice.id, "signaller")


def test_the_end_of_a_consent_changes_nothing_when_it_was_given_again(world, clock):
    region = world.region
    case_id = agreed_until(world, 3)
    world.claim(region.nurse)
    with world.database.writing() as session:
        old = [one for one in consent.of_case(session, case_id) if one.purpose == "exploration" and one.given]
        consent.record(
            session, case_id=case_id, subject_id=old[0].subject_id, recipient_kind=old[0].recipient_kind,
            purpose="exploration", categories=[one.category for one in old], given_by="self", form="oral",
            information_given=consent.EXPLAINED, text_version="2026-1", by=region.nurse, at=clock(),
        )  # fmt: skip
    clock.forward(days=4)
    worker.run_once(world.database, clock())

    assert [card.form_key for card in world.look(method.work_list, by=region.nurse).items] == ["exploration"]


def test_a_loss_is_followed_up_by_somebody_who_may_also_when_consent_just_ran_out(world, clock):
    region = world.region
    case_id = agreed_until(world, 3)
    world.claim(region.nurse)
    clock.forward(days=4)

    world.do(method.report_loss, case_id, by=region.midwife, answers=path.loss_answers())

    [card] = world.look(method.work_list, by=region.midwife).items
    assert card.form_key == "loss_follow_up"
    world.do(method.claim_task, card.id, by=region.midwife)
