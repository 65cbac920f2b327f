"""Other open cases of the same parent, for those who may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash

from api.transactions import now
from workflows import method

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


def context(session: Session, case_id: UUID, *, by: Actor) -> dict[str, Any]:
    """What ``case/duplicates.html`` shows on the page of a case."""
    return {"running": method.running_cases(session, case_id, by=by, at=now())}


def tell(running: Iterable[method.RunningCase]) -> None:
    """Say so on the next page, once."""
    for other in running:
        flash(f"Er loopt al een casus voor deze ouder: {other.number}. Neem contact op met {other.contact}.", "warning")
