"""Consent is per person, recipient, purpose and category; the latest answer decides, and a no is kept too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import agree, case, parent, region
from workflows import consent, families
from workflows.consent import Purpose
from workflows.errors import ConsentMissing, Invalid, NotFound, WrongState


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def draft(session, clock, here):
    return case(session, here.midwife, clock())


def granted(session, draft, here, at, *, kind="youth_health", organisation=None, purpose="exploration"):
    return consent.granted(
        session,
        case_id=draft.id,
        recipient_organisation_id=organisation or here.youth_health.id,
        recipient_kind=kind,
        purpose=purpose,
        at=at,
    )


def test_without_any_answer_nothing_may_be_shared(session, clock, here, draft):
    assert granted(session, draft, here, clock()) == frozenset()
    with pytest.raises(ConsentMissing):
        consent.require(
            session, case_id=draft.id, recipient_organisation_id=here.youth_health.id, recipient_kind="youth_health",
            purpose="exploration", categories=[], at=clock(),
        )  # fmt: skip


def test_a_yes_holds_for_that_recipient_purpose_and_category_only(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=["C0", "C1"])

    assert granted(session, draft, here, clock()) == {"C0", "C1"}
    assert granted(session, draft, here, clock(), purpose="handover") == frozenset()
    assert granted(session, draft, here, clock(), kind="municipality", organisation=here.municipality.id) == frozenset()


def test_a_yes_to_one_organisation_is_none_to_another_of_its_kind(session, clock, here, draft):
    agree(
        session, draft, here.midwife, clock(),
        recipient_organisation_id=here.youth_health.id, recipient_kind=None, categories=["C0"],
    )  # fmt: skip

    assert granted(session, draft, here, clock()) == {"C0"}
    assert granted(session, draft, here, clock(), organisation=here.other_practice.id) == frozenset()


def test_what_is_asked_again_and_not_agreed_to_is_refused_from_then_on(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=["C0", "C1", "C2"])
    agree(session, draft, here.midwife, clock(), categories=["C0"], asked=["C0", "C1", "C2"])

    assert granted(session, draft, here, clock()) == {"C0"}
    assert [(one.category, one.given) for one in consent.of_case(session, draft.id)][3:] == [
        ("C0", True),
        ("C1", False),
        ("C2", False),
    ]


def test_a_refusal_is_kept_as_a_refusal_and_needs_no_explanation_first(session, clock, here, draft):
    rows = agree(
        session, draft, here.midwife, clock(),
        categories=[], asked=["C0", "C1"], form=None, information_given=[],
    )  # fmt: skip

    assert [row.given for row in rows] == [False, False]
    assert granted(session, draft, here, clock()) == frozenset()


def test_a_later_no_to_the_organisation_goes_before_an_earlier_yes_to_its_kind(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=["C0"])
    agree(
        session, draft, here.midwife, clock(),
        recipient_organisation_id=here.youth_health.id, recipient_kind=None, categories=[], asked=["C0"],
    )  # fmt: skip

    assert granted(session, draft, here, clock()) == frozenset()


def test_a_withdrawn_yes_shares_nothing_from_that_moment(session, clock, here, draft):
    rows = agree(session, draft, here.midwife, clock(), categories=["C0", "C1"])

    consent.withdraw(session, rows[1].id, by=here.midwife, at=clock())

    assert granted(session, draft, here, clock()) == {"C0"}
    with pytest.raises(WrongState):
        consent.withdraw(session, rows[1].id, by=here.midwife, at=clock())


def test_a_refusal_cannot_be_withdrawn(session, clock, here, draft):
    [row] = agree(session, draft, here.midwife, clock(), categories=[], asked=["C0"])

    with pytest.raises(WrongState):
        consent.withdraw(session, row.id, by=here.midwife, at=clock())


def test_a_yes_runs_out(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=["C0"], valid_until=clock() + timedelta(days=30))

    assert granted(session, draft, here, clock() + timedelta(days=30) - timedelta(seconds=1)) == {"C0"}
    assert granted(session, draft, here, clock() + timedelta(days=30)) == frozenset()


def test_one_no_goes_before_another_persons_yes_about_the_same_data(session, clock, here, draft):
    child = families.subject(session, draft.family_id, "child", by=here.midwife, at=clock())
    agree(session, draft, here.midwife, clock(), categories=["C0", "C2"])
    agree(
        session, draft, here.midwife, clock(),
        subject_id=child.id, given_by="both_parents", authority_checked=True, categories=["C0"], asked=["C0", "C2"],
    )  # fmt: skip

    assert granted(session, draft, here, clock()) == {"C0"}


def test_a_partner_decides_about_the_partners_own_data_and_about_nothing_else(session, clock, here, draft):
    partner = families.subject(session, draft.family_id, "partner", by=here.midwife, at=clock())
    agree(session, draft, here.midwife, clock(), categories=["C0", "C8"])
    assert granted(session, draft, here, clock()) == {"C0"}

    agree(session, draft, here.midwife, clock(), subject_id=partner.id, categories=["C1"], asked=["C0", "C1"])
    assert granted(session, draft, here, clock()) == {"C0", "C8"}

    agree(session, draft, here.midwife, clock(), subject_id=partner.id, categories=[], asked=["C0", "C1"])
    assert granted(session, draft, here, clock()) == {"C0"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"categories": ["C5"]}, "categories"),
        ({"categories": []}, "categories"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"given_by": "neighbour"}, "given_by"),
        ({"given_by": "guardian"}, "authority_checked"),
        ({"form": None}, "form"),
        ({"form": "shouted"}, "form"),
        ({"information_given": ["what"]}, "information_given"),
        ({"recipient_kind": None}, "recipient"),
    ],
)
def test_a_yes_that_does_not_count_is_not_kept(session, clock, here, draft, changes, field):
    with pytest.raises(Invalid) as refused:
        agree(session, draft, here.midwife, clock(), **changes)

    assert field in refused.value.errors
    assert consent.of_case(session, draft.id) == []


def test_a_yes_cannot_have_run_out_already(session, clock, here, draft):
    with pytest.raises(Invalid):
        agree(session, draft, here.midwife, clock(), valid_until=clock())


def test_unsafety_is_nothing_a_family_is_asked_to_share():
    assert "C5" not in consent.CATEGORIES
    assert "C11" not in consent.CATEGORIES


def test_the_guard_names_what_is_missing_and_nobody(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=["C0"])

    def require(*categories):
        consent.require(
            session, case_id=draft.id, recipient_organisation_id=here.youth_health.id, recipient_kind="youth_health",
            purpose=Purpose.EXPLORATION, categories=categories, at=clock(),
        )  # fmt: skip

    require("C0")
    with pytest.raises(ConsentMissing, match="C2") as refused:
        require("C0", "C2")
    assert "Noor" not in str(refused.value)


def test_an_unknown_record_is_not_found(session, clock, here):
    from uuid import uuid4

    with pytest.raises(NotFound):
        consent.withdraw(session, uuid4(), by=here.midwife, at=clock())


@given(answers=st.lists(st.tuples(st.sampled_from(["C0", "C1", "C2"]), st.booleans()), max_size=8))
def test_per_category_the_last_answer_decides(asked_case, answers):
    session, here, draft, at = asked_case
    consent.erase(session, draft.id, by=here.midwife, at=at)
    for category, yes in answers:
        agree(session, draft, here.midwife, at, categories=[category] if yes else [], asked=[category])

    expected = {category for category, yes in dict(answers).items() if yes}
    assert granted(session, draft, here, at) == expected


@pytest.fixture
def asked_case(session, clock):
    here = region(session, clock())
    return session, here, case(session, here.midwife, clock()), clock()


def test_erasing_leaves_no_record(session, clock, here, draft):
    agree(session, draft, here.midwife, clock())
    who = parent(session, draft)

    consent.erase(session, draft.id, by=here.midwife, at=clock())

    assert consent.of_case(session, draft.id) == []
    session.delete(who)
    session.flush()
