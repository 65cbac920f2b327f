"""The citizen service number (BSN) of a member of the family: apart, closed, and opened one at a time.

Nobody needs one: a family without is a normal case. Nothing is found by it. The same number at two people of one family is
refused by opening those few; a digest to search by would also tell, across families, who is the same person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import logbook, vault
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, Unreadable
from workflows.families.model import Bsn, Family, FamilyMember, MemberKind
from workflows.families.rules import read_bsn

FIELD = "bsn"


def bsn(session: Session, member_id: UUID) -> Bsn | None:
    """What is kept of the number of somebody, closed: that it is there, since when and by whom."""
    return session.get(Bsn, member_id)


def open_bsn(session: Session, kept: Bsn) -> str:
    """The number itself. Whoever calls this has asked ``access`` and writes the read down.

    Raises:
        Unreadable: its key is not here.
    """
    return vault.of(session).open(kept.sealed, about=bsn_about(kept.member_id)).decode()


def record_bsn(
    session: Session,
    member: FamilyMember,
    text: str,
    *,
    beside: Iterable[UUID] = (),
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> Bsn:
    """Keep the number of somebody; one that was kept before is replaced. The same again is written down and changes
    nothing else. What cannot be opened, because its key is gone, stands in nobody's way.

    Args:
        text: as it was typed.
        beside: others of the family who cannot have the same number. Whoever *by* may not know of is not among them: being
            refused would tell of them.

    Raises:
        NotAllowed: no organisation acts.
        Invalid: no BSN, of a child that is not born yet, or the number of one of those.
    """
    if by.organisation_id is None:
        raise NotAllowed("a BSN needs an organisation that may use it")
    number = read_bsn(text)
    if member.kind == MemberKind.UNBORN_CHILD:
        raise _refused(member, "Een kind krijgt pas een BSN na de geboorte.")
    session.get(Family, member.family_id, with_for_update=True)  # the family may have another case
    for each in session.scalars(select(Bsn).where(Bsn.member_id.in_(set(beside) - {member.id}))):
        if _is(session, each, number):
            raise _refused(member, "Dit BSN staat al bij iemand anders van dit gezin. Kijk bij wie het hoort.")
    kept = bsn(session, member.id)
    changed = kept is None or not _is(session, kept, number)
    if kept is None:
        kept = Bsn(member_id=member.id)
        session.add(kept)
    if changed:
        kept.sealed = vault.of(session).seal(number.encode(), about=bsn_about(member.id))
        kept.organisation_id, kept.recorded_by, kept.recorded_at = by.organisation_id, by.person_id, at
        session.flush()
    details = {"changed": changed}
    logbook.write(session, "bsn.recorded", "family_member", member.id, case_id=case_id, by=by, at=at, details=details)
    return kept


def remove_bsn(session: Session, kept: Bsn, *, by: Actor, at: datetime, case_id: UUID | None = None) -> None:
    """Take the number of somebody away: it was wrong, or nobody needs it."""
    session.delete(kept)
    session.flush()
    logbook.write(session, "bsn.removed", "family_member", kept.member_id, case_id=case_id, by=by, at=at)


def bsn_about(member_id: UUID) -> str:
    """As what a number is closed: put with somebody else, it does not open."""
    return f"bsns/sealed/{member_id.hex}"


def _is(session: Session, kept: Bsn, number: str) -> bool:
    try:
        return open_bsn(session, kept) == number
    except Unreadable:
        return False


def _refused(member: FamilyMember, told: str) -> Invalid:
    return Invalid(f"bsn of member {member.id} refused", errors={FIELD: [told]})
