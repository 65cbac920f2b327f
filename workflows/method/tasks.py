"""Starting, claiming, drafting and completing: find, may I, can it, do, keep, write down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.errors import RouteUndecided, StepNotWaiting
from workflows import (
    access,
    cases,
    dossier,
    families,
    forms,
    logbook,
    organisations,
    processes,
)
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.forms import Form
from workflows.method import doubts, duplicates, undoing, windows
from workflows.method.choices import choices_for
from workflows.method.completing import Completing
from workflows.method.contracts import CONTRACTS
from workflows.method.effects import concern_for_safety, follow_holder, follow_terms, hold, log_change, settle
from workflows.method.facts import LEGAL_DUTY, case_of, find_task, has, purpose_of, task_facts
from workflows.method.handing_over import ANSWER
from workflows.method.later import wrong_moment
from workflows.method.lost import too_late
from workflows.method.notifying import tell_claimant
from workflows.method.placing import Surroundings, around_case, require_consent, shares
from workflows.method.requests import began
from workflows.method.reviewing import REVIEW, around_other
from workflows.method.terms import TELLS_DAYS, close_escalations, lease_of
from workflows.method.versions import as_draft, form_of, require_same_form
from workflows.method.views import Completion, TaskCard
from workflows.method.windows import Window
from workflows.notifications import NotificationKind
from workflows.processes import Draft, Task, TaskStatus

MAIN_PROCESS = "hoofdproces"
#: Value of the scalar ``entry`` with which a family begins that is helped already.
UNDER_WAY = "under_way"
#: Characters of a day or time as somebody types it.
_LONGEST = 40


def start_signal(
    session: Session, *, municipality: str | None = None, under_way: bool = False, by: Actor, at: datetime
) -> Task:
    """Begin a case as a draft of the own organisation; its first task is *by*'s.

    Args:
        under_way: the family is helped already and enters in mid-process; the first task asks what is known.

    Raises:
        NotAllowed: this role does not signal.
        Invalid: a municipality outside the region.
    """
    access.require(by, "start_signal", access.Facts(own_organisation=True), at=at)
    if municipality is not None:
        try:
            organisations.municipality(session, municipality)
        except NotFound as unknown:
            errors = {"municipality_code": ["Deze gemeente hoort niet bij de regio."]}
            raise Invalid(f"no municipality {municipality}", errors=errors) from unknown
    family = families.create_family(session, by=by, at=at)
    case = cases.open_case(session, family_id=family.id, municipality_code=municipality, by=by, at=at)
    around = around_case(session, case, at=at)
    run, change = processes.start_run(
        session,
        process_id=MAIN_PROCESS,
        subject_kind="case",
        subject_id=case.id,
        place=around.place,
        terms=around.terms,
        at=at,
        scalars={"entry": UNDER_WAY} if under_way else None,
    )
    session.flush()
    settle(session, case, run, change, by=by, at=at)
    task = next((task for task in change.opened if processes.is_candidate(task, by)), None)
    if task is None:
        raise WrongState("the main process does not begin with a task for the signaller")
    _take(session, task, case, by=by, at=at)
    logbook.write(
        session,
        "signal.started",
        "case",
        case.id,
        case_id=case.id,
        by=by,
        at=at,
        details={"run": run.id.hex, "task": task.id.hex},
    )
    session.flush()
    return task


def claim_task(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> Task:
    """Take a task from the pool of the own team, for as long as the lease lasts.

    Raises:
        NotFound: no such task, or not one of the own team.
        TooLate: a colleague has it, or it is done.
        ConsentMissing: the family took its consent back since the task was placed.
    """
    task = find_task(session, task_id, by=by, lock=True)
    access.require(by, "claim", task_facts(session, task, by=by, at=at), at=at)
    expired = task.status == TaskStatus.CLAIMED and task.lease_until is not None and task.lease_until <= at
    if task.status != TaskStatus.OPEN and not expired:
        raise too_late(session, task, by=by, kept=False)
    case = case_of(session, task)
    if case is not None and shares(case, task):
        require_consent(session, case, organisation_id=task.organisation_id, role=task.role, at=at)
    _take(session, task, case, by=by, at=at)
    logbook.write(
        session, "task.claimed", "task", task.id, case_id=case.id if case else None, by=by, at=at,
        details={"until": task.lease_until.isoformat() if task.lease_until else None},
    )  # fmt: skip
    session.flush()
    return task


def release_task(session: Session, task_id: UUID, *, version: int | None = None, by: Actor, at: datetime) -> Task:
    """Give a claimed task back to the team; the draft stays its author's.

    Raises:
        NotFound: no such task for *by*. WrongState: it is not claimed by *by* (any more). StaleVersion.
    """
    task = find_task(session, task_id, by=by, lock=True)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "release" if facts.claimed_by_me else "view_card", facts, at=at)
    if task.status != TaskStatus.CLAIMED or not facts.claimed_by_me:
        raise too_late(session, task, by=by, kept=False)
    _check_version(task, version)
    give_back(session, task, by=by, at=at, event="task.released")
    session.flush()
    return task


def give_back(session: Session, task: Task, *, by: Actor, at: datetime, event: str) -> None:
    """Put a claimed task back; a case that was accepted with it stays with the team, without the person."""
    case = case_of(session, task)
    person = task.claimed_by
    task.release()
    if case is not None and accepts_holdership(task) and case.holder_person_id == person and not case.is_closed:
        hold(session, case, organisation_id=task.organisation_id, role=task.role, person_id=None, by=by, at=at)
    logbook.write(session, event, "task", task.id, case_id=case.id if case else None, by=by, at=at)
    if person is not None and person != by.person_id:
        tell_claimant(session, NotificationKind.LAPSED, task, person, at=at)


def save_draft(
    session: Session,
    task_id: UUID,
    *,
    answers: Mapping[str, Any],
    version: int | None,
    by: Actor,
    at: datetime,
    observed: Mapping[str, str] | None = None,
    comment: str | None = None,
    form_digest: str | None = None,
    window: Window | None = None,
) -> Draft:
    """Keep what was typed so far; while somebody types, the lease runs on.

    Args:
        observed: as typed, when it was, if it is written down later; left out: as it was.
        comment: typed beside the form and not placed; left out: as it was.
        window: on which page it was typed, when the same task may be open on another.
        form_digest: of the form that it was typed in, if it may be another version than the present one. What has no
            place in the present form is kept beside the draft.

    Raises:
        NotFound, TooLate, StaleVersion: as for completing.
        TypedElsewhere: the same person typed on another page since.
        Invalid: keys that are not of this form, or more than any form holds.
    """
    task = find_task(session, task_id, by=by, lock=True)
    _own(session, task, "save_draft", by=by, at=at)
    _check_version(task, version)
    with logbook.deciding(session):  # what comes back is what *by* typed just now
        before = processes.draft_of(session, task.id, by=by)
        if (refusal := windows.elsewhere(before, window)) is not None:
            raise refusal
        kept, beside = as_draft(session, task, answers, form_digest=form_digest, by=by)
        beside |= windows.beside(session, form_of(session, task), before, kept, window=window, comment=comment)
        processes.prolong(session, task, until=lease_of(session, task, at))
        draft = processes.save_draft(session, task.id, answers=kept, beside=beside | _beside(observed), by=by, at=at)
        session.flush()
    return draft


def _beside(observed: Mapping[str, str] | None) -> dict[str, Any]:
    return {} if observed is None else {"observed": forms.mended({k: v[:_LONGEST] for k, v in observed.items()})}


def keep_lost_answers(
    session: Session,
    task_id: UUID,
    *,
    answers: Mapping[str, Any],
    by: Actor,
    at: datetime,
    observed: Mapping[str, str] | None = None,
    comment: str | None = None,
    form_digest: str | None = None,
    window: Window | None = None,
) -> Draft | None:
    """What somebody typed who was too late; in a transaction of its own, because the first is undone. What stood in a draft
    of another page and is not in *answers* is kept beside it.

    Returns:
        None when there is nothing to keep: answers that are none, or a task that *by* has no part in.
    """
    try:
        with logbook.deciding(session):  # nothing comes back but what was typed
            task = find_task(session, task_id, by=by, lock=True)
            facts = task_facts(session, task, by=by, at=at)
            if not (facts.claimed_by_me or facts.candidate):
                return None
            kept, beside = as_draft(session, task, answers, form_digest=form_digest, by=by)
            before = processes.draft_of(session, task.id, by=by)
            beside |= windows.beside(session, form_of(session, task), before, kept, window=window, comment=comment)
    except (Invalid, NotFound):
        return None
    draft = processes.save_draft(session, task.id, answers=kept, beside=beside | _beside(observed), by=by, at=at)
    logbook.write(session, "draft.kept", "task", task.id, case_id=_case_id(task), by=by, at=at)
    session.flush()
    return draft


def complete_task(
    session: Session,
    task_id: UUID,
    *,
    answers: Mapping[str, Any],
    version: int | None,
    by: Actor,
    at: datetime,
    observed_at: datetime | None = None,
    form_digest: str | None = None,
    confirmed: frozenset[str] = frozenset(),
    window: Window | None = None,
) -> Completion:
    """Keep the answers, let the room that owns the form do its work, and let the process go on.

    Args:
        observed_at: when it was said or seen, if it is written down later.
        form_digest: of the form that *by* filled in; left out: the present one.
        confirmed: fields that were asked about and are true all the same; see :class:`Doubtful`.
        window: on which page it was typed, when the same task may be open on another.

    Raises:
        NotFound: no such task for *by*.
        TypedElsewhere: the same person typed on another page since.
        TooLate, WrongState: somebody was first, the lease was given to another, or the task was withdrawn.
        StaleVersion: it changed since *by* read it.
        FormChanged: the form asks something else than the version of *form_digest*.
        Invalid: every field that is not right, at once.
        Doubtful: answers that contradict each other or what is known, and are not confirmed.
        ConsentMissing: the next step would share without consent; nothing is kept but the draft there was.
    """
    task = find_task(session, task_id, by=by, lock=True)
    _own(session, task, "complete", by=by, at=at)
    form = form_of(session, task)
    require_same_form(session, task, form, form_digest)
    if window is not None:
        with logbook.deciding(session):  # on which page it was typed
            refusal = windows.elsewhere(processes.draft_of(session, task.id, by=by), window)
        if refusal is not None:
            raise refusal
    case = case_of(session, task)
    wrong = wrong_moment(observed_at, began=task.opened_at if case is None else case.opened_at, at=at)
    late: dict[str, list[str]] = {} if wrong is None else {"observed_at": [wrong]}
    try:
        clean = forms.clean(
            form,
            {**answers, **_told(session, task, form)},
            on=local_date(at),
            choices=choices_for(session, form, case, by=by, at=at),
        )
    except Invalid as refused:
        raise Invalid(str(refused), errors={**refused.errors, **late}) from None
    if late:
        raise Invalid(f"task {task.id}: not observed at that moment", errors=late)
    contract = CONTRACTS.get(form.key)
    if contract is None:
        raise Invalid(f"form {form.key} belongs to no room", detail="Dit formulier kan nog niet verwerkt worden.")
    asked = doubts.ask(session, case, form.key, clean, confirmed=confirmed, at=at)
    before, case_status = task.run.state, "" if case is None else case.status

    task.complete(by=by, version=version, at=at)
    entry = dossier.record(session, task=task, form=form, answers=clean, by=by, at=at, observed_at=observed_at)
    session.flush()  # the rooms' rows point at the entry
    completing = Completing(session, task, case, form, clean, entry, by, at)
    derived = contract(completing)
    around = _around(session, task, case, at)
    try:
        change = processes.advance(
            session,
            task,
            {**forms.outcomes(form, clean), **derived},
            place=around.place,
            terms=around.terms,
            at=at,
            anew=form.key in TELLS_DAYS,
        )
    except RouteUndecided as error:
        raise Invalid(f"task {task.id}: the process cannot decide", detail=_UNDECIDED) from error
    except StepNotWaiting as error:
        raise WrongState(f"task {task.id} no longer waits") from error
    if case is not None:
        settle(session, case, task.run, change, by=by, at=at, answers=clean)
    for then in completing.afterwards:
        then()
    closed = close_escalations(session, (task, *(change.withdrawn if case is None else ())), by=by, at=at)
    tells = case if form.key in duplicates.TELLING else None
    running = () if tells is None else duplicates.running(session, tells, by=by, at=at)
    notice = concern_for_safety(session, case, entry, clean, by=by, at=at)
    processes.drop_draft(session, task.id, by=by)
    logbook.write(
        session, "task.completed", "task", task.id, case_id=_case_id(task), by=by, at=at,
        details={
            "entry": entry.id.hex, "form": form.key, "opened": len(change.opened), "steps": len(change.steps), **asked,
        },
    )  # fmt: skip
    if change.ended:
        log_change(session, task.run, change, case=case, by=by, at=at)
    session.flush()
    undo_until = None
    if notice is None:  # what was told about safety is not untold
        undo_until = undoing.keep(
            session, task, case, change,
            before=before, case_status=case_status, entry_id=entry.id, closed=closed, at=at,
        )  # fmt: skip
    began = (*change.opened, *completing.opened)
    following = [TaskCard.of(task, by) for task in began if processes.is_candidate(task, by)]
    opened = tuple(TaskCard.of(task, by) for task in began if task.kind == "user")
    return Completion(TaskCard.of(task, by), following, notice, change.ended, opened, running, undo_until)


def _told(session: Session, task: Task, form: Form) -> dict[str, Any]:
    """What the form only shows is what the process says, whatever was sent."""
    readonly = [path for path, field in form.fields.items() if field.readonly]
    scalars = processes.scalars_of(session, task.run) if readonly else {}
    return {path: scalars.get(path) for path in readonly}


_UNDECIDED = "Met deze antwoorden weet het proces niet hoe het verder moet. Er is niets bewaard. Vraag de coördinator om het schema na te kijken."


def _own(session: Session, task: Task, action: str, *, by: Actor, at: datetime) -> None:
    """Pass when *by* has the task now; somebody of the team who has not (any more) hears who was first."""
    facts = task_facts(session, task, by=by, at=at)
    if facts.candidate and not (facts.claimed_by_me and task.status == TaskStatus.CLAIMED):
        access.require(by, "view_card", facts, at=at)
        raise too_late(session, task, by=by, kept=True)
    access.require(by, action, facts, at=at)
    if task.status != TaskStatus.CLAIMED or not has(task, by):
        raise too_late(session, task, by=by, kept=True)


def _check_version(task: Task, version: int | None) -> None:
    if version is not None and version != task.version:
        raise StaleVersion(f"task {task.id} has version {task.version}, not {version}")


def _take(session: Session, task: Task, case: Case | None, *, by: Actor, at: datetime) -> None:
    if not organisations.acts(session, by, at=at):
        raise NotAllowed(f"assignment {by.assignment_id} has ended", detail="Uw rol bij deze organisatie is beëindigd.")
    processes.claim(session, task, by=by, at=at, until=lease_of(session, task, at))
    if case is None:
        return
    began(session, task, by=by, at=at)
    if task.form_key in LEGAL_DUTY:
        return  # it answers for what it has; nothing new is shared with it
    because = Because(DisclosureCause.TASK, task.id)
    cases.join(
        session,
        case,
        organisation_id=task.organisation_id,
        role=task.role,
        person_id=by.person_id,
        purpose=purpose_of(session, case, by=by) if task.form_key == ANSWER else None,
        because=because,
        by=by,
        at=at,
    )
    holds = case.holder_organisation_id == task.organisation_id and case.holder_role == task.role
    if accepts_holdership(task) and not case.is_closed and not (holds and case.holder_person_id == by.person_id):
        before = (case.holder_organisation_id, case.holder_role)
        cases.move_holder(
            session,
            case,
            organisation_id=task.organisation_id,
            role=task.role,
            person_id=by.person_id,
            because=because,
            by=by,
            at=at,
        )
        follow_holder(session, case, before, by=by, at=at)
        if before != (case.holder_organisation_id, case.holder_role):
            follow_terms(session, case, at=at)
        duplicates.plan(session, case, at=at)


def accepts_holdership(task: Task) -> bool:
    """Whether who takes this task holds the case from then on."""
    return bool(task.properties.get("accepts_holdership") == "true")


def _around(session: Session, task: Task, case: Case | None, at: datetime) -> Surroundings:
    if case is not None:
        return around_case(session, case, at=at, digest=task.run.bundle_digest)
    if task.subject_kind in ("safety_file", REVIEW):
        return around_other(session, task.subject_kind, task.subject_id, at=at)
    raise WrongState(f"task {task.id} belongs to a {task.subject_kind}, which no room looks after")


def _case_id(task: Task) -> UUID | None:
    """For the log: a line about safety does not name the case."""
    return task.subject_id if task.subject_kind == "case" else None
