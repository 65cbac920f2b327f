"""The BSN over HTTP: in by PUT, out by POST, and in nothing else that is kept, sent or written in a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text

from api import logs
from tests.api.conftest import SIGNAL, etag
from tests.api.test_logged import unwritable
from tests.workflows.test_vault import kept
from workflows import organisations
from workflows.actor import OPERATOR
from workflows.db import Database

BSN, OTHER, WRONG = "999990019", "999990299", "999990018"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any logger says, down to the last detail."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_number_goes_in_comes_out_on_purpose_and_is_nowhere_else(begin, database, region, clock, urls, written):
    begun = begin()
    midwife = begun.by
    assert begun.complete(SIGNAL).status_code == 201
    case = f"/cases/{midwife.get('/cases').json['items'][0]['id']}"
    mother = midwife.get(case).json["members"][0]["id"]
    path = f"{case}/members/{mother}/bsn"
    none = midwife.get(path)
    assert (none.json["kept"], none.json["version"], none.headers["ETag"]) == (False, 0, '"0"')
    assert none.headers["Cache-Control"] == "no-store"

    answers = [
        midwife.put(path, {"bsn": BSN}),
        midwife.put(path, {"bsn": WRONG}, headers=etag(none)),
        midwife.put(path, {"bsn": BSN, "name": "x"}, headers=etag(none)),
        midwife.put(path, {"bsn": int(BSN)}, headers=etag(none)),
        midwife.post(f"{path}/readings"),
        midwife.delete(path, headers=etag(none)),
        midwife.put(path, {"bsn": BSN}, headers=etag(none)),
        midwife.put(path, {"bsn": OTHER}, headers=etag(none)),
        midwife.get(path),
    ]
    assert [one.status_code for one in answers] == [428, 400, 400, 400, 404, 404, 200, 412, 200]
    assert "cijfer" in answers[1].json["errors"]["bsn"][0]
    assert "intussen" in answers[7].json["detail"]

    key = {"Idempotency-Key": "lezen-1"}
    read = [midwife.post(f"{path}/readings", headers=key) for _ in range(2)]
    assert [(one.status_code, one.json) for one in read] == [(200, {"bsn": BSN})] * 2
    assert read[0].headers["Cache-Control"] == "no-store"

    undo = unwritable(urls, "main.log_changes")
    assert midwife.put(path, {"bsn": OTHER}, headers=etag(answers[-1])).status_code == 503
    _writable(urls, undo)
    with database.writing() as session:
        organisations.set_may_use_bsn(session, region.practice.id, False, by=OPERATOR, at=clock())
    refused = [
        midwife.get(path),
        midwife.post(f"{path}/readings"),
        midwife.put(path, {"bsn": OTHER}, headers=etag(none)),
    ]
    assert [one.status_code for one in refused] == [403] * 3
    assert all("mag het BSN niet gebruiken" in one.json["detail"] for one in refused)
    with database.writing() as session:
        organisations.set_may_use_bsn(session, region.practice.id, True, by=OPERATOR, at=clock())
    gone = midwife.delete(path, headers=etag(answers[-1]))
    assert (gone.status_code, gone.json["kept"]) == (200, False)
    assert midwife.put(path, {"bsn": BSN}, headers=etag(gone)).status_code == 200

    elsewhere = [
        *answers,
        none,
        gone,
        *refused,
        midwife.get(case),
        midwife.get("/cases"),
        midwife.get(f"{case}/members/{mother}"),
    ]
    said = {
        "answers": "".join(f"{one.text}{one.headers}" for one in elsewhere),
        "log": written.getvalue(),
        "database": kept(database),
    }
    assert "bsn/readings" in said["log"]  # we look in the right place
    assert "Fatima Voorbeeld" in said["database"]
    for where, told in said.items():
        assert not [number for number in (BSN, OTHER, WRONG) if number in told], where


def _writable(urls, undo: str) -> None:
    owner = Database(urls.owner, house=True)
    with owner.engine.begin() as connection:
        connection.execute(text(undo))
    owner.dispose()
