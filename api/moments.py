"""A case as it was at a moment, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.plans import PlanOut
from api.transactions import now, reading
from workflows import method
from workflows.access import Scope
from workflows.method import LookingBack

blueprint = group("moments", "Terugkijken: een casus zoals zij toen was.")

REASONS = tuple(LookingBack)


class MomentQuery(schemas.Strict):
    moment = schemas.an_instant("Het moment, met tijdzone. Leeg: nu.")
    purpose = fields.String(
        required=True,
        validate=validate.OneOf(REASONS),
        metadata={"description": "Waarom u terugkijkt; komt in het logboek en in het overzicht van de ouder."},
    )


class HolderThenOut(Schema):
    organisation_id = schemas.an_id("Welke organisatie.", allow_none=True)
    role = schemas.maybe_text("In welke rol.")
    person_id = schemas.an_id("Wie in persoon; leeg: niemand, of niet bewaard.", allow_none=True)
    kept = schemas.a_truth("Of het bewaard is.", required=True)
    person_kept = schemas.a_truth("Of bewaard is wie het in persoon was.", required=True)


class PartyThenOut(Schema):
    organisation_id = schemas.an_id("Welke organisatie.", required=True)
    role = schemas.a_text("In welke rol.", required=True)
    since = schemas.an_instant("Sinds wanneer.", required=True)
    until = schemas.an_instant("Tot wanneer, als dat daarna stopte.", allow_none=True)


class TaskThenOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    name = schemas.a_text("Wat er te doen was.", required=True)
    form_key = schemas.maybe_text("Formulier.")
    organisation_id = schemas.an_id("Bij welke organisatie; leeg: niet bewaard.", allow_none=True)
    role = schemas.maybe_text("Bij welke rol.")
    claimed = schemas.a_truth("Of iemand haar had opgepakt.", required=True)
    opened_at = schemas.an_instant("Sinds wanneer.", required=True)


class ConsentThenOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    subject_id = schemas.an_id("Over wie.", required=True)
    recipient_organisation_id = schemas.an_id("Ontvanger.", allow_none=True)
    recipient_kind = schemas.maybe_text("Soort ontvanger.")
    purpose = schemas.a_text("Doel.", required=True)
    category = schemas.a_text("Gegevenssoort.", required=True)
    holds = schemas.a_truth("Of het toen gold als ja.", required=True)
    over = schemas.maybe_text("Hoe het daarna stopte: withdrawn of replaced.")


class SightOut(Schema):
    organisation_id = schemas.an_id("Welke organisatie.", required=True)
    role = schemas.a_text("In welke rol.", required=True)
    holder = schemas.a_truth("Of zij de casus vasthield.", required=True)
    through = schemas.a_text("Waardoor: party, emergency, of de oorzaak van een deling.", required=True)
    read = fields.Dict(
        keys=fields.String(),
        values=fields.Enum(Scope, by_value=True),
        required=True,
        metadata={"description": "Gegevenssoort en hoe ver."},
    )
    grounds = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Op welke grond."})
    people = schemas.a_number("Hoeveel mensen zo konden inloggen.", required=True)
    blocked = schemas.a_number("Voor hoeveel van hen de casus was afgeschermd.", required=True)


class StateOut(Schema):
    status = schemas.maybe_text("Stap in de methode.")
    municipality_code = schemas.maybe_text("Gemeente.")
    holder = fields.Nested(HolderThenOut, required=True)
    parties = fields.List(fields.Nested(PartyThenOut), required=True)
    tasks = fields.List(fields.Nested(TaskThenOut), required=True)
    entries = fields.List(fields.Nested(schemas.EntryOut), required=True)
    consents = fields.List(fields.Nested(ConsentThenOut), required=True)
    plan = fields.Nested(PlanOut, allow_none=True)
    readers = fields.List(fields.Nested(SightOut), required=True)
    blocked = schemas.a_number("Voor hoeveel mensen de casus was afgeschermd.", required=True)


class MomentOut(Schema):
    at = schemas.an_instant("Wanneer.", required=True)
    kinds = fields.List(fields.String(), required=True, metadata={"description": "Wat er veranderde."})


class CaseThenOut(Schema):
    case_id = schemas.an_id("Casus.", required=True)
    number = schemas.a_text("Nummer.", required=True)
    moment = schemas.an_instant("Het moment.", required=True)
    content = schemas.a_truth("Of u inhoud ziet, of alleen wie wat kon zien.", required=True)
    whole = schemas.a_truth("Of u van iedereen ziet wat die kon zien.", required=True)
    then = fields.Nested(StateOut, required=True)
    diagrams = fields.List(fields.Nested(schemas.DiagramOut), required=True)
    before = fields.Nested(MomentOut, allow_none=True, metadata={"description": "De vorige verandering."})
    after = fields.Nested(MomentOut, allow_none=True, metadata={"description": "De volgende verandering."})
    not_kept = fields.List(fields.String(), required=True, metadata={"description": "Wat niet bewaard is."})


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/at",
    summary="Een casus zoals zij toen was",
    description="Wat er op een moment was, voor zover u dat nu mag zien; wie een logboek beheert ziet alleen wie wat kon zien. "
    "Het terugkijken wordt vastgelegd, met de reden.",
    query=MomentQuery,
    gives=CaseThenOut,
    refuses=(403, 404),
)
def case_at(query: dict[str, Any], case_id: UUID) -> Answer:
    with reading() as session:
        view = method.case_at(
            session, case_id, moment=query.get("moment"), purpose=query["purpose"], by=actor(), at=now()
        )
        return CaseThenOut().dump(view), 200, {}
