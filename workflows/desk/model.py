"""What goes wrong, and asking to mend it: one person asks, another confirms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.desk.rules import Cause
from workflows.errors import NotAllowed, WrongState


class TroubleKind(StrEnum):
    """Of what something does not go."""

    JOB = "job"  #: work that the worker does when its moment has come
    MESSAGE = "message"  #: something that has to leave the house
    LOG_LINES = "log_lines"  #: lines of the logbook that another system keeps as well
    MAIL_ADDRESS = "mail_address"  #: an address that the mail server knows no more
    RUN = "run"  #: a process that goes on without anything that it could wait for
    STEP = "step"  #: steps that a program of an organisation does
    CASE = "case"  #: an open case without any process


class TroubleState(StrEnum):
    """How it stands."""

    FAILED = "failed"  #: nobody tries any more
    RETRYING = "retrying"  #: tried again by itself
    OVERDUE = "overdue"  #: its moment has passed and nobody came
    HELD = "held"  #: a program has it now, and is not ready
    STUCK = "stuck"  #: nothing will ever happen by itself


class Action(StrEnum):
    """What can be done about it."""

    RETRY = "retry"  #: try the same once more, now
    TAKE_BACK = "take_back"  #: take it from the program that has it
    DROP = "drop"  #: do not send it any more
    RESUME = "resume"  #: let the machine look at its process anew and lay out what it waits for
    ASK_DIRECTOR = "ask_director"  #: put the case before the process director


class Why(StrEnum):
    """Why it is asked. Codes only: nobody can type a name here."""

    CAUSE_MENDED = "cause_mended"
    SEE_IF_IT_WORKS = "see_if_it_works"
    NOT_NEEDED = "not_needed"
    ADVISED = "advised"


class RepairStatus(StrEnum):
    """How it stands with a repair that somebody asked for."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  #: nobody confirmed in time, or there was nothing left to mend


TRANSITIONS: dict[RepairStatus, frozenset[RepairStatus]] = {
    RepairStatus.ASKED: frozenset(RepairStatus) - {RepairStatus.ASKED},
    RepairStatus.DONE: frozenset(),
    RepairStatus.REFUSED: frozenset(),
    RepairStatus.WITHDRAWN: frozenset(),
    RepairStatus.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """All that goes wrong in the same way, with the same cause, as one.

    ``id`` is the same for as long as that is so. ``key`` is what the machinery calls it; ``references`` are the first
    signs of a few ids, so that somebody who has a case before them and who looks here can find out that they mean the same.
    ``organisation`` and ``program`` are names: at whom a step lies, and what had it last or could take it.
    """

    id: UUID
    kind: TroubleKind
    what: str
    state: TroubleState
    cause: Cause
    key: str
    count: int
    error: str | None = None
    step: str | None = None
    organisation: str | None = None
    program: str | None = None
    since: datetime | None = None
    next_at: datetime | None = None
    references: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    repair: Repair | None = None


class Repair(Identified, Base):
    """Somebody asks to mend something. It holds what kind of thing it is and no id of a case."""

    __tablename__ = "repairs"
    __table_args__ = (
        one_of("kind", TroubleKind),
        one_of("action", Action),
        one_of("why", Why),
        one_of("status", RepairStatus),
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("status <> 'done' OR decided_by IS NOT NULL AND decided_by <> asked_by", name="two_people"),
        CheckConstraint("count > 0", name="count"),
        Index("ix_repairs_status", "status", "asked_at", "id"),
        Index(
            "uq_repairs_open",
            "trouble_id",
            unique=True,
            sqlite_where=text("status = 'asked'"),
            postgresql_where=text("status = 'asked'"),
        ),
    )

    trouble_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(80), comment="kind of job, channel, log, process or topic")
    cause: Mapped[str] = mapped_column(String(24))
    action: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(String(16))
    count: Mapped[int] = mapped_column(comment="how many, when it was asked")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default=RepairStatus.ASKED)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="empty: the house")
    decided_at: Mapped[datetime | None]
    mended: Mapped[int | None] = mapped_column(comment="how many it was done for")

    def _move(self, status: RepairStatus, by: UUID | None, at: datetime) -> None:
        if status not in TRANSITIONS[RepairStatus(self.status)]:
            raise WrongState(f"repair {self.id} is {self.status}, not to become {status}", detail=_DECIDED)
        self.status = status
        self.decided_by = by
        self.decided_at = at

    def confirm(self, *, by: UUID, at: datetime) -> None:
        """Another person agrees.

        Raises:
            NotAllowed: who asked does not confirm it too. WrongState: decided before.
        """
        if by == self.asked_by and self.status == RepairStatus.ASKED:
            raise NotAllowed(f"repair {self.id} was asked by {by}", detail=_OWN)
        self._move(RepairStatus.DONE, by, at)

    def refuse(self, *, by: UUID, at: datetime) -> None:
        """Another person does not agree.

        Raises:
            NotAllowed: who asked can only withdraw it. WrongState: decided before.
        """
        if by == self.asked_by and self.status == RepairStatus.ASKED:
            raise NotAllowed(f"repair {self.id} was asked by {by}", detail=_OWN_REFUSAL)
        self._move(RepairStatus.REFUSED, by, at)

    def withdraw(self, *, by: UUID, at: datetime) -> None:
        """Who asked does not want it any more.

        Raises:
            NotAllowed: somebody else asked. WrongState: decided before.
        """
        if by != self.asked_by:
            raise NotAllowed(f"repair {self.id} was asked by somebody else", detail=_NOT_OWN)
        self._move(RepairStatus.WITHDRAWN, by, at)

    def expire(self, *, at: datetime) -> None:
        """Nobody decided in time, or nothing is left to mend.

        Raises:
            WrongState: decided before.
        """
        self._move(RepairStatus.EXPIRED, None, at)


_DECIDED = "Over dit verzoek is al beslist. Ververs de bladzijde."
_OWN = "U vroeg dit zelf. Een collega bevestigt het: zo kijken er altijd twee mensen naar."
_OWN_REFUSAL = "U vroeg dit zelf. Trek uw verzoek in als het niet meer nodig is."
_NOT_OWN = "Alleen wie het vroeg, trekt een verzoek in. U kunt het wel afwijzen."
