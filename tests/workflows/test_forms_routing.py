"""The decision table advises as the method says; each rule shows at least once, and every family gets an advice."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from bpmn import DIRECTORY
from workflows import forms

LEVELS = ["potentially_vulnerable", "vulnerable", "very_vulnerable"]


@cache
def shipped() -> engine.Bundle:
    return engine.Bundle.read_dir(DIRECTORY)


def advice(**more: object) -> tuple[str, str]:
    known = {
        "phase": "pregnant",
        "family_planning": None,
        "vulnerability_level": "vulnerable",
        "unclear_question": "no",
        "pathway_current": "yes",
    }
    given = shipped().decisions["routering"].decide({**known, "theme_count": 1, **more}).outputs
    return given["advised_route"], given["advice_reason"]


@pytest.mark.parametrize(
    ("family", "route", "reason"),
    [
        ({}, "pathway", "one_theme"),
        ({"pathway_current": "no"}, "exploration", "pathway_missing"),
        ({"pathway_current": None}, "exploration", "pathway_missing"),
        ({"pathway_current": "no", "theme_count": 2}, "exploration", "several_themes"),
        ({"pathway_current": "no", "theme_count": 0, "vulnerability_level": "none"}, "regular_care", "no_theme"),
        ({"theme_count": 2}, "exploration", "several_themes"),
        ({"unclear_question": "yes"}, "exploration", "unclear_question"),
        ({"vulnerability_level": "very_vulnerable"}, "exploration", "very_vulnerable"),
        ({"theme_count": 0}, "exploration", "no_clear_theme"),
        ({"theme_count": 0, "vulnerability_level": "potentially_vulnerable"}, "regular_care", "no_theme"),
        ({"theme_count": None}, "regular_care", "no_theme"),
        ({"phase": "before_pregnancy", "family_planning": "yes"}, "nu_niet_zwanger", "family_planning"),
        ({"phase": "before_pregnancy", "family_planning": "no", "theme_count": 3}, "exploration", "several_themes"),
    ],
)
def test_the_advice_follows_the_method(family, route, reason):
    assert advice(**family) == (route, reason)


def test_the_wish_for_a_child_goes_before_every_other_rule():
    for level, unclear, themes in product(LEVELS, ["yes", "no"], range(4)):
        advised = advice(
            phase="before_pregnancy",
            family_planning="yes",
            vulnerability_level=level,
            unclear_question=unclear,
            theme_count=themes,
        )
        assert advised[0] == "nu_niet_zwanger"


@given(
    phase=st.sampled_from([None, "before_pregnancy", "pregnant", "after_birth"]),
    family_planning=st.sampled_from([None, "yes", "no"]),
    level=st.sampled_from([None, *LEVELS]),
    unclear=st.sampled_from([None, "yes", "no"]),
    themes=st.none() | st.integers(0, 23),
    current=st.sampled_from([None, "yes", "no"]),
)
def test_every_family_gets_an_advice_that_the_routing_form_offers(
    phase, family_planning, level, unclear, themes, current
):
    route, _ = advice(
        phase=phase,
        family_planning=family_planning,
        vulnerability_level=level,
        unclear_question=unclear,
        theme_count=themes,
        pathway_current=current,
    )

    offered = forms.definition(shipped(), "routing").fields
    assert route in offered["route"].option_compartments
    assert route in offered["advised_route"].option_compartments
    if (themes or 0) > 1 and phase != "before_pregnancy":
        assert route == "exploration"
