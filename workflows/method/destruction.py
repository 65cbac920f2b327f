"""Destroying at the end of the term, confirmed by people, and on request. The worker does it; nobody destroys by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import add_months, local_date, start_of_day
from workflows import access, alarms, cases, jobs, logbook, organisations, processes, rights, settings
from workflows.actor import WORKER, Actor
from workflows.cases import Case, CaseKeeper, CaseStatus, Result
from workflows.errors import NotFound
from workflows.families import FamilyMember
from workflows.jobs import Job
from workflows.method import duplicates
from workflows.method.requests import DESTROY_JOB
from workflows.method.retaining import retention
from workflows.rights import (
    Destruction,
    DestructionRule,
    ErasureScope,
    PostponeReason,
    RequestStatus,
    RightsRequest,
)

#: Job of a case whose destruction was confirmed by enough people.
CONFIRMED_JOB: Final = "destroy_confirmed"
#: Job that comes back for what an organisation had to keep of a destroyed case.
REST_JOB: Final = "destroy_rest"
#: Cases on one list.
MOST: Final = 100
#: Closed, and kept until people confirm.
_KEPT: Final = (Case.status == CaseStatus.CLOSED, Case.family_id.is_not(None), Case.erase_on.is_(None))


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case whose term is over, without anything that says which family it is about."""

    case_id: UUID
    number: str
    closed_on: date
    retention_class: str
    retained_until: date
    source: str
    held: bool
    postponed_until: date | None
    confirmations: int
    needed: int
    confirmed_by_me: bool
    stuck: bool  #: fewer people are left who may confirm than still have to


@dataclass(frozen=True, slots=True)
class DestructionList:
    """What waits for a decision, and what was destroyed by decision of the own organisation."""

    due: tuple[DueCase, ...]
    done: tuple[Destruction, ...]
    more: bool  #: there are more cases than one list holds


def destruction_list(session: Session, *, by: Actor, at: datetime) -> DestructionList:
    """Cases that *by*'s organisation held last and whose term is over; those that were postponed stand here again after
    that day. The read is written down.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "decide_destruction", access.Facts(own_organisation=True), at=at)
    # Which of them are due, by their number and their days: nobody of a family is in it.
    with logbook.deciding(session):
        found = [case for case in _old(session, by.organisation_id, on=local_date(at)) if _due(session, case, by, at)]
    there = _confirmers(session, by.organisation_id, on=local_date(at))
    logbook.read(
        session, "destruction.listed", "organisation", str(by.organisation_id), by=by, at=at, purpose="retention",
        rule="decide_destruction", details={"cases": len(found)},
    )  # fmt: skip
    with logbook.deciding(session):
        due = tuple(view for case in found[:MOST] if (view := _due(session, case, by, at, there)) is not None)
    done = rights.destructions(session, organisation_id=by.organisation_id) if by.organisation_id else []
    return DestructionList(due, tuple(done), more=len(found) > MOST)


def confirm_destruction(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> int:
    """One person agrees that this case is destroyed; when enough people do, the worker destroys it.

    Returns:
        how many more people have to agree.

    Raises:
        NotFound: not on the list of *by*. NotAllowed: not for this role. WrongState: held, or agreed to by *by* before.
    """
    case = _on_list(session, case_id, by=by, at=at)
    agreed = rights.confirm(session, case, by=by, at=at)
    left = max(0, _needed(session, case, at) - agreed)
    if left == 0:
        jobs.enqueue(session, CONFIRMED_JOB, due_at=at, subject_kind="case", subject_id=case.id)
    session.flush()
    return left


def postpone_destruction(
    session: Session, case_id: UUID, reason: PostponeReason | str, *, until_on: date, by: Actor, at: datetime
) -> None:
    """Keep this case until a day, with the reason.

    Raises:
        NotFound, NotAllowed: as for confirming. Invalid: no reason, or a day that is not to come.
    """
    case = _on_list(session, case_id, by=by, at=at)
    rights.postpone(session, case, reason, until_on=until_on, by=by, at=at)
    jobs.cancel(session, CONFIRMED_JOB, subject_kind="case", subject_id=case.id, at=at)


def _on_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> Case:
    access.require(by, "decide_destruction", access.Facts(own_organisation=True), at=at)
    kept = select(CaseKeeper.case_id).where(CaseKeeper.case_id == case_id)
    if session.scalar(kept.where(CaseKeeper.organisation_id == by.organisation_id)) is None:
        raise NotFound(f"case {case_id} is not kept by {by.organisation_id}")
    case = cases.lock(session, case_id)
    if _due(session, case, by, at) is None:
        raise NotFound(f"case {case_id} is not on the destruction list of {by.organisation_id}")
    return case


def _old(session: Session, organisation_id: UUID | None, *, on: date) -> list[Case]:
    """Closed at least the year ago that is the shortest term anybody can set; how long it is, is asked case by case."""
    query = (
        select(Case)
        .join(CaseKeeper, CaseKeeper.case_id == Case.id)
        .where(
            CaseKeeper.organisation_id == organisation_id,
            *_KEPT,
            Case.closed_at < start_of_day(add_months(on, -12)),
        )
    )
    return list(session.scalars(query.order_by(Case.closed_at, Case.id).limit(5 * MOST)))


def _due(
    session: Session, case: Case, by: Actor | None, at: datetime, there: frozenset[UUID] = frozenset()
) -> DueCase | None:
    if not case.is_closed or case.closed_at is None or case.family_id is None or case.erase_on is not None:
        return None
    today = local_date(at)
    kept = retention(session, case, on=today)
    postponed = rights.postponed_until(session, case.id)
    if kept.until is None or kept.until >= today or (postponed is not None and postponed >= today):
        return None
    agreed = rights.confirmations(session, case.id)
    needed = _needed(session, case, at)
    return DueCase(
        case_id=case.id,
        number=case.number,
        closed_on=local_date(case.closed_at),
        retention_class=kept.retention_class,
        retained_until=kept.until,
        source=kept.source,
        held=rights.hold_of(session, case.id) is not None,
        postponed_until=postponed,
        confirmations=len(agreed),
        needed=needed,
        confirmed_by_me=by is not None and by.person_id in agreed,
        stuck=len(there.union(agreed)) < needed,
    )


def _needed(session: Session, case: Case, at: datetime) -> int:
    on = local_date(at)
    return int(settings.get(session, "retention.confirmations", municipality=case.municipality_code, on=on))


def _confirmers(session: Session, organisation_id: UUID | None, *, on: date) -> frozenset[UUID]:
    if organisation_id is None:
        return frozenset()
    return frozenset(
        person.id
        for role in sorted(access.OPENINGS["decide_destruction"])
        for person, _ in organisations.people_with_role(
            session, organisation_id=organisation_id, role=role, municipality=None, on=on
        )
    )


# --- where nobody may confirm; asked for the whole region, without saying of which case


def confirmers_needed(session: Session, *, at: datetime) -> dict[UUID, int]:
    """How many different people have to confirm, by organisation that keeps a closed case; the most of its municipalities."""
    rows = session.execute(
        select(CaseKeeper.organisation_id, Case.municipality_code)
        .join(Case, Case.id == CaseKeeper.case_id)
        .where(*_KEPT)
        .distinct()
    ).all()
    on = local_date(at)
    asked = {
        code: int(settings.get(session, "retention.confirmations", municipality=code, on=on))
        for code in {row.municipality_code for row in rows}
    }
    needed: dict[UUID, int] = {}
    for organisation_id, code in rows:
        needed[organisation_id] = max(needed.get(organisation_id, 0), asked[code])
    return needed


def stuck_cases(session: Session, organisation_id: UUID, people: frozenset[UUID], *, at: datetime) -> int:
    """How many cases of an organisation are past their term and cannot be destroyed, as only these people may confirm."""
    due = (_due(session, case, None, at, people) for case in _old(session, organisation_id, on=local_date(at)))
    return sum(one is not None and one.stuck and not one.held for one in due)


# --- the worker


def destroy_confirmed(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Destroy a case whose term is over, as people confirmed. Not when it was held or has to stay longer since: then it is
    put off to another day, on which they are asked anew."""
    case = _free(session, UUID(subject_id), job_id, at)
    if case is None:
        return False
    on = local_date(at)
    kept = retention(session, case, on=on)
    agreed = rights.confirmations(session, case.id)
    over = case.is_closed and kept.until is not None and kept.until < on
    held = rights.hold_of(session, case.id) is not None
    if len(agreed) < _needed(session, case, at):
        return True
    if held or not over:
        reason = PostponeReason.LAW_FORBIDS if held else PostponeReason.TERM_IN_DOUBT
        rights.postpone(session, case, reason, until_on=on + timedelta(days=1), by=WORKER, at=at)
        return True
    _destroy(
        session, case, rule=DestructionRule.RETENTION_OVER, confirmed_by=agreed, retention_class=kept.retention_class,
        organisation_id=_keeper(session, case), at=at,
    )  # fmt: skip
    return True


def destroy_on_request(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Destroy what was asked and granted: the whole case, or what is about one person. Held meanwhile: another day."""
    request = session.get(RightsRequest, UUID(subject_id))
    if request is None:
        return _taken(session, job_id, at) is not None
    case = _free(session, request.case_id, job_id, at)
    if case is None:
        return False
    if request.status not in (RequestStatus.GRANTED, RequestStatus.PARTLY) or request.scope is None:
        return True
    if rights.hold_of(session, case.id) is not None:
        due = at + timedelta(days=1)
        jobs.enqueue(session, DESTROY_JOB, due_at=due, subject_kind="rights_request", subject_id=request.id)
        return True
    decided = [request.decided_by] if request.decided_by is not None else []
    organisation_id = case.holder_organisation_id or _keeper(session, case)
    if request.scope == ErasureScope.WHOLE_CASE:
        _destroy(
            session, case, rule=DestructionRule.ON_REQUEST, confirmed_by=decided, organisation_id=organisation_id, at=at
        )
        return True
    rights.destroy(
        session,
        case,
        rights.reach_of_person(session, session.get_one(FamilyMember, request.subject_id)),
        rule=DestructionRule.ON_REQUEST,
        scope=ErasureScope.THIS_PERSON,
        organisation_id=organisation_id,
        confirmed_by=decided,
        by=WORKER,
        at=at,
    )
    return True


def destroy_rest(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Come back for a destroyed case of which an organisation had to keep something."""
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or _taken(session, job_id, at) is None:
        return False
    reach = rights.reach_of_case(session, case, on=local_date(at), keep_years=_years(session, at))
    if reach.kept:
        _plan_rest(session, case.id, reach.kept_until, at=at)
    else:
        rights.destroy_rest(session, case, reach, by=WORKER, at=at)
    return True


def _destroy(
    session: Session,
    case: Case,
    *,
    rule: DestructionRule,
    confirmed_by: list[UUID],
    organisation_id: UUID | None,
    retention_class: str | None = None,
    at: datetime,
) -> None:
    identity = case.id
    alarms.forget_words(session, identity)
    if not case.is_closed:
        cases.close(session, case, Result.PARENT_STOPS, contact_after="-", by=WORKER, at=at)
    locked = duplicates.try_lock(session, identity) or frozenset({identity})
    duplicates.settle(
        session, identity, locked=locked, at=at
    )  # nobody is asked any more whether this is a known family
    reach = rights.reach_of_case(session, case, on=local_date(at), keep_years=_years(session, at))
    erased = rights.destroy(
        session,
        case,
        reach,
        rule=rule,
        scope=ErasureScope.WHOLE_CASE,
        retention_class=retention_class,
        organisation_id=organisation_id,
        confirmed_by=confirmed_by,
        by=WORKER,
        at=at,
    )
    if erased.rest:
        _plan_rest(session, identity, erased.rest_on, at=at)


def _plan_rest(session: Session, case_id: UUID, on: date | None, *, at: datetime) -> None:
    due_at = at + timedelta(days=1) if on is None else start_of_day(on + timedelta(days=1))
    jobs.enqueue(session, REST_JOB, due_at=due_at, subject_kind="case", subject_id=case_id)


def _keeper(session: Session, case: Case) -> UUID | None:
    found = cases.keeper(session, case.id)
    return None if found is None else found.organisation_id


def _years(session: Session, at: datetime) -> int:
    return int(settings.get(session, "retention.safety_years", on=local_date(at)))


def _free(session: Session, case_id: UUID, job_id: UUID, at: datetime) -> Case | None:
    """The case, with all that may be of the same family, locked; None when somebody works on one of them."""
    if session.get(Case, case_id) is None:
        _taken(session, job_id, at)  # gone already; there is nothing left to do
        return None
    if duplicates.try_lock(session, case_id) is None or _taken(session, job_id, at) is None:
        return None
    return cases.lock(session, case_id)


def _taken(session: Session, job_id: UUID, at: datetime) -> Job | None:
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return None
    job.done(at)
    return job
