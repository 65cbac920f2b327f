"""Sealed lines of the logbook can be sent to another system: this remembers how far that got.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_forwards",
        sa.Column("log", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="of the last line that was taken there"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="since something was taken"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="not before; who sends has until then"),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_log_forwards")),
    )


def downgrade() -> None:
    op.drop_table("log_forwards")
