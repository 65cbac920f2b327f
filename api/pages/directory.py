"""The Wegwijzer: what a municipality has, how fresh that is, and the pages on which its editor keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import fields, kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import directory, organisations
from workflows.directory import Availability, PathwayOnDay, PathwayStatus, Theme
from workflows.errors import Invalid, NotAllowed, NotFound, Refusal, StaleVersion, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: Belongs to no task, so what was typed when a session ended is shown to copy from.
_NO_TASK = UUID(int=0)
_NOBODY = UUID(int=0)
_STATUS_KINDS = {"current": "good", "stale": "late", "concept": "calm"}
_ROOM_KINDS = {"available": "good", "waiting_list": "soon", "full": "late"}


@dataclass(frozen=True, slots=True)
class Pathway:
    """A pathway as it is read; ``freshness`` says when somebody last looked, in words."""

    theme: str
    theme_name: str
    status: str
    status_name: str
    status_kind: str
    freshness: str
    agreements: Sequence[fields.TextPart]
    contact_name: str
    contact_phone: str
    contact_mail: str
    organisation: str
    referral_how: str
    cost: str
    wait_time: str
    room: str
    room_kind: str
    languages: str
    version: int = 0

    @property
    def is_stale(self) -> bool:
        return self.status == PathwayStatus.STALE

    @property
    def dialled(self) -> str:
        return "".join(sign for sign in self.contact_phone if sign in "+0123456789")


@dataclass(frozen=True, slots=True)
class Offer:
    """Where an intervention can be had."""

    organisation: str
    room: str
    room_kind: str
    referral_how: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An intervention to talk about."""

    name: str
    description: str
    why: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What ``case/advice.html`` shows with a task."""

    municipality: str
    pathways: tuple[Pathway, ...]
    missing: tuple[str, ...]
    interventions: tuple[Suggestion, ...]
    unreadable: bool


def advice(given: Any, names: shown.Names) -> Advice | None:
    """For ``{% include "case/advice.html" %}``: the ``advice`` of a ``method.TaskView``; None when there is none."""
    if given is None:
        return None
    return Advice(
        municipality=names.municipality(given.municipality_code),
        pathways=tuple(_pathway(one, one.status, one.last_reviewed_on, names) for one in given.pathways),
        missing=tuple(words.say(theme, words.THEMES) for theme in given.missing),
        interventions=tuple(
            Suggestion(
                name=one.name,
                description=one.description,
                why=one.why,
                offers=tuple(
                    Offer(names.organisation(each.organisation_id), *_room(each.capacity), each.referral_how)
                    for each in one.offers
                ),
            )
            for one in given.interventions
        ),
        unreadable=given.unreadable,
    )


@pages.get("/wegwijzer")
def directory_page() -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        found = organisations.municipalities(session, on=local_date())
        code = request.args.get("gemeente") or _own(session, by, [one.code for one in found])
        organisations.municipality(session, code)
        may_edit = directory.may_edit(session, code, by=by)
        by_theme = {one.pathway.theme: one for one in directory.pathways_for(session, None, code, local_date())}
        if not may_edit:  # a concept is the editor's own affair
            by_theme = {key: one for key, one in by_theme.items() if one.status != PathwayStatus.CONCEPT}
        interventions = {one.code: one for one in directory.interventions(session)}
        offers = directory.all_offers(session, code) if may_edit else directory.offers(session, code, local_date())
        notices = directory.notices(session, code, by=by, at=now()) if may_edit else []
        return render(
            "directory.html",
            code=code,
            municipality=names.municipality(code),
            municipalities=[(one.code, one.name) for one in found],
            pathways=[_on_day(by_theme[theme], names) for theme in Theme if theme in by_theme],
            missing=[(theme.value, words.THEMES[theme]) for theme in Theme if theme not in by_theme],
            offers=[_offer_line(one, interventions, names) for one in offers],
            notices=[(one.theme, words.THEMES[one.theme], one.opened_on) for one in notices],
            may_edit=may_edit,
        )


@pages.get("/wegwijzer/<code>/zorgpaden/<theme>")
def pathway_page(code: str, theme: str) -> str:
    with reading() as session:
        by = _editor(session, code)
        found = _found(session, code, theme)
        kept_now = {} if found is None else _typed_of(found.pathway, _PATHWAY)
        return _pathway_page(session, by, code, theme, kept_now, version=_version_of(found))


@pages.post("/wegwijzer/<code>/zorgpaden/<theme>")
def put_pathway(code: str, theme: str) -> Response:
    """Keep what was typed as the next version; whatever stands in the way, everything typed comes back."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                written = directory.put_pathway(
                    session,
                    municipality=code,
                    theme=theme,
                    content=_content(typed),
                    version=_version(),
                    reviewed=_one(typed, "reviewed") == "true",
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, written.id)
    except (Invalid, StaleVersion) as refusal:
        return _pathway_again(code, theme, typed, refusal)
    flash(f"Het zorgpad {words.THEMES[theme]} is bewaard.", "ok")
    return redirect(f"{url_for('pages.directory_page', gemeente=code)}#{theme}", 303)


@pages.post("/wegwijzer/<code>/zorgpaden/<theme>/nagekeken")
def confirm_pathway(code: str, theme: str) -> Response:
    try:
        with transaction() as session:
            by = known(session)
            directory.confirm_pathway(session, municipality=code, theme=theme, version=_version(), by=by, at=now())
    except Invalid:
        flash("Dit zorgpad is nog niet compleet. Vul het eerst aan.", "warning")
        return redirect(url_for("pages.pathway_page", code=code, theme=theme), 303)
    except StaleVersion as refusal:
        flash(refusal.detail, "warning")
    else:
        flash(f"Het zorgpad {words.THEMES[theme]} is vandaag nagekeken.", "ok")
    return redirect(f"{url_for('pages.directory_page', gemeente=code)}#{theme}", 303)


@pages.get("/wegwijzer/<code>/aanbod")
def new_offer_page(code: str) -> str:
    with reading() as session:
        by = _editor(session, code)
        begun = {"valid_from": [local_date().isoformat()], "capacity": [Availability.AVAILABLE.value]}
        return _offer_page(session, by, code, begun)


@pages.post("/wegwijzer/<code>/aanbod")
def add_offer(code: str) -> Response:
    return _keep_offer(code, None)


@pages.get("/wegwijzer/aanbod/<uuid:offer_id>")
def offer_page(offer_id: UUID) -> str:
    with reading() as session:
        found = directory.offer(session, offer_id)
        by = _editor(session, found.municipality_code)
        return _offer_page(
            session, by, found.municipality_code, _typed_offer(found), offer_id=offer_id, version=found.version
        )


@pages.post("/wegwijzer/aanbod/<uuid:offer_id>")
def change_offer(offer_id: UUID) -> Response:
    with reading() as session:
        known(session)
        code = directory.offer(session, offer_id).municipality_code
    return _keep_offer(code, offer_id)


@pages.post("/wegwijzer/aanbod/<uuid:offer_id>/stoppen")
def end_offer(offer_id: UUID) -> Response:
    with reading() as session:
        known(session)
        found = directory.offer(session, offer_id)
        code = found.municipality_code
    try:
        with transaction() as session:
            by = known(session)
            directory.end_offer(session, offer_id, on=local_date(), version=_version(), by=by, at=now())
    except (Invalid, WrongState, StaleVersion) as refusal:
        told = "Dit aanbod begint pas later. Verander de begindag." if isinstance(refusal, Invalid) else refusal.detail
        flash(told, "warning")
    else:
        flash("Het aanbod stopt na vandaag.", "ok")
    return redirect(f"{url_for('pages.directory_page', gemeente=code)}#aanbod", 303)


def _keep_offer(code: str, offer_id: UUID | None) -> Response:
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                written = directory.put_offer(
                    session,
                    municipality=code,
                    **_offer_content(typed),
                    offer_id=offer_id,
                    version=None if offer_id is None else _version(),
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, written.id)
    except (Invalid, StaleVersion) as refusal:
        with reading() as session:
            by = known(session)
            version = _version() if offer_id is None else directory.offer(session, offer_id).version
            page = _offer_page(session, by, code, typed, offer_id=offer_id, version=version, refusal=refusal)
        return make_response(page, _status(refusal))
    flash("Het aanbod is bewaard.", "ok")
    return redirect(f"{url_for('pages.directory_page', gemeente=code)}#aanbod", 303)


def _pathway_again(code: str, theme: str, typed: fields.Typed, refusal: Refusal) -> Response:
    """The page once more with what was typed; when a colleague was first, with what stands there now below it."""
    with reading() as session:
        by = _editor(session, code)
        found = _found(session, code, theme)
        page = _pathway_page(
            session,
            by,
            code,
            theme,
            typed,
            version=_version_of(found),
            refusal=refusal,
            newest=found if isinstance(refusal, StaleVersion) else None,
        )
    return make_response(page, _status(refusal))


def _pathway_page(
    session: Session,
    by: Actor,
    code: str,
    theme: str,
    typed: fields.Typed,
    *,
    version: int,
    refusal: Refusal | None = None,
    newest: PathwayOnDay | None = None,
) -> str:
    names = shown.Names(session)
    questions = _with(_PATHWAY, organisation_id=_organisations(session, code))
    wrong = refusal.errors if isinstance(refusal, Invalid) else {}
    typed = typed or {"availability": [Availability.AVAILABLE.value]}
    return render(
        "directory_pathway.html",
        code=code,
        theme=theme,
        theme_name=words.THEMES[theme],
        municipality=names.municipality(code),
        form_blocks=fields.build({"components": questions}, typed, errors=wrong),
        errors=_faults(questions, wrong),
        refusal=refusal if isinstance(refusal, StaleVersion) else None,
        newest=None if newest is None else _on_day(newest, names),
        history=directory.versions(session, code, theme),
        version=version,
        nonce=kept.nonce(by, _NO_TASK),
    )


def _offer_page(
    session: Session,
    by: Actor,
    code: str,
    typed: fields.Typed,
    *,
    offer_id: UUID | None = None,
    version: int = 0,
    refusal: Refusal | None = None,
) -> str:
    choices = [(one.code, one.name) for one in directory.interventions(session)]
    questions = _with(_OFFER, intervention=choices, organisation_id=_organisations(session, code))
    wrong = refusal.errors if isinstance(refusal, Invalid) else {}
    return render(
        "directory_offer.html",
        code=code,
        offer_id=offer_id,
        municipality=shown.Names(session).municipality(code),
        form_blocks=fields.build({"components": questions}, typed, errors=wrong),
        errors=_faults(questions, wrong),
        refusal=refusal if isinstance(refusal, StaleVersion) else None,
        version=version,
        nonce=kept.nonce(by, _NO_TASK),
    )


def _editor(session: Session, code: str) -> Actor:
    """Who asks, if an editor of this municipality."""
    by = known(session)
    organisations.municipality(session, code)
    if not directory.may_edit(session, code, by=by):
        raise NotAllowed(f"role {by.role} does not edit the directory of {code[:8]}")
    return by


def _own(session: Session, by: Actor, codes: Sequence[str]) -> str:
    """The municipality to begin with: one of those that the reader works for."""
    own = directory.own_municipalities(session, by=by)
    return next((code for code in codes if code in own), codes[0] if codes else "")


def _found(session: Session, code: str, theme: str) -> PathwayOnDay | None:
    if theme not in set(Theme):
        raise NotFound(f"no theme {theme[:20]}")
    return next(iter(directory.pathways_for(session, (theme,), code, local_date())), None)


def _version_of(found: PathwayOnDay | None) -> int:
    return 0 if found is None else found.pathway.version


def _on_day(found: PathwayOnDay, names: shown.Names) -> Pathway:
    one = found.pathway
    return _pathway(one, found.status, one.last_reviewed_on, names, version=one.version)


def _pathway(one: Any, status: str, reviewed: date | None, names: shown.Names, *, version: int = 0) -> Pathway:
    room, room_kind = _room(one.availability)
    return Pathway(
        theme=one.theme,
        theme_name=words.say(one.theme, words.THEMES),
        status=status,
        status_name=words.say(status, words.PATHWAY_STATUSES),
        status_kind=_STATUS_KINDS[status],
        freshness=_freshness(status, reviewed),
        agreements=fields.text_parts(one.agreements_text),
        contact_name=one.contact_name,
        contact_phone=one.contact_phone,
        contact_mail=one.contact_mail,
        organisation=names.organisation(one.organisation_id),
        referral_how=one.referral_how,
        cost=one.cost,
        wait_time=one.wait_time,
        room=room,
        room_kind=room_kind,
        languages=one.languages,
        version=version,
    )


def _freshness(status: str, reviewed: date | None) -> str:
    if reviewed is None:
        return "Nog door niemand nagekeken"
    day = words.short_day(reviewed)
    return f"Niet meer nagekeken sinds {day}" if status == PathwayStatus.STALE else f"Nagekeken op {day}"


def _room(code: str) -> tuple[str, str]:
    return words.say(code, words.AVAILABILITY), _ROOM_KINDS.get(code, "calm")


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A row of the list of offers."""

    id: UUID
    name: str
    description: str
    organisation: str
    room: str
    room_kind: str
    referral_how: str
    period: str
    can_end: bool
    version: int


def _offer_line(one: Any, interventions: Mapping[str, Any], names: shown.Names) -> OfferLine:
    first, last, today = words.short_day(one.valid_from), one.valid_to, local_date()
    period = f"vanaf {first}" if last is None else f"{first} tot en met {words.short_day(last)}"
    room, kind = _room(one.capacity)
    if last is not None and last < today:
        room, kind = "Gestopt", "calm"
    elif one.valid_from > today:
        room, kind = "Begint later", "calm"
    return OfferLine(
        id=one.id,
        name=interventions[one.intervention_code].name,
        description=interventions[one.intervention_code].description,
        organisation=names.organisation(one.organisation_id),
        room=room,
        room_kind=kind,
        referral_how=one.referral_how,
        period=period,
        can_end=one.holds(today) and one.valid_to != today,
        version=one.version,
    )


def _organisations(session: Session, code: str) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in organisations.organisations(session, municipality=code)]


# What is asked, in the shape that ``fields`` draws.

_ROOM_QUESTION: Mapping[str, Any] = {
    "type": "radio",
    "key": "availability",
    "label": "Is er plek?",
    "validate": {"required": True},
    "values": [{"value": code, "label": label} for code, label in words.AVAILABILITY.items()],
}


def _question(kind: str, key: str, label: str, description: str = "", **validate: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": label, "description": description, "validate": validate}


_PATHWAY: Sequence[Mapping[str, Any]] = (
    _question(
        "textarea",
        "agreements_text",
        "Wat is er afgesproken, en welke steun is er?",
        "Schrijf het zo op dat een verloskundige er meteen mee verder kan.",
        required=True,
        maxLength=4000,
    ),
    _question("textfield", "contact_name", "Wie is de contactpersoon?", required=True, maxLength=120),
    _question(
        "textfield",
        "contact_phone",
        "Op welk telefoonnummer?",
        "Een telefoonnummer of een e-mailadres is genoeg.",
        validationType="phone",
        maxLength=40,
    ),
    _question("textfield", "contact_mail", "Op welk e-mailadres?", validationType="email", maxLength=120),
    _question("select", "organisation_id", "Welke organisatie geeft de steun?"),
    _question("textarea", "referral_how", "Hoe verwijst een professional?", maxLength=2000),
    _ROOM_QUESTION,
    _question(
        "textfield", "wait_time", "Hoe lang is de wachttijd?", "Bijvoorbeeld: ongeveer twee weken.", maxLength=120
    ),
    _question("textfield", "cost", "Wat kost het voor het gezin?", maxLength=500),
    _question("textfield", "languages", "Welke talen spreekt men daar? Is er een tolk?", maxLength=500),
    _question(
        "number",
        "review_every_months",
        "Om de hoeveel maanden kijkt u dit na?",
        "Laat leeg voor wat de regio heeft afgesproken.",
    ),
    _question(
        "checkbox",
        "reviewed",
        "Ik heb alles nagekeken. Het klopt vandaag.",
        "Zonder vinkje blijft een nieuw zorgpad een concept: alleen u ziet het.",
    ),
)
_OFFER: Sequence[Mapping[str, Any]] = (
    _question("select", "intervention", "Welke interventie?", required=True),
    _question("select", "organisation_id", "Wie biedt het aan?"),
    _question("date", "valid_from", "Vanaf welke dag?", required=True),
    _question("date", "valid_to", "Tot en met welke dag?", "Laat leeg als het voorlopig blijft."),
    {**_ROOM_QUESTION, "key": "capacity"},
    _question("textarea", "referral_how", "Hoe verwijst een professional?", maxLength=2000),
)


def _with(questions: Sequence[Mapping[str, Any]], **choices: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {**one, "values": [{"value": value, "label": label} for value, label in choices[one["key"]]]}
        if one["key"] in choices
        else dict(one)
        for one in questions
    ]


def _faults(questions: Sequence[Mapping[str, Any]], errors: Mapping[str, Sequence[str]]) -> list[fields.Fault]:
    labels = {one["key"]: one["label"] for one in questions}
    order = [*labels, *(key for key in errors if key not in labels)]
    return [
        fields.Fault(fields.anchor(key) if key in labels else "velden", labels.get(key, ""), text)
        for key in order
        for text in errors.get(key, ())
    ]


def _typed_of(one: Any, questions: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What is kept, as if it had just been typed."""
    known_ = {key: getattr(one, key, None) for key in (question["key"] for question in questions)}
    return {key: [str(value)] for key, value in known_.items() if value not in (None, "")}


def _typed_offer(one: Any) -> dict[str, list[str]]:
    return {**_typed_of(one, _OFFER), "intervention": [one.intervention_code]}


def _one(typed: fields.Typed, key: str) -> str:
    return next(iter(typed.get(key, ())), "").strip()


def _content(typed: fields.Typed) -> dict[str, Any]:
    """For the room, which says what is wrong; what cannot be read stays as it was typed."""
    texts: dict[str, Any] = {
        one["key"]: _one(typed, one["key"]).replace("\r\n", "\n") for one in _PATHWAY if one["key"] != "reviewed"
    }
    months = texts["review_every_months"]
    texts["review_every_months"] = int(months) if months.isdecimal() and len(months) < 4 else months or None
    texts["organisation_id"] = _id(texts["organisation_id"])
    return texts


def _offer_content(typed: fields.Typed) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}

    def day(key: str) -> date | None:
        return _read(_one(typed, key), words.read_day, key, "Vul een datum in die bestaat.", errors)

    first, last = day("valid_from"), day("valid_to")
    if first is None and not errors:
        errors["valid_from"] = ["Vul de eerste dag in."]
    if first is None or errors:
        raise Invalid("offer with a day that is none", errors=errors)
    return {
        "intervention": _one(typed, "intervention"),
        "organisation_id": _id(_one(typed, "organisation_id")),
        "valid_from": first,
        "valid_to": last,
        "capacity": _one(typed, "capacity"),
        "referral_how": _one(typed, "referral_how").replace("\r\n", "\n"),
    }


def _read(text: str, read: Callable[[str], date], key: str, problem: str, errors: dict[str, list[str]]) -> date | None:
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        errors[key] = [problem]
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return _NOBODY  # an organisation that is not there, so the room refuses it beside the field


def _version() -> int:
    text = request.form.get("_version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("no version in the form", detail="Open de bladzijde opnieuw en probeer het nog een keer.")
    return int(text)


def _status(refusal: Refusal) -> int:
    return 412 if isinstance(refusal, StaleVersion) else 400
