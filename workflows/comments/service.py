"""Adding comments and reading those that somebody may read. The text stays in its table: no log and no error holds it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from workflows import logbook, texts
from workflows.access import Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.comments.model import Comment
from workflows.errors import Invalid, NotAllowed, WrongState
from workflows.processes import Task

#: Characters of one comment.
LONGEST = 4000
#: Plan and agreements.
COMPARTMENT = "C6"


def add(session: Session, case: Case, text: str, *, task_id: UUID | None = None, by: Actor, at: datetime) -> Comment:
    """Keep a comment on a locked case.

    Raises:
        Invalid: nothing said, too much, or about a task of another case.
        WrongState: the case is closed.
    """
    if by.organisation_id is None:
        raise NotAllowed("a comment needs an organisation that says it")
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed; nobody comments", detail="Deze casus is al gesloten.")
    said = text.replace("\r\n", "\n").strip()
    errors: dict[str, list[str]] = {}
    if not said:
        errors["text"] = ["Schrijf uw opmerking op."]
    elif len(said) > LONGEST:
        errors["text"] = [f"Gebruik ten hoogste {LONGEST} tekens. Nu zijn het er {len(said)}."]
    elif not texts.can_be_kept(said):
        errors["text"] = [texts.CANNOT_BE_KEPT]
    if task_id is not None and not _is_of(session, task_id, case):
        errors["task_id"] = ["Deze taak hoort niet bij deze casus."]
    if errors:
        raise Invalid(f"case {case.id}: comment refused", errors=errors)
    last = session.scalar(select(func.max(Comment.ordinal)).where(Comment.case_id == case.id)) or 0
    added = Comment(
        case_id=case.id,
        task_id=task_id,
        text=said,
        author_id=by.person_id,
        organisation_id=by.organisation_id,
        role=by.role,
        at=at,
        ordinal=last + 1,
    )
    session.add(added)
    session.flush()
    details = {"characters": len(said)}
    logbook.write(session, "comment.added", "comment", added.id, case_id=case.id, by=by, at=at, details=details)
    return added


def of_case(session: Session, case_id: UUID, *, readable: Readable, by: Actor) -> list[Comment]:
    """Comments of a case, oldest first: all for who may read plan and agreements of everybody, else those of the own
    organisation; for who may not read what that says itself, those of the own role there. Whether *by* may know of the case is asked by the caller.
    """
    query = select(Comment).where(Comment.case_id == case_id).order_by(Comment.at, Comment.ordinal)
    if COMPARTMENT not in readable.compartments:
        query = query.where(Comment.organisation_id == by.organisation_id)
    if COMPARTMENT not in readable.own_compartments:
        query = query.where(Comment.role == by.role)
    return list(session.scalars(query))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the comments of a case, when everything about it goes."""
    session.flush()
    session.execute(delete(Comment).where(Comment.case_id == case_id))
    logbook.write(session, "comment.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _is_of(session: Session, task_id: UUID, case: Case) -> bool:
    query = select(Task.id).where(Task.id == task_id, Task.subject_kind == "case", Task.subject_id == case.id)
    return session.scalar(query) is not None
