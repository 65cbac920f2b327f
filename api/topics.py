"""Steps that a program of a partner does, and, for the administrator of its organisation, which program that is.

Waiting for work keeps a thread of this process, so only a few programs may wait at a time; who comes after them hears at
once that there is nothing, and asks again later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import current_app, url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor, topic_worker
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method, topics

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

blueprint = group(
    "topics",
    "Stappen voor programma’s: wat een ander programma in een schema doet. Het heeft een eigen token voor één onderwerp; zie docs/partners.md in de broncode.",
)
#: Seconds that a program can wait for work, and between two looks.
LONGEST_WAIT = 20
_LOOK_EVERY = 1.0
#: How many of the threads of a process may wait for work: the others are for people.
_SHARE = 4
_ONCE = "Token voor het programma. U ziet het deze ene keer; wie hetzelfde verzoek nog eens stuurt, krijgt null."


class TopicNewWorkerIn(schemas.Strict):
    topic = schemas.a_text("Onderwerp (topic), zoals het in het schema staat.", required=True)
    label = schemas.a_text("Welk programma dit is.", required=True)
    reads = fields.List(
        fields.String(),
        load_default=list,
        metadata={
            "description": "Namen waarop een route wordt bepaald, die het programma meekrijgt. Niets: geen enkele."
        },
    )
    writes = fields.List(
        fields.String(), load_default=list, metadata={"description": "Namen waarmee het mag antwoorden."}
    )
    days = schemas.a_number("Hoeveel dagen het token geldt, hoogstens 366.", load_default=90)


class TopicDaysIn(schemas.Strict):
    days = schemas.a_number("Hoeveel dagen het token geldt, hoogstens 366.", load_default=90)


class TopicWorkerOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    topic = schemas.a_text("Onderwerp.", required=True)
    label = schemas.a_text("Welk programma dit is.", required=True)
    reads = fields.List(fields.String(), required=True, metadata={"description": "Namen die het meekrijgt."})
    writes = fields.List(fields.String(), required=True, metadata={"description": "Namen waarmee het mag antwoorden."})
    expires_at = schemas.Instant(required=True, metadata={"description": "Tot wanneer het token geldt."})
    created_at = schemas.Instant(required=True, metadata={"description": "Sinds wanneer het hier staat."})
    version = schemas.a_number("Versie, voor If-Match.", required=True)


class TopicWorkerWithTokenOut(TopicWorkerOut):
    token = schemas.maybe_text(_ONCE)


class TopicWorkerListOut(Schema):
    items = fields.List(fields.Nested(TopicWorkerOut), required=True)


class TopicIncidentOut(Schema):
    task_id = schemas.an_id("De stap.", required=True)
    topic = schemas.a_text("Onderwerp.", required=True)
    since = schemas.Instant(required=True, metadata={"description": "Sinds wanneer niemand het meer probeert."})
    error_code = schemas.maybe_text("Code van het programma.")
    fetched = schemas.a_number("Hoe vaak een programma hem had.", required=True)


class TopicIncidentListOut(Schema):
    items = fields.List(fields.Nested(TopicIncidentOut), required=True)


class TopicFetchIn(schemas.Strict):
    most = schemas.a_number("Hoeveel stappen tegelijk, hoogstens 10.", load_default=1)
    lock_seconds = fields.Integer(
        load_default=300,
        validate=validate.Range(10, 3600, error="Kies {min} tot en met {max} seconden."),
        metadata={"description": "Hoe lang u ze nodig heeft: 10 tot 3600 seconden."},
    )
    wait_seconds = fields.Integer(
        load_default=0,
        validate=validate.Range(0, LONGEST_WAIT, error="Kies 0 tot en met {max} seconden."),
        metadata={
            "description": "Hoe lang u wacht als er niets is: 0 tot 20 seconden. Wachten er al anderen, dan korter."
        },
    )


class TopicStepOut(Schema):
    id = schemas.an_id("De stap.", required=True)
    lock_id = schemas.an_id("Waarmee u laat zien dat u de stap heeft; elke keer een ander.", required=True)
    locked_until = schemas.Instant(
        required=True, metadata={"description": "Tot wanneer niemand anders de stap krijgt."}
    )
    topic = schemas.a_text("Onderwerp.", required=True)
    process_id = schemas.a_text("Schema.", required=True)
    element_id = schemas.a_text("Stap in het schema.", required=True)
    case_id = schemas.an_id("De casus; leeg als uw organisatie daar geen deel aan heeft.", allow_none=True)
    variables = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "Waarop een route wordt bepaald, voor zover dit programma dat mag weten.",
            **schemas.OPEN_OBJECT,
        },
    )
    due_at = schemas.Instant(allow_none=True, metadata={"description": "Wanneer de termijn om is."})
    retries_left = schemas.a_number("Hoe vaak het nog geprobeerd wordt.", required=True)
    fetched = schemas.a_number("Hoe vaak een programma de stap had, met deze keer.", required=True)


class TopicStepListOut(Schema):
    items = fields.List(fields.Nested(TopicStepOut), required=True)


class TopicLockIn(schemas.Strict):
    lock_id = schemas.an_id("Waarmee u de stap heeft.", required=True)


class TopicExtendIn(TopicLockIn):
    lock_seconds = fields.Integer(
        load_default=300,
        validate=validate.Range(10, 3600, error="Kies {min} tot en met {max} seconden."),
        metadata={"description": "Hoe lang nog, vanaf nu: 10 tot 3600 seconden."},
    )


class TopicFailIn(TopicLockIn):
    error_code = schemas.a_text(
        "Wat er misging, als code. Geen zinnen: die zouden over een gezin kunnen gaan.", required=True
    )
    retries_left = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 100, error="Kies 0 tot en met {max}."),
        metadata={
            "description": "Hoe vaak het nog geprobeerd mag worden; leeg: één keer minder dan hiervoor. Bij 0 wacht de stap op de beheerder."
        },
    )
    retry_after_seconds = fields.Integer(
        load_default=60,
        validate=validate.Range(0, 86_400, error="Kies 0 tot en met {max} seconden."),
        metadata={"description": "Na hoeveel seconden het opnieuw mag."},
    )


class TopicCompleteIn(TopicLockIn):
    variables = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=fields.Raw(allow_none=True),
        load_default=dict,
        metadata={"description": "Korte tekst, getal, waar of niet waar, of niets.", **schemas.OPEN_OBJECT},
    )


class TopicStandingOut(Schema):
    id = schemas.an_id("De stap.", required=True)
    status = schemas.a_text("completed, failed, released of locked.", required=True)
    locked_until = schemas.Instant(allow_none=True, metadata={"description": "Tot wanneer u de stap heeft."})
    retries_left = schemas.a_number("Hoe vaak het nog geprobeerd wordt.", allow_none=True)


# --- for the administrator


@door(
    blueprint, "GET", "/topic-workers", summary="Programma’s die stappen doen", gives=TopicWorkerListOut, refuses=(403,)
)
def list_topic_workers() -> Answer:
    with reading() as session:
        return TopicWorkerListOut().dump({"items": topics.own_workers(session, by=actor(), at=now())}), 200, {}


@door(
    blueprint,
    "POST",
    "/topic-workers",
    summary="Programma toevoegen dat stappen doet",
    description="Voor één onderwerp, en alleen voor stappen die bij uw organisatie liggen. Het antwoord geeft één keer het token.",
    body=TopicNewWorkerIn,
    gives=TopicWorkerWithTokenOut,
    status=201,
    refuses=(403,),
    versioned=True,
)
def create_topic_worker(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            made, token = topics.add_worker(session, **body, by=by, at=now())
            return made.id, _shown(made, token)

        def again(worker_id: UUID | None) -> dict[str, Any]:
            return _shown(topics.own_worker(session, worker_id or UUID(int=0), by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=_address)


@door(
    blueprint,
    "GET",
    "/topic-workers/<uuid:worker_id>",
    summary="Programma dat stappen doet",
    gives=TopicWorkerOut,
    refuses=(403, 404),
    versioned=True,
)
def get_topic_worker(worker_id: UUID) -> Answer:
    with reading() as session:
        found = topics.own_worker(session, worker_id, by=actor(), at=now())
        return TopicWorkerOut().dump(found), 200, etag(found.version)


@door(
    blueprint,
    "DELETE",
    "/topic-workers/<uuid:worker_id>",
    summary="Programma verwijderen dat stappen doet",
    description="Het token werkt meteen niet meer. Wat het programma nog had, komt vrij als de tijd om is.",
    gives=TopicWorkerOut,
    refuses=(403, 404),
    needs_version=True,
)
def delete_topic_worker(worker_id: UUID, version: int) -> Answer:
    with transaction() as session:
        return (
            TopicWorkerOut().dump(topics.end_worker(session, worker_id, version=version, by=actor(), at=now())),
            200,
            {},
        )


@door(
    blueprint,
    "POST",
    "/topic-workers/<uuid:worker_id>/tokens",
    summary="Nieuw token",
    description="Het oude token werkt meteen niet meer.",
    body=TopicDaysIn,
    gives=TopicWorkerWithTokenOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def renew_topic_token(worker_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            found, token = topics.renew_token(session, worker_id, **body, by=by, at=now())
            return found.id, _shown(found, token)

        def again(_: UUID | None) -> dict[str, Any]:
            return _shown(topics.own_worker(session, worker_id, by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=_address)


@door(
    blueprint,
    "GET",
    "/topic-incidents",
    summary="Stappen die niemand meer probeert",
    description="Van uw organisatie. Een programma meldde dat het niet lukt, tot er geen pogingen meer waren.",
    gives=TopicIncidentListOut,
    refuses=(403,),
)
def list_topic_incidents() -> Answer:
    with reading() as session:
        return TopicIncidentListOut().dump({"items": method.topic_incidents(session, by=actor(), at=now())}), 200, {}


@door(
    blueprint,
    "POST",
    "/topic-incidents/<uuid:task_id>/retries",
    summary="Stap opnieuw laten proberen",
    gives=TopicIncidentListOut,
    refuses=(403, 404),
)
def retry_topic_incident(task_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            topics.retry_incident(session, task_id, by=by, at=now())
            return task_id, again(task_id)

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(TopicIncidentListOut().dump({"items": method.topic_incidents(session, by=by, at=now())}))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


# --- for the program


@door(
    blueprint,
    "POST",
    "/topic-steps/fetches",
    summary="Stappen ophalen",
    description="Met het token van het programma. U krijgt stappen van uw onderwerp die bij uw organisatie liggen, zo lang als u vraagt. "
    "Elk verzoek haalt opnieuw op: een Idempotency-Key doet hier niets.",
    body=TopicFetchIn,
    gives=TopicStepListOut,
)
def fetch_topic_steps(body: dict[str, Any]) -> Answer:
    found = _fetch(body)
    places = _places()
    if found or not body["wait_seconds"] or not places.acquire(blocking=False):
        return TopicStepListOut().dump({"items": found}), 200, {}
    try:
        until = time.monotonic() + body["wait_seconds"]
        while not found and (left := until - time.monotonic()) > 0:
            time.sleep(min(_LOOK_EVERY, left))
            found = _fetch(body)  # a transaction each: nothing is held while we wait
    finally:
        places.release()
    return TopicStepListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/topic-steps/<uuid:task_id>/completions",
    summary="Stap is gedaan",
    body=TopicCompleteIn,
    gives=TopicStandingOut,
    refuses=(404,),
)
def complete_topic_step(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        worker, by = topic_worker(session)

        def do() -> tuple[UUID, dict[str, Any]]:
            method.complete_step(
                session, worker, task_id, body["lock_id"], variables=body["variables"], by=by, at=now()
            )
            return task_id, _standing(task_id, "completed")

        return _once(session, task_id, "completed", do, by=by)


@door(
    blueprint,
    "POST",
    "/topic-steps/<uuid:task_id>/failures",
    summary="Stap is niet gelukt",
    description="De stap wordt later opnieuw geprobeerd. Zijn er geen pogingen meer, dan wacht hij op de beheerder.",
    body=TopicFailIn,
    gives=TopicStandingOut,
    refuses=(404,),
)
def fail_topic_step(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        worker, by = topic_worker(session)

        def do() -> tuple[UUID, dict[str, Any]]:
            left = method.fail_step(
                session,
                worker,
                task_id,
                body["lock_id"],
                code=body["error_code"],
                retries_left=body["retries_left"],
                wait=timedelta(seconds=body["retry_after_seconds"]),
                by=by,
                at=now(),
            )
            return task_id, _standing(task_id, "failed", retries_left=left)

        return _once(session, task_id, "failed", do, by=by)


@door(
    blueprint,
    "POST",
    "/topic-steps/<uuid:task_id>/extensions",
    summary="Stap langer houden",
    body=TopicExtendIn,
    gives=TopicStandingOut,
    refuses=(404,),
)
def extend_topic_step(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        worker, by = topic_worker(session)

        def do() -> tuple[UUID, dict[str, Any]]:
            lock_for = timedelta(seconds=body["lock_seconds"])
            until = method.extend_step(session, worker, task_id, body["lock_id"], lock_for=lock_for, by=by, at=now())
            return task_id, _standing(task_id, "locked", locked_until=until)

        return _once(session, task_id, "locked", do, by=by)


@door(
    blueprint,
    "POST",
    "/topic-steps/<uuid:task_id>/releases",
    summary="Stap teruggeven",
    description="Telt niet als mislukt: een ander programma van dit onderwerp kan hem meteen ophalen.",
    body=TopicLockIn,
    gives=TopicStandingOut,
    refuses=(404,),
)
def release_topic_step(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        worker, by = topic_worker(session)

        def do() -> tuple[UUID, dict[str, Any]]:
            method.release_step(session, worker, task_id, body["lock_id"], by=by, at=now())
            return task_id, _standing(task_id, "released")

        return _once(session, task_id, "released", do, by=by)


def _fetch(body: dict[str, Any]) -> list[method.TopicStep]:
    with transaction() as session:
        worker, by = topic_worker(session)
        lock_for = timedelta(seconds=body["lock_seconds"])
        return method.fetch_steps(session, worker, most=body["most"], lock_for=lock_for, by=by, at=now())


def _places() -> BoundedSemaphore:
    """Who may wait at the same time in this process."""
    many = max(1, current_app.extensions["steun.settings"].threads // _SHARE)
    found: BoundedSemaphore = current_app.extensions.setdefault("steun.waiting", BoundedSemaphore(many))
    return found


def _once(session: Session, task_id: UUID, said: str, do: Callable[[], Any], *, by: Actor) -> Answer:
    """As :func:`once`, for a step: sent again it says how the step was left, and does nothing."""
    return once(session, by=by, do=do, again=lambda _: _standing(task_id, said), location=lambda _: "", status=200)


def _standing(task_id: UUID, status: str, **known: Any) -> dict[str, Any]:
    found = {"id": task_id, "status": status, "locked_until": None, "retries_left": None, **known}
    return dict(TopicStandingOut().dump(found))


def _shown(worker: topics.TopicWorker, token: str | None = None) -> dict[str, Any]:
    return {**TopicWorkerOut().dump(worker), "token": token}


def _address(worker_id: UUID | None) -> str:
    return url_for("topics.get_topic_worker", worker_id=worker_id)
