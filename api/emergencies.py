"""Breaking the glass: opening a case in an emergency, reading it for a while, and ending that."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import request, url_for
from marshmallow import Schema, fields

from api import bodies, schemas
from api.auth import actor
from api.confirming import require_proof
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import idempotency, method
from workflows.db import Session
from workflows.errors import Refusal, TooOften

blueprint = group(
    "emergencies", "Noodinzage: in nood een casus lezen, voor een korte tijd en in het zicht van iedereen."
)


class EmergencyIn(schemas.Strict):
    case_number = schemas.a_text("Nummer van de casus; of vul naam en geboortedatum van de ouder in.")
    parent_name = schemas.a_text("De hele naam van de ouder.")
    birth_date = fields.Date(metadata={"description": "Geboortedatum van de ouder."})
    reason = schemas.a_text(
        "life_at_risk, acute_illness, mental_crisis, child_in_danger of other_emergency.", required=True
    )
    explanation = schemas.a_text(
        "Wat er aan de hand is, in 20 tot 2000 tekens. De logbeheerders lezen dit. Noem geen namen.", required=True
    )
    ground = schemas.a_text("vital_interest, conflict_of_duties of right_to_report.", required=True)
    password = schemas.a_text("Uw wachtwoord, opnieuw.", required=True)
    one_time_code = schemas.a_text("Een nieuwe code van uw app of van papier, als uw account die heeft.")


class EmergencyOut(Schema):
    id = schemas.an_id("Kenmerk van de noodinzage.", required=True)
    case_number = schemas.a_text("Nummer van de casus.", required=True)
    person_name = schemas.a_text("Wie de casus opende.", required=True)
    organisation_id = schemas.an_id("Namens welke organisatie.", required=True)
    role = schemas.a_text("In welke rol.", required=True)
    reason = schemas.a_text("Waarom.", required=True)
    ground = schemas.a_text("Op welke grond.", required=True)
    opened_at = schemas.an_instant("Wanneer geopend.", required=True)
    until_at = schemas.an_instant("Tot wanneer, als niemand eerder stopt.", required=True)
    ended_at = schemas.an_instant("Wanneer gestopt.", allow_none=True)
    ended_through = schemas.maybe_text("time_over, by_opener, by_holder of case_ended.")
    runs = schemas.a_truth("Of er nu nog gelezen kan worden.", required=True)


class EmergencyListOut(Schema):
    items = fields.List(fields.Nested(EmergencyOut), required=True)


class EmergencyViewOut(Schema):
    emergency = fields.Nested(EmergencyOut, required=True)
    status = schemas.a_text("Stand van de casus.", required=True)
    phase = schemas.maybe_text("Waar het gezin is.")
    urgency = schemas.a_text("Spoed.", required=True)
    language = schemas.a_text("Taal van de ouder.", required=True)
    interpreter_needed = schemas.a_truth("Of er een tolk nodig is.", required=True)
    municipality_code = schemas.maybe_text("Gemeente (CBS-code).")
    holder_organisation_id = schemas.an_id("Wie de casus vasthoudt.", allow_none=True)
    holder_role = schemas.maybe_text("In welke rol.")
    members = fields.List(fields.Nested(schemas.MemberOut), required=True)
    entries = fields.List(fields.Nested(schemas.EntryOut), required=True)


@door(
    blueprint,
    "POST",
    "/emergencies",
    summary="In nood een casus openen",
    description="Alleen als u het gezin al kent. Wie de casus vasthoudt en de logbeheerders horen het meteen, en het gezin kan "
    "het terugzien. Elke poging wordt vastgelegd. Of een gezin bekend is, hoort u alleen door te openen.",
    body=EmergencyIn,
    gives=EmergencyOut,
    status=201,
    refuses=(403, 404, 429),
)
def create_emergency(body: dict[str, Any]) -> Answer:
    typed = {"case_number": "", "parent_name": "", "birth_date": None, "one_time_code": "", **body}
    password, code = typed.pop("password"), typed.pop("one_time_code")
    with reading() as session:
        del session  # who asks is looked up in it
        method.check_emergency(**typed, by=actor(), at=now())
    require_proof(password, code)
    refused: Refusal | None = None
    shown: dict[str, Any] = {}
    with transaction() as session:
        found = _before(session)
        if found is None:
            try:
                opened = method.open_emergency(session, **typed, by=actor(), at=now())
            except (method.NothingOpened, TooOften) as error:  # that it was tried is kept
                refused = error
            else:
                found, shown = opened.id, dict(EmergencyOut().dump(opened))
            _after(session, found)
        elif found != _NOTHING:
            shown = dict(EmergencyOut().dump(method.emergency_card(session, found, by=actor(), at=now())))
    if refused is not None or found in (None, _NOTHING):
        raise refused or method.NothingOpened("sent before, and it opened nothing")
    return shown, 201, {"Location": url_for("emergencies.get_emergency", emergency_id=found)}


@door(
    blueprint,
    "GET",
    "/emergencies",
    summary="Casussen die u nu in nood open hebt",
    gives=EmergencyListOut,
    refuses=(403,),
)
def list_emergencies() -> Answer:
    with reading() as session:
        found = method.my_emergencies(session, by=actor(), at=now())
        return EmergencyListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "GET",
    "/emergencies/<uuid:emergency_id>",
    summary="De casus lezen die u in nood opende",
    description="Zolang de tijd loopt. Veiligheid en gegevens van de partner blijven dicht. Het lezen wordt vastgelegd.",
    gives=EmergencyViewOut,
    refuses=(403, 404),
)
def get_emergency(emergency_id: UUID) -> Answer:
    with reading() as session:
        return EmergencyViewOut().dump(method.emergency_view(session, emergency_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/emergencies/<uuid:emergency_id>/endings",
    summary="Een noodinzage stoppen",
    description="Door wie de casus opende, of door wie de casus vasthoudt. Daarna leest niemand er meer mee.",
    gives=EmergencyOut,
    status=201,
    refuses=(403, 404),
)
def end_emergency(emergency_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return emergency_id, dict(EmergencyOut().dump(method.end_emergency(session, emergency_id, by=by, at=now())))

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(EmergencyOut().dump(method.emergency_card(session, emergency_id, by=by, at=now())))

        return once(
            session,
            by=by,
            do=do,
            again=again,
            location=lambda _: url_for("emergencies.get_emergency", emergency_id=emergency_id),
        )


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/emergencies",
    summary="Wie een casus in nood las",
    description="Alleen voor wie de casus vasthoudt, de nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=EmergencyListOut,
    refuses=(403, 404),
)
def list_case_emergencies(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.case_emergencies(session, case_id, by=actor(), at=now())
        return EmergencyListOut().dump({"items": found}), 200, {}


#: What came of a request that opened nothing.
_NOTHING = UUID(int=0)


def _before(session: Session) -> UUID | None:
    """What came of this key before; the body, which holds a password, is compared with nothing and kept nowhere."""
    key = bodies.idempotency_key()
    if key is None:
        return None
    digest = sha256(request.path.encode()).hexdigest()
    replay = idempotency.remember(
        session, key, by=actor(), method=request.method, path=request.path, digest=digest, at=now()
    )
    return None if replay is None else replay.location_id or _NOTHING


def _after(session: Session, found: UUID | None) -> None:
    if (key := bodies.idempotency_key()) is not None:
        idempotency.keep(session, key, 404 if found is None else 201, found)
