"""People whom a provider lets in: who they are here, which sessions and roles came of it, and what was said once.

Revision: 0046, after 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_identities",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False, comment="code that the operator gave the provider"),
        sa.Column("subject_hash", sa.LargeBinary(length=32), nullable=False, comment="digest of issuer and subject"),
        sa.Column(
            "made_account", sa.Boolean(), nullable=False, comment="the account came with it, and has no password here"
        ),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_provider_identities_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_identities")),
        sa.UniqueConstraint("subject_hash", name=op.f("uq_provider_identities_subject_hash")),
    )
    op.create_index(op.f("ix_provider_identities_account_id"), "provider_identities", ["account_id"])
    op.create_table(
        "provider_sign_ins",
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "session_hash",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="digest of issuer and session there",
        ),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_ins.id"], name=op.f("fk_provider_sign_ins_sign_in_id_sign_ins")),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["provider_identities.id"],
            name=op.f("fk_provider_sign_ins_identity_id_provider_identities"),
        ),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_provider_sign_ins")),
    )
    for column in ("identity_id", "session_hash"):
        op.create_index(op.f(f"ix_provider_sign_ins_{column}"), "provider_sign_ins", [column])
    op.create_table(
        "provider_roles",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_provider_roles_assignment_id_role_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["provider_identities.id"],
            name=op.f("fk_provider_roles_identity_id_provider_identities"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_provider_roles")),
    )
    op.create_index(op.f("ix_provider_roles_identity_id"), "provider_roles", ["identity_id"])
    op.create_table(
        "provider_uses",
        sa.Column("used_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("used_hash", name=op.f("pk_provider_uses")),
    )
    op.create_index(op.f("ix_provider_uses_used_at"), "provider_uses", ["used_at"])


def downgrade() -> None:
    for table in ("provider_uses", "provider_roles", "provider_sign_ins", "provider_identities"):
        op.drop_table(table)
