"""What is shown of what the rooms gave: words for every code, rows that stay together, no tags of settings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from api.pages import shown, terms, words
from workflows.method import ValueView
from workflows.method.forecasting import Expected
from workflows.organisations import OrganisationType


def test_every_kind_of_organisation_that_may_receive_has_words() -> None:
    assert not {kind.value for kind in OrganisationType} - set(words.RECIPIENTS)


@pytest.mark.parametrize("text", ["2026-11-03", " 3-11-2026 ", "03/11/2026", "3.11.2026"])
def test_a_day_is_read_as_a_browser_sends_it_and_as_people_write_it(text: str) -> None:
    assert words.read_day(text) == date(2026, 11, 3)


@pytest.mark.parametrize(
    "text", ["", "3-11-26", "31-2-2026", "3-11/2026", "morgen", "3-11-2026 en later", "\u0663-11-2026"]
)
def test_what_is_no_day_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|day is out of range"):
        words.read_day(text)


def test_rows_of_a_list_stay_together_and_are_numbered() -> None:
    def value(name: str, label: str, text: str) -> ValueView:
        return ValueView(name, label, 0, text, text, "C6")

    # As the room gives them: question by question, and ten before two.
    values = [
        value("own_strength", "Wat gaat goed?", "Werk"),
        *(value(f"actions[{row}].what", "Wat?", f"wat {row}") for row in (0, 1, 10, 2)),
        *(value(f"actions[{row}].owner", "Wie?", f"wie {row}") for row in (0, 1, 10, 2)),
        value("copy_given", "Gekregen?", "Ja"),
    ]
    at = datetime(2026, 11, 3, 9, tzinfo=UTC)
    view: Any = SimpleNamespace(
        id=None, values=values, observed_at=at, recorded_at=at, form_key="support_plan", organisation_id=None,
        role="explorer", superseded=False, withheld=False, supersedes_id=None, author_id=None,
    )  # fmt: skip
    names: Any = SimpleNamespace(organisation=lambda _id: "")

    told = [(one.begins_row, one.texts[0]) for one in shown.entry(view, names).answers]

    assert told == [
        (None, "Werk"),
        (1, "wat 0"), (None, "wie 0"), (2, "wat 1"), (None, "wie 1"),
        (3, "wat 2"), (None, "wie 2"), (11, "wat 10"), (None, "wie 10"),
        (None, "Ja"),
    ]  # fmt: skip


def test_what_is_coming_says_why_without_the_tag_of_the_setting() -> None:
    day = date(2026, 12, 23)
    assert terms._why(Expected(day, "task", "Steunplan maken", "Tijd voor een plan [I]")) == "Tijd voor een plan"
    assert terms._why(Expected(day, "task", "Verkennen", "Tijd tot het contact; korter als het moet [I]")) == (
        "Tijd tot het contact"
    )
    assert terms._why(Expected(day, "due_date", "Uitgerekende datum", "Uitgerekende datum")) == ""
    assert terms._why(Expected(day, "pregnancy_weeks", "28 weken", "Uitgerekende datum; VoorZorg [W24]")) == "VoorZorg"
