"""Handing a case over: offered by who holds it, held by the receiver from the moment that it accepts, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import add_working_days, end_of_day, local_date
from workflows import (
    access,
    cases,
    diagrams,
    dossier,
    evaluations,
    forms,
    handovers,
    jobs,
    logbook,
    organisations,
    plans,
    processes,
    settings,
)
from workflows.access import Readable, Scope
from workflows.actor import WORKER, Actor
from workflows.cases import Case
from workflows.consent import WITHOUT_DATA, Because, DisclosureCause
from workflows.db import house
from workflows.dossier import Entry
from workflows.errors import Invalid, NotAllowed, WrongState
from workflows.forms import Form
from workflows.handovers import (
    Handover,
    HandoverKind,
    HandoverReason,
    HandoverStatus,
    Missing,
    ParentPresence,
    WarmContactForm,
)
from workflows.method import duplicates, packing
from workflows.method.completing import Completing
from workflows.method.effects import call_off, follow_holder, follow_terms, move_task, step_back
from workflows.method.effects import expire_handover as expire_handover  # a verb of handing over, for who asks here
from workflows.method.facts import RECEIVING_ROLES, find_case, kept_from, may_know_handover, write_read
from workflows.method.holding import NEW_HOLDER, alarm_if_nobody
from workflows.method.notifying import tell_of_handover
from workflows.method.placing import around_case, holder_place, receiver_place, require_consent
from workflows.method.versions import form_in
from workflows.notifications import NotificationKind
from workflows.processes import Change, Scalar, Task

#: Forms with which a handover is prepared, and with which the sender adds what was missed.
PREPARE, SUPPLEMENT = "handover", "handover_supplement"
#: Field by which the form is known that offered a case without showing first what is sent.
OFFERS_AT_ONCE = "warm_contact_form"
#: Kind of the job that ends the sender's reading along.
OVERLAP_JOB = "end_overlap"
#: Form with which the holder answers somebody who asked for the case, how it says that they go and hand over, and under
#: which name its task keeps the team that asked.
PULL_FORM, HANDS_OVER, ASKED_BY = "pull_answer", "hand_over", "asked_by"
#: Form with which what was prepared is sent.
SEND = "handover_offer"
#: Form with which the receiver answers, and the term for it.
ANSWER = "handover_answer"
#: Support actions that are agreed on and not over.
_RUNS = ("proposed", "accepted")
_ANOTHER = (
    "Er ligt al een overdracht van deze casus klaar om te versturen. Verstuur die, of kies daar om hem te wijzigen. Of kies "
    "hier dat u de casus niet overdraagt."
)
#: Tasks that are added when no drawing asks for them, as the drawing calls them.
ANSWER_NAME, CONTACT, CONTACT_NAME = "Overdracht beantwoorden", "handover_contact", "Eerste contact vastleggen"
_WHY_ANSWER = (
    "De organisatie die dit gezin hielp, is gestopt. Er is niemand meer aan wie u iets kunt vragen, en de ouder zag niet wat u "
    "krijgt. Neemt u de casus aan, dan houdt uw organisatie hem vanaf dat moment vast. Bel de ouder daarna snel."
)
_WHY_CONTACT = "Leg vast wanneer het eerste contact met het gezin was. Niemand droeg dit gezin samen met u over: vertel de ouder wie u bent."
_HELD_AGAIN = "Er is intussen weer een team voor deze casus. U hoeft hem niet meer aan te bieden."
_WAITS = "Deze casus is al aangeboden en wacht op een antwoord. Komt dat niet, dan hoort u het."
_OFF = "Deze overdracht is intussen ingetrokken of beantwoord. De casus blijft waar zij was."


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
    offered_at: datetime | None
    prepared_at: datetime
    questions: int
    shown_to_parent: bool | None
    talked: bool
    answered_at: datetime | None
    ended_at: datetime | None
    contact_planned_on: date | None
    overlap_until: datetime | None
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


def prepare_handover(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover``: write down to whom the case is to go and what they have to know, or let it stay where it is.

    Drawings of before the package was shown offer it with this form, too.

    Raises:
        ConsentMissing: the family did not agree that this receiver gets the case.
        NotAllowed: *by* does not hold the case. WrongState: another offer waits.
    """
    session, case, answers, by, at = done.session, done.the_case, done.answers, done.by, done.at
    # A case can be handed over for two reasons at once, such as the birth and a move; what waits to be sent is the other's.
    others = any(task.form_key == SEND for task in processes.tasks_of(session, "case", case.id, live_only=True))
    if answers.get("handover_choice") != "offer":
        before = None if others else handovers.opened(session, case.id)
        if before is not None and before.status == HandoverStatus.PREPARED:
            handovers.withdraw(session, before, by=by, at=at)
        return {}
    _require_holder(case, by)
    if others:
        raise WrongState(f"case {case.id}: another handover waits to be sent", detail=_ANOTHER)
    organisation_id, role = _receiver(session, answers.get("receiver"), at)
    _require_agreed(session, case, organisation_id, role, at)
    _require_minimum(done)
    prepared = handovers.prepare(
        session,
        case,
        kind=str(answers.get("handover_kind")),
        reason=str(answers.get("handover_reason")),
        to_organisation_id=organisation_id,
        to_role=role,
        entry_id=done.entry.id,
        by=by,
        at=at,
    )
    if OFFERS_AT_ONCE in done.form.fields:
        presence = ParentPresence.PRESENT if answers.get("parent_present") == "yes" else ParentPresence.ABSENT
        _offer(done, prepared, parent_presence=presence, shown_to_parent=None)
    return {}


def _require_minimum(done: Completing) -> None:
    """What this kind of handover holds at least is written down, or the case holds it.

    Raises:
        Invalid: every field that is missing.
    """
    if OFFERS_AT_ONCE in done.form.fields:
        return  # drawn before there was a minimum
    held = held_already(done.session, done.the_case)
    errors = {
        item.field: ["Dit hoort bij deze overdracht en staat nog niet in de casus. Vul het in."]
        for item in handovers.minimum_of(str(done.answers.get("handover_kind")))
        if item.field in done.form.fields and not done.answers.get(item.field) and item.code not in held
    }
    if errors:
        raise Invalid(f"case {done.the_case.id}: less than the minimum of this handover", errors=errors)


def held_labels(session: Session, case: Case, form: Form) -> tuple[str, ...]:
    """What a receiver has to know and the case holds already, for who prepares a handover: Dutch, nothing of what it says."""
    if form.key != PREPARE or OFFERS_AT_ONCE in form.fields:
        return ()
    held = held_already(session, case)
    return tuple(item.label for code, item in handovers.minimum_items().items() if code in held)


def held_already(session: Session, case: Case) -> set[str]:
    """Codes of what a receiver has to know and the case holds; nothing of what it says."""
    found = set()
    told: dict[str, Mapping[str, Any]] = {}
    for code, item in handovers.minimum_items().items():
        for place in item.held:
            form_key, _, field = place.partition(".")
            if place == "plan":
                holds = any(one.status in _RUNS for one in plans.actions(session, case.id))
            elif place == "evaluation_day":
                holds = evaluations.next_evaluation(session, case) is not None
            else:
                if form_key not in told:
                    told[form_key] = dossier.latest_answers(session, case_id=case.id, form_key=form_key)
                holds = bool(told[form_key].get(field))
            if holds:
                found.add(code)
    return found


def offer_handover(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_offer``: send what was prepared, or go back to change it.

    Raises:
        ConsentMissing: the family did not agree (any more) that this receiver gets the case.
        NotAllowed: *by* does not hold the case. WrongState: nothing is prepared.
    """
    session, case, answers = done.session, done.the_case, done.answers
    if answers.get("handover_send") != "send":
        return {}
    _require_holder(case, done.by)
    prepared = handovers.opened(session, case.id)
    if prepared is None or prepared.status != HandoverStatus.PREPARED:
        raise WrongState(f"case {case.id}: no handover is prepared", detail=_OFF)
    _receiver(session, f"{prepared.to_organisation_id}:{prepared.to_role}", done.at)
    _require_agreed(session, case, prepared.to_organisation_id, prepared.to_role, done.at)
    _offer(
        done,
        prepared,
        parent_presence=str(answers.get("parent_presence")),
        shown_to_parent=answers.get("shown_to_parent") == "yes",
    )
    return {}


def _offer(done: Completing, prepared: Handover, *, parent_presence: str, shown_to_parent: bool | None) -> None:
    handovers.offer(
        done.session,
        prepared,
        warm_contact_form=str(done.answers.get("warm_contact_form")),
        warm_contact_on=_day(done.answers.get("warm_contact_on")),
        parent_presence=parent_presence,
        shown_to_parent=shown_to_parent,
        entry_id=done.entry.id,
        by=done.by,
        at=done.at,
    )
    for task in processes.tasks_of(done.session, "case", done.the_case.id, live_only=True):
        if task.form_key == SUPPLEMENT:  # sent without it
            task.withdraw()
            logbook.write(
                done.session, "task.withdrawn", "task", task.id, case_id=done.the_case.id, by=done.by, at=done.at
            )
    packing.freeze(done.session, done.the_case, prepared, by=done.by, at=done.at)


def answer_handover(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_answer``: accepted moves the case to who accepts, the person included; refused leaves it; asked sends it
    back with a question.

    Raises:
        NotAllowed: somebody else than the receiver accepts or asks. ConsentMissing: the family took its consent back.
        WrongState: the offer is off.
    """
    session, case, answers, by, at = done.session, done.the_case, done.answers, done.by, done.at
    offered = handovers.pending(session, case.id)
    answer, missing = answers.get("handover_answer"), list(answers.get("missing") or ())
    if answer not in ("accepted", "asked"):
        if offered is not None:
            reason = str(answers.get("refused_reason"))
            handovers.refuse(session, offered, reason, missing=missing, entry_id=done.entry.id, by=by, at=at)
            step_back(session, case, offered, by=by, at=at)
            tell_of_handover(session, NotificationKind.HANDOVER_BACK, offered, at=at)
            if _has_stopped(session, offered.from_organisation_id):
                alarm_if_nobody(session, case, by=by, at=at)
            else:
                done.opened.extend(_ask_for(done, offered, missing))
        return {}
    if offered is None:
        raise WrongState(f"case {case.id}: no handover waits for an answer", detail=_OFF)
    _require_agreed(session, case, offered.to_organisation_id, offered.to_role, at)
    stopped = _has_stopped(session, offered.from_organisation_id)
    if answer == "asked" and stopped:
        raise Invalid(
            f"handover {offered.id}: nobody is left to ask",
            errors={
                "handover_answer": ["De organisatie die dit gezin hielp, is gestopt. Daar kunt u niets meer vragen."]
            },
        )
    if answer == "asked":
        handovers.ask(session, offered, missing, by=by, at=at)
        return {}
    planned = _day(answers.get("first_contact_on"))
    until = _reads_along_until(session, case, offered, at)
    handovers.accept(
        session, offered, contact_planned_on=planned, overlap_until=until, entry_id=done.entry.id, by=by, at=at
    )
    if until is not None:
        jobs.enqueue(session, OVERLAP_JOB, due_at=until, subject_kind="handover", subject_id=offered.id)
    tell_of_handover(session, NotificationKind.HANDOVER_TAKEN, offered, at=at)
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
    if processes.is_own(done.task):  # offered by the process director: no drawing goes on from here
        done.opened.append(_add(session, case, CONTACT, CONTACT_NAME, _WHY_CONTACT, by=by, at=at))
    done.afterwards.append(lambda: follow_terms(session, case, at=at))
    packing.receive(session, case, offered, by=by, at=at)
    if stopped:  # after the receipt: that the sender had a part in it was sent along
        _take_what_stayed(session, case, offered.from_organisation_id, by=by, at=at)
    duplicates.plan(session, case, at=at)
    return {}


def offer_to_new_holder(done: Completing) -> Mapping[str, Scalar]:
    """Form ``new_holder``: the process director offers a case of which the organisation that holds it stopped. It stays held
    there until the receiver accepts, so it is never nobody's, and the process director reads nothing of it.

    Raises:
        ConsentMissing: the family did not agree that this receiver gets the case. WrongState: somebody is there for it, or
            an offer of before it stopped waits for an answer.
    """
    session, case, by, at = done.session, done.the_case, done.by, done.at
    holder = case.holder_organisation_id
    if case.is_closed or holder is None or not _has_stopped(session, holder):
        raise WrongState(f"case {case.id} is not held by an organisation that stopped", detail=_HELD_AGAIN)
    organisation_id, role = _receiver(session, done.answers.get("receiver"), at)
    _require_agreed(session, case, organisation_id, role, at)
    before = handovers.opened(session, case.id)
    if before is not None and before.status == HandoverStatus.OFFERED:
        raise WrongState(f"case {case.id}: handover {before.id} waits for an answer", detail=_WAITS)
    if before is not None:  # nobody sends it, or answers the question, any more
        expire_handover(session, case, by=by, at=at)
    prepared = handovers.prepare(
        session,
        case,
        kind=HandoverKind.ORGANISATION,
        reason=HandoverReason.PROFESSIONAL_LEAVES,
        to_organisation_id=organisation_id,
        to_role=role,
        by=by,
        at=at,
    )
    handovers.offer(
        session,
        prepared,
        warm_contact_form=WarmContactForm.NONE,
        parent_presence=ParentPresence.ABSENT,
        shown_to_parent=False,
        by=by,
        at=at,
    )
    packing.freeze(session, case, prepared, by=by, at=at)
    done.opened.append(_add(session, case, ANSWER, ANSWER_NAME, _WHY_ANSWER, by=by, at=at))
    return {}


def _add(session: Session, case: Case, form_key: str, name: str, why: str, *, by: Actor, at: datetime) -> Task:
    """A task of handing over that no drawing asked for; it has the form and term that the drawn one has."""
    run = processes.run_of(session, "case", case.id)
    terms = around_case(session, case, at=at, careful=False, digest=run.bundle_digest).terms
    task = processes.add_task(
        session,
        run,
        name=name,
        form_key=form_key,
        place=receiver_place(session, case),
        at=at,
        documentation=why,
        term=form_key,
        due_at=terms(form_key, at),
    )
    session.flush()
    details = {"message": NEW_HOLDER}
    logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details=details)
    return task


def _has_stopped(session: Session, organisation_id: UUID) -> bool:
    return not organisations.organisation(session, organisation_id).active


def _take_what_stayed(session: Session, case: Case, organisation_id: UUID, *, by: Actor, at: datetime) -> None:
    """Who takes over from an organisation that stopped has to do all that it had to do, in whatever role, and it is a party
    no longer."""
    for task in processes.tasks_of(session, "case", case.id, live_only=True):
        if task.organisation_id == organisation_id and task.role not in WITHOUT_DATA:
            move_task(session, task, holder_place(case), by=by, at=at)
    for party in cases.parties(session, case.id):
        team = (party.organisation_id, party.role)
        if party.organisation_id == organisation_id and team != (case.holder_organisation_id, case.holder_role):
            cases.leave(session, case, organisation_id=team[0], role=team[1], by=by, at=at)


def _ask_for(done: Completing, refused: Handover, missing: Sequence[str]) -> Iterator[Task]:
    """A task for the sender per thing that the receiver missed; what is written there goes along the next time."""
    session, case, at = done.session, done.the_case, done.at
    run = done.task.run
    if SUPPLEMENT not in diagrams.load(session, run.bundle_digest).forms:
        return
    terms = around_case(session, case, at=at, careful=False, digest=run.bundle_digest).terms
    for code in dict.fromkeys(missing):
        task = processes.add_task(
            session,
            run,
            name=f"Overdracht aanvullen: {MISSING_WORDS[code]}",
            form_key=SUPPLEMENT,
            place=holder_place(case),
            at=at,
            element_id=f"missing_{code}",
            documentation="De ontvanger nam de casus niet aan omdat dit ontbrak. Vul het aan met de ouder. "
            "Het gaat mee als u de casus opnieuw aanbiedt.",
            term="handover_question",
            due_at=terms("handover_question", at),
            key=f"missing:{refused.id.hex}:{code}",
        )
        details = {"message": f"missing_{code}"}
        logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=done.by, at=at, details=details)
        yield task


def _reads_along_until(session: Session, case: Case, offered: Handover, at: datetime) -> datetime | None:
    """Until when the sender reads along at most; None: it came with the family and keeps what it wrote itself.

    It ends sooner, when the receiver spoke the parent: from then on there is nothing left to hand over. It does not wait for
    that, because a receiver who forgets to write it down would leave somebody reading for years.
    """
    if (offered.from_organisation_id, offered.from_role) == (case.signaller_organisation_id, "signaller"):
        return None
    days = settings.get(session, "handover.overlap_days", municipality=case.municipality_code, on=local_date(at))
    return end_of_day(local_date(at) + timedelta(days=int(days)))


def end_overlap_in_time(session: Session, job_id: UUID, subject_id: str, at: datetime) -> bool:
    """Job: the days are over in which the sender of a handover read along."""
    handover = handovers.find(session, UUID(subject_id))
    case = None if handover is None else processes.try_lock_case(session, handover.case_id)
    if handover is not None and case is None:
        return False
    job = jobs.take(session, job_id)
    if job is None or job.status != jobs.JobStatus.PENDING or job.due_at > at:
        return False
    job.done(at)
    if handover is not None and case is not None and not _end_overlap(session, case, handover, by=WORKER, at=at):
        later = at + timedelta(days=1)
        jobs.enqueue(session, OVERLAP_JOB, due_at=later, subject_kind="handover", subject_id=handover.id)
    return True


def _end_overlap(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> bool:
    """Take the sender's part in the case; False while it still has something to do there, which needs its part."""
    team = (handover.from_organisation_id, handover.from_role)
    if handover.overlap_until is None or (case.holder_organisation_id, case.holder_role) == team:
        return True
    joined = [one for one in cases.parties(session, case.id) if (one.organisation_id, one.role) == team]
    if not joined:
        return True
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if any((task.organisation_id, task.role) == team for task in live):
        return False
    handovers.end_overlap(session, handover, by=by, at=at)
    cases.leave(session, case, organisation_id=team[0], role=team[1], by=by, at=at)
    return True


def answer_question(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_question``: what the receiver missed; the answer belongs to what is handed over from now on.

    Raises:
        ConsentMissing: the family took its consent back. NotAllowed: *by* does not hold the case.
        WrongState: no question waits.
    """
    session, case, by, at = done.session, done.the_case, done.by, done.at
    _require_holder(case, by)
    asked = handovers.pending(session, case.id)
    if asked is None:
        raise WrongState(f"case {case.id}: no handover waits for an answer", detail=_OFF)
    _require_agreed(session, case, asked.to_organisation_id, asked.to_role, at)
    handovers.reply(session, asked, answer_from=_counts_from(session, case, asked, at), by=by, at=at)
    packing.freeze(session, case, asked, by=by, at=at)
    return {}


def _counts_from(session: Session, case: Case, asked: Handover, at: datetime) -> date:
    """From when the term of answering counts after a question.

    The working days that the question waited are the sender's, so the day moves on by those and the receiver has left what
    they had left: they read most of it before, and asking is no way to begin anew. What comes in at five can still be read
    the next working day, so the term never ends before that one does.
    """
    today, began = local_date(at), asked.answer_from or local_date(at)
    assert asked.asked_at is not None  # it is asked
    waited = local_date(asked.asked_at)
    while waited < today:
        waited, began = add_working_days(waited, 1), add_working_days(began, 1)
    tomorrow = end_of_day(add_working_days(today, 1))
    while began < today and _answer_ends(session, case, began, at) < tomorrow:
        began = add_working_days(began, 1)
    return min(began, today)


def _answer_ends(session: Session, case: Case, began: date, at: datetime) -> datetime:
    terms = settings.term_resolver(
        session, municipality=case.municipality_code, anchors={"handover_offer": began}, on=local_date(at)
    )
    return terms(ANSWER, at)


def record_talk(done: Completing) -> Mapping[str, Scalar]:
    """Form ``handover_talk``: whether sender, receiver and parent spoke. Without a live talk the handover is cold."""
    accepted = _accepted(done)
    if accepted is None:
        return {}
    answers, held = done.answers, done.answers.get("talk_held") == "yes"
    handovers.record_talk(
        done.session,
        accepted,
        form=str(answers.get("talk_form")) if held else WarmContactForm.NONE,
        on=_day(answers.get("talk_on")) if held else None,
        parent_presence=str(answers.get("parent_presence")) if held else ParentPresence.ABSENT,
        entry_id=done.entry.id,
        by=done.by,
        at=done.at,
    )
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
    if (accepted := _accepted(done)) is not None:
        handovers.confirm_contact(done.session, accepted, on, entry_id=done.entry.id, by=by, at=done.at)
        tell_of_handover(done.session, NotificationKind.HANDOVER_MET, accepted, at=done.at)
        if not _end_overlap(done.session, case, accepted, by=by, at=done.at):
            later = done.at + timedelta(days=1)
            jobs.enqueue(done.session, OVERLAP_JOB, due_at=later, subject_kind="handover", subject_id=accepted.id)
    return {}


def _accepted(done: Completing) -> Handover | None:
    """The handover that *by*'s team accepted last; None: the case went back to the sender before anybody called."""
    team = (done.by.organisation_id, done.by.role)
    found = [
        one
        for one in handovers.of_case(done.session, done.the_case.id)
        if one.status == HandoverStatus.ACCEPTED and (one.to_organisation_id, one.to_role) == team
    ]
    return found[-1] if found else None


def _require_holder(case: Case, by: Actor) -> None:
    if (by.organisation_id, by.role) != (case.holder_organisation_id, case.holder_role):
        raise NotAllowed(
            f"case {case.id} is not held by {by.role} of {by.organisation_id}",
            detail="Alleen wie de casus vasthoudt, kan haar overdragen.",
        )


# --- what a form shows before anybody types


def _asked_of_sender(session: Session, case: Case, by: Actor, readable: Readable) -> dict[str, Any]:
    """What the receiver asked, for who is asked: it was written to them, whoever else of the case they may read."""
    asked = handovers.pending(session, case.id)
    if asked is None or asked.status != HandoverStatus.ASKED or asked.from_organisation_id != by.organisation_id:
        return {}
    entry, chosen = dossier.latest_values(session, case_id=case.id, form_key=ANSWER, field="missing")
    if entry is None or entry.organisation_id != asked.to_organisation_id:
        return {}
    said = dossier.latest_answers(session, case_id=case.id, form_key=ANSWER).get("question")
    things = ", ".join(MISSING_WORDS[code] for code in chosen if code in MISSING_WORDS)
    return {"question_asked": "\n\n".join(part for part in (things and f"Ik mis: {things}.", said) if part)}


def _prepared_before(session: Session, case: Case, by: Actor, _readable: Readable) -> dict[str, Any]:
    """What the own team wrote when it prepared this handover before, with what it added since the receiver missed it."""
    every = handovers.of_case(session, case.id)
    before = [one for one in every if one.from_organisation_id == by.organisation_id]
    asked = _asked_for(session, case, by, since=every[-1].prepared_at if every else None)
    if not before or before[-1].status in handovers.TAKEN:
        return asked
    if before[-1].status == HandoverStatus.PREPARED and before[-1].offer_entry_id is None:
        return _prepared_for_them(before[-1])
    entry, _ = dossier.latest_values(session, case_id=case.id, form_key=PREPARE, field="handover_kind")
    if entry is None or entry.id != before[-1].offer_entry_id:
        return asked
    known = dict(dossier.latest_answers(session, case_id=case.id, form_key=PREPARE))
    asks = {item.code: item.field for item in handovers.minimum_of(before[-1].kind) if item.code != Missing.NEXT_DATE}
    for code, text in _supplements(session, case, before[-1]).items():
        field = asks.get(code, "why_now")  # a question that this kind does not show would lose it
        known[field] = "\n\n".join(part for part in (known.get(field), text) if part)
    return {**known, **asked}


def _asked_for(session: Session, case: Case, by: Actor, *, since: datetime | None) -> dict[str, Any]:
    """To which team the case goes when *by*'s team agreed to hand it over to who asked for it, and prepared none since."""
    answered = [
        (task.completed_at, task)
        for task in processes.tasks_of(session, "case", case.id)
        if task.form_key == PULL_FORM
        and (task.organisation_id, task.role) == (by.organisation_id, by.role)
        and ASKED_BY in task.properties
        and task.completed_at is not None
        and (since is None or task.completed_at > since)
    ]
    for _, task in sorted(answered, key=lambda one: one[0], reverse=True):
        entry = session.scalar(select(Entry).where(Entry.task_id == task.id))
        if entry is None:
            continue
        said = dossier.answers_of(session, entry.id, form_in(session, entry.bundle_digest, PULL_FORM))
        if said.get("pull_choice") == HANDS_OVER:
            return {"handover_choice": "offer", "receiver": task.properties[ASKED_BY]}
    return {}


def _prepared_for_them(handover: Handover) -> dict[str, Any]:
    """Whom was chosen when an organisation stops, for who holds the case to look at with the parent, or to choose anew."""
    return {
        "handover_choice": "offer",
        "receiver": f"{handover.to_organisation_id}:{handover.to_role}",
        "handover_kind": handover.kind,
        "handover_reason": handover.reason,
    }


def _supplements(session: Session, case: Case, refused: Handover) -> dict[str, str]:
    """Code → what was written about it since a handover was refused for want of it."""
    found = {}
    for task in processes.tasks_of(session, "case", case.id):
        if task.form_key != SUPPLEMENT or f"missing:{refused.id.hex}:" not in task.step_key:
            continue
        entry = session.scalar(select(Entry).where(Entry.task_id == task.id))
        if entry is not None:
            form = forms.definition(diagrams.load(session, entry.bundle_digest), SUPPLEMENT)
            said = dossier.answers_of(session, entry.id, form)
            found[task.step_key.rpartition(":")[2]] = str(said.get("supplement", ""))
    return found


#: What a receiver can miss, in the middle of a sentence. Dutch.
MISSING_WORDS: Mapping[str, str] = {
    Missing.PARENT_QUESTION: "de vraag van de ouder, in eigen woorden",
    Missing.GOES_WELL: "wat goed gaat",
    Missing.STILL_OPEN: "welke afspraken lopen",
    Missing.TRIED_BEFORE: "wat is geprobeerd",
    Missing.PEOPLE_INVOLVED: "wie er betrokken zijn",
    Missing.NEXT_DATE: "de volgende datum",
    Missing.PARENT_EXPECTS: "wat de ouder verwacht",
    Missing.SAFE_CONTACT: "hoe de ouder veilig te bereiken is",
    Missing.CONSENT: "waarvoor toestemming is",
    Missing.OTHER: "iets anders",
}
#: Form → what stands in it already; as :data:`workflows.method.support.PREFILL`.
PREFILL: Mapping[str, Callable[[Session, Case, Actor, Readable], dict[str, Any]]] = {
    "handover": _prepared_before,
    "handover_question": _asked_of_sender,
}


# --- verbs


def withdraw_handover(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> HandoverView:
    """Take an offer back before it is answered; what the receiver saw of the family it sees no longer.

    Raises:
        NotFound, NotAllowed: not for *by*: only who holds the case takes it back.
        WrongState: nothing waits for an answer.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "withdraw_handover", facts, at=at)
    offered = handovers.opened(session, case.id)
    if offered is None:
        raise WrongState(
            f"case {case.id}: no handover waits for an answer",
            detail="Er wacht geen overdracht op een antwoord. Misschien is ze net beantwoord.",
        )
    handovers.withdraw(session, offered, by=by, at=at)
    call_off(session, case, offered, by=by, at=at)
    session.flush()
    return _view(offered, told_why=True)


def may_withdraw_handover(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether an offer waits that *by* can take back; for showing the button, never instead of asking.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
        return access.allows(by, "withdraw_handover", facts) and handovers.opened(session, case.id) is not None


def expire_unanswered(session: Session, case: Case, change: Change, *, by: Actor, at: datetime) -> None:
    """The clock took the task of answering from the receiver, so the offer is over; the drawing says what the sender does."""
    offered = handovers.pending(session, case.id)
    if offered is not None and any(task.form_key == ANSWER for task in change.withdrawn):
        handovers.expire(session, offered, by=by, at=at)
        step_back(session, case, offered, by=by, at=at)
        tell_of_handover(session, NotificationKind.HANDOVER_BACK, offered, at=at)


def handover_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[HandoverView]:
    """The handovers of a case that *by* may know of, newest first; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    scope = access.visible(by, facts).read.get("C9")
    found = []
    for one in reversed(handovers.of_case(session, case.id)):
        if one.offered_at is None and not (one.is_open and one.from_organisation_id == by.organisation_id):
            continue  # nobody else knows of what was only prepared, and nothing came of what was never sent
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
    closed = kept_from(session, by)
    # Who handed over reads along no longer by then; they hear the day all the same, of a case whose number they know.
    with house(session), logbook.deciding(session):  # what is shown of it is written down below
        found = handovers.contacted_since(session, organisation_id=by.organisation_id, role=by.role, since=since)
        found = [one for one in found if one.case_id not in closed]
        query = select(Case.id, Case.number).where(Case.id.in_({one.case_id for one in found}))
        numbers = {row.id: row.number for row in session.execute(query)} if found else {}
    if not found:
        return []
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


def _view(one: Handover, *, told_why: bool, offered_why: bool = True) -> HandoverView:
    shown: dict[str, Any] = {name: getattr(one, name, None) for name in HandoverView.__dataclass_fields__}
    shown["talked"] = one.talked_at is not None
    refused, offered = one.refused_reason if told_why else None, one.reason if offered_why else None
    return HandoverView(**{**shown, "refused_reason": refused, "reason": offered})


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
