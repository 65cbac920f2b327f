"""A birth, a move, another due date and people who join: the case goes on, nobody drops it, and terms follow the dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from engine.clock import local_date
from tests import builders
from tests.workflows.families_world import (
    FamilyWorld,
    birth_answers,
    bundle,
    due_date_answers,
    member_answers,
    move_answers,
)
from workflows import cases, families, method, organisations
from workflows import settings as settings_room
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import Doubtful, Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.families import MemberKind
from workflows.logbook import LoggedChange, LoggedRead

DUE_SOON = {"due_date": "2026-11-10"}


@pytest.fixture
def world(database, clock) -> FamilyWorld:
    return FamilyWorld(database, clock)


@pytest.fixture
def old_world(database, clock) -> FamilyWorld:
    """Cases begin on the bundle of before; the current one knows births and moves."""
    return FamilyWorld(database, clock, old=True)


def recorded(world, **changes):
    """A case after its signal, held by the midwife; her next task waits."""
    task = world.start()
    world.complete(task, world.region.midwife, builders.signal_answers(world.clock(), **changes))
    return task.subject_id


def people(world, case_id):
    with world.database.reading() as session:
        return families.members(session, session.get(Case, case_id).family_id)


def lines(world, event):
    with world.database.reading() as session:
        return session.query(LoggedChange).filter_by(event=event).all()


def holders(world):
    """Open cases without exactly one holder."""
    with world.database.reading() as session:
        wrong = select(func.count()).where(Case.status != "closed", Case.holder_organisation_id.is_(None))
        return session.scalar(wrong)


# --- a birth


def test_a_birth_ends_the_pregnancy_and_changes_the_phase_everywhere(world):
    case_id = recorded(world, **DUE_SOON)
    before = {task.id: task.version for task in world.tasks(case_id)}

    card = world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    assert card.phase == world.case(case_id).phase == "after_birth"
    mother, child = people(world, case_id)
    assert (mother.kind, child.kind) == (MemberKind.PARENT, MemberKind.CHILD)
    assert (child.name, child.birth_date) == ("Kind Voorbeeld", date(2026, 11, 3))
    with world.database.reading() as session:
        assert families.current_pregnancy(session, world.case(case_id).family_id) is None
        [entry] = session.scalars(select(Entry).where(Entry.form_key == "birth"))
    live = world.tasks(case_id)
    assert {task.phase for task in live} == {"after_birth"}
    assert before.items() <= {task.id: task.version for task in live}.items()  # who types goes on typing
    [line] = lines(world, "birth.reported")
    assert line.details == {"entry": entry.id.hex, "born": 1}
    assert "after_birth" in {task.form_key for task in live}


def test_a_birth_that_no_step_awaits_becomes_a_task_for_the_holder_that_can_be_done(old_world):
    case_id = recorded(old_world, **DUE_SOON)
    old_world.publish(bundle())

    old_world.do(method.report_birth, case_id, answers=birth_answers(), by=old_world.region.midwife)

    [task] = [task for task in old_world.tasks(case_id) if task.form_key == "after_birth"]
    assert task.name == "Geboorte: bespreken wat verandert"
    assert task.organisation_id == old_world.case(case_id).holder_organisation_id
    done = {"maternity_transfer": "arranged", "child_consent": "later", "plan_still_fits": "yes"}
    finished = old_world.do_next(old_world.region.midwife, done, form_key="after_birth")
    assert finished.task.status == "completed"
    with old_world.database.reading() as session:
        kept = {entry.form_key: entry.bundle_digest for entry in session.scalars(select(Entry))}
    assert kept["birth"] == kept["after_birth"] != kept["signal"]
    assert "birth" in {entry.form_key for entry in old_world.view(case_id, old_world.region.midwife).entries}


def test_until_somebody_asks_about_births_there_is_nothing_to_report_them_with(old_world):
    case_id = recorded(old_world, **DUE_SOON)

    with pytest.raises(NotFound):
        old_world.do(method.report_birth, case_id, answers=birth_answers(), by=old_world.region.midwife)
    assert old_world.look(method.family_outline, case_id, by=old_world.region.midwife).forms == frozenset()


def test_twins_are_one_birth_and_two_children(world):
    case_id = recorded(world, **DUE_SOON, multiple_pregnancy=True)

    twins = [{"name": "Anna"}, {"name": "Bram"}]
    world.do(method.report_birth, case_id, answers=birth_answers(born=twins), by=world.region.midwife)

    children = [one for one in people(world, case_id) if one.kind == MemberKind.CHILD]
    assert [one.name for one in children] == ["Anna", "Bram"]
    assert len({one.pregnancy_id for one in children}) == 1


def test_one_child_where_two_were_expected_is_asked_about(world):
    case_id = recorded(world, **DUE_SOON, multiple_pregnancy=True)

    with pytest.raises(Doubtful) as refused:
        world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    assert set(refused.value.questions) == {"born"}
    confirmed = frozenset({"born"})
    world.do(method.report_birth, case_id, answers=birth_answers(), confirmed=confirmed, by=world.region.midwife)
    assert lines(world, "birth.reported")[0].details["confirmed"] == "born"


def test_long_before_the_due_date_it_is_asked_whether_that_is_so_and_nothing_is_kept_meanwhile(world):
    case_id = recorded(world)  # 20 weeks to go

    with pytest.raises(Doubtful) as refused:
        world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    assert set(refused.value.questions) == {"preterm"}
    assert world.case(case_id).phase == "pregnant"
    assert len(people(world, case_id)) == 1
    world.do(method.report_birth, case_id, answers=birth_answers(preterm="yes"), by=world.region.midwife)
    assert world.case(case_id).phase == "after_birth"


def test_a_birth_is_reported_once(world):
    case_id = recorded(world, **DUE_SOON)
    world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    with pytest.raises(WrongState) as refused:
        world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife2)

    assert "al gemeld" in refused.value.detail
    assert len([one for one in people(world, case_id) if one.kind == MemberKind.CHILD]) == 1


def test_a_birth_after_a_loss_is_asked_about(world):
    case_id = recorded(world, **DUE_SOON)
    loss = {"told_by": "parent", "contact_wish": "soon"}
    world.do(method.report_loss, case_id, answers=loss, by=world.region.midwife)

    with pytest.raises(Doubtful) as refused:
        world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    assert "verlies" in refused.value.questions["birth_date"]


def test_a_family_that_was_not_known_to_expect_a_child_can_have_one(world):
    case_id = recorded(
        world, phase="before_pregnancy", family_planning="no", due_date=None, due_date_certainty=None,
        multiple_pregnancy=None, parity=None,
    )  # fmt: skip

    world.do(
        method.report_birth, case_id, answers=birth_answers(born=[{"birth_weight": 3100}]), by=world.region.midwife
    )

    assert world.case(case_id).phase == "after_birth"
    assert [one.kind for one in people(world, case_id)] == [MemberKind.PARENT, MemberKind.CHILD]


def test_what_was_agreed_about_the_expected_child_stays_with_the_child(world):
    case_id = recorded(world, **DUE_SOON)
    with world.database.writing() as session:
        family_id = session.get(Case, case_id).family_id
        unborn = families.subject(session, family_id, "child", by=world.region.midwife, at=world.clock()).id

    world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    assert unborn in {one.id for one in people(world, case_id) if one.kind == MemberKind.CHILD}


# --- a move


def test_a_move_makes_the_new_municipality_responsible_and_leaves_the_holder(world):
    case_id = world.held()
    before = world.case(case_id)

    said = move_answers(new_contact="06 11111111")
    card = world.do(method.report_move, case_id, answers=said, by=world.region.nurse)

    after = world.case(case_id)
    assert card.municipality_code == after.municipality_code == builders.ROERMOND
    assert (after.holder_organisation_id, after.holder_role) == (before.holder_organisation_id, before.holder_role)
    assert holders(world) == 0
    [mother] = people(world, case_id)
    assert (mother.municipality_code, mother.postcode, mother.safe_contact_detail) == (
        builders.ROERMOND, "6041AB", "06 11111111",
    )  # fmt: skip
    [line] = lines(world, "move.reported")
    assert line.details["another_municipality"] is True


def test_a_move_that_no_step_awaits_becomes_a_task_for_the_holder(old_world):
    case_id = recorded(old_world)
    old_world.publish(bundle())

    old_world.do(method.report_move, case_id, answers=move_answers(), by=old_world.region.midwife)

    [task] = [task for task in old_world.tasks(case_id) if task.element_id == "moved"]
    assert (task.name, task.form_key) == ("Verhuizing: bespreken hoe het verdergaat", "follow_up")
    assert task.organisation_id == old_world.region.practice.id
    assert task.municipality_code == builders.ROERMOND


@pytest.mark.parametrize("where", ["outside", "unknown"])
def test_who_moves_out_of_the_region_or_to_nobody_knows_where_stays_with_who_is_responsible(world, where):
    case_id = world.held()

    said = move_answers(new_municipality=where, new_postcode=None, new_region="abroad" if where == "outside" else None)
    world.do(method.report_move, case_id, answers=said, by=world.region.nurse)

    assert world.case(case_id).municipality_code == builders.VENLO
    [mother] = people(world, case_id)
    assert (mother.municipality_code, mother.postcode) == (None, "")
    assert holders(world) == 0
    assert world.tasks(case_id)


def test_a_move_to_where_nobody_of_the_team_works_is_seen_by_the_whole_team(old_world, clock):
    case_id = recorded(old_world)
    old_world.publish(bundle())
    with old_world.database.writing() as session:
        for one in (old_world.region.midwife, old_world.region.midwife2):
            organisations.end_assignment(session, one.assignment_id, by=OPERATOR, at=clock())
        local = builders.actor(
            session, "Loes Lokaal", old_world.region.practice, "signaller", areas=(builders.VENLO,), at=clock()
        )

    old_world.do(method.report_move, case_id, answers=move_answers(), by=old_world.region.midwife)

    assert "moved" in {card.element_id for card in old_world.look(method.work_list, by=local).items}


def test_a_move_that_lies_ahead_is_asked_about(world):
    case_id = world.held()

    with pytest.raises(Doubtful) as refused:
        world.do(method.report_move, case_id, answers=move_answers(moved_on="2026-12-01"), by=world.region.nurse)

    assert set(refused.value.questions) == {"moved_on"}
    assert world.case(case_id).municipality_code == builders.VENLO


def test_a_move_within_the_municipality_changes_the_address_only(world):
    case_id = world.held()

    world.do(method.report_move, case_id, answers=move_answers(new_municipality=builders.VENLO), by=world.region.nurse)

    assert world.case(case_id).municipality_code == builders.VENLO
    assert lines(world, "case.relocated") == []


# --- another due date


def test_another_due_date_is_a_new_line_of_history_and_plans_the_terms_again(world, clock):
    with world.database.writing() as session:
        settings_room.put(
            session, "term.ask_consent", {"working_days": 10, "from_gestational_weeks": 32, "then_working_days": 1},
            valid_from=local_date(clock()), source="test", by=world.region.coordinator, at=clock(),
        )  # fmt: skip
    case_id = recorded(world, due_date="2027-01-20")  # 29 weeks
    [before] = world.tasks(case_id)

    world.do(method.change_due_date, case_id, answers=due_date_answers("2026-12-25"), by=world.region.midwife)

    [after] = world.tasks(case_id)
    assert after.id == before.id
    assert after.due_at < before.due_at
    with world.database.reading() as session:
        pregnancy = families.current_pregnancy(session, world.case(case_id).family_id)
        assert [one.due_date for one in families.due_dates(session, pregnancy.id)] == [
            date(2027, 1, 20), date(2026, 12, 25),
        ]  # fmt: skip
    assert len(lines(world, "due_date.changed")) == 1


def test_a_due_date_that_moves_far_is_asked_about(world):
    case_id = recorded(world, due_date="2027-03-23")

    with pytest.raises(Doubtful) as refused:
        world.do(method.change_due_date, case_id, answers=due_date_answers("2027-01-01"), by=world.region.midwife)

    assert set(refused.value.questions) == {"due_date"}


def test_an_impossible_due_date_is_refused_whatever_is_confirmed(world):
    case_id = recorded(world)

    with pytest.raises(Invalid) as refused:
        world.do(
            method.change_due_date, case_id, answers=due_date_answers("2028-01-01"),
            confirmed=frozenset({"due_date"}), by=world.region.midwife,
        )  # fmt: skip

    assert list(refused.value.errors) == ["due_date"]


def test_before_a_pregnancy_a_due_date_begins_one(world):
    case_id = recorded(
        world, phase="before_pregnancy", family_planning="no", due_date=None, due_date_certainty=None,
        multiple_pregnancy=None, parity=None,
    )  # fmt: skip

    world.do(method.change_due_date, case_id, answers=due_date_answers("2027-06-01"), by=world.region.midwife)

    assert world.case(case_id).phase == "pregnant"
    assert [one.kind for one in people(world, case_id)] == [MemberKind.PREGNANT_PERSON]
    assert {task.phase for task in world.tasks(case_id)} == {"pregnant"}


def test_after_a_birth_there_is_no_due_date_to_change(world):
    case_id = recorded(world, **DUE_SOON)
    world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    with pytest.raises(WrongState):
        world.do(method.change_due_date, case_id, answers=due_date_answers("2027-06-01"), by=world.region.midwife)


# --- people


@pytest.mark.parametrize("kind", ["partner", "household"])
def test_everybody_has_a_language_and_a_safe_contact_of_their_own(world, kind):
    case_id = recorded(world)

    added = world.do(method.record_member, case_id, answers=member_answers(kind), by=world.region.midwife)

    assert (added.kind, added.name, added.preferred_language, added.interpreter_needed) == (
        kind, "Iemand Voorbeeld", "pl", True,
    )  # fmt: skip
    assert (added.safe_contact, added.safe_contact_detail, added.reading_support) == ("app", "Na vier uur", True)
    mother = people(world, case_id)[0]
    assert (mother.preferred_language, mother.safe_contact) == ("nl", "call")
    assert world.case(case_id).language == "nl"  # the card speaks of the parent
    [line] = lines(world, "member.recorded")
    assert line.details["member"] == added.id.hex


def test_another_language_of_the_parent_reaches_every_task_that_waits(world):
    case_id = recorded(world)
    mother = people(world, case_id)[0]

    said = member_answers("parent", preferred_language="other", other_language="Papiaments")
    changed = world.do(
        method.record_member, case_id, member_id=mother.id, version=mother.version, answers=said,
        by=world.region.midwife,
    )  # fmt: skip

    assert (changed.kind, changed.preferred_language) == ("pregnant_person", "Papiaments")
    assert changed.postcode == "5911AB"  # not asked, so it stays
    assert (world.case(case_id).language, world.case(case_id).interpreter_needed) == ("other", True)
    assert {(task.language, task.interpreter_needed) for task in world.tasks(case_id)} == {("other", True)}


def test_what_is_asked_and_left_empty_is_not_known_any_more(world):
    case_id = recorded(world)
    added = world.do(method.record_member, case_id, answers=member_answers("partner"), by=world.region.midwife)

    said = member_answers("partner", name=None, safe_contact=None, safe_contact_detail=None, reading_support=False)
    changed = world.do(method.record_member, case_id, member_id=added.id, answers=said, by=world.region.midwife)

    assert (changed.name, changed.safe_contact, changed.safe_contact_detail) == ("", None, "")
    assert changed.reading_support is False
    assert changed.version == added.version + 1


def test_two_people_do_not_overwrite_each_other(world):
    case_id = recorded(world)
    mother = people(world, case_id)[0]
    given = {"member_id": mother.id, "version": mother.version, "by": world.region.midwife}
    world.do(method.record_member, case_id, answers=member_answers("parent"), **given)

    with pytest.raises(StaleVersion):
        world.do(method.record_member, case_id, answers=member_answers("parent", name="Anders"), **given)


@pytest.mark.parametrize(
    ("kind", "problem"), [("parent", "De ouder staat er al"), ("unborn_child", None), ("neighbour", None)]
)
def test_who_somebody_is_has_limits(world, kind, problem):
    case_id = recorded(world)
    if kind == "unborn_child":
        world.do(method.record_member, case_id, answers=member_answers(kind), by=world.region.midwife)
        with world.database.reading() as session:
            pregnancy = families.current_pregnancy(session, world.case(case_id).family_id)
            assert families.expected_children(session, pregnancy) == 1
        return
    with pytest.raises(Invalid) as refused:
        world.do(method.record_member, case_id, answers=member_answers(kind), by=world.region.midwife)
    assert list(refused.value.errors) == ["member_kind"]
    assert problem is None or problem in refused.value.errors["member_kind"][0]


def test_a_second_expected_child_makes_the_pregnancy_multiple(world):
    case_id = recorded(world)

    for name in ("Een", "Twee"):
        world.do(
            method.record_member, case_id, answers=member_answers("unborn_child", name=name), by=world.region.midwife
        )

    with world.database.reading() as session:
        pregnancy = families.current_pregnancy(session, world.case(case_id).family_id)
        assert (pregnancy.multiple, families.expected_children(session, pregnancy)) == (True, 2)


def test_a_child_does_not_become_a_neighbour_and_a_neighbour_can_be_the_partner(world):
    case_id = recorded(world)
    child = world.do(method.record_member, case_id, answers=member_answers("child"), by=world.region.midwife)
    other = world.do(method.record_member, case_id, answers=member_answers("household"), by=world.region.midwife)

    with pytest.raises(Invalid):
        world.do(
            method.record_member, case_id, member_id=child.id, answers=member_answers("partner"),
            by=world.region.midwife,
        )  # fmt: skip
    changed = world.do(
        method.record_member, case_id, member_id=other.id, answers=member_answers("partner"), by=world.region.midwife
    )
    assert changed.kind == "partner"


def test_children_who_cannot_well_be_of_one_family_are_asked_about(world):
    case_id = recorded(world, phase="after_birth", due_date=None, child_birth_dates=[{"date": "2026-10-01"}])

    with pytest.raises(Doubtful) as refused:
        world.do(
            method.record_member, case_id, answers=member_answers("child", birth_date="2026-07-01"),
            by=world.region.midwife,
        )  # fmt: skip

    assert set(refused.value.questions) == {"birth_date"}
    world.do(
        method.record_member, case_id, answers=member_answers("child", birth_date="2024-01-01"),
        by=world.region.midwife,
    )  # fmt: skip


def test_an_older_brother_is_no_reason_to_ask(world):
    case_id = recorded(world)

    added = world.do(
        method.record_member, case_id, answers=member_answers("child", birth_date="2020-01-01"),
        by=world.region.midwife,
    )  # fmt: skip

    assert added.birth_date == date(2020, 1, 1)


def test_who_decides_for_a_child_is_recorded_by_who_may_see_the_family(world):
    case_id = recorded(world, phase="after_birth", due_date=None, child_birth_dates=[{"date": "2026-10-01"}])
    mother, child = people(world, case_id)
    said = {
        "child_id": child.id, "member_id": mother.id, "kind": "parental_authority", "checked": "authority_register",
    }  # fmt: skip

    found = world.do(method.record_authority, case_id, **said, by=world.region.midwife)

    assert (found.child_id, found.member_id, found.checked) == (child.id, mother.id, "authority_register")
    with pytest.raises(NotFound):
        world.do(method.record_authority, case_id, **said, by=world.region.nurse)
    with pytest.raises(NotFound):
        world.do(method.record_authority, case_id, **{**said, "child_id": case_id}, by=world.region.midwife)


# --- who may, and what they may learn


def test_nobody_without_a_part_in_the_case_can_tell_it_is_there(world):
    case_id = recorded(world, **DUE_SOON)

    for stranger in (world.region.nurse, world.region.other_midwife, world.region.coordinator):
        for verb, said in (
            (method.report_birth, birth_answers()),
            (method.report_move, move_answers()),
            (method.change_due_date, due_date_answers("2026-11-12")),
            (method.record_member, member_answers("partner")),
        ):
            with pytest.raises(NotFound):
                world.do(verb, case_id, answers=said, by=stranger)
        with pytest.raises(NotFound):
            world.look(method.family_form, case_id, "birth", by=stranger)
        with pytest.raises(NotFound):
            world.look(method.family_outline, case_id, by=stranger)


@pytest.fixture
def watched(world):
    """A case in which the process director has a part, who sees no more of the family than one name."""
    case_id = recorded(world)
    with world.database.writing() as session:
        director = world.region.process_director
        cases.join(
            session, session.get(Case, case_id), organisation_id=director.organisation_id, role=director.role,
            by=world.region.midwife, at=world.clock(),
        )  # fmt: skip
    return case_id


def test_a_process_director_reports_a_birth_and_a_move_and_changes_nothing_else(world, watched):
    director = world.region.process_director

    for verb, said in (
        (method.change_due_date, due_date_answers("2027-03-25")),
        (method.record_member, member_answers("partner")),
    ):
        with pytest.raises(NotAllowed):
            world.do(verb, watched, answers=said, by=director)
    world.do(method.report_move, watched, answers=move_answers(), by=director)
    world.do(method.report_birth, watched, answers=birth_answers(), by=director)


def test_a_question_never_tells_what_the_asker_may_not_know(world, watched):
    """Twenty weeks early: the midwife is asked, the process director, who may not know the due date, is not."""
    with pytest.raises(Doubtful):
        world.do(method.report_birth, watched, answers=birth_answers(), by=world.region.midwife)

    world.do(method.report_birth, watched, answers=birth_answers(), by=world.region.process_director)

    assert world.case(watched).phase == "after_birth"


def test_in_a_closed_case_nothing_happens_any_more(world):
    case_id = recorded(world, **DUE_SOON)
    world.do(method.discard_signal, case_id, by=world.region.midwife)

    for verb, said in (
        (method.report_birth, birth_answers()),
        (method.report_move, move_answers()),
        (method.change_due_date, due_date_answers("2026-11-12")),
        (method.record_member, member_answers("partner")),
    ):
        with pytest.raises(WrongState):
            world.do(verb, case_id, answers=said, by=world.region.midwife)


# --- looking


def test_the_form_about_a_member_holds_what_is_known_and_that_was_looked_at(world):
    case_id = recorded(world, preferred_language="other", other_language="Papiaments", reading_support=True)
    mother = people(world, case_id)[0]

    shown = world.look(method.family_form, case_id, "member", member_id=mother.id, by=world.region.midwife)

    assert shown.answers == {
        "member_kind": "parent", "name": "Noor Voorbeeld", "birth_date": "1998-05-17", "preferred_language": "other",
        "other_language": "Papiaments", "interpreter_needed": False, "reading_support": True, "safe_contact": "call",
        "safe_contact_detail": "Bel na zes uur",
    }  # fmt: skip
    with world.database.reading() as session:
        assert session.query(LoggedRead).filter_by(event="member.viewed", subject_id=str(mother.id)).count() == 1


def test_the_outline_says_how_far_along_the_family_is_and_what_can_be_told(world):
    case_id = recorded(world)

    outline = world.look(method.family_outline, case_id, by=world.region.midwife)

    assert outline.gestational_age == (20, 0)
    assert [one.code for one in outline.milestones] == ["weeks_28", "weeks_34", "due_date"]
    assert outline.forms == {"birth", "move", "due_date_change", "member", "support_consent", "rights_request"}
    assert [one.name for one in outline.members] == ["Noor Voorbeeld"]
    world.do(method.report_birth, case_id, answers=birth_answers(preterm="yes"), by=world.region.midwife)
    after = world.look(method.family_outline, case_id, by=world.region.midwife)
    assert after.gestational_age is None
    assert [(one.code, one.on) for one in after.milestones] == [
        ("six_weeks_after_birth", date(2026, 12, 15)), ("age_limit", date(2028, 11, 3)),
    ]  # fmt: skip
    assert "due_date_change" not in after.forms


def test_after_a_loss_no_day_counts_any_more(world):
    case_id = recorded(world)
    loss = {"told_by": "parent", "contact_wish": "soon"}
    world.do(method.report_loss, case_id, answers=loss, by=world.region.midwife)

    outline = world.look(method.family_outline, case_id, by=world.region.midwife)

    assert (outline.gestational_age, outline.milestones) == (None, ())


# --- language and safe contact travel


@pytest.mark.shows("S13-20")
def test_language_interpreter_reading_support_and_safe_contact_are_on_every_later_task(world):
    region = world.region
    speaks = {
        "preferred_language": "ar", "interpreter_needed": True, "reading_support": True, "safe_contact": "via_signaller",
        "safe_contact_detail": None,
    }  # fmt: skip
    task = world.start()
    done = world.complete(task, region.midwife, builders.signal_answers(world.clock(), **DUE_SOON, **speaks))
    case_id = task.subject_id
    seen = []

    def look(by):
        """Every task that *by* may take, claimed and looked at; done one after the other."""
        for card in world.look(method.work_list, by=by).items:
            assert (card.language, card.interpreter_needed) == ("ar", True), card.name
            if card.status == "open":
                world.do(method.claim_task, card.id, by=by)
            view = world.look(method.task_view, card.id, by=by)
            parent = view.members[0]
            assert (parent.preferred_language, parent.interpreter_needed, parent.reading_support) == ("ar", True, True)
            assert parent.safe_contact == "via_signaller"
            seen.append(card.form_key)

    assert done.next
    look(region.midwife)
    for _ in range(2):  # consent and route
        [card] = [card for card in world.look(method.work_list, by=region.midwife).items if card.mine]
        world.complete(card, region.midwife)
        for following in world.look(method.work_list, by=region.midwife).items:
            if following.status == "open":
                look(region.midwife)
    look(region.nurse)
    world.do(method.report_birth, case_id, answers=birth_answers(), by=region.nurse)  # adds one that no step asked for
    world.do(method.report_move, case_id, answers=move_answers(), by=region.nurse)
    look(region.nurse)

    assert {"consent", "routing", "exploration", "after_birth"} <= set(seen)


# --- whatever happens, in whatever order


EVENTS = st.lists(
    st.sampled_from(["birth", "move", "outside", "unknown", "due_date", "partner", "child", "language"]), max_size=6
)


@given(events=EVENTS)
@settings(max_examples=12)
def test_in_any_order_each_open_case_has_one_holder_and_somebody_with_something_to_do(world, events):
    case_id = recorded(world)
    midwife = world.region.midwife
    everything = frozenset({"birth_date", "born", "preterm", "due_date", "moved_on"})
    mother = people(world, case_id)[0]
    for event in events:
        verb, said, more = {
            "birth": (method.report_birth, birth_answers(), {}),
            "move": (method.report_move, move_answers(), {}),
            "outside": (method.report_move, move_answers(new_municipality="outside", new_region="abroad"), {}),
            "unknown": (method.report_move, move_answers(new_municipality="unknown", new_postcode=None), {}),
            "due_date": (method.change_due_date, due_date_answers("2027-04-01"), {}),
            "partner": (method.record_member, member_answers("partner"), {}),
            "child": (method.record_member, member_answers("child", birth_date="2025-01-01"), {}),
            "language": (method.record_member, member_answers("parent"), {"member_id": mother.id}),
        }[event]
        try:
            world.do(verb, case_id, answers=said, confirmed=everything, by=midwife, **more)
        except WrongState:
            assert event in ("birth", "due_date")
        held = world.case(case_id)
        assert held.holder_organisation_id == world.region.practice.id
        assert world.tasks(case_id)
        assert {(one.phase, one.language) for one in world.tasks(case_id)} == {(held.phase, held.language)}


def test_somebody_without_an_address_or_a_municipality_goes_through_all_of_it(world):
    case_id = recorded(
        world, living_situation="no_fixed_address", postcode=None, due_date="2026-11-10", interpreter_needed=True
    )

    world.do(
        method.report_move, case_id, answers=move_answers(new_municipality="unknown", new_postcode=None),
        by=world.region.midwife,
    )  # fmt: skip
    world.do(method.report_birth, case_id, answers=birth_answers(), by=world.region.midwife)

    mother = people(world, case_id)[0]
    assert mother.no_fixed_address
    assert (mother.postcode, mother.municipality_code) == ("", None)


def test_a_due_date_follows_from_when_the_day_is_here_and_not_in_greenwich(world, clock):
    clock.forward(hours=14, minutes=45)  # 3 November 23:15 UTC: already 4 November in Amsterdam
    case_id = recorded(world, due_date=(local_date(clock()) + timedelta(days=140)).isoformat())

    assert world.look(method.family_outline, case_id, by=world.region.midwife).gestational_age == (20, 0)
