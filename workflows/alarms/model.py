"""A finding of unusual reading, and how far the log was looked at."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class AlarmKind(StrEnum):
    """What is unusual about it. The last is about no reader: something is gone."""

    MANY_CASES = "many_cases"  #: one person read many different cases in a day
    MANY_READERS = "many_readers"  #: many people of one organisation read the same case in a week
    AT_NIGHT = "at_night"  #: a role that does not work at night
    IN_EMERGENCY = "in_emergency"  #: read because of an emergency, without a part in the case
    CLOSED_CASE = "closed_case"  #: a case that was closed long ago
    REFUSALS = "refusals"  #: one refusal after the other: somebody may be trying
    LOST_ITEM = (
        "lost_item"  #: something that went along with a handover was gone when it arrived, and nobody took it away
    )


class AlarmStatus(StrEnum):
    """How far the log manager is with it."""

    RAISED = "raised"
    SEEN = "seen"
    EXPLAINED = "explained"


class AlarmOutcome(StrEnum):
    """What the log manager found."""

    PART_OF_WORK = "part_of_work"
    TALKED_ABOUT = "talked_about"  #: not wrong, but agreed to do it otherwise
    NOT_JUSTIFIED = "not_justified"
    DATA_BREACH = "data_breach"  #: told to the data protection officer as a breach
    RESTORED = "restored"  #: what was gone is there again
    NOT_RESTORED = "not_restored"  #: it stays gone; both sides and the parent know


#: What can come of a finding about somebody who read, and of something that is gone.
_READING = (AlarmOutcome.PART_OF_WORK, AlarmOutcome.TALKED_ABOUT, AlarmOutcome.NOT_JUSTIFIED, AlarmOutcome.DATA_BREACH)
_LOST = (AlarmOutcome.RESTORED, AlarmOutcome.NOT_RESTORED, AlarmOutcome.DATA_BREACH)


def outcomes_of(kind: AlarmKind | str) -> tuple[AlarmOutcome, ...]:
    """What can come of a finding of this kind."""
    return _LOST if kind == AlarmKind.LOST_ITEM else _READING


class Alarm(Identified, Base):
    """One finding. It holds ids and a count; what was read stands in the log."""

    __tablename__ = "alarms"
    __holds_content__ = True
    __line_per_case__ = False
    __table_args__ = (
        one_of("kind", AlarmKind),
        one_of("status", AlarmStatus),
        one_of("outcome", AlarmOutcome),
        CheckConstraint("(status = 'explained') = (outcome IS NOT NULL)", name="explained"),
        CheckConstraint("(outcome IS NULL) = (explained_at IS NULL)", name="explained_at"),
        CheckConstraint("count > 0", name="count"),
        Index("ix_alarms_organisation_id", "organisation_id", "until_at"),
    )

    key: Mapped[str] = mapped_column(String(160), unique=True, comment="what makes it one and the same finding")
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), comment="whose people read")
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="empty: of many")
    case_id: Mapped[UUID | None] = mapped_column(comment="as in the log, also when the case is gone; empty: of many")
    day: Mapped[date] = mapped_column(comment="local day; of a week its first")
    count: Mapped[int] = mapped_column(comment="of cases, readers, times or refusals, as the kind says")
    began_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(comment="moment of the last line that counts")
    raised_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(12), default=AlarmStatus.RAISED)
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    seen_at: Mapped[datetime | None]
    explained_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    explained_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    explanation: Mapped[str] = mapped_column(Text, default="", comment="in the words of the log manager")

    def see(self, *, by: UUID | None, at: datetime) -> None:
        """Somebody looks into it.

        Raises:
            WrongState: seen or explained before.
        """
        if self.status != AlarmStatus.RAISED:
            raise WrongState(f"alarm {self.id} is {self.status}", detail="Deze melding was al gezien.")
        self.status = AlarmStatus.SEEN
        self.seen_by = by
        self.seen_at = at

    def explain(self, outcome: AlarmOutcome, explanation: str, *, by: UUID | None, at: datetime) -> None:
        """Say what came of it; that is the end of it.

        Raises:
            WrongState: explained before.
        """
        if self.status == AlarmStatus.EXPLAINED:
            raise WrongState(f"alarm {self.id} is explained", detail="Bij deze melding staat al wat u vond.")
        if self.seen_at is None:
            self.seen_by = by
            self.seen_at = at
        self.status = AlarmStatus.EXPLAINED
        self.outcome = outcome
        self.explanation = explanation
        self.explained_by = by
        self.explained_at = at


class AlarmLook(Base):
    """How far the logs were looked at, so that what happened while no worker ran is looked at later."""

    __tablename__ = "alarm_looks"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    until_at: Mapped[datetime]
