"""What happened, in the order in which the log was sealed: for who tells it on. No line is missed and none comes twice,
whatever transactions ended in which order, for a place in the chain is given out once and never before an earlier one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.logbook.model import ChangesHead, LoggedChange


@dataclass(frozen=True, slots=True)
class Happened:
    """One sealed line about a change that succeeded: what, of what, and the ids and codes with it."""

    position: int
    event: str
    at: datetime
    subject_kind: str
    subject_id: str
    case_id: UUID | None
    details: dict[str, Any]


def head_of_changes(session: Session) -> int:
    """The place of the last sealed line; 0 when there is none."""
    return session.scalar(select(func.max(ChangesHead.position))) or 0


def happened_after(
    session: Session, position: int, *, until: int, events: Collection[str], limit: int
) -> list[Happened]:
    """The first lines with one of these events after a place in the chain, up to another.

    Args:
        until: the last place that counts, see :func:`head_of_changes`.
    """
    line = LoggedChange
    query = select(
        line.position, line.event, line.at, line.subject_kind, line.subject_id, line.case_id, line.details
    ).where(line.position > position, line.position <= until, line.event.in_(sorted(events)), line.outcome == "success")
    return [Happened(*row) for row in session.execute(query.order_by(line.position).limit(limit))]
