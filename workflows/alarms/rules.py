"""What is unusual, decided on counts from the log and on limits that the region sets. Pure.

Source: NEN 7513 asks that logs are checked; the limits are proposals [I]. Known incident behind ``many_readers``: 85 members
of staff who looked in one patient's record without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from workflows.alarms.model import AlarmKind


@dataclass(frozen=True, slots=True)
class Limits:
    """From where reading is unusual; the settings ``alarm.*`` of a day."""

    cases_per_day: int
    readers_per_week: int
    night_reads: int
    night_roles: frozenset[str]
    closed_after: timedelta
    refusals: int
    refusals_within: timedelta


@dataclass(frozen=True, slots=True)
class Look:
    """How often one person in one role read one case, between two moments."""

    person_id: UUID
    role: str
    case_id: UUID
    times: int
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """How many people of one organisation read one case, between two moments."""

    case_id: UUID
    people: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that somebody should explain."""

    kind: AlarmKind
    count: int
    began_at: datetime
    until_at: datetime
    person_id: UUID | None = None
    case_id: UUID | None = None


def find_unusual(
    looks: Iterable[Look],
    *,
    at_night: Iterable[Look] = (),
    in_emergency: Iterable[Look] = (),
    of_week: Iterable[Readers] = (),
    refusals: Mapping[UUID, Sequence[datetime]] | None = None,
    limits: Limits,
) -> list[Finding]:
    """Everything unusual in one day of one organisation.

    Args:
        looks: of the day. of_week: of the week so far. at_night: of the night before the day.
        in_emergency: of the day, those that only an emergency allowed.
        refusals: moments at which somebody was refused something that day, in order.
    """
    looks = list(looks)
    return [
        *_many_cases(looks, limits),
        *_many_readers(of_week, limits),
        *_at_night(at_night, limits),
        *_per_person_and_case(AlarmKind.IN_EMERGENCY, in_emergency),
        *_of_closed(looks, limits),
        *_refusals(refusals or {}, limits),
    ]


def _many_cases(looks: Sequence[Look], limits: Limits) -> Iterable[Finding]:
    for person_id, own in _by(looks, "person_id"):
        cases = {look.case_id for look in own}
        if len(cases) > limits.cases_per_day:
            yield _finding(AlarmKind.MANY_CASES, len(cases), own, person_id=person_id)


def _many_readers(of_week: Iterable[Readers], limits: Limits) -> Iterable[Finding]:
    for one in of_week:
        if one.people > limits.readers_per_week:
            yield Finding(AlarmKind.MANY_READERS, one.people, one.first_at, one.last_at, case_id=one.case_id)


def _at_night(looks: Iterable[Look], limits: Limits) -> Iterable[Finding]:
    by_day = [look for look in looks if look.role not in limits.night_roles]
    for person_id, own in _by(by_day, "person_id"):
        times = sum(look.times for look in own)
        if times > limits.night_reads:
            yield _finding(AlarmKind.AT_NIGHT, times, own, person_id=person_id)


def _of_closed(looks: Iterable[Look], limits: Limits) -> Iterable[Finding]:
    late = [look for look in looks if look.closed_at and look.last_at - look.closed_at > limits.closed_after]
    yield from _per_person_and_case(AlarmKind.CLOSED_CASE, late)


def _refusals(moments: Mapping[UUID, Sequence[datetime]], limits: Limits) -> Iterable[Finding]:
    for person_id, all_ in moments.items():
        for first, last in zip(all_, all_[limits.refusals - 1 :], strict=False):
            if last - first <= limits.refusals_within:
                yield Finding(AlarmKind.REFUSALS, len(all_), all_[0], all_[-1], person_id=person_id)
                break


def _per_person_and_case(kind: AlarmKind, looks: Iterable[Look]) -> Iterable[Finding]:
    for person_id, own in _by(looks, "person_id"):
        for case_id, same in _by(own, "case_id"):
            yield _finding(kind, sum(look.times for look in same), same, person_id=person_id, case_id=case_id)


def _by(looks: Iterable[Look], name: str) -> Iterable[tuple[UUID, list[Look]]]:
    def key(look: Look) -> UUID:
        found: UUID = getattr(look, name)
        return found

    for value, same in groupby(sorted(looks, key=key), key=key):
        yield value, list(same)


def _finding(
    kind: AlarmKind,
    count: int,
    looks: Sequence[Look],
    *,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Finding:
    began, until = min(look.first_at for look in looks), max(look.last_at for look in looks)
    return Finding(kind, count, began, until, person_id, case_id)
