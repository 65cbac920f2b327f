"""Asking for a case: the answer is the same for every family, known or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("case_requests", "Vragen om een casus: wie de casus vasthoudt, beslist met de ouder.")


class CaseRequestIn(schemas.Strict):
    case_number = schemas.a_text("Nummer van de casus; of vul naam en geboortedatum van de ouder in.")
    parent_name = schemas.a_text("De hele naam van de ouder.")
    birth_date = fields.Date(metadata={"description": "Geboortedatum van de ouder."})
    reason = schemas.a_text("parent_asks_us, moved_here of help_continues_here.", required=True)
    parent_knows = schemas.a_truth("Of de ouder weet dat u om de casus vraagt.", required=True)


class CaseRequestOut(Schema):
    id = schemas.an_id("Kenmerk van uw vraag.", required=True)
    reason = schemas.a_text("Waarom u het vroeg.", required=True)
    asked_at = schemas.an_instant("Wanneer u het vroeg.", required=True)
    until_at = schemas.an_instant("Tot wanneer er een antwoord kan komen.", required=True)
    over = schemas.a_truth("Of die tijd voorbij is zonder antwoord.", required=True)


class CaseRequestListOut(Schema):
    items = fields.List(fields.Nested(CaseRequestOut), required=True)


@door(
    blueprint,
    "POST",
    "/case-requests",
    summary="Om een casus vragen",
    description="U hoort niet of het gezin bekend is. Houdt iemand de casus vast, dan beslist die met de ouder of u haar krijgt "
    "aangeboden. Wat u zocht, wordt versleuteld bewaard tot er is gekeken, en daarna gewist. Elke vraag wordt vastgelegd.",
    body=CaseRequestIn,
    gives=CaseRequestOut,
    status=201,
    refuses=(403, 429),
)
def create_case_request(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            asked = method.ask_for_case(session, **body, by=by, at=now())
            return asked.id, dict(CaseRequestOut().dump(asked))

        def again(found: UUID | None) -> dict[str, Any]:
            for one in method.case_requests(session, by=by, at=now()):
                if one.id == found:
                    return dict(CaseRequestOut().dump(one))
            raise NotFound(f"case request {found} was forgotten")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("case_requests.list_case_requests")
        )  # fmt: skip


@door(
    blueprint,
    "GET",
    "/case-requests",
    summary="Waar u om vroeg",
    description="Uw eigen vragen om een casus, de nieuwste eerst. Er staat niet in om welk gezin het ging.",
    gives=CaseRequestListOut,
    refuses=(403,),
)
def list_case_requests() -> Answer:
    with reading() as session:
        return CaseRequestListOut().dump({"items": method.case_requests(session, by=actor(), at=now())}), 200, {}
