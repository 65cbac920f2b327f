"""One family, two cases: who may see the other case hears of it at once; otherwise its holder is asked, and nobody else.

That there is a case somewhere is data of the family. So who signals learns nothing of a case that is not theirs to see,
not even from how long the answer takes: the same is read and planned whether there is one or not. And the holder of that
case is asked only when the family agreed, in the new case, to share with the holder's organisation; the question names
neither case, organisation nor content, and goes away again with that agreement.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, cases, jobs, logbook, organisations, processes, signals
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.db import house
from workflows.method.facts import case_of, find_case, find_task, granted, task_facts
from workflows.method.placing import holder_place
from workflows.method.views import RunningCase
from workflows.processes import Place, Task, TaskStatus
from workflows.signals import MatchQuestion

#: Kind of the job that brings the questions about a case level with what the family agreed to.
JOB = "match_cases"
#: Element of the task; no diagram draws it.
ELEMENT = "match_question"
FORM = "follow_up"
NAME = "Vraag: gaat dit over hetzelfde gezin?"
DOCUMENTATION = (
    "Er is een nieuw signaal over een ouder met dezelfde naam en geboortedatum als in deze casus. Vraag de ouder of het om "
    "hetzelfde gezin gaat en hoe de ouder verder wil. Leg alleen vast wat u samen afspreekt, en niets over het andere "
    "signaal. Is het een ander gezin? Schrijf dan op dat er niets verandert en rond de taak af."
)
#: Forms that tell who the parent is.
TELLING = frozenset({"signal", "taking_over"})
_LATER = timedelta(minutes=1)
_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)


def running(session: Session, case: Case, *, by: Actor, at: datetime) -> tuple[RunningCase, ...]:
    """Other open cases of this parent that *by* may see, and whom to contact. What *by* may not see leaves no trace."""
    # It compares with all families. What is not visible to *by* goes no further; of what is, each is written down.
    with house(session), logbook.deciding(session):
        found = [other for other in signals.open_cases(session, case, by=by) if other.visible]
    for other in found:
        logbook.read(
            session, "case.matched", "case", other.case_id, case_id=other.case_id, by=by, at=at, purpose="match", rule="party"
        )  # fmt: skip
    return tuple(RunningCase(other.case_id, other.number, other.holder) for other in found)


def running_cases(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[RunningCase, ...]:
    """For the page of a case: other open cases of this parent that *by* may see.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, _ = find_case(session, case_id, by=by, at=at)
    return running(session, case, by=by, at=at)


def plan(session: Session, case: Case, *, at: datetime) -> None:
    """Have the questions about this case looked at soon: call it whenever a family agreed, refused or took back, and
    whenever somebody else came to hold the case. The same is done whether anything will come of it or not."""
    jobs.enqueue(session, JOB, due_at=at, subject_kind="case", subject_id=case.id)


def asked_by(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> str | None:
    """The organisation behind a question, as long as the family agrees that *by*'s organisation knows; else None.

    Raises:
        NotFound: no such task, or not *by*'s.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "view_task", task_facts(session, task, by=by, at=at), at=at)
    case = case_of(session, task)
    if case is None or task.element_id != ELEMENT:
        return None
    # The other case is not *by*'s, and nothing of it is shown: only who asked is told, as far as the family agreed.
    with house(session), logbook.deciding(session):
        for question in signals.questions(session, case.id):
            if question.task_id != task.id:
                continue
            new = session.get(Case, question.case_id)
            if new is not None and _may_hear(session, new, task.organisation_id, task.role, at):
                return organisations.organisation(session, new.signaller_organisation_id).name
    return None


def try_lock(session: Session, case_id: UUID) -> frozenset[UUID] | None:
    """Lock a case and all that may be of the same family, in the order of their ids; None when somebody else has one."""
    case = session.get(Case, case_id)
    wanted = {case_id} | {question.existing_case_id for question in signals.questions(session, case_id)}
    if case is not None:
        wanted |= {other.case_id for other in signals.open_cases(session, case, by=WORKER)}
    for each in sorted(wanted):
        if processes.try_lock_case(session, each) is None:
            return None
    return frozenset(wanted)


def settle(session: Session, case_id: UUID, *, locked: frozenset[UUID], at: datetime) -> None:
    """Ask who holds another case of this family, where the family agreed to that; take back what was asked where it no
    longer does.

    Args:
        locked: what :func:`try_lock` gave.
    """
    case = cases.lock(session, case_id)
    asked = signals.questions(session, case_id)
    for question in asked:
        if question.case_id == case_id and question.existing_case_id in locked:
            _take_back(session, case, question, at=at)
    pairs = {frozenset((question.case_id, question.existing_case_id)) for question in asked}
    for found in signals.open_cases(session, case, by=WORKER):
        if frozenset((case_id, found.case_id)) in pairs:
            continue
        if found.case_id not in locked:
            jobs.enqueue(session, JOB, due_at=at + _LATER, subject_kind="case", subject_id=case_id)
            continue
        other = cases.lock(session, found.case_id)
        place = holder_place(other)
        if (
            other.is_closed
            or _knows(session, other, case)
            or not _may_hear(session, case, place.organisation_id, place.role, at)
        ):
            continue
        run = processes.run_of(session, "case", other.id)
        task = processes.add_task(session, run, name=NAME, form_key=FORM, place=place, at=at, element_id=ELEMENT)
        task.documentation = DOCUMENTATION
        session.flush()
        session.add(MatchQuestion(case_id=case.id, existing_case_id=other.id, task_id=task.id, asked_at=at))
        # Nothing here says which other case: who looks after the log of one may not know of the other.
        logbook.write(session, "match.asked", "task", task.id, case_id=other.id, by=WORKER, at=at)
    session.flush()


def goes_nowhere(session: Session, task: Task, place: Place, *, at: datetime) -> bool:
    """Whether *task* is a question that the new family did not agree to have asked at *place*."""
    if task.element_id != ELEMENT:
        return False
    with house(session):  # what the family of the other case agreed to decides; nothing of that case is told
        for question in signals.questions(session, task.subject_id):
            if question.task_id == task.id:
                new = session.get(Case, question.case_id)
                return new is None or not _may_hear(session, new, place.organisation_id, place.role, at)
    return True


def withdraw(session: Session, task: Task, *, by: Actor, at: datetime) -> None:
    """The question goes nowhere else: who is not to hear of it does not hear of it."""
    task.withdraw()
    logbook.write(session, "task.withdrawn", "task", task.id, case_id=task.subject_id, by=by, at=at)


def _take_back(session: Session, case: Case, question: MatchQuestion, *, at: datetime) -> None:
    task = session.get(Task, question.task_id)
    if task is None or task.status not in _LIVE:
        return
    if case.is_closed or not _may_hear(session, case, task.organisation_id, task.role, at):
        withdraw(session, task, by=WORKER, at=at)


def _may_hear(session: Session, case: Case, organisation_id: UUID, role: str, at: datetime) -> bool:
    """Whether the family agreed that this organisation, in what it does now, knows that there is a case."""
    if case.is_closed or case.erase_on is not None:
        return False  # never shared, or over
    if organisation_id == case.signaller_organisation_id:
        return True
    return bool(granted(session, case, organisation_id, role, at=at))


def _knows(session: Session, other: Case, case: Case) -> bool:
    """Whether who signalled *case* could see *other*, and so was told of it."""
    return any(
        (party.organisation_id, party.role) == (case.signaller_organisation_id, "signaller")
        for party in cases.parties(session, other.id)
    )
