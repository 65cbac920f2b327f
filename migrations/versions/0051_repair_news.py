"""Administrators hear that a colleague at the operator's desk waits for a second person.

Revision: 0051, after 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_BEFORE = (
    "'own_task', 'team_task', 'handed', 'lapsed', 'nearly_late', 'late', 'handover', 'handover_waits',"
    " 'handover_taken', 'handover_back', 'handover_met', 'comment', 'alarm', 'webhook_paused', 'certificate_ends',"
    " 'access_review'"
)


def upgrade() -> None:
    _kinds(f"{_BEFORE}, 'repair_asked'")


def downgrade() -> None:
    """What only the new kind could tell is told no more."""
    op.execute(
        "DELETE FROM notification_marks WHERE notification_id IN"
        " (SELECT id FROM notifications WHERE kind = 'repair_asked')"
    )
    op.execute("DELETE FROM notifications WHERE kind = 'repair_asked'")
    _kinds(_BEFORE)


def _kinds(kinds: str) -> None:
    with op.batch_alter_table("notifications") as batch:  # foreign keys are off meanwhile: see migrations/env.py
        batch.drop_constraint(op.f("ck_notifications_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notifications_kind"), f"kind IN ({kinds})")
