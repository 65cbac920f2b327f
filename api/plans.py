"""The plan of a case, its talks over time, and asking to look back sooner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.schemas import a_number, a_text, a_truth, maybe_day, maybe_text, some_texts
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("plans", "Steunplannen: doelen, steunafspraken en samen terugkijken.")


class GoalOut(Schema):
    parent_words = a_text("Het doel, in de woorden van de ouder.", required=True)
    dimension = maybe_text("Deel van het leven (Positieve Gezondheid).")


class PlanOut(Schema):
    version = a_number("Versie van het plan; leeg als er geen is dat u mag zien.", allow_none=True, required=True)
    status = maybe_text("draft, agreed, ended of declined.")
    evaluation_on = maybe_day("Dag waarop het gezin samen terugkijkt.")
    parent_agreed_on = maybe_day("Wanneer de ouder akkoord ging.")
    copy_given = a_truth("Of de ouder het plan op papier of digitaal heeft.", allow_none=True)
    own_strength = maybe_text("Wat het gezin kracht geeft.")
    goals = fields.List(fields.Nested(GoalOut), required=True)
    actions = fields.List(fields.Nested(schemas.ActionOut), required=True)
    withheld = a_truth("Of er meer is dan u mag zien.")
    may_request_evaluation = a_truth("Of u kunt vragen om eerder terug te kijken.")


class RatingOut(Schema):
    goal = a_text("Het doel, in de woorden van de ouder.", required=True)
    status = a_text("reached, partly, not_yet of dropped.", required=True)
    parent_rating = a_number("Cijfer van de ouder, 0 tot en met 10.", allow_none=True)


class EvaluationOut(Schema):
    number = a_number("Hoeveelste keer.", required=True)
    evaluated_on = fields.Date(required=True, metadata={"description": "Dag van het gesprek."})
    decision = a_text("continue, adjust, step_up, step_down, hand_over of close.", required=True)
    next_on = maybe_day("Afgesproken dag voor de volgende keer.")
    decided_with_parent = a_truth("Of de ouder meebesliste.", allow_none=True)
    parent_experience = a_number("Hoe de ouder de steun ervaart, 0 tot en met 10.", allow_none=True)
    present = some_texts("Wie erbij waren.")
    goals = fields.List(fields.Nested(RatingOut))


class LevelOut(Schema):
    on = fields.Date(required=True, metadata={"description": "Dag waarop dit is bepaald."})
    level = a_text("Mate van kwetsbaarheid.", required=True)
    form_key = a_text("Formulier waarop dit staat.", required=True)


class HealthOut(Schema):
    who = a_text("parent of partner.", required=True)
    on = fields.Date(required=True, metadata={"description": "Dag van het gesprek."})
    scores = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        metadata={"description": "De zes cijfers, 0 tot en met 10, door de ouder zelf gekozen."},
    )


class ContactOut(Schema):
    name_or_initial = a_text("Voornaam of letter.", required=True)
    relation = maybe_text("Wie het is voor de ouder.")
    can_help_with = maybe_text("Waarmee deze persoon kan helpen.")
    may_contact = a_truth("Of u contact mag opnemen.")


class TalksOut(Schema):
    items = fields.List(fields.Nested(EvaluationOut), required=True, attribute="evaluations")
    levels = fields.List(fields.Nested(LevelOut), required=True)
    positive_health = fields.List(fields.Nested(HealthOut), required=True)
    network = fields.List(fields.Nested(ContactOut), required=True)
    network_on = maybe_day("Dag van de verkenning waar het netwerk uit komt.")


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/plan",
    summary="Het steunplan",
    description="Doelen en steunafspraken, met wat u ervan mag zien. Het lezen wordt vastgelegd.",
    gives=PlanOut,
    refuses=(404,),
)
def get_plan(case_id: UUID) -> Answer:
    with reading() as session:
        return PlanOut().dump(method.plan_view(session, case_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/evaluations",
    summary="Samen terugkijken",
    description="Evaluaties, mate van kwetsbaarheid en cijfers in de tijd, en het netwerk. Het lezen wordt vastgelegd.",
    gives=TalksOut,
    refuses=(404,),
)
def list_evaluations(case_id: UUID) -> Answer:
    with reading() as session:
        return TalksOut().dump(method.talks_view(session, case_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/evaluation-requests",
    summary="Eerder samen terugkijken",
    description="Het gesprek komt nu al op de werklijst van wie de casus vasthoudt.",
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def request_evaluation(case_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            case = method.request_evaluation(session, case_id, by=by, at=now())
            return case_id, schemas.CaseCardOut().dump(case)

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case)
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))
