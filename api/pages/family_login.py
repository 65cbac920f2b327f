"""How a parent comes in: the code on the paper, the password, the second factor; and being nobody any more.

Phone first, in short sentences, without a script. Every refusal is the same, whatever was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import segno
from flask import current_app, flash, make_response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from api import auth, family_auth
from api import demo as people_of_the_demo
from api.pages.blueprint import family
from api.pages.family_pages import language
from api.pages.family_pages.language import gettext as _
from api.pages.family_pages.shape import offer_at_door, render_door
from api.pages.family_pages.words import N_
from api.problems import TooManyAttempts
from api.transactions import now, reading, transaction
from workflows import accounts, method
from workflows.errors import Invalid, LoginRefused, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

Errors = Mapping[str, list[str]]
REFUSED = N_(
    "Uw inlognaam en wachtwoord horen niet bij elkaar, of er ging te vaak iets mis. Kijk het na en probeer het opnieuw. "
    "Lukt het niet? Vraag uw hulpverlener om een nieuwe uitnodiging."
)
CODE_REFUSED = N_(
    "Deze code klopt niet, of u heeft hem al gebruikt. Wacht tot er een nieuwe code staat en probeer het opnieuw."
)
BEGIN_REFUSED = N_(
    "Uw inlognaam en code horen niet bij elkaar. Of de code is al gebruikt of te oud. Heeft u al een wachtwoord? Log dan in. "
    "Anders: vraag uw hulpverlener om een nieuwe uitnodiging."
)


@family.before_request
def languages() -> None:
    """At the door nobody is known yet; the pages behind it ask what holds for who is logged in."""
    if current_app.view_functions[request.endpoint or ""].__module__ == __name__:
        offer_at_door()


@family.get("/inloggen")
def log_in_page() -> Response | str:
    if family_auth.parent_or_none() is not None:
        return redirect(url_for("family.home"), 303)
    with reading() as session:
        half = family_auth.standing(session) is not None  # the password was given, the code was not
    away = family_auth.cookie_secret() is not None and not half
    return _log_in_form(said=_("U was een tijd weg. Log opnieuw in.") if away else None)


@family.post("/inloggen")
def log_in() -> Response | str:
    login = request.form.get("login", "")
    try:
        signed_in = family_auth.log_in(login, request.form.get("password", ""))
    except LoginRefused as refusal:
        return _refused(_log_in_form(refused=_(REFUSED), login=login), refusal)
    except TooManyAttempts as refusal:
        return _refused(_log_in_form(refused=_wait(refusal), login=login), refusal)
    target = "family.confirm_page" if signed_in.awaits_code else "family.second_factor"
    return family_auth.keep(redirect(url_for(target), 303), signed_in)


@family.get("/begin")
def begin_page() -> str:
    return _begin_form({})


@family.post("/begin")
def begin() -> Response:
    login = request.form.get("login", "")
    try:
        signed_in = family_auth.begin(login, request.form.get("code", ""), request.form.get("password", ""))
    except Invalid as refusal:
        return make_response(_begin_form(refusal.errors, login=login), 400)
    except LoginRefused as refusal:
        return _refused(_begin_form({"code": [BEGIN_REFUSED]}, login=login), refusal)
    except TooManyAttempts as refusal:
        return _refused(_begin_form({"code": [_wait(refusal)]}, login=login), refusal)
    target = "family.confirm_page" if signed_in.awaits_code else "family.second_factor"
    return family_auth.keep(redirect(url_for(target), 303), signed_in)


@family.get("/bevestigen")
def confirm_page() -> Response | str:
    with reading() as session:
        stands = family_auth.standing(session)
    if stands is None:
        return redirect(url_for("family.log_in_page"), 303)
    if stands.confirmed:
        return redirect(url_for("family.home"), 303)
    if not stands.enrolled:
        return redirect(url_for("family.second_factor"), 303)
    return _confirm_form(stands)


@family.post("/bevestigen")
def confirm() -> Response | str:
    with reading() as session:
        stands = family_auth.standing(session)
    if stands is None:
        return make_response(_log_in_form(said=_("Het duurde te lang. Log opnieuw in.")), 401)
    try:
        signed_in = family_auth.confirm(request.form.get("code", ""))
    except LoginRefused as refusal:
        return _refused(_confirm_form(stands, refused=_(CODE_REFUSED)), refusal)
    except TooManyAttempts as refusal:
        return _refused(_confirm_form(stands, refused=_wait(refusal)), refusal)
    return family_auth.keep(redirect(url_for("family.home"), 303), signed_in)


@family.get("/code")
def second_factor() -> Response | str:
    """Setting up the second factor, right after the password; who has one confirms with it first."""
    with reading() as session:
        by, stands = _enrolling(session)
        if stands.enrolled:
            return redirect(url_for("family.home" if by.second_factor else "family.confirm_page"), 303)
        return _second_factor_page(session, by, stands, {})


@family.post("/code")
def confirm_second_factor() -> Response | str:
    try:
        with transaction() as session:
            by, stands = _enrolling(session)
            done = accounts.confirm_second_factor(
                session,
                stands.account_id,
                code=request.form.get("code", ""),
                sign_in_secret=family_auth.cookie_secret(),
                by=by,
                at=now(),
            )
    except Invalid as refusal:
        with reading() as session:
            by, stands = _enrolling(session)
            return make_response(_second_factor_page(session, by, stands, refusal.errors), 400)
    except WrongState as refusal:
        flash(language.said(refusal.detail), "warning")
        return redirect(url_for("family.second_factor"), 303)
    assert done.secret is not None, "a browser did it"
    response = family_auth.keep(make_response(), auth.SignedIn(done.secret))  # first: it forgets the CSRF token
    if not done.recovery_codes:  # on paper already
        response = family_auth.keep(make_response(redirect(url_for("family.home"), 303)), auth.SignedIn(done.secret))
        return response
    response.set_data(render_door("codes", codes=done.recovery_codes, as_factor=False))
    return response


@family.post("/code/papier")
def choose_paper() -> Response | str:
    """No telephone for an app: codes on paper take its place."""
    with transaction() as session:
        by, stands = _enrolling(session)
        codes = accounts.begin_on_paper(session, stands.account_id, by=by, at=now())
    return render_door("codes", codes=codes, as_factor=True, errors={})


@family.post("/code/app")
def choose_app() -> Response:
    """An app after all, or begin anew with it."""
    with transaction() as session:
        by, stands = _enrolling(session)
        if not stands.enrolled:
            secret = people_of_the_demo.secret_of(stands.login) if _is_demo() else None
            accounts.begin_second_factor(session, stands.account_id, secret=secret, by=by, at=now())
    return redirect(url_for("family.second_factor"), 303)


@family.post("/uitloggen")
def log_out() -> Response:
    response = family_auth.log_out(make_response(redirect(url_for("family.log_in_page"), 303)))
    flash(_("U bent uitgelogd."), "ok")
    return response


@family.get("/inlog")
def own_login() -> str:
    """Where the parent is logged in, codes on paper, and stopping altogether."""
    with reading() as session:
        by = family_auth.parent()
        stands = family_auth.standing(session)
        return render_door("own", stands=stands, sessions=accounts.sessions_of_parent(session, by=by, at=now()))


@family.post("/inlog/codes")
def renew_codes() -> str:
    """New codes on paper; the old ones are worth nothing any more."""
    with transaction() as session:
        by, stands = family_auth.parent(), family_auth.standing(session)
        if stands is None:
            raise family_auth.ParentUnknown("no parent's browser")
        codes = accounts.renew_recovery_codes(session, stands.account_id, by=by, at=now())
    return render_door("codes", codes=codes, as_factor=False, again=True)


@family.post("/inlog/sessies/<uuid:session_id>/stop")
def end_session(session_id: UUID) -> Response:
    with suppress(WrongState), transaction() as session:
        accounts.end_session(session, session_id, by=family_auth.parent(), at=now())
    flash(_("Daar bent u uitgelogd."), "ok")
    return redirect(url_for("family.own_login"), 303)


@family.post("/inlog/stop")
def stop() -> Response:
    """The parent logs in no longer, anywhere; what is kept about the family stays as it is."""
    with transaction() as session:
        method.stop_own_login(session, by=family_auth.parent(), at=now())
    response = family_auth.log_out(make_response(redirect(url_for("family.log_in_page"), 303)))
    flash(_("U kunt niet meer inloggen. Wilt u later weer? Vraag dan om een nieuwe uitnodiging."), "ok")
    return response


def _wait(refusal: TooManyAttempts) -> str:
    return _(
        "Vanaf dit adres ging inloggen vaak mis. Wacht %(seconds)s seconden en probeer het dan opnieuw.",
        seconds=refusal.retry_after,
    )


def _spoken(errors: Errors) -> dict[str, list[Markup | str]]:
    """What rooms said is wrong, in the language of the page as far as it is known there."""
    return {field: [language.said(text) for text in texts] for field, texts in errors.items()}


def _log_in_form(*, refused: str | None = None, said: str | None = None, login: str = "") -> str:
    return render_door(
        "log_in",
        refused=refused,
        said=said,
        login=login[:40],
        demo_password=people_of_the_demo.PASSWORD if _is_demo() else None,
        demo_parents=people_of_the_demo.PARENTS if _is_demo() else (),
    )


def _begin_form(errors: Errors, *, login: str = "") -> str:
    return render_door("begin", errors=_spoken(errors), login=login[:40])


def _confirm_form(stands: accounts.Standing, *, refused: str | None = None) -> str:
    return render_door(
        "confirm",
        refused=refused,
        demo_code=people_of_the_demo.code_for(stands, at=now()) if _is_demo() else None,
    )


def _second_factor_page(session: Session, by: Actor, stands: accounts.Standing, errors: Errors) -> str:
    on_paper = stands.recovery_left > 0
    secret = None if on_paper else accounts.begun_secret(session, stands.account_id, by=by, at=now())
    uri = secret and accounts.provisioning_uri(secret, stands.login)
    return render_door(
        "second_factor",
        on_paper=on_paper,
        secret=secret and " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        uri=uri,
        picture=uri and _picture(uri),
        demo_code=people_of_the_demo.code_for(stands, at=now()) if _is_demo() and secret else None,
        errors=_spoken(errors),
    )


def _picture(uri: str) -> Markup:
    """The square code as a drawing in the page: it is sent nowhere and needs no script."""
    code = segno.make(uri, error="m", micro=False)
    title = _("Vierkante code voor de app op uw telefoon")
    return Markup(code.svg_inline(scale=5, border=4, omitsize=True, title=title, light="#fff"))  # noqa: S704 - drawn by us


def _enrolling(session: Session) -> tuple[Actor, accounts.Standing]:
    by, stands = family_auth.parent(confirmed=False), family_auth.standing(session)
    if stands is None:
        raise family_auth.ParentUnknown("no parent's browser")
    return by, stands


def _refused(page: str, refusal: LoginRefused | TooManyAttempts) -> Response:
    response = make_response(page, 401)
    if isinstance(refusal, TooManyAttempts):
        response.status_code = 429
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _is_demo() -> bool:
    return bool(current_app.extensions["steun.settings"].is_demo)
