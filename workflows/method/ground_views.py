"""Grounds beside consent as each reader may know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, consent
from workflows.access import Facts, Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import CaseGround
from workflows.method.facts import kind_of


@dataclass(frozen=True, slots=True)
class GroundView:
    """A ground that was invoked. ``reason`` is for who invoked it and who holds the case."""

    id: UUID
    ground: str
    silent: bool
    organisation_id: UUID
    role: str
    recorded_by: UUID | None
    recipient_organisation_id: UUID | None
    recipient_kind: str | None
    recipient_role: str | None
    purpose: str | None
    categories: tuple[str, ...]
    reason: str | None
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None
    ended_through: str | None
    told_at: datetime | None
    runs: bool
    may_end: bool
    may_tell: bool


def grounds_of(
    session: Session, case: Case, facts: Facts, readable: Readable, *, by: Actor, at: datetime
) -> tuple[GroundView, ...]:
    """What was invoked for a case, as far as *by* may know, the newest first; the caller writes the read down."""
    return tuple(
        view_of_ground(one, facts, by=by, at=at)
        for one in consent.grounds_of(session, case.id)
        if may_know_ground(one, facts, readable, by)
    )


def may_know_ground(one: CaseGround, facts: Facts, readable: Readable, by: Actor) -> bool:
    """Whether *by* may know that it was invoked: the own organisation's, and what is not silent for who holds the case, reads
    the consents or receives on it."""
    if one.organisation_id == by.organisation_id:
        return True
    reads = facts.holder or "C10" in readable.compartments
    return not one.silent and (reads or one.recipient_organisation_id == by.organisation_id)


def may_invoke(session: Session, case: Case, facts: Facts, *, by: Actor, at: datetime) -> bool:
    """Whether *by* can invoke any ground; for showing the way there, never instead of asking."""
    if case.is_closed or by.organisation_id is None or not access.allows(by, "invoke_ground", facts):
        return False
    return bool(access.invocable(by.role, kind_of(session, by.organisation_id), on=local_date(at)))


def may_end(one: CaseGround, facts: Facts, by: Actor) -> bool:
    """Whether a ground is *by*'s to end: of the own organisation, or of a case that *by* holds."""
    return one.organisation_id == by.organisation_id or facts.holder


def view_of_ground(one: CaseGround, facts: Facts, *, by: Actor, at: datetime) -> GroundView:
    """As *by*, who may know of it, sees it."""
    own, allowed = one.organisation_id == by.organisation_id, access.allows(by, "end_ground", facts)
    kept = {name: getattr(one, name) for name in _AS_KEPT}
    return GroundView(
        **kept,
        categories=tuple(one.categories),
        reason=one.reason if own or facts.holder else None,
        runs=one.runs(at),
        may_end=allowed and one.ended_at is None and not one.silent and may_end(one, facts, by),
        may_tell=allowed and own and one.silent and one.told_at is None,
    )


_AS_KEPT = (
    "id",
    "ground",
    "silent",
    "organisation_id",
    "role",
    "recorded_by",
    "recipient_organisation_id",
    "recipient_kind",
    "recipient_role",
    "purpose",
    "from_at",
    "until_at",
    "ended_at",
    "ended_through",
    "told_at",
)
