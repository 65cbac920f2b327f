"""What each member of a family agreed to or refused: per recipient, purpose and category of data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, object_session

from workflows import vault
from workflows.db import Base, Identified, one_of
from workflows.errors import WrongState


class Purpose(StrEnum):
    """What data may be used for; each purpose is asked separately."""

    EXPLORATION = "exploration"  #: prenatal home visit or another first talk
    PATHWAY = "pathway"
    HUB_MEETING = "hub_meeting"
    SUPPORT_ACTION = "support_action"
    HANDOVER = "handover"
    FEEDBACK = "feedback"  #: telling the signaller what became of it
    PROGRAMME_EVALUATION = "programme_evaluation"


class GivenBy(StrEnum):
    """Who decided for the data subject."""

    SELF = "self"
    PARENT_WITH_AUTHORITY = "parent_with_authority"
    BOTH_PARENTS = "both_parents"
    MINOR_AND_PARENTS = "minor_and_parents"
    CURATOR = "curator"
    GUARDIAN = "guardian"


class ConsentForm(StrEnum):
    """How it was given."""

    ORAL = "oral"
    WRITTEN = "written"
    DIGITAL = "digital"


#: Compartments that a family can consent to share. C5 (safety) and C11 (log) have grounds of their own.
CATEGORIES = ("C0", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "C10")


class Consent(Identified, Base):
    """One answer, yes or no, about one subject, recipient, purpose and category. Never edited: a later one decides."""

    __tablename__ = "consents"
    __holds_content__ = True
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("category", CATEGORIES),
        one_of("given_by", GivenBy),
        one_of("form", ConsentForm),
        one_of("withdrawn_by", GivenBy),
        CheckConstraint("recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL", name="recipient"),
        CheckConstraint("withdrawn_at IS NULL OR given", name="withdrawn"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_whom"),
        Index("ix_consents_case_id", "case_id", "purpose"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), index=True)
    recipient_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    recipient_kind: Mapped[str | None] = mapped_column(
        String(30), comment="a type of organisation, or signaller, when no single one is meant"
    )
    purpose: Mapped[str] = mapped_column(String(24))
    category: Mapped[str] = mapped_column(String(3), comment="compartment, e.g. C1")
    given: Mapped[bool] = mapped_column(comment="false: refused")
    given_by: Mapped[str] = mapped_column(String(24))
    authority_checked: Mapped[bool] = mapped_column(default=False, comment="of who decides for a child or ward")
    information_given: Mapped[list[str]] = mapped_column(JSON, comment="codes of what was explained")
    form: Mapped[str | None] = mapped_column(String(8), comment="how it was given; empty for a refusal")
    language: Mapped[str] = mapped_column(String(80), default="", comment="in which it was explained")
    interpreter: Mapped[bool] = mapped_column(default=False)
    text_version: Mapped[str] = mapped_column(String(80), comment="of the text that was read or handed over")
    form_digest: Mapped[str | None] = mapped_column(
        String(64), comment="of the form on which it was recorded; empty: recorded before this was kept"
    )
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_for: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="organisation that asked"
    )
    recorded_at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="order within the case; the highest decides")
    valid_until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(24), comment="who decided so, as in given_by")
    withdrawal_recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entries.id"), index=True)

    @property
    def is_yes(self) -> bool:
        """Given and not taken back; until when it holds is another question."""
        return self.given and self.withdrawn_at is None

    def holds(self, at: datetime) -> bool:
        """Given, not taken back and not run out."""
        return self.is_yes and (self.valid_until is None or at < self.valid_until)

    def stood(self, at: datetime) -> bool:
        """As :attr:`is_yes`, looked back at: given, and not yet taken back then."""
        return self.given and self.recorded_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)

    def held(self, at: datetime) -> bool:
        """As :meth:`holds`, looked back at."""
        return self.stood(at) and (self.valid_until is None or at < self.valid_until)


class DisclosureCause(StrEnum):
    """What made data of a family readable to somebody else, or handed it out."""

    TASK = "task"  #: somebody of that organisation took a task
    HANDOVER = "handover"  #: it accepted the case
    HUB_ITEM = "hub_item"  #: it was invited to the table for this family
    ENTRY = "entry"  #: a form that tells it, e.g. feedback
    CONSENT = "consent"  #: it had a part already, and the family agreed to more or to less
    CASE = "case"  #: it was given a part in the case
    COPY = "copy"  #: a copy was handed out
    EMERGENCY = "emergency"
    GROUND = "ground"  #: somebody invoked another ground than consent, for this case
    BEFORE = "before"  #: shared before acts of sharing were written down; on which yes cannot be said any more


#: Grounds on which professional secrecy may be broken without consent, or on which there is nothing to be secret about.
_WITHOUT_CONSENT = ("legal_obligation", "right_to_report", "conflict_of_duties", "vital_interest", "anonymised")


class Disclosure(Identified, Base):
    """One act of sharing: from this moment an organisation, in a role and for a purpose, can read these categories.

    Each reading is in the logbook. A row that is no longer true is ended, never edited; the next one says what is.
    """

    __tablename__ = "disclosures"
    __holds_content__ = True
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("cause", DisclosureCause),
        CheckConstraint("recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL", name="recipient"),
        CheckConstraint("ground <> ''", name="ground"),
        CheckConstraint(
            "CAST(consent_ids AS TEXT) <> '[]' OR COALESCE(recipient_kind, '') = 'data_subject' OR cause = 'before' OR ground IN ("
            + ", ".join(f"'{ground}'" for ground in _WITHOUT_CONSENT)
            + ")",
            name="consent",
        ),
        CheckConstraint("ground <> 'anonymised' OR CAST(categories AS TEXT) = '[]'", name="anonymised"),
        Index("ix_disclosures_case_id", "case_id", "at"),
        Index(
            "uq_disclosures_open",
            "case_id",
            "recipient_organisation_id",
            "role",
            "purpose",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND cause <> 'ground'"),
            postgresql_where=text("ended_at IS NULL AND cause <> 'ground'"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    subject_ids: Mapped[list[str]] = mapped_column(JSON, comment="members of the family whom it is about")
    recipient_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    recipient_kind: Mapped[str | None] = mapped_column(String(30), comment="when it is no organisation: data_subject")
    role: Mapped[str | None] = mapped_column(String(24), comment="in which the organisation received it")
    purpose: Mapped[str | None] = mapped_column(String(24))
    ground: Mapped[str] = mapped_column(
        String(32), comment="of who receives, beside the consent; codes are data: access/grounds.toml"
    )
    categories: Mapped[list[str]] = mapped_column(JSON, comment="compartments, e.g. C1")
    consent_ids: Mapped[list[str]] = mapped_column(JSON, comment="of the consents that broke secrecy")
    cause: Mapped[str] = mapped_column(String(12))
    cause_id: Mapped[UUID] = mapped_column(comment="of the task, handover, entry, ...; no foreign key")
    at: Mapped[datetime]
    by_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    by_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(
        comment="since when it cannot be read any more; what was handed out once ends at once"
    )


class GroundEnd(StrEnum):
    """Through what a ground that was invoked stopped counting."""

    WITHDRAWN = "withdrawn"
    TIME_OVER = "time_over"
    LEFT = "left"  #: who could read on it has no part in the case any more
    CASE_ENDED = "case_ended"


def reason_about(ground_id: UUID) -> str:
    """As what the reason of an invoked ground is closed."""
    return f"case_grounds/{ground_id}/reason"


class CaseGround(Identified, Base):
    """Another ground than consent, which somebody invoked for one case, one recipient and a while, and why.

    The reason can be about safety, so it is kept encrypted.
    """

    __tablename__ = "case_grounds"
    __holds_content__ = True
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("ended_through", GroundEnd),
        CheckConstraint("recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL", name="recipient"),
        CheckConstraint("until_at > from_at", name="period"),
        CheckConstraint("(ended_at IS NULL) = (ended_through IS NULL)", name="ended"),
        CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name="told"),
        Index("ix_case_grounds_case_id", "case_id", "recipient_organisation_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    ground: Mapped[str] = mapped_column(String(32), comment="codes are data: access/grounds.toml")
    silent: Mapped[bool] = mapped_column(comment="the family, and other organisations, do not see it here")
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True, comment="that invoked it")
    role: Mapped[str] = mapped_column(String(24), comment="in which it was invoked")
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recipient_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    recipient_kind: Mapped[str | None] = mapped_column(String(30), comment="a type of organisation that is not in here")
    recipient_role: Mapped[str | None] = mapped_column(String(24))
    purpose: Mapped[str | None] = mapped_column(String(24))
    categories: Mapped[list[str]] = mapped_column(JSON, comment="compartments, e.g. C1")
    sealed_reason: Mapped[bytes] = mapped_column(comment="why, in the words of who invoked it; content, encrypted")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(comment="nothing rests on it from this moment on")
    ended_at: Mapped[datetime | None]
    ended_through: Mapped[str | None] = mapped_column(String(12))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    told_at: Mapped[datetime | None] = mapped_column(comment="when who invoked it told the family, of a silent one")
    told_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)

    @property
    def reason(self) -> str:
        """Why, opened."""
        session = object_session(self)
        assert session is not None, "a row that was read"
        return vault.of(session).open(self.sealed_reason, about=reason_about(self.id)).decode()

    def runs(self, at: datetime) -> bool:
        """Whether anything may rest on it now; asks no job whether the time is over."""
        return self.ended_at is None and self.from_at <= at < self.until_at

    def end(self, through: GroundEnd, *, by: UUID | None, at: datetime) -> None:
        """From now on nothing rests on it.

        Raises:
            WrongState: it ended before.
        """
        if self.ended_at is not None:
            raise WrongState(f"ground {self.id} ended before", detail="Deze grond was al gestopt.")
        self.ended_at, self.ended_through, self.ended_by = min(at, self.until_at), through, by

    def tell(self, *, by: UUID | None, at: datetime) -> None:
        """The family was told; it may see it here from now on.

        Raises:
            WrongState: it was told before, or always could see it.
        """
        if not self.silent or self.told_at is not None:
            raise WrongState(f"ground {self.id} is told", detail="De ouder weet dit al.")
        self.told_at, self.told_by = at, by
