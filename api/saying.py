"""What is wrong with what an operator chose: said in Dutch, and kept so that it can be said in another language too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Said(str):
    """A sentence in Dutch, filled in. ``pattern`` is what stands in the code, ``values`` what is filled in; one of these can
    be such a sentence itself."""

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **values: Any) -> Said:
        made = super().__new__(cls, pattern.format(**values) if values else pattern)
        made.pattern, made.values = pattern, values
        return made
