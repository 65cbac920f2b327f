"""Dutch calendar time: instants are UTC, days and working days are those of Europe/Amsterdam. Never reads the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from engine import limits
from engine.errors import TimerInvalid

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

#: A timer further away than this is a typing error; a case is kept 20 years.
LONGEST = timedelta(days=100 * 366)
#: A repeating timer that rings more often than this would only keep the machine busy.
SHORTEST_CYCLE = timedelta(minutes=1)
#: An endless timer rings at most once an hour.
SHORTEST_ENDLESS_CYCLE = timedelta(hours=1)
MOST_REPETITIONS = limits.TIMER_REPEATS
MOST_WORKING_DAYS = 10_000

_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


@dataclass(frozen=True)
class Duration:
    """An ISO 8601 duration: months and days follow the calendar in Amsterdam, *exact* is elapsed time."""

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta()

    @property
    def shortest(self) -> timedelta:
        """The least time this can take; a day of 23 hours exists."""
        return timedelta(days=28 * self.months + self.days) + self.exact

    def after(self, instant: datetime) -> datetime:
        """The UTC instant this long after *instant* (aware).

        31 January + P1M is the last day of February. A local time that the spring change skips
        moves an hour on, one that the autumn change repeats is the first of the two.

        Raises:
            TimerInvalid: outside the calendar (year 9999).
        """
        try:
            if self.months or self.days:
                local = instant.astimezone(AMSTERDAM).replace(tzinfo=None)
                local = _add_months(local, self.months) + timedelta(days=self.days)
                instant = local.replace(tzinfo=AMSTERDAM)
            return instant.astimezone(UTC) + self.exact
        except (OverflowError, ValueError) as error:
            raise TimerInvalid(f"{instant.isoformat()} plus deze duur valt buiten de kalender") from error


@dataclass(frozen=True)
class Cycle:
    """A repeating timer; ``repetitions`` is None for one without end, ``start`` None for one that counts from now."""

    repetitions: int | None
    start: datetime | None
    every: Duration


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration such as ``P14D``, ``P1M`` or ``PT36H``: whole, positive and at most 100 years.

    Raises:
        TimerInvalid: anything else; the message says why, in Dutch.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise TimerInvalid(f"‘{_short(text)}’ is geen duur zoals P14D, P1M of PT36H")
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    duration = Duration(
        months=12 * part["years"] + part["months"],
        days=7 * part["weeks"] + part["days"],
        exact=timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"]),
    )
    if duration.shortest <= timedelta():
        raise TimerInvalid(f"‘{_short(text)}’ duurt niets; geef een duur langer dan nul")
    if timedelta(days=31 * duration.months + duration.days) + duration.exact > LONGEST:
        raise TimerInvalid(f"‘{_short(text)}’ duurt langer dan honderd jaar")
    return duration


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 date or date-time as a UTC instant; without a zone it is local time in Amsterdam.

    Raises:
        TimerInvalid: not a date that exists.
    """
    stripped = text.strip()
    try:
        if _INSTANT.fullmatch(stripped) is None:
            raise ValueError
        parsed = datetime.fromisoformat(stripped)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise TimerInvalid(f"‘{_short(text)}’ is geen datum zoals 2026-11-30 of 2026-11-30T09:00") from error


def parse_cycle(text: str) -> Cycle:
    """Read ``R3/P7D`` or ``R3/2026-12-01T09:00/P7D``; ``R/P1D`` repeats without end.

    Raises:
        TimerInvalid: not a cycle, never, more often than ``limits.TIMER_REPEATS``, or too fast.
    """
    head, *rest = text.strip().split("/")
    count = head[1:]
    if (
        not head.startswith("R")
        or not (count == "" or (count.isascii() and count.isdigit()))
        or not 1 <= len(rest) <= 2
    ):
        raise TimerInvalid(f"‘{_short(text)}’ is geen herhaling zoals R3/P7D")
    repetitions = int(count[:6]) if count else None
    if repetitions is not None and not 1 <= repetitions <= MOST_REPETITIONS:
        raise TimerInvalid(f"‘{_short(text)}’ herhaalt nooit of meer dan {MOST_REPETITIONS} keer")
    every = parse_duration(rest[-1])
    if every.shortest < (SHORTEST_CYCLE if repetitions else SHORTEST_ENDLESS_CYCLE):
        raise TimerInvalid(f"‘{_short(text)}’ herhaalt te vaak: ten minste een minuut, zonder einde een uur")
    return Cycle(repetitions, parse_instant(rest[0]) if len(rest) == 2 else None, every)


def add_duration(instant: datetime, text: str) -> datetime:
    """The UTC instant one ISO 8601 duration after *instant*; see :meth:`Duration.after`.

    Raises:
        TimerInvalid: *text* is not a bounded, positive duration.
    """
    return parse_duration(text).after(instant)


def add_months(on: date, months: int) -> date:
    """The day *months* calendar months after *on*, or before it when negative; 31 January + 1 is the last of February.

    Raises:
        TimerInvalid: outside the calendar.
    """
    try:
        return _add_months(datetime.combine(on, time()), months).date()
    except (OverflowError, ValueError) as error:
        raise TimerInvalid(f"{on.isoformat()} en {months} maanden valt buiten de kalender") from error


def add_working_days(on: date, days: int) -> date:
    """The working day *days* working days after *on*; the day itself does not count.

    Args:
        on: local date (Europe/Amsterdam), not an instant.
        days: negative counts back; zero is *on* itself or the first working day after it.

    Raises:
        TimerInvalid: more than 10,000 days, or outside the calendar.
    """
    if abs(days) > MOST_WORKING_DAYS:
        raise TimerInvalid(f"{days} werkdagen is meer dan {MOST_WORKING_DAYS}")
    step = timedelta(days=-1 if days < 0 else 1)
    try:
        while days == 0 and not is_working_day(on):
            on += step
        for _ in range(abs(days)):
            on += step
            while not is_working_day(on):
                on += step
    except OverflowError as error:
        raise TimerInvalid("de werkdag valt buiten de kalender") from error
    return on


def is_working_day(on: date) -> bool:
    """Monday to Friday and no public holiday.

    Source:
        Algemene termijnenwet, art. 3: also Good Friday, and 5 May of every year.
    """
    return on.weekday() < 5 and on not in public_holidays(on.year)


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The Dutch public holidays of one year, with Good Friday and each 5 May."""
    found = holidays.country_holidays("NL", years=year, expand=False, categories=("public", "optional"))
    return frozenset(found) | {date(year, 5, 5)}


def as_day(value: object) -> date | None:
    """A day from ISO text, as forms give it; None for anything else."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def local_date(instant: datetime) -> date:
    """The day it is in Amsterdam at *instant* (aware)."""
    return instant.astimezone(AMSTERDAM).date()


def start_of_day(on: date) -> datetime:
    """The UTC instant at which *on* begins in Amsterdam."""
    return datetime.combine(on, time(), AMSTERDAM).astimezone(UTC)


def end_of_day(on: date) -> datetime:
    """The UTC instant of the last whole second of *on* in Amsterdam, so that a term shows the day it ends on."""
    return datetime.combine(on, time(23, 59, 59), AMSTERDAM).astimezone(UTC)


def gestational_age_days(due_date: date, on: date) -> int:
    """Days of pregnancy on a day: 280 minus the days until the due date; outside 0..300 there is no such pregnancy."""
    return 280 - (due_date - on).days


def _add_months(local: datetime, months: int) -> datetime:
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    return local.replace(year=year, month=month, day=min(local.day, _days_in(year, month)))


def _days_in(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
