"""Offering, answering and ending handovers, each with its line in the logbook. Whoever calls has locked the case."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import Invalid, WrongState
from workflows.handovers.model import (
    Handover,
    HandoverKind,
    HandoverReason,
    HandoverStatus,
    RefusedReason,
    WarmContactForm,
)


def offer(
    session: Session,
    case: Case,
    *,
    kind: HandoverKind | str,
    reason: HandoverReason | str,
    to_organisation_id: UUID,
    to_role: str,
    warm_contact_form: WarmContactForm | str,
    warm_contact_on: date | None = None,
    parent_present: bool,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> Handover:
    """Offer a case in the name of who holds it. Whether the family agreed is asked by the caller, before this.

    Raises:
        WrongState: the case is closed, or another offer waits for an answer.
        Invalid: an unknown code, or the receiver holds the case already.
    """
    if case.holder_organisation_id is None or case.holder_role is None:
        raise WrongState(f"case {case.id} is closed; nothing to hand over", detail="Deze casus is al gesloten.")
    if (waiting := pending(session, case.id)) is not None:
        raise WrongState(
            f"case {case.id}: handover {waiting.id} waits for an answer",
            detail="Er loopt al een overdracht. Wacht op het antwoord, of trek dat aanbod eerst in.",
        )
    errors: dict[str, list[str]] = {}
    for field, given, codes in (
        ("handover_kind", kind, HandoverKind),
        ("handover_reason", reason, HandoverReason),
        ("warm_contact_form", warm_contact_form, WarmContactForm),
    ):
        if given not in set(codes):
            errors[field] = ["Kies een van de antwoorden."]
    if (to_organisation_id, to_role) == (case.holder_organisation_id, case.holder_role):
        errors["receiver"] = ["Deze organisatie houdt de casus al vast. Kies een andere."]
    if errors:
        raise Invalid(f"case {case.id}: handover refused", errors=errors)
    offered = Handover(
        case_id=case.id,
        kind=kind,
        reason=reason,
        from_organisation_id=case.holder_organisation_id,
        from_role=case.holder_role,
        from_person_id=by.person_id,
        to_organisation_id=to_organisation_id,
        to_role=to_role,
        status=HandoverStatus.OFFERED,
        warm_contact_form=warm_contact_form,
        warm_contact_on=warm_contact_on,
        parent_present=parent_present,
        offered_at=at,
        offer_entry_id=entry_id,
    )
    session.add(offered)
    session.flush()
    _log(session, offered, "offered", by=by, at=at, to_organisation_id=str(to_organisation_id), to_role=to_role)
    return offered


def accept(
    session: Session,
    handover: Handover,
    *,
    contact_planned_on: date | None = None,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """The receiver takes the case over; moving the holder is the caller's, in the same transaction.

    Raises:
        NotAllowed: *by* is not the receiver. WrongState: answered or ended before.
    """
    handover.accept(contact_planned_on=contact_planned_on, entry_id=entry_id, by=by, at=at)
    session.flush()
    _log(session, handover, "accepted", by=by, at=at)


def refuse(
    session: Session,
    handover: Handover,
    reason: RefusedReason | str,
    *,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """The case stays where it is.

    Raises:
        Invalid: no such reason. WrongState: answered or ended before.
    """
    if reason not in set(RefusedReason):
        raise Invalid(
            f"handover {handover.id}: no such reason", errors={"refused_reason": ["Kies een van de antwoorden."]}
        )
    handover.refuse(reason, entry_id=entry_id, by=by, at=at)
    session.flush()
    _log(session, handover, "refused", by=by, at=at, reason=str(reason))


def withdraw(session: Session, handover: Handover, *, by: Actor, at: datetime) -> None:
    """The sender takes the offer back.

    Raises:
        WrongState: answered or ended before.
    """
    handover.withdraw(at)
    session.flush()
    _log(session, handover, "withdrawn", by=by, at=at)


def expire(session: Session, handover: Handover, *, by: Actor, at: datetime) -> None:
    """Nobody can answer it any more: the consent ended, the receiver stopped, or the case closed.

    Raises:
        WrongState: answered or ended before.
    """
    handover.expire(at)
    session.flush()
    _log(session, handover, "expired", by=by, at=at)


def confirm_contact(
    session: Session, handover: Handover, on: date, *, entry_id: UUID | None = None, by: Actor, at: datetime
) -> None:
    """The receiver spoke the parent; the sender hears the day, not what was said.

    Raises:
        WrongState: not accepted, or confirmed before.
    """
    handover.confirm_contact(on, entry_id=entry_id)
    session.flush()
    _log(session, handover, "completed", by=by, at=at, first_contact_on=on.isoformat())


def pending(session: Session, case_id: UUID) -> Handover | None:
    """The one offer that waits for an answer, if any."""
    query = select(Handover).where(Handover.case_id == case_id, Handover.status == HandoverStatus.OFFERED)
    return session.scalar(query)


def pending_to(session: Session, organisation_id: UUID) -> list[Handover]:
    """Offers that wait for an answer of an organisation, in whatever role."""
    query = select(Handover).where(
        Handover.to_organisation_id == organisation_id, Handover.status == HandoverStatus.OFFERED
    )
    return list(session.scalars(query.order_by(Handover.case_id)))


def of_case(session: Session, case_id: UUID) -> list[Handover]:
    """Every handover of a case, oldest first."""
    query = select(Handover).where(Handover.case_id == case_id)
    return list(session.scalars(query.order_by(Handover.offered_at, Handover.id)))


def contacted_since(session: Session, *, organisation_id: UUID, role: str, since: date) -> list[Handover]:
    """Handovers that a team sent and of which the receiver spoke the parent on or after a local day, newest first."""
    query = select(Handover).where(
        Handover.from_organisation_id == organisation_id,
        Handover.from_role == role,
        Handover.first_contact_on >= since,
    )
    return list(session.scalars(query.order_by(Handover.first_contact_on.desc(), Handover.id)))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the handovers of a case, when everything about it goes."""
    session.flush()
    session.execute(delete(Handover).where(Handover.case_id == case_id))
    logbook.write(session, "handover.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _log(session: Session, handover: Handover, event: str, *, by: Actor, at: datetime, **details: str) -> None:
    logbook.write(
        session, f"handover.{event}", "handover", handover.id, case_id=handover.case_id, by=by, at=at, details=details
    )
