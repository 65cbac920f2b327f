"""What waits where nobody keeps watch: an organisation of which nobody looks at the log, may confirm that something is
destroyed, or is left to answer a request.

Nothing is decided by anybody else then. Who destroys or answers for another organisation would see of its families more
than that organisation's own people, so what waits stays, and is told to who can give somebody the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook, organisations
from workflows.actor import Actor
from workflows.alarms import Alarm, AlarmStatus
from workflows.db import house
from workflows.logbook import LoggedChange
from workflows.method.destruction import confirmers_needed, stuck_cases
from workflows.method.requests import REQUEST_FORMS
from workflows.organisations import Organisation, Role
from workflows.processes import Task, TaskStatus

BEGAN, ENDED = "organisation.unwatched", "organisation.watched"

_People = Mapping[tuple[UUID, str], frozenset[UUID]]


class Gap(StrEnum):
    """What nobody of an organisation does."""

    NO_LOG_MANAGER = "no_log_manager"  #: nobody has to look back at what its people read
    NOBODY_CONFIRMS = "nobody_confirms"  #: nobody may confirm that its closed cases are destroyed
    TOO_FEW_CONFIRM = "too_few_confirm"  #: fewer people than have to confirm
    NOBODY_ANSWERS = "nobody_answers"  #: requests of parents wait in a team that nobody is in


@dataclass(frozen=True, slots=True)
class Unwatched:
    """One gap of one organisation. ``waiting``: alarms, cases past their term, or requests; nothing says which."""

    organisation_id: UUID
    name: str
    active: bool
    gap: Gap
    waiting: int
    dpo: bool  #: it has a data protection officer, who may look at its log


def unwatched(session: Session, *, by: Actor, at: datetime) -> list[Unwatched]:
    """Where nobody keeps watch today, by name of the organisation; also of those that stopped and still keep cases. Who
    manages one organisation hears of that one.

    Raises:
        NotAllowed: not for *by*.
    """
    organisations.require_some(by, at=at)
    with house(session), logbook.deciding(session):  # counted, of every organisation; of no family which
        return [one for one in _gaps(session, at) if organisations.manages_there(by, one.organisation_id)]


def alarm_unwatched(session: Session, *, at: datetime) -> int:
    """Write a line for every gap that began since the last look and for every one that is over; returns how many began.
    One that lasts is not written again."""
    now = {(one.organisation_id, one.gap): one for one in _gaps(session, at)}
    before = _told(session)
    for organisation_id, gap in sorted(now.keys() - before):
        details: dict[str, logbook.Scalar] = {"gap": gap.value, "waiting": now[organisation_id, gap].waiting}
        _write(session, BEGAN, organisation_id, details, at)
    for organisation_id, gap in sorted(before - now.keys()):
        _write(session, ENDED, organisation_id, {"gap": gap.value}, at)
    return len(now.keys() - before)


def _gaps(session: Session, at: datetime) -> list[Unwatched]:
    people = organisations.teams(session, on=local_date(at))
    found: dict[tuple[UUID, Gap], int] = {}
    alarms = _alarms(session)
    for organisation_id in {organisation_id for organisation_id, _ in people}:
        if (organisation_id, Role.LOG_MANAGER) not in people:
            found[organisation_id, Gap.NO_LOG_MANAGER] = alarms.get(organisation_id, 0)
    confirmers = access.OPENINGS["decide_destruction"]
    for organisation_id, needed in confirmers_needed(session, at=at).items():
        there: frozenset[UUID] = frozenset()
        there = there.union(*(people.get((organisation_id, role), ()) for role in confirmers))
        if len(there) < needed:
            gap = Gap.TOO_FEW_CONFIRM if there else Gap.NOBODY_CONFIRMS
            found[organisation_id, gap] = stuck_cases(session, organisation_id, there, at=at)
    for organisation_id, waiting in _requests(session, people).items():
        found[organisation_id, Gap.NOBODY_ANSWERS] = waiting
    wanted = {organisation_id for organisation_id, _ in found}
    named = {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))}
    gaps = [
        Unwatched(
            organisation_id,
            named[organisation_id].name,
            named[organisation_id].active,
            gap,
            waiting,
            (organisation_id, Role.DPO) in people,
        )
        for (organisation_id, gap), waiting in found.items()
    ]
    return sorted(gaps, key=lambda one: (one.name, one.organisation_id, list(Gap).index(one.gap)))


def _alarms(session: Session) -> dict[UUID, int]:
    query = select(Alarm.organisation_id, func.count()).where(Alarm.status != AlarmStatus.EXPLAINED)
    return {row[0]: row[1] for row in session.execute(query.group_by(Alarm.organisation_id))}


def _requests(session: Session, people: _People) -> dict[UUID, int]:
    """How many requests of parents lie in teams without anybody."""
    query = select(Task.organisation_id, Task.role, func.count()).where(
        Task.form_key.in_(REQUEST_FORMS), Task.status.in_((TaskStatus.OPEN, TaskStatus.CLAIMED))
    )
    waiting: dict[UUID, int] = {}
    for organisation_id, role, count in session.execute(query.group_by(Task.organisation_id, Task.role)):
        if organisation_id is not None and (organisation_id, role) not in people:
            waiting[organisation_id] = waiting.get(organisation_id, 0) + count
    return waiting


def _told(session: Session) -> set[tuple[UUID, Gap]]:
    """Which gaps the logbook says are there. Asked by organisation, which has an index; an event has none."""
    ids = [str(one) for one in session.scalars(select(Organisation.id))]
    lines = select(LoggedChange).where(LoggedChange.subject_id.in_(ids), LoggedChange.event.in_((BEGAN, ENDED)))
    open_now: set[tuple[UUID, Gap]] = set()
    for line in session.scalars(lines.order_by(LoggedChange.id)):
        about = (UUID(line.subject_id), Gap(line.details["gap"]))
        (open_now.add if line.event == BEGAN else open_now.discard)(about)
    return open_now


def _write(
    session: Session, event: str, organisation_id: UUID, details: dict[str, logbook.Scalar], at: datetime
) -> None:
    by = Actor(None, None, organisation_id, "system", origin="worker")
    logbook.write(session, event, "organisation", organisation_id, by=by, at=at, details=details)
