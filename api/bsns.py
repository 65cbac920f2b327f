"""The BSN of somebody of the family, for programs of organisations that may use it.

The number goes in by PUT and comes out by POST only: never in an address, and not in what is kept of an attempt that is
sent twice (a digest of nine digits can be worked out again).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("bsns", "Het BSN van gezinsleden: alleen voor zorg- en jeugdhulpaanbieders, en apart van alles.")

_PLACE = "/cases/<uuid:case_id>/members/<uuid:member_id>/bsn"
_ONLY = "Alleen voor zorgverleners van een organisatie die het BSN mag gebruiken; voor anderen is er niets te zien."


class BsnIn(schemas.Strict):
    bsn = schemas.a_text(
        "Negen cijfers, ook een 0 aan het begin. Spaties, punten en streepjes mogen.", required=True, load_only=True
    )


class BsnStandingOut(Schema):
    kept = schemas.a_truth("Of er een BSN is vastgelegd.", required=True)
    recorded_at = schemas.an_instant("Sinds wanneer.", allow_none=True)
    organisation_id = schemas.an_id("Welke organisatie het vastlegde.", allow_none=True)
    version = schemas.a_number("Versie, voor If-Match; 0 als er geen is.", required=True)


class BsnOut(Schema):
    bsn = fields.String(required=True, metadata={"description": "Het nummer, negen cijfers."})


@door(
    blueprint,
    "GET",
    _PLACE,
    summary="Of er een BSN is vastgelegd",
    description=f"Nooit het nummer zelf. {_ONLY} Het lezen wordt vastgelegd.",
    gives=BsnStandingOut,
    refuses=(404,),
    versioned=True,
)
def get_bsn(case_id: UUID, member_id: UUID) -> Answer:
    with reading() as session:
        return _shown(method.bsn_standing(session, case_id, member_id, by=actor(), at=now()))


@door(
    blueprint,
    "PUT",
    _PLACE,
    summary="Een BSN vastleggen of vervangen",
    description=f"Geef met If-Match de versie van wat u zag; 0 als er geen was. {_ONLY}",
    body=BsnIn,
    gives=BsnStandingOut,
    refuses=(404, 409),
    needs_version=True,
    versioned=True,
)
def put_bsn(case_id: UUID, member_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        found = method.record_bsn(session, case_id, member_id, body["bsn"], version=version, by=actor(), at=now())
        return _shown(found)


@door(
    blueprint,
    "DELETE",
    _PLACE,
    summary="Een BSN weghalen",
    description=f"Omdat het niet klopt of niemand het nodig heeft; ook als de casus gesloten is. {_ONLY}",
    gives=BsnStandingOut,
    refuses=(404,),
    needs_version=True,
    versioned=True,
)
def delete_bsn(case_id: UUID, member_id: UUID, version: int) -> Answer:
    with transaction() as session:
        by = actor()
        method.remove_bsn(session, case_id, member_id, version=version, by=by, at=now())
        return _shown(method.bsn_standing(session, case_id, member_id, by=by, at=now()))


@door(
    blueprint,
    "POST",
    f"{_PLACE}/readings",
    summary="Een BSN laten zien",
    description=f"Vraag het alleen als u het nu nodig heeft: elke keer komt in het logboek. {_ONLY}",
    gives=BsnOut,
    refuses=(404,),
)
def read_bsn(case_id: UUID, member_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID | None, dict[str, Any]]:
            return member_id, again(member_id)

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = BsnOut().dump(
                {"bsn": method.read_bsn(session, case_id, member_id, by=by, at=now())}
            )
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


def _shown(found: method.BsnStanding) -> Answer:
    return BsnStandingOut().dump(found), 200, etag(found.version)
