"""An exploration concludes, with the parent, and nothing of the talk stays in this room."""

from __future__ import annotations

import pytest

from tests.builders import entry, explored_case, region
from workflows import explorations
from workflows.errors import Invalid
from workflows.explorations import Conclusion


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def shared(session, clock, here):
    return explored_case(session, here, clock())


def record(session, shared, here, clock, **answers):
    known = {
        "conclusion": "hub_meeting",
        "decided_with_parent": "yes",
        "vulnerability_level_after": "vulnerable",
        "wishes": "Ik wil rust",
    }
    given = {name: value for name, value in {**known, **answers}.items() if value is not None}
    written = entry(session, shared, here.nurse, clock(), "exploration")
    return explorations.record(session, shared, written, given, by=here.nurse, at=clock())


def test_a_conclusion_is_kept_with_who_drew_it_and_when(session, clock, here, shared):
    kept = record(session, shared, here, clock)

    assert explorations.of_case(session, shared.id) == [kept]
    assert (kept.conclusion, kept.decided_with_parent, kept.level_after) == ("hub_meeting", True, "vulnerable")
    assert (kept.concluded_by, kept.concluded_at) == (here.nurse.person_id, clock())


def test_a_family_that_was_not_reached_decided_nothing(session, clock, here, shared):
    kept = record(
        session, shared, here, clock,
        conclusion="not_reached", decided_with_parent=None, vulnerability_level_after=None,
    )  # fmt: skip

    assert (kept.decided_with_parent, kept.level_after) == (None, None)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"conclusion": None}, "conclusion"),
        ({"conclusion": "shrug"}, "conclusion"),
        ({"conclusion": ["hub_meeting"]}, "conclusion"),
        ({"decided_with_parent": None}, "decided_with_parent"),
        ({"vulnerability_level_after": "immense"}, "vulnerability_level_after"),
    ],
)
def test_a_conclusion_that_is_none_is_refused(session, clock, here, shared, answers, field):
    with pytest.raises(Invalid) as refused:
        record(session, shared, here, clock, **answers)

    assert list(refused.value.errors) == [field]


def test_the_shipped_form_offers_exactly_these_conclusions():
    import json
    from pathlib import Path

    from workflows.forms import read_form

    schema = json.loads((Path(__file__).parents[2] / "bpmn" / "exploration.form").read_text(encoding="utf-8"))
    form = read_form("exploration", "", schema)

    assert {option.value for option in form.fields["conclusion"].options} == set(Conclusion)


def test_erasing_leaves_no_conclusion(session, clock, here, shared):
    record(session, shared, here, clock)

    explorations.erase(session, shared.id, by=here.nurse, at=clock())

    assert explorations.of_case(session, shared.id) == []
