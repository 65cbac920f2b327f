"""Questions of professionals for a case: who asked, why, until when, and what was searched for, closed until it was looked for.

Revision: 0038, after 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_requests",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column(
            "sealed_search",
            sa.LargeBinary(),
            nullable=True,
            comment="closed with the vault; empty once it was looked for, found or not",
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="after this the asker hears that nobody answered",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until_at > asked_at", name=op.f("ck_case_requests_period")),
        sa.CheckConstraint(
            "reason IN ('parent_asks_us', 'moved_here', 'help_continues_here')",
            name=op.f("ck_case_requests_reason"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_case_requests_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_case_requests_assignment_id_role_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_requests_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_requests")),
    )
    op.create_index("ix_case_requests_person_id", "case_requests", ["person_id", "asked_at"])
    for column in ("assignment_id", "organisation_id"):
        op.create_index(op.f(f"ix_case_requests_{column}"), "case_requests", [column])


def downgrade() -> None:
    op.drop_table("case_requests")
