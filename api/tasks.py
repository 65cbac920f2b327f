"""Tasks: the work list, claiming, drafting and completing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method, processes
from workflows.actor import Actor
from workflows.errors import StaleVersion, WrongState

blueprint = group("tasks", "Taken: werklijst, oppakken, invullen en afronden.")


@door(
    blueprint,
    "GET",
    "/tasks",
    summary="Werklijst",
    description="Open taken van uw organisatie, rol en gebied, en taken die u hebt opgepakt. Een taak noemt het gezin niet. Filters gelden samen. De vroegste termijn staat voorop; met ‘-due_at’ de laatste, met ‘opened_at’ wat er het langst ligt, met ‘-opened_at’ wat er het laatst bij kwam. Wat geen termijn heeft staat op termijn altijd achteraan.",
    query=schemas.TasksQuery,
    gives=schemas.TaskListOut,
    paged=True,
    sorts=("due_at", "opened_at"),
)
def list_tasks(query: dict[str, Any]) -> Answer:
    cursor, page_size = query.pop("cursor", None), query.pop("page_size")
    order = processes.Order(query.pop("sort", processes.Order.DUE))
    with reading() as session:
        page = method.work_list(
            session,
            by=actor(),
            at=now(),
            cursor=cursor,
            page_size=page_size,
            filters=query,
            order=order,
        )
        return schemas.TaskListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>",
    summary="Eén taak met formulier",
    gives=schemas.TaskViewOut,
    refuses=(404,),
    versioned=True,
)
def get_task(task_id: UUID) -> Answer:
    with reading() as session:
        view = method.task_view(session, task_id, by=actor(), at=now())
        return schemas.TaskViewOut().dump(view), 200, etag(view.task.version)


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/claims",
    summary="Taak oppakken",
    gives=schemas.TaskOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def claim_task(task_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return task_id, _card(method.claim_task(session, task_id, by=by, at=now()), by)

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(schemas.TaskOut().dump(method.task_view(session, task_id, by=by, at=now()).task))

        return once(session, by=by, do=do, again=again, location=lambda _: _address(task_id))


@door(
    blueprint,
    "DELETE",
    "/tasks/<uuid:task_id>/claims/current",
    summary="Taak teruggeven",
    description="De taak gaat terug naar de werklijst van de organisatie; uw concept blijft van u.",
    gives=schemas.TaskOut,
    refuses=(403, 404, 409),
    needs_version=True,
    versioned=True,
)
def release_task(task_id: UUID, version: int) -> Answer:
    with transaction() as session:
        by = actor()
        task = method.release_task(session, task_id, version=version, by=by, at=now())
        return _card(task, by), 200, etag(task.version)


class TaskAssignmentIn(schemas.Strict):
    person_id = schemas.an_id("De collega; zie candidates.", required=True)
    note = schemas.a_text(
        f"Een paar woorden voor die collega, ten hoogste {method.LONGEST_NOTE} tekens. Schrijf hier niets over veiligheid.",
        load_default="",
    )


class TaskAssignmentOut(Schema):
    task = fields.Nested(schemas.TaskOut, required=True)
    person_id = schemas.an_id("Wie de taak nu heeft; null: het team.", allow_none=True, required=True)
    away_until = schemas.maybe_day("Tot en met wanneer de gekozen collega er niet is; dan ging de taak naar een ander.")


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/assignments",
    summary="Taak doorgeven aan een collega",
    description="De collega heeft de taak meteen. Wie afwezig is, krijgt haar niet: dan gaat ze naar de vervanger of naar het team. Uw concept blijft van u.",
    body=TaskAssignmentIn,
    gives=TaskAssignmentOut,
    status=201,
    refuses=(404,),
)
def assign_task(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            gone = method.assign_task(session, task_id, to=body["person_id"], note=body["note"], by=by, at=now())
            return task_id, shown(gone)

        def again(_: UUID | None) -> dict[str, Any]:
            return shown(method.passed(session, task_id, by=by, at=now()))

        def shown(gone: method.Passed) -> dict[str, Any]:
            there = {"person_id": gone.person_id, "away_until": gone.away_until}
            return dict(TaskAssignmentOut().dump({"task": method.TaskCard.of(gone.task, by), **there}))

        return once(session, by=by, do=do, again=again, location=lambda _: _address(task_id))


@door(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/draft",
    summary="Uw concept bij een taak",
    description="Wat u typte en nog niet is vastgelegd, ook als een collega de taak intussen afrondde. Leeg als er niets is.",
    gives=schemas.DraftOut,
    refuses=(404,),
    versioned=True,
)
def get_draft(task_id: UUID) -> Answer:
    with reading() as session:
        view, draft = method.draft_view(session, task_id, by=actor(), at=now())
        shown = {
            "task_id": task_id,
            "answers": draft.answers if draft else {},
            "gone": view.gone,
            "saved_at": draft.saved_at if draft else None,
            "version": view.task.version,
        }
        return schemas.DraftOut().dump(shown), 200, etag(view.task.version)


@door(
    blueprint,
    "PUT",
    "/tasks/<uuid:task_id>/draft",
    summary="Concept bewaren",
    body=schemas.DraftIn,
    gives=schemas.DraftOut,
    refuses=(403, 404, 409),
    needs_version=True,
    versioned=True,
)
def save_draft(task_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        draft = method.save_draft(
            session,
            task_id,
            answers=body["answers"],
            version=version,
            by=actor(),
            at=now(),
            form_digest=body.get("form_digest"),
        )
        shown = {
            "task_id": task_id,
            "answers": draft.answers,
            "gone": method.left_of(draft),
            "saved_at": draft.saved_at,
            "version": version,
        }
        return schemas.DraftOut().dump(shown), 200, etag(version)


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/completion",
    summary="Taak afronden",
    description="Legt de antwoorden vast en laat het proces verdergaan. Wie net te laat is, hoort wie eerder was; de antwoorden blijven bewaard als concept. Past iets niet bij elkaar, dan komt er een vraag terug (‘questions’).",
    body=schemas.CompletionIn,
    gives=schemas.CompletionOut,
    status=201,
    refuses=(403, 404),
    needs_version=True,
)
def complete_task(task_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    try:
        with transaction() as session:
            by = actor()

            def do() -> tuple[UUID, dict[str, Any]]:
                done = method.complete_task(
                    session,
                    task_id,
                    answers=body["answers"],
                    version=version,
                    by=by,
                    at=now(),
                    observed_at=body.get("observed_at"),
                    form_digest=body.get("form_digest"),
                    confirmed=frozenset(body.get("confirmed", ())),
                )
                return task_id, schemas.CompletionOut().dump(done)

            def again(_: UUID | None) -> dict[str, Any]:
                view = method.task_view(session, task_id, by=by, at=now())
                notice = method.safety_notice(session, task_id, answers=body["answers"], by=by, at=now())
                shown = {
                    "task": view.task,
                    "next": [],
                    "safety_notice": notice,
                    "running": [],
                    "ended": None,
                    "undo_until": None,
                }
                return dict(schemas.CompletionOut().dump(shown))

            return once(session, by=by, do=do, again=again, location=lambda _: _address(task_id))
    except (WrongState, StaleVersion):
        keep_lost_answers(task_id, body["answers"], body.get("form_digest"))
        raise


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/undoings",
    summary="Afronden ongedaan maken",
    description="Alleen door wie de taak afrondde, een paar minuten lang (zie ‘undo_until’), en zolang er niets op gevolgd is. "
    "De antwoorden worden weer uw concept; wat er klaarstond, vervalt.",
    gives=schemas.TaskOut,
    status=201,
    refuses=(403, 404),
)
def undo_completion(task_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return task_id, _card(method.undo_completion(session, task_id, by=by, at=now()), by)

        def again(_: UUID | None) -> dict[str, Any]:
            return dict(schemas.TaskOut().dump(method.task_view(session, task_id, by=by, at=now()).task))

        return once(session, by=by, do=do, again=again, location=lambda _: _address(task_id))


@door(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/candidates",
    summary="Wie deze taak kan doen",
    gives=schemas.CandidatesOut,
    refuses=(403, 404),
)
def get_candidates(task_id: UUID) -> Answer:
    with reading() as session:
        found = method.candidates(session, task_id, by=actor(), at=now())
        return schemas.CandidatesOut().dump({"items": found}), 200, {}


def keep_lost_answers(task_id: UUID, answers: dict[str, Any], form_digest: str | None) -> None:
    """What the one who was too late had typed stays theirs, as a draft; a transaction of its own, the first is undone."""
    with transaction() as session:
        method.keep_lost_answers(session, task_id, answers=answers, by=actor(), at=now(), form_digest=form_digest)


def _card(task: Any, by: Actor) -> dict[str, Any]:
    return dict(schemas.TaskOut().dump(method.TaskCard.of(task, by)))


def _address(task_id: UUID) -> str:
    return url_for("tasks.get_task", task_id=task_id)
