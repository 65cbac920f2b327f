"""What goes along when a case is handed over, and what arrived: told beforehand, frozen when it is sent, compared when it is
accepted, and provable to both sides for as long as the case is kept.

Whoever hands over changes states in the same transaction; this only looks, keeps and writes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import logbook, packages
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.handovers import Handover
from workflows.logbook import LoggedChange
from workflows.method.facts import NOWHERE, case_facts, facts_when_holding
from workflows.method.manifest import KINDS, Item, Viewer, items, viewer
from workflows.packages import (
    Disposition,
    Frozen,
    HandoverPackage,
    HandoverReceipt,
    Outcome,
    PackageItem,
    ReceiptResult,
    WithheldBecause,
    canonical,
    digest_of,
)

#: Events with which somebody takes away what they had put there themselves.
_TAKEN_AWAY = ("attachment.removed", "entry.withdrawn")


@dataclass(frozen=True, slots=True)
class Told:
    """An item, whether the receiver can read it, and whether the sender may know that it is there."""

    item: Item
    ground: WithheldBecause | None
    known: bool


def freeze(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> HandoverPackage:
    """Keep what goes along with a handover as it is now: when it is offered, and anew after each answered question. The case
    is locked by the caller."""
    session.flush()
    with house(session), logbook.deciding(session):  # whole, whoever sends it; what is shown of it is cut
        found = manifest(
            session,
            case,
            to_organisation_id=handover.to_organisation_id,
            to_role=handover.to_role,
            sender=_sender(handover),
            leaving_out=handover.id,
            at=at,
        )
        return packages.freeze(session, handover, [_frozen(one) for one in found], by=by, at=at)


def receive(session: Session, case: Case, handover: Handover, *, by: Actor, at: datetime) -> HandoverReceipt | None:
    """Compare what *by*, who accepted and holds the case now, can really read with what was sent, and keep that.

    Returns:
        None when nothing was frozen: it was offered before there were packages.
    """
    session.flush()
    with house(session):
        package = packages.latest(session, handover.id)
    if package is None:
        return None
    with logbook.deciding(session):
        mine = viewer(session, case, case_facts(session, case, by=by, at=at), by=by, at=at)  # in their own eyes
        with house(session):
            sender = _viewer_now(session, case, _sender(handover), at)
            outcomes = _compared(session, case, handover, package, mine, sender)
            return packages.add_receipt(session, package, outcomes, by=by, at=at)


def manifest(
    session: Session,
    case: Case,
    *,
    to_organisation_id: UUID,
    to_role: str,
    sender: Actor,
    leaving_out: UUID | None = None,
    at: datetime,
) -> list[Told]:
    """Everything that belongs to the family, with how it would go to a receiver once that one holds the case. For the house
    to read.

    Args:
        leaving_out: the handover itself, which is no part of what it brings.
    """
    receiver = Actor(NOWHERE, None, to_organisation_id, to_role)  # whoever of that team it will be
    theirs = viewer(session, case, facts_when_holding(session, case, by=receiver, at=at), by=receiver, at=at)
    mine = _viewer_now(session, case, sender, at)
    return [
        Told(one, one.sees(theirs), one.sees(mine) is None)
        for one in items(session, case, theirs)
        if one.frozen and one.id != leaving_out
    ]


def _viewer_now(session: Session, case: Case, by: Actor, at: datetime) -> Viewer:
    return viewer(session, case, case_facts(session, case, by=by, at=at), by=by, at=at)


def _sender(handover: Handover) -> Actor:
    return Actor(handover.from_person_id or NOWHERE, None, handover.from_organisation_id, handover.from_role)


def _frozen(told: Told) -> Frozen:
    one = told.item
    return Frozen(
        kind=one.kind,
        item_id=one.id,
        part=one.part,
        moment=one.moment,
        compartment=one.compartment,
        ground=told.ground,
        known=told.known,
        member_id=one.member_id,
        content=one.content,
    )


def _compared(
    session: Session, case: Case, handover: Handover, package: HandoverPackage, mine: Viewer, sender: Viewer
) -> list[Outcome]:
    """Each line of the package as it is now, in its order, and after them what came since."""
    now = {one.key: one for one in items(session, case, mine) if one.id != handover.id}
    sent = packages.items_of(session, package.id)
    keys = {(line.kind, line.item_id, line.compartment, line.part) for line in sent}
    taken = _taken_away(session, {key[1] for key in keys - set(now)})
    outcomes = []
    for line in sent:
        one = now.get((line.kind, line.item_id, line.compartment, line.part))
        result, ground = _gone(line, taken) if one is None else _became(line, one, mine)
        outcomes.append(_outcome(line, result, ground, known=line.known))
    for key, one in now.items():
        if key not in keys and one.frozen:
            ground = one.sees(mine)
            result = ReceiptResult.ADDED if ground is None else ReceiptResult.WITHHELD
            outcomes.append(_outcome(one, result, ground, known=one.sees(sender) is None))
    return outcomes


def _became(line: PackageItem, one: Item, mine: Viewer) -> tuple[ReceiptResult, WithheldBecause | None]:
    if (ground := one.sees(mine)) is not None:
        return ReceiptResult.WITHHELD, ground
    same = line.salt is not None and digest_of(line.salt, canonical(one.content)) == line.digest
    return (ReceiptResult.SEEN if same else ReceiptResult.CHANGED), None


def _gone(line: PackageItem, taken: frozenset[UUID]) -> tuple[ReceiptResult, None]:
    if line.content is None:
        return ReceiptResult.ERASED, None
    if line.item_id in taken:
        return ReceiptResult.REMOVED, None
    return (ReceiptResult.CHANGED if KINDS[line.kind].fleeting else ReceiptResult.MISSING), None


def _taken_away(session: Session, ids: set[UUID]) -> frozenset[UUID]:
    if not ids:
        return frozenset()
    query = select(LoggedChange.subject_id).where(
        LoggedChange.subject_id.in_([str(one) for one in ids]), LoggedChange.event.in_(_TAKEN_AWAY)
    )
    return frozenset(UUID(one) for one in session.scalars(query))


def _outcome(one: PackageItem | Item, result: ReceiptResult, ground: WithheldBecause | None, *, known: bool) -> Outcome:
    return Outcome(
        kind=one.kind,
        item_id=one.item_id if isinstance(one, PackageItem) else one.id,
        part=one.part,
        compartment=one.compartment,
        result=result,
        ground=ground,
        known=known,
    )


__all__ = ["Disposition", "Told", "freeze", "manifest", "receive"]
