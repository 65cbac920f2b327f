"""Each page of the family and each form on it. A form that was sent to change the language only does nothing else, so that
what was typed stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import family_auth
from api.pages import copies, kept
from api.pages.blueprint import family
from api.pages.family_pages import language
from api.pages.family_pages.language import gettext as _
from api.pages.family_pages.shape import NOT_REVIEWED, render
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: Version of the explanation above a yes that is given on the page; another text gets another number.
TEXT_VERSION = "mijn-2026-1"
#: Days with somebody who looked, on one page.
DAYS = 20


@contextmanager
def _read() -> Iterator[tuple[Session, Actor]]:
    """A transaction that shows something to the parent who asks, in a language that the region offers."""
    with reading() as session:
        by = family_auth.parent()
        language.offer(method.family_languages(session, by=by, at=now()))
        yield session, by


@contextmanager
def _write() -> Iterator[tuple[Session, Actor]]:
    with transaction() as session:
        by = family_auth.parent()
        language.offer(method.family_languages(session, by=by, at=now()))
        yield session, by


@family.get("")
def home() -> str:
    with _read() as (session, by):
        return render("home", by=by, home=method.family_home(session, by=by, at=now()))


@family.get("/gedeeld")
def shared() -> str:
    with _read() as (session, by):
        found = method.family_shared(session, by=by, at=now())
        return render(
            "shared",
            by=by,
            now_shared=[one for one in found.acts if one.until is None],
            before=[one for one in found.acts if one.until is not None],
            handed=found.handed,
        )


@family.get("/wie-keek")
def looked() -> str:
    with _read() as (session, by):
        days = method.family_looked(session, by=by, at=now())
        start = min(max(request.args.get("vanaf", 0, type=int), 0), max(len(days) - 1, 0))
        return render(
            "looked",
            by=by,
            days=days[start : start + DAYS],
            earlier=start + DAYS if start + DAYS < len(days) else None,
            later=max(start - DAYS, 0) if start else None,
        )


@family.get("/klacht")
def complaint() -> str:
    with _read() as (session, by):
        return render("complaint", by=by, complaint=method.family_complaint(session, by=by, at=now()))


# --- the plan, and own words


@family.get("/plan")
def plan() -> str:
    return _plan({}, {})


@family.post("/plan")
def add_words() -> Response | str:
    typed = {"words": request.form.get("words", "")}
    if _only_language():
        return _plan(typed, {})

    def act(session: Session, by: Actor) -> None:
        method.add_own_words(session, typed["words"], by=by, at=now())

    if errors := _once(act):
        return make_response(_plan(typed, errors), 400)
    return _done(_("Uw woorden staan erbij."), "family.plan")


def _plan(typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    with _read() as (session, by):
        plan = method.family_plan(session, by=by, at=now())
        return render("plan", by=by, plan=plan, typed=typed, errors=errors, form="woorden")


# --- consent


@family.get("/toestemming")
def consents() -> str:
    with _read() as (session, by):
        return render("consents", by=by, groups=method.family_consents(session, by=by, at=now()))


@family.get("/toestemming/<key>/intrekken")
def withdraw_page(key: str) -> str:
    with _read() as (session, by):
        group = method.family_consent(session, key, by=by, at=now())
        return render("withdraw", by=by, group=group, form="intrekken")


@family.post("/toestemming/<key>/intrekken")
def withdraw(key: str) -> Response | str:
    if _only_language():
        return withdraw_page(key)

    def act(session: Session, by: Actor) -> None:
        method.withdraw_own_consent(session, key, by=by, at=now())

    if errors := _once(act):
        return _said(errors, "family.consents")
    return _done(_("Uw toestemming is ingetrokken. Dat geldt vanaf nu."), "family.consents")


@family.get("/toestemming/<key>/geven")
def give_page(key: str) -> str:
    return _give(key, None, {})


@family.post("/toestemming/<key>/geven")
def give(key: str) -> Response | str:
    typed = {"categories": request.form.getlist("categories"), "understood": "understood" in request.form}
    if _only_language():
        return _give(key, typed, {})

    def act(session: Session, by: Actor) -> None:
        method.give_own_consent(
            session,
            key,
            typed["categories"],  # type: ignore[arg-type]
            language=language.chosen(),
            text_version=TEXT_VERSION,
            understood=bool(typed["understood"]),
            by=by,
            at=now(),
        )

    errors = _once(act)
    if not errors:
        return _done(_("U gaf toestemming. Dat geldt vanaf nu. Intrekken kan altijd."), "family.consents")
    if "_" in errors:
        return _said(errors, "family.consents")
    return make_response(_give(key, typed, errors), 400)


def _give(key: str, typed: Mapping[str, Any] | None, errors: Mapping[str, list[str]]) -> str:
    with _read() as (session, by):
        group = method.family_consent(session, key, by=by, at=now())
        known = {"categories": list(group.allowed), "understood": False} if typed is None else typed
        return render("give", by=by, group=group, typed=known, errors=errors, form="geven")


# --- object to somebody


@family.get("/bezwaar")
def objection_page() -> str:
    return _objection({}, {})


@family.post("/bezwaar")
def object_to() -> Response | str:
    typed = {name: request.form.get(name, "") for name in ("person", "name", "reason", "words")}
    if _only_language():
        return _objection(typed, {})
    outcome: list[method.Objection] = []

    def act(session: Session, by: Actor) -> None:
        outcome.append(
            method.object_to_person(
                session,
                person_id=_id(typed["person"]),
                name=typed["name"],
                reason=typed["reason"],
                words=typed["words"],
                by=by,
                at=now(),
            )
        )

    if errors := _once(act):
        return make_response(_objection(typed, errors), 400)
    return _done(
        _("Uw bezwaar is ontvangen. Hieronder staat wie er niet meer bij kan.")
        if outcome and outcome[0].blocked
        else _("Uw bezwaar is ontvangen. Wie u helpt, zoekt uit wie u bedoelt en praat daarover met u."),
        "family.objection_page",
    )


def _objection(typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    with _read() as (session, by):
        found = method.family_objections(session, by=by, at=now())
        return render("objection", by=by, objections=found, typed=typed, errors=errors, form="bezwaar")


def _id(text: str) -> UUID | None:
    if text in ("", "other"):
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


# --- copy, correction, destruction


@family.get("/gegevens")
def requests() -> str:
    return _requests({}, {})


@family.post("/gegevens")
def ask() -> Response | str:
    typed = {name: request.form.get(name, "") for name in ("kind", "words")}
    if _only_language():
        return _requests(typed, {})

    def act(session: Session, by: Actor) -> None:
        method.ask_own_right(session, typed["kind"], typed["words"], by=by, at=now())

    if errors := _once(act):
        return make_response(_requests(typed, errors), 400)
    return _done(_("Uw vraag is ontvangen. Hieronder staat vóór welke dag u antwoord krijgt."), "family.requests")


@family.post("/gegevens/<uuid:request_id>/kopie")
def copy(request_id: UUID) -> Response:
    """The file of a copy that was granted. Asked with a form, because making it is written down."""
    media: method.Media = "json" if request.form.get("soort") == "json" else "pdf"
    with _read() as (session, by):
        made = copies.rendering(media, _also())
        data = method.own_copy(session, request_id, render=made, media=media, by=by, at=now())
    answer = make_response(data)
    answer.headers["Content-Type"] = copies.MEDIA[media]
    answer.headers["Content-Disposition"] = f'attachment; filename="kopie.{media}"'
    return answer


def _also() -> copies.Also | None:
    """The language that the parent chose, for the headings of a copy; None: Dutch."""
    code = language.chosen()
    if code == language.DUTCH:
        return None
    return copies.Also(code, code in language.FROM_THE_RIGHT, language.gettext, language.gettext(NOT_REVIEWED))


def _requests(typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    with _read() as (session, by):
        found = method.family_requests(session, by=by, at=now())
        return render("requests", by=by, requests=found, typed=typed, errors=errors, form="vragen")


# --- what every form does


def _only_language() -> bool:
    """Whether the form was sent to go on in another language."""
    return language.changed()


def _once(act: Any) -> Mapping[str, list[str]]:
    """Do it, and do it once however often the form is sent; what is wrong with it, by field (``_``: with all of it)."""
    try:
        with _write() as (session, by):
            if kept.sent_before(session, by=by) is None:
                act(session, by)
                kept.now_sent(session, by.person_id or UUID(int=0))
    except Invalid as refusal:
        return refusal.errors or {"_": [refusal.detail]}
    except WrongState as refusal:
        return {"_": [refusal.detail]}
    except NotFound as refusal:
        kept.pass_when_sent_twice(refusal)
    return {}


def _said(errors: Mapping[str, list[str]], endpoint: str) -> Response:
    for text in errors.get("_", []):
        flash(str(language.said(text)), "info")
    return redirect(url_for(endpoint), 303)


def _done(text: str, endpoint: str) -> Response:
    flash(text)
    return redirect(url_for(endpoint), 303)
