"""Keeping the conclusion of an exploration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import Invalid
from workflows.explorations.model import Conclusion, Exploration
from workflows.signals import VulnerabilityLevel


def record(
    session: Session, case: Case, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> Exploration:
    """Keep what an exploration, written in the dossier, concluded. A case can have several.

    Raises:
        Invalid: no conclusion, or nobody said whether the parent decided as well, though the family was reached.
    """
    conclusion, level = answers.get("conclusion"), answers.get("vulnerability_level_after")
    together = answers.get("decided_with_parent")
    errors: dict[str, list[str]] = {}
    if not (isinstance(conclusion, str) and conclusion in set(Conclusion)):
        errors["conclusion"] = ["Kies wat er uit de verkenning kwam."]
    if level is not None and not (isinstance(level, str) and level in set(VulnerabilityLevel)):
        errors["vulnerability_level_after"] = ["Kies een van de antwoorden."]
    if conclusion != Conclusion.NOT_REACHED and together not in ("yes", "no", True, False):
        errors["decided_with_parent"] = ["Vul in of de ouder meebesliste."]
    if errors:
        raise Invalid(f"exploration of case {case.id} refused", errors=errors)
    exploration = Exploration(
        case_id=case.id,
        entry_id=entry.id,
        conclusion=conclusion,
        decided_with_parent=None if together is None else together in ("yes", True),
        level_after=level,
        concluded_by=by.person_id,
        concluded_at=at,
    )
    session.add(exploration)
    session.flush()
    details = {"conclusion": str(conclusion)}
    logbook.write(
        session, "exploration.concluded", "exploration", exploration.id, case_id=case.id, by=by, at=at, details=details
    )
    return exploration


def take_back(session: Session, case: Case, entry_id: UUID, *, by: Actor, at: datetime) -> None:
    """An exploration was concluded by mistake a moment ago: nothing was concluded."""
    for one in session.scalars(select(Exploration).where(Exploration.entry_id == entry_id)).all():
        session.delete(one)
        logbook.write(session, "exploration.withdrawn", "exploration", one.id, case_id=case.id, by=by, at=at)
    session.flush()


def of_case(session: Session, case_id: UUID) -> list[Exploration]:
    """Every exploration of a case, oldest first."""
    query = select(Exploration).where(Exploration.case_id == case_id)
    return list(session.scalars(query.order_by(Exploration.concluded_at, Exploration.id)))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the explorations of a case, before the entries they point at go."""
    session.flush()
    session.execute(delete(Exploration).where(Exploration.case_id == case_id))
    logbook.write(session, "exploration.erased", "case", case_id, case_id=case_id, by=by, at=at)
