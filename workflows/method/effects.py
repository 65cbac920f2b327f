"""What follows from a move of the machine: status, holder, end of the case, and safety beside it all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import (
    cases,
    consent,
    diagrams,
    dossier,
    emergencies,
    handovers,
    hubs,
    jobs,
    logbook,
    organisations,
    plans,
    processes,
    safety,
    settings,
)
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus, Result
from workflows.consent import WITHOUT_DATA
from workflows.db import house
from workflows.dossier import Entry
from workflows.handovers import Handover
from workflows.method import duplicates
from workflows.method.notifying import tell_of_handover
from workflows.method.placing import HOLDER, around_case, around_safety, holder_place
from workflows.method.terms import close_escalations
from workflows.method.views import SafetyNotice
from workflows.notifications import NotificationKind
from workflows.processes import OFFERED_FORM, OWN, Change, Place, Run, RunStatus, Task, TaskStatus
from workflows.safety import SafetyLevel


def settle(
    session: Session,
    case: Case,
    run: Run,
    change: Change,
    *,
    by: Actor,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
) -> None:
    """Bring the case level with its run: the status that the main process says where it is, or closed with what the end says.

    Args:
        answers: of the form that was just completed, if one was.
    """
    left = processes.tasks_of(session, "case", case.id, live_only=True) if change.ended else []
    for task in left:
        task.withdraw()  # a message added it beside what is drawn; nobody can work on a closed case
    for task in (*change.withdrawn, *left):
        logbook.write(session, "task.withdrawn", "task", task.id, case_id=case.id, by=by, at=at)
    close_escalations(session, change.withdrawn, by=by, at=at)
    if change.ended:
        _close(session, case, run, change, by=by, at=at, answers=answers or {})
        return
    model = diagrams.load(session, run.bundle_digest).processes[run.process_id]
    for process_id, element_id in change.live:
        status = model.nodes[element_id].properties.get("case_status") if process_id == run.process_id else None
        if status:
            cases.move_to(session, case, CaseStatus(status), by=by, at=at)


def log_change(session: Session, run: Run, change: Change, *, case: Case | None, by: Actor, at: datetime) -> None:
    """One line for what the machine did: counts and ids; which steps were taken is in the table ``steps``."""
    details = {"opened": len(change.opened), "withdrawn": len(change.withdrawn), "steps": len(change.steps)}
    event = "run.ended" if change.ended else "run.moved"
    logbook.write(session, event, "run", run.id, case_id=case.id if case else None, by=by, at=at, details=details)


def _close(
    session: Session, case: Case, run: Run, change: Change, *, by: Actor, at: datetime, answers: Mapping[str, Any]
) -> None:
    if case.is_closed:
        return
    drawn = _drawn_result(session, run, change)
    given: Mapping[str, Any] = answers
    if drawn == "closure" and "result" not in given:
        given = dossier.latest_answers(session, case_id=case.id, form_key="closure")
    result = Result(given["result"] if drawn == "closure" and "result" in given else drawn or Result.REGULAR_CARE)
    # Who never became a case stays with whoever saw the family; so the parent always has somebody to turn to.
    contact = given.get("contact_after") or organisations.organisation(session, case.signaller_organisation_id).name
    plans.stop_all(session, case, plans.StopReason.CASE_CLOSED, by=by, at=at)
    cases.close(session, case, result, contact_after=str(contact), by=by, at=at)
    if (offered := handovers.opened(session, case.id)) is not None:
        handovers.expire(session, offered, by=by, at=at)
    consent.end_with_case(session, case.id, by=by, at=at)
    emergencies.end_all(session, case.id, by=by, at=at)
    duplicates.plan(session, case, at=at)
    hubs.remove_case(session, case.id, by=by, at=at)
    if case.erase_on is not None:
        today = local_date(at)
        days = settings.get(session, "case.unshared_retention_days", municipality=case.municipality_code, on=today)
        case.erase_on = today + timedelta(days=int(days))
        plan_erasure(session, case)


def plan_erasure(session: Session, case: Case) -> None:
    """Nothing is shared, so it goes on the day that the case names."""
    if case.erase_on is None:
        return
    jobs.enqueue(session, "erase_unshared", due_at=start_of_day(case.erase_on), subject_kind="case", subject_id=case.id)


def plan_consent_end(session: Session, case: Case, *, at: datetime) -> None:
    """A yes that runs out is noticed at that moment, as one that is taken back: no task waits where nobody may take it."""
    ends = [one.valid_until for one in consent.of_case(session, case.id) if one.is_yes and one.valid_until is not None]
    if later := [end for end in ends if end > at]:
        jobs.enqueue(session, "consent_ends", due_at=min(later), subject_kind="case", subject_id=case.id)


def _drawn_result(session: Session, run: Run, change: Change) -> str | None:
    """What the end that was reached says: property ``case_result`` of the end event of the run's own process."""
    model = diagrams.load(session, run.bundle_digest).processes[run.process_id]
    for step in reversed(change.steps):
        if step.process_id == run.process_id and (node := model.nodes.get(step.element_id)) is not None:
            result = node.properties.get("case_result")
            if result:
                return str(result)
    return None


def concern_for_safety(
    session: Session, case: Case | None, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> SafetyNotice | None:
    """A doubt, yes or acute about safety: a phone number for who recorded it, and one task for the protection officer of
    the own organisation, in a run of its own. Nothing of it is to be seen in the case."""
    level = safety.level_of(answers)
    if level is None or case is None or by.organisation_id is None:
        return None
    with house(session):  # a colleague may have opened the file, which *by* may add to and not look into
        file = safety.raise_concern(session, case, level, entry=entry, by=by, at=at)
        runs = processes.runs_of(session, "safety_file", file.id)
        if not any(run.status == RunStatus.RUNNING for run in runs):
            around = around_safety(session, file, at=at)
            run, change = processes.start_run(
                session,
                process_id="veiligheid",
                subject_kind="safety_file",
                subject_id=file.id,
                place=around.place,
                terms=around.terms,
                at=at,
            )
            log_change(session, run, change, case=None, by=by, at=at)
    return notice(session, case, level, at=at)


def hold(
    session: Session, case: Case, *, organisation_id: UUID, role: str, person_id: UUID | None, by: Actor, at: datetime
) -> None:
    """Let the case be held where nobody has to accept it: back with the team, or back where it came from."""
    if case.is_closed or (case.holder_organisation_id, case.holder_role, case.holder_person_id) == (
        organisation_id,
        role,
        person_id,
    ):
        return
    before = (case.holder_organisation_id, case.holder_role)
    if before != (organisation_id, role):
        cases.join(session, case, organisation_id=organisation_id, role=role, person_id=person_id, by=by, at=at)
    case.hold(organisation_id, role, person_id)
    details = {
        "to_organisation_id": str(organisation_id),
        "to_role": role,
        "to_person_id": None if person_id is None else str(person_id),
    }
    logbook.write(session, "case.holder_moved", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    follow_holder(session, case, before, by=by, at=at)
    if before != (organisation_id, role):
        follow_terms(session, case, at=at)


#: Tells the diagram that the offer is off, whoever ended it.
WITHDRAWN = "handover_withdrawn"


def expire_handover(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Nobody can answer the offer any more, so who holds the case decides anew; False when nothing was offered."""
    offered = handovers.opened(session, case.id)
    if offered is None:
        return False
    handovers.expire(session, offered, by=by, at=at)
    if offered.offered_at is not None:
        tell_of_handover(session, NotificationKind.HANDOVER_BACK, offered, at=at)
    call_off(session, case, offered, by=by, at=at)
    return True


def call_off(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> None:
    """The drawing goes back to before the offer, which is over, and the receiver sees the family no longer."""
    run = processes.lock_run(session, processes.run_of(session, "case", case.id).id)
    assert run is not None
    terms = around_case(session, case, at=at, careful=False).terms
    change = processes.send_message(session, run, WITHDRAWN, place=lambda _: holder_place(case), terms=terms, at=at)
    if change.awaited:
        log_change(session, run, change, case=case, by=by, at=at)
        settle(session, case, run, change, by=by, at=at)
    for task in processes.tasks_of(session, "case", case.id, live_only=True):
        if processes.is_own(task) and task.form_key == OFFERED_FORM:  # no drawing asked for it
            task.withdraw()
            logbook.write(session, "task.withdrawn", "task", task.id, case_id=case.id, by=by, at=at)
            close_escalations(session, (task,), by=by, at=at)
    step_back(session, case, handover, by=by, at=at)


def step_back(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> None:
    """Who got to see the family only to answer an offer sees it no longer when that is over."""
    team = (handover.to_organisation_id, handover.to_role)
    joined = [one for one in cases.parties(session, case.id) if (one.organisation_id, one.role) == team]
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if (
        not joined
        or handover.offered_at is None
        or joined[0].from_at < handover.offered_at
        or (case.holder_organisation_id, case.holder_role) == team
        or any((task.organisation_id, task.role) == team and task.status == TaskStatus.CLAIMED for task in live)
    ):
        return
    cases.leave(session, case, organisation_id=team[0], role=team[1], by=by, at=at)


#: Forms of tasks that stay with who agreed to do something, whoever holds the case.
_STAYS = frozenset({"action_acceptance", "action_progress"})


def follow_holder(
    session: Session, case: Case, before: tuple[UUID | None, str | None], *, by: Actor, at: datetime
) -> tuple[Task, ...]:
    """What was the holder's to do goes along to who holds the case now: tasks drawn in the lane of the holder, and those
    that a message or timer added for the holder. What somebody typed stays their draft. An offer of who held it before is
    off: they are no sender any more, and who holds it now decides anew.

    Args:
        before: organisation and role that held the case.
    """
    there = holder_place(case)
    if before == (there.organisation_id, there.role) or case.is_closed:
        return ()
    moved = tuple(
        task
        for task in processes.tasks_of(session, "case", case.id, live_only=True)
        if (task.organisation_id, task.role) == before and _is_the_holders(session, task)
    )
    for task in moved:
        move_task(session, task, there, by=by, at=at)
    expire_handover(session, case, by=by, at=at)
    return moved


def follow_terms(session: Session, case: Case, *, at: datetime) -> None:
    """Work out anew what hangs on who holds the case, when nobody is in the middle of completing a step. What is planned for
    one holder is not for another: youth health plans no handover around the birth to itself."""
    for known in processes.runs_of(session, "case", case.id):
        if known.status == RunStatus.RUNNING and (run := processes.lock_run(session, known.id)) is not None:
            around = around_case(session, case, at=at, careful=False, digest=run.bundle_digest)
            processes.reschedule(session, run, place=around.place, terms=around.terms, at=at)


def move_task(session: Session, task: Task, place: Place, *, by: Actor, at: datetime) -> None:
    """Give a live task of a case to another team; a question that is not to be asked there is taken back."""
    if duplicates.goes_nowhere(session, task, place, at=at):
        duplicates.withdraw(session, task, by=by, at=at)
        return
    details = processes.move(session, task, place, at=at)
    logbook.write(session, "task.moved", "task", task.id, case_id=task.subject_id, by=by, at=at, details=details)


def _is_the_holders(session: Session, task: Task) -> bool:
    if task.step_key.startswith(OWN):
        return task.form_key not in _STAYS and task.role not in WITHOUT_DATA
    model = diagrams.load(session, task.run.bundle_digest).processes.get(task.process_id)
    node = None if model is None else model.nodes.get(task.element_id)
    return node is not None and node.role == HOLDER


def recard(session: Session, case: Case) -> None:
    """Let the tasks that are waiting say what the case says now: phase, urgency, language and interpreter."""
    processes.describe(
        session,
        "case",
        case.id,
        language=case.language,
        interpreter_needed=case.interpreter_needed,
        phase=case.phase,
        urgency=case.urgency,
    )


def notice(session: Session, case: Case, level: SafetyLevel, *, at: datetime) -> SafetyNotice:
    """What to do first, with the numbers of this region."""
    said = safety.notice(session, level, municipality=case.municipality_code, on=local_date(at))
    return SafetyNotice(
        level=level.value,
        title=said.title,
        text=said.text,
        phone=said.phone_numbers[0].number,
        phone_numbers=said.phone_numbers,
    )
