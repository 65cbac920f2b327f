"""The file: a tar that is squeezed, closed piece by piece, and whole or not a backup at all.

Each piece is bound to its file, its place and whether it is the last one, so that nothing can be left out, swapped or cut off.
The first member says what it is, the last one what should have come before it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from workflows.errors import Refusal, Unavailable, Unreadable
from workflows.vault import Vault

#: First bytes of a closed backup, then an id of its own. One that is not closed is a plain .tar.gz.
_FORMAT = b"steun-backup-1\n"
_GZIP = b"\x1f\x8b"
_ID = 16
_LENGTH = 4
#: Bytes that are closed at once, and of one member.
PIECE = 1_000_000
MEMBER = 4_000_000
BEGIN, END = "begin.json", "end.json"
#: As the end tells of something that has no members.
_EMPTY = {"bytes": 0, "sha256": hashlib.sha256().hexdigest()}


class BackupUnwritable(Unavailable):
    """The backup cannot be written where it was asked: disk full, no rights, not there. Earlier ones were not touched."""

    title = "De back-up is niet gemaakt"
    detail = "De back-up kon niet worden weggeschreven. Eerdere back-ups zijn niet veranderd. Kijk of de schijf vol is en of deze gebruiker er mag schrijven."


class NoBackupKey(Refusal):
    """A backup would be readable by whoever finds it, or cannot be opened: there is no key."""

    title = "Geen sleutel voor back-ups"
    detail = "Zet STEUN_BACKUP_KEY of STEUN_BACKUP_KEY_FILE: een sleutel van ten minste 32 tekens, die nergens anders voor dient."


class WrongBackupKey(Refusal):
    """It was closed with a key that is not here."""

    title = "De sleutel past niet"
    detail = "Deze back-up is met een andere sleutel gemaakt. Zet die sleutel in STEUN_BACKUP_KEY, eventueel achter de nieuwe, met een komma ertussen."


class BackupOpen(Refusal):
    """It is not closed, while there is a key: nobody can tell who made it."""

    title = "Deze back-up is niet versleuteld"
    detail = "Iedereen kan zo'n bestand maken of veranderen. Er is niets teruggezet. Weet u zeker dat u dit bestand zelf met --unencrypted maakte, geef --unencrypted dan ook nu."


class BackupBroken(Refusal):
    """It is not a backup of ours, or something in it was changed, left out or cut off. Nothing was put back."""

    title = "Deze back-up klopt niet"
    detail = "Het bestand is geen back-up van Steun op Maat, of het is beschadigd of afgebroken. Er is niets teruggezet. Neem een andere back-up."


class Writing:
    """A backup that is being made."""

    def __init__(self, archive: tarfile.TarFile, told: Callable[[int], None]) -> None:
        self._archive = archive
        self._told = told
        self._held: dict[str, dict[str, Any]] = {}

    def say(self, name: str, data: Any) -> None:
        """A member of JSON."""
        self._add(name, json.dumps(data, ensure_ascii=False, indent=1).encode())

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """Something of any length, in members of a few megabytes; returns its bytes."""
        digest, size = hashlib.sha256(), 0
        for number, part in enumerate(_in_parts(content, MEMBER)):
            digest.update(part)
            size += len(part)
            self._add(f"{name}/{number:06}", part)
            self._told(len(part))
        self._held[name] = {"bytes": size, "sha256": digest.hexdigest()}
        return size

    def end(self) -> None:
        """Nothing more comes."""
        self.say(END, {"holds": self._held})

    def _add(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._archive.addfile(member, io.BytesIO(content))


@contextmanager
def writing(place: Path, *, vault: Vault | None, told: Callable[[int], None]) -> Iterator[Writing]:
    """A new backup at *place*: there when it is whole and on the disk, and until then not at all.

    Args:
        vault: closes it; None: it stays readable.

    Raises:
        BackupUnwritable: it cannot be written there.
    """
    beside = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            sealed = None if vault is None else _Sealed(file, vault)
            stream = cast(BinaryIO, file if sealed is None else sealed)
            with tarfile.open(fileobj=stream, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
                made = Writing(archive, told)
                yield made
                made.end()
            if sealed is not None:
                sealed.finish()
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
        _sync(place.parent)
    except OSError as error:
        raise BackupUnwritable(f"backup {place}: {error.strerror or type(error).__name__}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


class _Sealed:
    """Closes what is written to it."""

    def __init__(self, file: IO[bytes], vault: Vault) -> None:
        self._file, self._vault = file, vault
        self._id = os.urandom(_ID)
        self._kept = bytearray()
        self._number = 0
        file.write(_FORMAT + self._id)

    def write(self, content: bytes) -> int:
        self._kept += content
        while len(self._kept) > PIECE:  # so that there is something left for the last one
            self._piece(bytes(self._kept[:PIECE]), last=False)
            del self._kept[:PIECE]
        return len(content)

    def finish(self) -> None:
        self._piece(bytes(self._kept), last=True)

    def _piece(self, content: bytes, *, last: bool) -> None:
        sealed = self._vault.seal(content, about=_about(self._id, self._number, last))
        self._file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
        self._number += 1


class _Opened:
    """Opens what is read from it, in order."""

    def __init__(self, file: IO[bytes], vault: Vault) -> None:
        self._file, self._vault = file, vault
        self._id = file.read(_ID)
        self._kept, self._at = b"", 0
        self._number = 0
        self._next = self._read_sealed()

    def read(self, size: int) -> bytes:
        while len(self._kept) - self._at < size and self._next:
            sealed, self._next = self._next, self._read_sealed()
            try:
                opened = self._vault.open(sealed, about=_about(self._id, self._number, not self._next))
            except Unreadable as error:
                if self._number == 0 and str(error).endswith("its key is not here"):
                    raise WrongBackupKey(str(error)) from error
                raise BackupBroken(f"piece {self._number}") from error
            self._kept, self._at = self._kept[self._at :] + opened, 0
            self._number += 1
        found = self._kept[self._at : self._at + size]
        self._at += len(found)
        return found

    def _read_sealed(self) -> bytes:
        length = int.from_bytes(self._file.read(_LENGTH), "big")
        sealed = self._file.read(min(length, 2 * PIECE))
        if len(sealed) != length:
            raise BackupBroken(f"piece {self._number} is cut off")
        return sealed


class Reading:
    """A backup that is read from its beginning, and whole at its end."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._members = self._walk(archive)
        self._held: dict[str, dict[str, Any]] = {}
        name, content = next(self._members, ("", b""))
        if name != BEGIN:
            raise BackupBroken("no beginning")
        self.begin: dict[str, Any] = _object(content)

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """What it holds, in order: the name and the next part of it.

        Raises:
            BackupBroken: at its end, when anything is missing or different.
        """
        digests: dict[str, Any] = {}
        sizes: dict[str, int] = {}
        for member, content in self._members:
            if member == END:
                found = {name: {"bytes": sizes[name], "sha256": one.hexdigest()} for name, one in digests.items()}
                held = _object(content)["holds"]
                if not isinstance(held, dict) or found != {n: one for n, one in held.items() if one != _EMPTY}:
                    raise BackupBroken("what it holds is not what it says")
                self._held = held
                return
            name = member.rpartition("/")[0]
            digests.setdefault(name, hashlib.sha256()).update(content)
            sizes[name] = sizes.get(name, 0) + len(content)
            yield name, content
        raise BackupBroken("no end")

    def _walk(self, archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
        for member in archive:
            content = archive.extractfile(member)
            if content is None or (member.size > 2 * MEMBER and member.name != END):
                raise BackupBroken(f"member {member.name[:100]}")
            yield member.name, content.read()


@contextmanager
def reading(place: Path, *, vault: Vault | None, told: Callable[[int], None] = lambda _: None) -> Iterator[Reading]:
    """A backup from its beginning.

    Args:
        vault: opens it; with one, what is not closed is not taken. None: it is not closed.
        told: hears how many bytes of the file were read, each time.

    Raises:
        BackupBroken, BackupOpen, WrongBackupKey, NoBackupKey.
    """
    try:
        with place.open("rb") as file:
            counted = cast(IO[bytes], _Counted(file, told))
            head = file.read(len(_FORMAT))
            if head == _FORMAT:
                if vault is None:
                    raise NoBackupKey("to open a backup")
                stream: Any = _Opened(counted, vault)
            elif head.startswith(_GZIP):
                if vault is not None:
                    raise BackupOpen("not closed, and there is a key")
                file.seek(0)
                stream = counted
            else:
                raise BackupBroken("no backup")
            with tarfile.open(fileobj=stream, mode="r|gz") as archive:
                yield Reading(archive)
    except OSError as error:
        if isinstance(error, tarfile.TarError | EOFError) or error.errno is None:
            raise BackupBroken(type(error).__name__) from error
        raise
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, RecursionError) as error:
        raise BackupBroken(type(error).__name__) from error


class _Counted:
    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file, self._told = file, told

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self._told(len(found))
        return found


def _object(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise BackupBroken("no object of JSON")
    return found


def _about(identity: bytes, number: int, last: bool) -> str:
    return f"backup/{identity.hex()}/{number}/{'last' if last else 'more'}"


def _in_parts(content: Iterable[bytes], size: int) -> Iterator[bytes]:
    kept = bytearray()
    for one in content:
        kept += one
        while len(kept) >= size:
            yield bytes(kept[:size])
            del kept[:size]
    if kept:
        yield bytes(kept)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
