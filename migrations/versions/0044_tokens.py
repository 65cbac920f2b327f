"""Of a token: when it was last used, from where it may come, and when it was told that it is used and may not be.

Revision: 0044, after 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access_tokens") as table:
        table.add_column(
            sa.Column(
                "networks",
                sa.JSON(),
                nullable=False,
                server_default="[]",
                comment="from where alone it may come; none: anywhere",
            )
        )
        table.add_column(
            sa.Column(
                "last_used_at", sa.DateTime(timezone=True), nullable=True, comment="written at most once a minute"
            )
        )
        table.add_column(
            sa.Column(
                "refused_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when it was last told that it is used and may not be",
            )
        )
    with op.batch_alter_table("access_tokens") as table:
        table.alter_column("networks", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("access_tokens") as table:
        for column in ("refused_at", "last_used_at", "networks"):
            table.drop_column(column)
