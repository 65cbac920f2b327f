"""Support plans with their goals and actions, and evaluations.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_plans",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="1 for the first of the case"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column(
            "entry_id", sa.Uuid(), nullable=False, comment="what was written down last, with the family's own strength"
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("evaluation_on", sa.Date(), nullable=True, comment="when the family looks back together"),
        sa.Column("parent_agreed_on", sa.Date(), nullable=True),
        sa.Column("copy_given", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_support_plans_ended")),
        sa.CheckConstraint(
            "status <> 'agreed' OR parent_agreed_on IS NOT NULL AND evaluation_on IS NOT NULL",
            name=op.f("ck_support_plans_agreed"),
        ),
        sa.CheckConstraint("status IN ('draft', 'agreed', 'ended', 'declined')", name=op.f("ck_support_plans_status")),
        sa.CheckConstraint("version > 0", name=op.f("ck_support_plans_version")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_support_plans_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_support_plans_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_support_plans_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_plans")),
        sa.UniqueConstraint("case_id", "version", name="uq_support_plans_version"),
    )
    op.create_index(op.f("ix_support_plans_entry_id"), "support_plans", ["entry_id"], unique=False)
    op.create_index(op.f("ix_support_plans_organisation_id"), "support_plans", ["organisation_id"], unique=False)
    op.create_index(
        "uq_support_plans_agreed",
        "support_plans",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'agreed'"),
        postgresql_where=sa.text("status = 'agreed'"),
    )
    op.create_table(
        "evaluations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first of the case"),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True, comment="the plan that was looked back on"),
        sa.Column("evaluated_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("decided_with_parent", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("parent_experience", sa.Integer(), nullable=True, comment="0 to 10, by the parent"),
        sa.Column("present", sa.JSON(), nullable=False, comment="codes of who was there"),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("decision = 'close' OR next_on IS NOT NULL", name=op.f("ck_evaluations_next_on")),
        sa.CheckConstraint(
            "decision IN ('continue', 'adjust', 'step_up', 'step_down', 'hand_over', 'close')",
            name=op.f("ck_evaluations_decision"),
        ),
        sa.CheckConstraint(
            "level IN ('none', 'potentially_vulnerable', 'vulnerable', 'very_vulnerable')",
            name=op.f("ck_evaluations_level"),
        ),
        sa.CheckConstraint("parent_experience BETWEEN 0 AND 10", name=op.f("ck_evaluations_parent_experience")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_evaluations_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_evaluations_entry_id_entries")),
        sa.ForeignKeyConstraint(["plan_id"], ["support_plans.id"], name=op.f("fk_evaluations_plan_id_support_plans")),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_evaluations_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("case_id", "number", name="uq_evaluations_number"),
    )
    op.create_index(op.f("ix_evaluations_entry_id"), "evaluations", ["entry_id"], unique=False)
    op.create_index(op.f("ix_evaluations_plan_id"), "evaluations", ["plan_id"], unique=False)
    op.create_index(op.f("ix_evaluations_recorded_by"), "evaluations", ["recorded_by"], unique=False)
    op.create_table(
        "support_actions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False, comment="in which it began"),
        sa.Column("last_plan_id", sa.Uuid(), nullable=False, comment="the newest version that it stands in"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first of the case"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.String(length=12), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False, comment="of the parent or somebody they know"),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("intervention", sa.String(length=40), nullable=True, comment="code in the directory"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_for", sa.Uuid(), nullable=True, comment="the organisation of who accepted"),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_reason", sa.String(length=24), nullable=True),
        sa.Column("stop_reason", sa.String(length=16), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True, comment="the task that waits for its owner now"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(owner_kind = 'professional') = (organisation_id IS NOT NULL)",
            name=op.f("ck_support_actions_organisation"),
        ),
        sa.CheckConstraint(
            "(status = 'refused') = (refused_reason IS NOT NULL)", name=op.f("ck_support_actions_refused")
        ),
        sa.CheckConstraint("(status = 'stopped') = (stop_reason IS NOT NULL)", name=op.f("ck_support_actions_stopped")),
        sa.CheckConstraint(
            "(status IN ('refused', 'done', 'stopped')) = (ended_at IS NOT NULL)", name=op.f("ck_support_actions_ended")
        ),
        sa.CheckConstraint(
            "owner_kind <> 'professional' OR accepted_at IS NULL OR accepted_for = organisation_id",
            name=op.f("ck_support_actions_accepted_for"),
        ),
        sa.CheckConstraint("owner_kind = 'professional' OR owner_name <> ''", name=op.f("ck_support_actions_owner")),
        sa.CheckConstraint(
            "owner_kind IN ('informal', 'parent', 'professional')", name=op.f("ck_support_actions_owner_kind")
        ),
        sa.CheckConstraint(
            "refused_reason IN ('no_capacity', 'not_our_task', 'not_enough_information', 'parent_declines', 'other')",
            name=op.f("ck_support_actions_refused_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'accepted', 'refused', 'done', 'stopped')", name=op.f("ck_support_actions_status")
        ),
        sa.CheckConstraint(
            "status NOT IN ('accepted', 'done') OR accepted_at IS NOT NULL", name=op.f("ck_support_actions_accepted")
        ),
        sa.CheckConstraint(
            "stop_reason IN ('plan_adjusted', 'owner_stopped', 'consent_ended', 'parent_declines', 'loss', 'case_closed')",
            name=op.f("ck_support_actions_stop_reason"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_support_actions_dates")),
        sa.ForeignKeyConstraint(["accepted_by"], ["persons.id"], name=op.f("fk_support_actions_accepted_by_persons")),
        sa.ForeignKeyConstraint(
            ["accepted_for"], ["organisations.id"], name=op.f("fk_support_actions_accepted_for_organisations")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_support_actions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["last_plan_id"], ["support_plans.id"], name=op.f("fk_support_actions_last_plan_id_support_plans")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_support_actions_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["support_plans.id"], name=op.f("fk_support_actions_plan_id_support_plans")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_support_actions_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_actions")),
        sa.UniqueConstraint("case_id", "number", name="uq_support_actions_number"),
    )
    op.create_index(op.f("ix_support_actions_accepted_by"), "support_actions", ["accepted_by"], unique=False)
    op.create_index(op.f("ix_support_actions_accepted_for"), "support_actions", ["accepted_for"], unique=False)
    op.create_index(op.f("ix_support_actions_last_plan_id"), "support_actions", ["last_plan_id"], unique=False)
    op.create_index("ix_support_actions_organisation_id", "support_actions", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_support_actions_plan_id"), "support_actions", ["plan_id"], unique=False)
    op.create_index("ix_support_actions_status", "support_actions", ["status", "proposed_at"], unique=False)
    op.create_index("ix_support_actions_task_id", "support_actions", ["task_id"], unique=False)
    op.create_table(
        "support_goals",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent_words", sa.Text(), nullable=False),
        sa.Column("dimension", sa.String(length=24), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('bodily_functions', 'mental_wellbeing', 'meaningfulness', 'quality_of_life', 'participation', 'daily_functioning')",
            name=op.f("ck_support_goals_dimension"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["support_plans.id"], name=op.f("fk_support_goals_plan_id_support_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_goals")),
        sa.UniqueConstraint("plan_id", "position", name="uq_support_goals_position"),
    )
    op.create_table(
        "goal_ratings",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False, comment="in the parent's words"),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("parent_rating", sa.Integer(), nullable=True, comment="0 to 10, by the parent"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('reached', 'partly', 'not_yet', 'dropped')", name=op.f("ck_goal_ratings_status")
        ),
        sa.CheckConstraint("parent_rating BETWEEN 0 AND 10", name=op.f("ck_goal_ratings_parent_rating")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_goal_ratings_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_ratings")),
        sa.UniqueConstraint("evaluation_id", "position", name="uq_goal_ratings_position"),
    )


def downgrade() -> None:
    op.drop_table("goal_ratings")
    op.drop_table("support_goals")
    op.drop_index("ix_support_actions_task_id", table_name="support_actions")
    op.drop_index("ix_support_actions_status", table_name="support_actions")
    op.drop_index(op.f("ix_support_actions_plan_id"), table_name="support_actions")
    op.drop_index("ix_support_actions_organisation_id", table_name="support_actions")
    op.drop_index(op.f("ix_support_actions_last_plan_id"), table_name="support_actions")
    op.drop_index(op.f("ix_support_actions_accepted_for"), table_name="support_actions")
    op.drop_index(op.f("ix_support_actions_accepted_by"), table_name="support_actions")
    op.drop_table("support_actions")
    op.drop_index(op.f("ix_evaluations_recorded_by"), table_name="evaluations")
    op.drop_index(op.f("ix_evaluations_plan_id"), table_name="evaluations")
    op.drop_index(op.f("ix_evaluations_entry_id"), table_name="evaluations")
    op.drop_table("evaluations")
    op.drop_index(
        "uq_support_plans_agreed",
        table_name="support_plans",
        sqlite_where=sa.text("status = 'agreed'"),
        postgresql_where=sa.text("status = 'agreed'"),
    )
    op.drop_index(op.f("ix_support_plans_organisation_id"), table_name="support_plans")
    op.drop_index(op.f("ix_support_plans_entry_id"), table_name="support_plans")
    op.drop_table("support_plans")
