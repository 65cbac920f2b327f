"""A link by mail for who forgot the password; the last one of an account.

Revision: 0045, after 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_resets",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ask", sa.Uuid(), nullable=False, comment="for which question it was drawn"),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of 256 random bits"),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False, comment="when its mail left"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_password_resets_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_password_resets_code_hash")),
    )


def downgrade() -> None:
    op.drop_table("password_resets")
