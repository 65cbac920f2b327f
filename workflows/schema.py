"""Brings a database to the newest schema (Alembic), locks its rows and gives the application role its rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.orm import Session

import workflows
from workflows import row_security
from workflows.db import READS, Base, Database


def metadata() -> MetaData:
    """Every table of every room, loaded."""
    for module in iter_modules(workflows.__path__):
        if module.ispkg:
            import_module(f"workflows.{module.name}")
    for name in ("idempotency",):
        import_module(f"workflows.{name}")
    return Base.metadata


def configuration(connection: Connection) -> Config:
    """Alembic's settings for one open connection; migrations themselves import nothing of ours."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = Base.metadata
    return config


def upgrade(url: URL, *, application: str | None, revision: str = "head") -> None:
    """Migrate as the owner; on PostgreSQL lock the rows and let role *application* read and write, but never own or change
    a table."""
    with _migrating(url) as connection:
        command.upgrade(configuration(connection), revision)
        if connection.dialect.name == "postgresql" and revision == "head":
            row_security.lock(connection)
        if connection.dialect.name == "postgresql" and application:
            grant(connection, application)


def downgrade(url: URL, revision: str = "base") -> None:
    """Undo migrations down to *revision*. Rows are locked again by the next :func:`upgrade`."""
    with _migrating(url) as connection:
        command.downgrade(configuration(connection), revision)


@contextmanager
def _migrating(url: URL) -> Iterator[Connection]:
    """One transaction in which a schema changes.

    SQLite changes a table by making another and dropping the old one, and while foreign keys are watched, dropping one takes
    along what hangs on it by cascade. So they are looked at when it is done instead.

    Raises:
        RuntimeError: a row points at one that is not there; nothing was changed.
    """
    database = Database(url, house=True)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                raw = connection.connection.driver_connection  # SQLite hears this outside a transaction only
                assert raw is not None
                raw.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                if not database.is_sqlite:
                    row_security.unlock(connection)
                yield connection
                if database.is_sqlite:
                    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if lost:
                        where = sorted({f"{row[0]} -> {row[2]}" for row in lost})
                        raise RuntimeError(f"{len(lost)} rows point at nothing: {', '.join(where)}")
    finally:
        database.dispose()


def is_current(database: Database) -> bool:
    """Whether the database has exactly the newest migration."""
    with database.engine.connect() as connection:
        heads = ScriptDirectory.from_config(configuration(connection)).get_heads()
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def revision(session: Session) -> str:
    """Up to which migration the database is; empty: none was ever done."""
    return MigrationContext.configure(session.connection()).get_current_revision() or ""


def is_known(revision: str) -> bool:
    """Whether this release has that migration; one of a later release it has not."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return revision in {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}


def is_there(database: Database) -> bool:
    """Whether any migration was ever done here; an empty database has none."""
    with database.engine.connect() as connection:
        return bool(MigrationContext.configure(connection).get_current_heads())


def grant(connection: Connection, role: str) -> None:
    """What the application may do: its own work, and to the logbooks only add (and seal, column by column)."""
    name = connection.dialect.identifier_preparer.quote(role)
    for schema in ("public", READS):
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {name}"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}"))
        connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}"))
    for table in ("public.log_changes", f"{READS}.log_reads"):
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}"))
        connection.execute(text(f"GRANT UPDATE (position, previous_hash, hash, sealed_at) ON {table} TO {name}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON public.alembic_version FROM {name}"))
