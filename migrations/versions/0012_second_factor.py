"""A second factor for accounts, what a browser is, tokens that count as confirmed, and failed log-ins per address.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DEVICE = "in coarse words, e.g. Firefox op Windows"
_AWAITS = "the password was right; stands for nobody yet"
_FACTOR = "with what it was confirmed"
_FAILED = "wrong passwords and codes since the last complete log-in"
_FAILED_BEFORE = "wrong passwords since the last right one"
_VOUCHED = "who issued it was confirmed with a second factor"
_CHECKS = {
    "confirmed": "(factor IS NULL) = (confirmed_at IS NULL)",
    "awaits_code": "NOT (awaits_code AND factor IS NOT NULL)",
    "factor": "factor IN ('totp', 'recovery_code', 'provider')",
}


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True, comment="encrypted; gone when it ended"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            nullable=False,
            comment="half minute since 1970 of the last code that was taken; none is taken twice",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (sealed_secret IS NOT NULL)", name=op.f("ck_second_factors_sealed_secret")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_second_factors_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
    )
    op.create_index(op.f("ix_second_factors_account_id"), "second_factors", ["account_id"], unique=False)
    for name, word in (("begun", "IS NULL"), ("live", "IS NOT NULL")):
        where = sa.text(f"ended_at IS NULL AND confirmed_at {word}")
        op.create_index(
            f"uq_second_factors_{name}",
            "second_factors",
            ["account_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of 120 random bits"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"], unique=False)
    op.create_table(
        "login_throttles",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False, comment="keyed hash of the address"),
        sa.Column(
            "empties_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="each failure moves it on by a fixed time",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttles")),
    )
    op.create_index(op.f("ix_login_throttles_empties_at"), "login_throttles", ["empties_at"], unique=False)
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(sa.Column("device", sa.String(length=60), nullable=True, comment=_DEVICE))
        table.add_column(
            sa.Column("awaits_code", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_AWAITS)
        )
        table.add_column(sa.Column("factor", sa.String(length=16), nullable=True, comment=_FACTOR))
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        for name, rule in _CHECKS.items():
            table.create_check_constraint(op.f(f"ck_sign_ins_{name}"), rule)
    with op.batch_alter_table("sign_ins") as table:
        table.alter_column("awaits_code", server_default=None)
    with op.batch_alter_table("access_tokens") as table:
        table.add_column(
            sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_VOUCHED)
        )
    with op.batch_alter_table("access_tokens") as table:
        table.alter_column("second_factor", server_default=None)
    _comment(_FAILED)


def downgrade() -> None:
    _comment(_FAILED_BEFORE)
    with op.batch_alter_table("access_tokens") as table:
        table.drop_column("second_factor")
    with op.batch_alter_table("sign_ins") as table:
        for name in _CHECKS:
            table.drop_constraint(op.f(f"ck_sign_ins_{name}"), type_="check")
        for name in ("confirmed_at", "factor", "awaits_code", "device"):
            table.drop_column(name)
    for name in ("login_throttles", "recovery_codes", "second_factors"):
        op.drop_table(name)


def _comment(text: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("accounts", "failed_count", comment=text)
