"""One handover of a case: offered by who holds it, answered by who may come to hold it. Codes and dates, no story."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.actor import Actor
from workflows.db import Base, Identified, one_of
from workflows.errors import NotAllowed, WrongState


class HandoverKind(StrEnum):
    """Between whom, which says what a good handover holds."""

    SIGNALLER_TO_YOUTH_HEALTH = "signaller_to_youth_health"
    BIRTH = "birth"
    YOUTH_HEALTH_TO_HUB = "youth_health_to_hub"
    CASE_DIRECTOR = "case_director"
    ORGANISATION = "organisation"
    MUNICIPALITY = "municipality"
    REGULAR_CARE = "regular_care"
    COMPULSORY_FRAMEWORK = "compulsory_framework"


class HandoverReason(StrEnum):
    """Why the case goes to somebody else."""

    PHASE_CHANGE = "phase_change"
    BIRTH = "birth"
    MOVE = "move"
    PROFESSIONAL_LEAVES = "professional_leaves"
    OTHER_EXPERTISE = "other_expertise"
    STEP_UP = "step_up"
    STEP_DOWN = "step_down"
    AGE = "age"


class WarmContactForm(StrEnum):
    """How sender, receiver and parent met; without any of it a handover is cold."""

    THREE_WAY_TALK = "three_way_talk"
    JOINT_VISIT = "joint_visit"
    PHONE = "phone"
    NONE = "none"


class RefusedReason(StrEnum):
    """Why a receiver did not accept."""

    NO_CAPACITY = "no_capacity"
    NOT_OUR_TASK = "not_our_task"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    PARENT_DECLINES = "parent_declines"
    OTHER = "other"


class HandoverStatus(StrEnum):
    """Where a handover stands. Preparing one is filling in its form: before it is offered there is nothing to keep."""

    OFFERED = "offered"  #: waits for the receiver; the sender holds the case
    ACCEPTED = "accepted"  #: the receiver holds the case; the parent did not hear from them yet
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  #: the sender took it back before it was answered
    EXPIRED = "expired"  #: nobody could answer it any more: no consent, no receiver, or the case closed
    COMPLETED = "completed"  #: the receiver had a first contact with the parent


TRANSITIONS: dict[HandoverStatus, frozenset[HandoverStatus]] = {
    HandoverStatus.OFFERED: frozenset(
        {HandoverStatus.ACCEPTED, HandoverStatus.REFUSED, HandoverStatus.WITHDRAWN, HandoverStatus.EXPIRED}
    ),
    HandoverStatus.ACCEPTED: frozenset({HandoverStatus.COMPLETED}),
    HandoverStatus.REFUSED: frozenset(),
    HandoverStatus.WITHDRAWN: frozenset(),
    HandoverStatus.EXPIRED: frozenset(),
    HandoverStatus.COMPLETED: frozenset(),
}

#: The receiver took the case over.
TAKEN = frozenset({HandoverStatus.ACCEPTED, HandoverStatus.COMPLETED})


class Handover(Identified, Base):
    """An offer of a case to one organisation and role. At most one in a case waits for an answer."""

    __tablename__ = "handovers"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", HandoverKind),
        one_of("reason", HandoverReason),
        one_of("status", HandoverStatus),
        one_of("warm_contact_form", WarmContactForm),
        one_of("refused_reason", RefusedReason),
        CheckConstraint(
            "(status IN ('accepted', 'refused', 'completed')) = (answered_at IS NOT NULL)"
            " AND (status IN ('withdrawn', 'expired')) = (ended_at IS NOT NULL)",
            name="answered",
        ),
        CheckConstraint("(status = 'refused') = (refused_reason IS NOT NULL)", name="refused"),
        CheckConstraint("(status = 'completed') = (first_contact_on IS NOT NULL)", name="completed"),
        CheckConstraint("from_organisation_id <> to_organisation_id OR from_role <> to_role", name="elsewhere"),
        Index(
            "uq_handovers_open",
            "case_id",
            unique=True,
            sqlite_where=text("status = 'offered'"),
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_handovers_case_id", "case_id", "offered_at"),
        Index("ix_handovers_from_organisation_id", "from_organisation_id", "from_role", "first_contact_on"),
        Index("ix_handovers_to_organisation_id", "to_organisation_id", "status"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(28))
    reason: Mapped[str] = mapped_column(String(24))
    from_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    from_role: Mapped[str] = mapped_column(String(24))
    from_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="who offered it")
    to_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    to_role: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(12), default=HandoverStatus.OFFERED)
    warm_contact_form: Mapped[str] = mapped_column(String(16))
    warm_contact_on: Mapped[date | None]
    parent_present: Mapped[bool]
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    refused_reason: Mapped[str | None] = mapped_column(String(24))
    contact_planned_on: Mapped[date | None] = mapped_column(comment="local day on which the receiver means to call")
    first_contact_on: Mapped[date | None] = mapped_column(comment="local day on which the receiver spoke the parent")
    ended_at: Mapped[datetime | None] = mapped_column(comment="withdrawn or expired")
    offer_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    answer_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    contact_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)

    @property
    def is_warm(self) -> bool:
        """Sender, receiver and parent were in touch on a day that is known; else the handover counts as cold."""
        return self.warm_contact_form != WarmContactForm.NONE and self.warm_contact_on is not None

    def _move(self, status: HandoverStatus) -> None:
        if status not in TRANSITIONS[HandoverStatus(self.status)]:
            raise WrongState(f"handover {self.id} is {self.status}, not to become {status}", detail=_GONE)
        self.status = status

    def accept(self, *, contact_planned_on: date | None, entry_id: UUID | None, by: Actor, at: datetime) -> None:
        """The receiver takes the case over.

        Raises:
            NotAllowed: *by* acts for another organisation or role than it was offered to.
            WrongState: it does not wait for an answer (any more).
        """
        if (by.organisation_id, by.role) != (self.to_organisation_id, self.to_role):
            raise NotAllowed(
                f"handover {self.id} was offered to {self.to_role} of {self.to_organisation_id}",
                detail="Alleen wie de overdracht kreeg aangeboden, kan haar aannemen.",
            )
        self._move(HandoverStatus.ACCEPTED)
        self.contact_planned_on = contact_planned_on
        self._answered(entry_id, by, at)

    def refuse(self, reason: RefusedReason | str, *, entry_id: UUID | None, by: Actor, at: datetime) -> None:
        """Nobody takes the case over this time; the sender goes on holding it.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._move(HandoverStatus.REFUSED)
        self.refused_reason = reason
        self._answered(entry_id, by, at)

    def withdraw(self, at: datetime) -> None:
        """The sender takes the offer back.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._move(HandoverStatus.WITHDRAWN)
        self.ended_at = at

    def expire(self, at: datetime) -> None:
        """Nobody can answer it any more.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._move(HandoverStatus.EXPIRED)
        self.ended_at = at

    def confirm_contact(self, on: date, *, entry_id: UUID | None) -> None:
        """The receiver had a first contact with the parent.

        Raises:
            WrongState: it was not accepted, or the contact was confirmed before.
        """
        self._move(HandoverStatus.COMPLETED)
        self.first_contact_on = on
        self.contact_entry_id = entry_id

    def _answered(self, entry_id: UUID | None, by: Actor, at: datetime) -> None:
        self.answer_entry_id = entry_id
        self.answered_by = by.person_id
        self.answered_at = at


_GONE = "Deze overdracht wacht niet meer op een antwoord. Ververs de pagina en kijk opnieuw."
