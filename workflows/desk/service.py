"""Gathering what does not go, and mending it once two people want that. Every statement counts or groups: no case is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, jobs, logbook, notifications, organisations, outbox, topics, webhooks
from workflows.access import Facts
from workflows.actor import WORKER, Actor
from workflows.cases import Case, CaseStatus
from workflows.db import house
from workflows.desk.model import Action, Repair, RepairStatus, Trouble, TroubleKind, TroubleState, Why
from workflows.desk.rules import Cause, cause_of, parts_of
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.jobs import Job, JobStatus
from workflows.notifications import NotificationKind
from workflows.outbox import Message, MessageStatus
from workflows.processes import Page, Run, RunStatus, Task, TaskStatus, read_cursor, write_cursor
from workflows.topics import Delay
from workflows.webhooks import PauseReason, Webhook, WebhookStatus

#: Kind of the job that puts a case before the process director because nothing waits in it.
ASK_DIRECTOR: Final = "ask_director"
#: As what addresses that hear what happens are told together.
WEBHOOKS: Final = "webhook"
#: Who works at the desk.
_AT_THE_DESK: Final = "administrator"
#: How late the worker may be before that is told.
LATE: Final = timedelta(minutes=10)
#: How long something may wait for a way to send it before that is told.
UNSENT: Final = timedelta(hours=1)
#: How long a step may wait for a program, or be with one, before that is told.
SLOW: Final = timedelta(hours=4)
#: How long a question to mend something waits for a second person.
PATIENCE: Final = timedelta(days=7)
#: Of as many things the first signs of the id are told.
_REFERENCES = 5
#: As many processes and cases without anything to wait for are looked at.
_MOST = 500
_PER_PAGE = 100
_NAMES = UUID("6f3b1f0a-6b0c-4a4e-9a59-3a0f5d6b7c21")
_LIVE = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of what can go wrong, for who watches from outside. Counts and ages; labels are codes of ours."""

    jobs_waiting: Mapping[str, int] = field(default_factory=dict)
    jobs_failed: Mapping[str, int] = field(default_factory=dict)
    jobs_retrying: Mapping[str, int] = field(default_factory=dict)
    oldest_due_seconds: float = 0.0
    messages_waiting: Mapping[str, int] = field(default_factory=dict)
    messages_failed: Mapping[str, int] = field(default_factory=dict)
    oldest_message_seconds: Mapping[str, float] = field(default_factory=dict)
    lines_unsent: Mapping[str, int] = field(default_factory=dict)
    lines_unsealed: Mapping[str, int] = field(default_factory=dict)
    oldest_unsealed_seconds: float = 0.0
    stuck: Mapping[str, int] = field(default_factory=dict)
    tasks_open: int = 0
    tasks_late: int = 0
    repairs_asked: int = 0


def operates(by: Actor) -> bool:
    """Whether *by* works at the desk: an administrator of the region, and so of the installation."""
    return access.allows(by, "operate", Facts())


def troubles(session: Session, *, by: Actor, at: datetime) -> list[Trouble]:
    """Everything that does not go, what nobody tries any more first; with what was asked about it.

    Raises:
        NotAllowed: *by* does not work at the desk.
    """
    _require(by, at)
    return _with_repairs(session, _all(session, at))


def waiting(session: Session, *, by: Actor, at: datetime) -> tuple[int, int]:
    """How much nobody tries any more, and how often a colleague waits for *by* to confirm something.

    Raises:
        NotAllowed: *by* does not work at the desk.
    """
    found = troubles(session, by=by, at=at)
    dead = [one for one in found if one.actions and one.state in (TroubleState.FAILED, TroubleState.STUCK)]
    asked = [one for one in found if one.repair is not None and one.repair.asked_by != by.person_id]
    return sum(one.repair is None for one in dead), len(asked)


def ask(session: Session, trouble_id: UUID, action: str, why: str, *, by: Actor, at: datetime) -> Repair:
    """Ask a colleague to agree that something is mended. Until then nothing happens.

    Raises:
        NotAllowed: *by* does not work at the desk, or is nobody in particular.
        NotFound: no such trouble, or it is over. Invalid: nothing that can be done about it, or no reason.
        WrongState: somebody asked already.
    """
    person = _person(by, at)
    found = _trouble(session, trouble_id, at)
    errors: dict[str, list[str]] = {}
    if action not in found.actions:
        errors["action"] = ["Kies wat er moet gebeuren."]
    if why not in set(Why):
        errors["why"] = ["Kies waarom."]
    if errors:
        raise Invalid(f"trouble {trouble_id}: cannot be asked so", errors=errors)
    if _open_repair(session, trouble_id) is not None:
        raise WrongState(
            f"trouble {trouble_id} waits for a confirmation",
            detail="Een collega vroeg hier al iets voor. Bevestig dat, of wijs het eerst af.",
        )
    repair = Repair(
        trouble_id=trouble_id,
        kind=found.kind,
        what=found.what,
        cause=found.cause,
        action=action,
        why=why,
        count=found.count,
        asked_by=person,
        asked_at=at,
        status=RepairStatus.ASKED,
    )
    session.add(repair)
    session.flush()
    _write(session, "repair.asked", repair, by=by, at=at)
    for one in organisations.organisations_for(session, role=_AT_THE_DESK, municipality=None, on=local_date(at)):
        notifications.notify(
            session, NotificationKind.REPAIR_ASKED, organisation_id=one.id, role=_AT_THE_DESK,
            subject_kind="repair", subject_id=repair.id, at=at,
        )  # fmt: skip
    return repair


def confirm(session: Session, repair_id: UUID, *, by: Actor, at: datetime) -> Repair:
    """Agree, as a second person: it is done at once, for whatever goes wrong in that way now.

    Raises:
        NotAllowed: *by* does not work at the desk, or asked it. NotFound: no such question.
        WrongState: decided before, or it goes by itself again.
    """
    person = _person(by, at)
    repair = _locked(session, repair_id)
    if repair.status == RepairStatus.ASKED and repair.asked_by != person:
        try:
            found = _trouble(session, repair.trouble_id, at)
        except NotFound as error:
            raise WrongState(
                f"trouble {repair.trouble_id} is over",
                detail="Dit gaat intussen vanzelf weer goed. U hoeft niets te bevestigen.",
            ) from error
        if repair.action not in found.actions:
            raise WrongState(f"trouble {found.id} cannot be mended so any more")
        repair.confirm(by=person, at=at)
        repair.mended = _mend(session, found, Action(repair.action), at=at)
    else:
        repair.confirm(by=person, at=at)
    session.flush()
    _write(session, "repair.confirmed", repair, by=by, at=at)
    return repair


def refuse(session: Session, repair_id: UUID, *, by: Actor, at: datetime) -> Repair:
    """Do not agree: nothing is done.

    Raises:
        NotAllowed: *by* does not work at the desk, or asked it. NotFound: no such question. WrongState: decided before.
    """
    person = _person(by, at)
    repair = _locked(session, repair_id)
    repair.refuse(by=person, at=at)
    session.flush()
    _write(session, "repair.refused", repair, by=by, at=at)
    return repair


def withdraw(session: Session, repair_id: UUID, *, by: Actor, at: datetime) -> Repair:
    """Take one's own question back.

    Raises:
        NotAllowed: *by* does not work at the desk, or did not ask it. NotFound: no such question. WrongState: decided before.
    """
    person = _person(by, at)
    repair = _locked(session, repair_id)
    repair.withdraw(by=person, at=at)
    session.flush()
    _write(session, "repair.withdrawn", repair, by=by, at=at)
    return repair


def repairs(
    session: Session, *, by: Actor, at: datetime, cursor: str | None = None, page_size: int = 20
) -> Page[Repair]:
    """What was asked, decided or not, the newest first.

    Raises:
        NotAllowed: *by* does not work at the desk. Invalid: a cursor that is not ours.
    """
    _require(by, at)
    query = select(Repair)
    if (after := read_cursor(cursor)) is not None:
        query = query.where(or_(Repair.asked_at < after[0], and_(Repair.asked_at == after[0], Repair.id < after[1])))
    size = max(1, min(page_size, _PER_PAGE))
    found = list(session.scalars(query.order_by(Repair.asked_at.desc(), Repair.id.desc()).limit(size + 1)))
    more = write_cursor(found[size - 1].asked_at, found[size - 1].id) if len(found) > size else None
    return Page(found[:size], more, len(found))


def repair(session: Session, repair_id: UUID, *, by: Actor, at: datetime) -> Repair:
    """One question to mend something.

    Raises:
        NotAllowed: *by* does not work at the desk. NotFound: no such question.
    """
    _require(by, at)
    found = session.get(Repair, repair_id)
    if found is None:
        raise NotFound(f"repair {repair_id}")
    return found


def expire(session: Session, *, at: datetime) -> int:
    """Close what nobody decided about in time, and what goes by itself again; returns how many. For the worker, every night."""
    asked = list(session.scalars(select(Repair).where(Repair.status == RepairStatus.ASKED)))
    if not asked:
        return 0
    there = {one.id for one in _all(session, at)}
    over = [one for one in asked if one.trouble_id not in there or one.asked_at <= at - PATIENCE]
    for one in over:
        one.expire(at=at)
        session.flush()
        _write(session, "repair.expired", one, by=WORKER, at=at)
    return len(over)


# --- what does not go


def _all(session: Session, at: datetime) -> list[Trouble]:
    with house(session), logbook.deciding(session):  # counted over every case; of none which
        found = [
            *_jobs(session, at),
            *_messages(session, at),
            *_webhooks(session),
            *_lines(session, at),
            *_addresses(session),
            *_runs(session),
            *_cases(session),
            *_steps(session, at),
        ]
    order = list(TroubleState)
    return sorted(found, key=lambda one: (_URGENCY[one.state], order.index(one.state), one.kind, one.what, one.key))


_URGENCY = {
    TroubleState.STUCK: 0,
    TroubleState.FAILED: 0,
    TroubleState.OVERDUE: 1,
    TroubleState.HELD: 1,
    TroubleState.RETRYING: 2,
}


def _jobs(session: Session, at: datetime) -> Iterator[Trouble]:
    tried = or_(Job.status == JobStatus.FAILED, and_(Job.status == JobStatus.PENDING, Job.attempts > 0))
    groups = session.execute(
        select(
            Job.kind,
            Job.status,
            Job.last_error,
            func.count().label("many"),
            func.min(func.coalesce(Job.failing_since, Job.due_at)).label("since"),
            func.min(Job.due_at).label("next_at"),
        )
        .where(tried)
        .group_by(Job.kind, Job.status, Job.last_error)
    ).all()
    for row in groups:
        failed = row.status == JobStatus.FAILED
        same = and_(Job.kind == row.kind, Job.status == row.status, Job.last_error.is_not_distinct_from(row.last_error))
        error, step = parts_of(row.last_error)
        yield _named(
            TroubleKind.JOB,
            row.kind,
            TroubleState.FAILED if failed else TroubleState.RETRYING,
            f"{row.kind} {row.last_error}",
            cause=cause_of(row.last_error),
            count=row.many,
            error=error,
            step=step,
            since=row.since,
            next_at=None if failed else row.next_at,
            references=_first_signs(session, Job.id, same),
            actions=(Action.RETRY,),
        )
    late = and_(Job.status == JobStatus.PENDING, Job.attempts == 0, Job.due_at <= at - LATE)
    many, since = session.execute(select(func.count(), func.min(Job.due_at)).where(late)).one()
    if many:
        yield _named(
            TroubleKind.JOB, "worker", TroubleState.OVERDUE, "overdue", cause=Cause.NO_WORKER_RUNS, count=many, since=since
        )  # fmt: skip


#: How a step of a topic does not come further → how that stands, what is behind it, and what can be done.
_DELAYS: Mapping[Delay, tuple[TroubleState, Cause, tuple[Action, ...]]] = {
    Delay.FAILED: (TroubleState.FAILED, Cause.OTHER_PROGRAM, (Action.RETRY,)),
    Delay.LAPSED: (TroubleState.OVERDUE, Cause.PROGRAM_SILENT, ()),  # any program can take it already
    Delay.HELD: (TroubleState.HELD, Cause.PROGRAM_BUSY, (Action.TAKE_BACK,)),
    Delay.RETRYING: (TroubleState.RETRYING, Cause.PROGRAM_TRIES, ()),
    Delay.WAITING: (TroubleState.OVERDUE, Cause.PROGRAM_AWAY, ()),
}


def _steps(session: Session, at: datetime) -> Iterator[Trouble]:
    """What programs of organisations do not get done, by topic, organisation, program and the code that they gave for it."""
    found = _delayed(session, at)
    names = organisations.called(session, {one.organisation_id for one in found})
    for one in found:
        state, cause, actions = _DELAYS[one.how]
        yield _named(
            TroubleKind.STEP,
            one.topic,
            state,
            _key(one),
            cause=Cause.NO_PROGRAM if one.program is None else cause,
            count=len(one.task_ids),
            error=one.error_code,
            organisation=names[one.organisation_id],
            program=one.program,
            since=one.since,
            references=tuple(sorted(task_id.hex[:8] for task_id in one.task_ids)[:_REFERENCES]),
            actions=actions,
        )


def _delayed(session: Session, at: datetime) -> list[topics.Delayed]:
    return topics.delayed(session, slow=SLOW, silent=LATE, at=at)


def _key(one: topics.Delayed) -> str:
    return f"{one.topic} {one.organisation_id} {one.how} {one.worker_id} {one.error_code}"


def _messages(session: Session, at: datetime) -> Iterator[Trouble]:
    state = func.coalesce(Message.last_error, "")
    groups = session.execute(
        select(
            Message.channel,
            Message.status,
            state.label("last_error"),
            func.count().label("many"),
            func.min(Message.created_at).label("since"),
            func.min(Message.due_at).label("next_at"),
        )
        .where(
            Message.channel.not_like(f"{webhooks.CHANNELS}%"),  # those are for the administrator of the organisation
            or_(
                Message.status == MessageStatus.FAILED,
                and_(Message.status == MessageStatus.PENDING, Message.last_error.is_not(None)),
                and_(Message.status == MessageStatus.PENDING, Message.created_at <= at - UNSENT, Message.attempts == 0),
            ),
            ~Message.channel.startswith(
                webhooks.CHANNELS
            ),  # an organisation's own: its administrator sees and mends it
        )
        .group_by(Message.channel, Message.status, state)
    ).all()
    for row in groups:
        failed = row.status == MessageStatus.FAILED
        tried = TroubleState.RETRYING if row.last_error else TroubleState.OVERDUE
        how = TroubleState.FAILED if failed else tried
        yield _named(
            TroubleKind.MESSAGE,
            row.channel,
            how,
            f"{row.channel} {row.last_error}",
            cause=cause_of(row.last_error) if row.last_error else Cause.NO_SENDER,
            count=row.many,
            error=row.last_error or None,
            since=row.since,
            next_at=row.next_at if how == TroubleState.RETRYING else None,
            actions=(Action.DROP,) if how == TroubleState.OVERDUE else (Action.RETRY, Action.DROP),
        )


def _webhooks(session: Session) -> Iterator[Trouble]:
    many, since = session.execute(
        select(func.count(), func.min(Webhook.failing_since)).where(
            Webhook.status == WebhookStatus.PAUSED, Webhook.pause_reason == PauseReason.FAILING
        )
    ).one()
    if many:
        yield _named(
            TroubleKind.MESSAGE, WEBHOOKS, TroubleState.FAILED, WEBHOOKS, cause=Cause.AWAY, count=many, since=since
        )  # fmt: skip


def _lines(session: Session, at: datetime) -> Iterator[Trouble]:
    for one in logbook.unsent(session):
        if one.attempts > 0:
            yield _named(
                TroubleKind.LOG_LINES, one.log, TroubleState.RETRYING, one.log, cause=Cause.AWAY,
                count=one.lines, next_at=max(one.due_at, at), actions=(Action.RETRY,),
            )  # fmt: skip


def _addresses(session: Session) -> Iterator[Trouble]:
    for failure, (many, since) in sorted(notifications.wrong_addresses(session).items()):
        yield _named(
            TroubleKind.MAIL_ADDRESS, failure, TroubleState.FAILED, failure, cause=Cause.REFUSED, count=many, since=since
        )  # fmt: skip


def _stuck_runs(session: Session) -> dict[UUID, tuple[str, datetime]]:
    """Processes that run, have no task that lies with anybody and no moment to wait for: id → process and when it began."""
    live = select(Task.id).where(Task.run_id == Run.id, Task.status.in_(_LIVE)).exists()
    rows = session.execute(
        select(Run.id, Run.process_id, Run.started_at).where(Run.status == RunStatus.RUNNING, ~live)
    ).all()
    found = {row.id: (row.process_id, row.started_at) for row in rows}
    ids = [str(one) for one in found]
    for start in range(0, len(ids), _MOST):
        timed = select(Job.subject_id).where(
            Job.kind == "run_timer",
            Job.subject_kind == "run",
            Job.subject_id.in_(ids[start : start + _MOST]),
            Job.status != JobStatus.DONE,
        )
        for subject_id in session.scalars(timed):
            found.pop(UUID(subject_id), None)
    return found


def _runs(session: Session) -> Iterator[Trouble]:
    groups: dict[str, list[tuple[UUID, datetime]]] = {}
    for run_id, (process_id, began) in _stuck_runs(session).items():
        groups.setdefault(process_id, []).append((run_id, began))
    for process_id, runs in groups.items():
        yield _named(
            TroubleKind.RUN,
            process_id,
            TroubleState.STUCK,
            process_id,
            cause=Cause.NOTHING_WAITS,
            count=len(runs),
            since=min(began for _, began in runs),
            references=tuple(sorted(run_id.hex[:8] for run_id, _ in runs)[:_REFERENCES]),
            actions=(Action.RESUME,),
        )


def _stuck_cases(session: Session) -> dict[UUID, datetime]:
    """Open cases in which no process runs and nothing lies with anybody."""
    running = select(Run.id).where(
        Run.subject_kind == "case", Run.subject_id == Case.id, Run.status == RunStatus.RUNNING
    )
    live = select(Task.id).where(Task.subject_kind == "case", Task.subject_id == Case.id, Task.status.in_(_LIVE))
    rows = session.execute(
        select(Case.id, Case.opened_at)
        .where(Case.status != CaseStatus.CLOSED, ~running.exists(), ~live.exists())
        .limit(_MOST)
    )
    return {row.id: row.opened_at for row in rows}


def _cases(session: Session) -> Iterator[Trouble]:
    if found := _stuck_cases(session):
        yield _named(
            TroubleKind.CASE,
            "case",
            TroubleState.STUCK,
            "case",
            cause=Cause.NOTHING_WAITS,
            count=len(found),
            since=min(found.values()),
            actions=(Action.ASK_DIRECTOR,),
        )


def _named(kind: TroubleKind, what: str, state: TroubleState, key: str, **known: Any) -> Trouble:
    identity = uuid5(_NAMES, f"{kind} {state} {key}")
    return Trouble(id=identity, kind=kind, what=what, state=state, key=key, **known)


def _first_signs(session: Session, column: Any, where: ColumnElement[bool]) -> tuple[str, ...]:
    return tuple(
        one.hex[:8] for one in session.scalars(select(column).where(where).order_by(column).limit(_REFERENCES))
    )


def _trouble(session: Session, trouble_id: UUID, at: datetime) -> Trouble:
    found = next((one for one in _all(session, at) if one.id == trouble_id), None)
    if found is None:
        raise NotFound(f"trouble {trouble_id} is not there")
    return found


def _with_repairs(session: Session, found: Iterable[Trouble]) -> list[Trouble]:
    asked = {one.trouble_id: one for one in session.scalars(select(Repair).where(Repair.status == RepairStatus.ASKED))}
    return [replace(one, repair=asked.get(one.id)) for one in found]


# --- mending it


def _mend(session: Session, trouble: Trouble, action: Action, *, at: datetime) -> int:
    """Do it, for all that goes wrong in that way; what somebody is busy with at this moment is left to them."""
    with house(session), logbook.deciding(session):
        if trouble.kind == TroubleKind.STEP:
            ids = [task_id for one in _delayed(session, at) if _key(one) == trouble.key for task_id in one.task_ids]
            verb = topics.release_all if action == Action.TAKE_BACK else topics.retry_all
            return verb(session, ids, at=at)
        if trouble.kind == TroubleKind.JOB:
            error = trouble.error if trouble.step is None else f"{trouble.error} at {trouble.step}"
            return jobs.retry_all(
                session, trouble.what, failed=trouble.state == TroubleState.FAILED, last_error=error, at=at
            )
        if trouble.kind == TroubleKind.MESSAGE:
            failed = trouble.state == TroubleState.FAILED
            if action == Action.DROP:
                return outbox.drop_all(session, trouble.what, failed=failed, last_error=trouble.error)
            return outbox.retry_all(session, trouble.what, failed=failed, last_error=trouble.error, at=at)
        if trouble.kind == TroubleKind.LOG_LINES:
            return logbook.send_now(session, trouble.what, at=at)
        if trouble.kind == TroubleKind.RUN:
            ids = [run_id for run_id, (process_id, _) in _stuck_runs(session).items() if process_id == trouble.what]
            return jobs.enqueue_all(session, "run_timer", due_at=at, subject_kind="run", subject_ids=ids)
        ids = list(_stuck_cases(session))
        return jobs.enqueue_all(session, ASK_DIRECTOR, due_at=at, subject_kind="case", subject_ids=ids)


# --- for who watches from outside


def figures(session: Session, *, at: datetime) -> Figures:
    """How much there is of what can go wrong. For the machine that watches over the machine: it shows to nobody in particular."""
    with house(session), logbook.deciding(session):
        by_kind = session.execute(
            select(Job.kind, Job.status, Job.attempts, func.count())
            .where(Job.status != JobStatus.DONE)
            .group_by(Job.kind, Job.status, Job.attempts)
        ).all()
        waiting, failed, retrying = _sums(), _sums(), _sums()
        for kind, status, attempts, many in by_kind:
            into = failed if status == JobStatus.FAILED else retrying if attempts else waiting
            into[kind] = into.get(kind, 0) + many
        oldest = session.scalar(select(func.min(Job.due_at)).where(Job.status == JobStatus.PENDING, Job.due_at <= at))
        unsent, lost = _sums(), _sums()
        ages: dict[str, float] = {}
        for name, status, many, since in session.execute(
            select(Message.channel, Message.status, func.count(), func.min(Message.created_at))
            .where(Message.status != MessageStatus.SENT)
            .group_by(Message.channel, Message.status)
        ):
            channel = name.partition(":")[0]  # all addresses that listen are one
            if status == MessageStatus.FAILED:
                lost[channel] = lost.get(channel, 0) + many
            else:
                unsent[channel] = unsent.get(channel, 0) + many
                ages[channel] = max(ages.get(channel, 0.0), _seconds(at, since))
        unsealed, oldest_line = logbook.unsealed(session)
        open_tasks = select(func.count()).select_from(Task).where(Task.status.in_(_LIVE))
        return Figures(
            jobs_waiting=waiting,
            jobs_failed=failed,
            jobs_retrying=retrying,
            oldest_due_seconds=_seconds(at, oldest),
            messages_waiting=unsent,
            messages_failed=lost,
            oldest_message_seconds=ages,
            lines_unsent={one.log: one.lines for one in logbook.unsent(session)},
            lines_unsealed=unsealed,
            oldest_unsealed_seconds=_seconds(at, oldest_line),
            stuck={"run": len(_stuck_runs(session)), "case": len(_stuck_cases(session))},
            tasks_open=session.scalar(open_tasks) or 0,
            tasks_late=session.scalar(open_tasks.where(Task.sort_at <= at)) or 0,
            repairs_asked=session.scalar(
                select(func.count()).select_from(Repair).where(Repair.status == RepairStatus.ASKED)
            )
            or 0,
        )


def _sums() -> dict[str, int]:
    return {}


def _seconds(at: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())


# --- who


def _require(by: Actor, at: datetime) -> None:
    access.require(by, "operate", Facts(), at=at)


def _person(by: Actor, at: datetime) -> UUID:
    _require(by, at)
    if by.person_id is None:
        raise NotAllowed(
            "mending takes two people, and the command line is nobody",
            detail="Herstellen doen twee mensen samen, ieder met een eigen account. Dat kan niet vanaf de opdrachtregel.",
        )
    return by.person_id


def _open_repair(session: Session, trouble_id: UUID) -> Repair | None:
    return session.scalars(
        select(Repair).where(Repair.trouble_id == trouble_id, Repair.status == RepairStatus.ASKED)
    ).one_or_none()


def _locked(session: Session, repair_id: UUID) -> Repair:
    found = session.get(Repair, repair_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(f"repair {repair_id}")
    return found


def _write(session: Session, event: str, repair: Repair, *, by: Actor, at: datetime) -> None:
    details: dict[str, logbook.Scalar] = {
        "kind": repair.kind,
        "what": repair.what,
        "action": repair.action,
        "why": repair.why,
        "count": repair.count if repair.mended is None else repair.mended,
    }
    logbook.write(session, event, "repair", repair.id, by=by, at=at, details=details, rule="operate")
    if repair.status != RepairStatus.ASKED:
        with house(session):  # what a colleague at another organisation was told goes as well
            notifications.over(session, repair.id)
