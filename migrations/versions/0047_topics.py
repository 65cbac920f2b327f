"""Programs of partners that do steps of a drawing: which may do which topic for whom, and who is at a step now.

Revision: 0047, after 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_workers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False, comment="what it is, in words of who made it"),
        sa.Column("reads", sa.JSON(), nullable=False, comment="names on which a route is decided that it gets along"),
        sa.Column("writes", sa.JSON(), nullable=False, comment="and those that it may answer with"),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of 256 random bits"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_topic_workers_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name=op.f("fk_topic_workers_created_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_workers")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_topic_workers_token_hash")),
    )
    op.create_index("ix_topic_workers_topic", "topic_workers", ["organisation_id", "topic"])
    op.create_index(op.f("ix_topic_workers_created_by"), "topic_workers", ["created_by"])
    op.create_table(
        "topic_locks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("lock_id", sa.Uuid(), nullable=True, comment="new each time: who lost it does nothing any more"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched", sa.Integer(), nullable=False, comment="how often it was taken"),
        sa.Column("retries_left", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True, comment="nobody gets it before"),
        sa.Column("error_code", sa.String(length=60), nullable=True, comment="as the program called it; no words"),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True, comment="since when nobody tries any more"),
        sa.CheckConstraint("(lock_id IS NULL) = (locked_until IS NULL)", name=op.f("ck_topic_locks_locked")),
        sa.CheckConstraint("retries_left >= 0", name=op.f("ck_topic_locks_retries_left")),
        sa.CheckConstraint("(retries_left = 0) = (failed_at IS NOT NULL)", name=op.f("ck_topic_locks_failed")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_topic_locks_task_id_tasks")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["topic_workers.id"], name=op.f("fk_topic_locks_worker_id_topic_workers")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_topic_locks")),
    )
    op.create_index(op.f("ix_topic_locks_worker_id"), "topic_locks", ["worker_id"])
    op.execute("UPDATE jobs SET status = 'done', done_at = due_at WHERE kind = 'run_service' AND status <> 'done'")


def downgrade() -> None:
    op.drop_table("topic_locks")
    op.drop_table("topic_workers")
