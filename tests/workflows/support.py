"""Support in tests: organisations that do support actions, rows of a plan, and a plan as it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import local_date
from tests import builders
from workflows import plans
from workflows.actor import Actor
from workflows.cases import Case
from workflows.organisations import Organisation, Role
from workflows.plans import PlanChange


@dataclass(frozen=True)
class Support:
    """Two fictitious organisations that do support actions in Venlo, and who works there."""

    welfare: Organisation
    coaches: Organisation
    supporter: Actor
    supporter2: Actor
    coach: Actor


def support(session: Session, at: datetime) -> Support:
    """Add them to the region."""
    welfare = builders.organisation(session, "Welzijn De Brug (fictief)", "welfare", "social", at=at)
    coaches = builders.organisation(session, "Gezinscoaches Maas (fictief)", "family_coach", "social", at=at)
    return Support(
        welfare=welfare,
        coaches=coaches,
        supporter=builders.actor(session, "Sanne Steun", welfare, Role.SUPPORTER, at=at),
        supporter2=builders.actor(session, "Sjef Steun", welfare, Role.SUPPORTER, at=at),
        coach=builders.actor(session, "Gijs Gezinscoach", coaches, Role.SUPPORTER, at=at),
    )


def agree_to_support(session: Session, of: Case, kind: str, by: Actor, at: datetime, **changes: Any) -> list[Any]:
    """The parent agrees that this kind of organisation does support actions."""
    given = {
        "recipient_kind": kind,
        "purpose": "support_action",
        "categories": ["C0", "C4", "C6"],
        **changes,
    }
    return builders.agree(session, of, by, at, **given)


def row(what: str = "Elke week samen de post openen", **changes: Any) -> dict[str, Any]:
    """A row of the form: somebody the parent knows does it."""
    known = {"what": what, "owner_kind": "informal", "owner_name": "Oma Riet", "starts_on": "2026-11-05"}
    return {name: value for name, value in {**known, **changes}.items() if value is not None}


def row_of(organisation: Organisation, what: str = "Hulp bij schulden", **changes: Any) -> dict[str, Any]:
    """A row of the form: an organisation does it."""
    return row(what, owner_kind="professional", owner_name=None, organisation=str(organisation.id), **changes)


def plan_answers(at: datetime, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plan that the parent agrees to today, with these actions."""
    today = local_date(at)
    answers: dict[str, Any] = {
        "plan_result": "agreed",
        "own_strength": "Ze zoekt zelf dingen uit.",
        "goals": [{"parent_words": "Weer rustig slapen", "dimension": "mental_wellbeing"}],
        "actions": list(rows),
        "evaluation_date": (today + timedelta(days=42)).isoformat(),
        "parent_agreed_on": today.isoformat(),
        "copy_given": True,
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def evaluation_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """Looking back today: go on, and look back again in three months."""
    today = local_date(at)
    answers: dict[str, Any] = {
        "evaluated_on": today.isoformat(),
        "present": ["parent", "partner"],
        "goal_ratings": [{"goal": "Weer rustig slapen", "goal_status": "partly", "parent_rating": 6}],
        "positive_health": {"mental_wellbeing": 6},
        "vulnerability_level_now": "potentially_vulnerable",
        "parent_experience": 8,
        "safety_assessed": "yes",
        "safety_concern": "no",
        "evaluation_decision": "continue",
        "decided_with_parent": "yes",
        "next_date": (today + timedelta(days=90)).isoformat(),
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def write(session: Session, of: Case, by: Actor, at: datetime, *rows: dict[str, Any], **changes: Any) -> PlanChange:
    """*by* writes down a plan, straight into the room."""
    written = builders.entry(session, of, by, at, "support_plan")
    blind, since = changes.pop("blind", False), changes.pop("since", None)
    return plans.record(
        session, of, written, plan_answers(at, *rows, **changes), blind=blind, since=since, by=by, at=at
    )
