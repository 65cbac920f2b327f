"""Programs of the own organisation that hear what happens: for its administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor, settings
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.event_words import TYPES
from api.posting import TYPES as PREFIX
from api.transactions import now, reading, transaction
from workflows import webhooks
from workflows.webhooks import Breaker, EventType, Webhook

blueprint = group(
    "webhooks",
    "Koppelingen: programma’s van uw organisatie die horen wat er gebeurt. Alleen voor de beheerder van de organisatie; zie docs/partners.md in de broncode.",
)
_ONCE = "Geheim waarmee u de handtekening nakijkt. U ziet het deze ene keer; wie hetzelfde verzoek nog eens stuurt, krijgt null."


class WebhookIn(schemas.Strict):
    label = schemas.a_text("Voor welk programma dit is.", required=True)
    url = schemas.a_text("Adres, beginnend met https://.", required=True)
    events = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Soorten berichten, zie /webhook-events.", "example": ["task.opened", "case.closed"]},
    )


class WebhookOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    label = schemas.a_text("Voor welk programma dit is.", required=True)
    url = schemas.a_text("Adres.", required=True)
    events = fields.List(fields.String(), required=True, metadata={"description": "Soorten berichten."})
    status = schemas.a_text("active of paused.", required=True)
    pause_reason = schemas.maybe_text(
        "by_hand, failing (nam dagen niets aan) of gone (het adres zei dat het niet meer bestaat)."
    )
    failures = schemas.a_number("Hoe vaak achter elkaar iets niet aankwam.", required=True)
    failing_since = schemas.Instant(allow_none=True, metadata={"description": "Sinds wanneer niets aankomt."})
    last_error = schemas.maybe_text(
        "Waarom het laatste bericht niet aankwam, bijvoorbeeld timed_out of http_500; of slow: het kwam aan, na lang wachten."
    )
    breaker = fields.Function(
        lambda one: str(one.breaker(now())),
        required=True,
        metadata={
            "description": "closed: berichten gaan meteen. open: het adres wordt tot next_at met rust gelaten. half_open: er gaat één bericht, om te zien of het weer gaat.",
            "type": "string",
            "enum": [str(one) for one in Breaker],
        },
    )
    next_at = schemas.Instant(required=True, metadata={"description": "Er gaat niets heen vóór dit moment."})
    arrived_at = schemas.Instant(allow_none=True, metadata={"description": "Wanneer het laatst iets aankwam."})
    created_at = schemas.Instant(required=True, metadata={"description": "Sinds wanneer het adres hier staat."})
    version = schemas.a_number("Versie, voor If-Match.", required=True)


class WebhookWithSecretOut(WebhookOut):
    secret = schemas.maybe_text(_ONCE)


class WebhookListOut(Schema):
    items = fields.List(fields.Nested(WebhookOut), required=True)


class WebhookEventOut(Schema):
    type = schemas.a_text("Soort, zoals u die kiest.", required=True)
    cloud_event_type = schemas.a_text("Hoe de soort in het bericht staat.", required=True)
    description = schemas.a_text("Wat er dan gebeurd is.", required=True)


class WebhookEventListOut(Schema):
    items = fields.List(fields.Nested(WebhookEventOut), required=True)


class DeliveryOut(Schema):
    id = schemas.an_id("Kenmerk van het bericht: webhook-id en id in het bericht.", required=True)
    type = schemas.a_text("Soort.", required=True)
    created_at = schemas.Instant(required=True, metadata={"description": "Wanneer het klaarstond."})
    status = schemas.a_text("pending, sent of failed.", required=True)
    attempts = schemas.a_number("Hoe vaak het geprobeerd is.", required=True)
    error = schemas.maybe_text("Waarom het de laatste keer niet aankwam.")
    sent_at = schemas.Instant(allow_none=True, metadata={"description": "Wanneer het aankwam."})


class DeliveryListOut(Schema):
    items = fields.List(fields.Nested(DeliveryOut), required=True)


class TryOut(Schema):
    id = schemas.an_id("Kenmerk van het bericht.", required=True)


@door(
    blueprint,
    "GET",
    "/webhook-events",
    summary="Soorten berichten",
    description="Wat een programma kan horen. In een bericht staat alleen wat er is gebeurd en met welk kenmerk, niets over een gezin.",
    gives=WebhookEventListOut,
)
def list_webhook_events() -> Answer:
    with reading():
        actor()
        items = [{"type": kind, "cloud_event_type": PREFIX + kind, "description": TYPES[kind]} for kind in EventType]
        return WebhookEventListOut().dump({"items": items}), 200, {}


@door(blueprint, "GET", "/webhooks", summary="Adressen van uw organisatie", gives=WebhookListOut, refuses=(403,))
def list_webhooks() -> Answer:
    with reading() as session:
        return WebhookListOut().dump({"items": webhooks.own_all(session, by=actor(), at=now())}), 200, {}


@door(
    blueprint,
    "POST",
    "/webhooks",
    summary="Adres toevoegen",
    description="Vanaf nu gaat er een bericht naar dit adres als er iets gebeurt dat u kiest. Het antwoord geeft één keer het geheim.",
    body=WebhookIn,
    gives=WebhookWithSecretOut,
    status=201,
    refuses=(403,),
    versioned=True,
)
def create_webhook(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            made, secret = webhooks.create(session, **body, allowed=settings().webhook_allowed, by=by, at=now())
            return made.id, _shown(made, secret)

        def again(webhook_id: UUID | None) -> dict[str, Any]:
            return _shown(webhooks.own(session, webhook_id or UUID(int=0), by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=_address)


@door(
    blueprint,
    "GET",
    "/webhooks/<uuid:webhook_id>",
    summary="Adres",
    gives=WebhookOut,
    refuses=(403, 404),
    versioned=True,
)
def get_webhook(webhook_id: UUID) -> Answer:
    with reading() as session:
        found = webhooks.own(session, webhook_id, by=actor(), at=now())
        return WebhookOut().dump(found), 200, etag(found.version)


@door(
    blueprint,
    "PUT",
    "/webhooks/<uuid:webhook_id>",
    summary="Adres veranderen",
    description="Wat nog wacht, gaat naar het nieuwe adres. Het geheim blijft.",
    body=WebhookIn,
    gives=WebhookOut,
    refuses=(403, 404),
    needs_version=True,
    versioned=True,
)
def change_webhook(webhook_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        found = webhooks.change(
            session, webhook_id, **body, allowed=settings().webhook_allowed, version=version, by=actor(), at=now()
        )
        return WebhookOut().dump(found), 200, etag(found.version)


@door(
    blueprint,
    "DELETE",
    "/webhooks/<uuid:webhook_id>",
    summary="Adres verwijderen",
    description="Wat nog wacht, wordt niet meer verstuurd. Het antwoord zegt nog één keer wat het was.",
    gives=WebhookOut,
    refuses=(403, 404),
    needs_version=True,
)
def delete_webhook(webhook_id: UUID, version: int) -> Answer:
    with transaction() as session:
        return WebhookOut().dump(webhooks.end(session, webhook_id, version=version, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/webhooks/<uuid:webhook_id>/secrets",
    summary="Nieuw geheim",
    description="Het geheim van nu tekent nog een dag mee: in die tijd kan uw programma overstappen.",
    gives=WebhookWithSecretOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def renew_webhook_secret(webhook_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found, secret = webhooks.rotate(session, webhook_id, by=by, at=now())
            return found.id, _shown(found, secret)

        def again(_: UUID | None) -> dict[str, Any]:
            return _shown(webhooks.own(session, webhook_id, by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=_address)


@door(
    blueprint,
    "POST",
    "/webhooks/<uuid:webhook_id>/pauses",
    summary="Adres stilzetten",
    description="Wat er gebeurt, wordt dertig dagen voor dit adres bewaard.",
    gives=WebhookOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def pause_webhook(webhook_id: UUID) -> Answer:
    return _turned(webhook_id, webhooks.pause)


@door(
    blueprint,
    "POST",
    "/webhooks/<uuid:webhook_id>/resumptions",
    summary="Adres weer aanzetten",
    description="Wat bewaard is, wordt verstuurd, ook wat eerder niet aankwam.",
    gives=WebhookOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def resume_webhook(webhook_id: UUID) -> Answer:
    return _turned(webhook_id, webhooks.resume)


def _turned(webhook_id: UUID, turn: Callable[..., Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return webhook_id, dict(WebhookOut().dump(turn(session, webhook_id, by=by, at=now())))

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(WebhookOut().dump(webhooks.own(session, webhook_id, by=by, at=now())))

        return once(session, by=by, do=do, again=again, location=_address)


@door(
    blueprint,
    "POST",
    "/webhooks/<uuid:webhook_id>/tests",
    summary="Adres uitproberen",
    description="Stuurt een bericht van de soort webhook.test. Of het aankwam, staat bij de verzonden berichten.",
    gives=TryOut,
    status=201,
    refuses=(403, 404, 429),
)
def try_webhook(webhook_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found = webhooks.try_out(session, webhook_id, by=by, at=now())
            return found, {"id": str(found)}

        def again(message_id: UUID | None) -> dict[str, Any]:
            webhooks.own(session, webhook_id, by=by, at=now())
            return {"id": str(message_id)}

        return once(session, by=by, do=do, again=again, location=lambda _: _deliveries(webhook_id))


@door(
    blueprint,
    "GET",
    "/webhooks/<uuid:webhook_id>/deliveries",
    summary="Verzonden berichten",
    description="De laatste vijftig berichten en wat ervan werd. Ze blijven dertig dagen staan.",
    gives=DeliveryListOut,
    refuses=(403, 404),
)
def list_webhook_deliveries(webhook_id: UUID) -> Answer:
    with reading() as session:
        found = webhooks.deliveries(session, webhook_id, by=actor(), at=now())
        return DeliveryListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/retries",
    summary="Bericht opnieuw sturen",
    description="Ook een bericht dat al aankwam. Het houdt zijn kenmerk.",
    gives=TryOut,
    status=201,
    refuses=(403, 404),
)
def retry_webhook_delivery(webhook_id: UUID, delivery_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            webhooks.retry(session, webhook_id, delivery_id, by=by, at=now())
            return delivery_id, {"id": str(delivery_id)}

        def again(_: UUID | None) -> dict[str, Any]:
            webhooks.own(session, webhook_id, by=by, at=now())
            return {"id": str(delivery_id)}

        return once(session, by=by, do=do, again=again, location=lambda _: _deliveries(webhook_id))


def _shown(webhook: Webhook, secret: str | None = None) -> dict[str, Any]:
    return {**WebhookOut().dump(webhook), "secret": secret}


def _address(webhook_id: UUID | None) -> str:
    return url_for("webhooks.get_webhook", webhook_id=webhook_id)


def _deliveries(webhook_id: UUID) -> str:
    return url_for("webhooks.list_webhook_deliveries", webhook_id=webhook_id)
