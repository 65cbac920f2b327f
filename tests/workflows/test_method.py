"""The drawn path as people walk it, on both databases: one verb, one transaction."""

from __future__ import annotations

import pytest

from tests import builders
from tests.workflows import path
from workflows import method
from workflows.cases import Case
from workflows.errors import ConsentMissing, Invalid, NotAllowed, NotFound, StaleVersion, WrongState


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def case_of(world: path.World, case_id) -> Case:
    with world.database.reading() as session:
        return session.get(Case, case_id)


def test_a_signal_travels_from_the_midwife_to_a_closed_case(world):
    region = world.region
    task = world.start()
    assert task.status == "claimed"
    case_id = task.subject_id
    assert case_of(world, case_id).status == "draft"

    done = world.complete(task, region.midwife)
    assert [card.form_key for card in done.next] == ["consent"]
    assert case_of(world, case_id).status == "awaiting_consent"
    world.do_next(region.midwife)
    assert case_of(world, case_id).status == "in_routing"
    world.do_next(region.midwife)
    assert case_of(world, case_id).status == "in_exploration"
    assert case_of(world, case_id).holder_organisation_id == region.practice.id

    exploration = world.claim(region.nurse)
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role, held.holder_person_id) == (
        region.youth_health.id,
        "explorer",
        region.nurse.person_id,
    )
    world.complete(exploration, region.nurse)
    world.do_next(region.nurse, form_key="feedback")
    ended = world.do_next(region.nurse, form_key="closure")

    assert ended.ended
    closed = case_of(world, case_id)
    assert (closed.status, closed.result, closed.contact_after) == ("closed", "goals_reached", "De wijkverpleegkundige")
    assert closed.holder_organisation_id is None
