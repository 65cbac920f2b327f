"""What a family agreed to and refused, and with whom something was shared: the ledger as each reader may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, consent, families
from workflows.access import Facts, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Consent, Disclosure
from workflows.families import MemberKind
from workflows.method.facts import find_case, write_read
from workflows.method.ground_views import GroundView, grounds_of, may_invoke

#: Scopes of the plan in which somebody follows how it goes on, and so may know that something stopped.
_FOLLOWS = frozenset({Scope.ALL, Scope.STATUS, Scope.STATUS_AND_FEEDBACK, Scope.OWN_ACTION_AND_STATUS})


class AnswerStatus(StrEnum):
    """How an answer stands at the moment of reading."""

    ALLOWED = "allowed"  #: a yes that counts
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RUN_OUT = "run_out"
    REPLACED = "replaced"  #: there is a later answer to the same question


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer of the ledger, with everything that makes it demonstrable."""

    id: UUID
    status: AnswerStatus
    subject_id: UUID
    subject_kind: str
    subject_name: str
    recipient_organisation_id: UUID | None
    recipient_kind: str | None
    purpose: str
    category: str
    given: bool
    given_by: str
    authority_checked: bool
    information_given: tuple[str, ...]
    form: str | None
    language: str
    interpreter: bool
    text_version: str
    form_digest: str | None
    recorded_by: UUID | None
    recorded_for: UUID | None
    recorded_at: datetime
    valid_until: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class SharingView:
    """The ledger of one case. ``stopped_at``: when something stopped, for who follows the case; not what, nor with whom.
    ``told``: whether the reader may read consents at all."""

    case_id: UUID
    case_number: str
    told: bool
    answers: tuple[AnswerView, ...]
    disclosures: tuple[Disclosure, ...]
    grounds: tuple[GroundView, ...]
    stopped_at: tuple[datetime, ...]
    may_withdraw: bool
    may_record: bool
    may_invoke: bool


def sharing_of_case(
    session: Session, case_id: UUID, *, by: Actor, at: datetime, event: str = "consents.viewed"
) -> SharingView:
    """The ledger as *by* may read it: of everybody, or what the own organisation asked and was told. Newest first.

    Args:
        event: what is written down, e.g. that it was printed.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    view = sharing(session, case, facts, readable, by=by, at=at)
    saw = {"C10"} if view.answers or view.disclosures or view.grounds else set()
    write_read(session, event, "case", case.id, case=case, facts=facts, purpose="case", saw=saw, by=by, at=at)
    return view


def sharing(session: Session, case: Case, facts: Facts, readable: Readable, *, by: Actor, at: datetime) -> SharingView:
    """As :func:`sharing_of_case`, when somebody reads the case anyway and that is written down."""
    rows = consent.of_case(session, case.id)
    kinds, names = {}, {}
    for member in families.members(session, case.family_id) if case.family_id is not None else ():
        kinds[member.id], names[member.id] = member.kind, member.name
    told = readable.read.get("C10") in (Scope.ALL, Scope.OWN)
    shown = [one for one in rows if told and may_read(one, kinds.get(one.subject_id, ""), readable, by)]
    latest: dict[tuple[object, ...], UUID] = {
        (o.subject_id, o.recipient_organisation_id, o.recipient_kind, o.purpose, o.category): o.id for o in rows
    }
    ids = {str(one.id) for one in shown}
    acts = [one for one in consent.disclosures(session, case.id) if told and may_know(one, readable, by, ids)]
    answers = tuple(
        AnswerView(
            status=_status(one, latest, at),
            subject_kind=kinds.get(one.subject_id, ""),
            subject_name=names.get(one.subject_id, "") if readable.read.get("C0") in (Scope.ALL, Scope.OWN) else "",
            information_given=tuple(one.information_given),
            **{name: getattr(one, name) for name in _AS_KEPT},
        )
        for one in reversed(shown)
    )
    return SharingView(
        case_id=case.id,
        case_number=case.number,
        told=told,
        answers=answers,
        disclosures=tuple(reversed(acts)),
        grounds=grounds_of(session, case, facts, readable, by=by, at=at),
        stopped_at=_stopped(rows, case.closed_at or at) if facts.holder or readable.read.get("C6") in _FOLLOWS else (),
        may_withdraw=access.allows(by, "withdraw_consent", facts) and any(one.holds(at) for one in rows),
        may_record=not case.is_closed and case.erase_on is None and access.allows(by, "record_consent", facts),
        may_invoke=may_invoke(session, case, facts, by=by, at=at),
    )


def may_read(one: Consent, subject_kind: str, readable: Readable, by: Actor) -> bool:
    """Whether an answer may be read: what the own organisation asked, or all; of a partner only by who reads the partner's
    data, so that what one parent refused is not told through the other."""
    if by.organisation_id is not None and one.recorded_for == by.organisation_id:
        return "C10" in readable.own_compartments
    if subject_kind == MemberKind.PARTNER and "C8" not in readable.compartments:
        return False
    return "C10" in readable.compartments


def may_know(one: Disclosure, readable: Readable, by: Actor, ids: set[str]) -> bool:
    """Whether *by* may know of an act of sharing: one that the own organisation did or received, or that rests on answers
    that may be read, of which *ids* are the ids."""
    if by.organisation_id in (one.recipient_organisation_id, one.by_organisation_id):
        return True
    if one.ground in access.GROUNDS and access.GROUNDS[access.Ground(one.ground)].silent:
        return False  # told to somebody about safety: only who told it knows
    return set(one.consent_ids) <= ids if one.consent_ids else "C10" in readable.compartments


def _status(one: Consent, latest: dict[tuple[object, ...], UUID], at: datetime) -> AnswerStatus:
    key = (one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category)
    if latest[key] != one.id:
        return AnswerStatus.REPLACED
    if not one.given:
        return AnswerStatus.REFUSED
    if one.withdrawn_at is not None:
        return AnswerStatus.WITHDRAWN
    return AnswerStatus.ALLOWED if one.holds(at) else AnswerStatus.RUN_OUT


def _stopped(rows: list[Consent], until: datetime) -> tuple[datetime, ...]:
    """When a yes was taken back, by withdrawing it or with a later no, or ran out; newest first. What ended because the case
    did, at *until*, did not stop."""
    moments: set[datetime] = set()
    yes: dict[tuple[object, ...], Consent] = {}
    for one in rows:
        key = (one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category)
        if not one.given and key in yes and yes[key].holds(one.recorded_at):
            moments.add(one.recorded_at)
        if one.withdrawn_at is not None:
            moments.add(one.withdrawn_at)
        elif one.given and one.valid_until is not None and one.valid_until < until:
            moments.add(one.valid_until)
        if one.given:
            yes[key] = one
        else:
            yes.pop(key, None)
    return tuple(sorted(moments, reverse=True))


_AS_KEPT = (
    "id",
    "subject_id",
    "recipient_organisation_id",
    "recipient_kind",
    "purpose",
    "category",
    "given",
    "given_by",
    "authority_checked",
    "form",
    "language",
    "interpreter",
    "text_version",
    "form_digest",
    "recorded_by",
    "recorded_for",
    "recorded_at",
    "valid_until",
    "withdrawn_at",
    "withdrawn_by",
)
