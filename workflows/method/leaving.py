"""Somebody leaves, a role ends, an organisation stops: what they had goes back at once, and somebody hears of a family
that nobody is left for.

Who manages organisations has no part in these families: after access was asked, the work is the house's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, accounts, cases, handovers, logbook, organisations, processes
from workflows.actor import Actor
from workflows.cases import Case, CaseParty, CaseStatus
from workflows.consent import WITHOUT_DATA
from workflows.db import house
from workflows.errors import WrongState
from workflows.method.effects import hold, move_task
from workflows.method.going import takers_of_case, takers_of_task
from workflows.method.handing_over import expire_handover
from workflows.method.holding import Team, alarm_if_nobody, has_people
from workflows.method.passing_on import pass_on
from workflows.method.placing import director_place, holder_place, signaller_place
from workflows.method.reviewing import move_reviews
from workflows.method.succeeding import require_successors, succeed, successor_of
from workflows.method.support import stop_with_organisation
from workflows.method.tasks import give_back
from workflows.organisations import RoleAssignment
from workflows.processes import Task, TaskStatus

_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Left:
    """What came of somebody leaving, by id. What is about safety goes back as well, but is told and counted nowhere: who
    does not work there would learn from it that there is something."""

    tasks: tuple[UUID, ...]  #: they lie with a team again
    cases: tuple[UUID, ...]  #: they were held in person, or by the organisation that stopped
    alarms: tuple[UUID, ...]  #: tasks for the process director: a team that has nobody left
    passed: tuple[tuple[UUID, UUID], ...] = ()  #: task or case, and the colleague who has it now
    prepared: tuple[UUID, ...] = ()  #: cases: who holds them now has an offer to the successor ready
    asked: tuple[UUID, ...] = ()  #: cases for which the process director looks for a successor


@dataclass(frozen=True, slots=True)
class GoesBack:
    """How much would go back; to be told before somebody decides.

    Args:
        where: of an organisation that stops: to which one how many cases go, most first. To itself: there is nowhere to go,
            and the process director hears.
    """

    tasks: int
    cases: int
    where: tuple[tuple[UUID, int], ...] = ()
    roles: tuple[tuple[str, int], ...] = ()  #: of an organisation that stops: in which role it holds how many cases
    underway: int = 0  #: of those: how many are being handed over already, or lie ready for it


# --- verbs


def deactivate_person(
    session: Session, person_id: UUID, *, to: Mapping[UUID, UUID] | None = None, by: Actor, at: datetime
) -> Left:
    """Somebody left. Their tasks lie in the pools of their teams the same moment; drafts stay their author's; the cases
    they held stay with their teams; a case whose team has nobody left is put before the process director.

    Args:
        to: task, or case held in person → colleague who gets it; what a colleague cannot have any more goes to the team.

    Raises:
        NotFound: no such person. NotAllowed: not for *by*. WrongState: left before.
    """
    organisations.require_person(session, person_id, whole=True, by=by, at=at)
    if not organisations.professional(session, person_id).active:
        raise WrongState(f"person {person_id} is not active", detail="Deze persoon is al uit dienst.")
    roles = organisations.assignments_of(session, person_id, on=local_date(at))

    def end() -> None:
        organisations.deactivate_person(session, person_id, by=by, at=at)

    # Before any case is locked: a program holds its token first, and then a case.
    accounts.end_tokens_of_roles(session, [role.id for role in roles], by=by, at=at)
    with house(session):
        return _people_go(session, Belongings(person_id), roles, end, to=to or {}, by=by, at=at)


def end_role(session: Session, assignment_id: UUID, *, by: Actor, at: datetime) -> Left:
    """Somebody stops doing one thing for one organisation: as for leaving, for that role only.

    Raises:
        NotFound: no such role. NotAllowed: not for *by*. WrongState: ended before.
    """
    role = organisations.managed_assignment(session, assignment_id, by=by, at=at)
    if role.ended_at is not None:
        raise WrongState(f"role assignment {assignment_id} was ended before", detail="Deze rol is al beëindigd.")

    def end() -> None:
        organisations.end_assignment(session, assignment_id, by=by, at=at)

    accounts.end_tokens_of_roles(session, [assignment_id], by=by, at=at)
    with house(session):
        return _people_go(session, Belongings(role.person_id, role), [role], end, by=by, at=at)


def deactivate_organisation(
    session: Session, organisation_id: UUID, *, to: Mapping[str, UUID] | None = None, by: Actor, at: datetime
) -> Left:
    """An organisation stops. What it holds and has to do goes back to where each case came from, or to who holds the case
    now; offers that wait for it are off. Who holds a case now finds an offer to the successor prepared; without one, the
    process director looks for it. A case that came from itself is put before the process director.

    Args:
        to: as for :func:`workflows.method.succeeding.prepare_stop`; left out: whom each case was going to.

    Raises:
        NotFound: no such organisation. NotAllowed: not for *by*. WrongState: stopped before. Invalid: no such successor.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    if not organisations.organisation(session, organisation_id).active:
        raise WrongState(f"organisation {organisation_id} is not active", detail="Deze organisatie is al gestopt.")
    require_successors(session, organisation_id, to or {}, at=at)
    with house(session):
        return _organisation_goes(session, organisation_id, to or {}, by=by, at=at)


def _organisation_goes(
    session: Session, organisation_id: UUID, to: Mapping[str, UUID], *, by: Actor, at: datetime
) -> Left:
    locked = lock_cases(session, _touched_by_organisation(session, organisation_id))
    organisations.deactivate_organisation(session, organisation_id, by=by, at=at)
    lock_cases(session, _touched_by_organisation(session, organisation_id), locked)
    for task_id in claimed(session, Task.organisation_id == organisation_id, Task.subject_kind != "case"):
        give_back(session, processes.lock_task(session, task_id), by=by, at=at, event="task.released")
    move_reviews(session, organisation_id, by=by, at=at)
    tasks: list[UUID] = []
    held: list[UUID] = []
    alarms: list[UUID] = []
    goes_on: dict[bool, list[UUID]] = {True: [], False: []}
    for case in locked.values():
        if case.is_closed:
            continue
        successor = None
        if case.holder_organisation_id == organisation_id:
            held.append(case.id)
            successor = _successor(session, case, to)
        tasks += _organisation_leaves(session, case, organisation_id, by=by, at=at)
        if case.id in held and case.holder_organisation_id != organisation_id:
            goes_on[succeed(session, case, successor, by=by, at=at)].append(case.id)
        alarm = alarm_if_nobody(session, case, by=by, at=at)
        alarms += [] if alarm is None else [alarm.id]
    session.flush()
    return Left(
        tuple(tasks),
        tuple(held),
        tuple(alarms),
        prepared=tuple(goes_on[True]),
        asked=tuple(goes_on[False]),
    )


def _successor(session: Session, case: Case, to: Mapping[str, UUID]) -> Team | None:
    """Who was chosen to go on with a case that an organisation holds, or else to whom it was being handed over."""
    chosen = successor_of(str(case.holder_role), to)
    if chosen is not None:
        return chosen
    before = handovers.opened(session, case.id)
    return None if before is None else (before.to_organisation_id, before.to_role)


def what_goes_back(
    session: Session,
    *,
    person_id: UUID | None = None,
    organisation_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> GoesBack:
    """How many tasks and cases would go back if this person left, or this organisation stopped.

    Raises:
        NotAllowed: not for *by*. NotFound: somebody of another organisation.
    """
    if person_id is not None:
        organisations.require_person(session, person_id, whole=True, by=by, at=at)
    else:
        access.require(by, "manage_organisations", access.Facts(), at=at)
    with house(session), logbook.deciding(session):  # counted, of every organisation; of no family which
        if person_id is not None:
            of = Belongings(person_id)
            tasks = claimed(session, Task.subject_kind == "case", *of.tasks)
            return GoesBack(len(tasks), len(session.scalars(select(Case.id).where(*of.held)).all()))
        live = select(Task.id).where(
            Task.subject_kind == "case", Task.organisation_id == organisation_id, Task.status.in_(_LIVE)
        )
        held = select(Case.signaller_organisation_id, Case.holder_role, Case.status, Case.id).where(
            Case.holder_organisation_id == organisation_id
        )
        found = session.execute(held).all()
        back = Counter(row.signaller_organisation_id for row in found)
        where = tuple(sorted(back.items(), key=lambda one: (-one[1], one[0])))
        known = [row for row in found if row.status != CaseStatus.DRAFT]  # a draft is known to nobody else
        roles = tuple(sorted(Counter(str(row.holder_role) for row in known).items()))
        underway = len(handovers.opened_of(session, [row.id for row in known]))
        return GoesBack(len(session.scalars(live).all()), back.total(), where, roles, underway)


# --- how


class Belongings:
    """What is somebody's: everything, or what they do in one role."""

    def __init__(self, person_id: UUID, role: RoleAssignment | None = None) -> None:
        self.person_id = person_id
        self.team: Team | None = None if role is None else (role.organisation_id, role.role)
        self.tasks: list[ColumnElement[bool]] = [Task.claimed_by == person_id]
        self.held: list[ColumnElement[bool]] = [Case.holder_person_id == person_id]
        self.parties: list[ColumnElement[bool]] = [CaseParty.person_id == person_id, CaseParty.until_at.is_(None)]
        if role is not None:
            self.tasks.append(Task.claimed_assignment == role.id)
            self.held += [Case.holder_organisation_id == role.organisation_id, Case.holder_role == role.role]
            self.parties += [CaseParty.organisation_id == role.organisation_id, CaseParty.role == role.role]

    def touched(self, session: Session) -> set[UUID]:
        """The cases in which something of it is kept."""
        claimed = select(Task.subject_id).where(
            Task.subject_kind == "case", Task.status == TaskStatus.CLAIMED, *self.tasks
        )
        party = (
            select(CaseParty.case_id)
            .join(Case, Case.id == CaseParty.case_id)
            .where(Case.status != CaseStatus.CLOSED, *self.parties)
        )
        return {*session.scalars(claimed), *session.scalars(select(Case.id).where(*self.held)), *session.scalars(party)}


def _people_go(
    session: Session,
    of: Belongings,
    roles: Collection[RoleAssignment],
    end: Callable[[], None],
    *,
    to: Mapping[UUID, UUID] | None = None,
    by: Actor,
    at: datetime,
) -> Left:
    on = local_date(at)
    ending = frozenset(role.id for role in roles)
    teams = sorted({(role.organisation_id, role.role) for role in roles})
    alone = {team: without_people(session, team, on, ending) for team in teams}
    locked = lock_cases(session, of.touched(session).union(*alone.values()))
    end()
    lock_cases(session, of.touched(session), locked)  # what they took while the others were being locked
    held = list(session.scalars(select(Case.id).where(*of.held).order_by(Case.id)))
    passed = _pass_on(session, of, locked, to or {}, by=by, at=at)
    tasks = claimed(session, Task.subject_kind == "case", *of.tasks)
    for task_id in claimed(session, *of.tasks):
        give_back(session, processes.lock_task(session, task_id), by=by, at=at, event="task.released")
    for case_id in held:
        case = locked[case_id]
        if case.holder_person_id != of.person_id:
            continue  # a colleague has it
        if case.holder_organisation_id is not None and case.holder_role is not None:
            team = (case.holder_organisation_id, case.holder_role)
            hold(session, case, organisation_id=team[0], role=team[1], person_id=None, by=by, at=at)
    alarms = []
    for case in locked.values():
        if case.is_closed:
            continue
        organisation_id, role = of.team or (None, None)
        cases.forget_person(
            session, case, person_id=of.person_id, organisation_id=organisation_id, role=role, by=by, at=at
        )
        for team in teams:
            if case.id in alone[team]:
                alarm = alarm_if_nobody(session, case, team=team, by=by, at=at)
                alarms += [] if alarm is None else [alarm.id]
    session.flush()
    return Left(tuple(tasks), tuple(held), tuple(alarms), tuple(passed))


def _pass_on(
    session: Session, of: Belongings, locked: Mapping[UUID, Case], to: Mapping[UUID, UUID], *, by: Actor, at: datetime
) -> list[tuple[UUID, UUID]]:
    """Give what was chosen to a colleague who can have it now: a task with the case that was accepted by it, else the case."""
    on = local_date(at)
    passed = []
    for task_id in claimed(session, Task.subject_kind == "case", *of.tasks):
        if task_id not in to:
            continue
        task = processes.lock_task(session, task_id)
        role = takers_of_task(session, task, but=of.person_id, on=on).get(to[task_id])
        if role is not None:
            pass_on(session, task, role, by=by, at=at)
            passed.append((task_id, role.person_id))
    for case in locked.values():
        if case.id not in to or case.is_closed or case.holder_person_id != of.person_id:
            continue
        role = takers_of_case(session, case, but=of.person_id, on=on).get(to[case.id])
        if role is not None:
            hold(
                session,
                case,
                organisation_id=role.organisation_id,
                role=role.role,
                person_id=role.person_id,
                by=by,
                at=at,
            )
            cases.succeed(
                session, case, organisation_id=role.organisation_id, role=role.role, before=of.person_id,
                person_id=role.person_id,
            )  # fmt: skip
            passed.append((case.id, role.person_id))
    return passed


def _organisation_leaves(session: Session, case: Case, organisation_id: UUID, *, by: Actor, at: datetime) -> list[UUID]:
    """Take an organisation out of one locked case; the tasks that went to another team, or only out of somebody's hands."""
    offered = handovers.opened(session, case.id)
    if offered is not None and offered.to_organisation_id == organisation_id:
        expire_handover(session, case, by=by, at=at)
    released = claimed(
        session, Task.organisation_id == organisation_id, Task.subject_kind == "case", Task.subject_id == case.id
    )
    for task_id in released:
        give_back(session, processes.lock_task(session, task_id), by=by, at=at, event="task.released")
    here = {
        task.id: task
        for task in processes.tasks_of(session, "case", case.id, live_only=True)
        if task.organisation_id == organisation_id
    }
    if case.holder_organisation_id == organisation_id:
        own = case.signaller_organisation_id == organisation_id  # then it has nowhere to go: somebody is alarmed
        back = holder_place(case) if own else signaller_place(case)
        hold(session, case, organisation_id=back.organisation_id, role=back.role, person_id=None, by=by, at=at)
    needless = set(stop_with_organisation(session, case, organisation_id, by=by, at=at))
    here = {task_id: task for task_id, task in here.items() if task_id not in needless}
    for task in here.values():
        there = director_place(session, case, at=at) if task.role in WITHOUT_DATA else holder_place(case)
        if task.organisation_id == organisation_id and there.organisation_id != organisation_id:
            move_task(session, task, there, by=by, at=at)
    session.flush()
    for party in cases.parties(session, case.id):
        team = (party.organisation_id, party.role)
        if party.organisation_id != organisation_id:
            continue
        if party.person_id is not None:
            cases.forget_person(
                session, case, person_id=party.person_id, organisation_id=team[0], role=team[1], by=by, at=at
            )
        if team != (case.holder_organisation_id, case.holder_role):
            cases.leave(session, case, organisation_id=team[0], role=team[1], by=by, at=at)
    return [*here, *(task_id for task_id in released if task_id not in here and task_id not in needless)]


def _touched_by_organisation(session: Session, organisation_id: UUID) -> set[UUID]:
    live = select(Task.subject_id).where(
        Task.subject_kind == "case", Task.organisation_id == organisation_id, Task.status.in_(_LIVE)
    )
    held = select(Case.id).where(Case.holder_organisation_id == organisation_id)
    party = (
        select(CaseParty.case_id)
        .join(Case, Case.id == CaseParty.case_id)
        .where(
            Case.status != CaseStatus.CLOSED,
            CaseParty.organisation_id == organisation_id,
            CaseParty.until_at.is_(None),
        )
    )
    offered = {one.case_id for one in handovers.opened_to(session, organisation_id)}
    return {*session.scalars(live), *session.scalars(held), *session.scalars(party), *offered}


def without_people(session: Session, team: Team, on: date, ending: frozenset[UUID]) -> set[UUID]:
    """Open cases that a team holds or has tasks in, as far as nobody of it is left for their area when roles end."""
    organisation_id, role = team
    held = select(Case.id, Case.municipality_code).where(
        Case.holder_organisation_id == organisation_id, Case.holder_role == role
    )
    live = (
        select(Case.id, Case.municipality_code)
        .join(Task, Task.subject_id == Case.id)
        .where(
            Task.subject_kind == "case",
            Task.organisation_id == organisation_id,
            Task.role == role,
            Task.status.in_(_LIVE),
        )
    )
    found = {(row.id, row.municipality_code) for query in (held, live) for row in session.execute(query)}
    left = {code: has_people(session, team, code, on, without=ending) for code in {code for _, code in found}}
    return {case_id for case_id, code in found if not left[code]}


def claimed(session: Session, *which: ColumnElement[bool]) -> list[UUID]:
    """Ids of tasks that somebody has, in the order in which they are locked."""
    query = select(Task.id).where(Task.status == TaskStatus.CLAIMED, *which)
    return list(session.scalars(query.order_by(Task.id)))


def lock_cases(session: Session, wanted: Collection[UUID], locked: dict[UUID, Case] | None = None) -> dict[UUID, Case]:
    """Lock cases in the order of their ids, so that two of us cannot wait for each other."""
    locked = {} if locked is None else locked
    for case_id in sorted(set(wanted) - set(locked)):
        locked[case_id] = cases.lock(session, case_id)
    return locked
