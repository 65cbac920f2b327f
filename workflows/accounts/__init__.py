"""Logging in: local accounts, sign-ins and access tokens. Knows no families or cases."""

from workflows.accounts.model import AccessToken, Account, SignIn

__all__ = ["AccessToken", "Account", "SignIn"]
