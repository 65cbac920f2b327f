"""What goes along when a case is handed over, and what arrived: told beforehand, frozen when it is sent, compared when it is
accepted, and provable to both sides for as long as the case is kept.

Whoever hands over changes states in the same transaction; this only looks, keeps and writes down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, alarms, handovers, logbook, organisations, packages
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.errors import Invalid
from workflows.handovers import Handover
from workflows.logbook import LoggedChange
from workflows.method.choices import receivers
from workflows.method.facts import NOWHERE, RECEIVING_ROLES, case_facts, facts_when_holding, find_case, write_read
from workflows.method.manifest import KINDS, UNSAID, Item, Viewer, items, viewer
from workflows.method.reading import entry_view, readable_entries
from workflows.method.views import EntryView, MemberView
from workflows.packages import (
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
        return packages.freeze(session, handover, [frozen(one) for one in found], by=by, at=at)


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
            receipt = packages.add_receipt(session, package, outcomes, by=by, at=at)
            if missing := sum(one.result == ReceiptResult.MISSING for one in outcomes):
                for side in sorted({handover.from_organisation_id, handover.to_organisation_id}):
                    alarms.lost_item(session, side, case_id=case.id, receipt_id=receipt.id, count=missing, at=at)
            return receipt


#: Of another parent: not on a screen that is shown to one of them, whichever way it goes.
_APART = "C8"
#: What stands in the preview word for word; of the rest it says how many there are.
_IN_WORDS = frozenset({"member", "address", "entry", "goal", "action", "comment", "attachment", "task"})


@dataclass(frozen=True, slots=True)
class HeldApart:
    """Things of one kind that would not go along."""

    kind: str
    compartment: str
    ground: str
    count: int
    forms: tuple[str, ...] = ()  #: of entries: which forms


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go along, as the receiver will see it, of what the sender may see too. Without anything of another parent,
    for the parent looks along. Without a receiver nothing is told yet.

    Args:
        others: other kinds and how many of each go along.
        held_back: what does not, and why; without what a team keeps for itself.
    """

    case_id: UUID
    case_number: str
    receivers: tuple[tuple[str, str], ...]
    receiver: str | None = None
    to_organisation_id: UUID | None = None
    to_role: str | None = None
    members: tuple[MemberView, ...] = ()
    entries: tuple[EntryView, ...] = ()
    goals: tuple[str, ...] = ()
    actions: tuple[tuple[str, str | None, UUID | None], ...] = ()  #: what, who of the family, or which organisation
    comments: tuple[tuple[datetime, str], ...] = ()
    attachments: tuple[str, ...] = ()
    tasks: tuple[tuple[str, datetime | None], ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    held_back: tuple[HeldApart, ...] = ()


def preview(session: Session, case_id: UUID, *, receiver: str | None = None, by: Actor, at: datetime) -> Preview:
    """What would go along when *by* handed the case over now, to look at with the parent; the read is written down.

    Args:
        receiver: as the form has it: ``<organisation>:<role>``; left out: whom it is being offered to, if anybody.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case. Invalid: nobody that it can be handed to.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "preview_package", facts, at=at)
    with logbook.deciding(session):
        choices = tuple(receivers(session, case, by, at))
    chosen = receiver or _offered_to(session, case)
    empty = Preview(case.id, case.number, choices)
    if chosen is None:
        write_read(session, "package.previewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at)
        return empty
    organisation_id, role = _team(session, chosen, at)
    to = Actor(NOWHERE, None, organisation_id, role)
    with house(session), logbook.deciding(session):  # cut below to what *by* may see as well
        told = manifest(session, case, to_organisation_id=organisation_id, to_role=role, sender=by, at=at)
        theirs = facts_when_holding(session, case, by=to, at=at)
        eyes = viewer(session, case, theirs, by=to, at=at)
        entries = readable_entries(session, case, facts=theirs, readable=eyes.readable, by=to)
        mine = _viewer_now(session, case, by, at)
    shown = [one.item for one in told if one.ground is None and one.known and one.item.compartment != _APART]
    rest = Counter(one.kind for one in shown if one.kind not in _IN_WORDS)
    saw = {one.compartment for one in shown}
    write_read(
        session, "package.previewed", "case", case.id, case=case, facts=facts, purpose="case", saw=saw, by=by, at=at
    )
    members = {one.id for one in shown if one.kind == "member"}
    return replace(
        empty,
        receiver=chosen,
        to_organisation_id=organisation_id,
        to_role=role,
        members=tuple(one for one in eyes.members.values() if one.id in members),
        entries=tuple(view for one in entries if (view := _cut(entry_view(session, one), mine)).values),
        goals=tuple(str(one.content["parent_words"]) for one in shown if one.kind == "goal"),
        actions=tuple(_action(one.content) for one in shown if one.kind == "action"),
        comments=tuple((one.content["at"], str(one.content["text"])) for one in shown if one.kind == "comment"),
        attachments=tuple(
            str(one.content["description"] or one.content["name"]) for one in shown if one.kind == "attachment"
        ),
        tasks=tuple((str(one.content["name"]), one.content["due_at"]) for one in shown if one.kind == "task"),
        others=tuple((kind, rest[kind]) for kind in KINDS if rest[kind]),
        held_back=_held_apart(told),
    )


def _cut(entry: EntryView, mine: Viewer) -> EntryView:
    """Of what the receiver will read, what the sender reads too and is not of another parent or about safety."""
    return replace(
        entry,
        values=tuple(
            one
            for one in entry.values
            if one.compartment not in (_APART, UNSAID) and (entry.id, one.field, one.position) in mine.answers
        ),
    )


def _action(told: Mapping[str, Any]) -> tuple[str, str | None, UUID | None]:
    return str(told["what"]), told["owner_name"] or None, told["organisation_id"]


def _held_apart(told: list[Told]) -> tuple[HeldApart, ...]:
    found: dict[tuple[str, str, str], list[Item]] = {}
    for one in told:
        ground = one.ground
        apart = one.item.compartment == _APART or ground in (WithheldBecause.OTHER_PARENT, WithheldBecause.OWN_RECORDS)
        if ground is not None and one.known and not apart:
            found.setdefault((one.item.kind, one.item.compartment, str(ground)), []).append(one.item)
    return tuple(
        HeldApart(kind, compartment, ground, len(those), _forms(those))
        for (kind, compartment, ground), those in found.items()
    )


def _forms(those: list[Item]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.content["form_key"]) for one in those if one.kind == "entry"))


def _offered_to(session: Session, case: Case) -> str | None:
    offered = handovers.opened(session, case.id)
    return None if offered is None else f"{offered.to_organisation_id}:{offered.to_role}"


def _team(session: Session, chosen: str, at: datetime) -> tuple[UUID, str]:
    identity, _, role = chosen.partition(":")
    wrong = Invalid("no such receiver", errors={"receiver": ["Kies een organisatie uit de lijst."]})
    try:
        organisation_id = UUID(identity)
    except ValueError:
        raise wrong from None
    if role not in RECEIVING_ROLES:
        raise wrong
    there = organisations.organisations_for(session, role=role, municipality=None, on=local_date(at))
    if organisation_id not in {one.id for one in there}:
        raise wrong
    return organisation_id, role


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
    return [one for one in told_to(session, case, theirs, sender=sender, at=at) if one.item.id != leaving_out]


def told_to(session: Session, case: Case, theirs: Viewer, *, sender: Actor, at: datetime) -> list[Told]:
    """As :func:`manifest`, to whoever is in front of the case."""
    mine = _viewer_now(session, case, sender, at)
    return [Told(one, one.sees(theirs), one.sees(mine) is None) for one in items(session, case, theirs) if one.frozen]


def _viewer_now(session: Session, case: Case, by: Actor, at: datetime) -> Viewer:
    return viewer(session, case, case_facts(session, case, by=by, at=at), by=by, at=at)


def _sender(handover: Handover) -> Actor:
    return Actor(handover.from_person_id or NOWHERE, None, handover.from_organisation_id, handover.from_role)


def frozen(told: Told) -> Frozen:
    """An item as it is kept."""
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
