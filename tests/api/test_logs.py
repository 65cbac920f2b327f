"""Log lines are JSON with ids; what somebody typed or is called does not get out."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from api import logs


@pytest.fixture
def lines():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_json_with_an_instant_and_what_is_allowed(lines):
    structlog.contextvars.bind_contextvars(request_id="r1")
    logs.get("x").info("task.completed", task_id="t1", milliseconds=3)

    [line] = lines()
    assert line["event"] == "task.completed"
    assert (line["request_id"], line["task_id"], line["milliseconds"], line["level"]) == ("r1", "t1", 3, "info")
    assert line["timestamp"].endswith("Z")


def test_a_key_that_is_not_allowed_does_not_get_out(lines):
    logs.get("x").info("signal", parent_name="Fatima", answers={"a": "b"}, case_id="c1")

    [line] = lines()
    assert line["case_id"] == "c1"
    assert "Fatima" not in json.dumps(line)
    assert "answers" not in line


def test_an_error_tells_its_kind_and_place_and_not_its_text(lines):
    try:
        try:
            raise ValueError("mevrouw Jansen")
        except ValueError as error:
            raise RuntimeError("postcode 5911 AA") from error
    except RuntimeError as error:
        logs.get("x").error("request.failed", exc_info=error)

    [line] = lines()
    assert line["error"] == "RuntimeError < ValueError"
    assert "test_logs.py" in line["where"][0]
    assert "Jansen" not in json.dumps(line)
    assert "5911" not in json.dumps(line)


def test_of_a_library_only_the_name_gets_out(lines):
    logging.getLogger("sqlalchemy.pool").error("INSERT … ('Fatima')")
    logging.getLogger("_granian").info("Started worker-1")

    [unknown, known] = lines()
    assert (unknown["event"], unknown["logger"]) == ("library", "sqlalchemy.pool")
    assert known["event"] == "Started worker-1"
