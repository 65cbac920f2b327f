"""Looking ahead: what is coming in a case, and the terms that pass in an area."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, next_page
from api.doors import blueprint as group
from api.pages import shown, standing_words
from api.schemas import a_text, an_id, an_instant, maybe_text
from api.transactions import now, reading
from workflows import method

blueprint = group("terms", "Termijnen: wat eraan komt, en wat te laat dreigt te worden.")


class ExpectedOut(Schema):
    day = fields.Date(required=True, metadata={"description": "Dag waarop het komt."})
    kind = a_text("Soort: task, evaluation, hub_meeting, pregnancy_weeks, due_date, …", required=True)
    label = a_text("Wat er komt.", required=True)
    source = a_text("Waar deze dag van afgeleid is.", required=True)


class ForecastOut(Schema):
    items = fields.List(fields.Nested(ExpectedOut), required=True)


class RiskOut(Schema):
    """A task whose term passes: nothing on it says which family or which case."""

    id = an_id("Kenmerk van de taak.", required=True)
    name = a_text("Wat er te doen is.", required=True)
    status = a_text("open of claimed.", required=True)
    role = a_text("Rol die de taak doet.", required=True)
    organisation_id = an_id("Organisatie waar de taak ligt.", required=True)
    holder_organisation_id = an_id("Organisatie die de casus draagt.", allow_none=True)
    holder_role = maybe_text("Rol die de casus draagt.")
    municipality_code = maybe_text("Gemeente (CBS-code).")
    urgency = maybe_text("Spoed.")
    due_at = an_instant("Uiterlijk moment.", allow_none=True)
    warned_at = an_instant("Sinds wanneer de taak bijna te laat is.", allow_none=True)
    escalated_at = an_instant("Wanneer iemand gevraagd is te kijken.", allow_none=True)
    opened_at = an_instant("Sinds wanneer de taak er ligt.", required=True)
    risk = a_text("late, soon of floating (een steunafspraak die nog niemand heeft aangenomen).", required=True)


class RiskListOut(Schema):
    items = fields.List(fields.Nested(RiskOut), required=True)
    next_cursor = maybe_text("Begin van de volgende bladzijde.")


@door(
    blueprint,
    "GET",
    "/terms-at-risk",
    summary="Termijnen die verlopen",
    description="Voor de procesregisseur: taken in het eigen gebied die te laat zijn of dreigen te worden, zonder gezin. "
    "Het lezen wordt vastgelegd.",
    query=schemas.PageQuery,
    gives=RiskListOut,
    refuses=(403,),
    paged=True,
)
def list_terms_at_risk(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = method.terms_at_risk(
            session, by=actor(), at=now(), cursor=query.get("cursor"), page_size=query["page_size"]
        )
        return RiskListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/forecast",
    summary="Wat eraan komt in een casus",
    description="Termijnen, afspraken en dagen van de zwangerschap en het kind, voor zover u ze mag weten. "
    "Het lezen wordt vastgelegd.",
    gives=ForecastOut,
    refuses=(404,),
)
def get_forecast(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.forecast(session, case_id, by=actor(), at=now())
        return ForecastOut().dump({"items": found}), 200, {}


class StandstillOut(Schema):
    sentence = a_text("Waarom de casus niet verdergaat, in één zin voor mensen.", required=True)
    waits_for = a_text(f"Waarop: {', '.join(method.WaitsFor)}.", required=True)
    what = maybe_text("De stap waarop gewacht wordt.")
    task_id = an_id("De taak, als die er is.", allow_none=True)
    organisation_id = an_id("Bij welke organisatie.", allow_none=True)
    role = maybe_text("Bij welke rol.")
    taken = fields.Boolean(required=True, metadata={"description": "Of iemand het heeft opgepakt."})
    since = an_instant("Sinds wanneer.", allow_none=True)
    due_at = an_instant("Uiterlijk moment.", allow_none=True)
    late = fields.Boolean(required=True, metadata={"description": "Of het te laat is."})
    by_itself = a_text(f"Wat er vanzelf gebeurt: {', '.join(method.ByItself)}.", required=True)
    next_at = an_instant("Wanneer dat gebeurt, of gebeurde.", allow_none=True)
    others = fields.Integer(required=True, metadata={"description": "Hoeveel andere taken er liggen."})
    reference = maybe_text("Bij een storing: hoe de beheerders haar kennen.")


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/standstill",
    summary="Waarom een casus niet verdergaat",
    description="Waarop de casus wacht, bij wie, sinds wanneer, en wat er vanzelf gebeurt; voor zover u mag volgen hoe het "
    "verdergaat. Het lezen wordt vastgelegd.",
    gives=StandstillOut,
    refuses=(404,),
)
def get_standstill(case_id: UUID) -> Answer:
    with reading() as session:
        by = actor()
        found = method.standstill(session, case_id, by=by, at=now())
        told = {name: getattr(found, name) for name in method.Standstill.__dataclass_fields__}
        mine = (found.organisation_id, found.role) == (by.organisation_id, by.role)
        told["sentence"] = standing_words.sentence(found, shown.Names(session), mine=mine, now=now())
        return StandstillOut().dump(told), 200, {}
