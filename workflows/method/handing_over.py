"""Handing a case over: offered by who holds it, held by the receiver from the moment that it accepts, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, handovers, logbook, organisations, processes
from workflows.access import Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause
from workflows.errors import Invalid, NotAllowed, WrongState
from workflows.handovers import Handover, HandoverStatus
from workflows.method import duplicates, packing
from workflows.method.completing import Completing
from workflows.method.effects import follow_holder, log_change, settle
from workflows.method.facts import RECEIVING_ROLES, find_case, may_know_handover, write_read
from workflows.method.placing import around_case, holder_place, require_consent
from workflows.processes import Scalar, TaskStatus

#: Tells the diagram that the offer is off, whoever ended it.
WITHDRAWN = "handover_withdrawn"
#: Form with which the receiver answers.
ANSWER = "handover_answer"


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A handover as far as the asker may know it; why it was refused is between sender and receiver, and who only follows
    how it stands does not hear why it was offered."""

    id: UUID
    kind: str
    reason: str | None
    from_organisation_id: UUID
    from_role: str
    to_organisation_id: UUID
    to_role: str
    status: str
    is_warm: bool
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    contact_planned_on: date | None
    first_contact_on: date | None
    refused_reason: str | None


@dataclass(frozen=True, slots=True)
class ContactNotice:
    """What a sender hears back: on which day the receiver first spoke the parent, and nothing of what was said."""

    case_id: UUID
    case_number: str
    to_organisation_id: UUID
    to_role: str
    first_contact_on: date


# --- forms


def offer_handover(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover``: offer the case, or let it stay where it is.

    Raises:
        ConsentMissing: the family did not agree that this receiver gets the case.
        NotAllowed: *by* does not hold the case. WrongState: another offer waits.
    """
    case, answers = done.the_case, done.answers
    if answers.get("handover_choice") != "offer":
        return {}
    if (done.by.organisation_id, done.by.role) != (case.holder_organisation_id, case.holder_role):
        raise NotAllowed(
            f"case {case.id} is not held by {done.by.role} of {done.by.organisation_id}",
            detail="Alleen wie de casus vasthoudt, kan haar overdragen.",
        )
    organisation_id, role = _receiver(done.session, answers.get("receiver"), done.at)
    _require_agreed(done.session, case, organisation_id, role, done.at)
    offered = handovers.offer(
        done.session,
        case,
        kind=str(answers.get("handover_kind")),
        reason=str(answers.get("handover_reason")),
        to_organisation_id=organisation_id,
        to_role=role,
        warm_contact_form=str(answers.get("warm_contact_form")),
        warm_contact_on=_day(answers.get("warm_contact_on")),
        parent_present=answers.get("parent_present") == "yes",
        entry_id=done.entry.id,
        by=done.by,
        at=done.at,
    )
    packing.freeze(done.session, case, offered, by=done.by, at=done.at)
    return {}


def answer_handover(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_answer``: accepted moves the case to who accepts, the person included; refused leaves it.

    Raises:
        NotAllowed: somebody else than the receiver accepts. ConsentMissing: the family took its consent back.
        WrongState: the offer is off.
    """
    session, case, answers, by, at = done.session, done.the_case, done.answers, done.by, done.at
    offered = handovers.pending(session, case.id)
    if answers.get("handover_answer") != "accepted":
        if offered is not None:
            reason = str(answers.get("refused_reason"))
            handovers.refuse(session, offered, reason, entry_id=done.entry.id, by=by, at=at)
            _step_back(session, case, offered, by=by, at=at)
        return {}
    if offered is None:
        raise WrongState(
            f"case {case.id}: no handover waits for an answer",
            detail="Deze overdracht is intussen ingetrokken. De casus blijft waar ze was.",
        )
    planned = _day(answers.get("first_contact_on"))
    handovers.accept(session, offered, contact_planned_on=planned, entry_id=done.entry.id, by=by, at=at)
    _require_agreed(session, case, offered.to_organisation_id, offered.to_role, at)
    before = (case.holder_organisation_id, case.holder_role)
    cases.move_holder(
        session,
        case,
        organisation_id=offered.to_organisation_id,
        role=offered.to_role,
        person_id=by.person_id,
        because=Because(DisclosureCause.HANDOVER, offered.id),
        by=by,
        at=at,
    )
    follow_holder(session, case, before, by=by, at=at)
    packing.receive(session, case, offered, by=by, at=at)
    duplicates.plan(session, case, at=at)
    return {}


def confirm_contact(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_contact``: the receiver spoke the parent. The sender hears the day.

    Raises:
        Invalid: a day that has yet to come.
    """
    case, by = done.the_case, done.by
    on = _day(done.answers.get("first_contact_on"))
    if on is None or on > local_date(done.at):
        raise Invalid(
            f"case {case.id}: first contact in the future",
            errors={"first_contact_on": ["Vul een dag in die al geweest is, of vandaag."]},
        )
    accepted = [
        one
        for one in handovers.of_case(done.session, case.id)
        if one.status == HandoverStatus.ACCEPTED
        and (one.to_organisation_id, one.to_role) == (by.organisation_id, by.role)
    ]
    for one in accepted[-1:]:  # none: the case went back to the sender before anybody called
        handovers.confirm_contact(done.session, one, on, entry_id=done.entry.id, by=by, at=done.at)
    return {}


# --- verbs


def withdraw_handover(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> HandoverView:
    """Take an offer back before it is answered; what the receiver saw of the family it sees no longer.

    Raises:
        NotFound, NotAllowed: not for *by*: only who holds the case takes it back.
        WrongState: nothing waits for an answer.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "withdraw_handover", facts, at=at)
    offered = handovers.pending(session, case.id)
    if offered is None:
        raise WrongState(
            f"case {case.id}: no handover waits for an answer",
            detail="Er wacht geen overdracht op een antwoord. Misschien is ze net beantwoord.",
        )
    handovers.withdraw(session, offered, by=by, at=at)
    _call_off(session, case, offered, by=by, at=at)
    session.flush()
    return _view(offered, told_why=True)


def may_withdraw_handover(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether an offer waits that *by* can take back; for showing the button, never instead of asking.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
        return access.allows(by, "withdraw_handover", facts) and handovers.pending(session, case.id) is not None


def expire_handover(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Nobody can answer the offer any more, so who holds the case decides anew; False when nothing was offered."""
    offered = handovers.pending(session, case.id)
    if offered is None:
        return False
    handovers.expire(session, offered, by=by, at=at)
    _call_off(session, case, offered, by=by, at=at)
    return True


def handover_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[HandoverView]:
    """The handovers of a case that *by* may know of, newest first; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    scope = access.visible(by, facts).read.get("C9")
    found = []
    for one in reversed(handovers.of_case(session, case.id)):
        own = by.organisation_id in (one.from_organisation_id, one.to_organisation_id)
        if may_know_handover(one, scope, by):
            told = scope == Scope.ALL or (own and scope == Scope.OWN)
            found.append(_view(one, told_why=told, offered_why=told or own))
    write_read(
        session, "handovers.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at,
        saw=("C9",) if found else (), details={"count": len(found)},
    )  # fmt: skip
    return found


def contact_notices(session: Session, *, by: Actor, at: datetime, days: int = 14) -> list[ContactNotice]:
    """Handovers that *by*'s team sent and of which the receiver spoke the parent in the last *days* days, newest first."""
    if by.organisation_id is None:
        return []
    since = local_date(at) - timedelta(days=days)
    with logbook.deciding(session):  # what is shown of it is written down below
        found = handovers.contacted_since(session, organisation_id=by.organisation_id, role=by.role, since=since)
    if not found:
        return []
    query = select(Case.id, Case.number).where(Case.id.in_({one.case_id for one in found}), cases.visible_clause(by))
    numbers = {row.id: row.number for row in session.execute(query)}
    notices = [
        ContactNotice(one.case_id, numbers[one.case_id], one.to_organisation_id, one.to_role, one.first_contact_on)
        for one in found
        if one.case_id in numbers and one.first_contact_on is not None
    ]
    seen = {notice.case_id for notice in notices}
    logbook.listed(session, "contacts.listed", seen, by=by, at=at, purpose="handover", rule="party")
    return notices


def _receiver(session: Session, chosen: object, at: datetime) -> tuple[UUID, str]:
    identity, _, role = str(chosen or "").partition(":")
    wrong = Invalid("no such receiver", errors={"receiver": ["Kies een organisatie uit de lijst."]})
    if role not in RECEIVING_ROLES:
        raise wrong
    try:
        organisation_id = UUID(identity)
    except ValueError:
        raise wrong from None
    there = organisations.organisations_for(session, role=role, municipality=None, on=local_date(at))
    if organisation_id not in {one.id for one in there}:
        raise wrong
    return organisation_id, role


def _require_agreed(session: Session, case: Case, organisation_id: UUID, role: str, at: datetime) -> None:
    """Where the case came from the family is known already; everybody else needs its consent."""
    if organisation_id != case.signaller_organisation_id:
        require_consent(session, case, organisation_id=organisation_id, role=role, at=at)


def _call_off(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> None:
    run = processes.lock_run(session, processes.run_of(session, "case", case.id).id)
    assert run is not None
    terms = around_case(session, case, at=at, careful=False).terms
    change = processes.send_message(session, run, WITHDRAWN, place=lambda _: holder_place(case), terms=terms, at=at)
    if change.awaited:
        log_change(session, run, change, case=case, by=by, at=at)
        settle(session, case, run, change, by=by, at=at)
    _step_back(session, case, handover, by=by, at=at)


def _step_back(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> None:
    """Who got to see the family only to answer an offer sees it no longer when that is over."""
    team = (handover.to_organisation_id, handover.to_role)
    joined = [one for one in cases.parties(session, case.id) if (one.organisation_id, one.role) == team]
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if (
        not joined
        or joined[0].from_at < handover.offered_at
        or (case.holder_organisation_id, case.holder_role) == team
        or any((task.organisation_id, task.role) == team and task.status == TaskStatus.CLAIMED for task in live)
    ):
        return
    cases.leave(session, case, organisation_id=team[0], role=team[1], by=by, at=at)


def _view(one: Handover, *, told_why: bool, offered_why: bool = True) -> HandoverView:
    shown = {name: getattr(one, name) for name in HandoverView.__dataclass_fields__}
    refused, offered = one.refused_reason if told_why else None, one.reason if offered_why else None
    return HandoverView(**{**shown, "refused_reason": refused, "reason": offered})


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
