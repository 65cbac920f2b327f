"""Does what is due: timers, leases, erasure, sealing; then sends what waits to leave the house. As many workers as wanted; on SQLite they take turns with the doors.

A job is done in one transaction with what it changes. One that fails is tried again later and never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import idempotency, jobs, logbook, method, outbox, processes, rights
from workflows.db import Database
from workflows.delivering import Deliveries
from workflows.errors import ConcurrentChange, Unavailable

_log = logging.getLogger(__name__)

#: Seconds between looks when nothing is due.
IDLE_SECONDS = 1.0
#: How long lines of the logbooks wait for their place in the chain.
SEAL_EVERY = timedelta(seconds=15)
#: How long unusual reading may go unnoticed.
WATCH_EVERY = timedelta(hours=1)


#: How long it takes before it is seen who wants mail about what happened.
NOTIFY_EVERY = timedelta(minutes=1)
#: How long what was sealed may wait to be told on to programs that listen.
SPREAD_EVERY = timedelta(seconds=15)


#: Over which channels heads of the logbook leave the house, and how long there is between two at least.
ANCHORS: Mapping[str, timedelta] = {
    "anchor_file": timedelta(0),
    "anchor_mail": timedelta(hours=1),
    "anchor_webhook": timedelta(hours=1),
}
#: Over which channel the sealed lines themselves leave the house.
LINES = "log_lines"
#: Sends the payload of a message, given with its id, or raises.
Sender = Callable[[Mapping[str, Any], UUID], None]


def run_once(
    database: Database,
    at: datetime,
    *,
    limit: int = 50,
    senders: Mapping[str, Sender] | None = None,
    deliveries: Deliveries | None = None,
) -> int:
    """Do what is due at *at* (UTC) and send what waits; returns how many jobs were done.

    Args:
        senders: how to send, by channel. What is meant for another channel waits.
        deliveries: sends to programs that listen; nobody waits for it.

    Raises:
        Unavailable: the database is away. Every other failure is written at its job and tried again later.
    """
    senders = senders or {}
    with database.reading() as session:
        due = jobs.due_ids(session, at=at, limit=limit)
    done = sum(_perform(database, job_id, at, senders) for job_id in due)
    if senders:
        _send(database, senders, at)
    if LINES in senders:
        _forward(database, senders[LINES], at)
    if deliveries is not None:
        deliveries.begin(at)
    return done


def _send(database: Database, senders: Mapping[str, Sender], at: datetime) -> None:
    """Send after what wants it sent was kept, in no transaction at all: who answers slowly keeps nobody waiting.

    Somebody who is stopped between sending and writing that down sends it again.
    """
    with database.reading() as session:
        due = outbox.due(session, channels=senders, at=at)
    trouble: set[str] = set()
    for message_id, channel in due:
        if channel in trouble:
            continue  # whoever did not take the last one is left alone for now, and nothing else waits for that
        with database.writing() as session:
            message = outbox.take(session, message_id, at=at)
        if message is None:
            continue
        try:
            senders[message.channel](message.payload, message.id)
        except Exception as error:
            trouble.add(message.channel)
            _log.error("message.failed", extra={"kind": message.channel, "error": type(error).__name__})
            with database.writing() as session:
                outbox.failed(session, message_id, type(error).__name__)
        else:
            with database.writing() as session:
                outbox.sent(session, message_id, at=at)


def _forward(database: Database, send: Sender, at: datetime) -> None:
    """Send the next sealed lines of each log to the system that keeps them as well; what is refused waits, in order."""
    with database.reading() as session:
        due = logbook.forwardable(session, at=at)
    for name in due:
        with database.writing() as session:
            batch = logbook.take_batch(session, name, at=at)
        if batch is None:
            continue
        try:
            send({"log": batch.log, "lines": batch.lines}, batch.id)
        except Exception as error:
            _log.error("lines.not_forwarded", extra={"kind": name, "error": type(error).__name__})
            continue
        with database.writing() as session:
            logbook.arrived(session, batch, at=at)


def _anchor(session: Session, channels: Iterable[str], at: datetime) -> None:
    """Have the ends of the chains kept outside the database, when they moved since the last time."""
    heads = [
        {"log": name, "position": head.position, "hash": head.hash, "sealed_at": head.sealed_at}
        for name, head in logbook.heads(session).items()
    ]
    for channel in sorted(set(channels) & ANCHORS.keys()):
        last = outbox.latest(session, channel)
        if heads and (last is None or (last.payload["heads"] != heads and last.created_at <= at - ANCHORS[channel])):
            outbox.put(session, channel, {"heads": heads}, at=at)


#: What is done again and again: kind → subject, and when it is due after it was done.
STANDING: Mapping[str, tuple[str, Callable[[datetime], datetime]]] = {
    "seal": ("logbook", lambda at: at + SEAL_EVERY),
    "watch_reading": ("logbook", lambda at: at + WATCH_EVERY),
    "spread_notifications": ("region", lambda at: at + NOTIFY_EVERY),
    "spread_events": ("logbook", lambda at: at + SPREAD_EVERY),
    "check_holders": ("region", lambda at: start_of_day(local_date(at) + timedelta(days=1))),
}


def plan_standing_jobs(database: Database, at: datetime) -> None:
    """Make sure that what is done again and again is planned; called once at the start."""
    with database.writing() as session:
        known = set(
            session.scalars(
                select(jobs.Job.kind).where(jobs.Job.kind.in_(STANDING), jobs.Job.status == jobs.JobStatus.PENDING)
            )
        )
        for kind in set(STANDING) - known:
            jobs.enqueue(session, kind, due_at=at, subject_kind=STANDING[kind][0], subject_id="all")


class Worker:
    """The loop around :func:`run_once`, for a thread or a process of its own."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        stop: Event,
        senders: Mapping[str, Sender] | None = None,
        deliveries: Deliveries | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.stop = stop
        self.senders = senders or {}
        self.deliveries = deliveries

    def run(self) -> None:
        """Work until told to stop. Nothing that happens to a job, or to the database, ends it."""
        planned = False
        while not self.stop.is_set():
            done = 0
            try:
                if not planned:
                    plan_standing_jobs(self.database, self.clock())
                    planned = True
                done = run_once(self.database, self.clock(), senders=self.senders, deliveries=self.deliveries)
            except Unavailable:
                _log.warning("worker.database_away")
            except Exception as error:
                _log.error("worker.failed", extra={"error": type(error).__name__})
            if not done:
                self.stop.wait(IDLE_SECONDS)


def _perform(database: Database, job_id: UUID, at: datetime, channels: Iterable[str]) -> bool:
    try:
        with database.writing() as session:
            done = method.perform(session, job_id, at=at)
            if done:
                _repeat(session, job_id, at, channels)
        if session.info.get(rights.DESTROYED):
            database.scrub()
        return done
    except (ConcurrentChange, Unavailable) as error:
        if isinstance(error, Unavailable):
            raise
        return False  # somebody else moved it; it is still due if it has to be done
    except Exception as error:
        _log.error("job.failed", extra={"job": str(job_id), "error": type(error).__name__})
        with database.writing() as session:
            job = jobs.take(session, job_id)
            if job is not None and job.status == jobs.JobStatus.PENDING:
                job.fail(at, _reason(error))
        return False


def _repeat(session: Session, job_id: UUID, at: datetime, channels: Iterable[str]) -> None:
    job = session.get(jobs.Job, job_id)
    if job is None or job.kind not in STANDING:
        return
    subject_kind, due = STANDING[job.kind]
    more = job.kind == "seal" and logbook.more_to_seal(session)  # whoever waits to write goes first
    jobs.enqueue(session, job.kind, due_at=at if more else due(at), subject_kind=subject_kind, subject_id="all")
    if job.kind == "seal" and not more:
        idempotency.forget(session, at=at)
        processes.forget_states(session, at=at)
        _anchor(session, channels, at)


def _reason(error: Exception) -> str:
    """The kind of error and the step it happened at; the text of an error may hold what somebody typed."""
    step = getattr(error, "element_id", None)
    return type(error).__name__ + (f" at {step}" if isinstance(step, str) else "")


__all__ = ["ANCHORS", "LINES", "Sender", "Worker", "plan_standing_jobs", "run_once"]
