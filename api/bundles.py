"""Bundles: the published sets of diagrams, decision tables and forms; each version, its files, looking at a draft, publishing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import access, diagrams, method
from workflows.errors import Invalid, NotFound

blueprint = group("bundles", "Bundels: de gepubliceerde processen, beslistabellen en formulieren.")

XML, SVG = "application/xml", "image/svg+xml"


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


class PublicationOut(PublishedOut):
    findings = fields.List(
        fields.Nested(FindingOut), required=True, metadata={"description": "Waarschuwingen: wat een blik waard is."}
    )


class ProcessOutlineOut(Schema):
    items = fields.List(
        fields.Nested(schemas.OutlineOut), required=True, metadata={"description": "De stappen, in leesvolgorde."}
    )


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
    "/bundles/<string:digest>/processes/<string:process_id>/drawing",
    summary="Een proces als plaatje (SVG)",
    description="Zoals het is getekend, zonder stand van een casus; hetzelfde plaatje als op de pagina’s.",
    media_type=SVG,
    refuses=(404,),
)
def get_process_drawing(digest: str, process_id: str) -> Response:
    with reading() as session:
        actor()
        return Response(diagrams.drawing(session, digest, process_id).svg, mimetype=SVG)


@door(
    blueprint,
    "GET",
    "/bundles/<string:digest>/processes/<string:process_id>/outline",
    summary="Een proces als tekst",
    description="Elke stap en elke weg op een regel, ingesprongen zoals de tekening loopt; voor wie het plaatje niet ziet.",
    gives=ProcessOutlineOut,
    refuses=(404,),
)
def get_process_outline(digest: str, process_id: str) -> Answer:
    with reading() as session:
        actor()
        return ProcessOutlineOut().dump({"items": diagrams.drawing(session, digest, process_id).outline}), 200, {}


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
    files = _files(body)
    with reading():
        by = actor()
        diagrams.require_publisher(by)
    # Outside a transaction: it takes a second, and nothing is kept, so the same request once more is the same.
    bundle, found = method.check_draft(files, by=by)
    ok = bundle is not None and all(one.severity != "error" for one in found)
    shown = {"ok": ok, "digest": bundle.digest if bundle else None, "findings": found}
    return BundleCheckOut().dump(shown), 200, {}


@door(
    blueprint,
    "POST",
    "/bundles",
    summary="Een set publiceren",
    description="De set gaat eerst door dezelfde keuring als bij ‘steun publish’; wat die weigert, staat per bestand in ‘errors’. Daarna beginnen "
    "nieuwe casussen ermee; lopende blijven op hun eigen bundel. Een eerdere set die u opnieuw stuurt, geldt weer. Voor de coördinator, met een "
    "tweede stap bij het inloggen.",
    body=DraftBundleIn,
    gives=PublicationOut,
    status=201,
)
def publish_bundle(body: dict[str, Any]) -> Answer:
    files = _files(body)
    with reading():
        by = actor()
        diagrams.require_publisher(by)
        access.require_second_factor(by)
    passed = method.examine_diagrams(files, by=by)  # takes seconds: outside a transaction, so that nobody waits for it
    g.pop("steun_actor", None)  # whether they still may is asked anew
    with transaction() as session:
        by = actor()

        def shown(stored: diagrams.StoredBundle) -> dict[str, Any]:
            return {**PublishedOut().dump(stored), "findings": FindingOut(many=True).dump(passed.warnings)}

        return once(
            session,
            by=by,
            do=lambda: (None, shown(method.put_diagrams_in_force(session, passed, by=by, at=now()))),
            again=lambda _: shown(diagrams.stored_bundle(session, passed.bundle.digest)),
            location=lambda _: url_for("bundles.get_bundle", digest=passed.bundle.digest),
        )


def _files(body: Mapping[str, Any]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for one in body["files"]:
        if one["name"] in files:
            raise Invalid("a file twice", errors={"files": [f"‘{one['name']}’ staat er twee keer in."]})
        files[one["name"]] = one["content"].encode()
    return files


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
