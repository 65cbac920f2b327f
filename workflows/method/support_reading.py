"""Looking at plan and talks: what the case page shows of them, cut to what the asker may see; each read is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, dossier, evaluations, logbook, organisations, plans
from workflows.access import Facts, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.dossier import Entry, EntryView
from workflows.evaluations import Evaluation
from workflows.method.facts import find_case, write_read
from workflows.method.support import reads_plan, view_of
from workflows.method.support_views import (
    ActionView,
    ContactView,
    EvaluationView,
    FloatingView,
    GoalView,
    HealthView,
    LevelView,
    PlanView,
    RatingView,
    TalksView,
)
from workflows.plans import Dimension, SupportAction

#: Scopes in which somebody knows how agreements stand, not what they are.
_STATUS = frozenset({Scope.STATUS, Scope.STATUS_AND_FEEDBACK, Scope.OWN_ACTION_AND_STATUS})
_OWN_ACTION = frozenset({Scope.OWN_ACTION, Scope.OWN_ACTION_AND_STATUS})
#: Form → the field that says how vulnerable the situation is.
_LEVELS = {
    "signal": "vulnerability_level",
    "taking_over": "vulnerability_level",
    "exploration": "vulnerability_level_after",
    "evaluation": "vulnerability_level_now",
}
#: Field of the six numbers → whose they are.
_HEALTH = {"positive_health": "parent", "positive_health_partner": "partner"}
#: Who was there that is more than an agreement with the parent.
_PRESENT = {"partner": "C8", "informal_support": "C7"}


def plan_view(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> PlanView:
    """The plan of a case as *by* may see it: all of it; the own action and how the others stand; or only how they stand.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    view = _plan(session, case, readable, by, facts)
    write_read(
        session, "plan.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at,
        saw=("C6",) if view.version else (), details={"count": view.version or 0},
    )  # fmt: skip
    return view


def talks_view(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> TalksView:
    """What the talks with the family gave over time, as *by* may see it.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    entries = [
        entry
        for entry in dossier.entries(session, case_id=case.id, readable=readable, by=by)
        if not entry.superseded and entry.form_key in _LEVELS
    ]
    map_of = next((entry for entry in reversed(entries) if entry.form_key == "exploration"), None)
    people = () if map_of is None else network(map_of)
    view = TalksView(
        evaluations=tuple(_evaluations(session, case, readable, by)),
        levels=levels(entries),
        positive_health=positive_health(entries),
        network=people,
        network_on=local_date(map_of.observed_at) if map_of is not None and people else None,
    )
    saw = _saw(view)
    write_read(
        session,
        "evaluations.viewed",
        "case",
        case.id,
        case=case,
        facts=facts,
        purpose="case",
        saw=saw,
        details={"count": len(saw)},
        by=by,
        at=at,
    )
    return view


def floating_actions(session: Session, *, by: Actor, at: datetime) -> list[FloatingView]:
    """Support actions that nobody accepted in time, in the municipalities of the process director; nothing of what they are.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "view_floating", access.Facts(), at=at)
    if by.organisation_id is None:
        return []
    areas = by.municipalities or organisations.organisation(session, by.organisation_id).areas
    # Of every case in the own area: which organisation, and since when; of no family which.
    with house(session), logbook.deciding(session):
        floating = plans.floating(session, municipalities=areas, without=cases.kept_from(session, by), at=at)
    return [
        FloatingView(one.action_id, one.organisation_id, one.municipality_code, one.proposed_at, one.due_at)
        for one in floating
    ]


def levels(entries: Iterable[EntryView]) -> tuple[LevelView, ...]:
    """How vulnerable the situation was found to be, from signal to the latest evaluation, oldest first."""
    found = []
    for entry in entries:
        said = _single(entry)
        level = said.get(_LEVELS.get(entry.form_key, ""))
        if isinstance(level, str):
            found.append(LevelView(_held(entry, said), level, entry.form_key))
    order = list(_LEVELS)
    return tuple(sorted(found, key=lambda one: (one.on, order.index(one.form_key))))


def positive_health(entries: Iterable[EntryView]) -> tuple[HealthView, ...]:
    """The spider web over time, parent by parent, oldest first."""
    found = []
    for entry in entries:
        said = _single(entry)
        for field, who in _HEALTH.items():
            scores = {str(one): _score(said.get(f"{field}.{one}")) for one in Dimension}
            if any(score is not None for score in scores.values()):
                found.append(HealthView(who, _held(entry, said), scores))
    return tuple(sorted(found, key=lambda one: (list(_HEALTH.values()).index(one.who), one.on)))


def network(entry: EntryView) -> tuple[ContactView, ...]:
    """The people around the family, as one exploration has them."""
    rows: dict[str, dict[str, Any]] = {}
    for value in entry.values:
        row, dot, key = value.field.partition("].")
        if dot and row.startswith("network_map["):
            rows.setdefault(row, {})[key] = value.value
    return tuple(
        ContactView(
            str(row["name_or_initial"]), row.get("relation"), row.get("can_help_with"), bool(row.get("may_contact"))
        )
        for row in rows.values()
        if row.get("name_or_initial")
    )


def _plan(session: Session, case: Case, readable: Readable, by: Actor, facts: Facts) -> PlanView:
    scope = readable.read.get("C6")
    plan = plans.current(session, case.id) or plans.latest(session, case.id)
    may_request = not case.is_closed and access.allows(by, "request_evaluation", facts)
    if plan is None or scope is None:
        return PlanView(may_request_evaluation=may_request and plan is not None)
    everything = reads_plan(readable, plan, by)
    knows_status = everything or scope in _STATUS
    shown = [
        view
        for action in plans.actions(session, case.id)
        if (view := _action(action, plan.id, everything, knows_status, scope, by)) is not None
    ]
    if not knows_status and not shown:
        return PlanView(withheld=True, may_request_evaluation=may_request)
    return PlanView(
        version=plan.version,
        status=plan.status,
        evaluation_on=(evaluations.next_evaluation(session, case) or plan.evaluation_on) if knows_status else None,
        parent_agreed_on=plan.parent_agreed_on if everything else None,
        copy_given=plan.copy_given if everything else None,
        own_strength=plans.own_strength(session, plan) if everything else None,
        goals=tuple(GoalView(goal.parent_words, goal.dimension) for goal in plans.goals(session, plan.id))
        if everything
        else (),
        actions=tuple(shown),
        withheld=not everything,
        may_request_evaluation=may_request,
    )


def _action(
    action: SupportAction, plan_id: UUID, everything: bool, knows_status: bool, scope: Scope, by: Actor
) -> ActionView | None:
    own = action.organisation_id is not None and action.organisation_id == by.organisation_id
    mine = own and by.role in ("supporter", "informal_supporter")
    in_plan = action.last_plan_id == plan_id
    if everything or (mine and scope in _OWN_ACTION):
        return view_of(action, mine=mine, in_plan=in_plan)
    return ActionView(action.number, action.status, in_plan=in_plan) if knows_status else None


def _evaluations(session: Session, case: Case, readable: Readable, by: Actor) -> Iterable[EvaluationView]:
    scope = readable.read.get("C6")
    for one in evaluations.of_case(session, case.id):
        entry = session.get(Entry, one.entry_id)
        own = entry is not None and entry.organisation_id == by.organisation_id
        if scope == Scope.ALL or (scope == Scope.OWN and own):
            yield _evaluation(session, one, readable, own=own)
        elif scope in _STATUS:
            yield EvaluationView(one.number, one.evaluated_on, one.decision, one.next_on)


def _evaluation(session: Session, one: Evaluation, readable: Readable, *, own: bool) -> EvaluationView:
    return EvaluationView(
        number=one.number,
        evaluated_on=one.evaluated_on,
        decision=one.decision,
        next_on=one.next_on,
        decided_with_parent=one.decided_with_parent,
        parent_experience=one.parent_experience,
        present=tuple(code for code in one.present if readable.reads(_PRESENT.get(code, "C6"), own_organisation=own)),
        goals=tuple(
            RatingView(rating.goal, rating.status, rating.parent_rating)
            for rating in evaluations.ratings(session, one.id)
        ),
    )


def _single(entry: EntryView) -> dict[str, Any]:
    return {value.field: value.value for value in entry.values}


def _held(entry: EntryView, said: Mapping[str, Any]) -> date:
    """The day of the talk when the form asks for it, else the day on which it was seen or said."""
    day = said.get("evaluated_on")
    return date.fromisoformat(day) if isinstance(day, str) else local_date(entry.observed_at)


def _score(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _saw(view: TalksView) -> set[str]:
    shown = {
        "C1": view.levels or any(one.who == "parent" for one in view.positive_health),
        "C6": view.evaluations,
        "C7": view.network,
        "C8": any(one.who == "partner" for one in view.positive_health),
    }
    return {compartment for compartment, something in shown.items() if something}
