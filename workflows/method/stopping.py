"""A yes that is over stops what it allowed, in the same transaction: tasks go back, parts end, invitations are withdrawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows import cases, consent, handovers, hubs, logbook, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import PURPOSES, Because, DisclosureCause
from workflows.method import duplicates
from workflows.method.agreed_outside import end_unagreed
from workflows.method.effects import hold
from workflows.method.facts import granted
from workflows.method.handing_over import expire_handover
from workflows.method.placing import shares, signaller_place
from workflows.method.support import stop_without_consent
from workflows.method.telling import tell


def stop_and_tell(session: Session, case: Case, message: str, *, by: Actor, at: datetime, always: bool = False) -> bool:
    """Stop what is allowed no more, and give the holder one task that says that something stopped; False: nothing did.

    Args:
        always: give the task also when nothing stopped, as when somebody took a yes back and the plan is to be looked at.
    """
    stopped = stop_sharing(session, case, by=by, at=at)
    if (stopped or always) and not case.is_closed:
        tell(session, case, message, by=by, at=at)
    session.flush()
    return stopped


def stop_sharing(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Take the case from every organisation that now has no consent for what it did; False when there was none."""
    stopped = stop_without_consent(session, case, by=by, at=at)
    duplicates.plan(session, case, at=at)
    stopped = hubs.consent_changed(session, case.id, by=by, at=at) > 0 or stopped
    offered = handovers.pending(session, case.id)
    if (
        offered is not None
        and offered.to_organisation_id != case.signaller_organisation_id
        and not granted(session, case, offered.to_organisation_id, offered.to_role, at=at)
    ):
        stopped = expire_handover(session, case, by=by, at=at) or stopped
    stopped = end_unagreed(session, case, by=by, at=at) or stopped
    for party in cases.parties(session, case.id):
        if party.organisation_id == case.signaller_organisation_id or party.role not in PURPOSES:
            continue
        if granted(session, case, party.organisation_id, party.role, at=at):
            continue
        if (case.holder_organisation_id, case.holder_role) == (party.organisation_id, party.role):
            back = signaller_place(case)
            hold(session, case, organisation_id=back.organisation_id, role=back.role, person_id=None, by=by, at=at)
        if consent.opened(session, case.id, party.organisation_id, party.role, at=at):
            continue  # nobody agreed any more, and another ground than consent still counts
        cases.leave(session, case, organisation_id=party.organisation_id, role=party.role, by=by, at=at)
        stopped = True
    present = {(party.organisation_id, party.role) for party in cases.parties(session, case.id)}
    for task in processes.tasks_of(session, "case", case.id, live_only=True):
        if shares(case, task) and (task.organisation_id, task.role) not in present:
            if granted(session, case, task.organisation_id, task.role, at=at):
                continue  # waits in a pool that may still have it
            if task.element_id == duplicates.ELEMENT:
                duplicates.withdraw(session, task, by=by, at=at)
                continue
            was = processes.move(session, task, signaller_place(case), at=at)
            logbook.write(session, "task.moved", "task", task.id, case_id=case.id, by=by, at=at, details=was)
            stopped = True
    # Who still has a part in it, with less than before.
    cases.follow_consent(session, case, because=Because(DisclosureCause.CONSENT, case.id), by=by, at=at)
    return stopped
