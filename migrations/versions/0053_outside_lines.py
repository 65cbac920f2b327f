"""What goes to a party outside has a line for every item. What was sent before has none: it stays as it is.

Revision: 0053, after 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outside_handovers") as table:
        table.add_column(
            sa.Column("size", sa.Integer(), nullable=True, comment="lines; empty: sent before there were any")
        )


def downgrade() -> None:
    with op.batch_alter_table("outside_handovers") as table:
        table.drop_column("size")
