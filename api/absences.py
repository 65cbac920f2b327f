"""Not being there for a while: reporting it, and coming back."""

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
from workflows import method, organisations

blueprint = group("absences", "Afwezigheid: uw taken gaan een tijd naar uw team of een vervanger.")


class AbsenceIn(schemas.Strict):
    from_on = fields.Date(required=True, metadata={"description": "Eerste dag; vandaag of later."})
    until_on = fields.Date(required=True, metadata={"description": "Laatste dag."})
    deputy_id = schemas.an_id("Een collega uit hetzelfde team; leeg: het team.", allow_none=True, load_default=None)


class AbsenceOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    from_on = fields.Date(required=True, metadata={"description": "Eerste dag."})
    until_on = fields.Date(required=True, metadata={"description": "Laatste dag."})
    deputy_id = schemas.an_id("Wie vervangt; null: het team.", allow_none=True)
    begun_at = schemas.an_instant("Sinds wanneer uw taken elders liggen.", allow_none=True)
    tasks_moved = schemas.a_number("Hoeveel taken er toen gingen.")
    ended_at = schemas.an_instant("Wanneer u eerder terug was.", allow_none=True)


class AbsencesOut(Schema):
    items = fields.List(fields.Nested(AbsenceOut), required=True)


@door(
    blueprint,
    "GET",
    "/me/absences",
    summary="Wanneer u er niet bent",
    description="Alleen van uzelf, in de rol waarin u nu werkt, en alleen wat nog niet voorbij is.",
    gives=AbsencesOut,
)
def list_absences() -> Answer:
    with reading() as session:
        return AbsencesOut().dump({"items": method.absence_list(session, by=actor(), at=now())}), 200, {}


@door(
    blueprint,
    "POST",
    "/me/absences",
    summary="Afwezigheid melden",
    description="Vanaf de eerste dag gaan uw taken naar uw vervanger of uw team. Niets komt vanzelf terug: een collega kan er midden in zitten. Concepten blijven van u.",
    body=AbsenceIn,
    gives=AbsenceOut,
    status=201,
    refuses=(404,),
)
def report_absence(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            kept = method.report_absence(session, **body, by=by, at=now())
            return kept.id, dict(AbsenceOut().dump(kept))

        def again(absence_id: UUID | None) -> dict[str, Any]:
            return dict(AbsenceOut().dump(organisations.own_absence(session, absence_id or UUID(int=0), by=by)))

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("absences.list_absences"))


@door(
    blueprint,
    "POST",
    "/me/absences/<uuid:absence_id>/endings",
    summary="Eerder terug",
    description="Of u gaat toch niet. Wat bij anderen ligt, blijft daar.",
    gives=AbsenceOut,
    refuses=(404,),
)
def end_absence(absence_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return absence_id, dict(AbsenceOut().dump(method.end_absence(session, absence_id, by=by, at=now())))

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(AbsenceOut().dump(organisations.own_absence(session, absence_id, by=by)))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)
