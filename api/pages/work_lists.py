"""Lists of one's own: filters of the work list under a name; keeping, renaming, throwing away, beginning with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.pages.work import FILTERS, lost_town
from api.transactions import now, reading, transaction
from workflows import method, processes
from workflows.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Line:
    """A list with what is in it, in words."""

    id: UUID
    name: str
    says: str
    count: str
    is_start: bool
    lost: str


@pages.get("/werk/lijsten")
def work_lists() -> str:
    return _page()


@pages.post("/werk/lijsten")
def save_work_list() -> Response:
    asked = {name: request.form.get(word, "") for name, word in FILTERS.items()}
    filters = {name: True if name == "is_new" else value for name, value in asked.items() if value}
    try:
        with transaction() as session:
            kept = processes.save_list(
                session,
                request.form.get("name", ""),
                filters,
                is_start=request.form.get("is_start") == "1",
                by=known(session),
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_page(errors=refusal.errors, typed=request.form), 400)
    flash(f"De lijst ‘{kept.name}’ is bewaard.", "ok")
    return redirect(url_for("pages.work", lijst=kept.id), 303)


@pages.post("/werk/lijsten/<uuid:list_id>")
def change_work_list(list_id: UUID) -> Response:
    """Another name, or begin with it (or no longer)."""
    name, start = request.form.get("name"), request.form.get("is_start")
    try:
        with transaction() as session:
            processes.change_list(
                session,
                list_id,
                name=name,
                is_start=None if start is None else start == "1",
                by=known(session),
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_page(errors=refusal.errors, typed=request.form, of=list_id), 400)
    flash("De lijst is veranderd.", "ok")
    return redirect(url_for("pages.work_lists"), 303)


@pages.post("/werk/lijsten/<uuid:list_id>/verwijderen")
def delete_work_list(list_id: UUID) -> Response:
    with transaction() as session:
        processes.delete_list(session, list_id, by=known(session), at=now())
    flash("De lijst is verwijderd. Aan de taken is niets veranderd.", "ok")
    return redirect(url_for("pages.work_lists"), 303)


def _page(
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    typed: Mapping[str, str] | None = None,
    of: UUID | None = None,
) -> str:
    """Args: of: the list whose name was wrong; None: that of a new one."""
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        forms = method.work_forms(session, by=by)
        found = [
            Line(
                one.id, one.name, _says(one.filters, names, forms), words.capped(count), one.is_start,
                lost_town(session, one.filters.get("municipality"), by=by),
            )
            for one, count in method.saved_lists(session, by=by, at=now())
        ]  # fmt: skip
    asked = {word: (typed or {}).get(word, "") for word in FILTERS.values()}
    return render(
        "work_lists.html",
        lists=found,
        errors=errors or {},
        typed=typed or {},
        of=of,
        asked={word: value for word, value in asked.items() if value},
        longest=processes.LONGEST_NAME,
    )


def _says(filters: Mapping[str, Any], names: shown.Names, forms: Mapping[str, str]) -> str:
    parts = []
    if code := filters.get("municipality"):
        try:
            parts.append(names.municipality(code))
        except NotFound:
            parts.append(str(code))
    if phase := filters.get("phase"):
        parts.append(words.say(phase, words.PHASES))
    if form := filters.get("form_key"):
        parts.append(forms.get(form) or words.say(form, words.FORMS))
    if due := filters.get("due"):
        parts.append(words.say(due, words.DUE).lower())
    if filters.get("is_new"):
        parts.append("alleen nieuw")
    return ", ".join(parts)
