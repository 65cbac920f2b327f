"""Another ground than consent for one case: what can be invoked, invoking it, ending it, and that the family was told."""

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
from workflows import method
from workflows.errors import NotFound

blueprint = group("grounds", "Een andere grond dan toestemming, bij één casus en voor een tijd.")


class GroundIn(schemas.Strict):
    ground = schemas.a_text("De grond, zoals in de keuzes.", required=True)
    recipient = schemas.a_text("De ontvanger, zoals in de keuzes.", required=True)
    categories = schemas.some_texts("Gegevenssoorten; leeg als de grond niets opent.", load_default=list)
    reason = schemas.a_text("Waarom, in 20 tot 2000 tekens.", required=True)
    until = fields.Date(
        load_default=None,
        metadata={"description": "De laatste dag; weggelaten: zo lang als de instellingen toestaan."},
    )


class GroundOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    ground = schemas.a_text("De grond.", required=True)
    silent = schemas.a_truth("Of de ouder dit hier niet ziet zolang niemand het heeft verteld.", required=True)
    organisation_id = schemas.an_id("Wie zich erop beriep.", required=True)
    role = schemas.a_text("In welke rol.", required=True)
    recorded_by = schemas.an_id("Door wie vastgelegd.", allow_none=True)
    recipient_organisation_id = schemas.an_id("Ontvanger.", allow_none=True)
    recipient_kind = schemas.maybe_text("Soort ontvanger, als die hier niet meedoet: safe_home.")
    recipient_role = schemas.maybe_text("In welke rol.")
    purpose = schemas.maybe_text("Waarvoor.")
    categories = schemas.some_texts("Gegevenssoorten.", required=True)
    reason = schemas.maybe_text("Waarom; voor wie zich erop beriep en wie de casus vasthoudt.")
    from_at = schemas.an_instant("Vanaf wanneer.", required=True)
    until_at = schemas.an_instant("Tot wanneer, als niemand eerder stopt.", required=True)
    ended_at = schemas.an_instant("Wanneer gestopt.", allow_none=True)
    ended_through = schemas.maybe_text("withdrawn, time_over, left of case_ended.")
    told_at = schemas.an_instant("Wanneer het aan de ouder is verteld.", allow_none=True)
    runs = schemas.a_truth("Of er nu iets op rust.", required=True)


class RecipientOut(Schema):
    code = schemas.a_text("Wat u meestuurt als recipient.", required=True)
    organisation_id = schemas.an_id("Organisatie.", allow_none=True)
    role = schemas.maybe_text("Rol.")


class GroundChoiceOut(Schema):
    ground = schemas.a_text("De grond.", required=True)
    law = schemas.a_text("Waar hij staat.", required=True)
    opens = schemas.a_truth("Of de ontvanger er gegevens mee leest.", required=True)
    silent = schemas.a_truth("Of de ouder het hier niet ziet zolang niemand het heeft verteld.", required=True)
    categories = schemas.some_texts("Gegevenssoorten die kunnen.", required=True)
    recipients = fields.List(fields.Nested(RecipientOut), required=True)
    last_day = fields.Date(required=True, metadata={"description": "De laatste dag die kan."})


class GroundsOut(Schema):
    items = fields.List(fields.Nested(GroundOut), required=True)


class GroundChoicesOut(Schema):
    items = fields.List(fields.Nested(GroundChoiceOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/grounds",
    summary="Op welke andere gronden iets gedeeld is",
    description="Zover u dat mag zien, de nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=GroundsOut,
    refuses=(404,),
)
def list_grounds(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.sharing_of_case(session, case_id, by=actor(), at=now()).grounds
        return GroundsOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/ground-choices",
    summary="Op welke gronden u zich kunt beroepen",
    description="Voor wie, waarvoor en tot wanneer. Zegt niets over het gezin.",
    gives=GroundChoicesOut,
    refuses=(403, 404),
)
def list_ground_choices(case_id: UUID) -> Answer:
    with reading() as session:
        found = [
            {
                **{name: getattr(one, name) for name in ("ground", "law", "opens", "silent", "categories", "last_day")},
                "recipients": [
                    {"code": code, "organisation_id": there, "role": role} for code, there, role in one.recipients
                ],
            }
            for one in method.ground_choices(session, case_id, by=actor(), at=now())
        ]
        return GroundChoicesOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/grounds",
    summary="Zich op een andere grond dan toestemming beroepen",
    description="Wie de gegevens heeft, weegt of het moet. De ontvanger leest vanaf nu mee, tot de laatste dag. Veiligheid en "
    "gegevens van de partner opent het nooit. Wie de casus vasthoudt ziet het, en de ouder ook.",
    body=GroundIn,
    gives=GroundOut,
    status=201,
    refuses=(403, 404),
)
def invoke_ground(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()
        until = body.pop("until")

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.invoke_ground(session, case_id, **body, until_on=until, by=by, at=now())
            return found.id, dict(GroundOut().dump(found))

        def again(ground_id: UUID | None) -> dict[str, Any]:
            for one in method.sharing_of_case(session, case_id, by=by, at=now()).grounds:
                if one.id == ground_id:
                    return dict(GroundOut().dump(one))
            raise NotFound(f"ground {ground_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("grounds.list_grounds", case_id=case_id)
        )


@door(
    blueprint,
    "POST",
    "/grounds/<uuid:ground_id>/endings",
    summary="Zich niet langer op een grond beroepen",
    description="Door wie zich erop beriep, of wie de casus vasthoudt. De ontvanger leest daarna niet meer mee.",
    gives=GroundOut,
    status=201,
    refuses=(403, 404),
)
def end_ground(ground_id: UUID) -> Answer:
    return _changed(method.end_ground, ground_id)


@door(
    blueprint,
    "POST",
    "/grounds/<uuid:ground_id>/tellings",
    summary="Vastleggen dat het aan de ouder is verteld",
    description="Alleen door wie zich erop beriep. Vanaf nu staat het op het overzicht van de ouder.",
    gives=GroundOut,
    status=201,
    refuses=(403, 404),
)
def tell_ground(ground_id: UUID) -> Answer:
    return _changed(method.tell_ground, ground_id)


def _changed(verb: Any, ground_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return ground_id, dict(GroundOut().dump(verb(session, ground_id, by=by, at=now())))

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(GroundOut().dump(method.ground_view(session, ground_id, by=by, at=now())))

        return once(session, by=by, do=do, again=again, location=lambda _: "")
