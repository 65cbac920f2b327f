"""The JSON API below /api/v1 and its description (OpenAPI 3.1, NLGov API Design Rules)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from flask import Flask, Response, json, request

from api import examples, following, routing
from api.doors import PREFIX, STATUSES
from api.schemas import ProblemOut

#: The API's own version: breaking changes raise the first part, which is also in the address.
VERSION = "1.0.0"
DOORS = (
    "me",
    "moments",
    "tasks",
    "work_lists",
    "absences",
    "signals",
    "cases",
    "consents",
    "forms",
    "bundles",
    "organisations",
    "directory",
    "plans",
    "family_events",
    "bsns",
    "hubs",
    "terms",
    "tokens",
    "settings",
    "sharing",
    "grounds",
    "leaving",
    "comments",
    "blocks",
    "handovers",
    "figures",
    "sessions",
    "emergencies",
    "case_requests",
    "log_lines",
    "rights",
    "notifications",
    "attachments",
    "desk",
    "webhooks",
    "families",
    "stories",
    "messages",
    "parent_logins",
    "outside",
    "administration",
    "topics",
)

_DESCRIPTION = """De deuren van Steun op Maat: taken, casussen en signalen.

Programma's sturen een toegangstoken mee (`Authorization: Bearer …`, uitgegeven met `steun token add`). Momenten zijn
UTC. Fouten zijn `application/problem+json` (RFC 9457). Wat niet bestaat en wat u niet mag zien, antwoorden gelijk: 404.
"""


_Untyped: Any = import_module("flask_smorest").Api


class _Api(_Untyped):  # type: ignore[misc]
    """flask-smorest writes the description; errors and responses are ours."""

    def _register_error_handlers(self) -> None:
        """``api.problems`` answers every error."""


def register(app: Flask) -> None:
    """Every door of the API, and its description at /api/v1/openapi.json."""
    for name in DOORS:
        app.register_blueprint(import_module(f"api.{name}").blueprint)
    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", _document)
    app.after_request(_version)


@cache
def document() -> dict[str, Any]:
    """The description as data; made when first asked for, because no door waits for it."""
    app = Flask("api")
    app.url_rule_class = routing.Rule
    app.config.update(
        API_TITLE="Steun op Maat",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": _DESCRIPTION,
                "contact": {
                    "name": "Beheer Steun op Maat",
                    "email": "beheer@steun-op-maat.example",
                    "url": "https://steun-op-maat.example/beheer",
                },
            },
            "externalDocs": {"description": "Uitleg voor wie een koppeling maakt.", "url": "/ontwikkelaars"},
            "servers": [{"url": PREFIX, "description": "Deze installatie."}],
            "security": [{"token": []}, {"cookie": []}],
        },
    )
    api = _Api(app)
    schemes = api.spec.components
    schemes.security_scheme("token", {"type": "http", "scheme": "bearer"})
    schemes.security_scheme("cookie", {"type": "apiKey", "in": "cookie", "name": "steun-sign-in"})
    schemes.schema("Problem", schema=ProblemOut)
    for name in DOORS:
        api.register_blueprint(import_module(f"api.{name}").blueprint)
    return finished(api.spec.to_dict())


def finished(spec: dict[str, Any]) -> dict[str, Any]:
    """What flask-smorest leaves to us: paths relative to the server, what every answer has, and no default answers."""
    spec["paths"] = {path.removeprefix(PREFIX): operations for path, operations in spec["paths"].items()}
    spec["components"]["headers"] = _HEADERS
    refusals: dict[str, Any] = {}
    spec["components"]["responses"] = refusals
    for operations in spec["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                _finish(operation, refusals)
    _forget_unused(spec)
    examples.fill(spec)
    following.link(spec)
    return spec


def _forget_unused(spec: dict[str, Any]) -> None:
    """Schemas that flask-smorest brings and that no door speaks of."""
    text = json.dumps(spec)
    for name in [*spec["components"]["schemas"]]:
        if f'"#/components/schemas/{name}"' not in text:
            del spec["components"]["schemas"][name]


def _finish(operation: dict[str, Any], refusals: dict[str, Any]) -> None:
    responses = {str(code): each for code, each in operation["responses"].items()}
    responses.pop("default", None)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses.setdefault("429", {"description": STATUSES[429], "content": problem})
    operation["responses"] = dict(sorted(responses.items()))
    for code, response in responses.items():
        headers = response.setdefault("headers", {})
        for name in (*_ALWAYS, *(("Retry-After",) if code in ("429", "503") else ())):
            headers[name] = {"$ref": f"#/components/headers/{name}"}
        if code[0] in "45":  # the same everywhere, so told once
            refusals[f"Refused{code}"] = response
            operation["responses"][code] = {"$ref": f"#/components/responses/Refused{code}"}
        elif operation.get("deprecated"):
            headers.update({name: {"$ref": f"#/components/headers/{name}"} for name in ("Deprecation", "Sunset")})


_ALWAYS = ("API-Version", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_HEADERS: dict[str, Any] = {
    "API-Version": {"description": "Volledige versie van deze API.", "schema": {"type": "string"}},
    "RateLimit-Limit": {"description": "Hoeveel verzoeken per minuut mogen.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "Hoeveel daarvan er nog over zijn.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Na hoeveel seconden er weer ruimte is.", "schema": {"type": "integer"}},
    "Retry-After": {"description": "Na hoeveel seconden u het opnieuw kunt proberen.", "schema": {"type": "integer"}},
    "Deprecation": {"description": "Sinds wanneer dit adres vervalt (RFC 9745).", "schema": {"type": "string"}},
    "Sunset": {"description": "Vanaf wanneer dit adres er niet meer is (RFC 8594).", "schema": {"type": "string"}},
}


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


def _document() -> Response:
    return Response(
        _text(),
        mimetype="application/json",
        headers={"Access-Control-Allow-Origin": "*"},
    )


def _version(response: Response) -> Response:
    if request.path.startswith(PREFIX):
        response.headers["API-Version"] = VERSION
    return response
