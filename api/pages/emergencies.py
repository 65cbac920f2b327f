"""Breaking the glass: why, what will happen, the case for a while, and stopping it. Nothing that was typed is in an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.auth import has_second_factor, prover
from api.confirming import require_proof
from api.pages import kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.fields import Fault
from api.pages.people import known
from api.problems import TooManyAttempts
from api.transactions import local_date, now, reading, transaction
from workflows import access, forms, method, settings
from workflows.errors import Invalid, NotAllowed, Refusal, TooOften, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

REASONS = {
    "life_at_risk": "Iemand is in levensgevaar",
    "acute_illness": "Iemand is plotseling erg ziek, of de bevalling is begonnen",
    "mental_crisis": "Iemand is in een psychische crisis, of wil niet meer leven",
    "child_in_danger": "Een kind is in gevaar",
    "other_emergency": "Iets anders dat niet kan wachten",
}
GROUNDS = {
    "vital_interest": ("Vitaal belang", "Het gaat om iemands leven of gezondheid, en toestemming vragen kan niet."),
    "conflict_of_duties": ("Conflict van plichten", "Zwijgen zou ernstige schade geven, en er is geen andere weg."),
    "right_to_report": ("Meldrecht", "U overlegt met Veilig Thuis, of u doet een melding."),
}
ENDS = {
    "time_over": "de tijd was om",
    "by_opener": "gestopt door wie de casus opende",
    "by_holder": "gestopt door wie de casus vasthoudt",
    "case_ended": "de casus is gesloten",
}
#: Every field, in the order of the page, with its label.
FIELDS = {
    "case_number": "Nummer van de casus",
    "parent_name": "Naam van de ouder",
    "birth_date": "Geboortedatum van de ouder",
    "reason": "Waarom kunt u niet wachten?",
    "explanation": "Wat is er aan de hand?",
    "ground": "Op grond waarvan kijkt u?",
    "password": "Uw wachtwoord",
    "one_time_code": "Uw code",
}
_NOTHING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened a case in an emergency."""

    id: UUID
    case_number: str
    who: str
    organisation: str
    role: str
    reason: str
    ground: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None
    ended: str
    runs: bool
    minutes_left: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reviewer reads beside the form."""

    case_number: str
    who: str
    organisation: str
    role: str
    reason: str
    ground: str
    explanation: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about, and how to reach them."""

    name: str
    kind: str
    birth_date: Any
    language: str | None
    interpreter_needed: bool
    contact: str | None
    contact_detail: str | None


def notice(view: Any, names: shown.Names) -> Notice:
    """For ``emergency_notice.html``, on the page of a review."""
    return Notice(
        view.case_number,
        view.person_name,
        names.organisation(view.organisation_id),
        view.role,
        REASONS.get(view.reason, view.reason),
        _ground(view.ground),
        view.explanation,
        view.opened_at,
        view.until_at,
        view.ended_at,
    )


def context(session: Session, case_id: UUID, names: shown.Names, *, by: Actor) -> dict[str, Any]:
    """What ``case/emergencies.html`` shows to who holds the case; nothing to others. Reading is written down."""
    if not method.may_see_emergencies(session, case_id, by=by, at=now()):
        return {"emergencies": []}
    return {
        "emergencies": [_opened(one, names) for one in method.case_emergencies(session, case_id, by=by, at=now())],
        "emergency_case": case_id,
    }


@pages.get("/noodinzage")
def emergency() -> str:
    return _form({})


@pages.post("/noodinzage")
def check_emergency() -> Response | str:
    """Shows what will happen. Looks nobody up: only opening tells whether a family is known."""
    typed = _typed()
    try:
        with reading() as session:
            _checked(typed, known(session))
    except Invalid as refusal:
        return make_response(_form(typed, refusal.errors), 400)
    return _confirm(typed)


@pages.post("/noodinzage/openen")
def open_emergency() -> Response | str:
    """Opens once, however often it is sent; what was typed comes back with every refusal, but for the password."""
    typed = _typed()
    refused: Refusal | None = None
    try:
        with reading() as session:
            given = _checked(typed, known(session))
    except Invalid as refusal:
        return make_response(_form(typed, refusal.errors), 400)
    try:
        require_proof(request.form.get("password", ""), request.form.get("one_time_code", ""))
        with transaction() as session:
            by = known(session)
            if (replay := kept.sent_before(session, by=by)) is not None:
                found = replay.location_id or _NOTHING
            else:
                try:
                    found = method.open_emergency(session, **given, by=by, at=now()).id
                except (method.NothingOpened, TooOften) as error:  # that it was tried is kept
                    refused, found = error, _NOTHING
                kept.now_sent(session, found)
    except Invalid as refusal:
        return make_response(_confirm(typed, refusal.errors), 400)
    except NotAllowed as refusal:  # a role of theirs must have a code, and they have none yet
        return make_response(_confirm(typed, notice=refusal), 403)
    except WrongState as refusal:
        return make_response(_confirm(typed, notice=refusal), 409)
    except TooManyAttempts as refusal:
        return _later(_confirm(typed, notice=refusal), refusal.retry_after)
    if found != _NOTHING:
        return redirect(url_for("pages.emergency_page", emergency_id=found), 303)
    told = refused or method.NothingOpened("sent before, and it opened nothing")
    if isinstance(told, TooOften):
        return _later(_confirm(typed, notice=told), told.retry_after)
    return make_response(_confirm(typed, notice=told), 404)


@pages.get("/noodinzage/openen")
def emergency_again() -> Response:
    """The address of a page that was sent, opened anew."""
    return redirect(url_for("pages.emergency"), 303)


@pages.get("/noodinzage/<uuid:emergency_id>")
def emergency_page(emergency_id: UUID) -> Response | str:
    try:
        with reading() as session:
            by, names = known(session), shown.Names(session)
            view = method.emergency_view(session, emergency_id, by=by, at=now())
            return render(
                "emergency_case.html",
                emergency=_opened(view.emergency, names),
                view=view,
                people=[_person(one) for one in view.members],
                holder=names.organisation(view.holder_organisation_id),
                municipality=names.municipality(view.municipality_code),
                entries=[shown.entry(one, names) for one in reversed(view.entries)],
            )
    except method.EmergencyOver as over:
        return make_response(render("emergency_over.html", told=over), 403)


@pages.post("/noodinzage/<uuid:emergency_id>/stoppen")
def end_emergency(emergency_id: UUID) -> Response:
    """By who opened it, or from the page of the case by who holds it."""
    try:
        with transaction() as session:
            ended = method.end_emergency(session, emergency_id, by=known(session), at=now())
            back = url_for("pages.emergency") if ended.mine else url_for("pages.case", case_id=ended.case_id)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.emergency" if _may_open() else "pages.work"), 303)
    flash("De noodinzage is gestopt. De casus is weer dicht.", "ok")
    return redirect(back, 303)


def _later(page: str, seconds: int) -> Response:
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _may_open() -> bool:
    with reading() as session:
        return access.allows(known(session), "break_glass", access.Facts())


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in FIELDS if name not in kept.ASKED_AGAIN}


def _checked(typed: Mapping[str, str], by: Actor) -> dict[str, Any]:
    """What was typed, as the verb takes it.

    Raises:
        NotAllowed: not for this role. Invalid: every field that is not right, at once.
    """
    day = forms.day_of(typed["birth_date"].strip())
    given: dict[str, Any] = {**typed, "birth_date": day}
    unread = (
        {} if day or not typed["birth_date"].strip() else {"birth_date": ["Vul een datum in, bijvoorbeeld 31-12-1996."]}
    )
    try:
        method.check_emergency(**given, by=by, at=now())
    except Invalid as refusal:
        refusal.errors |= unread
        raise
    if unread and not typed["case_number"].strip():
        raise Invalid("no day", errors=unread)
    return given


def _form(typed: Mapping[str, str], errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by, names = known(session), shown.Names(session)
        mine = method.my_emergencies(session, by=by, at=now())
        return render(
            "emergency.html",
            prover=prover(session),
            typed=typed,
            errors=errors or {},
            faults=_faults(errors or {}),
            reasons=REASONS,
            grounds=GROUNDS,
            mine=[_opened(one, names) for one in mine],
            minutes=int(settings.get(session, "emergency.minutes", on=local_date())),
            phones=_phones(session),
        )


def _confirm(
    typed: Mapping[str, str],
    errors: Mapping[str, Sequence[str]] | None = None,
    *,
    notice: Refusal | None = None,
) -> str:
    with reading() as session:
        by = known(session)
        if not access.allows(by, "break_glass", access.Facts()):
            raise NotAllowed("no emergency for this role")
        return render(
            "emergency_confirm.html",
            prover=prover(session),
            typed=typed,
            errors=errors or {},
            faults=_faults(errors or {}),
            notice=notice,
            asks_code=has_second_factor(),
            reason=REASONS.get(typed["reason"], ""),
            ground=_ground(typed["ground"]),
            nonce=kept.nonce(by, by.person_id),
            minutes=int(settings.get(session, "emergency.minutes", on=local_date())),
            phones=_phones(session),
        )


def _phones(session: Session) -> dict[str, str]:
    return {name: str(settings.get(session, f"phone.{name}", on=local_date())) for name in ("emergency", "safe_home")}


def _faults(errors: Mapping[str, Sequence[str]]) -> list[Fault]:
    order = list(FIELDS)
    return [
        Fault(f"veld-{name}", FIELDS.get(name, ""), " ".join(errors[name]))
        for name in sorted(errors, key=lambda name: order.index(name) if name in order else len(order))
    ]


def _opened(card: Any, names: shown.Names) -> Opened:
    left = max(0, int((card.until_at - now()).total_seconds() + 59) // 60)
    return Opened(
        id=card.id,
        case_number=card.case_number,
        who=card.person_name,
        organisation=names.organisation(card.organisation_id),
        role=card.role,
        reason=REASONS.get(card.reason, card.reason),
        ground=_ground(card.ground),
        opened_at=card.opened_at,
        until_at=card.until_at,
        ended_at=card.ended_at,
        ended=ENDS.get(card.ended_through or "", "de tijd was om"),
        runs=card.runs,
        minutes_left=left,
    )


def _person(view: Any) -> Person:
    return Person(
        name=view.name or "Nog zonder naam",
        kind=words.say(view.kind, words.MEMBERS),
        birth_date=view.birth_date,
        language=view.preferred_language,
        interpreter_needed=bool(view.interpreter_needed),
        contact=view.safe_contact,
        contact_detail=view.safe_contact_detail,
    )


def _ground(code: str) -> str:
    return GROUNDS[code][0] if code in GROUNDS else code
