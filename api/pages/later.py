"""Entering later what was written on paper: the two fields beside a form that say when it was, in Dutch time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from api.pages.fields import Fault
from api.pages.words import AMSTERDAM
from workflows import forms
from workflows.errors import Invalid

#: Name in ``errors`` of the moment; also that of the API.
FIELD = "observed_at"
DAY, TIME = "_observed_day", "_observed_time"
ANCHOR = "veld-observed-day"
LABEL = "Wanneer was dit?"

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::00)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Block:
    """The two fields as they are drawn, with what was typed in them."""

    day: str
    time: str
    errors: tuple[str, ...]

    @property
    def day_type(self) -> str:
        """A browser shows nothing for a date that it cannot read; what was typed comes back as text."""
        return "date" if not self.day or re.fullmatch(r"\d{4}-\d\d-\d\d", self.day) else "text"

    @property
    def time_type(self) -> str:
        return "time" if not self.time or re.fullmatch(r"\d\d:\d\d", self.time) else "text"

    @property
    def is_open(self) -> bool:
        return bool(self.day or self.time or self.errors)


def typed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What was typed in the two fields, untouched."""
    found = dict(pairs)
    return {"day": found.get(DAY, ""), "time": found.get(TIME, "")}


def block(typed: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> Block:
    """The two fields with what was typed and what is wrong with it."""
    return Block(typed.get("day", ""), typed.get("time", ""), tuple(errors.get(FIELD, ())))


def moment(typed: Mapping[str, str]) -> datetime | None:
    """The instant that was typed; without a time the day begins it. None when nothing was typed.

    Raises:
        Invalid: no day, or no time, that exists.
    """
    day, clock = typed.get("day", "").strip(), typed.get("time", "").strip()
    if not day and not clock:
        return None
    if not day:
        raise _wrong("Vul ook de dag in.")
    found = forms.day_of(day)
    if found is None:
        raise _wrong("Vul een datum in, bijvoorbeeld 31-12-2026.")
    match = _CLOCK.fullmatch(clock)
    if clock and (match is None or int(match[1]) > 23 or int(match[2]) > 59):
        raise _wrong("Vul een tijd in, bijvoorbeeld 14:30.")
    at = time(int(match[1]), int(match[2])) if match else time()
    try:
        return datetime.combine(found, at, AMSTERDAM).astimezone(UTC)
    except OverflowError:
        raise _wrong("Vul een datum in, bijvoorbeeld 31-12-2026.") from None


def faults(errors: Mapping[str, Sequence[str]]) -> list[Fault]:
    """For the summary above the form."""
    return [Fault(ANCHOR, LABEL, text) for text in errors.get(FIELD, ())]


def _wrong(text: str) -> Invalid:
    return Invalid("the moment as typed cannot be read", errors={FIELD: [text]})
