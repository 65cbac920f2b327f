"""Steps that a program of a partner does: it takes them for a while, and says how they ended. It gets the names on which
routes are decided, as far as its organisation lets it, and never what anybody said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine.errors import RouteUndecided, StepNotWaiting
from workflows import access, cases, diagrams, logbook, processes, topics
from workflows.actor import Actor
from workflows.db import house
from workflows.errors import ConsentMissing, Invalid, NotFound, WrongState
from workflows.method.effects import log_change, settle
from workflows.method.facts import case_of
from workflows.method.placing import around_case, require_consent, shares
from workflows.method.terms import close_escalations
from workflows.processes import Scalar, Task, TaskStatus
from workflows.topics import TopicLock, TopicWorker
from workflows.topics.rules import is_code

_OVER = "Deze stap wacht niet meer: het proces ging intussen anders verder."


@dataclass(frozen=True, slots=True)
class TopicStep:
    """A step that a program has now.

    Args:
        case_id: None: the organisation of the program has no part in the case.
        variables: what routes are decided on, as far as the program may have it.
    """

    id: UUID
    lock_id: UUID
    locked_until: datetime
    topic: str
    process_id: str
    element_id: str
    case_id: UUID | None
    variables: Mapping[str, Scalar]
    due_at: datetime | None
    retries_left: int
    fetched: int


def fetch_steps(
    session: Session, worker: TopicWorker, *, most: int, lock_for: timedelta, by: Actor, at: datetime
) -> list[TopicStep]:
    """Steps for a program, for as long as it asks; each is nobody else's meanwhile. What somebody works on is left for later,
    and so is what the family does not agree to any more.

    Raises:
        Invalid: so many, or for so long, cannot be.
    """
    wrong: dict[str, list[str]] = {}
    if not 1 <= most <= topics.MOST_AT_ONCE:
        wrong["most"] = [f"Vraag er 1 tot en met {topics.MOST_AT_ONCE} tegelijk."]
    if not topics.SHORTEST_LOCK <= lock_for <= topics.LONGEST_LOCK:
        wrong["lock_seconds"] = ["Kies een tijd van 10 tot en met 3600 seconden."]
    if wrong:
        raise Invalid(f"topic worker {worker.id} asks what cannot be", errors=wrong)
    found: list[TopicStep] = []
    with house(session):
        for task_id in topics.waiting(session, worker, at=at, limit=most):
            with logbook.deciding(session):  # a program gets ids and codes, and a line says that it did
                task = processes.try_lock_task(session, task_id)
                if task is None or task.status != TaskStatus.OPEN or not _agreed(session, task, at):
                    continue
                lock = topics.take_lock(session, worker, task, until=at + lock_for, at=at)
                if lock is not None:
                    found.append(_step(session, worker, task, lock))
            if lock is not None:
                logbook.write(
                    session, "topic_step.fetched", "task", task.id, case_id=task.subject_id, by=by, at=at,
                    details={"topic": worker.topic, "worker": worker.id.hex},
                )  # fmt: skip
    return found


def extend_step(
    session: Session, worker: TopicWorker, task_id: UUID, lock_id: UUID, *, lock_for: timedelta, by: Actor, at: datetime
) -> datetime:
    """A program needs longer; until when it has the step now.

    Raises:
        NotFound, WrongState: see :func:`complete_step`. Invalid: for so long cannot be.
    """
    if not topics.SHORTEST_LOCK <= lock_for <= topics.LONGEST_LOCK:
        errors = {"lock_seconds": ["Kies een tijd van 10 tot en met 3600 seconden."]}
        raise Invalid(f"topic worker {worker.id} asks what cannot be", errors=errors)
    with house(session), logbook.deciding(session):
        _, lock = _locked(session, worker, task_id, lock_id, at)
        lock.extend(at + lock_for)
    return at + lock_for


def release_step(
    session: Session, worker: TopicWorker, task_id: UUID, lock_id: UUID, *, by: Actor, at: datetime
) -> None:
    """A program gives a step back; it counts as no failure.

    Raises:
        NotFound, WrongState: see :func:`complete_step`.
    """
    with house(session), logbook.deciding(session):
        _, lock = _locked(session, worker, task_id, lock_id, at)
        lock.unlock()


def fail_step(
    session: Session,
    worker: TopicWorker,
    task_id: UUID,
    lock_id: UUID,
    *,
    code: str,
    retries_left: int | None = None,
    wait: timedelta = timedelta(0),
    by: Actor,
    at: datetime,
) -> int:
    """A program could not do it. It is tried again, or, when no tries are left, it waits for an administrator.

    Args:
        code: what went wrong, as a code: no words, for these could be about a family.
        retries_left: how often it may still be tried, as the program thinks; None: one less than before.
        wait: how long nobody gets it.

    Returns:
        how often it is tried still.

    Raises:
        NotFound, WrongState: see :func:`complete_step`. Invalid: no code.
    """
    if not is_code(code):
        errors = {"error_code": ["Geef een code: kleine letters, cijfers en . _ -, hoogstens 60. Geen zinnen."]}
        raise Invalid(f"topic worker {worker.id}: no code", errors=errors)
    with house(session):
        with logbook.deciding(session):
            task, lock = _locked(session, worker, task_id, lock_id, at)
        lock.fail(code, retries_left=retries_left, wait=wait, at=at)
        logbook.write(
            session, "topic_step.failed", "task", task.id, case_id=task.subject_id, by=by, at=at,
            details={"topic": worker.topic, "error_code": code, "retries_left": lock.retries_left},
        )  # fmt: skip
        session.flush()
        return lock.retries_left


def complete_step(
    session: Session,
    worker: TopicWorker,
    task_id: UUID,
    lock_id: UUID,
    *,
    variables: Mapping[str, Scalar],
    by: Actor,
    at: datetime,
) -> None:
    """A program did it: the process goes on with what it answered. A next step that would share without consent goes to who
    holds the case, for nobody is there to be told.

    Raises:
        NotFound: no such step of this topic and organisation.
        WrongState: the lock is over, or the step does not wait any more.
        Invalid: names that the program may not answer with, or nothing that the process can decide on.
    """
    with house(session):
        with logbook.deciding(session):
            task, lock = _locked(session, worker, task_id, lock_id, at)
            case = case_of(session, task)
        assert case is not None, "what waits for a program is about a case"
        _require_known(session, worker, task, variables)
        lock.unlock()
        task.complete(by=by, at=at)
        around = around_case(session, case, at=at, careful=False, digest=task.run.bundle_digest)
        try:
            change = processes.advance(session, task, variables, place=around.place, terms=around.terms, at=at)
        except (RouteUndecided, ValueError) as error:
            errors = {"variables": ["Hiermee kan het proces niet bepalen hoe het verder moet."]}
            raise Invalid(f"step {task.id}: the process cannot decide", errors=errors) from error
        except StepNotWaiting as error:
            raise WrongState(f"step {task.id} no longer waits", detail=_OVER) from error
        log_change(session, task.run, change, case=case, by=by, at=at)
        settle(session, case, task.run, change, by=by, at=at)
        close_escalations(session, (task, *change.withdrawn), by=by, at=at)
        logbook.write(
            session, "task.completed", "task", task.id, case_id=case.id, by=by, at=at,
            details={"topic": worker.topic, "worker": worker.id.hex},
        )  # fmt: skip
        session.flush()


def _locked(
    session: Session, worker: TopicWorker, task_id: UUID, lock_id: UUID, at: datetime
) -> tuple[Task, TopicLock]:
    task = processes.lock_task(session, task_id)
    if task.subject_kind != "case":
        raise NotFound(f"no step {task_id} of a case")
    lock = topics.lock_of(session, worker, task, lock_id, at=at)
    if task.status != TaskStatus.OPEN:
        raise WrongState(f"step {task.id} is {task.status}", detail=_OVER)
    return task, lock


def _agreed(session: Session, task: Task, at: datetime) -> bool:
    case = case_of(session, task)
    if case is None or case.is_closed:
        return False
    try:
        if shares(case, task):
            require_consent(session, case, organisation_id=task.organisation_id, role=task.role, at=at)
    except ConsentMissing:
        return False
    return True


def _step(session: Session, worker: TopicWorker, task: Task, lock: TopicLock) -> TopicStep:
    assert lock.lock_id is not None, "it was just taken"
    assert lock.locked_until is not None, "until then"
    known = processes.scalars_of(session, task.run)
    parties: Sequence[cases.CaseParty] = cases.parties(session, task.subject_id)
    has_part = any(party.organisation_id == worker.organisation_id for party in parties)
    return TopicStep(
        id=task.id,
        lock_id=lock.lock_id,
        locked_until=lock.locked_until,
        topic=worker.topic,
        process_id=task.process_id,
        element_id=task.element_id,
        case_id=task.subject_id if has_part else None,
        variables={name: known[name] for name in worker.reads if name in known},
        due_at=task.due_at,
        retries_left=lock.retries_left,
        fetched=lock.fetched,
    )


def _require_known(session: Session, worker: TopicWorker, task: Task, variables: Mapping[str, Scalar]) -> None:
    deciding = diagrams.load(session, task.run.bundle_digest).deciding
    wrong = sorted(name for name in variables if name not in worker.writes or name not in deciding)
    if wrong:
        errors = {f"variables.{name}"[:100]: ["Dit programma mag hier niet mee antwoorden."] for name in wrong[:20]}
        raise Invalid(f"topic worker {worker.id} answers with what it may not", errors=errors)


def topic_incidents(session: Session, *, by: Actor, at: datetime) -> list[topics.Incident]:
    """Steps of the organisation of *by* that nobody tries any more: codes and ids.

    Raises:
        NotAllowed: *by* is no administrator.
    """
    access.require(by, "manage_topics", access.Facts(own_organisation=True), at=at)
    return topics.incidents(session, organisation_id=by.organisation_id)
