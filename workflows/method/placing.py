"""Where a step of a process goes: from a role to an organisation, and not without the family's consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import gestational_age_days, local_date
from engine.errors import ExpressionFailed
from engine.process import Waiting
from workflows import (
    cases,
    consent,
    diagrams,
    evaluations,
    families,
    handovers,
    hubs,
    organisations,
    processes,
    settings,
    signals,
)
from workflows.cases import Case, CaseParty
from workflows.consent import PURPOSES, WITHOUT_DATA
from workflows.errors import ConsentMissing
from workflows.families import MemberKind
from workflows.handovers import HandoverKind
from workflows.method.facts import LEGAL_DUTY, kind_of
from workflows.organisations import Organisation
from workflows.processes import Place, Task
from workflows.safety import SafetyFile
from workflows.settings import Anchor

#: A lane with this role belongs to whoever holds the case, in whatever role that is.
HOLDER = "holder"
#: A lane with this role belongs to whom the case is being offered to.
RECEIVER = "receiver"
#: The decision table that says how pressing a case is.
PACE_TABLE = "termijnen"
#: Who is told when a case has nobody left: role, and whether it has to work in the municipality of the case. Somebody whom
#: the case is closed to is nobody here. After these it is put before those who signalled, who know the family already.
ALARMED = (("process_director", True), ("process_director", False))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machine has to know of the world: where steps go, and when terms end."""

    place: Callable[[Waiting], Place]
    terms: Callable[[str, datetime], datetime]


def around_case(
    session: Session, case: Case, *, at: datetime, careful: bool = True, digest: str | None = None
) -> Surroundings:
    """For a run of a case.

    Args:
        careful: refuse a step that would share without consent, so that nothing is kept. When nobody is there to be
            told (a timer, a message), such a step goes to the holder instead.
        digest: of the bundle of the run, if it is known; else it is looked up when a term asks for it.
    """
    anchors = Anchors(session, case)
    return Surroundings(
        place=lambda step: place_case_step(session, case, step, at=at, careful=careful),
        terms=settings.term_resolver(
            session,
            municipality=case.municipality_code,
            anchors=anchors,
            on=local_date(at),
            pace=cache(lambda began: pace(session, case, anchors, began, digest=digest)),
        ),
    )


def around_safety(session: Session, file: SafetyFile, *, at: datetime) -> Surroundings:
    """For the run of a safety file: it never leaves the own organisation, and its card says nothing of the family."""
    return Surroundings(
        place=lambda step: Place(
            organisation_id=file.organisation_id,
            role=step.role or "protection_officer",
            urgency="acute" if file.level == "acute" else "urgent",
        ),
        terms=settings.term_resolver(session, municipality=None, anchors={}, on=local_date(at)),
    )


def place_case_step(session: Session, case: Case, step: Waiting, *, at: datetime, careful: bool) -> Place:
    """The organisation for a step's role; nothing found: the holder's, so that no task is ever nobody's.

    Raises:
        ConsentMissing: (*careful*) it would go to an organisation that the family did not agree to.
    """
    holder = holder_place(case)
    if step.role in (None, HOLDER):
        return holder
    role = step.role
    organisation: UUID | None
    if role == RECEIVER:
        there = receiver_place(session, case)
        role, organisation = there.role, there.organisation_id
    else:
        organisation = _organisation(session, case, role, at)
    if organisation is None:
        return holder
    if organisation != holder.organisation_id and not organisations.organisation(session, organisation).active:
        return holder  # it stopped
    if organisation != case.signaller_organisation_id and role not in WITHOUT_DATA:
        try:
            require_consent(session, case, organisation_id=organisation, role=role, at=at)
        except ConsentMissing:
            if careful:
                raise
            return holder if holder.organisation_id != organisation else signaller_place(case)
    return _place(case, organisation, role)


def shares(case: Case, task: Task) -> bool:
    """Whether doing this task shares the family's data with another organisation than the signaller's."""
    return (
        task.organisation_id != case.signaller_organisation_id
        and task.role not in WITHOUT_DATA
        and task.form_key not in LEGAL_DUTY
    )


def require_consent(session: Session, case: Case, *, organisation_id: UUID, role: str, at: datetime) -> None:
    """Refuse to give an organisation a task in *role* that the family did not agree to.

    Raises:
        ConsentMissing: no consent for this purpose and recipient now; also for a role without a purpose.
        GroundMissing: consent, and no ground of its own for an organisation that needs one.
    """
    purpose = PURPOSES.get(role)
    if purpose is None:
        raise ConsentMissing(f"case {case.id}: role {role} has no purpose that can be agreed to")
    consent.require(
        session,
        case_id=case.id,
        recipient_organisation_id=organisation_id,
        recipient_kind=kind_of(session, organisation_id),
        purpose=purpose,
        categories=(),  # which of them may be read is asked value by value; here only whether anything may be shared
        at=at,
    )


def holder_place(case: Case) -> Place:
    """Where a task for the holder lies: the holding organisation, in the role in which it holds the case."""
    if case.holder_organisation_id is None or case.holder_role is None:
        return signaller_place(case)  # closed: only a task that was already there can still be asked about
    place = _place(case, case.holder_organisation_id, case.holder_role)
    return replace(place, person_id=case.holder_person_id)


def receiver_place(session: Session, case: Case) -> Place:
    """Where the offered handover waits for an answer; the holder's place when nothing is offered."""
    offered = handovers.pending(session, case.id)
    return holder_place(case) if offered is None else _place(case, offered.to_organisation_id, offered.to_role)


def director_place(session: Session, case: Case, *, at: datetime) -> Place:
    """Who hears that a case has nobody left, the first in :data:`ALARMED` that the case is not closed to; else where the
    case came from."""
    on, away = local_date(at), cases.blocked_people(session, case.id)
    for role, near in ALARMED:
        municipality = case.municipality_code if near else None
        if near and municipality is None:
            continue
        for one in organisations.organisations_for(session, role=role, municipality=municipality, on=on):
            there = organisations.people_with_role(
                session, organisation_id=one.id, role=role, municipality=municipality, on=on
            )
            if {person.id for person, _ in there} - away:
                place = _place(case, one.id, role)
                return place if near else replace(place, municipality_code=None)
    return signaller_place(case)


def signaller_place(case: Case) -> Place:
    """Back where the case came from; what is there was known there already."""
    return _place(case, case.signaller_organisation_id, "signaller")


def supporter_place(case: Case, organisation_id: UUID) -> Place:
    """Where a task about a support action lies: with those who do such actions in the organisation that it is for."""
    return _place(case, organisation_id, "supporter")


def _place(case: Case, organisation_id: UUID, role: str) -> Place:
    return Place(
        organisation_id=organisation_id,
        role=role,
        municipality_code=case.municipality_code,
        urgency=case.urgency,
        language=case.language,
        interpreter_needed=case.interpreter_needed,
        phase=case.phase,
    )


def _organisation(session: Session, case: Case, role: str, at: datetime) -> UUID | None:
    if role == "signaller":
        return case.signaller_organisation_id
    if role == "case_director" and (chosen := hubs.case_director(session, case.id)) is not None:
        return chosen
    if role == case.holder_role:
        return case.holder_organisation_id
    found = organisations.organisations_for(session, role=role, municipality=case.municipality_code, on=local_date(at))
    if len(found) > 1:
        found = _closest(session, case, role, found)
    return found[0].id if found else None


def _closest(session: Session, case: Case, role: str, found: list[Organisation]) -> list[Organisation]:
    """Of several organisations first the one that had this role in the case before, then by name."""
    known = session.scalars(
        select(CaseParty.organisation_id).where(CaseParty.case_id == case.id, CaseParty.role == role)
    ).all()
    return sorted(found, key=lambda organisation: (organisation.id not in known, organisation.name))


def escalation_place(session: Session, case: Case, *, at: datetime) -> Place:
    """Where a term that passed is looked at: with the process director of the municipality, else with the holder's team."""
    if case.municipality_code is not None:
        organisation = _organisation(session, case, "process_director", at)
        if organisation is not None:
            return _place(case, organisation, "process_director")
    return holder_place(case)


def pace(
    session: Session, case: Case, anchors: Mapping[str, Anchor], began: datetime, *, digest: str | None = None
) -> str:
    """What the table ``termijnen`` of the case's bundle says about a term that begins: ``regular`` or ``soon``.

    Regular when the bundle has no such table; soon, the careful choice, when the table cannot be asked.
    """
    digest = digest or processes.run_of(session, "case", case.id).bundle_digest
    table = diagrams.load(session, digest).decisions.get(PACE_TABLE)
    if table is None:
        return "regular"
    due_date = anchors.get("due_date")
    weeks = gestational_age_days(due_date, local_date(began)) // 7 if isinstance(due_date, date) else None
    told = signals.of_case(session, case.id)
    context = {
        "gestational_weeks": weeks,
        "vulnerability_level": told[-1].vulnerability_level if told else None,
        "urgency": case.urgency,
    }
    try:
        outputs = table.decide(context).outputs
    except ExpressionFailed:
        return "soon"
    return "soon" if isinstance(outputs, dict) and outputs.get("pace") == "soon" else "regular"


class Anchors(Mapping[str, Anchor]):
    """The days and facts of a case that terms hang on, each found when a term asks for it, and then once."""

    def __init__(self, session: Session, case: Case) -> None:
        self._session = session
        self._case = case
        self._found: dict[str, Anchor] = {}

    def __getitem__(self, name: str) -> Anchor:
        if name not in self._found:
            self._found[name] = ANCHORS[name](self._session, self._case)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ANCHORS)

    def __len__(self) -> int:
        return len(ANCHORS)


def _due_date(session: Session, case: Case) -> date | None:
    return None if case.family_id is None else families.current_due_date(session, case.family_id)


def _birth_date(session: Session, case: Case) -> date | None:
    """Of the youngest living child; nobody's while another is expected, for then it is about that one."""
    if case.family_id is None or families.current_pregnancy(session, case.family_id) is not None:
        return None
    born = [
        member.birth_date
        for member in families.members(session, case.family_id)
        if member.kind == MemberKind.CHILD and member.birth_date is not None
    ]
    return max(born, default=None)


def _loss(session: Session, case: Case) -> bool:
    """A pregnancy ended so, and no other has begun."""
    if case.family_id is None or not families.ended_in_loss(session, case.family_id):
        return False
    return families.current_pregnancy(session, case.family_id) is None


def _hub_meeting(session: Session, case: Case) -> date | None:
    meeting = hubs.meeting_of(session, case.id)
    return None if meeting is None else local_date(meeting.starts_at)


def _handover_offer(session: Session, case: Case) -> date | None:
    offered = handovers.pending(session, case.id)
    return None if offered is None else offered.answer_from


def _birth_handed_over(session: Session, case: Case) -> bool:
    """Youth health has the family already, or it was handed over around the birth."""
    return case.holder_role == "explorer" or any(
        one.kind == HandoverKind.BIRTH and one.status in handovers.TAKEN for one in handovers.of_case(session, case.id)
    )


#: What terms hang on, by name; asked only when a term needs it.
ANCHORS: dict[str, Callable[[Session, Case], Anchor]] = {
    "due_date": _due_date,
    "birth_date": _birth_date,
    "loss": _loss,
    "evaluation_date": evaluations.next_evaluation,
    "hub_meeting": _hub_meeting,
    "handover_offer": _handover_offer,
    "birth_handed_over": _birth_handed_over,
}


__all__ = [
    "ANCHORS",
    "HOLDER",
    "RECEIVER",
    "Anchors",
    "Surroundings",
    "around_case",
    "around_safety",
    "director_place",
    "escalation_place",
    "holder_place",
    "pace",
    "place_case_step",
    "receiver_place",
    "require_consent",
    "shares",
    "signaller_place",
    "supporter_place",
]
