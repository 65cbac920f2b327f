"""Bundles: the published sets of diagrams, decision tables and forms; each version, its files, and looking at a draft."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import reading
from workflows import diagrams, method
from workflows.errors import Invalid, NotFound, Unavailable

blueprint = group("bundles", "Bundels: de gepubliceerde processen, beslistabellen en formulieren.")

XML = "application/xml"
#: One draft at a time in a process: looking through every course of every process is a second of work.
_looking = threading.Lock()
_PATIENCE = 10.0


class PublishedOut(Schema):
    digest = schemas.a_text("Kenmerk van de bundel.", required=True)
    published_at = schemas.an_instant("Wanneer gepubliceerd.", required=True)
    is_current = schemas.a_truth("Of nieuwe casussen hiermee beginnen.", required=True)


class PublishedListOut(Schema):
    items = fields.List(fields.Nested(PublishedOut), required=True, metadata={"description": "De nieuwste eerst."})


class DraftFileIn(schemas.Strict):
    name = fields.String(
        required=True,
        validate=validate.Regexp(r"^[\w .-]{1,100}[.](bpmn|dmn|form)$", error="Geef een naam op .bpmn, .dmn of .form."),
        metadata={"description": "Naam, eindigend op .bpmn, .dmn of .form.", "examples": ["verkennen.bpmn"]},
    )
    content = schemas.a_text("De inhoud van het bestand, als tekst.", required=True)


class DraftBundleIn(schemas.Strict):
    files = fields.List(
        fields.Nested(DraftFileIn),
        required=True,
        validate=validate.Length(1, 500, error="Geef {min} tot en met {max} bestanden."),
        metadata={"description": "De hele set: processen, beslistabellen en formulieren horen bij elkaar."},
    )


class FindingOut(Schema):
    code = schemas.a_text("Wat voor bevinding het is.", required=True)
    severity = schemas.a_text("error (wordt niet gepubliceerd) of warning.", required=True)
    message = schemas.a_text("Wat er is, en wat u eraan doet.", required=True)
    file = schemas.a_text("In welk bestand.", required=True)
    line = schemas.a_number("Op welke regel; 0: niet bekend.", required=True)
    element_id = schemas.a_text("Van welk onderdeel.", required=True)
    label = schemas.a_text("Hoe dat onderdeel heet.", required=True)


class BundleCheckOut(Schema):
    ok = schemas.a_truth("Of deze set gepubliceerd kan worden.", required=True)
    digest = schemas.maybe_text("Kenmerk dat de set zou krijgen; leeg: niet te lezen.")
    findings = fields.List(fields.Nested(FindingOut), required=True)


@door(
    blueprint,
    "GET",
    "/bundles",
    summary="Alle gepubliceerde bundels",
    description="Een casus blijft op de bundel waarmee hij begon; daarom blijven ook oude te lezen.",
    gives=PublishedListOut,
)
def list_bundles() -> Answer:
    with reading() as session:
        actor()
        return PublishedListOut().dump({"items": diagrams.published(session)}), 200, {}


@door(
    blueprint,
    "GET",
    "/bundles/current",
    summary="De bundel waarmee nieuwe casussen beginnen",
    gives=schemas.BundleOut,
    refuses=(404,),
)
def get_current_bundle() -> Answer:
    with reading() as session:
        actor()
        return _told(diagrams.load(session, diagrams.current(session))), 200, {}


@door(
    blueprint,
    "GET",
    "/bundles/<string:digest>",
    summary="Eén bundel",
    gives=schemas.BundleOut,
    refuses=(404,),
)
def get_bundle(digest: str) -> Answer:
    with reading() as session:
        actor()
        return _told(diagrams.load(session, digest)), 200, {}


@door(
    blueprint,
    "GET",
    "/bundles/<string:digest>/processes/<string:process_id>",
    summary="Een proces zoals het is getekend (BPMN)",
    description="Het bestand precies zoals het is gepubliceerd. Camunda Modeler opent het.",
    media_type=XML,
    refuses=(404,),
)
def get_process(digest: str, process_id: str) -> Response:
    return _file(digest, process_id, lambda bundle: bundle.processes)


@door(
    blueprint,
    "GET",
    "/bundles/<string:digest>/decisions/<string:decision_id>",
    summary="Een beslistabel (DMN)",
    description="Het bestand precies zoals het is gepubliceerd.",
    media_type=XML,
    refuses=(404,),
)
def get_decision(digest: str, decision_id: str) -> Response:
    return _file(digest, decision_id, lambda bundle: bundle.decisions)


def _file(digest: str, name: str, drawn: Callable[[Any], Mapping[str, Any]]) -> Response:
    with reading() as session:
        actor()
        bundle = diagrams.load(session, digest)
        if (found := drawn(bundle).get(name)) is None:
            raise NotFound(f"bundle {digest} has nothing of that name")
        return Response(bundle.files[found.file], mimetype=XML)


@door(
    blueprint,
    "POST",
    "/bundle-checks",
    summary="Een set nakijken",
    description="Wat publiceren zou weigeren of waarover twijfel is, zonder iets te bewaren; hetzelfde als ‘steun check’. Voor de coördinator.",
    body=DraftBundleIn,
    gives=BundleCheckOut,
)
def check_bundle(body: dict[str, Any]) -> Answer:
    files: dict[str, bytes] = {}
    for one in body["files"]:
        if one["name"] in files:
            raise Invalid("a file twice", errors={"files": [f"‘{one['name']}’ staat er twee keer in."]})
        files[one["name"]] = one["content"].encode()
    with reading():
        by = actor()
        diagrams.require_publisher(by)
    # Outside a transaction: it takes a second, and nothing is kept, so the same request once more is the same.
    if not _looking.acquire(timeout=_PATIENCE):
        raise Unavailable("another draft is being looked at")
    try:
        bundle, found = method.check_draft(files, by=by)
    finally:
        _looking.release()
    ok = bundle is not None and all(one.severity != "error" for one in found)
    shown = {"ok": ok, "digest": bundle.digest if bundle else None, "findings": found}
    return BundleCheckOut().dump(shown), 200, {}


def _told(bundle: Any) -> dict[str, Any]:
    shown: dict[str, Any] = schemas.BundleOut().dump(
        {
            "digest": bundle.digest,
            "processes": sorted(bundle.processes),
            "decisions": sorted(bundle.decisions),
            "forms": sorted(bundle.forms),
        }
    )
    return shown
