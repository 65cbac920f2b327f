"""Programs of the own organisation that hear what happens: the administrator chooses where, what, and sees how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import auth
from api.event_words import TYPES, failure
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import topics, webhooks
from workflows.errors import Invalid, TooOften, WrongState
from workflows.webhooks import EventType, Webhook

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

Errors = Mapping[str, Sequence[str]]
#: What one chooses, in groups of a form.
GROUPS: Sequence[tuple[str, Sequence[EventType]]] = tuple(
    (title, tuple(kind for kind in EventType if kind.startswith(start)))
    for title, start in (("Taken", "task."), ("Casussen", "case."), ("Overdrachten", "handover."))
)
#: What became of a message, and how that is told.
STATUSES: Mapping[str, tuple[str, str]] = {
    "pending": ("Wacht", "calm"),
    "sent": ("Aangekomen", "good"),
    "failed": ("Niet aangekomen", "late"),
}


@pages.get("/koppelingen")
def webhook_list() -> str:
    return _list()


@pages.post("/koppelingen")
def create_webhook() -> Response:
    typed = _typed()
    try:
        with transaction() as session:
            made, secret = webhooks.create(
                session, **typed, allowed=auth.settings().webhook_allowed, by=known(session), at=now()
            )
            return make_response(render("webhook_secret.html", webhook=made, secret=secret, renewed=False))
    except Invalid as refusal:
        return make_response(_list(refusal.errors, typed), 400)


@pages.get("/koppelingen/<uuid:webhook_id>")
def webhook_page(webhook_id: UUID) -> str:
    return _page(webhook_id)


@pages.post("/koppelingen/<uuid:webhook_id>")
def change_webhook(webhook_id: UUID) -> Response:
    typed = _typed()
    version = request.form.get("_version", "")
    try:
        with transaction() as session:
            webhooks.change(
                session,
                webhook_id,
                **typed,
                allowed=auth.settings().webhook_allowed,
                version=int(version) if version.isascii() and version.isdigit() else 0,
                by=known(session),
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_page(webhook_id, refusal.errors, typed), 400)
    flash("De koppeling is veranderd.", "ok")
    return _again(webhook_id)


@pages.post("/koppelingen/<uuid:webhook_id>/geheim")
def renew_webhook_secret(webhook_id: UUID) -> str:
    with transaction() as session:
        found, secret = webhooks.rotate(session, webhook_id, by=known(session), at=now())
        return render("webhook_secret.html", webhook=found, secret=secret, renewed=True)


@pages.post("/koppelingen/<uuid:webhook_id>/proberen")
def try_webhook(webhook_id: UUID) -> Response:
    return _do(webhook_id, webhooks.try_out, "Het proefbericht is op weg. Kijk zo bij ‘Berichten’ of het aankwam.")


@pages.post("/koppelingen/<uuid:webhook_id>/stilzetten")
def pause_webhook(webhook_id: UUID) -> Response:
    return _do(webhook_id, webhooks.pause, "De koppeling staat stil. Wat er gebeurt, bewaren we dertig dagen.")


@pages.post("/koppelingen/<uuid:webhook_id>/aanzetten")
def resume_webhook(webhook_id: UUID) -> Response:
    return _do(webhook_id, webhooks.resume, "De koppeling staat weer aan. Wat bewaard was, wordt verstuurd.")


@pages.post("/koppelingen/<uuid:webhook_id>/verwijderen")
def end_webhook(webhook_id: UUID) -> Response:
    with transaction() as session:
        webhooks.end(session, webhook_id, by=known(session), at=now())
    flash("De koppeling is verwijderd.", "ok")
    return redirect(url_for("pages.webhook_list"), 303)


@pages.post("/koppelingen/<uuid:webhook_id>/berichten/<uuid:delivery_id>")
def retry_webhook_delivery(webhook_id: UUID, delivery_id: UUID) -> Response:
    with transaction() as session:
        webhooks.retry(session, webhook_id, delivery_id, by=known(session), at=now())
    flash("Het bericht wordt opnieuw verstuurd.", "ok")
    return _again(webhook_id)


def _do(webhook_id: UUID, verb: Callable[..., object], done: str) -> Response:
    try:
        with transaction() as session:
            verb(session, webhook_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    except TooOften:
        flash("Er wachten al proefberichten. Kijk eerst of die aankomen.", "warning")
    else:
        flash(done, "ok")
    return _again(webhook_id)


def _list(errors: Errors | None = None, typed: Mapping[str, Any] | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = webhooks.own_all(session, by=by, at=now())
        return render(
            "webhooks.html",
            webhooks=[(one, _said(one)) for one in found],
            standing=topics.own_standing(session, by=by, at=now()),
            may_add=len(found) < webhooks.MOST,
            groups=GROUPS,
            said=TYPES,
            errors=errors or {},
            typed=typed or {"label": "", "url": "", "events": []},
        )


def _page(webhook_id: UUID, errors: Errors | None = None, typed: Mapping[str, Any] | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = _own(session, webhook_id, by)
        sent = webhooks.deliveries(session, webhook_id, by=by, at=now())
        return render(
            "webhook.html",
            webhook=found,
            badge=_said(found),
            breaker=found.breaker(now()),
            why=failure(found.last_error) if found.last_error else "",
            deliveries=[
                (one, *STATUSES[one.status], failure(one.error) if one.error else "", TYPES[one.type]) for one in sent
            ],
            groups=GROUPS,
            said=TYPES,
            errors=errors or {},
            typed=typed or {"label": found.label, "url": found.url, "events": found.events},
        )


def _own(session: Session, webhook_id: UUID, by: Actor) -> Webhook:
    return webhooks.own(session, webhook_id, by=by, at=now())


def _said(webhook: Webhook) -> tuple[str, str]:
    """How it stands, and how that is told."""
    if webhook.status == "paused":
        return ("Staat stil", "soon" if webhook.pause_reason == "by_hand" else "late")
    if webhook.failures:
        return ("Komt nu niet aan", "soon")
    if webhook.is_troubled:
        return ("Antwoordt langzaam", "soon")
    return ("Werkt", "good") if webhook.arrived_at else ("Nog niets verstuurd", "calm")


def _typed() -> dict[str, Any]:
    return {
        "label": request.form.get("label", ""),
        "url": request.form.get("url", "").strip(),
        "events": request.form.getlist("events"),
    }


def _again(webhook_id: UUID) -> Response:
    return redirect(url_for("pages.webhook_page", webhook_id=webhook_id), 303)
