"""The BSN of somebody of the family: that it is there, read on purpose, recorded, taken away.

Only for who gives care for an organisation that may use it, asked anew every time; to everybody else it is not told whether
there is one. Nothing else of the method reads it: no list, package, search or process knows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, families, organisations
from workflows.access import Facts
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotAllowed, NotFound, StaleVersion, WrongState
from workflows.families import Bsn, FamilyMember, MemberKind
from workflows.method.facts import find_case, write_read
from workflows.method.reading import member_views
from workflows.method.views import MemberView


@dataclass(frozen=True, slots=True)
class BsnStanding:
    """Whether a number of somebody is kept, since when and by which organisation; never the number. ``version`` 0: none."""

    member: MemberView
    kept: bool
    version: int
    recorded_at: datetime | None
    organisation_id: UUID | None
    may_record: bool


def may_use_bsn(session: Session, by: Actor) -> bool:
    """Whether the organisation for which *by* acts has a ground to use the number, at this moment."""
    if by.organisation_id is None:
        return False
    found = organisations.organisation(session, by.organisation_id)
    return found.active and found.may_use_bsn


def bsn_standing(session: Session, case_id: UUID, member_id: UUID, *, by: Actor, at: datetime) -> BsnStanding:
    """Whether a number of somebody is kept; the read is written down, as one of who it is.

    Raises:
        NotFound: no such case or person, or not for *by*. NotAllowed: not for this role, or this organisation.
    """
    case, facts, shown = _found(session, case_id, member_id, "view_bsn", by=by, at=at)
    _write(session, "member.viewed", member_id, case, facts, by=by, at=at)
    return _standing(case, facts, shown[member_id], families.bsn(session, member_id), by=by)


def read_bsn(session: Session, case_id: UUID, member_id: UUID, *, by: Actor, at: datetime) -> str:
    """The number itself: an act of its own, with a line of its own.

    Raises:
        NotFound, NotAllowed: as for :func:`bsn_standing`; NotFound also when none is kept. Unreadable: its key is gone.
    """
    case, facts, _ = _found(session, case_id, member_id, "view_bsn", by=by, at=at)
    _write(session, "bsn.viewed", member_id, case, facts, by=by, at=at)
    return families.open_bsn(session, _kept(session, member_id))


def record_bsn(
    session: Session, case_id: UUID, member_id: UUID, bsn: str, *, version: int | None = None, by: Actor, at: datetime
) -> BsnStanding:
    """Keep the number of somebody, or put the right one in its place.

    Args:
        bsn: as it was typed. version: that was seen, 0 when there was none; left out, whatever is kept is replaced.

    Raises:
        NotFound, NotAllowed: as for :func:`bsn_standing`. WrongState: the case is closed.
        StaleVersion: somebody changed it since. Invalid: no BSN, or not one of this person.
    """
    case, facts, shown = _found(session, case_id, member_id, "record_bsn", lock=True, by=by, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    _same(families.bsn(session, member_id), member_id, version)
    known = [one.id for one in shown.values() if one.version is not None]
    member = _member(session, case, member_id)
    kept = families.record_bsn(session, member, bsn, beside=known, case_id=case.id, by=by, at=at)
    return _standing(case, facts, shown[member_id], kept, by=by)


def remove_bsn(
    session: Session, case_id: UUID, member_id: UUID, *, version: int | None = None, by: Actor, at: datetime
) -> None:
    """Take the number of somebody away, also in a closed case: what is wrong or not needed does not have to wait.

    Raises:
        NotFound, NotAllowed: as for :func:`read_bsn`. StaleVersion: somebody changed it since.
    """
    case, _, _ = _found(session, case_id, member_id, "record_bsn", lock=True, by=by, at=at)
    kept = _kept(session, member_id)
    _same(kept, member_id, version)
    families.remove_bsn(session, kept, case_id=case.id, by=by, at=at)


def _found(
    session: Session, case_id: UUID, member_id: UUID, action: str, *, lock: bool = False, by: Actor, at: datetime
) -> tuple[Case, Facts, dict[UUID, MemberView]]:
    """The case, and everybody in the family as *by* may know them; *member_id* is among them, and not only by name."""
    case, facts = find_case(session, case_id, by=by, at=at, lock=lock)
    facts = replace(facts, may_use_bsn=may_use_bsn(session, by))
    if access.allows(by, action, replace(facts, may_use_bsn=True)) and not facts.may_use_bsn:
        raise NotAllowed(
            f"organisation {by.organisation_id} may not use the BSN",
            detail="Uw organisatie mag het BSN niet gebruiken. U heeft het ook niet nodig: alles werkt met het nummer "
            "van de casus.",
        )
    access.require(by, action, facts, at=at)
    shown = {one.id: one for one in member_views(session, case, access.visible(by, facts), by, at=at)}
    if member_id not in shown or shown[member_id].version is None:
        raise NotFound(f"case {case.id}: member {member_id} is not there for role {by.role}")
    return case, facts, shown


def _member(session: Session, case: Case, member_id: UUID) -> FamilyMember:
    assert case.family_id is not None, "somebody of it was shown"
    return families.member(session, case.family_id, member_id)


def _kept(session: Session, member_id: UUID) -> Bsn:
    kept = families.bsn(session, member_id)
    if kept is None:
        raise NotFound(f"no bsn of member {member_id}", detail="Van deze persoon staat er geen BSN.")
    return kept


def _same(kept: Bsn | None, member_id: UUID, version: int | None) -> None:
    now = 0 if kept is None else kept.version
    if version is not None and version != now:
        raise StaleVersion(
            f"bsn of member {member_id} has version {now}, not {version}",
            detail="Iemand veranderde dit BSN intussen. Kijk wat er nu staat en probeer het opnieuw.",
        )


def _standing(case: Case, facts: Facts, shown: MemberView, kept: Bsn | None, *, by: Actor) -> BsnStanding:
    return BsnStanding(
        member=shown,
        kept=kept is not None,
        version=0 if kept is None else kept.version,
        recorded_at=None if kept is None else kept.recorded_at,
        organisation_id=None if kept is None else kept.organisation_id,
        may_record=not case.is_closed
        and shown.kind != MemberKind.UNBORN_CHILD
        and access.allows(by, "record_bsn", facts),
    )


def _write(session: Session, event: str, member_id: UUID, case: Case, facts: Facts, *, by: Actor, at: datetime) -> None:
    write_read(
        session, event, "family_member", member_id, case=case, facts=facts, purpose="family", saw=("C0",), by=by, at=at
    )
