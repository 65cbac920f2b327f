"""A handover is prepared, shown and sent in steps, asked about and talked through; what was offered before counts as sent at once.

Revision: 0035, after 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_STATUSES = "'accepted', 'refused', 'withdrawn', 'expired', 'completed'"
_OPEN = "status IN ('prepared', 'offered', 'asked')"
_OVERLAP = "overlap_until IS NULL OR status IN ('accepted', 'completed')"
_OFFERED = (
    "(status <> 'prepared' OR offered_at IS NULL)"
    " AND (status IN ('prepared', 'withdrawn', 'expired') OR offered_at IS NOT NULL)"
    " AND (offered_at IS NULL) = (warm_contact_form IS NULL)"
    " AND (offered_at IS NULL) = (answer_from IS NULL)"
)
_ENTRIES = ("send_entry_id", "talk_entry_id")


def upgrade() -> None:
    op.drop_index("uq_handovers_open", "handovers")
    op.drop_index("ix_handovers_case_id", "handovers")
    with op.batch_alter_table("handovers") as batch:
        batch.add_column(sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(
            sa.Column(
                "shown_to_parent",
                sa.Boolean(),
                nullable=True,
                comment="whether the parent saw what is sent; unknown of handovers of before this was asked",
            )
        )
        batch.add_column(
            sa.Column("parent_presence", sa.String(length=12), nullable=True, comment="planned, and then as it went")
        )
        batch.add_column(
            sa.Column(
                "answer_from",
                sa.Date(),
                nullable=True,
                comment="local day from which the term of answering counts: a question that waits for the sender moves it on",
            )
        )
        batch.add_column(
            sa.Column(
                "asked_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="since when a question waits for the sender",
            )
        )
        batch.add_column(
            sa.Column(
                "questions",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="how often the receiver asked something back",
            )
        )
        batch.add_column(
            sa.Column(
                "missing",
                sa.JSON(),
                nullable=False,
                server_default="[]",
                comment="codes of what the receiver missed, in a question or as why it refused",
            )
        )
        batch.add_column(
            sa.Column(
                "overlap_until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="until when the sender reads along, once accepted",
            )
        )
        batch.add_column(
            sa.Column(
                "talked_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when it was written down how the talk of three went",
            )
        )
        batch.add_column(sa.Column("send_entry_id", sa.Uuid(), nullable=True, comment="how it was shown and sent"))
        batch.add_column(sa.Column("talk_entry_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE handovers SET prepared_at = offered_at, answer_from = CAST(substr(CAST(offered_at AS VARCHAR), 1, 10) AS DATE),"
        " parent_presence = CASE WHEN parent_present THEN 'present' ELSE 'absent' END"
        if op.get_bind().dialect.name == "postgresql"
        else "UPDATE handovers SET prepared_at = offered_at, answer_from = substr(offered_at, 1, 10),"
        " parent_presence = CASE WHEN parent_present THEN 'present' ELSE 'absent' END"
    )
    with op.batch_alter_table("handovers") as batch:
        batch.drop_column("parent_present")
        batch.alter_column("prepared_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("questions", existing_type=sa.Integer(), server_default=None)
        batch.alter_column("missing", existing_type=sa.JSON(), server_default=None)
        batch.alter_column("offered_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch.alter_column(
            "warm_contact_form",
            existing_type=sa.String(length=16),
            nullable=True,
            comment="planned, and then as it went",
        )
        batch.alter_column("offer_entry_id", existing_type=sa.Uuid(), comment="what was prepared")
        batch.drop_constraint(op.f("ck_handovers_status"), type_="check")
        batch.create_check_constraint(
            op.f("ck_handovers_status"), f"status IN ('prepared', 'offered', 'asked', {_STATUSES})"
        )
        batch.create_check_constraint(
            op.f("ck_handovers_parent_presence"), "parent_presence IN ('present', 'declined', 'absent')"
        )
        batch.create_check_constraint(op.f("ck_handovers_offered"), _OFFERED)
        batch.create_check_constraint(op.f("ck_handovers_asked"), "(status = 'asked') = (asked_at IS NOT NULL)")
        batch.create_check_constraint(op.f("ck_handovers_overlap"), _OVERLAP)
        for name in _ENTRIES:
            batch.create_foreign_key(op.f(f"fk_handovers_{name}_entries"), "entries", [name], ["id"])
    for name in _ENTRIES:
        op.create_index(op.f(f"ix_handovers_{name}"), "handovers", [name])
    op.create_index("ix_handovers_case_id", "handovers", ["case_id", "prepared_at"])
    op.create_index(
        "uq_handovers_open",
        "handovers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    """What was only prepared was not yet a handover; a question goes back to being an offer that waits."""
    op.drop_index("uq_handovers_open", "handovers")
    op.drop_index("ix_handovers_case_id", "handovers")
    for name in _ENTRIES:
        op.drop_index(op.f(f"ix_handovers_{name}"), "handovers")
    op.execute("DELETE FROM handovers WHERE offered_at IS NULL")
    with op.batch_alter_table("handovers") as batch:
        for name in _ENTRIES:
            batch.drop_constraint(op.f(f"fk_handovers_{name}_entries"), type_="foreignkey")
        for name in ("overlap", "asked", "offered", "parent_presence", "status"):
            batch.drop_constraint(op.f(f"ck_handovers_{name}"), type_="check")
        batch.add_column(sa.Column("parent_present", sa.Boolean(), nullable=True))
    op.execute("UPDATE handovers SET status = 'offered' WHERE status = 'asked'")
    op.execute("UPDATE handovers SET parent_present = (parent_presence = 'present')")
    with op.batch_alter_table("handovers") as batch:
        for name in (
            *_ENTRIES,
            *("talked_at", "overlap_until", "missing", "questions", "asked_at", "answer_from"),
            *("parent_presence", "shown_to_parent", "prepared_at"),
        ):
            batch.drop_column(name)
        batch.alter_column("parent_present", existing_type=sa.Boolean(), nullable=False)
        batch.alter_column("offered_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("warm_contact_form", existing_type=sa.String(length=16), nullable=False, comment=None)
        batch.alter_column("offer_entry_id", existing_type=sa.Uuid(), comment=None)
        batch.create_check_constraint(op.f("ck_handovers_status"), f"status IN ('offered', {_STATUSES})")
    op.create_index("ix_handovers_case_id", "handovers", ["case_id", "offered_at"])
    op.create_index(
        "uq_handovers_open",
        "handovers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'offered'"),
        postgresql_where=sa.text("status = 'offered'"),
    )
