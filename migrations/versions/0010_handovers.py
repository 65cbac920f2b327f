"""Handing a case over, comments on a case, and certificates: who may carry out which intervention.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("intervention", sa.String(length=16), nullable=False, comment="code in the directory, e.g. VZ"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first local day"),
        sa.Column("valid_until", sa.Date(), nullable=True, comment="last local day"),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="ended by hand, e.g. taken back; holds no more since",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_certificates_period")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_certificates_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
    )
    op.create_index("ix_certificates_person_id", "certificates", ["person_id", "intervention"], unique=False)
    op.create_table(
        "comments",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True, comment="the task it is about, if it is about one"),
        sa.Column("text", sa.Text(), nullable=False, comment="compartment C6: plan and agreements"),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="1 for the first comment on the case"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_comments_author_id_persons")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_comments_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_comments_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_comments_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"], unique=False)
    op.create_index("ix_comments_case_id", "comments", ["case_id", "at", "ordinal"], unique=False)
    op.create_index(op.f("ix_comments_organisation_id"), "comments", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_comments_task_id"), "comments", ["task_id"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=28), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("from_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("from_role", sa.String(length=24), nullable=False),
        sa.Column("from_person_id", sa.Uuid(), nullable=True, comment="who offered it"),
        sa.Column("to_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("to_role", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("warm_contact_form", sa.String(length=16), nullable=False),
        sa.Column("warm_contact_on", sa.Date(), nullable=True),
        sa.Column("parent_present", sa.Boolean(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("refused_reason", sa.String(length=24), nullable=True),
        sa.Column(
            "contact_planned_on", sa.Date(), nullable=True, comment="local day on which the receiver means to call"
        ),
        sa.Column(
            "first_contact_on", sa.Date(), nullable=True, comment="local day on which the receiver spoke the parent"
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="withdrawn or expired"),
        sa.Column("offer_entry_id", sa.Uuid(), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(), nullable=True),
        sa.Column("contact_entry_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'completed') = (first_contact_on IS NOT NULL)", name=op.f("ck_handovers_completed")
        ),
        sa.CheckConstraint("(status = 'refused') = (refused_reason IS NOT NULL)", name=op.f("ck_handovers_refused")),
        sa.CheckConstraint(
            "(status IN ('accepted', 'refused', 'completed')) = (answered_at IS NOT NULL) AND (status IN ('withdrawn', 'expired')) = (ended_at IS NOT NULL)",
            name=op.f("ck_handovers_answered"),
        ),
        sa.CheckConstraint(
            "kind IN ('signaller_to_youth_health', 'birth', 'youth_health_to_hub', 'case_director', 'organisation', 'municipality', 'regular_care', 'compulsory_framework')",
            name=op.f("ck_handovers_kind"),
        ),
        sa.CheckConstraint(
            "reason IN ('phase_change', 'birth', 'move', 'professional_leaves', 'other_expertise', 'step_up', 'step_down', 'age')",
            name=op.f("ck_handovers_reason"),
        ),
        sa.CheckConstraint(
            "refused_reason IN ('no_capacity', 'not_our_task', 'not_enough_information', 'parent_declines', 'other')",
            name=op.f("ck_handovers_refused_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('offered', 'accepted', 'refused', 'withdrawn', 'expired', 'completed')",
            name=op.f("ck_handovers_status"),
        ),
        sa.CheckConstraint(
            "warm_contact_form IN ('three_way_talk', 'joint_visit', 'phone', 'none')",
            name=op.f("ck_handovers_warm_contact_form"),
        ),
        sa.CheckConstraint(
            "from_organisation_id <> to_organisation_id OR from_role <> to_role", name=op.f("ck_handovers_elsewhere")
        ),
        sa.ForeignKeyConstraint(["answer_entry_id"], ["entries.id"], name=op.f("fk_handovers_answer_entry_id_entries")),
        sa.ForeignKeyConstraint(["answered_by"], ["persons.id"], name=op.f("fk_handovers_answered_by_persons")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handovers_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["contact_entry_id"], ["entries.id"], name=op.f("fk_handovers_contact_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["from_organisation_id"], ["organisations.id"], name=op.f("fk_handovers_from_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["from_person_id"], ["persons.id"], name=op.f("fk_handovers_from_person_id_persons")),
        sa.ForeignKeyConstraint(["offer_entry_id"], ["entries.id"], name=op.f("fk_handovers_offer_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"], ["organisations.id"], name=op.f("fk_handovers_to_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_answer_entry_id"), "handovers", ["answer_entry_id"], unique=False)
    op.create_index(op.f("ix_handovers_answered_by"), "handovers", ["answered_by"], unique=False)
    op.create_index("ix_handovers_case_id", "handovers", ["case_id", "offered_at"], unique=False)
    op.create_index(op.f("ix_handovers_contact_entry_id"), "handovers", ["contact_entry_id"], unique=False)
    op.create_index(
        "ix_handovers_from_organisation_id",
        "handovers",
        ["from_organisation_id", "from_role", "first_contact_on"],
        unique=False,
    )
    op.create_index(op.f("ix_handovers_from_person_id"), "handovers", ["from_person_id"], unique=False)
    op.create_index(op.f("ix_handovers_offer_entry_id"), "handovers", ["offer_entry_id"], unique=False)
    op.create_index("ix_handovers_to_organisation_id", "handovers", ["to_organisation_id", "status"], unique=False)
    op.create_index(
        "uq_handovers_open",
        "handovers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'offered'"),
        postgresql_where=sa.text("status = 'offered'"),
    )


def downgrade() -> None:
    op.drop_table("handovers")
    op.drop_table("comments")
    op.drop_table("certificates")
