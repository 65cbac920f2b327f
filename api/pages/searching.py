"""Searching: one box, what was found and why. What was typed is in no address; the browser keeps it closed for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from api.pages import shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method
from workflows.errors import Invalid

_KEPT = "search"
FOUND = {
    "number": "Nummer klopt",
    "own_number": "Nummer in uw eigen systeem klopt",
    "name": "Naam klopt",
    "similar_name": "Naam lijkt erop",
    "birth_date": "Geboortedatum klopt",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One row: the case, who it is about, and why it was found."""

    case: shown.Case
    person: str
    why: tuple[str, ...]


@pages.get("/zoeken")
def search() -> Response | str:
    """What was searched last, again: so that the way back from a case works; else the empty box."""
    with reading() as session:
        by = known(session)
        text = method.kept_search(session, str(browser.get(_KEPT, "")), by=by, at=now())
        if not text:
            return render("search.html", text="", view=None, errors={})
        try:
            view = method.search_cases(session, text, by=by, at=now())
        except Invalid as refusal:
            return make_response(_page(text, errors=refusal.errors), 400)
        names = shown.Names(session)
        return _page(text, view=view, hits=[_hit(one, names) for one in view.hits])


@pages.post("/zoeken")
def start_search() -> Response:
    """Takes what was typed; what is found comes at an address that says nothing."""
    with reading() as session:
        by = known(session)
        browser[_KEPT] = method.keep_search(session, request.form.get("q", ""), by=by, at=now())
    return redirect(url_for("pages.search"), 303)


def _page(
    text: str,
    *,
    view: Any = None,
    hits: Sequence[Hit] = (),
    errors: Mapping[str, Sequence[str]] | None = None,
) -> str:
    sought = () if view is None else tuple(_sought(view))
    return render("search.html", text=text[:200], view=view, sought=sought, hits=hits, errors=errors or {})


def _sought(view: Any) -> Iterator[tuple[str, str, str]]:
    """How what was typed was read: as what, its words, and what goes with it."""
    if view.numbers:
        yield "nummer", view.numbers[0], " of hetzelfde nummer uit een eerder jaar" if len(view.numbers) > 1 else ""
    if view.own_number:
        yield "nummer in uw eigen systeem", view.own_number, ""
    if view.name:
        yield "naam", view.name, ""
    if view.birth_date:
        yield "geboortedatum", words.day(view.birth_date), ""


def _hit(hit: Any, names: shown.Names) -> Hit:
    """Says of whom in the family; the day as well, for there may be two children."""
    people = [one.member for one in hit.found if one.member is not None]
    return Hit(
        shown.case(hit.case, names),
        people[0].name if people else "",
        tuple(_why(one.by, one.member) for one in hit.found),
    )


def _why(by: str, member: Any) -> str:
    if member is None:
        return FOUND[by]
    about = words.say(member.kind, words.MEMBERS)
    day = f", {words.short_day(member.birth_date)}" if by == "birth_date" and member.birth_date else ""
    return f"{FOUND[by]} ({about}{day})"
