"""The doors of the log: once for success, once per refusal; and the files that go out."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from api import log_files
from api.pages import log_words
from api.pages import words as words_of_pages
from tests.api.conftest import SIGNAL
from workflows import accounts, alarms, logbook
from workflows.actor import OPERATOR
from workflows.method import log_reading
from workflows.method.log_reading import LogLineView

PARENT = "Fatima Voorbeeld"

#: What the rooms call to write a line; the event is one of the first things they say.
_WRITERS = {
    "write", "read", "listed", "write_read", "first_at", "count_failure",
    "_log", "_note", "_write", "_write_down", "_read_line", "_log_offer", "_keep",
}  # fmt: skip


def test_whatever_can_stand_in_the_log_reads_as_dutch():
    events, purposes = set(), set()
    for file in Path("workflows").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", getattr(call.func, "id", "")) in _WRITERS:
                said = [one for argument in call.args for one in ast.walk(argument)]
                words = [one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                events |= {word for word in words if re.fullmatch(r"[a-z_]+\.[a-z_]+", word)}
                purposes |= {
                    more.value.value
                    for more in call.keywords
                    if more.arg == "purpose" and isinstance(more.value, ast.Constant) and more.value.value
                }
    assert len(events) > 100
    assert {"work", "case"} <= purposes

    halves = [event.split(".") for event in events if event not in log_words.EVENTS]
    assert sorted(noun for noun, _ in halves if noun not in log_words.NOUNS) == []
    assert sorted(verb for _, verb in halves if verb not in log_words.VERBS) == []
    assert sorted(purposes - set(log_words.PURPOSES) - set(words_of_pages.PURPOSES)) == []


@pytest.fixture
def case(begin):
    """A case of the midwife, who holds it; with what a page of it leaves in the log."""
    begun = begin()
    assert begun.complete(SIGNAL).status_code == 201
    shown = begun.by.get(begun.path).json["case"]
    begun.by.get(f"/cases/{shown['id']}")
    return begun, shown["id"], shown["number"]


def test_the_log_is_read_filtered_and_taken_away_by_the_log_manager_of_the_organisation(
    case, sign_in, clock, monkeypatch
):
    monkeypatch.setattr(log_reading, "BATCH", 3)
    midwife, _, number = case
    loes = sign_in("log_manager")

    first = loes.get(f"/log-lines?pageSize=2&caseNumber={number}")
    second = loes.get(f"/log-lines?pageSize=2&caseNumber={number}&cursor={first.json['next_cursor']}")
    mine = loes.get(f"/log-lines?personId={midwife.by.actor.person_id}&log=reads&since=2026-11-03&until=2026-11-03")

    assert first.status_code == second.status_code == 200
    assert 'rel="next"' in first.headers["Link"]
    assert len({(line["log"], line["id"]) for line in [*first.json["items"], *second.json["items"]]}) == 4
    assert {line["event"] for line in mine.json["items"]} >= {"case.viewed", "task.viewed"}
    assert {line["person_name"] for line in mine.json["items"]} == {"Vera Verloskundige"}
    assert PARENT not in first.text + mine.text

    file = loes.get(f"/log-lines/csv?caseNumber={number}")
    text = file.get_data().decode()
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    lines = [json.loads(line) for line in loes.get(f"/log-lines/json-lines?caseNumber={number}").text.splitlines()]

    assert text.startswith("\ufeffMoment;Medewerker;Casus")
    assert file.headers["Content-Disposition"] == 'attachment; filename="logboek-2026-11-03.csv"'
    assert file.mimetype == "text/csv"
    assert [row["EventTypeCode"] for row in rows] == [line["EventTypeCode"] for line in lines]
    assert len(rows) > 6
    assert {row["Casus"] for row in rows} == {line["caseNumber"] for line in lines} == {number}
    assert rows[0]["Moment"] == "2026-11-03T09:30:00+01:00"
    taken = loes.get("/log-lines?event=log.exported").json["items"]
    assert [line["details"]["form"] for line in taken] == ["jsonl", "csv"]
    assert {line["details"]["lines"] for line in taken} == {len(rows)}


def test_others_find_no_log_and_without_a_second_factor_nobody_does(sign_in, app, region, database, clock, case):
    _, case_id, _ = case
    addresses = ["/log-lines", "/log-lines/csv", "/log-lines/json-lines", "/log-alarms"]
    for who in ("midwife", "administrator", "process_director"):
        assert {sign_in(who).get(address).status_code for address in addresses} == {404}
    with database.writing() as session:
        token = accounts.make_token(
            session, assignment_id=region.log_manager.assignment_id, label="x", expires_at=clock() + timedelta(days=1),
            by=OPERATOR, at=clock(),
        ).secret  # fmt: skip
    half = replace(sign_in("log_manager"), token=token)
    assert {half.get(address).status_code for address in addresses} == {403}
    loes = sign_in("log_manager")
    for wrong in (
        "since=x",
        "log=all",
        "until=2026-11-01&since=2026-11-02",
        "name=Noor",
        "cursor=x",
        "caseNumber=Noor",
    ):
        assert loes.get(f"/log-lines?{wrong}").status_code == 400
    assert loes.get(f"/cases/{case_id}").status_code == 404


def test_unusual_reading_is_seen_and_explained_once(sign_in, database, clock, case):
    midwife, case_id, number = case
    with database.writing() as session:
        logbook.read(
            session, "case.viewed", "case", case_id, case_id=UUID(case_id),
            by=midwife.by.actor, at=clock(), purpose="emergency", rule="emergency",
        )  # fmt: skip
    with database.writing() as session:
        alarms.look(session, at=clock() + timedelta(minutes=1))
    loes = sign_in("log_manager")

    [found] = loes.get("/log-alarms").json["items"]
    path = f"/log-alarms/{found['id']}"
    assert (found["kind"], found["case_number"], found["person_name"]) == ("in_emergency", number, "Vera Verloskundige")
    assert loes.post(f"{path}/sightings").json["status"] == "seen"
    assert loes.post(f"{path}/sightings").status_code == 409
    body = {"outcome": "part_of_work", "explanation": "Bevalling."}
    assert loes.post(f"{path}/explanations", json={**body, "outcome": "fine"}).status_code == 400
    key = {"Idempotency-Key": "a"}
    assert loes.post(f"{path}/explanations", json=body, headers=key).status_code == 201
    assert loes.post(f"{path}/explanations", json=body, headers=key).headers["Idempotency-Replayed"] == "true"
    assert loes.post(f"{path}/explanations", json=body).status_code == 409
    assert loes.get("/log-alarms").json["items"] == []
    assert loes.get("/log-alarms?explained=true").json["items"][0]["explanation"] == "Bevalling."
    assert loes.get(path).json["outcome"] == "part_of_work"
    for method, address in (("GET", path), ("POST", f"{path}/sightings"), ("POST", f"{path}/explanations")):
        assert sign_in("midwife")(method, address, json=body if method == "POST" else None).status_code == 404


def test_who_looked_is_opened_by_who_holds_the_case(sign_in, case):
    begun, case_id, number = case
    members = begun.by.get(f"/cases/{case_id}").json["members"]
    address = f"/cases/{case_id}/client-log?subjectId={members[0]['id']}"

    shown = begun.by.get(address)

    assert shown.status_code == 200
    assert (shown.json["case_number"], shown.json["subject_id"]) == (number, members[0]["id"])
    [day] = shown.json["days"]
    assert day["day"] == "2026-11-03"
    assert day["lines"][0]["organisation"] == "Verloskundigenpraktijk De Bron (fictief)"
    assert begun.by.get(f"/cases/{case_id}/client-log").status_code == 400
    assert begun.by.get(f"{address}&since=2026-11-03&until=2026-11-02").status_code == 400
    assert begun.by.get(f"/cases/{case_id}/client-log?subjectId={case_id}").status_code == 404
    for other in ("nurse", "log_manager", "process_director"):
        assert sign_in(other).get(address).status_code == 404


def line(**changes) -> LogLineView:
    empty = dict.fromkeys(LogLineView.__dataclass_fields__)
    return LogLineView(**{**empty, "nen7513": {"userName": "a", "Detail": {"count": 1}}, **changes})


@pytest.mark.parametrize("cell", ["=1+1", "+31", "-1", "@sum", "\t=1", "\r=1", "\uff1d1+1", "\uff20sum"])
def test_a_spreadsheet_runs_nothing_of_what_stands_in_the_log(clock, cell):
    text = "".join(log_files.as_csv([line(at=clock(), person_name=cell, nen7513={"userName": cell})]))

    [_, row] = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert row[1] == row[-1] == f"'{cell}"


def test_what_has_a_semicolon_or_a_line_end_stays_one_cell_and_an_empty_log_has_its_heading(clock):
    text = "".join(log_files.as_csv([line(at=clock(), person_name='Vera; "V"\nvan Es')]))
    [_, row] = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))

    assert row[1] == 'Vera; "V"\nvan Es'
    assert row[-1] == '{"count": 1}'
    assert "".join(log_files.as_csv([])) == "\ufeffMoment;Medewerker;Casus;Noodgeval;Bijzonder\r\n"
    assert json.loads("".join(log_files.as_json_lines([line(at=clock())])))["userName"] == "a"
