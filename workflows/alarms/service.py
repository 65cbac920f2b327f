"""Looking at the logs for what is unusual, and what the log manager does with it. Each finding is raised once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, distinct, exists, func, or_, select, update
from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM, local_date, start_of_day
from workflows import access, logbook, notifications, settings, texts
from workflows.actor import Actor
from workflows.alarms.model import Alarm, AlarmKind, AlarmLook, AlarmOutcome, AlarmStatus, outcomes_of
from workflows.alarms.rules import Finding, Limits, Look, Readers, find_unusual
from workflows.cases import Case
from workflows.emergencies import EmergencyAccess, EmergencyReview
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.logbook import LoggedRead
from workflows.notifications import NotificationKind
from workflows.organisations import Organisation
from workflows.packages import RECEIVED
from workflows.processes import Page, Task, read_cursor, write_cursor

#: Characters of an explanation.
LONGEST = 2000
#: As many days are looked back at when no worker ran for longer.
_LONGEST_AGO = timedelta(days=31)
#: How late a line may come in that belongs to a moment before the last look.
_LATE = timedelta(minutes=10)
_MOST = 100


def look(session: Session, *, at: datetime) -> int:
    """Look at what every organisation read since the last look, and raise what is unusual; returns how many were new."""
    marks = {mark.organisation_id: mark for mark in session.scalars(select(AlarmLook))}
    raised = 0
    for organisation_id in session.scalars(select(Organisation.id).order_by(Organisation.id)).all():
        mark = marks.get(organisation_id)
        since = at - timedelta(days=1) if mark is None else max(mark.until_at - _LATE, at - _LONGEST_AGO)
        if mark is None:
            mark = AlarmLook(organisation_id=organisation_id, until_at=at)
            session.add(mark)
        if not _anything(session, organisation_id, since):
            continue  # and the mark stays: a night before it is looked at when there is something again
        on = local_date(since)
        while on <= local_date(at):
            raised += _look(session, organisation_id, on, at)
            on += timedelta(days=1)
        mark.until_at = max(mark.until_at, at)
    session.flush()
    return raised


def alarms(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    explained: bool = False,
    cursor: str | None = None,
    page_size: int = 50,
) -> Page[Alarm]:
    """Findings of *by*'s own organisation, newest first: those that wait for an explanation, or those that have one.

    Raises:
        NotFound: *by* does not look after the log. NotAllowed: without a second factor.
    """
    _require(by, by.organisation_id, at=at)
    waits = Alarm.status != AlarmStatus.EXPLAINED
    query = select(Alarm).where(Alarm.organisation_id == by.organisation_id, ~waits if explained else waits)
    if (after := read_cursor(cursor)) is not None:
        query = query.where((Alarm.raised_at < after[0]) | ((Alarm.raised_at == after[0]) & (Alarm.id < after[1])))
    size = max(1, min(page_size, _MOST))
    found = list(session.scalars(query.order_by(Alarm.raised_at.desc(), Alarm.id.desc()).limit(size + 1)))
    page = found[:size]
    more = write_cursor(page[-1].raised_at, page[-1].id) if len(found) > size else None
    return Page(page, more, len(found))


def open_count(session: Session, *, by: Actor, at: datetime) -> int:
    """How many findings of the own organisation wait for an explanation.

    Raises:
        NotFound, NotAllowed: as :func:`alarms`.
    """
    _require(by, by.organisation_id, at=at)
    query = select(func.count()).where(
        Alarm.organisation_id == by.organisation_id, Alarm.status != AlarmStatus.EXPLAINED
    )
    return session.scalar(query) or 0


def find(session: Session, alarm_id: UUID, *, by: Actor, at: datetime) -> Alarm:
    """One finding of the own organisation.

    Raises:
        NotFound: no such finding for *by*. NotAllowed: without a second factor.
    """
    found = session.get(Alarm, alarm_id)
    _require(by, None if found is None else found.organisation_id, at=at)
    if found is None:
        raise NotFound(f"no alarm {alarm_id}")
    return found


def see(session: Session, alarm_id: UUID, *, by: Actor, at: datetime) -> Alarm:
    """Say that somebody looks into it.

    Raises:
        NotFound, NotAllowed: as :func:`find`. WrongState: seen before.
    """
    found = _locked(session, alarm_id, by=by, at=at)
    found.see(by=by.person_id, at=at)
    session.flush()
    logbook.write(session, "alarm.seen", "alarm", found.id, by=by, at=at, details={"kind": found.kind})
    return found


def explain(session: Session, alarm_id: UUID, *, outcome: str, explanation: str, by: Actor, at: datetime) -> Alarm:
    """Write down what came of it. Nobody explains their own reading.

    Raises:
        NotFound: as :func:`find`. NotAllowed: without a second factor, or it is about *by*.
        WrongState: explained before.
        Invalid: no outcome that there is, or nothing or too much said.
    """
    found = _locked(session, alarm_id, by=by, at=at)
    if found.person_id is not None and found.person_id == by.person_id:
        raise NotAllowed(
            f"alarm {alarm_id} is about {by.person_id}",
            detail="Deze melding gaat over uzelf. Vraag een andere logbeheerder om haar te bekijken.",
        )
    said = explanation.replace("\r\n", "\n").strip()
    errors: dict[str, list[str]] = {}
    if outcome not in outcomes_of(found.kind):
        errors["outcome"] = ["Kies wat u vond."]
    if not said:
        errors["explanation"] = ["Schrijf kort op wat u nakeek en wat u vond."]
    elif len(said) > LONGEST:
        errors["explanation"] = [f"Gebruik ten hoogste {LONGEST} tekens. Nu zijn het er {len(said)}."]
    elif not texts.can_be_kept(said):
        errors["explanation"] = [texts.CANNOT_BE_KEPT]
    if errors:
        raise Invalid(f"alarm {alarm_id}: explanation refused", errors=errors)
    found.explain(AlarmOutcome(outcome), said, by=by.person_id, at=at)
    session.flush()
    details: dict[str, logbook.Scalar] = {"kind": found.kind, "outcome": outcome, "characters": len(said)}
    logbook.write(session, "alarm.explained", "alarm", found.id, by=by, at=at, details=details)
    return found


def lost_item(
    session: Session, organisation_id: UUID, *, case_id: UUID, receipt_id: UUID, count: int, at: datetime
) -> None:
    """Something that went along with a handover was gone when it arrived, and nobody had taken it away: told at once to one
    of both sides, for that must never be. The caller is the house.

    Args:
        count: how many lines of the receipt.
    """
    finding = Finding(AlarmKind.LOST_ITEM, count, at, at, case_id=case_id)
    key = f"{finding.kind}:{organisation_id.hex}:{receipt_id.hex}"
    _add(session, organisation_id, finding, local_date(at), key, at=at)


def forget_words(session: Session, case_id: UUID) -> None:
    """A case is destroyed: what was written about reading it may say what stood in it, so only the finding stays."""
    session.execute(update(Alarm).where(Alarm.case_id == case_id).values(explanation=""))


def touching(line: Any) -> ColumnElement[bool]:
    """The condition that a line of the logs (its table) belongs to a finding."""
    return exists().where(
        Alarm.organisation_id == line.organisation_id,
        line.at.between(Alarm.began_at, Alarm.until_at),
        or_(Alarm.person_id.is_(None), Alarm.person_id == line.person_id),
        or_(Alarm.case_id.is_(None), Alarm.case_id == line.case_id),
        or_(Alarm.kind != AlarmKind.IN_EMERGENCY, logbook.by_emergency(line)),
        or_(
            and_(Alarm.kind == AlarmKind.REFUSALS, line.outcome == "refused"),
            and_(Alarm.kind == AlarmKind.LOST_ITEM, line.event == RECEIVED),
            and_(
                Alarm.kind.not_in((AlarmKind.REFUSALS, AlarmKind.LOST_ITEM)),
                line.outcome == "success",
                line.case_id.is_not(None),
            ),
        ),
    )


def unusual(session: Session, lines: Iterable[Any]) -> set[Any]:
    """Which of these lines of one organisation belong to a finding."""
    lines = list(lines)
    if not lines:
        return set()
    first, last = min(line.at for line in lines), max(line.at for line in lines)
    found = session.scalars(
        select(Alarm).where(
            Alarm.organisation_id == lines[0].organisation_id, Alarm.until_at >= first, Alarm.began_at <= last
        )
    ).all()
    return {line for line in lines if any(_touches(alarm, line) for alarm in found)}


def _touches(alarm: Alarm, line: Any) -> bool:
    if alarm.kind == AlarmKind.REFUSALS:
        counts = line.outcome == "refused"
    elif alarm.kind == AlarmKind.LOST_ITEM:
        counts = line.event == RECEIVED
    else:
        counts = line.outcome == "success" and line.case_id is not None
    return (
        counts
        and alarm.began_at <= line.at <= alarm.until_at
        and alarm.person_id in (None, line.person_id)
        and alarm.case_id in (None, line.case_id)
        and (alarm.kind != AlarmKind.IN_EMERGENCY or logbook.is_emergency(line))
    )


def _require(by: Actor, organisation_id: UUID | None, *, at: datetime) -> None:
    own = organisation_id is not None and organisation_id == by.organisation_id
    access.require(by, "view_log", access.Facts(own_organisation=own), at=at)
    access.require_second_factor(by)


def _locked(session: Session, alarm_id: UUID, *, by: Actor, at: datetime) -> Alarm:
    query = select(Alarm).where(Alarm.id == alarm_id).with_for_update().execution_options(populate_existing=True)
    session.scalar(query)
    return find(session, alarm_id, by=by, at=at)


# --- looking


def _anything(session: Session, organisation_id: UUID, since: datetime) -> bool:
    """Whether there is any line of an organisation since a moment."""
    return any(
        session.scalar(select(line.id).where(line.organisation_id == organisation_id, line.at >= since).limit(1))
        for line in logbook.LOGS.values()
    )


def _look(session: Session, organisation_id: UUID, on: date, at: datetime) -> int:
    raised, monday = 0, on - timedelta(days=on.weekday())
    for finding in _of_day(session, organisation_id, on):
        day = monday if finding.kind == AlarmKind.MANY_READERS else on
        raised += _raise(session, organisation_id, finding, day, at=at)
    return raised


def _of_day(session: Session, organisation_id: UUID, on: date) -> list[Finding]:
    limits, night = _limits(session, on), _night(session, on)
    begin, end = start_of_day(on), start_of_day(on + timedelta(days=1))
    week = start_of_day(on - timedelta(days=on.weekday()))
    return find_unusual(
        _looks(session, organisation_id, begin, end),
        at_night=_looks(session, organisation_id, *night),
        in_emergency=_looks(
            session, organisation_id, begin, end, logbook.by_emergency(LoggedRead), ~_is_reviewed(organisation_id)
        ),
        of_week=_readers(session, organisation_id, week, end, more_than=limits.readers_per_week),
        refusals=_refusals(session, organisation_id, begin, end),
        limits=limits,
    )


def _is_reviewed(organisation_id: UUID) -> ColumnElement[bool]:
    """Whether somebody was given the task to look back at this very emergency: then an alarm would only say it again."""
    return (
        select(EmergencyReview.id)
        .join(EmergencyAccess, EmergencyAccess.id == EmergencyReview.emergency_id)
        .join(Task, Task.subject_id == EmergencyReview.id)
        .where(
            EmergencyReview.organisation_id == organisation_id,
            EmergencyAccess.case_id == LoggedRead.case_id,
            EmergencyAccess.person_id == LoggedRead.person_id,
            Task.subject_kind == "emergency_review",
        )
        .exists()
    )


def _looks(
    session: Session, organisation_id: UUID, begin: datetime, end: datetime, *more: ColumnElement[bool]
) -> list[Look]:
    """Who read which case; what belongs to one request counts once."""
    line = LoggedRead
    once = func.count(distinct(func.coalesce(line.request_id, cast(line.id, String))))
    query = (
        select(
            line.person_id,
            line.role,
            line.case_id,
            once,
            func.min(line.at),
            func.max(line.at),
            func.max(Case.closed_at),
        )
        .outerjoin(Case, Case.id == line.case_id)
        .where(*_of_people(organisation_id, begin, end), *more)
        .group_by(line.person_id, line.role, line.case_id)
    )
    rows: Iterable[Any] = session.execute(query)
    return [Look(*row) for row in rows]


def _readers(
    session: Session, organisation_id: UUID, begin: datetime, end: datetime, *, more_than: int
) -> list[Readers]:
    """Cases with more readers than that, counted by the database: of a week there can be many lines."""
    line = LoggedRead
    people = func.count(distinct(line.person_id))
    query = (
        select(line.case_id, people, func.min(line.at), func.max(line.at))
        .where(*_of_people(organisation_id, begin, end))
        .group_by(line.case_id)
        .having(people > more_than)
    )
    rows: Iterable[Any] = session.execute(query)
    return [Readers(*row) for row in rows]


def _of_people(organisation_id: UUID, begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Reads of a case by somebody of an organisation that were not refused."""
    line = LoggedRead
    return (
        line.organisation_id == organisation_id,
        line.at >= begin,
        line.at < end,
        line.outcome == "success",
        line.person_id.is_not(None),
        line.case_id.is_not(None),
    )


def _refusals(session: Session, organisation_id: UUID, begin: datetime, end: datetime) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = {}
    for line in logbook.LOGS.values():
        query = select(line.person_id, line.at).where(
            line.organisation_id == organisation_id,
            line.at >= begin,
            line.at < end,
            line.outcome == "refused",
            line.person_id.is_not(None),
        )
        for person_id, at in session.execute(query):
            assert person_id is not None
            found.setdefault(person_id, []).append(at)
    return {person_id: sorted(moments) for person_id, moments in found.items()}


def _limits(session: Session, on: date) -> Limits:
    def number(name: str) -> int:
        return int(settings.get(session, f"alarm.{name}", on=on))

    roles = str(settings.get(session, "alarm.night_roles", on=on))
    return Limits(
        cases_per_day=number("cases_per_day"),
        readers_per_week=number("readers_per_week"),
        night_reads=number("night_reads"),
        night_roles=frozenset(role.strip() for role in roles.split(",")),
        closed_after=timedelta(days=number("closed_after_days")),
        refusals=number("refusals"),
        refusals_within=timedelta(minutes=number("refusals_within_minutes")),
    )


def _night(session: Session, on: date) -> tuple[datetime, datetime]:
    """The night that ends on a local day."""
    begins = int(settings.get(session, "alarm.night_from_hour", on=on))
    ends = int(settings.get(session, "alarm.night_until_hour", on=on))
    before = on - timedelta(days=1) if begins >= ends else on
    return (
        datetime.combine(before, time(begins), AMSTERDAM),
        datetime.combine(on, time(ends), AMSTERDAM),
    )


def _raise(session: Session, organisation_id: UUID, finding: Finding, on: date, *, at: datetime) -> bool:
    """Keep a finding that is new; one that is known and still waits gets the newest count. Whether it was new."""
    about = (
        finding.kind,
        organisation_id.hex,
        *(one.hex if one else "-" for one in (finding.person_id, finding.case_id)),
    )
    key = ":".join((*about, on.isoformat()))
    known = session.scalar(select(Alarm).where(Alarm.key == key))
    if known is not None:
        if known.status != AlarmStatus.EXPLAINED and finding.until_at > known.until_at:
            known.count, known.until_at = finding.count, finding.until_at
        return False
    _add(session, organisation_id, finding, on, key, at=at)
    return True


def _add(session: Session, organisation_id: UUID, finding: Finding, on: date, key: str, *, at: datetime) -> None:
    alarm = Alarm(
        key=key,
        organisation_id=organisation_id,
        kind=finding.kind,
        person_id=finding.person_id,
        case_id=finding.case_id,
        day=on,
        count=finding.count,
        began_at=finding.began_at,
        until_at=finding.until_at,
        raised_at=at,
        status=AlarmStatus.RAISED,
    )
    session.add(alarm)
    session.flush()
    house = Actor(None, None, organisation_id, "system", origin="worker")
    notifications.notify(
        session,
        NotificationKind.ALARM,
        organisation_id=organisation_id,
        role="log_manager",
        subject_kind="alarm",
        subject_id=alarm.id,
        at=at,
    )
    logbook.write(
        session, "log.unusual", "alarm", alarm.id, by=house, at=at,
        details={
            "kind": finding.kind.value, "count": finding.count, "day": on.isoformat(),
            "person": finding.person_id.hex if finding.person_id else None,
            "case": finding.case_id.hex if finding.case_id else None,
        },
    )  # fmt: skip
