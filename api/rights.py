"""Rights of data subjects: requests, copies, corrections, what must be kept, destruction, and the report after a breach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.breaches import BreachOut
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.pages.copies import download
from api.pages.copies.shape import PersonalCopyOut
from api.transactions import now, reading, transaction
from workflows import method, rights
from workflows.errors import NotFound

blueprint = group("rights", "Rechten van ouders en kinderen: verzoeken, kopieën, verbeteren, bewaren en vernietigen.")


class AnswersIn(schemas.Strict):
    answers = schemas.an_object("De antwoorden op het formulier.", required=True)


class RequestOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    kind = schemas.a_text("Wat er gevraagd is: access_copy, correction, addition of destruction.", required=True)
    status = schemas.a_text("received, in_progress, granted, partly of refused.", required=True)
    subject_id = schemas.an_id("Over wie.", required=True)
    subject_kind = schemas.a_text("Wie dat is in het gezin.")
    requested_by = schemas.a_text("Wie het vraagt.")
    identity_check = schemas.a_text("Hoe bekend is wie dat is.")
    second_identity_check = schemas.maybe_text("Hoe bekend is wie de ander is die mee beslist.")
    received_on = fields.Date(metadata={"description": "Wanneer het binnenkwam."})
    answer_by = fields.Date(metadata={"description": "Laatste dag om te antwoorden."})
    task_id = schemas.an_id("De taak waarmee geantwoord wordt.", allow_none=True)
    refused_reason = schemas.maybe_text("Waarom niet, of niet helemaal.")
    scope = schemas.maybe_text("Wat er vernietigd wordt.")
    decided_at = schemas.an_instant("Wanneer beantwoord.", allow_none=True)


class HoldOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    organisation_id = schemas.an_id("Wie het vastlegde.", required=True)
    reason = schemas.a_text("Waarom het bewaard moet blijven.", required=True)
    set_at = schemas.an_instant("Sinds wanneer.", required=True)
    ended_at = schemas.an_instant("Tot wanneer.", allow_none=True)


class RequestsOut(Schema):
    requests = fields.List(fields.Nested(RequestOut), required=True)
    holds = fields.List(fields.Nested(HoldOut), required=True)


class HoldIn(schemas.Strict):
    reason = schemas.a_text(
        "Waarom het bewaard moet blijven.",
        required=True,
        validate=validate.OneOf([str(one) for one in rights.HoldReason], error="Kies uit: {choices}."),
    )


class CorrectionOut(Schema):
    entry_id = schemas.an_id("De nieuwe antwoorden.", required=True)
    told = schemas.some_texts("Organisaties die horen dat er iets is verbeterd.")
    to_call = schemas.some_texts("Organisaties die het eerder kregen en die iemand zelf moet bellen.")


class DueCaseOut(Schema):
    case_id = schemas.an_id("De casus.", required=True)
    number = schemas.a_text("Nummer.", required=True)
    closed_on = fields.Date(metadata={"description": "Wanneer gesloten."})
    retention_class = schemas.a_text("Soort bewaartermijn.")
    retained_until = fields.Date(metadata={"description": "Tot wanneer bewaard."})
    held = schemas.a_truth("Er geldt een bewaarplicht.")
    postponed_until = schemas.maybe_day("Eerder uitgesteld tot.")
    confirmations = schemas.a_number("Hoeveel mensen het bevestigden.")
    needed = schemas.a_number("Hoeveel mensen nodig zijn.")
    stuck = schemas.a_truth("Er zijn te weinig mensen die mogen bevestigen. De casus blijft tot er iemand bij komt.")


class DestructionOut(Schema):
    id = schemas.an_id("Kenmerk van het bewijs.", required=True)
    rule = schemas.a_text("Op welke grond.")
    scope = schemas.a_text("Hoeveel.")
    destroyed_on = fields.Date(metadata={"description": "Wanneer."})
    counts = schemas.an_object("Hoeveel rijen, per tabel.")
    proof = schemas.a_text("Zout en hash over wat vernietigd is.")


class DestructionListOut(Schema):
    due = fields.List(fields.Nested(DueCaseOut), required=True)
    done = fields.List(fields.Nested(DestructionOut), required=True)
    more = schemas.a_truth("Er zijn er meer.", required=True)


class ConfirmationOut(Schema):
    left = schemas.a_number("Hoeveel mensen het nog moeten bevestigen.", required=True)


class PostponementIn(schemas.Strict):
    until_on = fields.Date(required=True, metadata={"description": "Tot wanneer u dit langer bewaart."})
    reason = schemas.a_text(
        "Waarom.",
        required=True,
        validate=validate.OneOf([str(one) for one in rights.PostponeReason], error="Kies uit: {choices}."),
    )


class BreachQuery(schemas.Strict):
    since = schemas.an_instant("Vanaf.", required=True)
    until = schemas.an_instant("Tot.", required=True)
    person = schemas.an_id("Alleen wat deze medewerker las.")
    case = schemas.an_id("Alleen deze casus.")


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/requests",
    summary="Verzoeken over de gegevens in een casus",
    description="Met de bewaarplichten. Het lezen wordt vastgelegd.",
    gives=RequestsOut,
    refuses=(403, 404),
)
def list_requests(case_id: UUID) -> Answer:
    with reading() as session:
        return RequestsOut().dump(method.request_list(session, case_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/requests",
    summary="Verzoek vastleggen",
    description="Een kopie, verbetering, aanvulling of vernietiging. Wie de casus vasthoudt, krijgt een taak met een termijn.",
    body=AnswersIn,
    gives=RequestOut,
    status=201,
    refuses=(403, 404),
)
def record_request(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            asked = method.record_request(session, case_id, answers=body["answers"], by=by, at=now())
            return asked.id, dict(RequestOut().dump(asked))

        def again(request_id: UUID | None) -> dict[str, Any]:
            for one in method.request_list(session, case_id, by=by, at=now()).requests:
                if one.id == request_id:
                    return dict(RequestOut().dump(one))
            raise NotFound(f"request {request_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("rights.list_requests", case_id=case_id)
        )


@door(
    blueprint,
    "GET",
    "/requests/<uuid:request_id>/copy",
    summary="De kopie (JSON)",
    description="Alles over één persoon, voor wie het verzoek behandelt. Het maken wordt vastgelegd, met de hash van het bestand.",
    gives=PersonalCopyOut,
    refuses=(403, 404),
)
def get_copy(request_id: UUID) -> Response:
    return download(request_id, "json")


@door(
    blueprint,
    "GET",
    "/requests/<uuid:request_id>/printed-copy",
    summary="De kopie (PDF)",
    description="Als de JSON, om te lezen en te printen; toegankelijk.",
    media_type="application/pdf",
    refuses=(403, 404),
)
def get_copy_pdf(request_id: UUID) -> Response:
    return download(request_id, "pdf")


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/entries/<uuid:entry_id>/corrections",
    summary="Antwoorden verbeteren",
    description="De oude antwoorden blijven leesbaar. Wie ze kon lezen, hoort dat er iets verbeterd is.",
    body=AnswersIn,
    gives=CorrectionOut,
    status=201,
    refuses=(403, 404),
)
def correct_entry(case_id: UUID, entry_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            done = method.correct_entry(session, case_id, entry_id, answers=body["answers"], by=by, at=now())
            return done.entry_id, dict(CorrectionOut().dump(done))

        def again(new_id: UUID | None) -> dict[str, Any]:
            method.case_view(session, case_id, by=by, at=now())
            return {"entry_id": str(new_id), "told": [], "to_call": []}

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("cases.list_entries", case_id=case_id)
        )


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/holds",
    summary="Bewaarplicht vastleggen",
    description="Zolang zij geldt, wordt er niets van deze casus vernietigd.",
    body=HoldIn,
    gives=HoldOut,
    status=201,
    refuses=(403, 404),
)
def set_hold(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            held = method.set_hold(session, case_id, body["reason"], by=by, at=now())
            return held.id, dict(HoldOut().dump(held))

        return once(session, by=by, do=do, again=_hold(session, case_id), location=lambda _: _requests(case_id))


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/holds/<uuid:hold_id>/endings",
    summary="Bewaarplicht beëindigen",
    gives=HoldOut,
    status=201,
    refuses=(403, 404),
)
def end_hold(case_id: UUID, hold_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return hold_id, dict(HoldOut().dump(method.end_hold(session, case_id, hold_id, by=by, at=now())))

        return once(session, by=by, do=do, again=_hold(session, case_id), location=lambda _: _requests(case_id))


@door(
    blueprint,
    "GET",
    "/destructions",
    summary="Vernietigingslijst",
    description="Casussen waarvan de bewaartermijn voorbij is en die uw organisatie het laatst vasthield, zonder namen.",
    gives=DestructionListOut,
    refuses=(403,),
)
def list_destructions() -> Answer:
    with reading() as session:
        return DestructionListOut().dump(method.destruction_list(session, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/destructions/<uuid:case_id>/confirmations",
    summary="Vernietiging bevestigen",
    description="Als genoeg mensen bevestigen, vernietigt het systeem de casus. Dat kan niet ongedaan worden.",
    gives=ConfirmationOut,
    status=201,
    refuses=(403, 404),
)
def confirm_destruction(case_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return case_id, {"left": method.confirm_destruction(session, case_id, by=by, at=now())}

        return once(session, by=by, do=do, again=lambda _: _left(session, case_id), location=lambda _: _list())


@door(
    blueprint,
    "POST",
    "/destructions/<uuid:case_id>/postponements",
    summary="Vernietiging uitstellen",
    body=PostponementIn,
    gives=ConfirmationOut,
    status=201,
    refuses=(403, 404),
)
def postpone_destruction(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.postpone_destruction(session, case_id, body["reason"], until_on=body["until_on"], by=by, at=now())
            return case_id, {"left": 0}

        return once(session, by=by, do=do, again=lambda _: {"left": 0}, location=lambda _: _list())


@door(
    blueprint,
    "GET",
    "/breach-report",
    summary="Overzicht bij een datalek",
    description="Per persoon en ontvanger: wat er in een periode te zien was. Met nummers en kenmerken, zonder namen van "
    "gezinnen. Voor de functionaris gegevensbescherming, over de eigen organisatie. Het maken wordt vastgelegd.",
    query=BreachQuery,
    gives=BreachOut,
    refuses=(403,),
)
def get_breach_report(query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = method.breach_report(
            session,
            since=query["since"],
            until=query["until"],
            person_id=query.get("person"),
            case_id=query.get("case"),
            by=actor(),
            at=now(),
        )
        return BreachOut().dump(found), 200, {}


def _requests(case_id: UUID) -> str:
    return url_for("rights.list_requests", case_id=case_id)


def _list() -> str:
    return url_for("rights.list_destructions")


def _hold(session: Any, case_id: UUID) -> Any:
    def again(hold_id: UUID | None) -> dict[str, Any]:
        for one in method.request_list(session, case_id, by=actor(), at=now()).holds:
            if one.id == hold_id:
                return dict(HoldOut().dump(one))
        raise NotFound(f"hold {hold_id}")

    return again


def _left(session: Any, case_id: UUID) -> dict[str, Any]:
    for one in method.destruction_list(session, by=actor(), at=now()).due:
        if one.case_id == case_id:
            return {"left": max(0, one.needed - one.confirmations)}
    return {"left": 0}
