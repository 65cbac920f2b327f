"""Freezing what goes along, keeping what arrived, and checking both years later. What goes along is decided by the caller."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from workflows import logbook
from workflows.actor import Actor
from workflows.handovers import Handover
from workflows.packages.model import HandoverPackage, HandoverReceipt, PackageItem, ReceiptItem, ReceiptResult
from workflows.packages.rules import (
    Frozen,
    Outcome,
    canonical,
    digest_of,
    package_hash,
    receipt_hash,
    verdict_of,
)

#: Events of the lines that anchor a package and a receipt in the logbook.
FROZEN, RECEIVED = "package.frozen", "package.received"
_AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one package, or of a receipt with its package, found. All of it has to be right.

    Args:
        altered: lines whose content is not what was frozen.
        erased: lines of which only the digest is left, because somebody was erased: their place still counts.
        lines: whether the lines, in their order and number, are those that the hash was made of.
        receipt: whether what arrived is what the hash of the receipt was made of; None: there is no receipt yet.
        anchored: how the logbook knows of it, the worst of both lines.
    """

    altered: int
    erased: int
    lines: bool
    receipt: bool | None
    anchored: logbook.Anchored

    @property
    def holds(self) -> bool:
        """Whether everything is as it was sent and received."""
        return (
            not self.altered and self.lines and self.receipt is not False and self.anchored != logbook.Anchored.BROKEN
        )


def freeze(
    session: Session, handover: Handover, items: Sequence[Frozen], *, by: Actor, at: datetime
) -> HandoverPackage:
    """Keep what goes along with a handover as it is now: its next version, with a line in the logbook that holds its hash."""
    newest = select(func.max(HandoverPackage.version)).where(HandoverPackage.handover_id == handover.id)
    package = HandoverPackage(
        id=uuid4(),
        case_id=handover.case_id,
        handover_id=handover.id,
        version=(session.scalar(newest) or 0) + 1,
        from_organisation_id=handover.from_organisation_id,
        from_role=handover.from_role,
        to_organisation_id=handover.to_organisation_id,
        to_role=handover.to_role,
        size=len(items),
        frozen_by=by.person_id,
        frozen_at=at,
    )
    rows = [_row(package.id, position, one) for position, one in enumerate(items, 1)]
    package.hash = package_hash(package, [PackageItem(**row) for row in rows])
    session.add(package)
    session.flush()
    if rows:
        session.execute(insert(PackageItem.__table__), rows)  # type: ignore[arg-type]
    logbook.write(
        session, FROZEN, "handover_package", package.id, case_id=package.case_id, by=by, at=at,
        details={"handover": handover.id.hex, "version": package.version, "hash": package.hash},
    )  # fmt: skip
    return package


def _row(package_id: UUID, position: int, one: Frozen) -> dict[str, object]:
    salt, content = secrets.token_hex(16), canonical(one.content)
    return {
        "id": uuid4(),
        "package_id": package_id,
        "position": position,
        "kind": one.kind,
        "item_id": one.item_id,
        "part": one.part,
        "moment": one.moment,
        "compartment": one.compartment,
        "disposition": str(one.disposition),
        "ground": None if one.ground is None else str(one.ground),
        "known": one.known,
        "digest": digest_of(salt, content),
        "member_id": one.member_id,
        "salt": salt,
        "content": content,
    }


def add_receipt(
    session: Session, package: HandoverPackage, outcomes: Sequence[Outcome], *, by: Actor, at: datetime
) -> HandoverReceipt:
    """Keep what the receiver could read of a package when it accepted, with a line in the logbook that holds the hash."""
    identity, verdict = uuid4(), verdict_of(outcomes)
    rows = [
        {
            "id": uuid4(),
            "receipt_id": identity,
            "position": position,
            "kind": one.kind,
            "item_id": one.item_id,
            "part": one.part,
            "compartment": one.compartment,
            "result": str(one.result),
            "ground": None if one.ground is None else str(one.ground),
            "known": one.known,
        }
        for position, one in enumerate(outcomes, 1)
    ]
    receipt = HandoverReceipt(
        id=identity,
        case_id=package.case_id,
        package_id=package.id,
        verdict=verdict,
        size=len(rows),
        hash=receipt_hash(
            identity, package.hash, [ReceiptItem(**row) for row in rows], verdict=verdict, size=len(rows),
            accepted_by=by.person_id, accepted_at=at,
        ),
        accepted_by=by.person_id,
        accepted_at=at,
    )  # fmt: skip
    session.add(receipt)
    session.flush()
    if rows:
        session.execute(insert(ReceiptItem.__table__), rows)  # type: ignore[arg-type]
    missing = sum(one.result == ReceiptResult.MISSING for one in outcomes)
    logbook.write(
        session, RECEIVED, "handover_receipt", receipt.id, case_id=package.case_id, by=by, at=at,
        details={"package": package.id.hex, "hash": receipt.hash, "verdict": str(verdict), "missing": missing},
    )  # fmt: skip
    return receipt


# --- looking


def prove(session: Session, proof_id: UUID) -> tuple[HandoverPackage, HandoverReceipt | None] | None:
    """The package that an id is of, or that the receipt with this id is of, with that receipt; one statement, whatever is found."""
    query = select(HandoverPackage, HandoverReceipt).outerjoin(
        HandoverReceipt, HandoverReceipt.package_id == HandoverPackage.id
    )
    row = session.execute(query.where(or_(HandoverReceipt.id == proof_id, HandoverPackage.id == proof_id))).first()
    return None if row is None else (row[0], row[1])


def versions(session: Session, handover_id: UUID) -> list[HandoverPackage]:
    """Every version of what goes along with a handover, oldest first."""
    query = select(HandoverPackage).where(HandoverPackage.handover_id == handover_id)
    return list(session.scalars(query.order_by(HandoverPackage.version)))


def latest(session: Session, handover_id: UUID) -> HandoverPackage | None:
    """What goes along with a handover, as sent last; None: nothing was frozen, as before there were packages."""
    return next(reversed(versions(session, handover_id)), None)


def of_case(session: Session, case_id: UUID) -> list[HandoverPackage]:
    """Every package of a case, oldest first."""
    query = select(HandoverPackage).where(HandoverPackage.case_id == case_id)
    return list(session.scalars(query.order_by(HandoverPackage.frozen_at, HandoverPackage.version)))


def of_team(
    session: Session,
    organisation_id: UUID,
    role: str,
    *,
    without: Collection[UUID],
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[HandoverPackage, HandoverReceipt | None]]:
    """The last version of each handover of which a team is a side, with its receipt; what was sent last comes first.

    Args:
        without: cases to leave out.
        before: moment and id of the last one that was shown.
    """
    later = aliased(HandoverPackage)
    newer = select(later.id).where(later.handover_id == HandoverPackage.handover_id)
    query = (
        select(HandoverPackage, HandoverReceipt)
        .outerjoin(HandoverReceipt, HandoverReceipt.package_id == HandoverPackage.id)
        .where(
            or_(
                and_(HandoverPackage.from_organisation_id == organisation_id, HandoverPackage.from_role == role),
                and_(HandoverPackage.to_organisation_id == organisation_id, HandoverPackage.to_role == role),
            ),
            ~newer.where(later.version > HandoverPackage.version).exists(),
        )
    )
    if without:
        query = query.where(HandoverPackage.case_id.not_in(without))
    if before is not None:
        query = query.where(tuple_(HandoverPackage.frozen_at, HandoverPackage.id) < tuple_(*before))
    order = (HandoverPackage.frozen_at.desc(), HandoverPackage.id.desc())
    return [(row[0], row[1]) for row in session.execute(query.order_by(*order).limit(limit))]


def receipt_of(session: Session, package_id: UUID) -> HandoverReceipt | None:
    """The receipt of a package; None: nobody accepted it."""
    return session.scalar(select(HandoverReceipt).where(HandoverReceipt.package_id == package_id))


def receipts_of(session: Session, case_id: UUID) -> list[HandoverReceipt]:
    """Every receipt of a case, oldest first."""
    query = select(HandoverReceipt).where(HandoverReceipt.case_id == case_id)
    return list(session.scalars(query.order_by(HandoverReceipt.accepted_at, HandoverReceipt.id)))


def items_of(session: Session, package_id: UUID) -> list[PackageItem]:
    """The lines of a package in their order."""
    query = select(PackageItem).where(PackageItem.package_id == package_id).order_by(PackageItem.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def receipt_items(session: Session, receipt_id: UUID) -> list[ReceiptItem]:
    """The lines of a receipt in their order."""
    query = select(ReceiptItem).where(ReceiptItem.receipt_id == receipt_id).order_by(ReceiptItem.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


# --- checking


def check(session: Session, package: HandoverPackage, receipt: HandoverReceipt | None) -> Checked:
    """Whether a package, and its receipt if there is one, still say what they said; the caller sees all rows of both."""
    items = items_of(session, package.id)
    altered = sum(
        one.content is not None and (one.salt is None or digest_of(one.salt, one.content) != one.digest)
        for one in items
    )
    anchored = [_anchored(session, FROZEN, package.id, package.hash, package.frozen_at)]
    right = None
    if receipt is not None:
        made = receipt_hash(
            receipt.id, package.hash, receipt_items(session, receipt.id), verdict=receipt.verdict, size=receipt.size,
            accepted_by=receipt.accepted_by, accepted_at=receipt.accepted_at,
        )  # fmt: skip
        right = made == receipt.hash
        anchored.append(_anchored(session, RECEIVED, receipt.id, receipt.hash, receipt.accepted_at))
    return Checked(
        altered=altered,
        erased=sum(one.content is None for one in items),
        lines=package.size == len(items) and package_hash(package, items) == package.hash,
        receipt=right,
        anchored=max(anchored, key=list(logbook.Anchored).index),
    )


def _anchored(session: Session, event: str, subject_id: UUID, hash: str, at: datetime) -> logbook.Anchored:
    return logbook.anchored(session, event, subject_id, {"hash": hash}, at=at)


# --- erasing


def forget(
    session: Session,
    *,
    item_ids: Collection[UUID] = (),
    member_ids: Collection[UUID] = (),
    values: Collection[tuple[UUID, str]] = (),
) -> None:
    """What packages say about somebody goes; that a line stood there, and its digest, stays.

    Args:
        item_ids: rows that go. values: entry and compartment of answers that go.
    """
    gone = {"content": None, "salt": None, "member_id": None}
    for part in _parts(item_ids):
        session.execute(update(PackageItem).where(PackageItem.item_id.in_(part)).values(gone))
    for part in _parts(member_ids):
        session.execute(update(PackageItem).where(PackageItem.member_id.in_(part)).values(gone))
    for pairs in _parts(values):
        about = tuple_(PackageItem.item_id, PackageItem.compartment).in_(pairs)
        session.execute(update(PackageItem).where(PackageItem.kind == "entry", about).values(gone))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the packages of a case with their receipts, when everything about it goes."""
    session.flush()
    packages = select(HandoverPackage.id).where(HandoverPackage.case_id == case_id)
    receipts = select(HandoverReceipt.id).where(HandoverReceipt.case_id == case_id)
    if session.scalar(packages.limit(1)) is None:
        return
    session.execute(delete(ReceiptItem).where(ReceiptItem.receipt_id.in_(receipts)))
    session.execute(delete(PackageItem).where(PackageItem.package_id.in_(packages)))
    session.execute(delete(HandoverReceipt).where(HandoverReceipt.case_id == case_id))
    session.execute(delete(HandoverPackage).where(HandoverPackage.case_id == case_id))
    logbook.write(session, "package.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _parts(found: Iterable[T]) -> list[list[T]]:
    every = list(found)
    return [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]
