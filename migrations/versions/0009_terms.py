"""A task says since when it is nearly late, and when somebody was asked to look at it.

The worker looks at every task with a term; tasks that are open now get their first look when they are due.

Revision: 0009, after 0008
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FLOATING = sa.text("form_key = 'action_acceptance'")


def upgrade() -> None:
    op.add_column(
        "tasks",
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True, comment="since when it is nearly late"),
    )
    op.add_column(
        "tasks",
        sa.Column(
            "escalated_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when somebody was asked to look at it: once",
        ),
    )
    # The index on an area begins with the municipality, so the key to it needs none of its own.
    op.create_index("ix_tasks_risk", "tasks", ["municipality_code", "subject_kind", "status", "sort_at", "id"])
    op.create_index(
        "ix_tasks_floating",
        "tasks",
        ["municipality_code", "status", "sort_at", "id"],
        sqlite_where=_FLOATING,
        postgresql_where=_FLOATING,
    )
    op.drop_index("ix_tasks_municipality_code", table_name="tasks")
    _watch_open_tasks()


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind IN ('task_term', 'reschedule', 'setting_changes')")
    op.create_index("ix_tasks_municipality_code", "tasks", ["municipality_code"])
    op.drop_index("ix_tasks_floating", table_name="tasks")
    op.drop_index("ix_tasks_risk", table_name="tasks")
    op.drop_column("tasks", "escalated_at")
    op.drop_column("tasks", "warned_at")


def _watch_open_tasks() -> None:
    tasks = sa.table(
        "tasks",
        sa.column("id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("status", sa.String()),
        sa.column("due_at", sa.DateTime(timezone=True)),
    )
    jobs = sa.table(
        "jobs",
        sa.column("id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("subject_kind", sa.String()),
        sa.column("subject_id", sa.String()),
        sa.column("payload", sa.JSON()),
        sa.column("status", sa.String()),
        sa.column("attempts", sa.Integer()),
    )
    watched = sa.select(tasks.c.id, tasks.c.due_at).where(
        tasks.c.kind == "user", tasks.c.status.in_(["open", "claimed"]), tasks.c.due_at.is_not(None)
    )
    rows = [
        {
            "id": uuid.uuid4(),
            "kind": "task_term",
            "due_at": row.due_at,
            "subject_kind": "task",
            "subject_id": str(row.id),
            "payload": {},
            "status": "pending",
            "attempts": 0,
        }
        for row in op.get_bind().execute(watched)
    ]
    if rows:
        op.bulk_insert(jobs, rows)
