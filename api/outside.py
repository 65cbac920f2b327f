"""Handing over to somebody without an account: what would go along, sending it, how it stands, and that it arrived."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from marshmallow import Schema, fields

from api import auth, schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.handovers import HeldBackOut
from api.pages.outside import outside_paper
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("outside", "Overdragen aan iemand zonder account.")


class OutsideIn(schemas.Strict):
    kind = schemas.a_text(
        "Waar het gezin heen gaat: regular_care, compulsory_framework of municipality.", required=True
    )
    way = schemas.a_text("Hoe het daar komt: link of paper.", required=True)
    party_kind = schemas.a_text("Wat voor organisatie het is.", required=True)
    party_name = schemas.a_text("Aan wie u overdraagt.", required=True)
    telephone = schemas.a_text("Op welk nummer u die persoon belt.", required=True)
    shown_to_parent = schemas.a_truth("Of u samen met de ouder bekeek wat er meegaat.", required=True)


class ReceiptIn(schemas.Strict):
    receipt = schemas.a_text("Wat de ontvanger zei: takes_over of read.", required=True)
    name = schemas.a_text("Naam van de ontvanger.", required=True)
    function = schemas.a_text("Functie van de ontvanger.", required=True)
    organisation = schemas.a_text("Organisatie van de ontvanger.", required=True)


class OutsideOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    kind = schemas.a_text("Waar het gezin heen gaat.", required=True)
    way = schemas.a_text("link of paper.", required=True)
    party_kind = schemas.a_text("Wat voor organisatie het is.", required=True)
    party_name = schemas.a_text("Aan wie.", required=True)
    telephone = schemas.a_text("Op welk nummer.", required=True)
    status = schemas.a_text("sent, opened, received of ended.", required=True)
    categories = schemas.some_texts("Soorten gegevens die meegingen.", required=True)
    content_hash = schemas.a_text("Kenmerk van wat meeging.", required=True)
    went = schemas.a_number(
        "Hoeveel onderdelen er meegingen; leeg: verstuurd voordat dat werd bijgehouden.", required=True, allow_none=True
    )
    held_back = fields.List(
        fields.Nested(HeldBackOut),
        required=True,
        metadata={"description": "Wat niet meeging en waarom, per soort; de ontvanger leest alleen dat er meer is."},
    )
    sent_at = schemas.an_instant("Wanneer klaargezet.", required=True)
    open_until = schemas.an_instant("Tot wanneer het te openen is.", required=True)
    over = schemas.a_truth("Of die tijd voorbij is en niemand het opende.", required=True)
    opened_at = schemas.an_instant("Wanneer geopend.", allow_none=True)
    received_at = schemas.an_instant("Wanneer de ontvanger bevestigde.", allow_none=True)
    receipt = schemas.maybe_text("takes_over of read.")
    receiver_name = schemas.maybe_text("Wie bevestigde.")
    receiver_function = schemas.maybe_text("Functie van wie bevestigde.")
    receiver_organisation = schemas.maybe_text("Organisatie van wie bevestigde.")
    by_telephone = schemas.a_truth("Of dat door de telefoon was.", required=True)
    ended_at = schemas.an_instant("Sinds wanneer het niet meer opent.", allow_none=True)
    ended_because = schemas.maybe_text("Waarom niet meer.")


class OutsideListOut(Schema):
    items = fields.List(fields.Nested(OutsideOut), required=True, metadata={"description": "De nieuwste eerst."})


class OutsideSentOut(Schema):
    handover = fields.Nested(OutsideOut, required=True)
    link = schemas.maybe_text("Wat u stuurt; leeg op papier. Staat hier één keer; bij een herhaald verzoek leeg.")
    code = schemas.maybe_text("Wat u door de telefoon voorleest; nooit samen met de link. Staat hier één keer.")


class OutsideContentOut(Schema):
    case_id = schemas.an_id("De casus.", required=True)
    content = schemas.an_object("Wat er meegaat, in woorden, precies zoals het daar te lezen is.", required=True)


class OutsidePreviewQuery(schemas.Strict):
    party_kind = schemas.a_text("Wat voor organisatie het is.", data_key="partyKind", required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/outside-handovers",
    summary="Wat naar iemand zonder account ging",
    description="Alleen voor wie de casus vasthoudt. Het lezen wordt vastgelegd.",
    gives=OutsideListOut,
    refuses=(404,),
)
def list_outside_handovers(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.outside_list(session, case_id, by=actor(), at=now())
        return OutsideListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/outside-preview",
    summary="Kijken wat er naar iemand zonder account zou gaan",
    description="Om samen met de ouder te bekijken, voordat het weggaat. Er gaat niets weg. Het lezen wordt vastgelegd.",
    query=OutsidePreviewQuery,
    gives=OutsideContentOut,
    refuses=(404,),
)
def preview_outside(case_id: UUID, query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = method.outside_preview(session, case_id, party_kind=query["party_kind"], by=actor(), at=now())
        return OutsideContentOut().dump({"case_id": case_id, "content": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/outside-handovers",
    summary="Overdragen aan iemand zonder account",
    description="Met een link en een code, of op papier. Alleen wat de ouder voor dit soort organisatie goedvond gaat mee. U houdt de casus vast tot u hem afsluit.",
    body=OutsideIn,
    gives=OutsideSentOut,
    status=201,
    refuses=(403, 404),
)
def create_outside_handover(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            sent = method.hand_over_outside(session, case_id, **body, by=by, at=now())
            home = auth.settings().public_url or request.host_url.rstrip("/")
            link = f"{home}{url_for('pages.outside_package', token=sent.token)}" if sent.token else None
            return sent.id, shown(sent.id, link, sent.code or None)

        def again(outside_id: UUID | None) -> dict[str, Any]:
            return shown(outside_id, None, None)

        def shown(outside_id: UUID | None, link: str | None, code: str | None) -> dict[str, Any]:
            for one in method.outside_list(session, case_id, by=by, at=now()):
                if one.id == outside_id:
                    return dict(OutsideSentOut().dump({"handover": one, "link": link, "code": code}))
            raise NotFound(f"outside handover {outside_id}")

        return once(session, by=by, do=do, again=again, location=lambda _: _address(case_id))


@door(
    blueprint,
    "GET",
    "/outside-handovers/<uuid:outside_id>/paper",
    summary="Wat op papier meegaat",
    description="Om af te drukken en mee te geven; alleen wat op papier gaat. Het lezen wordt vastgelegd.",
    gives=OutsideContentOut,
    refuses=(404, 409),
)
def get_outside_paper(outside_id: UUID) -> Answer:
    with reading() as session:
        view, content = method.outside_paper(session, outside_id, by=actor(), at=now())
        return OutsideContentOut().dump({"case_id": view.case_id, "content": content}), 200, {}


@door(
    blueprint,
    "GET",
    "/outside-handovers/<uuid:outside_id>/printed-paper",
    summary="Wat op papier meegaat (PDF)",
    description="Hetzelfde, opgemaakt om af te drukken en mee te geven. Het afdrukken wordt vastgelegd.",
    media_type="application/pdf",
    refuses=(404, 409),
)
def get_printed_outside_paper(outside_id: UUID) -> Response:
    return outside_paper(outside_id)


@door(
    blueprint,
    "POST",
    "/outside-handovers/<uuid:outside_id>/withdrawals",
    summary="Intrekken wat naar iemand zonder account ging",
    description="Vanaf dat moment opent het niets meer.",
    gives=OutsideOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_outside_handover(outside_id: UUID) -> Answer:
    return _changed(outside_id, method.withdraw_outside)


@door(
    blueprint,
    "POST",
    "/outside-handovers/<uuid:outside_id>/receipts",
    summary="Vastleggen dat het aankwam",
    description="Wat de ontvanger door de telefoon zei.",
    body=ReceiptIn,
    gives=OutsideOut,
    status=201,
    refuses=(403, 404),
)
def record_outside_receipt(outside_id: UUID, body: dict[str, Any]) -> Answer:
    return _changed(outside_id, method.record_outside_receipt, **body)


def _changed(outside_id: UUID, verb: Any, **said: Any) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            changed = verb(session, outside_id, **said, by=by, at=now())
            return changed.case_id, dict(OutsideOut().dump(changed))

        def again(case_id: UUID | None) -> dict[str, Any]:
            for one in method.outside_list(session, case_id or UUID(int=0), by=by, at=now()):
                if one.id == outside_id:
                    return dict(OutsideOut().dump(one))
            raise NotFound(f"outside handover {outside_id}")

        return once(session, by=by, do=do, again=again, location=lambda case_id: _address(case_id or UUID(int=0)))


def _address(case_id: UUID) -> str:
    return url_for("outside.list_outside_handovers", case_id=case_id)
