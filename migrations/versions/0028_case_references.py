"""What an organisation calls a case in its own records, so that it is found there and here without typing twice.

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_references",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False, comment="in the records of that organisation"),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_case_references_number")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_references_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_references_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_case_references_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
    )
    op.create_index("ix_case_references_number", "case_references", ["organisation_id", "number"], unique=False)
    op.create_index(op.f("ix_case_references_recorded_by"), "case_references", ["recorded_by"], unique=False)
    op.create_index("uq_case_references", "case_references", ["case_id", "organisation_id"], unique=True)


def downgrade() -> None:
    op.drop_table("case_references")
