"""Logging in: local accounts, sign-ins and access tokens. Knows no families or cases."""

from workflows.accounts.model import AccessToken, Account, SignIn
from workflows.accounts.service import (
    COST,
    actor_of_sign_in,
    actor_of_token,
    check_password,
    create_account,
    deactivate_account,
    issue_token,
    revoke_token,
    set_password,
    sign_in,
    sign_out,
    switch_assignment,
    to_touch,
    touch,
)

__all__ = [
    "COST",
    "AccessToken",
    "Account",
    "SignIn",
    "actor_of_sign_in",
    "actor_of_token",
    "check_password",
    "create_account",
    "deactivate_account",
    "issue_token",
    "revoke_token",
    "set_password",
    "sign_in",
    "sign_out",
    "switch_assignment",
    "to_touch",
    "touch",
]
