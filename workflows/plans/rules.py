"""Which rows of an adjusted plan are the actions there were. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form: a support action as somebody wrote it down."""

    what: str
    owner_kind: str
    owner_name: str
    organisation_id: UUID | None
    intervention: str | None
    starts_on: date
    ends_on: date | None = None


class Like(Protocol):
    """What a row and an action have in common."""

    @property
    def what(self) -> str: ...
    @property
    def owner_kind(self) -> str: ...
    @property
    def owner_name(self) -> str: ...
    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def intervention(self) -> str | None: ...


Known = TypeVar("Known", bound=Like)


@dataclass(frozen=True, slots=True)
class Comparison(Generic[Known]):
    """What an adjusted plan means for what there was; every row and every action stands in it once."""

    going_on: tuple[tuple[Known, Row], ...]
    begun: tuple[Row, ...]
    missing: tuple[Known, ...]


def compare(before: Sequence[Known], rows: Sequence[Row]) -> Comparison[Known]:
    """Rows that say the same as an action are that action, whatever their dates and order; of two that are equal, the
    first stands for the first.

    Args:
        before: live actions, oldest first.
    """
    waiting: dict[tuple[object, ...], list[Known]] = {}
    for action in before:
        waiting.setdefault(_same(action), []).append(action)
    going_on: list[tuple[Known, Row]] = []
    begun: list[Row] = []
    for row in rows:
        found = waiting.get(_same(row))
        if found:
            going_on.append((found.pop(0), row))
        else:
            begun.append(row)
    left = {id(action) for found in waiting.values() for action in found}
    return Comparison(tuple(going_on), tuple(begun), tuple(action for action in before if id(action) in left))


def _same(one: Like) -> tuple[object, ...]:
    return (
        _words(one.what),
        one.owner_kind,
        _words(one.owner_name),
        one.organisation_id,
        one.intervention or None,
    )


def _words(text: str) -> str:
    """Spaces and line ends do not make another action; letters do."""
    return " ".join(text.split())
