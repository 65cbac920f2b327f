"""The second lock: what the database itself says when it is asked directly, with no code of ours in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import Column, Table

from tests.conftest import Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import cases, row_security, schema
from workflows.db import Database, house, identify

TABLES: Mapping[str, Table] = {
    f"{table.schema or 'public'}.{name.rpartition('.')[2]}": table for name, table in schema.metadata().tables.items()
}
_SOMETHING: Mapping[type, Any] = {
    str: "x", int: 1, bool: False, bytes: b"", object: {},
    date: date(2026, 11, 3), datetime: datetime(2026, 11, 3, tzinfo=UTC),
}  # fmt: skip
#: Read with an officer's eyes, or not at all.
_SAFETY = frozenset({"public.safety_files", "public.safety_notes"})
_LOGS = frozenset({"public.log_changes", "reads.log_reads"})


class Side:
    """One organisation with one case, and a row about it in every locked table."""

    def __init__(self) -> None:
        self.organisation, self.person = uuid4(), uuid4()
        self.ids = {table: uuid4() for table in row_security.LOCKED}
        self.rows: dict[str, dict[str, Any]] = {table: self._row(table) for table in row_security.LOCKED}

    @property
    def case(self) -> UUID:
        return self.ids["public.cases"]

    def _row(self, name: str) -> dict[str, Any]:
        row = {column.name: self._value(name, column) for column in TABLES[name].columns}
        row |= {"id": self.ids[name]} if "id" in row and name not in _LOGS else {}
        return {column: value for column, value in row.items() if value is not None}

    def _value(self, name: str, column: Column[Any]) -> Any:
        points_at = next((f"public.{key.column.table.name}" for key in column.foreign_keys), None)
        if column.name == "id" or points_at == name:
            return None
        if points_at in self.ids:
            return self.ids[points_at]
        if column.name == "subject_kind":
            return "case"
        kind = getattr(column.type, "impl", column.type).python_type
        if column.name in ("subject_id", "case_id"):
            return self.case if kind is UUID else str(self.case)
        if "organisation" in column.name or column.name == "accepted_for":
            return self.organisation
        if (name, column.name) == ("public.case_blocks", "person_id"):
            return uuid4()  # not who asks: to them nothing of the case is there
        if (name, column.name) == ("public.parent_links", "person_id"):
            return uuid4()  # not who asks either: who works here is no parent of the family
        if points_at == "public.persons" or column.name == "person_id":
            return self.person
        if column.name == "status":
            return "open"
        if column.nullable:
            return None
        return uuid4() if kind is UUID else _SOMETHING[kind]


def add(connection: Connection, name: str, row: Mapping[str, Any]) -> None:
    connection.execute(TABLES[name].insert().inline(), [row])


@pytest.fixture(scope="module")
def filled(postgres_template: str) -> Iterator[tuple[Urls, Side, Side]]:
    """A database in which nothing is checked but who may see it, with two sides that know nothing of each other."""
    name = server().create(template=postgres_template)
    urls = Urls(server().url(name, APPLICATION), server().url(name, OWNER))
    here, there = Side(), Side()
    owner = Database(urls.owner, house=True)
    with owner.engine.begin() as connection:
        constraints = connection.execute(
            text(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f', 'u')"
                " AND connamespace IN ('public'::regnamespace, 'reads'::regnamespace) ORDER BY contype = 'u'"
            )
        )
        for table, constraint in constraints.all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
        unique = (
            "SELECT indexrelid::regclass FROM pg_index WHERE indisunique AND NOT indisprimary AND indexrelid >= 16384"
        )
        for index in connection.execute(text(unique)).scalars().all():
            connection.execute(text(f"DROP INDEX {index}"))
        for side in (here, there):
            connection.execute(
                TABLES["public.organisations"].insert().inline(),
                [
                    {
                        "id": side.organisation,
                        "name": str(side.organisation),
                        "type": "x",
                        "domain": "x",
                        "active": True,
                    }
                    | {"may_use_bsn": True, "version": 1}
                ],
            )
            for table, row in side.rows.items():
                add(connection, table, row)
    owner.dispose()
    yield urls, here, there
    server().drop(name)


@pytest.fixture
def closed(filled: tuple[Urls, Side, Side]) -> Iterator[Database]:
    """As the doors open it: one connection, and nobody who asks."""
    database = Database(filled[0].application, pool_size=1)
    yield database
    database.dispose()


@contextmanager
def asking(database: Database, side: Side, role: str = "protection_officer") -> Iterator[Any]:
    """A transaction for somebody of *side*, undone afterwards."""
    with database.writing() as session:
        identify(session, organisation_id=side.organisation, role=role, person_id=side.person)
        yield session
        session.rollback()


def count(session: Any, table: str) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def refused(session: Any, act: Callable[[], object]) -> bool:
    """Whether the database refuses it because of whose row it is; nothing of it stays."""
    point = session.begin_nested()
    try:
        act()
    except DBAPIError as error:
        if "row-level security" not in str(error.orig):
            raise
        return True
    finally:
        if point.is_active:
            point.rollback()
    return False


def test_every_table_is_locked_or_says_why_not(filled):
    named = {name if name.startswith("reads.") else f"public.{name}" for name in row_security.OPEN}
    of_a_family = {
        name
        for name, table in TABLES.items()
        if {"case_id", "family_id", "subject_kind"} & set(table.columns.keys()) and name != "public.jobs"
    }
    owner = Database(filled[0].owner)
    with owner.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'reads')"
            )
        )
        locked = dict(rows.all())
    owner.dispose()

    assert set(row_security.LOCKED).isdisjoint(named)
    assert set(locked) == set(row_security.LOCKED) | named
    assert {name for name, is_locked in locked.items() if is_locked} == set(row_security.LOCKED)
    assert of_a_family <= set(row_security.LOCKED)


def test_nobody_sees_nothing_and_adds_nothing(filled, closed):
    _, here, _ = filled

    with closed.writing() as session:
        seen = {table: count(session, table) for table in row_security.LOCKED}
        taken = {
            table
            for table, row in here.rows.items()
            if not refused(session, lambda t=table, r=row: session.execute(TABLES[t].insert().inline(), [r | _new(r)]))
        }
        session.rollback()

    assert set(seen.values()) == {0}
    assert taken == _LOGS  # who could not log in is written down too


def _new(row: Mapping[str, Any]) -> dict[str, Any]:
    """Another row of the same: its own key."""
    return {"id": uuid4()} if "id" in row else {}


def test_a_parent_sees_rows_of_the_own_family_and_no_other_and_nothing_when_the_login_ended(filled, closed):
    _, here, there = filled
    own_only = {"public.bsns", "public.case_references", "public.alarms", *_SAFETY}
    for side, other in ((here, there), (there, here)):
        with closed.writing() as session:
            who = side.rows["public.parent_links"]["person_id"]
            identify(session, organisation_id=None, role="parent", person_id=who)
            for table in (
                "public.cases",
                "public.families",
                "public.family_members",
                "public.consents",
                "public.parent_links",
            ):
                seen = session.execute(text(f"SELECT id FROM {table}")).scalars().all()
                assert seen == [side.ids[table]], table
                assert seen != [other.ids[table]]
            assert {table: count(session, table) for table in own_only} == dict.fromkeys(own_only, 0)
            session.execute(text("UPDATE parent_links SET ended_at = now()"))
            assert count(session, "public.cases") == 0
            session.rollback()
        with closed.writing() as session:  # of the same family, another login: not even that there is one
            identify(session, organisation_id=None, role="parent", person_id=uuid4())
            assert count(session, "public.parent_links") == count(session, "public.cases") == 0


def test_an_organisation_sees_its_own_case_and_nothing_of_another(filled, closed):
    _, here, there = filled
    for side, other in ((here, there), (there, here)):
        with asking(closed, side) as session:
            for table, row in side.rows.items():
                own = next(
                    column
                    for column in ("id", "run_id", "task_id", "case_id", "member_id", "notification_id")
                    if column in row
                )
                seen = session.execute(text(f"SELECT {own} FROM {table}")).scalars().all()
                assert seen == [row[own]], table
                assert row[own] != other.rows[table][own]


def test_to_whom_a_case_is_closed_in_person_it_is_not_there(filled, closed):
    _, here, _ = filled
    with asking(closed, here) as session:
        session.execute(text("UPDATE case_blocks SET person_id = :me"), {"me": here.person})
        assert (count(session, "cases"), count(session, "case_blocks")) == (0, 1)
        assert {count(session, table) for table in ("family_members", "comments", "consents", "entry_values")} == {0}


def test_rows_of_another_are_not_changed_taken_or_added(filled, closed):
    _, here, there = filled
    with asking(closed, here) as session:
        for table in row_security.LOCKED:
            row = there.rows[table]
            column = next(name for name in row if name in ("case_id", "id", "task_id", "member_id", "notification_id"))
            if table not in _LOGS:
                for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
                    found = session.execute(text(f"{change} WHERE {column} = :key"), {"key": row[column]})
                    assert found.rowcount == 0, (table, change)
            if table not in _LOGS | {"public.families", "public.notifications"}:  # the last are told to others
                assert refused(
                    session, lambda t=table, r=row: session.execute(TABLES[t].insert().inline(), [r | _new(r)])
                ), table
        for table in ("comments", "consents", "entries", "support_plans"):
            move = text(f"UPDATE {table} SET case_id = :there")
            assert refused(session, lambda m=move: session.execute(m, {"there": there.case})), table
        assert refused(
            session,
            lambda: session.execute(
                text("UPDATE cases SET id = :there, holder_organisation_id = :o"),
                {"there": uuid4(), "o": there.organisation},
            ),
        )


def test_a_bsn_is_there_for_no_organisation_that_may_not_use_it(filled, closed):
    _, here, _ = filled
    for change in ("may_use_bsn = false", "active = false"):
        with asking(closed, here, "signaller") as session:
            assert count(session, "bsns") == 1
            session.execute(text(f"UPDATE organisations SET {change}"))
            assert (count(session, "bsns"), count(session, "family_members")) == (0, 1)
            row = here.rows["public.bsns"] | {"member_id": here.ids["public.family_members"]}
            assert refused(session, lambda r=row: session.execute(TABLES["public.bsns"].insert().inline(), [r]))


def test_what_is_about_safety_is_the_officers_and_the_tellers_own(filled, closed):
    _, here, _ = filled
    colleague = Side()
    colleague.organisation = here.organisation

    with asking(closed, here, "signaller") as session:  # who opened the file
        assert {count(session, table) for table in _SAFETY} == {1}
    for role, sees in (("signaller", 0), ("case_director", 0), ("protection_officer", 1)):
        with asking(closed, colleague, role) as session:
            assert {count(session, table) for table in _SAFETY} == {sees}, role
            assert count(session, "cases") == 1


def test_a_part_in_the_case_does_not_show_another_organisations_safety_answers(filled, closed):
    urls, here, there = filled
    owner = Database(urls.owner, house=True)
    with owner.writing() as session:
        session.execute(
            text("UPDATE case_parties SET case_id = :case WHERE organisation_id = :other"),
            {"case": here.case, "other": there.organisation},
        )
        session.execute(
            text("UPDATE entry_values SET compartment = 'C5' WHERE id = :id"), {"id": here.ids["public.entry_values"]}
        )
    try:
        with asking(closed, there) as session:
            assert set(session.execute(text("SELECT id FROM cases")).scalars()) == {here.case, there.case}
            assert count(session, "entries") == 2
            assert count(session, "entry_values") == count(session, "safety_files") == 1
        with asking(closed, here) as session:
            assert count(session, "entry_values") == 1
    finally:
        with owner.writing() as session:
            session.execute(
                text("UPDATE case_parties SET case_id = :case WHERE organisation_id = :other"),
                {"case": there.case, "other": there.organisation},
            )
            session.execute(text("UPDATE entry_values SET compartment = 'x'"))
        owner.dispose()


#: What a third organisation can have to do with a case, by a role it has then, and what ends it.
RELATIONS: Mapping[str, tuple[str, str]] = {
    "signaller": ("public.case_parties", "UPDATE case_parties SET until_at = now()"),
    "explorer": ("public.tasks", "UPDATE tasks SET status = 'withdrawn'"),
    "case_director": ("public.cases", "UPDATE cases SET holder_organisation_id = NULL"),
    "administrator": ("public.case_keepers", "DELETE FROM case_keepers"),
    "intake_desk": ("public.emergency_accesses", "UPDATE emergency_accesses SET ended_at = now()"),
    "supporter": ("public.hub_invitations", "UPDATE hub_invitations SET withdrawn_at = now()"),
    "process_director": ("public.hub_meetings", "UPDATE hub_meetings SET organised_by = gen_random_uuid()"),
    "protection_officer": ("public.safety_files", "DELETE FROM safety_files"),
}


@pytest.mark.parametrize("role", RELATIONS)
def test_who_has_to_do_with_a_case_sees_it_as_long_as_that_lasts(filled, closed, role):
    _, here, _ = filled
    third = Side()
    table, ends = RELATIONS[role]
    with closed.writing() as session:
        identify(session, organisation_id=third.organisation, role=role, person_id=third.person)
        assert count(session, "cases") == count(session, "comments") == 0

        with house(session):
            _relate(session, table, here, third)
        assert count(session, "cases") == count(session, "comments") == count(session, "family_members") == 1

        with house(session):
            session.execute(text(ends))
        assert count(session, "cases") == count(session, "comments") == count(session, "family_members") == 0
        session.rollback()


def _relate(session: Any, table: str, here: Side, third: Side) -> None:
    keys = {"o": third.organisation, "c": here.case, "m": uuid4()}
    if table == "public.cases":
        session.execute(text("UPDATE cases SET holder_organisation_id = :o WHERE id = :c"), keys)
    elif table == "public.case_keepers":
        session.execute(text("UPDATE case_keepers SET organisation_id = :o WHERE case_id = :c"), keys)
    elif table == "public.hub_meetings":
        session.execute(
            text(
                "INSERT INTO hub_meetings (id, organised_by, organised_as, planned_by, planned_at, starts_at, place, online,"
                " status, version) VALUES (:m, :o, 'x', :o, now(), now(), '', false, 'planned', 1)"
            ),
            keys,
        )
        session.execute(text("UPDATE agenda_items SET meeting_id = :m WHERE case_id = :c"), keys)
    else:
        mine = {"id": uuid4(), "organisation_id": third.organisation, "person_id": third.person}
        row = {name: mine.get(name, value) for name, value in here.rows[table].items()}
        session.execute(TABLES[table].insert().inline(), [row])


def test_a_case_that_was_looked_at_stays_in_sight_until_the_transaction_ends(filled, closed):
    _, here, _ = filled
    with asking(closed, here, "signaller") as session:
        assert cases.look(session, here.case) is not None
        session.execute(text("UPDATE case_parties SET until_at = now()"))
        session.execute(text("UPDATE tasks SET status = 'completed'"))
        session.execute(text("UPDATE cases SET holder_organisation_id = NULL"))
        with house(session):
            session.execute(text("UPDATE hub_invitations SET withdrawn_at = now()"))
            session.execute(text("DELETE FROM case_keepers"))
            session.execute(text("UPDATE emergency_accesses SET ended_at = now()"))
        assert count(session, "comments") == count(session, "cases") == 1
        session.execute(text("SELECT set_config('steun.cases', '', true)"))
        assert count(session, "comments") == count(session, "cases") == 0


def test_who_asks_is_forgotten_with_the_transaction(filled, closed):
    _, here, _ = filled
    with closed.writing() as session:
        identify(session, organisation_id=here.organisation, role="protection_officer", person_id=here.person)
        process = session.scalar(text("SELECT pg_backend_pid()"))
        assert count(session, "cases") == 1
        with house(session):
            assert count(session, "cases") == 2
        assert count(session, "cases") == 1
        with house(session):
            assert cases.look(session, filled[2].case) is not None
        session.expunge_all()
        assert cases.look(session, filled[2].case) is None  # what the house looked at is not in sight afterwards
        with pytest.raises(ZeroDivisionError), house(session):
            raise ZeroDivisionError
        assert count(session, "cases") == 1

    with closed.writing() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == process
        assert {count(session, table) for table in row_security.LOCKED} == {0}


def test_the_application_cannot_take_the_lock_away_and_the_owner_is_bound_too(filled, closed):
    urls, _, _ = filled
    with closed.engine.connect() as connection:
        owns = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        assert connection.execute(text(owns)).scalar_one() == 0
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
        assert tuple(role) == (False, False)
        for forbidden in (
            "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE cases NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY steun_rows ON cases",
            "CREATE POLICY mine ON cases USING (true)",
            "CREATE OR REPLACE FUNCTION steun_relates(asked uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            f"SET ROLE {urls.owner.username}",
        ):
            connection.rollback()
            with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
                connection.execute(text(forbidden))
        connection.rollback()
        connection.execute(text("SET row_security = off"))
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text("SELECT 1 FROM cases"))
    owner = Database(urls.owner)
    with owner.reading() as session:
        assert {count(session, table) for table in row_security.LOCKED} == {0}
    owner.dispose()
