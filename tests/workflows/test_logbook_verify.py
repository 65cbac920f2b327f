"""Whatever is done to the logbook afterwards is found: by the chain itself, by its dates, or by an anchor outside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from tests.conftest import Clock, Urls
from workflows import logbook
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.errors import Invalid
from workflows.logbook import Anchor, LoggedChange, LoggedRead, anchors
from workflows.logbook.chain import digest

MIDWIFE = Actor(uuid4(), uuid4(), uuid4(), "signaller", origin="page", request_id="r-1", access_point="s-1")
LOGS = {
    "log_changes": ("changes", "log_heads", LoggedChange),
    "reads.log_reads": ("reads", "reads.log_heads", LoggedRead),
}


class Log:
    """A logbook in use, and whoever has all rights to its database."""

    def __init__(self, urls: Urls, clock: Clock) -> None:
        self.clock = clock
        self.database = Database(urls.application, house=True)
        self.owner = Database(urls.owner, house=True)

    def line(self, **back: float) -> None:
        with self.database.writing() as session:
            at = self.clock() - timedelta(**back)
            logbook.write(session, "task.completed", "task", uuid4(), by=MIDWIFE, at=at, details={"é": 1, "a": None})
            logbook.read(session, "case.viewed", "case", uuid4(), by=MIDWIFE, at=at, purpose="case", rule="party")

    def seal(self, limit: int | None = None) -> None:
        with self.database.writing() as session:
            logbook.seal(session, at=self.clock(), limit=limit)

    def day(self, lines: int = 4) -> None:
        """A day of work, sealed as it goes."""
        for _ in range(lines):
            self.clock.forward(hours=2)
            self.line()
            self.seal()

    def problems(self, heads: dict[str, Anchor] | None = None) -> list[str]:
        with self.database.reading() as session:
            return logbook.verify(session, anchors=heads, batch=3).problems

    def heads(self) -> dict[str, Anchor]:
        with self.database.reading() as session:
            return logbook.heads(session)

    def as_owner(self, *statements: str, **values: object) -> None:
        with self.owner.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), values)


@pytest.fixture
def log(urls: Urls, clock: Clock) -> Iterator[Log]:
    made = Log(urls, clock)
    yield made
    made.database.dispose()
    made.owner.dispose()


def rehash(connection: Connection, table: str, start: int) -> None:
    """Give every line from *start* on a right place, a right link and a right hash, and the head as well."""
    name, heads, kind = LOGS[table]
    lines = kind.__table__
    rows = connection.execute(lines.select().where(lines.c.position >= start).order_by(lines.c.position)).all()
    before = connection.execute(lines.select().where(lines.c.position == start - 1)).first()
    previous = before.hash if before else "0" * 64
    for position, row in enumerate(rows, start=start):
        value = digest(row, position, previous)
        connection.execute(
            lines.update().where(lines.c.id == row.id).values(position=position, previous_hash=previous, hash=value)
        )
        previous = value
    connection.execute(
        text(f"UPDATE {heads} SET position = :position, hash = :hash WHERE log = :log"),
        {"position": start + len(rows) - 1, "hash": previous, "log": name},
    )


@pytest.mark.parametrize("table", LOGS)
def test_only_an_anchor_betrays_a_chain_that_was_made_right_again(log, table):
    log.day()
    kept = log.heads()
    log.day(2)
    assert log.problems(kept) == []
    name = LOGS[table][0]
    with log.owner.engine.begin() as connection:  # re-hashed from some line on
        connection.execute(text(f"UPDATE {table} SET role = 'parent' WHERE position = 3"))
        rehash(connection, table, 3)
    assert log.problems() == []
    assert log.problems(kept) == [f"{name}: plaats 4 klopt niet met het bewaarde anker"]

    with log.owner.engine.begin() as connection:  # cut off, and the head moved back
        connection.execute(text(f"DELETE FROM {table} WHERE position > 2"))
        rehash(connection, table, 2)
    assert log.problems() == []
    assert "korter dan het bewaarde anker" in log.problems(kept)[0]

    log.day(4)  # and life went on
    assert log.problems() == []
    assert log.problems(kept) == [f"{name}: plaats 4 klopt niet met het bewaarde anker"]


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_an_older_copy_that_was_put_back_is_found(log, urls, tmp_path):
    log.day()
    log.database.dispose()
    source = tmp_path / str(urls.application.database).rsplit("/", 1)[-1]
    (tmp_path / "copy").mkdir()
    files = [file for file in tmp_path.glob(f"{source.name}*") if file.is_file()]
    for file in files:
        shutil.copy(file, tmp_path / "copy" / file.name)
    log.day()
    kept = log.heads()
    log.database.dispose()
    for file in files:
        shutil.copy(tmp_path / "copy" / file.name, file)

    assert log.problems() == []
    assert [problem.partition(":")[2][:33] for problem in log.problems(kept)] == [
        " de keten is korter dan het bewaar"[:33]
    ] * 2
    log.day(6)
    assert log.problems() == []
    assert len(log.problems(kept)) == 2


def test_a_line_that_is_dated_back_or_ahead_is_found_and_an_honest_late_one_is_not(log):
    log.day()
    log.line(minutes=20)  # a transaction that took long
    log.seal()
    log.clock.forward(days=7)  # nobody sealed for a week, while people worked; then in rounds
    for back in range(9, 0, -1):
        log.line(hours=12 * back)
    for _ in range(4):
        log.seal(limit=5)
        log.clock.forward(seconds=15)
    log.seal()
    assert log.problems() == []

    log.line(days=30)
    log.seal()
    assert [problem.split(" is ")[1][:15] for problem in log.problems()] == ["teruggedateerd:"] * 2
    log.as_owner("DELETE FROM log_changes WHERE position = 15", "DELETE FROM reads.log_reads WHERE position = 15")
    with log.owner.engine.begin() as connection:
        for table in LOGS:
            rehash(connection, table, 14)
    assert log.problems() == []

    log.line(days=-2)
    log.seal()
    assert [problem.split(" is ")[1][:16] for problem in log.problems()] == ["vooruit gedateerd"[:16]] * 2


def test_a_seal_that_was_set_back_and_a_value_that_is_none_are_found(log):
    log.day()

    log.as_owner(
        "UPDATE log_changes SET sealed_at = at WHERE position = 2",
        "UPDATE log_changes SET hash_version = 9 WHERE position = 4",
    )
    earlier = "2001-01-01 00:00:00.000000" if log.database.is_sqlite else "2001-01-01T00:00:00Z"
    log.as_owner("UPDATE reads.log_reads SET sealed_at = :at WHERE position = 3", at=earlier)
    if log.database.is_sqlite:  # a file takes anything
        log.as_owner("UPDATE log_changes SET person_id = 'x', details = '{' , at = 'ooit' WHERE position = 3")

    found = log.problems()

    assert "changes: regel op plaats 4 is veranderd" in found
    assert "reads: regel op plaats 3 is veranderd" in found
    assert "reads: regel op plaats 3 is verzegeld vóór de regel ervoor" in found
    assert not log.database.is_sqlite or "changes: regel op plaats 3 is veranderd" in found


def test_what_is_too_old_is_removed_by_the_owner_and_the_rest_still_checks_out(log):
    log.day()
    first = log.heads()
    log.clock.forward(days=365 * 6)
    log.day(3)
    kept = {name: [first[name], head] for name, head in log.heads().items()}
    until = log.clock() - timedelta(days=365 * 5 + 1)

    def cut(**shifted: float):
        with log.owner.writing() as session:
            return logbook.cut(session, until=until + timedelta(**shifted), by=OPERATOR, at=log.clock())

    with pytest.raises(Invalid):
        cut(days=1)
    assert [(one.log, one.lines) for one in cut()] == [("changes", 4), ("reads", 4)]
    log.seal()

    with log.database.reading() as session:
        report = logbook.verify(session, anchors=kept)
    assert report.problems == []
    assert {name: one.position for name, one in report.cuts.items()} == {"changes": 4, "reads": 4}
    assert report.sealed == 3 + 3 + 2
    log.day(1)
    assert log.problems() == []

    told = "SELECT details FROM log_changes WHERE event = 'log.cut' AND subject_id = 'reads'"
    with log.owner.engine.begin() as connection:  # somebody else removes a line more
        connection.execute(text("DELETE FROM reads.log_reads WHERE position = 5"))
        details = connection.execute(text(told)).scalar_one()
    assert "position" in str(details)
    assert log.problems() == ["reads: op plaats 1 ontbreken regels; de volgende regel staat op plaats 6"]


def test_who_says_that_young_lines_were_too_old_is_found(log):
    log.day()
    head = log.heads()["reads"]
    with log.owner.writing() as session:
        logbook.write(
            session, "log.cut", "logbook", "reads", by=OPERATOR, at=log.clock(),
            details={"position": head.position, "hash": head.hash, "until": "2010-01-01T00:00:00.000000"},
        )  # fmt: skip
        session.execute(text("DELETE FROM reads.log_reads"))
    log.seal()

    assert log.problems({"reads": head}) == [
        "reads: tot en met plaats 4 zijn regels verwijderd die nog bewaard moesten worden"
    ]


def test_the_file_of_anchors_is_a_chain_itself(tmp_path):
    path = tmp_path / "kept" / "anchors"
    for position in range(1, 4):
        anchors.add(path, [{"log": "reads", "position": position, "hash": f"{position}" * 64, "sealed_at": None}])
    with path.open("ab") as file:
        file.write(b'{"log": "reads", "posi')  # the power went
    anchors.add(path, [{"log": "changes", "position": 9, "hash": "9" * 64, "sealed_at": None}])

    assert anchors.read(path) == {
        "reads": [Anchor(position, f"{position}" * 64) for position in range(1, 4)],
        "changes": [Anchor(9, "9" * 64)],
    }
    assert path.stat().st_mode & 0o077 == 0

    lines = path.read_text().splitlines()
    for changed in (lines[1:], [lines[0], *lines[2:]], [lines[1], lines[0], *lines[2:]], [lines[0].replace('"1', '"2'), *lines[1:]],
                    [json.dumps({**json.loads(lines[0]), "position": 7}), *lines[1:]], ["x", *lines]):  # fmt: skip
        path.write_text("\n".join(changed) + "\n")
        with pytest.raises(anchors.AnchorsBroken):
            anchors.read(path)
