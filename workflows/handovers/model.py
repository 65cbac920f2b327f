"""One handover of a case: prepared and offered by who holds it, asked about and answered by who may come to hold it. Codes
and dates, no story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.clock import local_date
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


class ParentPresence(StrEnum):
    """Whether the parent was there when sender and receiver spoke."""

    PRESENT = "present"
    DECLINED = "declined"  #: asked, and does not wish to be there: that is the parent's to say, so it stays warm
    ABSENT = "absent"


class Missing(StrEnum):
    """What a receiver misses in a handover; the same things of which a kind of handover asks a minimum."""

    PARENT_QUESTION = "parent_question"
    GOES_WELL = "goes_well"
    STILL_OPEN = "still_open"
    TRIED_BEFORE = "tried_before"
    PEOPLE_INVOLVED = "people_involved"
    NEXT_DATE = "next_date"
    PARENT_EXPECTS = "parent_expects"
    SAFE_CONTACT = "safe_contact"
    CONSENT = "consent"
    OTHER = "other"


class HandoverStatus(StrEnum):
    """Where a handover stands. Until it is accepted the sender holds the case."""

    PREPARED = "prepared"  #: written down, and nobody else knows of it yet
    OFFERED = "offered"  #: waits for the receiver
    ASKED = "asked"  #: the receiver asked something back; waits for the sender
    ACCEPTED = "accepted"  #: the receiver holds the case; the parent did not hear from them yet
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  #: the sender took it back before it was answered
    EXPIRED = "expired"  #: nobody answered, or could any more: no consent, no receiver, or the case closed
    COMPLETED = "completed"  #: the receiver had a first contact with the parent


#: Neither answered nor over: at most one in a case.
OPEN = (HandoverStatus.PREPARED, HandoverStatus.OFFERED, HandoverStatus.ASKED)
#: Lies with the receiver, or came back from there with a question.
PENDING = (HandoverStatus.OFFERED, HandoverStatus.ASKED)

TRANSITIONS: dict[HandoverStatus, frozenset[HandoverStatus]] = {
    HandoverStatus.PREPARED: frozenset({HandoverStatus.OFFERED, HandoverStatus.WITHDRAWN, HandoverStatus.EXPIRED}),
    HandoverStatus.OFFERED: frozenset(
        {
            HandoverStatus.ASKED,
            HandoverStatus.ACCEPTED,
            HandoverStatus.REFUSED,
            HandoverStatus.WITHDRAWN,
            HandoverStatus.EXPIRED,
        }
    ),
    HandoverStatus.ASKED: frozenset({HandoverStatus.OFFERED, HandoverStatus.WITHDRAWN, HandoverStatus.EXPIRED}),
    HandoverStatus.ACCEPTED: frozenset({HandoverStatus.COMPLETED}),
    HandoverStatus.REFUSED: frozenset(),
    HandoverStatus.WITHDRAWN: frozenset(),
    HandoverStatus.EXPIRED: frozenset(),
    HandoverStatus.COMPLETED: frozenset(),
}
_IS_OPEN = "status IN ('prepared', 'offered', 'asked')"

#: The receiver took the case over.
TAKEN = frozenset({HandoverStatus.ACCEPTED, HandoverStatus.COMPLETED})


class Handover(Identified, Base):
    """A case on its way from one organisation and role to another. At most one in a case is open."""

    __tablename__ = "handovers"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", HandoverKind),
        one_of("reason", HandoverReason),
        one_of("status", HandoverStatus),
        one_of("warm_contact_form", WarmContactForm),
        one_of("parent_presence", ParentPresence),
        one_of("refused_reason", RefusedReason),
        CheckConstraint(
            "(status IN ('accepted', 'refused', 'completed')) = (answered_at IS NOT NULL)"
            " AND (status IN ('withdrawn', 'expired')) = (ended_at IS NOT NULL)",
            name="answered",
        ),
        CheckConstraint(
            "(status <> 'prepared' OR offered_at IS NULL)"
            " AND (status IN ('prepared', 'withdrawn', 'expired') OR offered_at IS NOT NULL)"
            " AND (offered_at IS NULL) = (warm_contact_form IS NULL)"
            " AND (offered_at IS NULL) = (answer_from IS NULL)",
            name="offered",
        ),
        CheckConstraint("(status = 'asked') = (asked_at IS NOT NULL)", name="asked"),
        CheckConstraint("(status = 'refused') = (refused_reason IS NOT NULL)", name="refused"),
        CheckConstraint("(status = 'completed') = (first_contact_on IS NOT NULL)", name="completed"),
        CheckConstraint(
            "overlap_until IS NULL OR status IN ('accepted', 'completed')",
            name="overlap",
        ),
        CheckConstraint("from_organisation_id <> to_organisation_id OR from_role <> to_role", name="elsewhere"),
        Index(
            "uq_handovers_open", "case_id", unique=True, sqlite_where=text(_IS_OPEN), postgresql_where=text(_IS_OPEN)
        ),
        Index("ix_handovers_case_id", "case_id", "prepared_at"),
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
    status: Mapped[str] = mapped_column(String(12), default=HandoverStatus.PREPARED)
    prepared_at: Mapped[datetime]
    shown_to_parent: Mapped[bool | None] = mapped_column(
        comment="whether the parent saw what is sent; unknown of handovers of before this was asked"
    )
    warm_contact_form: Mapped[str | None] = mapped_column(String(16), comment="planned, and then as it went")
    warm_contact_on: Mapped[date | None]
    parent_presence: Mapped[str | None] = mapped_column(String(12), comment="planned, and then as it went")
    offered_at: Mapped[datetime | None]
    answer_from: Mapped[date | None] = mapped_column(
        comment="local day from which the term of answering counts: a question that waits for the sender moves it on"
    )
    asked_at: Mapped[datetime | None] = mapped_column(comment="since when a question waits for the sender")
    questions: Mapped[int] = mapped_column(default=0, comment="how often the receiver asked something back")
    missing: Mapped[list[str]] = mapped_column(
        JSON, default=list, comment="codes of what the receiver missed, in a question or as why it refused"
    )
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    refused_reason: Mapped[str | None] = mapped_column(String(24))
    overlap_until: Mapped[datetime | None] = mapped_column(comment="until when the sender reads along, once accepted")
    contact_planned_on: Mapped[date | None] = mapped_column(comment="local day on which the receiver means to call")
    talked_at: Mapped[datetime | None] = mapped_column(comment="when it was written down how the talk of three went")
    first_contact_on: Mapped[date | None] = mapped_column(comment="local day on which the receiver spoke the parent")
    ended_at: Mapped[datetime | None] = mapped_column(comment="withdrawn or expired")
    offer_entry_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("entries.id"), index=True, comment="what was prepared"
    )
    send_entry_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("entries.id"), index=True, comment="how it was shown and sent"
    )
    answer_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    talk_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    contact_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)

    @property
    def is_warm(self) -> bool:
        """Sender and receiver were in touch on a day that is known, with the parent there or not wishing it; else cold.

        Before the talk was written down this says what is planned.
        """
        return (
            self.warm_contact_form not in (None, WarmContactForm.NONE)
            and self.warm_contact_on is not None
            and self.parent_presence in (ParentPresence.PRESENT, ParentPresence.DECLINED)
        )

    @property
    def is_open(self) -> bool:
        """Neither answered nor over."""
        return self.status in OPEN

    def _move(self, status: HandoverStatus) -> None:
        if status not in TRANSITIONS[HandoverStatus(self.status)]:
            raise WrongState(f"handover {self.id} is {self.status}, not to become {status}", detail=_GONE)
        self.status = status

    def offer(
        self,
        *,
        warm_contact_form: WarmContactForm | str,
        warm_contact_on: date | None,
        parent_presence: ParentPresence | str,
        shown_to_parent: bool | None,
        entry_id: UUID | None,
        by: Actor,
        at: datetime,
    ) -> None:
        """The receiver gets it, and the term of answering begins.

        Raises:
            WrongState: it was sent before, or is over.
        """
        if self.status != HandoverStatus.PREPARED:  # what was asked is answered, not offered anew
            raise WrongState(f"handover {self.id} is {self.status}, not prepared", detail=_GONE)
        self._move(HandoverStatus.OFFERED)
        self.warm_contact_form = warm_contact_form
        self.warm_contact_on = warm_contact_on
        self.parent_presence = parent_presence
        self.shown_to_parent = shown_to_parent
        self.send_entry_id = entry_id
        self.from_person_id = by.person_id
        self.offered_at = at
        self.answer_from = local_date(at)

    def ask(self, missing: Sequence[str], *, by: Actor, at: datetime) -> None:
        """The receiver misses something and asks the sender.

        Raises:
            NotAllowed: *by* is not the receiver. WrongState: it does not wait for an answer (any more).
        """
        self._only_receiver(by)
        self._move(HandoverStatus.ASKED)
        self.asked_at = at
        self.questions = (self.questions or 0) + 1
        self.missing = [*(self.missing or ()), *missing]

    def reply(self, answer_from: date) -> None:
        """The sender answered; the receiver is to answer the handover again.

        Args:
            answer_from: from when the term of answering counts now; see :func:`workflows.handovers.reply`.

        Raises:
            WrongState: no question waits.
        """
        if self.status != HandoverStatus.ASKED:
            raise WrongState(f"handover {self.id} is {self.status}, nothing was asked", detail=_GONE)
        self._move(HandoverStatus.OFFERED)
        self.asked_at = None
        self.answer_from = answer_from

    def accept(
        self,
        *,
        contact_planned_on: date | None,
        overlap_until: datetime | None = None,
        entry_id: UUID | None,
        by: Actor,
        at: datetime,
    ) -> None:
        """The receiver takes the case over.

        Raises:
            NotAllowed: *by* acts for another organisation or role than it was offered to.
            WrongState: it does not wait for an answer (any more).
        """
        self._only_receiver(by)
        self._move(HandoverStatus.ACCEPTED)
        self.contact_planned_on = contact_planned_on
        self.overlap_until = overlap_until
        self._answered(entry_id, by, at)

    def refuse(
        self,
        reason: RefusedReason | str,
        *,
        missing: Sequence[str] = (),
        entry_id: UUID | None,
        by: Actor,
        at: datetime,
    ) -> None:
        """Nobody takes the case over this time; the sender goes on holding it.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._move(HandoverStatus.REFUSED)
        self.refused_reason = reason
        self.missing = [*(self.missing or ()), *missing]
        self._answered(entry_id, by, at)

    def withdraw(self, at: datetime) -> None:
        """The sender takes the offer back.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._end(HandoverStatus.WITHDRAWN, at)

    def expire(self, at: datetime) -> None:
        """Nobody can answer it any more.

        Raises:
            WrongState: it does not wait for an answer (any more).
        """
        self._end(HandoverStatus.EXPIRED, at)

    def confirm_contact(self, on: date, *, entry_id: UUID | None) -> None:
        """The receiver had a first contact with the parent.

        Raises:
            WrongState: it was not accepted, or the contact was confirmed before.
        """
        self._move(HandoverStatus.COMPLETED)
        self.first_contact_on = on
        self.contact_entry_id = entry_id

    def record_talk(
        self,
        *,
        form: WarmContactForm | str,
        on: date | None,
        parent_presence: ParentPresence | str,
        entry_id: UUID | None,
        at: datetime,
    ) -> None:
        """How the talk of sender, receiver and parent went; without a live one the handover is cold.

        Raises:
            WrongState: it was not accepted, or is over.
        """
        if self.status != HandoverStatus.ACCEPTED:
            raise WrongState(f"handover {self.id} is {self.status}, not accepted", detail=_GONE)
        self.warm_contact_form, self.warm_contact_on, self.parent_presence = form, on, parent_presence
        self.talk_entry_id = entry_id
        self.talked_at = at

    def end_overlap(self, at: datetime) -> None:
        """The sender reads along no longer.

        Raises:
            WrongState: it did not, or no longer.
        """
        if self.overlap_until is None:
            raise WrongState(f"handover {self.id} has no overlap", detail=_GONE)
        self.overlap_until = min(self.overlap_until, at)

    def _only_receiver(self, by: Actor) -> None:
        if (by.organisation_id, by.role) != (self.to_organisation_id, self.to_role):
            raise NotAllowed(
                f"handover {self.id} was offered to {self.to_role} of {self.to_organisation_id}",
                detail="Alleen wie de overdracht kreeg aangeboden, kan haar beantwoorden.",
            )

    def _end(self, status: HandoverStatus, at: datetime) -> None:
        self._move(status)
        self.ended_at = at
        self.asked_at = None

    def _answered(self, entry_id: UUID | None, by: Actor, at: datetime) -> None:
        self.answer_entry_id = entry_id
        self.answered_by = by.person_id
        self.answered_at = at


_GONE = "Deze overdracht wacht niet meer op een antwoord. Ververs de pagina en kijk opnieuw."
