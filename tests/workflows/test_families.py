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
from workflows.families import MemberKind, PregnancyEnd
from workflows.families.rules import check_due_date
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
