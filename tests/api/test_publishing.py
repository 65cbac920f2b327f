"""Publishing drawings by the API: the gate of ``steun publish``, who may, once, and nobody waits for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest

from bpmn import DIRECTORY
from tests.api.conftest import Caller
from workflows import accounts, diagrams
from workflows.actor import OPERATOR

#: Nothing in it depends on the database.
ON_ONE = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


def shipped(word: str = "") -> dict[str, str]:
    """The method as drawn; *word*: what stands before the documentation of the signalling process."""
    files = {file.name: file.read_text() for file in DIRECTORY.iterdir() if file.suffix in diagrams.SUFFIXES}
    told = "<bpmn:documentation>"
    files["signaleren.bpmn"] = files["signaleren.bpmn"].replace(told, f"{told}{word}", 1)
    return files


def body(files: dict[str, str]) -> dict[str, Any]:
    return {"files": [{"name": name, "content": content} for name, content in files.items()]}


@pytest.fixture
def coordinator(app, region, database, clock):
    """A coordinator whose token counts as confirmed with a second factor."""
    with database.writing() as session:
        token = accounts.make_token(
            session,
            assignment_id=region.coordinator.assignment_id,
            label="modeller",
            expires_at=clock() + timedelta(days=1),
            second_factor=True,
            by=OPERATOR,
            at=clock(),
        ).secret
    return Caller(app.test_client(), region.coordinator, token)


def test_a_set_is_published_once_and_can_be_put_back(coordinator, sign_in):
    [first] = coordinator.get("/bundles").json["items"]
    changed = body(shipped("Nieuw."))

    made = coordinator.post("/bundles", json=changed, headers={"Idempotency-Key": "one"})
    again = coordinator.post("/bundles", json=changed, headers={"Idempotency-Key": "one"})

    assert made.status_code == again.status_code == 201, made.text
    assert again.json == made.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert made.json["is_current"] is True
    digest = made.json["digest"]
    assert made.headers["Location"] == f"/api/v1/bundles/{digest}"
    nurse = sign_in("nurse")
    assert nurse.get("/bundles/current").json["digest"] == digest != first["digest"]
    assert {one["digest"]: one["is_current"] for one in nurse.get("/bundles").json["items"]} == {
        digest: True, first["digest"]: False,
    }  # fmt: skip

    twice = coordinator.post("/bundles", json=changed)
    assert (twice.status_code, twice.json["title"]) == (409, "Deze set geldt al")
    back = coordinator.post("/bundles", json=body(shipped()))
    assert (back.status_code, back.json["digest"]) == (201, first["digest"])
    assert back.json["published_at"] == first["published_at"], "it was published then"
    assert nurse.get("/bundles/current").json["digest"] == first["digest"]


@ON_ONE
def test_what_is_refused_is_told_per_file_and_nothing_of_it_is_kept(coordinator):
    files = shipped()
    hostile = {
        **files,
        "loss.form": "{",
        "routeren.bpmn": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "signaleren.bpmn": files["signaleren.bpmn"].replace("bpmn:userTask", "bpmn:scriptTask"),
    }

    refused = coordinator.post("/bundles", json=body(hostile))

    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert refused.json["errors"].keys() >= {"loss.form", "routeren.bpmn", "signaleren.bpmn"}
    gone = {name: content for name, content in files.items() if name != "verkennen.bpmn"}
    assert coordinator.post("/bundles", json=body(gone)).status_code == 400, "the rules of the method too"
    many = {f"a{number}.form": "{}" for number in range(61)}
    assert coordinator.post("/bundles", json=body(many)).status_code == 400
    large = coordinator.post("/bundles", json=body({"a.form": "x" * 2_000_000}))
    assert large.status_code == 413
    assert coordinator.post("/bundles", json={"files": [{"name": "../a.form", "content": "{}"}]}).status_code == 400
    assert len(coordinator.get("/bundles").json["items"]) == 1


@ON_ONE
def test_only_a_coordinator_with_a_second_factor_publishes(sign_in):
    changed = body(shipped("Nieuw."))
    for role in ("nurse", "midwife", "administrator", "process_director"):
        assert sign_in(role).post("/bundles", json=changed).status_code == 403, role

    weak = sign_in("coordinator").post("/bundles", json=changed)

    assert weak.status_code == 403
    assert "tweede stap" in weak.json["detail"]
    assert len(sign_in("nurse").get("/bundles").json["items"]) == 1


def test_of_who_publish_at_once_each_set_is_published_once_and_one_is_in_force(app, coordinator):
    ready = Barrier(4)
    sets = [body(shipped(word=word)) for word in ("Nieuw.", "Nieuw.", "Anders.", "Anders.")]
    for one in sets:  # looked at before: then they meet where it is kept
        assert coordinator.post("/bundle-checks", json=one).json["ok"] is True

    def publish(one: dict[str, Any]) -> Any:
        caller = Caller(app.test_client(), coordinator.actor, coordinator.token)
        ready.wait(timeout=30)
        return caller.post("/bundles", json=one)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(publish, sets))

    # Who comes second of the same two finds it in force, or the other one, and then puts theirs back.
    for pair in (answers[:2], answers[2:]):
        assert sorted(one.status_code for one in pair) in ([201, 409], [201, 201]), [one.text for one in pair]
    kept = coordinator.get("/bundles").json["items"]
    assert len(kept) == 3
    assert [one["is_current"] for one in kept].count(True) == 1


@ON_ONE
def test_while_a_set_is_looked_at_nobody_waits(coordinator, database):
    """Nobody who writes, and nobody who has a set to look at: that one is told when to come back."""
    busy_with = import_module("workflows.diagrams.check")._looking
    assert coordinator.get("/me").status_code == 200  # that it was seen is written down once a minute

    with busy_with:
        told = [coordinator.post(door, json=body({"a.form": "{"})) for door in ("/bundle-checks", "/bundles")]
    with database.writing():  # SQLite has one place for who writes
        looked = coordinator.post("/bundle-checks", json=body({"a.form": "{"}))
        refused = coordinator.post("/bundles", json=body({"a.form": "{"}))

    for one in told:
        assert (one.status_code, one.json["type"]) == (503, "/problems/unavailable")
        assert int(one.headers["Retry-After"]) > 0
    assert (looked.status_code, refused.status_code) == (200, 400)


@ON_ONE
def test_a_process_is_shown_as_picture_and_as_text(sign_in):
    nurse = sign_in("nurse")
    digest = nurse.get("/bundles/current").json["digest"]
    process = f"/bundles/{digest}/processes/signaleren"

    picture = nurse.get(f"{process}/drawing")
    told = nurse.get(f"{process}/outline").json["items"]

    assert picture.mimetype == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert {"depth", "element_id", "kind", "label", "mark", "role"} == told[0].keys()
    assert {one["mark"] for one in told} == {None}, "it is of no case"
    for unknown in (f"/bundles/{digest}/processes/weather", f"/bundles/{'0' * 64}/processes/signaleren"):
        assert nurse.get(f"{unknown}/drawing").status_code == nurse.get(f"{unknown}/outline").status_code == 404
