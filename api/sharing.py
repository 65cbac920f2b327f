"""The ledger of consents of a case, with whom something was shared, and taking several consents back at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, validate
from marshmallow import fields as kinds

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import consent, method

blueprint = group("sharing", "Wat een gezin goed vindt, en met wie er iets gedeeld is.")


class AnswerOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    status = schemas.a_text("allowed, refused, withdrawn, run_out of replaced.", required=True)
    subject_id = schemas.an_id("Over wie van het gezin.", required=True)
    subject_kind = schemas.a_text("Wie dat is in het gezin.")
    recipient_organisation_id = schemas.an_id("Ontvanger.", allow_none=True)
    recipient_kind = schemas.maybe_text("Soort ontvanger.")
    purpose = schemas.a_text("Doel.", required=True)
    category = schemas.a_text("Gegevenssoort.", required=True)
    given = schemas.a_truth("Gegeven of geweigerd.", required=True)
    given_by = schemas.a_text("Wie besliste.", required=True)
    authority_checked = schemas.a_truth("Of is nagekeken wie het gezag heeft.")
    information_given = schemas.some_texts("Wat is uitgelegd.")
    form = schemas.maybe_text("Mondeling, schriftelijk of digitaal.")
    language = schemas.maybe_text("In welke taal.")
    interpreter = schemas.a_truth("Of er een tolk bij was.")
    text_version = schemas.a_text("Versie van de tekst.")
    form_digest = schemas.maybe_text("Kenmerk van het formulier.")
    recorded_by = schemas.an_id("Wie het vastlegde.", allow_none=True)
    recorded_for = schemas.an_id("Organisatie die het vroeg.", allow_none=True)
    recorded_at = schemas.an_instant("Wanneer vastgelegd.", required=True)
    valid_until = schemas.an_instant("Geldig tot; leeg: tot de casus sluit.", allow_none=True)
    withdrawn_at = schemas.an_instant("Wanneer ingetrokken.", allow_none=True)
    withdrawn_by = schemas.maybe_text("Wie besliste om in te trekken.")


class DisclosureOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    subject_ids = schemas.some_texts("Over wie van het gezin.")
    recipient_organisation_id = schemas.an_id("Wie het kreeg; leeg: de persoon zelf.", allow_none=True)
    role = schemas.maybe_text("In welke rol.")
    purpose = schemas.maybe_text("Waarvoor.")
    ground = schemas.a_text("Wettelijke grond van de ontvanger.", required=True)
    categories = schemas.some_texts("Gegevenssoorten.", required=True)
    consent_ids = schemas.some_texts("Toestemmingen die het beroepsgeheim opheffen.", required=True)
    cause = schemas.a_text(
        "Waardoor: task, handover, hub_item, entry, consent, case, copy, emergency, ground of before."
    )
    at = schemas.an_instant("Sinds wanneer.", required=True)
    ended_at = schemas.an_instant("Sinds wanneer niet meer.", allow_none=True)


class SharingOut(Schema):
    answers = kinds.List(kinds.Nested(AnswerOut), required=True)
    disclosures = kinds.List(kinds.Nested(DisclosureOut), required=True)
    stopped = kinds.List(
        schemas.an_instant("Moment."),
        required=True,
        attribute="stopped_at",
        metadata={"description": "Wanneer er iets stopte; niet wat, en niet bij wie."},
    )


class WithdrawalsIn(schemas.Strict):
    consents = kinds.List(
        kinds.UUID(),
        load_default=None,
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Kenmerken van toestemmingen; weggelaten: alles wat nu mag."},
    )
    withdrawn_by = kinds.String(
        load_default=None,
        validate=validate.OneOf(list(consent.GivenBy), error="Kies wie besliste."),
        metadata={"description": "Wie besliste; weggelaten: wie toestemming gaf."},
    )


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/sharing",
    summary="Toestemming en delen",
    description="De antwoorden en wat er gedeeld is, zover u dat mag zien, het nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=SharingOut,
    refuses=(404,),
)
def get_sharing(case_id: UUID) -> Answer:
    with reading() as session:
        view = method.sharing_of_case(session, case_id, by=actor(), at=now())
        return dict(SharingOut().dump(view)), 200, {}


class PaperIn(schemas.Strict):
    paper = schemas.a_text("consents of client_log.", required=True)
    subject_id = schemas.an_id("Wie van het gezin het kreeg; het gaat over deze persoon.", required=True)


class PaperOut(Schema):
    id = schemas.an_id("Kenmerk van wat er gedeeld is.", required=True)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/papers",
    summary="Vastleggen dat een papier is meegegeven",
    description="Aan de persoon over wie het gaat. Bekijken of printen zelf deelt nog niets; meegeven wel.",
    body=PaperIn,
    gives=PaperOut,
    status=201,
    refuses=(403, 404),
)
def give_paper(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.give_paper(session, case_id, **body, by=by, at=now())
            return found, {"id": str(found)}

        def again(found: UUID | None) -> dict[str, Any]:
            method.sharing_of_case(session, case_id, by=by, at=now())
            return {"id": str(found)}

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("sharing.get_sharing", case_id=case_id)
        )


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/consent-withdrawals",
    summary="Toestemmingen intrekken",
    description="Enkele toestemmingen of alles tegelijk. Het geldt meteen: de ontvanger verliest de casus en zijn open taken.",
    body=WithdrawalsIn,
    gives=schemas.ConsentListOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_consents(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.withdraw_consents(
                session, case_id, body["consents"], withdrawn_by=body["withdrawn_by"], by=by, at=now()
            )
            return case_id, dict(schemas.ConsentListOut().dump({"items": found}))

        def again(_: UUID | None) -> dict[str, Any]:
            rows = method.case_view(session, case_id, by=by, at=now()).consents
            chosen = [
                one
                for one in rows
                if one.withdrawn_at is not None and (body["consents"] is None or one.id in body["consents"])
            ]
            return dict(schemas.ConsentListOut().dump({"items": chosen}))

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("sharing.get_sharing", case_id=case_id)
        )
