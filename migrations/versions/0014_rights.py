"""Rights of data subjects: requests with a term, what must be kept, who decides on destruction and the proof that it happened;
and who held a closed case last, because that organisation answers for what is kept of it.

Of cases that were closed before, that is the organisation that joined last in a role that holds cases, else the signaller's.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "destructions",
        sa.Column(
            "case_hash",
            sa.String(length=100),
            nullable=False,
            comment="salted hash of the case's id, which only the logbook keeps",
        ),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("retention_class", sa.String(length=16), nullable=True, comment="of a case whose term was over"),
        sa.Column("organisation_id", sa.Uuid(), nullable=True, comment="that decided"),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("second_confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("destroyed_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column("opened_year", sa.Integer(), nullable=False),
        sa.Column("closed_year", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False, comment="rows that were destroyed, per table"),
        sa.Column(
            "proof",
            sa.String(length=100),
            nullable=False,
            comment="<salt>$<sha256> over what was destroyed; see docs/rights.md",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rule IN ('retention_over', 'on_request')", name=op.f("ck_destructions_rule")),
        sa.CheckConstraint("scope IN ('whole_case', 'this_person')", name=op.f("ck_destructions_scope")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["persons.id"], name=op.f("fk_destructions_confirmed_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_destructions_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["second_confirmed_by"], ["persons.id"], name=op.f("fk_destructions_second_confirmed_by_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destructions")),
    )
    op.create_index(op.f("ix_destructions_confirmed_by"), "destructions", ["confirmed_by"], unique=False)
    op.create_index(op.f("ix_destructions_organisation_id"), "destructions", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_destructions_second_confirmed_by"), "destructions", ["second_confirmed_by"], unique=False)
    op.create_table(
        "case_keepers",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_keepers_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_keepers_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_keepers")),
    )
    op.create_index(op.f("ix_case_keepers_organisation_id"), "case_keepers", ["organisation_id"], unique=False)
    op.create_table(
        "destruction_decisions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True, comment="local day until which it is not asked again"),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="1 for the first decision on the case"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'postponed') = (reason IS NOT NULL)", name=op.f("ck_destruction_decisions_postponed")
        ),
        sa.CheckConstraint(
            "(kind = 'postponed') = (until_on IS NOT NULL)", name=op.f("ck_destruction_decisions_until")
        ),
        sa.CheckConstraint("kind IN ('confirmed', 'postponed')", name=op.f("ck_destruction_decisions_kind")),
        sa.CheckConstraint(
            "reason IN ('support_may_return', 'interest_of_another', 'law_forbids', 'term_in_doubt')",
            name=op.f("ck_destruction_decisions_reason"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_destruction_decisions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["persons.id"], name=op.f("fk_destruction_decisions_decided_by_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_decisions")),
        sa.UniqueConstraint("case_id", "ordinal", name=op.f("uq_destruction_decisions_case_id_ordinal")),
    )
    op.create_index(op.f("ix_destruction_decisions_decided_by"), "destruction_decisions", ["decided_by"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('complaint', 'disciplinary_case', 'inspection', 'calamity', 'court_case', 'criminal_case')",
            name=op.f("ck_legal_holds_reason"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_legal_holds_case_id_cases")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_legal_holds_ended_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_legal_holds_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["persons.id"], name=op.f("fk_legal_holds_set_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_case_id"), "legal_holds", ["case_id"], unique=False)
    op.create_index(op.f("ix_legal_holds_ended_by"), "legal_holds", ["ended_by"], unique=False)
    op.create_index(op.f("ix_legal_holds_organisation_id"), "legal_holds", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_legal_holds_set_by"), "legal_holds", ["set_by"], unique=False)
    op.create_index(
        "uq_legal_holds_standing",
        "legal_holds",
        ["case_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rights_requests",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False, comment="whose data it is about"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=24), nullable=False, comment="who asks for the subject, e.g. self"),
        sa.Column("identity_check", sa.String(length=24), nullable=False, comment="how it is known who asks"),
        sa.Column(
            "second_identity_check", sa.String(length=24), nullable=True, comment="of the other who decides with them"
        ),
        sa.Column("received_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column(
            "answer_by", sa.Date(), nullable=False, comment="last local day to answer; what was promised does not move"
        ),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False, comment="the request itself"),
        sa.Column("answer_entry_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True, comment="that recorded it"),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_reason", sa.String(length=24), nullable=True),
        sa.Column("scope", sa.String(length=16), nullable=True, comment="of a destruction that was granted"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('granted', 'partly', 'refused')) = (decided_at IS NOT NULL)",
            name=op.f("ck_rights_requests_decided"),
        ),
        sa.CheckConstraint(
            "(status IN ('partly', 'refused')) = (refused_reason IS NOT NULL)", name=op.f("ck_rights_requests_reason")
        ),
        sa.CheckConstraint(
            "kind IN ('access_copy', 'correction', 'addition', 'destruction')", name=op.f("ck_rights_requests_kind")
        ),
        sa.CheckConstraint(
            "refused_reason IN ('interest_of_another', 'law_forbids', 'legal_hold', 'not_entitled', 'nothing_kept', 'facts_are_right')",
            name=op.f("ck_rights_requests_refused_reason"),
        ),
        sa.CheckConstraint("scope IN ('whole_case', 'this_person')", name=op.f("ck_rights_requests_scope")),
        sa.CheckConstraint(
            "status IN ('received', 'in_progress', 'granted', 'partly', 'refused')",
            name=op.f("ck_rights_requests_status"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_entry_id"], ["entries.id"], name=op.f("fk_rights_requests_answer_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rights_requests_case_id_cases")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_rights_requests_decided_by_persons")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_rights_requests_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_rights_requests_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_rights_requests_recorded_by_persons")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["family_members.id"], name=op.f("fk_rights_requests_subject_id_family_members")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_rights_requests_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
    )
    op.create_index(op.f("ix_rights_requests_answer_entry_id"), "rights_requests", ["answer_entry_id"], unique=False)
    op.create_index("ix_rights_requests_case_id", "rights_requests", ["case_id", "received_on"], unique=False)
    op.create_index(op.f("ix_rights_requests_decided_by"), "rights_requests", ["decided_by"], unique=False)
    op.create_index(op.f("ix_rights_requests_entry_id"), "rights_requests", ["entry_id"], unique=False)
    op.create_index(op.f("ix_rights_requests_organisation_id"), "rights_requests", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_rights_requests_recorded_by"), "rights_requests", ["recorded_by"], unique=False)
    op.create_index(op.f("ix_rights_requests_subject_id"), "rights_requests", ["subject_id"], unique=False)
    op.create_index(op.f("ix_rights_requests_task_id"), "rights_requests", ["task_id"], unique=False)
    _find_keepers()


def downgrade() -> None:

    op.drop_index(op.f("ix_rights_requests_task_id"), table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_subject_id"), table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_recorded_by"), table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_organisation_id"), table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_entry_id"), table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_decided_by"), table_name="rights_requests")
    op.drop_index("ix_rights_requests_case_id", table_name="rights_requests")
    op.drop_index(op.f("ix_rights_requests_answer_entry_id"), table_name="rights_requests")
    op.drop_table("rights_requests")
    op.drop_index(
        "uq_legal_holds_standing",
        table_name="legal_holds",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_legal_holds_set_by"), table_name="legal_holds")
    op.drop_index(op.f("ix_legal_holds_organisation_id"), table_name="legal_holds")
    op.drop_index(op.f("ix_legal_holds_ended_by"), table_name="legal_holds")
    op.drop_index(op.f("ix_legal_holds_case_id"), table_name="legal_holds")
    op.drop_table("legal_holds")
    op.drop_index(op.f("ix_destruction_decisions_decided_by"), table_name="destruction_decisions")
    op.drop_table("destruction_decisions")
    op.drop_index(op.f("ix_case_keepers_organisation_id"), table_name="case_keepers")
    op.drop_table("case_keepers")
    op.drop_index(op.f("ix_destructions_second_confirmed_by"), table_name="destructions")
    op.drop_index(op.f("ix_destructions_organisation_id"), table_name="destructions")
    op.drop_index(op.f("ix_destructions_confirmed_by"), table_name="destructions")
    op.drop_table("destructions")


def _find_keepers() -> None:
    op.execute(
        """
        INSERT INTO case_keepers (case_id, organisation_id, role)
        SELECT cases.id,
               COALESCE(last.organisation_id, cases.signaller_organisation_id),
               COALESCE(last.role, 'signaller')
        FROM cases LEFT JOIN case_parties AS last ON last.id = (
            SELECT party.id FROM case_parties AS party
            WHERE party.case_id = cases.id AND party.role IN ('explorer', 'case_director')
            ORDER BY party.from_at DESC, party.id LIMIT 1
        )
        WHERE cases.status = 'closed' AND cases.family_id IS NOT NULL
        """
    )
