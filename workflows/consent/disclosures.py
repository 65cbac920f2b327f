"""Acts of sharing: who could read what of a family from when to when, on which ground and on whose yes.

An act is what makes something readable to another organisation, or hands it out. Each reading after that is in the
logbook, and what is written down later in a category that is shared already is no new act.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook, organisations
from workflows.access import Ground
from workflows.actor import Actor
from workflows.consent.model import CaseGround, Consent, Disclosure, DisclosureCause, Purpose
from workflows.consent.rules import PURPOSES, WITHOUT_DATA
from workflows.consent.service import Allowed, allowing
from workflows.errors import ConsentMissing, GroundMissing, Invalid

DATA_SUBJECT = "data_subject"


@dataclass(frozen=True, slots=True)
class Because:
    """What made it readable: the task that was taken, the handover that was accepted, …"""

    cause: DisclosureCause
    id: UUID


def share(
    session: Session,
    *,
    case_id: UUID,
    organisation_id: UUID,
    role: str,
    purpose: Purpose | str | None = None,
    because: Because,
    anew: bool = False,
    by: Actor,
    at: datetime,
) -> Disclosure:
    """Write down what another organisation can read from now on, as far as the family agreed and its ground allows; call
    it in the transaction that lets it read. What is written down already stays as it is.

    Args:
        purpose: what it receives it for; None: what its role works for.
        anew: an act of its own, also when nothing more becomes readable by it, as an accepted handover.

    Raises:
        ConsentMissing: the family did not agree. GroundMissing: it did, and the organisation has no ground of its own.
    """
    what_for = purpose or PURPOSES.get(role)
    if what_for is None:
        raise ConsentMissing(f"case {case_id}: role {role} has no purpose that can be agreed to")
    there = organisations.organisation(session, organisation_id)
    allowed = allowing(
        session,
        case_id=case_id,
        recipient_organisation_id=organisation_id,
        recipient_kind=there.type,
        purpose=what_for,
        at=at,
    )
    if not allowed.categories and what_for == Purpose.HANDOVER and role in PURPOSES:
        # It may answer an offer, and reads nothing of others: the family agreed to its work, not to handing over.
        agreed = allowing(
            session,
            case_id=case_id,
            recipient_organisation_id=organisation_id,
            recipient_kind=there.type,
            purpose=PURPOSES[role],
            at=at,
        )
        allowed = Allowed(consents=agreed.consents)
    ground = _own_ground(session, case_id, organisation_id, role, there.type, allowed, at)
    if (not allowed.categories or ground is None) and role in WITHOUT_DATA:
        allowed, ground = Allowed(), Ground.ANONYMISED  # a number and how it stands, nothing about who the family is
    elif not allowed.consents and (opening := _opening(session, case_id, organisation_id, role)) is not None:
        return opening  # nobody agreed, and somebody invoked another ground: that row stands already
    elif not allowed.consents:
        raise ConsentMissing(f"case {case_id}: no consent for {what_for} of {organisation_id} at {at.isoformat()}")
    elif ground is None:
        raise GroundMissing(
            f"case {case_id}: no ground for {what_for} of {organisation_id} at {at.isoformat()}",
            detail=f"De ouder vindt het goed, maar voor {there.name} is geen wettelijke grond vastgelegd. Toestemming alleen "
            "is voor zo’n organisatie niet genoeg. Kies samen met de ouder een andere organisatie, of vraag de coördinator.",
        )
    standing = _standing(session, case_id, organisation_id, role, what_for)
    if standing is not None:
        if not anew and standing.ground == ground and set(standing.categories) == allowed.categories:
            return standing
        standing.ended_at = at
        session.flush()  # the place of the row that stands is free before the next one takes it
    return _keep(
        session,
        case_id=case_id,
        organisation_id=organisation_id,
        recipient_kind=None,
        role=role,
        purpose=what_for,
        ground=ground,
        categories=allowed.categories,
        consents=allowed.consents,
        because=because,
        ended_at=None,
        by=by,
        at=at,
    )


def hand_out(
    session: Session,
    *,
    case_id: UUID,
    organisation_id: UUID | None = None,
    recipient_kind: str | None = None,
    subject_ids: Iterable[UUID] = (),
    role: str | None = None,
    purpose: Purpose | str | None = None,
    ground: Ground | str,
    categories: Iterable[str],
    consents: Iterable[Consent] = (),
    because: Because,
    lasting: bool = False,
    by: Actor,
    at: datetime,
) -> Disclosure:
    """Write down that something was told or handed out once, which cannot be taken back.

    Args:
        organisation_id: None: to *recipient_kind*, and without that to the data subject.
        lasting: it can be read from now on, until somebody ends it.
        subject_ids: whom it is about, beside those whose *consents* it rests on.

    Raises:
        Invalid: to another organisation without consent, on a ground that asks for it; or a ground that nobody knows.
    """
    if ground not in set(Ground):
        raise Invalid(f"case {case_id}: ground {ground!r:.40}")
    told = tuple(consents)
    return _keep(
        session,
        case_id=case_id,
        organisation_id=organisation_id,
        recipient_kind=None if organisation_id is not None else recipient_kind or DATA_SUBJECT,
        role=role,
        purpose=purpose,
        ground=Ground(ground),
        categories=categories,
        consents=told,
        subject_ids=subject_ids,
        because=because,
        ended_at=None if lasting else at,
        by=by,
        at=at,
    )


def stop(
    session: Session,
    *,
    case_id: UUID,
    organisation_id: UUID | None = None,
    role: str | None = None,
    purpose: Purpose | str | None = None,
    at: datetime,
) -> int:
    """From now on it cannot be read any more: by everybody, or by one organisation, in one role, for one purpose.

    Returns:
        how many rows ended.
    """
    query = select(Disclosure).where(Disclosure.case_id == case_id, Disclosure.ended_at.is_(None))
    if organisation_id is not None:
        query = query.where(Disclosure.recipient_organisation_id == organisation_id)
    if role is not None:
        query = query.where(Disclosure.role == role)
    if purpose is not None:
        query = query.where(Disclosure.purpose == purpose)
    standing = session.scalars(query).all()
    for one in standing:
        one.ended_at = at
    session.flush()
    return len(standing)


def replace_act(session: Session, disclosure_id: UUID | None, *, at: datetime) -> None:
    """As :func:`end_act`, for what a part in a case rested on before it rests on something else; what rests on another
    ground than consent stays beside it."""
    found = None if disclosure_id is None else session.get(Disclosure, disclosure_id)
    if found is not None and found.cause != DisclosureCause.GROUND:
        end_act(session, disclosure_id, at=at)


def end_act(session: Session, disclosure_id: UUID | None, *, at: datetime) -> None:
    """One act of sharing is over, unless it was already."""
    found = None if disclosure_id is None else session.get(Disclosure, disclosure_id)
    if found is not None and found.ended_at is None:
        found.ended_at = at
        session.flush()


def purpose_of_act(session: Session, disclosure_id: UUID | None) -> str | None:
    """What an act of sharing was for; None: for what the role works for."""
    found = None if disclosure_id is None else session.get(Disclosure, disclosure_id)
    return None if found is None else found.purpose


def disclosures(session: Session, case_id: UUID) -> list[Disclosure]:
    """Every act of sharing in a case, oldest first."""
    query = select(Disclosure).where(Disclosure.case_id == case_id)
    return list(session.scalars(query.order_by(Disclosure.at, Disclosure.id)))


def _standing(
    session: Session, case_id: UUID, organisation_id: UUID, role: str, purpose: Purpose | str
) -> Disclosure | None:
    return session.scalar(
        select(Disclosure).where(
            Disclosure.case_id == case_id,
            Disclosure.recipient_organisation_id == organisation_id,
            Disclosure.role == role,
            Disclosure.purpose == purpose,
            Disclosure.ended_at.is_(None),
            Disclosure.cause != DisclosureCause.GROUND,
        )
    )


def _opening(session: Session, case_id: UUID, organisation_id: UUID, role: str) -> Disclosure | None:
    return session.scalars(
        select(Disclosure)
        .where(
            Disclosure.case_id == case_id,
            Disclosure.recipient_organisation_id == organisation_id,
            Disclosure.role == role,
            Disclosure.cause == DisclosureCause.GROUND,
            Disclosure.ended_at.is_(None),
        )
        .order_by(Disclosure.at, Disclosure.id)
    ).first()


def _own_ground(
    session: Session, case_id: UUID, organisation_id: UUID, role: str, kind: str, allowed: Allowed, at: datetime
) -> Ground | None:
    """What the recipient rests on: what somebody said for this case, else what is usual for its kind."""
    usual = access.ground_for(kind, given_by=allowed.given_by, on=local_date(at))
    said = session.scalars(
        select(CaseGround.ground)
        .where(
            CaseGround.case_id == case_id,
            CaseGround.recipient_organisation_id == organisation_id,
            CaseGround.recipient_role == role,
            CaseGround.ended_at.is_(None),
            CaseGround.until_at > at,
        )
        .order_by(CaseGround.from_at.desc(), CaseGround.id)
    ).all()
    own = access.own_grounds(kind, on=local_date(at))
    return next((Ground(one) for one in said if one in own), usual)


def _keep(
    session: Session,
    *,
    case_id: UUID,
    organisation_id: UUID | None,
    recipient_kind: str | None,
    role: str | None,
    purpose: Purpose | str | None,
    ground: Ground,
    categories: Iterable[str],
    consents: tuple[Consent, ...],
    subject_ids: Iterable[UUID] = (),
    because: Because,
    ended_at: datetime | None,
    by: Actor,
    at: datetime,
) -> Disclosure:
    about = {*subject_ids, *(one.subject_id for one in consents)}
    row = Disclosure(
        case_id=case_id,
        subject_ids=sorted(str(one) for one in about),
        recipient_organisation_id=organisation_id,
        recipient_kind=recipient_kind,
        role=role,
        purpose=purpose,
        ground=ground,
        categories=access.in_order(categories),
        consent_ids=[str(one.id) for one in consents],
        cause=because.cause,
        cause_id=because.id,
        at=at,
        by_person_id=by.person_id,
        by_organisation_id=by.organisation_id,
        ended_at=ended_at,
    )
    session.add(row)
    session.flush()
    details = {
        "organisation_id": None if organisation_id is None else str(organisation_id),
        "role": role,
        "cause": str(because.cause),
    }
    logbook.write(
        session,
        "data.shared",
        "disclosure",
        row.id,
        case_id=case_id,
        by=by,
        at=at,
        details=details,
        purpose=None if purpose is None else str(purpose),
        rule="consent" if consents else str(ground),
        ground=ground,
        consents=[one.id for one in consents],
        compartments=row.categories,
    )
    return row
