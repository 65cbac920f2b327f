"""Programs that hear what happens: their addresses, how far the log was told on, and who is told that one took nothing.

Revision: 0041, after 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_BEFORE = (
    "'own_task', 'team_task', 'handed', 'lapsed', 'nearly_late', 'late', 'handover', 'handover_waits', 'handover_taken',"
    " 'handover_back', 'handover_met', 'comment', 'alarm'"
)


def _kinds(kinds: str) -> None:
    with op.batch_alter_table("notifications") as batch:
        batch.drop_constraint(op.f("ck_notifications_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notifications_kind"), f"kind IN ({kinds})")


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False, comment="what it is for, in words of who made it"),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False, comment="types of event"),
        sa.Column("channel", sa.String(length=40), nullable=False, comment="of the outbox"),
        sa.Column(
            "sealed_secrets", sa.LargeBinary(), nullable=True, comment="encrypted: those that sign, the newest first"
        ),
        sa.Column(
            "previous_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="until when the last secret but one signs along",
        ),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("pause_reason", sa.String(length=8), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=True, comment="kind of failure, after the last success"),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True, comment="when it last took something"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="nothing is sent there before"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, comment="of what somebody chose; sending leaves it alone"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'paused', 'ended')", name=op.f("ck_webhooks_status")),
        sa.CheckConstraint("pause_reason IN ('by_hand', 'failing', 'gone')", name=op.f("ck_webhooks_pause_reason")),
        sa.CheckConstraint("(status = 'paused') = (pause_reason IS NOT NULL)", name=op.f("ck_webhooks_paused")),
        sa.CheckConstraint("(status = 'ended') = (sealed_secrets IS NULL)", name=op.f("ck_webhooks_secrets")),
        sa.CheckConstraint("(failures = 0) = (failing_since IS NULL)", name=op.f("ck_webhooks_failing")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_webhooks_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name=op.f("fk_webhooks_created_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("channel", name=op.f("uq_webhooks_channel")),
    )
    for column in ("organisation_id", "created_by"):
        op.create_index(op.f(f"ix_webhooks_{column}"), "webhooks", [column])
    op.create_table(
        "event_positions",
        sa.Column("log", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="of the last line that was looked at"),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_event_positions")),
    )
    _kinds(f"{_BEFORE}, 'webhook_paused'")


def downgrade() -> None:
    """What waits for these addresses goes, and so does what was told about them."""
    op.execute("DELETE FROM outbox WHERE channel LIKE 'webhook:%'")
    op.execute(
        "DELETE FROM notification_marks WHERE notification_id IN"
        " (SELECT id FROM notifications WHERE kind = 'webhook_paused')"
    )
    op.execute("DELETE FROM notifications WHERE kind = 'webhook_paused'")
    _kinds(_BEFORE)
    op.drop_table("event_positions")
    op.drop_table("webhooks")
