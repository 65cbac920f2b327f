"""Being too late: who was first, and when, in words for the one who lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM
from workflows import organisations
from workflows.actor import Actor
from workflows.errors import WrongState
from workflows.processes import Task, TaskStatus


class TooLate(WrongState):
    """Somebody else was first with this task; says who and when, to somebody of the same team."""

    title = "Iemand was u voor"

    def __init__(
        self, message: str, *, detail: str, person_id: UUID | None, role: str | None, at: datetime | None
    ) -> None:
        super().__init__(message, detail=detail)
        self.person_id = person_id
        self.role = role
        self.at = at


def too_late(session: Session, task: Task, *, by: Actor, kept: bool) -> WrongState:
    """The refusal for *by*, who wanted a task that has gone on without them.

    Args:
        kept: whether the door keeps what was typed as a draft.
    """
    reason = f"task {task.id} is {task.status}"
    if (task.organisation_id, task.role) != (by.organisation_id, by.role):
        return WrongState(reason, detail="Deze taak is van een ander team.")  # who has it is theirs to know
    saved = " Wat u typte is bewaard als concept." if kept else ""
    if task.status == TaskStatus.WITHDRAWN:
        return WrongState(reason, detail=f"Deze taak is vervallen, omdat de casus intussen anders verderging.{saved}")
    if task.status == TaskStatus.OPEN:
        return WrongState(
            reason, detail=f"U hebt deze taak niet (meer): ze ligt weer bij het team.{saved} Pak de taak opnieuw op."
        )
    person_id, when, did = (
        (task.completed_by, task.completed_at, "afgerond")
        if task.status == TaskStatus.COMPLETED
        else (task.claimed_by, task.claimed_at, "opgepakt")
    )
    if person_id is not None and person_id == by.person_id:
        return WrongState(reason, detail=f"U hebt deze taak zelf al {did}{_on(when)}.{saved}")
    who = organisations.person(session, person_id).display_name if person_id else "Het systeem"
    where = organisations.organisation(session, task.organisation_id).name
    detail = f"{who} van {where} heeft deze taak{_on(when)} {did}.{saved}"
    return TooLate(reason, detail=detail, person_id=person_id, role=task.role, at=when)


def _on(when: datetime | None) -> str:
    return "" if when is None else f" op {when.astimezone(AMSTERDAM):%d-%m-%Y om %H:%M}"
