"""Which room owns which form: what completing it brings about in that room. A key per form, one function each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.clock import end_of_day
from workflows import cases, consent, explorations, families, forms, safety, signals
from workflows.errors import Invalid
from workflows.families import FamilyMember, MemberKind
from workflows.method.completing import Completing, Contract
from workflows.method.effects import plan_consent_end
from workflows.processes import Scalar


def _signal(done: Completing) -> Mapping[str, Scalar]:
    return signals.record(done.session, done.the_case, done.entry, done.answers, by=done.by, at=done.at)


def _consent(done: Completing) -> Mapping[str, Scalar]:
    """One record per recipient, purpose and category, as the form says beside each question."""
    case, answers = done.the_case, done.answers
    result = answers.get("consent_result")
    if result not in ("given", "refused"):
        return {}  # the parent wants to think about it
    subject = _member(done, str(answers.get("subject")))
    agreed = False
    for field in done.form.fields.values():
        if "recipient" not in field.properties:
            continue
        which = field.properties["categories"]
        asked = [option.value for option in done.form.fields[which].options]
        yes = list(answers.get(which) or ()) if result == "given" and answers.get(field.key) == "yes" else []
        recipient = field.properties["recipient"]
        to_signaller = recipient == "signaller"
        until = _day(answers.get("valid_until"))
        consent.record(
            done.session,
            case_id=case.id,
            subject_id=subject.id,
            recipient_organisation_id=case.signaller_organisation_id if to_signaller else None,
            recipient_kind=None if to_signaller else recipient,
            purpose=field.properties["purpose"],
            categories=yes,
            asked=asked,
            given_by=answers.get("given_by") or "self",
            authority_checked=bool(answers.get("authority_checked")),
            information_given=list(answers.get("information_given") or ()),
            form=answers.get("consent_form"),
            language=str(answers.get("consent_language") or ""),
            interpreter=bool(answers.get("interpreter_used")),
            text_version=_text_version(done.form),
            valid_until=None if until is None else end_of_day(until),
            entry_id=done.entry.id,
            by=done.by,
            at=done.at,
        )
        agreed = agreed or bool(yes)
    if agreed:
        cases.share(done.session, case, by=done.by, at=done.at)
        if answers.get("valid_until"):
            plan_consent_end(done.session, case, at=done.at)
    return {}


def _exploration(done: Completing) -> Mapping[str, Scalar]:
    explorations.record(done.session, done.the_case, done.entry, done.answers, by=done.by, at=done.at)
    return {}


def _feedback(done: Completing) -> Mapping[str, Scalar]:
    signals.give_feedback(done.session, done.the_case, by=done.by, at=done.at)
    return {}


def _safety_response(done: Completing) -> Mapping[str, Scalar]:
    safety.answer(done.session, done.task.subject_id, done.answers, by=done.by, at=done.at)
    return {}


def _nothing_more(_done: Completing) -> Mapping[str, Scalar]:
    """The entry is all there is to keep; what follows is drawn."""
    return {}


CONTRACTS: Mapping[str, Contract] = {
    "signal": _signal,
    "consent": _consent,
    "routing": _nothing_more,
    "exploration": _exploration,
    "no_contact": _nothing_more,
    "follow_up": _nothing_more,
    "closure": _nothing_more,
    "loss": _nothing_more,
    "loss_follow_up": _nothing_more,
    "escalation": _nothing_more,
    "feedback": _feedback,
    "safety_response": _safety_response,
}


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _text_version(form: forms.Form) -> str:
    return next(
        (f.properties["text_version"] for f in form.fields.values() if "text_version" in f.properties), form.digest[:12]
    )


def _member(done: Completing, subject: str) -> FamilyMember:
    """Whose data it is about; a partner or child nobody recorded yet is added without a name."""
    kinds = {
        "parent": (MemberKind.PREGNANT_PERSON, MemberKind.PARENT),
        "partner": (MemberKind.PARTNER,),
        "child": (MemberKind.CHILD, MemberKind.UNBORN_CHILD),
    }.get(subject)
    family_id = done.the_case.family_id
    if kinds is None or family_id is None:
        raise Invalid(f"consent about {subject}", errors={"subject": ["Kies over wie het gaat."]})
    found = [member for member in families.members(done.session, family_id) if member.kind in kinds]
    if found:
        return found[0]
    return families.add_member(done.session, family_id, kind=kinds[0], by=done.by, at=done.at, case_id=done.the_case.id)
