"""Somebody leaves, a role ends, an organisation stops: for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, transaction
from workflows import access, method, organisations

blueprint = group("leaving", "Uit dienst en stoppen: wat van iemand was, gaat meteen terug.")

_AGAIN = "Bij een herhaald verzoek null."


class SuccessorIn(schemas.Strict):
    role = schemas.a_text(
        "Rol waarin casussen worden vastgehouden: signaller, explorer of case_director.", required=True
    )
    organisation_id = schemas.an_id("Organisatie die ermee verdergaat.", required=True)


class SuccessorsIn(schemas.Strict):
    successors = fields.List(
        fields.Nested(SuccessorIn),
        load_default=list,
        validate=validate.Length(max=3),
        metadata={"description": "Per rol wie verdergaat. Zonder opvolger zoekt de procesregisseur."},
    )


class SuccessionOut(Schema):
    id = schemas.an_id("De organisatie die gaat stoppen.", required=True)
    prepared = schemas.a_number(f"Casussen waarvoor een overdracht klaarligt. {_AGAIN}", allow_none=True, required=True)
    asked = schemas.a_number(
        f"Casussen waarvoor de procesregisseur een opvolger zoekt. {_AGAIN}", allow_none=True, required=True
    )
    underway = schemas.a_number(
        f"Casussen waarvan de overdracht al klaarlag of onderweg is. {_AGAIN}", allow_none=True, required=True
    )


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
    "/organisations/<uuid:organisation_id>/successions",
    summary="Overdrachten klaarzetten voordat een organisatie stopt",
    description="Bij elke casus die de organisatie vasthoudt, ligt daarna een overdracht naar de opvolger klaar. Er wordt niets gedeeld: wie de casus vasthoudt, bekijkt de overdracht met de ouder en verstuurt haar. Mag vaker. Alleen voor beheerders.",
    body=SuccessorsIn,
    gives=SuccessionOut,
    refuses=(403, 404),
)
def prepare_stop(organisation_id: UUID, body: dict[str, Any]) -> Answer:
    to = {one["role"]: one["organisation_id"] for one in body["successors"]}
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.prepare_stop(session, organisation_id, to=to, by=by, at=now())
            counts = {name: len(getattr(found, name)) for name in ("prepared", "asked", "underway")}
            return organisation_id, dict(SuccessionOut().dump({"id": organisation_id, **counts}))

        def again(_: UUID | None) -> dict[str, Any]:
            access.require(by, "manage_organisations", access.Facts(), at=now())
            nothing = dict.fromkeys(("prepared", "asked", "underway"))
            return dict(SuccessionOut().dump({"id": organisation_id, **nothing}))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/deactivations",
    summary="Een organisatie stopt",
    description="Alles wat bij haar ligt gaat terug naar waar de casus vandaan kwam, of naar wie de casus nu vasthoudt. Daar ligt de overdracht naar de opvolger klaar die eerder gekozen was. Alleen voor beheerders.",
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
