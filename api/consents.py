"""Consents: recording what a family allows, and withdrawing it as easily as it was given."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("consents", "Toestemmingen.")


@door(
    blueprint,
    "POST",
    "/consents/<uuid:consent_id>/withdrawals",
    summary="Toestemming intrekken",
    gives=schemas.ConsentOut,
    status=201,
    refuses=(403, 404),
)
def withdraw_consent(consent_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()
        case_id: UUID | None = None

        def do() -> tuple[UUID, dict[str, Any]]:
            nonlocal case_id
            consent = method.withdraw_consent(session, consent_id, by=by, at=now())
            case_id = consent.case_id
            return consent.case_id, schemas.ConsentOut().dump(consent)

        def again(found: UUID | None) -> dict[str, Any]:
            assert found is not None
            view = method.case_view(session, found, by=by, at=now())
            for shown in schemas.ConsentOut(many=True).dump(view.consents):
                if shown["id"] == str(consent_id):
                    return dict(shown)
            raise NotFound(f"consent {consent_id}")

        return once(session, by=by, do=do, again=again, location=lambda found: url_for("cases.get_case", case_id=found))


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/consents",
    summary="Toestemming vastleggen",
    description="Wat de ouder toestaat of weigert, ook als er geen taak om vraagt. Wat niet genoemd is, mag niet.",
    body=schemas.ConsentIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def record_consent(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            case = method.record_consent(session, case_id, answers=body["answers"], by=by, at=now())
            return case_id, schemas.CaseCardOut().dump(case)

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case))

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))
