"""Somebody leaves, a role ends, an organisation stops: for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import Schema

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, transaction
from workflows import method, organisations

blueprint = group("leaving", "Uit dienst en stoppen: wat van iemand was, gaat meteen terug.")

_AGAIN = "Bij een herhaald verzoek null."


class GoneBackOut(Schema):
    id = schemas.an_id("Wie of wat het betreft.", required=True)
    tasks = schemas.a_number(f"Taken die weer bij een team liggen. {_AGAIN}", allow_none=True, required=True)
    cases = schemas.a_number(
        f"Casussen die iemand zelf vasthield, of de organisatie die stopt. {_AGAIN}", allow_none=True, required=True
    )
    alarms = schemas.a_number(
        f"Keren dat een team niemand meer heeft; de procesregisseur heeft daar een taak voor. {_AGAIN}",
        allow_none=True,
        required=True,
    )


@door(
    blueprint,
    "POST",
    "/people/<uuid:person_id>/deactivations",
    summary="Iemand uit dienst melden",
    description="Taken liggen meteen weer bij het team, concepten blijven van wie ze typte, casussen blijven bij de organisatie. Alleen voor beheerders.",
    gives=GoneBackOut,
    refuses=(403, 404),
)
def deactivate_person(person_id: UUID) -> Answer:
    return _leave(method.deactivate_person, person_id)


@door(
    blueprint,
    "POST",
    "/assignments/<uuid:assignment_id>/endings",
    summary="Een rol beëindigen",
    description="Als bij uit dienst, voor deze ene rol. Alleen voor beheerders.",
    gives=GoneBackOut,
    refuses=(403, 404),
)
def end_role(assignment_id: UUID) -> Answer:
    return _leave(method.end_role, assignment_id)


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/deactivations",
    summary="Een organisatie stopt",
    description="Alles wat bij haar ligt gaat terug naar waar de casus vandaan kwam, of naar wie de casus nu vasthoudt. Alleen voor beheerders.",
    gives=GoneBackOut,
    refuses=(403, 404),
)
def deactivate_organisation(organisation_id: UUID) -> Answer:
    return _leave(method.deactivate_organisation, organisation_id)


def _leave(verb: Callable[..., method.Left], subject: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            left = verb(session, subject, by=by, at=now())
            counts = {"tasks": len(left.tasks), "cases": len(left.cases), "alarms": len(left.alarms)}
            return subject, dict(GoneBackOut().dump({"id": subject, **counts}))

        def again(_: UUID | None) -> dict[str, Any]:
            organisations.require_some(by, at=now())
            return dict(GoneBackOut().dump({"id": subject, "tasks": None, "cases": None, "alarms": None}))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)
