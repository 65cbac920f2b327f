"""FEEL: conditions and the cells of decision tables. Plain data in and out; nothing of diagrams or tables.

The interpreter is feelin, in a QuickJS context of its own per thread: no host object, no clock, no network, and limits on
time, memory and stack. No Python from a text is ever evaluated. Numbers are doubles: count money in cents.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
import quickjs

from engine import limits
from engine.errors import AssetMissing, ExpressionFailed, ExpressionTimeout, RouteUndecided

ASSET: Final = Path(__file__).parent / "built" / "feel.js"
LARGEST: Final = 2**53
"""Beyond this a double no longer tells neighbouring whole numbers apart."""
ZONES: Final = ("Europe/Amsterdam",)
"""Named zones that expressions may use, next to UTC and fixed offsets."""

_ATTEMPTS = 4
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def problems(text: str, *, unary: bool = False) -> list[str]:
    """What is wrong with an expression, in Dutch; empty when it can be evaluated.

    Args:
        unary: the text is an input cell of a decision table, such as ``> 3`` or ``"a", "b"``.
    """
    return list(_read(text, unary)[0])


def names(text: str, *, unary: bool = False) -> frozenset[str]:
    """The names an expression takes from its context, without what it binds itself and without built-in functions.

    Raises:
        ExpressionFailed: the text is no expression.
    """
    wrong, found = _read(text, unary)
    if wrong:
        raise ExpressionFailed(f"{_shown(text)}: {wrong[0]}")
    return found


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression, as JSON-like data; a date, time or duration comes back as ISO text.

    Raises:
        ExpressionFailed: no value, or a value with a warning: an unknown name, a comparison that cannot be made.
        ExpressionTimeout: took more time than is allowed.
    """
    return _run("evaluate", text, _needed(text, names(text), context))


def truth(text: str, context: Mapping[str, Any]) -> bool:
    """Whether a condition holds.

    Raises:
        RouteUndecided: the value is something else than exactly true or false, also when it is null.
        ExpressionFailed: as for ``evaluate``.
    """
    value = evaluate(text, context)
    if value is True or value is False:
        return bool(value)
    raise RouteUndecided(f"De voorwaarde {_shown(text)} geeft geen ja of nee maar {_kind(value)}.")


def unary(cell: str, value: Any, context: Mapping[str, Any]) -> bool:
    """Whether *value* passes an input cell of a decision table.

    A test of null that is neither true nor false does not hold, as the DMN standard says; of any other value it is an
    error, because then the cell compares things of different kinds.
    """
    given = _needed(cell, names(cell, unary=True), context)
    given["?"] = _checked(value)
    passed = _run("unary", cell, given)
    if passed is True or passed is False:
        return bool(passed)
    if passed is None and value is None:
        return False
    raise ExpressionFailed(f"De cel {_shown(cell)} past niet bij {_kind(value)}: vergelijk gelijke soorten waarden.")


@lru_cache(maxsize=4096)
def _read(text: str, unary: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    if not text.strip():
        return ("De uitdrukking is leeg.",), frozenset()
    if len(text) > limits.EXPRESSION_LENGTH:
        return (f"De uitdrukking is langer dan {limits.EXPRESSION_LENGTH} tekens. Maak hem korter.",), frozenset()
    if _CONTROL.search(text):
        return ("De uitdrukking bevat een onzichtbaar teken. Typ hem opnieuw.",), frozenset()
    try:
        found = orjson.loads(_call("check", "unary" if unary else "evaluate", text))
    except ExpressionFailed:
        return ("De uitdrukking is te ingewikkeld om te lezen. Maak hem eenvoudiger.",), frozenset()
    if "reason" in found:
        near = f" bij ‘{found['near']}’" if found["near"] else ""
        return (f"Dit is geen goede FEEL-uitdrukking: teken {found['at'] + 1}{near} past hier niet.",), frozenset()
    wrong = [f"De functie ‘{name}’ bestaat niet in FEEL." for name in found["functions"]]
    wrong += [f"‘{sign}’ bestaat niet in FEEL. Vergelijk met = of !=." for sign in found["operators"]]
    wrong += [
        f"‘{name}’ kijkt op de klok; dat mag een uitdrukking niet. Gebruik een termijn." for name in found["clock"]
    ]
    wrong += [
        f"‘{name}’ is geen goede naam: gebruik letters, cijfers en lage streepjes, zonder spaties."
        for name in found["names"]
        if not _NAME.fullmatch(name)
    ]
    return tuple(wrong), frozenset(found["names"])


def _run(kind: str, text: str, context: Mapping[str, Any]) -> Any:
    answer = orjson.loads(_call("run", kind, text, orjson.dumps(context).decode()))
    if "warnings" in answer:
        raise ExpressionFailed(f"{_shown(text)}: {'; '.join(answer['warnings'])[:300]}")
    return answer["value"]


def _call(function: str, kind: str, *arguments: str) -> str:
    """Run one function of the script, within the limits.

    QuickJS counts the CPU of the whole process, so in a busy process the limit strikes too early: it is only a time-out
    when this very thread used its share.
    """
    for attempt in range(_ATTEMPTS):
        began = time.thread_time()
        machine = _machine()
        machine.set_time_limit(limits.EXPRESSION_SECONDS * (attempt + 1))
        try:
            return str(_functions()[function](kind, *arguments))
        except quickjs.JSException as error:
            _drop()  # an interrupted script may have left anything half-done
            if "interrupted" in str(error):
                if time.thread_time() - began >= limits.EXPRESSION_SECONDS:
                    break
                continue
            reason = str(error).split("\n", 1)[0][:200]
            raise ExpressionFailed(f"{_shown(arguments[0])}: {reason}") from None
    raise ExpressionTimeout(f"{_shown(arguments[0])}: duurde langer dan {limits.EXPRESSION_SECONDS} seconde.")


_local = threading.local()  # a QuickJS context belongs to the thread that made it


def _machine() -> Any:
    machine = getattr(_local, "machine", None)
    if machine is None:
        machine = quickjs.Context()
        machine.set_max_stack_size(limits.EXPRESSION_STACK)
        machine.eval(f"globalThis.__zones = {_zones()};")
        machine.eval(_script())
        machine.set_memory_limit(limits.EXPRESSION_MEMORY)
        _local.machine = machine
        _local.functions = {name: machine.eval(f"__feel.{name}") for name in ("check", "run")}
    return machine


def _functions() -> Mapping[str, Any]:
    functions: Mapping[str, Any] = _local.functions
    return functions


def _drop() -> None:
    _local.functions = None
    _local.machine = None


@cache
def _script() -> str:
    try:
        return ASSET.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AssetMissing(f"{ASSET.name} ontbreekt. Maak het met: make assets") from None


@cache
def _zones() -> str:
    return orjson.dumps({name: list(_changes(ZoneInfo(name))) for name in ZONES}).decode()


def _changes(zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """From which UTC millisecond on which offset in seconds holds, 1970–2100."""
    first, last = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

    def offset(instant: datetime) -> int:
        return int((instant.astimezone(zone).utcoffset() or timedelta()).total_seconds())

    yield -8_640_000_000_000_000, offset(first)
    day = timedelta(days=1)
    while first < last:
        if offset(first) != offset(first + day):
            low, high = first, first + day
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            yield int(high.timestamp()) * 1000, offset(high)
        first += day


def _needed(text: str, wanted: frozenset[str], context: Mapping[str, Any]) -> dict[str, Any]:
    missing = sorted(wanted - context.keys())
    if missing:
        raise ExpressionFailed(f"{_shown(text)}: de naam ‘{missing[0]}’ is onbekend.")
    return {name: _checked(context[name]) for name in sorted(wanted)}


def _checked(value: Any, depth: int = 0) -> Any:
    """The value itself, when it is JSON-like and a double can hold it."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        if abs(value) <= LARGEST:  # also false for what is not a number
            return value
    elif isinstance(value, list | tuple) and depth < 8:
        return [_checked(item, depth + 1) for item in value]
    elif isinstance(value, Mapping) and depth < 8 and all(isinstance(key, str) for key in value):
        return {key: _checked(item, depth + 1) for key, item in value.items()}
    raise ExpressionFailed(f"een waarde van het soort {type(value).__name__} kan niet in een uitdrukking")


def _shown(text: str) -> str:
    return f"‘{' '.join(text.split())[:120]}’"


def _kind(value: Any) -> str:
    """The kind of a value in Dutch, never the value: it may say something about a family."""
    if value is None:
        return "niets (null)"
    if isinstance(value, bool):
        return "ja of nee"
    if isinstance(value, int | float):
        return "een getal"
    if isinstance(value, str):
        return "een tekst"
    return "een lijst" if isinstance(value, list) else "een samengestelde waarde"
