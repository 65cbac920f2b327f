"""What was found unusual in the log, and how far it was looked at; the logs of one organisation are found by moment.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

READS = "reads"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("key", sa.String(length=160), nullable=False, comment="what makes it one and the same finding"),
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="whose people read"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="empty: of many"),
        sa.Column(
            "case_id", sa.Uuid(), nullable=True, comment="as in the log, also when the case is gone; empty: of many"
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="local day; of a week its first"),
        sa.Column(
            "count",
            sa.Integer(),
            nullable=False,
            comment="of cases, readers, times or refusals, as the kind says",
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until_at", sa.DateTime(timezone=True), nullable=False, comment="moment of the last line that counts"
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_by", sa.Uuid(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False, comment="in the words of the log manager"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('many_cases', 'many_readers', 'at_night', 'in_emergency', 'closed_case', 'refusals')",
            name=op.f("ck_alarms_kind"),
        ),
        sa.CheckConstraint("status IN ('raised', 'seen', 'explained')", name=op.f("ck_alarms_status")),
        sa.CheckConstraint(
            "outcome IN ('part_of_work', 'talked_about', 'not_justified', 'data_breach')",
            name=op.f("ck_alarms_outcome"),
        ),
        sa.CheckConstraint("(status = 'explained') = (outcome IS NOT NULL)", name=op.f("ck_alarms_explained")),
        sa.CheckConstraint("(outcome IS NULL) = (explained_at IS NULL)", name=op.f("ck_alarms_explained_at")),
        sa.CheckConstraint("count > 0", name=op.f("ck_alarms_count")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_alarms_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_alarms_person_id_persons")),
        sa.ForeignKeyConstraint(["seen_by"], ["persons.id"], name=op.f("fk_alarms_seen_by_persons")),
        sa.ForeignKeyConstraint(["explained_by"], ["persons.id"], name=op.f("fk_alarms_explained_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("key", name=op.f("uq_alarms_key")),
    )
    op.create_index("ix_alarms_organisation_id", "alarms", ["organisation_id", "until_at"], unique=False)
    for column in ("person_id", "seen_by", "explained_by"):
        op.create_index(op.f(f"ix_alarms_{column}"), "alarms", [column], unique=False)
    op.create_table(
        "alarm_looks",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_alarm_looks_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_alarm_looks")),
    )
    op.create_index("ix_log_changes_organisation_id", "log_changes", ["organisation_id", "at", "id"], unique=False)
    op.create_index(
        "ix_log_reads_organisation_id", "log_reads", ["organisation_id", "at", "id"], unique=False, schema=READS
    )


def downgrade() -> None:
    op.drop_index("ix_log_reads_organisation_id", "log_reads", schema=READS)
    op.drop_index("ix_log_changes_organisation_id", "log_changes")
    op.drop_table("alarm_looks")
    op.drop_table("alarms")
