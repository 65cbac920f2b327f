"""Values that the region or a municipality set itself; what nobody set comes from ``region.toml``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified


class Setting(Identified, Base):
    """One value of one setting during one period, for the region or for one municipality."""

    __tablename__ = "settings"
    __table_args__ = (
        Index("ix_settings_name_municipality_code", "name", "municipality_code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    name: Mapped[str] = mapped_column(String(80), comment="a name that region.toml knows, e.g. term.explore")
    municipality_code: Mapped[str | None] = mapped_column(
        ForeignKey("municipalities.code"), index=True, comment="empty: the whole region"
    )
    value: Mapped[Any] = mapped_column(JSON)
    valid_from: Mapped[date] = mapped_column(comment="first local day on which it holds")
    valid_to: Mapped[date | None] = mapped_column(comment="last local day; empty: until another value follows")
    tag: Mapped[str] = mapped_column(String(8), comment="[I] proposal, [K] general knowledge, [S2]… a source")
    source: Mapped[str] = mapped_column(Text, comment="who decided it, or where it is written")
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    set_at: Mapped[datetime]
