"""After a data breach: whose data could have been seen, by whom, of which kinds, in which period. Ids and counts, no content.

Whom it is about is told by the number of the case and the id of the person: who works on the case knows the family, and
tells it. So the report itself can be sent on without becoming a breach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, consent, families, logbook, organisations, settings
from workflows.access import MATRIX
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Disclosure
from workflows.db import house
from workflows.errors import Invalid, NotFound
from workflows.families import FamilyMember
from workflows.logbook import LoggedRead

#: Lines that one report can be about; more is another period.
MOST: Final = 200_000
#: Kinds of data that are never named outside the organisation's own file.
_UNSAID: Final = frozenset({"C5"})


@dataclass(frozen=True, slots=True)
class BreachRow:
    """One person whose data could have been seen, and one recipient. ``read``: kinds that the lines themselves name;
    ``shared``: what was shared with that organisation then; ``role_allows``: what its role may see at most; ``bsn``: how often this
    person's citizen service number was shown or handed out, which is told apart because the supervisor asks it."""

    case_id: UUID
    case_number: str
    subject_id: UUID | None
    subject_kind: str
    organisation_id: UUID | None
    organisation: str
    role: str
    person_ids: tuple[UUID, ...]
    first_at: datetime
    last_at: datetime
    times: int
    exported: int
    bsn: int
    read: tuple[str, ...]
    shared: tuple[str, ...]
    role_allows: tuple[str, ...]
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BreachReport:
    """``report_by``: when the supervisor has to know; ``subjects`` counts different people."""

    since: datetime
    until: datetime
    noticed_at: datetime
    report_by: datetime
    rows: tuple[BreachRow, ...]
    subjects: int
    gone: int  #: cases that were destroyed since, of which only ids are left


@dataclass(slots=True)
class _Seen:
    people: set[UUID] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    times: int = 0
    exported: int = 0
    bsn: Counter[str] = field(default_factory=Counter)
    read: set[str] = field(default_factory=set)
    grounds: set[str] = field(default_factory=set)


def breach_report(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
    noticed_at: datetime | None = None,
    exported: bool = False,
    by: Actor,
    at: datetime,
) -> BreachReport:
    """Per person and recipient what could have been seen between two instants; that it was made is written down.

    Args:
        organisation_id: only what was read for this organisation. person_id: only what this person read. case_id: only
            this case. The data protection officer of an organisation gets what was read for that organisation.
        noticed_at: when the breach was discovered; left out: now.
        exported: it leaves as a file, and the log says so.

    Raises:
        NotAllowed: not for this role. Invalid: a period that ends before it begins, or too much for one report.
    """
    access.require(by, "report_breach", access.Facts(own_organisation=True), at=at)
    if until <= since:
        raise Invalid("breach report", errors={"until": ["Kies een moment na het begin."]})
    if not by.is_system:
        organisation_id = by.organisation_id
    hours = int(settings.get(session, "rights.breach_hours", on=local_date(at)))
    noticed = noticed_at or at
    seen = _seen(session, since, until, organisation_id, person_id, case_id)
    rows: list[BreachRow] = []
    gone: set[UUID] = set()
    with house(
        session
    ):  # cases in lines of the own organisation, also of one it left: ids and kinds of data, no content
        for (which, organisation, role), found in seen.items():
            case = session.get(Case, which)
            if case is None or case.family_id is None:
                gone.add(which)
                continue
            rows += _rows(session, case, organisation, role, found, since=since, until=until)
    rows.sort(key=lambda one: (one.case_number, one.subject_kind, str(one.subject_id), one.organisation, one.role))
    subjects = len({one.subject_id for one in rows})
    logbook.read(
        session,
        "breach.exported" if exported else "breach.reported",
        "report",
        "breach",
        by=by,
        at=at,
        purpose="data_breach",
        rule="report_breach",
        details={
            "since": since.isoformat(),
            "until": until.isoformat(),
            "organisation": None if organisation_id is None else organisation_id.hex,
            "person": None if person_id is None else person_id.hex,
            "case": None if case_id is None else case_id.hex,
            "rows": len(rows),
            "subjects": subjects,
        },
    )
    return BreachReport(since, until, noticed, noticed + timedelta(hours=hours), tuple(rows), subjects, len(gone))


def may_report_breach(session: Session, *, by: Actor, at: datetime) -> None:
    """Pass when the page may be opened by *by*.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "report_breach", access.Facts(own_organisation=True), at=at)


def _seen(
    session: Session,
    since: datetime,
    until: datetime,
    organisation_id: UUID | None,
    person_id: UUID | None,
    case_id: UUID | None,
) -> dict[tuple[UUID, UUID | None, str], _Seen]:
    query = select(LoggedRead).where(
        LoggedRead.at >= since,
        LoggedRead.at <= until,
        LoggedRead.case_id.is_not(None),
        LoggedRead.outcome == "success",
        LoggedRead.person_id.is_not(None),
    )
    if organisation_id is not None:
        query = query.where(LoggedRead.organisation_id == organisation_id)
    if person_id is not None:
        query = query.where(LoggedRead.person_id == person_id)
    if case_id is not None:
        query = query.where(LoggedRead.case_id == case_id)
    found: dict[tuple[UUID, UUID | None, str], _Seen] = {}
    for count, line in enumerate(session.scalars(query.order_by(LoggedRead.id).limit(MOST + 1))):
        if count == MOST:
            raise Invalid(
                "breach report", errors={"since": ["Dit is te veel voor één overzicht. Kies een kortere tijd."]}
            )
        assert line.case_id is not None
        one = found.setdefault((line.case_id, line.organisation_id, line.role), _Seen())
        one.people |= {line.person_id} if line.person_id else set()
        one.first = line.at if one.first is None or line.at < one.first else one.first
        one.last = line.at if one.last is None or line.at > one.last else one.last
        one.times += 1
        one.exported += line.event.endswith("exported")
        if line.event == "bsn.viewed" or (line.event == "copy.exported" and line.details.get("bsn")):
            one.bsn[line.subject_id] += 1
        one.read |= set(_kinds(line.compartments))
        one.grounds |= {line.ground} if line.ground else set()
    return found


def _kinds(said: object) -> Iterable[str]:
    if isinstance(said, str):
        return [one for one in said.replace(",", " ").split() if one not in _UNSAID]
    return [str(one) for one in said if one not in _UNSAID] if isinstance(said, (list, tuple)) else []


def _rows(
    session: Session,
    case: Case,
    organisation_id: UUID | None,
    role: str,
    seen: _Seen,
    *,
    since: datetime,
    until: datetime,
) -> Iterable[BreachRow]:
    assert case.family_id is not None
    assert seen.first is not None
    assert seen.last is not None
    shared = [
        one
        for one in consent.disclosures(session, case.id)
        if one.recipient_organisation_id == organisation_id
        and one.role == role
        and one.at <= until
        and (one.ended_at is None or one.ended_at >= since)
    ]
    at_most = {kind for kind, grant in MATRIX.get(role, {}).items() if grant.read is not None} - _UNSAID
    try:
        name = "" if organisation_id is None else organisations.organisation(session, organisation_id).name
    except NotFound:
        name = ""
    for member in families.members(session, case.family_id):
        mine = _about(member, shared)
        yield BreachRow(
            case_id=case.id,
            case_number=case.number,
            subject_id=member.id,
            subject_kind=member.kind,
            organisation_id=organisation_id,
            organisation=name,
            role=role,
            person_ids=tuple(sorted(seen.people)),
            first_at=seen.first,
            last_at=seen.last,
            times=seen.times,
            exported=seen.exported,
            bsn=seen.bsn[str(member.id)],
            read=tuple(access.in_order(seen.read)),
            shared=tuple(access.in_order({kind for one in mine for kind in one.categories} - _UNSAID)),
            role_allows=tuple(access.in_order(at_most)),
            grounds=tuple(sorted(seen.grounds | {one.ground for one in mine})),
        )


def _about(member: FamilyMember, shared: Iterable[Disclosure]) -> list[Disclosure]:
    return [one for one in shared if str(member.id) in one.subject_ids or not one.subject_ids]
