"""Watching the terms of tasks: nearly late is marked, too late is looked at by the process director, without content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import cases, diagrams, handovers, logbook, organisations, processes, settings
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.method.notifying import tell_of_handover, tell_who_has
from workflows.method.placing import Surroundings, around_case, escalation_place
from workflows.method.reviewing import around_other, late_place
from workflows.notifications import NotificationKind
from workflows.processes import OFFERED_FORM, Place, Task

#: Form of the task in which somebody says what is done about a term that passed. That task itself only warns.
ESCALATION = "escalation"
ESCALATION_NAME = "Termijn verlopen: overleggen"
#: Forms that tell a due date or a birth: terms that run already hang on it.
TELLS_DAYS = frozenset({"signal", "taking_over"})
#: Term of a task that no diagram asked for, by its form.
TERM_OF = {
    "loss_follow_up": "loss_contact",
    "follow_up": "follow_up",
    "after_birth": "after_birth",
    "age_limit": "age_limit",
    "birth_handover": "birth_handover",
}


def pass_moment(session: Session, task: Task, *, at: datetime) -> None:
    """The worker comes by at a task: mark it nearly late, or ask somebody to look; and plan the next time."""
    if task.due_at is None or not processes.is_live(task):
        return
    if at < task.due_at:
        if task.warned_at is None and processes.warns_at(session, task, at=at) <= at:
            processes.mark(session, task, warned_at=at)
            logbook.write(session, "task.warned", "task", task.id, case_id=_case_id(task), by=WORKER, at=at)
            tell_who_has(session, NotificationKind.NEARLY_LATE, task, at=at)
        processes.plan_term(session, task, at=at)
    elif task.escalated_at is None and task.form_key != ESCALATION and not is_drawn(session, task):
        _escalate(session, task, at=at)


def close_escalations(session: Session, tasks: Iterable[Task], *, by: Actor, at: datetime) -> int:
    """Late tasks that are done or no longer needed: nobody has to look at them any more; returns at how many."""
    closed = 0
    for late in tasks:
        if late.escalated_at is None:
            continue
        task = processes.find_own(session, late.run_id, _key(late))
        if task is not None and processes.is_live(task):
            task.withdraw()
            closed += 1
            logbook.write(session, "task.withdrawn", "task", task.id, case_id=_case_id(task), by=by, at=at)
    return closed


def close_needless(session: Session, case: Case, *, by: Actor, at: datetime) -> None:
    """As :func:`close_escalations`, for whatever ended in a case beside the machine, as a support action that stops."""
    ended = [task for task in processes.tasks_of(session, "case", case.id) if not processes.is_live(task)]
    close_escalations(session, ended, by=by, at=at)


def lease_of(session: Session, task: Task, at: datetime) -> datetime:
    """Until when somebody who takes the task now has it."""
    hours = settings.get(session, "task.lease_hours", municipality=task.municipality_code, on=local_date(at))
    return at + timedelta(hours=int(hours))


def _escalate(session: Session, task: Task, *, at: datetime) -> None:
    """One task for who looks at it, once; a bundle without its form cannot ask, and then only the mark is left."""
    processes.mark(session, task, escalated_at=at)
    tell_who_has(session, NotificationKind.LATE, task, at=at)
    if task.form_key == OFFERED_FORM:
        _tell_sender(session, task, at=at)
    details: dict[str, str] = {}
    if ESCALATION in diagrams.load(session, task.run.bundle_digest).forms:
        place, around = _where(session, task, at)
        where = organisations.organisation(session, task.organisation_id).name
        added = processes.add_task(
            session,
            task.run,
            name=ESCALATION_NAME,
            form_key=ESCALATION,
            place=place,
            at=at,
            element_id=task.element_id,
            documentation=f"Een taak bij {where} is over de termijn. Bespreek met het team wat nodig is, "
            "zonder de inhoud van de casus.",
            term=ESCALATION,
            due_at=around.terms(ESCALATION, at),
            key=_key(task),
        )
        details = {"task": added.id.hex, "role": added.role}
    logbook.write(session, "task.escalated", "task", task.id, case_id=_case_id(task), by=WORKER, at=at, details=details)


def _tell_sender(session: Session, task: Task, *, at: datetime) -> None:
    offered = handovers.pending(session, task.subject_id)
    if offered is not None:
        tell_of_handover(session, NotificationKind.HANDOVER_WAITS, offered, at=at)


def _where(session: Session, task: Task, at: datetime) -> tuple[Place, Surroundings]:
    if task.subject_kind == "case":
        case = cases.lock(session, task.subject_id)
        around = around_case(session, case, at=at, careful=False, digest=task.run.bundle_digest)
        return escalation_place(session, case, at=at), around
    return late_place(session, task, at=at), around_other(session, task.subject_kind, task.subject_id, at=at)


def is_drawn(session: Session, task: Task) -> bool:
    """Whether the diagram itself does something when this very term passes."""
    model = diagrams.load(session, task.run.bundle_digest).processes.get(task.process_id)
    if model is None or processes.is_own(task):
        return False
    return any(
        node.event is not None
        and node.event.timer is not None
        and node.event.timer.kind == "term"
        and node.event.timer.text == task.term
        for node in model.boundary(task.element_id)
    )


def _key(late: Task) -> str:
    return f"late:{late.id.hex}"


def _case_id(task: Task) -> UUID | None:
    return task.subject_id if task.subject_kind == "case" else None
