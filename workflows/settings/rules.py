"""What settings exist, what a value must look like, and what a term means in time. Pure, with the shipped defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from engine.clock import (
    add_duration,
    add_months,
    add_working_days,
    end_of_day,
    gestational_age_days,
    local_date,
    parse_duration,
    start_of_day,
)
from engine.errors import TimerInvalid
from workflows.errors import Invalid

#: What a term can hang on besides the moment it began: a day, a fact, or None when nobody knows.
Anchor = date | bool | None
#: So late that it never comes; the machine stores no later instant.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
#: Days that a term may name.
ANCHORS = frozenset({"due_date", "birth_date", "evaluation_date", "hub_meeting", "handover_offer"})
#: What can be so, and then a term never comes.
FACTS = frozenset({"birth_handed_over"})

_TERM_KEYS = (
    {"working_days"},
    {"working_days", "soon"},
    {"working_days", "from_gestational_weeks", "then_working_days"},
    {"duration"},
    {"gestational_weeks"},
    {"gestational_weeks", "otherwise"},
    {"gestational_weeks", "unless"},
    {"anchor", "otherwise"},
    {"anchor", "working_days", "otherwise"},
    {"before_age_limit"},
)
_PARTS = {
    "working_days": "werkdagen",
    "soon": "werkdagen als het sneller moet",
    "gestational_weeks": "weken zwangerschap",
    "from_gestational_weeks": "weken zwangerschap",
    "then_working_days": "werkdagen vanaf dan",
}
_DURATIONS = ("duration", "otherwise", "before_age_limit")


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting as shipped."""

    name: str
    value: Any
    description: str
    tag: str
    source: str
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_switch(self) -> bool:
        """Whether it is on (1) or off (0) and nothing else."""
        return (self.minimum, self.maximum) == (0, 1)


@cache
def definitions() -> Mapping[str, Definition]:
    """Every setting there is, by name."""
    with (Path(__file__).parent / "region.toml").open("rb") as file:
        found = {
            f"{group}.{name}": Definition(f"{group}.{name}", **fields)
            for group, settings in tomllib.load(file).items()
            for name, fields in settings.items()
        }
    for definition in found.values():
        check(definition, definition.value)
    return found


def definition(name: str) -> Definition:
    """One setting.

    Raises:
        Invalid: there is no such setting, e.g. a term in a diagram that nobody defined.
    """
    try:
        return definitions()[name]
    except KeyError:
        raise Invalid(f"no setting {name}", detail=f"De instelling ‘{name[:80]}’ bestaat niet.") from None


def check(definition: Definition, value: Any) -> None:
    """Refuse a value of another kind than the shipped one, or beyond its limits.

    Raises:
        Invalid: with what is wrong under the setting's name.
    """
    problem = _problem(definition, value)
    if problem:
        raise Invalid(f"setting {definition.name}: value refused", errors={definition.name: [problem]})


def _problem(definition: Definition, value: Any) -> str | None:
    if isinstance(definition.value, Mapping):
        return _problem_of_term(value)
    if isinstance(definition.value, str):
        fits = isinstance(value, str) and 0 < len(value.strip()) <= 200
        return None if fits else "Vul een tekst in van hoogstens 200 tekens."
    if definition.is_switch:
        return None if _whole(value) and value in (0, 1) else "Kies aan (1) of uit (0)."
    if not _whole(value):
        return "Vul een heel getal in."
    if definition.minimum is not None and value < definition.minimum:
        return f"Vul een getal in van ten minste {definition.minimum}."
    if definition.maximum is not None and value > definition.maximum:
        return f"Vul een getal in van hoogstens {definition.maximum}."
    return None


def _problem_of_term(value: Any) -> str | None:
    if not isinstance(value, Mapping) or set(value) not in _TERM_KEYS:
        return "Vul werkdagen, een duur of een aantal weken zwangerschap in."
    if "unless" in value and value["unless"] not in FACTS:
        return f"Kies een van deze: {', '.join(sorted(FACTS))}."
    if "anchor" in value and value["anchor"] not in ANCHORS:
        return f"Kies een van deze dagen: {', '.join(sorted(ANCHORS))}."
    for key in _DURATIONS:
        if key in value and (problem := _problem_of_duration(key, value[key])):
            return problem
    limits = {"gestational_weeks": 42, "from_gestational_weeks": 42}
    for key, number in value.items():
        if key in (*_DURATIONS, "anchor", "unless"):
            continue
        if not _whole(number) or not 1 <= number <= limits.get(key, 1000):
            return f"Vul bij {_PARTS[key]} een heel getal in van 1 tot en met {limits.get(key, 1000)}."
    return None


def _problem_of_duration(key: str, value: Any) -> str | None:
    try:
        duration = parse_duration(value if isinstance(value, str) else "")
    except TimerInvalid as error:
        return f"{error}."
    if key == "before_age_limit" and duration.exact:
        return "Vul hele dagen, weken of maanden in."
    return None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def ends_at(
    term: Mapping[str, Any],
    began: datetime,
    anchors: Mapping[str, Anchor],
    *,
    age_limit_months: int,
    longest_months: int,
    pace: Callable[[datetime], str] = lambda began: "regular",
) -> datetime:
    """The UTC instant at which *term* ends that began at *began* (aware). Never fails for want of a date.

    Working days and weeks count local days; a term in working days ends with its last day. A term that hangs on the
    pregnancy follows its due date and may lie in the past; after a loss it never comes.

    Args:
        anchors: days by name (``ANCHORS``), and ``loss``: a pregnancy ended so. Only asked for what the term needs.
        age_limit_months: age of the youngest child at which a case ends.
        longest_months: how long a case lasts at most when neither child nor due date is known.
        pace: ``"soon"`` or ``"regular"``, for a case as it was at *began*; asked only by a term that has a ``soon``.
    """
    if "before_age_limit" in term:
        limit = age_limit(anchors, local_date(began), months=age_limit_months)
        if limit is not None:
            before = parse_duration(term["before_age_limit"])
            return start_of_day(add_months(limit, -before.months) - timedelta(days=before.days))
        return NEVER if anchors.get("loss") else add_duration(began, f"P{longest_months}M")
    if "anchor" in term:
        day = anchors.get(term["anchor"])
        if not isinstance(day, date):
            return add_duration(began, term["otherwise"])
        if "working_days" in term:
            return end_of_day(add_working_days(day, term["working_days"]))
        return max(start_of_day(day), began.astimezone(UTC))
    if "duration" in term:
        return add_duration(began, term["duration"])
    if "gestational_weeks" in term:
        due_date = anchors.get("due_date")
        if "unless" in term and (not isinstance(due_date, date) or anchors.get(term["unless"])):
            return NEVER
        if isinstance(due_date, date):
            return start_of_day(due_date - timedelta(days=280 - 7 * term["gestational_weeks"]))
        if anchors.get("loss"):
            return NEVER
        return add_duration(began, term.get("otherwise", f"P{longest_months}M"))
    days = term["working_days"]
    today = local_date(began)
    if "soon" in term:
        days = term["soon"] if pace(began) == "soon" else days
    elif (late := term.get("from_gestational_weeks")) is not None:
        due_date = anchors.get("due_date")
        if isinstance(due_date, date) and gestational_age_days(due_date, today) >= 7 * late:
            days = term["then_working_days"]
    return end_of_day(add_working_days(today, days))


def age_limit(anchors: Mapping[str, Anchor], on: date, *, months: int) -> date | None:
    """The local day on which the youngest living child, or the one that is expected, reaches the age limit.

    None when nobody knows; also after a loss when an older child had reached it by *on*: nobody is asked about that then.
    """
    due_date = anchors.get("due_date")
    if isinstance(due_date, date):
        return add_months(due_date, months)
    birth_date = anchors.get("birth_date")
    if not isinstance(birth_date, date):
        return None
    limit = add_months(birth_date, months)
    return None if limit <= on and anchors.get("loss") else limit


def warns_at(opened_at: datetime, due_at: datetime, *, working_days: int) -> datetime:
    """When somebody should hear that a task of *opened_at* is nearly late: as the day begins that is so many working days
    before its last, but not before half of its time has passed."""
    early = start_of_day(add_working_days(local_date(due_at), -working_days))
    return min(max(early, opened_at + (due_at - opened_at) / 2), due_at)
