"""What is true between an actor and a task or case, gathered for ``access`` to decide on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import (
    access,
    cases,
    consent,
    directory,
    emergencies,
    handovers,
    logbook,
    organisations,
    parents,
    processes,
    safety,
    signals,
)
from workflows.access import Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import PURPOSES, WITHOUT_DATA, GivenBy, Purpose
from workflows.db import once
from workflows.errors import NotFound
from workflows.handovers import Handover
from workflows.organisations import Role
from workflows.processes import Task, TaskStatus

#: Roles that a case can be handed over to.
RECEIVING_ROLES = frozenset({Role.EXPLORER, Role.CASE_DIRECTOR})
#: Forms of tasks that the law asks of an organisation which has the data: no consent is asked to give it that task.
LEGAL_DUTY = frozenset({"access_request", "correction_request", "erasure_request", "correction_notice"})


#: Grounds that are a yes, of which the log says which one.
_CONSENTED = frozenset({access.Ground.CONSENT_OF_SUBJECT, access.Ground.CONSENT_OF_REPRESENTATIVE})


def granted(session: Session, case: Case, organisation_id: UUID, role: str, *, at: datetime) -> frozenset[str]:
    """Categories the family agreed to share with an organisation for what it does in *role*; none for a role without a
    purpose. Whether the organisation already knows of the case is for the caller to say."""
    purpose = PURPOSES.get(role)
    if purpose is None:
        return frozenset()
    return consent.granted(
        session,
        case_id=case.id,
        recipient_organisation_id=organisation_id,
        recipient_kind=kind_of(session, organisation_id),
        purpose=purpose,
        at=at,
    )


def case_facts(session: Session, case: Case, *, by: Actor, at: datetime, task: Task | None = None) -> access.Facts:
    """Facts about a case, and about *task* in it when one is meant."""
    task_id = None if task is None else task.id
    return once(
        session, ("case_facts", case.id, task_id, by, at), lambda: _gather(session, case, by=by, at=at, task=task)
    )


def facts_when_holding(session: Session, case: Case, *, by: Actor, at: datetime) -> access.Facts:
    """What will be true between *by* and a case once it accepted it: what :func:`case_facts` tells of who holds it, before it
    does. Of who has not said who it will be in person, the person counts for nothing."""
    return _gather(session, case, by=by, at=at, task=None, holding=True)


def _gather(
    session: Session, case: Case, *, by: Actor, at: datetime, task: Task | None, holding: bool = False
) -> access.Facts:
    if by.organisation_id is None:
        return _of_own_family(session, case, by=by, at=at)
    with logbook.deciding(session):
        purpose = PURPOSES.get(by.role) if holding else purpose_of(session, case, by=by)
        agreed, agreed_by, consents = _agreed(session, case, by.organisation_id, purpose, at)
        candidate = task is not None and processes.is_candidate(task, by)
        grounds = consent.opened(session, case.id, by.organisation_id, by.role, at=at)
        if not agreed and not grounds and not case.is_closed and not _has_a_place(session, case, by, at):
            # The yes is over. What is left of its part is taken away by whoever ends it or, when it ran out, by the worker;
            # until then it gives nothing any more.
            return access.Facts(
                candidate=candidate and task is not None and task.status != TaskStatus.CLAIMED,
                claimed_by_me=task is not None and task.form_key in LEGAL_DUTY and has(task, by),
                blocked=cases.is_blocked(session, case.id, by.person_id),
            )
        found = cases.facts(
            session,
            case,
            by=by,
            claimed_by_me=task is not None and has(task, by) and _still_here(session, case, task, by),
            candidate=candidate,
            consent_categories=agreed,
            safety_own_org=by.role == "protection_officer"
            and safety.open_file(session, case_id=case.id, organisation_id=by.organisation_id) is not None,
        )
        if found.blocked:
            return found
        if holding:
            found = replace(found, holder=True, party_roles=found.party_roles | {by.role})
        own_codes = _own_codes(session, case, by)
        return replace(
            found, purpose=purpose, agreed_by=agreed_by, consents=consents, own_codes=own_codes, grounds=grounds
        )


def _of_own_family(session: Session, case: Case, *, by: Actor, at: datetime) -> access.Facts:
    """Of a parent: whether the case is of their own family, as it is now. Nobody else comes without an organisation."""
    if by.role not in parents.FAMILY_ROLES:
        return access.Facts()
    with logbook.deciding(session):
        try:
            member = parents.member_of(session, by, at=at)
        except NotFound:
            return access.Facts()
        blocked = cases.is_blocked(session, case.id, by.person_id)
    return access.Facts(subject=case.family_id == member.family_id, blocked=blocked)


def _agreed(
    session: Session, case: Case, organisation_id: UUID, purpose: Purpose | None, at: datetime
) -> tuple[frozenset[str], access.Ground, frozenset[UUID]]:
    """As :func:`granted`, whether the family said so itself, and the ids of these answers."""
    ground = access.Ground.CONSENT_OF_SUBJECT
    if purpose is None:
        return frozenset(), ground, frozenset()
    kind = kind_of(session, organisation_id)
    allowed = consent.allowing(
        session,
        case_id=case.id,
        recipient_organisation_id=organisation_id,
        recipient_kind=kind,
        purpose=purpose,
        at=at,
    )
    if access.ground_for(kind, given_by=allowed.given_by, on=local_date(at)) is None:
        return frozenset(), ground, frozenset()
    if allowed.given_by - {GivenBy.SELF}:
        ground = access.Ground.CONSENT_OF_REPRESENTATIVE
    return allowed.categories, ground, frozenset(one.id for one in allowed.consents)


def purpose_of(session: Session, case: Case, *, by: Actor) -> Purpose | None:
    """What *by* receives data of the family for. Whom a case is offered to reads it to decide about the handover, which the
    family agrees to separately; the purpose of the role counts from the moment that it accepts."""
    purpose = PURPOSES.get(by.role)
    if by.role not in RECEIVING_ROLES or (case.holder_organisation_id, case.holder_role) == (
        by.organisation_id,
        by.role,
    ):
        return purpose
    offered = handovers.pending(session, case.id)
    if offered is None or (offered.to_organisation_id, offered.to_role) != (by.organisation_id, by.role):
        return purpose
    for party in cases.parties(session, case.id):
        if (party.organisation_id, party.role) == (by.organisation_id, by.role):
            # It has a part already, or took a task since; what was written down then is what it receives data for.
            written = consent.purpose_of_act(session, party.disclosure_id)
            return purpose if written is None else Purpose(written)
    return Purpose.HANDOVER


def may_know_handover(one: Handover, scope: Scope | None, by: Actor) -> bool:
    """Whether *by* may know of a handover: of the own organisation, or as far as *scope* of ``C9`` reaches."""
    own = by.organisation_id in (one.from_organisation_id, one.to_organisation_id)
    return own or scope in (Scope.ALL, Scope.STATUS)


def _own_codes(session: Session, case: Case, by: Actor) -> frozenset[str]:
    """Codes of answers about what a supporter's organisation helps families with: the themes whose pathway in the case's
    municipality is its own."""
    if by.role != Role.SUPPORTER or case.municipality_code is None or by.organisation_id is None:
        return frozenset()
    own = directory.themes_of(session, organisation_id=by.organisation_id, municipality=case.municipality_code)
    return own | {code for code, theme in signals.THEMES.items() if theme in own}


def write_read(
    session: Session,
    event: str,
    subject_kind: str,
    subject_id: UUID,
    *,
    case: Case | None,
    facts: access.Facts,
    purpose: str,
    saw: Iterable[str] = (),
    details: Mapping[str, str | int | float | bool | None] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Write down that *by* looked at something of a case: under which rule, on which ground, for what, and what kinds of
    data were shown.

    Args:
        saw: kinds of data that were shown, not all that might have been. Safety never stands at a line of a case.
        purpose: what for; ``case``: for what *by* receives data of the family.
    """
    ground = access.visible(by, facts).ground
    if facts.own_organisation and ground not in access.BESIDE_CONSENT:
        ground = None  # where the family told it first, no secrecy was broken
    logbook.read(
        session,
        event,
        subject_kind,
        subject_id,
        case_id=None if case is None else case.id,
        by=by,
        at=at,
        details=details,
        purpose=facts.purpose or purpose if purpose == "case" else purpose,
        rule=access.rule_of(by, facts),
        ground=ground,
        consents=facts.consents if ground in _CONSENTED else None,
        compartments=set(saw) - {"C5"},
    )


def _has_a_place(session: Session, case: Case, by: Actor, at: datetime) -> bool:
    """Whether *by* has a part in a case without reading anything of it on anybody's yes: where the case came from, who needs
    no data for what it does there, and whom it is offered to."""
    assert by.organisation_id is not None
    return (
        by.organisation_id == case.signaller_organisation_id
        or by.role in WITHOUT_DATA
        or by.role not in PURPOSES
        or bool(granted(session, case, by.organisation_id, by.role, at=at))
    )


def task_facts(session: Session, task: Task, *, by: Actor, at: datetime) -> access.Facts:
    """Facts about a task; of its case too, if it is of one."""
    with logbook.deciding(session):
        case = case_of(session, task)
    if case is not None:
        return case_facts(session, case, by=by, at=at, task=task)
    # A case that row security hides may be hidden because it is closed to this person: the block is still in sight.
    with logbook.deciding(session):
        blocked = cases.is_blocked(session, case_id_of(session, task), by.person_id)
    if blocked:
        return access.Facts(blocked=True)
    return access.Facts(
        own_organisation=task.organisation_id == by.organisation_id,
        claimed_by_me=task.subject_kind != "case" and has(task, by),
        candidate=processes.is_candidate(task, by),
    )


def kept_from(session: Session, by: Actor) -> frozenset[UUID]:
    """Cases, and what organisations have on them, that are closed to *by* in person: no list of tasks shows them."""
    with logbook.deciding(session):
        closed = cases.kept_from(session, by)
        return closed.union(about_cases(session, closed)) if closed else closed


def about_cases(session: Session, case_ids: Collection[UUID]) -> list[UUID]:
    """What organisations have on these cases and tasks may be about: safety files, and reviews of emergencies."""
    return [*safety.files_on(session, case_ids), *emergencies.reviews_on(session, case_ids)]


def case_id_of(session: Session, task: Task) -> UUID:
    """The case that a task is about, also when it belongs to what an organisation has on that case."""
    match task.subject_kind:
        case "safety_file":
            return safety.file(session, task.subject_id).case_id
        case "emergency_review":
            return emergencies.find_review(session, task.subject_id)[1].case_id
    return task.subject_id


def kind_of(session: Session, organisation_id: UUID) -> str:
    """The type of an organisation, as a family may have agreed to it; read once in a transaction."""
    known: dict[UUID, str] = session.info.setdefault("method.kinds", {})
    if organisation_id not in known:
        known[organisation_id] = organisations.organisation(session, organisation_id).type
    return known[organisation_id]


def case_of(session: Session, task: Task) -> Case | None:
    """The case a task belongs to; None for tasks of other subjects, such as a safety file, and when row security hides the
    case, because what the organisation had to do with it is over."""
    return cases.look(session, task.subject_id) if task.subject_kind == "case" else None


def has(task: Task, by: Actor) -> bool:
    """Whether *by* has the task now, or was the one who completed it."""
    if by.person_id is None or task.organisation_id != by.organisation_id or task.role != by.role:
        return False
    if task.status == TaskStatus.CLAIMED:
        return task.claimed_by == by.person_id
    return task.status == TaskStatus.COMPLETED and task.completed_by == by.person_id


def _still_here(session: Session, case: Case, task: Task, by: Actor) -> bool:
    """What somebody once completed shows them the case no longer when their organisation has no part in it any more,
    because the family took its consent back."""
    if task.status == TaskStatus.CLAIMED:
        return True
    return any(
        (party.organisation_id, party.role) == (by.organisation_id, by.role)
        for party in cases.parties(session, case.id)
    )


#: The id of nothing. Where the thing is not there through which a case is asked for, the case with this id is asked for, so
#: that it takes as many statements as when the thing is somebody else's.
NOWHERE = UUID(int=0)


def find_task(session: Session, task_id: UUID, *, by: Actor, lock: bool = False) -> Task:
    """A task that could be *by*'s to know of; access is asked after it.

    Raises:
        NotFound: no such task, or it is nothing of *by*'s; both take the same statement.
    """
    closed = (cases.kept_out(by), safety.kept_out(by), emergencies.kept_out(by))
    sieve = processes.Sieve(by, closed)
    return (processes.lock_task if lock else processes.task)(session, task_id, sieve=sieve)


def find_own_case(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[Case, access.Facts]:
    """A case of the parent's own family, with the facts.

    Raises:
        NotFound: no such case, or of another family; both take the same statements.
    """
    case = cases.look(session, case_id, by=by)
    if case is None:
        raise NotFound(f"case {case_id}")
    facts = case_facts(session, case, by=by, at=at)
    access.require(by, "view_own_story", facts, at=at)
    return case, facts


def find_case(
    session: Session, case_id: UUID, *, by: Actor, at: datetime, lock: bool = False
) -> tuple[Case, access.Facts]:
    """A case that *by* may know of, with the facts.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case = cases.lock(session, case_id, by=by) if lock else cases.look(session, case_id, by=by)
    if case is None:
        raise NotFound(f"case {case_id}")
    facts = case_facts(session, case, by=by, at=at)
    access.require(by, "view_case", facts, at=at)
    return case, facts
