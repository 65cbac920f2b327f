"""Giving the run of a case a message; what nothing awaits becomes a task for the holder, never an error."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows import logbook, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import WITHOUT_DATA
from workflows.method.effects import log_change, settle
from workflows.method.facts import granted
from workflows.method.placing import around_case, holder_place, signaller_place
from workflows.method.terms import TERM_OF
from workflows.processes import Change, Place

_STOPPED = "Er is iets gestopt: samen opnieuw naar het plan kijken"
#: Says that something stopped and what to do, not what stopped nor with whom: that is told to who may read the consents.
_WHY_STOPPED = "Een toestemming geldt niet meer. Daardoor is iets gestopt dat eerder was afgesproken. Bespreek met de ouder wat er nog past, en pas het plan aan als dat nodig is."

#: Message → title, form and explanation of the task that the holder gets when no step awaits it. Dutch.
UNAWAITED: dict[str, tuple[str, str, str]] = {
    "loss": ("Contact opnemen na verlies", "loss_follow_up", ""),
    "birth": ("Geboorte: bespreken wat verandert", "after_birth", ""),
    "moved": ("Verhuizing: bespreken hoe het verdergaat", "follow_up", ""),
    "organisation_stops": (
        "Organisatie stopt: bespreken wie het gezin verder helpt",
        "follow_up",
        "De organisatie die dit gezin hielp, stopt. Bespreek met de ouder wie het overneemt, en draag de casus daarna over.",
    ),
    "consent_withdrawn": (_STOPPED, "follow_up", _WHY_STOPPED),
    "consent_ended": (_STOPPED, "follow_up", _WHY_STOPPED),
}


def tell(
    session: Session, case: Case, message: str, *, unawaited: str | None = None, by: Actor, at: datetime
) -> Change:
    """Give the case's run a message; when nothing awaits it, it becomes a task for the holder, one at a time, never an error.

    Args:
        unawaited: of :data:`UNAWAITED`, what that task says; left out: as for the message.
    """
    run = processes.lock_run(session, processes.run_of(session, "case", case.id).id)
    assert run is not None
    terms = around_case(session, case, at=at, digest=run.bundle_digest).terms
    # What begins with a message is the holder's, whatever lane it is drawn in: others may not know the family yet.
    place = _holder_or_signaller(session, case, at)
    change = processes.send_message(session, run, message, place=lambda _: place, terms=terms, at=at)
    if change.awaited:
        log_change(session, run, change, case=case, by=by, at=at)
        settle(session, case, run, change, by=by, at=at)
        return change
    message = unawaited or message
    name, form_key, why = UNAWAITED[message]
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if any(processes.is_own(task) and task.element_id == message for task in live):
        return Change(awaited=False)  # nobody picked up the task yet, or somebody is at it: one talk is enough
    term = TERM_OF.get(form_key)
    due_at = None if term is None else terms(term, at)
    task = processes.add_task(
        session,
        run,
        name=name,
        form_key=form_key,
        place=place,
        documentation=why,
        at=at,
        element_id=message,
        term=term,
        due_at=due_at,
    )
    session.flush()
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details={"message": message})
    return Change(opened=(task,), awaited=False)


def _holder_or_signaller(session: Session, case: Case, at: datetime) -> Place:
    """The holder's place; the signaller's when the holder's consent is over, or nobody could take the task."""
    place = holder_place(case)
    if place.organisation_id == case.signaller_organisation_id or place.role in WITHOUT_DATA:
        return place
    return place if granted(session, case, place.organisation_id, place.role, at=at) else signaller_place(case)
