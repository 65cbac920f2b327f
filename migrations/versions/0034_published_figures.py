"""Figures for the steering board, as they were told: a figure that is counted again tells by the difference who changed.

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_figures",
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False, comment="local day; the first of a quarter"),
        sa.Column("last_day", sa.Date(), nullable=False, comment="local day; the last of this or a later quarter"),
        sa.Column("smallest", sa.Integer(), nullable=False, comment="fewer families than this are told in no figure"),
        sa.Column("told", sa.JSON(), nullable=False, comment="only what everybody on the board may read"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("topic IN ('handovers')", name=op.f("ck_published_figures_topic")),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_published_figures_period")),
        sa.CheckConstraint("smallest > 0", name=op.f("ck_published_figures_smallest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figures")),
        sa.UniqueConstraint("topic", "first_day", name=op.f("uq_published_figures_topic_first_day")),
        sa.UniqueConstraint("topic", "last_day", name=op.f("uq_published_figures_topic_last_day")),
    )


def downgrade() -> None:
    op.drop_table("published_figures")
