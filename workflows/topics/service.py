"""Choosing which program may do what, finding what waits for it, and what nobody tries any more."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from workflows import access, logbook
from workflows.actor import Actor
from workflows.errors import Invalid, NotFound
from workflows.organisations import Organisation
from workflows.processes import Task, TaskStatus
from workflows.topics.model import TopicLock, TopicWorker
from workflows.topics.rules import faults

#: As who a program acts: no person, one organisation, and nothing but steps of its topic.
ROLE = "topic_worker"
#: How its token begins, so that it is told from the token of somebody.
_PREFIX = "steun_topic_"


@dataclass(frozen=True, slots=True)
class Incident:
    """A step that nobody tries any more."""

    task_id: UUID
    topic: str
    organisation_id: UUID
    since: datetime
    error_code: str | None
    fetched: int


@dataclass(frozen=True, slots=True)
class Held:
    """A step that a program has now."""

    task_id: UUID
    program: str
    until: datetime


@dataclass(slots=True)
class Standing:
    """How it stands with a topic at an organisation: programs that may do it, steps that wait for one, and the others."""

    topic: str
    organisation_id: UUID
    programs: list[TopicWorker] = field(default_factory=list)
    waiting: int = 0
    waiting_since: datetime | None = None
    held: list[Held] = field(default_factory=list)
    failed: list[Incident] = field(default_factory=list)


class Delay(StrEnum):
    """Why a step of a topic does not come further."""

    FAILED = "failed"  #: no tries left: nobody tries any more
    LAPSED = "lapsed"  #: a program took it, said no more, and its time is over
    HELD = "held"  #: a program has it now, of what was there long before
    RETRYING = "retrying"  #: it went wrong, is there long, and is tried again
    WAITING = "waiting"  #: is there long, and no program takes it


@dataclass(slots=True)
class Delayed:
    """Steps of one topic at one organisation that do not come further in the same way.

    ``program`` is what had them last; of what no program took, those that could, and None: there is none.
    """

    topic: str
    organisation_id: UUID
    how: Delay
    worker_id: UUID | None
    program: str | None
    error_code: str | None
    since: datetime
    task_ids: list[UUID] = field(default_factory=list)


# --- choosing


def own_workers(session: Session, *, by: Actor, at: datetime) -> list[TopicWorker]:
    """The programs of the organisation of *by*.

    Raises:
        NotAllowed: *by* is no administrator.
    """
    _require(by, at)
    query = select(TopicWorker).where(TopicWorker.organisation_id == by.organisation_id, TopicWorker.ended_at.is_(None))
    return list(session.scalars(query.order_by(TopicWorker.created_at, TopicWorker.id)))


def own_worker(session: Session, worker_id: UUID, *, by: Actor, at: datetime, lock: bool = False) -> TopicWorker:
    """One program of the own organisation.

    Raises:
        NotAllowed: *by* is no administrator. NotFound: no such program, ended, or of another organisation.
    """
    _require(by, at)
    query = select(TopicWorker).where(
        TopicWorker.id == worker_id,
        TopicWorker.organisation_id == by.organisation_id,
        TopicWorker.ended_at.is_(None),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"no topic worker {worker_id}")
    return found


def add_worker(
    session: Session,
    *,
    topic: str,
    label: str,
    reads: Sequence[str] = (),
    writes: Sequence[str] = (),
    days: int = 90,
    by: Actor,
    at: datetime,
) -> tuple[TopicWorker, str]:
    """Let a program do the steps of a topic that lie with the organisation of *by*.

    Args:
        reads: which of the names on which a route is decided it gets along. writes: with which it may answer.
        days: how long its token lasts.

    Returns:
        the program, and its token, which is shown this once.

    Raises:
        NotAllowed: *by* is no administrator. Invalid: every field that is not right, at once.
    """
    _require(by, at)
    assert by.organisation_id is not None, "a role is of an organisation"
    if wrong := faults(topic, label, reads, writes, days):
        raise Invalid(f"topic worker of organisation {by.organisation_id} refused", errors=wrong)
    token = _new_token()
    made = TopicWorker(
        organisation_id=by.organisation_id,
        topic=topic,
        label=label.strip(),
        reads=sorted(set(reads)),
        writes=sorted(set(writes)),
        token_hash=_hashed(token),
        expires_at=at + timedelta(days=days),
        created_at=at,
        created_by=by.person_id,
    )
    session.add(made)
    session.flush()
    logbook.write(session, "topic_worker.added", "topic_worker", made.id, by=by, at=at, details={"topic": topic})
    return made, token


def renew_token(
    session: Session, worker_id: UUID, *, days: int = 90, by: Actor, at: datetime
) -> tuple[TopicWorker, str]:
    """Give a program a new token; the one before ends now.

    Returns:
        the program, and its token, which is shown this once.

    Raises:
        NotAllowed, NotFound: see :func:`own_worker`. Invalid: so many days cannot be.
    """
    found = own_worker(session, worker_id, by=by, at=at, lock=True)
    if wrong := faults(found.topic, found.label, (), (), days):
        raise Invalid(f"topic worker {worker_id}: {days} days refused", errors=wrong)
    token = _new_token()
    found.token_hash, found.expires_at = _hashed(token), at + timedelta(days=days)
    found.version += 1
    logbook.write(session, "topic_worker.token_renewed", "topic_worker", found.id, by=by, at=at)
    session.flush()
    return found, token


def end_worker(
    session: Session, worker_id: UUID, *, version: int | None = None, by: Actor, at: datetime
) -> TopicWorker:
    """A program does nothing any more from now on; what it had goes back when its time is over.

    Raises:
        NotAllowed, NotFound: see :func:`own_worker`. StaleVersion: it changed since it was read.
    """
    found = own_worker(session, worker_id, by=by, at=at, lock=True)
    found.require(version)
    found.ended_at = at
    found.version += 1
    logbook.write(session, "topic_worker.ended", "topic_worker", found.id, by=by, at=at)
    session.flush()
    return found


def every_worker(session: Session, *, at: datetime) -> list[TopicWorker]:
    """The programs of all organisations whose token counts. For an installation that was put back."""
    query = select(TopicWorker).where(TopicWorker.ended_at.is_(None), TopicWorker.expires_at > at)
    return list(session.scalars(query.order_by(TopicWorker.id)))


def end_every_worker(session: Session, *, by: Actor, at: datetime) -> int:
    """End all of :func:`every_worker`; returns how many it were."""
    found = every_worker(session, at=at)
    for one in found:
        one.ended_at = at
        one.version += 1
        logbook.write(session, "topic_worker.ended", "topic_worker", one.id, by=by, at=at)
    session.flush()
    return len(found)


def worker_of_token(session: Session, token: str, *, at: datetime) -> tuple[TopicWorker, Actor] | None:
    """Which program sends this token, and as who it acts; None: none, ended, expired, or its organisation stopped."""
    if not token.startswith(_PREFIX):
        return None
    query = (
        select(TopicWorker)
        .join(Organisation, Organisation.id == TopicWorker.organisation_id)
        .where(
            TopicWorker.token_hash == _hashed(token),
            TopicWorker.ended_at.is_(None),
            TopicWorker.expires_at > at,
            Organisation.active,
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        return None
    return found, Actor(None, None, found.organisation_id, ROLE, access_point=found.id.hex)


# --- what waits


def waiting(session: Session, worker: TopicWorker, *, at: datetime, limit: int) -> list[UUID]:
    """Ids of steps that a program can take now, the most pressing first; nothing is locked."""
    free = or_(
        TopicLock.task_id.is_(None),
        and_(
            TopicLock.failed_at.is_(None),
            or_(TopicLock.locked_until.is_(None), TopicLock.locked_until <= at),
            or_(TopicLock.retry_at.is_(None), TopicLock.retry_at <= at),
        ),
    )
    query = (
        select(Task.id)
        .outerjoin(TopicLock, TopicLock.task_id == Task.id)
        .where(
            Task.organisation_id == worker.organisation_id,
            Task.kind == "service",
            Task.topic == worker.topic,
            Task.status == TaskStatus.OPEN,
            Task.subject_kind == "case",
            free,
        )
    )
    return list(session.scalars(query.order_by(Task.sort_at, Task.id).limit(limit)))


def take_lock(session: Session, worker: TopicWorker, task: Task, *, until: datetime, at: datetime) -> TopicLock | None:
    """Give a step to a program, whose case the caller locked; None: somebody was first."""
    kept = _lock(session, task.id)
    if kept is None:
        kept = TopicLock(task_id=task.id, worker_id=worker.id, fetched=0)
        session.add(kept)
        session.flush()
    elif kept.failed_at is not None or (kept.locked_until is not None and kept.locked_until > at):
        return None
    kept.take(worker.id, until=until)
    session.flush()
    return kept


def lock_of(session: Session, worker: TopicWorker, task: Task, lock_id: UUID, *, at: datetime) -> TopicLock:
    """The lock with which a program has a step, whose case the caller locked.

    Raises:
        NotFound: a step of another topic or organisation. WrongState: not (any more) with this lock.
    """
    if (task.organisation_id, task.topic, task.kind) != (worker.organisation_id, worker.topic, "service"):
        raise NotFound(f"no step {task.id} of topic worker {worker.id}")
    kept = _lock(session, task.id)
    if kept is None:
        raise NotFound(f"step {task.id} was never taken")
    kept.require(worker.id, lock_id, at=at)
    return kept


def incidents(session: Session, *, organisation_id: UUID | None = None) -> list[Incident]:
    """Steps that nobody tries any more, the oldest first: of an organisation, or of all. Who asks is judged by the caller."""
    query = select(TopicLock, Task.topic, Task.organisation_id).join(Task, Task.id == TopicLock.task_id)
    query = query.where(TopicLock.failed_at.is_not(None), Task.status == TaskStatus.OPEN)
    if organisation_id is not None:
        query = query.where(Task.organisation_id == organisation_id)
    return [
        Incident(lock.task_id, topic, there, lock.failed_at, lock.error_code, lock.fetched)
        for lock, topic, there in session.execute(query.order_by(TopicLock.failed_at, TopicLock.task_id))
        if topic is not None and lock.failed_at is not None
    ]


def retry_incident(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> None:
    """Somebody looked at what went wrong: the step is tried again.

    Raises:
        NotAllowed: *by* is no administrator. NotFound: no such step of the own organisation.
        WrongState: it is tried already.
    """
    _require(by, at)
    task = _open_step(session, task_id)
    if task is None or task.organisation_id != by.organisation_id:
        raise NotFound(f"no incident {task_id}")
    retry_step(session, task_id, by=by, at=at)


def retry_incidents(session: Session, topic: str, *, by: Actor, at: datetime) -> int:
    """The same for all of a topic of the own organisation; returns how many there were.

    Raises:
        NotAllowed: *by* is no administrator.
    """
    _require(by, at)
    failed = [one.task_id for one in incidents(session, organisation_id=by.organisation_id) if one.topic == topic]
    found = _locks(session, failed, TopicLock.failed_at.is_not(None))
    for one in found:
        one.retry(at)
        logbook.write(session, "topic_step.retried", "task", one.task_id, by=by, at=at)
    session.flush()
    return len(found)


def retry_step(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> None:
    """The same for a step of any organisation. Who asks is judged by the caller.

    Raises:
        NotFound: no such step, or no program ever had it. WrongState: it is tried already.
    """
    kept = _lock_of_step(session, task_id)
    kept.retry(at)
    logbook.write(session, "topic_step.retried", "task", task_id, by=by, at=at)
    session.flush()


def release_held(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a step from the program that has it, which may have died: another gets it at once, and what the first says of it
    later is refused. Who asks is judged by the caller.

    Raises:
        NotFound: no such step, or no program ever had it. WrongState: no program has it now.
    """
    kept = _lock_of_step(session, task_id)
    kept.require_held(at)
    kept.unlock()
    logbook.write(session, "topic_step.taken_back", "task", task_id, by=by, at=at)
    session.flush()


def own_standing(session: Session, *, by: Actor, at: datetime) -> list[Standing]:
    """How it stands with the topics of the organisation of *by*.

    Raises:
        NotAllowed: *by* is no administrator.
    """
    _require(by, at)
    return standing(session, organisation_id=by.organisation_id, at=at)


def standing(session: Session, *, organisation_id: UUID | None = None, at: datetime) -> list[Standing]:
    """How it stands with every topic, by name and then by organisation: of one, or of all. Who asks is judged by the caller."""
    found: dict[tuple[str, UUID], Standing] = {}

    def of(topic: str, organisation_id: UUID) -> Standing:
        return found.setdefault((topic, organisation_id), Standing(topic, organisation_id))

    programs = (
        select(TopicWorker).where(TopicWorker.ended_at.is_(None)).order_by(TopicWorker.created_at, TopicWorker.id)
    )
    if organisation_id is not None:
        programs = programs.where(TopicWorker.organisation_id == organisation_id)
    for program in session.scalars(programs):
        of(program.topic, program.organisation_id).programs.append(program)
    steps = (
        select(Task.id, Task.topic, Task.organisation_id, Task.opened_at, TopicLock, TopicWorker.label)
        .outerjoin(TopicLock, TopicLock.task_id == Task.id)
        .outerjoin(TopicWorker, TopicWorker.id == TopicLock.worker_id)
        .where(Task.kind == "service", Task.topic.is_not(None), Task.status == TaskStatus.OPEN)
    )
    if organisation_id is not None:
        steps = steps.where(Task.organisation_id == organisation_id)
    for task_id, topic, lies_with, opened_at, lock, label in session.execute(steps.order_by(Task.sort_at, Task.id)):
        assert topic is not None, "only those were asked for"
        there = of(topic, lies_with)
        if lock is not None and lock.failed_at is not None:
            there.failed.append(Incident(task_id, topic, lies_with, lock.failed_at, lock.error_code, lock.fetched))
        elif lock is not None and lock.locked_until is not None and lock.locked_until > at:
            there.held.append(Held(task_id, label, lock.locked_until))
        else:
            there.waiting += 1
            there.waiting_since = min(opened_at, there.waiting_since or opened_at)
    return [found[key] for key in sorted(found, key=str)]


def delayed(session: Session, *, slow: timedelta, silent: timedelta, at: datetime) -> list[Delayed]:
    """What does not come further, what is there longest first. Who asks is judged by the caller.

    Args:
        slow: after how long a step is there long. silent: how long after its time a program may still come back for it.
    """
    query = (
        select(Task.id, Task.topic, Task.organisation_id, Task.opened_at, TopicLock, TopicWorker.label)
        .outerjoin(TopicLock, TopicLock.task_id == Task.id)
        .outerjoin(TopicWorker, TopicWorker.id == TopicLock.worker_id)
        .where(
            Task.kind == "service",
            Task.topic.is_not(None),
            Task.status == TaskStatus.OPEN,
            or_(TopicLock.failed_at.is_not(None), TopicLock.locked_until <= at - silent, Task.opened_at <= at - slow),
        )
    )
    found: dict[tuple[object, ...], Delayed] = {}
    for task_id, topic, organisation_id, opened_at, lock, label in session.execute(
        query.order_by(Task.opened_at, Task.id)
    ):
        assert topic is not None, "only those were asked for"
        how, since = _delay(lock, opened_at, silent=silent, at=at)
        last = how in (Delay.FAILED, Delay.LAPSED, Delay.HELD)
        worker_id = lock.worker_id if last else None
        code = lock.error_code if how in (Delay.FAILED, Delay.RETRYING) else None
        one = found.setdefault(
            (topic, organisation_id, how, worker_id, code),
            Delayed(topic, organisation_id, how, worker_id, label if last else None, code, since),
        )
        one.since = min(one.since, since)
        one.task_ids.append(task_id)
    if any(one.program is None for one in found.values()):
        _who_could(session, found.values(), at)
    return list(found.values())


def retry_all(session: Session, task_ids: Collection[UUID], *, at: datetime) -> int:
    """Try those anew that nobody tries any more; returns how many. Who asks is judged by the caller."""
    found = _locks(session, task_ids, TopicLock.failed_at.is_not(None))
    for one in found:
        one.retry(at)
    return len(found)


def release_all(session: Session, task_ids: Collection[UUID], *, at: datetime) -> int:
    """Take those back that a program has now, as :func:`release_held`; returns how many. Who asks is judged by the caller."""
    found = _locks(session, task_ids, TopicLock.locked_until > at)
    for one in found:
        one.unlock()
    return len(found)


def _delay(lock: TopicLock | None, opened_at: datetime, *, silent: timedelta, at: datetime) -> tuple[Delay, datetime]:
    if lock is None:
        return Delay.WAITING, opened_at
    if lock.failed_at is not None:
        return Delay.FAILED, lock.failed_at
    if lock.locked_until is not None and lock.locked_until > at:
        return Delay.HELD, opened_at
    if lock.locked_until is not None and lock.locked_until <= at - silent:
        return Delay.LAPSED, lock.locked_until
    return Delay.WAITING if lock.error_code is None else Delay.RETRYING, opened_at


def _who_could(session: Session, found: Collection[Delayed], at: datetime) -> None:
    """Of what is with no program: which could take it."""
    labels: dict[tuple[str, UUID], list[str]] = {}
    live = select(TopicWorker.topic, TopicWorker.organisation_id, TopicWorker.label).where(
        TopicWorker.ended_at.is_(None), TopicWorker.expires_at > at
    )
    for topic, organisation_id, label in session.execute(live.order_by(TopicWorker.created_at, TopicWorker.id)):
        labels.setdefault((topic, organisation_id), []).append(label)
    for one in found:
        if one.program is None:
            one.program = ", ".join(labels.get((one.topic, one.organisation_id), ())) or None


def _locks(session: Session, task_ids: Collection[UUID], *where: ColumnElement[bool]) -> list[TopicLock]:
    """Locks of open steps; what somebody is busy with at this moment is left to them."""
    query = (
        select(TopicLock)
        .join(Task, Task.id == TopicLock.task_id)
        .where(TopicLock.task_id.in_(task_ids), Task.status == TaskStatus.OPEN, *where)
        .order_by(TopicLock.task_id)
        .with_for_update(of=TopicLock, skip_locked=True)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _open_step(session: Session, task_id: UUID) -> Task | None:
    query = select(Task).where(Task.id == task_id, Task.kind == "service", Task.status == TaskStatus.OPEN)
    return session.scalars(query).one_or_none()


def _lock_of_step(session: Session, task_id: UUID) -> TopicLock:
    kept = None if _open_step(session, task_id) is None else _lock(session, task_id)
    if kept is None:
        raise NotFound(f"no step {task_id} that a program had")
    return kept


def _lock(session: Session, task_id: UUID) -> TopicLock | None:
    query = select(TopicLock).where(TopicLock.task_id == task_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _require(by: Actor, at: datetime) -> None:
    access.require(by, "manage_topics", access.Facts(own_organisation=True), at=at)


def _new_token() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
