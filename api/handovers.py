"""Handovers of a case: how they stand, and taking an offer back. Offering and answering are tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, validate
from marshmallow import fields as kinds

from api import schemas
from api.auth import actor
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.pages.proofs import printed_proof
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("handovers", "Overdrachten van een casus.")


class HandoverOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    kind = schemas.a_text("Soort overdracht.", required=True)
    reason = schemas.maybe_text("Reden; leeg voor wie alleen volgt hoe het ermee staat.")
    from_organisation_id = schemas.an_id("Wie overdraagt.", required=True)
    from_role = schemas.a_text("Rol van wie overdraagt.", required=True)
    to_organisation_id = schemas.an_id("Aan wie.", required=True)
    to_role = schemas.a_text("Rol van de ontvanger.", required=True)
    status = schemas.a_text(
        "prepared, offered, asked, accepted, refused, withdrawn, expired of completed.", required=True
    )
    is_warm = schemas.a_truth("Of afzender, ontvanger en ouder elkaar spraken, of dat afspraken.", required=True)
    offered_at = schemas.an_instant("Wanneer aangeboden; leeg zolang hij alleen is voorbereid.", allow_none=True)
    prepared_at = schemas.an_instant("Wanneer voorbereid.", required=True)
    questions = kinds.Integer(required=True, metadata={"description": "Hoe vaak de ontvanger iets terugvroeg."})
    shown_to_parent = schemas.a_truth("Of de ouder zag wat er is verstuurd.", allow_none=True)
    talked = schemas.a_truth("Of is vastgelegd hoe het gesprek met zijn drieën ging.", required=True)
    answered_at = schemas.an_instant("Wanneer beantwoord.", allow_none=True)
    ended_at = schemas.an_instant("Wanneer ingetrokken of verlopen.", allow_none=True)
    overlap_until = schemas.an_instant("Tot wanneer de afzender meeleest.", allow_none=True)
    contact_planned_on = kinds.Date(allow_none=True, metadata={"description": "Wanneer de ontvanger contact opneemt."})
    first_contact_on = kinds.Date(allow_none=True, metadata={"description": "Wanneer het eerste contact was."})
    refused_reason = schemas.maybe_text("Waarom niet aangenomen; alleen voor afzender, ontvanger en wie meehelpt.")


class HandoverListOut(Schema):
    items = kinds.List(kinds.Nested(HandoverOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/handovers",
    summary="Overdrachten van een casus",
    description="De overdrachten die u mag zien, de nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=HandoverListOut,
    refuses=(404,),
)
def list_handovers(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.handover_list(session, case_id, by=actor(), at=now())
        return HandoverListOut().dump({"items": found}), 200, {}


class ProofIn(schemas.Strict):
    hash = kinds.String(
        validate=validate.Regexp(r"[0-9a-fA-F]{64}\Z"),
        metadata={"description": "Kenmerk op papier, om mee te vergelijken."},
    )


class CountOut(Schema):
    code = schemas.a_text("visible, seen, changed, added, removed, erased of missing.", required=True)
    count = kinds.Integer(required=True, metadata={"description": "Hoeveel onderdelen."})


class HeldBackOut(Schema):
    kind = schemas.a_text("Soort onderdeel.", required=True)
    compartment = schemas.a_text("Soort gegevens, C0 tot en met C10.", required=True)
    ground = schemas.a_text("Waarom niet.", required=True)
    count = kinds.Integer(required=True, metadata={"description": "Hoeveel onderdelen."})


class ProofOut(Schema):
    package_id = schemas.an_id("Kenmerk van wat is verzonden.", required=True)
    receipt_id = schemas.an_id("Kenmerk van het ontvangstbewijs.", allow_none=True)
    handover_id = schemas.an_id("De overdracht.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    side = schemas.a_text("sender, receiver of log: als wie u kijkt.", required=True)
    version = kinds.Integer(required=True, metadata={"description": "Versie van het pakket."})
    sent_at = schemas.an_instant("Wanneer verzonden.", required=True)
    accepted_at = schemas.an_instant("Wanneer aangenomen.", allow_none=True)
    verdict = schemas.maybe_text("complete, more of broken; leeg: nog niet aangenomen.")
    more = schemas.a_truth("Of er meer is dan de ontvanger leest.", required=True)
    package_hash = schemas.a_text("Kenmerk van wat is verzonden.", required=True)
    receipt_hash = schemas.maybe_text("Kenmerk van het ontvangstbewijs.")
    holds = schemas.a_truth("Of alles nog klopt.", attribute="checked.holds", required=True)
    altered = kinds.Integer(
        attribute="checked.altered",
        required=True,
        metadata={"description": "Onderdelen waarvan de inhoud veranderd is."},
    )
    erased = kinds.Integer(
        attribute="checked.erased", required=True, metadata={"description": "Onderdelen waarvan de inhoud gewist is."}
    )
    logbook = schemas.a_text("sealed, waiting, cut of broken.", attribute="checked.anchored", required=True)
    same = schemas.a_truth("Of het kenmerk op papier hierbij hoort; leeg: er is er geen gegeven.", allow_none=True)
    counts = kinds.List(kinds.Nested(CountOut), required=True)
    held_back = kinds.List(kinds.Nested(HeldBackOut), required=True)


@door(
    blueprint,
    "GET",
    "/handover-proofs/<uuid:proof_id>",
    summary="Bewijs van een overdracht nakijken",
    description="Voor beide kanten van de overdracht, ook als zij de casus verlaten hebben, en voor wie hun logboek nakijkt. "
    "Met het kenmerk van het ontvangstbewijs of van het pakket. Er staat niets in over het gezin. Alleen de afzender leest wat "
    "er niet meeging. Het lezen wordt vastgelegd.",
    query=ProofIn,
    gives=ProofOut,
    refuses=(404,),
)
def get_proof(proof_id: UUID, query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = method.proof_view(session, proof_id, given=query.get("hash"), by=actor(), at=now())
        told = {**{name: getattr(found, name) for name in found.__dataclass_fields__}}
        told["counts"] = [{"code": code, "count": count} for code, count in found.counts]
        return ProofOut().dump(told), 200, {}


@door(
    blueprint,
    "GET",
    "/handover-proofs/<uuid:proof_id>/printed-proof",
    summary="Het bewijs om af te drukken (PDF)",
    description="Met een vierkante code die terugleidt naar de pagina. Wat er niet meeging staat er niet op, ook niet voor de afzender. Het "
    "afdrukken wordt vastgelegd.",
    query=ProofIn,
    media_type="application/pdf",
    refuses=(404,),
)
def get_printed_proof(proof_id: UUID, query: dict[str, Any]) -> Response:
    return printed_proof(proof_id, given=query.get("hash"))


class TeamProofOut(Schema):
    proof_id = schemas.an_id(
        "Kenmerk van het ontvangstbewijs, of van het pakket zolang niemand het aannam.", required=True
    )
    case_number = schemas.a_text("Nummer van de casus.", required=True)
    side = schemas.a_text("sender of receiver: welke kant uw team is.", required=True)
    from_organisation_id = schemas.an_id("Wie overdroeg.", required=True)
    from_role = schemas.a_text("Rol van wie overdroeg.", required=True)
    to_organisation_id = schemas.an_id("Aan wie.", required=True)
    to_role = schemas.a_text("Rol van de ontvanger.", required=True)
    sent_at = schemas.an_instant("Wanneer verzonden.", required=True)
    accepted_at = schemas.an_instant("Wanneer aangenomen.", allow_none=True)
    verdict = schemas.maybe_text("complete, more of broken; leeg: nog niet aangenomen.")


class TeamProofListOut(Schema):
    items = kinds.List(kinds.Nested(TeamProofOut), required=True)
    next_cursor = schemas.maybe_text("Begin van de volgende bladzijde.")


@door(
    blueprint,
    "GET",
    "/handover-proofs",
    summary="Overdrachten van uw team",
    description="Wat uw team overdroeg of kreeg, het nieuwste eerst, ook van casussen waar het niet meer bij hoort. Er staat niets "
    "in over het gezin. Het lezen wordt vastgelegd.",
    query=schemas.PageQuery,
    gives=TeamProofListOut,
)
def list_proofs(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = method.team_proofs(
            session, by=actor(), at=now(), cursor=query.get("cursor"), page_size=query["page_size"]
        )
        return TeamProofListOut().dump(page), 200, next_page(page.next_cursor)


class PreviewIn(schemas.Strict):
    receiver = schemas.a_text("Aan wie, als organisatie:rol; weggelaten: aan wie de casus nu is aangeboden.")


class PreviewOut(Schema):
    case_id = schemas.an_id("De casus.", required=True)
    receiver = schemas.maybe_text("Voor wie dit geldt; leeg: er is nog niemand gekozen.")
    goals = kinds.List(kinds.String(), required=True, metadata={"description": "Doelen van de ouder die meegaan."})
    entries = kinds.List(kinds.UUID(), required=True, metadata={"description": "Formulieren waarvan iets meegaat."})
    tasks = kinds.List(kinds.String(), required=True, metadata={"description": "Open taken die meegaan."})
    others = kinds.List(kinds.Nested(CountOut), required=True)
    held_back = kinds.List(kinds.Nested(HeldBackOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/handover-preview",
    summary="Kijken wat er meegaat bij een overdracht",
    description="Wat de ontvanger zou lezen als u de casus nu overdroeg, voor zover u het zelf mag lezen. Er gaat niets weg. "
    "Alleen voor wie de casus vasthoudt. Het lezen wordt vastgelegd.",
    query=PreviewIn,
    gives=PreviewOut,
    refuses=(403, 404),
)
def preview_package(case_id: UUID, query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = method.preview_package(session, case_id, receiver=query.get("receiver"), by=actor(), at=now())
        told = {
            "case_id": found.case_id,
            "receiver": found.receiver,
            "goals": found.goals,
            "entries": [one.id for one in found.entries],
            "tasks": [name for name, _ in found.tasks],
            "others": [{"code": kind, "count": count} for kind, count in found.others],
            "held_back": found.held_back,
        }
        return PreviewOut().dump(told), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/handover-withdrawals",
    summary="Aangeboden overdracht intrekken",
    description="Alleen wie de casus vasthoudt, en zolang er geen antwoord is.",
    gives=HandoverOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_handover(case_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            ended = method.withdraw_handover(session, case_id, by=by, at=now())
            return ended.id, dict(HandoverOut().dump(ended))

        def again(handover_id: UUID | None) -> dict[str, Any]:
            for one in method.handover_list(session, case_id, by=by, at=now()):
                if one.id == handover_id:
                    return dict(HandoverOut().dump(one))
            raise NotFound(f"handover {handover_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("handovers.list_handovers", case_id=case_id)
        )
