"""Consent breaks secrecy; the ground of who receives is another thing, and a public body never rests on consent alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from api.pages import words
from workflows import access
from workflows.access import BASES, GROUNDS, Ground
from workflows.organisations import OrganisationType

TODAY = date(2026, 11, 3)
ROOT = Path(__file__).parents[2]


def test_every_ground_is_described_with_its_law_and_every_type_says_what_it_rests_on():
    assert set(GROUNDS) == set(Ground) == set(words.GROUNDS)
    assert set(BASES) == set(OrganisationType)
    assert all(ground.law and ground.tag.startswith("[") for ground in GROUNDS.values())
    assert all(basis.tag.startswith("[") for basis in BASES.values())
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    assert not [ground for ground in Ground if f"| `{ground}` |" not in glossary]


@pytest.mark.parametrize(
    "kind", ["municipality", "municipal_access_team", "province", "health_insurer", "youth_health"]
)
def test_consent_is_never_the_only_ground_of_a_public_body(kind):
    found = access.ground_for(kind, given_by=["self"], on=TODAY)

    assert not BASES[kind].consent_alone
    assert found is None or found not in (Ground.CONSENT_OF_SUBJECT, Ground.CONSENT_OF_REPRESENTATIVE)


def test_who_has_no_ground_of_its_own_rests_on_who_agreed():
    assert access.ground_for("informal", given_by=["self"], on=TODAY) == Ground.CONSENT_OF_SUBJECT
    assert access.ground_for("informal", given_by=["self", "guardian"], on=TODAY) == Ground.CONSENT_OF_REPRESENTATIVE
    assert access.ground_for("province", given_by=["self"], on=TODAY) is None
    assert access.ground_for("nobody_knows", given_by=["self"], on=TODAY) is None


def test_a_ground_of_a_coming_act_counts_from_its_day():
    coming = access.LegalGround(
        Ground.TASK_WMO, "een nieuwe wet", "[K]", start=date(2027, 1, 1), until=date(2029, 12, 31)
    )

    assert [coming.holds(day) for day in (TODAY, date(2027, 1, 1), date(2029, 12, 31), date(2030, 1, 1))] == [
        False,
        True,
        True,
        False,
    ]
