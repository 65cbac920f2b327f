"""The log as who looks after it sees it: lines of the own organisation, exports, and what was found to be unusual.

No content and no names of families: a case is a number, a person is somebody of the own staff. Looking is a read itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import start_of_day
from workflows import access, alarms, logbook, organisations
from workflows.actor import Actor
from workflows.alarms import Alarm, AlarmKind
from workflows.cases import Case
from workflows.db import house
from workflows.errors import Invalid
from workflows.logbook import Line, Place, Search
from workflows.organisations import Person
from workflows.packages import HandoverReceipt
from workflows.processes import Page

PURPOSE = "log_review"
#: Lines of an export that are in memory at once.
BATCH = 1000
_FILTERS = ("since", "until", "person_id", "case_number", "log", "event", "refused", "emergency", "unusual")
_NUMBER = re.compile(r"\d{4}-\d{4,8}")
_NOWHERE = UUID(int=0)  # a case that is not there


@dataclass(frozen=True, slots=True)
class LogLineView:
    """One line of either log, with the case's number and the name of who did it."""

    id: int
    log: str
    at: datetime
    event: str
    outcome: str
    person_id: UUID | None
    person_name: str | None
    role: str
    case_number: str | None
    subject_kind: str
    subject_id: str
    purpose: str | None
    rule: str | None
    ground: str | None
    compartments: str | None
    origin: str
    request_id: str | None
    emergency: bool
    unusual: bool
    details: Mapping[str, Any]
    nen7513: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AlarmView:
    """A finding of unusual reading, with names."""

    id: UUID
    kind: str
    status: str
    day: date
    count: int
    began_at: datetime
    until_at: datetime
    raised_at: datetime
    person_id: UUID | None
    person_name: str | None
    case_number: str | None
    seen_by_name: str | None
    seen_at: datetime | None
    explained_by_name: str | None
    explained_at: datetime | None
    outcome: str | None
    explanation: str
    about_me: bool
    receipt_id: UUID | None  #: of something that was lost: what proves it
    outcomes: tuple[str, ...]  #: what can come of it


@dataclass(frozen=True, slots=True)
class LogExport:
    """What an export holds: how many lines, and where they end. Give it to :func:`log_batch`."""

    search: Search
    ends: Mapping[str, int]
    count: int


def log_page(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    filters: Mapping[str, Any] | None = None,
    cursor: str | None = None,
    page_size: int = 50,
) -> Page[LogLineView]:
    """What was done and looked at on behalf of *by*'s organisation, newest first; that *by* looked is written down.

    By case number it is also that a parent did or saw something on the page of the family, and when, of the time in which
    the organisation held the case: who holds it answers for what happens there, and nobody else's log has it.

    Args:
        filters: ``since`` and ``until`` (local days, both included), ``person_id``, ``case_number``, ``log`` (``reads`` or
            ``changes``), ``event``, and the marks ``refused``, ``emergency`` and ``unusual``.

    Raises:
        NotFound: *by* does not look after the log.
        NotAllowed: without a second factor.
        Invalid: a filter that is not there, or dates in the wrong order.
    """
    search, told = _search(session, filters or {}, by=by, at=at)
    size = max(1, min(page_size, 200))
    if search.held:
        with house(session):  # no part in the case gives them these lines, but having answered for it then
            found = logbook.newest(session, search, limit=size + 1, below=Place.read(cursor))
    else:
        found = logbook.newest(session, search, limit=size + 1, below=Place.read(cursor))
    page = found[:size]
    _write_down(session, "log.viewed", by=by, at=at, details={**told, "lines": len(page)})
    more = Place.of(page[-1]).written() if len(found) > size else None
    return Page(_views(session, page), more, len(found))


def log_people(session: Session, *, by: Actor, at: datetime) -> list[tuple[UUID, str]]:
    """Everybody who ever acted for *by*'s organisation, by name: to choose whose lines to see.

    Raises:
        NotFound, NotAllowed: as :func:`log_page`.
    """
    organisation_id = _require(by, at=at)
    return [(who.id, who.display_name) for who in organisations.people_ever(session, organisation_id)]


def log_export(
    session: Session, *, by: Actor, at: datetime, filters: Mapping[str, Any] | None = None, form: str
) -> LogExport:
    """Begin an export: count it, and write down that *by* takes it away. Commit before the first line goes out.

    Args:
        form: in which it goes out, e.g. ``csv``; for the log.

    Raises:
        NotFound, NotAllowed, Invalid: as :func:`log_page`.
    """
    search, told = _search(session, filters or {}, by=by, at=at)
    search = replace(search, held=())  # of the own organisation: what a parent did is not taken away
    ends = logbook.ends(session)
    count = logbook.count(session, search, upto=ends)
    _write_down(session, "log.exported", by=by, at=at, details={**told, "lines": count, "form": form})
    return LogExport(search, ends, count)


def log_batch(
    session: Session, export: LogExport, *, by: Actor, at: datetime, cursor: str | None = None
) -> tuple[list[LogLineView], str | None]:
    """The next lines of an export and where it goes on; each in a transaction of its own, so a slow taker holds nothing.

    Raises:
        NotFound, NotAllowed: as :func:`log_page`.
    """
    _require(by, at=at)
    with logbook.deciding(session):  # that all of it is taken away was kept before the first of it went out
        found = logbook.newest(session, export.search, limit=BATCH, below=Place.read(cursor), upto=export.ends)
        views = _views(session, found)
    return views, Place.of(found[-1]).written() if len(found) == BATCH else None


def alarm_list(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    explained: bool = False,
    cursor: str | None = None,
    page_size: int = 50,
) -> Page[AlarmView]:
    """Unusual reading in *by*'s organisation: what waits for an explanation, or what has one. The read is written down.

    Raises:
        NotFound, NotAllowed: as :func:`log_page`.
    """
    page = alarms.alarms(session, by=by, at=at, explained=explained, cursor=cursor, page_size=page_size)
    _write_down(session, "alarms.viewed", by=by, at=at, details={"explained": explained, "alarms": len(page.items)})
    return Page(_alarm_views(session, page.items, by), page.next_cursor, page.count)


def alarm_view(session: Session, alarm_id: UUID, *, by: Actor, at: datetime) -> AlarmView:
    """One finding; the read is written down.

    Raises:
        NotFound: no such finding in *by*'s organisation. NotAllowed: without a second factor.
    """
    found = alarms.find(session, alarm_id, by=by, at=at)
    logbook.read(session, "alarm.viewed", "alarm", found.id, by=by, at=at, purpose=PURPOSE, rule=access.Relation.LOG)
    [view] = _alarm_views(session, [found], by)
    return view


def waiting_alarms(session: Session, *, by: Actor, at: datetime) -> int:
    """How many findings wait for an explanation; for above the log.

    Raises:
        NotFound, NotAllowed: as :func:`log_page`.
    """
    return alarms.open_count(session, by=by, at=at)


def see_alarm(session: Session, alarm_id: UUID, *, by: Actor, at: datetime) -> AlarmView:
    """Say that *by* looks into a finding.

    Raises:
        NotFound, NotAllowed: as :func:`alarm_view`. WrongState: seen before.
    """
    [view] = _alarm_views(session, [alarms.see(session, alarm_id, by=by, at=at)], by)
    return view


def explain_alarm(
    session: Session, alarm_id: UUID, *, outcome: str, explanation: str, by: Actor, at: datetime
) -> AlarmView:
    """Write down what came of a finding; that ends it.

    Raises:
        NotFound: as :func:`alarm_view`. NotAllowed: without a second factor, or it is about *by*.
        WrongState: explained before. Invalid: what was typed.
    """
    found = alarms.explain(session, alarm_id, outcome=outcome, explanation=explanation, by=by, at=at)
    [view] = _alarm_views(session, [found], by)
    return view


def _require(by: Actor, *, at: datetime) -> UUID:
    own = by.organisation_id is not None
    access.require(by, "view_log", access.Facts(own_organisation=own), at=at)
    access.require_second_factor(by)
    assert by.organisation_id is not None
    return by.organisation_id


def _write_down(session: Session, event: str, *, by: Actor, at: datetime, details: Mapping[str, Any]) -> None:
    assert by.organisation_id is not None
    logbook.read(
        session, event, "organisation", by.organisation_id, by=by, at=at,
        purpose=PURPOSE, rule=access.Relation.LOG, compartments=["C11"], details=details,
    )  # fmt: skip


def _search(
    session: Session, filters: Mapping[str, Any], *, by: Actor, at: datetime
) -> tuple[Search, dict[str, str | bool]]:
    """What is meant, and the same as scalars for the log: a person or a case as its id, never what was typed."""
    organisation_id = _require(by, at=at)
    wanted = {name: value for name, value in filters.items() if value not in (None, "", False)}
    errors: dict[str, list[str]] = {name: ["Dit filter bestaat niet."] for name in set(wanted) - set(_FILTERS)}
    since, until = wanted.get("since"), wanted.get("until")
    if since and until and until < since:
        errors["until"] = ["Kies een dag die niet voor de eerste dag ligt."]
    if wanted.get("log", "reads") not in logbook.LOGS:
        errors["log"] = ["Kies reads of changes."]
    number = str(wanted.get("case_number", "")).strip()
    if number and not _NUMBER.fullmatch(number):
        errors["case_number"] = ["Een casusnummer ziet eruit als 2026-0042."]
    if errors:
        raise Invalid("log filters", errors=errors)
    case_id = None
    if number:
        with house(session):  # a number that stands in lines of the own organisation, also of a case it left
            case_id = session.scalar(select(Case.id).where(Case.number == number)) or _NOWHERE
    held = () if case_id in (None, _NOWHERE) else _held(session, case_id, organisation_id)
    search = Search(
        organisation_id=organisation_id,
        family=access.FAMILY,
        held=held,
        since=start_of_day(since) if since else None,
        until=start_of_day(until + timedelta(days=1)) if until else None,
        person_id=wanted.get("person_id"),
        case_id=case_id,
        log=wanted.get("log"),
        event=wanted.get("event"),
        refused="refused" in wanted,
        emergency="emergency" in wanted,
        also=alarms.touching if "unusual" in wanted else None,
    )
    told: dict[str, str | bool] = {}
    for name, value in wanted.items():
        if name == "case_number":
            told["case"] = "unknown" if case_id in (None, _NOWHERE) else case_id.hex
        elif isinstance(value, (date, UUID)):
            told[name] = str(value)
        elif isinstance(value, bool):
            told[name] = value
        else:
            told[name] = str(value) if name == "log" or _EVENT.fullmatch(str(value)) else "unknown"
    return search, told


def _held(session: Session, case_id: UUID, organisation_id: UUID) -> tuple[tuple[datetime, datetime | None], ...]:
    """From when until when an organisation held a case, in whatever role, as the log tells it; nothing of before it was cut."""
    with house(session), logbook.deciding(session):
        case = session.get_one(Case, case_id)
        lines = [one for event in _HOLDING for one in logbook.changes_of(session, case_id, event)]
        # Who accepts a case writes it down for itself; what nobody has to accept says where it went.
        steps = [(one.at, one.details.get("to_organisation_id") or str(one.organisation_id)) for one in lines]
        ends = [*(began for began, _ in steps[1:]), case.closed_at]
    mine = str(organisation_id)
    return tuple((began, until) for (began, who), until in zip(steps, ends, strict=False) if who == mine)


#: Who holds a case from the beginning, and then.
_HOLDING = ("case.opened", "case.holder_moved")
_EVENT = re.compile(r"[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}")


def _views(session: Session, lines: Sequence[Line]) -> list[LogLineView]:
    people = _names(session, (line.person_id for line in lines))
    numbers = _numbers(session, (line.case_id for line in lines))
    marked = alarms.unusual(session, lines)
    return [_view(line, people, numbers, line in marked) for line in lines]


def _view(line: Line, people: Mapping[UUID, str], numbers: Mapping[UUID, str], unusual: bool) -> LogLineView:
    if line.organisation_id is None and line.role in access.FAMILY:
        return _view_of_family(line, numbers)
    name = people.get(line.person_id) if line.person_id else None
    number = numbers.get(line.case_id) if line.case_id else None
    return LogLineView(
        id=line.id,
        log="reads" if isinstance(line, logbook.LoggedRead) else "changes",
        at=line.at,
        event=line.event,
        outcome=line.outcome,
        person_id=line.person_id,
        person_name=name,
        role=line.role,
        case_number=number,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        purpose=line.purpose,
        rule=line.rule,
        ground=line.ground,
        compartments=line.compartments,
        origin=line.origin,
        request_id=line.request_id,
        emergency=logbook.is_emergency(line),
        unusual=unusual,
        details=line.details,
        nen7513={**logbook.nen7513(line), "userName": name},
    )


def _view_of_family(line: Line, numbers: Mapping[UUID, str]) -> LogLineView:
    """That a parent did or saw something, and when: not which of them, nor what it was about."""
    shown: dict[str, Any] = dict.fromkeys(LogLineView.__dataclass_fields__)
    shown |= {name: getattr(line, name) for name in ("id", "at", "event", "outcome", "origin")}
    log = "reads" if isinstance(line, logbook.LoggedRead) else "changes"
    number = numbers.get(line.case_id) if line.case_id else None
    blank = {"subject_kind": "case", "subject_id": str(line.case_id), "details": {}, "nen7513": {}}
    marks = {"emergency": False, "unusual": False}
    return LogLineView(**{**shown, **blank, **marks, "log": log, "role": "parent", "case_number": number})


def _alarm_views(session: Session, found: Sequence[Alarm], by: Actor) -> list[AlarmView]:
    people = _names(session, (one for each in found for one in (each.person_id, each.seen_by, each.explained_by)))
    numbers = _numbers(session, (each.case_id for each in found))
    receipts = _receipts(session, (each.case_id for each in found if each.kind == AlarmKind.LOST_ITEM))

    def name(person_id: UUID | None) -> str | None:
        return people.get(person_id) if person_id else None

    return [
        AlarmView(
            id=each.id,
            kind=each.kind,
            status=each.status,
            day=each.day,
            count=each.count,
            began_at=each.began_at,
            until_at=each.until_at,
            raised_at=each.raised_at,
            person_id=each.person_id,
            person_name=name(each.person_id),
            case_number=numbers.get(each.case_id) if each.case_id else None,
            seen_by_name=name(each.seen_by),
            seen_at=each.seen_at,
            explained_by_name=name(each.explained_by),
            explained_at=each.explained_at,
            outcome=each.outcome,
            explanation=each.explanation,
            about_me=each.person_id is not None and each.person_id == by.person_id,
            receipt_id=receipts.get((each.case_id, each.began_at)),
            outcomes=tuple(str(one) for one in alarms.outcomes_of(each.kind)),
        )
        for each in found
    ]


def _names(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    return {
        row.id: row.display_name
        for part in _parts(ids)
        for row in session.execute(select(Person.id, Person.display_name).where(Person.id.in_(part)))
    }


def _numbers(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    with house(session):  # of cases in lines of the own organisation, also of one it left
        return {
            row.id: row.number
            for part in _parts(ids)
            for row in session.execute(select(Case.id, Case.number).where(Case.id.in_(part)))
        }


def _receipts(session: Session, ids: Iterable[UUID | None]) -> dict[tuple[UUID | None, datetime], UUID]:
    """Receipts of these cases, by case and the moment of accepting."""
    with house(session), logbook.deciding(session):  # an id only: the proof asks for itself
        return {
            (row.case_id, row.accepted_at): row.id
            for part in _parts(ids)
            for row in session.execute(
                select(HandoverReceipt.case_id, HandoverReceipt.accepted_at, HandoverReceipt.id).where(
                    HandoverReceipt.case_id.in_(part)
                )
            )
        }


def _parts(ids: Iterable[UUID | None], size: int = 500) -> Iterator[list[UUID]]:
    known = list({one for one in ids if one is not None})
    for start in range(0, len(known), size):
        yield known[start : start + size]
