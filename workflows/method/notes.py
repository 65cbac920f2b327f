"""The words that came along with a task, for who of the team has it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import logbook, organisations, processes
from workflows.actor import Actor
from workflows.method.views import NoteView
from workflows.processes import Task


def notes_for(session: Session, tasks: Sequence[Task], *, by: Actor, at: datetime) -> dict[UUID, NoteView]:
    """Of tasks that *by* has: who gave them, and the newest words that came along. That those were read is written down."""
    with logbook.deciding(session):  # whether there is anything
        notes = processes.notes_of(session, [task.id for task in tasks], by=by)
    found = {}
    for task in tasks:
        note = notes.get(task.id)
        author = task.handed_by if note is None else note.author_id
        if author is None or author == by.person_id:
            continue
        found[task.id] = NoteView(
            author,
            organisations.person(session, author).display_name,
            None if note is None else note.text,
            None if note is None else note.at,
        )
        if note is not None:
            logbook.read(
                session, "note.viewed", "task", task.id, case_id=note.case_id, by=by, at=at, purpose="work",
                rule="claimant", compartments=None if note.case_id is None else ("C6",),
            )  # fmt: skip
    return found
