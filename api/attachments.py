"""Files with a case, for programs: a list, and each file as a download."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, make_response, request, url_for
from marshmallow import Schema, fields

from api import schemas, uploads
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import NotFound

blueprint = group("attachments", "Bestanden bij een casus.")


class AttachmentOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    case_id = schemas.an_id("De casus.", required=True)
    name = schemas.a_text("Naam van het bestand.", required=True)
    description = schemas.a_text("Wat het is.", required=True)
    kind = schemas.a_text("Soort: pdf, jpeg, png, docx of odt.", required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    compartment = schemas.a_text("Soort gegevens die erin staan.", required=True)
    author_id = schemas.an_id("Wie het toevoegde.", allow_none=True)
    author_name = schemas.maybe_text("Naam van wie het toevoegde.")
    organisation_id = schemas.an_id("Organisatie namens wie.", required=True)
    role = schemas.a_text("Rol waarin.", required=True)
    at = schemas.an_instant("Wanneer.", required=True)


class AttachmentListOut(Schema):
    items = fields.List(fields.Nested(AttachmentOut), required=True)


class RemovedOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/attachments",
    summary="Bestanden bij een casus",
    description="De bestanden die u mag lezen, de nieuwste eerst. Het lezen wordt vastgelegd.",
    gives=AttachmentListOut,
    refuses=(404,),
)
def list_attachments(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.attachment_list(session, case_id, by=actor(), at=now())
        return AttachmentListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/attachments",
    summary="Bestand toevoegen",
    description="Als `multipart/form-data`: `file` (PDF, JPG, PNG, DOCX of ODT), en als u wilt `description` en `compartment`. "
    "Van foto's wordt alleen het beeld bewaard: plaats en toestel niet. Later veranderen kan niet.",
    gives=AttachmentOut,
    status=201,
    refuses=(403, 404, 413),
)
def create_attachment(case_id: UUID) -> Answer:
    with reading() as session:
        method.require_attach(session, case_id, by=actor(), at=now())
    prepared = uploads.sent()
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            added = method.add_attachment(
                session,
                case_id,
                prepared,
                description=request.form.get("description", ""),
                compartment=request.form.get("compartment") or None,
                by=by,
                at=now(),
            )
            return added.id, dict(AttachmentOut().dump(added))

        def again(attachment_id: UUID | None) -> dict[str, Any]:
            for one in method.attachment_list(session, case_id, by=by, at=now()):
                if one.id == attachment_id:
                    return dict(AttachmentOut().dump(one))
            raise NotFound(f"attachment {attachment_id}")

        return once(
            session,
            by=by,
            do=do,
            again=again,
            location=lambda one: url_for("attachments.download_attachment", case_id=case_id, attachment_id=one),
        )


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/attachments/<uuid:attachment_id>",
    summary="Bestand ophalen",
    description="Elke keer een regel in het logboek.",
    media_type="application/octet-stream",
    refuses=(404,),
)
def download_attachment(case_id: UUID, attachment_id: UUID) -> Response:
    with reading() as session:
        found = method.open_attachment(session, case_id, attachment_id, by=actor(), at=now())
    return download(found)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/attachments/<uuid:attachment_id>/removals",
    summary="Bestand weghalen",
    description="Alleen wie het toevoegde kan dat, bijvoorbeeld bij een vergissing.",
    gives=RemovedOut,
    refuses=(403, 404),
)
def remove_attachment(case_id: UUID, attachment_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.remove_attachment(session, case_id, attachment_id, by=by, at=now())
            return attachment_id, {"id": str(attachment_id)}

        return once(
            session, by=by, do=do, again=lambda _: {"id": str(attachment_id)}, location=lambda _: "", status=200
        )


def download(found: method.AttachedFile) -> Response:
    """A file as a download and nothing else: no browser opens it as a page of ours."""
    response = make_response(found.content)
    response.headers["Content-Type"] = uploads.TYPES[found.kind]
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name)}"
    return response
