"""How often one program may ask the API, and from how many refusals an address has to wait. What brings a token that nobody
looked up counts as a refusal.

Counted in the memory of each web process: no other server is needed, and who is spread over several processes may ask
more. What is kept is a hash that only this installation can make, for a minute.
"""

from __future__ import annotations

import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter

from api import auth, problems
from api.config import Settings

#: Programs that were heard lately, at most; who falls out is only limited as a stranger until the next answer.
_MOST_KNOWN = 10_000


class _Known:
    """Credentials that were right a moment ago: who brings one is not kept waiting by a neighbour who guesses."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: OrderedDict[str, None] = OrderedDict()

    def note(self, key: str, right: bool) -> None:
        with self._lock:
            if not right:
                self._keys.pop(key, None)
                return
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > _MOST_KNOWN:
                self._keys.popitem(last=False)

    def __contains__(self, key: str) -> bool:
        return key in self._keys


def register(app: Flask, settings: Settings) -> None:
    """Limit every door of the API; pages and health are not counted here. A limit of 0 is no limit."""
    known = app.extensions["steun.known"] = _Known()
    counted: list[str | Callable[[], str] | ApplicationLimit] = []
    if settings.rate_limit:
        counted.append(ApplicationLimit(limit_provider=f"{settings.rate_limit}/minute", key_function=_who, scope="who"))
    if settings.refusal_limit:
        counted.append(
            ApplicationLimit(limit_provider=f"{settings.refusal_limit}/minute", key_function=_where, scope="refused")
        )
    limiter = Limiter(
        _who,
        application_limits=counted,
        storage_uri="memory://",
        strategy="moving-window",
        request_identifier=lambda: request.endpoint or "unknown",
    )
    limiter.request_filter(lambda: not problems.is_api() or request.path.startswith("/health/"))
    limiter.init_app(app)
    for group in limiter.limit_manager._application_limits:  # init_app gives all of them the same conditions
        if group.scope == "refused":
            group.deduct_when = lambda response: response.status_code == 401 or _is_unproven()
            group.exempt_when = lambda: _who() in known
    app.after_request(_say)
    app.extensions["steun.limiter"] = limiter


def _say(response: Response) -> Response:
    """How much is left, and after a refusal when to come back."""
    if not problems.is_api() or request.path.startswith("/health/"):
        return response
    if auth.has_credentials() and (response.status_code == 401 or not _is_unproven()):
        current_app.extensions["steun.known"].note(_who(), response.status_code != 401)
    limiter: Limiter = current_app.extensions["steun.limiter"]
    counted = sorted(limiter.current_limits, key=lambda one: (not one.breached, "who" not in one.request_args))
    limit = next((one for one in counted if one.breached or "who" in one.request_args), None)
    if limit is None:
        return response
    wait = max(1, math.ceil(limit.reset_at - time.time()))
    response.headers["RateLimit-Limit"] = str(limit.limit.amount)
    response.headers["RateLimit-Remaining"] = str(limit.remaining)
    response.headers["RateLimit-Reset"] = str(wait)
    if limit.breached:
        response.headers["Retry-After"] = str(wait)
    return response


def _who() -> str:
    """The token or session that is brought, or where the request comes from."""
    if "steun_limited" not in g:
        brought = auth.credential()
        g.steun_limited = _hash(b"credential:" + brought.encode()) if brought else _where()
    return str(g.steun_limited)


def _is_unproven() -> bool:
    """Whether something was brought that nobody looked up, or that is nobody's: a public door, and a body that cannot be
    read, answer whatever is brought, so each made-up token would be a program of its own."""
    return auth.has_credentials() and g.get("steun_actor") is None


def _where() -> str:
    return auth.address().hex()


def _hash(text: bytes) -> str:
    return hmac.digest(auth.settings().secret_key.encode(), text, "sha256").hex()
