"""Pages about rights: what was asked in a case, the copy, correcting, what must be kept, destroying, and after a breach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import breaches
from api.pages import copies, fields, kept, shown, words
from api.pages.blueprint import by_htmx, pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

KINDS = {
    "access_copy": "Een kopie van alles",
    "correction": "Iets verbeteren",
    "addition": "Eigen woorden toevoegen",
    "destruction": "Gegevens vernietigen",
}
STATUSES = {
    "received": ("Binnengekomen", "soon"),
    "in_progress": ("In behandeling", "soon"),
    "granted": ("Ingewilligd", "good"),
    "partly": ("Gedeeltelijk ingewilligd", "calm"),
    "refused": ("Niet ingewilligd", "calm"),
}
REFUSED = {
    "interest_of_another": "het belang van een ander weegt zwaarder",
    "law_forbids": "een wet verbiedt het",
    "legal_hold": "er geldt een bewaarplicht",
    "not_entitled": "deze persoon mag dit niet vragen",
    "nothing_kept": "er is hierover niets opgeschreven",
    "facts_are_right": "wat er staat, klopt",
}
ASKED_BY = {
    "self": "de persoon zelf",
    "parent_with_authority": "een ouder met gezag",
    "both_parents": "beide ouders",
    "minor_and_parents": "de jongere en de ouders samen",
    "curator": "de curator",
    "guardian": "de voogd",
}
HOLDS = {
    "complaint": "Een klacht",
    "disciplinary_case": "Een tuchtzaak",
    "inspection": "Een onderzoek van de inspectie",
    "calamity": "Onderzoek na een calamiteit",
    "court_case": "Een rechtszaak",
    "criminal_case": "Een strafzaak",
}
POSTPONED = {
    "support_may_return": "Het gezin komt misschien terug",
    "interest_of_another": "Het belang van een ander",
    "law_forbids": "Een wet verbiedt vernietigen",
    "term_in_doubt": "We weten niet zeker of de termijn klopt",
}
CLASSES = {"case": "gewone casus", "loss": "verlies", "compulsory": "gedwongen kader", "unshared": "nooit gedeeld"}
RULES = {"retention_over": "de bewaartermijn was voorbij", "on_request": "op verzoek"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the page shows it."""

    kind: str
    status: str
    status_kind: str
    about: str
    asked_by: str
    received_on: date
    answer_by: date
    decided_at: datetime | None
    refused: str
    task_id: UUID | None
    is_open: bool
    is_copy: bool
    id: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """A legal hold as the page shows it."""

    id: UUID
    reason: str
    organisation: str
    set_at: datetime
    ended_at: datetime | None
    mine: bool


def asked(one: method.RequestView) -> Asked:
    """A request in words."""
    status, kind = STATUSES[one.status]
    return Asked(
        kind=words.say(one.kind, KINDS),
        status=status,
        status_kind=kind,
        about=words.say(one.subject_kind, words.MEMBERS),
        asked_by=words.say(one.requested_by, ASKED_BY),
        received_on=one.received_on,
        answer_by=one.answer_by,
        decided_at=one.decided_at,
        refused=words.say(one.refused_reason, REFUSED),
        task_id=one.task_id,
        is_open=one.decided_at is None,
        is_copy=one.may_copy,
        id=one.id,
    )


@pages.get("/casussen/<uuid:case_id>/verzoeken")
def case_requests(case_id: UUID) -> str:
    return _requests_page(case_id)


@pages.post("/casussen/<uuid:case_id>/bewaarplicht")
def set_hold(case_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.set_hold(session, case_id, request.form.get("hold_reason", ""), by=known(session), at=now())
    except Invalid as refusal:
        return make_response(_requests_page(case_id, errors=refusal.errors), 400)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("De bewaarplicht is vastgelegd. Van deze casus wordt nu niets vernietigd.", "ok")
    return redirect(url_for("pages.case_requests", case_id=case_id), 303)


@pages.post("/casussen/<uuid:case_id>/bewaarplicht/<uuid:hold_id>/stoppen")
def end_hold(case_id: UUID, hold_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.end_hold(session, case_id, hold_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("De bewaarplicht is gestopt.", "ok")
    return redirect(url_for("pages.case_requests", case_id=case_id), 303)


@pages.get("/verzoeken/<uuid:request_id>/kopie.<any(pdf, json):media>")
def copy_file(request_id: UUID, media: method.Media) -> FlaskResponse:
    return copies.download(request_id, media)


def _requests_page(case_id: UUID, *, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        found = method.request_list(session, case_id, by=by, at=now())
        holds = [
            Held(
                one.id, words.say(one.reason, HOLDS), names.organisation(one.organisation_id), one.set_at, one.ended_at,
                one.id == found.own_hold,
            )
            for one in found.holds
        ]  # fmt: skip
        return render(
            "requests.html",
            case_id=case_id,
            number=found.number,
            requests=[asked(one) for one in found.requests],
            holds=holds,
            may_hold=found.own_hold is None,
            reasons=HOLDS,
            errors=errors or {},
        )


# --- correcting

_ENTRY = "/casussen/<uuid:case_id>/antwoorden/<uuid:entry_id>/verbeteren"


@pages.get(_ENTRY)
def correction(case_id: UUID, entry_id: UUID) -> str:
    with reading() as session:
        by = known(session)
        form = method.correction_form(session, case_id, entry_id, by=by, at=now())
    return _correction_page(case_id, form, fields.flatten(form.answers), by)


@pages.post(f"{_ENTRY}/voorbeeld")
def preview_correction(case_id: UUID, entry_id: UUID) -> str:
    """The questions that apply to what is typed now; also adds and removes rows. Keeps nothing."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    fields.change_rows(typed, request.form.get("_do", ""))
    with reading() as session:
        by = known(session)
        form = method.correction_form(session, case_id, entry_id, by=by, at=now())
    if by_htmx():
        blocks = fields.draw(form.form, typed, choices=form.choices)
        preview = url_for("pages.preview_correction", case_id=case_id, entry_id=entry_id)
        return render_template("family_event_fields.html", form_blocks=blocks, preview=preview)
    return _correction_page(case_id, form, typed, by)


@pages.get(f"{_ENTRY}/voorbeeld")
def correction_again(case_id: UUID, entry_id: UUID) -> Response:
    """The address of a form that was sent, opened anew: back to its page."""
    return redirect(url_for("pages.correction", case_id=case_id, entry_id=entry_id), 303)


@pages.post(_ENTRY)
def correct(case_id: UUID, entry_id: UUID) -> Response:
    """Once per page that was opened; whatever stands in the way, everything typed comes back."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    done = None
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                form = method.correction_form(session, case_id, entry_id, by=by, at=now())
                done = method.correct_entry(
                    session, case_id, entry_id, answers=fields.answers(form.form, typed), by=by, at=now()
                )
                kept.now_sent(session, done.entry_id)
    except Invalid as refusal:
        with reading() as session:
            by = known(session)
            form = method.correction_form(session, case_id, entry_id, by=by, at=now())
        page = _correction_page(
            case_id, form, typed, by, errors=refusal.errors, notice=None if refusal.errors else refusal.detail
        )
        return make_response(page, 400)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.case", case_id=case_id), 303)
    flash(_told(done), "ok")
    return redirect(f"{url_for('pages.case', case_id=case_id)}#antwoorden", 303)


def _told(done: method.Correction | None) -> str:
    said = ["Het is verbeterd. Wat er stond, blijft leesbaar als ‘later verbeterd’."]
    if done is not None and done.told:
        said.append(f"Dit hoort nu ook {' en '.join(done.told)}: er is iets verbeterd.")
    if done is not None and done.to_call:
        said.append(f"Bel zelf {' en '.join(done.to_call)}: zij kregen het eerder, en zien de casus niet meer.")
    return " ".join(said)


def _correction_page(
    case_id: UUID,
    form: method.CorrectionForm,
    typed: fields.Typed,
    by: Actor,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    notice: str | None = None,
) -> str:
    wrong = errors or {}
    where: dict[str, Any] = {"case_id": case_id, "entry_id": form.entry_id}
    return render(
        "correction.html",
        case_id=case_id,
        title=words.say(form.form.key, words.FORMS),
        action=url_for("pages.correct", **where),
        preview=url_for("pages.preview_correction", **where),
        form_blocks=fields.draw(form.form, typed, errors=wrong, choices=form.choices),
        errors=fields.faults(wrong, form.form),
        notice=notice,
        nonce=kept.nonce(by, form.entry_id),
    )


# --- destroying


@pages.get("/vernietigen")
def destructions() -> str:
    return _destructions_page()


@pages.post("/vernietigen/<uuid:case_id>/bevestigen")
def confirm_destruction(case_id: UUID) -> Response:
    try:
        with transaction() as session:
            by = known(session)
            left = method.confirm_destruction(session, case_id, by=by, at=now())
            kept.note(session, case_id, by=by)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    except NotFound as refusal:
        kept.pass_when_sent_twice(refusal)
    else:
        flash(
            "Bevestigd. Een collega bevestigt als tweede; pas dan wordt de casus vernietigd."
            if left
            else "Bevestigd. De casus wordt nu vernietigd. Het bewijs staat zo onder aan deze bladzijde.",
            "ok",
        )
    return redirect(url_for("pages.destructions"), 303)


@pages.post("/vernietigen/<uuid:case_id>/uitstellen")
def postpone_destruction(case_id: UUID) -> Response:
    try:
        until_on = words.read_day(request.form.get("until_on", ""))
    except ValueError:
        until_on = date.min
    try:
        with transaction() as session:
            by = known(session)
            reason = request.form.get("postpone_reason", "")
            method.postpone_destruction(session, case_id, reason, until_on=until_on, by=by, at=now())
            kept.note(session, case_id, by=by)
    except Invalid as refusal:
        return make_response(_destructions_page(wrong=case_id, errors=refusal.errors), 400)
    except NotFound as refusal:
        kept.pass_when_sent_twice(refusal)
    flash("Uitgesteld. Op die dag staat de casus weer op deze lijst.", "ok")
    return redirect(url_for("pages.destructions"), 303)


def _destructions_page(*, wrong: UUID | None = None, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = method.destruction_list(session, by=by, at=now())
        return render(
            "destructions.html",
            due=found.due,
            done=found.done,
            more=found.more,
            classes=CLASSES,
            rules=RULES,
            reasons=POSTPONED,
            wrong=wrong,
            errors=errors or {},
            typed=request.form,
            nonce=lambda: kept.nonce(by),
            soonest=now().astimezone(words.AMSTERDAM).date() + timedelta(days=1),
        )


# --- after a breach

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pages.get("/datalek")
def breach() -> Response | str:
    if not request.args.get("van"):
        with reading() as session:
            method.may_report_breach(session, by=known(session), at=now())
        return render("breach.html", report=None, errors={}, typed=request.args, subjects=words.MEMBERS)
    try:
        with reading() as session:
            report = _report(session)
    except Invalid as refusal:
        return make_response(
            render("breach.html", report=None, errors=refusal.errors, typed=request.args, subjects=words.MEMBERS), 400
        )
    return render("breach.html", report=report, errors={}, typed=request.args, subjects=words.MEMBERS)


@pages.get("/datalek/overzicht.<any(csv, json):media>")
def breach_file(media: str) -> FlaskResponse:
    with reading() as session:
        report = _report(session, exported=True)
    data, mimetype = (
        (breaches.as_csv(report), "text/csv") if media == "csv" else (breaches.as_json(report), "application/json")
    )
    return FlaskResponse(
        data, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="datalek.{media}"'}
    )


def _report(session: Session, *, exported: bool = False) -> method.BreachReport:
    by = known(session)
    return method.breach_report(
        session,
        since=_day("van", "since"),
        until=_day("tot", "until") + timedelta(days=1),
        noticed_at=_moment("ontdekt"),
        by=by,
        exported=exported,
        at=now(),
    )


def _day(name: str, field: str) -> datetime:
    try:
        found = words.read_day(request.args.get(name, ""))
        return datetime(found.year, found.month, found.day, tzinfo=_AMSTERDAM)
    except (ValueError, OverflowError):
        raise Invalid("breach report", errors={field: ["Vul een dag in die bestaat."]}) from None


def _moment(name: str) -> datetime | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("breach report", errors={"noticed_at": ["Vul een dag en tijd in."]}) from None
    return found if found.tzinfo else found.replace(tzinfo=_AMSTERDAM)
