"""Messages to a case: what may be said to it from outside its tasks, and saying it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("messages", "Berichten aan een casus: wat u buiten de taken om kunt melden.")

_NAMES = f"Het bericht: {', '.join(method.MESSAGES)}."


class MessageIn(schemas.Strict):
    message = schemas.a_text(
        _NAMES, required=True, validate=validate.OneOf(list(method.MESSAGES), error="Kies uit: {choices}.")
    )
    answers = schemas.an_object("De antwoorden op het formulier van dit bericht; weggelaten als er geen is.")
    confirmed = schemas.confirmed_fields()


class MessageOut(Schema):
    name = schemas.a_text(_NAMES, required=True)
    form_key = schemas.maybe_text("Het formulier dat erbij hoort; leeg: er is niets in te vullen.")


class MessageListOut(Schema):
    items = fields.List(fields.Nested(MessageOut), required=True)


class MessageFormOut(Schema):
    name = schemas.a_text(_NAMES, required=True)
    form = fields.Nested(schemas.FormOut, allow_none=True, metadata={"description": "Leeg: er is niets in te vullen."})
    choices = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(schemas.ChoiceOut)),
        metadata={"description": "Keuzes die per casus verschillen: bij elke valuesKey van het formulier de lijst."},
    )


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/messages",
    summary="Wat u aan een casus kunt melden",
    description="De berichten die u in uw rol mag geven. Past een bericht niet bij hoe de casus er nu voor staat, dan hoort u dat bij het melden. Het lezen wordt vastgelegd.",
    gives=MessageListOut,
    refuses=(404,),
)
def list_messages(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.message_list(session, case_id, by=actor(), at=now())
        return MessageListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/messages/<string:message>",
    summary="Het formulier van een bericht",
    description="Wat u invult om dit te melden, in de versie waarop de casus loopt. Het lezen wordt vastgelegd.",
    gives=MessageFormOut,
    refuses=(404,),
)
def get_message_form(case_id: UUID, message: str) -> Answer:
    with reading() as session:
        found = method.message_form(session, case_id, message, by=actor(), at=now())
        return MessageFormOut().dump(found), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/messages",
    summary="Iets melden aan een casus",
    description="Voor alles wat buiten de taken om gebeurt; births, moves, due-dates en losses doen elk één ervan. "
    "Past iets niet bij wat bekend is, dan komt er een vraag terug (‘questions’); klopt het toch, stuur het veld dan mee in ‘confirmed’.",
    body=MessageIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def send_message(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            card = method.say(
                session,
                case_id,
                body["message"],
                answers=body.get("answers"),
                confirmed=body.get("confirmed", ()),
                by=by,
                at=now(),
            )
            return case_id, dict(schemas.CaseCardOut().dump(card))

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case))

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))
