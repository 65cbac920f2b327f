"""Where nobody keeps watch: told to who can give somebody a role, once in the logbook, and decided by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.clock import local_date
from tests import builders
from tests.workflows import path
from workflows import cases, method, settings, worker
from workflows.actor import OPERATOR, Actor
from workflows.errors import NotAllowed, NotFound
from workflows.logbook import LoggedChange
from workflows.organisations import Role


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@pytest.fixture
def old(world: path.World) -> UUID:
    """A case that youth health held last, whose term was over long ago. Nobody there may confirm."""
    case_id = world.explored()
    world.claim(world.region.nurse)
    with world.database.writing() as session:
        cases.close(
            session,
            cases.lock(session, case_id),
            "goals_reached",
            contact_after="De huisarts",
            by=world.region.nurse,
            at=world.clock(),
        )
    world.clock.forward(days=20 * 366)
    return case_id


def gaps(world: path.World, by: Actor | None = None) -> dict[tuple[UUID, str], int]:
    found = world.look(method.unwatched, by=by or world.region.administrator)
    return {(one.organisation_id, str(one.gap)): one.waiting for one in found}


def join(world: path.World, name: str, role: Role) -> Actor:
    with world.database.writing() as session:
        return builders.actor(session, name, world.region.youth_health, role, at=world.clock())


def lines(world: path.World) -> Iterator[tuple[str, str, Any]]:
    with world.database.reading() as session:
        written = select(LoggedChange).where(LoggedChange.event.in_(("organisation.unwatched", "organisation.watched")))
        for line in session.scalars(written.order_by(LoggedChange.id)):
            yield line.event, line.subject_id, line.details["gap"]


def a_night_later(world: path.World) -> list[tuple[str, str, Any]]:
    """What the logbook says of youth health after the worker looked."""
    world.clock.forward(days=1)
    worker.plan_standing_jobs(world.database, world.clock())
    for _ in range(3):
        worker.run_once(world.database, world.clock())
    return [line for line in lines(world) if UUID(line[1]) == world.region.youth_health.id]


def test_a_case_stays_and_is_told_until_enough_people_may_confirm(world, old):
    youth = world.region.youth_health.id

    assert gaps(world)[youth, "nobody_confirms"] == 1
    elsewhere = world.region.administrator
    with pytest.raises(NotFound):
        world.do(method.confirm_destruction, old, by=elsewhere)  # nobody decides about the families of another

    first = join(world, "Bo Beheer", Role.ADMINISTRATOR)
    assert (youth, "nobody_confirms") not in gaps(world)
    assert gaps(world)[youth, "too_few_confirm"] == 1
    assert world.do(method.confirm_destruction, old, by=first) == 1
    [due] = world.look(method.destruction_list, by=first).due
    assert (due.stuck, due.confirmed_by_me) == (True, True)

    second = join(world, "Fay Functionaris", Role.DPO)
    assert not {gap for organisation_id, gap in gaps(world) if organisation_id == youth} - {"no_log_manager"}
    [due] = world.look(method.destruction_list, by=second).due
    assert not due.stuck
    assert world.do(method.confirm_destruction, old, by=second) == 0


def test_one_person_is_enough_where_the_region_says_so(world, old):
    join(world, "Bo Beheer", Role.ADMINISTRATOR)
    with world.database.writing() as session:
        settings.put(
            session, "retention.confirmations", 1, valid_from=local_date(world.clock()), tag="[B]", source="x",
            by=OPERATOR, at=world.clock(),
        )  # fmt: skip

    assert not any("confirm" in gap for _, gap in gaps(world))


def test_an_organisation_that_stopped_still_keeps_its_cases_and_is_told(world, old):
    youth = world.region.youth_health.id
    for name, role in (("Bo Beheer", Role.ADMINISTRATOR), ("Fay Functionaris", Role.DPO)):
        join(world, name, role)

    world.do(method.deactivate_organisation, youth, by=world.region.administrator)

    [found] = [one for one in world.look(method.unwatched, by=OPERATOR) if one.organisation_id == youth]
    assert (found.gap, found.waiting, found.active) == ("nobody_confirms", 1, False)


def test_a_request_in_a_team_of_nobody_is_told(world, old):
    nurse, youth = world.region.nurse, world.region.youth_health.id
    with world.database.reading() as session:
        parent = builders.parent(session, session.get_one(cases.Case, old))
    answers = {
        "request_kind": "access_copy", "received_on": local_date(world.clock()).isoformat(),
        "request_subject": str(parent.id), "requested_by": "self", "identity_check": "id_document",
    }  # fmt: skip
    world.do(method.record_request, old, answers=answers, by=nurse)
    assert (youth, "nobody_answers") not in gaps(world)

    for who in (nurse, world.region.nurse2):
        world.do(method.deactivate_person, who.person_id, by=world.region.administrator)

    assert gaps(world)[youth, "nobody_answers"] == 1


def test_it_is_written_down_once_when_it_begins_and_once_when_it_is_over(world):
    youth = str(world.region.youth_health.id)
    assert (world.region.practice.id, "no_log_manager") not in gaps(world)  # it has one
    assert not any(line for line in lines(world))

    began = a_night_later(world)
    assert [(event, gap) for event, _, gap in began] == [("organisation.unwatched", "no_log_manager")]
    assert UUID(began[0][1]) == UUID(youth)
    assert a_night_later(world) == began  # it lasts, and is not said again

    manager = join(world, "Leo Logbeheerder", Role.LOG_MANAGER)
    assert [event for event, _, _ in a_night_later(world)] == ["organisation.unwatched", "organisation.watched"]
    world.do(method.deactivate_person, manager.person_id, by=world.region.administrator)
    assert len(a_night_later(world)) == 3  # it began anew


def test_only_who_manages_organisations_hears_of_it(world):
    for who in (world.region.log_manager, world.region.coordinator, world.region.nurse):
        with pytest.raises(NotAllowed):
            gaps(world, who)
    assert gaps(world, OPERATOR) == gaps(world)
