"""What a door needs to draw a form and to read it back: the form itself, and what to say first about safety."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, diagrams, forms, logbook, processes, safety
from workflows.actor import Actor
from workflows.forms import Form
from workflows.method.effects import notice
from workflows.method.facts import case_of, find_case, find_task, task_facts
from workflows.method.versions import opened
from workflows.method.views import SafetyNotice


def task_form(session: Session, task_id: UUID, *, form_digest: str | None = None, by: Actor, at: datetime) -> Form:
    """The questions of a task of the own team. Nothing of the family is in them, so nothing is written down.

    Args:
        form_digest: of the version that somebody filled in; left out, or never published: the present one.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "view_card", task_facts(session, task, by=by, at=at), at=at)
    return opened(session, task, form_digest)


def loss_form(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> Form:
    """The questions that :func:`report_loss` answers, in the version that the case runs on.

    Raises:
        NotFound, NotAllowed: as for reporting.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "report_loss", facts, at=at)
    run = processes.run_of(session, "case", case.id)
    return forms.definition(diagrams.load(session, run.bundle_digest), "loss")


def safety_notice(
    session: Session, task_id: UUID, *, answers: Mapping[str, Any], by: Actor, at: datetime
) -> SafetyNotice | None:
    """What to do first, once more, for who sent the same answers twice: the number must not get lost in a double click.

    Raises:
        NotFound: the task is not *by*'s.
    """
    task = find_task(session, task_id, by=by)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "view_task", facts, at=at)
    with logbook.deciding(session):  # only where to turn to
        case = case_of(session, task)
    level = safety.level_of(answers)
    return None if case is None or level is None else notice(session, case, level, at=at)
