"""Whether each open case has one holder who is really there; somebody hears the same day when not.

That a case *has* a holder is a constraint. Whether anybody of that team is left is found out at once when somebody leaves,
and every night for what ends by itself: a role on its last day, an absence, a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, diagrams, handovers, jobs, logbook, organisations, processes
from workflows.actor import WORKER, Actor
from workflows.cases import Case, CaseBlock, CaseStatus
from workflows.db import house
from workflows.handovers import HandoverStatus
from workflows.method.effects import expire_handover, hold
from workflows.method.placing import around_case, director_place
from workflows.processes import NO_TERM, Task, TaskStatus

#: Element ids of what the process director hears, and the Dutch on the cards.
ALARM = "team_without_people"
GONE = "holder_gone"
#: Of the task for a case in which nothing waits.
STANDSTILL = "nothing_waits"
STANDSTILL_NAME = "Casus staat stil: overleggen"
SUCCESSOR = "successor_wanted"
_NAMES = {
    ALARM: "Team zonder mensen: overleggen",
    GONE: "Vaste persoon weg: overleggen",
    SUCCESSOR: "Organisatie stopt: opvolger zoeken",
}
_WHY_SUCCESSOR = (
    "De organisatie die deze casus vasthield, stopt, en er is nog niemand gekozen die hem overneemt. Zoek met wie de casus "
    "nu vasthoudt een organisatie die verdergaat. Wie hem vasthoudt, draagt hem daarna over, samen met de ouder."
)
#: What the process director fills in, and what they fill in when only they can move the case.
_FORM, NEW_HOLDER = "escalation", "new_holder"
#: Term after which an offer that nobody answers is over.
_RETURN = "handover_return"
_ALARM_TERM = "escalation"
_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)

#: An organisation and a role: the pool that a task lies in.
Team = tuple[UUID, str]


class HolderFault(StrEnum):
    """Why nobody living holds a case."""

    ORGANISATION_STOPPED = "organisation_stopped"
    ROLE_NOBODY_HAS = "role_nobody_has"  #: nobody of that organisation has that role in that municipality
    NOBODY_THERE = "nobody_there"  #: somebody has it, and is away, or the case is closed to them
    PERSON_GONE = "person_gone"  #: the team is there; who held it in person has that role no longer


#: What the process director reads on the card: why, and nothing of the family.
WHY: Mapping[HolderFault, str] = {
    HolderFault.ORGANISATION_STOPPED: "De organisatie die deze casus vasthoudt, is gestopt. Er is nu niemand voor dit gezin. Zoek een "
    "team dat de casus kan overnemen en bied hem daar aan.",
    HolderFault.ROLE_NOBODY_HAS: "Niemand bij deze organisatie heeft de rol waarin de casus wordt vastgehouden, in deze gemeente.",
    HolderFault.NOBODY_THERE: "Iedereen van dit team is weg, of mag deze casus niet zien.",
    HolderFault.PERSON_GONE: "Wie deze casus vasthield, heeft die rol niet meer. De casus ligt nu bij het team.",
}


@dataclass(frozen=True, slots=True)
class Unheld:
    """An open case that nobody living holds."""

    case_id: UUID
    number: str
    organisation_id: UUID | None
    role: str | None
    fault: HolderFault


def fault_of(session: Session, case: Case, *, team: Team | None = None, on: date) -> HolderFault | None:
    """Why nobody living holds an open case, or works in *team* for it; None: somebody does."""
    if case.holder_organisation_id is None or case.holder_role is None:
        return None
    holder = (case.holder_organisation_id, case.holder_role)
    there = team or holder
    if not organisations.organisation(session, there[0]).active:
        return HolderFault.ORGANISATION_STOPPED
    if not has_somebody(session, case, there, on):
        found = organisations.people_with_role(
            session, organisation_id=there[0], role=there[1], municipality=case.municipality_code, on=on
        )
        return HolderFault.NOBODY_THERE if found else HolderFault.ROLE_NOBODY_HAS
    if there == holder and _is_gone(session, case, on):
        return HolderFault.PERSON_GONE
    return None


def unheld(session: Session, *, by: Actor, at: datetime) -> list[Unheld]:
    """Every open case that nobody living holds now, by number; for the operator, whatever was told before.

    Raises:
        NotAllowed: not for *by*.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    on = local_date(at)
    with house(session), logbook.deciding(session):  # numbers only, as the alarms themselves have
        found = [(case, fault_of(session, case, on=on)) for case in _suspect(session, on)]
    rows = [
        Unheld(case.id, case.number, case.holder_organisation_id, case.holder_role, fault)
        for case, fault in found
        if fault is not None
    ]
    return sorted(rows, key=lambda one: one.number)


def see_to_holder(session: Session, case: Case, *, by: Actor, at: datetime) -> Task | None:
    """Look at the holder of a locked case: who is gone holds it no longer, and the process director hears what is wrong,
    once per case and reason.

    Returns:
        the new task; None when nothing is wrong, or it was told.
    """
    if case.is_closed:
        return None
    if fault_of(session, case, on=local_date(at)) != HolderFault.PERSON_GONE:
        return alarm_if_nobody(session, case, by=by, at=at)
    assert case.holder_organisation_id is not None
    assert case.holder_role is not None
    team, person = (case.holder_organisation_id, case.holder_role), case.holder_person_id
    hold(session, case, organisation_id=team[0], role=team[1], person_id=None, by=by, at=at)
    about = f"{team[0]}:{team[1]}:{person}"
    if any(task.properties.get("team") == about for task in _told(session, case, GONE)):
        return None
    return _alarm(session, case, GONE, about, HolderFault.PERSON_GONE, role=team[1], by=by, at=at)


def alarm_if_nobody(session: Session, case: Case, *, team: Team | None = None, by: Actor, at: datetime) -> Task | None:
    """Put a locked case before the process director when nobody is left in its holder's team, or in *team*; once, for as
    long as that lasts. Of an organisation that stopped they hear again when what they offered was not taken.

    Returns:
        the new task; None when somebody is there, or the process director was told.
    """
    if case.holder_organisation_id is None or case.holder_role is None:
        return None
    organisation_id, role = team or (case.holder_organisation_id, case.holder_role)
    municipality = case.municipality_code
    fault = fault_of(session, case, team=(organisation_id, role), on=local_date(at))
    if fault in (None, HolderFault.PERSON_GONE):
        return None
    assert fault is not None
    unheard = [
        task
        for task in processes.tasks_of(session, "case", case.id, live_only=True)
        if task.element_id == ALARM and (task.organisation_id, task.role) == (organisation_id, role)
    ]
    there = director_place(session, case, at=at)
    if unheard and (there.organisation_id, there.role) != (organisation_id, role):
        for task in unheard:  # an alarm that nobody hears is put before the next who can, not alarmed about
            was = processes.move(session, task, there, at=at)
            logbook.write(session, "task.moved", "task", task.id, case_id=case.id, by=by, at=at, details=was)
        return None
    about = f"{organisation_id}:{role}"
    told = [task for task in _told(session, case, ALARM) if task.properties.get("team") == about]
    if told and told[-1].status not in _LIVE and fault == HolderFault.ORGANISATION_STOPPED:
        if _is_offered(session, case, by=by, at=at):
            return None
    elif told and (
        told[-1].status in _LIVE
        or not organisations.had_people_since(
            session,
            organisation_id=organisation_id,
            role=role,
            municipality=municipality,
            since=told[-1].opened_at,
            on=local_date(at),
            without=cases.blocked_people(session, case.id),
        )
    ):
        return None
    return _alarm(session, case, ALARM, about, fault, role=role, by=by, at=at)


def ask_for_successor(session: Session, case: Case, *, by: Actor, at: datetime) -> Task | None:
    """The organisation that held a locked case stops, and nobody was chosen who goes on with it: the process director looks
    for somebody, with who holds it meanwhile.

    Returns:
        the new task; None when they have it already.
    """
    if any(task.status in _LIVE for task in _told(session, case, SUCCESSOR)):
        return None
    about = f"{case.holder_organisation_id}:{case.holder_role}"
    fault = HolderFault.ORGANISATION_STOPPED
    return _alarm(session, case, SUCCESSOR, about, fault, role=str(case.holder_role), by=by, at=at)


def _is_offered(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Whether somebody can still take the case over; an offer that waited too long is over, and there is nobody to take it
    back. A question would wait for an answer from nobody."""
    offered = handovers.pending(session, case.id)
    if offered is None or offered.offered_at is None:
        return False
    ends = around_case(session, case, at=at, careful=False).terms(_RETURN, offered.offered_at)
    if offered.status == HandoverStatus.OFFERED and at < ends:
        return True
    expire_handover(session, case, by=by, at=at)
    return False


def _told(session: Session, case: Case, element_id: str) -> list[Task]:
    return [task for task in processes.tasks_of(session, "case", case.id) if task.element_id == element_id]


def _alarm(
    session: Session, case: Case, element_id: str, about: str, fault: HolderFault, *, role: str, by: Actor, at: datetime
) -> Task:
    run = processes.run_of(session, "case", case.id)
    held_there = about.startswith(f"{case.holder_organisation_id}:")
    moves = element_id == ALARM and fault == HolderFault.ORGANISATION_STOPPED and held_there
    known = {*diagrams.load(session, run.bundle_digest).forms, *diagrams.load(session, diagrams.current(session)).forms}
    task = processes.add_task(
        session,
        run,
        name=_NAMES[element_id],
        form_key=NEW_HOLDER if moves and NEW_HOLDER in known else _FORM,
        place=director_place(session, case, at=at),
        at=at,
        element_id=element_id,
        documentation=_WHY_SUCCESSOR if element_id == SUCCESSOR else WHY[fault],
    )
    task.properties = {"team": about, "reason": fault.value}
    task.term = _ALARM_TERM
    task.due_at = around_case(session, case, at=at).terms(_ALARM_TERM, at)
    task.sort_at = task.due_at or NO_TERM
    session.flush()
    details = {"message": element_id, "role": role, "reason": fault.value}
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details=details)
    return task


def ask_director(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Put an open case in which nothing waits any more before the process director; once, while that lasts."""
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or (job := jobs.take(session, job_id)) is None or job.status != jobs.JobStatus.PENDING:
        return False
    job.done(at)
    if case.is_closed or processes.tasks_of(session, "case", case.id, live_only=True):
        return True
    task = processes.add_task(
        session,
        processes.run_of(session, "case", case.id),
        name=STANDSTILL_NAME,
        form_key="escalation",
        place=director_place(session, case, at=at),
        at=at,
        element_id=STANDSTILL,
        documentation="In deze casus ligt nergens meer een taak en er komt er ook geen vanzelf. Bespreek met wie de casus "
        "vasthoudt hoe het verdergaat.",
    )
    task.term = _ALARM_TERM
    task.due_at = around_case(session, case, at=at).terms(_ALARM_TERM, at)
    task.sort_at = task.due_at or NO_TERM
    session.flush()
    details = {"message": STANDSTILL, "role": task.role}
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=WORKER, at=at, details=details)
    return True


def plan_alarms(session: Session, *, at: datetime) -> int:
    """Look at the holder of every open case; a job for each that nobody living holds. Returns how many."""
    on = local_date(at)
    planned = [case.id for case in _suspect(session, on) if fault_of(session, case, on=on) is not None]
    for case_id in planned:
        jobs.enqueue(session, "alarm_holder", due_at=at, subject_kind="case", subject_id=case_id)
    return len(planned)


def _suspect(session: Session, on: date) -> list[Case]:
    """Open cases whose holder may be nobody, in the order of their ids: of a team that has nobody in a municipality, closed
    to some of their team, or held by somebody who has that role no longer. Few, however many cases are open."""
    open_ = Case.status != CaseStatus.CLOSED
    where = (Case.holder_organisation_id, Case.holder_role, Case.municipality_code)
    ids: set[UUID] = set()
    for organisation_id, role, municipality in session.execute(select(*where).where(open_).distinct()).all():
        if organisation_id is None or role is None or has_people(session, (organisation_id, role), municipality, on):
            continue
        same = (where[0] == organisation_id, where[1] == role, where[2].is_not_distinct_from(municipality))
        ids.update(session.scalars(select(Case.id).where(open_, *same)))
    closed_to_some = select(CaseBlock.case_id).where(CaseBlock.until_at.is_(None))
    ids.update(session.scalars(select(Case.id).where(Case.id.in_(closed_to_some), open_)))
    held = select(Case.holder_organisation_id, Case.holder_role, Case.holder_person_id).where(
        open_, Case.holder_person_id.is_not(None)
    )
    there = organisations.teams(session, on=on)
    for organisation_id, role, person_id in session.execute(held.distinct()).all():
        if organisation_id is None or role is None:
            continue
        if person_id not in there.get((organisation_id, role), frozenset()):
            same = (where[0] == organisation_id, where[1] == role, Case.holder_person_id == person_id)
            ids.update(session.scalars(select(Case.id).where(open_, *same)))
    return list(session.scalars(select(Case).where(Case.id.in_(sorted(ids))).order_by(Case.id))) if ids else []


def _is_gone(session: Session, case: Case, on: date) -> bool:
    """Whether who holds a case in person works in that team no longer, in whatever municipality. Who is away is not gone."""
    if case.holder_person_id is None or case.holder_organisation_id is None or case.holder_role is None:
        return False
    everywhere = organisations.people_with_role(
        session, organisation_id=case.holder_organisation_id, role=case.holder_role, municipality=None, on=on
    )
    return case.holder_person_id not in {person.id for person, _ in everywhere}


def has_somebody(session: Session, case: Case, team: Team, on: date) -> bool:
    """Whether somebody of a team is there for a case: of its area, or the one who holds it in person, wherever it went.
    Who knows the family otherwise is not there for it, nor who is away today."""
    if has_people(session, team, case.municipality_code, on, closed_to=cases.blocked_people(session, case.id)):
        return True
    if case.holder_person_id is None or team != (case.holder_organisation_id, case.holder_role):
        return False
    everywhere = organisations.people_with_role(
        session, organisation_id=team[0], role=team[1], municipality=None, on=on
    )
    theirs = {role.id for person, role in everywhere if person.id == case.holder_person_id}
    return bool(theirs - organisations.away(session, theirs, on=on).keys())


def has_people(
    session: Session,
    team: Team,
    municipality: str | None,
    on: date,
    *,
    without: frozenset[UUID] = frozenset(),
    closed_to: frozenset[UUID] = frozenset(),
) -> bool:
    """Whether anybody of a team is there that day for a municipality.

    Args:
        without: roles that are ending. closed_to: people who may not see the case.
    """
    if not organisations.organisation(session, team[0]).active:
        return False
    found = organisations.people_with_role(
        session, organisation_id=team[0], role=team[1], municipality=municipality, on=on
    )
    left = {role.id for person, role in found if role.id not in without and person.id not in closed_to}
    return bool(left - organisations.away(session, left, on=on).keys())
