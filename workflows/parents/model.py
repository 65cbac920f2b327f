"""Which login is whose, how the invitation was handed over, and when it ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class IdentityCheck(StrEnum):
    """How the professional knew to whom the paper was given."""

    KNOWN = "known"  #: from earlier contact, in person
    DOCUMENT = "document"  #: an identity document was looked at; its number is kept nowhere
    CALLED_BACK = "called_back"  #: only by post: talked to on the number that was known before


class Delivery(StrEnum):
    """How the paper came to the parent; never by mail or app."""

    IN_PERSON = "in_person"
    POST = "post"  #: only where the parent said that a letter is safe


class LinkEnd(StrEnum):
    """Why a login ended."""

    TAKEN_BACK = "taken_back"  #: the invitation, before it was used
    PARENT_STOPPED = "parent_stopped"  #: the parent, on their own page
    PARENT_ASKED = "parent_asked"
    NOT_SAFE = "not_safe"
    NO_LONGER_INVOLVED = "no_longer_involved"
    WRONG_PERSON = "wrong_person"


class ParentLink(Identified, Base):
    """One person of a family logs in as this person; at most one link of a member is live. Never seen by the other parent."""

    __tablename__ = "parent_links"
    __holds_content__ = True
    __table_args__ = (
        one_of("identity_check", IdentityCheck),
        one_of("delivery", Delivery),
        one_of("end_reason", LinkEnd),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end"),
        Index(
            "uq_parent_links_live",
            "member_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), unique=True, comment="the login")
    member_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), index=True, comment="whose it is")
    family_id: Mapped[UUID] = mapped_column(ForeignKey("families.id"), index=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="that handed over the paper, the last one"
    )
    invited_at: Mapped[datetime]
    renewed_at: Mapped[datetime | None] = mapped_column(comment="a new paper was made")
    identity_check: Mapped[str] = mapped_column(String(12))
    delivery: Mapped[str] = mapped_column(String(12))
    first_used_at: Mapped[datetime | None] = mapped_column(comment="the code on the paper was used")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
