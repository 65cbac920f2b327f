"""Figures for the steering board: of periods that are over, told once, and of nobody."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import now, reading
from workflows import method

blueprint = group("figures", "Cijfers voor de regieraad: zonder dat iemand te herkennen is.")


def _percent(what: str) -> fields.Integer:
    return fields.Integer(allow_none=True, metadata={"description": f"{what}; leeg: te klein om te tonen."})


class ShareOut(Schema):
    codes = schemas.some_texts("Waarvan dit het deel is; meer codes: samen genomen.", required=True)
    percent = fields.Integer(required=True, metadata={"description": "Percentage, afgerond."})


class GroupOut(Schema):
    codes = schemas.some_texts("Soorten overdracht die samen genomen zijn.", required=True)
    count = fields.Integer(required=True, metadata={"description": "Overdrachten, afgerond op vijf."})
    warm_percent = _percent("Percentage warm")
    asked_back_percent = _percent("Percentage waarbij de ontvanger eerst iets terugvroeg")
    median_working_days = _percent("Werkdagen van aanbieden tot aannemen, de middelste")
    outcomes = fields.List(fields.Nested(ShareOut), required=True, metadata={"description": "Hoe het afliep."})


class PeriodOut(Schema):
    first_day = fields.Date(required=True, metadata={"description": "Eerste dag."})
    last_day = fields.Date(required=True, metadata={"description": "Laatste dag; een of meer hele kwartalen."})
    smallest = fields.Integer(required=True, metadata={"description": "Van minder gezinnen dan dit staat er niets."})
    published_at = schemas.an_instant("Wanneer gemaakt; daarna veranderen ze niet.", required=True)
    count = fields.Integer(required=True, metadata={"description": "Overdrachten, afgerond op vijf."})
    warm_percent = _percent("Percentage warm")
    asked_back_percent = _percent("Percentage waarbij de ontvanger eerst iets terugvroeg")
    median_working_days = _percent("Werkdagen van aanbieden tot aannemen, de middelste")
    returned_percent = _percent("Percentage van de aangenomen casussen dat terugging")
    outcomes = fields.List(fields.Nested(ShareOut), required=True, metadata={"description": "Hoe het afliep."})
    reasons = fields.List(fields.Nested(ShareOut), required=True, metadata={"description": "Waarom niet aangenomen."})
    kinds = fields.List(fields.Nested(GroupOut), required=True, metadata={"description": "Per soort overdracht."})


class FiguresOut(Schema):
    items = fields.List(fields.Nested(PeriodOut), required=True)
    waits_from = fields.Date(allow_none=True, metadata={"description": "Eerste dag van wat te klein is om te tonen."})
    waits_until = fields.Date(allow_none=True, metadata={"description": "Laatste dag daarvan."})
    smallest = fields.Integer(required=True, metadata={"description": "Van minder gezinnen dan dit tonen we niets."})


@door(
    blueprint,
    "GET",
    "/figures/handovers",
    summary="Cijfers over overdrachten",
    description="Voor de regieraad, per periode van een of meer kwartalen. Te kleine groepen staan er samen of niet in, ook "
    "zo dat aftrekken niets oplevert. Het lezen wordt vastgelegd.",
    gives=FiguresOut,
    refuses=(403,),
)
def get_handover_figures() -> Answer:
    with reading() as session:
        return FiguresOut().dump(method.handover_figures(session, by=actor(), at=now())), 200, {}
