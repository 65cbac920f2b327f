"""Files with a case: attaching one, and reading those that one may read, by the same matrix as everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, logbook, organisations
from workflows import attachments as room
from workflows.actor import Actor
from workflows.attachments import Attachment, Prepared
from workflows.errors import NotAllowed
from workflows.method.facts import find_case, write_read


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """An attachment with who added it, for whom and in which role."""

    id: UUID
    case_id: UUID
    name: str
    description: str
    kind: str
    size: int
    compartment: str
    author_id: UUID | None
    author_name: str | None
    organisation_id: UUID
    role: str
    at: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """What is handed out."""

    name: str
    kind: str
    content: bytes


def may_attach(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[str, ...]:
    """Kinds of data that *by* may attach a file of, the usual one first; none: *by* may not.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
    if case.is_closed or not access.allows(by, "comment", facts):
        return ()
    return room.writable(access.visible(by, facts))


def require_attach(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Pass when *by* may attach something; asked before anything slow is done with a file.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    with logbook.deciding(session):
        _, facts = find_case(session, case_id, by=by, at=at)
    _require(by, facts, at)


def add_attachment(
    session: Session,
    case_id: UUID,
    prepared: Prepared,
    *,
    description: str,
    compartment: str | None = None,
    by: Actor,
    at: datetime,
) -> AttachmentView:
    """Attach a file to a case. It cannot be changed afterwards; who attached it can take it away.

    Args:
        compartment: kind of data that is in it; left out: the usual one of who attaches it.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed. Invalid: refused, with why.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    _require(by, facts, at)
    readable = access.visible(by, facts)
    usual = next(iter(room.writable(readable)), "")
    added = room.add(
        session, case, prepared, description=description, compartment=compartment or usual, readable=readable, by=by,
        at=at,
    )  # fmt: skip
    return _view(session, added, by)


def attachment_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[AttachmentView]:
    """The attachments of a case that *by* may read, newest first; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "view_case", facts, at=at)
    found = room.of_case(session, case.id, readable=access.visible(by, facts), by=by)
    write_read(
        session, "attachments.viewed", "case", case.id, case=case, facts=facts, purpose="case",
        saw={one.compartment for one in found}, details={"count": len(found)}, by=by, at=at,
    )  # fmt: skip
    return [_view(session, one, by) for one in found]


def open_attachment(session: Session, case_id: UUID, attachment_id: UUID, *, by: Actor, at: datetime) -> AttachedFile:
    """What is in an attachment, to be handed out; each time a line in the log of reads.

    Raises:
        NotFound: no such attachment, or not for *by*. Unreadable: it cannot be opened.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "view_case", facts, at=at)
    one = room.find(session, case.id, attachment_id, readable=access.visible(by, facts), by=by)
    content = room.content(session, one)
    write_read(
        session, "attachment.downloaded", "attachment", one.id, case=case, facts=facts, purpose="case",
        saw=(one.compartment,), details={"bytes": one.size}, by=by, at=at,
    )  # fmt: skip
    return AttachedFile(one.name, one.kind, content)


def remove_attachment(session: Session, case_id: UUID, attachment_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take away what *by* attached by mistake.

    Raises:
        NotFound: no such attachment, or not for *by*. NotAllowed: somebody else attached it.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "view_case", facts, at=at)
    one = room.find(session, case.id, attachment_id, readable=access.visible(by, facts), by=by)
    room.remove(session, one, by=by, at=at)


def _require(by: Actor, facts: access.Facts, at: datetime) -> None:
    access.require(by, "comment", facts, at=at)
    if not room.writable(access.visible(by, facts)):
        raise NotAllowed(
            f"role {by.role} writes no data of a case", detail="In uw rol kunt u hier geen bijlage toevoegen."
        )


def _view(session: Session, one: Attachment, by: Actor) -> AttachmentView:
    name = None if one.author_id is None else organisations.person(session, one.author_id).display_name
    mine = one.author_id is not None and one.author_id == by.person_id and one.organisation_id == by.organisation_id
    return AttachmentView(
        id=one.id,
        case_id=one.case_id,
        name=one.name,
        description=one.description,
        kind=one.kind,
        size=one.size,
        compartment=one.compartment,
        author_id=one.author_id,
        author_name=name,
        organisation_id=one.organisation_id,
        role=one.role,
        at=one.at,
        may_remove=mine,
    )
