"""From categories to themes, and what a signal must contain. Pure.

Source:
    The programme's list of vulnerable situations, with a theme for each as proposed for the region. The list is not
    complete and its length is no score; what routes is the number of different themes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.clock import as_day
from workflows import families
from workflows.cases import Phase, Urgency
from workflows.errors import Invalid
from workflows.signals.model import VulnerabilityLevel

#: Category → theme. Unsafety (KW14, KW18, KW22) has no theme: it never counts, and nothing that routes may know of it.
THEMES: Mapping[str, str] = {
    "KW01": "mental",
    "KW02": "substances",
    "KW03": "language",
    "KW04": "money",
    "KW05": "disability",
    "KW06": "disability",
    "KW07": "child",
    "KW08": "mental",
    "KW09": "child",
    "KW10": "pregnancy",
    "KW11": "network",
    "KW12": "relationship",
    "KW13": "young_parenthood",
    "KW15": "housing",
    "KW16": "legal",
    "KW17": "care_contact",
    "KW19": "care_contact",
    "KW20": "residence",
    "KW21": "residence",
    "KW99": "other",
}
#: Categories about unsafety: readable inside the own organisation only.
SAFETY_CATEGORIES = frozenset({"KW14", "KW18", "KW22"})
NONE = "none"


def themes_of(categories: Iterable[str]) -> frozenset[str]:
    """The different themes behind ticked categories; several categories can be one theme.

    Raises:
        Invalid: an unknown category, or ``none`` together with another.
    """
    ticked = set(categories)
    if unknown := ticked - set(THEMES) - SAFETY_CATEGORIES - {NONE}:
        raise Invalid(f"{len(unknown)} unknown categories", errors={"risk_categories": ["Kies uit de lijst."]})
    if NONE in ticked and len(ticked) > 1:
        raise Invalid(
            "none together with a category", errors={"risk_categories": ["Kies ‘geen’ of iets anders, niet allebei."]}
        )
    return frozenset(THEMES[category] for category in ticked if category in THEMES)


def theme_count(categories: Iterable[str]) -> int:
    """How many themes a signal has; routing decides on nothing else of what was ticked."""
    return len(themes_of(categories))


def check(answers: Mapping[str, Any]) -> None:
    """Refuse answers without what every signal needs, also when somebody drew those questions away.

    Raises:
        Invalid: with every missing or impossible field at once.
    """
    errors: dict[str, list[str]] = {}
    for field, codes in (("phase", Phase), ("urgency", Urgency), ("vulnerability_level", VulnerabilityLevel)):
        if not (isinstance(given := answers.get(field), str) and given in set(codes)):
            errors[field] = ["Kies een van de antwoorden."]
    if not str(answers.get("parent_name") or "").strip():
        errors["parent_name"] = ["Vul de naam van de ouder in."]
    for field in ("birth_date", "due_date"):
        if answers.get(field) is not None and as_day(answers[field]) is None:
            errors[field] = ["Vul een datum in die bestaat."]
    if answers.get("phase") == Phase.PREGNANT and as_day(answers.get("due_date")) is None:
        errors["due_date"] = ["Vul de uitgerekende datum in."]
    try:
        themes_of(answers.get("risk_categories") or ())
    except Invalid as problem:
        errors.update(problem.errors)
    if errors:
        raise Invalid("signal refused", errors=errors)


def doubts(
    answers: Mapping[str, Any], *, earlier_due_date: date | None, on: date, limits: families.Limits
) -> dict[str, str]:
    """Questions about dates of a signal that do not go together, by field; see ``families`` for each.

    Args:
        answers: clean, as ``forms.clean`` gives them.
        earlier_due_date: that was known before this signal, if one was.
    """
    found: list[Mapping[str, str]] = []
    due_date = as_day(answers.get("due_date")) if answers.get("phase") == Phase.PREGNANT else None
    rows = [as_day(row.get("date")) for row in answers.get("child_birth_dates") or ()]
    born = [day for day in rows if day is not None]
    if due_date is not None:
        found.append(families.doubt_due_date(due_date, earlier=earlier_due_date, births=born, on=on, limits=limits))
    youngest = rows.index(max(born)) if born and due_date is None else None
    for place, day in enumerate(rows):
        if day is not None:
            before = [other for other in rows[:place] if other is not None]  # each two are compared once
            found.append(
                families.doubt_child(
                    day,
                    siblings=before,
                    expecting=place != youngest,
                    on=on,
                    limits=limits,
                    field=f"child_birth_dates[{place}].date",
                )
            )
    if (parent := as_day(answers.get("birth_date"))) is not None:
        child_on = due_date or max(born, default=on)
        found.append(families.doubt_parent(parent, child_on=child_on, on=on, limits=limits))
    return families.joined(*found)
