"""How a package and a receipt are hashed, for ever the same, and what a receipt comes down to. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from workflows.packages.model import (
    Disposition,
    HandoverPackage,
    PackageItem,
    ReceiptItem,
    ReceiptResult,
    Verdict,
    WithheldBecause,
)

#: How these hashes are made; another way gets another name, and what was made before keeps this one.
SCHEME = "steun-op-maat/package/1"
#: Grounds of which the receiver is not told that there is more: no parent could tell it.
NOT_COUNTED = frozenset({WithheldBecause.OWN_RECORDS})


@dataclass(frozen=True, slots=True)
class Frozen:
    """An item on its way into a package."""

    kind: str
    item_id: UUID
    part: int
    moment: datetime | None
    compartment: str
    ground: WithheldBecause | None
    """Why the receiver cannot read it; None: it can."""
    known: bool
    member_id: UUID | None
    content: Mapping[str, Any]

    @property
    def disposition(self) -> Disposition:
        return Disposition.VISIBLE if self.ground is None else Disposition.WITHHELD


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item, on its way into a receipt."""

    kind: str
    item_id: UUID
    part: int
    compartment: str
    result: ReceiptResult
    ground: WithheldBecause | None
    known: bool


def canonical(content: Mapping[str, Any]) -> str:
    """Content as JSON that is the same whatever it was made on: keys in order, no spaces, instants in UTC."""
    return orjson.dumps(_plain(content), option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case UUID():
            return value.hex
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value


def digest_of(salt: str, content: str) -> str:
    """sha256 over a salt and what an item says; without the salt nobody can guess what it said."""
    return _hashed([SCHEME, salt, content])


def package_hash(package: HandoverPackage, items: Sequence[PackageItem]) -> str:
    """sha256 over what a package is and every line of it in order. Nothing that can be erased is in it."""
    return _hashed(
        [
            SCHEME,
            package.id.hex,
            package.case_id.hex,
            package.handover_id.hex,
            package.version,
            [package.from_organisation_id.hex, package.from_role],
            [package.to_organisation_id.hex, package.to_role],
            package.size,
            None if package.frozen_by is None else package.frozen_by.hex,
            _instant(package.frozen_at),
            [
                [
                    one.position,
                    one.kind,
                    one.item_id.hex,
                    one.part,
                    None if one.moment is None else _instant(one.moment),
                    one.compartment,
                    one.disposition,
                    one.ground,
                    one.known,
                    one.digest,
                ]
                for one in items
            ],
        ]
    )


def receipt_hash(
    receipt_id: UUID,
    hash_of_package: str,
    items: Iterable[ReceiptItem],
    *,
    verdict: str,
    size: int,
    accepted_by: UUID | None,
    accepted_at: datetime,
) -> str:
    """sha256 over the hash of a package, what became of each item, who accepted and when."""
    return _hashed(
        [
            SCHEME,
            receipt_id.hex,
            hash_of_package,
            str(verdict),
            size,
            None if accepted_by is None else accepted_by.hex,
            _instant(accepted_at),
            [
                [one.position, one.kind, one.item_id.hex, one.part, one.compartment, one.result, one.ground, one.known]
                for one in items
            ],
        ]
    )


def verdict_of(outcomes: Iterable[Outcome]) -> Verdict:
    """What it comes down to: something lost, something that the parent could tell, or nothing of either."""
    found = list(outcomes)
    if any(one.result == ReceiptResult.MISSING for one in found):
        return Verdict.BROKEN
    more = any(one.result == ReceiptResult.WITHHELD and one.ground not in NOT_COUNTED for one in found)
    return Verdict.MORE if more else Verdict.COMPLETE


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _hashed(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()
