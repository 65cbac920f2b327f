"""Something that was gone after a handover is an alarm, with outcomes of its own.

Revision: 0039, after 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_KINDS = "'many_cases', 'many_readers', 'at_night', 'in_emergency', 'closed_case', 'refusals'"
_OUTCOMES = "'part_of_work', 'talked_about', 'not_justified', 'data_breach'"


def _checks(kinds: str, outcomes: str) -> None:
    with op.batch_alter_table("alarms") as batch:
        for column, values in (("kind", kinds), ("outcome", outcomes)):
            batch.drop_constraint(op.f(f"ck_alarms_{column}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_alarms_{column}"), f"{column} IN ({values})")


def upgrade() -> None:
    _checks(f"{_KINDS}, 'lost_item'", f"{_OUTCOMES}, 'restored', 'not_restored'")


def downgrade() -> None:
    """What only the new kind could tell goes."""
    op.execute("DELETE FROM alarms WHERE kind = 'lost_item'")
    _checks(_KINDS, _OUTCOMES)
