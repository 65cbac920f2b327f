"""What somebody wants from the pages: that the tour is over, and whether single keys do something.

Not columns of accounts: these are read on every page, and an account is locked at logging in.

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "tour_ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="followed to its end, or skipped",
        ),
        sa.Column("shortcuts", sa.Boolean(), nullable=False, comment="single keys do something (WCAG 2.1.4)"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_preferences_person_id_persons")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preferences")),
    )


def downgrade() -> None:
    op.drop_table("preferences")
