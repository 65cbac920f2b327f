"""What a parent who logs in begins with: the cases of the own family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import access, logbook, parents
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound
from workflows.method.facts import case_facts, write_read


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """Which cases there are of the own family, the newest first; ids only."""

    member_id: UUID
    cases: tuple[UUID, ...]


def own_family(session: Session, *, by: Actor, at: datetime) -> OwnFamily:
    """The cases of a parent's own family; that they looked is written down for each.

    Raises:
        NotFound: nobody's parent, or no longer.
    """
    with logbook.deciding(session):
        member = parents.member_of(session, by, at=at)
        query = select(Case).where(Case.family_id == member.family_id).order_by(Case.opened_at.desc(), Case.id)
        found = [(case, case_facts(session, case, by=by, at=at)) for case in session.scalars(query)]
    allowed = [(case, facts) for case, facts in found if access.allows(by, "view_own_story", facts)]
    if not allowed:
        raise NotFound(f"person {by.person_id} has no case")
    for case, facts in allowed:
        write_read(
            session, "own_story.read", "case", case.id, case=case, facts=facts, purpose="own_story", by=by, at=at
        )
    return OwnFamily(member.id, tuple(case.id for case, _ in allowed))


__all__ = ["OwnFamily", "own_family"]
