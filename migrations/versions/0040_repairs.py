"""The operator's desk: since when a job fails, and what two people mended together.

Revision: 0040, after 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "jobs",
        sa.Column(
            "failing_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the first attempt since it was planned failed",
        ),
    )
    op.create_table(
        "repairs",
        sa.Column("trouble_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False, comment="kind of job, channel, log or process"),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment="how many, when it was asked"),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True, comment="empty: the house"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mended", sa.Integer(), nullable=True, comment="how many it was done for"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('job', 'message', 'log_lines', 'mail_address', 'run', 'case')", name=op.f("ck_repairs_kind")
        ),
        sa.CheckConstraint("action IN ('retry', 'drop', 'resume', 'ask_director')", name=op.f("ck_repairs_action")),
        sa.CheckConstraint(
            "why IN ('cause_mended', 'see_if_it_works', 'not_needed', 'advised')", name=op.f("ck_repairs_why")
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'done', 'refused', 'withdrawn', 'expired')", name=op.f("ck_repairs_status")
        ),
        sa.CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_repairs_decided")),
        sa.CheckConstraint(
            "status <> 'done' OR decided_by IS NOT NULL AND decided_by <> asked_by", name=op.f("ck_repairs_two_people")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_repairs_count")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_repairs_asked_by_persons")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_repairs_decided_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs")),
    )
    op.create_index("ix_repairs_status", "repairs", ["status", "asked_at", "id"])
    op.create_index(op.f("ix_repairs_asked_by"), "repairs", ["asked_by"])
    op.create_index(op.f("ix_repairs_decided_by"), "repairs", ["decided_by"])
    op.create_index(
        "uq_repairs_open",
        "repairs",
        ["trouble_id"],
        unique=True,
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )


def downgrade() -> None:
    op.drop_table("repairs")
    op.drop_column("jobs", "failing_since")
