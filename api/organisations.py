"""Municipalities and organisations of the region."""

from __future__ import annotations

from typing import Any

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import local_date, reading
from workflows import organisations

blueprint = group("organisations", "Gemeenten en organisaties van de regio.")


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
