"""When a family looks back together. Pure; the numbers are settings of the region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_PREGNANCY_DAYS = 280


@dataclass(frozen=True, slots=True)
class Window:
    """Days in which a family looks back once, whatever else was agreed; both days are in it."""

    first: date
    last: date

    @classmethod
    def before_birth(cls, due_date: date, *, from_weeks: int, until_weeks: int) -> Window:
        """From the day on which the pregnancy is *from_weeks* to that on which it is *until_weeks*."""
        return cls(
            due_date - timedelta(days=_PREGNANCY_DAYS - 7 * from_weeks),
            due_date - timedelta(days=_PREGNANCY_DAYS - 7 * until_weeks),
        )

    @classmethod
    def after_birth(cls, birth_date: date, *, from_days: int, until_days: int) -> Window:
        """From *from_days* to *until_days* after the birth."""
        return cls(birth_date + timedelta(days=from_days), birth_date + timedelta(days=until_days))


def evaluate_on(agreed: date, *, since: date, held: Iterable[date], windows: Iterable[Window]) -> date:
    """The day on which a family looks back: the agreed one, or earlier when it would pass by a window.

    A window counts when nobody looked back in it yet and it was not over when the day was agreed. The day then moves to
    the window's first day; to its last, when the window had begun already.

    Args:
        since: the day on which *agreed* was agreed.
        held: days on which the family looked back before.

    Source:
        domain: always once between 34 and 38 weeks and once six weeks after birth; a proposal, the numbers are settings.
    """
    days = list(held)
    for window in windows:
        passed_by = agreed > window.last >= since
        if passed_by and not any(window.first <= day <= window.last for day in days):
            agreed = window.first if window.first > since else window.last
    return agreed
