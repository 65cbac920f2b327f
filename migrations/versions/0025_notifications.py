"""What people hear of without being asked, what they read of it, and where they want mail about it.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="whom it is meant for first"),
        sa.Column("alone", sa.Boolean(), nullable=False, comment="for nobody else of the team"),
        sa.Column("by_person_id", sa.Uuid(), nullable=True, comment="who brought it about, and so need not hear of it"),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "spread_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was looked at who wants mail about it",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('own_task', 'team_task', 'handed', 'lapsed', 'nearly_late', 'late', 'handover', 'comment', 'alarm')",
            name=op.f("ck_notifications_kind"),
        ),
        sa.CheckConstraint("NOT alone OR person_id IS NOT NULL", name=op.f("ck_notifications_alone")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_notifications_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notifications_person_id_persons")),
        sa.ForeignKeyConstraint(["by_person_id"], ["persons.id"], name=op.f("fk_notifications_by_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_team", "notifications", ["organisation_id", "role", "at"], unique=False)
    op.create_index("ix_notifications_spread_at", "notifications", ["spread_at"], unique=False)
    op.create_index("ix_notifications_subject", "notifications", ["subject_id"], unique=False)
    for column in ("person_id", "by_person_id", "at"):
        op.create_index(op.f(f"ix_notifications_{column}"), "notifications", [column], unique=False)
    op.create_table(
        "notification_marks",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_marks_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notification_marks_person_id_persons")),
        sa.PrimaryKeyConstraint("notification_id", "person_id", name=op.f("pk_notification_marks")),
    )
    op.create_index(op.f("ix_notification_marks_person_id"), "notification_marks", ["person_id"], unique=False)
    op.create_table(
        "mail_addresses",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True, comment="encrypted; gone when it was given back"),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wishes", sa.JSON(), nullable=False, comment="kind → direct, daily or none"),
        sa.Column(
            "told_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="spread_at of the last notification that a mail counted",
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True, comment="when there is a mail to send"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True, comment="when the last mail left"),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=12), nullable=True),
        sa.CheckConstraint("failure IN ('refused', 'unreachable', 'returned')", name=op.f("ck_mail_addresses_failure")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mail_addresses_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_addresses")),
    )
    op.create_index("ix_mail_addresses_due_at", "mail_addresses", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("mail_addresses")
    op.drop_table("notification_marks")
    op.drop_table("notifications")
