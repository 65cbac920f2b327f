"""Families and the people in them. Each member is a data subject of its own; interests may conflict."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    event,
    false,
    insert,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from workflows.db import Base, Identified, one_of
from workflows.families import names


class MemberKind(StrEnum):
    """Who somebody is in the family."""

    PREGNANT_PERSON = "pregnant_person"
    PARENT = "parent"
    PARTNER = "partner"
    CHILD = "child"
    UNBORN_CHILD = "unborn_child"
    HOUSEHOLD = "household"  #: somebody else who lives with the family


class SafeContact(StrEnum):
    """How this person can be reached without danger."""

    CALL = "call"
    APP = "app"
    LETTER = "letter"
    VIA_SIGNALLER = "via_signaller"
    DO_NOT_CALL_HOME = "do_not_call_home"


class LivingSituation(StrEnum):
    """Where post and people find somebody."""

    ADDRESS = "address"
    POSTAL_ADDRESS = "postal_address"  #: registered there, not living there
    NO_FIXED_ADDRESS = "no_fixed_address"


class PartnerInvolved(StrEnum):
    """Whether the partner takes part; ``do_not_inform`` is a safety measure."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    DO_NOT_INFORM = "do_not_inform"


class Certainty(StrEnum):
    """What a due date rests on."""

    DATING_SCAN = "dating_scan"
    ESTIMATE = "estimate"


class PregnancyEnd(StrEnum):
    """How a pregnancy ended."""

    BIRTH = "birth"
    LOSS = "loss"


class AuthorityKind(StrEnum):
    """On what ground somebody decides for a child."""

    PARENTAL_AUTHORITY = "parental_authority"
    GUARDIANSHIP = "guardianship"


class AuthorityCheck(StrEnum):
    """How it is known who decides for a child."""

    AUTHORITY_REGISTER = "authority_register"  #: the public register of the court
    OFFICIAL_DOCUMENT = "official_document"
    TOLD_BY_PARENT = "told_by_parent"


class Family(Identified, Base):
    """The unit of a case: parents, (unborn) children and who lives with them."""

    __tablename__ = "families"
    __holds_content__ = True
    __table_args__ = (one_of("partner_involved", PartnerInvolved),)

    partner_involved: Mapped[str] = mapped_column(String(16), default=PartnerInvolved.UNKNOWN)
    created_at: Mapped[datetime]


class FamilyMember(Identified, Base):
    """One person of the family."""

    __tablename__ = "family_members"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", MemberKind),
        one_of("safe_contact", SafeContact),
        one_of("living_situation", LivingSituation),
    )

    family_id: Mapped[UUID] = mapped_column(ForeignKey("families.id"), index=True)
    pregnancy_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("pregnancies.id"),
        index=True,
        comment="of a child: the pregnancy it came or will come from; shared by twins",
    )
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="", comment="empty for an unborn child")
    birth_date: Mapped[date | None] = mapped_column(index=True)
    postcode: Mapped[str] = mapped_column(String(7), default="")
    municipality_code: Mapped[str | None] = mapped_column(
        ForeignKey("municipalities.code"), index=True, comment="where somebody lives; empty: unknown or outside"
    )
    living_situation: Mapped[str] = mapped_column(String(16), default=LivingSituation.ADDRESS)
    preferred_language: Mapped[str] = mapped_column(String(80), default="nl", comment="code, or words for a rare one")
    interpreter_needed: Mapped[bool] = mapped_column(default=False)
    reading_support: Mapped[bool] = mapped_column(default=False)
    safe_contact: Mapped[str | None] = mapped_column(String(16))
    safe_contact_detail: Mapped[str] = mapped_column(Text, default="")
    shielded_address: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="where this person is, only who holds the case and who signalled may know",
    )
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id"),
        index=True,
        comment="that recorded this person first; its own record stays its own",
    )
    version: Mapped[int] = mapped_column(comment="counts changes; the ETag")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    @property
    def is_parent(self) -> bool:
        """The one the case speaks with: expecting, or a parent already."""
        return self.kind in (MemberKind.PREGNANT_PERSON, MemberKind.PARENT)

    @property
    def no_fixed_address(self) -> bool:
        """Homeless, or staying here and there; a normal case, not an incomplete one."""
        return self.living_situation == LivingSituation.NO_FIXED_ADDRESS


class NameKey(Base):
    """A piece of how the name of one person sounds, to find them by however it was typed; never the name itself. It
    follows the name by itself, whoever changes that."""

    __tablename__ = "name_keys"
    __holds_content__ = True
    __table_args__ = (Index("ix_name_keys_key", "key", "member_id"),)

    member_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(12), primary_key=True)


@event.listens_for(FamilyMember, "after_insert")
def _add_keys(_mapper: Mapper[Any], connection: Connection, member: FamilyMember) -> None:
    if found := names.keys(member.name or ""):
        rows = [{"member_id": member.id, "key": key} for key in sorted(found)]
        connection.execute(insert(NameKey.__table__).inline(), rows)  # type: ignore[arg-type]


@event.listens_for(FamilyMember, "after_update")
def _renew_keys(mapper: Mapper[Any], connection: Connection, member: FamilyMember) -> None:
    if inspect(member).attrs.name.history.has_changes():
        connection.execute(delete(NameKey).where(NameKey.member_id == member.id))
        _add_keys(mapper, connection, member)


@event.listens_for(FamilyMember, "before_delete")
def _drop_keys(_mapper: Mapper[Any], connection: Connection, member: FamilyMember) -> None:
    connection.execute(delete(NameKey).where(NameKey.member_id == member.id))


class Pregnancy(Identified, Base):
    """One pregnancy. How far along it is follows from the due date and is never kept."""

    __tablename__ = "pregnancies"
    __holds_content__ = True
    __table_args__ = (
        CheckConstraint("parity IS NULL OR parity >= 0", name="parity"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end"),
        one_of("ended_by", PregnancyEnd),
        Index(
            "uq_pregnancies_open",
            "family_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    family_id: Mapped[UUID] = mapped_column(ForeignKey("families.id"), index=True)
    multiple: Mapped[bool | None] = mapped_column(comment="twins or more; empty: not known")
    parity: Mapped[int | None] = mapped_column(comment="earlier births; 0: first child")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(8), comment="birth or loss")


class DueDate(Identified, Base):
    """A due date as it was known at some moment; the latest counts, all earlier ones stay."""

    __tablename__ = "due_dates"
    __holds_content__ = True
    __table_args__ = (one_of("certainty", Certainty), UniqueConstraint("pregnancy_id", "ordinal"))

    pregnancy_id: Mapped[UUID] = mapped_column(ForeignKey("pregnancies.id"))
    due_date: Mapped[date]
    certainty: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(comment="1 for the first of this pregnancy")


class Authority(Identified, Base):
    """Who decides for a child, in which period, and how that was checked. What ended stays, for what was decided then."""

    __tablename__ = "authorities"
    __holds_content__ = True
    __table_args__ = (
        one_of("kind", AuthorityKind),
        one_of("checked", AuthorityCheck),
        CheckConstraint("member_id IS NOT NULL OR kind = 'guardianship'", name="holder"),
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="period"),
    )

    child_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), index=True, comment="over whom")
    member_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("family_members.id"), index=True, comment="who decides; empty: a guardian outside the family"
    )
    kind: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date | None] = mapped_column(comment="first local day; empty: since birth, or not known")
    until_on: Mapped[date | None] = mapped_column(comment="last local day; empty: until further notice")
    checked: Mapped[str] = mapped_column(String(20), comment="how it is known")
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]

    def holds(self, on: date) -> bool:
        """Whether it holds on a local day."""
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on <= self.until_on)


def _next_version(before: int | None) -> int:
    """A number that was taken away leaves nothing behind, also not how often it changed. So the next begins somewhere else:
    who still looks at the old one changes nothing of the new one by mistake."""
    return secrets.randbelow(10**8) + 1 if before is None else before + 1


class Bsn(Base):
    """The citizen service number of one person: apart from who they are, and closed. Who has none has no row here."""

    __tablename__ = "bsns"
    __holds_content__ = True

    member_id: Mapped[UUID] = mapped_column(ForeignKey("family_members.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(comment="closed by the vault, as this row's; nothing can be found by it")
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisations.id"), index=True, comment="that recorded it, and could use it then"
    )
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(comment="counts changes; the ETag")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": _next_version}  # noqa: RUF012 - SQLAlchemy reads it so
