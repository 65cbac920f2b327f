"""What happened is told on to the programs that listen: to each organisation only what it may know of, as ids.

Read from the sealed log, in its order, some seconds later: telling costs who does something nothing, and nothing is told
that was not kept. About safety, and about what only a part of those in a case may know of, nothing is told at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import jobs, logbook, webhooks
from workflows.cases import CaseParty
from workflows.handovers import Handover
from workflows.logbook import Happened
from workflows.processes import Task
from workflows.webhooks import EventType, Webhook

JOB = "spread_events"
#: How many lines are told on at once.
_AT_ONCE = 500


#: Line about a task → what is told to the organisation that has it.
_TASK: Mapping[str, EventType] = {
    "task.added": EventType.TASK_OPENED,
    "task.moved": EventType.TASK_OPENED,
    "task.claimed": EventType.TASK_CLAIMED,
    "task.assigned": EventType.TASK_CLAIMED,
    "task.undone": EventType.TASK_CLAIMED,
    "task.released": EventType.TASK_RELEASED,
    "task.lease_ended": EventType.TASK_RELEASED,
    "task.completed": EventType.TASK_COMPLETED,
    "task.withdrawn": EventType.TASK_WITHDRAWN,
    "task.warned": EventType.TASK_NEARLY_LATE,
    "task.escalated": EventType.TASK_LATE,
}
#: Line about a run → the tasks that it opened are told of.
_RUN = frozenset({"run.moved", "run.ended", "signal.started"})
#: Line about a case → what is told to everybody who had a part in it then. Which words or days changed is not said: whoever
#: may know them asks for them.
_CASE: Mapping[str, EventType] = {
    "case.moved": EventType.CASE_STATUS_CHANGED,
    "case.holder_moved": EventType.CASE_HOLDER_CHANGED,
    "case.closed": EventType.CASE_CLOSED,
    **dict.fromkeys(
        (
            "case.described", "case.relocated", "birth.reported", "move.reported", "due_date.changed", "loss.reported",
            "plan.drafted", "plan.agreed", "plan.declined", "plan.ended", "evaluation.held", "exploration.concluded",
            "signal.recorded",
        ),
        EventType.CASE_CHANGED,
    ),
}  # fmt: skip
#: Line about somebody's part in a case → what is told to that organisation.
_PART: Mapping[str, EventType] = {"case.joined": EventType.CASE_JOINED, "case.left": EventType.CASE_LEFT}
#: Line about a handover → what is told to both sides, once it was offered.
_HANDOVER: Mapping[str, EventType] = {
    f"handover.{what}": EventType(f"handover.{what}")
    for what in ("offered", "asked", "replied", "accepted", "refused", "withdrawn", "expired", "completed")
}
_TOLD = frozenset({*_TASK, *_RUN, *_CASE, *_PART, *_HANDOVER})


@dataclass(frozen=True, slots=True)
class _Event:
    """Something to tell one organisation."""

    organisation_id: UUID
    type: EventType
    subject_kind: str
    subject_id: UUID
    at: datetime


def spread_in_time(session: Session, job_id: UUID, _subject_id: str, at: datetime) -> bool:
    """Tell on what was sealed since the last time; the worker plans the next."""
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    spread_events(session, at=at)
    return True


def spread_events(session: Session, *, at: datetime) -> int:
    """Keep what is to be told to programs that listen; returns how many messages that are. Nobody listens: nothing is read."""
    head = logbook.head_of_changes(session)
    position = webhooks.position(session, head=head)
    if position is None or position >= head:
        return 0
    listening = webhooks.listening(session)
    if not listening:
        webhooks.passed(session, head)
        return 0
    lines = logbook.happened_after(session, position, until=head, events=_TOLD, limit=_AT_ONCE)
    told = [
        (one, event.type, event.subject_kind, event.subject_id, event.at)
        for event in dict.fromkeys(_events(session, lines))
        for one in listening.get(event.organisation_id, ())
        if _hears(one, event)
    ]
    webhooks.put(session, told, at=at)
    webhooks.passed(session, lines[-1].position if len(lines) == _AT_ONCE else head)
    return len(told)


def _hears(webhook: Webhook, event: _Event) -> bool:
    return event.type in webhook.events and event.at >= webhook.created_at


def _events(session: Session, lines: Sequence[Happened]) -> Iterator[_Event]:
    """What these lines mean to whom, in their order. What was destroyed meanwhile is told to nobody."""
    tasks = _tasks(session, lines)
    opened = _opened(session, lines)
    handovers = _handovers(session, lines)
    parties = _parties(session, {line.case_id for line in lines if line.case_id and line.event in _CASE})
    for line in lines:
        if line.event in _TASK:
            if (task := tasks.get(_id(line.subject_id))) is not None:
                yield from _about_task(task, line)
        elif line.event in _RUN:
            for task in opened.get((_run_of(line), line.at), ()):
                yield _Event(task.organisation_id, EventType.TASK_OPENED, "task", task.id, line.at)
        elif line.event in _PART and line.case_id is not None:
            if (there := _id(line.details.get("organisation_id"))) is not None:
                yield _Event(there, _PART[line.event], "case", line.case_id, line.at)
        elif line.event in _HANDOVER:
            if (handover := handovers.get(_id(line.subject_id))) is not None and handover.offered_at is not None:
                for side in (handover.from_organisation_id, handover.to_organisation_id):
                    yield _Event(side, _HANDOVER[line.event], "handover", handover.id, line.at)
        elif line.event in _CASE and line.case_id is not None:
            for party in parties.get(line.case_id, ()):
                if party.from_at <= line.at and (party.until_at is None or party.until_at >= line.at):
                    yield _Event(party.organisation_id, _CASE[line.event], "case", line.case_id, line.at)


def _about_task(task: Task, line: Happened) -> Iterator[_Event]:
    before = _id(line.details.get("from_organisation_id"))
    if line.event == "task.moved" and before is not None and before != task.organisation_id:
        yield _Event(before, EventType.TASK_WITHDRAWN, "task", task.id, line.at)
    yield _Event(task.organisation_id, _TASK[line.event], "task", task.id, line.at)


def _tasks(session: Session, lines: Iterable[Happened]) -> Mapping[UUID | None, Task]:
    """Those of a case only: what is about safety, or a review, is nobody's to hear of."""
    wanted = {found for line in lines if line.event in _TASK and (found := _id(line.subject_id))}
    return {task.id: task for task in _of_cases(session, Task.id.in_(wanted))} if wanted else {}


def _opened(session: Session, lines: Iterable[Happened]) -> Mapping[tuple[UUID | None, datetime], list[Task]]:
    """Run and moment → the tasks that were opened by that move."""
    moves = {(run, line.at) for line in lines if line.event in _RUN and (run := _run_of(line)) is not None}
    found: dict[tuple[UUID | None, datetime], list[Task]] = {}
    if moves:
        for task in _of_cases(session, Task.run_id.in_({run for run, _ in moves})):
            if (task.run_id, task.opened_at) in moves:
                found.setdefault((task.run_id, task.opened_at), []).append(task)
    return found


def _of_cases(session: Session, *where: object) -> list[Task]:
    query = select(Task).where(Task.subject_kind == "case", Task.kind == "user", *where)  # type: ignore[arg-type]
    return list(session.scalars(query.order_by(Task.opened_at, Task.id)))


def _handovers(session: Session, lines: Iterable[Happened]) -> Mapping[UUID | None, Handover]:
    wanted = {found for line in lines if line.event in _HANDOVER and (found := _id(line.subject_id))}
    return {one.id: one for one in session.scalars(select(Handover).where(Handover.id.in_(wanted)))} if wanted else {}


def _parties(session: Session, case_ids: set[UUID]) -> Mapping[UUID, list[CaseParty]]:
    found: dict[UUID, list[CaseParty]] = {}
    if case_ids:
        query = select(CaseParty).where(CaseParty.case_id.in_(case_ids))
        for party in session.scalars(query.order_by(CaseParty.from_at, CaseParty.id)):
            found.setdefault(party.case_id, []).append(party)
    return found


def _run_of(line: Happened) -> UUID | None:
    return _id(line.details.get("run") if line.event == "signal.started" else line.subject_id)


def _id(written: object) -> UUID | None:
    try:
        return UUID(str(written))
    except ValueError:
        return None
