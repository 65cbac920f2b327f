"""What a program may say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

#: How long a program can have a step at once, and how many at a time.
SHORTEST_LOCK = timedelta(seconds=10)
LONGEST_LOCK = timedelta(hours=1)
MOST_AT_ONCE = 10
#: How long a token lasts at most.
LONGEST_TOKEN = timedelta(days=366)
_TOPIC = re.compile(r"[a-z][a-z0-9_]{0,79}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,59}")


def faults(topic: str, label: str, reads: Iterable[str], writes: Iterable[str], days: int) -> Mapping[str, list[str]]:
    """Everything that is wrong with what somebody chose for a program, by field, in Dutch."""
    found: dict[str, list[str]] = {}
    if not _TOPIC.fullmatch(topic):
        found["topic"] = ["Geef het onderwerp zoals het in het schema staat: kleine letters, cijfers en _."]
    if not 0 < len(label.strip()) <= 80 or not label.isprintable():
        found["label"] = ["Zeg in hoogstens 80 tekens welk programma dit is."]
    for name, given in (("reads", reads), ("writes", writes)):
        chosen = list(given)
        if len(chosen) > 50 or any(not _NAME.fullmatch(one) for one in chosen):
            found[name] = ["Geef namen waarop een route wordt bepaald, hoogstens vijftig."]
    if not 1 <= days <= LONGEST_TOKEN.days:
        found["days"] = [f"Kies een aantal dagen van 1 tot en met {LONGEST_TOKEN.days}."]
    return found


def is_code(code: str) -> bool:
    """Whether it can be the code of an error: no words, so nothing about a family."""
    return _CODE.fullmatch(code) is not None
