"""The plan of a family in versions, its goals, and the support actions, which live longer than one version."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.actor import Actor
from workflows.db import Base, Identified, one_of
from workflows.errors import NotAllowed, WrongState


class PlanStatus(StrEnum):
    """Where one version of a plan stands."""

    DRAFT = "draft"  #: written down, the parent wants it otherwise; what it says is in the dossier only
    AGREED = "agreed"  #: by the parent; at most one version of a case
    ENDED = "ended"  #: a newer version took its place, or support ended
    DECLINED = "declined"  #: the parent wants no plan


PLAN_TRANSITIONS: dict[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.DRAFT: frozenset({PlanStatus.AGREED, PlanStatus.DECLINED, PlanStatus.ENDED}),
    PlanStatus.AGREED: frozenset({PlanStatus.ENDED}),
    PlanStatus.ENDED: frozenset(),
    PlanStatus.DECLINED: frozenset(),
}


class OwnerKind(StrEnum):
    """Who does it. In this order wherever they stand together: a family's own people come before professionals."""

    INFORMAL = "informal"
    PARENT = "parent"
    PROFESSIONAL = "professional"


class ActionStatus(StrEnum):
    """Where a support action stands. It runs only when it is accepted."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    STOPPED = "stopped"


ACTION_TRANSITIONS: dict[ActionStatus, frozenset[ActionStatus]] = {
    ActionStatus.PROPOSED: frozenset({ActionStatus.ACCEPTED, ActionStatus.REFUSED, ActionStatus.STOPPED}),
    ActionStatus.ACCEPTED: frozenset({ActionStatus.DONE, ActionStatus.STOPPED}),
    ActionStatus.REFUSED: frozenset(),
    ActionStatus.DONE: frozenset(),
    ActionStatus.STOPPED: frozenset(),
}


class RefusalReason(StrEnum):
    """Why an organisation does not take an action."""

    NO_CAPACITY = "no_capacity"
    NOT_OUR_TASK = "not_our_task"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    PARENT_DECLINES = "parent_declines"
    OTHER = "other"


class StopReason(StrEnum):
    """Why an action stopped before it was done. The words, if any, are in the dossier."""

    PLAN_ADJUSTED = "plan_adjusted"
    OWNER_STOPPED = "owner_stopped"
    CONSENT_ENDED = "consent_ended"
    PARENT_DECLINES = "parent_declines"
    LOSS = "loss"
    CASE_CLOSED = "case_closed"


class Dimension(StrEnum):
    """Which part of life a goal is about: the six of Positieve Gezondheid."""

    BODILY_FUNCTIONS = "bodily_functions"
    MENTAL_WELLBEING = "mental_wellbeing"
    MEANINGFULNESS = "meaningfulness"
    QUALITY_OF_LIFE = "quality_of_life"
    PARTICIPATION = "participation"
    DAILY_FUNCTIONING = "daily_functioning"


class SupportPlan(Identified, Base):
    """One version of what a family and those around it agreed. What gives the family strength stands in its entry."""

    __tablename__ = "support_plans"
    __holds_content__ = True
    __table_args__ = (
        UniqueConstraint("case_id", "version", name="uq_support_plans_version"),
        one_of("status", PlanStatus),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(
            "status <> 'agreed' OR parent_agreed_on IS NOT NULL AND evaluation_on IS NOT NULL", name="agreed"
        ),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        Index(
            "uq_support_plans_agreed",
            "case_id",
            unique=True,
            sqlite_where=text("status = 'agreed'"),
            postgresql_where=text("status = 'agreed'"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int] = mapped_column(comment="1 for the first of the case")
    status: Mapped[str] = mapped_column(String(10), default=PlanStatus.DRAFT)
    entry_id: Mapped[UUID] = mapped_column(
        ForeignKey("entries.id"), index=True, comment="what was written down last, with the family's own strength"
    )
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    evaluation_on: Mapped[date | None] = mapped_column(comment="when the family looks back together")
    parent_agreed_on: Mapped[date | None]
    copy_given: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def _move(self, status: PlanStatus) -> None:
        if status not in PLAN_TRANSITIONS[PlanStatus(self.status)]:
            raise WrongState(f"plan {self.id} is {self.status}, not to become {status}")
        self.status = status

    def agree(self, *, parent_agreed_on: date, evaluation_on: date, copy_given: bool) -> None:
        """The parent agrees; nothing runs before that."""
        self._move(PlanStatus.AGREED)
        self.parent_agreed_on = parent_agreed_on
        self.evaluation_on = evaluation_on
        self.copy_given = copy_given

    def decline(self) -> None:
        """The parent wants no plan."""
        self._move(PlanStatus.DECLINED)

    def end(self, at: datetime) -> None:
        """A newer version takes its place, or support ends."""
        self._move(PlanStatus.ENDED)
        self.ended_at = at


class SupportGoal(Identified, Base):
    """What the parent wants, in the parent's words."""

    __tablename__ = "support_goals"
    __holds_content__ = True
    __table_args__ = (
        UniqueConstraint("plan_id", "position", name="uq_support_goals_position"),
        one_of("dimension", Dimension),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("support_plans.id"))
    position: Mapped[int]
    parent_words: Mapped[str] = mapped_column(Text)
    dimension: Mapped[str | None] = mapped_column(String(24))


class SupportAction(Identified, Base):
    """Who does what, from when. It goes on unchanged from one version of the plan to the next."""

    __tablename__ = "support_actions"
    __holds_content__ = True
    __table_args__ = (
        UniqueConstraint("case_id", "number", name="uq_support_actions_number"),
        one_of("owner_kind", OwnerKind),
        one_of("status", ActionStatus),
        one_of("refused_reason", RefusalReason),
        one_of("stop_reason", StopReason),
        CheckConstraint("(owner_kind = 'professional') = (organisation_id IS NOT NULL)", name="organisation"),
        CheckConstraint("owner_kind = 'professional' OR owner_name <> ''", name="owner"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("status NOT IN ('accepted', 'done') OR accepted_at IS NOT NULL", name="accepted"),
        CheckConstraint(
            "owner_kind <> 'professional' OR accepted_at IS NULL OR accepted_for = organisation_id", name="accepted_for"
        ),
        CheckConstraint("(status IN ('refused', 'done', 'stopped')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(status = 'refused') = (refused_reason IS NOT NULL)", name="refused"),
        CheckConstraint("(status = 'stopped') = (stop_reason IS NOT NULL)", name="stopped"),
        Index("ix_support_actions_organisation_id", "organisation_id"),
        Index("ix_support_actions_status", "status", "proposed_at"),
        Index("ix_support_actions_task_id", "task_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("support_plans.id"), index=True, comment="in which it began")
    last_plan_id: Mapped[UUID] = mapped_column(
        ForeignKey("support_plans.id"), index=True, comment="the newest version that it stands in"
    )
    number: Mapped[int] = mapped_column(comment="1 for the first of the case")
    what: Mapped[str] = mapped_column(Text)
    owner_kind: Mapped[str] = mapped_column(String(12))
    owner_name: Mapped[str] = mapped_column(String(200), default="", comment="of the parent or somebody they know")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    intervention: Mapped[str | None] = mapped_column(String(40), comment="code in the directory")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(10), default=ActionStatus.PROPOSED)
    proposed_at: Mapped[datetime]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    accepted_for: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="the organisation of who accepted"
    )
    accepted_at: Mapped[datetime | None]
    refused_reason: Mapped[str | None] = mapped_column(String(24))
    stop_reason: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
    task_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("tasks.id"), comment="the task that waits for its owner now"
    )

    @property
    def is_live(self) -> bool:
        """Proposed or running."""
        return self.status in LIVE

    @property
    def runs(self) -> bool:
        """Its owner accepted it, and it is not over."""
        return self.status == ActionStatus.ACCEPTED

    def _move(self, status: ActionStatus) -> None:
        if status not in ACTION_TRANSITIONS[ActionStatus(self.status)]:
            raise WrongState(f"action {self.id} is {self.status}, not to become {status}")
        self.status = status

    def _own(self, by: Actor) -> None:
        if self.owner_kind == OwnerKind.PROFESSIONAL and (by.organisation_id, by.role) != (
            self.organisation_id,
            "supporter",
        ):
            raise NotAllowed(f"action {self.id} is not of {by.role} of organisation {by.organisation_id}")

    def accept(self, *, by: Actor, at: datetime, starts_on: date | None = None) -> None:
        """From now on it runs. A professional action: only a supporter of its own organisation can say so.

        Raises:
            NotAllowed: somebody else answers for the organisation. WrongState: it was answered before.
        """
        self._own(by)
        self._move(ActionStatus.ACCEPTED)
        self.accepted_by, self.accepted_for, self.accepted_at = by.person_id, by.organisation_id, at
        if starts_on is not None:
            self.starts_on = starts_on
            if self.ends_on is not None and self.ends_on < starts_on:
                self.ends_on = None  # what was agreed no longer fits; its term watches it

    def refuse(self, reason: RefusalReason, *, by: Actor, at: datetime) -> None:
        """Its owner does not take it.

        Raises:
            NotAllowed, WrongState: as for accepting.
        """
        self._own(by)
        self._move(ActionStatus.REFUSED)
        self.refused_reason, self.ended_at, self.task_id = reason, at, None

    def finish(self, at: datetime) -> None:
        """It is done."""
        self._move(ActionStatus.DONE)
        self.ended_at, self.task_id = at, None

    def stop(self, reason: StopReason, at: datetime) -> None:
        """It ends before it is done."""
        self._move(ActionStatus.STOPPED)
        self.stop_reason, self.ended_at, self.task_id = reason, at, None


LIVE = frozenset({ActionStatus.PROPOSED, ActionStatus.ACCEPTED})
#: The order of owners in every list.
ORDER = {kind: place for place, kind in enumerate(OwnerKind)}
