"""At the operator's desk steps of programs are mended too: tried again, or taken back from a program.

Revision: 0052, after 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_KINDS = "'job', 'message', 'log_lines', 'mail_address', 'run', 'case'"
_ACTIONS = "'retry', 'drop', 'resume', 'ask_director'"


def upgrade() -> None:
    _allow(
        "'job', 'message', 'log_lines', 'mail_address', 'run', 'step', 'case'",
        "'retry', 'take_back', 'drop', 'resume', 'ask_director'",
        "kind of job, channel, log, process or topic",
    )


def downgrade() -> None:
    """What was asked about such steps is known no more."""
    op.execute("DELETE FROM repairs WHERE kind = 'step'")
    _allow(_KINDS, _ACTIONS, "kind of job, channel, log or process")


def _allow(kinds: str, actions: str, what: str) -> None:
    with op.batch_alter_table("repairs") as batch:  # foreign keys are off meanwhile: see migrations/env.py
        batch.drop_constraint(op.f("ck_repairs_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_repairs_kind"), f"kind IN ({kinds})")
        batch.drop_constraint(op.f("ck_repairs_action"), type_="check")
        batch.create_check_constraint(op.f("ck_repairs_action"), f"action IN ({actions})")
        batch.alter_column("what", existing_type=sa.String(length=80), comment=what)
