"""Reading a case in an emergency: who opened what, who looks back at it, and who tried.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_attempts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_emergency_attempts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_attempts")),
    )
    op.create_index("ix_emergency_attempts_person_id", "emergency_attempts", ["person_id", "at"], unique=False)
    op.create_table(
        "emergency_accesses",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "case_number", sa.String(length=16), nullable=False, comment="as on the case, for who may not read the case"
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False, comment="counts for this role only"),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False, comment="in the opener's words; content"),
        sa.Column("ground", sa.String(length=28), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until_at", sa.DateTime(timezone=True), nullable=False, comment="nothing is read from this moment on"
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_through", sa.String(length=12), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ended_through IN ('time_over', 'by_opener', 'by_holder', 'case_ended')",
            name=op.f("ck_emergency_accesses_ended_through"),
        ),
        sa.CheckConstraint(
            "ground IN ('vital_interest', 'conflict_of_duties', 'right_to_report')",
            name=op.f("ck_emergency_accesses_ground"),
        ),
        sa.CheckConstraint(
            "reason IN ('life_at_risk', 'acute_illness', 'mental_crisis', 'child_in_danger', 'other_emergency')",
            name=op.f("ck_emergency_accesses_reason"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_through IS NULL)", name=op.f("ck_emergency_accesses_ended")),
        sa.CheckConstraint("until_at > opened_at", name=op.f("ck_emergency_accesses_period")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["role_assignments.id"],
            name=op.f("fk_emergency_accesses_assignment_id_role_assignments"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_emergency_accesses_case_id_cases")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_emergency_accesses_ended_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_emergency_accesses_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_emergency_accesses_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_accesses")),
    )
    op.create_index(op.f("ix_emergency_accesses_assignment_id"), "emergency_accesses", ["assignment_id"], unique=False)
    op.create_index("ix_emergency_accesses_case_id", "emergency_accesses", ["case_id", "opened_at"], unique=False)
    op.create_index(op.f("ix_emergency_accesses_ended_by"), "emergency_accesses", ["ended_by"], unique=False)
    op.create_index(
        op.f("ix_emergency_accesses_organisation_id"), "emergency_accesses", ["organisation_id"], unique=False
    )
    op.create_index("ix_emergency_accesses_person_id", "emergency_accesses", ["person_id", "opened_at"], unique=False)
    op.create_index(
        "uq_emergency_accesses_open",
        "emergency_accesses",
        ["case_id", "assignment_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "emergency_reviews",
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="whose log manager it is for"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("words", sa.Text(), nullable=False, comment="of the reviewer; content"),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('justified', 'not_justified', 'unclear')", name=op.f("ck_emergency_reviews_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_emergency_reviews_reviewed")),
        sa.ForeignKeyConstraint(
            ["emergency_id"],
            ["emergency_accesses.id"],
            name=op.f("fk_emergency_reviews_emergency_id_emergency_accesses"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_emergency_reviews_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["reviewed_by"], ["persons.id"], name=op.f("fk_emergency_reviews_reviewed_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_reviews")),
    )
    op.create_index(
        op.f("ix_emergency_reviews_organisation_id"), "emergency_reviews", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_emergency_reviews_reviewed_by"), "emergency_reviews", ["reviewed_by"], unique=False)
    op.create_index(
        "uq_emergency_reviews_organisation", "emergency_reviews", ["emergency_id", "organisation_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("emergency_reviews")
    op.drop_table("emergency_attempts")
    op.drop_table("emergency_accesses")
