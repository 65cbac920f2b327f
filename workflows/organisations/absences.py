"""Who of a team is not there, from when until when, and who stands in. Knows people and roles, not what their work is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.organisations.model import Absence, Person, RoleAssignment
from workflows.organisations.service import people_with_role

#: A longer absence is somebody who left: then an administrator ends the role.
LONGEST_ABSENCE = timedelta(days=366)


def report_absence(
    session: Session, *, from_on: date, until_on: date, deputy_id: UUID | None = None, by: Actor, at: datetime
) -> Absence:
    """Say that *by* is not there, in the role in which they act.

    Args:
        from_on: first local day, today at the soonest. until_on: last local day.
        deputy_id: a colleague of the same team; None: the team.

    Raises:
        Invalid: days that cannot be, another absence in the same days, or a deputy who is not of the team or away as well.
    """
    if by.person_id is None or by.assignment_id is None or by.organisation_id is None:
        raise NotAllowed("only somebody who acts in a role is away from it")
    today = local_date(at)
    errors: dict[str, list[str]] = {}
    if from_on < today:
        errors["from_on"] = ["Kies vandaag of een latere dag."]
    if until_on < from_on:
        errors["until_on"] = ["Kies een dag op of na de eerste dag."]
    elif until_on - from_on > LONGEST_ABSENCE:
        errors["until_on"] = ["Kies ten hoogste een jaar. Gaat u weg? Vraag de beheerder om uw rol te beëindigen."]
    overlapping = [
        one for one in absences_of(session, by=by, on=today) if one.from_on <= until_on and from_on <= one.until_on
    ]
    if not errors and overlapping:
        errors["from_on"] = ["U heeft in deze dagen al een afwezigheid gemeld. Beëindig die eerst."]
    if deputy_id is not None and not errors:
        team = people_with_role(
            session, organisation_id=by.organisation_id, role=by.role, municipality=None, on=from_on
        )
        theirs = [role.id for person, role in team if person.id == deputy_id and deputy_id != by.person_id]
        if not theirs:
            errors["deputy_id"] = ["Kies een collega die hetzelfde werk doet bij uw organisatie."]
        elif any(one.from_on <= until_on and from_on <= one.until_on for one in _live(session, theirs, today)):
            errors["deputy_id"] = ["Deze collega is er in deze dagen zelf ook niet. Kies iemand anders, of uw team."]
    if errors:
        raise Invalid(f"absence of assignment {by.assignment_id} refused", errors=errors)
    added = Absence(
        id=uuid4(),
        person_id=by.person_id,
        assignment_id=by.assignment_id,
        from_on=from_on,
        until_on=until_on,
        deputy_id=deputy_id,
        reported_at=at,
        tasks_moved=0,
    )
    session.add(added)
    session.flush()
    details: dict[str, str | bool] = {
        "from_on": from_on.isoformat(),
        "until_on": until_on.isoformat(),
        "deputy": deputy_id is not None,
    }
    logbook.write(session, "absence.reported", "absence", added.id, by=by, at=at, details=details)
    return added


def begin_absence(session: Session, absence: Absence, *, tasks_moved: int, by: Actor, at: datetime) -> None:
    """The work is elsewhere from now on.

    Raises:
        WrongState: it began before, or is over.
    """
    if absence.begun_at is not None or absence.ended_at is not None:
        raise WrongState(f"absence {absence.id} began or ended before")
    absence.begun_at, absence.tasks_moved = at, tasks_moved
    logbook.write(session, "absence.begun", "absence", absence.id, by=by, at=at, details={"tasks": tasks_moved})


def end_absence(session: Session, absence_id: UUID, *, by: Actor, at: datetime) -> Absence:
    """*by* is back, or does not go. What went elsewhere stays where it is.

    Raises:
        NotFound: not an absence of *by*'s. WrongState: it is over.
    """
    found = own_absence(session, absence_id, by=by)
    if found.ended_at is not None or found.until_on < local_date(at):
        raise WrongState(f"absence {absence_id} is over", detail="Deze afwezigheid is al voorbij.")
    found.ended_at = at
    session.flush()
    logbook.write(session, "absence.ended", "absence", found.id, by=by, at=at)
    return found


def own_absence(session: Session, absence_id: UUID, *, by: Actor) -> Absence:
    """One absence of *by*'s own.

    Raises:
        NotFound: no such absence, somebody else's, or of another role.
    """
    query = select(Absence).where(
        Absence.id == absence_id, Absence.person_id == by.person_id, Absence.assignment_id == by.assignment_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"no absence {absence_id}")
    return found


def absence(session: Session, absence_id: UUID) -> Absence | None:
    """An absence, whosoever; for the job that begins it."""
    return session.get(Absence, absence_id)


def absences_of(session: Session, *, by: Actor, on: date) -> list[Absence]:
    """What *by* said of not being there in this role, that is not over, the first day first."""
    return [] if by.assignment_id is None else _live(session, [by.assignment_id], on)


def standing_in_for(session: Session, *, by: Actor, on: date) -> list[tuple[Person, Absence]]:
    """For whom of the same team *by* stands in on a local day, by name."""
    query = (
        select(Person, Absence)
        .join(Absence, Absence.person_id == Person.id)
        .join(RoleAssignment, RoleAssignment.id == Absence.assignment_id)
        .where(
            Absence.deputy_id == by.person_id,
            RoleAssignment.organisation_id == by.organisation_id,
            RoleAssignment.role == by.role,
            Absence.ended_at.is_(None),
            Absence.from_on <= on,
            Absence.until_on >= on,
        )
        .order_by(Person.display_name, Person.id)
    )
    return [(person, one) for person, one in session.execute(query)]


def away(session: Session, assignment_ids: Iterable[UUID], *, on: date) -> dict[UUID, Absence]:
    """Of these roles those whose person is not there on a local day, by role."""
    return {one.assignment_id: one for one in _live(session, list(assignment_ids), on) if one.runs(on)}


def _live(session: Session, assignment_ids: list[UUID], on: date) -> list[Absence]:
    if not assignment_ids:
        return []
    query = select(Absence).where(
        Absence.assignment_id.in_(assignment_ids), Absence.until_on >= on, Absence.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(Absence.from_on, Absence.id)))
