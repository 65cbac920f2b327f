"""What somebody hears of, for programs that show it elsewhere. Which family it is about is not in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("notifications", "Meldingen: wat er nieuw is voor u.")


class NotificationOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    kind = schemas.a_text("Waar het om gaat, bijvoorbeeld team_task.", required=True)
    at = schemas.an_instant("Wanneer het gebeurde.", required=True)
    read = fields.Boolean(required=True, metadata={"description": "Of u het al las."})
    target = schemas.maybe_text("Waar het heen leidt: task, case of alarm; leeg: u mag het niet (meer) openen.")
    target_id = schemas.an_id("Kenmerk van waar het heen leidt.", required=True)
    name = schemas.maybe_text("Naam van de taak, zoals op de werklijst.")
    municipality_code = schemas.maybe_text("Gemeente van de taak.")
    due_at = schemas.an_instant("Wanneer de taak klaar moet zijn.", allow_none=True)


class NotificationListOut(Schema):
    items = fields.List(fields.Nested(NotificationOut), required=True)


class ReadOut(Schema):
    id = schemas.an_id("Kenmerk.", allow_none=True)


@door(
    blueprint,
    "GET",
    "/me/notifications",
    summary="Wat er nieuw is voor u",
    description="Van de rol van nu, de nieuwste eerst. Wat is opgepakt of niet meer nodig is, staat er niet meer in.",
    gives=NotificationListOut,
)
def list_notifications() -> Answer:
    with reading() as session:
        found = method.notification_list(session, by=actor(), at=now())
        return NotificationListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/me/notifications/<uuid:notification_id>/readings",
    summary="Deze melding is gelezen",
    gives=ReadOut,
    refuses=(404,),
)
def read_notification(notification_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.read_notification(session, notification_id, by=by, at=now())
            return notification_id, {"id": str(notification_id)}

        return once(
            session, by=by, do=do, again=lambda _: {"id": str(notification_id)}, location=lambda _: "", status=200
        )


@door(blueprint, "POST", "/me/notifications/readings", summary="Alle meldingen zijn gelezen", gives=ReadOut)
def read_all_notifications() -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[None, dict[str, Any]]:
            method.read_all_notifications(session, by=by, at=now())
            return None, {"id": None}

        return once(session, by=by, do=do, again=lambda _: {"id": None}, location=lambda _: "", status=200)
