"""The case of a family: its status, who holds it, and which organisations have a part in it."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from workflows.db import Base, Identified, one_of
from workflows.errors import Invalid, WrongState


class CaseStatus(StrEnum):
    """How far the case is in the method."""

    DRAFT = "draft"  #: known to the signaller's own organisation only
    SIGNAL_RECEIVED = "signal_received"
    AWAITING_CONSENT = "awaiting_consent"
    IN_ROUTING = "in_routing"
    IN_EXPLORATION = "in_exploration"
    IN_SUPPORT_PLANNING = "in_support_planning"
    SUPPORT_RUNNING = "support_running"
    IN_EVALUATION = "in_evaluation"
    IN_HANDOVER = "in_handover"
    IN_CLOSING = "in_closing"
    PAUSED = "paused"
    CLOSED = "closed"


_OPEN = frozenset(CaseStatus) - {CaseStatus.CLOSED}
_WORKING = _OPEN - {CaseStatus.DRAFT, CaseStatus.SIGNAL_RECEIVED, CaseStatus.AWAITING_CONSENT, CaseStatus.PAUSED}

#: From each status to those that may follow. Which of them does follow is drawn in the diagrams; what can never
#: happen stands here: a draft is not explored, nothing becomes a draft again, and what is closed stays closed.
TRANSITIONS: dict[str, frozenset[CaseStatus]] = {
    CaseStatus.DRAFT: frozenset({CaseStatus.SIGNAL_RECEIVED, CaseStatus.AWAITING_CONSENT, CaseStatus.CLOSED}),
    CaseStatus.SIGNAL_RECEIVED: frozenset({CaseStatus.AWAITING_CONSENT, CaseStatus.PAUSED, CaseStatus.CLOSED}),
    CaseStatus.AWAITING_CONSENT: frozenset(
        {
            CaseStatus.IN_ROUTING,
            CaseStatus.IN_EXPLORATION,  # this and the next: a family that was under way already
            CaseStatus.IN_SUPPORT_PLANNING,
            CaseStatus.PAUSED,
            CaseStatus.CLOSED,
        }
    ),
    **{
        status: (_WORKING - {status}) | {CaseStatus.PAUSED, CaseStatus.AWAITING_CONSENT, CaseStatus.CLOSED}
        for status in _WORKING
    },
    CaseStatus.PAUSED: _WORKING | {CaseStatus.SIGNAL_RECEIVED, CaseStatus.AWAITING_CONSENT, CaseStatus.CLOSED},
    CaseStatus.CLOSED: frozenset(),
}


class Phase(StrEnum):
    """Where the family is in the first thousand days."""

    BEFORE_PREGNANCY = "before_pregnancy"
    PREGNANT = "pregnant"
    AFTER_BIRTH = "after_birth"


class Urgency(StrEnum):
    """How soon somebody should act."""

    REGULAR = "regular"
    URGENT = "urgent"
    ACUTE = "acute"


class Result(StrEnum):
    """With what a case was closed."""

    GOALS_REACHED = "goals_reached"
    PARTLY_REACHED = "partly_reached"
    REGULAR_CARE = "regular_care"
    HANDED_OVER = "handed_over"
    PARENT_STOPS = "parent_stops"
    MOVED = "moved"
    LOSS = "loss"
    AGE_REACHED = "age_reached"
    NO_CONTACT = "no_contact"
    COMPULSORY_FRAMEWORK = "compulsory_framework"
    CONSENT_REFUSED = "consent_refused"
    NO_CASE_NEEDED = "no_case_needed"
    DISCARDED = "discarded"  #: begun by mistake, or never finished


class BlockReason(StrEnum):
    """What somebody is to a family, beside a professional."""

    COLLEAGUE = "colleague"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    OTHER = "other"


class Case(Identified, Base):
    """One continuous support story of one family. Open, it has exactly one holder: organisation and role."""

    __tablename__ = "cases"
    __holds_content__ = True
    __table_args__ = (
        one_of("status", CaseStatus),
        one_of("phase", Phase),
        one_of("urgency", Urgency),
        one_of("result", Result),
        CheckConstraint(
            "CASE WHEN status = 'closed'"
            " THEN holder_organisation_id IS NULL AND holder_role IS NULL AND holder_person_id IS NULL"
            " ELSE holder_organisation_id IS NOT NULL AND holder_role IS NOT NULL END",
            name="closed_or_holder",
        ),
        CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL) AND (status = 'closed') = (result IS NOT NULL)",
            name="closed_with_result",
        ),
        Index("ix_cases_holder_organisation_id", "holder_organisation_id", "holder_role"),
        Index("ix_cases_erase_on", "erase_on"),
        Index("ix_cases_opened_at", "opened_at", "id"),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True, comment="for people, e.g. 2026-0042")
    family_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("families.id"), index=True, comment="empty: nothing was shared and the family's data is erased"
    )
    municipality_code: Mapped[str | None] = mapped_column(
        ForeignKey("municipalities.code"), index=True, comment="responsible for support; empty: not known yet"
    )
    status: Mapped[str] = mapped_column(String(20))
    phase: Mapped[str | None] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(8), default=Urgency.REGULAR)
    language: Mapped[str] = mapped_column(String(80), default="nl", comment="that the parent prefers: a code")
    interpreter_needed: Mapped[bool] = mapped_column(default=False)
    holder_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    holder_role: Mapped[str | None] = mapped_column(String(24))
    holder_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    signaller_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    opened_at: Mapped[datetime]
    under_way_since: Mapped[date | None] = mapped_column(
        comment="entered in mid-process: local day since which the family was helped before; empty: from the first signal"
    )
    erase_on: Mapped[date | None] = mapped_column(
        comment="local day on which an unshared draft goes; empty: shared, or already erased"
    )
    closed_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(24))
    contact_after: Mapped[str | None] = mapped_column(Text, comment="whom the parent can turn to after closing")
    version: Mapped[int] = mapped_column(comment="counts changes; the ETag")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    @property
    def can_be_discarded(self) -> bool:
        """Open, and known to nobody outside the organisation that began it."""
        return not self.is_closed and self.erase_on is not None

    @property
    def is_closed(self) -> bool:
        """Nothing happens to it any more."""
        return self.status == CaseStatus.CLOSED

    def move_to(self, status: CaseStatus) -> None:
        """Go on to *status*; ending goes with :meth:`close`.

        Raises:
            WrongState: that status cannot follow this one.
        """
        if status == CaseStatus.CLOSED or status not in TRANSITIONS[self.status]:
            raise WrongState(f"case {self.id} cannot go from {self.status} to {status}")
        self.status = status

    def hold(self, organisation_id: UUID, role: str, person_id: UUID | None = None) -> None:
        """From now on this organisation in this role holds the case; the one before does not."""
        if self.is_closed:
            raise WrongState(f"case {self.id} is closed and has no holder")
        self.holder_organisation_id = organisation_id
        self.holder_role = role
        self.holder_person_id = person_id

    def share(self) -> None:
        """A family agreed, so the case is no draft of one organisation any more and is kept as a case."""
        self.erase_on = None

    def close(self, result: Result, *, contact_after: str | None, at: datetime) -> None:
        """End the case, say with what and whom the parent can turn to.

        Raises:
            WrongState: closed before.
            Invalid: a shared case without somebody to turn to.
        """
        if self.is_closed:
            raise WrongState(f"case {self.id} was closed before")
        if not (contact_after or "").strip() and self.erase_on is None and result != Result.LOSS:
            raise Invalid(
                f"case {self.id}: no contact for afterwards",
                errors={"contact_after": ["Vul in bij wie de ouder hierna terecht kan."]},
            )
        self.status = CaseStatus.CLOSED
        self.result = result
        self.contact_after = contact_after
        self.closed_at = at
        self.holder_organisation_id = self.holder_role = self.holder_person_id = None


class CaseKeeper(Base):
    """Who held a closed case last, and so answers for what is kept of it."""

    __tablename__ = "case_keepers"
    __holds_content__ = True

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))


class CaseNumber(Base):
    """The last number given out in a year. Gaps do not matter, doubles do."""

    __tablename__ = "case_numbers"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class CaseStatusChange(Identified, Base):
    """A status the case got, when and through whom."""

    __tablename__ = "case_status_changes"
    __holds_content__ = True
    __table_args__ = (one_of("status", CaseStatus),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="empty: a timer")
    ordinal: Mapped[int] = mapped_column(comment="1 for the first status of the case")


class CaseParty(Identified, Base):
    """An organisation in a role that has a part in the case during a period: the relation that rights need."""

    __tablename__ = "case_parties"
    __table_args__ = (
        Index(
            "uq_case_parties_open",
            "case_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_case_parties_organisation_id", "organisation_id", "role", "case_id"),
        CheckConstraint("at_home OR disclosure_id IS NOT NULL", name="disclosed"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(String(24))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True, comment="if one is known")
    at_home: Mapped[bool] = mapped_column(
        default=False, comment="the organisation that signalled: it knew the family already"
    )
    disclosure_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("disclosures.id"),
        index=True,
        comment="on what it can see the case; nobody else has a part without one",
    )
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class CaseReference(Identified, Base):
    """What one organisation calls the case in its own records. No other organisation sees it."""

    __tablename__ = "case_references"
    __holds_content__ = True
    __table_args__ = (
        Index("uq_case_references", "case_id", "organisation_id", unique=True),
        Index("ix_case_references_key", "organisation_id", "key"),
        CheckConstraint("number <> ''", name="number"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    number: Mapped[str] = mapped_column(String(40), comment="in the records of that organisation")
    key: Mapped[str] = mapped_column(String(40), comment="the number as it is looked up: follows it by itself")
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]

    @staticmethod
    def key_of(number: str) -> str:
        """One form of a number, however it is typed: ‘KD-4711’, ‘kd 4711’ → kd4711. Of a number of only signs, the signs."""
        bare = unicodedata.normalize("NFKC", number).casefold()
        return ("".join(filter(str.isalnum, bare)) or "".join(bare.split()))[:40]

    @validates("number")
    def _follow(self, _name: str, number: str) -> str:
        self.key = self.key_of(number)
        return number


class CaseBlock(Identified, Base):
    """Somebody whom a case is closed to, whatever role they have: the family knows this person, or is this person."""

    __tablename__ = "case_blocks"
    __table_args__ = (
        one_of("reason", BlockReason),
        CheckConstraint("until_at IS NULL OR until_at >= since", name="period"),
        Index(
            "uq_case_blocks_open",
            "case_id",
            "person_id",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_case_blocks_person_id", "person_id", "case_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"),
        index=True,
        comment="through which the holder knows this person; empty: not told",
    )
    reason: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime]
    until_at: Mapped[datetime | None]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
