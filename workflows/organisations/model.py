"""Municipalities, organisations, people and the roles they have there."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.db import Base, Identified, one_of


class Role(StrEnum):
    """What somebody does in an organisation; rights hang on it together with the relation to a case."""

    SIGNALLER = "signaller"
    INTAKE_DESK = "intake_desk"
    EXPLORER = "explorer"
    CASE_DIRECTOR = "case_director"
    PROCESS_DIRECTOR = "process_director"
    SUPPORTER = "supporter"
    INFORMAL_SUPPORTER = "informal_supporter"
    PARENT = "parent"
    PROTECTION_OFFICER = "protection_officer"
    COORDINATOR = "coordinator"
    DIRECTORY_EDITOR = "directory_editor"
    STEERING_BOARD = "steering_board"
    LOG_MANAGER = "log_manager"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"  #: of the whole region
    LOCAL_ADMINISTRATOR = "local_administrator"  #: of the own organisation


#: Roles that are about more than the own organisation; only the region gives and ends them, and looks after who has one.
REGIONAL_ROLES = frozenset(
    {Role.ADMINISTRATOR, Role.COORDINATOR, Role.DIRECTORY_EDITOR, Role.PROCESS_DIRECTOR, Role.STEERING_BOARD}
)


class ReviewAnswer(StrEnum):
    """What an administrator says of a role that is asked about once a year."""

    CONFIRMED = "confirmed"  #: somebody still does this, and still needs to
    ENDED = "ended"  #: no more; the role ended with it, or had ended by itself


class PersonKind(StrEnum):
    """As what somebody uses the software. The two never mix: no role for a parent, no family for who works here."""

    PROFESSIONAL = "professional"  #: whoever works or volunteers for an organisation
    PARENT = "parent"  #: somebody of a family; what they are called stands with the family only


class OrganisationType(StrEnum):
    """Kinds of partners in the coalition."""

    MIDWIFERY_PRACTICE = "midwifery_practice"
    HOSPITAL = "hospital"
    MATERNITY_CARE = "maternity_care"
    MATERNITY_PARTNERSHIP = "maternity_partnership"
    GENERAL_PRACTICE = "general_practice"
    YOUTH_HEALTH = "youth_health"
    YOUTH_AND_FAMILY_CENTRE = "youth_and_family_centre"
    MUNICIPAL_ACCESS_TEAM = "municipal_access_team"
    MUNICIPALITY = "municipality"
    WELFARE = "welfare"
    SOCIAL_WORK = "social_work"
    FAMILY_COACH = "family_coach"
    YOUTH_CARE = "youth_care"
    MENTAL_HEALTH = "mental_health"
    DISABILITY_CARE = "disability_care"
    ADDICTION_CARE = "addiction_care"
    CHILDCARE = "childcare"
    SHELTER = "shelter"
    PARAMEDIC = "paramedic"
    SAFE_HOME = "safe_home"
    LIBRARY = "library"
    INFORMAL = "informal"
    PARENT_VOICE = "parent_voice"
    HEALTH_INSURER = "health_insurer"
    PROVINCE = "province"
    PROGRAMME = "programme"


class Domain(StrEnum):
    """The side of the coalition an organisation belongs to."""

    MEDICAL = "medical"
    SOCIAL = "social"
    PUBLIC = "public"
    INFORMAL = "informal"
    GOVERNANCE = "governance"


class Municipality(Base):
    """A municipality during a period; its code changes when its name does, so a case keeps the code."""

    __tablename__ = "municipalities"
    __table_args__ = (one_of("subregion", ("noord", "midden")),)

    code: Mapped[str] = mapped_column(String(6), primary_key=True, comment="CBS code, e.g. GM0983")
    name: Mapped[str] = mapped_column(String(80))
    subregion: Mapped[str] = mapped_column(String(10))
    in_coalition: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")


class Organisation(Identified, Base):
    """A partner that signals, explores, supports or directs. Being one gives no access to any case."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("type", OrganisationType), one_of("domain", Domain))

    name: Mapped[str] = mapped_column(String(120), unique=True)
    type: Mapped[str] = mapped_column(String(30))
    domain: Mapped[str] = mapped_column(String(12))
    may_use_bsn: Mapped[bool] = mapped_column(default=False, comment="a care or youth care provider by law")
    active: Mapped[bool] = mapped_column(default=True)
    phone: Mapped[str | None] = mapped_column(String(40), comment="of the organisation, for colleagues elsewhere")
    mail: Mapped[str | None] = mapped_column(String(254), comment="of the organisation, of nobody in person")
    website: Mapped[str | None] = mapped_column(String(200))
    work_areas: Mapped[list[WorkArea]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    @property
    def areas(self) -> frozenset[str]:
        """Codes of the municipalities it works in; areas of organisations overlap."""
        return frozenset(area.municipality_code for area in self.work_areas)


class WorkArea(Base):
    """An organisation works in a municipality."""

    __tablename__ = "organisation_areas"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipalities.code"), primary_key=True, index=True)


class Person(Identified, Base):
    """Somebody who works with the software: professional, volunteer or parent. Not the subject of a case."""

    __tablename__ = "persons"
    __table_args__ = (one_of("kind", PersonKind),)

    kind: Mapped[str] = mapped_column(String(12), default=PersonKind.PROFESSIONAL)
    display_name: Mapped[str] = mapped_column(String(120), comment="of a parent only that it is one")
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so


class RoleAssignment(Identified, Base):
    """A person acts for one organisation in one role during a period."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        Index("ix_role_assignments_organisation_id", "organisation_id", "role"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(String(24))
    areas: Mapped[list[str]] = mapped_column(
        JSON, default=list, comment="codes of municipalities; empty: the organisation's whole area"
    )
    valid_from: Mapped[date] = mapped_column(comment="first local day")
    valid_to: Mapped[date | None] = mapped_column(comment="last local day")
    ended_at: Mapped[datetime | None] = mapped_column(comment="ended by hand; rights stop at that instant")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def holds(self, on: date) -> bool:
        """Whether it gives rights on local day *on*."""
        return self.ended_at is None and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Certificate(Identified, Base):
    """A person may carry out an intervention that asks for training, during a period."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period"),
        Index("ix_certificates_person_id", "person_id", "intervention"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    intervention: Mapped[str] = mapped_column(String(16), comment="code in the directory, e.g. VZ")
    valid_from: Mapped[date] = mapped_column(comment="first local day")
    valid_until: Mapped[date | None] = mapped_column(comment="last local day")
    ended_at: Mapped[datetime | None] = mapped_column(comment="ended by hand, e.g. taken back; holds no more since")
    reminded_at: Mapped[datetime | None] = mapped_column(comment="when it was told that its last day comes near")


class Absence(Identified, Base):
    """Somebody is not there for a while, in one role: whose work goes where meanwhile is in the rooms that know of work."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="period"),
        CheckConstraint("deputy_id IS NULL OR deputy_id <> person_id", name="deputy"),
        Index("ix_absences_assignment_id", "assignment_id", "until_on"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"))
    from_on: Mapped[date] = mapped_column(comment="first local day")
    until_on: Mapped[date] = mapped_column(comment="last local day")
    deputy_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="a colleague who gets the work; empty: the team"
    )
    reported_at: Mapped[datetime]
    begun_at: Mapped[datetime | None] = mapped_column(comment="since when the work is elsewhere")
    tasks_moved: Mapped[int] = mapped_column(default=0, comment="how many went elsewhere when it began")
    ended_at: Mapped[datetime | None] = mapped_column(comment="back sooner, or it was called off")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def runs(self, on: date) -> bool:
        """Whether the person is away on local day *on*."""
        return self.ended_at is None and self.from_on <= on <= self.until_on


class AccessReview(Identified, Base):
    """Once a year: does everybody who may act for an organisation still need to? It is over when every role was answered."""

    __tablename__ = "access_reviews"
    __table_args__ = (
        CheckConstraint("rounds >= 1", name="rounds"),
        Index("ix_access_reviews_organisation_id", "organisation_id", "opened_at"),
        Index(
            "uq_access_reviews_open",
            "organisation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    opened_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(comment="last local day to answer; later when it is asked again")
    rounds: Mapped[int] = mapped_column(default=1, comment="how often it was asked")
    reminded_at: Mapped[datetime | None] = mapped_column(comment="in this round")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    #: Read when they are asked for: who may not know of a review asks the database nothing about it.
    items: Mapped[list[AccessReviewItem]] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    @property
    def waiting(self) -> list[AccessReviewItem]:
        """What has no answer yet."""
        return [one for one in self.items if one.answer is None]


class AccessReviewItem(Identified, Base):
    """One role that is asked about, as it was when the review began."""

    __tablename__ = "access_review_items"
    __table_args__ = (
        one_of("answer", ReviewAnswer),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_access_review_items_review_id", "review_id"),
    )

    review_id: Mapped[UUID] = mapped_column(ForeignKey("access_reviews.id"))
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("role_assignments.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    valid_to: Mapped[date | None]
    answer: Mapped[str | None] = mapped_column(String(12))
    answered_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id"), index=True, comment="empty: the role had ended by itself"
    )
    answered_at: Mapped[datetime | None]
