"""Keeping plans, letting actions begin, go on and end. Whoever calls this has asked ``access`` and the family's consent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.clock import as_day, local_date
from workflows import diagrams, dossier, forms, logbook, organisations, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry, EntryValue
from workflows.errors import Invalid
from workflows.plans.model import (
    LIVE,
    ORDER,
    ActionStatus,
    Dimension,
    OwnerKind,
    PlanStatus,
    RefusalReason,
    StopReason,
    SupportAction,
    SupportGoal,
    SupportPlan,
)
from workflows.plans.rules import Row, compare
from workflows.processes import Task, TaskStatus

#: Forms of tasks that come and go with actions, beside what is drawn.
FORMS = frozenset({"support_plan", "action_acceptance", "action_progress"})
#: Actions that still ask for something: they go on, or wait for another owner.
_UNSETTLED = LIVE | {ActionStatus.REFUSED}


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What writing down a plan brought about."""

    plan: SupportPlan
    begun: tuple[SupportAction, ...] = ()
    going_on: tuple[SupportAction, ...] = ()
    stopped: tuple[SupportAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Floating:
    """An action that its organisation did not answer in time; what it is about is not said."""

    action_id: UUID
    organisation_id: UUID
    municipality_code: str | None
    proposed_at: datetime
    due_at: datetime


def record(
    session: Session,
    case: Case,
    entry: Entry,
    answers: Mapping[str, Any],
    *,
    blind: bool = False,
    since: datetime | None = None,
    by: Actor,
    at: datetime,
) -> PlanChange:
    """Keep what was agreed, or that it was not.

    Agreed: a new version. Rows that say the same as a live action are that action and go on with their task; live actions
    that are missing stop; the other rows begin. What parents and people they know do, runs at once: the form says that they
    accept. Not agreed: a draft, of which only the dossier knows what it says. Declined: everything stops.

    Args:
        blind: the writer could not see the actions there were, so a missing row says nothing: all of them go on.
        since: from when the writer's picture dates. A row that says the same as an action that ended after it was not
            meant as a new one: it stays what it is.

    Raises:
        Invalid: no result, no day on which the parent agreed or on which to look back, an action without owner or date,
            or an organisation that nobody does actions for.
    """
    result = answers.get("plan_result")
    if result not in ("agreed", "not_agreed", "declined"):
        raise Invalid(f"plan of case {case.id}: no result", errors={"plan_result": ["Maak een keuze."]})
    plan = latest(session, case.id)
    if plan is None or plan.status != PlanStatus.DRAFT:
        plan = SupportPlan(
            case_id=case.id,
            version=1 if plan is None else plan.version + 1,
            status=PlanStatus.DRAFT,
            entry_id=entry.id,
            organisation_id=by.organisation_id,
            recorded_at=at,
        )
        session.add(plan)
    plan.entry_id, plan.organisation_id, plan.recorded_at = entry.id, by.organisation_id, at
    if result == "not_agreed":
        session.flush()
        _log(session, "plan.drafted", plan, by=by, at=at)
        return PlanChange(plan)
    if result == "declined":
        plan.decline()
        session.flush()
        _log(session, "plan.declined", plan, by=by, at=at)
        stopped = stop_all(session, case, StopReason.PARENT_DECLINES, by=by, at=at)
        return PlanChange(plan, stopped=tuple(stopped))
    return _agree(session, case, plan, answers, blind=blind, since=since or at, by=by, at=at)


def _agree(
    session: Session,
    case: Case,
    plan: SupportPlan,
    answers: Mapping[str, Any],
    *,
    blind: bool,
    since: datetime,
    by: Actor,
    at: datetime,
) -> PlanChange:
    before = [
        action
        for action in actions(session, case.id)
        if action.is_live or (action.ended_at is not None and action.ended_at > since)
    ]
    rows, errors = _rows(answers.get("actions"))
    # Live ones first: of two that say the same, the row is the one that goes on.
    kept = compare(sorted(before, key=lambda action: (not action.is_live, action.number)), list(rows.values()))
    errors |= _without_supporters(session, case, rows, kept.begun, at=at)
    agreed_on, evaluation_on = as_day(answers.get("parent_agreed_on")), as_day(answers.get("evaluation_date"))
    if agreed_on is None or agreed_on > local_date(at):
        errors["parent_agreed_on"] = ["Vul in wanneer de ouder akkoord ging. Zonder de ouder begint er niets."]
    if evaluation_on is None:
        errors["evaluation_date"] = ["Spreek af wanneer u samen terugkijkt."]
    wanted, wrong = _goals(answers.get("goals"))
    errors |= wrong
    if agreed_on is None or evaluation_on is None or errors:
        raise Invalid(f"plan of case {case.id} refused", errors=errors)

    if (old := current(session, case.id)) is not None:
        old.end(at)
        session.flush()  # before another is agreed: a case has one
    plan.agree(
        parent_agreed_on=agreed_on, evaluation_on=evaluation_on, copy_given=answers.get("copy_given") in (True, "yes")
    )
    session.flush()
    session.add_all(
        SupportGoal(plan_id=plan.id, position=position, parent_words=words, dimension=dimension)
        for position, (words, dimension) in enumerate(wanted)
    )
    for action, row in kept.going_on:
        action.last_plan_id = plan.id
        if action.is_live:
            action.starts_on, action.ends_on = row.starts_on, row.ends_on
    missing = tuple(action for action in kept.missing if action.is_live)
    for action in missing if blind else ():
        action.last_plan_id = plan.id
    stopped = () if blind else missing
    for action in stopped:
        _stop(session, action, StopReason.PLAN_ADJUSTED, by=by, at=at)
    begun = _begin(session, case, plan, kept.begun, by=by, at=at)
    _withdraw_own(session, case.id, {"support_plan"}, by=by, at=at)  # what they asked is answered now
    session.flush()
    counts = {"begun": len(begun), "going_on": len(kept.going_on), "stopped": len(stopped)}
    _log(session, "plan.agreed", plan, by=by, at=at, **counts)
    return PlanChange(plan, tuple(begun), tuple(action for action, _ in kept.going_on), stopped)


def _begin(
    session: Session, case: Case, plan: SupportPlan, rows: Sequence[Row], *, by: Actor, at: datetime
) -> list[SupportAction]:
    last = session.scalar(select(func.max(SupportAction.number)).where(SupportAction.case_id == case.id)) or 0
    begun = [
        SupportAction(
            case_id=case.id,
            plan_id=plan.id,
            last_plan_id=plan.id,
            number=number,
            what=row.what,
            owner_kind=row.owner_kind,
            owner_name=row.owner_name,
            organisation_id=row.organisation_id,
            intervention=row.intervention,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            status=ActionStatus.PROPOSED,
            proposed_at=at,
        )
        for number, row in enumerate(rows, start=last + 1)
    ]
    session.add_all(begun)
    session.flush()
    for action in begun:
        _note(session, "action.proposed", action, by=by, at=at, owner_kind=action.owner_kind)
        if action.owner_kind != OwnerKind.PROFESSIONAL:
            accept(session, action, by=by, at=at)
    return begun


def watch(session: Session, action: SupportAction, task: Task) -> None:
    """This task waits for the action's owner now."""
    session.flush()
    action.task_id = task.id


def accept(
    session: Session, action: SupportAction, *, starts_on: date | None = None, by: Actor, at: datetime
) -> SupportAction:
    """Its owner takes it, so it runs.

    Raises:
        NotAllowed: a professional action is only accepted by a supporter of its own organisation.
        WrongState: it was answered, or stopped, before.
    """
    action.accept(by=by, at=at, starts_on=starts_on)
    action.task_id = None
    session.flush()
    _note(session, "action.accepted", action, by=by, at=at)
    return action


def refuse(session: Session, action: SupportAction, reason: str, *, by: Actor, at: datetime) -> SupportAction:
    """Its owner does not take it; somebody has to find another.

    Raises:
        Invalid: no reason. NotAllowed, WrongState: as for accepting.
    """
    if reason not in set(RefusalReason):
        raise Invalid(f"action {action.id}: no reason", errors={"refused_reason": ["Kies waarom het niet kan."]})
    action.refuse(RefusalReason(reason), by=by, at=at)
    session.flush()
    _note(session, "action.refused", action, by=by, at=at, reason=str(reason))
    return action


def finish(session: Session, action: SupportAction, *, done: bool, by: Actor, at: datetime) -> SupportAction:
    """Its owner says that it is done, or that it stopped.

    Raises:
        WrongState: it does not run (any more).
    """
    if done:
        action.finish(at)
        session.flush()
        _note(session, "action.done", action, by=by, at=at)
    else:
        _stop(session, action, StopReason.OWNER_STOPPED, by=by, at=at)
        session.flush()
    return action


def stop_all(
    session: Session,
    case: Case,
    reason: StopReason,
    *,
    organisation_ids: Collection[UUID] | None = None,
    by: Actor,
    at: datetime,
) -> list[SupportAction]:
    """Stop every live action of the case and withdraw its task.

    Args:
        organisation_ids: only actions of these organisations, as when a consent ends; the plan itself goes on. Without it
            the plan ends as well, and nobody is asked any more to find another owner.

    Returns:
        the actions that stopped.
    """
    stopping = [
        action
        for action in actions(session, case.id)
        if action.is_live and (organisation_ids is None or action.organisation_id in organisation_ids)
    ]
    for action in stopping:
        _stop(session, action, reason, by=by, at=at)
    if organisation_ids is None:
        open_plans = select(SupportPlan).where(
            SupportPlan.case_id == case.id, SupportPlan.status.in_((PlanStatus.DRAFT, PlanStatus.AGREED))
        )
        for plan in session.scalars(open_plans):
            plan.end(at)
            _log(session, "plan.ended", plan, by=by, at=at, reason=str(reason))
        _withdraw_own(session, case.id, FORMS, by=by, at=at)
    session.flush()
    return stopping


def latest(session: Session, case_id: UUID) -> SupportPlan | None:
    """The newest version, whatever became of it."""
    query = select(SupportPlan).where(SupportPlan.case_id == case_id).order_by(SupportPlan.version.desc()).limit(1)
    return session.scalars(query).first()


def versions(session: Session, case_id: UUID) -> list[SupportPlan]:
    """Every version of the plan, oldest first; also what was drafted and never agreed."""
    query = select(SupportPlan).where(SupportPlan.case_id == case_id)
    return list(session.scalars(query.order_by(SupportPlan.version)))


def current(session: Session, case_id: UUID) -> SupportPlan | None:
    """The version that the parent agreed to and that holds now."""
    query = select(SupportPlan).where(SupportPlan.case_id == case_id, SupportPlan.status == PlanStatus.AGREED)
    return session.scalars(query).one_or_none()


def goals(session: Session, plan_id: UUID) -> list[SupportGoal]:
    """The goals of one version, in the parent's order."""
    return list(
        session.scalars(select(SupportGoal).where(SupportGoal.plan_id == plan_id).order_by(SupportGoal.position))
    )


def actions(session: Session, case_id: UUID) -> list[SupportAction]:
    """Every action of a case, also what is over: what the family and its own people do comes first."""
    return _in_order(session.scalars(select(SupportAction).where(SupportAction.case_id == case_id)))


def actions_of_plan(session: Session, plan: SupportPlan) -> list[SupportAction]:
    """The actions that stand in one version and in none after it, in the same order."""
    return _in_order(session.scalars(select(SupportAction).where(SupportAction.last_plan_id == plan.id)))


def action_of_task(session: Session, task: Task) -> SupportAction | None:
    """The action whose owner this task waits for."""
    return session.scalars(select(SupportAction).where(SupportAction.task_id == task.id)).one_or_none()


def floating(
    session: Session, *, municipalities: Collection[str], without: Collection[UUID] = (), at: datetime
) -> list[Floating]:
    """Actions that nobody answered within their term, in these municipalities (and where none is known), oldest first.

    Args:
        without: cases that are closed to who asks in person.
    """
    query = (
        select(SupportAction, Task)
        .join(Task, Task.id == SupportAction.task_id)
        .where(
            SupportAction.status == ActionStatus.PROPOSED,
            SupportAction.case_id.not_in(list(without)),
            Task.due_at < at,
            Task.municipality_code.in_(sorted(municipalities)) | Task.municipality_code.is_(None),
        )
        .order_by(Task.due_at, SupportAction.id)
    )
    return [
        Floating(action.id, action.organisation_id, task.municipality_code, action.proposed_at, task.due_at)
        for action, task in session.execute(query)
        if action.organisation_id is not None and task.due_at is not None
    ]


def prefill(session: Session, case_id: UUID) -> dict[str, Any]:
    """Answers for the form: what was written down and not agreed to yet, else the plan that holds now.

    Of the plan: rows that go on or that an organisation refused, so that somebody finds another owner.
    """
    newest = latest(session, case_id)
    if newest is not None and newest.status == PlanStatus.DRAFT:
        written = _answers(session, newest.entry_id)
        return {key: value for key, value in written.items() if key in ("own_strength", "goals", "actions")} | (
            {"evaluation_date": written["evaluation_date"]} if "evaluation_date" in written else {}
        )
    plan = current(session, case_id)
    if plan is None:
        return {}
    rows = [_row(action) for action in actions_of_plan(session, plan) if action.status in _UNSETTLED]
    wanted = [
        {"parent_words": goal.parent_words} | ({"dimension": goal.dimension} if goal.dimension else {})
        for goal in goals(session, plan.id)
    ]
    known: dict[str, Any] = {
        "own_strength": own_strength(session, plan),
        "goals": wanted,
        "actions": rows,
        "evaluation_date": plan.evaluation_on.isoformat() if plan.evaluation_on else None,
    }
    return {key: value for key, value in known.items() if value not in (None, [])}


def own_strength(session: Session, plan: SupportPlan) -> str | None:
    """What gives the family strength, as it stands in the dossier."""
    said = session.scalar(
        select(EntryValue).where(EntryValue.entry_id == plan.entry_id, EntryValue.field == "own_strength")
    )
    return said.value if said is not None and isinstance(said.value, str) else None


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the plans and actions of a case, before the entries and tasks they point at go."""
    session.flush()
    versions = select(SupportPlan.id).where(SupportPlan.case_id == case_id)
    session.execute(delete(SupportAction).where(SupportAction.case_id == case_id))
    session.execute(delete(SupportGoal).where(SupportGoal.plan_id.in_(versions)))
    session.execute(delete(SupportPlan).where(SupportPlan.case_id == case_id))
    logbook.write(session, "plan.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _in_order(found: Any) -> list[SupportAction]:
    return sorted(found, key=lambda action: (ORDER[OwnerKind(action.owner_kind)], action.number))


def _row(action: SupportAction) -> dict[str, Any]:
    row = {
        "what": action.what,
        "owner_kind": action.owner_kind,
        "owner_name": action.owner_name or None,
        "organisation": str(action.organisation_id) if action.organisation_id else None,
        "intervention": action.intervention,
        "starts_on": action.starts_on.isoformat(),
        "ends_on": action.ends_on.isoformat() if action.ends_on else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def _answers(session: Session, entry_id: UUID) -> Mapping[str, Any]:
    entry = session.get(Entry, entry_id)
    if entry is None:
        return {}
    form = forms.definition(diagrams.load(session, entry.bundle_digest), entry.form_key)
    return dossier.answers_of(session, entry_id, form)


def _rows(given: Any) -> tuple[dict[int, Row], dict[str, list[str]]]:
    """The rows of the form by their place; no action without an owner and a date."""
    rows: dict[int, Row] = {}
    errors: dict[str, list[str]] = {}
    for place, one in enumerate(given or ()):
        at = f"actions[{place}]"
        kind, starts_on, ends_on = one.get("owner_kind"), as_day(one.get("starts_on")), as_day(one.get("ends_on"))
        professional = kind == OwnerKind.PROFESSIONAL
        name, organisation = str(one.get("owner_name") or "").strip(), _id(one.get("organisation"))
        wrong = {
            "what": not str(one.get("what") or "").strip() and "Vul in wat u afspreekt.",
            "owner_kind": kind not in set(OwnerKind) and "Kies wie dit doet.",
            "owner_name": not professional and not name and "Vul in wie dit doet.",
            "organisation": professional and organisation is None and "Kies welke organisatie dit doet.",
            "starts_on": starts_on is None and "Vul in wanneer het begint.",
            "ends_on": starts_on and ends_on and ends_on < starts_on and "Kies een dag na de begindag.",
        }
        told = {f"{at}.{field}": [text] for field, text in wrong.items() if isinstance(text, str)}
        errors |= told
        if not told and starts_on is not None:
            rows[place] = Row(
                what=str(one["what"]).strip(),
                owner_kind=str(kind),
                owner_name=name,
                organisation_id=organisation if professional else None,
                intervention=one.get("intervention") or None,
                starts_on=starts_on,
                ends_on=ends_on,
            )
    return rows, errors


def _without_supporters(
    session: Session, case: Case, rows: Mapping[int, Row], begun: Sequence[Row], *, at: datetime
) -> dict[str, list[str]]:
    """An organisation in which nobody does support actions here would leave a task that nobody finds."""
    if not any(row.organisation_id for row in begun):
        return {}
    found = organisations.organisations_for(
        session, role="supporter", municipality=case.municipality_code, on=local_date(at)
    )
    known, new = {organisation.id for organisation in found}, {id(row) for row in begun}
    return {
        f"actions[{place}].organisation": ["Deze organisatie doet hier geen steunafspraken. Kies een andere."]
        for place, row in rows.items()
        if id(row) in new and row.organisation_id is not None and row.organisation_id not in known
    }


def _goals(given: Any) -> tuple[list[tuple[str, str | None]], dict[str, list[str]]]:
    found: list[tuple[str, str | None]] = []
    errors: dict[str, list[str]] = {}
    for place, one in enumerate(given or ()):
        words, dimension = str(one.get("parent_words") or "").strip(), one.get("dimension") or None
        if not words:
            errors[f"goals[{place}].parent_words"] = ["Vul het doel in, in de woorden van de ouder."]
        if dimension is not None and dimension not in set(Dimension):
            errors[f"goals[{place}].dimension"] = ["Kies een van de antwoorden op de lijst."]
        found.append((words, dimension))
    return found, errors


def _stop(session: Session, action: SupportAction, reason: StopReason, *, by: Actor, at: datetime) -> None:
    task_id = action.task_id
    action.stop(reason, at)
    _note(session, "action.stopped", action, by=by, at=at, reason=str(reason))
    if task_id is not None and (task := session.get(Task, task_id)) is not None:
        _withdraw(session, task, by=by, at=at)


def _withdraw_own(session: Session, case_id: UUID, form_keys: Collection[str], *, by: Actor, at: datetime) -> None:
    for task in processes.tasks_of(session, "case", case_id, live_only=True):
        if processes.is_own(task) and task.form_key in form_keys:
            _withdraw(session, task, by=by, at=at)


def _withdraw(session: Session, task: Task, *, by: Actor, at: datetime) -> None:
    if task.status in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        task.withdraw()
        logbook.write(session, "task.withdrawn", "task", task.id, case_id=task.subject_id, by=by, at=at)


def _log(
    session: Session, event: str, plan: SupportPlan, *, by: Actor, at: datetime, **details: str | int | None
) -> None:
    details = {"version": plan.version, **details}
    logbook.write(session, event, "support_plan", plan.id, case_id=plan.case_id, by=by, at=at, details=details)


def _note(
    session: Session, event: str, action: SupportAction, *, by: Actor, at: datetime, **details: str | int | None
) -> None:
    details = {"number": action.number, **details}
    logbook.write(session, event, "support_action", action.id, case_id=action.case_id, by=by, at=at, details=details)


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
