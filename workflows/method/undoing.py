"""Undoing that a task was completed: by who completed it, for a few minutes, and only while nothing has followed.

What followed cannot be taken back from somebody else's hands or head. So whoever took, read or changed anything since ends
it, and of each form it is said here whether it can be undone at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM, local_date
from workflows import (
    access,
    cases,
    diagrams,
    dossier,
    evaluations,
    explorations,
    forms,
    logbook,
    organisations,
    processes,
    settings,
)
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotAllowed, WrongState
from workflows.logbook import LoggedChange, LoggedRead
from workflows.method.facts import case_of, find_task, has, task_facts
from workflows.method.placing import around_case
from workflows.method.terms import lease_of
from workflows.method.views import TaskCard
from workflows.processes import Change, Task, TaskStatus, UndoState

#: What a room does to take back what completing its form brought about there, beside the entry, the run and its tasks.
Revert = Callable[[Session, Case, UUID, Actor, datetime], None]


def _nothing_more(_session: Session, _case: Case, _entry_id: UUID, _by: Actor, _at: datetime) -> None:
    """The form keeps its answers and moves the process; no room has anything of it."""


def _exploration(session: Session, case: Case, entry_id: UUID, by: Actor, at: datetime) -> None:
    explorations.take_back(session, case, entry_id, by=by, at=at)


def _evaluation(session: Session, case: Case, entry_id: UUID, by: Actor, at: datetime) -> None:
    evaluations.take_back(session, case, entry_id, by=by, at=at)


#: Forms whose completion can be undone, with how their room takes its part back.
UNDOABLE: Mapping[str, Revert] = {
    "routing": _nothing_more,  # that the municipality was asked for a pathway that it lacks, stays true
    "exploration": _exploration,
    "evaluation": _evaluation,
    "no_contact": _nothing_more,
    "after_birth": _nothing_more,
    "age_limit": _nothing_more,
    "birth_handover": _nothing_more,
    "follow_up": _nothing_more,
    "loss_follow_up": _nothing_more,
    "escalation": _nothing_more,
    "correction_notice": _nothing_more,
    "emergency_notice": _nothing_more,
}
_FAMILY = (
    "Wat u over het gezin vastlegde, staat bij het gezin. Klopt er iets niet? Verbeter het op de pagina van de casus."
)
_CONSENT = "De toestemming is vastgelegd. Verandert er iets? Leg de toestemming opnieuw vast op de pagina van de casus."
_HUB = "Wie uitgenodigd is, heeft het overleg al in de agenda. Wijzig het overleg op de pagina van het knooppunt."
_PLAN = "De afspraken zijn gemaakt en de uitvoerders zijn gevraagd. Kijk samen terug en pas het plan aan."
_HANDOVER = "De ander heeft dit al gehoord. Trek de overdracht in of overleg samen."
_RIGHTS = "Een antwoord op een verzoek staat vast. Leg zo nodig een nieuw verzoek vast."
_EVENT = "Wat er in het gezin gebeurde, heeft alles meteen verzet. Geef de verandering opnieuw door op de pagina van de casus."
#: Every other form, and what somebody does instead. Dutch.
NOT_UNDOABLE: Mapping[str, str] = {
    "signal": _FAMILY,
    "taking_over": _FAMILY,
    "consent": _CONSENT,
    "support_consent": _CONSENT,
    "hub_planning": _HUB,
    "hub_minutes": _HUB,
    "support_plan": _PLAN,
    "action_acceptance": "Wie de casus vasthoudt, heeft uw antwoord al. Bel als het anders is.",
    "action_progress": "Wie de casus vasthoudt, heeft uw bericht al. Bel als het anders is.",
    "handover": "U kunt dit veranderen bij ‘Laten zien en aanbieden’: kies daar voor terug.",
    "handover_offer": _HANDOVER,
    "handover_answer": _HANDOVER,
    "handover_question": _HANDOVER,
    "handover_supplement": "Wat u aanvulde, gaat mee met de overdracht. Vul het aan als u opnieuw aanbiedt.",
    "handover_talk": _HANDOVER,
    "handover_contact": _HANDOVER,
    "new_holder": "Het team heeft het aanbod al. Bel met het team: het kan weigeren, en dan hoort u het.",
    "pull_answer": "Wilt u toch iets anders? Draag de casus over, of trek de overdracht in.",
    "feedback": "U vertelde dit al aan wie het signaal gaf. Verbeter het antwoord op de pagina van de casus.",
    "closure": "De casus is gesloten. Begin een nieuwe casus als het gezin weer hulp vraagt.",
    "loss": _EVENT,
    "birth": _EVENT,
    "move": _EVENT,
    "due_date_change": _EVENT,
    "member": _FAMILY,
    "rights_request": _RIGHTS,
    "access_request": _RIGHTS,
    "correction_request": _RIGHTS,
    "erasure_request": _RIGHTS,
    "safety_response": "Wat u over veiligheid vastlegde, blijft staan. Vul het aan in een nieuwe notitie.",
    "emergency_review": "Uw oordeel over de noodinzage staat vast. Bespreek het met de logbeheerder als het anders is.",
}


class CannotUndo(WrongState):
    """It is too late, something has followed, or this is never undone; says which, and what to do instead."""

    title = "Ongedaan maken kan niet meer"


@dataclass(frozen=True, slots=True)
class Undoable:
    """A task that was just completed, and until when that can be undone."""

    task: TaskCard
    until: datetime


def keep(
    session: Session,
    task: Task,
    case: Case | None,
    change: Change,
    *,
    before: bytes,
    case_status: str,
    entry_id: UUID,
    closed: int,
    at: datetime,
) -> datetime | None:
    """Keep what is needed to undo a completion that just happened, all of it flushed; at most one row.

    Args:
        before: the state of the run, as it was. case_status: as it was.
        closed: how many other tasks the completion ended.

    Returns:
        until when it can be undone; None: it cannot.
    """
    if case is None or task.form_key not in UNDOABLE or change.ended or change.withdrawn or closed:
        return None
    if case.status != case_status and case_status not in cases.TRANSITIONS[case.status]:
        return None
    minutes = settings.get(session, "task.undo_minutes", municipality=task.municipality_code, on=local_date(at))
    if int(minutes) == 0:
        return None
    until = at + timedelta(minutes=int(minutes))
    processes.keep_state(
        session, task, change,
        before=before, entry_id=entry_id, case_version=case.version, case_status=case_status, until=until,
    )  # fmt: skip
    return until


def just_completed(session: Session, *, by: Actor, at: datetime) -> tuple[Undoable, ...]:
    """What *by* completed a moment ago in this role and may still undo by the clock; whether nothing followed is asked by
    :func:`undo_completion`."""
    return tuple(
        Undoable(TaskCard.of(task, by), until) for task, until in processes.completed_lately(session, by=by, at=at)
    )


def undo_completion(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> Task:
    """Put everything back as it was before *by* completed a task: the answers are *by*'s draft again, what it opened is
    withdrawn, and the entry shows and counts nowhere any more.

    Raises:
        NotFound, NotAllowed: no such task of *by*.
        CannotUndo: never for this form, too late, or something has followed; says which.
    """
    task = find_task(session, task_id, by=by, lock=True)
    access.require(by, "undo", task_facts(session, task, by=by, at=at), at=at)
    if not organisations.acts(session, by, at=at):
        raise NotAllowed(f"assignment {by.assignment_id} has ended", detail="Uw rol bij deze organisatie is beëindigd.")
    if task.status == TaskStatus.CLAIMED and has(task, by):
        raise CannotUndo(f"task {task.id} is claimed", detail="Deze taak is niet afgerond: u heeft hem bij u.")
    kept = processes.state_kept(session, task.id)
    with logbook.deciding(session):
        case = case_of(session, task)
    _require_open(task, kept, at=at)
    assert kept is not None, "else it was refused"
    if case is None:  # row security hides it: what the organisation had to do with it is over
        raise CannotUndo(f"task {task.id}: its case is out of sight", detail=_FOLLOWED)
    with logbook.deciding(session):
        _require_nothing_followed(session, task, case, kept, by=by)
        entry = dossier.withdraw(session, kept.entry_id, by=by, at=at)
        if entry is None:
            raise CannotUndo(f"task {task.id}: its entry was corrected", detail=_FOLLOWED)
        form = forms.definition(diagrams.load(session, entry.bundle_digest), entry.form_key)
        answers = dossier.answers_of(session, entry.id, form)
    status = kept.case_status
    UNDOABLE[str(task.form_key)](session, case, entry.id, by, at)
    around = around_case(session, case, at=at, digest=task.run.bundle_digest)
    withdrawn = processes.take_back(
        session, task, kept, terms=around.terms, by=by, at=at, until=lease_of(session, task, at)
    )
    for one in withdrawn:
        logbook.write(session, "task.withdrawn", "task", one.id, case_id=case.id, by=by, at=at)
    cases.move_to(session, case, status, by=by, at=at)
    processes.save_draft(session, task.id, answers=answers, beside=_moment(entry), by=by, at=at)
    details: dict[str, str | int | float | bool | None] = {
        "entry": entry.id.hex, "form": entry.form_key, "withdrawn": len(withdrawn),
    }  # fmt: skip
    logbook.write(session, "task.undone", "task", task.id, case_id=case.id, by=by, at=at, details=details)
    session.flush()
    return task


_FOLLOWED = "In deze casus is intussen iets gebeurd dat hierop volgt. Kijk op de pagina van de casus, of overleg met wie nu aan de beurt is."


def _require_open(task: Task, kept: UndoState | None, *, at: datetime) -> None:
    if kept is not None and at < kept.until_at:
        return
    if kept is not None:
        raise CannotUndo(
            f"task {task.id} could be undone until {kept.until_at.isoformat()}",
            detail=f"Ongedaan maken kon tot {kept.until_at.astimezone(AMSTERDAM):%H:%M}. {_INSTEAD}",
        )
    reason = NOT_UNDOABLE.get(task.form_key or "")
    raise CannotUndo(
        f"task {task.id} of form {task.form_key} cannot be undone",
        detail=reason
        or f"De tijd om dit ongedaan te maken is voorbij, of er ging meteen iets anders mee verder. {_INSTEAD}",
    )


_INSTEAD = "Klopt er iets niet? Verbeter uw antwoord op de pagina van de casus."


def _require_nothing_followed(session: Session, task: Task, case: Case, kept: UndoState, *, by: Actor) -> None:
    """Nobody has the next task or had it, no timer came by, nothing else was done in the case, and no other organisation
    looked at it."""
    if not processes.untouched(session, task, kept):
        raise CannotUndo(
            f"task {task.id}: what it opened has moved",
            detail="Iemand is al verdergegaan met wat hierop volgt. Overleg met wie nu aan de beurt is.",
        )
    own = select(func.max(LoggedChange.id)).where(
        LoggedChange.event == "task.completed", LoggedChange.subject_id == str(task.id)
    )
    since = select(LoggedChange.id).where(LoggedChange.case_id == case.id, LoggedChange.id > own.scalar_subquery())
    if case.version != kept.case_version or session.scalar(since.limit(1)) is not None:
        raise CannotUndo(f"task {task.id}: case {case.id} has moved", detail=_FOLLOWED)
    read = select(LoggedRead.id).where(
        LoggedRead.case_id == case.id,
        LoggedRead.at > kept.completed_at,
        LoggedRead.outcome == "success",
        LoggedRead.organisation_id != by.organisation_id,
    )
    if session.scalar(read.limit(1)) is not None:
        raise CannotUndo(
            f"task {task.id}: case {case.id} was read elsewhere",
            detail="Een andere organisatie heeft de casus intussen gelezen. "
            "Verbeter uw antwoord op de pagina van de casus; dan hoort zij dat ook.",
        )


def _moment(entry: dossier.Entry) -> dict[str, object]:
    """When it was seen or said, as it was typed beside the form."""
    if entry.observed_at == entry.recorded_at:
        return {}
    local = entry.observed_at.astimezone(AMSTERDAM)
    return {"observed": {"day": f"{local:%d-%m-%Y}", "time": f"{local:%H:%M}"}}
