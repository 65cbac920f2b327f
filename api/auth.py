"""Who asks. People log in with a cookie, programs with a bearer token; both become one Actor, looked up inside the
door's own transaction, so that a role that ended a second ago counts no more.

A change that a cookie vouches for needs a CSRF token; a bearer token needs none, because a browser never sends it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request
from flask import session as browser
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from api import demo
from api.config import Settings
from api.problems import Unauthenticated, is_api
from api.transactions import local_date, now, reading, transaction
from workflows import accounts, organisations
from workflows.actor import Actor
from workflows.db import Session
from workflows.errors import LoginRefused

csrf: Any = CSRFProtect()  # type: ignore[no-untyped-call]
_Response = TypeVar("_Response", bound=Response)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A successful log-in; give ``secret`` to :func:`keep`."""

    secret: str


def register(app: Flask) -> None:
    """CSRF for everything a cookie vouches for."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf.init_app(app)
    app.before_request(_protect)


def _protect() -> None:
    """Pages always (also the log-in form); the API only when a cookie and no token says who asks."""
    if request.method in _SAFE or _bearer() is not None:
        return
    if not is_api() or cookie_secret() is not None:
        csrf.protect()


def actor() -> Actor:
    """Who makes this request.

    Raises:
        Unauthenticated: nobody, or a session or token that ended.
    """
    found = actor_or_none()
    if found is None:
        raise Unauthenticated("no valid session or token")
    return found


def actor_or_none() -> Actor | None:
    """As :func:`actor`, for pages that everybody may see."""
    if "steun_actor" not in g:
        session = g.get("steun_session")
        if session is None:
            with reading() as session:
                found = _look_up(session)
        else:
            found = _look_up(session)
        g.steun_actor = found
    known: Actor | None = g.steun_actor
    return known


def has_credentials() -> bool:
    """Whether the request claims to be somebody; whether that is true is found out inside the transaction."""
    return _bearer() is not None or cookie_secret() is not None


def log_in(login: str, password: str, *, assignment_id: UUID | None = None) -> SignedIn:
    """Check the password and open a session for one role (the first, if none is chosen).

    Raises:
        LoginRefused: alike for unknown, wrong, locked and inactive; a failed attempt is counted.
    """
    cost = demo.COST if settings().is_demo else settings().argon2
    refused: LoginRefused | None = None
    with reading() as session:
        stored = accounts.stored_hash(session, login)
    tried = accounts.try_password(stored, password, cost=cost)
    with transaction() as session:
        try:
            account = accounts.check_password(session, login=login, password=password, at=now(), cost=cost, tried=tried)
        except LoginRefused as error:  # leave the block normally: the failed attempt must be counted
            refused = error
        else:
            assignments = organisations.assignments_of(session, account.person_id, on=local_date())
            chosen = [a for a in assignments if assignment_id in (None, a.id)]
            if chosen:
                return SignedIn(accounts.sign_in(session, account, assignment_id=chosen[0].id, at=now()))
            refused = LoginRefused("no role assignment")
    raise refused


def keep(response: _Response, signed_in: SignedIn) -> _Response:
    """Give the browser its session; forget whatever it had before, also its CSRF token."""
    browser.clear()
    response.set_cookie(
        _cookie_name(), signed_in.secret, httponly=True, secure=_secure(), samesite="Lax", path="/", max_age=12 * 3600
    )
    return response


def switch(assignment_id: UUID) -> Actor:
    """Go on in another role of the same person, in this browser.

    Raises:
        Unauthenticated: nobody is logged in here.
        LoginRefused: not a role of this person.
    """
    secret = cookie_secret()
    if secret is None:
        raise Unauthenticated("no session to switch")
    with transaction() as session:
        found = accounts.switch_assignment(session, secret, assignment_id=assignment_id, at=now())
    g.pop("steun_actor", None)
    return found


def log_out(response: _Response) -> _Response:
    """End the session on the server and take the cookie back."""
    secret = cookie_secret()
    if secret is not None:
        with transaction() as session:
            accounts.sign_out(session, secret, at=now())
    browser.clear()
    response.delete_cookie(_cookie_name(), path="/", secure=_secure(), httponly=True, samesite="Lax")
    g.pop("steun_actor", None)
    return response


def cookie_secret() -> str | None:
    """What the browser's cookie holds, if there is one."""
    return request.cookies.get(_cookie_name()) or None


def _look_up(session: Session) -> Actor | None:
    token, secret = _bearer(), cookie_secret()
    found: Actor | None = None
    if token is not None:
        found = accounts.actor_of_token(session, token, at=now())
    elif secret is not None:
        found = accounts.actor_of_sign_in(session, secret, at=now())
    return found and replace(found, origin="api" if is_api() else "page", request_id=g.get("request_id"))


def _bearer() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def settings() -> Settings:
    """The settings of the application that serves this request."""
    found: Settings = current_app.extensions["steun.settings"]
    return found


def _secure() -> bool:
    return settings().secure_cookies


def _cookie_name() -> str:
    # The prefix makes a browser refuse the cookie from another host or over plain http.
    return "__Host-steun-sign-in" if _secure() else "steun-sign-in"
