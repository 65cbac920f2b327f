"""Logging in by way of a provider: going there, coming back, logging out here when it happened there.

What belongs to an attempt stands in the browser's own signed cookie and is used once. Leading to the provider is a link and no
form: a browser that follows our content policy would not let a form end there.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from flask import current_app, make_response, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from api import auth
from api.pages.blueprint import pages, render
from api.pages.people import inside
from api.problems import TooManyAttempts
from api.providers import ProviderAway, ProviderRefused, Talk
from api.transactions import now, transaction
from workflows import method
from workflows.errors import LoginRefused, NotFound

#: In the cookie: what belongs to the attempts of this browser, by state.
_ATTEMPTS = "provider_attempts"
_AT_ONCE = 3
_SECONDS = 600
_AGAIN = "Deze poging was verlopen of al gebruikt. Begin opnieuw."
_WORDS = {
    "state": _AGAIN,
    "code": _AGAIN,
    "used": _AGAIN,
    "denied": "U brak het inloggen daar af, of u werd daar niet doorgelaten.",
    "acr": "U bent daar niet streng genoeg gecontroleerd. Log daar in met de extra controle, zoals een code op uw telefoon.",
    "too_old": "U bent daar te lang geleden ingelogd. Log daar opnieuw in.",
    "no_auth_time": "U bent daar te lang geleden ingelogd. Log daar opnieuw in.",
    "times": "De klok daar en die van ons verschillen te veel. Geef dit door aan uw beheerder.",
    "away": "Het inloggen daar is nu niet bereikbaar. Probeer het over een paar minuten opnieuw.",
    "unknown": method.NOT_KNOWN,
}
_OTHER = "Wat we terugkregen, klopt niet. Geef dit door aan uw beheerder."


@pages.get("/inloggen/via/<code>")
def to_provider(code: str) -> Response:
    talk = _talk(code)
    next_, again = inside(request.args.get("next")), "opnieuw" in request.args
    before = auth.actor_or_none()
    if not again and before is not None:
        return redirect(next_ or url_for("pages.work"), 303)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        where = talk.where_to(state=state, nonce=nonce, verifier=verifier, redirect_uri=_back(code), again=again)
    except ProviderAway:
        return _not_in(talk, "away")
    kept = list(_attempts().items())[-(_AT_ONCE - 1) :]
    begun = {
        "at": int(now().timestamp()),
        "code": code,
        "nonce": nonce,
        "verifier": verifier,
        "next": next_,
        "again": again,
        "role": before.assignment_id.hex if before is not None and before.assignment_id is not None else None,
    }
    browser[_ATTEMPTS] = {**dict(kept), state: begun}
    return redirect(where, 303)


@pages.get("/inloggen/via/<code>/terug")
def from_provider(code: str) -> Response:
    talk = _talk(code)
    try:
        auth.may_try()
    except TooManyAttempts as refusal:
        return _not_in(talk, "many", detail=refusal.detail, status=429, seconds=refusal.retry_after)
    attempts = _attempts()
    begun = attempts.pop(request.args.get("state", ""), None)
    browser[_ATTEMPTS] = attempts
    if begun is None or begun["code"] != code or not 0 <= now().timestamp() - begun["at"] < _SECONDS:
        return _refused(talk, "state")
    if "error" in request.args or "code" not in request.args:
        return _refused(talk, "denied")
    try:
        told = talk.told(
            code=request.args["code"],
            nonce=begun["nonce"],
            verifier=begun["verifier"],
            redirect_uri=_back(code),
            issuer=request.args.get("iss"),
            again=begun["again"],
            at=now(),
        )
    except ProviderAway:
        return _not_in(talk, "away")
    except ProviderRefused as refusal:
        return _refused(talk, refusal.reason)
    try:
        prefers = UUID(begun["role"]) if begun.get("role") else None
        signed_in = auth.enter_by_provider(talk.provider, told, prefers=prefers)
    except LoginRefused as refusal:
        return _refused(talk, "unknown" if refusal.detail == method.NOT_KNOWN else "used", counted=True)
    next_ = inside(begun["next"])
    where = url_for("pages.confirm_page", next=next_) if signed_in.awaits_code else next_ or url_for("pages.work")
    return auth.keep(redirect(where, 303), signed_in)


@pages.post("/inloggen/via/<code>/afgemeld")
def provider_logout(code: str) -> Response:
    """The provider itself says that somebody logged out there (OpenID Connect Back-Channel Logout 1.0)."""
    talk = _talk(code)
    try:
        auth.may_try()
        ended = talk.logged_out(request.form.get("logout_token", ""), at=now())
        with transaction() as session:
            method.end_by_provider(
                session,
                talk.provider.issuer,
                token_id=ended.token_id,
                subject=ended.subject,
                provider_session=ended.session,
                at=now(),
            )
    except ProviderAway:
        return make_response({"error": "temporarily_unavailable"}, 503)
    except TooManyAttempts:
        return make_response({"error": "slow_down"}, 429)
    except ProviderRefused as refusal:
        auth.refuse_provider(code, refusal.reason)
        return make_response({"error": "invalid_request"}, 400)
    except LoginRefused:  # said before: it is so already
        pass
    return make_response("", 200)


@pages.get("/inloggen/via/<code>/sleutels")
def keys_for_provider(code: str) -> Response:
    """With which keys the provider finds out that it is us: a JSON Web Key Set (RFC 7517)."""
    return make_response(_talk(code).provider.public_keys)


@pages.get("/inloggen/via/<code>/uit")
def leave_provider(code: str) -> Response:
    """Log out there too, for who asks: others may use the same screen."""
    return redirect(
        _talk(code).end_address(_home() + url_for("pages.log_in_page")) or url_for("pages.log_in_page"), 303
    )


def _attempts() -> dict[str, Any]:
    found = browser.get(_ATTEMPTS)
    return dict(found) if isinstance(found, dict) else {}


def _talk(code: str) -> Talk:
    talks: dict[str, Talk] = current_app.extensions["steun.providers"]
    if code not in talks:
        raise NotFound("no such provider")
    return talks[code]


def _home() -> str:
    """Of this installation, as its operator wrote it down: the settings ask for it, and no request has a say in it."""
    return auth.settings().public_url


def _back(code: str) -> str:
    """Where a provider sends the browser back to: another address for each, so that none can pass for another."""
    return _home() + url_for("pages.from_provider", code=code)


def _refused(talk: Talk, reason: str, *, counted: bool = False) -> Response:
    if not counted:
        auth.refuse_provider(talk.provider.code, reason)
    return _not_in(talk, reason)


def _not_in(talk: Talk, reason: str, *, detail: str = "", status: int = 0, seconds: int = 30) -> Response:
    page = render(
        "provider_refused.html",
        provider=talk.provider,
        detail=detail or _WORDS.get(reason, _OTHER),
        reason=reason if reason not in _WORDS and not detail else "",
        again=reason in ("too_old", "no_auth_time", "acr"),
    )
    response = make_response(page, status or (503 if reason == "away" else 401))
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = str(seconds)
    return response
