"""The BSN in a table of its own: closed, one row per person who has one.

Not a column of family_members: whoever looks at a family does not carry it along, and it has rows of its own to protect.

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bsns",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="closed by the vault, as this row's; nothing can be found by it",
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="that recorded it, and could use it then"),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts changes; the ETag"),
        sa.ForeignKeyConstraint(["member_id"], ["family_members.id"], name=op.f("fk_bsns_member_id_family_members")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bsns_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_bsns_recorded_by_persons")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_bsns")),
    )
    op.create_index(op.f("ix_bsns_organisation_id"), "bsns", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_bsns_recorded_by"), "bsns", ["recorded_by"], unique=False)


def downgrade() -> None:
    op.drop_table("bsns")
