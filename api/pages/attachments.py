"""Files with a case: a part of its page, a page of their own when something is wrong with one, and each as a download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import current_app, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import uploads
from api.attachments import download
from api.pages import kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.scanning import ScannerAway
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

Errors = dict[str, list[str]]


def context(
    session: Session,
    case_id: UUID,
    names: shown.Names,
    *,
    by: Actor,
    typed: dict[str, str] | None = None,
    errors: Errors | None = None,
) -> dict[str, Any]:
    """What ``case/attachments.html`` shows; reading is written down.

    Args:
        typed: what somebody wrote that was not kept. errors: what was wrong, by field.
    """
    found = method.attachment_list(session, case_id, by=by, at=now())
    choices = method.may_attach(session, case_id, by=by, at=now())
    return {
        "attachment_case": case_id,
        "attachments": [
            {
                "id": one.id,
                "name": one.name,
                "description": one.description,
                "size": uploads.megabytes(one.size),
                "author": one.author_name or "Iemand",
                "organisation": names.organisation(one.organisation_id),
                "role": one.role,
                "at": one.at,
                "compartment": one.compartment,
                "may_remove": one.may_remove,
            }
            for one in found
        ],
        "attachment_choices": [(code, words.say(code, words.COMPARTMENTS)) for code in choices],
        "attachment_nonce": kept.nonce(by, case_id),
        "attachment_typed": typed or {},
        "attachment_errors": errors or {},
        "attachment_most": uploads.megabytes(current_app.extensions["steun.settings"].max_attachment),
    }


@pages.get("/casussen/<uuid:case_id>/bijlagen")
def attachments(case_id: UUID) -> str:
    return _page(case_id)


@pages.post("/casussen/<uuid:case_id>/bijlagen")
def add_attachment(case_id: UUID) -> Response | str:
    """Keep a file once, however often it is sent; what was typed comes back with whatever is wrong."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("description", "compartment")}
    try:
        with reading() as session:
            method.require_attach(session, case_id, by=known(session), at=now())
        prepared = uploads.sent()
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                method.add_attachment(
                    session,
                    case_id,
                    prepared,
                    description=typed["description"],
                    compartment=typed["compartment"] or None,
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, case_id)
    except Invalid as refusal:
        return make_response(_page(case_id, typed, dict(refusal.errors)), 400)
    except WrongState as refusal:
        return make_response(_page(case_id, typed, {"file": [refusal.detail]}), 409)
    except ScannerAway as refusal:
        return make_response(_page(case_id, typed, {"file": [refusal.detail]}), 503)
    flash("Het bestand staat erbij.", "ok")
    return redirect(f"{url_for('pages.case', case_id=case_id)}#bijlagen", 303)


@pages.get("/casussen/<uuid:case_id>/bijlagen/<uuid:attachment_id>")
def attachment(case_id: UUID, attachment_id: UUID) -> Response:
    with reading() as session:
        found = method.open_attachment(session, case_id, attachment_id, by=known(session), at=now())
    return download(found)


@pages.post("/casussen/<uuid:case_id>/bijlagen/<uuid:attachment_id>/weghalen")
def remove_attachment(case_id: UUID, attachment_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.remove_attachment(session, case_id, attachment_id, by=known(session), at=now())
    except NotFound as refusal:
        kept.pass_when_sent_twice(refusal)
    flash("Het bestand is weg.", "ok")
    return redirect(f"{url_for('pages.case', case_id=case_id)}#bijlagen", 303)


def _page(case_id: UUID, typed: dict[str, str] | None = None, errors: Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        given = context(session, case_id, shown.Names(session), by=by, typed=typed, errors=errors)
        return render("attachments.html", case_id=case_id, **given)
