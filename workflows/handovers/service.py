"""Preparing, offering, asking about, answering and ending handovers, each with its line in the logbook. Whoever calls has locked the case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import Invalid, WrongState
from workflows.handovers.model import (
    OPEN,
    PENDING,
    Handover,
    HandoverKind,
    HandoverReason,
    HandoverStatus,
    Missing,
    ParentPresence,
    RefusedReason,
    WarmContactForm,
)


def prepare(
    session: Session,
    case: Case,
    *,
    kind: HandoverKind | str,
    reason: HandoverReason | str,
    to_organisation_id: UUID,
    to_role: str,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> Handover:
    """Write down to whom a case is to go, in the name of who holds it; what was prepared before is prepared anew.

    Raises:
        WrongState: the case is closed, or an offer waits for an answer.
        Invalid: an unknown code, or the receiver holds the case already.
    """
    if case.holder_organisation_id is None or case.holder_role is None:
        raise WrongState(f"case {case.id} is closed; nothing to hand over", detail="Deze casus is al gesloten.")
    before = opened(session, case.id)
    if before is not None and before.status != HandoverStatus.PREPARED:
        raise WrongState(
            f"case {case.id}: handover {before.id} waits for an answer",
            detail="Er loopt al een overdracht. Wacht op het antwoord, of trek dat aanbod eerst in.",
        )
    errors = _unknown(("handover_kind", kind, HandoverKind), ("handover_reason", reason, HandoverReason))
    if (to_organisation_id, to_role) == (case.holder_organisation_id, case.holder_role):
        errors["receiver"] = ["Deze organisatie houdt de casus al vast. Kies een andere."]
    if errors:
        raise Invalid(f"case {case.id}: handover refused", errors=errors)
    prepared = before or Handover(case_id=case.id, status=HandoverStatus.PREPARED, questions=0, missing=[])
    prepared.kind, prepared.reason = kind, reason
    prepared.from_organisation_id, prepared.from_role = case.holder_organisation_id, case.holder_role
    own = (by.organisation_id, by.role) == (case.holder_organisation_id, case.holder_role)
    prepared.from_person_id = by.person_id if own else None  # prepared for them: who sends it, offers it
    prepared.to_organisation_id, prepared.to_role = to_organisation_id, to_role
    prepared.prepared_at, prepared.offer_entry_id = at, entry_id
    session.add(prepared)
    session.flush()
    _log(session, prepared, "prepared", by=by, at=at, to_organisation_id=str(to_organisation_id), to_role=to_role)
    return prepared


def offer(
    session: Session,
    handover: Handover,
    *,
    warm_contact_form: WarmContactForm | str,
    warm_contact_on: date | None = None,
    parent_presence: ParentPresence | str,
    shown_to_parent: bool | None = None,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Send what was prepared to its receiver. Whether the family agreed is asked by the caller, before this.

    Raises:
        WrongState: it was sent before, or is over. Invalid: an unknown code.
    """
    errors = _unknown(
        ("warm_contact_form", warm_contact_form, WarmContactForm),
        ("parent_presence", parent_presence, ParentPresence),
    )
    if errors:
        raise Invalid(f"handover {handover.id}: not offered", errors=errors)
    handover.offer(
        warm_contact_form=warm_contact_form,
        warm_contact_on=warm_contact_on,
        parent_presence=parent_presence,
        shown_to_parent=shown_to_parent,
        entry_id=entry_id,
        by=by,
        at=at,
    )
    session.flush()
    to = {"to_organisation_id": str(handover.to_organisation_id), "to_role": handover.to_role}
    _log(session, handover, "offered", by=by, at=at, **to)


def ask(session: Session, handover: Handover, missing: Sequence[str], *, by: Actor, at: datetime) -> None:
    """The receiver asks back; the sender goes on holding the case.

    Raises:
        Invalid: no such things. NotAllowed: *by* is not the receiver. WrongState: it waits for no answer (any more).
    """
    _require_known(handover, missing)
    handover.ask(missing, by=by, at=at)
    session.flush()
    _log(session, handover, "asked", by=by, at=at, missing=len(missing))


def reply(session: Session, handover: Handover, *, answer_from: date, by: Actor, at: datetime) -> None:
    """The sender answered what the receiver asked; it waits for the receiver again.

    Args:
        answer_from: local day from which the term of answering counts now. The time that the question waited is the
            sender's and is not taken from the receiver, who does not begin anew either.

    Raises:
        WrongState: no question waits.
    """
    handover.reply(answer_from)
    session.flush()
    _log(session, handover, "replied", by=by, at=at)


def accept(
    session: Session,
    handover: Handover,
    *,
    contact_planned_on: date | None = None,
    overlap_until: datetime | None = None,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """The receiver takes the case over; moving the holder is the caller's, in the same transaction.

    Args:
        overlap_until: until when the sender reads along at most; None: it keeps its own part in the case.

    Raises:
        NotAllowed: *by* is not the receiver. WrongState: answered or ended before.
    """
    handover.accept(contact_planned_on=contact_planned_on, overlap_until=overlap_until, entry_id=entry_id, by=by, at=at)
    session.flush()
    _log(session, handover, "accepted", by=by, at=at)


def refuse(
    session: Session,
    handover: Handover,
    reason: RefusedReason | str,
    *,
    missing: Sequence[str] = (),
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """The case stays where it is.

    Args:
        missing: codes of what the receiver would have needed.

    Raises:
        Invalid: no such reason or things. WrongState: answered or ended before.
    """
    if reason not in set(RefusedReason):
        raise Invalid(
            f"handover {handover.id}: no such reason", errors={"refused_reason": ["Kies een van de antwoorden."]}
        )
    _require_known(handover, missing)
    handover.refuse(reason, missing=missing, entry_id=entry_id, by=by, at=at)
    session.flush()
    _log(session, handover, "refused", by=by, at=at, reason=str(reason), missing=len(missing))


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


def record_talk(
    session: Session,
    handover: Handover,
    *,
    form: WarmContactForm | str,
    on: date | None,
    parent_presence: ParentPresence | str,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Whether sender, receiver and parent spoke; what came of the plan for it.

    Raises:
        Invalid: an unknown code. WrongState: not accepted, or over.
    """
    errors = _unknown(("talk_form", form, WarmContactForm), ("parent_presence", parent_presence, ParentPresence))
    if errors:
        raise Invalid(f"handover {handover.id}: talk refused", errors=errors)
    handover.record_talk(form=form, on=on, parent_presence=parent_presence, entry_id=entry_id, at=at)
    session.flush()
    _log(session, handover, "talked", by=by, at=at, warm=handover.is_warm)


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


def end_overlap(session: Session, handover: Handover, *, by: Actor, at: datetime) -> None:
    """The sender reads along no longer; taking its part in the case is the caller's, in the same transaction.

    Raises:
        WrongState: it does not read along.
    """
    handover.end_overlap(at)
    session.flush()
    _log(session, handover, "overlap_ended", by=by, at=at)


def find(session: Session, handover_id: UUID) -> Handover | None:
    """A handover by its id; whether it may be known of is asked by the caller."""
    return session.get(Handover, handover_id)


def opened(session: Session, case_id: UUID) -> Handover | None:
    """The one handover of a case that is neither answered nor over, also when it was only prepared."""
    return session.scalar(select(Handover).where(Handover.case_id == case_id, Handover.status.in_(OPEN)))


def opened_of(session: Session, case_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these cases have a handover that is neither answered nor over."""
    every = select(Handover.case_id).where(Handover.status.in_(OPEN))
    return set(session.scalars(every)).intersection(case_ids)


def pending(session: Session, case_id: UUID) -> Handover | None:
    """The one offer that the receiver has, if any: it waits for an answer, or for the answer to a question."""
    return session.scalar(select(Handover).where(Handover.case_id == case_id, Handover.status.in_(PENDING)))


def opened_to(session: Session, organisation_id: UUID) -> list[Handover]:
    """Handovers to an organisation, in whatever role, that are neither answered nor over."""
    query = select(Handover).where(Handover.to_organisation_id == organisation_id, Handover.status.in_(OPEN))
    return list(session.scalars(query.order_by(Handover.case_id)))


def of_case(session: Session, case_id: UUID) -> list[Handover]:
    """Every handover of a case, oldest first."""
    query = select(Handover).where(Handover.case_id == case_id)
    return list(session.scalars(query.order_by(Handover.prepared_at, Handover.id)))


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


def _unknown(*given: tuple[str, str, type[StrEnum]]) -> dict[str, list[str]]:
    return {field: ["Kies een van de antwoorden."] for field, code, codes in given if code not in set(codes)}


def _require_known(handover: Handover, missing: Sequence[str]) -> None:
    if set(missing) - set(Missing):
        raise Invalid(f"handover {handover.id}: unknown things", errors={"missing": ["Kies uit de lijst."]})


def _log(
    session: Session, handover: Handover, event: str, *, by: Actor, at: datetime, **details: str | int | bool
) -> None:
    logbook.write(
        session, f"handover.{event}", "handover", handover.id, case_id=handover.case_id, by=by, at=at, details=details
    )
