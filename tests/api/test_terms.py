"""The doors that look ahead: once for success, once per refusal."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.conftest import SIGNAL
from workflows import worker


@pytest.fixture
def case(begin):
    """A case of the midwife with a consent talk to come."""
    begun = begin()
    assert begun.complete(SIGNAL).status_code == 201
    return begun, begun.by.get(begun.path).json["case"]["id"]


def test_what_is_coming_in_a_case(case):
    begun, case_id = case

    answer = begun.by.get(f"/cases/{case_id}/forecast")

    assert answer.status_code == 200
    assert [item["kind"] for item in answer.json["items"]][:2] == ["task", "pregnancy_weeks"]
    assert {"day": "2027-03-01", "kind": "due_date", "label": "Uitgerekende datum", "source": "Uitgerekende datum"} in (
        answer.json["items"]
    )


@pytest.mark.parametrize("who", ["nurse", "other_midwife", "process_director", "coordinator"])
def test_what_is_coming_is_not_for_others(case, sign_in, who):
    _, case_id = case

    assert sign_in(who).get(f"/cases/{case_id}/forecast").status_code == 404
    assert sign_in(who).get(f"/cases/{uuid4()}/forecast").status_code == 404


def test_terms_at_risk_for_the_process_director(case, sign_in, clock):
    begun, _ = case
    clock.forward(days=20)
    director = sign_in("process_director")

    answer = director.get("/terms-at-risk")

    assert answer.status_code == 200
    [card] = answer.json["items"]
    assert (card["risk"], card["role"], card["municipality_code"]) == ("late", "signaller", "GM0983")
    assert card["holder_organisation_id"] == str(begun.by.actor.organisation_id)
    for secret in ("Fatima", "5911", "2026-0001", "language", "phase"):
        assert secret not in answer.text


def test_terms_at_risk_go_on_page_by_page(begin, sign_in, clock):
    for _ in range(3):
        begin()
    clock.forward(days=20)
    director = sign_in("process_director")

    first = director.get("/terms-at-risk?pageSize=2")
    second = director.get(f"/terms-at-risk?pageSize=2&cursor={first.json['next_cursor']}")

    assert 'rel="next"' in first.headers["Link"]
    assert "Link" not in second.headers
    assert len({card["id"] for card in [*first.json["items"], *second.json["items"]]}) == 3


def test_terms_at_risk_are_for_a_process_director_only(sign_in):
    for who in ("midwife", "nurse", "coordinator", "administrator"):
        assert sign_in(who).get("/terms-at-risk").status_code == 403


def test_a_strange_bookmark_is_refused(sign_in):
    assert sign_in("process_director").get("/terms-at-risk?cursor=x").status_code == 400


def test_a_closed_case_says_until_when_it_is_kept(begin):
    begun = begin()
    begun.complete({**SIGNAL, "vulnerability_level": "none"})
    case_id = begun.by.get("/cases?status=closed").json["items"][0]["id"]

    shown = begun.by.get(f"/cases/{case_id}").json["case"]

    assert (shown["status"], shown["retain_until"]) == ("closed", "2026-12-03")


def test_a_task_says_since_when_it_is_nearly_late(case, database, clock, sign_in):
    clock.forward(days=6)
    worker.run_once(database, clock())

    [task] = sign_in("midwife").get("/tasks").json["items"]
    assert task["warned_at"] is not None
