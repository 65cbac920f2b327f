"""Adding and changing who belongs to a family. Whoever calls this has asked ``access`` about the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings
from workflows.actor import Actor
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families.model import (
    Authority,
    AuthorityCheck,
    AuthorityKind,
    Bsn,
    Certainty,
    DueDate,
    Family,
    FamilyMember,
    MemberKind,
    NameKey,
    PartnerInvolved,
    Pregnancy,
    PregnancyEnd,
)
from workflows.families.rules import Limits, check_due_date

_CHANGEABLE = frozenset(
    {
        "kind",
        "pregnancy_id",
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
        "shielded_address",
    }
)


@dataclass(frozen=True, slots=True)
class Born:
    """A child that was born; without a name yet when there is none."""

    birth_date: date
    name: str = ""


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
    member = FamilyMember(family_id=family_id, kind=kind, organisation_id=by.organisation_id, **known)
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


def member(session: Session, family_id: UUID, member_id: UUID) -> FamilyMember:
    """One person of this family.

    Raises:
        NotFound: no such person, or of another family.
    """
    found = session.get(FamilyMember, member_id)
    if found is None or found.family_id != family_id:
        raise NotFound(f"no member {member_id} in family {family_id}")
    return found


def partner_involved(session: Session, family_id: UUID) -> PartnerInvolved:
    """Whether the partner takes part, or must not be told."""
    return PartnerInvolved(_family(session, family_id).partner_involved)


def require_partner_may_hear(session: Session, family_id: UUID | None, *, field: str) -> None:
    """Pass when the partner may be told that the family is being helped; ask it before anything is addressed to them.

    Raises:
        Invalid: on *field*: the partner must not be told.
    """
    if family_id is not None and partner_involved(session, family_id) == PartnerInvolved.DO_NOT_INFORM:
        errors = {
            field: ["De partner mag niets weten van deze hulp. Nodig de partner niet uit en vraag de partner niets."]
        }
        raise Invalid(f"family {family_id}: the partner is not to be told", errors=errors)


def has_shielded_address(session: Session, family_id: UUID) -> bool:
    """Whether where somebody of this family is must not be known further than it has to."""
    query = select(FamilyMember.id).where(FamilyMember.family_id == family_id, FamilyMember.shielded_address)
    return session.scalars(query.limit(1)).first() is not None


def children(session: Session, family_id: UUID) -> list[FamilyMember]:
    """The children that were born, the eldest first; of whom no birth date is known last."""
    return [one for one in members(session, family_id) if one.kind == MemberKind.CHILD]


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
    if who == "partner":
        return add_member(session, family_id, kind=MemberKind.PARTNER, by=by, at=at)
    pregnancy = current_pregnancy(session, family_id)
    if pregnancy is None:
        return add_member(session, family_id, kind=MemberKind.CHILD, by=by, at=at)
    return add_member(session, family_id, kind=MemberKind.UNBORN_CHILD, pregnancy_id=pregnancy.id, by=by, at=at)


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
    return _begin(session, Pregnancy(family_id=family_id, multiple=multiple, parity=parity), case_id, by, at)


def expecting(
    session: Session,
    family_id: UUID,
    *,
    multiple: bool | None = None,
    parity: int | None = None,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> Pregnancy:
    """The pregnancy that did not end yet, with what is known of it now put in; started when there is none."""
    running = current_pregnancy(session, family_id)
    if running is None:
        return _begin(session, Pregnancy(family_id=family_id, multiple=multiple, parity=parity), case_id, by, at)
    describe_pregnancy(session, running, multiple=multiple, parity=parity, by=by, at=at)
    return running


def _begin(session: Session, pregnancy: Pregnancy, case_id: UUID | None, by: Actor, at: datetime) -> Pregnancy:
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


def expected_children(session: Session, pregnancy: Pregnancy) -> int:
    """How many children a pregnancy is known to bring: one, two or more when it is multiple, or as many as are known."""
    known = session.scalar(
        select(func.count()).where(
            FamilyMember.pregnancy_id == pregnancy.id, FamilyMember.kind == MemberKind.UNBORN_CHILD
        )
    )
    return max(known or 0, 2 if pregnancy.multiple else 1)


def record_birth(
    session: Session, family_id: UUID, born: Sequence[Born], *, by: Actor, at: datetime, case_id: UUID | None = None
) -> list[FamilyMember]:
    """The pregnancy ends with a birth: who was expected is a child from now on, and so is every other child that came.

    Who was expected stays the same person, so what was agreed about them stays. A birth of which no pregnancy was
    known adds the children all the same.

    Returns:
        The children, in the order of *born*.

    Raises:
        WrongState: no pregnancy runs and a child with this birth date is known: the birth was reported before.
    """
    pregnancy = current_pregnancy(session, family_id)
    known = members(session, family_id)
    days = {one.birth_date for one in born}
    if pregnancy is None and any(one.kind == MemberKind.CHILD and one.birth_date in days for one in known):
        raise WrongState(f"family {family_id}: this birth is known", detail="Deze geboorte is al gemeld.")
    expected = [one for one in known if one.kind == MemberKind.UNBORN_CHILD and _of_pregnancy(one, pregnancy)]
    found: list[FamilyMember] = []
    for place, child in enumerate(born):
        facts: dict[str, Any] = {
            "kind": MemberKind.CHILD,
            "birth_date": child.birth_date,
            "pregnancy_id": pregnancy.id if pregnancy else None,
        }
        if place < len(expected):
            name = child.name or expected[place].name
            one = change_member(session, expected[place].id, case_id=case_id, by=by, at=at, name=name, **facts)
        else:
            one = add_member(session, family_id, case_id=case_id, by=by, at=at, name=child.name, **facts)
        found.append(one)
    for one in known:
        if one.kind == MemberKind.PREGNANT_PERSON:
            change_member(session, one.id, kind=MemberKind.PARENT, case_id=case_id, by=by, at=at)
    if pregnancy is not None:
        if len(born) > 1:
            describe_pregnancy(session, pregnancy, multiple=True, parity=None, by=by, at=at)
        end_pregnancy(session, pregnancy.id, PregnancyEnd.BIRTH, case_id=case_id, by=by, at=at)
    session.flush()
    return found


def record_authority(
    session: Session,
    family_id: UUID,
    *,
    child_id: UUID,
    member_id: UUID | None,
    kind: AuthorityKind | str,
    checked: AuthorityCheck | str,
    from_on: date | None = None,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> Authority:
    """Who decides for a child, and how that is known. The same person again corrects what is known of the period.

    Args:
        member_id: who decides; None for a guardian outside the family.

    Raises:
        NotFound: the child or who decides is not of this family.
        Invalid: with what cannot be, per field.
    """
    child = member(session, family_id, child_id)
    errors: dict[str, list[str]] = {}
    if kind not in set(AuthorityKind):
        errors["kind"] = ["Kies gezag of voogdij."]
    if checked not in set(AuthorityCheck):
        errors["checked"] = ["Kies hoe u dit weet."]
    if member_id is None and kind != AuthorityKind.GUARDIANSHIP:
        errors["member_id"] = ["Kies wie het gezag heeft."]
    if member_id is not None and member(session, family_id, member_id).id == child.id:
        errors["member_id"] = ["Kies iemand anders dan het kind zelf."]
    if from_on is not None and until_on is not None and until_on < from_on:
        errors["until_on"] = ["Kies een dag na de begindag."]
    if errors:
        raise Invalid(f"authority over {child_id} refused", errors=errors)
    query = select(Authority).where(
        Authority.child_id == child_id, Authority.kind == kind, Authority.until_on.is_(None),
        Authority.member_id == member_id if member_id else Authority.member_id.is_(None),
    )  # fmt: skip
    found = session.scalars(query).first()
    if found is None:
        found = Authority(child_id=child_id, member_id=member_id, kind=kind, checked=checked, recorded_at=at)
        session.add(found)
    found.from_on, found.until_on = from_on, until_on
    found.checked, found.recorded_by, found.recorded_at = str(checked), by.person_id, at
    session.flush()
    details = {"kind": str(kind), "checked": str(checked)}
    logbook.write(
        session, "authority.recorded", "family_member", child_id, case_id=case_id, by=by, at=at, details=details
    )
    return found


def authorities(session: Session, family_id: UUID, *, on: date | None = None) -> list[Authority]:
    """Who decides for whom in a family; on one local day when *on* is given, else all that was ever recorded."""
    query = select(Authority).join(FamilyMember, FamilyMember.id == Authority.child_id)
    found = session.scalars(
        query.where(FamilyMember.family_id == family_id).order_by(Authority.recorded_at, Authority.id)
    )
    return [one for one in found if on is None or one.holds(on)]


def limits(session: Session, *, municipality: str | None, on: date) -> Limits:
    """From where an answer about a family is asked about again, on a local day."""

    def value(name: str) -> int:
        return int(settings.get(session, name, municipality=municipality, on=on))

    return Limits(
        age_limit_months=value("case.age_limit_months"),
        parent_minimum_years=value("parent.minimum_years"),
        parent_maximum_years=value("parent.maximum_years"),
        siblings_months=value("pregnancy.siblings_months"),
        preterm_weeks=value("pregnancy.preterm_weeks"),
        shift_days=value("pregnancy.shift_days"),
        maximum_days=value("pregnancy.maximum_days"),
    )


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
    people = select(FamilyMember.id).where(FamilyMember.family_id == family_id)
    session.execute(delete(Authority).where(or_(Authority.child_id.in_(people), Authority.member_id.in_(people))))
    session.execute(delete(Bsn).where(Bsn.member_id.in_(people)))
    session.execute(delete(DueDate).where(DueDate.pregnancy_id.in_(pregnancies)))
    session.execute(delete(NameKey).where(NameKey.member_id.in_(people)))
    session.execute(delete(FamilyMember).where(FamilyMember.family_id == family_id))
    session.execute(delete(Pregnancy).where(Pregnancy.family_id == family_id))
    session.execute(delete(Family).where(Family.id == family_id))
    logbook.write(
        session, "family.erased", "family", family_id, case_id=case_id, by=by, at=at, details={"members": count}
    )


def _of_pregnancy(child: FamilyMember, pregnancy: Pregnancy | None) -> bool:
    """Whether an expected child comes from this pregnancy; one of whom that was not written down comes from any."""
    return child.pregnancy_id is None or (pregnancy is not None and child.pregnancy_id == pregnancy.id)


def _family(session: Session, family_id: UUID) -> Family:
    family = session.get(Family, family_id)
    if family is None:
        raise NotFound(f"no family {family_id}")
    return family


def _only_changeable(known: Mapping[str, Any]) -> None:
    if unknown := set(known) - _CHANGEABLE:
        raise TypeError(f"not known of a family member: {', '.join(sorted(unknown))}")
