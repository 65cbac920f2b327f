"""Local accounts, sign-ins and access tokens. Of every secret only a hash is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified


class Account(Identified, Base):
    """A way for one person to log in with a password."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("failed_count >= 0", name="failed_count"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    login: Mapped[str] = mapped_column(String(120), unique=True, comment="kept in lower case")
    password_hash: Mapped[str] = mapped_column(Text, comment="argon2id")
    active: Mapped[bool] = mapped_column(default=True)
    failed_count: Mapped[int] = mapped_column(default=0, comment="wrong passwords since the last right one")
    locked_until: Mapped[datetime | None]


class SignIn(Identified, Base):
    """One browser that is logged in, acting for one organisation in one role."""

    __tablename__ = "sign_ins"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256 of the cookie's secret")
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(comment="written at most once a minute")
    ended_at: Mapped[datetime | None]


class AccessToken(Identified, Base):
    """A bearer token for a program that acts as one assignment."""

    __tablename__ = "access_tokens"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    label: Mapped[str] = mapped_column(String(120), comment="what it is for, in words of who asked for it")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
