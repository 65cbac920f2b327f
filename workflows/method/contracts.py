"""Which room owns which form: what completing it brings about in that room. A key per form, one function each."""

from __future__ import annotations

from collections.abc import Mapping

from engine.clock import local_date
from workflows import access, cases, consent, explorations, processes, safety, signals
from workflows.consent import Answered, Because, DisclosureCause
from workflows.errors import ConsentMissing, Invalid
from workflows.method.asking_for import answer_case_request
from workflows.method.completing import Completing, Contract
from workflows.method.consent_givers import check_giver
from workflows.method.consents import WITHDRAWN, keep_answers, record_sharing, subject_of
from workflows.method.effects import recard
from workflows.method.emergencies import review_emergency
from workflows.method.facts import kind_of
from workflows.method.handing_over import (
    answer_handover,
    answer_question,
    confirm_contact,
    offer_handover,
    offer_to_new_holder,
    prepare_handover,
    record_talk,
)
from workflows.method.hub import plan_meeting, record_minutes
from workflows.method.requests import answer_request
from workflows.method.stopping import stop_and_tell
from workflows.method.suggestions import ask_for_pathway, pathway_current
from workflows.method.support import action_acceptance, action_progress, evaluation, support_plan
from workflows.processes import Scalar


def _signal(done: Completing) -> Mapping[str, Scalar]:
    known = signals.record(done.session, done.the_case, done.entry, done.answers, by=done.by, at=done.at)
    recard(done.session, done.the_case)
    return {**known, "pathway_current": pathway_current(done.session, done.the_case, done.answers, at=done.at)}


def _routing(done: Completing) -> Mapping[str, Scalar]:
    if processes.scalars_of(done.session, done.task.run).get("advice_reason") == "pathway_missing":
        ask_for_pathway(done.session, done.the_case, at=done.at)
    return {}


def _consent(done: Completing) -> Mapping[str, Scalar]:
    """One record per recipient, purpose and category, as the form says beside each question."""
    case, answers = done.the_case, done.answers
    result = answers.get("consent_result")
    if result not in ("given", "refused"):
        return {}  # the parent wants to think about it
    subject = subject_of(done.session, case, str(answers.get("subject")), by=done.by, at=done.at)
    done.entry.about_id = subject.id
    if result == "given":
        check_giver(done.session, case, subject, answers.get("given_by") or "self", at=done.at)
    said = []
    for field in done.form.fields.values():
        if "recipient" not in field.properties:
            continue
        which = field.properties["categories"]
        yes = list(answers.get(which) or ()) if result == "given" and answers.get(field.key) == "yes" else []
        recipient = field.properties["recipient"]
        to_signaller = recipient == "signaller"
        said.append(
            Answered(
                field.properties["purpose"],
                tuple(yes),
                tuple(option.value for option in done.form.fields[which].options),
                recipient_organisation_id=case.signaller_organisation_id if to_signaller else None,
                recipient_kind=None if to_signaller else recipient,
            )
        )
    session, by, at = done.session, done.by, done.at
    if keep_answers(session, case, done.form, done.entry, answers, said, subject, by=by, at=at):
        done.afterwards.append(lambda: stop_and_tell(session, case, WITHDRAWN, by=by, at=at))
    if any(one.categories for one in said):
        cases.share(done.session, case, by=done.by, at=done.at)
    return {}


def _taking_over(done: Completing) -> Mapping[str, Scalar]:
    derived = signals.take_over(done.session, done.the_case, done.answers, by=done.by, at=done.at)
    recard(done.session, done.the_case)
    return derived


def _exploration(done: Completing) -> Mapping[str, Scalar]:
    explorations.record(done.session, done.the_case, done.entry, done.answers, by=done.by, at=done.at)
    return {}


def _feedback(done: Completing) -> Mapping[str, Scalar]:
    """The signaller hears what became of it, as far as the parent agrees at this moment; or nothing.

    Raises:
        ConsentMissing: something was told, and the parent does not agree to that (any more).
        Invalid: something and nothing.
    """
    session, case, by, at = done.session, done.the_case, done.by, done.at
    told = set(done.answers.get("shared") or ())
    if "nothing" in told:
        if told != {"nothing"}:
            errors = {"shared": ["Kies ‘Niets’, of wat u wel verteld heeft."]}
            raise Invalid(f"case {case.id}: something and nothing told", errors=errors)
        return {}
    there = case.signaller_organisation_id
    if by.organisation_id != there:
        kind = kind_of(session, there)
        allowed = consent.allowing(
            session,
            case_id=case.id,
            recipient_organisation_id=there,
            recipient_kind=kind,
            purpose=consent.Purpose.FEEDBACK,
            at=at,
        )
        ground = access.ground_for(kind, given_by=allowed.given_by, on=local_date(at))
        if not allowed.categories or ground is None:
            raise ConsentMissing(
                f"case {case.id}: no consent for feedback at {at.isoformat()}",
                detail="De ouder vindt het niet (meer) goed dat de signaleerder dit hoort. Vertel niets. Kies bij ‘Wat heeft u "
                "verteld?’ voor ‘Niets’, of vraag de ouder eerst opnieuw om toestemming.",
            )
        consent.hand_out(
            session,
            case_id=case.id,
            organisation_id=there,
            role="signaller",
            purpose=consent.Purpose.FEEDBACK,
            ground=ground,
            categories=allowed.categories,
            consents=allowed.consents,
            because=Because(DisclosureCause.ENTRY, done.entry.id),
            by=by,
            at=at,
        )
    signals.give_feedback(session, case, by=by, at=at)
    return {}


def _safety_response(done: Completing) -> Mapping[str, Scalar]:
    safety.answer(done.session, done.task.subject_id, done.answers, by=done.by, at=done.at)
    return {}


def _nothing_more(_done: Completing) -> Mapping[str, Scalar]:
    """The entry is all there is to keep; what follows is drawn."""
    return {}


CONTRACTS: Mapping[str, Contract] = {
    "signal": _signal,
    "taking_over": _taking_over,
    "consent": _consent,
    "support_consent": record_sharing,
    "routing": _routing,
    "exploration": _exploration,
    "no_contact": _nothing_more,
    "hub_planning": plan_meeting,
    "hub_minutes": record_minutes,
    "support_plan": support_plan,
    "action_acceptance": action_acceptance,
    "action_progress": action_progress,
    "evaluation": evaluation,
    "handover": prepare_handover,
    "handover_offer": offer_handover,
    "handover_answer": answer_handover,
    "handover_question": answer_question,
    "handover_supplement": _nothing_more,
    "handover_talk": record_talk,
    "handover_contact": confirm_contact,
    "after_birth": _nothing_more,
    "age_limit": _nothing_more,
    "birth_handover": _nothing_more,
    "follow_up": _nothing_more,
    "closure": _nothing_more,
    "loss": _nothing_more,
    "loss_follow_up": _nothing_more,
    "escalation": _nothing_more,
    "new_holder": offer_to_new_holder,
    "emergency_notice": _nothing_more,
    "pull_answer": answer_case_request,
    "emergency_review": review_emergency,
    "feedback": _feedback,
    "rights_request": _nothing_more,
    "access_request": answer_request,
    "correction_request": answer_request,
    "erasure_request": answer_request,
    "correction_notice": _nothing_more,
    "safety_response": _safety_response,
}
