"""Which parent asks, on the family's page. A cookie of its own, looked up inside the door's own transaction: a login that
ended a second ago is nobody now. It opens no page of professionals and no JSON door, and theirs opens none of these.

Nothing is shown and nothing is done before a second factor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flask import g, request
from flask import session as browser
from werkzeug.wrappers import Response

from api import auth, demo, devices, policies
from api.auth import SignedIn
from api.problems import SecondFactorNeeded, Unauthenticated
from api.transactions import now, reading, transaction
from workflows import accounts, parents
from workflows.actor import Actor
from workflows.db import Session
from workflows.errors import LoginRefused
from workflows.organisations import PersonKind

_Response = TypeVar("_Response", bound=Response)
PATH = "/mijn"
#: Under this name the browser keeps the language that was chosen; it outlives a session, for it says nothing of anybody.
LANGUAGE = "taal"


class ParentUnknown(Unauthenticated):
    """Nobody is logged in on the family's page, or no longer; leads to its own page to log in."""


class ParentUnconfirmed(SecondFactorNeeded):
    """The password was right; the second factor is still to be set up."""


def is_family() -> bool:
    """Whether this request is for the family's page, so that also a refusal looks like it."""
    return request.path == PATH or request.path.startswith(f"{PATH}/")


def parent(*, confirmed: bool = True) -> Actor:
    """The parent who makes this request, as ``parent`` or ``other_parent``; which member that is says ``parents.member_of``.

    Args:
        confirmed: with a second factor; only what leads to that, or away, asks for less.

    Raises:
        ParentUnknown: nobody, or no longer. ParentUnconfirmed: no second factor yet.
    """
    found = parent_or_none()
    if found is None:
        raise ParentUnknown("no parent is logged in")
    if confirmed and not found.second_factor:
        raise ParentUnconfirmed("a parent without a second factor")
    return found


def parent_or_none() -> Actor | None:
    """As :func:`parent`, for pages that everybody may see; also before the second factor was set up."""
    return auth.found_once("steun_parent", _look_up)


def log_in(login: str, password: str) -> SignedIn:
    """Check the password and open a session, which stands for nobody until the second factor.

    Raises:
        TooManyAttempts: too much failed from this address a moment ago; nothing was tried.
        LoginRefused: alike for unknown, wrong, locked, ended, and for who works here.
    """
    auth.may_try()
    login = parents.normal_login(login)
    with reading() as session:
        stored = accounts.stored_hash(session, login, kind=PersonKind.PARENT)
    tried = accounts.try_password(stored, password, cost=auth.cost())

    def enter(session: Session) -> SignedIn:
        account = accounts.check_password(
            session, login=login, password=password, tried=tried, kind=PersonKind.PARENT, at=now(), cost=auth.cost()
        )
        parents.actor_of_account(session, account, at=now())
        return _open(session, account)

    return auth.counted(enter)


def begin(login: str, code: str, password: str) -> SignedIn:
    """Choose a password with the code on the paper, and go on to the second factor: who has just shown the code and chosen the
    password need not type both again.

    Raises:
        TooManyAttempts, LoginRefused: see :func:`log_in`. Invalid: the code is right, the password cannot be it.
    """
    auth.may_try()
    login = parents.normal_login(login)
    with reading() as session:
        about = accounts.about_login(session, login, kind=PersonKind.PARENT)
    prepared = accounts.NewPassword.prepare(password, about=about, cost=auth.cost(), leaked=auth.settings().leaked)

    def enter(session: Session) -> SignedIn:
        account = accounts.activate(
            session, login=login, code=code, prepared=prepared, kind=PersonKind.PARENT, at=now(), cost=auth.cost()
        )
        parents.actor_of_account(session, account, at=now())
        parents.note_first_use(session, account.person_id, at=now())
        return _open(session, account)

    return auth.counted(enter)


def confirm(code: str) -> SignedIn:
    """Confirm this browser's log-in with a code of the app, or one from paper.

    Raises:
        TooManyAttempts: too much failed from this address a moment ago; nothing was tried.
        LoginRefused: alike for a wrong, old or used code, a locked account and a login that ended.
    """
    auth.may_try()
    secret = cookie_secret() or ""

    def enter(session: Session) -> str:
        if parents.standing(session, secret, at=now()) is None:
            raise LoginRefused("nothing to confirm")
        return accounts.confirm_sign_in(session, secret, code=code, kind=PersonKind.PARENT, at=now())

    renewed = auth.counted(enter)
    g.pop("steun_parent", None)
    return SignedIn(renewed)


def standing(session: Session) -> accounts.Standing | None:
    """How far this browser is with logging in as a parent."""
    secret = cookie_secret()
    return parents.standing(session, secret, at=now()) if secret else None


def _forget() -> None:
    kept = {LANGUAGE: browser[LANGUAGE]} if LANGUAGE in browser else {}
    browser.clear()
    browser.update(kept)


def keep(response: _Response, signed_in: SignedIn) -> _Response:
    """Give the browser its session; forget whatever it had before, also its CSRF token, but not the language."""
    _forget()
    response.set_cookie(
        _cookie_name(),
        signed_in.secret,
        httponly=True,
        secure=auth.settings().secure_cookies,
        samesite="Lax",
        path="/",
    )
    g.pop("steun_parent", None)
    return response


def log_out(response: _Response) -> _Response:
    """End the session on the server and take the cookie back."""
    secret = cookie_secret()
    if secret is not None:
        with transaction() as session:
            accounts.sign_out(session, secret, at=now())
    _forget()
    response.delete_cookie(
        _cookie_name(), path="/", secure=auth.settings().secure_cookies, httponly=True, samesite="Lax"
    )
    g.pop("steun_parent", None)
    return response


def cookie_secret() -> str | None:
    """What the browser's cookie for the family's page holds, if there is one."""
    return request.cookies.get(_cookie_name()) or None


def _open(session: Session, account: accounts.Account) -> SignedIn:
    device = devices.label(request.headers.get("User-Agent", ""))
    enrolled = accounts.is_enrolled(session, account.id)
    secret = accounts.sign_in_parent(session, account, device=device, at=now())
    by = Actor(account.person_id, None, None, "parent", origin="page", request_id=g.get("request_id"))
    stands = parents.standing(session, secret, at=now())
    on_paper = stands is not None and stands.recovery_left > 0  # shown once, and never again
    if not enrolled and not on_paper:  # drawn anew: whoever was here with the password may have seen the last one
        secret_ = demo.secret_of(account.login) if auth.settings().is_demo else None
        accounts.begin_second_factor(session, account.id, secret=secret_, by=by, at=now())
    return SignedIn(secret, awaits_code=enrolled)


def _look_up(session: Session) -> Actor | None:
    secret = cookie_secret()
    if secret is None:
        return None
    is_use = policies.of(request.endpoint, request.path).is_use
    found = parents.actor_of_sign_in(session, secret, is_use=is_use, at=now())
    return found and replace(found, origin="page", request_id=g.get("request_id"))


def _cookie_name() -> str:
    # The prefix makes a browser refuse the cookie from another host or over plain http. It lasts as long as the window.
    return "__Host-steun-mijn" if auth.settings().secure_cookies else "steun-mijn"
