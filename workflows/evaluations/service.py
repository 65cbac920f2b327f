"""Keeping evaluations, and the day on which the next one is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.clock import as_day, local_date
from workflows import families, logbook, plans, settings
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import Invalid
from workflows.evaluations.model import Decision, Evaluation, GoalRating, GoalStatus
from workflows.evaluations.rules import Window, evaluate_on
from workflows.families import MemberKind
from workflows.signals import VulnerabilityLevel


def record(
    session: Session, case: Case, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> Evaluation:
    """Keep what an evaluation, written in the dossier, concluded.

    Raises:
        Invalid: no day, decision or level, nobody said whether the parent decided as well, or no day for the next.
    """
    errors: dict[str, list[str]] = {}
    held, following = as_day(answers.get("evaluated_on")), as_day(answers.get("next_date"))
    decision, level = answers.get("evaluation_decision"), answers.get("vulnerability_level_now")
    together = answers.get("decided_with_parent")
    if held is None or held > local_date(at):
        errors["evaluated_on"] = ["Vul in wanneer u samen terugkeek."]
    if decision not in set(Decision):
        errors["evaluation_decision"] = ["Kies hoe het verdergaat."]
    if level not in set(VulnerabilityLevel):
        errors["vulnerability_level_now"] = ["Kies een van de antwoorden."]
    if together not in ("yes", "no", True, False):
        errors["decided_with_parent"] = ["Vul in of de ouder meebesliste."]
    if decision != Decision.CLOSE and (following is None or (held is not None and following < held)):
        errors["next_date"] = ["Spreek af wanneer u weer samen terugkijkt."]
    rated, wrong = _ratings(answers.get("goal_ratings"))
    errors |= wrong
    if errors:
        raise Invalid(f"evaluation of case {case.id} refused", errors=errors)
    before, plan = of_case(session, case.id), plans.current(session, case.id)
    evaluation = Evaluation(
        case_id=case.id,
        number=before[-1].number + 1 if before else 1,
        entry_id=entry.id,
        plan_id=None if plan is None else plan.id,
        evaluated_on=held,
        decision=decision,
        decided_with_parent=together in ("yes", True),
        level=level,
        parent_experience=answers.get("parent_experience"),
        present=list(answers.get("present") or ()),
        next_on=None if decision == Decision.CLOSE else following,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    session.add(evaluation)
    session.flush()
    session.add_all(
        GoalRating(evaluation_id=evaluation.id, position=position, **row) for position, row in enumerate(rated)
    )
    session.flush()
    details: dict[str, str | int | float | bool | None] = {"decision": str(decision), "number": evaluation.number}
    logbook.write(
        session, "evaluation.held", "evaluation", evaluation.id, case_id=case.id, by=by, at=at, details=details
    )
    return evaluation


def take_back(session: Session, case: Case, entry_id: UUID, *, by: Actor, at: datetime) -> None:
    """An evaluation was recorded by mistake a moment ago: there was none, and its number is given out again."""
    for one in session.scalars(select(Evaluation).where(Evaluation.entry_id == entry_id)).all():
        session.execute(delete(GoalRating).where(GoalRating.evaluation_id == one.id))
        session.delete(one)
        logbook.write(session, "evaluation.withdrawn", "evaluation", one.id, case_id=case.id, by=by, at=at)
    session.flush()


def of_case(session: Session, case_id: UUID) -> list[Evaluation]:
    """Every evaluation of a case, oldest first."""
    return list(session.scalars(select(Evaluation).where(Evaluation.case_id == case_id).order_by(Evaluation.number)))


def ratings(session: Session, evaluation_id: UUID) -> list[GoalRating]:
    """How each goal stood at one evaluation."""
    query = select(GoalRating).where(GoalRating.evaluation_id == evaluation_id).order_by(GoalRating.position)
    return list(session.scalars(query))


def agreed_day(session: Session, case_id: UUID) -> tuple[date, date] | None:
    """The day that was agreed last for looking back, and the day on which that was agreed; None without plan or talk."""
    plan, held = plans.current(session, case_id), of_case(session, case_id)
    last = held[-1] if held else None
    if last is not None and last.next_on is not None and (plan is None or last.plan_id == plan.id):
        return last.next_on, last.evaluated_on  # the talk came after the plan
    if plan is None or plan.evaluation_on is None:
        return None
    return plan.evaluation_on, local_date(plan.recorded_at)


def next_evaluation(session: Session, case: Case) -> date | None:
    """The day on which the family looks back next: the agreed one, but not past the weeks before and after a birth in
    which it does so once anyway. None when nothing was agreed."""
    agreed = agreed_day(session, case.id)
    if agreed is None:
        return None
    day, since = agreed
    held = [one.evaluated_on for one in of_case(session, case.id)]
    return evaluate_on(day, since=since, held=held, windows=_windows(session, case, since))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the evaluations of a case, before the entries and plans they point at go."""
    session.flush()
    found = select(Evaluation.id).where(Evaluation.case_id == case_id)
    session.execute(delete(GoalRating).where(GoalRating.evaluation_id.in_(found)))
    session.execute(delete(Evaluation).where(Evaluation.case_id == case_id))
    logbook.write(session, "evaluation.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _windows(session: Session, case: Case, on: date) -> list[Window]:
    if case.family_id is None:
        return []

    def number(name: str) -> int:
        return int(settings.get(session, f"evaluation.{name}", municipality=case.municipality_code, on=on))

    found = []
    if (due_date := families.current_due_date(session, case.family_id)) is not None:
        weeks = {"from_weeks": number("from_gestational_weeks"), "until_weeks": number("until_gestational_weeks")}
        found.append(Window.before_birth(due_date, **weeks))
    born = [
        member.birth_date
        for member in families.members(session, case.family_id)
        if member.kind == MemberKind.CHILD and member.birth_date is not None
    ]
    if born:
        days = {"from_days": number("after_birth_from_days"), "until_days": number("after_birth_days")}
        found.append(Window.after_birth(max(born), **days))
    return found


def _ratings(given: Any) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    found: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for place, one in enumerate(given or ()):
        goal, status = str(one.get("goal") or "").strip(), one.get("goal_status")
        if not goal:
            errors[f"goal_ratings[{place}].goal"] = ["Vul het doel in, in de woorden van de ouder."]
        if status not in set(GoalStatus):
            errors[f"goal_ratings[{place}].goal_status"] = ["Kies hoe ver het doel is."]
        found.append({"goal": goal, "status": status, "parent_rating": one.get("parent_rating")})
    return found, errors
