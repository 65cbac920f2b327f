"""Which fields of a line are hashed, in which order: for ever, version by version."""

from __future__ import annotations

from collections.abc import Mapping

_FIRST = (
    "id", "event", "at", "person_id", "assignment_id", "organisation_id", "role", "on_behalf_of", "purpose", "rule",
    "subject_kind", "subject_id", "case_id", "outcome", "origin", "request_id", "details",
)  # fmt: skip
_SECOND = (
    *_FIRST,
    "ground", "consent_profile", "relation", "compartments", "policy", "access_point", "second_factor", "hash_version",
    "sealed_at",
)  # fmt: skip

#: A line keeps the version it was written under. A new column means a new version, appended here; an older one never changes.
HASHED: Mapping[int, tuple[str, ...]] = {1: _FIRST, 2: _SECOND}
#: Under which lines are written now.
HASH_VERSION = max(HASHED)
#: What a line of an older version cannot hold, because its hash would not cover it.
LATER: Mapping[int, tuple[str, ...]] = {
    version: tuple(
        name for name in HASHED[HASH_VERSION] if name not in fields and name not in ("hash_version", "sealed_at")
    )
    for version, fields in HASHED.items()
}
