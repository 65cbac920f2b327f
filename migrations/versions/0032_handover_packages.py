"""Packages of handovers, line by line, and receipts of what arrived.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover_packages",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="1 as sent; one more after each answered question"),
        sa.Column("from_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("from_role", sa.String(length=24), nullable=False),
        sa.Column("to_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("to_role", sa.String(length=24), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="items"),
        sa.Column(
            "hash", sa.String(length=64), nullable=False, comment="sha256 over what it is and its lines in order"
        ),
        sa.Column("frozen_by", sa.Uuid(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0 AND size >= 0", name=op.f("ck_handover_packages_counted")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handover_packages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["from_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_handover_packages_from_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(["frozen_by"], ["persons.id"], name=op.f("fk_handover_packages_frozen_by_persons")),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_packages_handover_id_handovers")
        ),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_handover_packages_to_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_packages")),
        sa.UniqueConstraint("handover_id", "version", name="uq_handover_packages_version"),
    )
    op.create_index("ix_handover_packages_case_id", "handover_packages", ["case_id"], unique=False)
    op.create_index(
        "ix_handover_packages_from_organisation_id", "handover_packages", ["from_organisation_id"], unique=False
    )
    op.create_index("ix_handover_packages_frozen_by", "handover_packages", ["frozen_by"], unique=False)
    op.create_index(
        "ix_handover_packages_to_organisation_id", "handover_packages", ["to_organisation_id"], unique=False
    )
    op.create_table(
        "package_items",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column(
            "item_id", sa.Uuid(), nullable=False, comment="of the row it was made of; no foreign key, that row may go"
        ),
        sa.Column(
            "part", sa.Integer(), nullable=False, comment="of one row and compartment, when only some of it can be read"
        ),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compartment", sa.String(length=3), nullable=False),
        sa.Column("disposition", sa.String(length=8), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False, comment="the sender may know of it"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="sha256 over salt and content"),
        sa.Column("member_id", sa.Uuid(), nullable=True, comment="whom it is about; no foreign key"),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("content", sa.Text(), nullable=True, comment="canonical JSON; empty: erased"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("disposition IN ('visible', 'withheld')", name=op.f("ck_package_items_disposition")),
        sa.CheckConstraint("(content IS NULL) = (salt IS NULL)", name=op.f("ck_package_items_erased")),
        sa.CheckConstraint(
            "ground IN ('no_consent', 'not_this_role', 'other_parent', 'shielded_address', 'own_organisation', 'own_records', 'closed_to_them')",
            name=op.f("ck_package_items_ground"),
        ),
        sa.CheckConstraint("(disposition = 'withheld') = (ground IS NOT NULL)", name=op.f("ck_package_items_withheld")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["handover_packages.id"], name=op.f("fk_package_items_package_id_handover_packages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_items")),
        sa.UniqueConstraint("package_id", "position", name="uq_package_items_position"),
    )
    op.create_index("ix_package_items_item_id", "package_items", ["item_id", "compartment"], unique=False)
    op.create_index("ix_package_items_member_id", "package_items", ["member_id"], unique=False)
    op.create_table(
        "handover_receipts",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="lines"),
        sa.Column(
            "hash",
            sa.String(length=64),
            nullable=False,
            comment="sha256 over package hash, lines, who accepted and when",
        ),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("verdict IN ('complete', 'more', 'broken')", name=op.f("ck_handover_receipts_verdict")),
        sa.ForeignKeyConstraint(["accepted_by"], ["persons.id"], name=op.f("fk_handover_receipts_accepted_by_persons")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handover_receipts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["handover_packages.id"], name=op.f("fk_handover_receipts_package_id_handover_packages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_receipts")),
        sa.UniqueConstraint("package_id", name="uq_handover_receipts_package_id"),
    )
    op.create_index("ix_handover_receipts_accepted_by", "handover_receipts", ["accepted_by"], unique=False)
    op.create_index("ix_handover_receipts_case_id", "handover_receipts", ["case_id"], unique=False)
    op.create_table(
        "receipt_items",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="from 1, in the order of the manifest"),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=3), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False, comment="the sender may know of it"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ground IN ('no_consent', 'not_this_role', 'other_parent', 'shielded_address', 'own_organisation', 'own_records', 'closed_to_them')",
            name=op.f("ck_receipt_items_ground"),
        ),
        sa.CheckConstraint(
            "result IN ('seen', 'changed', 'added', 'withheld', 'removed', 'erased', 'missing')",
            name=op.f("ck_receipt_items_result"),
        ),
        sa.CheckConstraint("(result = 'withheld') = (ground IS NOT NULL)", name=op.f("ck_receipt_items_withheld")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["handover_receipts.id"], name=op.f("fk_receipt_items_receipt_id_handover_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_items")),
        sa.UniqueConstraint("receipt_id", "position", name="uq_receipt_items_position"),
    )


def downgrade() -> None:
    for table in ("receipt_items", "handover_receipts", "package_items", "handover_packages"):
        op.drop_table(table)
