"""Families completed: who decides for a child, from which pregnancy a child came, and others who live with the family.

A member has a version from now on, so that two people who change the same person do not overwrite each other. SQLite
cannot change a check, so there the table is built anew; what points at it waits until it is there again.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = ("pregnant_person", "parent", "partner", "child", "unborn_child")
NOW = (*BEFORE, "household")
SAME = (
    "id, family_id, kind, name, birth_date, postcode, municipality_code, living_situation, preferred_language, "
    "interpreter_needed, reading_support, safe_contact, safe_contact_detail"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(NOW, columns=f"{SAME}, version", values=f"{SAME}, 1", completed=True)
    else:
        op.add_column("family_members", sa.Column("pregnancy_id", sa.Uuid(), nullable=True, comment=_PREGNANCY))
        op.create_foreign_key(
            op.f("fk_family_members_pregnancy_id_pregnancies"),
            "family_members",
            "pregnancies",
            ["pregnancy_id"],
            ["id"],
        )
        op.create_index(op.f("ix_family_members_pregnancy_id"), "family_members", ["pregnancy_id"], unique=False)
        op.add_column(
            "family_members",
            sa.Column("version", sa.Integer(), nullable=False, server_default="1", comment=_VERSION),
        )
        op.alter_column("family_members", "version", server_default=None)
        op.drop_constraint(op.f("ck_family_members_kind"), "family_members", type_="check")
        op.create_check_constraint(op.f("ck_family_members_kind"), "family_members", _one_of("kind", NOW))
    op.create_table(
        "authorities",
        sa.Column("child_id", sa.Uuid(), nullable=False, comment="over whom"),
        sa.Column("member_id", sa.Uuid(), nullable=True, comment="who decides; empty: a guardian outside the family"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True, comment="first local day; empty: since birth, or not known"),
        sa.Column("until_on", sa.Date(), nullable=True, comment="last local day; empty: until further notice"),
        sa.Column("checked", sa.String(length=20), nullable=False, comment="how it is known"),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(_one_of("kind", ("parental_authority", "guardianship")), name=op.f("ck_authorities_kind")),
        sa.CheckConstraint(
            _one_of("checked", ("authority_register", "official_document", "told_by_parent")),
            name=op.f("ck_authorities_checked"),
        ),
        sa.CheckConstraint("member_id IS NOT NULL OR kind = 'guardianship'", name=op.f("ck_authorities_holder")),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name=op.f("ck_authorities_period")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["family_members.id"], name=op.f("fk_authorities_child_id_family_members")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["family_members.id"], name=op.f("fk_authorities_member_id_family_members")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_authorities_recorded_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorities")),
    )
    for column in ("child_id", "member_id", "recorded_by"):
        op.create_index(op.f(f"ix_authorities_{column}"), "authorities", [column], unique=False)


def downgrade() -> None:
    op.drop_table("authorities")
    # The schema before knows nobody who only lives with a family, and nothing that was agreed about them.
    op.execute("DELETE FROM consents WHERE subject_id IN (SELECT id FROM family_members WHERE kind = 'household')")
    op.execute("DELETE FROM family_members WHERE kind = 'household'")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(BEFORE, columns=SAME, values=SAME, completed=False)
        return
    op.drop_constraint(op.f("ck_family_members_kind"), "family_members", type_="check")
    op.create_check_constraint(op.f("ck_family_members_kind"), "family_members", _one_of("kind", BEFORE))
    op.drop_column("family_members", "version")
    op.drop_index(op.f("ix_family_members_pregnancy_id"), table_name="family_members")
    op.drop_column("family_members", "pregnancy_id")


_PREGNANCY = "of a child: the pregnancy it came or will come from; shared by twins"
_VERSION = "counts changes; the ETag"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _rebuild(kinds: tuple[str, ...], *, columns: str, values: str, completed: bool) -> None:
    """The table anew, with every row. References to it are judged when the transaction ends: then it is whole again."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE family_members_before AS SELECT * FROM family_members")
    op.drop_table("family_members")
    op.create_table(
        "family_members",
        sa.Column("family_id", sa.Uuid(), nullable=False),
        *([sa.Column("pregnancy_id", sa.Uuid(), nullable=True)] if completed else []),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("postcode", sa.String(length=7), nullable=False),
        sa.Column("municipality_code", sa.String(length=6), nullable=True),
        sa.Column("living_situation", sa.String(length=16), nullable=False),
        sa.Column("preferred_language", sa.String(length=80), nullable=False),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("reading_support", sa.Boolean(), nullable=False),
        sa.Column("safe_contact", sa.String(length=16), nullable=True),
        sa.Column("safe_contact_detail", sa.Text(), nullable=False),
        *([sa.Column("version", sa.Integer(), nullable=False)] if completed else []),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(_one_of("kind", kinds), name=op.f("ck_family_members_kind")),
        sa.CheckConstraint(
            _one_of("living_situation", ("address", "postal_address", "no_fixed_address")),
            name=op.f("ck_family_members_living_situation"),
        ),
        sa.CheckConstraint(
            _one_of("safe_contact", ("call", "app", "letter", "via_signaller", "do_not_call_home")),
            name=op.f("ck_family_members_safe_contact"),
        ),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name=op.f("fk_family_members_family_id_families")),
        *(
            [
                sa.ForeignKeyConstraint(
                    ["pregnancy_id"], ["pregnancies.id"], name=op.f("fk_family_members_pregnancy_id_pregnancies")
                )
            ]
            if completed
            else []
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipalities.code"],
            name=op.f("fk_family_members_municipality_code_municipalities"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_members")),
    )
    op.execute(f"INSERT INTO family_members ({columns}) SELECT {values} FROM family_members_before")  # noqa: S608 - ours
    op.execute("DROP TABLE temp.family_members_before")
    for column in ("family_id", "municipality_code", *(("pregnancy_id",) if completed else ())):
        op.create_index(op.f(f"ix_family_members_{column}"), "family_members", [column], unique=False)
