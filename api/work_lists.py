"""Named lists: filters of the work list that somebody keeps for themselves, in the role in which they act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method, processes

blueprint = group("work_lists", "Eigen lijsten: filters van de werklijst, onder een naam.")


class FiltersIO(schemas.Strict):
    municipality = schemas.a_text(
        "Gemeente (CBS-code).",
        validate=validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983."),
    )
    form_key = schemas.a_text("Formulier.", validate=validate.Length(1, 60))
    phase = schemas.a_text(
        "Fase.",
        validate=validate.OneOf(["before_pregnancy", "pregnant", "after_birth"], error="Kies uit: {choices}."),
    )
    due = schemas.a_text(
        "Groep van termijnen.", validate=validate.OneOf(schemas.DUE_GROUPS, error="Kies uit: {choices}.")
    )
    is_new = schemas.a_truth("Sinds het begin van de vorige werkdag.")


class WorkListIn(schemas.Strict):
    name = schemas.a_text("Naam. Noem hier geen gezin.", required=True)
    filters = fields.Nested(FiltersIO, required=True)
    is_start = schemas.a_truth("Of de werklijst hiermee opent.", load_default=False)


class WorkListOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    name = schemas.a_text("Naam.", required=True)
    filters = fields.Nested(FiltersIO, required=True)
    is_start = schemas.a_truth("Of de werklijst hiermee opent.", required=True)
    count = schemas.a_number("Hoeveel taken er nu in staan; 100 betekent: meer dan 99.", allow_none=True)
    version = schemas.a_number("Versie, voor If-Match.", required=True)


class WorkListsOut(Schema):
    items = fields.List(fields.Nested(WorkListOut), required=True)


@door(
    blueprint,
    "GET",
    "/work-lists",
    summary="Uw eigen lijsten",
    description="Alleen van uzelf, in de rol waarin u nu werkt, met hoeveel er nu in staat.",
    gives=WorkListsOut,
)
def list_work_lists() -> Answer:
    with reading() as session:
        found = method.saved_lists(session, by=actor(), at=now())
        return WorkListsOut().dump({"items": [_shown(one, count) for one, count in found]}), 200, {}


@door(
    blueprint,
    "POST",
    "/work-lists",
    summary="Lijst bewaren",
    body=WorkListIn,
    gives=WorkListOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def create_work_list(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            kept = processes.save_list(
                session, body["name"], body["filters"], is_start=body["is_start"], by=by, at=now()
            )
            return kept.id, dict(WorkListOut().dump(_shown(kept)))

        def again(list_id: UUID | None) -> dict[str, Any]:
            return dict(WorkListOut().dump(_shown(processes.saved_list(session, list_id or UUID(int=0), by=by))))

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("work_lists.list_work_lists"))


@door(
    blueprint,
    "PUT",
    "/work-lists/<uuid:list_id>",
    summary="Lijst veranderen",
    body=WorkListIn,
    gives=WorkListOut,
    refuses=(404,),
    needs_version=True,
    versioned=True,
)
def change_work_list(list_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        kept = processes.change_list(
            session,
            list_id,
            name=body["name"],
            filters=body["filters"],
            is_start=body["is_start"],
            version=version,
            by=actor(),
            at=now(),
        )
        return WorkListOut().dump(_shown(kept)), 200, etag(kept.version)


@door(
    blueprint,
    "DELETE",
    "/work-lists/<uuid:list_id>",
    summary="Lijst verwijderen",
    description="De taken zelf verandert dit niet. Het antwoord zegt nog één keer wat erin stond.",
    gives=WorkListOut,
    refuses=(404,),
    needs_version=True,
)
def delete_work_list(list_id: UUID, version: int) -> Answer:
    with transaction() as session:
        by = actor()
        gone = _shown(processes.saved_list(session, list_id, by=by))
        processes.delete_list(session, list_id, version=version, by=by, at=now())
        return WorkListOut().dump(gone), 200, {}


def _shown(one: processes.SavedList, count: int | None = None) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "filters": one.filters,
        "is_start": one.is_start,
        "count": count,
        "version": one.version,
    }
