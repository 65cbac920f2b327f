"""Handing over to somebody without an account: the sender's pages, and the one page that a link and a code open.

The page of the link asks for the code, whatever the link is, and looks nothing up: a program that follows links to show what
is behind them opens nothing. Everything that does not open gives the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from babel.dates import format_date
from flask import Response as FileResponse
from flask import current_app, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import auth
from api.pages import handovers, kept, proofs, summaries, typeset, words
from api.pages.blueprint import pages, render
from api.pages.fields import Fault
from api.pages.organisations import TYPES
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import ConsentMissing, GroundMissing, Invalid, Refusal, WrongState

KINDS = {name: handovers.KINDS[name] for name in ("regular_care", "compulsory_framework", "municipality")}
WAYS = {"link": "Met een link, en een code die u door de telefoon voorleest", "paper": "Op papier"}
RECEIPTS = {"takes_over": "Ik neem dit gezin over", "read": "Ik heb het gelezen"}
STATUSES = {
    "sent": ("Nog niet geopend", "soon"),
    "opened": ("Geopend, nog niet bevestigd", "soon"),
    "received": ("Ontvangen", "good"),
    "ended": ("Opent niet meer", "calm"),
}
ENDS = {
    "withdrawn": "U of uw team trok het in.",
    "consent_ended": "De ouder trok de toestemming in, of iemand anders houdt de casus vast.",
    "wrong_codes": "Er is te vaak een verkeerde code ingevuld. Bel de ontvanger en maak zo nodig een nieuwe link.",
}
#: Why something did not go along.
GROUNDS = {
    **proofs.GROUNDS,
    "not_this_role": "zoiets gaat niet mee naar iemand zonder account",
    "own_records": "dit hoort bij het werken hier, en is buiten niet van belang",
}
#: What the receiver reads below it: whether there is more that the parent can tell, and never what.
MORE = {
    True: "Er is meer. Vraag het de ouder.",
    False: "Wat is meegestuurd, is compleet.",
    None: "Er kan meer zijn: vraag het de ouder.",  # sent before that was looked at
}
#: Every field of the sender's form, with its label, in order.
FIELDS = {
    "party_kind": "Wat voor organisatie is het?",
    "party_name": "Aan wie draagt u over?",
    "telephone": "Op welk nummer belt u die persoon?",
    "kind": "Waar gaat het gezin heen?",
    "way": "Hoe komt het daar?",
    "shown_to_parent": "Samen bekeken",
}
RECEIPT_FIELDS = {
    "receipt": "Wat wilt u laten weten?",
    "name": "Uw naam",
    "function": "Uw functie",
    "organisation": "Uw organisatie",
}
_ADDRESS = re.compile(r"[A-Za-z0-9_-]{20,80}")
_Errors = Mapping[str, Sequence[str]]


@pages.get("/casussen/<uuid:case_id>/zonder-account")
def outside(case_id: UUID) -> str:
    return _form(case_id, {})


@pages.post("/casussen/<uuid:case_id>/zonder-account/bekijken")
def preview_outside(case_id: UUID) -> Response | str:
    typed = {name: request.form.get(name, "") for name in FIELDS}
    said = {name: value for name, value in typed.items() if name != "shown_to_parent"}
    if errors := method.outside_errors(**said):
        return make_response(_form(case_id, typed, errors), 400)
    try:
        return _shown(case_id, typed)
    except (ConsentMissing, GroundMissing) as refusal:
        return make_response(_form(case_id, typed, {"party_kind": [refusal.detail]}), 400)


@pages.post("/casussen/<uuid:case_id>/zonder-account")
def send_outside(case_id: UUID) -> Response | str:
    typed = {name: request.form.get(name, "") for name in FIELDS}
    given: dict[str, Any] = {**typed, "shown_to_parent": typed["shown_to_parent"] == "yes"}
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is not None:
                flash("U had dit al klaargezet. Een link en een code zien we maar één keer.", "warning")
                return redirect(url_for("pages.outside", case_id=case_id), 303)
            sent = method.hand_over_outside(session, case_id, **given, by=by, at=now())
            kept.now_sent(session, case_id)
    except Invalid as refusal:
        if set(refusal.errors) == {"shown_to_parent"}:
            return make_response(_shown(case_id, typed, refusal.errors), 400)
        return make_response(_form(case_id, typed, refusal.errors), 400)
    except (ConsentMissing, GroundMissing) as refusal:
        return make_response(_form(case_id, typed, {"party_kind": [refusal.detail]}), 400)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.case", case_id=case_id), 303)
    if not sent.token:
        flash("Het staat klaar. Druk het af en geef het mee, of stuur het met de post.", "ok")
        return redirect(url_for("pages.outside", case_id=case_id) + "#verstuurd", 303)
    home = current_app.extensions["steun.settings"].public_url
    path = url_for("pages.outside_package", token=sent.token)
    with reading() as session:
        known(session)
        return render(
            "outside_sent.html",
            case_id=case_id,
            link=f"{home}{path}" if home else url_for("pages.outside_package", token=sent.token, _external=True),
            code=f"{sent.code[:4]} {sent.code[4:]}",
            party=typed["party_name"].strip(),
            telephone=typed["telephone"].strip(),
        )


@pages.post("/zonder-account/<uuid:outside_id>/intrekken")
def withdraw_outside(outside_id: UUID) -> Response:
    case_id = UUID(int=0)
    try:
        with transaction() as session:
            case_id = method.withdraw_outside(session, outside_id, by=known(session), at=now()).case_id
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.cases"), 303)
    flash("Ingetrokken. De link opent niets meer.", "ok")
    return redirect(url_for("pages.outside", case_id=case_id), 303)


@pages.post("/zonder-account/<uuid:outside_id>/ontvangst")
def record_outside_receipt(outside_id: UUID) -> Response:
    given = {name: request.form.get(name, "") for name in RECEIPT_FIELDS}
    case_id = None
    try:
        with transaction() as session:
            found = method.record_outside_receipt(session, outside_id, **given, by=known(session), at=now())
            case_id = found.case_id
    except Invalid:
        flash(
            "Vul alles in wat de ontvanger zei: naam, functie, organisatie, en of het gezin is overgenomen.", "warning"
        )
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Vastgelegd. U houdt de casus vast tot u hem afsluit.", "ok")
    if case_id is None:
        return redirect(request.referrer if _from_here(request.referrer) else url_for("pages.cases"), 303)
    return redirect(url_for("pages.outside", case_id=case_id), 303)


@pages.get("/zonder-account/<uuid:outside_id>/papier.pdf")
def outside_paper(outside_id: UUID) -> FileResponse:
    with reading() as session:
        view, content = method.outside_paper(session, outside_id, by=known(session), at=now())
        maker = f"{g.me.name}, {words.say(g.me.role, words.ROLES)} bij {g.me.organisation}"
    people, entries = _people(content), _entries(content)
    document = {
        "title": "Overdracht van een gezin",
        "author": maker,
        "facts": [
            ["Voor", view.party_name],
            ["Van", content["sender"]],
            ["Gemaakt op", _day(content["made_on"])],
        ],
        "sections": [
            {"title": title, "lines": lines, "cut": False}
            for title, lines in (
                *((one["title"], [f"{a}: {b}" for a, b in one["facts"]]) for one in people),
                *((one["title"], [f"{a}: {b}" for a, b in one["answers"]]) for one in entries),
                ("Kenmerk van dit pakket, om later mee te vergelijken", [view.package_hash]),
                ("Laat weten dat u dit heeft gekregen", [f"Bel {maker}. Zeg uw naam, functie en organisatie."]),
            )
            if lines
        ],
        "footer": f"Vertrouwelijk. {_ground(content) or 'Dit staat erin met toestemming van de ouder.'} {MORE[content.get('more')]}",
        "more": "",
    }
    return FileResponse(
        typeset.pdf(summaries.TEMPLATE, document),
        mimetype="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="overdracht.pdf"'},
    )


@pages.get("/pakket/<token>")
def outside_package(token: str) -> str:
    """Asks for the code and looks nothing up: the same for every link."""
    return render("outside_open.html", token=token)


@pages.post("/pakket/<token>")
def open_outside_package(token: str) -> Response | str:
    auth.may_try()
    by = method.outsider("outside_link", request_id=g.get("request_id"))
    if "receipt_token" in request.form:
        return _confirm(token, by)
    refused: Refusal | None = None
    with transaction() as session:
        auth.identify(session, by)
        try:
            if not _ADDRESS.fullmatch(token):
                raise method.NothingOpens("no link looks like this")
            opened = method.open_outside(session, token, request.form.get("code", ""), by=by, at=now())
        except method.NothingOpens as refusal:  # that it was tried is kept
            refused = refusal
            auth.note_attempt(session)
    if refused is not None:
        return make_response(render("outside_open.html", token=token, refused=refused), 400)
    return render(
        "outside_package.html",
        token=token,
        sender=opened.content["sender"],
        ground=_ground(opened.content),
        made_on=_day(opened.content["made_on"]),
        people=_people(opened.content),
        entries=_entries(opened.content),
        more=MORE[opened.content.get("more")],
        receipt_token=opened.receipt_token,
        package_hash=opened.package_hash,
        receipts=RECEIPTS,
        labels=RECEIPT_FIELDS,
        typed={},
        errors={},
        faults=[],
    )


def _confirm(token: str, by: Any) -> Response | str:
    typed = {name: request.form.get(name, "") for name in RECEIPT_FIELDS}
    secret = request.form.get("receipt_token", "")
    try:
        with transaction() as session:
            auth.identify(session, by)
            method.confirm_outside(session, token, secret, **typed, by=by, at=now())
    except Invalid as refusal:
        page = render(
            "outside_package.html",
            token=token,
            receipt_token=secret,
            receipts=RECEIPTS,
            labels=RECEIPT_FIELDS,
            typed=typed,
            errors=refusal.errors,
            faults=_faults(refusal.errors, RECEIPT_FIELDS),
        )
        return make_response(page, 400)
    except method.NothingOpens as refusal:
        with transaction() as session:
            auth.note_attempt(session)
        return make_response(render("outside_open.html", token=token, refused=refusal), 400)
    return render("outside_done.html", takes_over=typed["receipt"] == "takes_over")


def _form(case_id: UUID, typed: Mapping[str, str], errors: _Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = method.outside_list(session, case_id, by=by, at=now())
        return render(
            "outside.html",
            case_id=case_id,
            sent=[_line(one) for one in found],
            typed=typed,
            errors=errors or {},
            faults=_faults(errors or {}, FIELDS),
            labels=FIELDS,
            kinds=KINDS,
            ways=WAYS,
            party_kinds=TYPES,
            receipts={"takes_over": "De ontvanger neemt het gezin over", "read": "De ontvanger heeft het gelezen"},
        )


def _shown(case_id: UUID, typed: Mapping[str, str], errors: _Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        content = method.outside_preview(session, case_id, party_kind=typed["party_kind"], by=by, at=now())
        return render(
            "outside_preview.html",
            case_id=case_id,
            typed={name: value for name, value in typed.items() if name != "shown_to_parent"},
            party=typed["party_name"],
            ground=_ground(content),
            people=_people(content),
            entries=_entries(content),
            more=f"Is er meer, dan leest de ontvanger alleen: {MORE[True]}",  # the parent looks along
            nonce=kept.nonce(by, case_id),
            errors=errors or {},
            faults=_faults(errors or {}, FIELDS),
        )


def _line(one: Any) -> dict[str, Any]:
    status, badge = ("Verlopen", "calm") if one.over else STATUSES[one.status]
    if one.way == "paper" and one.status in ("sent", "opened"):
        status = "Op papier, nog niet bevestigd"
    return {
        "id": one.id,
        "party": one.party_name,
        "telephone": one.telephone,
        "kind": KINDS.get(one.kind, one.kind),
        "way": one.way,
        "status": status,
        "badge": badge,
        "sent_at": one.sent_at,
        "hash": one.receipt_hash or one.package_hash,
        "holds": one.holds,
        "went": one.went,
        "held_back": [
            proofs.held(each.kind, each.compartment, each.ground, each.count, grounds=GROUNDS) for each in one.held_back
        ],
        "open_until": one.open_until,
        "waits": one.status in ("sent", "opened"),
        "is_paper": one.way == "paper" and one.status != "ended",
        "receipt": RECEIPTS.get(one.receipt or "", ""),
        "receiver": ", ".join(filter(None, (one.receiver_name, one.receiver_function, one.receiver_organisation))),
        "received_at": one.received_at,
        "by_telephone": one.by_telephone,
        "ended": ENDS.get(one.ended_because or "", ""),
    }


def _ground(content: Mapping[str, Any]) -> str:
    """On what it rests when that is not consent alone, in a sentence; nothing: consent."""
    ground = content.get("ground")
    return (
        f"Dit wordt gedeeld op een andere grond dan toestemming: {words.say(ground, words.GROUNDS)}." if ground else ""
    )


def _people(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for one in content["people"]:
        contact = words.say(one["safe_contact"], words.CONTACT) if one["safe_contact"] else ""
        facts = (
            ("Geboren op", _day(one["birth_date"])),
            ("Taal", words.say(one["language"], words.LANGUAGES) if one["language"] else ""),
            ("Tolk", "nodig" if one["interpreter_needed"] else ""),
            ("Veilig te bereiken", ": ".join(filter(None, (contact, one["safe_contact_detail"])))),
        )
        kind = words.say(one["kind"], words.MEMBERS)
        found.append({"title": f"{one['name']}, {kind}", "facts": [pair for pair in facts if pair[1]]})
    return found


def _entries(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{words.say(one['form'], words.FORMS)}, {_day(one['on'])}{', ' + one['by'] if one['by'] else ''}",
            "answers": one["answers"],
        }
        for one in content["entries"]
    ]


def _day(iso: str | None) -> str:
    return format_date(date.fromisoformat(iso), "d MMMM yyyy", locale="nl") if iso else ""


def _faults(errors: _Errors, labels: Mapping[str, str]) -> list[Fault]:
    return [Fault(name, labels[name], " ".join(errors[name])) for name in labels if name in errors]


def _from_here(address: str | None) -> bool:
    return bool(address and address.startswith(request.host_url))
