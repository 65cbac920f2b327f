"""Cases: what somebody may see of them, the drawn process, and a loss."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("cases", "Casussen: wat u ervan mag zien.")


@door(
    blueprint,
    "GET",
    "/cases",
    summary="Casussen",
    description="Casussen waar uw organisatie en rol bij betrokken zijn, de nieuwste eerst; met ‘opened_at’ de oudste.",
    query=schemas.CasesQuery,
    gives=schemas.CaseListOut,
    paged=True,
    sorts=("opened_at",),
)
def list_cases(query: dict[str, Any]) -> Answer:
    cursor, page_size = query.pop("cursor", None), query.pop("page_size")
    oldest_first = query.pop("sort", None) == "opened_at"
    with reading() as session:
        page = method.case_list(
            session,
            by=actor(),
            at=now(),
            cursor=cursor,
            page_size=page_size,
            filters=query,
            oldest_first=oldest_first,
        )
        return schemas.CaseListOut().dump(page), 200, next_page(page.next_cursor)


class CaseSearchIn(schemas.Strict):
    text = schemas.a_text(
        "Een naam, een geboortedatum, een casusnummer, een naam met een geboortedatum, of het hele nummer in uw eigen "
        "systeem. Hoofdletters, accenten en een typefout in een naam maken niet uit, tekens en spaties in een nummer ook niet.",
        required=True,
    )


class FoundOut(Schema):
    by = schemas.a_text("Waarom gevonden: number, own_number, name, similar_name of birth_date.", required=True)
    member = fields.Nested(
        schemas.MemberOut, allow_none=True, metadata={"description": "Wie van het gezin, zover u die mag zien."}
    )


class SearchHitOut(Schema):
    case = fields.Nested(schemas.CaseCardOut, required=True, metadata={"description": "De casus."})
    found = fields.List(fields.Nested(FoundOut), required=True, metadata={"description": "Waarom deze gevonden is."})


class SearchOut(Schema):
    hits = fields.List(
        fields.Nested(SearchHitOut), required=True, metadata={"description": "De beste eerst; ten hoogste tien."}
    )
    more = schemas.a_truth("Of er meer zijn dan hier staan: vraag dan preciezer.", required=True)
    name = schemas.a_text("Wat als naam gelezen is.", required=True)
    birth_date = fields.Date(allow_none=True, metadata={"description": "Wat als geboortedatum gelezen is."})
    numbers = fields.List(fields.String(), required=True, metadata={"description": "Wat als casusnummer gelezen is."})
    own_number = schemas.a_text("Wat een nummer in uw eigen systeem kan zijn.", required=True)


@door(
    blueprint,
    "POST",
    "/cases/searches",
    summary="Casussen zoeken",
    description="Op naam, geboortedatum, nummer of het nummer in uw eigen systeem, in wat u mag zien. Wat u zoekt gaat in de inhoud, nooit in een adres. "
    "Het zoeken wordt vastgelegd, zonder de naam.",
    body=CaseSearchIn,
    gives=SearchOut,
)
def search_cases(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = SearchOut().dump(method.search_cases(session, body["text"], by=by, at=now()))
            return shown

        return once(session, by=by, do=lambda: (None, again(None)), again=again, location=lambda _: "", status=200)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>",
    summary="Eén casus",
    description="De casus met wat u ervan mag zien: gezin, taken, stappen, toestemmingen. Het lezen wordt vastgelegd.",
    gives=schemas.CaseOut,
    refuses=(404,),
    versioned=True,
)
def get_case(case_id: UUID) -> Answer:
    with reading() as session:
        view = method.case_view(session, case_id, by=actor(), at=now())
        shown = schemas.CaseOut().dump(view)
        shown["may"] = sorted(view.may)
        return shown, 200, etag(view.case.version)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/entries",
    summary="Vastgelegde antwoorden",
    description="Wat u mag lezen; bij ‘withheld’ is er meer dan u mag zien. Het lezen wordt vastgelegd.",
    gives=schemas.EntryListOut,
    refuses=(404,),
)
def list_entries(case_id: UUID) -> Answer:
    with reading() as session:
        view = method.case_view(session, case_id, by=actor(), at=now())
        return schemas.EntryListOut().dump({"items": view.entries}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/diagrams/<string:process_id>",
    summary="Het getekende proces (SVG)",
    description="Het proces met de stappen die gezet zijn en waar het nu staat.",
    media_type="image/svg+xml",
    refuses=(404,),
)
def get_diagram(case_id: UUID, process_id: str) -> Response:
    with reading() as session:
        view = method.case_view(session, case_id, by=actor(), at=now())
        for diagram in view.diagrams:
            if diagram.process_id == process_id:
                return Response(str(diagram.svg), mimetype="image/svg+xml")
        raise NotFound(f"case {case_id} has no diagram of that name")


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/discards",
    summary="Concept weggooien",
    description="Zolang niemand buiten de eigen organisatie van de casus weet.",
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404, 409),
)
def discard_signal(case_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            case = method.discard_signal(session, case_id, by=by, at=now())
            return case_id, schemas.CaseCardOut().dump(case)

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case)
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/losses",
    summary="Verlies doorgeven",
    description="Alles wat over de geboorte gaat, valt stil.",
    body=schemas.LossIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def report_loss(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            case = method.report_loss(session, case_id, answers=body["answers"], by=by, at=now())
            return case_id, schemas.CaseCardOut().dump(case)

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case)
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))
