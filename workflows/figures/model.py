"""What was told about a period. Not what it was counted from: that cannot be found again from here."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class Topic(StrEnum):
    """What figures are about."""

    HANDOVERS = "handovers"


class PublishedFigures(Identified, Base):
    """The figures of one period, cut and rounded. They never change: who compares two versions could work out a family."""

    __tablename__ = "published_figures"
    __table_args__ = (
        one_of("topic", Topic),
        UniqueConstraint("topic", "first_day"),
        UniqueConstraint("topic", "last_day"),
        CheckConstraint("first_day < last_day", name="period"),
        CheckConstraint("smallest > 0", name="smallest"),
    )

    topic: Mapped[str] = mapped_column(String(16))
    first_day: Mapped[date] = mapped_column(comment="local day; the first of a quarter")
    last_day: Mapped[date] = mapped_column(comment="local day; the last of this or a later quarter")
    smallest: Mapped[int] = mapped_column(comment="fewer families than this are told in no figure")
    told: Mapped[dict[str, Any]] = mapped_column(JSON, comment="only what everybody on the board may read")
    published_at: Mapped[datetime]
