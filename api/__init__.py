"""The doors: HTTP and the command line. Knows who asks and what time it is; knows no SQL and no BPMN.

A door opens a transaction, calls one public verb of a room and closes it (``transactions``). Only ``problems`` knows
status codes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from uuid import uuid4

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api import (
    auth,
    cors,
    health,
    limits,
    logs,
    metrics,
    policies,
    problems,
    refusals,
    routing,
    tracing,
    transactions,
    uploads,
)
from api.config import Settings
from api.providers import Talk
from workflows.db import Database
from workflows.errors import Invalid, NotFound

log = logs.get(__name__)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = transactions.system_clock) -> Flask:
    """The application of one installation. *clock* says the present instant in UTC; tests hand in their own."""
    app = Flask("api", static_folder="static", static_url_path="/static")
    app.url_rule_class = routing.Rule
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_FORM_MEMORY_SIZE=settings.max_body,
        MAX_FORM_PARTS=10_000,
        SESSION_COOKIE_NAME="__Host-steun-browser" if settings.secure_cookies else "steun-browser",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.request_class = uploads.InMemory
    app.extensions["steun.settings"] = settings
    app.extensions["steun.providers"] = {one.code: Talk(one) for one in settings.providers}
    app.extensions["steun.clock"] = clock
    app.extensions["steun.database"] = Database(
        settings.database_url, vault=settings.vault, files=settings.files, lock_seconds=settings.lock_seconds
    )
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    app.before_request(_begin)
    app.after_request(_end)
    problems.register(app)
    refusals.register(app)
    cors.register(app, settings)
    limits.register(app, settings)
    auth.register(app)
    app.register_blueprint(health.blueprint)
    if metrics.are_wanted(settings):
        app.extensions["steun.metrics"] = metrics.Metrics(
            app.extensions["steun.database"], clock, settings.metrics_token
        )
    if settings.metrics_token:
        app.register_blueprint(metrics.blueprint)
    if settings.otel_endpoint:
        tracing.register(app, settings)
    for name in ("api.openapi", "api.pages"):  # here, because these import from this package
        import_module(name).register(app)
    return app


def _begin() -> None:
    g.request_id = uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    policies.limit_body()
    if request.content_length is not None and request.content_length > (request.max_content_length or 0):
        raise problems.TooLarge(f"{request.content_length} bytes")
    # No database keeps a NUL or so long an address with what came of a request.
    if len(request.query_string) > _LONGEST_QUERY:
        raise Invalid("address", errors={"address": ["Dit adres is te lang."]})
    if len(request.path) > _LONGEST_PATH or "\0" in request.path:
        raise NotFound("an address that means nothing")
    if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise Invalid("address", errors={"address": ["In dit adres staat een NUL-teken."]})


def _end(response: Response) -> Response:
    policies.apply(response)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    method, route = request.method if request.method in _METHODS else "other", str(request.url_rule or "none")
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    if (counted := current_app.extensions.get("steun.metrics")) is not None:
        counted.observe(method, route, response.status_code, seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        problem=g.get("problem", ""),
    )
    return response


#: As much as is kept of an address with what came of a request.
_LONGEST_PATH = 500
#: Bytes after the question mark: more is no question of ours.
_LONGEST_QUERY = 8_000
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
