"""What is kept encrypted: with keys that are not in the database, and bound to the row that it stands in.

Whoever has a copy of the database does not have the words about safety. Whoever can write in it cannot put one
row's words in another. Losing the keys loses what they closed: keep them apart from the database, and twice.
"""

from __future__ import annotations

import hmac
import json
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from workflows.errors import Unreadable

#: Where a session has the vault of its database.
INFO = "vault"
#: First byte of everything that is sealed, so that another way of sealing can be told from this one.
_FORMAT = b"\x01"
_ID, _NONCE, _TAG = 4, 12, 16
_START = len(_FORMAT) + _ID + _NONCE
#: In JSON: the only key of what is sealed. No answer to a form is an object.
_SEALED = "sealed"


class Vault:
    """A ring of keys: the first closes, each opens what it closed.

    Args:
        secrets: long random texts, the newest first; none: nothing can be closed or opened.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._keys = {_derived(one, "id")[:_ID]: AESGCM(_derived(one, "seal")) for one in secrets}
        self._current = next(iter(self._keys), None)
        self._digests = [_derived(one, "digest") for one in secrets]

    def seal(self, content: bytes, *, about: str) -> bytes:
        """Close *content*. It opens only as what it is *about*: say table, column and the row's id.

        Raises:
            Unreadable: there is no key.
        """
        if self._current is None:
            raise Unreadable(f"{about}: no key to seal with")
        nonce = os.urandom(_NONCE)
        head = _FORMAT + self._current
        return head + nonce + self._keys[self._current].encrypt(nonce, content, head + about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """What was closed.

        Raises:
            Unreadable: its key is not on the ring, or it is not what was closed here: changed, or another row's.
        """
        head, nonce = sealed[: _START - _NONCE], sealed[_START - _NONCE : _START]
        key = self._keys.get(head[len(_FORMAT) :])
        if key is None or head[: len(_FORMAT)] != _FORMAT or len(sealed) < _START + _TAG:
            raise Unreadable(f"{about}: its key is not here")
        try:
            return key.decrypt(nonce, sealed[_START:], head + about.encode())
        except InvalidTag:
            raise Unreadable(f"{about}: not what was sealed for it") from None

    @property
    def can_seal(self) -> bool:
        """Whether there is a key to close with."""
        return self._current is not None

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was closed with the key that closes now."""
        return self._current is not None and sealed.startswith(_FORMAT + self._current)

    def digests(self, value: str) -> list[bytes]:
        """What a value can be found by without being kept, the newest key first; nobody without a key can make it."""
        return [hmac.digest(key, value.encode(), sha256) for key in self._digests]

    # --- answers, as JSON columns hold them

    def seal_json(self, value: Any, *, about: str) -> dict[str, str]:
        """As :meth:`seal`, of anything that JSON can hold, for a column of JSON."""
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return {_SEALED: b64encode(self.seal(content, about=about)).decode()}

    def open_json(self, stored: Any, *, about: str) -> Any:
        """What a column of JSON holds, opened; what was never closed as it stands there.

        Raises:
            Unreadable: as for :meth:`open`.
        """
        if not is_sealed(stored):
            return stored
        return json.loads(self.open(_bytes(stored, about), about=about).decode("utf-8", "surrogatepass"))

    def is_current_json(self, stored: Any) -> bool:
        """As :meth:`is_current`, of a column of JSON."""
        return is_sealed(stored) and self.is_current(_bytes(stored, ""))


def is_sealed(stored: Any) -> bool:
    """Whether a column of JSON holds something closed."""
    return isinstance(stored, dict) and stored.keys() == {_SEALED}


def of(session: Session) -> Vault:
    """The vault of the database that a session works on.

    Raises:
        LookupError: the session was not opened through ``Database``; a mistake of ours.
    """
    found = session.info.get(INFO)
    if not isinstance(found, Vault):
        raise LookupError("a session without a vault")
    return found


def _bytes(stored: dict[str, str], about: str) -> bytes:
    try:
        return b64decode(stored[_SEALED], validate=True)
    except (NotBase64, TypeError, ValueError):
        raise Unreadable(f"{about}: not what was sealed for it") from None


def _derived(secret: str, use: str) -> bytes:
    # The secret is long and random (the settings see to that), so deriving need not be slow.
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"steun: {use}".encode()).derive(secret.encode())
