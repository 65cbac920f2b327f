"""The authenticator app of the demo: for roles that ask for a code, the page where it is asked fills it in.

Everybody can read these secrets here, so they protect nothing; a database of the demo is never served in production.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from workflows import accounts
from workflows.accounts import Standing


def secret_of(login: str) -> str:
    """What makes the codes of somebody of the demo."""
    return base64.b32encode(hashlib.sha256(f"steun demo {login}".encode()).digest()[:20]).decode()


def code_for(stands: Standing, *, at: datetime) -> str | None:
    """The code to fill in; None in the half minute in which the code of now and the next were used.

    Not the code of before, which is still taken: who reads the page first would be too late with it.
    """
    now = accounts.step_of(at)
    fresh = [step for step in (now, now + 1) if step > stands.last_step]
    return accounts.code_of(secret_of(stands.login), fresh[0]) if fresh else None
