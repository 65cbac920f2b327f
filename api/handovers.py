"""Handovers of a case: how they stand, and taking an offer back. Offering and answering are tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema
from marshmallow import fields as kinds

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("handovers", "Overdrachten van een casus.")


class HandoverOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    kind = schemas.a_text("Soort overdracht.", required=True)
    reason = schemas.maybe_text("Reden; leeg voor wie alleen volgt hoe het ermee staat.")
    from_organisation_id = schemas.an_id("Wie overdraagt.", required=True)
    from_role = schemas.a_text("Rol van wie overdraagt.", required=True)
    to_organisation_id = schemas.an_id("Aan wie.", required=True)
    to_role = schemas.a_text("Rol van de ontvanger.", required=True)
    status = schemas.a_text(
        "prepared, offered, asked, accepted, refused, withdrawn, expired of completed.", required=True
    )
    is_warm = schemas.a_truth("Of afzender, ontvanger en ouder elkaar spraken, of dat afspraken.", required=True)
    offered_at = schemas.an_instant("Wanneer aangeboden; leeg zolang hij alleen is voorbereid.", allow_none=True)
    prepared_at = schemas.an_instant("Wanneer voorbereid.", required=True)
    questions = kinds.Integer(required=True, metadata={"description": "Hoe vaak de ontvanger iets terugvroeg."})
    shown_to_parent = schemas.a_truth("Of de ouder zag wat er is verstuurd.", allow_none=True)
    talked = schemas.a_truth("Of is vastgelegd hoe het gesprek met zijn drieën ging.", required=True)
    answered_at = schemas.an_instant("Wanneer beantwoord.", allow_none=True)
    ended_at = schemas.an_instant("Wanneer ingetrokken of verlopen.", allow_none=True)
    contact_planned_on = kinds.Date(allow_none=True, metadata={"description": "Wanneer de ontvanger contact opneemt."})
    first_contact_on = kinds.Date(allow_none=True, metadata={"description": "Wanneer het eerste contact was."})
    refused_reason = schemas.maybe_text("Waarom niet aangenomen; alleen voor afzender, ontvanger en wie meehelpt.")


class HandoverListOut(Schema):
    items = kinds.List(kinds.Nested(HandoverOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/handovers",
    summary="Overdrachten van een casus",
    description="De overdrachten die u mag zien, de nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=HandoverListOut,
    refuses=(404,),
)
def list_handovers(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.handover_list(session, case_id, by=actor(), at=now())
        return HandoverListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/handover-withdrawals",
    summary="Aangeboden overdracht intrekken",
    description="Alleen wie de casus vasthoudt, en zolang er geen antwoord is.",
    gives=HandoverOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_handover(case_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            ended = method.withdraw_handover(session, case_id, by=by, at=now())
            return ended.id, dict(HandoverOut().dump(ended))

        def again(handover_id: UUID | None) -> dict[str, Any]:
            for one in method.handover_list(session, case_id, by=by, at=now()):
                if one.id == handover_id:
                    return dict(HandoverOut().dump(one))
            raise NotFound(f"handover {handover_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("handovers.list_handovers", case_id=case_id)
        )
