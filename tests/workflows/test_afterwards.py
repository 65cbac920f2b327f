"""What an organisation still sees of a family when its part in the case is over, or is another's."""

from __future__ import annotations

import pytest

from tests.workflows import path
from workflows import consent, method
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
