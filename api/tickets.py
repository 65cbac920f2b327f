"""A ticket says, signed, that a page of ours carries along what was typed, so that a long body is expected."""

from __future__ import annotations

import secrets

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

#: Name in the address.
NAME = "bewaard"


def ticket() -> str:
    """For the address that the form of such a page is sent to."""
    return str(_signer().dumps(secrets.token_urlsafe(9)))


def is_ticket(text: str) -> bool:
    """Whether *text* is one of ours."""
    try:
        _signer().loads(text)
    except BadSignature:
        return False
    return True


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="steun-ticket")
