"""Inviting a parent to log in: by who holds the case, on paper. The code is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from marshmallow import Schema, fields, validate

from api import auth, schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.pages.parent_logins import LONGEST_PHONE, printed
from api.transactions import now, reading, transaction
from workflows import method, parents
from workflows.db import Session
from workflows.errors import NotFound

blueprint = group("parent-logins", "Ouders uitnodigen om in te loggen.")

_ONE_OF = "Kies uit: {choices}."


class RenewalIn(schemas.Strict):
    identity_check = schemas.a_text(
        f"Hoe u weet wie het papier krijgt: {', '.join(parents.IdentityCheck)}.",
        required=True,
        validate=validate.OneOf(list(parents.IdentityCheck), error=_ONE_OF),
    )
    delivery = schemas.a_text(
        f"Hoe het papier bij de ouder komt: {', '.join(parents.Delivery)}. Met de post alleen als een brief veilig is.",
        required=True,
        validate=validate.OneOf(list(parents.Delivery), error=_ONE_OF),
    )


class InvitationIn(RenewalIn):
    member_id = schemas.an_id("Wie van het gezin.", required=True)


class LoginEndIn(schemas.Strict):
    reason = schemas.a_text(
        f"Waarom: {', '.join(parents.LinkEnd)}.",
        required=True,
        validate=validate.OneOf(list(parents.LinkEnd), error=_ONE_OF),
    )


class ParentLoginOut(Schema):
    member_id = schemas.an_id("Wie van het gezin.", required=True)
    name = schemas.a_text("Naam.", required=True)
    kind = schemas.a_text("Plaats in het gezin.", required=True)
    may = schemas.a_truth("Of deze persoon nu mag inloggen.", required=True)
    by_post = schemas.a_truth("Of een brief veilig is.", required=True)
    link_id = schemas.an_id("Kenmerk van de inlog; leeg: er is geen.", allow_none=True)
    login = schemas.maybe_text("Gebruikersnaam.")
    invited_at = schemas.an_instant("Wanneer uitgenodigd.", allow_none=True)
    expires_at = schemas.an_instant("Tot wanneer het papier werkt, als het nog niet is gebruikt.", allow_none=True)
    first_used_at = schemas.an_instant("Wanneer de ouder begon.", allow_none=True)


class InvitationPaperIn(schemas.Strict):
    code = schemas.a_text("De code uit de uitnodiging.", required=True, validate=validate.Length(1, 40))
    phone = schemas.a_text(
        "Nummer dat de ouder kan bellen; staat alleen op het papier.",
        load_default="",
        validate=validate.Length(max=LONGEST_PHONE),
    )


class ParentLoginListOut(Schema):
    items = fields.List(fields.Nested(ParentLoginOut), required=True)


class InvitationOut(Schema):
    link_id = schemas.an_id("Kenmerk van de inlog.", required=True)
    address = schemas.a_text("Waar de ouder begint.", required=True)
    login = schemas.maybe_text("Gebruikersnaam.")
    code = schemas.maybe_text("De code op het papier. Staat hier één keer; bij een herhaald verzoek leeg.")
    expires_at = schemas.an_instant("Tot wanneer de code werkt.", allow_none=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/parent-logins",
    summary="Wie van het gezin inlogt",
    description="Alleen voor wie de casus vasthoudt: wie inlogt of uitgenodigd kan worden. Van anderen staat er niets. Het lezen wordt vastgelegd.",
    gives=ParentLoginListOut,
    refuses=(403, 404),
)
def list_parent_logins(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.parent_logins(session, case_id, by=actor(), at=now())
        return ParentLoginListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/parent-logins",
    summary="Een ouder uitnodigen",
    description="Zet adres, gebruikersnaam en code op papier en geef dat zelf. Nooit met mail of app.",
    body=InvitationIn,
    gives=InvitationOut,
    status=201,
    refuses=(403, 404),
)
def create_parent_login(case_id: UUID, body: dict[str, Any]) -> Answer:
    return _made(case_id, lambda session, said: method.invite_parent(session, case_id, body["member_id"], **said), body)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/parent-logins/<uuid:link_id>/renewals",
    summary="Een ouder opnieuw uitnodigen",
    description="Voor wie papier, wachtwoord of telefoon kwijt is. Alles van daarvoor werkt niet meer.",
    body=RenewalIn,
    gives=InvitationOut,
    status=201,
    refuses=(403, 404),
)
def renew_parent_login(case_id: UUID, link_id: UUID, body: dict[str, Any]) -> Answer:
    return _made(case_id, lambda session, said: method.renew_invitation(session, case_id, link_id, **said), body)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/parent-logins/<uuid:link_id>/papers",
    summary="Het papier van een uitnodiging (PDF)",
    description="Om af te drukken en zelf te geven, met de code die bij het uitnodigen één keer in het antwoord stond: die wordt nergens bewaard, "
    "en staat daarom in de inhoud en niet in een adres. Er verandert niets. Het afdrukken wordt vastgelegd.",
    body=InvitationPaperIn,
    media_type="application/pdf",
    refuses=(403, 404),
)
def print_invitation(case_id: UUID, link_id: UUID, body: dict[str, Any]) -> Response:
    return printed(case_id, link_id, code=body["code"], phone=body["phone"])


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/parent-logins/<uuid:link_id>/endings",
    summary="Een inlog van een ouder beëindigen",
    description="Ook om een uitnodiging terug te nemen die nog niet is gebruikt.",
    body=LoginEndIn,
    gives=ParentLoginListOut,
    status=201,
    refuses=(403, 404),
)
def end_parent_login(case_id: UUID, link_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.end_parent_login(session, case_id, link_id, reason=body["reason"], by=by, at=now())
            return link_id, again(link_id)

        def again(_: UUID | None) -> dict[str, Any]:
            found = method.parent_logins(session, case_id, by=by, at=now())
            return dict(ParentLoginListOut().dump({"items": found}))

        return once(session, by=by, do=do, again=again, location=lambda _: _address(case_id))


def _made(case_id: UUID, verb: Callable[[Session, dict[str, Any]], parents.Invitation], body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            said = {name: body[name] for name in ("identity_check", "delivery")}
            made = verb(session, {**said, "by": by, "at": now(), "cost": auth.cost()})
            return made.link.id, shown(made.link.id, made.login, made.code, made.expires_at)

        def again(link_id: UUID | None) -> dict[str, Any]:
            for one in method.parent_logins(session, case_id, by=by, at=now()):
                if one.link_id == link_id:
                    return shown(link_id, one.login, None, one.expires_at)
            raise NotFound(f"parent login {link_id}")

        def shown(link_id: UUID | None, login: str | None, code: str | None, expires_at: Any) -> dict[str, Any]:
            home = auth.settings().public_url or request.host_url.rstrip("/")
            told = {"link_id": link_id, "login": login, "code": code, "expires_at": expires_at}
            return dict(InvitationOut().dump({**told, "address": f"{home}{url_for('family.begin_page')}"}))

        return once(session, by=by, do=do, again=again, location=lambda _: _address(case_id))


def _address(case_id: UUID) -> str:
    return url_for("parent-logins.list_parent_logins", case_id=case_id)
