"""Undoing that a task was completed: offered where one comes right after it, and on top of Mijn werk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from api.pages import words
from api.pages.blueprint import pages
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Lately:
    """A task that was just completed, and until what time that can be undone."""

    id: UUID
    name: str
    until: str


def lately(session: Session, *, by: Actor) -> list[Lately]:
    """What may still be undone by the clock, the newest first."""
    found = method.just_completed(session, by=by, at=now())
    return [Lately(one.task.id, one.task.name, words.clock(one.until)) for one in found]


@pages.post("/taken/<uuid:task_id>/ongedaan")
def undo(task_id: UUID) -> Response:
    """Who presses twice finds what the first press did."""
    try:
        with transaction() as session:
            method.undo_completion(session, task_id, by=known(session), at=now())
    except WrongState as refusal:
        if not has_it(task_id):
            flash(refusal.detail, "warning")
            return redirect(url_for("pages.work"), 303)
    flash("Ongedaan gemaakt. Wat u invulde, staat er nog. Kijk het na en rond het opnieuw af.", "ok")
    return redirect(url_for("pages.task", task_id=task_id), 303)


@pages.get("/taken/<uuid:task_id>/ongedaan")
def undo_again(task_id: UUID) -> Response:
    """The address of a form that was sent, opened anew: back to the task."""
    return redirect(url_for("pages.task", task_id=task_id), 303)


def has_it(task_id: UUID) -> bool:
    """Whether the task is in the hands of who asks: the second press of a double click finds what the first one did."""
    with reading() as session:
        return method.task_card(session, task_id, by=known(session), at=now()).mine
