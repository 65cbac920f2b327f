"""The door of the settings: everybody sees them, the coordinator sets them, and running terms follow."""

from __future__ import annotations

import pytest

from tests.api.conftest import SIGNAL
from workflows import settings, worker

GIVEN = {"name": "term.first_contact", "value": {"working_days": 8, "soon": 4}, "tag": "[B]", "source": "Regieraad"}


def listed(caller, name, query=""):
    answer = caller.get(f"/settings{query}")
    assert answer.status_code == 200
    return next(one for one in answer.json["items"] if one["name"] == name)


def test_every_setting_is_in_sight_with_its_tag_and_source(sign_in):
    answer = sign_in("nurse").get("/settings")

    assert [one["name"] for one in answer.json["items"]] == list(settings.definitions())
    for one in answer.json["items"]:
        assert one["description"]
        assert one["tag"]
        assert one["source"]
        assert (one["set"], one["history"]) == (None, [])


def test_a_coordinator_sets_a_value_for_the_region_and_for_one_municipality(sign_in):
    coordinator = sign_in("coordinator")
    created = coordinator.post("/settings", GIVEN)
    there = coordinator.post("/settings", {**GIVEN, "value": {"working_days": 3}, "municipality_code": "GM0957"})

    assert (created.status_code, there.status_code) == (201, 201)
    assert created.json["valid_from"] == "2026-11-03"
    assert created.json["set_by"] == str(coordinator.actor.person_id)
    here = listed(coordinator, "term.first_contact")
    assert (here["value"], here["tag"], here["set"]["id"]) == (GIVEN["value"], "[B]", created.json["id"])
    assert len(here["history"]) == 2
    town = listed(coordinator, "term.first_contact", "?municipality=GM0957")
    assert (town["value"], town["set"]["municipality_code"]) == ({"working_days": 3}, "GM0957")
    assert listed(coordinator, "term.first_contact", "?municipality=GM0983")["value"] == GIVEN["value"]


def test_the_value_as_shipped_can_be_decided_on(sign_in):
    coordinator = sign_in("coordinator")

    assert coordinator.post("/settings", {**GIVEN, "value": {"working_days": 10, "soon": 5}}).status_code == 201


def test_a_value_for_later_holds_later(sign_in, clock):
    coordinator = sign_in("coordinator")
    coordinator.post("/settings", {**GIVEN, "valid_from": "2026-11-04"})

    assert listed(coordinator, "term.first_contact")["set"] is None
    clock.forward(hours=20)
    assert listed(coordinator, "term.first_contact")["value"] == GIVEN["value"]


def test_running_terms_follow(begin, sign_in, database, clock):
    begun = begin()
    begun.complete(SIGNAL)
    sign_in("administrator").post("/settings", {**GIVEN, "name": "term.ask_consent", "value": {"working_days": 1}})
    worker.run_once(database, clock())

    [task] = begun.by.get("/tasks").json["items"]
    assert task["due_at"] == "2026-11-04T22:59:59.000Z"


@pytest.mark.parametrize("who", ["midwife", "nurse", "process_director", "log_manager"])
def test_others_set_nothing(sign_in, who):
    refused = sign_in(who).post("/settings", GIVEN)

    assert refused.status_code == 403
    assert listed(sign_in("coordinator"), "term.first_contact")["set"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "made.up"}, "name"),
        ({"value": 5}, "value"),
        ({"value": None}, "value"),
        ({"value": {"working_days": 0}}, "value"),
        ({"valid_from": "2026-11-02"}, "valid_from"),
        ({"valid_from": "2026-11-05", "valid_to": "2026-11-04"}, "valid_to"),
        ({"municipality_code": "GM0001"}, "municipality_code"),
        ({"tag": "[S2]"}, "tag"),
        ({"source": "  "}, "source"),
        ({"set_by": "x"}, "set_by"),
    ],
)
def test_what_cannot_be_is_refused_by_field(sign_in, changes, field):
    refused = sign_in("coordinator").post("/settings", {**GIVEN, **changes})

    assert refused.status_code == 400
    assert list(refused.json["errors"]) == [field]


def test_an_unknown_municipality_is_refused(sign_in):
    assert sign_in("nurse").get("/settings?municipality=GM0001").status_code == 400


def test_the_same_request_twice_sets_it_once(sign_in):
    coordinator = sign_in("coordinator")
    first, second = (coordinator.post("/settings", GIVEN, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(listed(coordinator, "term.first_contact")["history"]) == 1
