"""Closing a case to somebody who knows the family otherwise, and opening it to them again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.cases import BlockReason
from workflows.errors import NotFound

blueprint = group("blocks", "Wie een gezin ook anders kent, komt niet in de casus.")


class ReasonIn(schemas.Strict):
    reason = schemas.a_text(
        "Waarvan deze persoon het gezin kent.",
        required=True,
        validate=validate.OneOf([str(one) for one in BlockReason]),
    )


class BlockIn(ReasonIn):
    person_id = schemas.an_id("Iemand van een organisatie die bij de casus betrokken is.", required=True)


class BlockOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    person_id = schemas.an_id("Wie er niet bij kan.", required=True)
    name = schemas.a_text("Naam.", required=True)
    organisation_id = schemas.an_id("Organisatie van deze persoon.", allow_none=True)
    reason = schemas.a_text("Waarvan deze persoon het gezin kent.", required=True)
    since = schemas.an_instant("Sinds wanneer.", required=True)
    by_self = fields.Boolean(required=True, metadata={"description": "Deze persoon zei het zelf."})


class BlockListOut(Schema):
    items = fields.List(fields.Nested(BlockOut), required=True)


class AsideOut(Schema):
    id = schemas.an_id("Waar het verzoek over ging.", required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/blocks",
    summary="Wie er niet in mag",
    description="Voor wie de casus vasthoudt. Het lezen wordt vastgelegd.",
    gives=BlockListOut,
    refuses=(403, 404),
)
def list_blocks(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.block_list(session, case_id, by=actor(), at=now())
        return BlockListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/blocks",
    summary="Iemand afschermen",
    description="Vanaf nu is de casus er niet voor deze persoon, in welke rol ook; wat die onder handen had, gaat terug naar het team.",
    body=BlockIn,
    gives=BlockOut,
    status=201,
    refuses=(403, 404),
)
def block_person(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.block_person(session, case_id, **body, by=by, at=now())
            return found.id, dict(BlockOut().dump(found))

        def again(block_id: UUID | None) -> dict[str, Any]:
            for one in method.block_list(session, case_id, by=by, at=now()):
                if one.id == block_id:
                    return dict(BlockOut().dump(one))
            raise NotFound(f"block {block_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("blocks.list_blocks", case_id=case_id)
        )


@door(
    blueprint,
    "POST",
    "/blocks/<uuid:block_id>/endings",
    summary="Iemand weer toelaten",
    gives=AsideOut,
    refuses=(403, 404),
)
def unblock_person(block_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            case_id = method.unblock_person(session, block_id, by=by, at=now())
            return case_id, {"id": str(block_id)}

        def again(case_id: UUID | None) -> dict[str, Any]:
            assert case_id is not None, "kept with the first answer"
            method.block_list(session, case_id, by=by, at=now())
            return {"id": str(block_id)}

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/blocks",
    summary="Ik ken dit gezin",
    description="De taak gaat terug naar het team en de casus is er voor u niet meer.",
    body=ReasonIn,
    gives=AsideOut,
    refuses=(403, 404),
)
def step_aside_from_task(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.step_aside_from_task(session, task_id, reason=body["reason"], by=by, at=now())
            return task_id, {"id": str(task_id)}

        return once(session, by=by, do=do, again=lambda _: {"id": str(task_id)}, location=lambda _: "", status=200)
