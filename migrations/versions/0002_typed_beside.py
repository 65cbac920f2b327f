"""What was typed beside the questions of a form belongs to the draft too: when it was, and answers to questions that are gone.

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
        "drafts",
        sa.Column("beside", sa.JSON(), nullable=True, comment="typed beside the questions: observed, gone"),
    )


def downgrade() -> None:
    op.drop_column("drafts", "beside")
