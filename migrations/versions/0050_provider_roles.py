"""Of a role by rule: that it ended because its rule held no longer. Of what ended before nobody knows: it stays ended.

Revision: 0050, after 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_roles") as table:
        table.add_column(
            sa.Column(
                "withdrawn_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when its rule held no longer; empty of one that is over: somebody here ended it",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("provider_roles") as table:
        table.drop_column("withdrawn_at")
