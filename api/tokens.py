"""Tokens with which programs act as somebody: one's own, or those of who works for an organisation; and for whom one acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api import auth, schemas
from api.auth import actor
from api.confirming import require_password, require_proof
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.problems import Unauthenticated
from api.transactions import now, reading, transaction
from workflows import accounts, organisations
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused, NotAllowed

blueprint = group("tokens", "Programma’s die namens iemand werken, en namens wie u werkt.")


class TokenOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    label = schemas.a_text("Waar het token voor is.", required=True)
    person_id = schemas.an_id("Namens wie het programma werkt.", required=True)
    person = schemas.a_text("Naam van die persoon.", required=True)
    organisation = schemas.a_text("Naam van de organisatie.", required=True)
    role = schemas.a_text("Rol.", required=True)
    second_factor = schemas.a_truth("Of het geldt als bevestigd met een code.", required=True)
    networks = fields.List(fields.String(), required=True, metadata={"description": "Vanwaar alleen het mag komen; leeg: overal vandaan."})  # fmt: skip
    issued_at = schemas.an_instant("Wanneer het is gemaakt.", required=True)
    expires_at = schemas.an_instant("Tot wanneer het geldt.", required=True)
    last_used_at = schemas.an_instant("Laatst gebruikt, op een minuut; null: niet na de eerste minuut.", allow_none=True, required=True)  # fmt: skip
    asleep = schemas.a_truth(
        "Of het nu niets opent, tot wie het heeft weer inlogt bij de eigen organisatie.", required=True
    )
    here = schemas.a_truth("Of dit het token is waarmee dit wordt gevraagd.", required=True)


class TokenListOut(Schema):
    items = fields.List(fields.Nested(TokenOut), required=True)


class TokenIn(schemas.Strict):
    label = schemas.a_text("Waar het token voor is, in hoogstens 120 tekens.", required=True)
    expires_at = schemas.an_instant("Tot wanneer het geldt; hoogstens zo lang als de regio toestaat.", required=True)
    assignment_id = schemas.an_id("Voor welke rol van u; weggelaten: die waarin u nu werkt.")
    networks = fields.List(
        fields.String(),
        validate=validate.Length(max=20),
        metadata={"description": "Vanwaar alleen het mag komen, zoals 192.0.2.0/28; weggelaten: overal vandaan."},
    )
    password = schemas.a_text("Uw wachtwoord, opnieuw. Heeft u er hier geen? Log opnieuw in bij uw organisatie en laat dit leeg.", required=True)  # fmt: skip
    code = schemas.maybe_text("Een nieuwe code, als u een tweede factor heeft.")


class NewTokenOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    token = schemas.a_text("Het geheim. Maar één keer te zien; bij een herhaald verzoek null.", allow_none=True, required=True)  # fmt: skip


class TokenEndingIn(schemas.Strict):
    password = schemas.maybe_text(
        "Uw wachtwoord, opnieuw. Nodig vanuit een browser; een programma met een toegangstoken laat het weg."
    )


class TokenEndedOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)


class ActingIn(schemas.Strict):
    assignment_id = schemas.an_id("De rol waarin u verder werkt.", required=True)


class ActingOut(Schema):
    assignment_id = schemas.an_id("De rol waarin u nu werkt.", required=True)
    organisation_id = schemas.an_id("De organisatie waarvoor u nu werkt.", required=True)
    role = schemas.a_text("Rol.", required=True)


@door(blueprint, "GET", "/me/tokens", summary="Uw toegangstokens", gives=TokenListOut)
def list_my_tokens() -> Answer:
    with reading() as session:
        by = actor()
        return _listed(accounts.tokens_of(session, _person(by), by=by, at=now()))


@door(
    blueprint,
    "GET",
    "/people/<uuid:person_id>/tokens",
    summary="Toegangstokens van iemand",
    description="Van uzelf, of voor beheerders van wie dan ook.",
    gives=TokenListOut,
    refuses=(404,),
)
def list_tokens(person_id: UUID) -> Answer:
    with reading() as session:
        return _listed(accounts.tokens_of(session, person_id, by=actor(), at=now()))


@door(
    blueprint,
    "GET",
    "/organisations/<uuid:organisation_id>/tokens",
    summary="Toegangstokens die namens een organisatie werken",
    description="Alleen voor beheerders: welke programma’s er zijn, van wie, tot wanneer en of ze nog worden gebruikt.",
    gives=TokenListOut,
    refuses=(403, 404),
)
def list_tokens_of_organisation(organisation_id: UUID) -> Answer:
    with reading() as session:
        by = actor()
        found = accounts.tokens_at(session, organisation_id, by=by, at=now())
        organisations.organisation(session, organisation_id)
        return _listed(found)


@door(
    blueprint,
    "POST",
    "/me/tokens",
    summary="Een toegangstoken maken",
    description="Vanuit een browser waarin u bent ingelogd, met uw wachtwoord en, als u die heeft, een nieuwe code. Een programma maakt "
    "geen token: wie er een steelt, kan er geen bij maken. Het geheim is maar één keer te zien; wij bewaren er alleen een hash van.",
    body=TokenIn,
    gives=NewTokenOut,
    status=201,
    refuses=(403, 404, 429),
)
def make_token(body: dict[str, Any]) -> Answer:
    with reading() as session:
        del session  # who asks is looked up in it
        actor()
    if auth.is_token():
        raise NotAllowed(
            "a token makes no token", detail="Een programma maakt geen toegangstoken. Log in en maak het zelf."
        )
    require_proof(body["password"], body.get("code") or "")
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            made = accounts.make_token(
                session,
                assignment_id=body.get("assignment_id") or by.assignment_id or _person(by),
                label=body["label"],
                expires_at=body["expires_at"],
                second_factor=by.second_factor,
                networks=body.get("networks") or (),
                by=by,
                at=now(),
            )
            return made.id, {"id": made.id, "token": made.secret}

        def again(made: UUID | None) -> dict[str, Any]:
            return {"id": made, "token": None}

        return once(session, by=by, do=do, again=again, location=lambda _: "/api/v1/me/tokens")


@door(
    blueprint,
    "POST",
    "/tokens/<uuid:token_id>/endings",
    summary="Een toegangstoken intrekken",
    description="Van uzelf, of voor beheerders van wie dan ook. Een programma kan zo ook zijn eigen token waardeloos maken, "
    "bijvoorbeeld als het is uitgelekt. Geldt vanaf het volgende verzoek.",
    body=TokenEndingIn,
    gives=TokenEndedOut,
    refuses=(404, 429),
)
def end_token(token_id: UUID, body: dict[str, Any]) -> Answer:
    with reading() as session:
        del session
        actor()
    if not auth.is_token():
        require_password(body.get("password") or "")
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            accounts.revoke_token(session, token_id, by=by, at=now())
            return token_id, {"id": token_id}

        return once(session, by=by, do=do, again=lambda _: {"id": token_id}, location=lambda _: "", status=200)


@door(
    blueprint,
    "POST",
    "/me/role-switches",
    summary="In een andere rol verder werken",
    description="Voor een browser: u werkt altijd namens precies één organisatie in één rol, en GET /me zegt welke. Pagina’s die u in de "
    "vorige rol opende, kunnen daarna niets meer versturen. Een toegangstoken geldt voor één rol en wisselt niet (403).",
    body=ActingIn,
    gives=ActingOut,
    refuses=(403,),
)
def switch_role(body: dict[str, Any]) -> Answer:
    with reading() as session:
        del session
        actor(confirmed=False)
    try:
        by = auth.switch(body["assignment_id"])
    except LoginRefused:
        text = "Dit is geen rol van u, of ze is afgelopen."
        raise Invalid("not a role of who asks", errors={"assignment_id": [text]}) from None
    return ActingOut().dump(by), 200, {}


def _person(by: Actor) -> UUID:
    if by.person_id is None:
        raise Unauthenticated("no person")
    return by.person_id


def _listed(found: list[accounts.LiveToken]) -> Answer:
    shown: dict[str, Any] = TokenListOut().dump({"items": found})
    return shown, 200, {}
