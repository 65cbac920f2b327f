"""The Dutch pages: HTML on the server, usable without JavaScript. A view opens a transaction, calls one verb, renders.

Knows no rules and no SQL. What people typed comes back with every refusal; ``fields`` draws forms, ``words`` says codes
in Dutch, ``kept`` saves text from a session that ended.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response

from api import auth, problems
from api.pages import (
    absences,
    account,
    administering,
    assets,
    attachments,
    blocks,
    bsns,
    case_requests,
    cases,
    client_log,
    comments,
    desk,
    developers,
    directory,
    emergencies,
    errors,
    family_events,
    family_login,
    family_pages,
    fields,
    figures,
    grounds,
    handovers,
    help,
    hubs,
    kept,
    log,
    menu,
    moments,
    notifications,
    organisations,
    outside,
    paper,
    parent_logins,
    people,
    person_access,
    plans,
    programs,
    proofs,
    provided,
    rights,
    searching,
    settings,
    sharing,
    summaries,
    tasks,
    terms,
    timelines,
    undoing,
    webhooks,
    words,
    work,
    work_lists,
)
from api.pages.blueprint import by_htmx, family, pages
from api.transactions import now


def register(app: Flask) -> None:
    """The pages below ``/``, their filters, and the page that a refusal becomes."""
    assets.register(app)
    app.register_blueprint(pages)
    app.register_blueprint(family)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        role=lambda code: words.say(code, words.ROLES),
        status=lambda code: words.say(code, words.STATUSES),
        phase=lambda code: words.say(code, words.PHASES),
        result=lambda code: words.say(code, words.RESULTS),
        contact=lambda code: words.say(code, words.CONTACT),
        language=lambda code: words.say(code, words.LANGUAGES),
        purpose=lambda code: words.say(code, words.PURPOSES),
        compartment=lambda code: words.say(code, words.COMPARTMENTS),
        mark=lambda code: words.say(code, words.MARKS),
        concern=lambda code: words.say(code, words.CONCERNS),
        capital=words.capital,
        capped=words.capped,
        day=words.day,
        short_day=words.short_day,
        moment=words.moment,
        instant=lambda text: datetime.fromisoformat(text) if text else None,
        since=_since,
        term=_term,
        parts=fields.text_parts,
        marked=fields.marked,
    )
    app.jinja_env.globals.update(page_nonce=kept.page_nonce, menu_of=menu.menu_of, key_to=menu.key_to)
    family_pages.register(app)
    app.after_request(_keep_the_form)
    problems.html_renderer = errors.page_of


def _since(value: datetime | None) -> str:
    return words.since(value, now())


def _term(value: datetime | None) -> words.Term | None:
    return words.term(value, now())


def _keep_the_form(response: Response) -> Response:
    """A refusal to the script on a page becomes a line near the buttons, never comes in place of what was typed."""
    if by_htmx() and response.status_code >= 400:
        response.headers["HX-Retarget"] = "#bewaard"
        response.headers["HX-Reswap"] = "outerHTML"
    if by_htmx() and (left := auth.time_left()) is not None:
        response.headers["X-Session-Left"] = left
    return response


__all__ = [
    "absences",
    "account",
    "administering",
    "attachments",
    "blocks",
    "bsns",
    "case_requests",
    "cases",
    "client_log",
    "comments",
    "desk",
    "developers",
    "directory",
    "emergencies",
    "family",
    "family_events",
    "family_login",
    "family_pages",
    "figures",
    "grounds",
    "handovers",
    "help",
    "hubs",
    "log",
    "moments",
    "notifications",
    "organisations",
    "outside",
    "pages",
    "paper",
    "parent_logins",
    "people",
    "person_access",
    "plans",
    "programs",
    "proofs",
    "provided",
    "register",
    "rights",
    "searching",
    "settings",
    "sharing",
    "summaries",
    "tasks",
    "terms",
    "timelines",
    "undoing",
    "webhooks",
    "work",
    "work_lists",
]
