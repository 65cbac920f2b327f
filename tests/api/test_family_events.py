"""Births, moves, due dates and people over HTTP: once for success, once per refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import SIGNAL, Begun, Caller, etag
from tests.workflows.families_world import birth_answers, bundle, due_date_answers, member_answers, move_answers
from workflows import diagrams
from workflows.actor import OPERATOR
from workflows.db import Database

Begin = Callable[..., Begun]


@pytest.fixture
def case(database: Database, clock: Any, begin: Begin) -> tuple[Caller, str]:
    """A case after its signal, with forms about the family: who has it, and its address."""
    with database.writing() as session:
        diagrams.publish(session, bundle(), by=OPERATOR, at=clock())
    begun = begin()
    assert begun.complete({**SIGNAL, "due_date": "2026-11-10"}).status_code == 201
    return begun.by, f"/cases/{begun.by.get('/cases').json['items'][0]['id']}"


def test_a_birth_is_reported(case: tuple[Caller, str]) -> None:
    midwife, path = case

    done = midwife.post(f"{path}/births", {"answers": birth_answers()})

    assert done.status_code == 201, done.text
    assert done.json["phase"] == "after_birth"
    assert done.headers["Location"].endswith(path)
    members = midwife.get(path).json["members"]
    assert [one["kind"] for one in members] == ["parent", "child"]


def test_the_same_birth_with_one_key_is_reported_once_and_without_a_key_refused(case: tuple[Caller, str]) -> None:
    midwife, path = case
    key = {"Idempotency-Key": "birth-1"}

    answers = [midwife.post(f"{path}/births", {"answers": birth_answers()}, headers=key) for _ in range(2)]
    other = midwife.post(f"{path}/births", {"answers": birth_answers()})

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 409
    assert len(midwife.get(path).json["members"]) == 2


def test_a_doubt_comes_back_as_a_question_and_goes_through_when_confirmed(case: tuple[Caller, str]) -> None:
    midwife, path = case
    said = due_date_answers("2027-03-01")

    asked = midwife.post(f"{path}/due-dates", {"answers": said})

    assert asked.status_code == 400
    assert asked.json["type"] == "/problems/doubtful"
    assert set(asked.json["questions"]) == {"due_date"}
    assert "10-11-2026" in asked.json["questions"]["due_date"]
    done = midwife.post(f"{path}/due-dates", {"answers": said, "confirmed": ["due_date"]})
    assert done.status_code == 201, done.text


def test_a_task_asks_and_can_be_confirmed_too(begin: Begin) -> None:
    begun = begin()
    said = {**SIGNAL, "birth_date": "1955-05-04"}

    asked = begun.complete(said)

    assert (asked.status_code, set(asked.json["questions"])) == (400, {"birth_date"})
    done = begun.by.post(
        f"{begun.path}/completion", {"answers": said, "confirmed": ["birth_date"]}, headers=begun.headers
    )
    assert done.status_code == 201, done.text


def test_a_move_is_reported(case: tuple[Caller, str]) -> None:
    midwife, path = case

    done = midwife.post(f"{path}/moves", {"answers": move_answers()})

    assert done.status_code == 201, done.text
    assert done.json["municipality_code"] == "GM0957"


def test_what_is_missing_is_told_field_by_field(case: tuple[Caller, str]) -> None:
    midwife, path = case

    refused = midwife.post(f"{path}/moves", {"answers": {}})

    assert refused.status_code == 400
    assert {"moved_on", "new_municipality", "wants_to_continue"} <= set(refused.json["errors"])
    assert midwife.post(f"{path}/moves", {"answers": {}, "sure": True}).status_code == 400


def test_somebody_joins_is_found_and_changes(case: tuple[Caller, str]) -> None:
    midwife, path = case

    added = midwife.post(f"{path}/members", {"answers": member_answers("partner")})
    assert added.status_code == 201, added.text
    found = midwife.get(added.headers["Location"].removeprefix("/api/v1"))
    assert found.json == added.json
    changed = midwife.put(
        f"{path}/members/{added.json['id']}",
        {"answers": member_answers("partner", safe_contact="letter")},
        headers=etag(found),
    )

    assert changed.status_code == 200, changed.text
    assert changed.json["safe_contact"] == "letter"
    assert changed.headers["ETag"] != found.headers["ETag"]


def test_two_people_do_not_overwrite_each_other(case: tuple[Caller, str]) -> None:
    midwife, path = case
    member = midwife.get(path).json["members"][0]
    address = f"{path}/members/{member['id']}"
    found = midwife.get(address)
    body = {"answers": member_answers("parent")}

    first = midwife.put(address, body, headers=etag(found))
    second = midwife.put(address, body, headers=etag(found))
    missing = midwife.put(address, body)

    assert [answer.status_code for answer in (first, second, missing)] == [200, 412, 428]


def test_somebody_added_twice_with_one_key_is_one_person(case: tuple[Caller, str]) -> None:
    midwife, path = case
    key = {"Idempotency-Key": "member-1"}

    added = [midwife.post(f"{path}/members", {"answers": member_answers("household")}, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in added] == [201, 201]
    assert added[0].json == added[1].json
    assert len(midwife.get(path).json["members"]) == 2


def test_who_decides_for_a_child_is_recorded_once_per_key(case: tuple[Caller, str]) -> None:
    midwife, path = case
    midwife.post(f"{path}/births", {"answers": birth_answers()})
    mother, child = midwife.get(path).json["members"]
    body = {
        "child_id": child["id"], "member_id": mother["id"], "kind": "parental_authority",
        "checked": "authority_register", "from_on": "2026-11-03",
    }  # fmt: skip

    found = [midwife.post(f"{path}/authorities", body, headers={"Idempotency-Key": "authority-1"}) for _ in range(2)]

    assert [answer.status_code for answer in found] == [201, 201], found[0].text
    assert found[0].json == found[1].json
    assert found[0].json["from_on"] == "2026-11-03"
    assert midwife.post(f"{path}/authorities", {**body, "kind": "friendship"}).status_code == 400


@pytest.mark.parametrize("role", ["nurse", "process_director", "coordinator"])
def test_what_may_not_be_seen_and_what_does_not_exist_answer_alike(
    case: tuple[Caller, str], sign_in: Callable[[str], Caller], role: str
) -> None:
    midwife, path = case
    member = midwife.get(path).json["members"][0]["id"]
    other = sign_in(role)
    nowhere = f"/cases/{member}"

    for door in ("births", "moves", "due-dates", "members"):
        answers = [other.post(f"{where}/{door}", {"answers": {}}) for where in (path, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json["detail"] == answers[1].json["detail"]
    assert other.get(f"{path}/members/{member}").status_code == 404
    version = {"If-Match": '"1"'}
    assert other.put(f"{path}/members/{member}", {"answers": {}}, headers=version).status_code == 404
