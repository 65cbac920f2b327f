"""Support while it runs: plan, actions, looking back. Each action has a task of its own beside what is drawn, because a
plan has any number of them and they come and go while the diagram waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import end_of_day
from workflows import access, cases, evaluations, logbook, organisations, plans, processes
from workflows.access import Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import ConsentMissing, WrongState
from workflows.method.completing import Completing
from workflows.method.effects import log_change, settle
from workflows.method.facts import find_case, granted, task_facts
from workflows.method.placing import around_case, holder_place, require_consent, supporter_place
from workflows.method.support_views import ActionView
from workflows.method.terms import close_needless
from workflows.method.views import CaseCard
from workflows.plans import OwnerKind, PlanStatus, StopReason, SupportAction, SupportPlan
from workflows.processes import Change, Run, Scalar, Task, TaskStatus

ACCEPT = "Steunafspraak aannemen"
DO = "Steunafspraak uitvoeren"
FIND_ANOTHER = "Steunafspraak geweigerd: opnieuw beleggen"
_WHY_ACCEPT = "Een gezin wil met uw organisatie een steunafspraak maken. De afspraak begint pas als u haar aanneemt: pak deze taak op en lees wat er gevraagd wordt."
_WHY_DO = "U nam deze steunafspraak aan. Laat weten wanneer ze klaar is, of waarom ze stopt: dan weet het gezin waar het op kan rekenen."
_WHY_FIND_ANOTHER = "Een organisatie kan een steunafspraak niet doen. Bespreek met de ouder wie het wel kan of wat anders helpt, zodat niemand op hulp blijft wachten."
_NOT_RUNNING = "Er loopt nu geen steun waar u samen op terug kunt kijken, of het gesprek daarover staat al klaar."

#: Scopes in which who asks sees the own action in words.
_OWN_ACTION = frozenset({Scope.ALL, Scope.OWN_ACTION, Scope.OWN_ACTION_AND_STATUS})


# --- contracts: what completing each form brings about


def support_plan(done: Completing) -> Mapping[str, Scalar]:
    """The plan, from its drawn step or from a task to find another owner; the latter moves no machine."""
    session, case, by, at = done.session, done.the_case, done.by, done.at
    readable = access.visible(by, task_facts(session, done.task, by=by, at=at))
    known = plans.latest(session, case.id)
    blind = known is not None and not reads_plan(readable, known, by)
    day = evaluations.next_evaluation(session, case)
    change = plans.record(
        session, case, done.entry, done.answers, blind=blind, since=done.task.claimed_at, by=by, at=at
    )
    _require_consents(session, case, change.begun, at=at)
    for action in change.begun:
        if action.owner_kind == OwnerKind.PROFESSIONAL:
            _propose(done, case, action)
    for action in change.going_on:
        _follow_dates(session, case, action, at=at)
    refused_meanwhile = any(action.status == "refused" for action in change.going_on)
    if refused_meanwhile or (processes.is_own(done.task) and change.plan.status == PlanStatus.DRAFT):
        _find_another(done, case)
    close_needless(session, case, by=by, at=at)
    if processes.is_own(done.task):
        if change.plan.status == PlanStatus.DECLINED:
            _message(session, case, done.task.run, by=by, at=at)  # nothing is left to wait for
        elif day != evaluations.next_evaluation(session, case):
            _reschedule(session, case, done.task.run, by=by, at=at)
    return {}


def action_acceptance(done: Completing) -> Mapping[str, Scalar]:
    """The organisation takes the action, which runs from now on, or refuses it, and the holder finds another owner."""
    session, case, action = done.session, done.the_case, _action(done)
    if done.answers.get("action_accepted") != "yes":
        reason = str(done.answers.get("refused_reason") or "")
        plans.refuse(session, action, reason, by=done.by, at=done.at)
        _step_back(session, case, action, by=done.by, at=done.at)
        _find_another(done, case)
        return {}
    _require_consents(session, case, [action], at=done.at)
    organisations.require_certificate(
        session, code=action.intervention, municipality=case.municipality_code, by=done.by, at=done.at
    )
    plans.accept(session, action, starts_on=_day(done.answers.get("starts_on")), by=done.by, at=done.at)
    due_at, term = _ends(session, case, action, done.at)
    _add(done, case, action, name=DO, form_key="action_progress", why=_WHY_DO, due_at=due_at, term=term)
    return {}


def action_progress(done: Completing) -> Mapping[str, Scalar]:
    """The action is done, or it stopped."""
    ready = done.answers.get("action_status") == "done"
    plans.finish(done.session, _action(done), done=ready, by=done.by, at=done.at)
    return {}


def evaluation(done: Completing) -> Mapping[str, Scalar]:
    """What the family and those around it decided; where it leads is drawn."""
    evaluations.record(done.session, done.the_case, done.entry, done.answers, by=done.by, at=done.at)
    return {}


# --- what ends actions


def stop_without_consent(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Stop what organisations do for which the family's consent is over; False when there was nothing."""
    live = [action for action in plans.actions(session, case.id) if action.is_live]
    over = {
        action.organisation_id
        for action in live
        if action.organisation_id is not None and not _agreed(session, case, action, at)
    }
    if not over:
        return False
    stopped = plans.stop_all(session, case, StopReason.CONSENT_ENDED, organisation_ids=over, by=by, at=at)
    close_needless(session, case, by=by, at=at)
    return bool(stopped)


def stop_with_organisation(
    session: Session, case: Case, organisation_id: UUID, *, by: Actor, at: datetime
) -> tuple[UUID, ...]:
    """An organisation stops, and what it would do with it: nobody else can accept or finish that. Who holds the case is
    asked to find another; call it when that is settled.

    Returns:
        the tasks that are no longer needed.
    """
    live = [one for one in plans.actions(session, case.id) if one.is_live and one.organisation_id == organisation_id]
    tasks = tuple(one.task_id for one in live if one.task_id is not None)
    if live:
        plans.stop_all(session, case, StopReason.OWNER_STOPPED, organisation_ids={organisation_id}, by=by, at=at)
        close_needless(session, case, by=by, at=at)
        find_another(session, case, processes.run_of(session, "case", case.id), by=by, at=at)
    return tasks


def _step_back(session: Session, case: Case, action: SupportAction, *, by: Actor, at: datetime) -> None:
    """Who got to see the family only to answer sees it no longer after a no."""
    team = (action.organisation_id, "supporter")
    others = [one for one in plans.actions(session, case.id) if one.organisation_id == team[0] and one is not action]
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if (
        any(one.accepted_at is not None for one in others)
        or any((task.organisation_id, task.role) == team and task.status == TaskStatus.CLAIMED for task in live)
        or (case.holder_organisation_id, case.holder_role) == team
    ):
        return
    for party in cases.parties(session, case.id):
        if (party.organisation_id, party.role) == team:
            cases.leave(session, case, organisation_id=party.organisation_id, role=party.role, by=by, at=at)


# --- verbs


def request_evaluation(session: Session, case_id: Any, *, by: Actor, at: datetime) -> CaseCard:
    """Look back together sooner than was agreed.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: no support runs, or the talk is on somebody's list already.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "request_evaluation", facts, at=at)
    change = None
    if not case.is_closed:
        run = processes.lock_run(session, processes.run_of(session, "case", case.id).id)
        assert run is not None  # waiting for a lock ends with it
        change = _message(session, case, run, by=by, at=at)
    if change is None:
        raise WrongState(f"case {case.id}: nothing awaits an evaluation", detail=_NOT_RUNNING)
    logbook.write(session, "evaluation.requested", "case", case.id, case_id=case.id, by=by, at=at)
    session.flush()
    return CaseCard.of(case)


# --- what a form already knows, and what a task shows


def reads_plan(readable: Readable, plan: SupportPlan, by: Actor) -> bool:
    """Whether *by* may read the plan itself: all of the case's, or what the own organisation wrote down."""
    scope = readable.read.get("C6")
    return scope == Scope.ALL or (scope == Scope.OWN and plan.organisation_id == by.organisation_id)


def action_of(session: Session, task: Task, readable: Readable) -> ActionView | None:
    """The action that a task is about, in words, for who has the task."""
    action = plans.action_of_task(session, task)
    if action is None or readable.read.get("C6") not in _OWN_ACTION:
        return None
    return view_of(action, mine=True)


def view_of(action: SupportAction, *, mine: bool, in_plan: bool = True) -> ActionView:
    """An action in full."""
    return ActionView(
        mine=mine,
        in_plan=in_plan,
        **{
            name: getattr(action, name)
            for name in ActionView.__dataclass_fields__
            if name not in ("mine", "in_plan", "owner_name", "intervention")
        },
        owner_name=action.owner_name or None,
        intervention=action.intervention,
    )


def _known_plan(session: Session, case: Case, by: Actor, readable: Readable) -> dict[str, Any]:
    plan = plans.latest(session, case.id)
    if plan is None or not reads_plan(readable, plan, by):
        return {}
    known = plans.prefill(session, case.id)
    agreed = evaluations.agreed_day(session, case.id)
    if plan.status != PlanStatus.DRAFT and agreed is not None:
        known["evaluation_date"] = agreed[0].isoformat()
    return known


def _known_goals(session: Session, case: Case, by: Actor, readable: Readable) -> dict[str, Any]:
    plan = plans.current(session, case.id)
    if plan is None or not reads_plan(readable, plan, by):
        return {}
    return {"goal_ratings": [{"goal": goal.parent_words} for goal in plans.goals(session, plan.id)]}


#: Form → what is known of it before anybody types, as far as *by* may read it.
PREFILL: Mapping[str, Callable[[Session, Case, Actor, Readable], dict[str, Any]]] = {
    "support_plan": _known_plan,
    "evaluation": _known_goals,
}


# --- tasks of actions


def _propose(done: Completing, case: Case, action: SupportAction) -> None:
    """Ask the organisation; nothing runs before it says yes."""
    due_at = around_case(done.session, case, at=done.at).terms("action_acceptance", done.at)
    _add(
        done,
        case,
        action,
        name=ACCEPT,
        form_key="action_acceptance",
        why=_WHY_ACCEPT,
        due_at=due_at,
        term="action_acceptance",
    )


def _add(
    done: Completing,
    case: Case,
    action: SupportAction,
    *,
    name: str,
    form_key: str,
    why: str,
    due_at: datetime,
    term: str | None,
) -> None:
    assert action.organisation_id is not None  # only professionals have tasks
    task = processes.add_task(
        done.session,
        done.task.run,
        name=name,
        form_key=form_key,
        place=supporter_place(case, action.organisation_id),
        documentation=why,
        term=term,
        due_at=due_at,
        at=done.at,
    )
    plans.watch(done.session, action, task)
    _added(done, case, task)


def _find_another(done: Completing, case: Case) -> None:
    task = find_another(done.session, case, done.task.run, by=done.by, at=done.at)
    if task is not None:
        done.opened.append(task)


def find_another(session: Session, case: Case, run: Run, *, by: Actor, at: datetime) -> Task | None:
    """One task for the holder, however many actions were refused; None when it waits already."""
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if any(processes.is_own(task) and task.form_key == "support_plan" for task in live):
        return None
    task = processes.add_task(
        session,
        run,
        name=FIND_ANOTHER,
        form_key="support_plan",
        place=holder_place(case),
        documentation=_WHY_FIND_ANOTHER,
        term="write_plan",
        due_at=around_case(session, case, at=at).terms("write_plan", at),
        at=at,
    )
    session.flush()
    _log_added(session, case, task, by=by, at=at)
    return task


def _added(done: Completing, case: Case, task: Task) -> None:
    done.opened.append(task)
    _log_added(done.session, case, task, by=done.by, at=done.at)


def _log_added(session: Session, case: Case, task: Task, *, by: Actor, at: datetime) -> None:
    details = {"form": task.form_key}
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details=details)


def _follow_dates(session: Session, case: Case, action: SupportAction, *, at: datetime) -> None:
    """The task of an action that runs ends when the action does."""
    task = session.get(Task, action.task_id) if action.runs and action.task_id else None
    if task is None or task.status not in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        return
    if action.ends_on is not None or task.term is None:
        due_at, term = _ends(session, case, action, at)
        processes.postpone(session, task, due_at, term=term, at=at)


def _ends(session: Session, case: Case, action: SupportAction, at: datetime) -> tuple[datetime, str | None]:
    if action.ends_on is not None:
        return end_of_day(action.ends_on), None
    return around_case(session, case, at=at).terms("action_progress", at), "action_progress"


def _action(done: Completing) -> SupportAction:
    action = plans.action_of_task(done.session, done.task)
    if action is None:
        raise WrongState(f"task {done.task.id} is about no action", detail="Deze steunafspraak is er niet meer.")
    return action


# --- consent


def _require_consents(session: Session, case: Case, actions: Iterable[SupportAction], *, at: datetime) -> None:
    """Refuse actions of organisations that the family did not agree to, all of them at once."""
    missing = []
    for action in actions:
        if action.organisation_id is None:
            continue
        try:
            require_consent(session, case, organisation_id=action.organisation_id, role="supporter", at=at)
        except ConsentMissing:
            missing.append(action.organisation_id)
    if not missing:
        return
    names = " en ".join(sorted({organisations.organisation(session, one).name for one in missing}))
    raise ConsentMissing(
        f"case {case.id}: no consent for support_action of {', '.join(str(one) for one in missing)}",
        detail=f"Het gezin gaf geen toestemming om voor een steunafspraak gegevens te delen met {names}. "
        "Er is niets afgesproken. Vraag eerst toestemming, of kies samen iemand anders.",
    )


def _agreed(session: Session, case: Case, action: SupportAction, at: datetime) -> bool:
    assert action.organisation_id is not None
    return bool(granted(session, case, action.organisation_id, "supporter", at=at))


# --- the machine


def _message(session: Session, case: Case, run: Run, *, by: Actor, at: datetime) -> Change | None:
    """Let the waiting for the agreed day end now; None when nothing waits for it."""
    around, place = around_case(session, case, at=at, careful=False), holder_place(case)
    change = processes.send_message(
        session, run, "evaluation_requested", place=lambda _: place, terms=around.terms, at=at
    )
    if not change.awaited:
        return None
    log_change(session, run, change, case=case, by=by, at=at)
    settle(session, case, run, change, by=by, at=at)
    return change


def _reschedule(session: Session, case: Case, run: Run, *, by: Actor, at: datetime) -> None:
    """Another day was agreed for looking back; what waits for it follows."""
    around = around_case(session, case, at=at, careful=False)
    change = processes.reschedule(session, run, place=around.place, terms=around.terms, at=at)
    settle(session, case, run, change, by=by, at=at)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
