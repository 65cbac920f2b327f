"""Who looked, as a parent may hear it: in words, per day, nothing of safety and nothing of the other parent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from tests import builders
from tests.workflows import path
from tests.workflows.families_world import member_answers
from workflows import families, logbook, method
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.families import FamilyMember
from workflows.logbook import LoggedRead


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def parents(world: path.World, case_id: UUID, by) -> dict[str, UUID]:
    return {one.kind: one.id for one in world.look(method.client_log_subjects, case_id, by=by)}


def opened(world: path.World, case_id: UUID, subject: UUID, by, **more) -> method.ClientLog:
    return world.look(method.client_log, case_id, subject_id=subject, by=by, **more)


def told(found: method.ClientLog) -> list[tuple]:
    return [
        (day.day.day, line.organisation, line.role, line.people, line.times, line.compartments)
        for day in found.days
        for line in day.lines
    ]


def explored(world: path.World, **changes) -> UUID:
    """A case with a partner, explored by the nurse, who holds it; what a day's work leaves in the log."""
    task = world.start()
    world.complete(task, world.region.midwife, builders.signal_answers(world.clock(), **changes))
    for _ in range(2):
        world.do_next(world.region.midwife)
    case_id: UUID = task.subject_id
    world.do(method.record_member, case_id, answers=member_answers("partner"), by=world.region.midwife)
    world.claim(world.region.nurse, "exploration")
    return case_id


def test_a_parent_hears_per_day_which_organisation_looked_at_what_and_why(world, clock):
    case_id = explored(world)
    nurse, midwife = world.region.nurse, world.region.midwife
    clock.forward(days=1)
    for by in (nurse, nurse, world.region.nurse2):
        opening = replace(by, request_id=f"r{clock.forward(minutes=1).minute}")
        world.look(method.case_view, case_id, by=opening)
        world.look(method.plan_view, case_id, by=opening)
    world.look(method.case_view, case_id, by=midwife)
    mother = parents(world, case_id, nurse)["pregnant_person"]
    clock.forward(days=1)

    found = opened(world, case_id, mother, nurse)

    [yesterday, *_] = found.days
    assert yesterday.day == date(2026, 11, 4)
    assert [(line.organisation, line.role, line.people, line.times, line.emergency) for line in yesterday.lines] == [
        ("JGZ Limburg-Noord team Venlo (fictief)", "explorer", 2, 3, False),
        ("Verloskundigenpraktijk De Bron (fictief)", "signaller", 1, 1, False),
    ]
    [explorers, signallers] = yesterday.lines
    assert explorers.compartments == ("C0", "C1", "C4", "C10")  # there is no plan yet, so nobody saw one
    assert (explorers.why, explorers.ground) == ("Om samen met u te verkennen wat u nodig heeft", "U gaf toestemming.")
    assert signallers.ground == "Zij legden het signaal zelf vast, samen met u."
    assert (found.subject.name, found.since, found.until) == ("Noor Voorbeeld", date(2026, 11, 3), date(2026, 11, 5))

    [first, *_] = opened(world, case_id, mother, nurse).days  # the opening itself is told
    assert [(line.role, line.compartments, line.why) for line in first.lines] == [
        ("explorer", ("C11",), "Om samen met u te bekijken wie er keek")
    ]
    assert [day.day for day in opened(world, case_id, mother, nurse, since=date(2026, 11, 4), until=date(2026, 11, 4)).days] == [
        date(2026, 11, 4)
    ]  # fmt: skip
    with pytest.raises(Invalid):
        opened(world, case_id, mother, nurse, since=date(2026, 11, 4), until=date(2026, 11, 3))


def test_only_who_holds_the_case_opens_it_and_only_for_a_parent_of_it(world):
    case_id = explored(world)
    nurse, region = world.region.nurse, world.region
    own = parents(world, case_id, nurse)

    assert own.keys() == {"pregnant_person", "partner"}
    with pytest.raises(NotAllowed):
        parents(world, case_id, region.midwife)
    with pytest.raises(NotAllowed):
        opened(world, case_id, own["partner"], region.midwife)
    for by in (region.other_midwife, region.process_director, region.log_manager, region.administrator):
        with pytest.raises(NotFound):
            opened(world, case_id, own["partner"], by)
    cousin = world.do(method.record_member, case_id, answers=member_answers("household"), by=nurse)
    with world.database.reading() as session:
        before = session.query(LoggedRead).count()
    for stranger in (cousin.id, UUID(int=7)):
        with pytest.raises(NotFound):
            opened(world, case_id, stranger, nurse)
    with world.database.reading() as session:
        assert session.query(LoggedRead).count() == before


def test_a_partner_who_must_not_be_told_has_no_such_view(world):
    case_id = explored(world, partner_involved="do_not_inform")

    assert parents(world, case_id, world.region.nurse).keys() == {"pregnant_person"}


def test_nothing_of_safety_and_nothing_of_the_other_parent_is_in_it(world, clock):
    """Whatever others do besides, and however often: each view stays what it was, to the last letter."""
    case_id = explored(world)
    nurse, region = world.region.nurse, world.region
    own = parents(world, case_id, nurse)
    mother, partner = own["pregnant_person"], own["partner"]
    clock.forward(days=1)

    def write(event, kind, subject, by, *, rule="party", **more):
        with world.database.writing() as session:
            logbook.read(
                session, event, kind, subject, case_id=case_id, by=by, at=clock(),
                **{"purpose": "case", "rule": rule, **more},
            )  # fmt: skip

    def besides(who) -> list[tuple]:
        """What a view says besides that it was opened."""
        return [line for line in told(opened(world, case_id, who, nurse)) if line[5] != ("C11",)]

    world.look(method.case_view, case_id, by=nurse)
    clock.forward(days=1)
    before = {who: besides(who) for who in (mother, partner)}
    assert before[mother] != before[partner]
    assert before[mother]

    # of safety
    write("case.viewed", "case", case_id, region.youth_protection_officer)
    write("task.viewed", "task", case_id, nurse, purpose="task:safety_response")
    write("safety.viewed", "case", case_id, nurse)
    write("case.viewed", "safety_file", case_id, nurse)
    write("case.viewed", "case", case_id, nurse, compartments=["C5"])
    write("case.viewed", "case", case_id, nurse, ground="right_to_report")
    write("something.new", "case", case_id, nurse)
    # of parents themselves, of the house and of who was refused
    write("case.viewed", "case", case_id, replace(nurse, role="parent"))
    write("case.viewed", "case", case_id, replace(nurse, role="other_parent"))
    write("case.viewed", "case", case_id, nurse, outcome="refused")
    assert {who: besides(who) for who in before} == before

    # of the other parent
    clock.forward(days=1)
    write("member.viewed", "family_member", partner, region.nurse2)
    write("case.viewed", "case", case_id, region.nurse2, compartments=["C8"])
    assert besides(mother) == before[mother]
    assert besides(partner)[0][2:] == ("explorer", 1, 2, ("C0", "C8"))
    seen = besides(partner)
    clock.forward(days=1)
    write("member.viewed", "family_member", mother, region.nurse2)
    write("case.viewed", "case", case_id, region.nurse2, compartments=["C1", "C2", "C6", "C10"])
    write("plan.viewed", "case", case_id, region.nurse2)
    assert besides(partner) == seen
    assert besides(mother)[0][2:] == ("explorer", 1, 3, ("C0", "C1", "C2", "C6", "C10"))
    # not even that the other looked who looked
    with world.database.reading() as session:
        subjects = set(
            session.scalars(select(LoggedRead.subject_id).where(LoggedRead.event == "client_log.viewed")).all()
        )
    assert subjects == {str(mother), str(partner)}


def test_an_emergency_is_told_first_and_every_ground_of_it_reads_the_same(world, clock):
    case_id = explored(world)
    nurse = world.region.nurse
    mother = parents(world, case_id, nurse)["pregnant_person"]
    clock.forward(days=1)
    with world.database.writing() as session:
        for ground in ("vital_interest", "conflict_of_duties", "right_to_report"):
            logbook.read(
                session, "emergency.viewed", "case", case_id, case_id=case_id, by=world.region.other_midwife, at=clock(),
                purpose="emergency", rule="emergency", ground=ground, compartments=["C0", "C2"],
            )  # fmt: skip
    world.look(method.case_view, case_id, by=nurse)

    [today, *_] = opened(world, case_id, mother, nurse).days

    assert [(line.emergency, line.times, line.organisation) for line in today.lines] == [
        (True, 3, "Verloskundigenpraktijk De Es (fictief)"),
        (False, 1, "JGZ Limburg-Noord team Venlo (fictief)"),
    ]
    assert today.lines[0].why == "Omdat het een noodgeval was"


def test_a_parent_reads_that_it_was_they_themselves_and_nothing_of_what_the_other_parent_reads(world, clock):
    case_id = explored(world)
    of, nurse = parents(world, case_id, world.region.nurse), world.region.nurse
    with world.database.writing() as session:
        families.set_partner_involved(session, session.get_one(Case, case_id).family_id, "yes", by=nurse, at=clock())
        logins = {
            kind: builders.parent_login(session, nurse, session.get_one(FamilyMember, one), clock())
            for kind, one in of.items()
        }
    clock.forward(days=1)
    for kind, times in (("pregnant_person", 2), ("partner", 3)):
        for _ in range(times):
            opening = replace(logins[kind].actor, request_id=f"r{clock.forward(minutes=1).minute}")
            world.look(method.own_family, by=opening)
    clock.forward(days=1)

    for kind, times in (("pregnant_person", 2), ("partner", 3)):
        looked = [
            line for line in told(opened(world, case_id, of[kind], nurse)) if line[2] in ("parent", "other_parent")
        ]
        assert looked == [(4, "U zelf", "parent", 1, times, ())], kind
