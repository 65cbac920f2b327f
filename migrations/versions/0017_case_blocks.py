"""Whom a case is closed to in person, because they know the family otherwise.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_blocks",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "organisation_id",
            sa.Uuid(),
            nullable=True,
            comment="through which the holder knows this person; empty: not told",
        ),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('colleague', 'family', 'neighbour', 'other')", name=op.f("ck_case_blocks_reason")
        ),
        sa.CheckConstraint("until_at IS NULL OR until_at >= since", name=op.f("ck_case_blocks_period")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_blocks_case_id_cases")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_case_blocks_ended_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_blocks_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_case_blocks_person_id_persons")),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_case_blocks_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_blocks")),
    )
    op.create_index(op.f("ix_case_blocks_case_id"), "case_blocks", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_blocks_ended_by"), "case_blocks", ["ended_by"], unique=False)
    op.create_index(op.f("ix_case_blocks_organisation_id"), "case_blocks", ["organisation_id"], unique=False)
    op.create_index("ix_case_blocks_person_id", "case_blocks", ["person_id", "case_id"], unique=False)
    op.create_index(op.f("ix_case_blocks_recorded_by"), "case_blocks", ["recorded_by"], unique=False)
    op.create_index(
        "uq_case_blocks_open",
        "case_blocks",
        ["case_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("case_blocks")
