"""What the verbs about plans and evaluations give back: plain data, cut to what the asker may see. Empty means withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal in the parent's words."""

    parent_words: str
    dimension: str | None


@dataclass(frozen=True, slots=True)
class ActionView:
    """A support action; to whom may only know how it stands, no more than its number and status."""

    number: int
    status: str
    mine: bool = False  #: of the asker's own organisation, to do
    in_plan: bool = True  #: stands in the plan that holds now
    what: str | None = None
    owner_kind: str | None = None
    owner_name: str | None = None
    organisation_id: UUID | None = None
    intervention: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    accepted_at: datetime | None = None
    refused_reason: str | None = None
    stop_reason: str | None = None
    ended_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """Its owner accepted it, and it is not over."""
        return self.status == "accepted"


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan that holds now, or else the newest; without a version there is none, or the asker may not know of it."""

    version: int | None = None
    status: str | None = None
    evaluation_on: date | None = None
    parent_agreed_on: date | None = None
    copy_given: bool | None = None
    own_strength: str | None = None
    goals: tuple[GoalView, ...] = ()
    actions: tuple[ActionView, ...] = ()
    withheld: bool = False  #: there is more than the asker may see
    may_request_evaluation: bool = False


@dataclass(frozen=True, slots=True)
class RatingView:
    """How a goal stood at an evaluation."""

    goal: str
    status: str
    parent_rating: int | None


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """One talk in which the family looked back; to whom may only know how it stands, when and what was decided."""

    number: int
    evaluated_on: date
    decision: str
    next_on: date | None
    decided_with_parent: bool | None = None
    parent_experience: int | None = None
    present: tuple[str, ...] = ()
    goals: tuple[RatingView, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelView:
    """How vulnerable the situation was found to be, on one day, in which form."""

    on: date
    level: str
    form_key: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """The six numbers that one person gave on one day; an empty one was not given or may not be seen."""

    who: str  #: parent or partner
    on: date
    scores: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody around the family who could help, as the family told it."""

    name_or_initial: str
    relation: str | None
    can_help_with: str | None
    may_contact: bool


@dataclass(frozen=True, slots=True)
class TalksView:
    """What the talks with the family gave over time."""

    evaluations: tuple[EvaluationView, ...] = ()
    levels: tuple[LevelView, ...] = ()
    positive_health: tuple[HealthView, ...] = ()
    network: tuple[ContactView, ...] = ()
    network_on: date | None = None


@dataclass(frozen=True, slots=True)
class FloatingView:
    """A support action that nobody accepted in time. What it is and for which family is not said."""

    action_id: UUID
    organisation_id: UUID
    municipality_code: str | None
    proposed_at: datetime
    due_at: datetime
