"""Receiving and answering requests, holding what must be kept, deciding on destruction. Whoever calls has asked ``access``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import add_months, local_date
from workflows import logbook, settings
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.families import FamilyMember
from workflows.rights.model import (
    DecisionKind,
    Destruction,
    DestructionDecision,
    ErasureScope,
    HoldReason,
    LegalHold,
    PostponeReason,
    RequestKind,
    RequestRefusal,
    RequestStatus,
    RightsRequest,
)
from workflows.rights.rules import MONTHS, answer_by

# --- requests


def receive(
    session: Session,
    case: Case,
    *,
    kind: RequestKind | str,
    subject: FamilyMember,
    requested_by: str,
    identity_check: str,
    second_identity_check: str | None = None,
    received_on: date,
    entry: Entry,
    by: Actor,
    at: datetime,
) -> RightsRequest:
    """Keep that somebody asked for something, and by when it has to be answered.

    Raises:
        Invalid: an unknown kind, or a day that has yet to come.
    """
    if kind not in set(RequestKind):
        raise Invalid(f"case {case.id}: no request", errors={"request_kind": ["Kies waar het verzoek over gaat."]})
    if received_on > local_date(at):
        raise Invalid(f"case {case.id}: request of later", errors={"received_on": ["Deze dag ligt in de toekomst."]})
    months = settings.get(session, MONTHS[RequestKind(kind)], municipality=case.municipality_code, on=local_date(at))
    received = RightsRequest(
        case_id=case.id,
        subject_id=subject.id,
        kind=kind,
        requested_by=requested_by,
        identity_check=identity_check,
        second_identity_check=second_identity_check,
        received_on=received_on,
        answer_by=answer_by(received_on, months=int(months)),
        status=RequestStatus.RECEIVED,
        entry_id=entry.id,
        organisation_id=by.organisation_id,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    session.add(received)
    session.flush()
    details = {"kind": str(kind), "answer_by": received.answer_by.isoformat()}
    _write(session, "request.received", received, by=by, at=at, details=details)
    return received


def begin(session: Session, request: RightsRequest, *, by: Actor, at: datetime) -> None:
    """Somebody picked it up; a second time changes nothing."""
    if request.status != RequestStatus.RECEIVED:
        return
    request.begin()
    _write(session, "request.begun", request, by=by, at=at)


def answer(
    session: Session,
    request: RightsRequest,
    status: RequestStatus | str,
    *,
    reason: str | None = None,
    scope: str | None = None,
    entry: Entry | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Answer a request. The words of the answer stand in *entry*.

    Raises:
        Invalid: no such answer, a no without a reason, or a destruction without saying of what.
        WrongState: answered before, or a destruction while a legal hold stands.
    """
    errors: dict[str, list[str]] = {}
    if status not in (RequestStatus.GRANTED, RequestStatus.PARTLY, RequestStatus.REFUSED):
        errors["request_decision"] = ["Kies wat u besluit."]
    if status in (RequestStatus.PARTLY, RequestStatus.REFUSED) and reason not in set(RequestRefusal):
        errors["request_refused_reason"] = ["Kies waarom niet."]
    destroys = request.kind == RequestKind.DESTRUCTION and status != RequestStatus.REFUSED
    if destroys and scope not in set(ErasureScope):
        errors["erasure_scope"] = ["Kies wat er vernietigd wordt."]
    if errors:
        raise Invalid(f"request {request.id}: no such answer", errors=errors)
    if destroys and hold_of(session, request.case_id) is not None:
        raise WrongState(
            f"case {request.case_id} is held",
            detail="Voor deze casus geldt een bewaarplicht. Er mag nu niets vernietigd worden.",
        )
    request.decide(
        RequestStatus(status),
        reason=RequestRefusal(reason) if reason and status != RequestStatus.GRANTED else None,
        scope=ErasureScope(str(scope)) if destroys else None,
        entry_id=None if entry is None else entry.id,
        by=by,
        at=at,
    )
    details = {"kind": request.kind, "status": str(status), "reason": request.refused_reason, "scope": request.scope}
    _write(session, "request.answered", request, by=by, at=at, details=details)


def find(session: Session, request_id: UUID) -> RightsRequest:
    """A request. Whether the caller may know of it is asked by the caller.

    Raises:
        NotFound: no such request.
    """
    found = session.get(RightsRequest, request_id)
    if found is None:
        raise NotFound(f"no request {request_id}")
    return found


def of_task(session: Session, task_id: UUID) -> RightsRequest | None:
    """The request that a task is about, if it is about one."""
    return session.scalar(select(RightsRequest).where(RightsRequest.task_id == task_id))


def of_case(session: Session, case_id: UUID) -> list[RightsRequest]:
    """Every request about somebody in a case, the newest first."""
    query = select(RightsRequest).where(RightsRequest.case_id == case_id)
    return list(session.scalars(query.order_by(RightsRequest.received_on.desc(), RightsRequest.recorded_at.desc())))


def _write(
    session: Session,
    event: str,
    request: RightsRequest,
    *,
    by: Actor,
    at: datetime,
    details: Mapping[str, str | None] | None = None,
) -> None:
    session.flush()
    logbook.write(
        session, event, "rights_request", request.id, case_id=request.case_id, by=by, at=at, details=details or {}
    )


# --- what must be kept


def hold(session: Session, case: Case, reason: HoldReason | str, *, by: Actor, at: datetime) -> LegalHold:
    """Nothing of this case is destroyed until the hold ends; an organisation holds a case once.

    Raises:
        Invalid: no reason. NotAllowed: no organisation acts. WrongState: the organisation holds it already.
    """
    if reason not in set(HoldReason):
        raise Invalid(f"case {case.id}: no reason to hold", errors={"hold_reason": ["Kies waarom dit bewaard moet."]})
    if by.organisation_id is None:
        raise NotAllowed(f"case {case.id}: a hold needs an organisation")
    if any(one.organisation_id == by.organisation_id for one in holds_of(session, case.id) if one.ended_at is None):
        raise WrongState(f"case {case.id} is held already", detail="Uw organisatie heeft dit al vastgelegd.")
    held = LegalHold(case_id=case.id, organisation_id=by.organisation_id, reason=reason, set_by=by.person_id, set_at=at)
    session.add(held)
    session.flush()
    details = {"reason": str(reason)}
    logbook.write(session, "hold.set", "legal_hold", held.id, case_id=case.id, by=by, at=at, details=details)
    return held


def end_hold(session: Session, held: LegalHold, *, by: Actor, at: datetime) -> None:
    """What the hold waited for is over; only the organisation that set it can say so.

    Raises:
        NotAllowed: another organisation's. WrongState: ended before.
    """
    if held.organisation_id != by.organisation_id:
        raise NotAllowed(f"hold {held.id} is another organisation's")
    held.end(by=by, at=at)
    session.flush()
    logbook.write(session, "hold.ended", "legal_hold", held.id, case_id=held.case_id, by=by, at=at)


def find_hold(session: Session, hold_id: UUID) -> LegalHold:
    """A hold. Whether the caller may know of it is asked by the caller.

    Raises:
        NotFound: no such hold.
    """
    found = session.get(LegalHold, hold_id)
    if found is None:
        raise NotFound(f"no hold {hold_id}")
    return found


def holds_of(session: Session, case_id: UUID) -> list[LegalHold]:
    """Every hold that a case has or had, oldest first."""
    return list(session.scalars(select(LegalHold).where(LegalHold.case_id == case_id).order_by(LegalHold.set_at)))


def hold_of(session: Session, case_id: UUID) -> LegalHold | None:
    """A hold that stands now, if any."""
    query = select(LegalHold).where(LegalHold.case_id == case_id, LegalHold.ended_at.is_(None))
    return session.scalars(query.order_by(LegalHold.set_at).limit(1)).first()


# --- decisions about destruction


def confirm(session: Session, case: Case, *, by: Actor, at: datetime) -> int:
    """One person agrees that a case is destroyed; nobody agrees twice.

    Returns:
        how many different people agree now, since it was last postponed.

    Raises:
        WrongState: *by* agreed before, or a legal hold stands.
    """
    if hold_of(session, case.id) is not None:
        raise WrongState(
            f"case {case.id} is held",
            detail="Voor deze casus geldt een bewaarplicht. Er mag nu niets vernietigd worden.",
        )
    if by.person_id in confirmations(session, case.id):
        raise WrongState(
            f"{by.person_id} confirmed case {case.id} before",
            detail="U heeft dit al bevestigd. Een collega bevestigt als tweede.",
        )
    _decide(session, case, DecisionKind.CONFIRMED, by=by, at=at)
    return len(confirmations(session, case.id))


def postpone(
    session: Session, case: Case, reason: PostponeReason | str, *, until_on: date, by: Actor, at: datetime
) -> None:
    """Keep a case a while longer; who agreed to destroy it before is asked again then.

    Raises:
        Invalid: no reason, a day that is not to come, or one later than somebody may keep it without weighing it again.
    """
    errors: dict[str, list[str]] = {}
    on = local_date(at)
    months = int(settings.get(session, "retention.postpone_months", municipality=case.municipality_code, on=on))
    if reason not in set(PostponeReason):
        errors["postpone_reason"] = ["Kies waarom u dit langer bewaart."]
    if until_on <= on:
        errors["until_on"] = ["Kies een dag in de toekomst."]
    elif until_on > (last := add_months(on, months)):
        errors["until_on"] = [f"Kies een dag tot en met {last:%d-%m-%Y}. Daarna kijkt u opnieuw of bewaren nodig is."]
    if errors:
        raise Invalid(f"case {case.id}: not postponed", errors=errors)
    _decide(session, case, DecisionKind.POSTPONED, until_on=until_on, reason=str(reason), by=by, at=at)


def confirmations(session: Session, case_id: UUID) -> list[UUID]:
    """Who agreed that a case is destroyed, in order, since it was last postponed."""
    found: list[UUID] = []
    for one in _decisions(session, case_id):
        if one.kind == DecisionKind.POSTPONED:
            found.clear()
        elif one.decided_by is not None:
            found.append(one.decided_by)
    return found


def postponed_until(session: Session, case_id: UUID) -> date | None:
    """Local day until which destruction was put off, by the latest who put it off."""
    days = [one.until_on for one in _decisions(session, case_id) if one.kind == DecisionKind.POSTPONED]
    return days[-1] if days else None


def destructions(session: Session, *, organisation_id: UUID | None = None, limit: int = 100) -> list[Destruction]:
    """What was destroyed, the newest first; of one organisation, or of all."""
    query = select(Destruction).order_by(Destruction.destroyed_on.desc(), Destruction.id).limit(limit)
    if organisation_id is not None:
        query = query.where(Destruction.organisation_id == organisation_id)
    return list(session.scalars(query))


def _decisions(session: Session, case_id: UUID) -> list[DestructionDecision]:
    query = select(DestructionDecision).where(DestructionDecision.case_id == case_id)
    return list(session.scalars(query.order_by(DestructionDecision.ordinal)))


def _decide(
    session: Session,
    case: Case,
    kind: DecisionKind,
    *,
    until_on: date | None = None,
    reason: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    last = session.scalar(select(func.max(DestructionDecision.ordinal)).where(DestructionDecision.case_id == case.id))
    made = DestructionDecision(
        case_id=case.id,
        kind=kind,
        until_on=until_on,
        reason=reason,
        decided_by=by.person_id,
        decided_at=at,
        ordinal=(last or 0) + 1,
    )
    session.add(made)
    session.flush()
    details = {"until": None if until_on is None else until_on.isoformat(), "reason": reason}
    logbook.write(session, f"destruction.{kind}", "case", case.id, case_id=case.id, by=by, at=at, details=details)
