"""Files beside the database: closed with its keys, a piece at a time, and bound to the row that they belong to. Knows no room.

A file is whole or not there: it is written beside its place, synced, and moved. What a crash leaves is swept by who looks after
the rows. Nothing readable is ever on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from workflows.errors import Unavailable, Unreadable
from workflows.vault import Vault

#: Where a session has the files of its database.
INFO = "files"
#: First bytes of every file, so that another way of closing can be told from this one.
_FORMAT = b"steun1"
#: Bytes that are closed at once.
PIECE = 1_000_000
_LENGTH = 4


class Files:
    """The closed files of one installation, by id.

    Args:
        folder: outside whatever a web server serves; None: there are no files here.
    """

    def __init__(self, folder: Path | None, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def put(self, identity: UUID, content: bytes, *, about: str) -> None:
        """Close *content* and keep it. It opens only as what it is *about*, in this order and to this end.

        Raises:
            Unavailable: it cannot be written. Unreadable: there is no key.
        """
        self._keep(identity, self._sealed(content, about))

    def _sealed(self, content: bytes, about: str) -> Iterator[bytes]:
        yield _FORMAT
        for number, start in enumerate(range(0, max(1, len(content)), PIECE)):
            last = start + PIECE >= len(content)
            sealed = self._vault.seal(content[start : start + PIECE], about=_piece(about, number, last))
            yield len(sealed).to_bytes(_LENGTH, "big") + sealed

    def _keep(self, identity: UUID, pieces: Iterable[bytes]) -> None:
        place = self._place(identity)
        beside = self._root() / "incoming" / f"{uuid4().hex}.part"
        try:
            for folder in (place.parent, beside.parent):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
            _sync(place.parent)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Unavailable(f"file {identity}: {type(error).__name__}", detail=_FULL) from error

    def get(self, identity: UUID, *, about: str) -> bytes:
        """What was kept.

        Raises:
            Unreadable: it is not there, its key is not here, or it is not what was closed for this row.
        """
        try:
            stored = self._place(identity).read_bytes()
        except OSError as error:
            raise Unreadable(f"{about}: {type(error).__name__}") from error
        if not stored.startswith(_FORMAT):
            raise Unreadable(f"{about}: not a file of ours")
        found, at, number = [], len(_FORMAT), 0
        while at < len(stored):
            end = at + _LENGTH + int.from_bytes(stored[at : at + _LENGTH], "big")
            last = end >= len(stored)
            found.append(self._vault.open(stored[at + _LENGTH : end], about=_piece(about, number, last)))
            at, number = end, number + 1
        if not found:
            raise Unreadable(f"{about}: cut off")
        return b"".join(found)

    def remove(self, identity: UUID) -> None:
        """It is not there any more, whether it was or not."""
        self._place(identity).unlink(missing_ok=True)

    def reseal(self, identity: UUID, *, about: str) -> bool:
        """Close it anew with the key that closes now; False when that was so already.

        Raises:
            Unreadable: as for :meth:`get`.
        """
        with self._place(identity).open("rb") as file:
            head = file.read(len(_FORMAT) + _LENGTH + 64)
        if self._vault.is_current(head[len(_FORMAT) + _LENGTH :]):
            return False
        self.put(identity, self.get(identity, about=about), about=about)
        return True

    def stored(self, identity: UUID) -> bytes | None:
        """A file as it lies there, closed; None when it is not there (any more). For a backup."""
        try:
            return self._place(identity).read_bytes()
        except FileNotFoundError:
            return None

    def put_back(self, identity: UUID, stored: bytes) -> None:
        """What :meth:`stored` gave, in its place again.

        Raises:
            Unavailable: it cannot be written.
        """
        self._keep(identity, [stored])

    def known(self) -> Iterator[tuple[UUID, float]]:
        """Every file that is kept: its id, and when it was written (seconds since 1970)."""
        if self._folder is None:
            return
        for path in self._folder.glob("kept/*/*"):
            try:
                yield UUID(path.name), path.stat().st_mtime
            except (ValueError, FileNotFoundError):
                continue

    def forget_unfinished(self, *, before: float) -> int:
        """Clear away what somebody began to write before a moment (seconds since 1970) and never finished."""
        gone = 0
        for path in [] if self._folder is None else list(self._folder.glob("incoming/*.part")):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone

    def _root(self) -> Path:
        if self._folder is None:
            raise Unavailable("no folder for files", detail=_FULL)
        return self._folder

    def _place(self, identity: UUID) -> Path:
        return self._root() / "kept" / identity.hex[:2] / identity.hex


def of(session: Session) -> Files:
    """The files of the database that a session works on.

    Raises:
        LookupError: the session was not opened through ``Database``; a mistake of ours.
    """
    found: Any = session.info.get(INFO)
    if not isinstance(found, Files):
        raise LookupError("this session has no files")
    return found


def _piece(about: str, number: int, last: bool) -> str:
    return f"{about}/{number}/{'last' if last else 'more'}"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_FULL = "Bijlagen kunnen nu niet worden bewaard. Er is niets veranderd. Probeer het later opnieuw, of bel uw beheerder."
