"""Programs of the own organisation that do steps of a drawing: its administrator lets one in, renews its token and has tried
again what did not work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import kept
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import topics
from workflows.errors import Invalid

Errors = Mapping[str, Sequence[str]]
#: What stands in an empty form.
_EMPTY: Mapping[str, str] = {"topic": "", "label": "", "reads": "", "writes": "", "days": "90"}


@pages.get("/koppelingen/programmas")
def program_list() -> str:
    return _list()


@pages.post("/koppelingen/programmas")
def create_program() -> Response:
    typed = {name: request.form.get(name, "") for name in _EMPTY}
    try:
        with transaction() as session:
            by = known(session)
            if (sent := kept.sent_before(session, by=by)) is not None:
                return _sent_twice(sent.location_id)
            made, token = topics.add_worker(
                session,
                topic=typed["topic"].strip(),
                label=typed["label"],
                reads=_names(typed["reads"]),
                writes=_names(typed["writes"]),
                days=_days(typed["days"]),
                by=by,
                at=now(),
            )
            kept.now_sent(session, made.id)
            return make_response(render("program_token.html", program=made, token=token, renewed=False))
    except Invalid as refusal:
        return make_response(_list(refusal.errors, typed), 400)


@pages.post("/koppelingen/programmas/opnieuw")
def retry_program_steps() -> Response:
    with transaction() as session:
        many = topics.retry_incidents(session, request.form.get("topic", ""), by=known(session), at=now())
    if many:
        flash("Het wordt opnieuw geprobeerd.", "ok")
    else:
        flash("Hier is niets meer om opnieuw te proberen.", "warning")
    return redirect(url_for("pages.program_list"), 303)


@pages.get("/koppelingen/programmas/<uuid:worker_id>")
def program_page(worker_id: UUID) -> str:
    return _page(worker_id)


@pages.post("/koppelingen/programmas/<uuid:worker_id>/token")
def renew_program_token(worker_id: UUID) -> Response:
    days = request.form.get("days", "")
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is not None:
                return _sent_twice(worker_id)
            found, token = topics.renew_token(session, worker_id, days=_days(days), by=by, at=now())
            kept.now_sent(session, worker_id)
            return make_response(render("program_token.html", program=found, token=token, renewed=True))
    except Invalid as refusal:
        return make_response(_page(worker_id, refusal.errors, days), 400)


@pages.post("/koppelingen/programmas/<uuid:worker_id>/verwijderen")
def end_program(worker_id: UUID) -> Response:
    with transaction() as session:
        topics.end_worker(session, worker_id, by=known(session), at=now())
    flash("Het programma is verwijderd.", "ok")
    return redirect(url_for("pages.program_list"), 303)


def _sent_twice(worker_id: UUID | None) -> Response:
    """A token is shown once, and a second click must not make another that ends the first."""
    flash("Dit is al gedaan. Zag u het token niet? Maak dan een nieuw token.", "warning")
    if worker_id is None:
        return redirect(url_for("pages.program_list"), 303)
    return redirect(url_for("pages.program_page", worker_id=worker_id), 303)


def _list(errors: Errors | None = None, typed: Mapping[str, str] | None = None) -> str:
    with reading() as session:
        standing = topics.own_standing(session, by=known(session), at=now())
        return render("programs.html", standing=standing, at=now(), errors=errors or {}, typed=typed or _EMPTY)


def _page(worker_id: UUID, errors: Errors | None = None, days: str = _EMPTY["days"]) -> str:
    with reading() as session:
        found = topics.own_worker(session, worker_id, by=known(session), at=now())
        return render("program.html", program=found, at=now(), errors=errors or {}, typed={"days": days})


def _names(typed: str) -> list[str]:
    """Names with spaces, commas or new lines between them."""
    return [name for name in re.split(r"[\s,;]+", typed) if name]


def _days(typed: str) -> int:
    """0, which is refused in words, for what is no number."""
    given = typed.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 4 else 0
