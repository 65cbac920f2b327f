"""Asking for a case: who is meant, why, and what one asked before. Nothing here says whether a family is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import kept
from api.pages.blueprint import pages, render
from api.pages.fields import Fault
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import forms, method, settings
from workflows.errors import Invalid, TooOften

REASONS = {
    "parent_asks_us": "De ouder vroeg ons om hulp",
    "moved_here": "Het gezin is verhuisd naar ons werkgebied",
    "help_continues_here": "De hulp gaat bij ons verder",
}
#: Every field, in the order of the page, with its label.
FIELDS = {
    "case_number": "Nummer van de casus",
    "parent_name": "Naam van de ouder",
    "birth_date": "Geboortedatum van de ouder",
    "reason": "Waarom vraagt u om deze casus?",
    "parent_knows": "De ouder weet het",
}


@pages.get("/casus-vragen")
def cases_asked() -> str:
    return _page({})


@pages.post("/casus-vragen")
def ask_for_case() -> Response | str:
    typed = {name: request.form.get(name, "") for name in FIELDS}
    written = typed["birth_date"].strip()
    given: dict[str, Any] = {
        **typed,
        "birth_date": forms.day_of(written),
        "parent_knows": typed["parent_knows"] == "yes",
    }
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                kept.now_sent(session, method.ask_for_case(session, **given, by=by, at=now()).id)
    except Invalid as refusal:
        errors = dict(refusal.errors)
        if written and given["birth_date"] is None and "birth_date" in errors:
            errors["birth_date"] = ["Vul een datum in, bijvoorbeeld 31-12-1996."]
        return make_response(_page(typed, errors), 400)
    except TooOften as refusal:
        answer = make_response(_page(typed, notice=refusal.detail), 429)
        answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    flash("Uw vraag is gesteld. U hoort niet of het gezin bekend is.", "ok")
    return redirect(url_for("pages.cases_asked") + "#gevraagd", 303)


def _page(typed: Mapping[str, str], errors: Mapping[str, Sequence[str]] | None = None, notice: str = "") -> str:
    errors = errors or {}
    with reading() as session:
        asked = method.case_requests(session, by=known(session), at=now())
        return render(
            "case_requests.html",
            typed=typed,
            errors=errors,
            faults=[
                Fault(f"veld-{name}", label, " ".join(errors[name])) for name, label in FIELDS.items() if name in errors
            ],
            reasons=REASONS,
            asked=asked,
            notice=notice,
            days=int(settings.get(session, "pull.answer_days", on=local_date())),
        )
