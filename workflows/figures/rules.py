"""How figures are cut so that nobody can be worked out from them, also by subtraction. Pure.

One rule everywhere: rows are only ever told in groups that do not overlap, each of at least so many different families.
Whatever is too small is told together, with a large group taken in. Nought counts as small, and a percentage is told when
the other side of it is large too. So whoever subtracts finds a large group again; and whoever knows these rules finds that
every small group could as well have been nought. Which group is taken in is therefore a matter of order, and not of size:
the smallest would tell that the others are larger.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Any


class Outcome(StrEnum):
    """What came of an offer, as far as it was known when the figures were made."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Passed:
    """One handover that was offered, as it counts.

    Args:
        family: what is the same for handovers of one family, and for no other.
        reason: why it was refused.
        working_days: from offer to acceptance.
        returned: the receiver gave the case back to who it came from.
    """

    family: Hashable
    kind: str
    warm: bool
    outcome: str
    reason: str | None = None
    working_days: int | None = None
    asked_back: bool = False
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that are told together, by the codes that they are of."""

    codes: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Group:
    """What is told of the handovers of some kinds together. A measure that is empty is too small to tell."""

    codes: tuple[str, ...]
    count: int
    warm: tuple[Part, ...] = ()
    asked_back: tuple[Part, ...] = ()
    outcomes: tuple[Part, ...] = ()
    median_working_days: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of one period, in exact numbers: nothing is in it that may not be known."""

    whole: Group
    reasons: tuple[Part, ...]
    returned: tuple[Part, ...]
    groups: tuple[Group, ...]

    def rounded(self, *, to: int = 5) -> dict[str, Any]:
        """As it is kept and shown: counts to fives, shares to whole percents, a median to whole days."""
        whole = _group_told(self.whole, to)
        refused = sum(part.count for part in self.reasons)
        accepted = sum(part.count for part in self.returned)
        return {
            **whole,
            "reasons": _shares(self.reasons, refused),
            "returned_percent": _share(self.returned, "yes", accepted),
            "kinds": [{"codes": list(one.codes), **_group_told(one, to)} for one in self.groups],
        }


_YES_NO = ("yes", "no")
_Key = Callable[[Passed], str]
_MEASURES: Mapping[str, tuple[_Key, tuple[str, ...]]] = {
    "warm": (lambda row: _YES_NO[not row.warm], _YES_NO),
    "asked_back": (lambda row: _YES_NO[not row.asked_back], _YES_NO),
    "outcomes": (lambda row: row.outcome, tuple(Outcome)),
}


def tell(rows: Sequence[Passed], *, kinds: Sequence[str], reasons: Sequence[str], smallest: int) -> Told | None:
    """What may be told of these handovers; None: they are of too few families to tell anything.

    Args:
        kinds, reasons: every code there is, in a fixed order; also those that did not happen.
        smallest: the least number of different families behind anything that is told.

    Source:
        Regiobeeld Kansrijke Start: no figure of fewer than ten people. CBS: complementary suppression against subtraction.
    """
    if not _large(rows, smallest):
        return None
    told = {name: _split(rows, key, codes, smallest) for name, (key, codes) in _MEASURES.items()}
    blocks = _blocks(rows, lambda row: row.kind, kinds, smallest)
    shown = [name for name, (key, _) in _MEASURES.items() if _whole(blocks, told[name], key, smallest)]

    def group(codes: tuple[str, ...], its: Sequence[Passed], names: Iterable[str]) -> Group:
        parts = {name: _counted(its, _MEASURES[name][0], told[name]) for name in names}
        # Of all together; of a group only where its outcomes are told, because that one is shown says how many there are.
        mine = any(part.codes == (Outcome.ACCEPTED,) for part in parts.get("outcomes", ())) or its is rows
        accepted = [row for row in its if row.outcome == Outcome.ACCEPTED and row.working_days is not None]
        middle = median(row.working_days or 0 for row in accepted) if mine and _large(accepted, smallest) else None
        return Group(codes, len(its), median_working_days=None if middle is None else float(middle), **parts)

    alone = {part.codes[0] for part in told["outcomes"] if len(part.codes) == 1}
    refused = [row for row in rows if row.outcome == Outcome.REFUSED] if Outcome.REFUSED in alone else []
    accepted = [row for row in rows if row.outcome == Outcome.ACCEPTED] if Outcome.ACCEPTED in alone else []
    return Told(
        whole=group(tuple(kinds), rows, _MEASURES),
        reasons=_split(refused, lambda row: str(row.reason), reasons, smallest),
        returned=_split(accepted, lambda row: _YES_NO[not row.returned], _YES_NO, smallest),
        groups=tuple(group(codes, its, shown) for codes, its in blocks.items()),
    )


def first_of_quarter(day: date) -> date:
    """The first day of the quarter that *day* is in."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def next_quarter(first: date) -> date:
    """The first day of the quarter after the one that begins on *first*."""
    return first_of_quarter(first + timedelta(days=100))


_Blocks = Mapping[tuple[str, ...], Sequence[Passed]]


def _large(rows: Iterable[Passed], smallest: int) -> bool:
    """Of enough different families: ten handovers of one family are still one family."""
    return len({row.family for row in rows}) >= smallest


def _blocks(rows: Sequence[Passed], key: _Key, codes: Sequence[str], smallest: int) -> _Blocks:
    """Groups by code that do not overlap and are all large; empty when that leaves one group, which tells no more than all.

    Small ones together are told as they are when there are enough of them for any one to be nought; otherwise the last of the
    large ones, in the order of *codes*, is told with them.
    """
    by = {code: [row for row in rows if key(row) == code] for code in codes}
    own = [code for code in codes if _large(by[code], smallest)]
    small = [code for code in codes if code not in own]
    together = len({row.family for code in small for row in by[code]})
    if small and own and not smallest <= together <= (len(small) - 1) * (smallest - 1):
        small.append(own.pop())
    blocks: dict[tuple[str, ...], Sequence[Passed]] = {(code,): by[code] for code in own}
    if small:
        named = tuple(code for code in codes if code in small)
        blocks[named] = [row for row in rows if key(row) in named]
    return blocks if len(blocks) > 1 else {}


def _split(rows: Sequence[Passed], key: _Key, codes: Sequence[str], smallest: int) -> tuple[Part, ...]:
    return tuple(Part(named, len(its)) for named, its in _blocks(rows, key, codes, smallest).items())


def _counted(rows: Sequence[Passed], key: _Key, told: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(Part(part.codes, sum(key(row) in part.codes for row in rows)) for part in told)


def _whole(blocks: _Blocks, told: Sequence[Part], key: _Key, smallest: int) -> bool:
    """Whether a measure can be told of each group of kinds: of all, or of none, because the last one can be subtracted."""
    return bool(told) and all(
        _large([row for row in rows if key(row) in part.codes], smallest) for rows in blocks.values() for part in told
    )


def _group_told(group: Group, to: int) -> dict[str, Any]:
    middle = group.median_working_days
    return {
        "count": _round(group.count, to),
        "warm_percent": _share(group.warm, "yes", group.count),
        "asked_back_percent": _share(group.asked_back, "yes", group.count),
        "median_working_days": None if middle is None else int(middle + 0.5),
        "outcomes": _shares(group.outcomes, group.count),
    }


def _round(count: int, to: int) -> int:
    return to * ((2 * count + to) // (2 * to))


def _shares(parts: Sequence[Part], of: int) -> list[dict[str, Any]]:
    return [{"codes": list(part.codes), "percent": _percent(part.count, of)} for part in parts]


def _share(parts: Sequence[Part], code: str, of: int) -> int | None:
    found = [part for part in parts if part.codes == (code,)]
    return _percent(found[0].count, of) if found else None


def _percent(count: int, of: int) -> int:
    return (200 * count + of) // (2 * of)
