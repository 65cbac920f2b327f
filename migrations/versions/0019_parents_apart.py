"""Each parent for themselves: whose data an entry is, who recorded a member, addresses that are shielded, separate seats.

Who recorded a member that is there already was the organisation that signalled: before this, its record was taken for it.
On SQLite a column is added with its constraint, because much points at these tables and none of them is built anew.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FK = {
    "family_members": ("organisation_id", "fk_family_members_organisation_id_organisations", "organisations"),
    "entries": ("about_id", "fk_entries_about_id_family_members", "family_members"),
}
_COMMENT = {
    "family_members": "that recorded this person first; its own record stays its own",
    "entries": "whose data it is; empty: the parent whom the case speaks with",
}
_CHECK = "other_parent IN ('together', 'separately', 'not_invited')"


def upgrade() -> None:
    op.add_column(
        "family_members",
        sa.Column(
            "shielded_address",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="where this person is, only who holds the case and who signalled may know",
        ),
    )
    for table, (column, name, there) in _FK.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} CHAR(32) CONSTRAINT {name} REFERENCES {there} (id)")
        else:
            op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True, comment=_COMMENT[table]))
            op.create_foreign_key(op.f(name), table, there, [column], ["id"])
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.execute(
        "UPDATE family_members SET organisation_id = (SELECT cases.signaller_organisation_id FROM cases"
        " WHERE cases.family_id = family_members.family_id ORDER BY cases.opened_at LIMIT 1)"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE agenda_items ADD COLUMN other_parent VARCHAR(12)"
            f" CONSTRAINT ck_agenda_items_other_parent CHECK ({_CHECK})"
        )
    else:
        op.add_column(
            "agenda_items",
            sa.Column(
                "other_parent", sa.String(length=12), nullable=True, comment="empty: there is none, or nobody said"
            ),
        )
        op.create_check_constraint(op.f("ck_agenda_items_other_parent"), "agenda_items", _CHECK)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE agenda_items DROP COLUMN other_parent")
        for table, (column, name, there) in _FK.items():
            op.drop_index(op.f(f"ix_{table}_{column}"), table)
            _rebuild(table, column, f", {column} CHAR(32) CONSTRAINT {name} REFERENCES {there} (id)")
        op.execute("ALTER TABLE family_members DROP COLUMN shielded_address")
        return
    op.drop_constraint(op.f("ck_agenda_items_other_parent"), "agenda_items", type_="check")
    op.drop_column("agenda_items", "other_parent")
    for table, (column, name, _) in _FK.items():
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
        op.drop_constraint(op.f(name), table, type_="foreignkey")
        op.drop_column(table, column)
    op.drop_column("family_members", "shielded_address")


def _rebuild(table: str, column: str, added: str) -> None:
    """The table as it was before the column came, with every row; SQLite drops no column that points at another table.
    References to it are judged when the transaction ends: then it is whole again."""
    here = op.get_bind()
    written = "SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL ORDER BY type DESC"
    found = here.execute(sa.text(written), {"table": table}).all()
    [made] = [sql for kind, sql in found if kind == "table"]
    if added not in made:
        raise LookupError(f"{table} was not made as this migration made it")
    kept = [row[1] for row in here.execute(sa.text(f"PRAGMA table_info({table})")) if row[1] != column]
    names = ", ".join(kept)
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TEMPORARY TABLE before_rebuild AS SELECT {names} FROM {table}")  # noqa: S608 - ours
    op.drop_table(table)
    op.execute(made.replace(added, ""))
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM before_rebuild")  # noqa: S608 - ours
    op.execute("DROP TABLE temp.before_rebuild")
    for kind, sql in found:
        if kind == "index":
            op.execute(sql)
