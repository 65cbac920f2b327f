"""What was sent along with a case and what arrived. What an item says can be erased; its digest and its place never change."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base, Identified, one_of


class Disposition(StrEnum):
    """How an item goes along."""

    VISIBLE = "visible"  #: the receiver can read it once it accepted
    WITHHELD = "withheld"  #: it is there, and the receiver cannot read it


class WithheldBecause(StrEnum):
    """Why the receiver cannot read an item."""

    NO_CONSENT = "no_consent"  #: the family did not agree to this kind of data
    NOT_THIS_ROLE = "not_this_role"  #: nobody in this role reads this kind of data
    OTHER_PARENT = "other_parent"  #: of another parent or a partner, who decides about it apart
    SHIELDED_ADDRESS = "shielded_address"
    OWN_ORGANISATION = "own_organisation"  #: stays where it was recorded
    OWN_RECORDS = (
        "own_records"  #: words and numbers of one team for itself, or how things go here; no parent could tell it
    )
    CLOSED_TO_THEM = "closed_to_them"  #: the family keeps this person out


class ReceiptResult(StrEnum):
    """What became of an item between sending and accepting."""

    SEEN = "seen"  #: the same as was sent
    CHANGED = "changed"  #: there, and another than was sent: work went on
    ADDED = "added"  #: came after the package was made, and can be read
    WITHHELD = "withheld"
    REMOVED = "removed"  #: taken away by who had put it there, with a line in the logbook
    ERASED = "erased"  #: destroyed on request
    MISSING = "missing"  #: gone without anybody having said so: never right


class Verdict(StrEnum):
    """What a receipt says as a whole."""

    COMPLETE = "complete"
    MORE = "more"  #: there is more, which the parent can tell
    BROKEN = "broken"  #: something is gone that nobody took away


class HandoverPackage(Identified, Base):
    """One version of what goes along with a handover, as it was when it was sent. Never changes."""

    __tablename__ = "handover_packages"
    __table_args__ = (
        UniqueConstraint("handover_id", "version", name="uq_handover_packages_version"),
        CheckConstraint("version > 0 AND size >= 0", name="counted"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    handover_id: Mapped[UUID] = mapped_column(ForeignKey("handovers.id"))
    version: Mapped[int] = mapped_column(comment="1 as sent; one more after each answered question")
    from_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    from_role: Mapped[str] = mapped_column(String(24))
    to_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    to_role: Mapped[str] = mapped_column(String(24))
    size: Mapped[int] = mapped_column(comment="items")
    hash: Mapped[str] = mapped_column(String(64), comment="sha256 over what it is and its lines in order")
    frozen_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    frozen_at: Mapped[datetime]


class PackageItem(Identified, Base):
    """One line of a manifest. *content*, *salt* and *member_id* go when the person it is about is erased; the rest is hashed."""

    __tablename__ = "package_items"
    __holds_content__ = True
    __table_args__ = (
        one_of("disposition", Disposition),
        one_of("ground", WithheldBecause),
        CheckConstraint("(disposition = 'withheld') = (ground IS NOT NULL)", name="withheld"),
        CheckConstraint("(content IS NULL) = (salt IS NULL)", name="erased"),
        UniqueConstraint("package_id", "position", name="uq_package_items_position"),
        Index("ix_package_items_item_id", "item_id", "compartment"),
    )

    package_id: Mapped[UUID] = mapped_column(ForeignKey("handover_packages.id"))
    position: Mapped[int] = mapped_column(comment="from 1")
    kind: Mapped[str] = mapped_column(String(24))
    item_id: Mapped[UUID] = mapped_column(comment="of the row it was made of; no foreign key, that row may go")
    part: Mapped[int] = mapped_column(comment="of one row and compartment, when only some of it can be read")
    moment: Mapped[datetime | None]
    compartment: Mapped[str] = mapped_column(String(3))
    disposition: Mapped[str] = mapped_column(String(8))
    ground: Mapped[str | None] = mapped_column(String(20))
    known: Mapped[bool] = mapped_column(comment="the sender may know of it")
    digest: Mapped[str] = mapped_column(String(64), comment="sha256 over salt and content")
    member_id: Mapped[UUID | None] = mapped_column(index=True, comment="whom it is about; no foreign key")
    salt: Mapped[str | None] = mapped_column(String(32))
    content: Mapped[str | None] = mapped_column(Text, comment="canonical JSON; empty: erased")


class HandoverReceipt(Identified, Base):
    """What the receiver could really read when it accepted, beside what was sent. Never changes."""

    __tablename__ = "handover_receipts"
    __table_args__ = (one_of("verdict", Verdict),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    package_id: Mapped[UUID] = mapped_column(ForeignKey("handover_packages.id"), unique=True)
    verdict: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(comment="lines")
    hash: Mapped[str] = mapped_column(String(64), comment="sha256 over package hash, lines, who accepted and when")
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    accepted_at: Mapped[datetime]


class ReceiptItem(Identified, Base):
    """What became of one item. ``position`` up to the size of the package: that line of it; beyond: came later."""

    __tablename__ = "receipt_items"
    __table_args__ = (
        one_of("result", ReceiptResult),
        one_of("ground", WithheldBecause),
        CheckConstraint("(result = 'withheld') = (ground IS NOT NULL)", name="withheld"),
        UniqueConstraint("receipt_id", "position", name="uq_receipt_items_position"),
    )

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("handover_receipts.id"))
    position: Mapped[int] = mapped_column(comment="from 1, in the order of the manifest")
    kind: Mapped[str] = mapped_column(String(24))
    item_id: Mapped[UUID]
    part: Mapped[int]
    compartment: Mapped[str] = mapped_column(String(3))
    result: Mapped[str] = mapped_column(String(8))
    ground: Mapped[str | None] = mapped_column(String(20))
    known: Mapped[bool] = mapped_column(comment="the sender may know of it")
