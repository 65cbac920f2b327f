"""Runs migrations on the connection it is handed. Imports alembic and sqlalchemy only, never our code."""

from alembic import context

connection = context.config.attributes["connection"]
metadata = context.config.attributes.get("target_metadata")


def ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Compare the main schema and the one that holds what was read; nothing else in the database is ours."""
    return kind != "schema" or name in (None, "reads")


context.configure(
    connection=connection,
    target_metadata=metadata,
    include_schemas=True,
    include_name=ours,
    compare_type=True,
    compare_server_default=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the caller's transaction is the one that counts, on both databases
)
with context.begin_transaction():
    context.run_migrations()
