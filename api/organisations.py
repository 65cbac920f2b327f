"""Municipalities and organisations of the region."""

from __future__ import annotations

from typing import Any

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import now, reading
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
        found = organisations.organisations_for(
            session, role=query.get("role"), municipality=query.get("municipality"), on=now().date()
        )
        return schemas.OrganisationListOut().dump({"items": found}), 200, {}
