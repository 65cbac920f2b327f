"""Who can sit at the table, and what a plan and minutes must contain. Pure.

Source:
    The hub as Zuid-Limburg describes it: professionals and parents at one table; without parents only with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from engine.clock import AMSTERDAM, as_day
from workflows.errors import Invalid

#: Roles in which an organisation of the municipality can be invited, the most fitting first: one seat for each
#: organisation. The municipality itself sits there through its process director, if the family wants that.
AT_THE_TABLE = ("case_director", "supporter", "informal_supporter", "explorer", "process_director")
#: In these roles it can be invited as well when it has a part in the case already.
KNOWS_THE_FAMILY = (*AT_THE_TABLE, "signaller")
LONGEST_PLACE = 200
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)


class HubResult(StrEnum):
    """What came of talking about a family."""

    PLAN = "plan"
    AGAIN = "again"
    NO_SUPPORT = "no_support"


def moment(day: object, clock: object) -> datetime:
    """The UTC instant of a local day and time, as people type them: ``2026-11-10`` and ``14:00`` or ``9.30``.

    A time that the spring change skips moves an hour on; one that the autumn change repeats is the first of the two.

    Raises:
        Invalid: with both fields at once.
    """
    errors: dict[str, list[str]] = {}
    on = as_day(day)
    if on is None:
        errors["meeting_date"] = ["Vul een datum in die bestaat."]
    match = _TIME.fullmatch(str(clock or "").strip())
    if match is None:
        errors["meeting_time"] = ["Vul een tijd in, bijvoorbeeld 14:00."]
    if errors or on is None or match is None:
        raise Invalid("hub meeting without a moment", errors=errors)
    return datetime.combine(on, time(int(match[1]), int(match[2])), AMSTERDAM).astimezone(UTC)


def words(value: object) -> str | None:
    """What somebody wrote, or None when that is nothing."""
    return value.strip() or None if isinstance(value, str) else None


def seats(answers: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Whether the parents are invited, and if not why.

    Raises:
        Invalid: nobody said, or there is no reason.
    """
    return _with_reason(
        answers,
        "parents_invited",
        "reason_not_invited",
        ask="Vul in of de ouders zijn uitgenodigd.",
        why="Vul in waarom de ouders niet zijn uitgenodigd.",
    )


def presence(answers: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Whether the parents were there, and if not why.

    Raises:
        Invalid: nobody said, or there is no reason; also when somebody drew those questions away.
    """
    return _with_reason(
        answers,
        "parents_present",
        "reason_if_absent",
        ask="Vul in of de ouders erbij waren.",
        why="Vul in waarom de ouders er niet bij waren.",
    )


def result(answers: Mapping[str, Any]) -> HubResult:
    """What came of it.

    Raises:
        Invalid: none of the known answers.
    """
    given = answers.get("hub_result")
    if not (isinstance(given, str) and given in set(HubResult)):
        raise Invalid("hub minutes without a result", errors={"hub_result": ["Kies wat er uit het overleg kwam."]})
    return HubResult(given)


def as_id(value: object) -> UUID | None:
    """An id from text, or None."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _with_reason(answers: Mapping[str, Any], field: str, reason: str, *, ask: str, why: str) -> tuple[bool, str | None]:
    given = answers.get(field)
    if given in ("yes", True):
        return True, None
    if given not in ("no", False):
        raise Invalid(f"hub: {field} is not answered", errors={field: [ask]})
    said = words(answers.get(reason))
    if said is None:
        raise Invalid(f"hub: {reason} is missing", errors={reason: [why]})
    return False, said
