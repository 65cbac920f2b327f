"""Looking in both logbooks at once, newest first, for who looks after them. Whether that is allowed, the caller asks."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.logbook.model import LoggedChange, LoggedRead

Line = LoggedChange | LoggedRead
#: The two logs, in the order in which lines of one moment are shown.
LOGS: Mapping[str, type[LoggedChange] | type[LoggedRead]] = {"changes": LoggedChange, "reads": LoggedRead}
_RANK = {kind: rank for rank, kind in enumerate(LOGS.values())}
#: How a rule says that somebody read because of an emergency.
EMERGENCY = "emergency"
_LONGEST_CURSOR = 200


@dataclass(frozen=True, slots=True)
class Search:
    """Which lines are meant: all of one organisation, narrowed down.

    Args:
        since, until: instants; *until* itself is not included.
        log: ``changes`` or ``reads``. event: exactly this one.
        also: what else must hold, as a condition on the table that is looked in.
        family, held: roles of people of no organisation, and from when until when their lines in the case of *case_id*
            are meant too.
    """

    organisation_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    person_id: UUID | None = None
    case_id: UUID | None = None
    log: str | None = None
    event: str | None = None
    refused: bool = False
    emergency: bool = False
    also: Callable[[Any], ColumnElement[bool]] | None = None
    family: frozenset[str] = frozenset()
    held: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands among all, by moment; :func:`newest` goes on below it."""

    at: datetime
    rank: int
    id: int

    @classmethod
    def of(cls, line: Line) -> Place:
        return cls(line.at, _RANK[type(line)], line.id)

    def written(self) -> str:
        """For a URL; it names nobody."""
        text = json.dumps([self.at.isoformat(), self.rank, self.id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str | None) -> Place | None:
        """The place that :meth:`written` wrote.

        Raises:
            Invalid: not written by us.
        """
        if not cursor:
            return None
        try:
            if len(cursor) > _LONGEST_CURSOR:
                raise ValueError("longer than any cursor")
            at, rank, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if type(rank) is not int or type(number) is not int or not 0 <= number < 2**63:
                raise ValueError("no place in a log")
            return cls(datetime.fromisoformat(at).astimezone(UTC), rank, number)
        except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
            raise Invalid(
                "cursor", errors={"cursor": ["Deze bladwijzer klopt niet. Begin opnieuw bij de eerste bladzijde."]}
            ) from error


def newest(
    session: Session,
    search: Search,
    *,
    limit: int,
    below: Place | None = None,
    upto: Mapping[str, int] | None = None,
) -> list[Line]:
    """At most *limit* lines of both logs, newest first.

    Args:
        below: only what stands below this place. upto: no line after these numbers, by log; see :func:`ends`.
    """
    found: list[Line] = []
    for name, kind in _meant(search).items():
        query = select(kind).where(*_conditions(kind, search, (upto or {}).get(name)))
        if below is not None:
            same = kind.at == below.at
            rank = _RANK[kind]
            if rank > below.rank:
                same = same & (kind.id < 0)
            elif rank == below.rank:
                same = same & (kind.id < below.id)
            query = query.where(or_(kind.at < below.at, same))
        found += session.scalars(query.order_by(kind.at.desc(), kind.id.desc()).limit(limit))
    return sorted(found, key=Place.of, reverse=True)[:limit]


def count(session: Session, search: Search, *, upto: Mapping[str, int]) -> int:
    """How many lines a search finds up to the numbers in *upto*."""
    return sum(
        session.scalar(select(func.count()).select_from(kind).where(*_conditions(kind, search, upto.get(name)))) or 0
        for name, kind in _meant(search).items()
    )


def ends(session: Session) -> dict[str, int]:
    """The number of the last line of each log now: what comes later is no part of an export that began before."""
    return {name: session.scalar(select(func.max(kind.id))) or 0 for name, kind in LOGS.items()}


def reads_of(
    session: Session, case_id: UUID, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Any]:
    """Who read something of a case and was not refused, oldest first: rows of the columns below, few in memory at once."""
    line = LoggedRead
    conditions = [line.case_id == case_id, line.outcome == "success"]
    if since is not None:
        conditions.append(line.at >= since)
    if until is not None:
        conditions.append(line.at < until)
    columns = (
        line.id, line.event, line.at, line.person_id, line.organisation_id, line.role, line.purpose, line.rule,
        line.subject_kind, line.subject_id, line.request_id, line.ground, line.compartments, line.consent_profile,
        line.details,
    )  # fmt: skip
    query = select(*columns).where(*conditions).order_by(line.id)
    yield from session.execute(query.execution_options(yield_per=1000))


def first_at(session: Session, event: str, subject_id: UUID) -> datetime | None:
    """When a change was first written down of a subject."""
    query = select(func.min(LoggedChange.at)).where(
        LoggedChange.subject_id == str(subject_id), LoggedChange.event == event
    )
    return session.scalar(query)


def by_emergency(kind: Any) -> ColumnElement[bool]:
    """The condition that a line is of somebody who reads because of an emergency, or who opened it."""
    found: ColumnElement[bool] = or_(kind.rule.contains(EMERGENCY), kind.event.startswith(f"{EMERGENCY}."))
    return found


def is_emergency(line: Any) -> bool:
    """As :func:`by_emergency`, for a line that is there."""
    return EMERGENCY in (line.rule or "") or line.event.startswith(f"{EMERGENCY}.")


def _meant(search: Search) -> Mapping[str, type[LoggedChange] | type[LoggedRead]]:
    return LOGS if search.log is None else {search.log: LOGS[search.log]}


def _conditions(kind: Any, search: Search, last: int | None) -> list[ColumnElement[bool]]:
    wanted = {
        "since": kind.at >= search.since if search.since else None,
        "until": kind.at < search.until if search.until else None,
        "person": kind.person_id == search.person_id if search.person_id else None,
        "case": kind.case_id == search.case_id if search.case_id else None,
        "event": kind.event == search.event if search.event else None,
        "refused": kind.outcome == "refused" if search.refused else None,
        "emergency": by_emergency(kind) if search.emergency else None,
        "also": search.also(kind) if search.also else None,
        "last": kind.id <= last if last is not None else None,
    }
    own = kind.organisation_id == search.organisation_id
    if search.held and search.case_id is not None:
        then = [
            kind.at >= began if until is None else (kind.at >= began) & (kind.at < until)
            for began, until in search.held
        ]
        own |= kind.organisation_id.is_(None) & kind.role.in_(search.family) & or_(*then)
    return [own, *(one for one in wanted.values() if one is not None)]
