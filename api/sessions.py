"""Where somebody is logged in, and ending that: one's own sessions, or anybody's for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import auth, schemas
from api.auth import actor
from api.confirming import require_password
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.problems import Unauthenticated
from api.transactions import now, reading, transaction
from workflows import accounts
from workflows.actor import Actor
from workflows.db import Session

blueprint = group("sessions", "Waar iemand is ingelogd.")


class SessionOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    opened_at = schemas.an_instant("Wanneer de sessie begon.", required=True)
    seen_at = schemas.an_instant("Wanneer de sessie het laatst is gebruikt, op een minuut nauwkeurig.", required=True)
    device = schemas.a_text("Browser en systeem in grove woorden, of null.", allow_none=True, required=True)
    organisation = schemas.a_text("Naam van de organisatie.", required=True)
    role = schemas.a_text("Rol.", required=True)
    factor = schemas.a_text("Waarmee de sessie is bevestigd: totp, recovery_code of provider; anders null.", allow_none=True, required=True)  # fmt: skip
    here = schemas.a_truth("Of dit de sessie is die dit vraagt.", required=True)


class SessionListOut(Schema):
    items = fields.List(fields.Nested(SessionOut), required=True)


class SessionEndingIn(schemas.Strict):
    password = schemas.maybe_text(
        "Uw wachtwoord, opnieuw. Nodig vanuit een browser; een programma met een toegangstoken laat het weg."
    )


class EndedOut(Schema):
    ended = schemas.a_number(
        "Hoeveel sessies eindigden. Bij een herhaald verzoek null.", allow_none=True, required=True
    )


@door(blueprint, "GET", "/me/sessions", summary="Waar u bent ingelogd", gives=SessionListOut)
def list_my_sessions() -> Answer:
    with reading() as session:
        by = actor()
        return _listed(accounts.sessions_of(session, _person(by), by=by, at=now()))


@door(
    blueprint,
    "GET",
    "/people/<uuid:person_id>/sessions",
    summary="Waar iemand is ingelogd",
    description="Van uzelf, of voor beheerders van wie dan ook.",
    gives=SessionListOut,
    refuses=(404,),
)
def list_sessions(person_id: UUID) -> Answer:
    with reading() as session:
        return _listed(accounts.sessions_of(session, person_id, by=actor(), at=now()))


@door(
    blueprint,
    "POST",
    "/me/sessions/endings",
    summary="Overal anders uitloggen",
    description="Elke sessie van u eindigt, behalve die waarmee u dit vraagt. Toegangstokens blijven gelden.",
    body=SessionEndingIn,
    gives=EndedOut,
)
def end_my_other_sessions(body: dict[str, Any]) -> Answer:
    _confirm(body)
    return _end(lambda session, by: accounts.end_sessions(session, _person(by), by=by, at=now()))


@door(
    blueprint,
    "POST",
    "/sessions/<uuid:session_id>/endings",
    summary="Een sessie beëindigen",
    description="Van uzelf, of voor beheerders van wie dan ook.",
    body=SessionEndingIn,
    gives=EndedOut,
    refuses=(404,),
)
def end_session(session_id: UUID, body: dict[str, Any]) -> Answer:
    _confirm(body)

    def end(session: Session, by: Actor) -> int:
        accounts.end_session(session, session_id, by=by, at=now())
        return 1

    return _end(end)


@door(
    blueprint,
    "POST",
    "/people/<uuid:person_id>/sessions/endings",
    summary="Iemand overal uitloggen",
    description="Van uzelf (behalve de sessie waarmee u dit vraagt), of voor beheerders van wie dan ook.",
    body=SessionEndingIn,
    gives=EndedOut,
    refuses=(404,),
)
def end_sessions(person_id: UUID, body: dict[str, Any]) -> Answer:
    _confirm(body)
    return _end(lambda session, by: accounts.end_sessions(session, person_id, by=by, at=now()))


def _confirm(body: dict[str, Any]) -> None:
    """Whoever sits at a browser proves again who that is; a token proves it with every request."""
    with reading() as session:
        del session  # who asks is looked up in it
        actor()
    if not auth.is_token():
        require_password(body.get("password") or "")


def _person(by: Actor) -> UUID:
    if by.person_id is None:
        raise Unauthenticated("no person")
    return by.person_id


def _listed(found: list[accounts.OpenSession]) -> Answer:
    shown: dict[str, Any] = SessionListOut().dump({"items": found})
    return shown, 200, {}


def _end(verb: Callable[[Session, Actor], int]) -> Answer:
    with transaction() as session:
        by = actor()
        return once(
            session,
            by=by,
            do=lambda: (None, {"ended": verb(session, by)}),
            again=lambda _: {"ended": None},
            location=lambda _: "",
            status=200,
        )
