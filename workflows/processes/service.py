"""Starting and advancing runs, keeping their tasks level with what the machine waits for, and the work list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    delete,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, undefer

from engine.clock import local_date
from engine.process import Process, Waiting
from workflows import cases, diagrams, jobs, logbook, notifications, settings, vault
from workflows.actor import Actor
from workflows.errors import Blocked, Invalid, NotFound, WrongState
from workflows.notifications import NotificationKind
from workflows.processes.model import (
    FLOATING_FORM,
    OFFERED_FORM,
    Draft,
    Run,
    RunStatus,
    StepTaken,
    Task,
    TaskNote,
    TaskStatus,
    UndoState,
    note_about,
)
from workflows.processes.rules import NO_TERM, Due, Order, due_bounds, new_since

Scalar = str | int | float | bool | None
#: (term name, moment it began in UTC) -> instant in UTC.
Terms = Callable[[str, datetime], datetime]

#: Counts on pages stop here: “99+”.
MANY = 99
_LONGEST_CURSOR = 500
#: Key of a task that no diagram asked for, such as the one for a message that nothing awaited.
OWN = "own:"
#: Key of a task that was taken back with what opened it.
UNDONE = "undone:"
#: Kind of the job that watches the term of a task: it warns, and then asks somebody to look.
TASK_TERM = "task_term"

_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)
_BY_ARRIVAL = frozenset({Order.OLDEST, Order.NEWEST})
#: Where a task without a term stands when the latest comes first.
_BEFORE_ALL = datetime(1900, 1, 1, tzinfo=UTC)

_FILTERS = {
    "municipality": Task.municipality_code,
    "process_id": Task.process_id,
    "form_key": Task.form_key,
    "phase": Task.phase,
    "urgency": Task.urgency,
}
#: What the work list can be narrowed down to, besides whose and how it stands.
FILTERS = frozenset({*_FILTERS, "due", "is_new", "organisation_id"})
#: In the statement, so that the planner sees that an index of open tasks holds all of them.
_IS_OPEN = Task.status == literal_column("'open'")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task goes, and the little that its card says before somebody claims it."""

    organisation_id: UUID
    role: str
    municipality_code: str | None = None
    urgency: str | None = None
    language: str | None = None
    interpreter_needed: bool = False
    phase: str | None = None
    person_id: UUID | None = None  #: who of the team it concerns first, such as who holds the case in person


Places = Callable[[Waiting], Place]


@dataclass(frozen=True, slots=True)
class Change:
    """What a move of the machine brought about."""

    opened: tuple[Task, ...] = ()
    withdrawn: tuple[Task, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    ended: bool = False
    awaited: bool = True  #: False: a message that nothing waited for
    live: tuple[tuple[str, str], ...] = ()  #: process and element of everything that is busy or waits now


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; ``next_cursor`` is the cursor of what follows, ``count`` stops at one above MANY."""

    items: list[T]
    next_cursor: str | None
    count: int

    @property
    def count_text(self) -> str:
        """The count as people read it: “99+” when there are more."""
        return f"{MANY}+" if self.count > MANY else str(self.count)


def start_run(
    session: Session,
    *,
    process_id: str,
    subject_kind: str,
    subject_id: UUID,
    place: Places,
    terms: Terms,
    at: datetime,
    scalars: Mapping[str, Scalar] | None = None,
    digest: str | None = None,
) -> tuple[Run, Change]:
    """Begin a run of the current diagrams (or of *digest*); it stays with that set until it is migrated."""
    digest = digest or diagrams.current(session)
    bundle = diagrams.load(session, digest)
    process = Process.start(bundle, process_id, now=at, terms=terms, scalars=scalars)
    run = Run(
        id=uuid4(),
        subject_kind=subject_kind,
        subject_id=subject_id,
        bundle_digest=digest,
        process_id=process_id,
        state=b"",
        status=RunStatus.RUNNING,
        started_at=at,
    )
    session.add(run)
    return run, _keep(session, run, process, place=place, at=at, known=())


@dataclass(frozen=True, slots=True)
class Sieve:
    """Who asks for a task, so that one which is nothing of theirs is not found, with the very statement that finds no task
    that is not there. Less than asking access, which comes after it.

    Args:
        closed: what tasks can be about that is closed to *by* in person.
    """

    by: Actor
    closed: tuple[Select[UUID], ...]

    def columns(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Whether a task is closed to who asks, and whether it could be theirs at all: their team's, or of their case."""
        by = self.by
        own = and_(Task.organisation_id == by.organisation_id, Task.role == by.role)
        if by.municipalities:
            in_area = or_(Task.municipality_code.is_(None), Task.municipality_code.in_(sorted(by.municipalities)))
            own = and_(own, or_(in_area, Task.claimed_by == by.person_id, Task.completed_by == by.person_id))
        of_case = and_(Task.subject_kind == "case", Task.subject_id.in_(select(cases.Case.id).where(cases.related(by))))
        closed = or_(*(Task.subject_id.in_(one) for one in self.closed))
        return closed, or_(own, of_case, closed)


def task(session: Session, task_id: UUID, *, sieve: Sieve | None = None) -> Task:
    """A task with its run, to look at.

    Raises:
        NotFound: no such task. Whether the caller may know of it is asked by the caller.
        Blocked: it is about what is closed to who asks.
    """
    closed, theirs = (false(), true()) if sieve is None else sieve.columns()
    query = select(Task, closed.label("closed")).where(Task.id == task_id, theirs)
    found = session.execute(query.options(joinedload(Task.run).options(undefer(Run.state)))).one_or_none()
    if found is None:
        raise NotFound(f"task {task_id}")
    if found.closed:
        raise Blocked(f"task {task_id}")
    known: Task = found[0]
    return known


def lock_task(session: Session, task_id: UUID, *, sieve: Sieve | None = None) -> Task:
    """The task and its run, as they are now, with the row of its subject locked first.

    Raises:
        NotFound: no such task. Whether the caller may know of it is asked by the caller, right after this.
        Blocked: it is about what is closed to who asks.
    """
    task = _locked_task(session, task_id, sieve)
    if task is None:  # waiting for a lock ends with it, so row security hides what it is about
        raise NotFound(f"task {task_id} is about nothing that is in sight")
    return task


def try_lock_task(session: Session, task_id: UUID) -> Task | None:
    """As :func:`lock_task`, but None at once when somebody else works on its subject."""
    return _locked_task(session, task_id, skip_locked=True)


def _locked_task(
    session: Session, task_id: UUID, sieve: Sieve | None = None, *, skip_locked: bool = False
) -> Task | None:
    closed, theirs = (false(), true()) if sieve is None else sieve.columns()
    query = select(Task.subject_kind, Task.subject_id, Task.run_id, closed.label("closed"))
    subject = session.execute(query.where(Task.id == task_id, theirs)).first()
    if subject is None:
        raise NotFound(f"task {task_id}")
    if subject.closed:
        raise Blocked(f"task {task_id}")
    if not _lock_subject(session, subject.subject_kind, subject.subject_id, subject.run_id, skip_locked=skip_locked):
        return None
    return session.scalars(
        select(Task)
        .where(Task.id == task_id)
        .options(joinedload(Task.run).options(undefer(Run.state)))
        .execution_options(populate_existing=True)
    ).one()


def try_lock_case(session: Session, case_id: UUID) -> cases.Case | None:
    """The case, locked; None at once when somebody else works on it."""
    if not session.scalar(select(cases.Case.id).where(cases.Case.id == case_id).with_for_update(skip_locked=True)):
        return None
    return cases.lock(session, case_id)


def lock_run(session: Session, run_id: UUID, *, skip_locked: bool = False) -> Run | None:
    """The run as it is now, with its subject's row locked first; None when somebody else has that (*skip_locked*)."""
    subject = session.execute(select(Run.subject_kind, Run.subject_id).where(Run.id == run_id)).first()
    if subject is None:
        raise NotFound(f"run {run_id}")
    if not _lock_subject(session, subject.subject_kind, subject.subject_id, run_id, skip_locked=skip_locked):
        return None
    return session.scalars(
        select(Run).where(Run.id == run_id).options(undefer(Run.state)).execution_options(populate_existing=True)
    ).one()


def run_of(session: Session, subject_kind: str, subject_id: UUID, *, process_id: str | None = None) -> Run:
    """The newest run of a subject; lock the subject first when it is to be moved."""
    query = select(Run).where(Run.subject_kind == subject_kind, Run.subject_id == subject_id)
    if process_id is not None:
        query = query.where(Run.process_id == process_id)
    run = session.scalars(query.order_by(Run.started_at.desc()).limit(1)).first()
    if run is None:
        raise NotFound(f"{subject_kind} {subject_id} has no run")
    return run


def runs_of(session: Session, subject_kind: str, subject_id: UUID) -> list[Run]:
    """Every run of a subject, oldest first."""
    return list(
        session.scalars(
            select(Run).where(Run.subject_kind == subject_kind, Run.subject_id == subject_id).order_by(Run.started_at)
        )
    )


def tasks_of(session: Session, subject_kind: str, subject_id: UUID, *, live_only: bool = False) -> list[Task]:
    """Tasks of a subject, oldest first."""
    query = select(Task).where(Task.subject_kind == subject_kind, Task.subject_id == subject_id)
    if live_only:
        query = query.where(Task.status.in_(_LIVE))
    return list(session.scalars(query.order_by(Task.opened_at, Task.id)))


def live_tasks(session: Session, run: Run) -> list[Task]:
    """Tasks of a run that still wait for somebody."""
    return list(session.scalars(select(Task).where(Task.run_id == run.id, Task.status.in_(_LIVE))))


def steps_of(session: Session, run_ids: Sequence[UUID]) -> list[StepTaken]:
    """The steps that runs took, in order."""
    return list(
        session.scalars(
            select(StepTaken)
            .where(StepTaken.run_id.in_(run_ids))
            .order_by(StepTaken.at, StepTaken.ordinal, StepTaken.element_id)  # two moves may fall in one moment
        )
    )


def advance(
    session: Session,
    task: Task,
    outcomes: Mapping[str, Scalar],
    *,
    place: Places,
    terms: Terms,
    at: datetime,
    anew: bool = False,
) -> Change:
    """Tell the machine that *task* was completed with *outcomes*, and keep what it now waits for.

    Args:
        anew: work out every term of the run again: the answers told a day that terms hang on.

    Raises what the engine raises (``RouteUndecided``, ``StepNotWaiting``, ``TooManySteps``); nothing may be kept then.
    """
    if is_own(task):
        return Change()
    process = _resume(session, task.run, terms=terms, at=at)
    process.complete(task.step_key, outcomes)
    if anew and not process.ended:
        process.reschedule()
    return _keep(session, task.run, process, place=place, at=at)


def send_message(
    session: Session,
    run: Run,
    name: str,
    outcomes: Mapping[str, Scalar] | None = None,
    *,
    place: Places,
    terms: Terms,
    at: datetime,
) -> Change:
    """Give the run a message; ``awaited`` tells whether anything waited for it. If not, nothing changed."""
    if run.status == RunStatus.ENDED:
        return Change(awaited=False)
    process = _resume(session, run, terms=terms, at=at)
    if not process.message(name, outcomes):
        return Change(awaited=False)
    return _keep(session, run, process, place=place, at=at)


def run_due(session: Session, run: Run, *, place: Places, terms: Terms, at: datetime) -> Change:
    """Fire the run's timers that are due."""
    if run.status == RunStatus.ENDED:
        return Change()
    process = _resume(session, run, terms=terms, at=at)
    process.run_due()
    return _keep(session, run, process, place=place, at=at)


def reschedule(session: Session, run: Run, *, place: Places, terms: Terms, at: datetime) -> Change:
    """Work out the run's terms anew, because a date or a setting changed; also of tasks that no diagram asked for."""
    if run.status == RunStatus.ENDED:
        return Change()
    process = _resume(session, run, terms=terms, at=at)
    process.reschedule()
    change = _keep(session, run, process, place=place, at=at)
    for task in live_tasks(session, run):
        if is_own(task) and task.term is not None:
            _set_due(task, terms(task.term, task.opened_at))
        if task.kind == "user":
            plan_term(session, task, at=at)
    return change


def add_task(
    session: Session,
    run: Run,
    *,
    name: str,
    form_key: str,
    place: Place,
    at: datetime,
    element_id: str | None = None,
    documentation: str | None = None,
    term: str | None = None,
    due_at: datetime | None = None,
    key: str | None = None,
) -> Task:
    """A task that no diagram asked for; completing it moves no machine.

    Args:
        element_id: what it came from, such as a message; the form when left out.
        documentation: why, in Dutch, as everybody of the team reads it; never about the family.
        term: the name behind *due_at*, if it has one: it is worked out anew when a date or a setting changes.
        key: to find it again within the run; left out: a random one.
    """
    task = Task(
        id=uuid4(),
        run=run,
        subject_kind=run.subject_kind,
        subject_id=run.subject_id,
        step_key=f"{OWN}{key or uuid4().hex}",
        process_id=run.process_id,
        element_id=element_id or form_key,
        kind="user",
        name=name,
        documentation=documentation,
        form_key=form_key,
        term=term,
        properties={},
        opened_at=at,
        status=TaskStatus.OPEN,
        **_placed(place),
    )
    _set_due(task, due_at)
    session.add(task)
    _watch(session, task, at)
    tell_team(session, task, place, at=at)
    return task


def postpone(session: Session, task: Task, due_at: datetime | None, *, term: str | None = None, at: datetime) -> None:
    """Give a task that no diagram asked for another end; the work list and who watches it follow."""
    task.term = term
    if _set_due(task, due_at):
        plan_term(session, task, at=at)


def is_own(task: Task) -> bool:
    """Whether no diagram asked for this task, so that completing it moves no machine."""
    return task.step_key.startswith(OWN)


def find_own(session: Session, run_id: UUID, key: str) -> Task | None:
    """The task that :func:`add_task` made under *key*, whatever became of it."""
    return session.scalar(select(Task).where(Task.run_id == run_id, Task.step_key == f"{OWN}{key}"))


def is_live(task: Task) -> bool:
    """Whether it still waits for somebody."""
    return task.status in _LIVE


def plan_term(session: Session, task: Task, *, at: datetime) -> None:
    """Let the worker come by at the next moment of a live task's term: to warn, then to ask somebody to look."""
    if task.due_at is None or (task.escalated_at is not None and task.due_at <= at):
        jobs.cancel(session, TASK_TERM, subject_kind="task", subject_id=task.id, at=at)
        return
    moment = warns_at(session, task, at=at) if task.warned_at is None else task.due_at
    jobs.enqueue(session, TASK_TERM, due_at=moment, subject_kind="task", subject_id=task.id)


def warns_at(session: Session, task: Task, *, at: datetime) -> datetime:
    """When a task with a term is nearly late."""
    assert task.due_at is not None
    return settings.warning_moment(
        session,
        opened_at=task.opened_at,
        due_at=task.due_at,
        municipality=task.municipality_code,
        on=local_date(at),
    )


def mark(session: Session, task: Task, **moments: datetime) -> None:
    """Put in ``warned_at`` or ``escalated_at``. Who is typing in the form is not disturbed, so the version stays."""
    session.execute(update(Task).where(Task.id == task.id).values(**moments))


def _watch(session: Session, task: Task, at: datetime) -> None:
    """Plan the first look at a task that just came into being; at most one row, nothing is read for it."""
    if task.kind == "user" and task.due_at is not None:
        due_at = warns_at(session, task, at=at)
        jobs.enqueue_new(session, TASK_TERM, due_at=due_at, subject_kind="task", subject_id=task.id)


def _set_due(task: Task, due_at: datetime | None) -> bool:
    """Give a task another term, and with it another warning; what never comes is no term. False: it had this one."""
    if due_at is not None and due_at >= settings.NEVER:
        due_at = None
    if task.sort_at is not None and task.due_at == due_at:
        return False
    task.due_at, task.sort_at, task.warned_at = due_at, due_at or NO_TERM, None
    return True


def claim(session: Session, task: Task, *, by: Actor, at: datetime, until: datetime) -> None:
    """Give *by* the task until *until*; a lease that is over counts as given back."""
    if task.status == TaskStatus.CLAIMED and task.lease_until is not None and task.lease_until <= at:
        task.release()
        session.flush()  # the version counts both moves
    task.claim(by=by, at=at, until=until)
    notifications.unsay(session, task.id)
    jobs.enqueue(session, "lease_expiry", due_at=until, subject_kind="task", subject_id=task.id)


def hand_on(session: Session, task: Task, *, to: Actor, by: Actor, at: datetime, until: datetime) -> None:
    """Give a claimed task to a colleague until *until*: at no moment does it lie in the pool."""
    task.release()
    session.flush()  # the version counts both moves
    task.claim(by=to, at=at, until=until)
    task.handed_by = by.person_id
    jobs.enqueue(session, "lease_expiry", due_at=until, subject_kind="task", subject_id=task.id)


def add_note(
    session: Session, task: Task, text: str, *, case_id: UUID | None, to: UUID | None, by: Actor, at: datetime
) -> TaskNote:
    """Keep what *by* says to the colleague who gets the task, or (None) to the team. It may say anything, so it is closed."""
    assert by.person_id is not None, "only people write notes"
    note = TaskNote(
        id=uuid4(),
        task_id=task.id,
        case_id=case_id,
        organisation_id=task.organisation_id,
        role=task.role,
        author_id=by.person_id,
        to_id=to,
        at=at,
    )
    note.sealed_text = vault.of(session).seal_json(text, about=f"{note_about(note.id)}/text")
    session.add(note)
    return note


def notes_of(session: Session, task_ids: Collection[UUID], *, by: Actor) -> dict[UUID, TaskNote]:
    """The newest note of each of these tasks, of *by*'s own team. Whether *by* has the tasks is asked by the caller."""
    if not task_ids:
        return {}
    query = select(TaskNote).where(
        TaskNote.task_id.in_(list(task_ids)), TaskNote.organisation_id == by.organisation_id, TaskNote.role == by.role
    )
    return {note.task_id: note for note in session.scalars(query.order_by(TaskNote.at, TaskNote.id))}


def notes_of_case(session: Session, case_id: UUID) -> list[TaskNote]:
    """What colleagues wrote to each other with the tasks of a case, oldest first."""
    return list(session.scalars(select(TaskNote).where(TaskNote.case_id == case_id).order_by(TaskNote.at, TaskNote.id)))


def prolong(session: Session, task: Task, *, until: datetime) -> None:
    """Let the lease run on. Not a change that others must know of, so the version stays."""
    session.execute(update(Task).where(Task.id == task.id).values(lease_until=until))


def move(session: Session, task: Task, place: Place, *, at: datetime) -> dict[str, Scalar]:
    """Give a live task to another team, which hears of it; who had it has it no longer.

    Returns:
        where it was, for the line that is written about it: the row says only where it is.
    """
    before: dict[str, Scalar] = {"from_organisation_id": str(task.organisation_id), "from_role": task.role}
    if task.status == TaskStatus.CLAIMED:
        task.release()
    for name, value in _placed(place).items():
        setattr(task, name, value)
    tell_team(session, task, place, at=at)
    return before


def tell_team(session: Session, task: Task, place: Place, *, at: datetime) -> None:
    """Let the team hear that a task waits for it; and first of all who it concerns."""
    if task.kind != "user":
        return
    kind = NotificationKind.TEAM_TASK if place.person_id is None else NotificationKind.OWN_TASK
    notifications.notify(
        session,
        NotificationKind.HANDOVER if task.form_key == OFFERED_FORM else kind,
        organisation_id=task.organisation_id,
        role=task.role,
        municipality_code=task.municipality_code,
        person_id=place.person_id,
        subject_id=task.id,
        at=at,
    )


def describe(
    session: Session,
    subject_kind: str,
    subject_id: UUID,
    *,
    language: str | None,
    interpreter_needed: bool,
    phase: str | None,
    urgency: str | None,
) -> None:
    """Let the live tasks of a subject say on their card what is known now. Who has one goes on typing: the version stays."""
    session.flush()
    session.execute(
        update(Task)
        .where(Task.subject_kind == subject_kind, Task.subject_id == subject_id, Task.status.in_(_LIVE))
        .values(language=language, interpreter_needed=interpreter_needed, phase=phase, urgency=urgency)
    )


def scalars_of(session: Session, run: Run) -> Mapping[str, Scalar]:
    """What the run's routes decide on, as it stands."""
    return _resume(session, run, terms=_no_terms, at=run.started_at).scalars


def live_elements(session: Session, run: Run) -> tuple[tuple[str, str], ...]:
    """Process and element id of everything in a run that is busy or waits; for drawing."""
    if run.status == RunStatus.ENDED:
        return ()
    return _resume(session, run, terms=_no_terms, at=run.started_at).live


def _no_terms(name: str, _began: datetime) -> datetime:
    raise LookupError(f"term {name} asked for while only looking")


def expire_lease(task: Task, *, at: datetime) -> bool:
    """Put the task back if its lease is over; False when there is nothing to do (any more)."""
    if task.status != TaskStatus.CLAIMED or task.lease_until is None or task.lease_until > at:
        return False
    task.release()
    return True


def keep_state(
    session: Session,
    task: Task,
    change: Change,
    *,
    before: bytes,
    entry_id: UUID,
    case_version: int,
    case_status: str,
    until: datetime,
) -> UndoState:
    """Keep how it was before *task* was completed, until *until*. Call it when everything of the completion is flushed.

    Args:
        before: the state of the run, as it was. case_version: as it is now. case_status: as it was.
    """
    assert task.completed_by is not None, "it was just completed by a person"
    assert task.completed_at is not None, "and so at a moment"
    kept = UndoState(
        task_id=task.id,
        person_id=task.completed_by,
        entry_id=entry_id,
        run_id=task.run_id,
        state=b"" if is_own(task) else before,
        state_after=_hash(task.run.state),
        task_version=task.version,
        case_version=case_version,
        case_status=case_status,
        opened=[one.id.hex for one in change.opened],
        steps=[one.id.hex for one in change.steps],
        completed_at=task.completed_at,
        until_at=until,
    )
    session.add(kept)
    return kept


def state_kept(session: Session, task_id: UUID) -> UndoState | None:
    """What is kept to undo that a task was completed; None when nothing is, or not any more."""
    return session.get(UndoState, task_id, options=[undefer(UndoState.state)])


def completed_lately(session: Session, *, by: Actor, at: datetime) -> list[tuple[Task, datetime]]:
    """Tasks that *by* completed in this role and that may still be undone by the clock, with until when; newest first.
    What somebody visibly went on with is left out; :func:`untouched` says it surely."""
    query = (
        select(Task, UndoState)
        .join(UndoState, UndoState.task_id == Task.id)
        .where(
            UndoState.person_id == by.person_id,
            UndoState.until_at > at,
            Task.organisation_id == by.organisation_id,
            Task.role == by.role,
            Task.status == TaskStatus.COMPLETED,
        )
        .order_by(UndoState.completed_at.desc(), Task.id)
    )
    found = [(row[0], row[1]) for row in session.execute(query)]
    opened = {UUID(one) for _, kept in found for one in kept.opened}
    there = select(Task.id).where(Task.id.in_(opened), Task.status == TaskStatus.OPEN, Task.version == 1)
    waiting = set(session.scalars(there)) if opened else set()
    return [(task, kept.until_at) for task, kept in found if {UUID(one) for one in kept.opened} <= waiting]


def untouched(session: Session, task: Task, kept: UndoState) -> bool:
    """Whether the run, the task and all that it opened are exactly as completing left them: nobody took, kept, moved or
    ended any of it, and no timer came by."""
    if task.version != kept.task_version or _hash(task.run.state) != kept.state_after:
        return False
    opened = [UUID(one) for one in kept.opened]
    rows = (
        session.execute(select(Task.status, Task.version, Task.warned_at).where(Task.id.in_(opened))) if opened else ()
    )
    found = [tuple(row) for row in rows]
    drafts = select(func.count()).select_from(Draft).where(Draft.task_id.in_(opened))
    return found == [(TaskStatus.OPEN, 1, None)] * len(opened) and not (opened and session.scalar(drafts))


def take_back(
    session: Session, task: Task, kept: UndoState, *, terms: Terms, by: Actor, at: datetime, until: datetime
) -> list[Task]:
    """Put the run back as it was before *task* was completed, withdraw what that opened, and give the task to *by* again.

    Returns:
        the tasks that were withdrawn.
    """
    opened = [UUID(one) for one in kept.opened]
    withdrawn = list(session.scalars(select(Task).where(Task.id.in_(opened)).order_by(Task.id))) if opened else []
    for one in withdrawn:
        one.withdraw()
        one.step_key = f"{UNDONE}{one.id.hex}"  # the machine goes this way again, and gives the same key out again
        jobs.cancel(session, TASK_TERM, subject_kind="task", subject_id=one.id, at=at)
    if kept.steps:
        session.execute(delete(StepTaken).where(StepTaken.id.in_([UUID(one) for one in kept.steps])))
    if kept.state:
        task.run.state = kept.state
        process = _resume(session, task.run, terms=terms, at=at)
        if process.due_at is not None:
            jobs.enqueue(session, "run_timer", due_at=process.due_at, subject_kind="run", subject_id=task.run_id)
        else:
            jobs.cancel(session, "run_timer", subject_kind="run", subject_id=task.run_id, at=at)
    task.take_back(by=by, until=until)
    jobs.enqueue(session, "lease_expiry", due_at=until, subject_kind="task", subject_id=task.id)
    if jobs.done_since(session, TASK_TERM, subject_kind="task", subject_id=task.id, since=kept.completed_at):
        plan_term(session, task, at=at)  # its moment came by while the task was done
    session.delete(kept)
    session.flush()
    return withdrawn


def forget_states(session: Session, *, at: datetime) -> None:
    """Erase what was kept to undo, of which the time is over."""
    session.execute(delete(UndoState).where(UndoState.until_at <= at))


def _hash(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()


def save_draft(
    session: Session,
    task_id: UUID,
    *,
    answers: Mapping[str, Any],
    beside: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> Draft:
    """Keep what somebody typed, for that person only.

    Args:
        beside: typed beside the questions, by name; a name that is left out stays as it was.
    """
    if by.person_id is None:
        raise WrongState("a draft needs a person")
    draft = session.get(Draft, (task_id, by.person_id))
    if draft is None:
        draft = Draft(task_id=task_id, person_id=by.person_id)
        with session.no_autoflush:
            session.add(draft)
    draft.write(answers, {**(draft.beside or {}), **(beside or {})} or None)
    draft.saved_at = at
    return draft


def draft_of(session: Session, task_id: UUID, *, by: Actor) -> Draft | None:
    """What *by* typed before, if anything."""
    return None if by.person_id is None else session.get(Draft, (task_id, by.person_id))


def begun_by_others(session: Session, task_id: UUID, *, by: Actor) -> datetime | None:
    """When somebody else last kept something on a task and did not send it; neither who nor what."""
    return session.scalar(
        select(func.max(Draft.saved_at)).where(Draft.task_id == task_id, Draft.person_id != by.person_id)
    )


def drop_draft(session: Session, task_id: UUID, *, by: Actor) -> None:
    """The answers were sent; the draft has served."""
    session.execute(delete(Draft).where(Draft.task_id == task_id, Draft.person_id == by.person_id))


def is_candidate(task: Task, by: Actor) -> bool:
    """Whether the task is in the pool of this organisation, role and area."""
    return (
        task.kind == "user"
        and by.organisation_id is not None
        and task.organisation_id == by.organisation_id
        and task.role == by.role
        and (not by.municipalities or task.municipality_code is None or task.municipality_code in by.municipalities)
    )


def work_list(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    cursor: str | None = None,
    page_size: int = 50,
    filters: Mapping[str, Any] | None = None,
    without: Collection[UUID] = (),
    order: Order = Order.DUE,
) -> Page[Task]:
    """Tasks that *by* has and may take, by term. Every branch reads one index from its start, so that it costs the same
    with a hundred and with a hundred thousand open tasks.

    Args:
        cursor: of the previous page.
        filters: ``mine`` (true: only what *by* has), ``status`` (``open`` or ``claimed``), ``municipality``,
            ``process_id``, ``form_key``, ``phase``, ``urgency``, ``due`` (a :class:`Due`), ``is_new`` (true: since the working
            day before today) and ``organisation_id``.
        without: subjects that are closed to *by* in person.
        order: by arrival the pool is one branch for all areas together: one index has that order, and no area stands in it.

    Raises:
        Invalid: an unknown filter, or a cursor that is not ours.
    """
    page_size = max(1, min(page_size, 200))
    wanted = known_filters(filters)
    mine = wanted.pop("mine", False)
    status = wanted.pop("status", None)
    own, pool = _work(by, wanted, without, at, apart=order not in _BY_ARRIVAL)
    branches = own if status in (None, TaskStatus.CLAIMED) else []
    if status in (None, TaskStatus.OPEN) and not mine:
        branches = [*branches, *pool]
    if not branches:
        return Page([], None, 0)
    return _page(session, branches, cursor, page_size, order=order)


def known_filters(filters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Filters of the work list without those that say nothing.

    Raises:
        Invalid: a filter, or a group of terms, that is not there.
    """
    wanted = {name: value for name, value in (filters or {}).items() if value not in (None, False, "")}
    if unknown := set(wanted) - {"mine", "status", *FILTERS}:
        errors = {name: ["Dit filter bestaat niet."] for name in unknown}
        raise Invalid(f"unknown filters {sorted(unknown)}", errors=errors)
    if wanted.get("due", Due.TODAY) not in set(Due):
        raise Invalid("unknown due group", errors={"due": [f"Kies uit: {', '.join(Due)}."]})
    return wanted


def work_counts(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    filters: Mapping[str, Any] | None = None,
    without: Collection[UUID] = (),
) -> dict[tuple[bool, Due], int]:
    """How much *by* has (True) and may take (False) of each group of terms, in one statement; each stops above MANY.

    Args:
        filters: as for :func:`work_list`; which group of terms is looked at does not matter here.
    """
    wanted = {name: value for name, value in known_filters(filters).items() if name in FILTERS - {"due"}}
    own, pool = _work(by, wanted, without, at)
    parts = {
        (mine, due): [and_(branch, Task.sort_at >= begin, Task.sort_at < end) for branch in branches]
        for mine, branches in ((True, own), (False, pool))
        for due, (begin, end) in due_bounds(at).items()
    }
    return _counts(session, parts)


def list_counts(
    session: Session,
    lists: Mapping[T, Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    without: Collection[UUID] = (),
) -> dict[T, int]:
    """How much there is with each of several sets of filters, in one statement; each stops above MANY."""
    parts = {}
    for key, filters in lists.items():
        wanted = {name: value for name, value in known_filters(filters).items() if name in FILTERS}
        own, pool = _work(by, wanted, without, at)
        parts[key] = [*own, *pool]
    return _counts(session, parts)


def _counts(session: Session, parts: Mapping[T, Sequence[ColumnElement[bool]]]) -> dict[T, int]:
    limited = [
        select(
            select(literal_column(str(number)).label("part"))
            .select_from(Task)
            .where(branch)
            .limit(_written(MANY + 1))
            .subquery()
        )
        for number, branches in enumerate(parts.values())
        for branch in branches
    ]
    found: dict[int, int] = {}
    if limited:
        all_ = union_all(*limited).subquery()
        rows = session.execute(select(all_.c.part, func.count().label("many")).group_by(all_.c.part))
        found = {int(row.part): int(row.many) for row in rows}
    return {key: min(found.get(number, 0), MANY + 1) for number, key in enumerate(parts)}


def _work(
    by: Actor, wanted: Mapping[str, Any], without: Collection[UUID], at: datetime, *, apart: bool = True
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What *by* has and what *by* may take, each in parts that read one index; the areas *apart* or together."""
    if by.person_id is None or by.organisation_id is None:
        return [], []
    if str(wanted.get("organisation_id", by.organisation_id)) != str(by.organisation_id):
        return [], []  # somebody acts for one organisation at a time; the work of another is there in that role
    narrow = [_FILTERS[name] == value for name, value in wanted.items() if name in _FILTERS] + _open_to(without)
    if "due" in wanted:
        begin, end = due_bounds(at)[Due(wanted["due"])]
        narrow += [Task.sort_at >= begin, Task.sort_at < end]
    team = and_(Task.organisation_id == by.organisation_id, Task.role == by.role)
    # "is true" keeps the planner from walking all that the team claimed instead of the few that are mine
    own = and_(Task.claimed_by == by.person_id, Task.status == TaskStatus.CLAIMED, team.is_(True), *narrow)
    pool = and_(team, _IS_OPEN, *narrow)
    if wanted.get("is_new"):
        since = new_since(at)
        handed = and_(Task.handed_by.is_not(None), Task.claimed_at >= since)
        own, pool = and_(own, or_(Task.opened_at >= since, handed)), and_(pool, Task.opened_at >= since)
    if not by.municipalities:
        return [own], [pool]
    if not apart:
        area = or_(Task.municipality_code.in_(sorted(by.municipalities)), Task.municipality_code.is_(None))
        return [own], [and_(pool, area)]
    areas = [and_(pool, Task.municipality_code == code) for code in sorted(by.municipalities)]
    return [own], [*areas, and_(pool, Task.municipality_code.is_(None))]


def at_risk(
    session: Session,
    *,
    municipalities: Collection[str],
    until: datetime,
    unless_form: str,
    cursor: str | None = None,
    page_size: int = 50,
    without: Collection[UUID] = (),
) -> Page[Task]:
    """Live tasks of cases in an area whose term ends by *until*, and all that float; the earliest term first.

    Tasks without a municipality are everybody's. Every branch reads a part of one index, whatever else is open.

    Raises:
        Invalid: a cursor that is not ours.
    """
    branches = []
    for code in (*sorted(municipalities), None):
        area = Task.municipality_code.is_(None) if code is None else Task.municipality_code == code
        for status in _LIVE:
            live = and_(area, Task.status == status, *_open_to(without))
            others = or_(Task.form_key.is_(None), Task.form_key.not_in((unless_form, FLOATING_FORM)))
            branches.append(and_(live, Task.subject_kind == "case", Task.sort_at <= until, others))
            # The form stands in the statement, so that the planner sees that the small index holds all of them.
            branches.append(and_(live, Task.form_key == literal_column(f"'{FLOATING_FORM}'")))
    return _page(session, branches, cursor, max(1, min(page_size, 200)))


def _open_to(without: Collection[UUID]) -> list[ColumnElement[bool]]:
    """Nearly always nothing, so that the statement, and how it is planned, stay as they are."""
    return [Task.subject_id.not_in(sorted(without))] if without else []


def _page(
    session: Session,
    branches: Sequence[ColumnElement[bool]],
    cursor: str | None,
    page_size: int,
    *,
    order: Order = Order.DUE,
) -> Page[Task]:
    after = read_cursor(cursor)
    moment = Task.opened_at if order in _BY_ARRIVAL else Task.sort_at
    backwards = order.value.startswith("-")
    wanted: list[Select[Any]] = []
    for where in branches:
        if order is Order.LAST_DUE:
            wanted += _branches_last_first(where, after, page_size + 1)
        else:
            wanted.append(_branch(where, after, page_size + 1, by=moment, backwards=backwards))
    found = union_all(*wanted).subquery()
    ordered = (found.c.moment.desc(), found.c.id.desc()) if backwards else (found.c.moment, found.c.id)
    ids = session.execute(select(found.c.moment, found.c.id).order_by(*ordered).limit(_written(page_size + 1)))
    rows = ids.all()
    page = rows[:page_size]
    tasks = {task.id: task for task in session.scalars(select(Task).where(Task.id.in_([row.id for row in page])))}
    counted = union_all(
        *(
            select(select(literal(1)).select_from(Task).where(where).limit(_written(MANY + 1)).subquery())
            for where in branches
        )
    )
    count = session.scalar(select(func.count()).select_from(counted.limit(_written(MANY + 1)).subquery())) or 0
    more = len(rows) > page_size
    return Page(
        [tasks[row.id] for row in page],
        write_cursor(page[-1].moment, page[-1].id) if more else None,
        count,
    )


def erase(session: Session, subject_kind: str, subject_id: UUID, *, at: datetime) -> list[Run]:
    """Erase what runs of a subject hold about it: states, steps and drafts; end what still runs, withdraw its tasks.

    That there were runs and tasks stays, so that counts stay right.
    """
    runs = runs_of(session, subject_kind, subject_id)
    for task in tasks_of(session, subject_kind, subject_id):
        if task.status in _LIVE:
            task.withdraw()
        task.language, task.interpreter_needed, task.phase = None, False, None
    session.flush()
    ids = [run.id for run in runs]
    tasks = select(Task.id).where(Task.run_id.in_(ids))
    session.execute(delete(Draft).where(Draft.task_id.in_(tasks)))
    session.execute(delete(UndoState).where(UndoState.run_id.in_(ids)))
    session.execute(delete(TaskNote).where(TaskNote.task_id.in_(tasks)))
    session.execute(delete(StepTaken).where(StepTaken.run_id.in_(ids)))
    for run in runs:
        run.state = b""
        if run.status == RunStatus.RUNNING:
            run.end(at)
        jobs.cancel(session, "run_timer", subject_kind="run", subject_id=run.id, at=at)
    session.flush()
    return runs


def _written(number: int) -> ColumnElement[int]:
    """A limit that stands in the statement: as a parameter, PostgreSQL guesses a tenth of the table and sorts it all."""
    return literal_column(str(int(number)), Integer)


def _branch(
    where: ColumnElement[bool],
    after: tuple[datetime, UUID] | None,
    limit: int,
    *,
    by: InstrumentedAttribute[datetime],
    backwards: bool,
) -> Select[Any]:
    query = select(by.label("moment"), Task.id).where(where)
    if after is not None:
        query = query.where(beyond(by, Task.id, after, backwards=backwards))
    order = (by.desc(), Task.id.desc()) if backwards else (by, Task.id)
    ordered = query.order_by(*order).limit(_written(limit)).subquery()
    return select(ordered.c.moment, ordered.c.id)


def beyond(
    moment: InstrumentedAttribute[datetime],
    identity: InstrumentedAttribute[UUID],
    after: tuple[datetime, UUID],
    *,
    backwards: bool = False,
) -> ColumnElement[bool]:
    """What stands after the place of a cursor, in a list by *moment* and id. Said twice, so that an index is entered there."""
    at, last = after
    if backwards:
        return and_(or_(moment < at, and_(moment == at, identity < last)), moment <= at)
    return and_(or_(moment > at, and_(moment == at, identity > last)), moment >= at)


def _branches_last_first(
    where: ColumnElement[bool], after: tuple[datetime, UUID] | None, limit: int
) -> Iterator[Select[Any]]:
    """The same index from its end: what has a term, and then what has none, which counts as the earliest of all."""
    known = select(Task.sort_at, Task.id).where(where, Task.sort_at < NO_TERM)
    bare = select(Task.id).where(where, Task.sort_at == NO_TERM)
    if after is not None:
        at, identity = after
        known = known.where(beyond(Task.sort_at, Task.id, after, backwards=True))
        if at == _BEFORE_ALL:
            bare = bare.where(Task.id < identity)
    ordered = known.order_by(Task.sort_at.desc(), Task.id.desc()).limit(_written(limit)).subquery()
    yield select(ordered.c.sort_at.label("moment"), ordered.c.id)
    rest = bare.order_by(Task.id.desc()).limit(_written(limit)).subquery()
    yield select(literal(_BEFORE_ALL, Task.sort_at.type).label("moment"), rest.c.id)


def write_cursor(at: datetime, identity: UUID) -> str:
    """Where a page of the list ended, for a URL; it names no person."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), identity.hex]).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The place that :func:`write_cursor` wrote.

    Raises:
        Invalid: not written by us.
    """
    if not cursor:
        return None
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError("longer than any cursor")  # also keeps what is nested deeply from the JSON reader
        at, identity = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at).astimezone(UTC), UUID(identity)
    except (ValueError, TypeError, OverflowError, binascii.Error, AttributeError) as error:
        raise Invalid(
            "cursor", errors={"cursor": ["Deze bladwijzer klopt niet. Begin opnieuw bij de eerste bladzijde."]}
        ) from error


def _lock_subject(
    session: Session, subject_kind: str, subject_id: UUID, run_id: UUID, *, skip_locked: bool = False
) -> bool:
    if subject_kind == "case" and skip_locked:
        with logbook.deciding(session):  # whose turn it is
            found = try_lock_case(session, subject_id)
        session.info["processes.locked"] = found  # the session itself would forget it, and read it again and again
        return found is not None
    if subject_kind == "case":
        # Row security hides a case that the organisation has nothing to do with any more; its old task is still its own.
        with suppress(NotFound):
            with logbook.deciding(session):
                session.info["processes.locked"] = cases.lock(session, subject_id)
            return True
    # Other subjects have no row that rooms before this one know; their run's row stands for them.
    row = session.execute(select(Run.id).where(Run.id == run_id).with_for_update(skip_locked=skip_locked)).first()
    return row is not None


def _resume(session: Session, run: Run, *, terms: Terms, at: datetime) -> Process:
    return Process.resume(diagrams.load(session, run.bundle_digest), run.state, now=at, terms=terms)


def _keep(
    session: Session, run: Run, process: Process, *, place: Places, at: datetime, known: Sequence[Task] | None = None
) -> Change:
    """Store the state, and make the open tasks exactly what the machine waits for."""
    waiting = {step.key: step for step in process.waiting()}
    live = {task.step_key: task for task in (live_tasks(session, run) if known is None else known) if not is_own(task)}
    withdrawn = []
    for key, task in live.items():
        if key not in waiting:
            task.withdraw()
            withdrawn.append(task)
        elif _set_due(task, waiting[key].due_at) and task.kind == "user":
            plan_term(session, task, at=at)
    places = {key: place(step) for key, step in waiting.items() if key not in live}
    opened = [_task(run, waiting[key], there, at) for key, there in places.items()]
    session.add_all(opened)
    steps = [
        StepTaken(
            run_id=run.id,
            process_id=step.process_id,
            element_id=step.element_id,
            kind=step.kind,
            bundle_digest=run.bundle_digest,
            at=step.at,
            ordinal=ordinal,
            scalars=dict(step.scalars or {}),
        )
        for ordinal, step in enumerate(process.taken)
    ]
    session.add_all(steps)
    run.state = process.dump()
    if process.due_at is not None and not process.ended:
        jobs.enqueue(session, "run_timer", due_at=process.due_at, subject_kind="run", subject_id=run.id)
    elif known is None:  # a run that just began has no job yet
        jobs.cancel(session, "run_timer", subject_kind="run", subject_id=run.id, at=at)
    for task in opened:  # after the run's own job: these go in with it, in one statement
        _watch(session, task, at)
        tell_team(session, task, places[task.step_key], at=at)
    if process.ended:
        run.end(at)
    now_live = () if process.ended else process.live
    return Change(tuple(opened), tuple(withdrawn), tuple(steps), dict(process.scalars), process.ended, live=now_live)


def _task(run: Run, step: Waiting, place: Place, at: datetime) -> Task:
    task = Task(
        id=uuid4(),
        run=run,
        subject_kind=run.subject_kind,
        subject_id=run.subject_id,
        step_key=step.key,
        process_id=step.process_id,
        element_id=step.element_id,
        kind=step.kind,
        name=step.name,
        documentation=step.documentation or None,
        form_key=step.form,
        topic=step.topic,
        term=step.term,
        properties=dict(step.properties or {}),
        opened_at=at,
        status=TaskStatus.OPEN,
        **_placed(place),
    )
    _set_due(task, step.due_at)
    return task


def _placed(place: Place) -> dict[str, Any]:
    return {
        "organisation_id": place.organisation_id,
        "role": place.role,
        "municipality_code": place.municipality_code,
        "urgency": place.urgency,
        "language": place.language,
        "interpreter_needed": place.interpreter_needed,
        "phase": place.phase,
    }
