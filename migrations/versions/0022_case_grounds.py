"""Another ground than consent, invoked for one case; an act of sharing can rest on it, beside one that rests on a yes.

On SQLite the constraint is changed by making the table anew: nothing of it is lost, and what points at it is judged when the
transaction ends. What rested on such a ground has ended when this is undone.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PURPOSES = "'exploration', 'pathway', 'hub_meeting', 'support_action', 'handover', 'feedback', 'programme_evaluation'"
_BEFORE = "cause IN ('task', 'handover', 'hub_item', 'entry', 'consent', 'case', 'copy', 'emergency', 'before')"
_NOW = "cause IN ('task', 'handover', 'hub_item', 'entry', 'consent', 'case', 'copy', 'emergency', 'ground', 'before')"


def upgrade() -> None:
    op.create_table(
        "case_grounds",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False, comment="codes are data: access/grounds.toml"),
        sa.Column(
            "silent", sa.Boolean(), nullable=False, comment="the family, and other organisations, do not see it here"
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="that invoked it"),
        sa.Column("role", sa.String(length=24), nullable=False, comment="in which it was invoked"),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recipient_organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "recipient_kind", sa.String(length=30), nullable=True, comment="a type of organisation that is not in here"
        ),
        sa.Column("recipient_role", sa.String(length=24), nullable=True),
        sa.Column("purpose", sa.String(length=24), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False, comment="compartments, e.g. C1"),
        sa.Column(
            "sealed_reason",
            sa.LargeBinary(),
            nullable=False,
            comment="why, in the words of who invoked it; content, encrypted",
        ),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until_at", sa.DateTime(timezone=True), nullable=False, comment="nothing rests on it from this moment on"
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_through", sa.String(length=12), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when who invoked it told the family, of a silent one",
        ),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"purpose IN ({_PURPOSES})", name=op.f("ck_case_grounds_purpose")),
        sa.CheckConstraint(
            "ended_through IN ('withdrawn', 'time_over', 'left', 'case_ended')",
            name=op.f("ck_case_grounds_ended_through"),
        ),
        sa.CheckConstraint(
            "recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL",
            name=op.f("ck_case_grounds_recipient"),
        ),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_case_grounds_period")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_through IS NULL)", name=op.f("ck_case_grounds_ended")),
        sa.CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name=op.f("ck_case_grounds_told")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_grounds_case_id_cases")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_case_grounds_ended_by_persons")),
        sa.ForeignKeyConstraint(["told_by"], ["persons.id"], name=op.f("fk_case_grounds_told_by_persons")),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_case_grounds_recorded_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_grounds_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_case_grounds_recipient_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_grounds")),
    )
    op.create_index("ix_case_grounds_case_id", "case_grounds", ["case_id", "recipient_organisation_id"], unique=False)
    for column in ("ended_by", "told_by", "recorded_by", "organisation_id", "recipient_organisation_id"):
        op.create_index(op.f(f"ix_case_grounds_{column}"), "case_grounds", [column], unique=False)
    _change(_BEFORE, _NOW)
    _open_index("ended_at IS NULL AND cause <> 'ground'")


def downgrade() -> None:
    op.execute("UPDATE disclosures SET cause = 'case', ended_at = COALESCE(ended_at, at) WHERE cause = 'ground'")
    _change(_NOW, _BEFORE)
    _open_index("ended_at IS NULL")
    op.drop_table("case_grounds")


def _open_index(where: str) -> None:
    op.drop_index("uq_disclosures_open", "disclosures")
    op.create_index(
        "uq_disclosures_open",
        "disclosures",
        ["case_id", "recipient_organisation_id", "role", "purpose"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _change(before: str, after: str) -> None:
    """Which causes there are."""
    here = op.get_bind()
    if here.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_disclosures_cause"), "disclosures", type_="check")
        op.create_check_constraint(op.f("ck_disclosures_cause"), "disclosures", after)
        return
    written = (
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'disclosures' AND sql IS NOT NULL ORDER BY type DESC"
    )
    found = here.execute(sa.text(written)).all()
    [made] = [sql for kind, sql in found if kind == "table"]
    if before not in made:
        raise LookupError("disclosures was not made as migration 0013 made it")
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE before_change AS SELECT * FROM disclosures")
    op.drop_table("disclosures")
    op.execute(made.replace(before, after))
    op.execute("INSERT INTO disclosures SELECT * FROM before_change")
    op.execute("DROP TABLE temp.before_change")
    for kind, sql in found:
        if kind == "index":
            op.execute(sql)
