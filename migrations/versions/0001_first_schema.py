"""The first schema: rooms, logbooks and jobs of the path from signal to exploration.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # On SQLite the schema ``reads`` is a second file that every connection attaches.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA reads")
    op.create_table(
        "case_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_numbers")),
    )
    op.create_table(
        "families",
        sa.Column("partner_involved", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "partner_involved IN ('yes', 'no', 'unknown', 'do_not_inform')", name=op.f("ck_families_partner_involved")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_families")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.String(length=80), nullable=False, comment="role assignment, else person"),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="sha256 of the request's body"),
        sa.Column("answer", sa.Integer(), nullable=True, comment="HTTP status that was answered"),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_at"), "idempotency_keys", ["at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False, comment="ids only"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "last_error", sa.String(length=200), nullable=True, comment="kind of error and step, no personal data"
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name=op.f("ck_jobs_status")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_jobs_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("kind", "subject_kind", "subject_id", name="uq_jobs_subject"),
    )
    op.create_index("ix_jobs_due", "jobs", ["status", "due_at", "id"], unique=False)
    op.create_table(
        "log_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False, comment="room.what_happened, e.g. task.completed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="the user; empty for the worker and the command line"),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True, comment="on behalf of which organisation"),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True, comment="the responsible user, when that is somebody else"),
        sa.Column("purpose", sa.String(length=80), nullable=True),
        sa.Column("rule", sa.String(length=120), nullable=True, comment="which rule allowed it"),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False, comment="an id or a digest, never a name"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False, comment="success or refused"),
        sa.Column("origin", sa.String(length=10), nullable=False, comment="page, api, worker or cli"),
        sa.Column("request_id", sa.String(length=80), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False, comment="ids, scalars and salted hashes; never answers"),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="place in the chain; empty until sealed",
        ),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('success', 'refused')", name=op.f("ck_log_changes_outcome")),
        sa.CheckConstraint(
            "(position IS NULL) = (hash IS NULL) AND (hash IS NULL) = (previous_hash IS NULL) AND (position IS NULL OR position > 0)",
            name=op.f("ck_log_changes_sealed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_changes")),
    )
    op.create_index("ix_log_changes_case_id", "log_changes", ["case_id", "id"], unique=False)
    op.create_index("ix_log_changes_subject", "log_changes", ["subject_id", "id"], unique=False)
    op.create_index("uq_log_changes_position", "log_changes", ["position"], unique=True)
    op.create_table(
        "log_heads",
        sa.Column("log", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "municipalities",
        sa.Column("code", sa.String(length=6), nullable=False, comment="CBS code, e.g. GM0983"),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("subregion", sa.String(length=10), nullable=False),
        sa.Column("in_coalition", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("subregion IN ('noord', 'midden')", name=op.f("ck_municipalities_subregion")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_municipalities")),
    )
    op.create_table(
        "organisations",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("domain", sa.String(length=12), nullable=False),
        sa.Column("may_use_bsn", sa.Boolean(), nullable=False, comment="a care or youth care provider by law"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "domain IN ('medical', 'social', 'public', 'informal', 'governance')", name=op.f("ck_organisations_domain")
        ),
        sa.CheckConstraint(
            "type IN ('midwifery_practice', 'hospital', 'maternity_care', 'maternity_partnership', 'general_practice', 'youth_health', 'youth_and_family_centre', 'municipal_access_team', 'municipality', 'welfare', 'social_work', 'family_coach', 'youth_care', 'mental_health', 'disability_care', 'addiction_care', 'childcare', 'shelter', 'paramedic', 'safe_home', 'library', 'informal', 'parent_voice', 'health_insurer', 'province', 'programme')",
            name=op.f("ck_organisations_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
    op.create_table(
        "persons",
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_table(
        "log_heads",
        sa.Column("log", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_log_heads")),
        schema="reads",
    )
    op.create_table(
        "log_reads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False, comment="room.what_happened, e.g. task.completed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="the user; empty for the worker and the command line"),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True, comment="on behalf of which organisation"),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True, comment="the responsible user, when that is somebody else"),
        sa.Column("purpose", sa.String(length=80), nullable=True),
        sa.Column("rule", sa.String(length=120), nullable=True, comment="which rule allowed it"),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False, comment="an id or a digest, never a name"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False, comment="success or refused"),
        sa.Column("origin", sa.String(length=10), nullable=False, comment="page, api, worker or cli"),
        sa.Column("request_id", sa.String(length=80), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False, comment="ids, scalars and salted hashes; never answers"),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="place in the chain; empty until sealed",
        ),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('success', 'refused')", name=op.f("ck_log_reads_outcome")),
        sa.CheckConstraint(
            "(position IS NULL) = (hash IS NULL) AND (hash IS NULL) = (previous_hash IS NULL) AND (position IS NULL OR position > 0)",
            name=op.f("ck_log_reads_sealed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_reads")),
        schema="reads",
    )
    op.create_index("ix_log_reads_case_id", "log_reads", ["case_id", "id"], unique=False, schema="reads")
    op.create_index("ix_log_reads_subject", "log_reads", ["subject_id", "id"], unique=False, schema="reads")
    op.create_index("uq_log_reads_position", "log_reads", ["position"], unique=True, schema="reads")
    op.create_table(
        "accounts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False, comment="kept in lower case"),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False, comment="wrong passwords since the last right one"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("failed_count >= 0", name=op.f("ck_accounts_failed_count")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=False)
    op.create_table(
        "bundles",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True, comment="empty: at the command line"),
        sa.Column(
            "is_current", sa.Boolean(), nullable=False, comment="new runs start with this one; running runs keep theirs"
        ),
        sa.ForeignKeyConstraint(["published_by"], ["persons.id"], name=op.f("fk_bundles_published_by_persons")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bundles")),
    )
    op.create_index(op.f("ix_bundles_published_by"), "bundles", ["published_by"], unique=False)
    op.create_index(
        "uq_bundles_current",
        "bundles",
        ["is_current"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.String(length=16), nullable=False, comment="for people, e.g. 2026-0042"),
        sa.Column(
            "family_id", sa.Uuid(), nullable=True, comment="empty: nothing was shared and the family's data is erased"
        ),
        sa.Column(
            "municipality_code",
            sa.String(length=6),
            nullable=True,
            comment="responsible for support; empty: not known yet",
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=80), nullable=False, comment="that the parent prefers: a code"),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("holder_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("holder_role", sa.String(length=24), nullable=True),
        sa.Column("holder_person_id", sa.Uuid(), nullable=True),
        sa.Column("signaller_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "erase_on",
            sa.Date(),
            nullable=True,
            comment="local day on which an unshared draft goes; empty: shared, or already erased",
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("contact_after", sa.Text(), nullable=True, comment="whom the parent can turn to after closing"),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts changes; the ETag"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL) AND (status = 'closed') = (result IS NOT NULL)",
            name=op.f("ck_cases_closed_with_result"),
        ),
        sa.CheckConstraint(
            "CASE WHEN status = 'closed' THEN holder_organisation_id IS NULL AND holder_role IS NULL AND holder_person_id IS NULL ELSE holder_organisation_id IS NOT NULL AND holder_role IS NOT NULL END",
            name=op.f("ck_cases_closed_or_holder"),
        ),
        sa.CheckConstraint("phase IN ('before_pregnancy', 'pregnant', 'after_birth')", name=op.f("ck_cases_phase")),
        sa.CheckConstraint(
            "result IN ('goals_reached', 'partly_reached', 'regular_care', 'handed_over', 'parent_stops', 'moved', 'loss', 'age_reached', 'no_contact', 'compulsory_framework', 'consent_refused', 'no_case_needed', 'discarded')",
            name=op.f("ck_cases_result"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'signal_received', 'awaiting_consent', 'in_routing', 'in_exploration', 'in_support_planning', 'support_running', 'in_evaluation', 'in_handover', 'in_closing', 'paused', 'closed')",
            name=op.f("ck_cases_status"),
        ),
        sa.CheckConstraint("urgency IN ('regular', 'urgent', 'acute')", name=op.f("ck_cases_urgency")),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name=op.f("fk_cases_family_id_families")),
        sa.ForeignKeyConstraint(
            ["holder_organisation_id"], ["organisations.id"], name=op.f("fk_cases_holder_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["holder_person_id"], ["persons.id"], name=op.f("fk_cases_holder_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipalities.code"], name=op.f("fk_cases_municipality_code_municipalities")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["persons.id"], name=op.f("fk_cases_opened_by_persons")),
        sa.ForeignKeyConstraint(
            ["signaller_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_cases_signaller_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index("ix_cases_erase_on", "cases", ["erase_on"], unique=False)
    op.create_index(op.f("ix_cases_family_id"), "cases", ["family_id"], unique=False)
    op.create_index("ix_cases_holder_organisation_id", "cases", ["holder_organisation_id", "holder_role"], unique=False)
    op.create_index(op.f("ix_cases_holder_person_id"), "cases", ["holder_person_id"], unique=False)
    op.create_index(op.f("ix_cases_municipality_code"), "cases", ["municipality_code"], unique=False)
    op.create_index("ix_cases_opened_at", "cases", ["opened_at", "id"], unique=False)
    op.create_index(op.f("ix_cases_opened_by"), "cases", ["opened_by"], unique=False)
    op.create_index(op.f("ix_cases_signaller_organisation_id"), "cases", ["signaller_organisation_id"], unique=False)
    op.create_table(
        "family_members",
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False, comment="empty for an unborn child"),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("postcode", sa.String(length=7), nullable=False),
        sa.Column(
            "municipality_code",
            sa.String(length=6),
            nullable=True,
            comment="where somebody lives; empty: unknown or outside",
        ),
        sa.Column("living_situation", sa.String(length=16), nullable=False),
        sa.Column("preferred_language", sa.String(length=80), nullable=False, comment="code, or words for a rare one"),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("reading_support", sa.Boolean(), nullable=False),
        sa.Column("safe_contact", sa.String(length=16), nullable=True),
        sa.Column("safe_contact_detail", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('pregnant_person', 'parent', 'partner', 'child', 'unborn_child')",
            name=op.f("ck_family_members_kind"),
        ),
        sa.CheckConstraint(
            "living_situation IN ('address', 'postal_address', 'no_fixed_address')",
            name=op.f("ck_family_members_living_situation"),
        ),
        sa.CheckConstraint(
            "safe_contact IN ('call', 'app', 'letter', 'via_signaller', 'do_not_call_home')",
            name=op.f("ck_family_members_safe_contact"),
        ),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name=op.f("fk_family_members_family_id_families")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_family_members_municipality_code_municipalities"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_members")),
    )
    op.create_index(op.f("ix_family_members_family_id"), "family_members", ["family_id"], unique=False)
    op.create_index(op.f("ix_family_members_municipality_code"), "family_members", ["municipality_code"], unique=False)
    op.create_table(
        "organisation_areas",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_organisation_areas_municipality_code_municipalities"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_areas_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "municipality_code", name=op.f("pk_organisation_areas")),
    )
    op.create_index(
        op.f("ix_organisation_areas_municipality_code"), "organisation_areas", ["municipality_code"], unique=False
    )
    op.create_table(
        "pregnancies",
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("multiple", sa.Boolean(), nullable=True, comment="twins or more; empty: not known"),
        sa.Column("parity", sa.Integer(), nullable=True, comment="earlier births; 0: first child"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True, comment="birth or loss"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ended_by IN ('birth', 'loss')", name=op.f("ck_pregnancies_ended_by")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_pregnancies_end")),
        sa.CheckConstraint("parity IS NULL OR parity >= 0", name=op.f("ck_pregnancies_parity")),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name=op.f("fk_pregnancies_family_id_families")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pregnancies")),
    )
    op.create_index(op.f("ix_pregnancies_family_id"), "pregnancies", ["family_id"], unique=False)
    op.create_index(
        "uq_pregnancies_open",
        "pregnancies",
        ["family_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "role_assignments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column(
            "areas", sa.JSON(), nullable=False, comment="codes of municipalities; empty: the organisation's whole area"
        ),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first local day"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last local day"),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="ended by hand; rights stop at that instant"
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('signaller', 'intake_desk', 'explorer', 'case_director', 'process_director', 'supporter', 'informal_supporter', 'parent', 'protection_officer', 'coordinator', 'directory_editor', 'steering_board', 'log_manager', 'dpo', 'administrator')",
            name=op.f("ck_role_assignments_role"),
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_assignments_period")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_role_assignments_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_role_assignments_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignments")),
    )
    op.create_index(
        "ix_role_assignments_organisation_id", "role_assignments", ["organisation_id", "role"], unique=False
    )
    op.create_index(op.f("ix_role_assignments_person_id"), "role_assignments", ["person_id"], unique=False)
    op.create_table(
        "settings",
        sa.Column(
            "name", sa.String(length=80), nullable=False, comment="a name that region.toml knows, e.g. term.explore"
        ),
        sa.Column("municipality_code", sa.String(length=6), nullable=True, comment="empty: the whole region"),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first local day on which it holds"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last local day; empty: until another value follows"),
        sa.Column(
            "tag", sa.String(length=8), nullable=False, comment="[I] proposal, [K] general knowledge, [S2]… a source"
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="who decided it, or where it is written"),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_settings_period")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipalities.code"], name=op.f("fk_settings_municipality_code_municipalities")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["persons.id"], name=op.f("fk_settings_set_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    op.create_index(op.f("ix_settings_municipality_code"), "settings", ["municipality_code"], unique=False)
    op.create_index(
        "ix_settings_name_municipality_code", "settings", ["name", "municipality_code", "valid_from"], unique=False
    )
    op.create_index(op.f("ix_settings_set_by"), "settings", ["set_by"], unique=False)
    op.create_table(
        "access_tokens",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "label", sa.String(length=120), nullable=False, comment="what it is for, in words of who asked for it"
        ),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_access_tokens_assignment_id_role_assignments")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["persons.id"], name=op.f("fk_access_tokens_issued_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_tokens_token_hash")),
    )
    op.create_index(op.f("ix_access_tokens_assignment_id"), "access_tokens", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_access_tokens_issued_by"), "access_tokens", ["issued_by"], unique=False)
    op.create_table(
        "bundle_files",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["bundles.digest"], name=op.f("fk_bundle_files_digest_bundles")),
        sa.PrimaryKeyConstraint("digest", "name", name=op.f("pk_bundle_files")),
    )
    op.create_table(
        "case_parties",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="if one is known"),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_parties_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_parties_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_case_parties_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_parties")),
    )
    op.create_index(op.f("ix_case_parties_case_id"), "case_parties", ["case_id"], unique=False)
    op.create_index(
        "ix_case_parties_organisation_id", "case_parties", ["organisation_id", "role", "case_id"], unique=False
    )
    op.create_index(op.f("ix_case_parties_person_id"), "case_parties", ["person_id"], unique=False)
    op.create_index(
        "uq_case_parties_open",
        "case_parties",
        ["case_id", "organisation_id", "role"],
        unique=True,
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_table(
        "case_status_changes",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True, comment="empty: a timer"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="1 for the first status of the case"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'signal_received', 'awaiting_consent', 'in_routing', 'in_exploration', 'in_support_planning', 'support_running', 'in_evaluation', 'in_handover', 'in_closing', 'paused', 'closed')",
            name=op.f("ck_case_status_changes_status"),
        ),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name=op.f("fk_case_status_changes_by_persons")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_status_changes_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_status_changes")),
    )
    op.create_index(op.f("ix_case_status_changes_by"), "case_status_changes", ["by"], unique=False)
    op.create_index(op.f("ix_case_status_changes_case_id"), "case_status_changes", ["case_id"], unique=False)
    op.create_table(
        "due_dates",
        sa.Column("pregnancy_id", sa.Uuid(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("certainty", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="1 for the first of this pregnancy"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("certainty IN ('dating_scan', 'estimate')", name=op.f("ck_due_dates_certainty")),
        sa.ForeignKeyConstraint(
            ["pregnancy_id"], ["pregnancies.id"], name=op.f("fk_due_dates_pregnancy_id_pregnancies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_dates")),
        sa.UniqueConstraint("pregnancy_id", "ordinal", name=op.f("uq_due_dates_pregnancy_id_ordinal")),
    )
    op.create_table(
        "runs",
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("bundle_digest", sa.String(length=64), nullable=False),
        sa.Column("process_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False, comment="the engine's; ids, outcomes and dates only"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_runs_ended")),
        sa.CheckConstraint("status IN ('running', 'ended')", name=op.f("ck_runs_status")),
        sa.ForeignKeyConstraint(["bundle_digest"], ["bundles.digest"], name=op.f("fk_runs_bundle_digest_bundles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_bundle_digest"), "runs", ["bundle_digest"], unique=False)
    op.create_index("ix_runs_subject", "runs", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "safety_files",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False, comment="the highest so far"),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("level IN ('doubt', 'yes', 'acute')", name=op.f("ck_safety_files_level")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_safety_files_status")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_safety_files_case_id_cases")),
        sa.ForeignKeyConstraint(["opened_by"], ["persons.id"], name=op.f("fk_safety_files_opened_by_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_safety_files_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_files")),
    )
    op.create_index(op.f("ix_safety_files_case_id"), "safety_files", ["case_id"], unique=False)
    op.create_index(op.f("ix_safety_files_opened_by"), "safety_files", ["opened_by"], unique=False)
    op.create_index(op.f("ix_safety_files_organisation_id"), "safety_files", ["organisation_id"], unique=False)
    op.create_index(
        "uq_safety_files_open",
        "safety_files",
        ["case_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the cookie's secret"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="written at most once a minute"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["role_assignments.id"], name=op.f("fk_sign_ins_assignment_id_role_assignments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_account_id"), "sign_ins", ["account_id"], unique=False)
    op.create_index(op.f("ix_sign_ins_assignment_id"), "sign_ins", ["assignment_id"], unique=False)
    op.create_table(
        "steps",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("bundle_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="order among the steps of one move"),
        sa.Column("scalars", sa.JSON(), nullable=False, comment="outcomes the step was completed with"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bundle_digest"], ["bundles.digest"], name=op.f("fk_steps_bundle_digest_bundles")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_steps_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    op.create_index(op.f("ix_steps_bundle_digest"), "steps", ["bundle_digest"], unique=False)
    op.create_index("ix_steps_run_id", "steps", ["run_id", "at"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("step_key", sa.String(length=120), nullable=False, comment="the engine's name for this waiting step"),
        sa.Column("process_id", sa.String(length=80), nullable=False),
        sa.Column("element_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("documentation", sa.String(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=True, comment="GM0983; empty: unknown"),
        sa.Column("form_key", sa.String(length=60), nullable=True),
        sa.Column("topic", sa.String(length=80), nullable=True),
        sa.Column("term", sa.String(length=80), nullable=True),
        sa.Column("properties", sa.JSON(), nullable=False, comment="of the step, as drawn, e.g. accepts_holdership"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "sort_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="due_at, or the end of time: the order of the work list",
        ),
        sa.Column("urgency", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=40), nullable=True),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column(
            "claimed_by", sa.Uuid(), nullable=True, comment="the person who has it, or had it when it was completed"
        ),
        sa.Column("claimed_assignment", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("completed_role", sa.String(length=40), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'claimed') = (lease_until IS NOT NULL) AND (lease_until IS NULL OR claimed_by IS NOT NULL)",
            name=op.f("ck_tasks_claimed"),
        ),
        sa.CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_tasks_completed")),
        sa.CheckConstraint("kind IN ('user', 'service')", name=op.f("ck_tasks_kind")),
        sa.CheckConstraint("status IN ('open', 'claimed', 'completed', 'withdrawn')", name=op.f("ck_tasks_status")),
        sa.ForeignKeyConstraint(
            ["claimed_assignment"], ["role_assignments.id"], name=op.f("fk_tasks_claimed_assignment_role_assignments")
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["persons.id"], name=op.f("fk_tasks_claimed_by_persons")),
        sa.ForeignKeyConstraint(["completed_by"], ["persons.id"], name=op.f("fk_tasks_completed_by_persons")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipalities.code"], name=op.f("fk_tasks_municipality_code_municipalities")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_tasks_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_tasks_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("run_id", "step_key", name="uq_tasks_step"),
    )
    op.create_index(
        "ix_tasks_area",
        "tasks",
        ["organisation_id", "role", "municipality_code", "status", "sort_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tasks_claimed_assignment"), "tasks", ["claimed_assignment"], unique=False)
    op.create_index(op.f("ix_tasks_completed_by"), "tasks", ["completed_by"], unique=False)
    op.create_index("ix_tasks_mine", "tasks", ["claimed_by", "status", "sort_at", "id"], unique=False)
    op.create_index(op.f("ix_tasks_municipality_code"), "tasks", ["municipality_code"], unique=False)
    op.create_index("ix_tasks_pool", "tasks", ["organisation_id", "role", "status", "sort_at", "id"], unique=False)
    op.create_index("ix_tasks_subject", "tasks", ["subject_kind", "subject_id", "status"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_drafts_person_id_persons")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_drafts_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "person_id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_person_id"), "drafts", ["person_id"], unique=False)
    op.create_table(
        "entries",
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True, comment="empty for what is not of a case, e.g. a safety file"),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("bundle_digest", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column(
            "observed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was seen or said; may be before recorded_at",
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_entries_author_id_persons")),
        sa.ForeignKeyConstraint(["bundle_digest"], ["bundles.digest"], name=op.f("fk_entries_bundle_digest_bundles")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_entries_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_entries_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_entries_run_id_runs")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["entries.id"], name=op.f("fk_entries_supersedes_id_entries")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_entries_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("supersedes_id", name="uq_entries_supersedes_id"),
    )
    op.create_index(op.f("ix_entries_author_id"), "entries", ["author_id"], unique=False)
    op.create_index(op.f("ix_entries_bundle_digest"), "entries", ["bundle_digest"], unique=False)
    op.create_index("ix_entries_case_id", "entries", ["case_id", "recorded_at"], unique=False)
    op.create_index(op.f("ix_entries_organisation_id"), "entries", ["organisation_id"], unique=False)
    op.create_index("ix_entries_run_id", "entries", ["run_id"], unique=False)
    op.create_index("ix_entries_subject", "entries", ["subject_kind", "subject_id"], unique=False)
    op.create_index("ix_entries_task_id", "entries", ["task_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "recipient_kind",
            sa.String(length=30),
            nullable=True,
            comment="a type of organisation, or signaller, when no single one is meant",
        ),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("category", sa.String(length=3), nullable=False, comment="compartment, e.g. C1"),
        sa.Column("given", sa.Boolean(), nullable=False, comment="false: refused"),
        sa.Column("given_by", sa.String(length=24), nullable=False),
        sa.Column("authority_checked", sa.Boolean(), nullable=False, comment="of who decides for a child or ward"),
        sa.Column("information_given", sa.JSON(), nullable=False, comment="codes of what was explained"),
        sa.Column("form", sa.String(length=8), nullable=True, comment="how it was given; empty for a refusal"),
        sa.Column("language", sa.String(length=80), nullable=False, comment="in which it was explained"),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column(
            "text_version", sa.String(length=80), nullable=False, comment="of the text that was read or handed over"
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="order within the case; the highest decides"),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "category IN ('C0', 'C1', 'C2', 'C3', 'C4', 'C6', 'C7', 'C8', 'C9', 'C10')",
            name=op.f("ck_consents_category"),
        ),
        sa.CheckConstraint("form IN ('oral', 'written', 'digital')", name=op.f("ck_consents_form")),
        sa.CheckConstraint(
            "given_by IN ('self', 'parent_with_authority', 'both_parents', 'minor_and_parents', 'curator', 'guardian')",
            name=op.f("ck_consents_given_by"),
        ),
        sa.CheckConstraint(
            "purpose IN ('exploration', 'pathway', 'hub_meeting', 'support_action', 'handover', 'feedback', 'programme_evaluation')",
            name=op.f("ck_consents_purpose"),
        ),
        sa.CheckConstraint(
            "recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL", name=op.f("ck_consents_recipient")
        ),
        sa.CheckConstraint("withdrawn_at IS NULL OR given", name=op.f("ck_consents_withdrawn")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_consents_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_consents_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["recipient_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_consents_recipient_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_consents_recorded_by_persons")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["family_members.id"], name=op.f("fk_consents_subject_id_family_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_case_id", "consents", ["case_id", "purpose"], unique=False)
    op.create_index(op.f("ix_consents_entry_id"), "consents", ["entry_id"], unique=False)
    op.create_index(
        op.f("ix_consents_recipient_organisation_id"), "consents", ["recipient_organisation_id"], unique=False
    )
    op.create_index(op.f("ix_consents_recorded_by"), "consents", ["recorded_by"], unique=False)
    op.create_index(op.f("ix_consents_subject_id"), "consents", ["subject_id"], unique=False)
    op.create_table(
        "entry_values",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("compartment", sa.String(length=3), nullable=False, comment="C0 … C11"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_entry_values_position")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_values_entry_id_entries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_values")),
        sa.UniqueConstraint("entry_id", "field", "position", name="uq_entry_values_place"),
    )
    op.create_table(
        "explorations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("conclusion", sa.String(length=24), nullable=False),
        sa.Column("decided_with_parent", sa.Boolean(), nullable=True, comment="empty: the family was not reached"),
        sa.Column("level_after", sa.String(length=24), nullable=True),
        sa.Column("concluded_by", sa.Uuid(), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "conclusion IN ('no_further_support', 'pathway', 'intervention', 'hub_meeting', 'direct_referral', 'parent_declines', 'not_reached')",
            name=op.f("ck_explorations_conclusion"),
        ),
        sa.CheckConstraint(
            "level_after IN ('none', 'potentially_vulnerable', 'vulnerable', 'very_vulnerable')",
            name=op.f("ck_explorations_level_after"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_explorations_case_id_cases")),
        sa.ForeignKeyConstraint(["concluded_by"], ["persons.id"], name=op.f("fk_explorations_concluded_by_persons")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_explorations_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explorations")),
    )
    op.create_index(op.f("ix_explorations_case_id"), "explorations", ["case_id"], unique=False)
    op.create_index(op.f("ix_explorations_concluded_by"), "explorations", ["concluded_by"], unique=False)
    op.create_index(op.f("ix_explorations_entry_id"), "explorations", ["entry_id"], unique=False)
    op.create_table(
        "safety_notes",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("level IN ('doubt', 'yes', 'acute')", name=op.f("ck_safety_notes_level")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_safety_notes_entry_id_entries")),
        sa.ForeignKeyConstraint(["file_id"], ["safety_files.id"], name=op.f("fk_safety_notes_file_id_safety_files")),
        sa.ForeignKeyConstraint(["noted_by"], ["persons.id"], name=op.f("fk_safety_notes_noted_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_notes")),
    )
    op.create_index(op.f("ix_safety_notes_entry_id"), "safety_notes", ["entry_id"], unique=False)
    op.create_index(op.f("ix_safety_notes_file_id"), "safety_notes", ["file_id"], unique=False)
    op.create_index(op.f("ix_safety_notes_noted_by"), "safety_notes", ["noted_by"], unique=False)
    op.create_table(
        "signals",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vulnerability_level", sa.String(length=24), nullable=False),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.Column(
            "feedback_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the signaller heard what became of it",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("urgency IN ('regular', 'urgent', 'acute')", name=op.f("ck_signals_urgency")),
        sa.CheckConstraint(
            "vulnerability_level IN ('none', 'potentially_vulnerable', 'vulnerable', 'very_vulnerable')",
            name=op.f("ck_signals_vulnerability_level"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_signals_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_signals_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signals_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_signals_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_case_id"), "signals", ["case_id"], unique=False)
    op.create_index(op.f("ix_signals_entry_id"), "signals", ["entry_id"], unique=False)
    op.create_index(op.f("ix_signals_organisation_id"), "signals", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_signals_person_id"), "signals", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_signals_person_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_organisation_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_entry_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_case_id"), table_name="signals")
    op.drop_table("signals")
    op.drop_index(op.f("ix_safety_notes_noted_by"), table_name="safety_notes")
    op.drop_index(op.f("ix_safety_notes_file_id"), table_name="safety_notes")
    op.drop_index(op.f("ix_safety_notes_entry_id"), table_name="safety_notes")
    op.drop_table("safety_notes")
    op.drop_index(op.f("ix_explorations_entry_id"), table_name="explorations")
    op.drop_index(op.f("ix_explorations_concluded_by"), table_name="explorations")
    op.drop_index(op.f("ix_explorations_case_id"), table_name="explorations")
    op.drop_table("explorations")
    op.drop_table("entry_values")
    op.drop_index(op.f("ix_consents_subject_id"), table_name="consents")
    op.drop_index(op.f("ix_consents_recorded_by"), table_name="consents")
    op.drop_index(op.f("ix_consents_recipient_organisation_id"), table_name="consents")
    op.drop_index(op.f("ix_consents_entry_id"), table_name="consents")
    op.drop_index("ix_consents_case_id", table_name="consents")
    op.drop_table("consents")
    op.drop_index("ix_entries_task_id", table_name="entries")
    op.drop_index("ix_entries_subject", table_name="entries")
    op.drop_index("ix_entries_run_id", table_name="entries")
    op.drop_index(op.f("ix_entries_organisation_id"), table_name="entries")
    op.drop_index("ix_entries_case_id", table_name="entries")
    op.drop_index(op.f("ix_entries_bundle_digest"), table_name="entries")
    op.drop_index(op.f("ix_entries_author_id"), table_name="entries")
    op.drop_table("entries")
    op.drop_index(op.f("ix_drafts_person_id"), table_name="drafts")
    op.drop_table("drafts")
    op.drop_index("ix_tasks_subject", table_name="tasks")
    op.drop_index("ix_tasks_pool", table_name="tasks")
    op.drop_index(op.f("ix_tasks_municipality_code"), table_name="tasks")
    op.drop_index("ix_tasks_mine", table_name="tasks")
    op.drop_index(op.f("ix_tasks_completed_by"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_claimed_assignment"), table_name="tasks")
    op.drop_index("ix_tasks_area", table_name="tasks")
    op.drop_table("tasks")
    op.drop_index("ix_steps_run_id", table_name="steps")
    op.drop_index(op.f("ix_steps_bundle_digest"), table_name="steps")
    op.drop_table("steps")
    op.drop_index(op.f("ix_sign_ins_assignment_id"), table_name="sign_ins")
    op.drop_index(op.f("ix_sign_ins_account_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index(
        "uq_safety_files_open",
        table_name="safety_files",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_safety_files_organisation_id"), table_name="safety_files")
    op.drop_index(op.f("ix_safety_files_opened_by"), table_name="safety_files")
    op.drop_index(op.f("ix_safety_files_case_id"), table_name="safety_files")
    op.drop_table("safety_files")
    op.drop_index("ix_runs_subject", table_name="runs")
    op.drop_index(op.f("ix_runs_bundle_digest"), table_name="runs")
    op.drop_table("runs")
    op.drop_table("due_dates")
    op.drop_index(op.f("ix_case_status_changes_case_id"), table_name="case_status_changes")
    op.drop_index(op.f("ix_case_status_changes_by"), table_name="case_status_changes")
    op.drop_table("case_status_changes")
    op.drop_index(
        "uq_case_parties_open",
        table_name="case_parties",
        sqlite_where=sa.text("until_at IS NULL"),
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.drop_index(op.f("ix_case_parties_person_id"), table_name="case_parties")
    op.drop_index("ix_case_parties_organisation_id", table_name="case_parties")
    op.drop_index(op.f("ix_case_parties_case_id"), table_name="case_parties")
    op.drop_table("case_parties")
    op.drop_table("bundle_files")
    op.drop_index(op.f("ix_access_tokens_issued_by"), table_name="access_tokens")
    op.drop_index(op.f("ix_access_tokens_assignment_id"), table_name="access_tokens")
    op.drop_table("access_tokens")
    op.drop_index(op.f("ix_settings_set_by"), table_name="settings")
    op.drop_index("ix_settings_name_municipality_code", table_name="settings")
    op.drop_index(op.f("ix_settings_municipality_code"), table_name="settings")
    op.drop_table("settings")
    op.drop_index(op.f("ix_role_assignments_person_id"), table_name="role_assignments")
    op.drop_index("ix_role_assignments_organisation_id", table_name="role_assignments")
    op.drop_table("role_assignments")
    op.drop_index(
        "uq_pregnancies_open",
        table_name="pregnancies",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_pregnancies_family_id"), table_name="pregnancies")
    op.drop_table("pregnancies")
    op.drop_index(op.f("ix_organisation_areas_municipality_code"), table_name="organisation_areas")
    op.drop_table("organisation_areas")
    op.drop_index(op.f("ix_family_members_municipality_code"), table_name="family_members")
    op.drop_index(op.f("ix_family_members_family_id"), table_name="family_members")
    op.drop_table("family_members")
    op.drop_index(op.f("ix_cases_signaller_organisation_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_opened_by"), table_name="cases")
    op.drop_index("ix_cases_opened_at", table_name="cases")
    op.drop_index(op.f("ix_cases_municipality_code"), table_name="cases")
    op.drop_index(op.f("ix_cases_holder_person_id"), table_name="cases")
    op.drop_index("ix_cases_holder_organisation_id", table_name="cases")
    op.drop_index(op.f("ix_cases_family_id"), table_name="cases")
    op.drop_index("ix_cases_erase_on", table_name="cases")
    op.drop_table("cases")
    op.drop_index(
        "uq_bundles_current",
        table_name="bundles",
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_index(op.f("ix_bundles_published_by"), table_name="bundles")
    op.drop_table("bundles")
    op.drop_index(op.f("ix_accounts_person_id"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_index("uq_log_reads_position", table_name="log_reads", schema="reads")
    op.drop_index("ix_log_reads_subject", table_name="log_reads", schema="reads")
    op.drop_index("ix_log_reads_case_id", table_name="log_reads", schema="reads")
    op.drop_table("log_reads", schema="reads")
    op.drop_table("log_heads", schema="reads")
    op.drop_table("persons")
    op.drop_table("organisations")
    op.drop_table("municipalities")
    op.drop_table("log_heads")
    op.drop_index("uq_log_changes_position", table_name="log_changes")
    op.drop_index("ix_log_changes_subject", table_name="log_changes")
    op.drop_index("ix_log_changes_case_id", table_name="log_changes")
    op.drop_table("log_changes")
    op.drop_index("ix_jobs_due", table_name="jobs")
    op.drop_table("jobs")
    op.drop_index(op.f("ix_idempotency_keys_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("families")
    op.drop_table("case_numbers")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA reads")
