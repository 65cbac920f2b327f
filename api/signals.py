"""Signals: the beginning of a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("signals", "Signalen: het begin van een casus, en wat eruit kwam.")


class SignalsQuery(schemas.PageQuery):
    heard = schemas.a_truth(
        "true: alleen waarvan u hoorde wat ermee gebeurde; false: alleen waarvan u dat nog niet hoorde."
    )


class OwnSignalOut(Schema):
    id = schemas.an_id("Kenmerk van het signaal.", required=True)
    case_id = schemas.an_id("De casus die het werd.", required=True)
    case_number = schemas.a_text("Nummer van die casus, voor mensen.", required=True)
    case_status = schemas.a_text("Stand van die casus.", required=True)
    person_id = schemas.an_id("Wie het vastlegde.", allow_none=True)
    received_at = schemas.an_instant("Wanneer het is vastgelegd.", required=True)
    feedback_at = schemas.an_instant("Wanneer u hoorde wat ermee gebeurde; leeg: nog niet.", allow_none=True)


class OwnSignalListOut(Schema):
    items = fields.List(fields.Nested(OwnSignalOut), required=True)
    next_cursor = schemas.maybe_text("Begin van de volgende bladzijde.")


class SignalOut(Schema):
    id = schemas.an_id("Kenmerk van het signaal.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    entry_id = schemas.an_id("Het ingevulde formulier, in de laatste versie.", required=True)
    organisation_id = schemas.an_id("Wie signaleerde.", required=True)
    person_id = schemas.an_id("Wie het vastlegde.", allow_none=True)
    received_at = schemas.an_instant("Wanneer het is vastgelegd.", required=True)
    vulnerability_level = schemas.maybe_text("Mate van kwetsbaarheid; leeg: niet voor u.")
    urgency = schemas.maybe_text("Spoed; leeg: niet voor u.")
    feedback_at = schemas.an_instant("Wanneer de signaleerder hoorde wat ermee gebeurde.", allow_none=True)


class SignalListOut(Schema):
    items = fields.List(fields.Nested(SignalOut), required=True, metadata={"description": "De oudste eerst."})


class ExplorationOut(Schema):
    id = schemas.an_id("Kenmerk van de verkenning.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    entry_id = schemas.an_id("Het ingevulde formulier, in de laatste versie.", required=True)
    organisation_id = schemas.an_id("Organisatie die verkende.", allow_none=True)
    person_id = schemas.an_id("Wie verkende.", allow_none=True)
    concluded_at = schemas.an_instant("Wanneer de verkenning klaar was.", required=True)
    conclusion = schemas.maybe_text("Wat eruit kwam; leeg: niet voor u.")
    decided_with_parent = schemas.a_truth(
        "Of de ouder meebesliste; leeg: niet bereikt, of niet voor u.", allow_none=True
    )
    vulnerability_level_after = schemas.maybe_text("Mate van kwetsbaarheid daarna; leeg: niet voor u.")


class ExplorationListOut(Schema):
    items = fields.List(fields.Nested(ExplorationOut), required=True, metadata={"description": "De oudste eerst."})


@door(
    blueprint,
    "GET",
    "/signals",
    summary="Signalen van uw organisatie",
    description="Wat uw organisatie signaleerde in casussen die u mag kennen, het nieuwste eerst (met ‘received_at’ het oudste), met of u al hoorde wat ermee gebeurde.",
    query=SignalsQuery,
    gives=OwnSignalListOut,
    paged=True,
    sorts=("received_at",),
)
def list_signals(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = method.own_signals(
            session,
            by=actor(),
            at=now(),
            heard=query.get("heard"),
            cursor=query.get("cursor"),
            page_size=query["page_size"],
            oldest_first=query.get("sort") == "received_at",
        )
        return OwnSignalListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/signals",
    summary="Signalen in een casus",
    description="Van elk signaal waarvan u het formulier mag lezen: wanneer, door wie, en of de signaleerder hoorde wat ermee gebeurde. Het lezen wordt vastgelegd.",
    gives=SignalListOut,
    refuses=(404,),
)
def list_case_signals(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.signal_list(session, case_id, by=actor(), at=now())
        return SignalListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/explorations",
    summary="Verkenningen in een casus",
    description="Wat er uit elke verkenning kwam, voor zover u het formulier mag lezen. Het lezen wordt vastgelegd.",
    gives=ExplorationListOut,
    refuses=(404,),
)
def list_explorations(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.exploration_list(session, case_id, by=actor(), at=now())
        return ExplorationListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/signals",
    summary="Nieuw signaal",
    description="Begint een conceptcasus binnen de eigen organisatie en geeft de eerste taak: het signaal vastleggen, of wat er bekend is van een gezin dat al onderweg is.",
    body=schemas.SignalIn,
    gives=schemas.TaskOut,
    status=201,
    refuses=(403,),
    versioned=True,
)
def create_signal(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            task = method.start_signal(
                session, municipality=body.get("municipality_code"), under_way=body["under_way"], by=by, at=now()
            )
            return task.id, schemas.TaskOut().dump(method.TaskCard.of(task, by))

        def again(task_id: UUID | None) -> dict[str, Any]:
            assert task_id is not None
            return dict(schemas.TaskOut().dump(method.task_view(session, task_id, by=by, at=now()).task))

        return once(
            session, by=by, do=do, again=again, location=lambda task_id: url_for("tasks.get_task", task_id=task_id)
        )
