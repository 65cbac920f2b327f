"""Pure rules of logging in: who must confirm with a second factor, which codes an authenticator shows, and sealing.

RFC 6238 (codes from the time), RFC 5869 (a key from a key), AES-256-GCM for what has to be read back.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyotp
import zxcvbn

from workflows.actor import Actor

#: Roles that see and do nothing until the sign-in was confirmed, in every installation: they see whole logbooks, or hand out
#: access. Of all other roles the installation says whether it asks (``STEUN_SECOND_FACTOR``).
SECOND_FACTOR_ROLES = frozenset({"log_manager", "dpo", "administrator", "local_administrator"})
#: Seconds that one code holds, and how many codes before and after now are taken: clocks differ.
STEP_SECONDS, TOLERANCE = 30, 1
#: How many codes on paper somebody gets.
RECOVERY_CODES = 8
ISSUER = "Steun op Maat"
_FORMAT = b"\x01"
_NONCE = 12
_LONGEST_CODE = 64


#: Words that somebody who knows this house tries first, whatever the case and whatever stands for a letter.
CONTEXT_WORDS = (
    *("steun", "maat", "steunopmaat", "signaleren", "verkennen", "knooppunt", "gezin", "kind", "ouder", "baby"),
    *("kansrijke", "start", "kansrijkestart", "zorg", "verloskundige", "verpleegkundige", "jeugd", "jgz", "cjg", "ggz"),
    *("gemeente", "limburg", "noord", "midden", "venlo", "roermond", "weert", "venray", "horst", "beesel", "gennep"),
    *("welkom", "wachtwoord", "geheim", "beheerder", "inloggen", "zomer", "winter", "herfst", "lente", "januari"),
)
#: Who guesses is not helped by what comes after this, and looking for patterns in a long text is slow.
_LOOKED_AT = 40


def guesses(password: str, about: Iterable[str] = ()) -> float:
    """How many guesses a password stands, as a power of ten: known passwords, words, names, dates, rows of keys and
    repetitions are tried first. Slow for strange texts: do it while no transaction is open.

    Args:
        about: what somebody would try for this very person, e.g. login and name.
    """
    words = [word for text in about for word in re.split(r"[^\w]+", text.lower()) if len(word) > 2]
    if not password:
        return 0.0
    looked_at = password[:_LOOKED_AT]
    known = [*CONTEXT_WORDS, *words]
    # What stands between words hides them from the patterns, not from who guesses.
    return min(_guesses(looked_at, known), _guesses(re.sub(r"[\W_]+", "", looked_at) or looked_at, known))


def _guesses(text: str, known: list[str]) -> float:
    found: dict[str, Any] = zxcvbn.zxcvbn(text, user_inputs=known)  # type: ignore[no-untyped-call]
    return float(found["guesses_log10"])


def asks_second_factor(role: str, *, of_everybody: bool = False) -> bool:
    """Whether somebody in a role may do nothing without a second factor."""
    return of_everybody or role in SECOND_FACTOR_ROLES


def needs_second_factor(by: Actor, *, of_everybody: bool = False) -> bool:
    """Whether *by* acts in a role that asks for a second factor, in a sign-in or with a token that had none.

    Args:
        of_everybody: every role asks for it.
    """
    return asks_second_factor(by.role, of_everybody=of_everybody) and not by.second_factor and not by.is_system


def step_of(at: datetime) -> int:
    """The half minute since 1970 in which *at* falls."""
    return int(at.timestamp()) // STEP_SECONDS


def new_secret() -> str:
    """160 random bits as an authenticator app reads them (base32)."""
    return str(pyotp.random_base32())


def code_of(secret: str, step: int) -> str:
    """What an authenticator app shows in a half minute."""
    return str(pyotp.TOTP(secret).generate_otp(step))


def matching_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The half minute that *code* is of, if it is near *at* and later than *after*, the last that was taken.

    Every candidate is compared, in constant time each, so that the time it takes tells nothing.
    """
    now, found = step_of(at), None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        same = hmac.compare_digest(code_of(secret, step).encode(), code.encode("utf-8", "replace"))
        if same and step > after:
            found = step
    return found


def provisioning_uri(secret: str, login: str) -> str:
    """What the square code says to an authenticator app."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER))


def new_recovery_code(groups: int = 6) -> str:
    """120 random bits in six groups that can be read aloud (base32, lower case); a group is twenty bits."""
    text = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(4 * groups))
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def normal_code(code: str) -> str:
    """A code as it is compared: without spaces and lines between the groups, in lower case."""
    return re.sub(r"[\s-]", "", code[: 2 * _LONGEST_CODE]).lower()[:_LONGEST_CODE]


def hashed_code(code: str) -> bytes:
    """What is kept of a recovery code; 120 random bits cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(normal_code(code).encode("utf-8", "replace")).digest()
