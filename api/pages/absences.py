"""“Ik ben er niet”: a period, and who gets one's work meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import method, organisations
from workflows.errors import Invalid, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: The team, in the list of who can stand in.
TEAM = "team"


@dataclass(frozen=True, slots=True)
class Away:
    """A period that was reported. ``is_now``: it runs."""

    id: UUID
    from_on: date
    until_on: date
    deputy: str | None
    is_now: bool
    tasks_moved: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the work list says about being away: one's own, and for whom one stands in today."""

    own: tuple[Away, ...]
    stands_in_for: tuple[tuple[str, date], ...]


def standing(session: Session, *, by: Actor) -> Standing:
    """Of who asks, in the role in which they act."""
    today = local_date()
    return Standing(
        tuple(_away(session, one, today) for one in method.absence_list(session, by=by, at=now())),
        tuple(
            (person.display_name, one.until_on)
            for person, one in organisations.standing_in_for(session, by=by, on=today)
        ),
    )


@pages.get("/afwezig")
def absence_page() -> str:
    return _page()


@pages.post("/afwezig")
def report_absence() -> Response | str:
    errors: dict[str, list[str]] = {}
    from_on = _day(request.form.get("from_on", ""))
    until_on = _day(request.form.get("until_on", ""))
    if from_on is None:
        errors["from_on"] = ["Vul de eerste dag in, bijvoorbeeld 3-11-2026."]
    if until_on is None:
        errors["until_on"] = ["Vul de laatste dag in, bijvoorbeeld 14-11-2026."]
    deputy_id: UUID | None = None
    chosen = request.form.get("deputy_id", "")
    if chosen != TEAM:
        try:
            deputy_id = UUID(chosen)
        except ValueError:
            errors["deputy_id"] = ["Kies wie uw taken krijgt."]
    if from_on is None or until_on is None or errors:
        return make_response(_page(errors), 400)
    try:
        with transaction() as session:
            kept = method.report_absence(
                session, from_on=from_on, until_on=until_on, deputy_id=deputy_id, by=known(session), at=now()
            )
    except Invalid as refusal:
        return make_response(_page(refusal.errors), 400)
    if kept.begun_at is None:
        flash("Uw afwezigheid is gemeld. Op de eerste dag gaan uw taken vanzelf naar de ander.", "ok")
    else:
        moved = "Er waren geen taken bij u." if not kept.tasks_moved else "Uw taak ligt nu bij de ander." if kept.tasks_moved == 1 else f"Uw {kept.tasks_moved} taken liggen nu bij de ander."  # fmt: skip
        flash(f"Uw afwezigheid is gemeld. {moved}", "ok")
    return redirect(url_for("pages.absence_page"), 303)


@pages.post("/afwezig/<uuid:absence_id>/terug")
def end_absence(absence_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.end_absence(session, absence_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "info")
    else:
        flash("U bent er weer. Wat bij anderen ligt, blijft daar. Nieuwe taken komen weer bij u.", "ok")
    return redirect(url_for("pages.work"), 303)


def _page(errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by = known(session)
        return render(
            "absence.html",
            away=standing(session, by=by),
            colleagues=method.deputies(session, by=by, at=now()),
            errors=errors or {},
            typed=request.form,
            today=local_date(),
            team=TEAM,
        )


def _away(session: Session, one: Any, today: date) -> Away:
    deputy = None if one.deputy_id is None else organisations.person(session, one.deputy_id).display_name
    return Away(one.id, one.from_on, one.until_on, deputy, one.runs(today), one.tasks_moved)


def _day(text: str) -> date | None:
    try:
        return words.read_day(text)
    except ValueError:
        return None
