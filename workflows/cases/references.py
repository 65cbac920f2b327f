"""The number that a case has in an organisation's own records, so that nobody types a family twice or looks for it. Seen by that
organisation only, and found by it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases.model import Case, CaseReference
from workflows.errors import Invalid, NotAllowed

#: Characters of one number.
LONGEST_REFERENCE = 40


def keep_reference(session: Session, case: Case, number: str, *, by: Actor, at: datetime) -> CaseReference | None:
    """Keep the number for *by*'s organisation, in place of what it had; nothing typed takes it away.

    Raises:
        Invalid: too long, or signs that cannot be kept.
    """
    if by.organisation_id is None:
        raise NotAllowed(f"case {case.id}: a reference is an organisation's")
    said = " ".join(number.split())
    if len(said) > LONGEST_REFERENCE or not said.isprintable():
        raise Invalid(
            f"case {case.id}: reference refused",
            errors={"number": [f"Gebruik ten hoogste {LONGEST_REFERENCE} letters en cijfers."]},
        )
    with logbook.deciding(session):  # what was there is only compared with what is typed now
        known = reference_of(session, case.id, by=by)
    if (known.number if known else "") == said:
        return known
    if known is None:
        known = CaseReference(case_id=case.id, organisation_id=by.organisation_id)
        session.add(known)
    if said:
        known.number, known.recorded_by, known.recorded_at = said, by.person_id, at
    else:
        session.delete(known)
    session.flush()
    event = "case.reference_kept" if said else "case.reference_removed"
    logbook.write(session, event, "case", case.id, case_id=case.id, by=by, at=at)
    return known if said else None


def reference_of(session: Session, case_id: UUID, *, by: Actor) -> CaseReference | None:
    """What *by*'s organisation calls the case; whether *by* may know of the case, the caller asks."""
    query = select(CaseReference).where(
        CaseReference.case_id == case_id, CaseReference.organisation_id == by.organisation_id
    )
    return session.scalar(query)


def referred(number: str, *, by: Actor) -> Select[UUID] | None:
    """For queries: the cases that *by*'s organisation calls *number*, however it is typed; nothing when none can be called so.
    Which of them *by* may see, the caller says.

    The whole number or nothing. It is copied from one's own records, where it stands as a whole; a beginning would open
    half the clients of an organisation by the letters that all its numbers begin with, and a wrong family is soon opened.
    """
    said = " ".join(number.split())
    if by.organisation_id is None or not said or len(said) > LONGEST_REFERENCE or not said.isprintable():
        return None
    return select(CaseReference.case_id).where(
        CaseReference.organisation_id == by.organisation_id, CaseReference.key == CaseReference.key_of(said)
    )


def erase_references(session: Session, case_id: UUID) -> None:
    """Delete the numbers of a case, when who the family is goes."""
    session.execute(delete(CaseReference).where(CaseReference.case_id == case_id))
