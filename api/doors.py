"""What every door of the JSON API has in common: it says what it takes and gives, reads that, and documents itself."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from importlib import import_module
from typing import Any
from uuid import UUID

from flask import request, url_for
from marshmallow import Schema
from werkzeug.http import http_date

from api import bodies, shaping
from api.auth import has_credentials, settings
from api.problems import Unauthenticated
from api.transactions import now
from workflows import idempotency
from workflows.actor import Actor
from workflows.db import Session

PREFIX = "/api/v1"
Blueprint: Any = import_module("flask_smorest").Blueprint  # untyped: checked by our tests, not by mypy
Answer = tuple[dict[str, Any], int, dict[str, str]]

_PROBLEM = {"application/problem+json": {"schema": "Problem"}}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": 'De versie die u verandert, uit de kop ETag, bijvoorbeeld "3".',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,12}"$'},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Eigen kenmerk van deze poging. Wie hetzelfde verzoek met hetzelfde kenmerk nog eens stuurt, krijgt hetzelfde antwoord; er gebeurt niets dubbel.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
}
STATUSES = {
    400: "Onjuiste invoer; alle fouten staan bij elkaar.",
    401: "Niet ingelogd.",
    403: "Zichtbaar, maar niet toegestaan.",
    404: "Bestaat niet, of niet zichtbaar voor u.",
    409: "De stand laat dit niet toe, bijvoorbeeld omdat iemand anders eerder was.",
    412: "De versie is niet meer de nieuwste.",
    413: "De inhoud is te groot.",
    415: "De inhoud is geen JSON.",
    428: "De kop If-Match ontbreekt.",
    429: "Te vaak achter elkaar; zie Retry-After.",
    500: "Een fout in dit systeem.",
    503: "Even niet bereikbaar; zie Retry-After.",
}


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A door that goes away; ``docs/api.md`` says how long it still answers.

    Args:
        since: from when nobody should begin to use it.
        sunset: the day from which it may be gone.
        instead: what to use then, in Dutch.
    """

    since: date
    sunset: date
    instead: str

    def headers(self) -> dict[str, str]:
        """What each of its answers says (RFC 9745, RFC 8594)."""
        since, sunset = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (self.since, self.sunset))
        return {"Deprecation": f"@{int(since.timestamp())}", "Sunset": http_date(sunset)}


def blueprint(name: str, description: str) -> Any:
    """A group of doors below /api/v1."""
    return Blueprint(name, f"api.{name}", url_prefix=PREFIX, description=description)


def door(
    blueprint: Any,
    method: str,
    path: str,
    *,
    summary: str,
    description: str = "",
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    gives: type[Schema] | None = None,
    media_type: str = "application/json",
    status: int = 200,
    refuses: tuple[int, ...] = (),
    versioned: bool = False,
    needs_version: bool = False,
    paged: bool = False,
    sorts: tuple[str, ...] = (),
    deprecated: Deprecation | None = None,
    public: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a door.

    Everything that the request brings is read before the view opens a transaction: a slow sender holds no lock.
    Every GET of JSON takes ``fields``; every list (``items``) that its room does not page takes ``cursor`` and ``pageSize``
    as well. Both are done to what the view gives.

    Args:
        query: schema of the query; the view gets ``query=``.
        body: schema of the JSON body; the view gets ``body=``.
        gives: schema of the answer, for the documentation; the view dumps it itself, inside its transaction.
        refuses: statuses besides 400, 401, 403, 500 and 503.
        versioned: the answer carries an ETag.
        needs_version: the request carries If-Match; the view gets ``version=``.
        paged: the room pages: the view gets ``cursor`` and ``page_size`` in its query (``PageQuery``) and gives the Link.
        sorts: fields that the list can be ordered by (``sort=name``, ``sort=-name``). Of a list that is ``paged`` the room
            orders, and the view gets ``sort`` in its query; any other is ordered here, by any plain field if none is named.
        deprecated: this door goes away.
        public: nobody needs to be logged in.
    """

    shape = gives if method == "GET" and media_type == "application/json" else None
    paged = paged or (query is not None and "cursor" in query().fields)
    parts = shape is not None and not paged and shaping.is_list(shape)
    if parts and shape is not None and not sorts:
        sorts = shaping.sortable(shape)
    beside = ((shaping.FIELDS,) if shape else ()) + ((shaping.SORT,) if sorts else ())

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def enter(**arguments: Any) -> Any:
            if not public and not has_credentials():
                raise Unauthenticated("no credentials")
            asked = _Asked.read(query, shape, sorts, beside, parts=parts, paged=paged)
            if query is not None:
                arguments["query"] = asked.query
            if needs_version:
                arguments["version"] = bodies.if_match()
            if body is not None:
                arguments["body"] = bodies.load(body(), bodies.json_object())
            given = view(**arguments)
            if shape is not None and isinstance(given, tuple):
                given = asked.shaped(shape, given)
            return _with_headers(given, deprecated.headers()) if deprecated else given

        responses: dict[int, Any] = {status: {"description": summary}}
        if gives is not None:
            responses[status]["content"] = {media_type: {"schema": gives}}
        elif media_type != "application/json":
            responses[status]["content"] = {media_type: {"schema": {"type": "string"}}}
        headers = responses[status].setdefault("headers", {})
        if versioned:
            headers["ETag"] = {"description": "De versie, voor If-Match.", "schema": {"type": "string"}}
        if paged or parts:
            headers["Link"] = {
                "description": "Adres van de volgende bladzijde (rel=next).",
                "schema": {"type": "string"},
            }
        if status == 201:
            headers["Location"] = {
                "description": "Adres van wat ontstond.",
                "schema": {"type": "string", "format": "uri-reference"},
            }
        parameters: list[dict[str, Any]] = []
        refused = {400, 500, 503, *refuses}
        if not public:
            refused |= {401, 403}  # 403 also for a role that asks for a second factor
        if needs_version:
            parameters.append(_IF_MATCH)
            refused |= {412, 428}
        if method == "POST":
            parameters.append(_IDEMPOTENCY_KEY)
            refused.add(409)
        if body is not None:
            refused |= {413, 415}
        if query is not None:
            parameters.append({"in": "query", "schema": query})
        if parts:
            parameters.append({"in": "query", "schema": shaping.ListQuery})
        if shape is not None:
            parameters.append(shaping.FIELDS_PARAMETER)
        if sorts:
            parameters.append(shaping.sort_parameter(sorts))
        for code in sorted(refused):
            responses[code] = {"description": STATUSES[code], "content": _PROBLEM}
        documented: dict[str, Any] = {
            "operationId": view.__name__,
            "summary": summary,
            "description": description or summary,
            "responses": responses,
            "parameters": parameters,
        }
        if body is not None:
            documented["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        if public:
            documented["security"] = []
        if deprecated is not None:
            documented["deprecated"] = True
            documented["description"] += f" Vervalt vanaf {deprecated.sunset:%d-%m-%Y}: {deprecated.instead}"
        enter.__doc__ = None
        blueprint.route(path, methods=[method])(blueprint.doc(**documented)(enter))
        return view

    return decorate


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the query of one request asks: of the view, and of the shape of the answer."""

    query: dict[str, Any]
    fields: dict[str, Any] | None
    sort: str | None
    cursor: str | None
    page_size: int | None

    @classmethod
    def read(
        cls,
        schema: type[Schema] | None,
        shape: type[Schema] | None,
        sorts: tuple[str, ...],
        beside: tuple[str, ...],
        *,
        parts: bool,
        paged: bool,
    ) -> _Asked:
        """Everything in the query, refused before the view opens a transaction."""
        query = bodies.query((schema or Schema)(), beside=(*beside, *(("cursor", "pageSize") if parts else ())))
        part = bodies.load(shaping.ListQuery(), dict(request.args.items())) if parts else {}
        order = shaping.sort(sorts) if sorts else None
        if paged and order is not None:
            query["sort"], order = order, None
        fields = shaping.wanted(shape) if shape is not None else None
        return cls(query, fields, order, part.get("cursor"), part.get("page_size"))

    def shaped(self, shape: type[Schema], given: tuple[Any, ...]) -> tuple[Any, ...]:
        """What the view gave, as it was asked for."""
        shown, *rest = given
        if self.sort is not None:
            shown = {**shown, "items": shaping.ordered(shown["items"], self.sort)}
        if self.cursor is not None or self.page_size is not None:
            items, following = shaping.part(shown["items"], cursor=self.cursor, page_size=self.page_size)
            shown = {**shown, "items": items}
            if following is not None:
                shown, *rest = _with_headers((shown, *rest), next_page(following))
        if self.fields is not None:
            shown = shaping.cut(shape, shown, self.fields)
        return (shown, *rest)


def _with_headers(given: Any, headers: Mapping[str, str]) -> Any:
    if not isinstance(given, tuple):
        given.headers.extend(headers)
        return given
    shown, status, before = given
    return shown, status, {**before, **headers}


def once(
    session: Session,
    *,
    by: Actor,
    do: Callable[[], tuple[UUID | None, dict[str, Any]]],
    again: Callable[[UUID | None], dict[str, Any]],
    location: Callable[[UUID | None], str],
    status: int = 201,
) -> Answer:
    """Do a POST, or if this key was seen before, show again what came of it (and may the caller still see that?).

    What is kept to know the same request by is a hash that only this installation can make: a body can hold a password, or
    words that are few enough to be tried.

    Args:
        do: does it; gives the id of what came of it and the answer.
        again: shows it anew; raises NotFound when the caller may not see it any more.
        location: address of what came of it.
    """
    key = bodies.idempotency_key()
    if key is not None:
        digest = hmac.digest(settings().secret_key.encode(), b"request:" + request.get_data(cache=True), "sha256").hex()
        replay = idempotency.remember(
            session, key, by=by, method=request.method, path=request.path, digest=digest, at=now()
        )
        if replay is not None:
            shown = again(replay.location_id)
            headers = _headers(shown, replay.status, replay.location_id, location)
            return shown, replay.status, {**headers, "Idempotency-Replayed": "true"}
    found, shown = do()
    if key is not None:
        idempotency.keep(session, key, status, found)
    return shown, status, _headers(shown, status, found, location)


def _headers(
    shown: Mapping[str, Any], status: int, found: UUID | None, location: Callable[[UUID | None], str]
) -> dict[str, str]:
    headers = {"Location": location(found)} if status == 201 else {}
    return {**headers, **bodies.etag(shown["version"])} if "version" in shown else headers


def next_page(cursor: str | None) -> dict[str, str]:
    """The Link header to the page after *cursor*; nothing on the last page."""
    if cursor is None:
        return {}
    keys: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(), "cursor": cursor}
    return {"Link": f'<{url_for(request.endpoint or "", **keys)}>; rel="next"'}
