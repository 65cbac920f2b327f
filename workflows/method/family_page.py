"""What a parent sees on the page of the family: of themselves, and of what both parents share.

Nothing of safety and nothing of the other parent is here, also not by a number, an order, a moment or a statement that is
executed for it: what may not be seen is left out before anything is counted, folded or looked up. Names of professionals are
here as far as the parent knows them already: of who wrote something down with them. Everybody else is an organisation and
a role, as in the copy and in who looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import (
    access,
    cases,
    consent,
    directory,
    families,
    hubs,
    logbook,
    organisations,
    packages,
    parents,
    plans,
    processes,
    rights,
    settings,
)
from workflows.access import Facts, Ground, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus
from workflows.consent import Consent, Disclosure, DisclosureCause
from workflows.dossier import Entry, EntryValue
from workflows.errors import NotFound
from workflows.families import AuthorityKind, FamilyMember, MemberKind
from workflows.method.facts import case_facts
from workflows.method.placing import Anchors
from workflows.method.sharing import AnswerStatus
from workflows.method.who_looked import ClientLogDay, days_of
from workflows.rights import RequestKind, RequestStatus

#: Languages that a region can switch on for the pages of a family.
LANGUAGES = ("en", "pl", "ar", "tr")
#: How long after the answer a copy that was granted can be fetched.
COPY_DAYS = 31
#: Kinds of data that are on no page of a parent, whatever the row of the matrix says.
_NEVER = frozenset({"C5"})
#: Forms of tasks whose last day a family is told: what was agreed to happen with them. Of other work, such as what follows
#: when somebody took a yes back, nothing is told: it could be the other parent's.
_TOLD_TASKS = frozenset({"exploration", "routing", "support_plan", "evaluation"})


class Part(StrEnum):
    """A part of the page, as the line in the log says which one was read."""

    HOME = "home"
    SHARED = "shared"
    PLAN = "plan"
    LOOKED = "looked"
    CONSENT = "consent"
    OBJECTION = "objection"
    RIGHTS = "rights"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Professional:
    """An organisation in a role. ``name``: of the person, when the parent knows them. ``phone``: "" when nobody keeps it."""

    organisation_id: UUID
    organisation: str
    role: str
    name: str | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """Something on a local day. ``kind``: a code, as in the forecast of a case."""

    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class Home:
    """The first page: who holds the story, where it stands, and what is next."""

    case_number: str
    name: str
    status: str
    paused_at_family: bool  #: it waits for the parent
    holder: Professional | None
    keeper: Professional | None  #: of a closed case: who held it last
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """What an organisation could see of this parent, on what ground, and from when to when."""

    since: date
    until: date | None
    recipient: str | None  #: None: the parent got it
    role: str | None
    purpose: str | None
    ground: str
    categories: tuple[str, ...]
    once: bool  #: handed out, and not to be taken back
    agreed: bool  #: it rests on somebody's yes as well


@dataclass(frozen=True, slots=True)
class Handed:
    """What went along when another organisation took the case over: kinds of data, as far as this parent reads them."""

    on: date
    sender: str
    recipient: str
    role: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedPage:
    """What went to whom, and what went along with handovers."""

    acts: tuple[Shared, ...]
    handed: tuple[Handed, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the parent wants, in the words that were written down then."""

    words: str
    dimension: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who does what, from when to when."""

    what: str
    owner: str
    status: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the parent added."""

    on: date
    words: str


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """The plan as this parent may read it."""

    agreed_on: date | None
    evaluation_on: date | None
    goals: tuple[Goal, ...]
    agreements: tuple[Agreement, ...]
    own_words: tuple[OwnWords, ...]


@dataclass(frozen=True, slots=True)
class ConsentGroup:
    """One receiver and one purpose, about one person: how it stands now.

    ``child``: whose it is, when it is not about the parent. ``asked``: kinds of data that were ever asked about.
    """

    key: str
    subject_id: UUID
    child: str | None
    organisation_id: UUID | None
    recipient: str | None
    recipient_kind: str | None
    purpose: str
    stand: str
    asked: tuple[str, ...]
    allowed: tuple[str, ...]
    since: date
    valid_until: date | None
    ids: tuple[UUID, ...]  #: of the yeses that count
    may_withdraw: bool
    may_give: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A professional whom the parent knows by name."""

    person_id: UUID
    name: str
    organisation_id: UUID
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class Objections:
    """Whom the parent can name, and against whom they objected before."""

    known: tuple[Known, ...]
    standing: tuple[tuple[Known, date], ...]


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What the parent asked, and how that stands. ``copy_until``: until when the copy can be fetched here."""

    id: UUID
    kind: str
    status: str
    received_on: date
    answer_by: date
    decided_on: date | None
    refused_reason: str | None
    copy_until: date | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Where a parent can go with a complaint: the organisation that helps, and what the region says."""

    holder: Professional | None
    region: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A parent who reads, the case of the family, and what of it is theirs."""

    case: Case
    member: FamilyMember
    readable: Readable
    facts: Facts
    primary: bool  #: the one the case speaks with


# --- who reads


def find_reader(session: Session, action: str, *, by: Actor, at: datetime, lock: bool = False) -> Reader:
    """The parent *by*, with the case of the family.

    Raises:
        NotFound: *by* is nobody's parent (any more), or there is no case.
    """
    member = parents.member_of(session, by, at=at)
    case = _case(session, member.family_id)
    if case is None:
        raise NotFound(f"family {member.family_id} has no case")
    facts = case_facts(session, case, by=by, at=at)
    access.require(by, action, facts, at=at)
    if lock:
        case = cases.lock(session, case.id)
    return Reader(case, member, access.visible(by, facts), facts, primary=by.role == "parent")


def _case(session: Session, family_id: UUID) -> Case | None:
    """The case that runs, else the one that ran last: what was before is not shown by itself."""
    query = select(Case).where(Case.family_id == family_id).order_by(Case.opened_at.desc(), Case.id)
    found = session.scalars(query).all()
    return next((one for one in found if not one.is_closed), found[0] if found else None)


@contextmanager
def _reading(session: Session, part: Part, *, by: Actor, at: datetime) -> Iterator[Reader]:
    """One part of the page is read, and that is written down."""
    reader = find_reader(session, "view_own_story", by=by, at=at)
    yield reader
    logbook.read(
        session,
        "own_story.viewed",
        "family_member",
        reader.member.id,
        case_id=reader.case.id,
        by=by,
        at=at,
        purpose="own_story",
        rule=access.rule_of(by, reader.facts),
        details={"part": str(part)},
    )


class _Names:
    """Organisations by name, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[UUID, str] = {}

    def __call__(self, organisation_id: UUID) -> str:
        if organisation_id not in self._known:
            self._known[organisation_id] = organisations.organisation(self._session, organisation_id).name
        return self._known[organisation_id]


def family_languages(session: Session, *, by: Actor | None, at: datetime) -> tuple[str, ...]:
    """The languages, beside Dutch, that the region offers on the pages of this parent. Nothing of the family is told by it.

    Args:
        by: None: whoever stands at the door, for whom the region as a whole counts.

    Raises:
        NotFound: *by* is nobody's parent (any more).
    """
    with logbook.deciding(session):
        municipality, on = None, local_date(at)
        if by is not None:
            municipality = find_reader(session, "view_own_story", by=by, at=at).case.municipality_code
        return tuple(
            one
            for one in LANGUAGES
            if settings.get(session, f"family.language_{one}", municipality=municipality, on=on) == 1
        )


# --- the parts


def family_home(session: Session, *, by: Actor, at: datetime) -> Home:
    """Who holds the story, where it stands and what is next; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.HOME, by=by, at=at) as reader:
        case, today = reader.case, local_date(at)
        return Home(
            case_number=case.number,
            name=reader.member.name,
            status=case.status,
            paused_at_family=case.status == CaseStatus.AWAITING_CONSENT and reader.primary,
            holder=None if case.is_closed else _holder(session, reader, today),
            keeper=_keeper(session, reader, today) if case.is_closed else None,
            coming=() if case.is_closed else tuple(_coming(session, reader, today)),
        )


def family_shared(session: Session, *, by: Actor, at: datetime) -> SharedPage:
    """What went to whom, the newest first; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.SHARED, by=by, at=at) as reader:
        names = _Names(session)
        return SharedPage(tuple(_shared(session, reader, names)), _handed(session, reader, names))


def family_plan(session: Session, *, by: Actor, at: datetime) -> OwnPlan:
    """Goals and agreements, and the parent's own words beside them; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.PLAN, by=by, at=at) as reader:
        names = _Names(session)
        plan = plans.current(session, reader.case.id)
        whole = reader.readable.read.get("C6") == Scope.ALL
        return OwnPlan(
            agreed_on=None if plan is None else plan.parent_agreed_on,
            evaluation_on=None if plan is None else plan.evaluation_on,
            goals=()
            if plan is None or not whole
            else tuple(Goal(one.parent_words, one.dimension) for one in plans.goals(session, plan.id)),
            agreements=()
            if plan is None
            else tuple(
                Agreement(
                    one.what,
                    one.owner_name if one.organisation_id is None else names(one.organisation_id),
                    one.status,
                    one.starts_on,
                    one.ends_on,
                )
                for one in plans.actions_of_plan(session, plan)
            ),
            own_words=_own_words(session, reader),
        )


def family_looked(session: Session, *, by: Actor, at: datetime) -> tuple[ClientLogDay, ...]:
    """Who looked at this parent's data, the newest day first; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.LOOKED, by=by, at=at) as reader:
        return days_of(session, reader.case, reader.member, of_others=True)


def family_consents(session: Session, *, by: Actor, at: datetime) -> tuple[ConsentGroup, ...]:
    """What the parent agreed to and refused, per receiver; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.CONSENT, by=by, at=at) as reader:
        return consent_groups(session, reader, at=at)


def family_consent(session: Session, key: str, *, by: Actor, at: datetime) -> ConsentGroup:
    """One of :func:`family_consents`.

    Raises:
        NotFound: there is no such one, or nothing of this family is for *by*.
    """
    with _reading(session, Part.CONSENT, by=by, at=at) as reader:
        return group_of(consent_groups(session, reader, at=at), key)


def family_objections(session: Session, *, by: Actor, at: datetime) -> Objections:
    """Whom the parent knows by name, and against whom they objected before; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.OBJECTION, by=by, at=at) as reader:
        known = known_people(session, reader, on=local_date(at))
        theirs = {one.person_id: one for one in known}
        with logbook.deciding(session):  # their own wishes stand in the log
            wished = cases.wished_by(session, reader.case.id, by=by)
        return Objections(
            known=known,
            standing=tuple((theirs[who], local_date(since)) for who, since in wished.items() if who in theirs),
        )


def family_requests(session: Session, *, by: Actor, at: datetime) -> tuple[OwnRequest, ...]:
    """What the parent asked about their own data, the newest first; the read is written down.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.RIGHTS, by=by, at=at) as reader:
        return tuple(
            OwnRequest(
                id=one.id,
                kind=one.kind,
                status=one.status,
                received_on=one.received_on,
                answer_by=one.answer_by,
                decided_on=None if one.decided_at is None else local_date(one.decided_at),
                refused_reason=one.refused_reason,
                copy_until=copy_until(one, on=local_date(at)),
            )
            for one in rights.of_case(session, reader.case.id)
            if one.subject_id == reader.member.id and one.kind != RequestKind.ADDITION
        )


def family_complaint(session: Session, *, by: Actor, at: datetime) -> Complaint:
    """Where a complaint goes; the read is written down, for it names who helps.

    Raises:
        NotFound: nothing of this family is for *by*.
    """
    with _reading(session, Part.COMPLAINT, by=by, at=at) as reader:
        case, today = reader.case, local_date(at)
        text = settings.get(session, "family.complaint_contact", municipality=case.municipality_code, on=today)
        holder = _keeper(session, reader, today) if case.is_closed else _holder(session, reader, today)
        return Complaint(holder, str(text))


# --- who holds it


def _holder(session: Session, reader: Reader, today: date) -> Professional | None:
    case = reader.case
    if case.holder_organisation_id is None or case.holder_role is None:
        return _professional(session, reader, case.signaller_organisation_id, "signaller", today)
    found = _professional(session, reader, case.holder_organisation_id, case.holder_role, today)
    known = {one.person_id: one.name for one in known_people(session, reader, on=today)}
    return replace(found, name=known.get(case.holder_person_id) if case.holder_person_id else None)


def _keeper(session: Session, reader: Reader, today: date) -> Professional | None:
    kept = cases.keeper(session, reader.case.id)
    return None if kept is None else _professional(session, reader, kept.organisation_id, kept.role, today)


def _professional(session: Session, reader: Reader, organisation_id: UUID, role: str, today: date) -> Professional:
    code = reader.case.municipality_code
    phone = "" if code is None else directory.phone_of(session, organisation_id=organisation_id, municipality=code)
    return Professional(organisation_id, _Names(session)(organisation_id), role, phone=phone)


def known_people(session: Session, reader: Reader, *, on: date) -> tuple[Known, ...]:
    """Professionals who wrote something down that this parent may read, and who still work there: by name."""
    query = select(Entry.id, Entry.author_id, Entry.organisation_id, Entry.role, Entry.about_id).where(
        Entry.case_id == reader.case.id, Entry.author_id.is_not(None), Entry.organisation_id.is_not(None)
    )
    rows = session.execute(query.order_by(Entry.recorded_at, Entry.id)).all()
    values = session.execute(
        select(EntryValue.entry_id, EntryValue.compartment).join(Entry).where(Entry.case_id == reader.case.id)
    ).all()
    kinds: dict[UUID, set[str]] = {}
    for entry_id, compartment in values:
        kinds.setdefault(entry_id, set()).add(compartment)
    theirs = _theirs(session, reader)
    wrote = {
        (row.author_id, row.organisation_id): row.role
        for row in rows
        if _reads(reader, kinds.get(row.id, set()), row.about_id, theirs)
    }
    names = _Names(session)
    found = [
        Known(who.id, who.display_name, organisation_id, names(organisation_id), wrote[who.id, organisation_id])
        for organisation_id in sorted({organisation_id for _, organisation_id in wrote})
        for who in {who.id: who for who, _ in organisations.roles_at(session, organisation_id, on=on)}.values()
        if (who.id, organisation_id) in wrote
    ]
    return tuple(sorted(found, key=lambda one: (one.organisation, one.name, one.person_id)))


def _theirs(session: Session, reader: Reader) -> frozenset[UUID]:
    """Whose data this parent reads as their own: of whom the case speaks with also the children's."""
    members = families.members(session, reader.member.family_id)
    children = (MemberKind.CHILD, MemberKind.UNBORN_CHILD)
    return frozenset(
        one.id for one in members if one.id == reader.member.id or (reader.primary and one.kind in children)
    )


def _reads(reader: Reader, kinds: set[str], about: UUID | None, theirs: frozenset[UUID]) -> bool:
    if reader.primary:
        return bool(kinds & (reader.readable.compartments - _NEVER)) and (about is None or about in theirs)
    return about == reader.member.id and bool(kinds - _NEVER)


# --- what is next


def _coming(session: Session, reader: Reader, today: date) -> Iterator[Coming]:
    found: list[Coming] = []
    anchors = Anchors(session, reader.case)
    day = anchors.get("evaluation_date")
    if isinstance(day, date):
        found.append(Coming(day, "evaluation"))
    if reader.primary:
        meeting = hubs.meeting_of(session, reader.case.id)
        if meeting is not None:
            found.append(Coming(local_date(meeting.starts_at), "hub_meeting"))
        for task in processes.tasks_of(session, "case", reader.case.id, live_only=True):
            if task.kind == "user" and task.due_at is not None and task.form_key in _TOLD_TASKS:
                found.append(Coming(local_date(task.due_at), f"task:{task.form_key}"))
        due = families.current_due_date(session, reader.member.family_id)
        if due is not None:
            found.append(Coming(due, "due_date"))
    yield from sorted({one for one in found if one.day >= today}, key=lambda one: (one.day, one.kind))


# --- what went to whom


def _shared(session: Session, reader: Reader, names: _Names) -> list[Shared]:
    """Acts of sharing about this parent. What followed on each other and was the same for this parent is one: between the
    two, something changed that is not theirs to know."""
    mine = [one for one in consent.disclosures(session, reader.case.id) if _is_theirs(reader, one)]
    kept: dict[tuple[object, ...], list[tuple[Disclosure, datetime | None]]] = {}
    for one in mine:
        key = (
            one.recipient_organisation_id,
            one.recipient_kind,
            one.role,
            one.purpose,
            one.ground,
            _kinds(reader, one),
        )
        spans = kept.setdefault(key, [])
        if spans and spans[-1][1] == one.at and one.at != spans[-1][0].at:
            spans[-1] = (spans[-1][0], one.ended_at)
        else:
            spans.append((one, one.ended_at))
    found = [
        Shared(
            since=local_date(one.at),
            until=None if ended is None else local_date(ended),
            recipient=None if one.recipient_organisation_id is None else names(one.recipient_organisation_id),
            role=one.role,
            purpose=one.purpose,
            ground=one.ground,
            categories=_kinds(reader, one),
            once=one.ended_at == one.at,
            agreed=bool(one.consent_ids),
        )
        for spans in kept.values()
        for one, ended in spans
    ]
    return sorted(
        found,
        key=lambda one: (one.until is not None, -one.since.toordinal(), one.recipient or "", one.role or "", str(one)),
    )


def _handed(session: Session, reader: Reader, names: _Names) -> tuple[Handed, ...]:
    """What the receiver could read of it when it took over, the newest first. Whether there was more is not told: it could be
    the other parent's."""
    if reader.readable.read.get("C9") != Scope.ALL:
        return ()
    theirs = _theirs(session, reader)
    own = reader.readable.read.keys() - _NEVER - {"C11"}
    taken = {one.package_id: one for one in packages.receipts_of(session, reader.case.id)}
    return tuple(
        Handed(
            on=local_date(taken[one.id].accepted_at),
            sender=names(one.from_organisation_id),
            recipient=names(one.to_organisation_id),
            role=one.to_role,
            categories=tuple(
                access.in_order(
                    {
                        item.compartment
                        for item in packages.items_of(session, one.id)
                        if item.disposition == packages.Disposition.VISIBLE
                        and item.compartment in own
                        and (item.member_id is None or item.member_id in theirs)
                    }
                )
            ),
        )
        for one in reversed(packages.of_case(session, reader.case.id))
        if one.id in taken
    )


def _kinds(reader: Reader, one: Disclosure) -> tuple[str, ...]:
    own = reader.readable.read.keys() - _NEVER
    if not reader.primary and one.consent_ids and one.ended_at != one.at:
        own &= {"C8"}  # of what goes on, the rest begins and ends with the yes of the other parent
    return tuple(access.in_order(set(one.categories) & own))


def _is_theirs(reader: Reader, one: Disclosure) -> bool:
    """Whether an act is about this parent. What rests on another ground names nobody: it is of whom the case speaks with,
    except what is told to somebody about safety, which is on no page, and emergencies, which stand where it says who looked."""
    if one.cause == DisclosureCause.EMERGENCY or one.ground == Ground.RIGHT_TO_REPORT:
        return False
    if access.GROUNDS[Ground(one.ground)].silent:
        return False
    if one.cause == DisclosureCause.GROUND:
        return reader.primary and bool(_kinds(reader, one))
    return str(reader.member.id) in one.subject_ids or reader.member.id.hex in one.subject_ids


# --- own words


def _own_words(session: Session, reader: Reader) -> tuple[OwnWords, ...]:
    asked = [
        one
        for one in rights.of_case(session, reader.case.id)
        if one.subject_id == reader.member.id and one.kind == RequestKind.ADDITION
    ]
    ids = [one.entry_id for one in asked]
    said = session.execute(
        select(EntryValue.entry_id, EntryValue).where(EntryValue.entry_id.in_(ids), EntryValue.field == "request_words")
    ).all()
    words = {entry_id: str(value.value) for entry_id, value in said}
    return tuple(OwnWords(one.received_on, words[one.entry_id]) for one in asked if one.entry_id in words)


# --- consents


def consent_groups(session: Session, reader: Reader, *, at: datetime) -> tuple[ConsentGroup, ...]:
    """Answers about this parent, and about children for whom this parent decides, per receiver and purpose."""
    children = _decides_for(session, reader, on=local_date(at))
    groups: dict[str, list[Consent]] = {}
    for one in consent.of_case(session, reader.case.id):
        if one.subject_id == reader.member.id or one.subject_id in children:
            groups.setdefault(_key(one), []).append(one)
    names = _Names(session)
    open_case = not reader.case.is_closed and reader.case.erase_on is None
    found = []
    for key, answers in groups.items():
        latest = {one.category: one for one in answers}  # oldest first, so the last one counts
        yes = [one for one in latest.values() if one.holds(at)]
        first = answers[0]
        organisation_id = first.recipient_organisation_id
        limits = [one.valid_until for one in yes if one.valid_until is not None]
        found.append(
            ConsentGroup(
                key=key,
                subject_id=first.subject_id,
                child=children.get(first.subject_id),
                organisation_id=organisation_id,
                recipient=None if organisation_id is None else names(organisation_id),
                recipient_kind=first.recipient_kind,
                purpose=first.purpose,
                stand=_stand(list(latest.values()), yes),
                asked=tuple(access.in_order(latest)),
                allowed=tuple(access.in_order(one.category for one in yes)),
                since=local_date(max(one.withdrawn_at or one.recorded_at for one in latest.values())),
                valid_until=local_date(min(limits)) if limits else None,
                ids=tuple(one.id for one in yes),
                may_withdraw=bool(yes),
                may_give=open_case and len(yes) < len(latest),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda one: (one.child or "", not one.allowed, one.recipient or one.recipient_kind or "", one.key),
        )
    )


def group_of(groups: Sequence[ConsentGroup], key: str) -> ConsentGroup:
    """One of these.

    Raises:
        NotFound: none is called so.
    """
    found = next((one for one in groups if one.key == key), None)
    if found is None:
        raise NotFound("no such consent")
    return found


def _key(one: Consent) -> str:
    receiver = one.recipient_kind if one.recipient_organisation_id is None else one.recipient_organisation_id.hex
    return f"{one.subject_id.hex}.{receiver}.{one.purpose}"


def _stand(latest: list[Consent], yes: list[Consent]) -> str:
    if yes:
        return str(AnswerStatus.ALLOWED)
    if any(one.withdrawn_at is not None for one in latest):
        return str(AnswerStatus.WITHDRAWN)
    return str(AnswerStatus.RUN_OUT if any(one.given for one in latest) else AnswerStatus.REFUSED)


def _decides_for(session: Session, reader: Reader, *, on: date) -> Mapping[UUID, str]:
    """Children for whom this parent may decide alone, as was looked up; for whom the case speaks with only: what one parent
    answered for a child is not told to the other through it."""
    standing = families.authorities(session, reader.member.family_id, on=on)
    if not reader.primary:
        return {}
    own = {one.child_id for one in standing if one.member_id == reader.member.id}
    guarded = {one.child_id for one in standing if one.kind == AuthorityKind.GUARDIANSHIP}
    members = families.members(session, reader.member.family_id)
    return {one.id: one.name for one in members if one.id in own - guarded and one.kind == MemberKind.CHILD}


# --- the copy


def copy_until(request: rights.RightsRequest, *, on: date) -> date | None:
    """Until when a copy that was granted can be fetched on the page; None: it cannot. What was granted in part is handed over
    by who looked at it: only they know which part."""
    if request.kind != RequestKind.ACCESS_COPY or request.status != RequestStatus.GRANTED or request.decided_at is None:
        return None
    until = local_date(request.decided_at) + timedelta(days=COPY_DAYS)
    return until if on <= until else None
