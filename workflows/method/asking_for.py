"""A professional asks for a family's case, and hears in no way whether there is one.

At the door the same is done whatever will come of it: the question is kept closed, counted and written down, and nobody is
looked up. A job looks later. Is exactly one shared, open case meant, then who holds it gets a task: they see who asks and
why, talk with the parent, and hand over or not. What they answer is theirs: who asked sees a day on which they asked, and
after the term that no answer came. An offer comes as every handover does, with the consent that every handover asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, diagrams, jobs, logbook, organisations, processes, pulls, vault
from workflows.actor import WORKER, Actor
from workflows.emergencies import EmergencySearch
from workflows.errors import Invalid
from workflows.method.completing import Completing
from workflows.method.handing_over import ASKED_BY, HANDS_OVER, PULL_FORM
from workflows.method.placing import holder_place
from workflows.method.telling import tell
from workflows.processes import Scalar
from workflows.pulls import CaseRequest, PullReason

#: Kind of the job that looks whether somebody holds the case that was asked for, and of the one that forgets the question.
JOB, FORGET_JOB = "look_for_case", "forget_case_request"
#: Form of the task for the holder.
FORM: Final = PULL_FORM
NAME = "Vraag om deze casus: beantwoorden"
REASONS: Mapping[str, str] = {
    PullReason.PARENT_ASKS: "de ouder vroeg hen om hulp",
    PullReason.MOVED_HERE: "het gezin is verhuisd naar hun werkgebied",
    PullReason.HELP_CONTINUES: "de hulp gaat bij hen verder",
}
_AS = {"explorer": "verkenner", "case_director": "casusregisseur"}
#: How long somebody can see that they asked, counted from the term.
_KEPT = timedelta(days=30)
#: Subject of the jobs and of the lines in the log.
_SUBJECT = "case_request"


@dataclass(frozen=True, slots=True)
class CaseRequestView:
    """What somebody sees of their own question: the same for every family, known or not. ``over``: no answer came."""

    id: UUID
    reason: str
    asked_at: datetime
    until_at: datetime
    over: bool


def ask_for_case(
    session: Session,
    *,
    case_number: str = "",
    parent_name: str = "",
    birth_date: date | None = None,
    reason: str,
    parent_knows: bool,
    by: Actor,
    at: datetime,
) -> CaseRequestView:
    """Ask whoever holds the case, if somebody does. Nothing is looked up here.

    Raises:
        NotAllowed: not for this role. Invalid: every field that is not right, at once. TooOften: asked too often today.
    """
    access.require(by, "ask_for_case", access.Facts(), at=at)
    search = EmergencySearch(case_number, parent_name, birth_date)
    errors = dict(search.problems())
    if reason not in set(PullReason):
        errors["reason"] = ["Kies waarom u om deze casus vraagt."]
    if not parent_knows:
        errors["parent_knows"] = ["Bespreek het eerst met de ouder. Vraag daarna om de casus."]
    if errors:
        raise Invalid("question for a case refused as typed", errors=errors)
    typed = {
        "case_number": case_number if search.by_number else "",
        "parent_name": "" if search.by_number else parent_name,
        "birth_date": None if search.by_number or birth_date is None else birth_date.isoformat(),
    }
    asked = pulls.ask(session, search=typed, reason=PullReason(reason), by=by, at=at)
    jobs.enqueue_new(session, JOB, due_at=at, subject_kind=_SUBJECT, subject_id=asked.id)
    jobs.enqueue_new(session, FORGET_JOB, due_at=asked.until_at + _KEPT, subject_kind=_SUBJECT, subject_id=asked.id)
    details = {
        "by": "number" if search.by_number else "name",
        "reason": asked.reason,
        # As of a search: a bare hash of a name could be tried; with a key of the vault the words can be proved.
        "query": logbook.salted(vault.of(session).digests(search.text())[0].hex()),
    }
    logbook.write(session, "case.asked_for", _SUBJECT, asked.id, by=by, at=at, purpose="pull", details=details)
    return _view(asked, at)


def case_requests(session: Session, *, by: Actor, at: datetime) -> list[CaseRequestView]:
    """What *by* asked for and how long that waits, newest first; nothing of a family is in it.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "ask_for_case", access.Facts(), at=at)
    return [_view(one, at) for one in pulls.of_person(session, by=by)]


def look_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """The job: look once for the case that was asked for, ask who holds it, and wipe out what was searched for. A family
    with two cases has two holders, and each is asked."""
    asked = pulls.find(session, UUID(subject_id))
    typed = None if asked is None else pulls.search_of(session, asked)
    search = None if typed is None else _search(typed)
    meant = []
    for case_id in sorted([] if search is None else search.found(session)):
        case = processes.try_lock_case(session, case_id)
        if case is None:
            return False  # somebody works on it: a moment later, then
        meant.append(case)
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    if asked is not None and search is not None:
        still = search.found(session)
        for case in meant:
            if case.id in still:
                _ask_holder(session, asked, case, at=at)
        pulls.wipe(asked)
        session.flush()
    return True


def forget_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """The job: the question was answered or not, and nobody looks at it any more."""
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    pulls.forget(session, UUID(subject_id))
    return True


def answer_case_request(done: Completing) -> Mapping[str, Scalar]:
    """Form ``pull_answer``: go and hand over, or not. Nobody else hears which, nor why; who offers does so as always."""
    case = done.the_case
    if done.answers.get("pull_choice") == HANDS_OVER:
        done.afterwards.append(lambda: _begin_handover(done.session, case, by=done.by, at=done.at))
    return {}


def _begin_handover(session: Session, case: cases.Case, *, by: Actor, at: datetime) -> None:
    """The same way in as for a family that moves; not a second time when somebody is handing over already."""
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if not any((task.form_key or "").startswith("handover") for task in live):
        tell(session, case, "moved", by=by, at=at)


def _ask_holder(session: Session, asked: CaseRequest, case: cases.Case, *, at: datetime) -> None:
    place = holder_place(case)
    here = organisations.assignments_of(session, asked.person_id, on=local_date(at))
    if (
        case.is_closed
        or asked.assignment_id not in {one.id for one in here}
        or (place.organisation_id, place.role) == (asked.organisation_id, asked.role)
        or cases.is_blocked(session, case.id, asked.person_id)
    ):
        return
    where = organisations.organisation(session, asked.organisation_id).name
    by = {"organisation": str(asked.organisation_id), "role": asked.role, "reason": asked.reason}
    # Told to the family, and to who looks after the log of this case. In the name of the house: a line of the asker's own
    # organisation would tell its log manager that the family is known.
    logbook.read(
        session, "case.asked_about", "case", case.id, case_id=case.id, by=WORKER, at=at, purpose="pull", rule="pull",
        compartments=["C0"], details=by,
    )  # fmt: skip
    run = processes.run_of(session, "case", case.id)
    known = diagrams.load(session, run.bundle_digest).forms.keys()
    if FORM not in known and FORM not in diagrams.load(session, diagrams.current(session)).forms:
        return
    who = (
        f"{organisations.person(session, asked.person_id).display_name}, {_AS.get(asked.role, asked.role)} bij {where}"
    )
    documentation = (
        f"{who}, vraagt om deze casus. Reden: {REASONS[asked.reason]}. De vrager zegt dat de ouder dit weet. Vraag het de "
        "ouder. Alleen als de ouder het wil, draagt u over. De vrager hoort niet dat u deze vraag kreeg, en niet wat u "
        "antwoordt: neem geen contact op met de vrager voordat de ouder dat goedvindt."
    )
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if any(task.form_key == FORM and task.documentation == documentation for task in live):
        return  # asked again while the question waits
    task = processes.add_task(
        session, run, name=NAME, form_key=FORM, place=place, at=at, documentation=documentation,
        due_at=asked.until_at, key=f"pull:{asked.id.hex}",
    )  # fmt: skip
    task.properties = {ASKED_BY: f"{asked.organisation_id}:{asked.role}"}
    session.flush()
    details = {"message": "case_asked_for"}
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=WORKER, at=at, details=details)


def _search(typed: Mapping[str, str | None]) -> EmergencySearch:
    born = typed["birth_date"]
    return EmergencySearch(
        typed["case_number"] or "", typed["parent_name"] or "", None if born is None else date.fromisoformat(born)
    )


def _view(one: CaseRequest, at: datetime) -> CaseRequestView:
    return CaseRequestView(one.id, one.reason, one.asked_at, one.until_at, at > one.until_at)
