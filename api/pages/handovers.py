"""Handovers on the page of a case, taking an offer back, and what a sender hears afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from api.pages import proofs, shown, words
from api.pages.blueprint import pages
from api.pages.people import known
from api.transactions import now, transaction
from workflows import method
from workflows.errors import WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

KINDS = {
    "signaller_to_youth_health": "van signaleerder naar jeugdgezondheidszorg",
    "birth": "rond de geboorte",
    "youth_health_to_hub": "van jeugdgezondheidszorg naar het knooppunt",
    "case_director": "van casusregisseur naar casusregisseur",
    "organisation": "van organisatie naar organisatie",
    "municipality": "van gemeente naar gemeente",
    "regular_care": "naar gewone zorg",
    "compulsory_framework": "naar een gedwongen kader",
}
STATUSES = {
    "prepared": ("Voorbereid, nog niet verstuurd", "calm"),
    "asked": ("Er is een vraag aan de afzender", "soon"),
    "offered": ("Wacht op antwoord", "soon"),
    "accepted": ("Aangenomen", "good"),
    "refused": ("Niet aangenomen", "calm"),
    "withdrawn": ("Ingetrokken", "calm"),
    "expired": ("Verlopen", "calm"),
    "completed": ("Rond", "good"),
}
REFUSED = {
    "no_capacity": "geen plek of tijd",
    "not_our_task": "niet onze taak",
    "not_enough_information": "te weinig informatie",
    "parent_declines": "de ouder wil het niet",
    "other": "een andere reden",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A handover as it is read."""

    id: UUID
    kind: str
    sender: str
    receiver: str
    receiver_role: str
    status: str
    status_kind: str
    is_open: bool
    warmth: str
    offered_at: datetime | None
    reads_along: str
    contact_planned_on: date | None
    first_contact_on: date | None
    refused: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a sender hears: the day of the first contact, and nothing of what was said."""

    case_id: UUID
    number: str
    receiver: str
    on: date


def drawn(
    session: Session, case_id: UUID, found: Iterable[method.HandoverView], names: shown.Names, *, by: Actor
) -> dict[str, Any]:
    """What ``case/handovers.html`` shows of what was read."""
    return {
        "handovers": (lines := [_line(one, names, by) for one in found]),
        "handover_packages": proofs.cards(session, case_id, by=by) if lines else {},
        "handover_case": case_id,
        "may_hand_over_outside": method.may_hand_over_outside(session, case_id, by=by, at=now()),
        "may_withdraw_handover": method.may_withdraw_handover(session, case_id, by=by, at=now()),
    }


def heard(session: Session, names: shown.Names, *, by: Actor) -> list[Heard]:
    """For ``work/handovers.html``: first contacts after handovers that this team sent, of the last two weeks."""
    return [
        Heard(one.case_id, one.case_number, names.organisation(one.to_organisation_id), one.first_contact_on)
        for one in method.contact_notices(session, by=by, at=now())
    ]


@pages.post("/casussen/<uuid:case_id>/overdracht/intrekken")
def withdraw_handover(case_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.withdraw_handover(session, case_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("De overdracht is ingetrokken. U houdt de casus vast en kunt haar opnieuw aanbieden.", "ok")
    return redirect(url_for("pages.case", case_id=case_id), 303)


def _warmth(one: Any) -> str:
    """What is said of the talk of three: how it went once that is known, before that what is planned."""
    if one.offered_at is None:
        return ""
    if one.talked or one.status == "completed":
        return "Warm" if one.is_warm else "Koud"
    return "Gesprek met z’n drieën gepland" if one.is_warm else "Nog geen gesprek gepland"


def _reads_along(one: Any, names: shown.Names, by: Actor) -> str:
    """Until when the sender reads along, as either side reads it; empty when it does not, or no longer."""
    if one.status != "accepted" or one.overlap_until is None or one.overlap_until <= now():
        return ""
    last = words.short_day(one.overlap_until - timedelta(minutes=1))
    who = (
        "U leest"
        if one.from_organisation_id == by.organisation_id
        else f"{names.organisation(one.from_organisation_id)} leest"
    )
    return f"{who} nog mee tot en met {last}. Het stopt eerder: zodra de ontvanger het gezin sprak."


def _line(one: Any, names: shown.Names, by: Actor) -> Line:
    status, kind = STATUSES[one.status]
    return Line(
        id=one.id,
        kind=words.say(one.kind, KINDS),
        sender=names.organisation(one.from_organisation_id),
        receiver=names.organisation(one.to_organisation_id),
        receiver_role=one.to_role,
        status=status,
        status_kind=kind,
        is_open=one.status in ("prepared", "offered", "asked"),
        warmth=_warmth(one),
        offered_at=one.offered_at,
        reads_along=_reads_along(one, names, by),
        contact_planned_on=one.contact_planned_on,
        first_contact_on=one.first_contact_on,
        refused=words.say(one.refused_reason, REFUSED),
    )
