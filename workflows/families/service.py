"""Adding and changing who belongs to a family. Whoever calls this has asked ``access`` about the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings
from workflows.actor import Actor
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families.model import (
    Certainty,
    DueDate,
    Family,
    FamilyMember,
    MemberKind,
    PartnerInvolved,
    Pregnancy,
    PregnancyEnd,
)
from workflows.families.rules import check_due_date

_CHANGEABLE = frozenset(
    {
        "kind",
        "name",
        "birth_date",
        "postcode",
        "municipality_code",
        "living_situation",
        "preferred_language",
        "interpreter_needed",
        "reading_support",
        "safe_contact",
        "safe_contact_detail",
    }
)


def create_family(session: Session, *, by: Actor, at: datetime) -> Family:
    """A family about which nothing is known yet."""
    family = Family(created_at=at, partner_involved=PartnerInvolved.UNKNOWN)
    session.add(family)
    session.flush()
    logbook.write(session, "family.created", "family", family.id, by=by, at=at)
    return family


def set_partner_involved(
    session: Session, family_id: UUID, partner: PartnerInvolved | str, *, by: Actor, at: datetime
) -> None:
    """Whether the partner takes part or must not be told."""
    family = _family(session, family_id)
    if family.partner_involved != partner:
        family.partner_involved = PartnerInvolved(partner)
        logbook.write(session, "family.partner_set", "family", family_id, by=by, at=at)


def add_member(
    session: Session,
    family_id: UUID,
    *,
    kind: MemberKind | str,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    **known: Any,
) -> FamilyMember:
    """Add somebody to the family; *known* are columns of :class:`FamilyMember`."""
    _only_changeable(known)
    member = FamilyMember(family_id=family_id, kind=kind, **known)
    session.add(member)
    session.flush()
    logbook.write(
        session, "member.added", "family_member", member.id, case_id=case_id, by=by, at=at, details={"kind": str(kind)}
    )
    return member


def change_member(
    session: Session, member_id: UUID, *, by: Actor, at: datetime, case_id: UUID | None = None, **known: Any
) -> FamilyMember:
    """Put in what is known now; the log says which columns changed, never what they held.

    Raises:
        NotFound: no such member.
    """
    _only_changeable(known)
    member = session.get(FamilyMember, member_id)
    if member is None:
        raise NotFound(f"no family member {member_id}")
    changed = sorted(name for name, value in known.items() if getattr(member, name) != value)
    for name in changed:
        setattr(member, name, known[name])
    if changed:
        details = {"columns": ",".join(changed)}
        logbook.write(
            session, "member.changed", "family_member", member.id, case_id=case_id, by=by, at=at, details=details
        )
    return member


def members(session: Session, family_id: UUID) -> list[FamilyMember]:
    """Everybody in the family: the pregnant person or parent first, children by birth."""
    found = session.scalars(select(FamilyMember).where(FamilyMember.family_id == family_id))
    order = list(MemberKind)
    return sorted(
        found, key=lambda one: (order.index(MemberKind(one.kind)), one.birth_date or date.max, one.name, one.id)
    )


def subject(session: Session, family_id: UUID, who: str, *, by: Actor, at: datetime) -> FamilyMember:
    """The member that *who* means on a form: ``parent``, ``partner`` or ``child``; added without a name when unknown.

    With more than one child the youngest, or the one that is expected.

    Raises:
        Invalid: another word, or no parent is known yet.
    """
    kinds = {
        "parent": (MemberKind.PREGNANT_PERSON, MemberKind.PARENT),
        "partner": (MemberKind.PARTNER,),
        "child": (MemberKind.CHILD, MemberKind.UNBORN_CHILD),
    }.get(who, ())
    found = [member for member in members(session, family_id) if member.kind in kinds]
    if found:
        return found[-1] if who == "child" else found[0]
    if who not in ("partner", "child"):
        raise Invalid(f"family {family_id} has no {who:.20}", errors={"subject": ["Kies over wie het gaat."]})
    kind = MemberKind.PARTNER
    if who == "child":
        kind = MemberKind.UNBORN_CHILD if current_pregnancy(session, family_id) else MemberKind.CHILD
    return add_member(session, family_id, kind=kind, by=by, at=at)


def start_pregnancy(
    session: Session,
    family_id: UUID,
    *,
    multiple: bool | None = None,
    parity: int | None = None,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> Pregnancy:
    """The family expects a child.

    Raises:
        WrongState: it does already.
    """
    if current_pregnancy(session, family_id) is not None:
        raise WrongState(f"family {family_id} has a pregnancy that did not end")
    pregnancy = Pregnancy(family_id=family_id, multiple=multiple, parity=parity)
    session.add(pregnancy)
    session.flush()
    logbook.write(session, "pregnancy.started", "pregnancy", pregnancy.id, case_id=case_id, by=by, at=at)
    return pregnancy


def describe_pregnancy(
    session: Session, pregnancy: Pregnancy, *, multiple: bool | None, parity: int | None, by: Actor, at: datetime
) -> None:
    """Put in what is known now about a pregnancy; what is not given stays."""
    known = {"multiple": multiple, "parity": parity}
    changed = [name for name, value in known.items() if value is not None and getattr(pregnancy, name) != value]
    for name in changed:
        setattr(pregnancy, name, known[name])
    if changed:
        details = {"columns": ",".join(changed)}
        logbook.write(session, "pregnancy.described", "pregnancy", pregnancy.id, by=by, at=at, details=details)


def current_pregnancy(session: Session, family_id: UUID) -> Pregnancy | None:
    """The pregnancy that did not end yet, if there is one."""
    return session.scalar(select(Pregnancy).where(Pregnancy.family_id == family_id, Pregnancy.ended_at.is_(None)))


def ended_in_loss(session: Session, family_id: UUID) -> bool:
    """Whether a pregnancy of this family ended in a loss."""
    return bool(
        session.scalar(
            select(exists().where(Pregnancy.family_id == family_id, Pregnancy.ended_by == PregnancyEnd.LOSS))
        )
    )


def record_due_date(
    session: Session,
    pregnancy_id: UUID,
    *,
    due_date: date,
    certainty: Certainty | str,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> DueDate:
    """From now on this is when the child is expected; every earlier date stays known. The same again changes nothing.

    Raises:
        NotFound: no such pregnancy.
        WrongState: it ended.
        Invalid: no pregnancy can be that short or long today.
    """
    pregnancy = session.get(Pregnancy, pregnancy_id)
    if pregnancy is None:
        raise NotFound(f"no pregnancy {pregnancy_id}")
    if pregnancy.ended_at is not None:
        raise WrongState(f"pregnancy {pregnancy_id} has ended")
    on = local_date(at)
    check_due_date(
        due_date,
        on=on,
        minimum_days=int(settings.get(session, "pregnancy.minimum_days", on=on)),
        maximum_days=int(settings.get(session, "pregnancy.maximum_days", on=on)),
    )
    latest = session.scalar(
        select(DueDate).where(DueDate.pregnancy_id == pregnancy_id).order_by(DueDate.ordinal.desc()).limit(1)
    )
    if latest is not None and (latest.due_date, latest.certainty) == (due_date, certainty):
        return latest
    recorded = DueDate(
        pregnancy_id=pregnancy_id,
        due_date=due_date,
        certainty=certainty,
        recorded_at=at,
        ordinal=1 if latest is None else latest.ordinal + 1,
    )
    session.add(recorded)
    session.flush()
    logbook.write(session, "due_date.recorded", "pregnancy", pregnancy_id, case_id=case_id, by=by, at=at)
    return recorded


def current_due_date(session: Session, family_id: UUID) -> date | None:
    """When the child of the running pregnancy is expected; None without a pregnancy, or when nobody knows yet."""
    return session.scalar(
        select(DueDate.due_date)
        .join(Pregnancy, Pregnancy.id == DueDate.pregnancy_id)
        .where(Pregnancy.family_id == family_id, Pregnancy.ended_at.is_(None))
        .order_by(DueDate.ordinal.desc())
        .limit(1)
    )


def due_dates(session: Session, pregnancy_id: UUID) -> list[DueDate]:
    """Every due date there was, oldest first."""
    return list(session.scalars(select(DueDate).where(DueDate.pregnancy_id == pregnancy_id).order_by(DueDate.ordinal)))


def end_pregnancy(
    session: Session,
    pregnancy_id: UUID,
    ended_by: PregnancyEnd | str,
    *,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> Pregnancy:
    """A birth or a loss; from now on the family has no due date.

    Raises:
        NotFound: no such pregnancy.
        WrongState: it ended before.
        Invalid: another end than birth or loss.
    """
    pregnancy = session.get(Pregnancy, pregnancy_id)
    if pregnancy is None:
        raise NotFound(f"no pregnancy {pregnancy_id}")
    if pregnancy.ended_at is not None:
        raise WrongState(f"pregnancy {pregnancy_id} has ended before")
    if ended_by not in set(PregnancyEnd):
        raise Invalid(f"pregnancy {pregnancy_id} cannot end so", errors={"ended_by": ["Kies geboorte of verlies."]})
    pregnancy.ended_at = at
    pregnancy.ended_by = ended_by
    session.flush()
    logbook.write(session, "pregnancy.ended", "pregnancy", pregnancy_id, case_id=case_id, by=by, at=at)
    return pregnancy


def erase(session: Session, family_id: UUID, *, by: Actor, at: datetime, case_id: UUID | None = None) -> None:
    """Delete the family and everybody in it; only the log knows that it was there. Nothing may point at it any more."""
    session.flush()
    count = session.scalar(select(func.count()).where(FamilyMember.family_id == family_id)) or 0
    pregnancies = select(Pregnancy.id).where(Pregnancy.family_id == family_id)
    session.execute(delete(DueDate).where(DueDate.pregnancy_id.in_(pregnancies)))
    session.execute(delete(Pregnancy).where(Pregnancy.family_id == family_id))
    session.execute(delete(FamilyMember).where(FamilyMember.family_id == family_id))
    session.execute(delete(Family).where(Family.id == family_id))
    logbook.write(
        session, "family.erased", "family", family_id, case_id=case_id, by=by, at=at, details={"members": count}
    )


def _family(session: Session, family_id: UUID) -> Family:
    family = session.get(Family, family_id)
    if family is None:
        raise NotFound(f"no family {family_id}")
    return family


def _only_changeable(known: Mapping[str, Any]) -> None:
    if unknown := set(known) - _CHANGEABLE:
        raise TypeError(f"not known of a family member: {', '.join(sorted(unknown))}")
