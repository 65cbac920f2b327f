"""What came of looking back together, without the story itself: that is in the dossier."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.signals import VulnerabilityLevel


class Decision(StrEnum):
    """How it goes on after an evaluation."""

    CONTINUE = "continue"
    ADJUST = "adjust"
    STEP_UP = "step_up"
    STEP_DOWN = "step_down"
    HAND_OVER = "hand_over"
    CLOSE = "close"


class GoalStatus(StrEnum):
    """How far a goal is, in the family's own eyes."""

    REACHED = "reached"
    PARTLY = "partly"
    NOT_YET = "not_yet"
    DROPPED = "dropped"


class Evaluation(Identified, Base):
    """One talk in which a family and those around it looked back. Whether somebody worries about safety is never here."""

    __tablename__ = "evaluations"
    __holds_content__ = True
    __table_args__ = (
        one_of("decision", Decision),
        one_of("level", VulnerabilityLevel),
        CheckConstraint("parent_experience BETWEEN 0 AND 10", name="parent_experience"),
        CheckConstraint("decision = 'close' OR next_on IS NOT NULL", name="next_on"),
        UniqueConstraint("case_id", "number", name="uq_evaluations_number"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int] = mapped_column(comment="1 for the first of the case")
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id"), index=True)
    plan_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("support_plans.id"), index=True, comment="the plan that was looked back on"
    )
    evaluated_on: Mapped[date]
    decision: Mapped[str] = mapped_column(String(12))
    decided_with_parent: Mapped[bool]
    level: Mapped[str] = mapped_column(String(24))
    parent_experience: Mapped[int | None] = mapped_column(comment="0 to 10, by the parent")
    present: Mapped[list[str]] = mapped_column(JSON, comment="codes of who was there")
    next_on: Mapped[date | None]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]


class GoalRating(Identified, Base):
    """How a goal stood at one evaluation."""

    __tablename__ = "goal_ratings"
    __holds_content__ = True
    __table_args__ = (
        UniqueConstraint("evaluation_id", "position", name="uq_goal_ratings_position"),
        one_of("status", GoalStatus),
        CheckConstraint("parent_rating BETWEEN 0 AND 10", name="parent_rating"),
    )

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id"))
    position: Mapped[int]
    goal: Mapped[str] = mapped_column(Text, comment="in the parent's words")
    status: Mapped[str] = mapped_column(String(8))
    parent_rating: Mapped[int | None] = mapped_column(comment="0 to 10, by the parent")
