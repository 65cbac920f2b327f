"""The doors of the ledger: what was answered, with whom it was shared, and taking several consents back at once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.builders import agree
from workflows import families
from workflows.cases import Case


@pytest.fixture
def case_id(begin, database, region, clock):
    begun = begin()
    found = begun.by.get(begun.path).json["case"]["id"]
    with database.writing() as session:
        case = session.get(Case, UUID(found))
        families.add_member(session, case.family_id, kind="parent", by=region.midwife, at=clock())
        agree(session, case, region.midwife, clock(), categories=["C0", "C1"], asked=["C0", "C1", "C2"])
    return begun.by, found


def test_the_ledger_is_read_and_a_part_of_it_is_taken_back_once(case_id, sign_in):
    by, case = case_id
    told = by.get(f"/cases/{case}/sharing").json
    assert {one["category"]: one["status"] for one in told["answers"]} == {
        "C0": "allowed",
        "C1": "allowed",
        "C2": "refused",
    }
    assert (told["disclosures"], told["stopped"]) == ([], [])
    first = {"consents": [one["id"] for one in told["answers"] if one["category"] == "C1"], "withdrawn_by": "self"}
    key = {"Idempotency-Key": "k"}

    gone = by.post(f"/cases/{case}/consent-withdrawals", json=first, headers=key)
    again = by.post(f"/cases/{case}/consent-withdrawals", json=first, headers=key)

    assert gone.status_code == 201, gone.text
    assert [one["category"] for one in gone.json["items"]] == ["C1"]
    assert again.json == gone.json
    assert by.post(f"/cases/{case}/consent-withdrawals", json=first).status_code == 409
    assert by.post(f"/cases/{case}/consent-withdrawals", json={}).status_code == 201
    assert by.post(f"/cases/{case}/consent-withdrawals", json={}).status_code == 409
    [row] = [one for one in by.get(f"/cases/{case}/sharing").json["answers"] if one["category"] == "C1"]
    assert (row["status"], row["withdrawn_by"], row["withdrawn_at"]) == (
        "withdrawn",
        "self",
        "2026-11-03T08:30:00.000Z",
    )


def test_what_is_wrong_is_told_and_what_is_not_ones_own_is_not_there(case_id, sign_in):
    by, case = case_id
    for body, status in (
        ({"consents": []}, 400),
        ({"withdrawn_by": "neighbour"}, 400),
        ({"consents": ["x"]}, 400),
        ({"consents": [str(uuid4())]}, 404),
    ):
        assert by.post(f"/cases/{case}/consent-withdrawals", json=body).status_code == status, body
    nurse = sign_in("nurse")
    assert nurse.get(f"/cases/{case}/sharing").status_code == 404
    assert nurse.post(f"/cases/{case}/consent-withdrawals", json={}).status_code == 404
