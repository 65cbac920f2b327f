"""Acts of sharing are rows, nobody outside has a part in a case without one, and a consent says by whom and on which form.

Parts that organisations had before get a row with the ground that is usual for organisations of their type.

Revision: 0013, after 0012
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PURPOSES = "'exploration', 'pathway', 'hub_meeting', 'support_action', 'handover', 'feedback', 'programme_evaluation'"
_GIVERS = "'self', 'parent_with_authority', 'both_parents', 'minor_and_parents', 'curator', 'guardian'"
_PURPOSE_OF = {
    "explorer": "exploration",
    "case_director": "support_action",
    "supporter": "support_action",
    "signaller": "feedback",
}
_GROUND_OF = {
    "youth_health": "task_wpg_jgz",
    "municipality": "task_wmo",
    "municipal_access_team": "task_wmo",
    "youth_and_family_centre": "task_youth_act",
    "youth_care": "task_youth_act",
    "welfare": "consent_of_subject",
    "childcare": "consent_of_subject",
    "informal": "consent_of_subject",
}


def upgrade() -> None:
    with op.batch_alter_table("consents") as batch:
        batch.add_column(
            sa.Column(
                "form_digest",
                sa.String(length=64),
                nullable=True,
                comment="of the form on which it was recorded; empty: recorded before this was kept",
            )
        )
        batch.add_column(sa.Column("recorded_for", sa.Uuid(), nullable=True, comment="organisation that asked"))
        batch.add_column(
            sa.Column("withdrawn_by", sa.String(length=24), nullable=True, comment="who decided so, as in given_by")
        )
        batch.add_column(sa.Column("withdrawal_recorded_by", sa.Uuid(), nullable=True))
    op.execute("UPDATE consents SET withdrawn_by = given_by WHERE withdrawn_at IS NOT NULL")
    op.execute(
        "UPDATE consents SET recorded_for ="
        " (SELECT entries.organisation_id FROM entries WHERE entries.id = consents.entry_id)"
    )
    with op.batch_alter_table("consents") as batch:
        batch.create_check_constraint(op.f("ck_consents_withdrawn_by"), f"withdrawn_by IN ({_GIVERS})")
        batch.create_check_constraint(
            op.f("ck_consents_withdrawn_by_whom"), "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
        )
        batch.create_foreign_key(
            op.f("fk_consents_recorded_for_organisations"), "organisations", ["recorded_for"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_consents_withdrawal_recorded_by_persons"), "persons", ["withdrawal_recorded_by"], ["id"]
        )
        batch.create_index(op.f("ix_consents_recorded_for"), ["recorded_for"], unique=False)
        batch.create_index(op.f("ix_consents_withdrawal_recorded_by"), ["withdrawal_recorded_by"], unique=False)
    disclosures = op.create_table(
        "disclosures",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("subject_ids", sa.JSON(), nullable=False, comment="members of the family whom it is about"),
        sa.Column("recipient_organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "recipient_kind", sa.String(length=30), nullable=True, comment="when it is no organisation: data_subject"
        ),
        sa.Column("role", sa.String(length=24), nullable=True, comment="in which the organisation received it"),
        sa.Column("purpose", sa.String(length=24), nullable=True),
        sa.Column(
            "ground",
            sa.String(length=32),
            nullable=False,
            comment="of who receives, beside the consent; codes are data: access/grounds.toml",
        ),
        sa.Column("categories", sa.JSON(), nullable=False, comment="compartments, e.g. C1"),
        sa.Column("consent_ids", sa.JSON(), nullable=False, comment="of the consents that broke secrecy"),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False, comment="of the task, handover, entry, ...; no foreign key"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=True),
        sa.Column("by_organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when it cannot be read any more; what was handed out once ends at once",
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "recipient_organisation_id IS NOT NULL OR recipient_kind IS NOT NULL",
            name=op.f("ck_disclosures_recipient"),
        ),
        sa.CheckConstraint("ground <> ''", name=op.f("ck_disclosures_ground")),
        sa.CheckConstraint(
            "CAST(consent_ids AS TEXT) <> '[]' OR COALESCE(recipient_kind, '') = 'data_subject' OR cause = 'before'"
            " OR ground IN ('legal_obligation', 'right_to_report', 'conflict_of_duties', 'vital_interest', 'anonymised')",
            name=op.f("ck_disclosures_consent"),
        ),
        sa.CheckConstraint(
            "ground <> 'anonymised' OR CAST(categories AS TEXT) = '[]'", name=op.f("ck_disclosures_anonymised")
        ),
        sa.CheckConstraint(f"purpose IN ({_PURPOSES})", name=op.f("ck_disclosures_purpose")),
        sa.CheckConstraint(
            "cause IN ('task', 'handover', 'hub_item', 'entry', 'consent', 'case', 'copy', 'emergency', 'before')",
            name=op.f("ck_disclosures_cause"),
        ),
        sa.ForeignKeyConstraint(["by_person_id"], ["persons.id"], name=op.f("fk_disclosures_by_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["by_organisation_id"], ["organisations.id"], name=op.f("fk_disclosures_by_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_disclosures_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["recipient_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_disclosures_recipient_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index("ix_disclosures_case_id", "disclosures", ["case_id", "at"], unique=False)
    op.create_index(op.f("ix_disclosures_by_person_id"), "disclosures", ["by_person_id"], unique=False)
    op.create_index(op.f("ix_disclosures_by_organisation_id"), "disclosures", ["by_organisation_id"], unique=False)
    op.create_index(
        op.f("ix_disclosures_recipient_organisation_id"), "disclosures", ["recipient_organisation_id"], unique=False
    )
    op.create_index(
        "uq_disclosures_open",
        "disclosures",
        ["case_id", "recipient_organisation_id", "role", "purpose"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("case_parties") as batch:
        batch.add_column(
            sa.Column(
                "at_home",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="the organisation that signalled: it knew the family already",
            )
        )
        batch.add_column(
            sa.Column(
                "disclosure_id",
                sa.Uuid(),
                nullable=True,
                comment="on what it can see the case; nobody else has a part without one",
            )
        )
    _describe_what_was_there(disclosures)
    with op.batch_alter_table("case_parties") as batch:
        batch.alter_column("at_home", server_default=None)
        batch.create_check_constraint(op.f("ck_case_parties_disclosed"), "at_home OR disclosure_id IS NOT NULL")
        batch.create_foreign_key(
            op.f("fk_case_parties_disclosure_id_disclosures"), "disclosures", ["disclosure_id"], ["id"]
        )
        batch.create_index(op.f("ix_case_parties_disclosure_id"), ["disclosure_id"], unique=False)


def _describe_what_was_there(disclosures: sa.Table) -> None:
    """Cause ``before``: it cannot be said any more which consent it rested on."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE case_parties SET at_home = true WHERE organisation_id ="
            " (SELECT signaller_organisation_id FROM cases WHERE cases.id = case_parties.case_id)"
        )
    )
    parties = sa.table(
        "case_parties",
        *(sa.column(name, sa.Uuid()) for name in ("id", "case_id", "organisation_id", "disclosure_id")),
        sa.column("role", sa.String()),
        sa.column("from_at", sa.DateTime(timezone=True)),
        sa.column("until_at", sa.DateTime(timezone=True)),
        sa.column("at_home", sa.Boolean()),
    )
    organisations = sa.table("organisations", sa.column("id", sa.Uuid()), sa.column("type", sa.String()))
    query = (
        sa.select(parties, organisations.c.type)
        .join(organisations, organisations.c.id == parties.c.organisation_id)
        .where(parties.c.at_home.is_(False))
    )
    for party in connection.execute(query).all():
        row = uuid4()
        watches = party.role not in _PURPOSE_OF
        connection.execute(
            disclosures.insert().values(
                id=row,
                case_id=party.case_id,
                subject_ids=[],
                recipient_organisation_id=party.organisation_id,
                role=party.role,
                purpose=_PURPOSE_OF.get(party.role, "hub_meeting"),
                ground="anonymised" if watches else _GROUND_OF.get(party.type, "treatment_relation_wgbo"),
                categories=[],
                consent_ids=[],
                cause="before",
                cause_id=party.id,
                at=party.from_at,
                ended_at=party.until_at,
            )
        )
        connection.execute(parties.update().where(parties.c.id == party.id).values(disclosure_id=row))


def downgrade() -> None:
    with op.batch_alter_table("case_parties") as batch:
        batch.drop_index(op.f("ix_case_parties_disclosure_id"))
        batch.drop_constraint(op.f("fk_case_parties_disclosure_id_disclosures"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_case_parties_disclosed"), type_="check")
        batch.drop_column("disclosure_id")
        batch.drop_column("at_home")
    op.drop_table("disclosures")
    with op.batch_alter_table("consents") as batch:
        batch.drop_index(op.f("ix_consents_recorded_for"))
        batch.drop_index(op.f("ix_consents_withdrawal_recorded_by"))
        batch.drop_constraint(op.f("fk_consents_recorded_for_organisations"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_consents_withdrawal_recorded_by_persons"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_consents_withdrawn_by_whom"), type_="check")
        batch.drop_constraint(op.f("ck_consents_withdrawn_by"), type_="check")
        for name in ("withdrawal_recorded_by", "withdrawn_by", "recorded_for", "form_digest"):
            batch.drop_column(name)
