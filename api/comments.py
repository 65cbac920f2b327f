"""Comments on a case: what colleagues tell each other between the forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("comments", "Opmerkingen van collega's bij een casus.")


class CommentIn(schemas.Strict):
    text = schemas.a_text(
        "De opmerking, ten hoogste 4000 tekens. Later veranderen kan niet. Schrijf hier niets over veiligheid.",
        required=True,
    )
    task_id = schemas.an_id("De taak waar het over gaat, als het over een taak gaat.", allow_none=True)


class CommentOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    task_id = schemas.an_id("De taak waar het over gaat.", allow_none=True)
    text = schemas.a_text("De opmerking.", required=True)
    author_id = schemas.an_id("Wie het schreef.", allow_none=True)
    author_name = schemas.maybe_text("Naam van wie het schreef.")
    organisation_id = schemas.an_id("Organisatie namens wie het is geschreven.", required=True)
    role = schemas.a_text("Rol waarin het is geschreven.", required=True)
    at = schemas.an_instant("Wanneer het is geschreven.", required=True)


class CommentListOut(Schema):
    items = fields.List(fields.Nested(CommentOut), required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/comments",
    summary="Opmerkingen bij een casus",
    description="De opmerkingen die u mag lezen, de oudste eerst. Het lezen wordt vastgelegd.",
    gives=CommentListOut,
    refuses=(404,),
)
def list_comments(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.comment_list(session, case_id, by=actor(), at=now())
        return CommentListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/comments",
    summary="Opmerking schrijven",
    body=CommentIn,
    gives=CommentOut,
    status=201,
    refuses=(403, 404),
)
def create_comment(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            said = method.add_comment(session, case_id, body["text"], task_id=body.get("task_id"), by=by, at=now())
            return said.id, dict(CommentOut().dump(said))

        def again(comment_id: UUID | None) -> dict[str, Any]:
            for one in method.comment_list(session, case_id, by=by, at=now()):
                if one.id == comment_id:
                    return dict(CommentOut().dump(one))
            raise NotFound(f"comment {comment_id}")

        return once(
            session, by=by, do=do, again=again, location=lambda _: url_for("comments.list_comments", case_id=case_id)
        )


class TaskCommentIn(schemas.Strict):
    text = schemas.a_text(
        "De opmerking, ten hoogste 4000 tekens. Later veranderen kan niet. Schrijf hier niets over veiligheid.",
        required=True,
    )


@door(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/comments",
    summary="Opmerkingen bij een taak",
    description="De opmerkingen over deze taak die u mag lezen, de oudste eerst; leeg zolang u de taak alleen kunt oppakken. Het lezen wordt vastgelegd.",
    gives=CommentListOut,
    refuses=(404,),
)
def list_task_comments(task_id: UUID) -> Answer:
    with reading() as session:
        found = method.task_comments(session, task_id, by=actor(), at=now())
        return CommentListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/comments",
    summary="Opmerking bij een taak schrijven",
    body=TaskCommentIn,
    gives=CommentOut,
    status=201,
    refuses=(403, 404),
)
def create_task_comment(task_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            said = method.comment_on_task(session, task_id, body["text"], by=by, at=now())
            return said.id, dict(CommentOut().dump(said))

        def again(comment_id: UUID | None) -> dict[str, Any]:
            for one in method.task_comments(session, task_id, by=by, at=now()):
                if one.id == comment_id:
                    return dict(CommentOut().dump(one))
            raise NotFound(f"comment {comment_id}")

        return once(
            session,
            by=by,
            do=do,
            again=again,
            location=lambda _: url_for("comments.list_task_comments", task_id=task_id),
        )
