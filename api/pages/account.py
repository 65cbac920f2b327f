"""One's own account: where one is logged in, the password, the second factor, and programs that act for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import segno
from flask import flash, make_response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from api import auth
from api.pages import words
from api.pages.blueprint import pages, render
from api.pages.people import inside, known
from api.problems import SecondFactorNeeded, TooManyAttempts, Unauthenticated
from api.transactions import local_date, now, reading, transaction
from workflows import accounts, notifications
from workflows.errors import Invalid, LoginRefused, NotAllowed, NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

Errors = dict[str, list[str]]
_WRONG_PASSWORD = "Dit wachtwoord klopt niet, of er ging te vaak iets mis. Wacht even en probeer het opnieuw."  # noqa: S105

_WRONG_PROOF = "Dit wachtwoord klopt niet, of de code klopt niet of is al gebruikt. Heeft u een app met codes? Wacht op een nieuwe code."


@pages.get("/account")
def account_page() -> str:
    with reading() as session:
        by = known(session)
        stands = stands_of(session)
        return render(
            "account.html",
            stands=stands,
            demanded=auth.asks_second_factor(by.role),
            sessions=accounts.sessions_of(session, stands.person_id, by=by, at=now()),
            tokens=accounts.tokens_of(session, stands.person_id, by=by, at=now()),
            mail=notifications.mail_standing(session, stands.account_id, by=by, at=now()),
            mails_people=auth.settings().mails_people,
        )


@pages.get("/account/sessies/<uuid:session_id>/beeindigen")
def end_session_page(session_id: UUID) -> Response | str:
    return _ending_page({}, session_id)


@pages.post("/account/sessies/<uuid:session_id>/beeindigen")
def end_session(session_id: UUID) -> Response:
    if errors := wrong_password():
        return make_response(_ending_page(errors, session_id), 400)
    return _end(
        lambda session, by: accounts.end_session(session, session_id, by=by, at=now()), "Daar bent u uitgelogd."
    )


@pages.get("/account/sessies/beeindigen")
def end_other_sessions_page() -> Response | str:
    return _ending_page({}, None)


@pages.post("/account/sessies/beeindigen")
def end_other_sessions() -> Response:
    if errors := wrong_password():
        return make_response(_ending_page(errors, None), 400)
    with transaction() as session:
        by = known(session)
        ended = accounts.end_sessions(session, _person(by), by=by, at=now())
    flash("U bent overal anders uitgelogd." if ended else "U was nergens anders ingelogd.", "ok")
    return redirect(url_for("pages.account_page"), 303)


@pages.get("/account/programmas/nieuw")
def new_token_page() -> str:
    return _token_page({}, {})


@pages.post("/account/programmas/nieuw")
def make_token() -> Response:
    """Asks who one is again, code and all: from a screen that somebody left open no program is let in for months."""
    given = request.form
    until = _end_of(given.get("until", ""))
    try:
        if until is None:
            raise Invalid("no day", errors={"expires_at": ["Kies een dag."]})
        auth.reauthenticate(given.get("password", ""), given.get("one_time_code", ""))
        with transaction() as session:
            by = known(session)
            made = accounts.make_token(
                session,
                assignment_id=_uuid(given.get("assignment", "")),
                label=given.get("label", ""),
                expires_at=until,
                second_factor=by.second_factor,
                networks=given.get("networks", "").split(),
                by=by,
                at=now(),
            )
            return make_response(render("token_made.html", secret=made.secret, until=until))
    except auth.LogInAgain as refusal:
        return make_response(_token_page({"password": [refusal.detail]}, given), 400)
    except LoginRefused:
        return make_response(_token_page({"password": [_WRONG_PROOF]}, given), 400)
    except TooManyAttempts as refusal:
        return make_response(_token_page({"password": [refusal.detail]}, given), 429)
    except (NotAllowed, WrongState) as refusal:
        return make_response(_token_page({"assignment": [refusal.detail]}, given), 400)
    except Invalid as refusal:
        return make_response(_token_page(refusal.errors, given), 400)


def _token_page(errors: Errors, typed: Mapping[str, str]) -> str:
    with reading() as session:
        known(session)
        stands = stands_of(session)
        return render(
            "token_new.html",
            stands=stands,
            prover=auth.prover(session),
            errors=errors,
            typed=typed,
            tomorrow=local_date() + timedelta(days=1),
        )


def _end_of(day: str) -> datetime | None:
    """The last moment of a day here; None for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), words.AMSTERDAM)
    except (ValueError, OverflowError):
        return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@pages.post("/account/programmas/<uuid:token_id>/intrekken")
def revoke_token(token_id: UUID) -> Response:
    return _end(
        lambda session, by: accounts.revoke_token(session, token_id, by=by, at=now()),
        "Dit programma kan niet meer namens u werken.",
    )


@pages.get("/account/wachtwoord")
def password_page() -> str:
    return _password_page({})


@pages.post("/account/wachtwoord")
def change_password() -> Response:
    try:
        renewed = auth.change_password(request.form.get("old", ""), request.form.get("password", ""))
    except LoginRefused:
        return make_response(_password_page({"old": [_WRONG_PASSWORD]}), 400)
    except TooManyAttempts as refusal:
        return make_response(_password_page({"old": [refusal.detail]}), 429)
    except Invalid as refusal:
        return make_response(_password_page(refusal.errors), 400)
    response = auth.keep(redirect(url_for("pages.account_page"), 303), renewed)
    flash("Uw wachtwoord is veranderd. Overal anders bent u uitgelogd.", "ok")
    return response


@pages.get("/account/code")
def second_factor() -> Response | str:
    """Also for whoever has a role that asks for one and has none yet; so this asks for less than other pages."""
    next_ = inside(request.args.get("next"))
    try:
        return _second_factor_page({}, next_=next_)
    except SecondFactorNeeded:
        return redirect(url_for("pages.confirm_page", next=request.full_path.rstrip("?")), 303)


@pages.post("/account/code/begin")
def begin_second_factor() -> Response:
    next_ = inside(request.form.get("_next"))
    if errors := wrong_password():
        return make_response(_second_factor_page(errors, next_=next_), 400)
    with transaction() as session:
        by, stands = _enrolling(session)
        accounts.begin_second_factor(session, stands.account_id, by=by, at=now())
    return redirect(url_for("pages.second_factor", next=next_), 303)


@pages.post("/account/code")
def confirm_second_factor() -> Response:
    next_ = inside(request.form.get("_next"))
    try:
        with transaction() as session:
            by, stands = _enrolling(session)
            done = accounts.confirm_second_factor(
                session,
                stands.account_id,
                code=request.form.get("code", ""),
                sign_in_secret=auth.cookie_secret(),
                by=by,
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_second_factor_page(refusal.errors, next_=next_), 400)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.second_factor", next=next_), 303)
    assert done.secret is not None, "a browser did it"
    with reading() as session:
        known(session, confirmed=False)
    response = auth.keep(make_response(), auth.SignedIn(done.secret))  # first: it forgets the CSRF token
    response.set_data(_codes(done.recovery_codes, next_=next_, first=True))
    return response


@pages.post("/account/code/herstelcodes")
def renew_recovery_codes() -> Response:
    if errors := wrong_password():
        return make_response(_second_factor_page(errors), 400)
    with transaction() as session:
        by, stands = _enrolling(session)
        codes = accounts.renew_recovery_codes(session, stands.account_id, by=by, at=now())
    return make_response(_codes(codes))


@pages.post("/account/code/uit")
def remove_second_factor() -> Response:
    if errors := wrong_password():
        return make_response(_second_factor_page(errors), 400)
    with transaction() as session:
        by, stands = _enrolling(session)
        accounts.remove_second_factor(
            session, stands.account_id, of_everybody=auth.settings().second_factor_for_all, by=by, at=now()
        )
    flash("De extra controle staat uit.", "ok")
    return redirect(url_for("pages.account_page"), 303)


def _ending_page(errors: Errors, session_id: UUID | None) -> Response | str:
    """Asks the password before a session is ended, or all others: a screen that somebody left open logs nobody out."""
    with reading() as session:
        by, stands = known(session), stands_of(session)
        found = accounts.sessions_of(session, stands.person_id, by=by, at=now())
        ending = [one for one in found if (not one.here if session_id is None else one.id == session_id)]
        if ending:
            return render(
                "session_end.html",
                stands=stands,
                prover=auth.prover(session),
                ending=ending,
                one=session_id,
                errors=errors,
            )
    if session_id:
        raise NotFound(f"no session {session_id} of person {by.person_id} that runs")
    flash("U was nergens anders ingelogd.", "ok")
    return redirect(url_for("pages.account_page"), 303)


def _second_factor_page(errors: Errors, *, next_: str | None = None) -> str:
    with reading() as session:
        by, stands = _enrolling(session)
        secret = accounts.begun_secret(session, stands.account_id, by=by, at=now())
        return render(
            "second_factor.html",
            stands=stands,
            prover=auth.prover(session),
            demanded=auth.asks_second_factor(by.role),
            secret=secret and " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            picture=secret and _picture(accounts.provisioning_uri(secret, stands.login)),
            next=next_,
            errors=errors,
        )


def _picture(uri: str) -> Markup:
    """The square code as a drawing in the page: it is sent nowhere and needs no script."""
    code = segno.make(uri, error="m", micro=False)
    return Markup(  # noqa: S704 - drawn by us
        code.svg_inline(
            scale=5, border=4, omitsize=True, title="Vierkante code voor de app op uw telefoon", light="#fff"
        )
    )


def _codes(codes: tuple[str, ...], *, next_: str | None = None, first: bool = False) -> str:
    return render("recovery_codes.html", codes=codes, next=next_ or url_for("pages.account_page"), first=first)


def _password_page(errors: Errors) -> str:
    with reading() as session:
        known(session)
        return render("password.html", stands=stands_of(session), prover=auth.prover(session), errors=errors)


def wrong_password() -> Errors:
    """What is wrong with the password that was typed again in this form, if anything."""
    try:
        auth.reauthenticate(request.form.get("password", ""))
    except auth.LogInAgain as refusal:
        return {"password": [refusal.detail]}
    except LoginRefused:
        return {"password": [_WRONG_PASSWORD]}
    except TooManyAttempts as refusal:
        return {"password": [refusal.detail]}
    return {}


def _enrolling(session: Session) -> tuple[Actor, accounts.Standing]:
    """Who sets up a second factor: anybody who has none, and who has one only when this session was confirmed with it."""
    by, stands = known(session, confirmed=False), stands_of(session)
    if stands.enrolled and not by.second_factor:
        raise SecondFactorNeeded("a second factor is changed in a session that was confirmed with it")
    return by, stands


def stands_of(session: Session) -> accounts.Standing:
    """How far this browser is with logging in.

    Raises:
        Unauthenticated: nobody is, or the code was not given yet.
    """
    stands = auth.standing(session)
    if stands is None or stands.awaits_code:
        raise Unauthenticated("no browser session")
    return stands


def _person(by: Actor) -> UUID:
    if by.person_id is None:
        raise NotFound("no person")
    return by.person_id


def _end(verb: Callable[[Session, Actor], None], done: str) -> Response:
    """Do it; a second press finds that it was done."""
    with suppress(WrongState), transaction() as session:
        verb(session, known(session))
    flash(done, "ok")
    return redirect(url_for("pages.account_page"), 303)
