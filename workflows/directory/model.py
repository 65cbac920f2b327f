"""Pathways per theme and municipality, interventions and where they are offered, and what an editor is asked for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class Theme(StrEnum):
    """What a question is about, as far as a municipality can have a pathway for it; the same codes as a signal's."""

    MENTAL = "mental"
    SUBSTANCES = "substances"
    LANGUAGE = "language"
    MONEY = "money"
    DISABILITY = "disability"
    CHILD = "child"
    PREGNANCY = "pregnancy"
    NETWORK = "network"
    RELATIONSHIP = "relationship"
    YOUNG_PARENTHOOD = "young_parenthood"
    HOUSING = "housing"
    LEGAL = "legal"
    CARE_CONTACT = "care_contact"
    RESIDENCE = "residence"


class Availability(StrEnum):
    """Whether there is room for another family now."""

    AVAILABLE = "available"
    WAITING_LIST = "waiting_list"
    FULL = "full"


class PathwayStatus(StrEnum):
    """How far a pathway can be trusted on a day. Follows from the last review and is never kept."""

    CONCEPT = "concept"  #: nobody said yet that it is right
    CURRENT = "current"
    STALE = "stale"  #: longer ago than agreed


class Pathway(Identified, Base):
    """One version of what a municipality agreed about one theme. A change or review ends it and begins the next."""

    __tablename__ = "pathways"
    __table_args__ = (
        one_of("theme", Theme),
        one_of("availability", Availability),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("review_every_months IS NULL OR review_every_months > 0", name="review_every_months"),
        CheckConstraint("(last_reviewed_on IS NULL) = (reviewed_at IS NULL)", name="review"),
        UniqueConstraint("municipality_code", "theme", "version"),
        Index(
            "uq_pathways_newest",
            "municipality_code",
            "theme",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    theme: Mapped[str] = mapped_column(String(20))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    version: Mapped[int] = mapped_column(comment="1 for the first of this theme and municipality; the ETag")
    agreements_text: Mapped[str] = mapped_column(Text, default="", comment="what was agreed locally, and which support")
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_mail: Mapped[str] = mapped_column(String(120), default="")
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="that gives the support; empty: outside the coalition"
    )
    referral_how: Mapped[str] = mapped_column(Text, default="")
    cost: Mapped[str] = mapped_column(Text, default="", comment="for the family")
    wait_time: Mapped[str] = mapped_column(String(120), default="", comment="in words")
    availability: Mapped[str] = mapped_column(String(12), default=Availability.AVAILABLE)
    languages: Mapped[str] = mapped_column(Text, default="", comment="spoken there, interpreter, easy reading")
    review_every_months: Mapped[int | None] = mapped_column(comment="empty: the setting directory.review_months")
    last_reviewed_on: Mapped[date | None] = mapped_column(comment="local day; empty: a concept")
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="whom to ask about it: the editor who wrote it last"
    )
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(comment="empty: the newest")


class Intervention(Base):
    """Something with a name that can help a family; the shipped list is what the region knows."""

    __tablename__ = "interventions"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    phases: Mapped[list[str]] = mapped_column(JSON, comment="codes of phases of a family")
    description: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class InterventionOffer(Identified, Base):
    """An intervention can be had in a municipality during a period."""

    __tablename__ = "intervention_offers"
    __table_args__ = (
        one_of("capacity", Availability),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        Index("ix_intervention_offers_municipality_code", "municipality_code", "intervention_code", "valid_from"),
    )

    intervention_code: Mapped[str] = mapped_column(ForeignKey("interventions.code"), index=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    valid_from: Mapped[date] = mapped_column(comment="first local day")
    valid_to: Mapped[date | None] = mapped_column(comment="last local day; empty: until further notice")
    capacity: Mapped[str] = mapped_column(String(12))
    referral_how: Mapped[str] = mapped_column(Text, default="")
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(comment="counts changes; the ETag")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def holds(self, on: date) -> bool:
        """Whether it can be had on local day *on*."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class DirectoryNotice(Identified, Base):
    """A family's question needed a pathway that was not there or not current. Of the family nothing is kept: not which
    case, not the hour."""

    __tablename__ = "directory_notices"
    __table_args__ = (
        one_of("theme", Theme),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="period"),
        Index("ix_directory_notices_municipality_code", "municipality_code", "closed_on"),
        Index(
            "uq_directory_notices_open",
            "municipality_code",
            "theme",
            unique=True,
            sqlite_where=text("closed_on IS NULL"),
            postgresql_where=text("closed_on IS NULL"),
        ),
    )

    theme: Mapped[str] = mapped_column(String(20))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"))
    opened_on: Mapped[date] = mapped_column(comment="local day")
    closed_on: Mapped[date | None] = mapped_column(comment="local day on which the pathway became current")
