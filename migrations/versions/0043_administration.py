"""An organisation's own data, mailed invitations, certificates that are told of before they end, and a yearly look at who may what.

Revision: 0043, after 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_KINDS = (
    "'own_task', 'team_task', 'handed', 'lapsed', 'nearly_late', 'late', 'handover', 'handover_waits',"
    " 'handover_taken', 'handover_back', 'handover_met', 'comment', 'alarm', 'webhook_paused'"
)
_NEW = "'certificate_ends', 'access_review'"
_COLUMNS = {
    "organisations": (
        sa.Column(
            "phone", sa.String(length=40), nullable=True, comment="of the organisation, for colleagues elsewhere"
        ),
        sa.Column("mail", sa.String(length=254), nullable=True, comment="of the organisation, of nobody in person"),
        sa.Column("website", sa.String(length=200), nullable=True),
    ),
    "certificates": (
        sa.Column(
            "reminded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was told that its last day comes near",
        ),
    ),
    "activations": (
        sa.Column(
            "sealed_code",
            sa.LargeBinary(),
            nullable=True,
            comment="encrypted; only until the mail with it has left",
        ),
        sa.Column(
            "sealed_address",
            sa.LargeBinary(),
            nullable=True,
            comment="encrypted; only until the mail with the code has left",
        ),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True, comment="when a mail with the code left"),
        sa.Column(
            "mail_failed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the mail server last did not take it",
        ),
    ),
}


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.add_column(table, sa.Column(column.name, column.type, nullable=True, comment=column.comment))
    _kinds(f"{_KINDS}, {_NEW}")
    op.create_table(
        "access_reviews",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "due_on", sa.Date(), nullable=False, comment="last local day to answer; later when it is asked again"
        ),
        sa.Column("rounds", sa.Integer(), nullable=False, comment="how often it was asked"),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True, comment="in this round"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rounds >= 1", name=op.f("ck_access_reviews_rounds")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_access_reviews_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_reviews")),
    )
    op.create_index("ix_access_reviews_organisation_id", "access_reviews", ["organisation_id", "opened_at"])
    op.create_index(
        "uq_access_reviews_open",
        "access_reviews",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "access_review_items",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True, comment="empty: the role had ended by itself"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("answer IN ('confirmed', 'ended')", name=op.f("ck_access_review_items_answer")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_access_review_items_answered")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["access_reviews.id"], name=op.f("fk_access_review_items_review_id_access_reviews")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["role_assignments.id"],
            name=op.f("fk_access_review_items_assignment_id_role_assignments"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_access_review_items_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["persons.id"], name=op.f("fk_access_review_items_answered_by_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review_items")),
    )
    op.create_index("ix_access_review_items_review_id", "access_review_items", ["review_id"])
    for column in ("assignment_id", "person_id", "answered_by"):
        op.create_index(op.f(f"ix_access_review_items_{column}"), "access_review_items", [column])


def downgrade() -> None:
    """What only the new kinds could tell is told no more."""
    op.drop_table("access_review_items")
    op.drop_table("access_reviews")
    new = f"SELECT id FROM notifications WHERE kind IN ({_NEW})"  # noqa: S608 - written here
    op.execute(f"DELETE FROM notification_marks WHERE notification_id IN ({new})")  # noqa: S608 - written here
    op.execute(f"DELETE FROM notifications WHERE kind IN ({_NEW})")  # noqa: S608 - written here
    _kinds(_KINDS)
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.name)


def _kinds(kinds: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_notifications_kind"), "notifications", type_="check")
        op.create_check_constraint(op.f("ck_notifications_kind"), "notifications", f"kind IN ({kinds})")
        return
    # SQLite makes the table anew, and what was read goes with the old one unless it is put by.
    op.execute("CREATE TEMPORARY TABLE marks_before AS SELECT * FROM notification_marks")
    op.execute("DELETE FROM notification_marks")
    with op.batch_alter_table("notifications") as batch:
        batch.drop_constraint(op.f("ck_notifications_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notifications_kind"), f"kind IN ({kinds})")
    op.execute(
        "INSERT INTO notification_marks (notification_id, person_id, read_at)"
        " SELECT notification_id, person_id, read_at FROM marks_before"
    )
    op.execute("DROP TABLE marks_before")
