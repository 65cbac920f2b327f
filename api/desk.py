"""The operator's desk: what does not go by itself any more, and mending it with two people. Of no family."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, pre_dump

from api import schemas
from api.auth import actor
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.pages import desk_words
from api.transactions import now, reading, transaction
from workflows import desk

blueprint = group(
    "desk", "Het beheer van de installatie: wat niet meer vanzelf gaat, en hoe twee mensen het herstellen."
)


class TroubleOut(Schema):
    id = schemas.an_id("Kenmerk; hetzelfde zolang dit zo is.", required=True)
    kind = schemas.a_text(f"Waarvan: {', '.join(desk.TroubleKind)}.", required=True)
    what = schemas.a_text("Soort werk, kanaal, logboek, proces of onderwerp.", required=True)
    state = schemas.a_text(f"Hoe het staat: {', '.join(desk.TroubleState)}.", required=True)
    cause = schemas.a_text(f"Wat erachter zit: {', '.join(desk.Cause)}.", required=True)
    title = schemas.a_text("Wat er niet gaat, in gewone taal.", required=True)
    reason = schemas.a_text("Waarom, in gewone taal.", required=True)
    advice = schemas.a_text("Wat u kunt doen, in gewone taal.", required=True)
    count = schemas.a_number("Hoe vaak.", required=True)
    error = schemas.maybe_text("Soort fout, voor de leverancier.")
    step = schemas.maybe_text("Bij welke stap van een schema.")
    organisation = schemas.maybe_text("Bij welke organisatie een stap ligt die een programma doet.")
    program = schemas.maybe_text("Welk programma die stap het laatst had, of kan ophalen.")
    since = schemas.an_instant("Sinds wanneer.", allow_none=True)
    next_at = schemas.an_instant("Wanneer het vanzelf weer geprobeerd wordt.", allow_none=True)
    references = schemas.some_texts("Het begin van een paar kenmerken, om samen hetzelfde te bedoelen.", required=True)
    actions = schemas.some_texts(f"Wat kan: {', '.join(desk.Action)}.", required=True)
    repair_id = fields.UUID(
        attribute="repair.id", metadata={"description": "Het verzoek dat op bevestiging wacht, als dat er is."}
    )

    @pre_dump
    def say(self, one: desk.Trouble, **_: Any) -> dict[str, Any]:
        reason, advice = desk_words.reason(one)
        known = {name: getattr(one, name) for name in desk.Trouble.__dataclass_fields__}
        if one.repair is None:
            del known["repair"]
        return {**known, "title": desk_words.title(one.kind, one.what), "reason": reason, "advice": advice}


class TroubleListOut(Schema):
    items = fields.List(fields.Nested(TroubleOut), required=True)


class RepairIn(schemas.Strict):
    trouble_id = schemas.an_id("Wat er niet gaat.", required=True)
    action = schemas.a_text(f"Wat er moet gebeuren: {', '.join(desk.Action)}.", required=True)
    why = schemas.a_text(f"Waarom: {', '.join(desk.Why)}.", required=True)


class RepairOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    trouble_id = schemas.an_id("Wat er niet ging.", required=True)
    kind = schemas.a_text(f"Waarvan: {', '.join(desk.TroubleKind)}.", required=True)
    what = schemas.a_text("Soort werk, kanaal, logboek, proces of onderwerp.", required=True)
    cause = schemas.a_text("Wat erachter zat.", required=True)
    action = schemas.a_text(f"Wat er moet gebeuren: {', '.join(desk.Action)}.", required=True)
    why = schemas.a_text(f"Waarom: {', '.join(desk.Why)}.", required=True)
    count = schemas.a_number("Hoe vaak, toen het gevraagd werd.", required=True)
    status = schemas.a_text(f"Hoe het staat: {', '.join(desk.RepairStatus)}.", required=True)
    asked_by = schemas.an_id("Wie het vroeg.", required=True)
    asked_at = schemas.an_instant("Wanneer.", required=True)
    decided_by = schemas.an_id("Wie erover besliste; leeg: niemand, of het systeem.", allow_none=True)
    decided_at = schemas.an_instant("Wanneer.", allow_none=True)
    mended = fields.Integer(allow_none=True, metadata={"description": "Voor hoeveel het gedaan is."})


class RepairListOut(Schema):
    items = fields.List(fields.Nested(RepairOut), required=True)
    next_cursor = schemas.maybe_text("Begin van de volgende bladzijde.")


_FOR = "Voor beheerders van de regio. Aantallen en codes; niets over een gezin."
_TWO = "Er gebeurt pas iets als een tweede beheerder bevestigt."


@door(
    blueprint,
    "GET",
    "/desk/troubles",
    summary="Wat niet meer vanzelf gaat",
    description=f"Mislukt of vastgelopen werk en wat het huis niet uit kan, per oorzaak samen. {_FOR}",
    gives=TroubleListOut,
    refuses=(403,),
)
def list_troubles() -> Answer:
    with reading() as session:
        return TroubleListOut().dump({"items": desk.troubles(session, by=actor(), at=now())}), 200, {}


@door(
    blueprint,
    "GET",
    "/desk/repairs",
    summary="Verzoeken om iets te herstellen",
    description=f"De nieuwste eerst, ook waarover al beslist is. {_FOR}",
    query=schemas.PageQuery,
    gives=RepairListOut,
    refuses=(403,),
    paged=True,
)
def list_repairs(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = desk.repairs(session, by=actor(), at=now(), cursor=query.get("cursor"), page_size=query["page_size"])
        return RepairListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/desk/repairs/<uuid:repair_id>",
    summary="Eén verzoek om iets te herstellen",
    description=_FOR,
    gives=RepairOut,
    refuses=(403, 404),
)
def get_repair(repair_id: UUID) -> Answer:
    with reading() as session:
        return RepairOut().dump(desk.repair(session, repair_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/desk/repairs",
    summary="Vragen om iets te herstellen",
    description=f"{_TWO} {_FOR}",
    body=RepairIn,
    gives=RepairOut,
    status=201,
    refuses=(403, 404),
)
def create_repair(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID | None, dict[str, Any]]:
            made = desk.ask(session, body["trouble_id"], body["action"], body["why"], by=by, at=now())
            return made.id, RepairOut().dump(made)

        return once(session, by=by, do=do, again=_shown(session, by), location=_where)


@door(
    blueprint,
    "POST",
    "/desk/repairs/<uuid:repair_id>/confirmations",
    summary="Als tweede bevestigen",
    description=f"Dan gebeurt het meteen, voor alles wat nu zo misgaat. Wie het vroeg, bevestigt niet. {_FOR}",
    gives=RepairOut,
    status=201,
    refuses=(403, 404),
)
def confirm_repair(repair_id: UUID) -> Answer:
    return _decide(desk.confirm, repair_id)


@door(
    blueprint,
    "POST",
    "/desk/repairs/<uuid:repair_id>/refusals",
    summary="Als tweede afwijzen",
    description=f"Er gebeurt niets; iemand kan het daarna opnieuw vragen. {_FOR}",
    gives=RepairOut,
    status=201,
    refuses=(403, 404),
)
def refuse_repair(repair_id: UUID) -> Answer:
    return _decide(desk.refuse, repair_id)


@door(
    blueprint,
    "POST",
    "/desk/repairs/<uuid:repair_id>/withdrawals",
    summary="Een eigen verzoek intrekken",
    description=_FOR,
    gives=RepairOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_repair(repair_id: UUID) -> Answer:
    return _decide(desk.withdraw, repair_id)


def _decide(verb: Any, repair_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID | None, dict[str, Any]]:
            return repair_id, RepairOut().dump(verb(session, repair_id, by=by, at=now()))

        return once(session, by=by, do=do, again=_shown(session, by), location=_where)


def _shown(session: Any, by: Any) -> Any:
    def show(repair_id: UUID | None) -> dict[str, Any]:
        assert repair_id is not None, "kept with what came of the request"
        shown: dict[str, Any] = RepairOut().dump(desk.repair(session, repair_id, by=by, at=now()))
        return shown

    return show


def _where(repair_id: UUID | None) -> str:
    return url_for("desk.get_repair", repair_id=repair_id)
