"""One line for every item that belongs to the family, in what is sent to a party outside: how it is made, what of it is
hashed, and what is left of it when somebody is erased. Pure."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from workflows.packages import NOT_COUNTED, Frozen, WithheldBecause, canonical, digest_of

#: Where the lines stand in what is closed. What was sent before there were lines has none.
LINES = "lines"
#: Of a line, what never changes and is hashed.
_BOUND = ("kind", "id", "part", "compartment", "ground", "known", "digest")
Line = dict[str, Any]


def line(one: Frozen) -> Line:
    """An item as it is kept: with what is read of it when it goes along, and of what does not only the digest."""
    salt, said = secrets.token_hex(16), canonical(one.content)
    return {
        "kind": one.kind,
        "id": one.item_id.hex,
        "part": one.part,
        "compartment": one.compartment,
        "ground": None if one.ground is None else str(one.ground),
        "known": one.known,
        "digest": digest_of(salt, said),
        "member": None if one.member_id is None else one.member_id.hex,
        "salt": salt,
        "said": said if one.ground is None else None,
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """sha256 over what was sent. Of a line its place, what it is and its digest: nothing that can be erased."""
    told = dict(content)
    if LINES in told:
        told[LINES] = [[one[name] for name in _BOUND] for one in told[LINES]]
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def is_altered(one: Line) -> bool:
    """Whether what a line says is not what was sent."""
    return one["said"] is not None and (one["salt"] is None or digest_of(one["salt"], one["said"]) != one["digest"])


def is_erased(one: Line) -> bool:
    """Whether only its digest is left."""
    return one["salt"] is None


def there_is_more(lines: Sequence[Line]) -> bool:
    """Whether something does not go along that a parent could tell: as for a receiver here."""
    return any(one["ground"] is not None and WithheldBecause(one["ground"]) not in NOT_COUNTED for one in lines)


def without(
    lines: Sequence[Line],
    *,
    item_ids: Collection[UUID],
    member_ids: Collection[UUID],
    values: Collection[tuple[UUID, str]],
) -> list[Line]:
    """The same lines, with nothing of what they say about somebody who is erased; as for a package here."""

    def goes(one: Line) -> bool:
        item, member = UUID(one["id"]), one["member"] and UUID(one["member"])
        answer = one["kind"] == "entry" and (item, one["compartment"]) in values
        return item in item_ids or member in member_ids or answer

    return [{**one, "member": None, "salt": None, "said": None} if goes(one) else one for one in lines]
