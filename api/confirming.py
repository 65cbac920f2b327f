"""Proving anew who one is, before something that must not be done from a screen that somebody left open."""

from __future__ import annotations

from api.auth import reauthenticate
from workflows.errors import Invalid, LoginRefused

_WRONG = "Dit wachtwoord klopt niet, of uw account is tijdelijk geblokkeerd."


def require_password(password: str) -> None:
    """Pass when *password* is that of who asks; a wrong one counts as when logging in. Call it outside a transaction.

    Raises:
        Invalid: under ``password``, alike for wrong, locked, and who has no password here.
        TooManyAttempts: too much failed from this address a moment ago.
    """
    try:
        reauthenticate(password)
    except LoginRefused:
        raise Invalid("password refused", errors={"password": [_WRONG]}) from None
