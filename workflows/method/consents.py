"""What a family agrees to for consultation and support: row by row, and also between the steps of a diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import end_of_day, local_date
from workflows import access, cases, consent, dossier, families, forms, logbook, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Answered, Because, DisclosureCause
from workflows.dossier import Entry
from workflows.errors import Invalid, WrongState
from workflows.families import FamilyMember
from workflows.forms import Form
from workflows.method import duplicates
from workflows.method.completing import Completing
from workflows.method.consent_givers import check_giver
from workflows.method.effects import plan_consent_end
from workflows.method.facts import find_case
from workflows.method.hub import follow_consent
from workflows.method.stopping import stop_and_tell
from workflows.method.versions import form_in
from workflows.method.views import CaseCard
from workflows.processes import Scalar

FORM = "support_consent"
#: Message with which the case hears that a yes was taken back.
WITHDRAWN = "consent_withdrawn"


def record_sharing(done: Completing) -> Mapping[str, Scalar]:
    """One record per row, purpose and category; what has no row was not asked and so is not allowed."""
    session, case, by, at = done.session, done.the_case, done.by, done.at
    if _record(session, case, done.form, done.entry, done.answers, by=by, at=at):
        done.afterwards.append(lambda: stop_and_tell(session, case, WITHDRAWN, by=by, at=at))
    return {}


def record_consent(session: Session, case_id: UUID, *, answers: Mapping[str, Any], by: Actor, at: datetime) -> CaseCard:
    """Keep what a family agreed to, or refused, while no step of the diagram asks.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: the form. WrongState: the case is closed, or not shared with
            anybody yet: then the first consent is asked by the diagram.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "record_consent", facts, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    if case.erase_on is not None:
        raise WrongState(
            f"case {case.id} is a draft", detail="Vraag eerst toestemming met de taak ‘Toestemming vragen’."
        )
    form = form_in(session, processes.run_of(session, "case", case.id).bundle_digest, FORM)
    clean = forms.clean(form, answers, on=local_date(at))
    entry = dossier.record(session, case_id=case.id, form=form, answers=clean, by=by, at=at)
    if _record(session, case, form, entry, clean, by=by, at=at):
        stop_and_tell(session, case, WITHDRAWN, by=by, at=at)
    details = {"entry": entry.id.hex}
    logbook.write(session, "consent.asked", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    session.flush()
    return CaseCard.of(case)


def subject_of(session: Session, case: Case, who: str, *, by: Actor, at: datetime) -> FamilyMember:
    """Whose data it is about; a partner or child nobody recorded yet is added without a name.

    Raises:
        Invalid: nobody is meant.
    """
    if case.family_id is None:
        raise Invalid(f"consent about {who[:20]}", errors={"subject": ["Kies over wie het gaat."]})
    if who == "partner":
        families.require_partner_may_hear(session, case.family_id, field="subject")
    return families.subject(session, case.family_id, who, by=by, at=at)


def valid_until(answers: Mapping[str, Any]) -> datetime | None:
    """Until when it holds: the end of the day that was given; None: until the case closes."""
    text = answers.get("valid_until")
    return end_of_day(date.fromisoformat(text)) if isinstance(text, str) and text else None


def text_version(form: Form) -> str:
    """Version of the text that was read: as the form says, else the form's own address."""
    return next(
        (f.properties["text_version"] for f in form.fields.values() if "text_version" in f.properties), form.digest[:12]
    )


def _record(
    session: Session, case: Case, form: Form, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> bool:
    if answers.get("support_consent") != "given":
        return False  # nobody was named, so nothing changes: what is not agreed to is not allowed
    subject = subject_of(session, case, str(answers.get("subject")), by=by, at=at)
    entry.about_id = subject.id
    check_giver(session, case, subject, answers.get("given_by") or "self", at=at)
    asked = tuple(option.value for option in form.fields["sharing[].categories"].options)
    purposes = [option.value for option in form.fields["sharing[].purposes"].options]
    seen: set[str] = set()
    said = []
    for index, row in enumerate(answers.get("sharing") or ()):
        if row["recipient_kind"] in seen:
            field = f"sharing[{index}].recipient_kind"
            raise Invalid(f"case {case.id}: a recipient twice", errors={field: ["Deze organisatie staat er al."]})
        seen.add(row["recipient_kind"])
        allowed = row.get("allowed") == "yes"
        for purpose in purposes:
            agreed = allowed and purpose in (row.get("purposes") or ())
            yes = tuple(row.get("categories") or ()) if agreed else ()
            said.append(Answered(purpose, yes, asked, recipient_kind=row["recipient_kind"]))
    cases.share(session, case, by=by, at=at)
    taken_back = keep_answers(session, case, form, entry, answers, said, subject, by=by, at=at)
    follow_consent(session, case, by=by, at=at)
    return taken_back


def keep_answers(
    session: Session,
    case: Case,
    form: Form,
    entry: Entry,
    answers: Mapping[str, Any],
    said: Sequence[Answered],
    subject: FamilyMember,
    *,
    by: Actor,
    at: datetime,
) -> bool:
    """Keep what somebody said on a form about consent. Who has a part in the case sees more or less from this moment.

    Returns:
        whether a yes was taken back by it: then what that yes began is to be stopped in this transaction.
    """
    until = valid_until(answers)
    before = {
        (one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category)
        for one in consent.of_case(session, case.id)
        if one.subject_id == subject.id and one.is_yes
    }
    rows = consent.record_all(
        session,
        said,
        case_id=case.id,
        subject_id=subject.id,
        given_by=answers.get("given_by") or "self",
        authority_checked=bool(answers.get("authority_checked")),
        information_given=list(answers.get("information_given") or ()),
        form=answers.get("consent_form"),
        language=str(answers.get("consent_language") or ""),
        interpreter=bool(answers.get("interpreter_used")),
        text_version=text_version(form),
        form_digest=form.digest,
        valid_until=until,
        entry_id=entry.id,
        by=by,
        at=at,
    )
    no = {
        (one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category) for one in rows if not one.given
    }
    duplicates.plan(session, case, at=at)
    if until is not None:
        plan_consent_end(session, case, at=at)
    cases.follow_consent(session, case, because=Because(DisclosureCause.CONSENT, entry.id), by=by, at=at)
    return bool(before & no)
