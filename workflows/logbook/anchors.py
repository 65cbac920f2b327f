"""Heads of the logbook in a file outside the database: whoever rewrites the database cannot make it forget them.

A line of JSON per head, and in each line a hash over it and over the line before, so that the file betrays that something
in it was changed too. Lines are only added. A head that stands there twice is no harm.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workflows.logbook.chain import START, Anchor

_FIELDS = ("log", "position", "hash", "sealed_at")
#: More than any line of ours.
_LAST = 4096


class AnchorsBroken(ValueError):
    """The file was changed since it was written, or is no file of ours. The text is Dutch, for the log manager."""


def add(path: Path, heads: Iterable[Mapping[str, Any]]) -> None:
    """Add heads at the end of the file, and return when they are on the disk.

    Args:
        heads: with ``log``, ``position``, ``hash`` and ``sealed_at``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - _LAST))
        known = file.read().splitlines(keepends=True)
        if known and not known[-1].endswith(b"\n"):
            # Somebody was stopped while writing: that line was never promised to anybody.
            file.truncate(end - len(known.pop()))
        previous = json.loads(known[-1])["line"] if known else START
        for head in heads:
            kept = {name: head[name] for name in _FIELDS}
            previous = _line(kept, previous)
            file.write(json.dumps({**kept, "line": previous}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> dict[str, list[Anchor]]:
    """Every head in the file, by log.

    Raises:
        AnchorsBroken: it was changed since.
        OSError: it is not there, or cannot be read.
    """
    found: dict[str, list[Anchor]] = {}
    previous = START
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.endswith(b"\n"):
                break  # being written
            try:
                told = json.loads(text)
                kept = {name: told[name] for name in _FIELDS}
                previous = _line(kept, previous)
                if told["line"] != previous:
                    raise AnchorsBroken(f"het ankerbestand is veranderd op of vóór regel {number}")
                found.setdefault(str(told["log"]), []).append(
                    Anchor(int(told["position"]), str(told["hash"]), told["sealed_at"])
                )
            except (ValueError, KeyError, TypeError) as error:
                if isinstance(error, AnchorsBroken):
                    raise
                raise AnchorsBroken(f"het ankerbestand is onleesbaar op regel {number}") from error
    return found


def _line(kept: Mapping[str, Any], previous: str) -> str:
    return hashlib.sha256(json.dumps([previous, *(kept[name] for name in _FIELDS)]).encode()).hexdigest()
