"""Of a log-in by way of a provider: whether it asked who it was just then. Of what is there nobody knows: no.

Revision: 0048, after 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_sign_ins") as table:
        table.add_column(
            sa.Column(
                "asked",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="the provider asked who it was just then; else it remembered the browser",
            )
        )
    with op.batch_alter_table("provider_sign_ins") as table:
        table.alter_column("asked", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("provider_sign_ins") as table:
        table.drop_column("asked")
