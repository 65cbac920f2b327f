"""Municipalities and organisations of the region."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import local_date, now, reading
from workflows import method, organisations

blueprint = group("organisations", "Gemeenten en organisaties van de regio.")


class UnwatchedOut(Schema):
    organisation_id = schemas.an_id("De organisatie.", required=True)
    name = schemas.a_text("Naam.", required=True)
    active = schemas.a_truth("Of ze nog meedoet.", required=True)
    gap = schemas.a_text(
        "no_log_manager, nobody_confirms (vernietigen), too_few_confirm of nobody_answers (verzoeken van ouders).",
        required=True,
    )
    waiting = schemas.a_number("Hoeveel er daardoor wacht: meldingen, casussen of verzoeken.", required=True)
    dpo = schemas.a_truth("Of ze een functionaris gegevensbescherming heeft.", required=True)


class UnwatchedListOut(Schema):
    items = fields.List(fields.Nested(UnwatchedOut), required=True)


@door(blueprint, "GET", "/municipalities", summary="Gemeenten", gives=schemas.MunicipalityListOut)
def list_municipalities() -> Answer:
    with reading() as session:
        actor()
        return schemas.MunicipalityListOut().dump({"items": organisations.municipalities(session)}), 200, {}


@door(
    blueprint,
    "GET",
    "/organisations",
    summary="Organisaties",
    query=schemas.OrganisationsQuery,
    gives=schemas.OrganisationListOut,
)
def list_organisations(query: dict[str, Any]) -> Answer:
    with reading() as session:
        actor()
        role, municipality = query.get("role"), query.get("municipality")
        if role is None:
            found = organisations.organisations(session, municipality=municipality)
        else:
            found = organisations.organisations_for(session, role=role, municipality=municipality, on=local_date())
        return schemas.OrganisationListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/organisations/unwatched",
    summary="Waar niemand de wacht houdt",
    description="Organisaties zonder logbeheerder, of zonder genoeg mensen om vernietigen te bevestigen of verzoeken te "
    "beantwoorden. Aantallen, niets over gezinnen. Alleen voor beheerders.",
    gives=UnwatchedListOut,
    refuses=(403,),
)
def list_unwatched() -> Answer:
    with reading() as session:
        return UnwatchedListOut().dump({"items": method.unwatched(session, by=actor(), at=now())}), 200, {}
