"""The copy of everything that is kept about one person: read as that person may read it, handed out once, written down.

What is about somebody else stays out, and nothing says whether there was any of it about safety or about the partner.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import (
    access,
    attachments,
    cases,
    comments,
    consent,
    diagrams,
    evaluations,
    families,
    forms,
    handovers,
    hubs,
    logbook,
    organisations,
    packages,
    plans,
    processes,
    rights,
)
from workflows.access import Ground, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Disclosure, DisclosureCause, GivenBy
from workflows.dossier import Entry, EntryValue
from workflows.errors import NotAllowed, Unreadable
from workflows.families import FamilyMember, MemberKind
from workflows.forms import Form
from workflows.method.bsns import may_use_bsn
from workflows.method.choices import words_of
from workflows.method.facts import NOWHERE, find_task, task_facts
from workflows.method.retaining import Retention, retention
from workflows.method.subjects import as_subject, readable_by_subject
from workflows.method.who_looked import ClientLogDay, days_of
from workflows.rights import RequestKind, RightsRequest

#: What the shape of a copy is called; another shape gets another name.
SCHEMA: Final = "steun-op-maat/personal-copy/1"
#: Property of a question in compartment C7 whose answers are about professionals, and so harm nobody in a copy.
IN_COPY: Final = "in_copy"
#: Kinds of data of which it harms nobody to say that they are left out.
THIRD_PARTIES: Final = "third_parties"
#: The citizen service number; said in every copy that cannot have it, whether or not there is one.
BSN: Final = "bsn"

Media = Literal["json", "pdf"]


@dataclass(frozen=True, slots=True)
class CopiedPerson:
    """Who it is, as kept."""

    kind: str
    name: str
    birth_date: date | None
    postcode: str
    municipality_code: str | None
    preferred_language: str
    interpreter_needed: bool
    reading_support: bool
    safe_contact: str | None
    safe_contact_detail: str
    bsn: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CopiedAnswer:
    """A question as it was asked then, and what was answered."""

    field: str
    question: str
    answer: str
    compartment: str


@dataclass(frozen=True, slots=True)
class CopiedEntry:
    """A form that was filled in. ``superseded``: it was corrected later, by another entry in this copy."""

    id: UUID
    form: str
    form_version: str
    organisation: str | None
    role: str
    observed_at: datetime
    recorded_at: datetime
    superseded: bool
    answers: tuple[CopiedAnswer, ...]


@dataclass(frozen=True, slots=True)
class CopiedGoal:
    """What the parent wants, in the parent's words."""

    plan_version: int
    words: str
    dimension: str | None


@dataclass(frozen=True, slots=True)
class CopiedAction:
    """An agreement of a plan: who does what, from when."""

    number: int
    what: str
    owner_kind: str
    owner: str
    starts_on: date
    ends_on: date | None
    status: str


@dataclass(frozen=True, slots=True)
class CopiedEvaluation:
    """One talk in which the family looked back."""

    evaluated_on: date
    decision: str
    parent_experience: int | None
    goals: tuple[tuple[str, str, int | None], ...]  #: goal, how it stood, the parent's number


@dataclass(frozen=True, slots=True)
class CopiedMeeting:
    """A talk in the local hub. What was said is in the entry with its minutes."""

    on: date
    status: str
    parents_invited: bool
    parents_present: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CopiedPackage:
    """What was sent along was frozen, and can be proved with this hash. Not how much it was, nor what stayed behind: that
    would tell of others."""

    version: int
    sent_at: datetime
    hash: str
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopiedHandover:
    """The case was offered to somebody else."""

    offered_at: datetime
    from_organisation: str
    to_organisation: str
    reason: str
    status: str
    packages: tuple[CopiedPackage, ...] = ()


@dataclass(frozen=True, slots=True)
class CopiedComment:
    """What a colleague wrote between the forms."""

    at: datetime
    organisation: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class CopiedAttachment:
    """A file that stands with the case. The file itself is handed over beside the copy; ``sha256`` tells that it is this one.
    None: it cannot be opened, and the copy says so."""

    id: UUID
    at: datetime
    organisation: str
    name: str
    description: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class CopiedConsent:
    """One answer about sharing one kind of data of this person."""

    recorded_at: datetime
    recipient: str
    purpose: str
    category: str
    given: bool
    given_by: str
    valid_until: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopiedDisclosure:
    """Who could read what of this person, from when to when, and on which ground."""

    at: datetime
    ended_at: datetime | None
    recipient: str
    role: str | None
    purpose: str | None
    ground: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopiedRequest:
    """What was asked before about these data."""

    kind: str
    received_on: date
    answer_by: date
    status: str
    refused_reason: str | None


@dataclass(frozen=True, slots=True)
class PersonalCopy:
    """Everything about one person in one case. ``left_out``: kinds of data that are about others, and
    :data:`BSN` where no number can be."""

    schema: str
    made_at: datetime
    case_number: str
    reference: str | None  #: what the organisation that answers calls the case in its own records
    case_status: str
    case_result: str | None
    opened_on: date
    closed_on: date | None
    answered_by: str | None
    retention: Retention
    person: CopiedPerson
    due_dates: tuple[date, ...]
    entries: tuple[CopiedEntry, ...]
    goals: tuple[CopiedGoal, ...]
    actions: tuple[CopiedAction, ...]
    evaluations: tuple[CopiedEvaluation, ...]
    meetings: tuple[CopiedMeeting, ...]
    handovers: tuple[CopiedHandover, ...]
    comments: tuple[CopiedComment, ...]
    attachments: tuple[CopiedAttachment, ...]
    consents: tuple[CopiedConsent, ...]
    disclosures: tuple[CopiedDisclosure, ...]
    requests: tuple[CopiedRequest, ...]
    looked: tuple[ClientLogDay, ...]
    left_out: tuple[str, ...]


def export_copy(
    session: Session,
    request_id: UUID,
    *,
    render: Callable[[PersonalCopy], bytes],
    media: Media,
    by: Actor,
    at: datetime,
) -> bytes:
    """The copy that was asked for, as a file. No file is made without a line that says who made it and its digest.

    Args:
        render: what turns the copy into the bytes that are handed out.

    Raises:
        NotFound: no such request, or *by* does not work on it. NotAllowed: the request is about something else.
    """
    request = session.get(RightsRequest, request_id)
    task = find_task(session, NOWHERE if request is None else request.task_id or NOWHERE, by=by)
    assert request is not None, "or its task is not there either"
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "view_task", facts, at=at)
    if request.kind != RequestKind.ACCESS_COPY:
        raise NotAllowed(f"request {request_id} asks no copy", detail="Dit verzoek gaat niet over een kopie.")
    case = session.get_one(Case, request.case_id)
    copy = copy_of(session, case, request, by=by, at=at)
    data = render(copy)
    digest = hashlib.sha256(data).hexdigest()
    logbook.read(
        session,
        "copy.exported",
        "family_member",
        request.subject_id,
        case_id=case.id,
        by=by,
        at=at,
        purpose="access_copy",
        rule="+".join(sorted(access.relations(by, facts))),
        ground=Ground.LEGAL_OBLIGATION,
        compartments=sorted({answer.compartment for entry in copy.entries for answer in entry.answers} | {"C0"}),
        details={
            "request": request.id.hex,
            "media": media,
            "sha256": digest,
            "bytes": len(data),
            "bsn": copy.person.bsn is not None,
            **_missing(copy),
        },
    )
    return data


def copy_of(session: Session, case: Case, request: RightsRequest, *, by: Actor, at: datetime) -> PersonalCopy:
    """Everything that stands in the copy that was asked for, as it is now. Whether *by* may have it was asked before; the read
    is the caller's to write down."""
    member = session.get_one(FamilyMember, request.subject_id)
    readable = readable_by_subject(member)
    everything = readable.read.get("C6") == Scope.ALL
    entries, left_out = _entries(session, case, readable, member)
    # Only to the person themselves, by who may have it in their hands: a child's is asked by parents.
    with_bsn = request.requested_by == GivenBy.SELF and may_use_bsn(session, by)
    kept = families.bsn(session, member.id) if with_bsn else None
    names = _Names(session)
    own = cases.reference_of(session, case.id, by=by)
    holder = cases.keeper(session, case.id)
    answers = case.holder_organisation_id or (None if holder is None else holder.organisation_id)
    return PersonalCopy(
        schema=SCHEMA,
        made_at=at,
        case_number=case.number,
        reference=None if own is None else own.number,
        case_status=case.status,
        case_result=case.result if everything else None,
        opened_on=local_date(case.opened_at),
        closed_on=None if case.closed_at is None else local_date(case.closed_at),
        answered_by=None if answers is None else names(answers),
        retention=retention(session, case, on=local_date(at)),
        person=CopiedPerson(
            kind=member.kind,
            name=member.name,
            birth_date=member.birth_date,
            postcode=member.postcode,
            municipality_code=member.municipality_code,
            preferred_language=member.preferred_language,
            interpreter_needed=member.interpreter_needed,
            reading_support=member.reading_support,
            safe_contact=member.safe_contact,
            safe_contact_detail=member.safe_contact_detail,
            bsn=None if kept is None else families.open_bsn(session, kept),
        ),
        due_dates=_due_dates(session, case) if member.is_parent else (),
        entries=entries,
        goals=_goals(session, case) if everything else (),
        actions=tuple(_actions(session, case, names)) if "C6" in readable.read else (),
        evaluations=_evaluations(session, case) if everything else (),
        meetings=tuple(_meetings(session, case)) if everything else (),
        handovers=_handovers(session, case, names) if readable.read.get("C9") == Scope.ALL else (),
        comments=_comments(session, case, readable, member, names) if everything else (),
        attachments=_attachments(session, case, readable, member, names) if everything else (),
        consents=_consents(session, case, member, names),
        disclosures=_disclosures(session, case, member, names),
        requests=tuple(
            CopiedRequest(one.kind, one.received_on, one.answer_by, one.status, one.refused_reason)
            for one in reversed(rights.of_case(session, case.id))
            if one.subject_id == member.id
        ),
        looked=days_of(session, case, member),
        left_out=left_out if with_bsn else (*left_out, BSN),
    )


class _Names:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[UUID, str] = {}

    def __call__(self, organisation_id: UUID) -> str:
        if organisation_id not in self._known:
            self._known[organisation_id] = organisations.organisation(self._session, organisation_id).name
        return self._known[organisation_id]


def _entries(
    session: Session, case: Case, readable: Readable, member: FamilyMember
) -> tuple[tuple[CopiedEntry, ...], tuple[str, ...]]:
    """Answers in compartments that are this person's; of C7 only questions about professionals. Beside them what was left
    out, as far as that harms nobody."""
    rows = session.scalars(select(Entry).where(Entry.case_id == case.id).order_by(Entry.recorded_at, Entry.id)).all()
    superseded = {row.supersedes_id for row in rows}
    others_asked = _asked_by_others(session, case, member)
    rows = [row for row in rows if row.id not in others_asked]
    values: dict[UUID, list[EntryValue]] = {}
    for value in session.scalars(select(EntryValue).where(EntryValue.entry_id.in_([row.id for row in rows]))):
        values.setdefault(value.entry_id, []).append(value)
    mine = readable.compartments | ({"C8"} if member.kind == MemberKind.PARTNER and "C8" in readable.read else set())
    names, found, others = _Names(session), [], False
    for row in rows:
        form = forms.definition(diagrams.load(session, row.bundle_digest), row.form_key)
        answers = []
        for value in sorted(values.get(row.id, ()), key=lambda one: _place(form, one)):
            field = form.field_at(value.field)
            theirs = value.compartment == "C7" and "C7" in readable.read
            if value.compartment not in mine and not (theirs and _about_professionals(field)):
                others = others or theirs
                continue
            text = str(value.value) if field is None else words_of(session, field, value.value)
            if isinstance(value.value, bool):
                text = "Ja" if value.value else "Nee"
            question = value.field if field is None else field.label
            answers.append(CopiedAnswer(value.field, question, text, value.compartment))
        if answers:
            where = None if row.organisation_id is None else names(row.organisation_id)
            found.append(
                CopiedEntry(
                    id=row.id,
                    form=row.form_key,
                    form_version=row.bundle_digest[:12],
                    organisation=where,
                    role=row.role,
                    observed_at=row.observed_at,
                    recorded_at=row.recorded_at,
                    superseded=row.id in superseded,
                    answers=tuple(answers),
                )
            )
    return tuple(found), (THIRD_PARTIES,) if others else ()


def _asked_by_others(session: Session, case: Case, member: FamilyMember) -> set[UUID | None]:
    """Entries in which another adult of the family asked something about themselves, or was answered: their own words."""
    return {
        entry_id
        for one in rights.of_case(session, case.id)
        if one.subject_id != member.id and one.requested_by == GivenBy.SELF
        for entry_id in (one.entry_id, one.answer_entry_id)
    }


def _about_professionals(field: forms.Field | None) -> bool:
    return field is not None and field.properties.get(IN_COPY) == "yes"


def _place(form: Form, value: EntryValue) -> tuple[int, str, int]:
    field = form.field_at(value.field)
    order = list(form.fields)
    return (order.index(field.path) if field is not None else len(order), value.field, value.position)


def _due_dates(session: Session, case: Case) -> tuple[date, ...]:
    found = None if case.family_id is None else families.current_due_date(session, case.family_id)
    return () if found is None else (found,)


def _goals(session: Session, case: Case) -> tuple[CopiedGoal, ...]:
    return tuple(
        CopiedGoal(plan.version, goal.parent_words, goal.dimension)
        for plan in plans.versions(session, case.id)
        for goal in plans.goals(session, plan.id)
    )


def _actions(session: Session, case: Case, names: _Names) -> Iterable[CopiedAction]:
    for one in plans.actions(session, case.id):
        owner = one.owner_name if one.organisation_id is None else names(one.organisation_id)
        yield CopiedAction(one.number, one.what, one.owner_kind, owner, one.starts_on, one.ends_on, one.status)


def _evaluations(session: Session, case: Case) -> tuple[CopiedEvaluation, ...]:
    return tuple(
        CopiedEvaluation(
            one.evaluated_on,
            one.decision,
            one.parent_experience,
            tuple((said.goal, said.status, said.parent_rating) for said in evaluations.ratings(session, one.id)),
        )
        for one in evaluations.of_case(session, case.id)
    )


def _meetings(session: Session, case: Case) -> Iterable[CopiedMeeting]:
    for item in hubs.items_of(session, case.id):
        meeting = hubs.find(session, item.meeting_id)
        reason = item.reason_if_absent or item.reason_not_invited
        yield CopiedMeeting(
            local_date(meeting.starts_at), item.status, item.parents_invited, item.parents_present, reason
        )


def _handovers(session: Session, case: Case, names: _Names) -> tuple[CopiedHandover, ...]:
    accepted = {one.package_id: one.accepted_at for one in packages.receipts_of(session, case.id)}
    sent: dict[UUID, list[CopiedPackage]] = {}
    for each in packages.of_case(session, case.id):
        told = CopiedPackage(each.version, each.frozen_at, each.hash, accepted.get(each.id))
        sent.setdefault(each.handover_id, []).append(told)
    return tuple(
        CopiedHandover(
            one.offered_at,
            names(one.from_organisation_id),
            names(one.to_organisation_id),
            one.reason,
            one.status,
            tuple(sent.get(one.id, ())),
        )
        for one in handovers.of_case(session, case.id)
        if one.offered_at is not None  # what was only prepared went to nobody; its text is among the answers
    )


def _comments(
    session: Session, case: Case, readable: Readable, member: FamilyMember, names: _Names
) -> tuple[CopiedComment, ...]:
    """Also what colleagues wrote to each other with a task."""
    said = comments.of_case(session, case.id, readable=readable, by=as_subject(member))
    found: list[comments.Comment | processes.TaskNote] = [*said, *processes.notes_of_case(session, case.id)]
    found.sort(key=lambda one: one.at)
    return tuple(CopiedComment(one.at, names(one.organisation_id), one.role, one.text) for one in found)


def _attachments(
    session: Session, case: Case, readable: Readable, member: FamilyMember, names: _Names
) -> tuple[CopiedAttachment, ...]:
    return tuple(
        CopiedAttachment(
            one.id,
            one.at,
            names(one.organisation_id),
            one.name,
            one.description,
            one.size,
            _digest(session, one),
        )
        for one in attachments.of_case(session, case.id, readable=readable, by=as_subject(member))
        if readable.read.get(one.compartment) == Scope.ALL
    )


def _missing(copy: PersonalCopy) -> dict[str, int]:
    count = sum(one.sha256 is None for one in copy.attachments)
    return {"missing": count} if count else {}


def _digest(session: Session, one: attachments.Attachment) -> str | None:
    try:
        return hashlib.sha256(attachments.content(session, one)).hexdigest()
    except Unreadable:  # one lost file keeps nobody from the rest
        return None


def _consents(session: Session, case: Case, member: FamilyMember, names: _Names) -> tuple[CopiedConsent, ...]:
    return tuple(
        CopiedConsent(
            one.recorded_at,
            names(one.recipient_organisation_id) if one.recipient_organisation_id else str(one.recipient_kind),
            one.purpose,
            one.category,
            one.given,
            one.given_by,
            one.valid_until,
            one.withdrawn_at,
        )
        for one in consent.of_case(session, case.id)
        if one.subject_id == member.id
    )


def _disclosures(session: Session, case: Case, member: FamilyMember, names: _Names) -> tuple[CopiedDisclosure, ...]:
    """What was shared about this person, and to whom the case is about also what was shared without anybody's yes: such an
    act names nobody. Not what is silent until the family was told. Emergencies stand where it says who looked."""
    grounds = {one.id for one in consent.grounds_of(session, case.id) if not one.silent or one.told_at is not None}

    def is_theirs(one: Disclosure) -> bool:
        if one.cause == DisclosureCause.GROUND:
            return member.is_parent and one.cause_id in grounds
        return str(member.id) in one.subject_ids or member.id.hex in one.subject_ids

    own = readable_by_subject(member).read.keys()
    found: list[CopiedDisclosure] = []
    for one in filter(is_theirs, consent.disclosures(session, case.id)):
        goes_on = bool(one.consent_ids) and one.ended_at != one.at and not member.is_parent
        told = CopiedDisclosure(
            one.at,
            one.ended_at,
            names(one.recipient_organisation_id) if one.recipient_organisation_id else str(one.recipient_kind),
            one.role,
            one.purpose,
            one.ground,
            tuple(kind for kind in one.categories if kind in own and (kind == "C8" or not goes_on)),
        )
        # What followed and was the same for this person is one: between the two, something changed that is not theirs.
        for place, before in enumerate(found):
            if replace(before, at=told.at, ended_at=told.ended_at) == told and before.ended_at == told.at != before.at:
                found[place] = replace(before, ended_at=told.ended_at)
                break
        else:
            found.append(told)
    return tuple(found)
