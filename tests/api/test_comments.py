"""Comments and handovers over HTTP: once for success, once per refusal."""

from __future__ import annotations

from uuid import uuid4

import pytest

SAID = "Ze belt liever na zes uur."


@pytest.fixture
def case_id(begin):
    begun = begin()
    return begun.by, begun.by.get(begun.path).json["case"]["id"], begun.task_id


def test_a_comment_is_written_and_read(case_id):
    by, case, task = case_id

    said = by.post(f"/cases/{case}/comments", json={"text": SAID, "task_id": task})
    found = by.get(f"/cases/{case}/comments")

    assert said.status_code == 201, said.text
    assert (said.json["text"], said.json["task_id"], said.json["role"]) == (SAID, task, "signaller")
    assert said.json["at"] == "2026-11-03T08:30:00.000Z"
    assert said.headers["Location"].endswith(f"/cases/{case}/comments")
    assert found.json["items"] == [said.json]


def test_written_twice_with_one_key_it_is_there_once(case_id):
    by, case, _ = case_id
    key = {"Idempotency-Key": "k"}

    first = by.post(f"/cases/{case}/comments", json={"text": SAID}, headers=key)
    second = by.post(f"/cases/{case}/comments", json={"text": SAID}, headers=key)

    assert second.json == first.json
    assert len(by.get(f"/cases/{case}/comments").json["items"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [({"text": ""}, "text"), ({"text": "x" * 4001}, "text"), ({}, "text"), ({"text": SAID, "task_id": str(uuid4())}, "task_id")],
)  # fmt: skip
def test_a_comment_that_is_wrong_is_told_per_field(case_id, body, field):
    by, case, _ = case_id

    refused = by.post(f"/cases/{case}/comments", json=body)

    assert refused.status_code == 400
    assert set(refused.json["errors"]) == {field}


def test_a_case_that_is_not_ones_own_is_not_there(case_id, sign_in):
    _, case, _ = case_id
    nurse = sign_in("nurse")

    for path in (f"/cases/{case}", f"/cases/{uuid4()}"):
        assert nurse.get(f"{path}/comments").status_code == 404
        assert nurse.post(f"{path}/comments", json={"text": SAID}).status_code == 404
        assert nurse.get(f"{path}/handovers").status_code == 404
        assert nurse.post(f"{path}/handover-withdrawals").status_code == 404


def test_without_an_offer_there_is_nothing_to_take_back(case_id):
    by, case, _ = case_id

    assert by.get(f"/cases/{case}/handovers").json == {"items": []}
    refused = by.post(f"/cases/{case}/handover-withdrawals")
    assert refused.status_code == 409
    assert "geen overdracht" in refused.json["detail"]
