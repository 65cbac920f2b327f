"""Families: who belongs to one, how far along it is, which days matter, and who decides for a child."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.family_events import AuthorityOut
from api.transactions import now, reading
from workflows import method

blueprint = group("families", "Gezinnen: wie erbij hoort en hoe ver het gezin is.")


class GestationalAgeOut(Schema):
    weeks = fields.Function(
        lambda pair: pair[0], required=True, metadata={"description": "Hele weken.", "type": "integer"}
    )
    days = fields.Function(
        lambda pair: pair[1], required=True, metadata={"description": "Dagen daarbij.", "type": "integer"}
    )


class MilestoneOut(Schema):
    code = schemas.a_text("Welke dag het is.", required=True)
    on = fields.Date(required=True, metadata={"description": "De dag."})


class FamilyOut(Schema):
    case_id = schemas.an_id("De casus.", required=True)
    phase = schemas.maybe_text("before_pregnancy, pregnant of after_birth; leeg: niet bekend.")
    gestational_age = fields.Nested(
        GestationalAgeOut, allow_none=True, metadata={"description": "Hoe lang de zwangerschap vandaag duurt."}
    )
    milestones = fields.List(fields.Nested(MilestoneOut), required=True)
    members = fields.List(fields.Nested(schemas.MemberOut), required=True)
    forms = schemas.some_texts("Formulieren over het gezin die u nu mag invullen.", required=True)


class MemberListOut(Schema):
    items = fields.List(fields.Nested(schemas.MemberOut), required=True)


class AuthorityListOut(Schema):
    items = fields.List(fields.Nested(AuthorityOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/family",
    summary="Het gezin van een casus",
    description="Wie erbij hoort, hoe ver het gezin vandaag is en welke dagen ertoe doen, voor zover u dat mag weten. Het lezen wordt vastgelegd.",
    gives=FamilyOut,
    refuses=(404,),
)
def get_family(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.family_outline(session, case_id, by=actor(), at=now())
        shown = {
            "case_id": case_id,
            "phase": found.phase,
            "gestational_age": found.gestational_age,
            "milestones": found.milestones,
            "members": found.members,
            "forms": sorted(found.forms),
        }
        return FamilyOut().dump(shown), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/members",
    summary="Wie bij het gezin horen",
    description="Iedereen van wie u mag weten, met hoe u die veilig bereikt als u dat mag weten. Het lezen wordt vastgelegd.",
    gives=MemberListOut,
    refuses=(404,),
)
def list_members(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.family_outline(session, case_id, by=actor(), at=now())
        return MemberListOut().dump({"items": found.members}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/authorities",
    summary="Wie over een kind beslist",
    description="Gezag en voogdij, van wie u mag weten. Het lezen wordt vastgelegd.",
    gives=AuthorityListOut,
    refuses=(404,),
)
def list_authorities(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.authorities(session, case_id, by=actor(), at=now())
        return AuthorityListOut().dump({"items": found}), 200, {}
