"""People of a family are known one by one; a due date has a history and an age of pregnancy does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from engine.clock import gestational_age_days
from tests.builders import region
from workflows import families
from workflows.db import Base
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families import Born, Limits, MemberKind, PregnancyEnd
from workflows.families.rules import (
    age_in_years,
    check_due_date,
    doubt_birth,
    doubt_child,
    doubt_due_date,
    doubt_parent,
    gestational_age,
    joined,
    last_period,
    milestones,
    reaches_age,
    reaches_weeks,
    weeks_after_birth,
)
from workflows.logbook import LoggedChange

TODAY = date(2026, 11, 3)


@pytest.fixture
def midwife(session, clock):
    return region(session, clock()).midwife


@pytest.fixture
def family(session, clock, midwife):
    return families.create_family(session, by=midwife, at=clock())


@pytest.fixture
def pregnancy(session, clock, midwife, family):
    return families.start_pregnancy(session, family.id, multiple=True, parity=0, by=midwife, at=clock())


def test_everybody_is_a_person_of_their_own(session, clock, midwife, family):
    for kind, name in (("child", "Kind"), ("partner", "Partner"), ("pregnant_person", "Moeder")):
        families.add_member(session, family.id, kind=kind, name=name, by=midwife, at=clock())

    assert [one.name for one in families.members(session, family.id)] == ["Moeder", "Partner", "Kind"]


def test_nobody_needs_an_address_a_birth_date_or_a_pregnancy(session, clock, midwife, family):
    member = families.add_member(
        session, family.id, kind="parent", name="Onbekend", living_situation="no_fixed_address", by=midwife, at=clock()
    )

    assert member.no_fixed_address
    assert member.municipality_code is None
    assert families.current_pregnancy(session, family.id) is None
    assert families.current_due_date(session, family.id) is None


def test_the_log_says_which_columns_changed_and_never_what_they_held(session, clock, midwife, family):
    member = families.add_member(session, family.id, kind="parent", name="Noor Voorbeeld", by=midwife, at=clock())
    families.change_member(session, member.id, name="Noor de Vries", postcode="5911AB", by=midwife, at=clock())
    families.change_member(session, member.id, name="Noor de Vries", by=midwife, at=clock())

    lines = session.query(LoggedChange).filter_by(event="member.changed").all()
    assert [line.details for line in lines] == [{"columns": "name,postcode"}]
    assert not any("Noor" in str(line.details) for line in session.query(LoggedChange))


def test_a_column_that_is_not_a_fact_about_somebody_cannot_be_changed(session, clock, midwife, family):
    with pytest.raises(TypeError, match="family_id"):
        families.add_member(session, family.id, kind="parent", family_id=family.id, by=midwife, at=clock())


def test_the_latest_due_date_counts_and_the_earlier_ones_stay(session, clock, midwife, family, pregnancy):
    first, second = date(2027, 3, 20), date(2027, 3, 27)
    for due, certainty in ((first, "estimate"), (second, "dating_scan"), (second, "dating_scan")):
        families.record_due_date(session, pregnancy.id, due_date=due, certainty=certainty, by=midwife, at=clock())

    assert families.current_due_date(session, family.id) == second
    assert [one.due_date for one in families.due_dates(session, pregnancy.id)] == [first, second]


def test_going_back_to_an_earlier_due_date_is_a_new_line_of_history(session, clock, midwife, family, pregnancy):
    for due in (date(2027, 3, 20), date(2027, 3, 27), date(2027, 3, 20)):
        families.record_due_date(session, pregnancy.id, due_date=due, certainty="dating_scan", by=midwife, at=clock())

    assert len(families.due_dates(session, pregnancy.id)) == 3
    assert families.current_due_date(session, family.id) == date(2027, 3, 20)


@pytest.mark.parametrize("due", [TODAY + timedelta(days=267), TODAY - timedelta(days=22)])
def test_an_impossible_due_date_is_refused_beside_its_field(session, clock, midwife, pregnancy, due):
    with pytest.raises(Invalid) as refused:
        families.record_due_date(session, pregnancy.id, due_date=due, certainty="estimate", by=midwife, at=clock())

    assert list(refused.value.errors) == ["due_date"]


@given(days=st.integers(-400, 400))
def test_a_due_date_is_accepted_exactly_within_the_limits(days):
    due = TODAY + timedelta(days=days)
    fits = 14 <= gestational_age_days(due, TODAY) <= 301
    try:
        check_due_date(due, on=TODAY, minimum_days=14, maximum_days=301)
    except Invalid:
        assert not fits
    else:
        assert fits


def test_after_birth_or_loss_there_is_no_due_date_and_a_new_pregnancy_may_begin(
    session, clock, midwife, family, pregnancy
):
    families.record_due_date(
        session, pregnancy.id, due_date=date(2027, 3, 20), certainty="estimate", by=midwife, at=clock()
    )
    families.end_pregnancy(session, pregnancy.id, PregnancyEnd.LOSS, by=midwife, at=clock())

    assert families.current_due_date(session, family.id) is None
    with pytest.raises(WrongState):
        families.end_pregnancy(session, pregnancy.id, PregnancyEnd.BIRTH, by=midwife, at=clock())
    with pytest.raises(WrongState):
        families.record_due_date(
            session, pregnancy.id, due_date=date(2027, 3, 20), certainty="estimate", by=midwife, at=clock()
        )
    assert families.start_pregnancy(session, family.id, by=midwife, at=clock()).id != pregnancy.id


def test_a_family_has_one_pregnancy_at_a_time(session, clock, midwife, family, pregnancy):
    with pytest.raises(WrongState):
        families.start_pregnancy(session, family.id, by=midwife, at=clock())


def test_no_pregnancy_ends_otherwise(session, clock, midwife, pregnancy):
    with pytest.raises(Invalid):
        families.end_pregnancy(session, pregnancy.id, "vanished", by=midwife, at=clock())


def test_how_far_a_pregnancy_is_stands_in_no_column(session):
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}

    assert not {name for name in columns if "gestation" in name or "weeks" in name}


def test_whom_a_form_means_is_found_or_added_without_a_name(session, clock, midwife, family):
    with pytest.raises(Invalid):
        families.subject(session, family.id, "parent", by=midwife, at=clock())
    parent = families.add_member(session, family.id, kind="parent", name="Noor", by=midwife, at=clock())

    assert families.subject(session, family.id, "parent", by=midwife, at=clock()) is parent
    partner = families.subject(session, family.id, "partner", by=midwife, at=clock())
    assert (partner.kind, partner.name) == (MemberKind.PARTNER, "")
    assert families.subject(session, family.id, "partner", by=midwife, at=clock()) is partner
    assert families.subject(session, family.id, "child", by=midwife, at=clock()).kind == MemberKind.CHILD
    with pytest.raises(Invalid):
        families.subject(session, family.id, "neighbour", by=midwife, at=clock())


def test_erasing_leaves_nobody(session, clock, midwife, family, pregnancy):
    families.add_member(session, family.id, kind="parent", name="Noor", by=midwife, at=clock())
    families.record_due_date(
        session, pregnancy.id, due_date=date(2027, 3, 20), certainty="estimate", by=midwife, at=clock()
    )
    identity = family.id

    families.erase(session, identity, by=midwife, at=clock())

    session.expunge_all()
    for model in (families.Family, families.FamilyMember, families.Pregnancy, families.DueDate):
        assert session.query(model).count() == 0, inspect(model).local_table.name
    with pytest.raises(NotFound):
        families.set_partner_involved(session, identity, "no", by=midwife, at=clock())


# --- what follows from a date

DATES = st.dates(date(1950, 1, 1), date(2090, 12, 31))
LIMITS = Limits(
    age_limit_months=24, parent_minimum_years=10, parent_maximum_years=60, siblings_months=6, preterm_weeks=37,
    shift_days=28, maximum_days=301,
)  # fmt: skip


def test_how_far_a_pregnancy_is_follows_from_the_due_date():
    due = date(2027, 3, 20)

    assert gestational_age(due, TODAY) == (20, 3)
    assert reaches_weeks(due, 28) == date(2026, 12, 26)
    assert reaches_weeks(due, 34) == date(2027, 2, 6)
    assert reaches_weeks(due, 40) == due
    assert weeks_after_birth(due) == date(2027, 5, 1)


@given(due=DATES, weeks=st.integers(0, 43))
def test_on_the_day_that_a_pregnancy_reaches_its_weeks_it_has_exactly_those(due, weeks):
    day = reaches_weeks(due, weeks)

    assert gestational_age(due, day) == (weeks, 0)
    assert gestational_age(due, day - timedelta(days=1)) == (weeks - 1, 6)
    assert last_period(due) == reaches_weeks(due, 0)


@pytest.mark.parametrize(
    ("born", "months", "day"),
    [
        (date(2024, 2, 29), 24, date(2026, 2, 28)),  # no leap year
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 2, 28), 24, date(2028, 2, 28)),  # a leap year moves nothing
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 29), 24, date(2028, 3, 29)),  # the clock goes forward that night
        (date(2026, 10, 25), 24, date(2028, 10, 25)),  # and back
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_an_age_in_months_is_reached_on_a_day_of_the_calendar(born, months, day):
    assert reaches_age(born, months) == day


@given(born=DATES, on=DATES)
def test_somebody_is_as_old_as_the_birthdays_that_were(born, on):
    years = age_in_years(born, on)

    assert reaches_age(born, 12 * years) <= on < reaches_age(born, 12 * years + 12)


def test_the_days_that_matter_are_of_the_pregnancy_and_afterwards_of_the_youngest_child():
    due, born = date(2027, 3, 20), date(2026, 10, 1)

    expecting = milestones(due_date=due, youngest_born_on=born, age_limit_months=24)
    after = milestones(due_date=None, youngest_born_on=born, age_limit_months=24)

    assert [one.code for one in expecting] == ["weeks_28", "weeks_34", "due_date"]
    assert [(one.code, one.on) for one in after] == [
        ("six_weeks_after_birth", date(2026, 11, 12)),
        ("age_limit", date(2028, 10, 1)),
    ]
    assert milestones(due_date=None, youngest_born_on=None, age_limit_months=24) == ()


# --- what is asked about


@given(days=st.integers(-200, 200))
def test_a_due_date_that_moves_far_is_asked_about(days):
    earlier = date(2027, 3, 20)
    asked = doubt_due_date(earlier + timedelta(days=days), earlier=earlier, births=(), on=TODAY, limits=LIMITS)

    assert (set(asked) == {"due_date"}) == (abs(days) > 28)
    assert all("20-03-2027" in question for question in asked.values())


@given(days=st.integers(0, 600))
def test_a_pregnancy_does_not_begin_before_the_last_birth_without_a_question(days):
    due, born = date(2027, 3, 20), TODAY - timedelta(days=days)

    asked = doubt_due_date(due, earlier=None, births=[born], on=TODAY, limits=LIMITS)

    assert bool(asked) == (born > last_period(due))


@given(born=st.dates(date(1900, 1, 1), date(2026, 11, 3)), child=st.dates(TODAY, date(2027, 8, 1)))
def test_a_parent_who_would_be_very_young_or_old_is_asked_about(born, child):
    asked = doubt_parent(born, child_on=child, on=TODAY, limits=LIMITS)

    assert bool(asked) == (not 10 <= age_in_years(born, child) <= 60)


@given(first=st.dates(date(2025, 1, 1), TODAY), second=st.dates(date(2025, 1, 1), TODAY))
def test_children_are_twins_or_far_enough_apart_or_asked_about(first, second):
    asked = doubt_child(first, siblings=[second], expecting=True, on=TODAY, limits=LIMITS)

    older, younger = sorted((first, second))
    fits = (younger - older).days <= 1 or younger >= reaches_age(older, 6)
    assert bool(asked) == (not fits)
    assert asked == doubt_child(second, siblings=[first], expecting=True, on=TODAY, limits=LIMITS)


@given(days=st.integers(-30, 1200))
def test_the_youngest_child_is_within_the_age_limit_and_born_already(days):
    born = TODAY - timedelta(days=days)

    alone = doubt_child(born, siblings=[], expecting=False, on=TODAY, limits=LIMITS)
    with_younger = doubt_child(born, siblings=[], expecting=True, on=TODAY, limits=LIMITS)

    assert bool(alone) == (days < 0 or reaches_age(born, 24) <= TODAY)
    assert bool(with_younger) == (days < 0)


@given(days=st.integers(-160, 40), preterm=st.sampled_from(["yes", "no", "unknown", None]))
def test_a_birth_goes_with_the_due_date_and_with_what_is_said_of_preterm(days, preterm):
    due = date(2027, 3, 20)
    birth = due + timedelta(days=days)

    asked = doubt_birth(birth, due_date=due, preterm=preterm, born=1, expected=1, limits=LIMITS)

    early = birth < reaches_weeks(due, 37)
    assert ("preterm" in asked) == (early != (preterm == "yes"))
    assert ("birth_date" in asked) == (days > 21)
    assert doubt_birth(birth, due_date=None, preterm=preterm, born=1, expected=1, limits=LIMITS) == {}


@given(born=st.integers(1, 5), expected=st.integers(1, 5))
def test_fewer_children_than_expected_is_asked_about_and_more_is_not(born, expected):
    asked = doubt_birth(TODAY, due_date=None, preterm=None, born=born, expected=expected, limits=LIMITS)

    assert bool(asked) == (born < expected)


def test_questions_about_one_field_stand_after_each_other():
    assert joined({"a": "Een?"}, {"a": "Twee?", "b": "Drie?"}) == {"a": "Een? Twee?", "b": "Drie?"}


def test_the_limits_are_settings_of_the_region(session, clock, midwife):
    assert families.limits(session, municipality=None, on=TODAY) == LIMITS


# --- birth, and who decides for a child


def test_twins_are_one_pregnancy_and_two_people_and_keep_what_was_known_of_them(
    session, clock, midwife, family, pregnancy
):
    mother = families.add_member(session, family.id, kind="pregnant_person", name="Noor", by=midwife, at=clock())
    unborn = families.subject(session, family.id, "child", by=midwife, at=clock())
    assert (unborn.kind, unborn.pregnancy_id) == (MemberKind.UNBORN_CHILD, pregnancy.id)
    assert families.expected_children(session, pregnancy) == 2

    born = families.record_birth(session, family.id, [Born(TODAY, "Anna"), Born(TODAY)], by=midwife, at=clock())

    assert born[0] is unborn
    assert [(one.kind, one.name, one.birth_date) for one in families.children(session, family.id)] == [
        (MemberKind.CHILD, "", TODAY),
        (MemberKind.CHILD, "Anna", TODAY),
    ]
    assert {one.pregnancy_id for one in born} == {pregnancy.id}
    assert mother.kind == MemberKind.PARENT
    assert families.current_pregnancy(session, family.id) is None


def test_twins_that_nobody_expected_make_the_pregnancy_multiple(session, clock, midwife, family):
    pregnancy = families.start_pregnancy(session, family.id, multiple=False, by=midwife, at=clock())

    families.record_birth(session, family.id, [Born(TODAY), Born(TODAY)], by=midwife, at=clock())

    assert pregnancy.multiple is True


def test_a_birth_needs_no_known_pregnancy_and_is_recorded_once(session, clock, midwife, family):
    families.record_birth(session, family.id, [Born(TODAY)], by=midwife, at=clock())

    with pytest.raises(WrongState):
        families.record_birth(session, family.id, [Born(TODAY)], by=midwife, at=clock())
    assert len(families.children(session, family.id)) == 1


@pytest.fixture
def household(session, clock, midwife, family):
    mother = families.add_member(session, family.id, kind="parent", name="Noor", by=midwife, at=clock())
    child = families.add_member(session, family.id, kind="child", birth_date=TODAY, by=midwife, at=clock())
    return mother, child


def test_who_decides_for_a_child_is_known_for_a_period_and_with_how_it_was_checked(
    session, clock, midwife, family, household
):
    mother, child = household
    given = {"child_id": child.id, "kind": "parental_authority", "by": midwife, "at": clock()}

    first = families.record_authority(session, family.id, member_id=mother.id, checked="told_by_parent", **given)
    again = families.record_authority(
        session, family.id, member_id=mother.id, checked="authority_register", until_on=TODAY, **given
    )
    families.record_authority(
        session, family.id, child_id=child.id, member_id=None, kind="guardianship", checked="official_document",
        from_on=TODAY + timedelta(days=1), by=midwife, at=clock(),
    )  # fmt: skip

    assert again is first
    assert [one.kind for one in families.authorities(session, family.id, on=TODAY)] == ["parental_authority"]
    assert [one.kind for one in families.authorities(session, family.id, on=TODAY + timedelta(days=1))] == [
        "guardianship"
    ]
    assert len(families.authorities(session, family.id)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"checked": "nonsense"}, "checked"),
        ({"member_id": None}, "member_id"),
        ({"from_on": TODAY, "until_on": TODAY - timedelta(days=1)}, "until_on"),
    ],
)
def test_an_authority_that_cannot_be_is_refused_beside_its_field(
    session, clock, midwife, family, household, changes, field
):
    mother, child = household
    given = {"child_id": child.id, "member_id": mother.id, "kind": "parental_authority", "checked": "told_by_parent"}

    with pytest.raises(Invalid) as refused:
        families.record_authority(session, family.id, **{**given, **changes}, by=midwife, at=clock())

    assert list(refused.value.errors) == [field]


def test_nobody_decides_for_themselves_or_in_another_family(session, clock, midwife, family, household):
    mother, child = household
    other = families.create_family(session, by=midwife, at=clock())
    given = {"kind": "parental_authority", "checked": "told_by_parent", "by": midwife, "at": clock()}

    with pytest.raises(Invalid):
        families.record_authority(session, family.id, child_id=child.id, member_id=child.id, **given)
    with pytest.raises(NotFound):
        families.record_authority(session, other.id, child_id=child.id, member_id=mother.id, **given)


def test_erasing_a_family_takes_its_authorities_and_pregnancies_along(
    session, clock, midwife, family, pregnancy, household
):
    mother, child = household
    families.record_authority(
        session, family.id, child_id=child.id, member_id=mother.id, kind="parental_authority",
        checked="told_by_parent", by=midwife, at=clock(),
    )  # fmt: skip
    families.record_birth(session, family.id, [Born(TODAY - timedelta(days=400))], by=midwife, at=clock())

    families.erase(session, family.id, by=midwife, at=clock())

    assert families.authorities(session, family.id) == []
    assert families.members(session, family.id) == []


def test_somebody_else_who_lives_there_is_a_person_too(session, clock, midwife, family):
    families.add_member(
        session, family.id, kind="household", name="Oma", preferred_language="tr", by=midwife, at=clock()
    )
    families.add_member(session, family.id, kind="parent", name="Noor", by=midwife, at=clock())

    assert [one.name for one in families.members(session, family.id)] == ["Noor", "Oma"]
