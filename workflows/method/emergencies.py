"""Breaking the glass: opening a case in an emergency, reading it, ending it, and looking back at it.

Nothing says whether a family is known before somebody has said why, and under their own name. What is opened is read
through one verb; the page of the case, its tasks and its lists stay closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM
from workflows import access, cases, consent, diagrams, dossier, jobs, logbook, organisations, processes, vault
from workflows import emergencies as room
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause
from workflows.db import house
from workflows.emergencies import EmergencyAccess, EmergencyEnd, EmergencySearch
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.families import MemberKind
from workflows.jobs import JobStatus
from workflows.method.completing import Completing
from workflows.method.facts import NOWHERE, find_case
from workflows.method.placing import around_case, holder_place
from workflows.method.reading import entry_view, member_views
from workflows.method.reviewing import ask_reviews
from workflows.method.views import EntryView, MemberView
from workflows.processes import Scalar

#: Kind of the job that writes down that the time of an emergency was over; reading asks no job.
JOB = "emergency_end"
#: Form of the task that tells the holder, and its term.
NOTICE = "emergency_notice"
NOTICE_NAME = "Noodinzage: lees wie er keek"
#: Of whom an emergency shows how to reach them: whom the case speaks with, and children. Never the other parent.
_SHOWN = frozenset({MemberKind.PREGNANT_PERSON, MemberKind.PARENT})
_CHILDREN = frozenset({MemberKind.CHILD, MemberKind.UNBORN_CHILD})

REASONS: Mapping[str, str] = {
    "life_at_risk": "iemand is in levensgevaar",
    "acute_illness": "iemand is plotseling erg ziek, of de bevalling is begonnen",
    "mental_crisis": "iemand is in een psychische crisis",
    "child_in_danger": "een kind is in gevaar",
    "other_emergency": "iets anders dat niet kan wachten",
}


class NothingOpened(NotFound):
    """No case, more than one, or one that is not to be opened: one answer for all."""

    title = "Geen casus gevonden"
    detail = (
        "We vonden niet precies één casus die u kunt openen. Kijk na wat u invulde. Weet u het nummer van de casus, "
        "gebruik dan dat. Bel bij direct gevaar 112."
    )


class EmergencyOver(NotAllowed):
    """It was the actor's own, and it has ended."""

    title = "Deze noodinzage is afgelopen"
    detail = "De tijd is om, of iemand beëindigde de noodinzage. U ziet de casus niet meer."


@dataclass(frozen=True, slots=True)
class EmergencyCard:
    """Who opened which case, when and why, by code; nothing of what is in the case and nothing of what they wrote."""

    id: UUID
    case_id: UUID
    case_number: str
    person_id: UUID
    person_name: str
    organisation_id: UUID
    role: str
    reason: str
    ground: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None
    ended_through: str | None
    runs: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """A case as somebody may read it in an emergency."""

    emergency: EmergencyCard
    status: str
    phase: str | None
    urgency: str
    language: str
    interpreter_needed: bool
    municipality_code: str | None
    holder_organisation_id: UUID | None
    holder_role: str | None
    members: tuple[MemberView, ...]
    entries: tuple[EntryView, ...]


def check_emergency(
    *,
    case_number: str = "",
    parent_name: str = "",
    birth_date: date | None = None,
    reason: str,
    explanation: str,
    ground: str,
    by: Actor,
    at: datetime,
) -> EmergencySearch:
    """What somebody typed, when all of it can be; looks nobody up.

    Raises:
        NotAllowed: not for this role. Invalid: every field that is not right, at once.
    """
    access.require(by, "break_glass", access.Facts(), at=at)
    search = EmergencySearch(case_number, parent_name, birth_date)
    errors = {**search.problems(), **room.problems(reason=reason, explanation=explanation, ground=ground)}
    if errors:
        raise Invalid("emergency refused as typed", errors=errors)
    return search


def open_emergency(
    session: Session,
    *,
    case_number: str = "",
    parent_name: str = "",
    birth_date: date | None = None,
    reason: str,
    explanation: str,
    ground: str,
    by: Actor,
    at: datetime,
) -> EmergencyCard:
    """Open one case to *by*, for reading and for a while, and tell who holds it and who looks after the logs.

    Whoever calls this has just made sure that it is really *by* who asks (a password, or a second factor).

    Raises:
        NotAllowed: not for this role. Invalid: every field that is not right, at once.
        NothingOpened, TooOften: that it was tried is written down, so commit what there is. WrongState: open already.
    """
    search = check_emergency(
        case_number=case_number, parent_name=parent_name, birth_date=birth_date,
        reason=reason, explanation=explanation, ground=ground, by=by, at=at,
    )  # fmt: skip
    if not organisations.acts(session, by, at=at):
        raise NotAllowed(f"assignment {by.assignment_id} has ended", detail="Uw rol bij deze organisatie is beëindigd.")
    room.attempt(session, by=by, at=at)
    with house(session):  # whose case it is, the actor learns only when it opens
        case = _meant(session, search, by=by)
    details: dict[str, Scalar] = {
        "by": "number" if search.by_number else "person",
        # Whoever has the log could try names and birth dates against a bare hash; a key of the vault proves it as well.
        "query": logbook.salted(vault.of(session).digests(search.text())[0].hex()),
        "reason": reason,
    }
    logbook.read(
        session, "emergency.searched", "search", uuid4(), by=by, at=at, details=details, purpose="emergency",
        rule="break_glass", outcome="refused" if case is None else "success",
    )  # fmt: skip
    if case is None:
        raise NothingOpened("an emergency found no case, or more than one")
    with house(session):  # the holder's task and the reviews lie elsewhere
        opened = room.open_access(session, case, reason=reason, explanation=explanation, ground=ground, by=by, at=at)
        if opened.organisation_id != case.signaller_organisation_id:
            _write_sharing(session, case, opened, by=by, at=at)
        jobs.enqueue(session, JOB, due_at=opened.until_at, subject_kind="emergency", subject_id=opened.id)
        _tell_holder(session, case, opened, by=by, at=at)
        concerned = [one for one in (opened.organisation_id, case.holder_organisation_id) if one is not None]
        ask_reviews(session, opened, concerned, by=by, at=at)
    return _card(session, opened, by=by, at=at)


def _write_sharing(session: Session, case: Case, opened: EmergencyAccess, *, by: Actor, at: datetime) -> None:
    """What becomes readable to another organisation is an act of sharing, also without anybody's consent."""
    ground = access.Ground(opened.ground)
    consent.hand_out(
        session,
        case_id=case.id,
        organisation_id=opened.organisation_id,
        role=opened.role,
        ground=ground,
        categories=access.visible(by, access.Facts(emergency=ground)).read,
        because=Because(DisclosureCause.EMERGENCY, opened.id),
        by=by,
        at=at,
    )


def emergency_view(session: Session, emergency_id: UUID, *, by: Actor, at: datetime) -> EmergencyView:
    """What an emergency lets its opener read, now; the read is written down.

    Raises:
        NotFound: no such emergency of *by* in this role. EmergencyOver: it has ended.
    """
    found = room.find(session, emergency_id)
    if not _is_mine(found, by):
        raise NotFound(f"emergency {emergency_id} is not {by.assignment_id}'s")
    case = cases.look(session, found.case_id)  # none: row security hides it when the emergency ended
    if case is None or not found.runs(at) or case.is_closed or case.family_id is None:
        raise EmergencyOver(f"emergency {emergency_id} is over at {at.isoformat()}")
    blocked = cases.is_blocked(session, case.id, by.person_id)  # also when that was said after it was opened
    facts = access.Facts(emergency=access.Ground(found.ground), blocked=blocked)
    access.require(by, "view_emergency", facts, at=at)
    readable = access.visible(by, facts)
    logbook.read(
        session, "emergency.viewed", "emergency", found.id, case_id=case.id, by=by, at=at, purpose="emergency",
        rule=access.Relation.EMERGENCY, ground=found.ground, compartments=readable.read,
    )  # fmt: skip
    members = member_views(session, case, readable, by, at=at, in_need=True)
    spoken_to = [one for one in members if one.kind in _SHOWN][:1]
    return EmergencyView(
        emergency=_card(session, found, by=by, at=at),
        status=case.status,
        phase=case.phase,
        urgency=case.urgency,
        language=case.language,
        interpreter_needed=case.interpreter_needed,
        municipality_code=case.municipality_code,
        holder_organisation_id=case.holder_organisation_id,
        holder_role=case.holder_role,
        members=(*spoken_to, *(one for one in members if one.kind in _CHILDREN)),
        entries=tuple(
            entry_view(session, entry) for entry in dossier.entries(session, case_id=case.id, readable=readable, by=by)
        ),
    )


def emergency_card(session: Session, emergency_id: UUID, *, by: Actor, at: datetime) -> EmergencyCard:
    """How an emergency stands, for who opened it or holds the case; tells nothing of the case.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    found = session.get(EmergencyAccess, emergency_id)
    if found is None or not _is_mine(found, by):
        _, facts = find_case(session, NOWHERE if found is None else found.case_id, by=by, at=at)
        access.require(by, "view_emergencies", facts, at=at)
    assert found is not None, "or its case is not there either"
    logbook.read(
        session, "emergencies.told", "emergency", found.id, case_id=found.case_id, by=by, at=at, purpose="emergency",
        rule="own" if _is_mine(found, by) else "holder",
    )  # fmt: skip
    return _card(session, found, by=by, at=at)


def my_emergencies(session: Session, *, by: Actor, at: datetime) -> list[EmergencyCard]:
    """What is open to *by* now.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "break_glass", access.Facts(), at=at)
    with logbook.deciding(session):  # of what it finds, a line tells
        found = room.of_person(session, by=by, at=at)
    if found:
        seen = {one.case_id for one in found}
        logbook.listed(session, "emergencies.listed", seen, by=by, at=at, purpose="emergency", rule="own")
    return [_card(session, one, by=by, at=at) for one in found]


def case_emergencies(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[EmergencyCard]:
    """Who read a case in an emergency, for who holds it, the newest first; the read is written down.

    Raises:
        NotFound, NotAllowed: not for *by*: only who holds the case sees this.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "view_emergencies", facts, at=at)
    logbook.read(
        session, "emergencies.viewed", "case", case.id, case_id=case.id, by=by, at=at, purpose="case",
        rule="+".join(sorted(access.relations(by, facts))),
    )  # fmt: skip
    return [_card(session, one, by=by, at=at) for one in room.of_case(session, case.id)]


def may_see_emergencies(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether *by* holds the case; for showing the list, never instead of asking.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    _, facts = find_case(session, case_id, by=by, at=at)
    return access.allows(by, "view_emergencies", facts)


def end_emergency(session: Session, emergency_id: UUID, *, by: Actor, at: datetime) -> EmergencyCard:
    """Close again what an emergency opened: by who opened it, or by who holds the case.

    Raises:
        NotFound: no such emergency for *by*. WrongState: it ended before.
    """
    found = session.get(EmergencyAccess, emergency_id)
    through = EmergencyEnd.BY_OPENER
    if found is not None and _is_mine(found, by):
        with house(session):  # also one that ended: its opener hears that it did, and nothing of the case
            cases.lock(session, found.case_id)
    else:
        _, facts = find_case(session, NOWHERE if found is None else found.case_id, by=by, at=at, lock=True)
        access.require(by, "view_emergencies", facts, at=at)
        through = EmergencyEnd.BY_HOLDER
    assert found is not None, "or its case is not there either"
    session.refresh(found)
    over = found.ended_at is None and found.until_at <= at
    room.end(session, found, EmergencyEnd.TIME_OVER if over else through, by=by, at=at)
    jobs.cancel(session, JOB, subject_kind="emergency", subject_id=found.id, at=at)
    return _card(session, found, by=by, at=at)


def end_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Job ``emergency_end``: the time was over already; now it is written down. False: another time."""
    case = processes.try_lock_case(session, room.find(session, UUID(subject_id)).case_id)
    job = None if case is None else jobs.take(session, job_id)
    if job is None or job.status != JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    found = room.find(session, UUID(subject_id))
    session.refresh(found)
    if found.ended_at is None:
        room.end(session, found, EmergencyEnd.TIME_OVER, by=WORKER, at=at)
    return True


def review_emergency(done: Completing) -> Mapping[str, Scalar]:
    """Form ``emergency_review``: somebody else than the opener looked back at it.

    Raises:
        NotAllowed: nobody reviews what they opened themselves.
    """
    _, found = room.find_review(done.session, done.task.subject_id)
    if found.person_id == done.by.person_id:
        raise NotAllowed(
            f"emergency {found.id} is reviewed by who opened it",
            detail="U opende deze casus zelf. Een ander kijkt hierop terug: geef de taak terug.",
        )
    words = str(done.answers.get("review_words") or "")
    room.review(done.session, done.task.subject_id, str(done.answers["review_outcome"]), words, by=done.by, at=done.at)
    return {}


def _meant(session: Session, search: EmergencySearch, *, by: Actor) -> Case | None:
    """The one case that is meant, locked; None when there is not exactly one, or it is closed to *by* in person."""
    found = search.found(session)
    if len(found) != 1:
        return None
    case = cases.lock(session, found[0])
    if search.found(session) != [case.id] or cases.is_blocked(session, case.id, by.person_id):
        return None
    return case


def _is_mine(found: EmergencyAccess, by: Actor) -> bool:
    return by.person_id is not None and (found.person_id, found.assignment_id) == (by.person_id, by.assignment_id)


def _tell_holder(session: Session, case: Case, opened: EmergencyAccess, *, by: Actor, at: datetime) -> None:
    """One task for who holds the case. It names the reader, not the family, because the whole team reads the card."""
    run = processes.run_of(session, "case", case.id)
    known = diagrams.load(session, run.bundle_digest).forms.keys()
    if NOTICE not in known and NOTICE not in diagrams.load(session, diagrams.current(session)).forms:
        return  # who holds the case still sees it on the page of the case
    card = _card(session, opened, by=by, at=at)
    where = organisations.organisation(session, opened.organisation_id).name
    terms = around_case(session, case, at=at, careful=False, digest=run.bundle_digest).terms
    task = processes.add_task(
        session,
        run,
        name=NOTICE_NAME,
        form_key=NOTICE,
        place=holder_place(case),
        at=at,
        documentation=f"{card.person_name} van {where} opende deze casus op {_clock(opened.opened_at)}. Reden: "
        f"{REASONS[opened.reason]}. Dit kan tot {_clock(opened.until_at)}; op de bladzijde van de casus kunt u het eerder "
        "stoppen.",
        term=NOTICE,
        due_at=terms(NOTICE, at),
        key=f"emergency:{opened.id.hex}",
    )
    session.flush()
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details={"message": NOTICE})


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y om %H:%M}"


def _card(session: Session, found: EmergencyAccess, *, by: Actor, at: datetime) -> EmergencyCard:
    return EmergencyCard(
        id=found.id,
        case_id=found.case_id,
        case_number=found.case_number,
        person_id=found.person_id,
        person_name=organisations.person(session, found.person_id).display_name,
        organisation_id=found.organisation_id,
        role=found.role,
        reason=found.reason,
        ground=found.ground,
        opened_at=found.opened_at,
        until_at=found.until_at,
        ended_at=found.ended_at,
        ended_through=found.ended_through,
        runs=found.runs(at),
        mine=_is_mine(found, by),
    )
