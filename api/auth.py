"""Who asks. People log in with a cookie, programs with a bearer token; both become one Actor, looked up inside the
door's own transaction, so that a role that ended a second ago counts no more.

A change that a cookie vouches for needs a CSRF token; a bearer token needs none, because a browser never sends it by itself.
Roles that ask for a second factor are refused here, before any room hears of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request
from flask import session as browser
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from api import demo, devices, logs, policies
from api.config import Settings
from api.problems import CrossSite, SecondFactorNeeded, TooManyAttempts, Unauthenticated, is_api
from api.providers import Provider, Told
from api.transactions import local_date, now, reading, transaction
from workflows import accounts, db, method, organisations, topics
from workflows.actor import Actor
from workflows.db import Session
from workflows.errors import ConcurrentChange, LoginRefused, NotAllowed, Unavailable

log = logs.get(__name__)
csrf: Any = CSRFProtect()  # type: ignore[no-untyped-call]
_Response = TypeVar("_Response", bound=Response)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The right password; give ``secret`` to :func:`keep`. It stands for nobody while it ``awaits_code``."""

    secret: str
    awaits_code: bool = False


@dataclass(frozen=True, slots=True)
class Prover:
    """A provider where somebody logs in anew, for a password that they have not got here; *fresh*: they just did."""

    code: str
    name: str
    fresh: bool
    lacks_factor: bool


class LogInAgain(LoginRefused):
    """Who asks has no password here, and did not log in at their provider a moment ago."""

    def __init__(self, where: Prover) -> None:
        text = f"U heeft hier geen wachtwoord. Log eerst opnieuw in bij {where.name} en doe dit daarna meteen."
        super().__init__("no log-in at the provider a moment ago", detail=text)


def register(app: Flask) -> None:
    """CSRF for everything a cookie vouches for."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf.init_app(app)
    app.before_request(_protect)
    app.after_request(_tell_refused_token)


def _tell_refused_token(response: Response) -> Response:
    """A token that ended is used by somebody who should not have it any more; its owner's log says so."""
    token = _bearer()
    if token is None or response.status_code != 401:
        return response
    with suppress(Unavailable, ConcurrentChange):
        with reading() as session:
            ours = accounts.refused_token(session, token, at=now())
        if ours is not None:
            with transaction() as session:
                accounts.note_refused_token(session, ours, address=request.remote_addr, at=now())
    return response


def _protect() -> None:
    """Pages always (also the log-in form); the API only when a cookie and no token says who asks.

    A browser that says that another site sent this (Sec-Fetch-Site) is believed, whatever else was sent along.
    """
    if request.method in _SAFE or _bearer() is not None:
        return
    if request.endpoint == "pages.provider_logout":  # from the provider itself, without a cookie; it signs what it says
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CrossSite("sent by another site")
    if not is_api() or cookie_secret() is not None:
        csrf.protect()


def actor(*, confirmed: bool = True) -> Actor:
    """Who makes this request.

    Args:
        confirmed: a role that asks for a second factor had one; without it nothing of such a role is shown or done.
            Only what leads to the second factor, or away from the role, asks for less.

    Raises:
        Unauthenticated: nobody, or a session or token that ended.
        SecondFactorNeeded: the role asks for a second factor.
    """
    found = actor_or_none()
    if found is None:
        raise Unauthenticated("no valid session or token")
    if confirmed and needs_second_factor(found):
        raise SecondFactorNeeded(f"role {found.role} without a second factor")
    return found


def needs_second_factor(by: Actor) -> bool:
    """Whether nothing is shown to *by*, nor done for, before a second factor. What the installation asks of everybody it
    asks of people: for a program the operator said with the token as what it counts."""
    return accounts.needs_second_factor(by, of_everybody=settings().second_factor_for_all and not is_token())


def asks_second_factor(role: str) -> bool:
    """Whether a role asks the people who have it for a second factor, in this installation."""
    return accounts.asks_second_factor(role, of_everybody=settings().second_factor_for_all)


def actor_or_none() -> Actor | None:
    """As :func:`actor`, for pages that everybody may see."""
    return found_once("steun_actor", _look_up)


def found_once(name: str, look_up: Callable[[Session], Actor | None]) -> Actor | None:
    """Who makes this request: looked up once, in the transaction that runs if there is one, and kept in ``g`` as *name*."""
    session: Session | None = g.get("steun_session")
    if name not in g:
        if session is None:
            with reading() as fresh:
                setattr(g, name, look_up(fresh))
        else:
            setattr(g, name, look_up(session))
    known: Actor | None = g.get(name)
    if known is not None and session is not None:  # every transaction of the request hears for whom it is
        identify(session, known)
    return known


def identify(session: Session, by: Actor) -> None:
    """Tell the database for whom this transaction is; :func:`actor` does it by itself."""
    db.identify(session, organisation_id=by.organisation_id, role=by.role, person_id=by.person_id)


def has_credentials() -> bool:
    """Whether the request claims to be somebody; whether that is true is found out inside the transaction."""
    return _bearer() is not None or cookie_secret() is not None


def log_in(login: str, password: str, *, assignment_id: UUID | None = None) -> SignedIn:
    """Check the password and open a session for one role (the first, if none is chosen).

    Raises:
        TooManyAttempts: too much failed from this address a moment ago; nothing was tried.
        LoginRefused: alike for unknown, wrong, locked and inactive; a failed attempt is counted.
    """
    may_try()
    with reading() as session:
        stored = accounts.stored_hash(session, login)
    tried = accounts.try_password(stored, password, cost=cost())

    def enter(session: Session) -> SignedIn:
        account = accounts.check_password(session, login=login, password=password, at=now(), cost=cost(), tried=tried)
        assignments = organisations.assignments_of(session, account.person_id, on=local_date())
        chosen = [a for a in assignments if assignment_id in (None, a.id)]
        if not chosen:
            raise LoginRefused("no role assignment")
        device = devices.label(request.headers.get("User-Agent", ""))
        secret = accounts.sign_in(session, account, assignment_id=chosen[0].id, device=device, at=now())
        return SignedIn(secret, awaits_code=accounts.is_enrolled(session, account.id))

    return counted(enter)


def confirm(code: str) -> SignedIn:
    """Confirm this browser's log-in, or its session that goes on, with a code.

    Raises:
        TooManyAttempts: too much failed from this address a moment ago; nothing was tried.
        LoginRefused: alike for a wrong, old or used code and a locked account; a failed attempt is counted.
    """
    may_try()
    secret = cookie_secret() or ""
    renewed = counted(lambda session: accounts.confirm_sign_in(session, secret, code=code, at=now()))
    g.pop("steun_actor", None)
    return SignedIn(renewed)


def reauthenticate(password: str, code: str | None = None) -> None:
    """Whoever sits at this browser, or sends this token, knows the password of whom it stands for.

    Args:
        code: of the second factor, asked when the account has one; None: only the password is asked.

    Who comes from a provider and has no password here, proves it by logging in there anew, a moment ago; see :func:`prover`.

    Raises:
        Unauthenticated: nobody is logged in here.
        LogInAgain: who has no password did not log in a moment ago.
        NotAllowed: a role of theirs must have a second factor, and they have none.
        TooManyAttempts, LoginRefused: see :func:`log_in`.
    """
    may_try()
    with reading() as session:
        by = None if _bearer() else prover(session)
        if by is not None and not by.fresh:
            raise LogInAgain(by)
        if by is not None:
            if code is not None and by.lacks_factor:
                raise NotAllowed("a role that must have a second factor, and has none", detail=accounts.FACTOR_NEEDED)
            return
        stands = None if _bearer() else standing(session)
        if stands is None and not _bearer():
            raise Unauthenticated("no session")
        login = stands.login if stands else accounts.login_of(session, actor()) or ""
        stored = accounts.stored_hash(session, login)
    tried = accounts.try_password(stored, password, cost=cost())

    def prove(session: Session) -> None:
        if code is None:
            accounts.check_password(session, login=login, password=password, tried=tried, at=now(), cost=cost())
        else:
            accounts.prove_again(session, login=login, password=password, code=code, tried=tried, at=now(), cost=cost())

    counted(prove)


def prover(session: Session) -> Prover | None:
    """Where who sits at this browser proves who they are; None: here, with a password."""
    found = accounts.proof_by_provider(session, cookie_secret() or "", at=now())
    if found is None:
        return None
    name = next((one.name for one in settings().providers if one.code == found.provider), None)
    return Prover(found.provider, name or "uw organisatie", fresh=found.fresh, lacks_factor=found.lacks_factor)


def has_second_factor() -> bool:
    """Whether who asks is asked for a code as well, in this browser."""
    with reading() as session:
        stands = standing(session)
        return stands is not None and stands.enrolled


def change_password(old: str, new: str) -> SignedIn:
    """Change the password of whoever sits at this browser; every other session ends.

    Raises:
        Unauthenticated: nobody is logged in here.
        TooManyAttempts, LoginRefused: see :func:`log_in`. Invalid: the new one cannot be it.
    """
    may_try()
    secret = cookie_secret() or ""
    with reading() as session:
        stands = standing(session)
        if stands is None or stands.awaits_code:
            raise Unauthenticated("no session")
        stored = accounts.stored_hash(session, stands.login)
        about = (stands.login, organisations.person(session, stands.person_id).display_name)
    tried = accounts.try_password(stored, old, cost=cost())
    prepared = (
        accounts.NewPassword.prepare(new, about=about, cost=cost(), leaked=settings().leaked) if tried.right else None
    )

    def change(session: Session) -> str:
        renewed = accounts.change_password(
            session, secret, old=old, new=new, tried=tried, prepared=prepared, by=actor(), at=now(), cost=cost()
        )
        method.tell_password_changed(session, stands.account_id, at=now())
        return renewed

    return SignedIn(counted(change))


def activate(login: str, code: str, password: str) -> None:
    """Choose the password of an account with a code; logging in comes after it.

    Raises:
        TooManyAttempts, LoginRefused: see :func:`log_in`. Invalid: the code is right, the password cannot be it.
    """
    may_try()
    with reading() as session:
        about = accounts.about_login(session, login)
    prepared = accounts.NewPassword.prepare(password, about=about, cost=cost(), leaked=settings().leaked)
    counted(
        lambda session: accounts.activate(session, login=login, code=code, prepared=prepared, at=now(), cost=cost())
    )


def enter_by_provider(provider: Provider, told: Told, *, prefers: UUID | None = None) -> SignedIn:
    """Let somebody in whom a provider vouches for.

    Args:
        prefers: the role that they were in, in this browser.

    Raises:
        TooManyAttempts: see :func:`log_in`.
        LoginRefused: it was said before, or this person is not known here, or has no role.
    """

    def enter(session: Session) -> SignedIn:
        accounts.use_once(session, provider.issuer, f"nonce {told.nonce}", at=now())
        secret = method.enter_by_provider(
            session,
            method.Entering(
                provider=provider.code,
                issuer=provider.issuer,
                subject=told.subject,
                name=told.name,
                login=told.login(provider),
                gives=tuple(
                    method.RuleRole(rule.organisation, rule.role, rule.municipalities) for rule in told.rules(provider)
                ),
                places=tuple(rule.organisation for rule in provider.rules),
                new=provider.just_in_time,
                second_factor=told.second_factor,
                provider_session=told.session,
                asked=told.asked,
                prefers=prefers,
            ),
            device=devices.label(request.headers.get("User-Agent", "")),
            cost=cost(),
            at=now(),
        )
        stands = accounts.standing(session, secret, at=now())
        return SignedIn(secret, awaits_code=stands is not None and stands.awaits_code)

    return counted(enter)


def refuse_provider(provider: str, reason: str) -> None:
    """What came from a provider does not count: written down, and counted as an attempt that failed."""
    with transaction() as session:
        accounts.note_refused(session, provider, reason, at=now())
        note_attempt(session)


def ask_reset(login: str) -> None:
    """Somebody, who may be anybody, says that a password was forgotten. Counts as an attempt that failed: nobody's mailbox,
    nor ours, is filled this way.

    Raises:
        TooManyAttempts: see :func:`log_in`.
    """
    may_try()
    with transaction() as session:
        method.ask_password_reset(session, login, of_everybody=settings().second_factor_for_all, at=now())
        note_attempt(session)


def reset_password(secret: str, password: str) -> None:
    """Choose a new password with the link of a mail; logging in comes after it.

    Raises:
        TooManyAttempts, LoginRefused: see :func:`log_in`. Invalid: the link is right, the password cannot be it.
    """
    may_try()
    with reading() as session:
        about = accounts.about_reset(session, secret)
    prepared = accounts.NewPassword.prepare(password, about=about, cost=cost(), leaked=settings().leaked)

    def choose(session: Session) -> None:
        account = accounts.reset_password(session, secret, prepared=prepared, at=now())
        method.tell_password_changed(session, account.id, at=now())

    counted(choose)


def standing(session: Session) -> accounts.Standing | None:
    """How far this browser is with logging in."""
    secret = cookie_secret()
    return accounts.standing(session, secret, at=now()) if secret else None


_Found = TypeVar("_Found")


def counted(attempt: Callable[[Session], _Found]) -> _Found:
    """Do an attempt to log in, in a transaction of its own that is kept also when the attempt is refused."""
    refused: LoginRefused | None = None
    with transaction() as session:
        try:
            return attempt(session)
        except LoginRefused as error:  # leave the block normally: the failed attempt must be counted
            refused = error
            note_attempt(session)
    raise refused


def may_try() -> None:
    """Before anything slow is done."""
    with reading() as session:
        wait = accounts.wait_for(session, address(), at=now())
    if wait > timedelta(0):
        raise TooManyAttempts(seconds=int(wait.total_seconds()) + 1)


def note_attempt(session: Session) -> None:
    """Somebody tried a secret that was not one; see :func:`may_try`."""
    if accounts.note_failure(session, address(), at=now()):
        log.warning("login.sprayed")


def address() -> bytes:
    """What is kept of where a request comes from: a hash that only this installation can make, for as long as attempts
    count. Of IPv6 the network, which is one household or one practice."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        text = ""
    else:
        text = found.exploded[:19] if isinstance(found, IPv6Address) and not found.ipv4_mapped else str(found)
    return hmac.digest(settings().secret_key.encode(), b"address:" + text.encode(), "sha256")


def cost() -> tuple[int, int, int]:
    """What checking a password may cost in this installation."""
    return demo.COST if settings().is_demo else settings().argon2


def keep(response: _Response, signed_in: SignedIn) -> _Response:
    """Give the browser its session; forget whatever it had before, also its CSRF token."""
    browser.clear()
    response.set_cookie(
        _cookie_name(), signed_in.secret, httponly=True, secure=_secure(), samesite="Lax", path="/", max_age=12 * 3600
    )
    return response


def switch(assignment_id: UUID) -> Actor:
    """Go on in another role of the same person, in this browser.

    Pages that were opened in the role before can send nothing any more: who has two of them open would otherwise act for one
    organisation on a page of the other.

    Raises:
        Unauthenticated: nobody is logged in here.
        NotAllowed: a token stands for one role and no other.
        LoginRefused: not a role of this person.
    """
    if is_token():
        raise NotAllowed(
            "a token stands for one role", detail="Een toegangstoken geldt voor één rol. Vraag er een voor de andere."
        )
    secret = cookie_secret()
    if secret is None:
        raise Unauthenticated("no session to switch")
    with transaction() as session:
        found = accounts.switch_assignment(session, secret, assignment_id=assignment_id, at=now())
    g.pop("steun_actor", None)
    browser.pop("csrf_token", None)
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
        found = accounts.actor_of_token(session, token, address=request.remote_addr, at=now())
    elif secret is not None:
        is_use = policies.of(request.endpoint, request.path).is_use
        found = accounts.actor_of_sign_in(session, secret, is_use=is_use, at=now())
        g.steun_time_left = accounts.time_left(session) if found else None
    return found and replace(found, origin="api" if is_api() else "page", request_id=g.get("request_id"))


def time_left() -> str | None:
    """How long this browser stays logged in, as seconds for the script on a page: unused, and at most."""
    left: tuple[timedelta, timedelta] | None = g.get("steun_time_left")
    return ";".join(str(max(int(each.total_seconds()), 0)) for each in left) if left else None


def credential() -> str | None:
    """The token or session that this request brings, as it was sent; whether it is one is found out later."""
    return _bearer() or cookie_secret()


def topic_worker(session: Session) -> tuple[topics.TopicWorker, Actor]:
    """Which program of a partner asks, with a token that does nothing but the steps of one topic, and as who it acts.

    Raises:
        Unauthenticated: no such token, ended or expired; also that of a person.
    """
    found = topics.worker_of_token(session, _bearer() or "", at=now())
    if found is None:
        raise Unauthenticated("no valid token for a topic")
    worker, by = found
    identify(session, by)
    return worker, replace(by, request_id=g.get("request_id"))


def is_token() -> bool:
    """Whether a program asks, with a token; else it is a browser, or nobody."""
    return _bearer() is not None


def _bearer() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip() if kind.lower() == "bearer" else ""
    return given or None  # an empty one is none: it must not do without the CSRF token of who has a cookie


def settings() -> Settings:
    """The settings of the application that serves this request."""
    found: Settings = current_app.extensions["steun.settings"]
    return found


def _secure() -> bool:
    return settings().secure_cookies


def _cookie_name() -> str:
    # The prefix makes a browser refuse the cookie from another host or over plain http.
    return "__Host-steun-sign-in" if _secure() else "steun-sign-in"
