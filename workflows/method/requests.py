"""What somebody asks about the data that is kept about them: recorded from the case, answered as a task with a term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import as_day, end_of_day, local_date
from workflows import access, cases, consent, dossier, families, forms, jobs, logbook, processes, rights
from workflows.access import Ground
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families import FamilyMember
from workflows.forms import Form
from workflows.method.choices import choices_for
from workflows.method.completing import Completing
from workflows.method.consent_givers import check_giver
from workflows.method.facts import find_case
from workflows.method.placing import holder_place
from workflows.method.subjects import readable_by_subject
from workflows.method.versions import form_in
from workflows.processes import Place, Scalar, Task
from workflows.rights import ErasureScope, HoldReason, LegalHold, RequestKind, RequestStatus, RightsRequest

#: Form with which a request is recorded.
FORM: Final = "rights_request"
#: Request → title and form of the task in which it is answered. What somebody adds in own words needs no answer.
TASKS: Final[Mapping[str, tuple[str, str]]] = {
    RequestKind.ACCESS_COPY: ("Kopie van het dossier geven", "access_request"),
    RequestKind.CORRECTION: ("Verzoek om verbetering beantwoorden", "correction_request"),
    RequestKind.DESTRUCTION: ("Verzoek om vernietiging beantwoorden", "erasure_request"),
}
#: The job that destroys what was granted; nobody waits for it on a page.
DESTROY_JOB: Final = "destroy_on_request"


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as who answers it may see it. What was asked in words stands in the dossier."""

    id: UUID
    case_id: UUID
    kind: str
    status: str
    subject_id: UUID
    subject_kind: str
    requested_by: str
    identity_check: str
    second_identity_check: str | None
    received_on: date
    answer_by: date
    task_id: UUID | None
    refused_reason: str | None
    scope: str | None
    decided_at: datetime | None
    may_copy: bool = False  #: the asker may make the copy now


@dataclass(frozen=True, slots=True)
class CaseRequests:
    """What was asked in a case, what must be kept, and what *by* may do about it."""

    case_id: UUID
    number: str
    requests: tuple[RequestView, ...]
    holds: tuple[LegalHold, ...]
    own_hold: UUID | None


def record_request(
    session: Session, case_id: UUID, *, answers: Mapping[str, Any], by: Actor, at: datetime
) -> RequestView:
    """Keep that somebody asks something about their data, and give it to who answers it: whoever holds the case, or held
    it last. Own words are added at once.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: the form, or somebody who may not ask this for this person.
        WrongState: the family's data is gone.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "record_request", facts, at=at)
    if case.family_id is None:
        raise WrongState(f"case {case.id} has no family", detail="Van dit gezin is niets meer bewaard.")
    run = processes.run_of(session, "case", case.id)
    form = form_in(session, run.bundle_digest, FORM)
    clean = forms.clean(form, answers, on=local_date(at), choices=choices_for(session, form, case, by=by, at=at))
    subject = _subject(session, case, clean.get("request_subject"))
    check_giver(session, case, subject, str(clean.get("requested_by")), at=at, field="requested_by")
    return keep_request(session, case, form, clean, subject, by=by, at=at)


def keep_request(
    session: Session,
    case: Case,
    form: Form,
    clean: forms.Answers,
    subject: FamilyMember,
    *,
    by: Actor,
    at: datetime,
) -> RequestView:
    """As :func:`record_request`, when access and who may ask were looked at: what was asked is clean."""
    entry = dossier.record(session, case_id=case.id, form=form, answers=clean, by=by, at=at)
    session.flush()
    run = processes.run_of(session, "case", case.id)
    kind = str(clean.get("request_kind"))
    request = rights.receive(
        session,
        case,
        kind=kind,
        subject=subject,
        requested_by=str(clean.get("requested_by")),
        identity_check=str(clean.get("identity_check")),
        second_identity_check=clean.get("second_identity_check"),
        received_on=as_day(clean.get("received_on")) or local_date(at),
        entry=entry,
        by=by,
        at=at,
    )
    if kind in TASKS:
        name, form_key = TASKS[kind]
        task = processes.add_task(
            session,
            run,
            name=name,
            form_key=form_key,
            place=_place(session, case, by),
            at=at,
            documentation="Een ouder of jongere heeft hier recht op. Het antwoord heeft een wettelijke termijn.",
            due_at=end_of_day(request.answer_by),
            key=f"request:{request.id.hex}",
        )
        session.flush()
        request.task_id = task.id
        session.flush()
        details = {"request": request.id.hex}
        logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details=details)
    else:
        rights.answer(session, request, "granted", entry=entry, by=by, at=at)
    return _view(session, request)


def request_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> CaseRequests:
    """What was asked in a case, the newest first, and what must be kept; the read is written down.

    Raises:
        NotFound, NotAllowed: not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "record_request", facts, at=at)
    rule = "+".join(sorted(access.relations(by, facts))) or "none"
    logbook.read(
        session, "requests.viewed", "case", case.id, case_id=case.id, by=by, at=at, purpose="rights", rule=rule
    )
    holds = rights.holds_of(session, case.id)
    own = [one.id for one in holds if one.ended_at is None and one.organisation_id == by.organisation_id]
    found = tuple(_view(session, one) for one in rights.of_case(session, case.id))
    return CaseRequests(case.id, case.number, found, tuple(holds), own[0] if own else None)


def request_of(session: Session, task: Task) -> RequestView | None:
    """The request that a task of *by*'s is about, for its page; None for other tasks."""
    if task.form_key not in REQUEST_FORMS:
        return None
    found = rights.of_task(session, task.id)
    return None if found is None else _view(session, found, may_copy=found.kind == RequestKind.ACCESS_COPY)


#: Forms of the tasks in which a request is answered.
REQUEST_FORMS: Final = frozenset(form for _, form in TASKS.values())


def set_hold(session: Session, case_id: UUID, reason: HoldReason | str, *, by: Actor, at: datetime) -> LegalHold:
    """Nothing of this case is destroyed until the hold ends.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: no reason. WrongState: held by the own organisation already.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "hold_case", facts, at=at)
    return rights.hold(session, case, reason, by=by, at=at)


def end_hold(session: Session, case_id: UUID, hold_id: UUID, *, by: Actor, at: datetime) -> LegalHold:
    """What the hold waited for is over.

    Raises:
        NotFound, NotAllowed: not for *by*, or another organisation's. WrongState: ended before.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "hold_case", facts, at=at)
    held = rights.find_hold(session, hold_id)
    if held.case_id != case.id:
        raise NotFound(f"hold {hold_id} is not of case {case.id}")
    rights.end_hold(session, held, by=by, at=at)
    return held


# --- the forms of the tasks


def answer_request(done: Completing) -> Mapping[str, Scalar]:
    """Forms ``access_request``, ``correction_request`` and ``erasure_request``: the request is answered.

    Raises:
        Invalid: no answer, or a destruction that cannot be of one person. WrongState: a legal hold stands.
    """
    request = rights.of_task(done.session, done.task.id)
    if request is None:
        raise Invalid(f"task {done.task.id} is about no request", detail="Dit formulier hoort bij een verzoek.")
    answers = done.answers
    scope = answers.get("erasure_scope")
    if scope == ErasureScope.THIS_PERSON:
        subject = done.session.get(FamilyMember, request.subject_id)
        if subject is None or subject.is_parent:
            wrong = "De casus gaat over deze ouder. Kies de hele casus."
            raise Invalid(f"request {request.id}: not of one person", errors={"erasure_scope": [wrong]})
    rights.answer(
        done.session,
        request,
        str(answers.get("request_decision")),
        reason=answers.get("request_refused_reason"),
        scope=scope,
        entry=done.entry,
        by=done.by,
        at=done.at,
    )
    if request.kind == RequestKind.ACCESS_COPY and request.status != RequestStatus.REFUSED:
        _hand_out(done, request)
    if request.scope is not None:
        jobs.enqueue(done.session, DESTROY_JOB, due_at=done.at, subject_kind="rights_request", subject_id=request.id)
    return {}


def _hand_out(done: Completing, request: RightsRequest) -> None:
    """The copy went to the person it is about: an act of sharing, as any other."""
    member = done.session.get_one(FamilyMember, request.subject_id)
    consent.hand_out(
        done.session,
        case_id=request.case_id,
        subject_ids=[member.id],
        ground=Ground.LEGAL_OBLIGATION,
        categories=readable_by_subject(member).read,
        because=Because(DisclosureCause.COPY, request.id),
        by=done.by,
        at=done.at,
    )


def began(session: Session, task: Task, *, by: Actor, at: datetime) -> None:
    """Somebody picked up a task: a request that it is about is in progress."""
    if task.form_key in REQUEST_FORMS and (request := rights.of_task(session, task.id)) is not None:
        rights.begin(session, request, by=by, at=at)


def _place(session: Session, case: Case, by: Actor) -> Place:
    """Who holds the case, or held it last, answers; when nobody is known, the organisation that recorded the request."""
    place = holder_place(case)
    if not case.is_closed:
        return place
    if (keeper := cases.keeper(session, case.id)) is not None:
        return Place(keeper.organisation_id, keeper.role, case.municipality_code)
    if by.organisation_id is None:  # a parent asks, and nobody keeps the case any more
        raise WrongState(f"case {case.id} is kept by nobody", detail="Van dit verhaal is niets meer bewaard.")
    return Place(by.organisation_id, by.role, case.municipality_code)


def _subject(session: Session, case: Case, value: object) -> FamilyMember:
    assert case.family_id is not None
    try:
        return families.member(session, case.family_id, UUID(str(value)))
    except (ValueError, NotFound):
        errors = {"request_subject": ["Kies over wie het gaat."]}
        raise Invalid(f"case {case.id}: request about nobody", errors=errors) from None


def _view(session: Session, request: RightsRequest, *, may_copy: bool = False) -> RequestView:
    subject = session.get(FamilyMember, request.subject_id)
    return RequestView(
        id=request.id,
        case_id=request.case_id,
        kind=request.kind,
        status=request.status,
        subject_id=request.subject_id,
        subject_kind="" if subject is None else subject.kind,
        requested_by=request.requested_by,
        identity_check=request.identity_check,
        second_identity_check=request.second_identity_check,
        received_on=request.received_on,
        answer_by=request.answer_by,
        task_id=request.task_id,
        refused_reason=request.refused_reason,
        scope=request.scope,
        decided_at=request.decided_at,
        may_copy=may_copy,
    )
