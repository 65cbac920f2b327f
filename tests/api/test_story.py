"""The story of this path, told over HTTP by programs of three people: signal, consent, route, exploration, the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.api.conftest import SIGNAL, Begun, Caller, etag
from tests.workflows import path


def next_task(caller: Caller, form: str) -> str:
    found = [task["id"] for task in caller.get("/tasks").json["items"] if task["form_key"] == form]
    assert found, [task["form_key"] for task in caller.get("/tasks").json["items"]]
    return str(found[0])


def take(caller: Caller, form: str) -> Begun:
    task = next_task(caller, form)
    card = caller.get(f"/tasks/{task}")
    if not card.json["task"]["mine"]:
        assert card.json["case"] is None  # before claiming, the card does not say which family
        assert card.json["members"] == []
        card = caller.post(f"/tasks/{task}/claims")
        assert card.status_code == 201, card.text
    return Begun(caller, task, card.headers["ETag"])


def complete(caller: Caller, form: str, answers: dict[str, Any]) -> dict[str, Any]:
    done = take(caller, form).complete(answers)
    assert done.status_code == 201, done.text
    return dict(done.json)


@pytest.fixture
def shared(begin: Callable[..., Begun]) -> tuple[Caller, str]:
    """A case that was signalled and may be explored: the midwife and its id."""
    begun = begin()
    assert begun.complete(SIGNAL).status_code == 201
    midwife = begun.by
    complete(midwife, "consent", path.consent_answers())
    complete(midwife, "routing", path.routing_answers())
    [case] = midwife.get("/cases").json["items"]
    return midwife, case["id"]


def test_a_signal_becomes_an_exploration_that_the_family_asked_for(shared, sign_in, clock):
    midwife, case_id = shared
    nurse = sign_in("nurse")

    exploring = take(nurse, "exploration")
    seen = nurse.get(exploring.path).json
    done = exploring.complete(path.exploration_answers(clock()))

    assert seen["case"]["id"] == case_id
    assert seen["members"][0]["name"] == SIGNAL["parent_name"]
    assert done.status_code == 201, done.text
    case = nurse.get(f"/cases/{case_id}")
    assert case.status_code == 200, case.text
    assert {each["process_id"] for each in case.json["diagrams"]} >= {"hoofdproces", "signaleren", "verkennen"}
    assert case.json["status_history"][0]["status"] == "draft"
    assert case.json["steps"]
    assert case.headers["ETag"] == f'"{case.json["case"]["version"]}"'
    assert midwife.get(f"/cases/{case_id}").status_code == 200


def test_a_consent_is_withdrawn_as_easily_as_it_was_given(shared):
    midwife, case_id = shared
    consents = midwife.get(f"/cases/{case_id}").json["consents"]
    given = next(each for each in consents if each["purpose"] == "exploration" and each["given"])
    key = {"Idempotency-Key": "withdraw"}

    first = midwife.post(f"/consents/{given['id']}/withdrawals", headers=key)
    again = midwife.post(f"/consents/{given['id']}/withdrawals", headers=key)
    second = midwife.post(f"/consents/{given['id']}/withdrawals")

    assert first.status_code == again.status_code == 201, first.text
    assert first.json["withdrawn_at"]
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert second.status_code == 409


def test_after_a_loss_what_is_about_birth_falls_silent(shared, sign_in):
    midwife, case_id = shared
    assert "report_loss" in midwife.get(f"/cases/{case_id}").json["may"]

    wrong = midwife.post(f"/cases/{case_id}/losses", json={"answers": {}})
    told = midwife.post(f"/cases/{case_id}/losses", json={"answers": path.loss_answers()})

    assert wrong.status_code == 400
    assert wrong.json["errors"]
    assert told.status_code == 201, told.text
    assert told.headers["Location"].endswith(f"/cases/{case_id}")
    open_forms = {task["form_key"] for task in midwife.get(f"/cases/{case_id}").json["tasks"]}
    assert "exploration" not in open_forms


def test_moments_are_utc_and_end_in_z(shared, clock):
    midwife, case_id = shared

    def moments(node: Any, name: str = "") -> list[str]:
        if isinstance(node, dict):
            return [found for key, value in node.items() for found in moments(value, key)]
        if isinstance(node, list):
            return [found for value in node for found in moments(value, name)]
        return [node] if isinstance(node, str) and name.endswith("_at") else []

    found = moments(midwife.get(f"/cases/{case_id}").json)

    assert found
    assert all(text.endswith("Z") and datetime.fromisoformat(text) for text in found)


def test_the_etag_of_a_case_moves_with_its_holder(shared, sign_in):
    midwife, case_id = shared
    before = midwife.get(f"/cases/{case_id}")

    take(sign_in("nurse"), "exploration")

    after = midwife.get(f"/cases/{case_id}")
    assert after.json["case"]["holder_role"] == "explorer" != before.json["case"]["holder_role"]
    assert etag(after) != etag(before)


def test_a_family_that_is_helped_already_enters_halfway(sign_in, clock):
    midwife = sign_in("midwife")
    started = midwife.post("/signals", json={"under_way": True})
    assert started.json["form_key"] == "taking_over"

    begun = Begun(midwife, started.json["id"], started.headers["ETag"])
    done = begun.complete(path.taking_over_answers(clock()))

    assert done.status_code == 201, done.text
    [case] = midwife.get("/cases").json["items"]
    assert case["under_way_since"] == path.taking_over_answers(clock())["known_since"]


def test_what_a_family_allows_is_recorded_between_the_steps(shared):
    midwife, case_id = shared
    agreed = {"answers": path.support_consent_answers("welfare")}

    told = midwife.post(f"/cases/{case_id}/consents", json=agreed, headers={"Idempotency-Key": "agreed"})
    again = midwife.post(f"/cases/{case_id}/consents", json=agreed, headers={"Idempotency-Key": "agreed"})
    wrong = midwife.post(f"/cases/{case_id}/consents", json={"answers": {"support_consent": "given"}})

    assert told.status_code == again.status_code == 201, told.text
    given = [each for each in midwife.get(f"/cases/{case_id}").json["consents"] if each["recipient_kind"] == "welfare"]
    assert {(each["purpose"], each["given"]) for each in given if each["category"] == "C6"} == {
        ("hub_meeting", True),
        ("support_action", True),
        ("handover", True),
    }
    assert len(given) == len({(each["purpose"], each["category"]) for each in given})
    assert wrong.status_code == 400
    assert "sharing" in wrong.json["errors"]


def test_nobody_records_consent_for_a_case_that_is_not_theirs(shared, sign_in):
    _, case_id = shared

    refused = sign_in("other_midwife").post(f"/cases/{case_id}/consents", json={"answers": {}})

    assert refused.status_code == 404
