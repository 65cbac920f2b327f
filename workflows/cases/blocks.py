"""Whom a case is closed to in person: a colleague, a neighbour, family. Asked wherever access is asked, and by every list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases.model import BlockReason, Case, CaseBlock
from workflows.errors import Invalid, NotFound, WrongState


def block(
    session: Session,
    case: Case,
    *,
    person_id: UUID,
    reason: BlockReason | str,
    organisation_id: UUID | None,
    by: Actor,
    at: datetime,
) -> CaseBlock:
    """Close a locked case to one person from now on. What they had in hand is the caller's to give back.

    The line in the logbook says how often this person read the case before: who looks after the log reviews that.

    Args:
        organisation_id: through which the holder knows this person; None: the holder is not told that they are kept out.

    Raises:
        Invalid: no such reason. WrongState: it is closed to them already.
    """
    if reason not in set(BlockReason):
        raise Invalid(
            f"case {case.id}: no such reason", errors={"reason": ["Kies waarvan deze persoon het gezin kent."]}
        )
    query = select(CaseBlock).where(
        CaseBlock.case_id == case.id, CaseBlock.person_id == person_id, CaseBlock.until_at.is_(None)
    )
    found = session.scalar(query)
    if found is not None and (found.organisation_id is not None or organisation_id is None):
        raise WrongState(f"case {case.id} is closed to {person_id}", detail="Deze persoon kan er al niet bij.")
    if found is None:
        found = CaseBlock(case_id=case.id, person_id=person_id)
        session.add(found)
    # Who stepped aside without the holder knowing is kept out all the same: the holder must not learn that from a refusal.
    found.organisation_id, found.reason = organisation_id, BlockReason(reason)
    found.since, found.recorded_by = at, by.person_id
    session.flush()
    _write(session, found, by=by, at=at)
    return found


def wish_too(session: Session, found: CaseBlock, *, by: Actor, at: datetime) -> None:
    """Somebody wants a person kept out who is kept out already, at whosever wish: it is their wish as well, and they are not
    told that it was not the first."""
    _write(session, found, by=by, at=at)


def wished_by(session: Session, case_id: UUID, *, by: Actor) -> dict[UUID, datetime]:
    """Whom the case is closed to now at the wish of *by*, and since when they wish so; not whether somebody else did before."""
    wished = {
        line.details.get("block"): line.at
        for line in reversed(logbook.changes_of(session, case_id, "case.blocked"))
        if line.person_id == by.person_id
    }
    found = {one.person_id: wished[one.id.hex] for one in blocks(session, case_id) if one.id.hex in wished}
    return dict(sorted(found.items(), key=lambda one: (one[1], one[0])))  # nor in an order of before


def _write(session: Session, found: CaseBlock, *, by: Actor, at: datetime) -> None:
    before = logbook.times_read(session, case_id=found.case_id, person_id=found.person_id)
    details: dict[str, str | int | float | bool | None] = {
        "block": found.id.hex,
        "person": found.person_id.hex,
        "reads_before": before,
    }
    logbook.write(session, "case.blocked", "case", found.case_id, case_id=found.case_id, by=by, at=at, details=details)


def unblock(session: Session, found: CaseBlock, *, by: Actor, at: datetime) -> None:
    """The case is closed to this person no longer; the row stays.

    Raises:
        WrongState: it ended before.
    """
    if found.until_at is not None:
        raise WrongState(f"block {found.id} has ended", detail="Deze afscherming was al opgeheven.")
    found.until_at, found.ended_by = at, by.person_id
    session.flush()
    details = {"block": found.id.hex, "person": found.person_id.hex}
    logbook.write(
        session, "case.unblocked", "case", found.case_id, case_id=found.case_id, by=by, at=at, details=details
    )


def block_of(session: Session, block_id: UUID) -> CaseBlock:
    """One row. Whether the actor may know of it is asked by the caller.

    Raises:
        NotFound: no such row.
    """
    found = session.get(CaseBlock, block_id)
    if found is None:
        raise NotFound(f"no block {block_id}")
    return found


def blocks(session: Session, case_id: UUID) -> list[CaseBlock]:
    """Whom the case is closed to now, in the order in which that was said."""
    query = select(CaseBlock).where(CaseBlock.case_id == case_id, CaseBlock.until_at.is_(None))
    return list(session.scalars(query.order_by(CaseBlock.since, CaseBlock.id)))


def blocked_people(session: Session, case_id: UUID) -> frozenset[UUID]:
    """The people whom the case is closed to now."""
    query = select(CaseBlock.person_id).where(CaseBlock.case_id == case_id, CaseBlock.until_at.is_(None))
    return frozenset(session.scalars(query))


def is_blocked(session: Session, case_id: UUID, person_id: UUID | None) -> bool:
    """Whether the case is closed to this person now."""
    return person_id is not None and person_id in blocked_people(session, case_id)


def kept_out(by: Actor) -> Select[UUID]:
    """For queries: the cases that are closed to *by* in person."""
    return select(CaseBlock.case_id).where(CaseBlock.person_id == by.person_id, CaseBlock.until_at.is_(None))


def kept_from(session: Session, by: Actor) -> frozenset[UUID]:
    """The cases that are closed to *by* in person; nearly always none."""
    return frozenset[UUID]() if by.person_id is None else frozenset(session.scalars(kept_out(by)))


def erase_blocks(session: Session, case_id: UUID) -> None:
    """Delete whom a case was closed to, when everything about it goes."""
    session.execute(delete(CaseBlock).where(CaseBlock.case_id == case_id))
