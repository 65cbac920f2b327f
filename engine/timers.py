"""Timers of a run: instants that are stored with a token and compared with the ``now`` that was handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from engine import clock
from engine.errors import TimerInvalid
from engine.model import TimerSpec
from engine.tokens import Terms, Token

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_number(instant: datetime) -> int:
    """Microseconds since 1970: how instants are stored."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def to_instant(number: int) -> datetime:
    """The instant of :func:`to_number`, in UTC."""
    return _EPOCH + timedelta(microseconds=number)


def resolve_term(terms: Terms, name: str, began: datetime) -> int:
    """When a term that began at *began* ends.

    Raises:
        TimerInvalid: who was asked gave a moment without a time zone.
    """
    instant = terms(name, began)
    if instant.tzinfo is None:
        raise TimerInvalid(f"term.{name}: een moment zonder tijdzone")
    return to_number(instant)


def begin(token: Token, timer: TimerSpec) -> None:
    """Start a timer: *b* is when it began, *d* when it is due, *r* how often it still comes."""
    machine, data = token.workflow.machine, token.internal_data
    data["b"] = to_number(machine.now)
    if timer.kind == "term":
        data["d"] = resolve_term(machine.terms, timer.text, machine.now)
    elif timer.kind == "date":
        data["d"] = to_number(clock.parse_instant(timer.text))
    elif timer.kind == "duration":
        data["d"] = to_number(clock.add_duration(machine.now, timer.text))
    else:
        cycle = clock.parse_cycle(timer.text)
        data["d"] = to_number(cycle.start or cycle.every.after(machine.now))
        if cycle.repetitions is not None:
            data["r"] = cycle.repetitions


def again(token: Token, timer: TimerSpec) -> bool:
    """Set a timer that just rang to its next round; False when there is none.

    Rounds that were missed because nobody looked count as rung: one reminder, not one for each week of silence.
    """
    machine, data = token.workflow.machine, token.internal_data
    now = to_number(machine.now)
    if timer.kind == "term":
        data.update(b=now, d=resolve_term(machine.terms, timer.text, machine.now))
        return timer.repeats and bool(data["d"] > now)
    if timer.kind != "cycle":
        return False
    every = clock.parse_cycle(timer.text).every
    while data["d"] <= now:
        if "r" in data:
            data["r"] -= 1
            if data["r"] == 0:
                return False
        data["d"] = to_number(every.after(to_instant(data["d"])))
    return True
