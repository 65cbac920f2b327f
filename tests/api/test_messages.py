"""Doors beside the tasks of a case: what can be said to it, who of the family logs in, and the drawings that it runs on."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.summaries import page_count
from bpmn import DIRECTORY
from tests.api.conftest import SIGNAL
from workflows import diagrams

BIRTH = {"birth_date": "2026-11-03", "born": [{"name": "Kind"}], "preterm": "no", "told_by": "parent"}


@pytest.fixture
def begun(begin):
    """The midwife and a case that she signalled."""
    started = begin()
    assert started.complete(SIGNAL).status_code == 201
    [case] = started.by.get("/cases").json["items"]
    return started.by, case["id"]


def test_what_can_be_said_to_a_case_is_told_asked_and_said_by_one_door(begun, sign_in):
    midwife, case_id = begun
    path = f"/cases/{case_id}/messages"

    offered = {one["name"]: one["form_key"] for one in midwife.get(path).json["items"]}
    assert (
        offered.items()
        >= {"birth": "birth", "moved": "move", "loss": "loss", "due_date_changed": "due_date_change"}.items()
    )
    asked = midwife.get(f"{path}/birth").json
    assert asked["form"]["key"] == "birth"
    assert "birth_date" in {one.get("key") for one in asked["form"]["schema"]["components"]}
    assert midwife.get(f"{path}/evaluation_requested").json == {
        "name": "evaluation_requested", "form": None, "choices": {},
    }  # fmt: skip
    assert midwife.get(f"{path}/weather").status_code == 400

    assert midwife.post(path, json={"message": "weather"}).status_code == 400
    assert midwife.post(path, json={"message": "birth"}).json["errors"].keys() >= {"birth_date"}
    doubted = midwife.post(path, json={"message": "birth", "answers": BIRTH})
    assert doubted.status_code == 400
    assert doubted.json["questions"], "four months before it was expected"
    said: dict[str, Any] = {"message": "birth", "answers": BIRTH, "confirmed": [*doubted.json["questions"]]}
    told = midwife.post(path, json=said, headers={"Idempotency-Key": "born"})
    again = midwife.post(path, json=said, headers={"Idempotency-Key": "born"})
    assert told.status_code == again.status_code == 201, told.text
    assert told.json["phase"] == again.json["phase"] == "after_birth"
    assert midwife.post(path, json={"message": "evaluation_requested", "answers": {"a": 1}}).status_code == 400
    assert midwife.post(path, json={"message": "handover_withdrawn"}).status_code == 409, "nothing was offered"

    stranger = sign_in("other_midwife")
    assert stranger.get(path).status_code == stranger.post(path, json=said).status_code == 404


def test_a_parent_is_invited_by_who_holds_the_case_and_the_code_is_told_once(begun, sign_in):
    midwife, case_id = begun
    path = f"/cases/{case_id}/parent-logins"
    [parent] = midwife.get(path).json["items"]
    assert (parent["may"], parent["link_id"]) == (True, None)
    how = {"identity_check": "known", "delivery": "in_person"}
    wanted = {"member_id": parent["member_id"], **how}

    assert midwife.post(path, json={**wanted, "delivery": "pigeon"}).status_code == 400
    made = midwife.post(path, json=wanted, headers={"Idempotency-Key": "invite"})
    again = midwife.post(path, json=wanted, headers={"Idempotency-Key": "invite"})
    assert made.status_code == again.status_code == 201, made.text
    assert made.json["code"]
    assert made.json["address"].endswith("/mijn/begin")
    assert again.json == {**made.json, "code": None}
    assert midwife.post(path, json=wanted).status_code == 409, "there is a login already"

    link = f"{path}/{made.json['link_id']}"
    paper = midwife.post(f"{link}/papers", json={"code": made.json["code"], "phone": "077 000 0000"})
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert paper.data.startswith(b"%PDF-")
    assert midwife.post(f"{link}/papers", json={"code": "0000-0000-0000-0000"}).status_code == 404
    assert midwife.post(f"{link}/papers", json={"code": "a", "phone": "0" * 41}).status_code == 400
    assert sign_in("other_midwife").post(f"{link}/papers", json={"code": made.json["code"]}).status_code == 404
    renewed = midwife.post(f"{link}/renewals", json=how)
    assert renewed.json["code"] not in (None, made.json["code"])
    ended = midwife.post(f"{link}/endings", json={"reason": "taken_back"})
    assert ended.status_code == 201, ended.text
    assert [one["link_id"] for one in ended.json["items"]] == [None]
    assert sign_in("other_midwife").get(path).status_code == 404


def test_a_summary_is_printed_on_one_page_for_who_may_see_the_case(begun, sign_in):
    midwife, case_id = begun

    printed = midwife.get(f"/cases/{case_id}/printed-summary")

    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    assert page_count(printed.data) == 1
    assert printed.headers["Cache-Control"] == "no-store"
    assert sign_in("other_midwife").get(f"/cases/{case_id}/printed-summary").status_code == 404


def test_lists_of_cases_and_signals_begin_at_the_end_that_is_asked_for(begin, clock):
    midwife = None
    for _ in range(3):
        started = begin(midwife)
        midwife = started.by
        assert started.complete(SIGNAL).status_code == 201
        clock.forward(hours=1)

    for path, moment in (("/cases", "opened_at"), ("/signals", "received_at")):
        newest = [one["id"] for one in midwife.get(path).json["items"]]
        assert len(newest) == 3
        assert [one["id"] for one in midwife.get(f"{path}?sort=-{moment}").json["items"]] == newest
        first = midwife.get(f"{path}?sort={moment}&pageSize=2")
        assert first.status_code == 200, first.text
        rest = midwife.get(first.headers["Link"].split(">")[0].removeprefix("</api/v1"))
        assert [one["id"] for page in (first, rest) for one in page.json["items"]] == newest[::-1]
        assert midwife.get(f"{path}?sort=number").status_code == 400


def test_each_version_of_the_drawings_is_read_as_it_was_published_and_a_draft_is_looked_at(sign_in):
    coordinator, nurse = sign_in("coordinator"), sign_in("nurse")
    files = {file.name: file.read_text() for file in DIRECTORY.iterdir() if file.suffix in diagrams.SUFFIXES}

    [published] = nurse.get("/bundles").json["items"]
    assert published["is_current"] is True
    found = nurse.get(f"/bundles/{published['digest']}").json
    assert found == nurse.get("/bundles/current").json
    drawn = nurse.get(f"/bundles/{published['digest']}/processes/hoofdproces")
    assert (drawn.mimetype, drawn.text) == ("application/xml", files["hoofdproces.bpmn"])
    table = nurse.get(f"/bundles/{published['digest']}/decisions/{found['decisions'][0]}")
    assert table.text in files.values()
    for unknown in ("processes/weather", "decisions/weather"):
        assert nurse.get(f"/bundles/{published['digest']}/{unknown}").status_code == 404
    assert nurse.get(f"/bundles/{'0' * 64}").status_code == 404

    def look(changed: dict[str, str]) -> Any:
        draft = [{"name": name, "content": content} for name, content in changed.items()]
        return coordinator.post("/bundle-checks", json={"files": draft})

    same = look(files).json
    assert (same["ok"], same["digest"]) == (True, published["digest"])
    wrong = look({**files, "loss.form": "{"}).json
    assert (wrong["ok"], wrong["digest"]) == (False, None)
    assert {one["file"] for one in wrong["findings"] if one["severity"] == "error"} >= {"loss.form"}
    hostile = look({**files, "x.bpmn": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}).json
    assert hostile["ok"] is False
    twice = {"files": [{"name": "a.form", "content": "{}"}] * 2}
    assert coordinator.post("/bundle-checks", json=twice).status_code == 400
    assert (
        coordinator.post("/bundle-checks", json={"files": [{"name": "../a.form", "content": "{}"}]}).status_code == 400
    )
    assert nurse.post("/bundle-checks", json=twice | {"files": twice["files"][:1]}).status_code == 403
    assert len(nurse.get("/bundles").json["items"]) == 1, "nothing of it was kept"
