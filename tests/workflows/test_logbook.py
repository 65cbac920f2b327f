"""The logbook: nothing is done unwritten, and nothing that is written can be changed unnoticed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests import builders
from workflows import comments, jobs, logbook, schema, worker
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.logbook import UnloggedRead
from workflows.logbook.chain import digest
from workflows.processes import Run, RunStatus

MIDWIFE = Actor(uuid4(), uuid4(), uuid4(), "signaller", origin="page", request_id="r-1")


def fill(database: Database, clock, lines: int = 12, *, sealed: bool = True) -> None:
    with database.writing() as session:
        for number in range(lines):
            logbook.write(
                session, "task.completed", "task", uuid4(), by=MIDWIFE, at=clock(), details={"number": number}
            )
            logbook.read(session, "case.viewed", "case", uuid4(), by=MIDWIFE, at=clock(), purpose="task", rule="party")
    if sealed:
        with database.writing() as session:
            logbook.seal(session, at=clock())


def verified(database: Database, **arguments) -> logbook.VerifyReport:
    with database.reading() as session:
        return logbook.verify(session, **arguments)


@pytest.fixture
def owner(urls):
    opened = Database(urls.owner, house=True)
    yield opened
    opened.dispose()


def test_what_was_written_and_read_is_sealed_in_order_and_checks_out(database, clock):
    fill(database, clock)
    fill(database, clock, 3, sealed=False)

    report = verified(database)

    assert report.ok
    assert (report.sealed, report.unsealed) == (24, 6)
    with database.reading() as session:
        places = session.execute(
            text("SELECT position, previous_hash, hash FROM log_changes ORDER BY id LIMIT 12")
        ).all()
    assert [row.position for row in places] == list(range(1, 13))
    assert all(later.previous_hash == earlier.hash for earlier, later in pairwise(places))


def test_sealing_again_finds_nothing_and_goes_on_where_it_stopped(database, clock):
    fill(database, clock, 5)
    with database.writing() as session:
        assert logbook.seal(session, at=clock()) == 0
    fill(database, clock, 4)

    assert verified(database).sealed == 18
    assert verified(database).ok


@pytest.mark.parametrize("log", ["log_changes", "reads.log_reads"])
@pytest.mark.parametrize(
    ("deed", "statements"),
    [
        ("changed", ["UPDATE {log} SET role = 'parent' WHERE position = 5"]),
        ("changed in its details", ["UPDATE {log} SET details = '{{\"number\": 99}}' WHERE position = 5"]),
        ("deleted", ["DELETE FROM {log} WHERE position = 5"]),
        (
            "swapped",
            [
                "UPDATE {log} SET position = 99 WHERE position = 5",
                "UPDATE {log} SET position = 5 WHERE position = 6",
                "UPDATE {log} SET position = 6 WHERE position = 99",
            ],
        ),
        ("cut off", ["DELETE FROM {log} WHERE position > 9"]),
        ("cut off to nothing", ["DELETE FROM {log}"]),
        (
            "inserted",
            [
                "INSERT INTO {log} (event, at, role, subject_kind, subject_id, outcome, origin, details, position,"
                " previous_hash, hash) SELECT event, at, role, subject_kind, subject_id, outcome, origin, details, 13,"
                " hash, hash FROM {log} WHERE position = 12"
            ],
        ),
        ("unsealed again", ["UPDATE {log} SET position = NULL, previous_hash = NULL, hash = NULL WHERE position = 12"]),
    ],
)
def test_a_line_cannot_be_tampered_with_unnoticed(database, owner, clock, log, deed, statements):
    fill(database, clock)
    assert verified(database).ok

    with owner.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement.format(log=log)))

    assert not verified(database).ok, deed


def test_a_line_that_was_rewritten_with_a_right_hash_no_longer_fits_the_next(database, owner, clock):
    fill(database, clock)
    table = logbook.LoggedChange.__table__
    with owner.engine.begin() as connection:
        connection.execute(text("UPDATE log_changes SET role = 'parent' WHERE position = 5"))
        forged = connection.execute(table.select().where(table.c.position == 5)).one()
        value = digest(forged, 5, forged.previous_hash)
        connection.execute(text("UPDATE log_changes SET hash = :hash WHERE position = 5"), {"hash": value})

    report = verified(database)

    assert len(report.problems) == 1
    assert "plaats 6 sluit niet aan" in report.problems[0]


def test_an_anchor_outside_the_database_betrays_a_chain_that_was_rewritten(database, owner, clock):
    fill(database, clock)
    anchors = verified(database).heads
    with owner.engine.begin() as connection:  # somebody with all rights rewrites the last line and the head
        row = connection.execute(text("SELECT id FROM log_changes WHERE position = 12")).one()
        connection.execute(text("UPDATE log_changes SET role = 'parent' WHERE id = :id"), {"id": row.id})
        table = logbook.LoggedChange.__table__
        forged = connection.execute(table.select().where(table.c.id == row.id)).one()
        value = digest(forged, 12, forged.previous_hash)
        connection.execute(text("UPDATE log_changes SET hash = :hash WHERE id = :id"), {"hash": value, "id": row.id})
        connection.execute(text("UPDATE log_heads SET hash = :hash WHERE log = 'changes'"), {"hash": value})

    assert verified(database).ok
    assert not verified(database, anchors=anchors).ok


def test_a_status_that_moves_without_a_line_is_not_kept(database, clock, region_bundle):
    with database.writing() as session:
        run = Run(
            subject_kind="case",
            subject_id=uuid4(),
            bundle_digest=region_bundle,
            process_id="p",
            state=b"",
            started_at=clock(),
        )
        session.add(run)
        session.flush()
        identity = run.id

    with pytest.raises(logbook.UnloggedChange), database.writing() as session:
        session.get(Run, identity).end(clock())
    with pytest.raises(logbook.UnloggedChange), database.writing() as session:
        session.query(Run).where(Run.id == identity).update({"status": "ended", "ended_at": clock()})
    with pytest.raises(logbook.UnloggedChange), database.writing() as session:
        with session.begin_nested():
            session.get(Run, identity).end(clock())

    with database.reading() as session:
        assert session.get(Run, identity).status == RunStatus.RUNNING
    with database.writing() as session:
        session.get(Run, identity).end(clock())
        logbook.write(session, "run.ended", "run", identity, by=OPERATOR, at=clock())
    with database.reading() as session:
        assert session.get(Run, identity).status == RunStatus.ENDED


@pytest.fixture
def region_bundle(database, clock) -> str:
    from workflows.diagrams import StoredBundle

    schema.metadata()  # a bundle points at a person
    with database.writing() as session:
        session.add(StoredBundle(digest="d" * 64, published_at=clock(), is_current=True))
    return "d" * 64


def test_a_line_takes_no_story(session: Session, clock):
    with pytest.raises(TypeError):
        logbook.write(
            session, "signal.recorded", "case", uuid4(), by=MIDWIFE, at=clock(), details={"answers": {"a": 1}}
        )  # type: ignore[dict-item]


def test_a_refused_use_case_leaves_no_line(database, clock):
    with pytest.raises(RuntimeError), database.writing() as session:
        logbook.write(session, "task.completed", "task", uuid4(), by=MIDWIFE, at=clock())
        logbook.read(session, "case.viewed", "case", uuid4(), by=MIDWIFE, at=clock(), purpose="task", rule="party")
        raise RuntimeError

    report = verified(database)
    assert (report.sealed, report.unsealed) == (0, 0)


def test_a_value_can_be_proved_without_being_kept():
    kept = logbook.salted("5911 AB")

    assert "5911" not in kept
    assert logbook.salted("5911 AB", salt=kept.split("$")[0]) == kept
    assert logbook.salted("5911 AB") != kept


def test_the_application_can_add_and_seal_lines_but_not_change_or_remove_them(database, owner, clock):
    if database.is_sqlite:
        return  # a file knows no roles
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32))"))
        schema.grant(connection, str(database.url.username))

    fill(database, clock)

    assert verified(database).ok
    for statement in ("UPDATE log_changes SET role = 'x'", "DELETE FROM reads.log_reads", "TRUNCATE log_changes"):
        with pytest.raises(DBAPIError), database.engine.begin() as connection:
            connection.execute(text(statement))


@given(st.data())
def test_sealing_in_any_order_of_commits_gives_one_chain(sqlite_template, tmp_path_factory, data):
    from tests.conftest import Clock, copy_of

    database = Database(copy_of(sqlite_template, tmp_path_factory.mktemp("chain")), house=True)
    from datetime import UTC, datetime

    clock = Clock(datetime(2026, 11, 3, tzinfo=UTC))
    total = 0
    for lines in data.draw(st.lists(st.integers(0, 7), max_size=6)):
        fill(database, clock, lines, sealed=False)
        total += 2 * lines
        with database.writing() as session:
            logbook.seal(session, at=clock(), limit=data.draw(st.integers(1, 5)))
        clock.forward(seconds=1)
    report = verified(database)
    database.dispose()

    assert report.ok
    assert report.sealed + report.unsealed == total


def test_verifying_reads_in_batches(database, clock):
    fill(database, clock, 40)
    biggest = 0

    def count(_connection, cursor, statement, *_):
        nonlocal biggest
        biggest = max(biggest, statement.count("LIMIT"))

    event.listen(database.engine, "before_cursor_execute", count)
    assert verified(database).sealed == 80
    assert biggest == 1


def test_sealing_takes_short_turns_one_after_the_other(database, clock):
    lines = 2 * logbook.SEAL_BATCH + 1
    fill(database, clock, lines, sealed=False)
    with database.writing() as session:
        jobs.enqueue(session, "seal", due_at=clock(), subject_kind="logbook", subject_id="all")
    turns: list[Counter[str]] = [Counter()]

    def count(_connection, _cursor, statement, parameters, _context, executemany):
        if (found := re.match(r"UPDATE (reads\.)?(log_changes|log_reads) ", statement)) is not None:
            turns[-1][found[2]] += len(parameters) if executemany else 1

    event.listen(database.engine, "before_cursor_execute", count)
    event.listen(database.engine, "commit", lambda _connection: turns.append(Counter()))
    kept: list[str] = []
    senders = {"anchor_file": lambda payload, _id: kept.append(payload["heads"])}
    ends = []
    for _ in range(3):  # the clock stands still: there is nothing to wait for
        worker.run_once(database, clock(), senders=senders)
        with database.reading() as session:
            ends.append({name: head.position for name, head in logbook.heads(session).items()})

    assert [end["reads"] for end in ends] == [logbook.SEAL_BATCH, 2 * logbook.SEAL_BATCH, lines]
    assert max(count for turn in turns for count in turn.values()) == logbook.SEAL_BATCH
    assert len(kept) == 1, "the ends are kept elsewhere when there is an end"
    report = verified(database)
    assert report.ok
    assert report.unsealed == 0
    with database.reading() as session:
        [job] = session.scalars(select(jobs.Job).where(jobs.Job.status == "pending"))
        assert job.due_at == clock() + worker.SEAL_EVERY


def test_a_sealer_and_readers_do_not_stand_in_each_others_way(database, clock):
    fill(database, clock, 5, sealed=False)
    with database.reading() as session:
        session.execute(text("SELECT count(*) FROM log_changes"))
        logbook.read(session, "case.viewed", "case", uuid4(), by=MIDWIFE, at=clock(), purpose="task", rule="party")
        with database.writing() as sealer:
            assert logbook.seal(sealer, at=clock()) == 10
    clock.forward(**{"seconds": timedelta(seconds=1).total_seconds()})
    with database.writing() as sealer:
        assert logbook.seal(sealer, at=clock()) == 1
    assert verified(database).ok


def test_a_page_that_shows_two_cases_has_a_line_of_each(database, clock):
    at = clock()
    with database.writing() as session:
        here = builders.region(session, at)
        both = [builders.explored_case(session, here, at) for _ in range(2)]
        for case in both:
            comments.add(session, case, "Even bellen.", by=here.nurse, at=at)
    [first, second] = [case.id for case in both]

    def look(*told: UUID, listed: bool = False, deciding: bool = False) -> None:
        with database.reading() as session:
            logbook.guard(session)
            if deciding:
                with logbook.deciding(session):
                    session.scalars(select(comments.Comment)).all()
            else:
                session.scalars(select(comments.Comment)).all()
            for one in told:
                logbook.read(
                    session,
                    "case.viewed",
                    "case",
                    one,
                    case_id=one,
                    by=here.nurse,
                    at=at,
                    purpose="case",
                    rule="holder",
                )
            if listed:
                logbook.listed(
                    session, "cases.listed", [first, second], by=here.nurse, at=at, purpose="work", rule="party"
                )

    look(first, second)
    look(listed=True)
    look(deciding=True)
    for told in ((first,), (second,), ()):
        with pytest.raises(UnloggedRead):
            look(*told)
