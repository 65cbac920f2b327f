"""What a parent does on the page of the family, about themselves: it counts at once, as when a professional recorded it.

A parent belongs to no organisation, so what an act brings about in a case is done by the house, after access was asked. Each
act is the parent's own in the logbook.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, consent, forms, logbook, processes, rights
from workflows.access import Ground
from workflows.actor import Actor
from workflows.cases import BlockReason, Case
from workflows.consent import EXPLAINED, Answered, Because, ConsentForm, DisclosureCause, GivenBy
from workflows.db import house
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families import FamilyMember
from workflows.method import duplicates
from workflows.method.blocking import close_to
from workflows.method.consent_givers import check_giver
from workflows.method.consents import WITHDRAWN
from workflows.method.copying import Media, PersonalCopy, copy_of
from workflows.method.family_page import (
    ConsentGroup,
    Known,
    Reader,
    consent_groups,
    copy_until,
    find_reader,
    group_of,
    known_people,
)
from workflows.method.hub import follow_consent
from workflows.method.placing import holder_place
from workflows.method.requests import FORM, TASKS, RequestView, keep_request
from workflows.method.stopping import stop_and_tell
from workflows.method.versions import form_in
from workflows.rights import RequestKind

#: Characters of own words and of what is asked, as on the form of a professional.
LONGEST_WORDS: Final = 4000
LONGEST_NAME: Final = 200
#: How somebody on this page is known: logged in with a second factor, on an invitation that was handed over in person.
_LOGGED_IN: Final = "digital_login"
#: What a refusal says, by a name; the page says it in the language of the parent.
TEXTS: Final = {
    "nothing_left": "Deze toestemming is al ingetrokken of afgelopen. Er wordt hierdoor niets meer gedeeld.",
    "no_consent_now": "Hierover kunt u nu geen toestemming geven.",
    "categories": "Kies wat zij mogen weten.",
    "understood": "Lees eerst wat u moet weten. Zet daarna hier een vinkje.",
    "kind": "Kies wat u wilt vragen.",
    "asked_before": "U heeft dit al gevraagd. U krijgt nog antwoord. Hieronder staat vóór welke dag.",
    "person": "Kies iemand, of schrijf op wie u bedoelt.",
    "reason": "Kies waarvan u deze persoon kent.",
    "too_long": "Maak uw tekst korter.",
    "words": "Schrijf op wat u wilt zeggen.",
}
_OBJECTION: Final = "Een ouder maakte bezwaar: bespreken wat nodig is"
_WHY_BLOCKED: Final = (
    "Een ouder wil niet dat iemand in hun verhaal kijkt. Die persoon kan er al niet meer bij; bij ‘Wie kan hier niet bij’ staat "
    "wie het is. Bespreek met de ouder wat er verder nodig is, en kijk of iemand anders het werk kan doen."
)
_WHY_NAMED: Final = (
    "Een ouder wil niet dat iemand in hun verhaal kijkt, en schreef op wie. Lees het bij de verzoeken van de ouder. Weet u zeker "
    "wie het is, sluit de casus dan af voor die persoon. Bespreek met de ouder wat u doet."
)


@dataclass(frozen=True, slots=True)
class Objection:
    """What came of an objection. ``blocked``: this person can see nothing of the case any more."""

    blocked: Known | None
    task_opened: bool


def withdraw_own_consent(session: Session, key: str, *, by: Actor, at: datetime) -> ConsentGroup:
    """From now on nothing goes to this receiver for this purpose; what it began stops in this transaction.

    Raises:
        NotFound: no such consent of *by*. WrongState: there is no yes that counts any more.
    """
    with house(session):
        reader = find_reader(session, "withdraw_own_consent", by=by, at=at, lock=True)
        group = group_of(consent_groups(session, reader, at=at), key)
        if not group.may_withdraw:
            raise WrongState(
                f"case {reader.case.id}: no consent counts",
                detail=TEXTS["nothing_left"],
            )
        own = [one for one in consent.of_case(session, reader.case.id) if one.id in set(group.ids)]
        who = GivenBy.SELF if group.child is None else GivenBy.PARENT_WITH_AUTHORITY
        consent.withdraw_all(session, own, withdrawn_by=who, by=by, at=at)
        stop_and_tell(session, reader.case, WITHDRAWN, by=by, at=at, always=True)
        return group


def give_own_consent(
    session: Session,
    key: str,
    categories: Iterable[str],
    *,
    language: str,
    text_version: str,
    understood: bool,
    by: Actor,
    at: datetime,
) -> ConsentGroup:
    """A receiver about whom was talked before may know *categories* from now on, and nothing else that was asked about.

    Args:
        language: in which the page explained it. text_version: of that explanation.
        understood: the parent said so.

    Raises:
        NotFound: no such consent of *by*. WrongState: the case is closed, or not shared with anybody yet.
        Invalid: nothing chosen, not read, or somebody else decides at this age.
    """
    with house(session):
        reader = find_reader(session, "give_own_consent", by=by, at=at, lock=True)
        case = reader.case
        group = group_of(consent_groups(session, reader, at=at), key)
        if case.is_closed or case.erase_on is not None:
            raise WrongState(f"case {case.id} takes no consent", detail=TEXTS["no_consent_now"])
        yes = tuple(dict.fromkeys(categories))
        errors: dict[str, list[str]] = {}
        if not yes or set(yes) - set(group.asked):
            errors["categories"] = [TEXTS["categories"]]
        if not understood:
            errors["understood"] = [TEXTS["understood"]]
        if errors:
            raise Invalid(f"case {case.id}: consent as given on the page", errors=errors)
        subject = session.get_one(FamilyMember, group.subject_id)
        who = GivenBy.SELF if group.child is None else GivenBy.PARENT_WITH_AUTHORITY
        check_giver(session, case, subject, who, at=at, field="categories")
        consent.record_all(
            session,
            [
                Answered(
                    group.purpose,
                    yes,
                    group.asked,
                    recipient_organisation_id=group.organisation_id,
                    recipient_kind=group.recipient_kind,
                )
            ],
            case_id=case.id,
            subject_id=subject.id,
            given_by=who,
            information_given=EXPLAINED,
            form=ConsentForm.DIGITAL,
            language=language,
            text_version=text_version,
            authority_checked=group.child is not None,
            by=by,
            at=at,
        )
        duplicates.plan(session, case, at=at)
        cases.follow_consent(session, case, because=Because(DisclosureCause.CONSENT, case.id), by=by, at=at)
        if set(group.allowed) - set(yes):
            stop_and_tell(session, case, WITHDRAWN, by=by, at=at)
        follow_consent(session, case, by=by, at=at)
        return group


def add_own_words(session: Session, words: str, *, by: Actor, at: datetime) -> RequestView:
    """The parent's own words, beside what others wrote; whoever may read the plan reads them from now on.

    Raises:
        NotFound: nothing of this family is for *by*. Invalid: no words, or too many.
        WrongState: nobody keeps the case any more.
    """
    with house(session):
        action = "add_own_words" if by.role == "parent" else "make_own_request"  # to add to what is kept about oneself
        reader = find_reader(session, action, by=by, at=at, lock=True)
        return _ask(session, reader, RequestKind.ADDITION, words, by=by, at=at)


def ask_own_right(session: Session, kind: str, words: str = "", *, by: Actor, at: datetime) -> RequestView:
    """A copy, a correction or destruction is asked; whoever holds the case answers before the day that the view says.

    Raises:
        NotFound: nothing of this family is for *by*. Invalid: no such request, or no words for a correction.
        WrongState: the same was asked and waits for an answer.
    """
    with house(session):
        reader = find_reader(session, "make_own_request", by=by, at=at, lock=True)
        if kind not in TASKS:
            raise Invalid("no such request", errors={"kind": [TEXTS["kind"]]})
        check_giver(session, reader.case, reader.member, GivenBy.SELF, at=at, field="kind")
        waiting = [
            one
            for one in rights.of_case(session, reader.case.id)
            if one.subject_id == reader.member.id and one.kind == kind and not one.is_decided
        ]
        if waiting and kind != RequestKind.CORRECTION:
            raise WrongState(
                f"member {reader.member.id} asked {kind} before",
                detail=TEXTS["asked_before"],
            )
        return _ask(session, reader, kind, words, by=by, at=at)


def object_to_person(
    session: Session,
    *,
    person_id: UUID | None,
    reason: str,
    name: str = "",
    words: str = "",
    by: Actor,
    at: datetime,
) -> Objection:
    """The parent wants somebody to see nothing of their story. Who is chosen from those the parent knows, is kept out at
    once; who is named in words is looked for by the holder.

    Args:
        person_id: one of ``family_objections().known``; None: *name* says who it is.
        reason: what this person is to the family, as in ``BlockReason``.

    Raises:
        NotFound: nothing of this family is for *by*. Invalid: nobody chosen or named, or no reason.
    """
    with house(session):
        reader = find_reader(session, "object_to_person", by=by, at=at, lock=True)
        case, name = reader.case, name.strip()
        errors: dict[str, list[str]] = {}
        chosen = None
        if person_id is not None:
            known = {one.person_id: one for one in known_people(session, reader, on=local_date(at))}
            chosen = known.get(person_id)
        if chosen is None and (person_id is not None or not name):
            errors["person"] = [TEXTS["person"]]
        if len(name) > LONGEST_NAME:
            errors["name"] = [TEXTS["too_long"]]
        if reason not in set(BlockReason):
            errors["reason"] = [TEXTS["reason"]]
        if len(words) > LONGEST_WORDS - LONGEST_NAME - 50:
            errors["words"] = [TEXTS["too_long"]]
        if errors:
            raise Invalid(f"case {case.id}: objection to nobody", errors=errors)
        if chosen is not None:
            _keep_out(session, case, chosen, reason, by=by, at=at)
        said = (
            words.strip() if chosen is not None else "\n".join(filter(None, (f"Bezwaar tegen: {name}", words.strip())))
        )
        if said:
            _ask(session, reader, RequestKind.ADDITION, said, by=by, at=at)
        opened = _tell_holder(session, case, _WHY_NAMED if chosen is None else _WHY_BLOCKED, by=by, at=at)
        return Objection(chosen, opened)


def own_copy(
    session: Session,
    request_id: UUID,
    *,
    render: Callable[[PersonalCopy], bytes],
    media: Media,
    by: Actor,
    at: datetime,
) -> bytes:
    """The copy that was granted to the parent, as a file. No file is made without a line with its digest.

    Raises:
        NotFound: no such request of *by*, or its copy cannot be fetched here (any more).
    """
    reader = find_reader(session, "make_own_request", by=by, at=at)
    asked = [one for one in rights.of_case(session, reader.case.id) if one.id == request_id]
    request = next((one for one in asked if one.subject_id == reader.member.id), None)
    if request is None or copy_until(request, on=local_date(at)) is None:
        raise NotFound(f"no copy of {request_id} for {by.person_id}")
    copy = copy_of(session, reader.case, request, by=by, at=at)
    data = render(copy)
    logbook.read(
        session,
        "copy.exported",
        "family_member",
        reader.member.id,
        case_id=reader.case.id,
        by=by,
        at=at,
        purpose="access_copy",
        rule=access.rule_of(by, reader.facts),
        ground=Ground.LEGAL_OBLIGATION,
        compartments=sorted({said.compartment for one in copy.entries for said in one.answers} | {"C0"}),
        details={
            "request": request.id.hex,
            "media": media,
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "bsn": False,
        },
    )
    return data


def _ask(session: Session, reader: Reader, kind: str, words: str, *, by: Actor, at: datetime) -> RequestView:
    case, member, words = reader.case, reader.member, words.strip()
    needs_words = kind in (RequestKind.ADDITION, RequestKind.CORRECTION)
    if needs_words and not words:
        raise Invalid(f"case {case.id}: no words", errors={"words": [TEXTS["words"]]})
    if len(words) > LONGEST_WORDS:
        raise Invalid(f"case {case.id}: words", errors={"words": [TEXTS["too_long"]]})
    form = form_in(session, processes.run_of(session, "case", case.id).bundle_digest, FORM)
    clean = forms.clean(
        form,
        {
            "request_kind": kind,
            **({"request_words": words} if needs_words else {}),
            "received_on": local_date(at).isoformat(),
            "request_subject": str(member.id),
            "requested_by": str(GivenBy.SELF),
            "identity_check": _LOGGED_IN,
        },
        on=local_date(at),
        choices={"family_members": ((str(member.id), member.name),)},
    )
    return keep_request(session, case, form, clean, member, by=by, at=at)


def _keep_out(session: Session, case: Case, who: Known, reason: str, *, by: Actor, at: datetime) -> None:
    standing = {one.person_id: one for one in cases.blocks(session, case.id) if one.organisation_id is not None}
    if who.person_id not in standing:
        close_to(session, case, who.person_id, who.organisation_id, reason, by=by, at=at)
    elif who.person_id not in cases.wished_by(session, case.id, by=by):  # at another's wish: that is not said
        cases.wish_too(session, standing[who.person_id], by=by, at=at)


def _tell_holder(session: Session, case: Case, why: str, *, by: Actor, at: datetime) -> bool:
    """One task for whoever holds the case, which names nobody."""
    if case.is_closed:
        return False
    task = processes.add_task(
        session,
        processes.run_of(session, "case", case.id),
        name=_OBJECTION,
        form_key="follow_up",
        place=holder_place(case),
        documentation=why,
        at=at,
        element_id="objection",
    )
    session.flush()
    logbook.write(
        session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details={"message": "objection"}
    )
    return True
