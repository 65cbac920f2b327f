"""Whether two cases are about one family: found by day of birth, and asked once per pair.

The index finds a parent who is known already without reading every family; names are compared where they are.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_family_members_birth_date"), "family_members", ["birth_date"], unique=False)
    op.create_table(
        "match_questions",
        sa.Column("case_id", sa.Uuid(), nullable=False, comment="with which the question came up"),
        sa.Column("existing_case_id", sa.Uuid(), nullable=False, comment="whose holder was asked"),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_match_questions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["existing_case_id"], ["cases.id"], name=op.f("fk_match_questions_existing_case_id_cases")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_match_questions_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_questions")),
        sa.UniqueConstraint("existing_case_id", "case_id", name=op.f("uq_match_questions_existing_case_id_case_id")),
    )
    op.create_index(op.f("ix_match_questions_case_id"), "match_questions", ["case_id"], unique=False)
    op.create_index(op.f("ix_match_questions_task_id"), "match_questions", ["task_id"], unique=False)


def downgrade() -> None:
    op.drop_table("match_questions")
    op.drop_index(op.f("ix_family_members_birth_date"), table_name="family_members")
