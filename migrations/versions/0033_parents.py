"""Parents who log in: people are of one kind or the other, a session may stand for a parent, and whose login is whose.

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_NAME = "of a parent only that it is one"
_NOBODY = "empty: a parent"
_FOUND = "which family, the room parents finds anew each time"
_LIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("persons") as table:
        table.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="professional"))
        table.alter_column("display_name", existing_type=sa.String(length=120), existing_nullable=False, comment=_NAME)
        table.create_check_constraint(op.f("ck_persons_kind"), "kind IN ('professional', 'parent')")
    with op.batch_alter_table("persons") as table:
        table.alter_column("kind", existing_type=sa.String(length=12), existing_nullable=False, server_default=None)
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(
            sa.Column("as_parent", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_FOUND)
        )
        table.alter_column("assignment_id", existing_type=sa.Uuid(), nullable=True, comment=_NOBODY)
        table.create_check_constraint(op.f("ck_sign_ins_stands_for"), "(assignment_id IS NULL) = as_parent")
    with op.batch_alter_table("sign_ins") as table:
        table.alter_column(
            "as_parent",
            existing_type=sa.Boolean(),
            existing_nullable=False,
            existing_comment=_FOUND,
            server_default=None,
        )
    op.create_table(
        "parent_links",
        sa.Column("person_id", sa.Uuid(), nullable=False, comment="the login"),
        sa.Column("member_id", sa.Uuid(), nullable=False, comment="whose it is"),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False, comment="that handed over the paper, the last one"),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True, comment="a new paper was made"),
        sa.Column("identity_check", sa.String(length=12), nullable=False),
        sa.Column("delivery", sa.String(length=12), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True, comment="the code on the paper was used"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "identity_check IN ('known', 'document', 'called_back')", name=op.f("ck_parent_links_identity_check")
        ),
        sa.CheckConstraint("delivery IN ('in_person', 'post')", name=op.f("ck_parent_links_delivery")),
        sa.CheckConstraint(
            "end_reason IN ('taken_back', 'parent_stopped', 'parent_asked', 'not_safe', 'no_longer_involved', "
            "'wrong_person')",
            name=op.f("ck_parent_links_end_reason"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_parent_links_end")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_parent_links_{column}_{table}"))
            for column, table in (
                ("person_id", "persons"),
                ("member_id", "family_members"),
                ("family_id", "families"),
                ("invited_by", "persons"),
                ("organisation_id", "organisations"),
                ("ended_by", "persons"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parent_links")),
        sa.UniqueConstraint("person_id", name=op.f("uq_parent_links_person_id")),
    )
    for column in ("member_id", "family_id", "invited_by", "organisation_id", "ended_by"):
        op.create_index(op.f(f"ix_parent_links_{column}"), "parent_links", [column], unique=False)
    op.create_index(
        "uq_parent_links_live",
        "parent_links",
        ["member_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def downgrade() -> None:
    op.drop_table("parent_links")
    own = "SELECT a.id FROM accounts a JOIN persons p ON p.id = a.person_id WHERE p.kind = 'parent'"
    for table in ("sign_ins", "second_factors", "recovery_codes", "activations"):
        op.execute(f"DELETE FROM {table} WHERE account_id IN ({own})")  # noqa: S608 - written here
    with op.batch_alter_table("sign_ins") as table:
        table.drop_constraint(op.f("ck_sign_ins_stands_for"), type_="check")
        table.alter_column(
            "assignment_id", existing_type=sa.Uuid(), existing_comment=_NOBODY, nullable=False, comment=None
        )
        table.drop_column("as_parent")
    op.execute("UPDATE accounts SET active = false WHERE person_id IN (SELECT id FROM persons WHERE kind = 'parent')")
    with op.batch_alter_table("persons") as table:
        table.drop_constraint(op.f("ck_persons_kind"), type_="check")
        table.alter_column(
            "display_name",
            existing_type=sa.String(length=120),
            existing_nullable=False,
            existing_comment=_NAME,
            comment=None,
        )
        table.drop_column("kind")
