"""Passwords that leaked elsewhere, in a list of the operator's own; nothing is asked of anybody outside.

The list is that of Have I Been Pwned, as its downloader writes it: one file of sorted lines ``SHA-1:count``, or a folder with
a file per first five digits of the hash. Either is read in place: a look-up costs some thirty short reads.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workflows.errors import Unavailable

_DIGITS, _PREFIX = 40, 5
#: More than any line of such a list.
_LONGEST_LINE = 80
_LINE = re.compile(rb"[0-9A-Fa-f]{35,40}(:[0-9]+)?\s*\Z")


@dataclass(frozen=True, slots=True)
class Leaked:
    """The list in a file or a folder."""

    path: Path

    def problem(self) -> str | None:
        """What is wrong with the list: ``empty``, ``unreadable`` or ``no_hashes``; None when it can be used."""
        try:
            if self.path.is_dir():
                one = next((each for each in sorted(self.path.iterdir()) if _is_range(each)), None)
                if one is None:
                    return "empty"
                digits, file = _DIGITS - _PREFIX, one
            else:
                digits, file = _DIGITS, self.path
            with file.open("rb") as opened:
                line = opened.readline(_LONGEST_LINE)
        except OSError:
            return "unreadable"
        if not _LINE.match(line) or len(line.split(b":")[0].strip()) != digits:
            return "no_hashes"
        return None

    def holds(self, password: str) -> bool:
        """Whether a password is in the list.

        Raises:
            Unavailable: the list cannot be read now; nobody gets a password that was not looked up.
        """
        digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
        try:
            if self.path.is_dir():
                return self._in_range(digest[:_PREFIX], digest[_PREFIX:].encode())
            with self.path.open("rb") as file:
                return _found(file, digest.encode())
        except OSError as error:
            raise Unavailable(f"the list of leaked passwords cannot be read: {type(error).__name__}") from error

    def _in_range(self, prefix: str, rest: bytes) -> bool:
        file = next((each for name in (f"{prefix}.txt", prefix) if (each := self.path / name).exists()), None)
        if file is None:  # each range has hundreds, so the list is not whole
            raise FileNotFoundError(prefix)
        with file.open("rb") as lines:
            return any(_is(line, rest) for line in lines)


def _found(file: BinaryIO, digest: bytes) -> bool:
    """Halve the file until the line is found that *digest* would be on."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:  # the line is one that begins in [low, high)
        middle = (low + high) // 2
        file.seek(middle)
        if middle:
            file.seek(middle - 1)
            file.readline(_LONGEST_LINE)  # to where the next line begins
        begin = file.tell()
        line = file.readline(_LONGEST_LINE)
        if begin >= high or not line:
            high = middle
        elif _is(line, digest):
            return True
        elif line[:_DIGITS].upper() < digest:
            low = begin + len(line)
        else:
            high = middle
    return False


def _is(line: bytes, digest: bytes) -> bool:
    told, _, count = line.strip().partition(b":")
    return told.upper() == digest and count != b"0"  # padding of the service says it was seen no times


def _is_range(file: Path) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{5}(\.txt)?", file.name) is not None
