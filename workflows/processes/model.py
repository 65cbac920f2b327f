"""Runs of diagrams, the tasks that wait for people, what was typed so far, and the steps that were taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from workflows import vault
from workflows.actor import Actor
from workflows.db import Base, Identified
from workflows.errors import StaleVersion, WrongState
from workflows.vault import Vault


class RunStatus(StrEnum):
    """A run goes on until the diagram has nothing left to do."""

    RUNNING = "running"
    ENDED = "ended"


class TaskStatus(StrEnum):
    """Where a task stands."""

    OPEN = "open"  #: in the pool of an organisation and role
    CLAIMED = "claimed"  #: somebody has it, until the lease ends
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"  #: the process went another way


TRANSITIONS: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OPEN: frozenset({TaskStatus.CLAIMED, TaskStatus.COMPLETED, TaskStatus.WITHDRAWN}),
    TaskStatus.CLAIMED: frozenset({TaskStatus.OPEN, TaskStatus.COMPLETED, TaskStatus.WITHDRAWN}),
    TaskStatus.COMPLETED: frozenset({TaskStatus.CLAIMED}),  # taken back by who completed it, while nothing followed
    TaskStatus.WITHDRAWN: frozenset(),
}


#: Form of the task with which somebody accepts a support action: until then nobody carries it, and it floats.
FLOATING_FORM = "action_acceptance"
#: Form of the task with which a receiver answers the offer of a case.
OFFERED_FORM = "handover_answer"
_FLOATING = f"form_key = '{FLOATING_FORM}'"
_OPEN = "status = 'open'"


class Run(Identified, Base):
    """One run of a process for one subject (a case, a safety file …), pinned to the bundle it started with."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'ended')", name="status"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_runs_subject", "subject_kind", "subject_id"),
    )

    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    bundle_digest: Mapped[str] = mapped_column(ForeignKey("bundles.digest"), index=True)
    process_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[bytes] = mapped_column(deferred=True, comment="the engine's; ids, outcomes and dates only")
    status: Mapped[str] = mapped_column(String(10), default=RunStatus.RUNNING)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def end(self, at: datetime) -> None:
        """The diagram has nothing left to do."""
        if self.status != RunStatus.RUNNING:
            raise WrongState(f"run {self.id} is {self.status}")
        self.status = RunStatus.ENDED
        self.ended_at = at


class Task(Identified, Base):
    """A step that waits for somebody of an organisation in a role, in an area; or, of kind service, for the worker."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("run_id", "step_key", name="uq_tasks_step"),
        CheckConstraint("status IN ('open', 'claimed', 'completed', 'withdrawn')", name="status"),
        CheckConstraint("kind IN ('user', 'service')", name="kind"),
        CheckConstraint(
            "(status = 'claimed') = (lease_until IS NOT NULL) AND (lease_until IS NULL OR claimed_by IS NOT NULL)",
            name="claimed",
        ),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed"),
        # The work list: by organisation and role, or by area as well; the order of the page is the end of the index.
        Index("ix_tasks_pool", "organisation_id", "role", "status", "sort_at", "id"),
        Index("ix_tasks_area", "organisation_id", "role", "municipality_code", "status", "sort_at", "id"),
        Index("ix_tasks_mine", "claimed_by", "status", "sort_at", "id"),
        Index("ix_tasks_subject", "subject_kind", "subject_id", "status"),
        # Terms at risk: of an area, whatever team has it.
        Index("ix_tasks_risk", "municipality_code", "subject_kind", "status", "sort_at", "id"),
        # The pool by what it is filtered on; only what is open, so that finished work costs nothing here.
        *(
            Index(
                f"ix_tasks_{name}",
                "organisation_id",
                "role",
                *columns,
                sqlite_where=text(_OPEN),
                postgresql_where=text(_OPEN),
            )
            for name, columns in (
                ("form", ("form_key", "sort_at", "id")),
                ("phase", ("phase", "sort_at", "id")),
                ("new", ("opened_at", "sort_at", "id")),
            )
        ),
        Index(
            "ix_tasks_floating",
            "municipality_code",
            "status",
            "sort_at",
            "id",
            sqlite_where=text(_FLOATING),
            postgresql_where=text(_FLOATING),
        ),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    step_key: Mapped[str] = mapped_column(String(120), comment="the engine's name for this waiting step")
    process_id: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    documentation: Mapped[str | None]
    role: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    municipality_code: Mapped[str | None] = mapped_column(
        ForeignKey("municipalities.code"), comment="GM0983; empty: unknown"
    )
    form_key: Mapped[str | None] = mapped_column(String(60))
    topic: Mapped[str | None] = mapped_column(String(80))
    term: Mapped[str | None] = mapped_column(String(80))
    properties: Mapped[dict[str, Any]] = mapped_column(comment="of the step, as drawn, e.g. accepts_holdership")
    due_at: Mapped[datetime | None]
    sort_at: Mapped[datetime] = mapped_column(comment="due_at, or the end of time: the order of the work list")
    warned_at: Mapped[datetime | None] = mapped_column(comment="since when it is nearly late")
    escalated_at: Mapped[datetime | None] = mapped_column(comment="when somebody was asked to look at it: once")
    urgency: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(40))
    interpreter_needed: Mapped[bool] = mapped_column(default=False)
    phase: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default=TaskStatus.OPEN)
    claimed_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), comment="the person who has it, or had it when it was completed"
    )
    claimed_assignment: Mapped[UUID | None] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    handed_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="the colleague who gave it to the claimant; empty: they took it"
    )
    completed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    completed_role: Mapped[str | None] = mapped_column(String(40))
    completed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    run: Mapped[Run] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def _move(self, status: TaskStatus) -> None:
        if status not in TRANSITIONS[TaskStatus(self.status)]:
            raise WrongState(f"task {self.id} is {self.status}, not to become {status}")
        self.status = status

    def claim(self, *, by: Actor, at: datetime, until: datetime) -> None:
        """Take it from the pool until *until*.

        Raises:
            WrongState: somebody has it, or it is no longer there.
        """
        if self.status != TaskStatus.OPEN:
            raise WrongState(f"task {self.id} is {self.status}", detail=_TAKEN[TaskStatus(self.status)])
        self._move(TaskStatus.CLAIMED)
        self.claimed_by = by.person_id
        self.claimed_assignment = by.assignment_id
        self.claimed_at = at
        self.lease_until = until

    def release(self) -> None:
        """Put it back into the pool: the claimant gives it up, or the lease is over."""
        if self.status != TaskStatus.CLAIMED:
            raise WrongState(f"task {self.id} is {self.status}, not claimed")
        self._move(TaskStatus.OPEN)
        self.claimed_by = self.claimed_assignment = self.claimed_at = self.lease_until = self.handed_by = None

    def complete(self, *, by: Actor, at: datetime, version: int | None = None) -> None:
        """Finish it; only its claimant can (a service task: only the worker), and only the version that was read.

        Raises:
            WrongState: it is not claimed, or by somebody else.
            StaleVersion: it changed since it was read.
        """
        if self.kind == "user" and (self.status != TaskStatus.CLAIMED or self.claimed_by != by.person_id):
            raise WrongState(f"task {self.id} is {self.status}, not claimed by who completes it")
        if version is not None and version != self.version:
            raise StaleVersion(f"task {self.id} has version {self.version}, not {version}")
        self._move(TaskStatus.COMPLETED)
        self.completed_by = by.person_id
        self.completed_role = by.role
        self.completed_at = at
        self.lease_until = None

    def take_back(self, *, by: Actor, until: datetime) -> None:
        """Undo that it was completed: its completer has it again, until *until*.

        Raises:
            WrongState: it is not completed, or by somebody else.
        """
        if self.status != TaskStatus.COMPLETED or self.completed_by != by.person_id:
            raise WrongState(f"task {self.id} is {self.status}, not completed by who takes it back")
        self._move(TaskStatus.CLAIMED)
        self.claimed_by, self.claimed_assignment, self.lease_until = by.person_id, by.assignment_id, until
        self.completed_by = self.completed_role = self.completed_at = None

    def withdraw(self) -> None:
        """The process no longer waits for it."""
        self._move(TaskStatus.WITHDRAWN)
        self.lease_until = None


_TAKEN = {
    TaskStatus.CLAIMED: "Iemand anders heeft deze taak al opgepakt.",
    TaskStatus.COMPLETED: "Deze taak is al afgerond.",
    TaskStatus.WITHDRAWN: "Deze taak is vervallen.",
}


class Draft(Base):
    """What somebody typed and did not send yet; the author's own, also when the lease is over."""

    __tablename__ = "drafts"
    __holds_content__ = True

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    sealed_answers: Mapped[dict[str, Any]] = mapped_column("answers")
    saved_at: Mapped[datetime]
    sealed_beside: Mapped[dict[str, Any] | None] = mapped_column(
        "beside", comment="beside the answers: observed, gone, form"
    )

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, by question.

        Raises:
            Unreadable: its key is not here.
        """
        found: dict[str, Any] = self._vault.open_json(self.sealed_answers, about=f"{self._about}/answers")
        return found

    @property
    def beside(self) -> dict[str, Any] | None:
        """What was typed beside the questions, by name."""
        found: dict[str, Any] | None = self._vault.open_json(self.sealed_beside, about=f"{self._about}/beside")
        return found

    def write(self, answers: Mapping[str, Any], beside: Mapping[str, Any] | None) -> None:
        """Close what was typed; it may say anything, also about safety. The draft belongs to a session already."""
        self.sealed_answers = self._vault.seal_json(dict(answers), about=f"{self._about}/answers")
        self.sealed_beside = None if not beside else self._vault.seal_json(dict(beside), about=f"{self._about}/beside")

    @property
    def _vault(self) -> Vault:
        session = object_session(self)
        assert session is not None, "it is read while its transaction is open"
        return vault.of(session)

    @property
    def _about(self) -> str:
        return draft_about(self.task_id, self.person_id)


def draft_about(task_id: UUID, person_id: UUID) -> str:
    """As what a draft is closed: nobody can put it in the place of another."""
    return f"drafts/{task_id.hex}/{person_id.hex}"


class UndoState(Base):
    """How it was before a task was completed, for as long as that can be undone; nothing of what was said. It goes when
    the time is over."""

    __tablename__ = "undo_states"
    __table_args__ = (Index("ix_undo_states_mine", "person_id", "until_at"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), comment="who completed it")
    entry_id: Mapped[UUID] = mapped_column(index=True, comment="what was answered")
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), index=True)
    state: Mapped[bytes] = mapped_column(deferred=True, comment="of the run, before; empty: the machine did not move")
    state_after: Mapped[str] = mapped_column(String(64), comment="hash of the run's state, after")
    task_version: Mapped[int] = mapped_column(comment="after")
    case_version: Mapped[int] = mapped_column(comment="after")
    case_status: Mapped[str] = mapped_column(String(20), comment="before")
    opened: Mapped[list[Any]] = mapped_column(comment="ids of the tasks that it opened")
    steps: Mapped[list[Any]] = mapped_column(comment="ids of the steps that it took")
    completed_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(index=True)


class TaskNote(Identified, Base):
    """What somebody wrote to the colleague whom they gave a task. It stays with the task, for who of the team has it next."""

    __tablename__ = "task_notes"
    __holds_content__ = True
    __table_args__ = (Index("ix_task_notes_task_id", "task_id", "at"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    case_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cases.id"), index=True, comment="empty: of a task that is of no case, such as one about safety"
    )
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    to_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="empty: the team")
    sealed_text: Mapped[dict[str, Any]] = mapped_column("text", comment="encrypted; compartment C6")
    at: Mapped[datetime]

    @property
    def text(self) -> str:
        """What it says.

        Raises:
            Unreadable: its key is not here.
        """
        session = object_session(self)
        assert session is not None, "it is read while its transaction is open"
        found: str = vault.of(session).open_json(self.sealed_text, about=f"{note_about(self.id)}/text")
        return found


def note_about(note_id: UUID) -> str:
    """As what a note is closed: nobody can put it in the place of another."""
    return f"task_notes/{note_id.hex}"


class SavedList(Identified, Base):
    """Filters of the work list under a name, of one person in one role. Codes only: nothing in it names a family."""

    __tablename__ = "saved_lists"
    __table_args__ = (
        UniqueConstraint("assignment_id", "name_key", name="uq_saved_lists_name"),
        Index(
            "uq_saved_lists_start",
            "assignment_id",
            unique=True,
            sqlite_where=text("is_start"),
            postgresql_where=text("is_start"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60), comment="the name without capitals: no two alike")
    filters: Mapped[dict[str, Any]] = mapped_column(comment="filter and code")
    is_start: Mapped[bool] = mapped_column(default=False, comment="the work list opens with it")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so


class StepTaken(Identified, Base):
    """A step that a run took; erasable, unlike the logbook."""

    __tablename__ = "steps"
    __holds_content__ = True
    __table_args__ = (Index("ix_steps_run_id", "run_id", "at"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"))
    process_id: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    bundle_digest: Mapped[str] = mapped_column(ForeignKey("bundles.digest"), index=True)
    at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="order among the steps of one move")
    scalars: Mapped[dict[str, Any]] = mapped_column(comment="outcomes the step was completed with")
