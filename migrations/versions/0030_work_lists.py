"""The work list: giving a task to a colleague with a note, named lists, absences, and indexes for what it is filtered on.

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OPEN = sa.text("status = 'open'")
_START = sa.text("is_start")
_INDEXES = {
    "form": ["form_key", "sort_at", "id"],
    "phase": ["phase", "sort_at", "id"],
    "new": ["opened_at", "sort_at", "id"],
}


def upgrade() -> None:
    with op.batch_alter_table("tasks") as table:
        table.add_column(
            sa.Column(
                "handed_by",
                sa.Uuid(),
                nullable=True,
                comment="the colleague who gave it to the claimant; empty: they took it",
            )
        )
        table.create_foreign_key(op.f("fk_tasks_handed_by_persons"), "persons", ["handed_by"], ["id"])
    op.create_index(op.f("ix_tasks_handed_by"), "tasks", ["handed_by"], unique=False)
    for name, columns in _INDEXES.items():
        op.create_index(
            f"ix_tasks_{name}",
            "tasks",
            ["organisation_id", "role", *columns],
            unique=False,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
    op.create_table(
        "task_notes",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column(
            "case_id",
            sa.Uuid(),
            nullable=True,
            comment="empty: of a task that is of no case, such as one about safety",
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=True, comment="empty: the team"),
        sa.Column("text", sa.JSON(), nullable=False, comment="encrypted; compartment C6"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_task_notes_author_id_persons")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_task_notes_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_task_notes_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_notes_task_id_tasks")),
        sa.ForeignKeyConstraint(["to_id"], ["persons.id"], name=op.f("fk_task_notes_to_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_notes")),
    )
    for column in ("author_id", "case_id", "organisation_id", "to_id"):
        op.create_index(op.f(f"ix_task_notes_{column}"), "task_notes", [column], unique=False)
    op.create_index("ix_task_notes_task_id", "task_notes", ["task_id", "at"], unique=False)
    op.create_table(
        "saved_lists",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False, comment="the name without capitals: no two alike"),
        sa.Column("filters", sa.JSON(), nullable=False, comment="filter and code"),
        sa.Column("is_start", sa.Boolean(), nullable=False, comment="the work list opens with it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_saved_lists_assignment_id_role_assignments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_saved_lists_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_lists")),
        sa.UniqueConstraint("assignment_id", "name_key", name="uq_saved_lists_name"),
    )
    op.create_index(op.f("ix_saved_lists_person_id"), "saved_lists", ["person_id"], unique=False)
    op.create_index(
        "uq_saved_lists_start",
        "saved_lists",
        ["assignment_id"],
        unique=True,
        sqlite_where=_START,
        postgresql_where=_START,
    )
    op.create_table(
        "absences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False, comment="first local day"),
        sa.Column("until_on", sa.Date(), nullable=False, comment="last local day"),
        sa.Column("deputy_id", sa.Uuid(), nullable=True, comment="a colleague who gets the work; empty: the team"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True, comment="since when the work is elsewhere"),
        sa.Column("tasks_moved", sa.Integer(), nullable=False, comment="how many went elsewhere when it began"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="back sooner, or it was called off"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_absences_period")),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> person_id", name=op.f("ck_absences_deputy")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_absences_assignment_id_role_assignments")
        ),
        sa.ForeignKeyConstraint(["deputy_id"], ["persons.id"], name=op.f("fk_absences_deputy_id_persons")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_absences_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_assignment_id", "absences", ["assignment_id", "until_on"], unique=False)
    for column in ("deputy_id", "person_id"):
        op.create_index(op.f(f"ix_absences_{column}"), "absences", [column], unique=False)


def downgrade() -> None:
    for table in ("absences", "saved_lists", "task_notes"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(f"ix_tasks_{name}", table_name="tasks")
    op.drop_index(op.f("ix_tasks_handed_by"), table_name="tasks")
    with op.batch_alter_table("tasks") as table:
        table.drop_constraint(op.f("fk_tasks_handed_by_persons"), type_="foreignkey")
        table.drop_column("handed_by")
