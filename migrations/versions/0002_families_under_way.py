"""A case can begin in the middle: a family that was helped before the region worked this way.

The day since which it was known says so; every reader can tell it from a case that began with a signal.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cases",
        sa.Column(
            "under_way_since",
            sa.Date(),
            nullable=True,
            comment="entered in mid-process: local day since which the family was helped before; empty: from the first signal",
        ),
    )


def downgrade() -> None:
    op.drop_column("cases", "under_way_since")
