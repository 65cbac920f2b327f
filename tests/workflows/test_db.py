"""The two kinds of transaction, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Urls
from tests.postgres import APPLICATION, server
from workflows.db import Database, Session, UtcDateTime, once
from workflows.errors import Unavailable


def make_table(urls: Urls) -> None:
    owner = Database(urls.owner, house=True)
    with owner.writing() as session:
        session.execute(text("CREATE TABLE sums (id INTEGER PRIMARY KEY, total INTEGER)"))
        session.execute(text("INSERT INTO sums VALUES (1, 0)"))
        if not owner.is_sqlite:
            session.execute(text("GRANT ALL ON sums TO steun_app"))
    owner.dispose()


def test_what_raises_is_rolled_back(urls, database):
    make_table(urls)

    with pytest.raises(RuntimeError), database.writing() as session:
        session.execute(text("UPDATE sums SET total = 5"))
        raise RuntimeError

    with database.reading() as session:
        assert session.scalar(text("SELECT total FROM sums")) == 0


def test_a_question_is_asked_once_in_a_transaction_that_changes_nothing(database):
    asked: list[str] = []

    def ask(session: Session, key: str) -> int:
        return once(session, key, lambda: asked.append(key) or len(asked))

    with database.reading() as session:
        assert [ask(session, "a"), ask(session, "a"), ask(session, "b")] == [1, 1, 2]
    with database.reading() as session:
        assert ask(session, "a") == 3, "another transaction may find something else"
    with database.writing() as session:
        assert [ask(session, "a"), ask(session, "a")] == [4, 5], "it may have changed it itself"


def test_writers_take_turns_and_lose_nothing(urls, database):
    make_table(urls)

    def add() -> None:
        for _ in range(15):
            with database.writing() as session:
                total = session.scalar(text("SELECT total FROM sums" + ("" if database.is_sqlite else " FOR UPDATE")))
                session.execute(text("UPDATE sums SET total = :n"), {"n": total + 1})

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        assert session.scalar(text("SELECT total FROM sums")) == 90


def test_a_reader_does_not_wait_for_a_writer(urls, database):
    make_table(urls)

    with database.writing() as writer:
        writer.execute(text("UPDATE sums SET total = 7"))
        with database.reading() as reader:
            assert reader.scalar(text("SELECT total FROM sums")) == 0


def test_a_second_process_waits_for_its_turn_and_then_says_so(tmp_path):
    first = Database(f"sqlite:///{tmp_path / 'x.db'}", house=True)
    second = Database(f"sqlite:///{tmp_path / 'x.db'}", lock_seconds=0.05, house=True)

    with first.writing(), pytest.raises(Unavailable), second.writing():
        pass

    with second.writing() as session:
        assert session.scalar(text("SELECT 1")) == 1
    first.dispose()
    second.dispose()


def test_instants_come_back_in_utc_and_naive_ones_are_refused(database):
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
    kind = UtcDateTime()

    with database.reading() as session:
        back = session.scalar(
            text("SELECT :at AS at").bindparams(bindparam("at", type_=kind)).columns(at=kind), {"at": summer}
        )
        with pytest.raises(Exception, match="time zone"):
            session.scalar(text("SELECT :at").bindparams(bindparam("at", type_=kind)), {"at": datetime(2026, 7, 1)})

    assert back == summer
    assert back.tzinfo == UTC


def test_the_text_of_an_error_does_not_hold_what_was_typed(database):
    with database.reading() as session, pytest.raises(DBAPIError) as told:
        session.execute(text("SELECT nothing FROM nowhere WHERE x = :typed"), {"typed": "Moeder Voorbeeld"})

    assert "Moeder Voorbeeld" not in str(told.value)


def test_a_mistake_of_ours_is_not_called_a_database_that_is_away(database):
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))


def test_a_database_that_is_away_is_named_and_comes_back_without_a_restart(own_postgres):
    database = Database(own_postgres.admin, house=True)
    database.ping()

    own_postgres.stop()
    with pytest.raises(Unavailable):
        database.ping()
    own_postgres.start()

    database.ping()
    database.dispose()


def test_a_lent_database_comes_back_as_it_was_or_not_at_all(postgres_template):
    running = server()
    first = running.lend(postgres_template)
    with running.connect(first) as connection:
        connection.execute(
            "INSERT INTO families (id, partner_involved, created_at) VALUES (gen_random_uuid(), 'yes', now())"
        )
    running.give_back(first, postgres_template)
    again = running.lend(postgres_template)
    with running.connect(again) as connection:
        assert connection.execute("SELECT count(*) FROM families").fetchone() == (0,)
        connection.execute("REVOKE INSERT ON families FROM steun_app")
    running.give_back(again, postgres_template)

    last = running.lend(postgres_template)
    assert last != again
    running.give_back(last, postgres_template)


def test_a_connection_outlives_a_test_unless_the_test_still_has_it(postgres_template):
    running = server()

    def opened(name: str) -> tuple[Database, int]:
        database = Database(running.url(name, APPLICATION), house=True)
        with database.reading() as session:
            return database, session.scalar(text("SELECT pg_backend_pid()"))

    name = running.lend(postgres_template)
    database, first = opened(name)
    database.dispose()
    running.give_back(name, postgres_template)
    assert running.lend(postgres_template) == name
    database, second = opened(name)
    assert second == first
    connection = database.engine.connect()
    running.give_back(name, postgres_template)
    connection.invalidate()

    assert running.lend(postgres_template) != name
