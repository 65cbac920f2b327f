"""Who looked at somebody's data, in plain words, per day: what a parent asks and the log knows.

Each parent has a view of their own. It tells nothing about safety and nothing about the other parent; and because lines are
folded per day, neither a gap, a number nor a moment tells that something was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import access, consent, families, logbook, organisations, parents
from workflows.access import MATRIX, Ground, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import PURPOSES, Consent
from workflows.errors import Invalid, NotFound
from workflows.families import FamilyMember, MemberKind, PartnerInvolved
from workflows.method.facts import NOWHERE, find_case, kind_of
from workflows.method.views import MemberView

PURPOSE = "client_log"
#: Somebody without an account opened what was sent to them: nobody in person, and told all the same.
OUTSIDE = "outside.read"
#: Somebody asked for the case: written by the house, told as of who asked, who saw nothing.
ASKED = "case.asked_about"
#: To which party it was given stands in the act of sharing.
WITH_LINK = "Iemand zonder account, met een link en een code"
#: What a family hears of → which kinds of data, when the line itself does not say. What stands in neither of these two is
#: not told, and a test asks for every read of a case in which it stands.
TOLD: Mapping[str, tuple[str, ...]] = {
    "case.viewed": (),
    "case.looked_back": (),
    "task.viewed": (),
    "plan.viewed": ("C6",),
    "evaluations.viewed": ("C6",),
    "signals.viewed": (),
    "explorations.viewed": (),
    "comments.viewed": ("C6",),
    "attachments.viewed": (),
    "attachment.downloaded": (),
    "note.viewed": ("C6",),
    "consents.viewed": ("C10",),
    "consents.printed": ("C10",),
    "case.forecast": ("C6",),
    "case.standstill": ("C6",),
    "handovers.viewed": ("C9",),
    "package.previewed": ("C9",),
    "package.printed": ("C9",),
    "package.verified": ("C9",),
    "family.viewed": ("C0",),
    "member.viewed": ("C0",),
    "bsn.viewed": ("C0",),  # as who somebody is: whoever shows this list may not know that there is a number
    "hub_item.viewed": ("C0",),
    "hub_item.printed": ("C0",),
    "draft.viewed": (),
    "case.matched": ("C0",),
    "blocks.viewed": (),
    "client_log.viewed": ("C11",),
    "client_log.printed": ("C11",),
    "entry.viewed": (),
    "copy.exported": (),
    "summary.printed": ("C0", "C6"),
    "summary.exported": ("C0", "C6"),
    "outside.previewed": (),
    "outside.viewed": ("C9",),
    "outside.printed": (),
    OUTSIDE: (),
    ASKED: ("C0",),
}
#: Reads that are of no family, or not for its eyes: what one parent asked for is not the other's to know.
NOT_TOLD = frozenset(
    {
        "terms.viewed",
        "hub_meeting.viewed",
        "hub_meeting.printed",
        "work.listed",  # a number among others: no name, and nothing of the family
        "packages.listed",  # the same
        "cases.listed",
        "signals.listed",  # as cases are
        "messages.viewed",  # questions of a form, and nothing of the family
        "cases.searched",  # among others that sound alike, and nothing was opened; who then opens the case is told
        "contacts.listed",
        "emergencies.listed",  # the emergency itself is told
        "emergencies.told",
        "logins.viewed",  # one parent knows nothing of the login of the other
        "invitation.printed",
        "own_story.read",  # the parent's own
        "access.refused",  # saw nothing
        "hub_meeting.calendar_taken",
        "requests.viewed",
        "emergencies.viewed",
        "destruction.listed",
        "figures.viewed",  # of nobody: who is in them cannot be worked out
        "own_story.viewed",  # a parent's own
        "log.viewed",
        "log.exported",
        "alarm.viewed",
        "alarms.viewed",
        "breach.reported",
        "breach.exported",
    }
)
#: Who is never told about: who looks after safety, parents themselves, who looks after the log, and the house.
_NEVER = frozenset({"protection_officer", "parent", "other_parent", "log_manager", "dpo", "system"})
#: Of these, who is told about all the same when they looked back at one case: at who could see what.
_LOOKS_BACK = frozenset({"log_manager", "dpo"})
LOOKED_BACK = "case.looked_back"
_SAFETY = "safety"
_ABOUT_MEMBER = "family_member"
#: In the words of somebody who reads this once: "om …", "omdat …".
WHY: Mapping[str, str] = {
    "signaller": "Om u te begeleiden, en te weten hoe het met het signaal gaat",
    "explorer": "Om samen met u te verkennen wat u nodig heeft",
    "case_director": "Om de steun voor u te regelen",
    "supporter": "Om een afspraak uit uw plan te doen",
    "informal_supporter": "Om een afspraak uit uw plan te doen",
    "process_director": "Om het overleg te plannen en te letten op hoe lang het duurt",
}
_WHY_PURPOSE: Mapping[str, str] = {
    "hub_meeting": "Om samen te overleggen in het knooppunt",
    "match": "Om te zien of u al hulp krijgt",
    "task:handover_answer": "Om te beslissen of zij de hulp van een ander overnemen",
    "pull": "Om te vragen of zij u kunnen helpen. Zij kregen niets te zien",
    "access_copy": "Omdat u om een kopie van uw gegevens vroeg",
    "correction": "Om iets te verbeteren dat niet klopte",
    "complaint": "Omdat zij een klacht uitzochten: zij bekeken hoe het toen was",
    "calamity": "Omdat zij uitzochten hoe iets ernstigs kon gebeuren: zij bekeken hoe het toen was",
    "parent_asks": "Omdat u iets vroeg over vroeger: zij bekeken hoe het toen was",
    PURPOSE: "Om samen met u te bekijken wie er keek",
}
_WHY_ELSE = "Voor hun werk aan uw casus"
_WHY_EMERGENCY = "Omdat het een noodgeval was"
_NEED = "In een noodgeval mag dat van de wet, ook zonder uw toestemming."
#: Why that is allowed. Every ground of an emergency reads the same: which one it was can be about safety.
GROUNDS: Mapping[str, str] = {
    Ground.CONSENT_OF_SUBJECT: "U gaf toestemming.",
    Ground.CONSENT_OF_REPRESENTATIVE: "Iemand die voor u mag beslissen, gaf toestemming.",
    Ground.TREATMENT_RELATION_WGBO: "Zij geven u zorg. Daarom mag het van de wet.",
    Ground.TASK_WPG_JGZ: "Het is hun taak in de wet over publieke gezondheid.",
    Ground.TASK_YOUTH_ACT: "Het is hun taak in de Jeugdwet.",
    Ground.TASK_WMO: "Het is hun taak in de Wet maatschappelijke ondersteuning.",
    Ground.LEGAL_OBLIGATION: "De wet verplicht dit.",
    Ground.VITAL_INTEREST: "Het ging om iemands leven of gezondheid. Dan mag het van de wet, ook zonder uw toestemming.",
    Ground.CONFLICT_OF_DUTIES: "Zwijgen zou grote schade geven. Dan mag het van de wet, ook zonder uw toestemming.",
}
_OWN_SIGNAL = "Zij legden het signaal zelf vast, samen met u."


def texts() -> frozenset[str]:
    """Every sentence that a line can say, for pages in other languages."""
    return frozenset(
        (
            *WHY.values(),
            *_WHY_PURPOSE.values(),
            _WHY_ELSE,
            _WHY_EMERGENCY,
            _NEED,
            *GROUNDS.values(),
            _OWN_SIGNAL,
            _OWN[2],
        )
    )


@dataclass(frozen=True, slots=True)
class ClientLogLine:
    """What one organisation saw in one role on one day, for one reason.

    ``organisation_id`` None: the parent looked, on their own page. ``times`` counts openings, ``people`` how many different people. ``compartments`` empty: the case as a whole.
    """

    organisation_id: UUID | None
    organisation: str
    role: str
    people: int
    times: int
    compartments: tuple[str, ...]
    why: str
    ground: str | None
    emergency: bool


@dataclass(frozen=True, slots=True)
class ClientLogDay:
    """Everything of one local day, organisations by name."""

    day: date
    lines: tuple[ClientLogLine, ...]


@dataclass(frozen=True, slots=True)
class ClientLog:
    """Who looked at the data of one person, the newest day first."""

    case_number: str
    subject: MemberView
    since: date
    until: date
    days: tuple[ClientLogDay, ...]


@dataclass(slots=True)
class _Fold:
    people: set[UUID] = field(default_factory=set)
    openings: set[str] = field(default_factory=set)
    compartments: set[str] = field(default_factory=set)


def client_log(
    session: Session,
    case_id: UUID,
    *,
    subject_id: UUID,
    by: Actor,
    at: datetime,
    since: date | None = None,
    until: date | None = None,
    printed: bool = False,
) -> ClientLog:
    """Who looked at the data of one parent in a case; opening it is written down, for that parent to see as well.

    Args:
        subject_id: the member of the family who asks.
        since, until: local days, both included; left out: all there is.
        printed: it is shown to be printed, and the log says so.

    Raises:
        NotFound: no such case or parent, or not for *by*.
        NotAllowed: the case is known to *by*, whose team does not hold it.
        Invalid: days in the wrong order.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "view_client_log", facts, at=at)
    subject = next((one for one in _parents(session, case) if one.id == subject_id), None)
    if subject is None:
        raise NotFound(f"case {case_id}: no parent {subject_id} to tell who looked")
    if since and until and until < since:
        raise Invalid("client log", errors={"until": ["Kies een dag die niet voor de eerste dag ligt."]})
    days = _days(session, case, subject, since=since, until=until)
    logbook.read(
        session, "client_log.printed" if printed else "client_log.viewed", _ABOUT_MEMBER, subject.id, case_id=case.id, by=by, at=at, purpose=PURPOSE,
        rule="+".join(sorted(access.relations(by, facts))), compartments=["C11"],
        details={
            "since": since.isoformat() if since else None, "until": until.isoformat() if until else None, "days": len(days),
        },
    )  # fmt: skip
    return ClientLog(
        case_number=case.number,
        subject=MemberView(subject.id, subject.kind, subject.name, safe_contact=subject.safe_contact),
        since=since or local_date(case.opened_at),
        until=until or local_date(at),
        days=days,
    )


def client_log_subjects(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[MemberView, ...]:
    """For whom *by* can open it.

    Raises:
        NotFound, NotAllowed: as for :func:`client_log`.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "view_client_log", facts, at=at)
    return tuple(MemberView(one.id, one.kind, one.name) for one in _parents(session, case))


def days_of(
    session: Session, case: Case, subject: FamilyMember, *, of_others: bool = False
) -> tuple[ClientLogDay, ...]:
    """All of it, the newest day first, for a copy that *subject* asked; whoever makes that has the right to."""
    known = {one.id for one in _parents(session, case)}
    return _days(session, case, subject, since=None, until=None, of_others=of_others) if subject.id in known else ()


def _parents(session: Session, case: Case) -> list[FamilyMember]:
    """Who can ask it: the parent the case is about first. A partner who must not be told of the case is not there."""
    if case.family_id is None:
        return []
    members = families.members(session, case.family_id)
    told = session.get_one(families.Family, case.family_id).partner_involved != PartnerInvolved.DO_NOT_INFORM
    kinds = {MemberKind.PREGNANT_PERSON, MemberKind.PARENT, *([MemberKind.PARTNER] if told else [])}
    return [one for one in members if one.kind in kinds]


def _days(
    session: Session,
    case: Case,
    subject: FamilyMember,
    *,
    since: date | None,
    until: date | None,
    of_others: bool = False,
) -> tuple[ClientLogDay, ...]:
    members = families.members(session, subject.family_id)
    view = _View(
        subject_id=str(subject.id),
        primary=subject.is_parent and subject.id == next((one.id for one in members if one.is_parent), None),
        children=frozenset(str(one.id) for one in members if one.kind in (MemberKind.CHILD, MemberKind.UNBORN_CHILD)),
    )
    begin = start_of_day(since) if since else None
    known_at = None if view.primary else logbook.first_at(session, "member.added", subject.id)
    if known_at is not None:  # before that nobody could look at this person's data
        begin = max(begin, known_at) if begin else known_at
    end = start_of_day(until + timedelta(days=1)) if until else None
    consents = [one for one in consent.of_case(session, case.id) if one.subject_id == subject.id and one.given]
    folds: dict[date, dict[_Key, _Fold]] = {}
    own = frozenset[UUID]() if of_others else parents.logins_of(session, subject.id)
    for line in logbook.reads_of(session, case.id, since=begin, until=end):
        if line.person_id in own and line.event != "access.refused":
            fold = folds.setdefault(local_date(line.at), {}).setdefault(_OWN, _Fold())
            fold.people.add(line.person_id)
            fold.openings.add(line.request_id or str(line.id))
            continue
        seen = view.sees(line)
        if seen is None:
            continue
        emergency = logbook.is_emergency(line)
        why = _WHY_EMERGENCY if emergency else _why(line)
        ground = _NEED if emergency else _ground(session, case, line, consents)
        day = folds.setdefault(local_date(line.at), {})
        where, role = line.organisation_id or NOWHERE, line.role
        if line.event == ASKED:
            where, role = UUID(line.details["organisation"]), line.details["role"]
        fold = day.setdefault((where, role, why, ground, emergency), _Fold())
        fold.people.add(line.person_id)
        fold.openings.add(line.request_id or str(line.id))
        fold.compartments |= seen
    names: dict[UUID | None, str] = {None: YOURSELF, NOWHERE: WITH_LINK}
    return tuple(ClientLogDay(on, tuple(_lines(session, folds[on], names))) for on in sorted(folds, reverse=True))


#: By what lines of one day are folded: organisation (None: the parent), role, why, ground, and whether it was an emergency.
_Key = tuple[UUID | None, str, str, str | None, bool]
YOURSELF = "U zelf"
#: The parent on their own page; what the other parent looks at is nobody's to hear.
_OWN: _Key = (None, "parent", "Om te lezen wat er over u is opgeschreven", None, False)


@dataclass(frozen=True, slots=True)
class _View:
    """What one parent may hear of."""

    subject_id: str
    primary: bool
    children: frozenset[str]

    def sees(self, line: Any) -> set[str] | None:
        """The kinds of this parent's data that a line is about; None when it is not for this parent."""
        emergency = logbook.is_emergency(line)
        if line.event not in TOLD and not emergency:
            return None
        words = (line.event, line.subject_kind, line.purpose or "", line.rule or "")
        hidden = line.role in _NEVER and not (line.role in _LOOKS_BACK and line.event == LOOKED_BACK)
        if line.event == ASKED:
            return {"C0"} if self.primary else None
        nobody = line.person_id is None and line.event != OUTSIDE
        if nobody or hidden or any(_SAFETY in word for word in words):
            return None
        if line.ground == Ground.RIGHT_TO_REPORT and not emergency:
            return None
        if line.subject_kind == _ABOUT_MEMBER and not self._mine(line):
            return None
        if line.details.get("count") == 0:
            return None  # a list with nothing in it
        said = frozenset((line.compartments or "").split()) or frozenset(TOLD.get(line.event, ()))
        if not said:
            return set() if self.primary else None
        mine = self._own(line, said)
        return mine or None

    def _mine(self, line: Any) -> bool:
        return line.subject_id == self.subject_id or (self.primary and line.subject_id in self.children)

    def _own(self, line: Any, said: frozenset[str]) -> set[str]:
        if line.event in ("client_log.viewed", "client_log.printed"):
            return {"C11"}
        if self.primary:
            return {one for one in said if MATRIX["parent"].get(one, access.Grant()).read and one not in _OTHERS}
        found = set(said & {"C8"})
        whole = MATRIX.get(line.role, {}).get("C0", access.Grant()).read in (Scope.ALL, Scope.OWN)
        if "C0" in said and whole:  # who the partner is, stands there too
            found.add("C0")
        return found


#: Of somebody else, or of the log itself.
_OTHERS = frozenset({"C5", "C8", "C11"})


def _why(line: Any) -> str:
    return _WHY_PURPOSE.get(line.purpose or "") or WHY.get(line.role, _WHY_ELSE)


def _ground(session: Session, case: Case, line: Any, consents: Sequence[Consent]) -> str | None:
    if line.purpose == PURPOSE or line.role in _LOOKS_BACK:
        return None  # the parent asked for it, or nothing of the parent was seen
    if line.organisation_id == case.signaller_organisation_id:
        return _OWN_SIGNAL
    if line.organisation_id is None:
        return GROUNDS.get(line.ground)
    kind = kind_of(session, line.organisation_id)
    agreed = any(_covers(one, line, kind) for one in consents)
    said = [GROUNDS[Ground.CONSENT_OF_SUBJECT]] if agreed else []
    if line.ground in GROUNDS and not (agreed and line.ground == Ground.CONSENT_OF_SUBJECT):
        said.append(GROUNDS[line.ground])
    return " ".join(said) or None


def _covers(one: Consent, line: Any, kind: str) -> bool:
    """Whether this yes held when the line was written, for who is in it."""
    meant = one.recipient_organisation_id == line.organisation_id or (
        one.recipient_organisation_id is None and one.recipient_kind == kind
    )
    return (
        meant
        and one.purpose in (line.purpose, PURPOSES.get(line.role))
        and one.recorded_at <= line.at
        and (one.withdrawn_at is None or line.at < one.withdrawn_at)
        and (one.valid_until is None or line.at < one.valid_until)
    )


def _lines(session: Session, folds: Mapping[_Key, _Fold], names: dict[UUID | None, str]) -> Iterable[ClientLogLine]:
    for organisation_id, *_ in folds:
        if organisation_id is not None and organisation_id not in names:
            names[organisation_id] = organisations.organisation(session, organisation_id).name

    def order(key: _Key) -> tuple[bool, str, str, str, str]:
        return not key[4], names[key[0]], key[1], key[2], key[3] or ""

    for key in sorted(folds, key=order):
        organisation_id, role, why, ground, emergency = key
        fold = folds[key]
        yield ClientLogLine(
            organisation_id=organisation_id,
            organisation=names[organisation_id],
            role=role,
            people=len(fold.people),
            times=len(fold.openings),
            compartments=tuple(access.in_order(fold.compartments)),
            why=why,
            ground=ground,
            emergency=emergency,
        )
