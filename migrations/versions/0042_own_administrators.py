"""Organisations have administrators of their own, and what two of them change at once has a version.

Revision: 0042, after 0041
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_BEFORE = (
    "'signaller', 'intake_desk', 'explorer', 'case_director', 'process_director', 'supporter', 'informal_supporter',"
    " 'parent', 'protection_officer', 'coordinator', 'directory_editor', 'steering_board', 'log_manager', 'dpo',"
    " 'administrator'"
)
_NEW = "'local_administrator'"
_VERSIONED = ("organisations", "persons", "role_assignments")
_CHECK = "ck_role_assignments_role"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _VERSIONED:
            _rebuild(
                table, lambda made: _with(made, f"{_BEFORE}, {_NEW}").replace("(", "(version INTEGER NOT NULL, ", 1)
            )
        return
    _roles(_BEFORE, _NEW)
    for table in _VERSIONED:
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        op.alter_column(table, "version", server_default=None)


def downgrade() -> None:
    """Who administered one organisation does so no more: an older release knows no role that is as narrow. The row stays, ended,
    because others point at it."""
    op.execute(
        "UPDATE role_assignments SET role = 'administrator', ended_at = COALESCE(ended_at, CURRENT_TIMESTAMP)"
        " WHERE role = 'local_administrator'"
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in _VERSIONED:
            _rebuild(table, lambda made: _with(made, _BEFORE).replace("version INTEGER NOT NULL, ", "", 1))
        return
    for table in _VERSIONED:
        op.drop_column(table, "version")
    _roles(_BEFORE)


def _roles(*parts: str) -> None:
    op.drop_constraint(op.f(_CHECK), "role_assignments", type_="check")
    op.create_check_constraint(op.f(_CHECK), "role_assignments", f"role IN ({', '.join(parts)})")


def _with(made: str, roles: str) -> str:
    """How a table was made, with these roles."""
    return re.sub(rf"(CONSTRAINT {_CHECK} CHECK \(role IN )\([^)]*\)", rf"\1({roles})", made)


def _rebuild(table: str, change: Callable[[str], str]) -> None:
    """A table of SQLite anew, with every row. References to it are judged when the transaction ends: then it is whole again."""
    connection = op.get_bind()
    known = connection.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"), {"table": table}
    ).all()
    [made] = [row.sql for row in known if row.type == "table"]
    columns = {row.name for row in connection.execute(sa.text(f"PRAGMA table_info({table})"))}
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TEMPORARY TABLE {table}_before AS SELECT * FROM {table}")  # noqa: S608 - ours
    op.drop_table(table)
    connection.exec_driver_sql(change(made))
    for row in known:
        if row.type != "table":
            connection.exec_driver_sql(row.sql)
    names = sorted(row.name for row in connection.execute(sa.text(f"PRAGMA table_info({table})")))
    values = [name if name in columns else "1" for name in names]
    op.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}_before"  # noqa: S608 - ours
    )
    op.execute(f"DROP TABLE {table}_before")
