"""Proving anew who one is, before something that must not be done from a screen that somebody left open."""

from __future__ import annotations

from api.auth import LogInAgain, reauthenticate
from workflows.errors import Invalid, LoginRefused

_WRONG = "Dit wachtwoord klopt niet, of uw account is tijdelijk geblokkeerd."
_WRONG_ONE = (
    "Dit wachtwoord klopt niet, of de code klopt niet of is al gebruikt, of uw account is tijdelijk geblokkeerd. "
    "Heeft u een app met codes? Vul dan ook een nieuwe code in."
)


def require_password(password: str) -> None:
    """Pass when *password* is that of who asks; a wrong one counts as when logging in. Call it outside a transaction.

    Raises:
        Invalid: under ``password``, alike for wrong, locked, and who has no password here.
        TooManyAttempts: too much failed from this address a moment ago.
    """
    try:
        reauthenticate(password)
    except LogInAgain as refusal:
        raise Invalid("log-in at a provider needed", errors={"password": [refusal.detail]}) from None
    except LoginRefused:
        raise Invalid("password refused", errors={"password": [_WRONG]}) from None


def require_proof(password: str, code: str) -> None:
    """As :func:`require_password`, and who has a second factor also gives a new *code* of it; what was wrong is not told.

    Raises:
        Invalid: under ``password``. TooManyAttempts.
        NotAllowed: a role of theirs must have a second factor, and they have none.
    """
    try:
        reauthenticate(password, code)
    except LogInAgain as refusal:
        raise Invalid("log-in at a provider needed", errors={"password": [refusal.detail]}) from None
    except LoginRefused:
        raise Invalid("password or code refused", errors={"password": [_WRONG_ONE]}) from None
