"""Which texts a database can keep: no NUL, and no half of a pair of signs."""

from __future__ import annotations

import re
from typing import Final

BROKEN: Final = re.compile(r"[\x00\ud800-\udfff]")
"""A sign that PostgreSQL, or UTF-8, has no place for."""
CANNOT_BE_KEPT: Final = "Er staan tekens in die we niet kunnen bewaren."


def can_be_kept(text: str) -> bool:
    """Whether every database of ours keeps each sign of *text*."""
    return BROKEN.search(text) is None
