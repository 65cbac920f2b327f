"""Hub meetings: agendas of several families, and who may sit at the table for each.

One family is planned on one agenda at a time, which the database guards.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_meetings",
        sa.Column(
            "municipality_code",
            sa.String(length=6),
            nullable=True,
            comment="empty: of a family whose municipality is not known",
        ),
        sa.Column("organised_by", sa.Uuid(), nullable=False),
        sa.Column("organised_as", sa.String(length=24), nullable=False, comment="role of who planned it"),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="counts changes of the meeting itself; a family that comes or goes does not show in it",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status IN ('planned', 'held', 'cancelled')", name=op.f("ck_hub_meetings_status")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_hub_meetings_municipality_code_municipalities"),
        ),
        sa.ForeignKeyConstraint(
            ["organised_by"], ["organisations.id"], name=op.f("fk_hub_meetings_organised_by_organisations")
        ),
        sa.ForeignKeyConstraint(["planned_by"], ["persons.id"], name=op.f("fk_hub_meetings_planned_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_meetings")),
    )
    op.create_index("ix_hub_meetings_municipality_code", "hub_meetings", ["municipality_code", "starts_at"])
    op.create_index(op.f("ix_hub_meetings_organised_by"), "hub_meetings", ["organised_by"])
    op.create_index(op.f("ix_hub_meetings_planned_by"), "hub_meetings", ["planned_by"])
    op.create_table(
        "agenda_items",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="order on the agenda, from 1"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("parents_invited", sa.Boolean(), nullable=False),
        sa.Column("reason_not_invited", sa.Text(), nullable=True),
        sa.Column("parents_present", sa.Boolean(), nullable=True, comment="empty: no minutes yet"),
        sa.Column("reason_if_absent", sa.Text(), nullable=True),
        sa.Column("supporter_of_parent_present", sa.Boolean(), nullable=False),
        sa.Column("minutes_entry_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_shared_on", sa.Date(), nullable=True, comment="local day on which the parents got them"),
        sa.Column(
            "case_director_organisation_id",
            sa.Uuid(),
            nullable=True,
            comment="who will direct the case, as was agreed",
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="discussed, postponed or removed"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'discussed', 'postponed', 'removed')", name=op.f("ck_agenda_items_status")
        ),
        sa.CheckConstraint(
            "parents_invited OR reason_not_invited IS NOT NULL", name=op.f("ck_agenda_items_parents_invited")
        ),
        sa.CheckConstraint(
            "parents_present IS NULL OR parents_present OR reason_if_absent IS NOT NULL",
            name=op.f("ck_agenda_items_parents_present"),
        ),
        sa.CheckConstraint(
            "status <> 'discussed' OR parents_present IS NOT NULL", name=op.f("ck_agenda_items_discussed")
        ),
        sa.ForeignKeyConstraint(
            ["case_director_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_agenda_items_case_director_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_agenda_items_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["hub_meetings.id"], name=op.f("fk_agenda_items_meeting_id_hub_meetings")
        ),
        sa.ForeignKeyConstraint(
            ["minutes_entry_id"], ["entries.id"], name=op.f("fk_agenda_items_minutes_entry_id_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
    )
    op.create_index(
        op.f("ix_agenda_items_case_director_organisation_id"), "agenda_items", ["case_director_organisation_id"]
    )
    op.create_index(op.f("ix_agenda_items_case_id"), "agenda_items", ["case_id"])
    op.create_index(op.f("ix_agenda_items_meeting_id"), "agenda_items", ["meeting_id"])
    op.create_index(op.f("ix_agenda_items_minutes_entry_id"), "agenda_items", ["minutes_entry_id"])
    op.create_index(
        "uq_agenda_items_planned",
        "agenda_items",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'planned'"),
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_table(
        "hub_invitations",
        sa.Column("agenda_item_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_hub_invitations_agenda_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["persons.id"], name=op.f("fk_hub_invitations_invited_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_hub_invitations_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_invitations")),
    )
    op.create_index(op.f("ix_hub_invitations_agenda_item_id"), "hub_invitations", ["agenda_item_id"])
    op.create_index(op.f("ix_hub_invitations_invited_by"), "hub_invitations", ["invited_by"])
    op.create_index("ix_hub_invitations_organisation_id", "hub_invitations", ["organisation_id", "role"])
    op.create_index(
        "uq_hub_invitations_standing",
        "hub_invitations",
        ["agenda_item_id", "organisation_id", "role"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    standing = sa.text("withdrawn_at IS NULL")
    op.drop_index(
        "uq_hub_invitations_standing", table_name="hub_invitations", sqlite_where=standing, postgresql_where=standing
    )
    op.drop_index("ix_hub_invitations_organisation_id", table_name="hub_invitations")
    op.drop_index(op.f("ix_hub_invitations_invited_by"), table_name="hub_invitations")
    op.drop_index(op.f("ix_hub_invitations_agenda_item_id"), table_name="hub_invitations")
    op.drop_table("hub_invitations")
    planned = sa.text("status = 'planned'")
    op.drop_index("uq_agenda_items_planned", table_name="agenda_items", sqlite_where=planned, postgresql_where=planned)
    op.drop_index(op.f("ix_agenda_items_minutes_entry_id"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_meeting_id"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_case_id"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_case_director_organisation_id"), table_name="agenda_items")
    op.drop_table("agenda_items")
    op.drop_index(op.f("ix_hub_meetings_planned_by"), table_name="hub_meetings")
    op.drop_index(op.f("ix_hub_meetings_organised_by"), table_name="hub_meetings")
    op.drop_index("ix_hub_meetings_municipality_code", table_name="hub_meetings")
    op.drop_table("hub_meetings")
