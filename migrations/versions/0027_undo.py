"""Completing a task can be undone for a few minutes: how it was before, and entries that their author took back at once.

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "entries",
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its author took it back at once; it shows and counts nowhere any more",
        ),
    )
    op.create_table(
        "undo_states",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False, comment="who completed it"),
        sa.Column("entry_id", sa.Uuid(), nullable=False, comment="what was answered"),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state", sa.LargeBinary(), nullable=False, comment="of the run, before; empty: the machine did not move"
        ),
        sa.Column("state_after", sa.String(length=64), nullable=False, comment="hash of the run's state, after"),
        sa.Column("task_version", sa.Integer(), nullable=False, comment="after"),
        sa.Column("case_version", sa.Integer(), nullable=False, comment="after"),
        sa.Column("case_status", sa.String(length=20), nullable=False, comment="before"),
        sa.Column("opened", sa.JSON(), nullable=False, comment="ids of the tasks that it opened"),
        sa.Column("steps", sa.JSON(), nullable=False, comment="ids of the steps that it took"),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_undo_states_person_id_persons")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_undo_states_run_id_runs")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_undo_states_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_undo_states")),
    )
    op.create_index(op.f("ix_undo_states_entry_id"), "undo_states", ["entry_id"])
    op.create_index(op.f("ix_undo_states_run_id"), "undo_states", ["run_id"])
    op.create_index(op.f("ix_undo_states_until_at"), "undo_states", ["until_at"])
    op.create_index("ix_undo_states_mine", "undo_states", ["person_id", "until_at"])


def downgrade() -> None:
    op.drop_table("undo_states")
    op.drop_column("entries", "withdrawn_at")
