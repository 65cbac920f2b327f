"""Of who comes by way of a provider: when it last let them in, for their programs work on only so long after it.

Revision: 0049, after 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_identities") as table:
        table.add_column(
            sa.Column(
                "vouched_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when it last let them in; empty: not yet, or it said since that they are out altogether",
            )
        )
    op.execute(
        "UPDATE provider_identities SET vouched_at = COALESCE((SELECT max(sign_ins.opened_at) FROM sign_ins"
        " JOIN provider_sign_ins ON provider_sign_ins.sign_in_id = sign_ins.id"
        " WHERE provider_sign_ins.identity_id = provider_identities.id), linked_at)"
    )


def downgrade() -> None:
    with op.batch_alter_table("provider_identities") as table:
        table.drop_column("vouched_at")
