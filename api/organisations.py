"""Municipalities and organisations of the region."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import local_date, now, reading, transaction
from workflows import access, method, organisations

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


class BsnUse(schemas.Strict):
    may_use_bsn = schemas.a_truth("Of ze het BSN mag gebruiken.", required=True)


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


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/bsn-uses",
    summary="Of een organisatie het BSN mag gebruiken",
    description="Alleen zorgaanbieders en jeugdhulpaanbieders mogen dat van de wet. Geldt vanaf het volgende verzoek; wie het niet "
    "meer mag, ziet er geen. Staat in het logboek. Alleen voor beheerders.",
    body=BsnUse,
    gives=BsnUse,
    refuses=(403, 404),
)
def set_bsn_use(organisation_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            allowed = body["may_use_bsn"]
            found = organisations.set_may_use_bsn(session, organisation_id, allowed, by=by, at=now())
            return found.id, dict(BsnUse().dump(found))

        def again(_: UUID | None) -> dict[str, Any]:
            access.require(by, "manage_organisations", access.Facts(), at=now())
            return dict(BsnUse().dump(organisations.organisation(session, organisation_id)))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)
