"""What each kind of handover holds at least: data with its source (``minimum.toml``), read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "minimum.toml"


@dataclass(frozen=True, slots=True)
class MinimumItem:
    """Something that a receiver has to know.

    Args:
        field: of the form with which a handover is prepared.
        held: where a case may hold it already.
        label: Dutch.
    """

    code: str
    field: str
    held: tuple[str, ...]
    label: str


@cache
def minimum_items() -> Mapping[str, MinimumItem]:
    """Everything that some kind of handover asks, by code, in the order of the form."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))["item"]
    return {code: MinimumItem(code, item["field"], tuple(item["held"]), item["label"]) for code, item in found.items()}


@cache
def minimum_of(kind: str) -> tuple[MinimumItem, ...]:
    """What a kind of handover holds at least; nothing for a kind that the file does not name."""
    kinds = tomllib.loads(_FILE.read_text(encoding="utf-8"))["kind"]
    needs = set(kinds[kind]["needs"]) if kind in kinds else set()
    return tuple(item for code, item in minimum_items().items() if code in needs)
