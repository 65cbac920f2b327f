"""Writing down later what was said or seen before, e.g. on paper during a home visit. Pure; knows no tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from engine.clock import local_date

#: How long before a case began something can have been said that belongs to it: ten months, a pregnancy and a little.
BEFORE: Final = timedelta(days=304)


def wrong_moment(observed_at: datetime | None, *, began: datetime, at: datetime) -> str | None:
    """Why it cannot have been at that moment, in Dutch; None when it can.

    Args:
        observed_at: an instant, or None for now.
        began: when the case, or a task outside a case, began.
    """
    if observed_at is None:
        return None
    if observed_at > at:
        return "Dit moment ligt in de toekomst. Vul in wanneer het was."
    first = began - BEFORE
    if observed_at < first:
        return f"Dit is te lang geleden. Vul een dag in vanaf {local_date(first):%d-%m-%Y}."
    return None
