"""For an administrator: where somebody is logged in, and taking that away; the second factor of who lost a telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api import auth
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import accounts, organisations
from workflows.errors import WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@pages.get("/organisaties/mensen/<uuid:person_id>/toegang")
def person_access(person_id: UUID) -> str:
    with reading() as session:
        by = _manager(session, person_id)
        who = organisations.professional(session, person_id)
        found = accounts.accounts_of(session, person_id, by=by, at=now())
        return render(
            "person_access.html",
            person=who,
            accounts=[
                (one, accounts.is_enrolled(session, one.id), accounts.waits_for_activation(session, one.id, at=now()))
                for one in found
            ],
            sessions=accounts.sessions_of(session, person_id, by=by, at=now()),
            tokens=accounts.tokens_of(session, person_id, by=by, at=now()),
            organisation_id=_organisation(),
        )


@pages.post("/organisaties/mensen/<uuid:person_id>/toegang/uitloggen")
def end_sessions_of_person(person_id: UUID) -> Response:
    with transaction() as session:
        by = _manager(session, person_id)
        ended = accounts.end_sessions(session, person_id, by=by, at=now())
    flash("Overal uitgelogd." if ended else "Er waren geen sessies om te beëindigen.", "ok")
    return _again(person_id)


@pages.post("/organisaties/mensen/<uuid:person_id>/toegang/programmas/<uuid:token_id>/intrekken")
def revoke_token_of_person(person_id: UUID, token_id: UUID) -> Response:
    try:
        with transaction() as session:
            accounts.revoke_token(session, token_id, by=_manager(session, person_id), at=now())
    except WrongState:
        pass
    flash("Het programma kan niet meer namens deze persoon werken.", "ok")
    return _again(person_id)


@pages.post("/organisaties/mensen/<uuid:person_id>/toegang/<uuid:account_id>/code-weg")
def reset_second_factor(person_id: UUID, account_id: UUID) -> Response:
    try:
        with transaction() as session:
            accounts.reset_second_factor(session, account_id, by=_manager(session, person_id), at=now())
    except WrongState:
        flash("De extra controle stond al uit.", "warning")
    else:
        flash("De extra controle is weg. Bij het inloggen stelt deze persoon haar opnieuw in.", "ok")
    return _again(person_id)


@pages.post("/organisaties/mensen/<uuid:person_id>/toegang/<uuid:account_id>/activeringscode")
def issue_activation(person_id: UUID, account_id: UUID) -> Response | str:
    try:
        with transaction() as session:
            by = _manager(session, person_id)
            issued = accounts.issue_activation(session, account_id, by=by, at=now(), cost=auth.cost())
            who = organisations.professional(session, person_id)
            return render("activation.html", person=who, issued=issued, organisation_id=_organisation())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return _again(person_id)


def _manager(session: Session, person_id: UUID) -> Actor:
    """Who asks, when that is who looks after all of this person's access; everybody else is refused before anything is
    looked for."""
    by = known(session)
    organisations.require_person(session, person_id, whole=True, action="manage_accounts", by=by, at=now())
    return by


def _organisation() -> UUID | None:
    try:
        return UUID(request.values.get("organisatie", ""))
    except ValueError:
        return None


def _again(person_id: UUID) -> Response:
    return redirect(url_for("pages.person_access", person_id=person_id, organisatie=_organisation()), 303)
