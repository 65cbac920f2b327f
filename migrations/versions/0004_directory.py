"""What a municipality has to offer: pathways with their versions, interventions, offers, and what editors are asked for.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interventions",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False, comment="codes of phases of a family"),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_interventions")),
    )
    op.create_table(
        "directory_notices",
        sa.Column("theme", sa.String(length=20), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="local day on which the pathway became current"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "theme IN ('mental', 'substances', 'language', 'money', 'disability', 'child', 'pregnancy', 'network', 'relationship', 'young_parenthood', 'housing', 'legal', 'care_contact', 'residence')",
            name=op.f("ck_directory_notices_theme"),
        ),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_directory_notices_period")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_directory_notices_municipality_code_municipalities"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_notices")),
    )
    op.create_index(
        "ix_directory_notices_municipality_code", "directory_notices", ["municipality_code", "closed_on"], unique=False
    )
    op.create_index(
        "uq_directory_notices_open",
        "directory_notices",
        ["municipality_code", "theme"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "intervention_offers",
        sa.Column("intervention_code", sa.String(length=8), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first local day"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last local day; empty: until further notice"),
        sa.Column("capacity", sa.String(length=12), nullable=False),
        sa.Column("referral_how", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts changes; the ETag"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('available', 'waiting_list', 'full')", name=op.f("ck_intervention_offers_capacity")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_intervention_offers_period")),
        sa.ForeignKeyConstraint(["changed_by"], ["persons.id"], name=op.f("fk_intervention_offers_changed_by_persons")),
        sa.ForeignKeyConstraint(
            ["intervention_code"],
            ["interventions.code"],
            name=op.f("fk_intervention_offers_intervention_code_interventions"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_intervention_offers_municipality_code_municipalities"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_intervention_offers_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervention_offers")),
    )
    op.create_index(op.f("ix_intervention_offers_changed_by"), "intervention_offers", ["changed_by"], unique=False)
    op.create_index(
        op.f("ix_intervention_offers_intervention_code"), "intervention_offers", ["intervention_code"], unique=False
    )
    op.create_index(
        "ix_intervention_offers_municipality_code",
        "intervention_offers",
        ["municipality_code", "intervention_code", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_intervention_offers_organisation_id"), "intervention_offers", ["organisation_id"], unique=False
    )
    op.create_table(
        "pathways",
        sa.Column("theme", sa.String(length=20), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=False),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="1 for the first of this theme and municipality; the ETag"
        ),
        sa.Column("agreements_text", sa.Text(), nullable=False, comment="what was agreed locally, and which support"),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("contact_mail", sa.String(length=120), nullable=False),
        sa.Column(
            "organisation_id", sa.Uuid(), nullable=True, comment="that gives the support; empty: outside the coalition"
        ),
        sa.Column("referral_how", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False, comment="for the family"),
        sa.Column("wait_time", sa.String(length=120), nullable=False, comment="in words"),
        sa.Column("availability", sa.String(length=12), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False, comment="spoken there, interpreter, easy reading"),
        sa.Column(
            "review_every_months", sa.Integer(), nullable=True, comment="empty: the setting directory.review_months"
        ),
        sa.Column("last_reviewed_on", sa.Date(), nullable=True, comment="local day; empty: a concept"),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True, comment="whom to ask about it: the editor who wrote it last"),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True, comment="empty: the newest"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "availability IN ('available', 'waiting_list', 'full')", name=op.f("ck_pathways_availability")
        ),
        sa.CheckConstraint(
            "theme IN ('mental', 'substances', 'language', 'money', 'disability', 'child', 'pregnancy', 'network', 'relationship', 'young_parenthood', 'housing', 'legal', 'care_contact', 'residence')",
            name=op.f("ck_pathways_theme"),
        ),
        sa.CheckConstraint("(last_reviewed_on IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_pathways_review")),
        sa.CheckConstraint(
            "review_every_months IS NULL OR review_every_months > 0", name=op.f("ck_pathways_review_every_months")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_pathways_period")),
        sa.ForeignKeyConstraint(["changed_by"], ["persons.id"], name=op.f("fk_pathways_changed_by_persons")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipalities.code"], name=op.f("fk_pathways_municipality_code_municipalities")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_pathways_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["persons.id"], name=op.f("fk_pathways_owner_id_persons")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["persons.id"], name=op.f("fk_pathways_reviewed_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathways")),
        sa.UniqueConstraint(
            "municipality_code", "theme", "version", name=op.f("uq_pathways_municipality_code_theme_version")
        ),
    )
    op.create_index(op.f("ix_pathways_changed_by"), "pathways", ["changed_by"], unique=False)
    op.create_index(op.f("ix_pathways_organisation_id"), "pathways", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_pathways_owner_id"), "pathways", ["owner_id"], unique=False)
    op.create_index(op.f("ix_pathways_reviewed_by"), "pathways", ["reviewed_by"], unique=False)
    op.create_index(
        "uq_pathways_newest",
        "pathways",
        ["municipality_code", "theme"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_pathways_newest", table_name="pathways")
    op.drop_index(op.f("ix_pathways_reviewed_by"), table_name="pathways")
    op.drop_index(op.f("ix_pathways_owner_id"), table_name="pathways")
    op.drop_index(op.f("ix_pathways_organisation_id"), table_name="pathways")
    op.drop_index(op.f("ix_pathways_changed_by"), table_name="pathways")
    op.drop_table("pathways")
    op.drop_index(op.f("ix_intervention_offers_organisation_id"), table_name="intervention_offers")
    op.drop_index("ix_intervention_offers_municipality_code", table_name="intervention_offers")
    op.drop_index(op.f("ix_intervention_offers_intervention_code"), table_name="intervention_offers")
    op.drop_index(op.f("ix_intervention_offers_changed_by"), table_name="intervention_offers")
    op.drop_table("intervention_offers")
    op.drop_index("uq_directory_notices_open", table_name="directory_notices")
    op.drop_index("ix_directory_notices_municipality_code", table_name="directory_notices")
    op.drop_table("directory_notices")
    op.drop_table("interventions")
