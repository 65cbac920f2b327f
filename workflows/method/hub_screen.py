"""What the one who leads a hub meeting can do for each family on the agenda, as far as it is theirs anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import cases, hubs, logbook, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.method.facts import has
from workflows.processes import Task, TaskStatus

#: Form of what came of a talk about one family.
MINUTES = "hub_minutes"


@dataclass(frozen=True, slots=True)
class Desk:
    """Of one family on the agenda. ``minutes_task``: of the asker's own work, with whether it was taken already.

    Args:
        may_open: the page of the case is there for the asker.
    """

    may_open: bool
    minutes_task: UUID | None = None
    taken: bool = False
    taken_by_me: bool = False


def hub_desk(session: Session, agenda: hubs.Agenda, *, by: Actor) -> Mapping[UUID, Desk]:
    """By case, for the families on an agenda that was cut to what *by* may know. Tasks are those of *by*'s own team and role."""
    ids = [item.case_id for item in agenda.items]
    if not ids:
        return {}
    with logbook.deciding(session):  # whether there is something of the asker's own; the agenda itself is written down
        open_to = set(session.scalars(select(Case.id).where(Case.id.in_(ids), cases.visible_clause(by))))
        query = select(Task).where(
            Task.subject_kind == "case",
            Task.subject_id.in_(ids),
            Task.form_key == MINUTES,
            Task.status.in_([TaskStatus.OPEN, TaskStatus.CLAIMED]),
            Task.organisation_id == by.organisation_id,
            Task.role == by.role,
        )
        tasks = {
            task.subject_id: task
            for task in session.scalars(query)
            if task.status == TaskStatus.CLAIMED or processes.is_candidate(task, by)
        }
    return {key: _desk(key in open_to, tasks.get(key), by) for key in ids}


def _desk(may_open: bool, task: Task | None, by: Actor) -> Desk:
    if task is None:
        return Desk(may_open)
    return Desk(may_open, task.id, task.status == TaskStatus.CLAIMED, has(task, by))
