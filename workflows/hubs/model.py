"""The local hub: a meeting in a municipality, the families on its agenda, and who may sit at the table for each of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class MeetingStatus(StrEnum):
    """How far a meeting is."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class ItemStatus(StrEnum):
    """How far a family on an agenda is."""

    PLANNED = "planned"
    DISCUSSED = "discussed"
    POSTPONED = "postponed"  #: to another meeting, which has an item of its own
    REMOVED = "removed"  #: a loss, a closed case, or a family that does not want it any more


TRANSITIONS: dict[str, frozenset[MeetingStatus]] = {
    MeetingStatus.PLANNED: frozenset({MeetingStatus.HELD, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset(),
    MeetingStatus.CANCELLED: frozenset(),
}

ITEM_TRANSITIONS: dict[str, frozenset[ItemStatus]] = {
    ItemStatus.PLANNED: frozenset({ItemStatus.DISCUSSED, ItemStatus.POSTPONED, ItemStatus.REMOVED}),
    ItemStatus.DISCUSSED: frozenset(),
    ItemStatus.POSTPONED: frozenset(),
    ItemStatus.REMOVED: frozenset(),
}


class HubMeeting(Identified, Base):
    """A moment at which professionals and parents of one or several families sit down together."""

    __tablename__ = "hub_meetings"
    __table_args__ = (
        one_of("status", MeetingStatus),
        Index("ix_hub_meetings_municipality_code", "municipality_code", "starts_at"),
    )

    municipality_code: Mapped[str | None] = mapped_column(
        ForeignKey("municipalities.code"), comment="empty: of a family whose municipality is not known"
    )
    organised_by: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    organised_as: Mapped[str] = mapped_column(String(24), comment="role of who planned it")
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    planned_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200), default="")
    online: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(
        comment="counts changes of the meeting itself; a family that comes or goes does not show in it"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def hold(self) -> None:
        """It took place.

        Raises:
            WrongState: it was held before, or cancelled.
        """
        self._move(MeetingStatus.HELD)

    def cancel(self) -> None:
        """It will not take place.

        Raises:
            WrongState: it was held, or cancelled before.
        """
        self._move(MeetingStatus.CANCELLED)

    def _move(self, status: MeetingStatus) -> None:
        if status not in TRANSITIONS[self.status]:
            detail = "Dit overleg is al geweest." if self.status == MeetingStatus.HELD else "Dit overleg is afgezegd."
            raise WrongState(f"hub meeting {self.id} cannot go from {self.status} to {status}", detail=detail)
        self.status = status


class OtherParent(StrEnum):
    """How the other parent is invited, beside the one whom the case speaks with."""

    TOGETHER = "together"
    SEPARATELY = "separately"  #: at a moment of their own
    NOT_INVITED = "not_invited"


class AgendaItem(Identified, Base):
    """One family on one agenda. What was said is in the dossier; here stands whether the parents had their seats."""

    __tablename__ = "agenda_items"
    __holds_content__ = True
    __table_args__ = (
        one_of("status", ItemStatus),
        one_of("other_parent", OtherParent),
        CheckConstraint("parents_invited OR reason_not_invited IS NOT NULL", name="parents_invited"),
        CheckConstraint(
            "parents_present IS NULL OR parents_present OR reason_if_absent IS NOT NULL", name="parents_present"
        ),
        CheckConstraint("status <> 'discussed' OR parents_present IS NOT NULL", name="discussed"),
        Index(
            "uq_agenda_items_planned",
            "case_id",
            unique=True,
            sqlite_where=text("status = 'planned'"),
            postgresql_where=text("status = 'planned'"),
        ),
    )

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("hub_meetings.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    position: Mapped[int] = mapped_column(comment="order on the agenda, from 1")
    status: Mapped[str] = mapped_column(String(10))
    parents_invited: Mapped[bool]
    reason_not_invited: Mapped[str | None] = mapped_column(Text)
    other_parent: Mapped[str | None] = mapped_column(String(12), comment="empty: there is none, or nobody said")
    parents_present: Mapped[bool | None] = mapped_column(comment="empty: no minutes yet")
    reason_if_absent: Mapped[str | None] = mapped_column(Text)
    supporter_of_parent_present: Mapped[bool] = mapped_column(default=False)
    minutes_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    minutes_shared_on: Mapped[date | None] = mapped_column(comment="local day on which the parents got them")
    case_director_organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="who will direct the case, as was agreed"
    )
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(comment="discussed, postponed or removed")

    def discuss(self, *, parents_present: bool, reason_if_absent: str | None, at: datetime) -> None:
        """The family was discussed, with the parents or with a reason why not.

        Raises:
            WrongState: not planned (any more).
        """
        self._move(ItemStatus.DISCUSSED, at)
        self.parents_present = parents_present
        self.reason_if_absent = reason_if_absent

    def postpone(self, at: datetime) -> None:
        """Another time.

        Raises:
            WrongState: not planned (any more).
        """
        self._move(ItemStatus.POSTPONED, at)

    def remove(self, at: datetime) -> None:
        """Off the agenda, for good.

        Raises:
            WrongState: not planned (any more).
        """
        self._move(ItemStatus.REMOVED, at)

    def _move(self, status: ItemStatus, at: datetime) -> None:
        if status not in ITEM_TRANSITIONS[self.status]:
            raise WrongState(
                f"agenda item {self.id} cannot go from {self.status} to {status}",
                detail="Dit gezin staat niet meer open op de agenda.",
            )
        self.status = status
        self.ended_at = at


class Invitation(Identified, Base):
    """An organisation, in a role, may sit at the table for one family. It is there only because the family agreed; whether
    the family still does is asked anew each time somebody looks."""

    __tablename__ = "hub_invitations"
    __holds_content__ = True
    __table_args__ = (
        Index(
            "uq_hub_invitations_standing",
            "agenda_item_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_hub_invitations_organisation_id", "organisation_id", "role"),
    )

    agenda_item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(String(24))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    invited_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    def withdraw(self, at: datetime) -> None:
        """The organisation does not sit at the table for this family any more.

        Raises:
            WrongState: withdrawn before.
        """
        if self.withdrawn_at is not None:
            raise WrongState(f"invitation {self.id} was withdrawn before")
        self.withdrawn_at = at
