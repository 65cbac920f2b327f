"""Another ground than consent for one case: invoking it, ending it, saying that the family was told, and what there is.

Who has the data weighs it, never who wants to read it. What it opens is open from the next request on, and closed from the
next request on when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, consent, jobs, logbook, organisations, processes
from workflows.access import GROUNDS, Facts, Readable, Scope
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.consent import PURPOSES, Because, CaseGround, DisclosureCause, GroundEnd
from workflows.errors import Invalid, NotAllowed, WrongState
from workflows.jobs import JobStatus
from workflows.method.facts import NOWHERE, find_case, kind_of, write_read
from workflows.method.ground_views import GroundView, may_end, view_of_ground
from workflows.method.stopping import stop_sharing
from workflows.organisations import OrganisationType

#: Kind of the job that takes away what a ground gave, when its time is over; reading asks no job.
JOB = "ground_ends"
#: What stands in place of an organisation for a recipient that is not in here: whom a report is made to.
SAFE_HOME = "safe_home"
#: And of a kind of party without an account, to which somebody hands over by link or on paper.
OUTSIDE = "outside:"
_READS = frozenset({Scope.ALL, Scope.OWN, Scope.AUTHOR})


@dataclass(frozen=True, slots=True)
class GroundChoice:
    """A ground that can be invoked: what may be opened or told on it, to whom, and until which day at the latest.

    ``recipients``: code → organisation and role; ``categories`` empty: it opens nothing, it says what a recipient rests on.
    """

    ground: str
    law: str
    opens: bool
    silent: bool
    categories: tuple[str, ...]
    recipients: tuple[tuple[str, UUID | None, str | None], ...]
    last_day: date


def invoke_ground(
    session: Session,
    case_id: UUID,
    *,
    ground: str,
    recipient: str,
    categories: Iterable[str] = (),
    reason: str,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> GroundView:
    """Rest on another ground than consent, for one recipient and a while.

    Args:
        recipient: as :func:`ground_choices` names it: ``<organisation>:<role>``, ``safe_home``, or ``outside:<type>`` for
            a kind of party without an account: nothing goes there before somebody sends it.
        until_on: the last day; None: as long as the settings allow.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: every field that cannot be.
        WrongState: the case is closed, or it counts already.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "invoke_ground", facts, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    organisation_id, role, kind = _recipient(session, recipient, at)
    asked = tuple(dict.fromkeys(categories))
    opens = ground in access.BESIDE_CONSENT
    if opens and organisation_id == by.organisation_id:
        raise Invalid(
            f"case {case.id}: {by.organisation_id} opens the case to itself",
            errors={"recipient": ["Kies een andere organisatie. Wie de gegevens heeft, weegt; niet wie wil lezen."]},
        )
    if set(asked) - _has(access.visible(by, facts)):
        raise Invalid(
            f"case {case.id}: shares what {by.role} does not read",
            errors={"categories": ["Kies alleen wat u zelf mag lezen."]},
        )
    row = consent.invoke(
        session,
        case_id=case.id,
        municipality=case.municipality_code,
        ground=ground,
        recipient_organisation_id=organisation_id,
        recipient_kind=kind,
        recipient_role=role,
        categories=asked,
        reason=reason,
        until_on=until_on,
        by=by,
        at=at,
    )
    if opens and organisation_id is not None and role is not None:
        cases.share(session, case, by=by, at=at)
        present = {(party.organisation_id, party.role) for party in cases.parties(session, case.id)}
        if (organisation_id, role) not in present:
            because = Because(DisclosureCause.GROUND, row.id)
            cases.join(session, case, organisation_id=organisation_id, role=role, because=because, by=by, at=at)
    if not opens and not row.silent:  # what is shared already rests on it from now on
        cases.follow_consent(session, case, because=Because(DisclosureCause.CONSENT, row.id), by=by, at=at)
    if not row.silent:
        jobs.enqueue(session, JOB, due_at=row.until_at, subject_kind="case_ground", subject_id=row.id)
    session.flush()
    return view_of_ground(row, facts, by=by, at=at)


def end_ground(session: Session, ground_id: UUID, *, by: Actor, at: datetime) -> GroundView:
    """It counts no more: who could read on it alone has no part in the case any more.

    Raises:
        NotFound, NotAllowed: not for *by*: only who invoked it and who holds the case. WrongState: it ended before.
    """
    found, case, facts = _mine(session, ground_id, by=by, at=at)
    if not may_end(found, facts, by):
        raise NotAllowed(f"ground {ground_id} is not {by.organisation_id}'s to end")
    through = GroundEnd.TIME_OVER if found.ended_at is None and found.until_at <= at else GroundEnd.WITHDRAWN
    consent.end_ground(session, found, through, by=by, at=at)
    jobs.cancel(session, JOB, subject_kind="case_ground", subject_id=found.id, at=at)
    if not case.is_closed:
        stop_sharing(session, case, by=by, at=at)
    session.flush()
    return view_of_ground(found, facts, by=by, at=at)


def tell_ground(session: Session, ground_id: UUID, *, by: Actor, at: datetime) -> GroundView:
    """The family was told of what it did not see here: from now on it stands on its overview.

    Raises:
        NotFound, NotAllowed: not for *by*: only who invoked it. WrongState: it was told before, or never silent.
    """
    found, _, facts = _mine(session, ground_id, by=by, at=at)
    if found.organisation_id != by.organisation_id:
        raise NotAllowed(f"ground {ground_id} is not {by.organisation_id}'s to tell")
    consent.tell_ground(session, found, by=by, at=at)
    return view_of_ground(found, facts, by=by, at=at)


def ground_view(session: Session, ground_id: UUID, *, by: Actor, at: datetime) -> GroundView:
    """One of them, for who may end it or said that it was told; the read is written down.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    found, case, facts = _mine(session, ground_id, by=by, at=at, lock=False)
    write_read(
        session, "consents.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at, saw=("C10",)
    )
    return view_of_ground(found, facts, by=by, at=at)


def case_of_ground(session: Session, ground_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """The case for which a ground was invoked, to go back to; nothing of it.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    with logbook.deciding(session):
        return _mine(session, ground_id, by=by, at=at, lock=False)[1].id


def ground_choices(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[GroundChoice, ...]:
    """Which grounds *by* can invoke for a case, to whom and for what; nothing of the family.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
        access.require(by, "invoke_ground", facts, at=at)
        if by.organisation_id is None or case.is_closed:
            return ()
        has = _has(access.visible(by, facts))
        on = local_date(at)
        there = [
            (one, role)
            for role in sorted(PURPOSES)
            for one in organisations.organisations_for(session, role=role, municipality=None, on=on)
        ]
        found = []
        for code in access.invocable(by.role, kind_of(session, by.organisation_id), on=on):
            what = GROUNDS[code]
            may = frozenset(access.EMERGENCY_COMPARTMENTS) if what.silent else frozenset[str]()
            teams: list[tuple[str, UUID | None, str | None]] = []
            for one, role in there if not what.silent else ():
                opened = access.openable(role, code) & has
                if one.type in what.towards and (not what.opens or (opened and one.id != by.organisation_id)):
                    teams.append((f"{one.id}:{role}", one.id, role))
                    may |= opened
            if what.silent:
                teams = [(SAFE_HOME, None, None)]
            elif what.opens and (outside := access.openable(consent.OUTSIDE_READS_AS, code) & has):
                teams += [(f"{OUTSIDE}{kind}", None, None) for kind in sorted(what.towards)]
                may |= outside
            if teams:
                last = consent.longest(session, code, municipality=case.municipality_code, on=on)
                shown = tuple(sorted(may & has, key=lambda name: (len(name), name)))
                found.append(GroundChoice(code, what.law, what.opens, what.silent, shown, tuple(teams), last))
        return tuple(found)


def end_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Job ``ground_ends``: the time was over already; now it is written down. False: another time."""
    found = consent.find_ground(session, UUID(subject_id))
    case = processes.try_lock_case(session, found.case_id)
    job = None if case is None else jobs.take(session, job_id)
    if case is None or job is None or job.status != JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    session.refresh(found)
    if found.ended_at is None:
        consent.end_ground(session, found, GroundEnd.TIME_OVER, by=WORKER, at=at)
        if not case.is_closed:
            stop_sharing(session, case, by=WORKER, at=at)
    return True


def _recipient(session: Session, chosen: str, at: datetime) -> tuple[UUID | None, str | None, str | None]:
    """Organisation and role, or a kind that is not in here; nothing at all: nobody that can be chosen."""
    if chosen == SAFE_HOME:
        return None, None, SAFE_HOME
    if chosen.startswith(OUTSIDE):
        kind = chosen.removeprefix(OUTSIDE)
        return None, None, kind if kind in set(OrganisationType) and kind != SAFE_HOME else None
    identity, _, role = chosen.partition(":")
    nobody = None, None, None
    try:
        organisation_id = UUID(identity)
    except ValueError:
        return nobody
    if role not in PURPOSES:
        return nobody
    there = organisations.organisations_for(session, role=role, municipality=None, on=local_date(at))
    return (organisation_id, role, None) if organisation_id in {one.id for one in there} else nobody


def _has(readable: Readable) -> frozenset[str]:
    """What somebody has to share: what they read of the case, or recorded in it themselves."""
    return frozenset(name for name, scope in readable.read.items() if scope in _READS)


def _mine(
    session: Session, ground_id: UUID, *, by: Actor, at: datetime, lock: bool = True
) -> tuple[CaseGround, Case, Facts]:
    found = session.get(CaseGround, ground_id)
    hidden = found is None or (found.silent and found.organisation_id != by.organisation_id)
    case, facts = find_case(session, NOWHERE if found is None or hidden else found.case_id, by=by, at=at, lock=lock)
    access.require(by, "end_ground", facts, at=at)
    assert found is not None, "or its case is not there either"
    session.refresh(found)
    return found, case, facts
