"""Figures for the steering board, per period, as they were made: nothing is counted when somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from api.pages import handovers
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method

OUTCOMES = {
    "accepted": "aangenomen",
    "refused": "niet aangenomen",
    "withdrawn": "ingetrokken",
    "expired": "verlopen",
    "waiting": "nog zonder antwoord toen de cijfers werden gemaakt",
}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in words."""

    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table by kind."""

    name: str
    count: int
    warm_percent: int | None
    asked_back_percent: int | None
    median_working_days: int | None
    outcomes: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """What is told of one period."""

    key: str
    name: str
    count: int
    warm_percent: int | None
    asked_back_percent: int | None
    median_working_days: int | None
    returned_percent: int | None
    outcomes: tuple[Share, ...]
    reasons: tuple[Share, ...]
    kinds: tuple[Kind, ...]
    smallest: int
    published_at: datetime


@pages.get("/cijfers")
def figures() -> str:
    with reading() as session:
        page = method.handover_figures(session, by=known(session), at=now())
        waits = None
        if page.waits_from is not None and page.waits_until is not None:
            waits = _period(page.waits_from, page.waits_until)
        return render("figures.html", periods=[_told(one) for one in page.items], waits=waits, smallest=page.smallest)


def _told(one: Any) -> Period:
    return Period(
        key=f"vanaf-{one.first_day.isoformat()}",
        name=_period(one.first_day, one.last_day),
        count=one.count,
        warm_percent=one.warm_percent,
        asked_back_percent=one.asked_back_percent,
        median_working_days=one.median_working_days,
        returned_percent=one.returned_percent,
        outcomes=_shares(one.outcomes, OUTCOMES),
        reasons=_shares(one.reasons, handovers.REFUSED),
        kinds=tuple(
            Kind(
                name=_names(kind["codes"], handovers.KINDS),
                count=kind["count"],
                warm_percent=kind["warm_percent"],
                asked_back_percent=kind["asked_back_percent"],
                median_working_days=kind["median_working_days"],
                outcomes=_shares(kind["outcomes"], OUTCOMES),
            )
            for kind in one.kinds
        ),
        smallest=one.smallest,
        published_at=one.published_at,
    )


def _shares(parts: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> tuple[Share, ...]:
    return tuple(Share(_names(part["codes"], names), part["percent"]) for part in parts)


def _names(codes: Sequence[str], names: Mapping[str, str]) -> str:
    """More than one code is told together, because one alone would be too small."""
    said = [names.get(code, code) for code in codes]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} of {said[-1]} (samen)"


def _period(first: date, last: date) -> str:
    """``juli t/m september 2026``; the year of the first month only when it is another."""
    begins = format_date(first, "MMMM" if first.year == last.year else "MMMM yyyy", locale="nl")
    return f"{begins} t/m {format_date(last, 'MMMM yyyy', locale='nl')}"
