"""Local accounts, sign-ins, second factors and access tokens.

Of every secret only a hash is kept, except of what makes the codes of a second factor: that is kept encrypted.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified


class Factor(StrEnum):
    """With what a sign-in was confirmed, besides a password."""

    TOTP = "totp"  #: a code of an authenticator app
    RECOVERY_CODE = "recovery_code"  #: a code on paper, for when the telephone is away
    PROVIDER = "provider"  #: whoever let the person in vouches for it


class Account(Identified, Base):
    """A way for one person to log in with a password."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("failed_count >= 0", name="failed_count"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    login: Mapped[str] = mapped_column(String(120), unique=True, comment="kept in lower case")
    password_hash: Mapped[str] = mapped_column(Text, comment="argon2id")
    active: Mapped[bool] = mapped_column(default=True)
    failed_count: Mapped[int] = mapped_column(
        default=0, comment="wrong passwords and codes since the last complete log-in"
    )
    locked_until: Mapped[datetime | None]


class SignIn(Identified, Base):
    """One browser that is logged in: for one organisation in one role, or as a parent for nobody but themselves."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        CheckConstraint("(assignment_id IS NULL) = as_parent", name="stands_for"),
        CheckConstraint("(factor IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("NOT (awaits_code AND factor IS NOT NULL)", name="awaits_code"),
        CheckConstraint("factor IN ('totp', 'recovery_code', 'provider')", name="factor"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    assignment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("role_assignments.id"), index=True, comment="empty: a parent"
    )
    as_parent: Mapped[bool] = mapped_column(
        default=False, comment="which family, the room parents finds anew each time"
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of the cookie's secret")
    device: Mapped[str | None] = mapped_column(String(60), comment="in coarse words, e.g. Firefox op Windows")
    awaits_code: Mapped[bool] = mapped_column(default=False, comment="the password was right; stands for nobody yet")
    factor: Mapped[Factor | None] = mapped_column(String(16), comment="with what it was confirmed")
    confirmed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(comment="written at most once a minute")
    ended_at: Mapped[datetime | None]


class ProviderIdentity(Identified, Base):
    """Somebody at a provider who is the owner of an account here."""

    __tablename__ = "provider_identities"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    provider: Mapped[str] = mapped_column(String(40), comment="code that the operator gave the provider")
    subject_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="digest of issuer and subject")
    made_account: Mapped[bool] = mapped_column(comment="the account came with it, and has no password here")
    linked_at: Mapped[datetime]
    vouched_at: Mapped[datetime | None] = mapped_column(
        comment="when it last let them in; empty: not yet, or it said since that they are out altogether"
    )


class ProviderSignIn(Base):
    """A sign-in that a provider let in; it ends when the provider says so."""

    __tablename__ = "provider_sign_ins"

    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_ins.id"), primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("provider_identities.id"), index=True)
    session_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), index=True, comment="digest of issuer and session there"
    )
    asked: Mapped[bool] = mapped_column(
        comment="the provider asked who it was just then; else it remembered the browser"
    )


class ProviderRole(Base):
    """A role that a rule about what a provider says gave; it ends when that holds no longer. Others are left alone.

    What somebody here ended, or let run out, no rule gives again.
    """

    __tablename__ = "provider_roles"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("provider_identities.id"), index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(
        comment="when its rule held no longer; empty of one that is over: somebody here ended it"
    )


class ProviderUse(Base):
    """What a provider said once counts once; forgotten when it would be too old anyway."""

    __tablename__ = "provider_uses"

    used_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(index=True)


class SecondFactor(Identified, Base):
    """An authenticator app of an account (RFC 6238). It counts once a code of it was given back."""

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (sealed_secret IS NOT NULL)", name="sealed_secret"),
        *(
            Index(
                f"uq_second_factors_{name}",
                "account_id",
                unique=True,
                sqlite_where=text(f"ended_at IS NULL AND confirmed_at {word}"),
                postgresql_where=text(f"ended_at IS NULL AND confirmed_at {word}"),
            )
            for name, word in (("begun", "IS NULL"), ("live", "IS NOT NULL"))
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    sealed_secret: Mapped[bytes | None] = mapped_column(comment="encrypted; gone when it ended")
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(
        BigInteger, default=0, comment="half minute since 1970 of the last code that was taken; none is taken twice"
    )
    ended_at: Mapped[datetime | None]


def factor_about(factor_id: UUID) -> str:
    """As what its secret is closed: nobody can put it in the place of another."""
    return f"second_factors/{factor_id.hex}"


class RecoveryCode(Identified, Base):
    """A code that takes the place of the authenticator app once."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of 120 random bits")
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Activation(Base):
    """A code with which the owner of an account chooses its password; gone when it was used, replaced by a newer one."""

    __tablename__ = "activations"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of 120 random bits")
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sealed_code: Mapped[bytes | None] = mapped_column(comment="encrypted; only until the mail with it has left")
    sealed_address: Mapped[bytes | None] = mapped_column(
        comment="encrypted; only until the mail with the code has left"
    )
    mailed_at: Mapped[datetime | None] = mapped_column(comment="when a mail with the code left")
    mail_failed_at: Mapped[datetime | None] = mapped_column(comment="when the mail server last did not take it")


def activation_about(account_id: UUID, what: str) -> str:
    """As what a code, or the address that it goes to, is closed."""
    return f"activations/{account_id.hex}/{what}"


class PasswordReset(Base):
    """The link with which somebody who forgot the password chooses another; the last one that was mailed."""

    __tablename__ = "password_resets"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    ask: Mapped[UUID] = mapped_column(comment="for which question it was drawn")
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of 256 random bits")
    drawn_at: Mapped[datetime] = mapped_column(comment="when its mail left")
    expires_at: Mapped[datetime]


class LoginThrottle(Base):
    """How full the measure of failed log-ins from one address is; one row per address, gone when it is empty, and one for all
    addresses together."""

    __tablename__ = "login_throttles"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, comment="keyed hash of the address")
    empties_at: Mapped[datetime] = mapped_column(index=True, comment="each failure moves it on by a fixed time")


class AccessToken(Identified, Base):
    """A bearer token for a program that acts as one assignment."""

    __tablename__ = "access_tokens"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    label: Mapped[str] = mapped_column(String(120), comment="what it is for, in words of who asked for it")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    second_factor: Mapped[bool] = mapped_column(
        default=False, comment="who issued it was confirmed with a second factor"
    )
    networks: Mapped[list[str]] = mapped_column(
        JSON, default=list, comment="from where alone it may come; none: anywhere"
    )
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None] = mapped_column(comment="written at most once a minute")
    refused_at: Mapped[datetime | None] = mapped_column(comment="when it was last told that it is used and may not be")
    revoked_at: Mapped[datetime | None]
