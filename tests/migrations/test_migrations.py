"""Migrations build exactly what the models say, on both databases, and can be undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, MetaData, Table, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tests.conftest import Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import schema
from workflows.db import READS, Database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / 'empty.db'}")
        shutil.rmtree(tmp_path)
    else:
        name = server().create()
        yield server().url(name, OWNER)
        server().drop(name)


def differences(url: URL) -> list[object]:
    database = Database(url, house=True)
    try:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_schemas": True,
                    "include_name": lambda name, kind, _parents: kind != "schema" or name in (None, READS),
                    "compare_type": True,
                    "compare_server_default": True,
                },
            )
            return list(compare_metadata(context, schema.metadata()))
    finally:
        database.dispose()


def tables(url: URL) -> set[str]:
    database = Database(url, house=True)
    try:
        looking = inspect(database.engine)
        schemas = [READS] if READS in looking.get_schema_names() else []
        return set(looking.get_table_names()) | {
            name for each in schemas for name in looking.get_table_names(schema=each)
        }
    finally:
        database.dispose()


def test_migrations_build_what_the_models_describe(empty):
    schema.upgrade(empty, application=APPLICATION)

    assert differences(empty) == []


def test_every_migration_can_be_undone_and_done_again(empty):
    database = Database(empty, house=True)
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(schema.configuration(connection))
    database.dispose()
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]

    for revision in revisions:
        schema.upgrade(empty, application=None, revision=revision)
    full = tables(empty)
    for revision in [*revisions[-2::-1], "base"]:
        schema.downgrade(empty, revision)
    assert tables(empty) <= {"alembic_version"}
    schema.upgrade(empty, application=None)

    assert tables(empty) == full
    assert differences(empty) == []


def test_there_is_one_head(empty):
    database = Database(empty, house=True)
    with database.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(schema.configuration(connection)).get_heads()) == 1
    database.dispose()


def test_the_house_knows_whether_its_schema_is_current(empty):
    database = Database(empty, house=True)
    assert not schema.is_current(database)

    schema.upgrade(empty, application=None)

    assert schema.is_current(database)
    database.dispose()


# A file has one owner: on SQLite only the seal tells.
@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public.log_changes SET event = 'x'",
        "DELETE FROM public.log_changes",
        "TRUNCATE public.log_changes",
        f"UPDATE {READS}.log_reads SET event = 'x'",
        f"DELETE FROM {READS}.log_reads",
        "DELETE FROM public.alembic_version",
        "CREATE TABLE public.mine (id int)",
        "DROP TABLE public.cases",
    ],
)
def test_the_application_role_cannot_rewrite_what_was_written_down_or_change_the_schema(empty, statement):
    schema.upgrade(empty, application=APPLICATION)

    with server().connect(empty.database) as connection:
        connection.execute(text(f"SET ROLE {APPLICATION}").text)
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            connection.execute(statement)


def test_the_fixture_is_the_migrated_schema(urls: Urls, database: Database):
    with database.engine.connect() as connection:
        assert schema.is_current(database)
        if not database.is_sqlite:
            with pytest.raises(ProgrammingError):
                connection.execute(text("DELETE FROM log_changes"))


def filled(connection: Connection, table: str, **known: object) -> None:
    """A row with what is *known*, and with something in every other column that may not be empty."""
    reflected = Table(table, MetaData(), autoload_with=connection)
    something = {str: "x", int: 1, bool: False, datetime: datetime(2026, 11, 3, tzinfo=UTC), date: date(2026, 11, 3)}
    row = dict(known)
    for column in reflected.columns:
        if not column.nullable and column.name not in row:
            kind = column.type.python_type
            row[column.name] = "[]" if isinstance(column.type, JSON) else something[kind]
    connection.execute(reflected.insert().values(row))


def test_a_family_and_what_it_agreed_to_survive_the_migration_that_completes_families(empty):
    one = "0" * 31 + "1"
    schema.upgrade(empty, application=None, revision="0001")
    database = Database(empty, house=True)
    with database.engine.begin() as connection:
        filled(connection, "organisations", id=one, type="youth_health", domain="public")
        filled(connection, "families", id=one, partner_involved="yes")
        filled(
            connection, "family_members", id=one, family_id=one, kind="parent", name="Noor Voorbeeld",
            living_situation="address", safe_contact="call",
        )  # fmt: skip
        filled(
            connection, "cases", id=one, family_id=one, status="draft", urgency="regular", signaller_organisation_id=one,
            holder_organisation_id=one, holder_role="signaller",
        )  # fmt: skip
        filled(
            connection, "consents", id=one, case_id=one, subject_id=one, recipient_kind="youth_health",
            purpose="exploration", category="C0", given_by="self", form="oral",
        )  # fmt: skip

    schema.upgrade(empty, application=None, revision="0030")
    with database.engine.begin() as connection:
        filled(connection, "case_references", id=one, case_id=one, organisation_id=one, number="KD- 47/11")
    schema.upgrade(empty, application=None)
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT key FROM case_references")).scalar_one() == "kd4711"
        row = connection.execute(text("SELECT name, version, pregnancy_id FROM family_members")).one()
        connection.execute(text("UPDATE family_members SET kind = 'household'"))
    assert tuple(row) == ("Noor Voorbeeld", 1, None)

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE family_members SET kind = 'parent'"))
    schema.downgrade(empty, "0001")
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM family_members")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM consents")).scalar_one() == 1
        with pytest.raises(IntegrityError):
            connection.execute(text("DELETE FROM family_members"))
        connection.rollback()
    database.dispose()


def test_what_hangs_on_a_table_that_is_made_anew_stays_and_what_would_hang_on_nothing_stops_it(empty):
    one = "0" * 31 + "1"
    schema.upgrade(empty, application=None, revision="0035")
    database = Database(empty, house=True)
    with database.engine.begin() as connection:
        filled(connection, "organisations", id=one, type="youth_health", domain="public")
        filled(connection, "persons", id=one, kind="professional")
        filled(connection, "notifications", id=one, kind="comment", organisation_id=one, subject_id=one)
        filled(connection, "notification_marks", notification_id=one, person_id=one)

    schema.upgrade(empty, application=None)
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM notification_marks")).scalar_one() == 1
    schema.downgrade(empty, "0035")
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM notification_marks")).scalar_one() == 1
    if database.is_sqlite:  # as a careless migration would leave it; PostgreSQL watches by itself
        with database.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                connection.execute(text("DELETE FROM persons"))
        with pytest.raises(RuntimeError, match="notification_marks -> persons"):
            schema.upgrade(empty, application=None)
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0035"
    database.dispose()
