"""Requests of data subjects, what may not be destroyed yet, who decided on destruction, and the proof that it happened."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.actor import Actor
from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class RequestKind(StrEnum):
    """What somebody asks about the data that is kept about them."""

    ACCESS_COPY = "access_copy"
    CORRECTION = "correction"
    ADDITION = "addition"  #: words of one's own, beside what others wrote
    DESTRUCTION = "destruction"


class RequestStatus(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"  #: somebody picked it up
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


DECIDED = frozenset({RequestStatus.GRANTED, RequestStatus.PARTLY, RequestStatus.REFUSED})
TRANSITIONS: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.RECEIVED: DECIDED | {RequestStatus.IN_PROGRESS},
    RequestStatus.IN_PROGRESS: DECIDED,
    RequestStatus.GRANTED: frozenset(),
    RequestStatus.PARTLY: frozenset(),
    RequestStatus.REFUSED: frozenset(),
}


class RequestRefusal(StrEnum):
    """Why a request was not granted, or not wholly."""

    INTEREST_OF_ANOTHER = "interest_of_another"
    LAW_FORBIDS = "law_forbids"
    LEGAL_HOLD = "legal_hold"
    NOT_ENTITLED = "not_entitled"
    NOTHING_KEPT = "nothing_kept"
    FACTS_ARE_RIGHT = "facts_are_right"


class ErasureScope(StrEnum):
    """How much of a case a request for destruction reaches."""

    WHOLE_CASE = "whole_case"
    THIS_PERSON = "this_person"


class HoldReason(StrEnum):
    """Why data may not be destroyed yet, whatever the term says."""

    COMPLAINT = "complaint"
    DISCIPLINARY_CASE = "disciplinary_case"
    INSPECTION = "inspection"
    CALAMITY = "calamity"
    COURT_CASE = "court_case"
    CRIMINAL_CASE = "criminal_case"


class PostponeReason(StrEnum):
    """Why a case whose term is over is kept a while longer."""

    SUPPORT_MAY_RETURN = "support_may_return"
    INTEREST_OF_ANOTHER = "interest_of_another"
    LAW_FORBIDS = "law_forbids"
    TERM_IN_DOUBT = "term_in_doubt"


class DecisionKind(StrEnum):
    """What somebody decided about a case on the destruction list."""

    CONFIRMED = "confirmed"
    POSTPONED = "postponed"


class DestructionRule(StrEnum):
    """On what ground data was destroyed."""

    RETENTION_OVER = "retention_over"
    ON_REQUEST = "on_request"


class RightsRequest(Identified, Base):
    """One request about one person. What was said stands in the dossier, in the entries it points at."""

    __tablename__ = "rights_requests"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", RequestKind),
        one_of("status", RequestStatus),
        one_of("refused_reason", RequestRefusal),
        one_of("scope", ErasureScope),
        CheckConstraint("(status IN ('granted', 'partly', 'refused')) = (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("(status IN ('partly', 'refused')) = (refused_reason IS NOT NULL)", name="reason"),
        Index("ix_rights_requests_case_id", "case_id", "received_on"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    subject_id: Mapped[UUID] = mapped_column(
        ForeignKey("family_members.id"), index=True, comment="whose data it is about"
    )
    kind: Mapped[str] = mapped_column(String(16))
    requested_by: Mapped[str] = mapped_column(String(24), comment="who asks for the subject, e.g. self")
    identity_check: Mapped[str] = mapped_column(String(24), comment="how it is known who asks")
    second_identity_check: Mapped[str | None] = mapped_column(String(24), comment="of the other who decides with them")
    received_on: Mapped[date] = mapped_column(comment="local day")
    answer_by: Mapped[date] = mapped_column(comment="last local day to answer; what was promised does not move")
    status: Mapped[str] = mapped_column(String(12), default=RequestStatus.RECEIVED)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entries.id"), index=True, comment="the request itself")
    answer_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="that recorded it"
    )
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]
    refused_reason: Mapped[str | None] = mapped_column(String(24))
    scope: Mapped[str | None] = mapped_column(String(16), comment="of a destruction that was granted")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    decided_at: Mapped[datetime | None]

    @property
    def is_decided(self) -> bool:
        """It was answered; nothing changes it any more."""
        return self.status in DECIDED

    def _move(self, status: RequestStatus) -> None:
        if status not in TRANSITIONS[RequestStatus(self.status)]:
            raise WrongState(
                f"request {self.id} is {self.status}, not to become {status}", detail="Dit verzoek is al beantwoord."
            )
        self.status = status

    def begin(self) -> None:
        """Somebody works on it.

        Raises:
            WrongState: somebody does already, or it was answered.
        """
        self._move(RequestStatus.IN_PROGRESS)

    def decide(
        self,
        status: RequestStatus,
        *,
        reason: RequestRefusal | None,
        scope: ErasureScope | None,
        entry_id: UUID | None,
        by: Actor,
        at: datetime,
    ) -> None:
        """Answer it, for good.

        Raises:
            WrongState: answered before.
        """
        self._move(status)
        self.refused_reason, self.scope, self.answer_entry_id = reason, scope, entry_id
        self.decided_by, self.decided_at = by.person_id, at


class LegalHold(Identified, Base):
    """While it stands, nothing of the case is destroyed: not at the end of its term and not on request."""

    __tablename__ = "legal_holds"
    __holds_content__ = True
    __table_args__ = (
        one_of("reason", HoldReason),
        Index(
            "uq_legal_holds_standing",
            "case_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(24))
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    set_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    ended_at: Mapped[datetime | None]

    def end(self, *, by: Actor, at: datetime) -> None:
        """What it waited for is over.

        Raises:
            WrongState: ended before.
        """
        if self.ended_at is not None:
            raise WrongState(f"hold {self.id} ended before", detail="Deze bewaarplicht is al gestopt.")
        self.ended_by, self.ended_at = by.person_id, at


class DestructionDecision(Identified, Base):
    """What one person decided about a case on the destruction list. Gone with the case; the logbook keeps that it was."""

    __tablename__ = "destruction_decisions"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", DecisionKind),
        one_of("reason", PostponeReason),
        CheckConstraint("(kind = 'postponed') = (until_on IS NOT NULL)", name="until"),
        CheckConstraint("(kind = 'postponed') = (reason IS NOT NULL)", name="postponed"),
        UniqueConstraint("case_id", "ordinal"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(10))
    until_on: Mapped[date | None] = mapped_column(comment="local day until which it is not asked again")
    reason: Mapped[str | None] = mapped_column(String(24))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    decided_at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="1 for the first decision on the case")


class Destruction(Identified, Base):
    """That a case was destroyed: enough to prove and to count, nothing to recognise. It points at no case."""

    __tablename__ = "destructions"
    __table_args__ = (one_of("rule", DestructionRule), one_of("scope", ErasureScope))

    case_hash: Mapped[str] = mapped_column(
        String(100), comment="salted hash of the case's id, which only the logbook keeps"
    )
    rule: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(String(16))
    retention_class: Mapped[str | None] = mapped_column(String(16), comment="of a case whose term was over")
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="that decided"
    )
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    second_confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    destroyed_on: Mapped[date] = mapped_column(comment="local day")
    opened_year: Mapped[int]
    closed_year: Mapped[int | None]
    counts: Mapped[dict[str, Any]] = mapped_column(comment="rows that were destroyed, per table")
    proof: Mapped[str] = mapped_column(
        String(100), comment="<salt>$<sha256> over what was destroyed; see docs/rights.md"
    )
