"""The terms that pass in the process director's area, and what is coming in a case."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import request

from api.pages import shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: How sure a setting is, as ``origin`` tells it: ``[I]``. That is for the page of the settings, not for a family.
_TAG = re.compile(r" \[[A-Z]+\d*\]")
RISKS = {"late": ("Te laat", "late"), "soon": ("Bijna te laat", "soon"), "floating": ("Zwevend", "soon")}


@dataclass(frozen=True, slots=True)
class Risk:
    """A row of the list: whose task it is and who holds the case."""

    name: str
    risk: tuple[str, str]
    due_at: datetime | None
    asked: bool
    organisation: str
    role: str
    taken: bool
    holder: str
    municipality: str
    urgency: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that comes on one day."""

    day: date
    is_past: bool
    items: tuple[Any, ...]


@pages.get("/termijnen")
def terms() -> str:
    with reading() as session:
        by = known(session)
        page = method.terms_at_risk(session, by=by, at=now(), cursor=request.args.get("vanaf"), page_size=25)
        names = shown.Names(session)
        found = [
            Risk(
                name=card.name,
                risk=RISKS[card.risk],
                due_at=card.due_at,
                asked=card.escalated_at is not None,
                organisation=names.organisation(card.organisation_id),
                role=card.role,
                taken=card.status == "claimed",
                holder=names.organisation(card.holder_organisation_id),
                municipality=names.municipality(card.municipality_code),
                urgency=card.urgency,
            )
            for card in page.items
        ]
        return render("terms.html", tasks=found, count=words.capped(page.count), next=page.next_cursor)


def _why(one: Any) -> str:
    """Why a day matters, in few words; nothing when the day is called that already.

    Of a task it is what the term is for, without its exceptions; of another day what comes after where it is counted from.
    """
    parts = _TAG.sub("", str(one.source)).split("; ", 1)
    why = parts[0] if one.kind == "task" else parts[-1]
    return "" if why == one.label else why


def forecast(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> dict[str, Any]:
    """What ``case/forecast.html`` needs: the days that are coming, each with what comes then."""
    today = at.astimezone(words.AMSTERDAM).date()
    days: dict[date, list[Any]] = {}
    for one in method.forecast(session, case_id, by=by, at=at):
        days.setdefault(one.day, []).append(replace(one, source=_why(one)))
    return {"forecast": [Day(day, day < today, tuple(items)) for day, items in days.items()]}
