"""Giving a task to a colleague of the same team: by who has it, with a note, or because they are away for a while.

Nothing new is shared with anybody outside: the organisation and role that the task lies with stay what they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, logbook, organisations, processes, texts
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.errors import Invalid, StaleVersion
from workflows.method.effects import hold
from workflows.method.facts import case_id_of, case_of, find_task, task_facts
from workflows.method.lost import too_late
from workflows.method.notifying import tell_claimant
from workflows.method.tasks import accepts_holdership, give_back
from workflows.method.terms import lease_of
from workflows.notifications import NotificationKind
from workflows.organisations import Absence, RoleAssignment
from workflows.processes import Task, TaskStatus

#: Characters of a note; who has more to say writes a comment on the case.
LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the team who could have a task. ``away_until``: the last day on which they are not there now, and who
    stands in for them; None with *away_until*: what is given to them goes to the team."""

    person_id: UUID
    name: str
    away_until: date | None = None
    deputy_name: str | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """Where a task went. ``person_id`` None: to the team. ``instead_of``: whom it was for, who is away until that day."""

    task: Task
    person_id: UUID | None
    name: str | None
    instead_of: str | None = None
    away_until: date | None = None


def assign_task(
    session: Session,
    task_id: UUID,
    *,
    to: UUID,
    note: str = "",
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Passed:
    """Give a task that *by* has to a colleague, with a few words. Who is away does not get it: their deputy does, or else it
    lies with the team. What *by* typed stays *by*'s draft.

    Args:
        to: a person with the same organisation, role and area, to whom the case is not closed.

    Raises:
        NotFound: no such task for *by*. TooLate, WrongState: *by* has it no longer. StaleVersion.
        Invalid: nobody who could have it, or a note that cannot be kept.
    """
    task = find_task(session, task_id, by=by, lock=True)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "assign" if facts.claimed_by_me else "view_card", facts, at=at)
    if task.status != TaskStatus.CLAIMED or not facts.claimed_by_me:
        raise too_late(session, task, by=by, kept=False)
    if version is not None and version != task.version:
        raise StaleVersion(f"task {task.id} has version {task.version}, not {version}")
    said = note.replace("\r\n", "\n").strip()
    errors = _wrong_note(said)
    team = _team(session, task, on=local_date(at))
    chosen = None if to == by.person_id else team.get(to)
    if chosen is None:
        errors["person_id"] = ["Kies een collega die deze taak kan doen."]
    if errors or chosen is None:
        raise Invalid(f"task {task.id} cannot go to {to}", errors=errors)
    taker, away = _who_is_there(session, chosen, team, on=local_date(at), but=by.person_id)
    case = case_of(session, task)
    if taker is None:
        give_back(session, task, by=by, at=at, event="task.released")
    else:
        pass_on(session, task, taker, by=by, at=at)
    if said:
        processes.add_note(
            session,
            task,
            said,
            case_id=None if case is None else case.id,
            to=None if taker is None else taker.person_id,
            by=by,
            at=at,
        )
    session.flush()
    return Passed(
        task,
        None if taker is None else taker.person_id,
        None if taker is None else _name(session, taker.person_id),
        None if away is None else _name(session, chosen.person_id),
        None if away is None else away.until_on,
    )


def pass_on(session: Session, task: Task, to: RoleAssignment, *, by: Actor, at: datetime) -> None:
    """Put a claimed task of a locked subject into the hands of *to*. A case that was accepted with it, and the part that the
    person before had in it, go along in person; the team and the organisation stay what they were."""
    case, before = case_of(session, task), task.claimed_by
    taker = Actor(
        to.person_id,
        to.id,
        to.organisation_id,
        to.role,
        frozenset(to.areas),
        origin=by.origin,
        request_id=by.request_id,
    )
    processes.hand_on(session, task, to=taker, by=by, at=at, until=lease_of(session, task, at))
    logbook.write(
        session, "task.assigned", "task", task.id,
        case_id=task.subject_id if task.subject_kind == "case" else None, by=by, at=at,
        details={"person": to.person_id.hex, "until": task.lease_until.isoformat() if task.lease_until else None},
    )  # fmt: skip
    tell_claimant(session, NotificationKind.HANDED, task, to.person_id, at=at)
    if case is None or case.is_closed:
        return
    cases.succeed(
        session, case, organisation_id=task.organisation_id, role=task.role, before=before, person_id=to.person_id
    )
    if accepts_holdership(task) and _holds(case, task.organisation_id, task.role, before):
        hold(session, case, organisation_id=task.organisation_id, role=task.role, person_id=to.person_id, by=by, at=at)


def colleagues(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> list[Colleague]:
    """To whom *by* can give a task that they have, by name; who is away says so.

    Raises:
        NotFound, NotAllowed: not *by*'s task.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "assign", task_facts(session, task, by=by, at=at), at=at)
    on = local_date(at)
    team = _team(session, task, on=on)
    away = organisations.away(session, [role.id for role in team.values()], on=on)
    found = []
    for person_id, role in team.items():
        if person_id == by.person_id:
            continue
        absence = away.get(role.id)
        deputy = None
        if absence is not None:
            taker, _ = _who_is_there(session, role, team, on=on, but=by.person_id)
            deputy = None if taker is None else _name(session, taker.person_id)
        found.append(Colleague(person_id, _name(session, person_id), absence.until_on if absence else None, deputy))
    return found


def _team(session: Session, task: Task, *, on: date) -> dict[UUID, RoleAssignment]:
    """Who of the team could have a task, in order of name: of its area, and nobody whom the case is closed to."""
    closed = closed_to(session, task)
    found = organisations.people_with_role(
        session, organisation_id=task.organisation_id, role=task.role, municipality=task.municipality_code, on=on
    )
    return {person.id: role for person, role in found if person.id not in closed}


def passed(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> Passed:
    """Where a task is that *by* gave away, for a request that comes a second time: who of *by*'s own team has it now.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "view_card", task_facts(session, task, by=by, at=at), at=at)
    own_team = (task.organisation_id, task.role) == (by.organisation_id, by.role)
    if not own_team or task.status != TaskStatus.CLAIMED or task.claimed_by is None:
        return Passed(task, None, None)
    return Passed(task, task.claimed_by, _name(session, task.claimed_by))


def closed_to(session: Session, task: Task) -> frozenset[UUID]:
    """Whom the case that a task is about is closed to; also of a review, whose reviewer has nothing to do with the case."""
    with house(session), logbook.deciding(session):
        return cases.blocked_people(session, case_id_of(session, task))


def _who_is_there(
    session: Session, chosen: RoleAssignment, team: dict[UUID, RoleAssignment], *, on: date, but: UUID | None
) -> tuple[RoleAssignment | None, Absence | None]:
    """*chosen*, or who stands in for them when they are away (None: the team), with the absence. A deputy who is away as
    well stands in for nobody: then the team sees it, rather than whoever is next."""
    away = organisations.away(session, [role.id for role in team.values()], on=on)
    absence = away.get(chosen.id)
    if absence is None:
        return chosen, None
    deputy = team.get(absence.deputy_id) if absence.deputy_id else None
    if deputy is None or deputy.id in away or deputy.person_id == but:
        return None, absence
    return deputy, absence


def _holds(case: Case, organisation_id: UUID, role: str, person_id: UUID | None) -> bool:
    return (case.holder_organisation_id, case.holder_role, case.holder_person_id) == (organisation_id, role, person_id)


def _wrong_note(said: str) -> dict[str, list[str]]:
    if len(said) > LONGEST_NOTE:
        return {"note": [f"Gebruik ten hoogste {LONGEST_NOTE} tekens. Nu zijn het er {len(said)}."]}
    if not texts.can_be_kept(said):
        return {"note": [texts.CANNOT_BE_KEPT]}
    return {}


def _name(session: Session, person_id: UUID) -> str:
    return organisations.person(session, person_id).display_name


__all__ = ["LONGEST_NOTE", "Colleague", "Passed", "assign_task", "closed_to", "colleagues", "pass_on", "passed"]
