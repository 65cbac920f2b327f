"""What was typed beside the answers belongs to a draft too: when it was, and what was said to questions that are gone.

And which version of the form it was typed in, or nobody could tell later which questions are gone.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "drafts",
        sa.Column("beside", sa.JSON(), nullable=True, comment="beside the answers: observed, gone, form"),
    )


def downgrade() -> None:
    op.drop_column("drafts", "beside")
