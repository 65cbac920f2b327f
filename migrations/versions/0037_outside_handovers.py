"""Handovers to parties without an account: what was sent, behind a link and a code or on paper, and the receipt.

Revision: 0037, after 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_handovers",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column(
            "party_kind",
            sa.String(length=30),
            nullable=False,
            comment="a type of organisation: what the family agreed to",
        ),
        sa.Column("party_name", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False, comment="kinds of data that go along"),
        sa.Column(
            "sealed_content", sa.JSON(), nullable=False, comment="closed with the vault; what was sent, as it was then"
        ),
        sa.Column(
            "content_hash", sa.String(length=64), nullable=False, comment="of what was sent, before it was closed"
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(), nullable=True, comment="with a key that is not in the database"),
        sa.Column(
            "receipt_hash", sa.LargeBinary(), nullable=True, comment="of what the page that was opened confirms with"
        ),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_for", sa.Uuid(), nullable=False),
        sa.Column("sent_role", sa.String(length=24), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=12), nullable=True),
        sa.Column("receiver_name", sa.String(length=200), nullable=True),
        sa.Column("receiver_function", sa.String(length=200), nullable=True),
        sa.Column("receiver_organisation", sa.String(length=200), nullable=True),
        sa.Column(
            "recorded_by",
            sa.Uuid(),
            nullable=True,
            comment="who wrote down what the receiver said by telephone; empty: by link",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=16), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(way = 'link') = (code_digest IS NOT NULL)", name=op.f("ck_outside_handovers_code")),
        sa.CheckConstraint("(status = 'ended') = (ended_because IS NOT NULL)", name=op.f("ck_outside_handovers_ended")),
        sa.CheckConstraint(
            "ended_because IN ('withdrawn', 'consent_ended', 'wrong_codes')",
            name=op.f("ck_outside_handovers_ended_because"),
        ),
        sa.CheckConstraint(
            "kind IN ('regular_care', 'compulsory_framework', 'municipality')", name=op.f("ck_outside_handovers_kind")
        ),
        sa.CheckConstraint("(way = 'link') = (token_hash IS NOT NULL)", name=op.f("ck_outside_handovers_link")),
        sa.CheckConstraint("receipt IN ('takes_over', 'read')", name=op.f("ck_outside_handovers_receipt")),
        sa.CheckConstraint(
            "(received_at IS NULL) = (receipt IS NULL)", name=op.f("ck_outside_handovers_receipt_given")
        ),
        sa.CheckConstraint(
            "(status = 'received') = (received_at IS NOT NULL)", name=op.f("ck_outside_handovers_received")
        ),
        sa.CheckConstraint(
            "status IN ('sent', 'opened', 'received', 'ended')", name=op.f("ck_outside_handovers_status")
        ),
        sa.CheckConstraint("way IN ('link', 'paper')", name=op.f("ck_outside_handovers_way")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outside_handovers_case_id_cases")),
        sa.ForeignKeyConstraint(["sent_by"], ["persons.id"], name=op.f("fk_outside_handovers_sent_by_persons")),
        sa.ForeignKeyConstraint(
            ["sent_for"], ["organisations.id"], name=op.f("fk_outside_handovers_sent_for_organisations")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_outside_handovers_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_handovers")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_outside_handovers_token_hash")),
    )
    op.create_index("ix_outside_handovers_case_id", "outside_handovers", ["case_id", "sent_at"])
    for column in ("sent_by", "sent_for", "recorded_by"):
        op.create_index(op.f(f"ix_outside_handovers_{column}"), "outside_handovers", [column])


def downgrade() -> None:
    op.drop_table("outside_handovers")
