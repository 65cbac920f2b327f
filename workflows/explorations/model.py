"""What a family and a professional found out together, without the story itself: that is in the dossier."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.signals import VulnerabilityLevel


class Conclusion(StrEnum):
    """What follows from an exploration."""

    NO_FURTHER_SUPPORT = "no_further_support"
    PATHWAY = "pathway"
    INTERVENTION = "intervention"
    HUB_MEETING = "hub_meeting"
    DIRECT_REFERRAL = "direct_referral"
    PARENT_DECLINES = "parent_declines"
    NOT_REACHED = "not_reached"


class Exploration(Identified, Base):
    """One concluded exploration of a case."""

    __tablename__ = "explorations"
    __holds_content__ = True
    __table_args__ = (one_of("conclusion", Conclusion), one_of("level_after", VulnerabilityLevel))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id"), index=True)
    conclusion: Mapped[str] = mapped_column(String(24))
    decided_with_parent: Mapped[bool | None] = mapped_column(comment="empty: the family was not reached")
    level_after: Mapped[str | None] = mapped_column(String(24))
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    concluded_at: Mapped[datetime]
