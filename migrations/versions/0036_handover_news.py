"""Who offered a case hears how it goes: no answer yet, accepted, back, and that the receiver spoke the family.

Revision: 0036, after 0035
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_BEFORE = "'own_task', 'team_task', 'handed', 'lapsed', 'nearly_late', 'late', 'handover'"
_NEW = "'handover_waits', 'handover_taken', 'handover_back', 'handover_met'"
_AFTER = "'comment', 'alarm'"


def _kinds(*parts: str) -> None:
    with op.batch_alter_table("notifications") as batch:
        batch.drop_constraint(op.f("ck_notifications_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notifications_kind"), f"kind IN ({', '.join(parts)})")


def upgrade() -> None:
    _kinds(_BEFORE, _NEW, _AFTER)


def downgrade() -> None:
    """What only the new kinds could tell is told no more."""
    op.execute(
        "DELETE FROM notification_marks WHERE notification_id IN"
        " (SELECT id FROM notifications WHERE kind LIKE 'handover_%')"
    )
    op.execute("DELETE FROM notifications WHERE kind LIKE 'handover_%'")
    _kinds(_BEFORE, _AFTER)
