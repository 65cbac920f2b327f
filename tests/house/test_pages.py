"""Each page says what it is for; and what a key does is said where the key works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.pages import menu, tours
from workflows.organisations import Role

TEMPLATES = Path(__file__).parents[2] / "api" / "pages" / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if '{% extends "base.html" %}' in path.read_text())
#: Page → why its heading says it all, or what says it instead.
SAYS_ITSELF = {
    "case.html": "who holds the family is the first thing to know",
    "emergency_confirm.html": "the question is the heading; what happens stands above the button",
    "hub_print.html": "paper",
    "login.html": "the heading; beside it stands what this is",
    "search.html": "the label of its one question",
    "second_factor.html": "it depends on how far one is, and each state says so",
    "setting.html": "the heading is the setting's description",
    "task.html": "the step's documentation says what is asked and why",
    "task_pool.html": "the same",
    "work.html": "each list says what it holds",
}
_FIRST_PART = re.compile(r"<(?:section|form|ul|dl|table|article)\b|{% include")
_SENTENCE = re.compile(r"{{ lead\(|<p\b[^>]*>(?=\s*[\w{<])")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_says_in_a_sentence_what_it_is_for(path):
    text = path.read_text()
    after = text.split("</h1>", 1)[-1]
    first = _FIRST_PART.search(after)
    says = _SENTENCE.search(after[: first.start()] if first else after) is not None

    assert says or path.name in SAYS_ITSELF, f"{path.name}: a sentence under its heading ({{{{ lead(…) }}}})"


def test_what_says_itself_is_a_page():
    assert set(SAYS_ITSELF) <= {path.name for path in PAGES}


def test_no_page_says_for_itself_which_keys_lead_somewhere():
    """They stand in one place, which the list of keys is made from as well."""
    said = {
        key for path in TEMPLATES.rglob("*.html") for key in re.findall(r'data-shortcut="([^"]+)"', path.read_text())
    }

    assert said
    assert all(key.startswith("{{ ") for key in said), said
    every = [place.keys for place in (*menu.MENU, *menu.BESIDE)]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("role", list(Role))
def test_a_tour_has_five_steps_of_pages_that_are_there(role):
    steps = tours.tour_of(role)

    assert len(steps) == tours.STEPS
    assert len({step.title for step in steps}) == tours.STEPS
    views = "".join(path.read_text() for path in (TEMPLATES.parent).glob("*.py"))
    assert all(step.link is None or f"def {step.link[0]}(" in views for step in steps)
