"""Comments on a case: adding one, and reading those that one may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, logbook, organisations
from workflows import comments as room
from workflows.actor import Actor
from workflows.comments import Comment
from workflows.errors import NotAllowed
from workflows.method.facts import find_case, find_task, task_facts, write_read
from workflows.method.notifying import tell_of_comment


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment with who wrote it, for whom and in which role."""

    id: UUID
    case_id: UUID
    task_id: UUID | None
    text: str
    author_id: UUID | None
    author_name: str | None
    organisation_id: UUID
    role: str
    at: datetime


def add_comment(
    session: Session, case_id: UUID, text: str, *, task_id: UUID | None = None, by: Actor, at: datetime
) -> CommentView:
    """Write something on a case that is for no form. It cannot be changed afterwards.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed.
        Invalid: nothing said, too much, or about a task of another case.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "comment", facts, at=at)
    said = room.add(session, case, text, task_id=task_id, by=by, at=at)
    tell_of_comment(session, case, by=by, at=at)
    return viewed(session, said)


def comment_list(
    session: Session, case_id: UUID, *, task_id: UUID | None = None, by: Actor, at: datetime
) -> list[CommentView]:
    """The comments on a case that *by* may read, oldest first; the read is written down.

    Args:
        task_id: only those about this task.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    found = room.of_case(session, case.id, readable=access.visible(by, facts), by=by)
    if task_id is not None:
        found = [one for one in found if one.task_id == task_id]
    write_read(
        session, "comments.viewed", "case", case.id, case=case, facts=facts, purpose="case",
        saw=("C6",), details={"count": len(found)}, by=by, at=at,
    )  # fmt: skip
    return [viewed(session, one) for one in found]


def task_comments(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> list[CommentView]:
    """The comments about a task that *by* may read, oldest first; none to who may only take it.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "view_card", facts, at=at)
    if task.subject_kind != "case" or not access.allows(by, "view_case", facts):
        return []
    return comment_list(session, task.subject_id, task_id=task.id, by=by, at=at)


def comment_on_task(session: Session, task_id: UUID, text: str, *, by: Actor, at: datetime) -> CommentView:
    """Write something about a task, for who works on its case.

    Raises:
        NotFound: no such task for *by*. NotAllowed: *by* may only take it, or it is of no case.
        Otherwise as :func:`add_comment`.
    """
    task = find_task(session, task_id, by=by)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "view_card", facts, at=at)
    if task.subject_kind != "case" or not access.allows(by, "view_case", facts):
        raise NotAllowed(f"task {task.id}: comments are for who works on the case")
    return add_comment(session, task.subject_id, text, task_id=task.id, by=by, at=at)


def may_comment(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether *by* can add a comment; for showing the form, never instead of asking.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
    return not case.is_closed and access.allows(by, "comment", facts)


def viewed(session: Session, one: Comment) -> CommentView:
    """A comment with the name of who wrote it; whether it may be read was decided before."""
    name = None if one.author_id is None else organisations.person(session, one.author_id).display_name
    return CommentView(
        id=one.id,
        case_id=one.case_id,
        task_id=one.task_id,
        text=one.text,
        author_id=one.author_id,
        author_name=name,
        organisation_id=one.organisation_id,
        role=one.role,
        at=one.at,
    )
