"""A signal describes the family as it is known now; routing learns how many themes there are, never which or how unsafe."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import local_date
from tests.builders import VENLO, case, entry, parent, region, signal_answers
from workflows import cases, families, forms, signals
from workflows.errors import Invalid, WrongState
from workflows.families import MemberKind
from workflows.logbook import LoggedChange
from workflows.signals import SAFETY_CATEGORIES, THEMES, theme_count, themes_of

CATEGORIES = sorted([*THEMES, *SAFETY_CATEGORIES])


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def draft(session, clock, here):
    family = families.create_family(session, by=here.midwife, at=clock())
    return cases.open_case(session, family_id=family.id, by=here.midwife, at=clock())


def record(session, draft, here, clock, **changes):
    written = entry(session, draft, here.midwife, clock())
    return signals.record(session, draft, written, signal_answers(clock(), **changes), by=here.midwife, at=clock())


def test_a_signal_fills_the_card_of_the_case_and_the_family(session, clock, here, draft):
    derived = record(
        session, draft, here, clock,
        preferred_language="pl", interpreter_needed=True, urgency="urgent", partner_involved="do_not_inform",
    )  # fmt: skip

    assert derived == {"theme_count": 2}
    assert (draft.phase, draft.urgency, draft.language, draft.interpreter_needed) == ("pregnant", "urgent", "pl", True)
    assert draft.municipality_code == VENLO
    woman = parent(session, draft)
    assert (woman.kind, woman.name, woman.postcode) == ("pregnant_person", "Noor Voorbeeld", "5911AB")
    assert (woman.birth_date, woman.safe_contact) == (date(1998, 5, 17), "call")
    assert session.get(families.Family, draft.family_id).partner_involved == "do_not_inform"
    assert families.current_due_date(session, draft.family_id) == local_date(clock()) + timedelta(days=140)
    assert families.current_pregnancy(session, draft.family_id).parity == 0
    [signal] = signals.of_case(session, draft.id)
    assert (signal.vulnerability_level, signal.organisation_id) == ("vulnerable", here.practice.id)


def test_a_second_signal_corrects_what_is_known_and_keeps_both(session, clock, here, draft):
    record(session, draft, here, clock)
    later = (local_date(clock()) + timedelta(days=147)).isoformat()
    record(session, draft, here, clock, parent_name="Noor de Vries", due_date=later)

    assert len(families.members(session, draft.family_id)) == 1
    assert parent(session, draft).name == "Noor de Vries"
    pregnancy = families.current_pregnancy(session, draft.family_id)
    assert len(families.due_dates(session, pregnancy.id)) == 2
    assert len(signals.of_case(session, draft.id)) == 2


def test_after_birth_the_children_are_known_and_no_due_date_is(session, clock, here, draft):
    record(session, draft, here, clock)
    born = [{"date": "2026-10-30"}, {"date": "2026-10-30"}, {"date": "2024-01-05"}]
    for _ in range(2):
        record(session, draft, here, clock, phase="after_birth", due_date=None, child_birth_dates=born)

    children = [one for one in families.members(session, draft.family_id) if one.kind == MemberKind.CHILD]
    assert [one.birth_date for one in children] == [date(2024, 1, 5), date(2026, 10, 30), date(2026, 10, 30)]
    assert families.current_due_date(session, draft.family_id) is None
    assert parent(session, draft).kind == MemberKind.PARENT


def test_before_a_pregnancy_nothing_about_one_is_needed(session, clock, here, draft):
    record(
        session, draft, here, clock,
        phase="before_pregnancy", due_date=None, due_date_certainty=None, parity=None, multiple_pregnancy=None,
    )  # fmt: skip

    assert families.current_pregnancy(session, draft.family_id) is None


@pytest.mark.parametrize("code", [None, "outside", "unknown"])
def test_somebody_from_elsewhere_or_nowhere_is_a_normal_case(session, clock, here, draft, code):
    record(session, draft, here, clock, municipality_code=code, postcode=None, living_situation="no_fixed_address")

    assert draft.municipality_code is None
    assert parent(session, draft).no_fixed_address


def test_another_language_is_kept_in_words_for_the_family_and_as_a_code_on_the_card(session, clock, here, draft):
    record(session, draft, here, clock, preferred_language="other", other_language="Papiaments")

    assert parent(session, draft).preferred_language == "Papiaments"
    assert draft.language == "other"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"phase": None}, {"phase"}),
        ({"phase": ["pregnant"]}, {"phase"}),
        ({"due_date": None}, {"due_date"}),
        ({"due_date": "2027-02-30"}, {"due_date"}),
        ({"due_date": "2036-11-03"}, {"due_date"}),
        ({"parent_name": " "}, {"parent_name"}),
        ({"vulnerability_level": "immense"}, {"vulnerability_level"}),
        ({"risk_categories": ["KW04", "none"]}, {"risk_categories"}),
        ({"risk_categories": ["KW77"]}, {"risk_categories"}),
        ({"municipality_code": "GM9999"}, {"municipality_code"}),
        ({"phase": None, "urgency": None, "parent_name": None}, {"phase", "urgency", "parent_name"}),
    ],
)
def test_what_a_signal_needs_is_asked_for_whatever_the_form_asks(session, clock, here, draft, changes, fields):
    with pytest.raises(Invalid) as refused:
        record(session, draft, here, clock, **changes)

    assert set(refused.value.errors) == fields
    assert signals.of_case(session, draft.id) == []


def test_an_erased_case_takes_no_signal(session, clock, here, draft):
    draft.family_id = None

    with pytest.raises(WrongState):
        record(session, draft, here, clock)


def test_the_shipped_form_gives_what_this_room_needs(session, clock, here, draft):
    from pathlib import Path

    from engine.bundle import Bundle

    bundle = Bundle.read_dir(Path(__file__).parents[2] / "bpmn")
    form = forms.definition(bundle, "signal")
    answers = forms.clean(form, signal_answers(clock()))
    written = entry(session, draft, here.midwife, clock())

    derived = signals.record(session, draft, written, answers, by=here.midwife, at=clock())

    assert derived == {"theme_count": 2}
    offered = {option.value for option in form.fields["risk_categories"].options}
    assert offered == {*THEMES, *SAFETY_CATEGORIES, "none"}
    unsafe = {option.value for option in form.fields["risk_categories"].options if option.compartment == "C5"}
    assert unsafe == SAFETY_CATEGORIES
    for field, codes in (
        ("vulnerability_level", signals.VulnerabilityLevel),
        ("phase", cases.Phase),
        ("urgency", cases.Urgency),
    ):
        assert {option.value for option in form.fields[field].options} == set(codes)
    assert {option.value for option in form.fields["safe_contact"].options} == set(families.SafeContact)
    assert {option.value for option in form.fields["due_date_certainty"].options} == set(families.Certainty)
    assert {option.value for option in form.fields["living_situation"].options} == set(families.LivingSituation)


def test_no_answer_of_a_signal_is_in_the_logbook(session, clock, here, draft):
    record(session, draft, here, clock, safety_concern="acute", risk_categories=["KW18"])

    told = " ".join(str(line.details) for line in session.query(LoggedChange))
    assert not {word for word in ("Noor", "5911", "acute", "KW18", "rond") if word in told}


def test_feedback_is_given_once(session, clock, here, draft):
    record(session, draft, here, clock)

    assert signals.give_feedback(session, draft, by=here.midwife, at=clock()) == 1
    assert signals.give_feedback(session, draft, by=here.midwife, at=clock.forward(days=1)) == 0
    assert signals.of_case(session, draft.id)[0].feedback_at < clock()


def test_erasing_leaves_no_signal(session, clock, here, draft):
    record(session, draft, here, clock)

    signals.erase(session, draft.id, by=here.midwife, at=clock())

    assert signals.of_case(session, draft.id) == []


def test_two_categories_can_be_one_theme():
    assert themes_of(["KW01", "KW08"]) == {"mental"}
    assert theme_count(["KW20", "KW21"]) == 1
    assert theme_count(["none"]) == theme_count([]) == 0


@given(ticked=st.sets(st.sampled_from(CATEGORIES)), unsafe=st.sets(st.sampled_from(sorted(SAFETY_CATEGORIES))))
def test_unsafety_never_counts(ticked, unsafe):
    assert themes_of(ticked | unsafe) == themes_of(ticked - SAFETY_CATEGORIES)


@given(ticked=st.lists(st.sampled_from(CATEGORIES)))
def test_themes_are_no_score(ticked):
    assert theme_count(ticked) == theme_count(set(ticked)) <= len(set(ticked))


def test_a_case_of_the_builders_is_like_a_recorded_one(session, clock, here):
    built = case(session, here.midwife, clock())
    written = entry(session, built, here.midwife, clock())

    signals.record(session, built, written, signal_answers(clock()), by=here.midwife, at=clock())

    assert len(families.members(session, built.family_id)) == 1
