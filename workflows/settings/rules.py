"""What settings exist, what a value must look like, and what a term means in time. Pure, with the shipped defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from engine.clock import (
    add_duration,
    add_working_days,
    end_of_day,
    gestational_age_days,
    local_date,
    parse_duration,
    start_of_day,
)
from engine.errors import TimerInvalid
from workflows.errors import Invalid

_TERM_KEYS = (
    {"working_days"},
    {"working_days", "from_gestational_weeks", "then_working_days"},
    {"duration"},
    {"gestational_weeks"},
)


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
    if definition.name.startswith("term."):
        return _problem_of_term(value)
    if isinstance(definition.value, str):
        fits = isinstance(value, str) and 0 < len(value.strip()) <= 200
        return None if fits else "Vul een tekst in van hoogstens 200 tekens."
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
    if "duration" in value:
        try:
            parse_duration(str(value["duration"]))
        except TimerInvalid as error:
            return f"{error}."
        return None
    limits = {"gestational_weeks": 42, "from_gestational_weeks": 42}
    for key, number in value.items():
        if not _whole(number) or not 1 <= number <= limits.get(key, 1000):
            return f"Vul bij {key} een heel getal in van 1 tot en met {limits.get(key, 1000)}."
    return None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def ends_at(term: Mapping[str, Any], began: datetime, *, due_date: date | None) -> datetime:
    """The UTC instant at which *term* ends that began at *began* (aware).

    Working days and weeks count local days; a term in working days ends with its last day. A term that hangs on the
    pregnancy follows *due_date* and may lie in the past.

    Raises:
        Invalid: the term hangs on a due date and none is known.
    """
    if "duration" in term:
        return add_duration(began, term["duration"])
    if "gestational_weeks" in term:
        if due_date is None:
            raise Invalid("term needs a due date", detail="De uitgerekende datum is nog niet bekend.")
        return start_of_day(due_date - timedelta(days=280 - 7 * term["gestational_weeks"]))
    days = term["working_days"]
    today = local_date(began)
    late = term.get("from_gestational_weeks")
    if late is not None and due_date is not None and gestational_age_days(due_date, today) >= 7 * late:
        days = term["then_working_days"]
    return end_of_day(add_working_days(today, days))
