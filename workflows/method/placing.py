"""Where a step of a process goes: from a role to an organisation, and not without the family's consent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.process import Waiting
from workflows import consent, families, handovers, organisations, settings
from workflows.cases import Case, CaseParty
from workflows.errors import ConsentMissing
from workflows.method.facts import PURPOSES, kind_of
from workflows.organisations import Organisation
from workflows.processes import Place
from workflows.safety import SafetyFile

#: Roles whose work needs no data of the family: they watch that agreements are kept. No consent is asked to give them
#: a task; what they see on it is cut by the matrix.
WITHOUT_DATA = frozenset({"process_director"})
#: A lane with this role belongs to whoever holds the case, in whatever role that is.
HOLDER = "holder"
#: A lane with this role belongs to whom the case is being offered to.
RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machine has to know of the world: where steps go, and when terms end."""

    place: Callable[[Waiting], Place]
    terms: Callable[[str, datetime], datetime]


def around_case(session: Session, case: Case, *, at: datetime, careful: bool = True) -> Surroundings:
    """For a run of a case.

    Args:
        careful: refuse a step that would share without consent, so that nothing is kept. When nobody is there to be
            told (a timer, a message), such a step goes to the holder instead.
    """
    return Surroundings(
        place=lambda step: place_case_step(session, case, step, at=at, careful=careful),
        terms=_terms(session, case.municipality_code, lambda: _anchors(session, case)),
    )


def around_safety(session: Session, file: SafetyFile) -> Surroundings:
    """For the run of a safety file: it never leaves the own organisation, and its card says nothing of the family."""
    return Surroundings(
        place=lambda step: Place(
            organisation_id=file.organisation_id,
            role=step.role or "protection_officer",
            urgency="acute" if file.level == "acute" else "urgent",
        ),
        terms=_terms(session, None, dict),
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
    if organisation != case.signaller_organisation_id and role not in WITHOUT_DATA:
        try:
            require_consent(session, case, organisation_id=organisation, role=role, at=at)
        except ConsentMissing:
            if careful:
                raise
            return holder if holder.organisation_id != organisation else signaller_place(case)
    return _place(case, organisation, role)


def require_consent(session: Session, case: Case, *, organisation_id: UUID, role: str, at: datetime) -> None:
    """Refuse to give an organisation a task in *role* that the family did not agree to.

    Raises:
        ConsentMissing: no consent for this purpose and recipient now; also for a role without a purpose.
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
    return _place(case, case.holder_organisation_id, case.holder_role)


def receiver_place(session: Session, case: Case) -> Place:
    """Where the offered handover waits for an answer; the holder's place when nothing is offered."""
    offered = handovers.pending(session, case.id)
    return holder_place(case) if offered is None else _place(case, offered.to_organisation_id, offered.to_role)


def director_place(session: Session, case: Case, *, at: datetime) -> Place:
    """A process director who can be alarmed: of the municipality, else any of the region, else where the case came from."""
    role = "process_director"
    found = _organisation(session, case, role, at)
    if found is not None:
        return _place(case, found, role)
    elsewhere = organisations.organisations_for(session, role=role, municipality=None, on=local_date(at))
    if elsewhere:
        return replace(_place(case, elsewhere[0].id, role), municipality_code=None)
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


def _terms(
    session: Session, municipality: str | None, anchors: Callable[[], dict[str, date]]
) -> Callable[[str, datetime], datetime]:
    resolver: Callable[[str, datetime], datetime] | None = None

    def resolve(name: str, began: datetime) -> datetime:
        nonlocal resolver
        if resolver is None:  # most moves open no term that hangs on the pregnancy
            resolver = settings.term_resolver(session, municipality=municipality, anchors=anchors())
        return resolver(name, began)

    return resolve


def _anchors(session: Session, case: Case) -> dict[str, date]:
    if case.family_id is None:
        return {}
    due = families.current_due_date(session, case.family_id)
    return {} if due is None else {"due_date": due}


__all__ = [
    "HOLDER",
    "RECEIVER",
    "Surroundings",
    "around_case",
    "around_safety",
    "director_place",
    "holder_place",
    "place_case_step",
    "receiver_place",
    "require_consent",
    "signaller_place",
    "supporter_place",
]
