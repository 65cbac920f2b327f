"""Refusals of access are written down: who wanted what, and of which case it is, if it is of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Consent
from workflows.db import house
from workflows.hubs import AgendaItem
from workflows.logbook import Scalar
from workflows.processes import Task

#: Of which case something is, by the kind of thing that was asked for. None: it is there, and of no case.
_CASE_OF: Mapping[str, Callable[[UUID], Select[Any]]] = {
    "case": lambda one: select(Case.id).where(Case.id == one),
    "task": lambda one: select(Task.subject_id).where(Task.id == one, Task.subject_kind == "case"),
    "consent": lambda one: select(Consent.case_id).where(Consent.id == one),
    "item": lambda one: select(AgendaItem.case_id).where(AgendaItem.id == one),
}


def write_refusal(
    session: Session,
    kind: str,
    subject_id: UUID | None,
    *,
    of: Mapping[str, UUID],
    reason: str,
    door: str,
    by: Actor,
    at: datetime,
    skipped: int = 0,
) -> None:
    """Write down that *by* asked for a thing and was refused; for an id that means nothing as well.

    The same is done for what exists and what does not, so that the time it takes betrays neither; whether a case was
    found is for the reader of the log only. It goes to the log of reads, also when a change was refused: nobody has to
    wait for the writer to be refused.

    Args:
        kind: of the thing, e.g. ``"task"``; with *door*, if it was refused without any thing in sight.
        of: every id in the address, by kind.
        reason: code of the refusal. door: which one it was.
        skipped: refusals before this one that were too many to write down one by one.
    """
    found: UUID | None = None
    with house(session):  # of which case it is, goes no further than the line
        for each, one in of.items():
            if (query := _CASE_OF.get(each)) is not None and found is None:
                found = session.scalar(query(one))
    details: dict[str, Scalar] = {"reason": reason}
    if skipped:
        details["skipped"] = skipped
    logbook.read(
        session,
        "access.refused",
        kind,
        subject_id or door,
        case_id=found,
        by=by,
        at=at,
        purpose=door[:80],
        rule="none",
        outcome="refused",
        details=details,
    )
