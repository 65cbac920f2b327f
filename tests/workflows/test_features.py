"""The method in Dutch, played on both databases. The same steps run here and before publication."""

from __future__ import annotations

import re

import pytest
import pytest_bdd
from pytest_bdd import parsers

import features
from features.steps import STEPS, World, faults
from tests import builders

for each in STEPS:
    getattr(pytest_bdd, each.kind)(parsers.parse(each.pattern, case_sensitive=True))(each.function)

pytest_bdd.scenarios(str(features.DIRECTORY))

FILES = sorted(features.DIRECTORY.glob("*.feature"))


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock, builders.region)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_feature_file_has_steps_that_are_known_and_nothing_else(path):
    assert faults(path.name, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_feature_speaks_of_people_and_agreements(path):
    assert not re.search(
        r"https?:|/api|knop\b|klik|scherm|tabel|database|veld ", path.read_text(encoding="utf-8"), re.I
    )


GOOD = """# language: nl
Functionaliteit: F
  @X1
  Scenario: S
    Als er 3 dagen voorbijgaan
    Dan heeft de verpleegkundige geen enkele taak
"""


def test_a_good_feature_has_no_faults():
    assert faults("goed.feature", GOOD) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (GOOD.replace("    Als er", "    Alls er").replace("    Dan", "    Dna"), "losse tekst"),
        (GOOD.replace("Scenario: S\n", "Scenario: S\n    Gegevn een regio\n"), "losse tekst"),
        (GOOD.replace("Functionaliteit: F\n", "Functionaliteit: F\n  Als ouder wil ik rust\n"), "losse tekst"),
        ("# language: nl\nFunctionaliteit: F\n  @X1\n  Scenario: S\n", "geen stappen"),
        (GOOD.replace("    Dan heeft de verpleegkundige geen enkele taak\n", ""), "geen ‘Dan’"),
        (GOOD.replace("  @X1\n", ""), "noem met een label"),
        (GOOD.replace("verpleegkundige geen enkele taak", "verpleegkundige vakantie"), "niemand kent deze stap"),
        (GOOD.replace("geen enkele taak", "Geen enkele taak"), "niemand kent deze stap"),
        (GOOD.replace("Als er 3 dagen", "Dan er 3 dagen"), "niemand kent deze stap"),
        ("Feature: F\n  @X1\n  Scenario: S\n    When er 3 dagen voorbijgaan\n    Then x\n", "# language: nl"),
        (GOOD.replace("    Dan heeft", "    Dan\n heeft"), "niet te lezen"),
        ("", "geen functionaliteit"),
    ],
)
def test_a_feature_that_promises_nothing_is_refused(changed, told):
    assert any(told in text for text in faults("fout.feature", changed)), faults("fout.feature", changed)


def test_the_ids_of_this_path_are_shown():
    tags = set(re.findall(r"@(\S+)", " ".join(path.read_text(encoding="utf-8") for path in FILES)))

    assert {
        "S13-1",
        "S13-2",
        "S13-3",
        "S13-5",
        "S13-6",
        "S13-7",
        "S13-8",
        "S13-9",
        "S13-10",
        "S13-13",
        "S13-14",
        "S13-17",
        "S13-18",
        "S13-20",
        "X1",
        "X2",
        "X5",
        "X6",
        "X7",
        "X8",
        "X9",
        "X12",
        "D9",
        "D10",
        "D11",
    } <= tags
