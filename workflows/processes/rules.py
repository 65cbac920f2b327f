"""When the work of a list is due, in the groups that people see. Pure; days are those of Europe/Amsterdam."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum

from engine.clock import add_working_days, local_date, start_of_day

#: Sorts tasks without a term after all others; a keyset needs a value.
NO_TERM = datetime(9999, 12, 31, tzinfo=UTC)
#: How many working days after today are "this week".
_WEEK = 5
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


class Order(Enum):
    """In which order the work list stands; what has no term comes after what has one."""

    DUE = "due_at"
    LAST_DUE = "-due_at"
    OLDEST = "opened_at"
    NEWEST = "-opened_at"


class Due(StrEnum):
    """When a task is due, as the work list groups it."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"  #: within the next five working days
    LATER = "later"
    NO_TERM = "no_term"


def due_bounds(at: datetime) -> Mapping[Due, tuple[datetime, datetime]]:
    """From when until before when the term of a task puts it in each group, in the order of the list.

    The bounds touch: every term is in exactly one group. Five working days and not the days until Sunday, so that on a
    Friday the work of Monday is in sight.
    """
    today = local_date(at)
    tomorrow = start_of_day(today + timedelta(days=1))
    after = start_of_day(add_working_days(today, _WEEK) + timedelta(days=1))
    return {
        Due.OVERDUE: (_BEGINNING, at),
        Due.TODAY: (at, tomorrow),
        Due.THIS_WEEK: (tomorrow, after),
        Due.LATER: (after, NO_TERM),
        Due.NO_TERM: (NO_TERM, _END),
    }


def due_of(due_at: datetime | None, at: datetime) -> Due:
    """The group in which a task with this term stands at *at*."""
    moment = due_at or NO_TERM
    return next(due for due, (begin, end) in due_bounds(at).items() if begin <= moment < end)


def new_since(at: datetime) -> datetime:
    """From when work counts as new: the beginning of the working day before today, so that a Monday shows what came in since
    Friday. A day and not the last look of this person: two screens, or a colleague who asks, see the same."""
    return start_of_day(add_working_days(local_date(at), -1))
