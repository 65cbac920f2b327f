"""Proving years later what was handed over and what arrived: to both sides, to who looks after a log, and to the operator.

Whoever has left the case sees that it is as it was, in numbers and hashes, and nothing of what it said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import access, cases, handovers, logbook, outside, packages
from workflows.access import Facts
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.dossier import Entry
from workflows.errors import NotFound
from workflows.handovers import Handover
from workflows.method.facts import find_case, may_know_handover
from workflows.packages import Checked, HandoverPackage, HandoverReceipt, PackageItem, ReceiptItem, ReceiptResult
from workflows.processes import Page, read_cursor, write_cursor


class Side(StrEnum):
    """As whom somebody looks at what was handed over."""

    SENDER = "sender"
    RECEIVER = "receiver"
    LOG = "log"  #: looks after the log of one of both


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Things of one kind that did not go along, of which the sender may know."""

    kind: str
    compartment: str
    ground: str
    count: int


@dataclass(frozen=True, slots=True)
class ProofView:
    """What was sent with a handover and what arrived, as one side may see it. Nothing of what any of it said.

    Args:
        counts: of what became of the things that this side may know of: code and number, never of what was withheld.
        held_back: for the sender only.
        more: there is more than the receiver reads; no count and no kind is told to it.
        same: whether the hash that somebody has on paper is this one; None: none was given.
    """

    proof_id: UUID
    package_id: UUID
    receipt_id: UUID | None
    case_id: UUID
    case_number: str
    handover_id: UUID
    side: Side
    version: int
    from_organisation_id: UUID
    from_role: str
    to_organisation_id: UUID
    to_role: str
    sent_at: datetime
    accepted_at: datetime | None
    verdict: str | None
    more: bool
    package_hash: str
    receipt_hash: str | None
    checked: Checked
    counts: tuple[tuple[str, int], ...]
    held_back: tuple[HeldBack, ...]
    earlier: tuple[tuple[UUID, int, datetime, str], ...]  #: other versions: id, number, moment and hash
    same: bool | None
    may_open_case: bool = False

    @property
    def hash(self) -> str:
        """The one that stands on paper: of the receipt, or of the package while nobody accepted it."""
        return self.receipt_hash or self.package_hash


@dataclass(frozen=True, slots=True)
class PackageCard:
    """That something was sent with a handover, for beside that handover on the page of its case."""

    handover_id: UUID
    proof_id: UUID
    version: int
    sent_at: datetime
    verdict: str | None


@dataclass(frozen=True, slots=True)
class TeamProof:
    """One handover of the own team, also of a case that it is out of: who with whom, when, and how it arrived.

    Args:
        verdict: as the receipt says; None: nobody accepted it.
    """

    proof_id: UUID
    case_number: str
    side: Side
    from_organisation_id: UUID
    from_role: str
    to_organisation_id: UUID
    to_role: str
    sent_at: datetime
    accepted_at: datetime | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class OperatorProof:
    """What the command line tells: ids, hashes and whether they hold."""

    package_id: UUID
    receipt_id: UUID | None
    version: int
    sent_at: datetime
    accepted_at: datetime | None
    verdict: str | None
    package_hash: str
    receipt_hash: str | None
    checked: Checked
    same: bool | None = field(default=None)


def proof_view(
    session: Session, proof_id: UUID, *, given: str | None = None, printed: bool = False, by: Actor, at: datetime
) -> ProofView:
    """Check a package, with its receipt if there is one, and tell it as *by* may see it; the look is written down.

    Args:
        proof_id: of the receipt, or of the package.
        given: a hash from paper to compare with.
        printed: taken along as a file.

    Raises:
        NotFound: there is none, or *by* is no side of it.
    """
    with house(session), logbook.deciding(session):  # both sides have a right to it, also out of the case
        found = packages.prove(session, proof_id)
        package = None if found is None else found[0]
        facts = Facts() if package is None else _facts(session, package, by)
    access.require(by, "verify_package", facts, at=at)
    if found is None or package is None:
        raise NotFound(f"proof {proof_id}")
    receipt, side = found[1], _side(package, by)
    with house(session), logbook.deciding(session):
        checked = packages.check(session, package, receipt)
        number = session.get_one(Case, package.case_id).number
        sent = packages.items_of(session, package.id)
        arrived = [] if receipt is None else packages.receipt_items(session, receipt.id)
        earlier = [one for one in packages.versions(session, package.handover_id) if one.id != package.id]
    about = {"case_id": package.case_id, "by": by, "at": at, "purpose": "handover"}
    about |= {"rule": access.rule_of(by, facts), "details": {"holds": checked.holds}}
    kind = "handover_receipt" if receipt is not None else "handover_package"
    subject = receipt.id if receipt is not None else package.id
    if printed:
        logbook.read(session, "package.printed", kind, subject, **about)  # type: ignore[arg-type]
    else:
        logbook.read(session, "package.verified", kind, subject, **about)  # type: ignore[arg-type]
    return ProofView(
        proof_id=subject,
        package_id=package.id,
        receipt_id=None if receipt is None else receipt.id,
        case_id=package.case_id,
        case_number=number,
        handover_id=package.handover_id,
        side=side,
        version=package.version,
        from_organisation_id=package.from_organisation_id,
        from_role=package.from_role,
        to_organisation_id=package.to_organisation_id,
        to_role=package.to_role,
        sent_at=package.frozen_at,
        accepted_at=None if receipt is None else receipt.accepted_at,
        verdict=None if receipt is None else receipt.verdict,
        more=_more(sent, arrived),
        package_hash=package.hash,
        receipt_hash=None if receipt is None else receipt.hash,
        checked=replace(checked, erased=_erased(sent, side)),
        counts=_counts(sent, arrived, side),
        held_back=_held_back(sent, arrived) if side == Side.SENDER else (),
        earlier=tuple((one.id, one.version, one.frozen_at, one.hash) for one in earlier),
        same=_same(package, receipt, given),
        may_open_case=_may_open(session, package.case_id, by=by, at=at),
    )


def package_cards(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[PackageCard]:
    """What was sent with the handovers of a case of which *by* is a side, the newest version of each; the page that they
    stand on writes down that it was read.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    with logbook.deciding(session):
        case, facts = find_case(session, case_id, by=by, at=at)
        scope = access.visible(by, facts).read.get("C9")
        known = {one.id for one in handovers.of_case(session, case.id) if may_know_handover(one, scope, by)}
        receipts = {one.package_id: one for one in packages.receipts_of(session, case.id)}
        newest: dict[UUID, PackageCard] = {}
        for one in packages.of_case(session, case.id):
            if one.handover_id in known and access.allows(by, "verify_package", Facts(side=_is_side(one, by))):
                receipt = receipts.get(one.id)
                newest[one.handover_id] = PackageCard(
                    one.handover_id, one.id if receipt is None else receipt.id, one.version, one.frozen_at,
                    None if receipt is None else receipt.verdict,
                )  # fmt: skip
    return list(newest.values())


def team_proofs(
    session: Session, *, by: Actor, at: datetime, cursor: str | None = None, page_size: int = 50
) -> Page[TeamProof]:
    """Everything that the team of *by* handed over or got, also of cases that it left; what was sent last comes first. The
    numbers of these cases were read, and that is written down.

    Raises:
        Invalid: a cursor that is not ours.
    """
    access.require(by, "verify_package", Facts(side=True), at=at)
    assert by.organisation_id is not None
    assert by.role is not None
    with house(session), logbook.deciding(session):  # both sides have a right to it, also out of the case
        found = packages.of_team(
            session, by.organisation_id, by.role,
            without=cases.kept_from(session, by), before=read_cursor(cursor), limit=page_size + 1,
        )  # fmt: skip
        ids = {package.case_id for package, _ in found[:page_size]}
        numbers = {row.id: row.number for row in session.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))}
    if numbers:
        logbook.listed(
            session, "packages.listed", numbers, by=by, at=at, purpose="handover",
            rule=access.rule_of(by, Facts(side=True)),
        )  # fmt: skip
    shown = [
        TeamProof(
            proof_id=package.id if receipt is None else receipt.id,
            case_number=numbers[package.case_id],
            side=_side(package, by),
            from_organisation_id=package.from_organisation_id,
            from_role=package.from_role,
            to_organisation_id=package.to_organisation_id,
            to_role=package.to_role,
            sent_at=package.frozen_at,
            accepted_at=None if receipt is None else receipt.accepted_at,
            verdict=None if receipt is None else receipt.verdict,
        )
        for package, receipt in found[:page_size]
    ]
    last = found[page_size - 1][0] if len(found) > page_size else None
    return Page(shown, None if last is None else write_cursor(last.frozen_at, last.id), len(shown))


def proof_of_task(session: Session, task_id: UUID, *, by: Actor) -> UUID | None:
    """The receipt, or the package, of the handover that a task offered or answered; None: none, or not for *by*."""
    query = select(Handover).join(Entry, Entry.id.in_((Handover.offer_entry_id, Handover.answer_entry_id)))
    with logbook.deciding(session):  # its id, and nothing of what is in it
        handover = session.scalars(query.where(Entry.task_id == task_id).limit(1)).first()
        package = None if handover is None else packages.latest(session, handover.id)
        if package is None or not access.allows(by, "verify_package", Facts(side=_is_side(package, by))):
            return None
        receipt = packages.receipt_of(session, package.id)
    return package.id if receipt is None else receipt.id


def operator_proof(session: Session, proof_id: UUID, *, given: str | None = None) -> OperatorProof:
    """What the command line tells of a package or a receipt; for the operator, who sees no content.

    Raises:
        NotFound: there is none.
    """
    found = packages.prove(session, proof_id)
    if found is None:
        return _proof_outside(session, proof_id, given)
    package, receipt = found
    return OperatorProof(
        package_id=package.id,
        receipt_id=None if receipt is None else receipt.id,
        version=package.version,
        sent_at=package.frozen_at,
        accepted_at=None if receipt is None else receipt.accepted_at,
        verdict=None if receipt is None else receipt.verdict,
        package_hash=package.hash,
        receipt_hash=None if receipt is None else receipt.hash,
        checked=packages.check(session, package, receipt),
        same=_same(package, receipt, given),
    )


def _proof_outside(session: Session, proof_id: UUID, given: str | None) -> OperatorProof:
    """As :func:`operator_proof`, of a package for a party without an account: one version, and one receipt at most."""
    sent = outside.find(session, proof_id)
    if sent is None:
        raise NotFound(f"proof {proof_id}")
    found = outside.check(session, sent)
    lines = [found.sent, *([] if found.received is None else [found.received])]
    package_hash, receipt_hash = outside.package_hash(sent), outside.receipt_hash(sent)
    return OperatorProof(
        package_id=sent.id,
        receipt_id=None if receipt_hash is None else sent.id,
        version=1,
        sent_at=sent.sent_at,
        accepted_at=sent.received_at,
        verdict=None,
        package_hash=package_hash,
        receipt_hash=receipt_hash,
        checked=Checked(
            altered=found.altered,
            erased=found.erased,
            lines=found.lines,
            receipt=None if found.received is None else found.received != logbook.Anchored.BROKEN,
            anchored=max(lines, key=list(logbook.Anchored).index),
        ),
        same=None if given is None else given.strip().lower() in (package_hash, receipt_hash),
    )


def _facts(session: Session, package: HandoverPackage, by: Actor) -> Facts:
    side = _is_side(package, by)
    sides = (package.from_organisation_id, package.to_organisation_id)
    return Facts(
        side=side,
        own_organisation=by.organisation_id in sides,
        blocked=side and cases.is_blocked(session, package.case_id, by.person_id),
    )


def _is_side(package: HandoverPackage, by: Actor) -> bool:
    team = (by.organisation_id, by.role)
    return team in (
        (package.from_organisation_id, package.from_role),
        (package.to_organisation_id, package.to_role),
    )


def _side(package: HandoverPackage, by: Actor) -> Side:
    if not _is_side(package, by):
        return Side.LOG
    sent = (package.from_organisation_id, package.from_role) == (by.organisation_id, by.role)
    return Side.SENDER if sent else Side.RECEIVER


def _more(sent: Iterable[PackageItem], arrived: Iterable[ReceiptItem]) -> bool:
    """Whether there is more than the receiver reads: when it accepted, or as it was sent."""
    told = [one.ground for one in arrived] or [one.ground for one in sent]
    return any(ground is not None and ground not in packages.NOT_COUNTED for ground in told)


def _counts(sent: list[PackageItem], arrived: list[ReceiptItem], side: Side) -> tuple[tuple[str, int], ...]:
    """How many things became what, of those that this side may know of; what was withheld counts for nobody here."""
    if not arrived:
        visible = [one for one in sent if one.ground is None and (side != Side.SENDER or one.known)]
        return () if side == Side.LOG else (("visible", len(visible)),)
    found = Counter(
        one.result
        for one in arrived
        if one.ground is None and (side == Side.RECEIVER or (side == Side.SENDER and one.known))
    )
    return tuple((str(result), found[result]) for result in ReceiptResult if found[result])


def _erased(sent: Iterable[PackageItem], side: Side) -> int:
    """Of how many things, of those that this side may know of, what they said is erased."""
    return sum(
        one.content is None and (one.known if side == Side.SENDER else one.ground is None and side == Side.RECEIVER)
        for one in sent
    )


def _held_back(sent: Iterable[PackageItem], arrived: list[ReceiptItem]) -> tuple[HeldBack, ...]:
    lines: Iterable[PackageItem | ReceiptItem] = arrived or sent
    found = Counter((one.kind, one.compartment, one.ground) for one in lines if one.ground is not None and one.known)
    return tuple(
        HeldBack(kind, compartment, str(ground), count)
        for (kind, compartment, ground), count in sorted(found.items(), key=str)
    )


def _same(package: HandoverPackage, receipt: HandoverReceipt | None, given: str | None) -> bool | None:
    if given is None:
        return None
    asked = given.strip().lower()
    return bool(asked) and asked in (package.hash, None if receipt is None else receipt.hash)


def _may_open(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    try:
        with logbook.deciding(session):
            find_case(session, case_id, by=by, at=at)
    except NotFound:
        return False
    return True
