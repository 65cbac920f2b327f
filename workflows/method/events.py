"""What happens to a case from outside its tasks: a loss, a consent taken back, a timer, a lease that ends, erasure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import (
    access,
    alarms,
    attachments,
    cases,
    comments,
    desk,
    diagrams,
    dossier,
    evaluations,
    explorations,
    families,
    forms,
    handovers,
    hubs,
    jobs,
    logbook,
    notifications,
    packages,
    plans,
    processes,
    safety,
    signals,
    webhooks,
)
from workflows.actor import WORKER, Actor
from workflows.cases import Case, Result
from workflows.errors import WrongState
from workflows.families import PregnancyEnd
from workflows.jobs import Job
from workflows.method import absences, administering, asking_for, duplicates, emergencies, grounding
from workflows.method.destruction import (
    CONFIRMED_JOB,
    REST_JOB,
    destroy_confirmed,
    destroy_on_request,
    destroy_rest,
)
from workflows.method.effects import log_change, plan_consent_end, plan_erasure, settle
from workflows.method.facts import find_case
from workflows.method.figuring import publish_due_figures
from workflows.method.handing_over import (
    OVERLAP_JOB,
    end_overlap_in_time,
    expire_handover,
    expire_unanswered,
)
from workflows.method.holding import ask_director, plan_alarms, see_to_holder
from workflows.method.notifying import KEPT_DAYS, spread_notifications
from workflows.method.placing import around_case
from workflows.method.requests import DESTROY_JOB
from workflows.method.rescheduling import follow_planned, reschedule_case
from workflows.method.reviewing import around_other
from workflows.method.spreading import JOB as SPREAD_JOB
from workflows.method.spreading import spread_in_time
from workflows.method.stopping import stop_and_tell
from workflows.method.tasks import give_back
from workflows.method.telling import tell
from workflows.method.terms import close_needless, pass_moment
from workflows.method.views import CaseCard
from workflows.method.watching import alarm_unwatched
from workflows.processes import RunStatus, TaskStatus


def report_loss(session: Session, case_id: UUID, *, answers: Mapping[str, Any], by: Actor, at: datetime) -> CaseCard:
    """A loss: everything about the birth falls silent at once, and one person contacts the parent.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: the form. WrongState: the case is closed.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "report_loss", facts, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    run = processes.run_of(session, "case", case.id)
    form = forms.definition(diagrams.load(session, run.bundle_digest), "loss")
    clean = forms.clean(form, answers, on=local_date(at))
    entry = dossier.record(session, case_id=case.id, form=form, answers=clean, by=by, at=at)
    if case.family_id is not None and (pregnancy := families.current_pregnancy(session, case.family_id)) is not None:
        families.end_pregnancy(session, pregnancy.id, PregnancyEnd.LOSS, by=by, at=at, case_id=case.id)
    details = {"entry": entry.id.hex}
    hubs.remove_case(session, case.id, by=by, at=at)
    logbook.write(session, "loss.reported", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    plans.stop_all(session, case, plans.StopReason.LOSS, by=by, at=at)
    close_needless(session, case, by=by, at=at)
    expire_handover(session, case, by=by, at=at)  # one person contacts the parent: who has the case now
    tell(session, case, "loss", by=by, at=at)
    reschedule_case(session, case.id, by=by, at=at)  # what still waits for a date of the pregnancy falls silent
    return CaseCard.of(case)


def discard_signal(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> CaseCard:
    """Throw away a signal that was begun by mistake or will not be finished, while nobody outside the organisation knows
    of it. Who the family is goes with it, as soon as no duty of the organisation itself still needs it.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: closed, shared, or a loss was reported.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "discard_signal", facts, at=at)
    if not case.can_be_discarded or _lost(session, case):
        raise WrongState(f"case {case.id} is not a draft", detail="Dit is geen concept meer. Rond de casus af.")
    processes.erase(session, "case", case.id, at=at)
    cases.close(session, case, Result.DISCARDED, by=by, at=at)
    case.erase_on = local_date(at)
    plan_erasure(session, case)
    logbook.write(session, "signal.discarded", "case", case.id, case_id=case.id, by=by, at=at)
    session.flush()
    return CaseCard.of(case)


def _lost(session: Session, case: Case) -> bool:
    return case.family_id is not None and families.ended_in_loss(session, case.family_id)


# --- jobs: each locks its subject first, then its own row; False: somebody else is busy with it, another time


def perform(session: Session, job_id: UUID, *, at: datetime) -> bool:
    """Do one job in this transaction; False when there is nothing to do or somebody else does it."""
    plan = session.get(Job, job_id)
    if plan is None:
        return False  # it went with the case that was destroyed since somebody saw that it was due
    if plan.kind not in KINDS:
        raise LookupError(f"job {job_id} of kind {plan.kind} is nobody's")
    return KINDS[plan.kind](session, job_id, plan.subject_id, at)


def _taken(session: Session, job_id: UUID, at: datetime) -> Job | None:
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return None
    job.done(at)  # before the work, which may plan it again
    return job


def _run_timer(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    run = processes.lock_run(session, UUID(subject_id), skip_locked=True)
    if run is None or _taken(session, job_id, at) is None:
        return False
    if run.status == RunStatus.ENDED:
        return True
    if run.subject_kind == "case":
        case = cases.lock(session, run.subject_id)
        around = around_case(session, case, at=at, careful=False, digest=run.bundle_digest)
        change = processes.run_due(session, run, place=around.place, terms=around.terms, at=at)
        log_change(session, run, change, case=case, by=WORKER, at=at)
        settle(session, case, run, change, by=WORKER, at=at)
        expire_unanswered(session, case, change, by=WORKER, at=at)
    else:
        around = around_other(session, run.subject_kind, run.subject_id, at=at)
        change = processes.run_due(session, run, place=around.place, terms=around.terms, at=at)
        log_change(session, run, change, case=None, by=WORKER, at=at)
    return True


def _lease_expiry(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    task = processes.try_lock_task(session, UUID(subject_id))
    if task is None or _taken(session, job_id, at) is None:
        return False
    if task.status != TaskStatus.CLAIMED or task.lease_until is None:
        return True
    if task.lease_until > at:  # it was prolonged, or claimed again
        jobs.enqueue(session, "lease_expiry", due_at=task.lease_until, subject_kind="task", subject_id=task.id)
        return True
    give_back(session, task, by=WORKER, at=at, event="task.lease_ended")
    return True


def _task_term(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    task = processes.try_lock_task(session, UUID(subject_id))
    if task is None or _taken(session, job_id, at) is None:
        return False
    pass_moment(session, task, at=at)
    return True


def _reschedule(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or _taken(session, job_id, at) is None:
        return False
    reschedule_case(session, case.id, at=at)
    return True


def _setting_changes(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    if _taken(session, job_id, at) is None:
        return False
    follow_planned(session, UUID(subject_id), at=at)
    return True


def _consent_ends(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or _taken(session, job_id, at) is None:
        return False
    if case.is_closed:
        return True
    stop_and_tell(session, case, "consent_ended", by=WORKER, at=at)
    plan_consent_end(session, case, at=at)
    return True


def _match_cases(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    locked = duplicates.try_lock(session, UUID(subject_id))
    if locked is None or _taken(session, job_id, at) is None:
        return False
    duplicates.settle(session, UUID(subject_id), locked=locked, at=at)
    return True


def _erase_unshared(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or _taken(session, job_id, at) is None:
        return False
    if case.erase_on is None or not case.is_closed:
        return True  # it was shared since, or somebody still works on it
    if local_date(at) < case.erase_on:
        return True  # the case was closed meanwhile, which planned another day
    if safety.keeps_case(session, case.id):
        jobs.enqueue(session, "erase_unshared", due_at=at + timedelta(days=1), subject_kind="case", subject_id=case.id)
        return True
    evaluations.erase(session, case.id, by=WORKER, at=at)
    plans.erase(session, case.id, by=WORKER, at=at)
    signals.erase(session, case.id, by=WORKER, at=at)
    explorations.erase(session, case.id, by=WORKER, at=at)
    hubs.erase(session, case.id, by=WORKER, at=at)
    packages.erase(session, case.id, by=WORKER, at=at)
    handovers.erase(session, case.id, by=WORKER, at=at)
    comments.erase(session, case.id, by=WORKER, at=at)
    attachments.erase(session, case.id, by=WORKER, at=at)
    dossier.erase_case(session, case_id=case.id)
    processes.erase(session, "case", case.id, at=at)
    cases.erase_unshared(session, case, by=WORKER, at=at)
    return True


def _alarm_holder(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    case = processes.try_lock_case(session, UUID(subject_id))
    if case is None or _taken(session, job_id, at) is None:
        return False
    see_to_holder(session, case, by=WORKER, at=at)
    return True


def _check_holders(session: Session, job_id: UUID, _subject_id: str, at: datetime) -> bool:
    """Looks: each case is alarmed by a job of its own, a gap in who keeps watch here. The worker plans the next night."""
    if _taken(session, job_id, at) is None:
        return False
    plan_alarms(session, at=at)
    alarm_unwatched(session, at=at)
    attachments.sweep(session, at=at)
    notifications.forget_old(session, before=at - timedelta(days=KEPT_DAYS))
    webhooks.forget_old(session, before=at - timedelta(days=webhooks.KEPT_DAYS))
    publish_due_figures(session, at=at)
    desk.expire(session, at=at)
    administering.look_after_access(session, at=at)
    return True


def _spread(session: Session, job_id: UUID, _subject_id: str, at: datetime) -> bool:
    if _taken(session, job_id, at) is None:
        return False
    spread_notifications(session, at=at)
    return True


def _seal(session: Session, job_id: UUID, _subject_id: str, at: datetime) -> bool:
    """Sealing itself is done by the worker, in a transaction that begins with it; this only plans the next time."""
    if _taken(session, job_id, at) is None:
        return False
    logbook.seal(session, at=at)
    return True


def _watch_reading(session: Session, job_id: UUID, _subject_id: str, at: datetime) -> bool:
    if _taken(session, job_id, at) is None:
        return False
    alarms.look(session, at=at)
    return True


KINDS: Mapping[str, Callable[[Session, UUID, str, datetime], bool]] = {
    "spread_notifications": _spread,
    "run_timer": _run_timer,
    "lease_expiry": _lease_expiry,
    processes.TASK_TERM: _task_term,
    "reschedule": _reschedule,
    "setting_changes": _setting_changes,
    "consent_ends": _consent_ends,
    duplicates.JOB: _match_cases,
    "erase_unshared": _erase_unshared,
    CONFIRMED_JOB: destroy_confirmed,
    DESTROY_JOB: destroy_on_request,
    REST_JOB: destroy_rest,
    "alarm_holder": _alarm_holder,
    desk.ASK_DIRECTOR: ask_director,
    "check_holders": _check_holders,
    absences.JOB: absences.begin_in_time,
    asking_for.JOB: asking_for.look_in_time,
    asking_for.FORGET_JOB: asking_for.forget_in_time,
    emergencies.JOB: emergencies.end_in_time,
    OVERLAP_JOB: end_overlap_in_time,
    grounding.JOB: grounding.end_in_time,
    SPREAD_JOB: spread_in_time,
    "seal": _seal,
    "watch_reading": _watch_reading,
}
