"""The directory over HTTP: read by everybody who works here, written by the editor of the own municipality."""

from __future__ import annotations

from datetime import date

import pytest

from tests.api.conftest import SIGNAL, Caller, etag
from tests.builders import VENLO, WEERT, pathway_content
from tests.workflows import path
from workflows import directory

MONEY = f"/pathways/{WEERT}/money"


@pytest.fixture
def editor(sign_in) -> Caller:
    return sign_in("weert_editor")


def written(editor: Caller, **changes):
    body = {**pathway_content(), "reviewed": True, **changes}
    return editor.put(MONEY, body, headers={"If-Match": '"0"'})


def test_a_pathway_is_written_read_changed_and_confirmed(editor, sign_in, clock):
    first = written(editor)
    assert first.status_code == 200, first.text
    assert (first.json["status"], first.json["last_reviewed_on"], first.headers["ETag"]) == (
        "current",
        "2026-11-03",
        '"1"',
    )

    midwife = sign_in("midwife")
    assert midwife.get(MONEY).json == first.json
    listed = midwife.get("/pathways", query_string={"municipality": WEERT, "theme": "money"})
    assert listed.json == {"items": [first.json], "may_edit": False}
    assert midwife.get("/pathways", query_string={"municipality": WEERT, "theme": "housing"}).json["items"] == []

    clock.forward(days=366)
    editor, midwife = sign_in("weert_editor"), sign_in("midwife")
    assert midwife.get(MONEY).json["status"] == "stale"
    key = {"Idempotency-Key": "confirm"}
    confirmed = editor.post(f"{MONEY}/confirmations", headers={"If-Match": '"1"', **key})
    again = editor.post(f"{MONEY}/confirmations", headers={"If-Match": '"1"', **key})
    assert confirmed.status_code == again.status_code == 201, confirmed.text
    assert (confirmed.json["status"], confirmed.headers["ETag"]) == ("current", '"2"')
    assert confirmed.headers["Location"].endswith(MONEY)
    assert again.json == confirmed.json

    changed = editor.put(MONEY, pathway_content(availability="full"), headers=etag(confirmed))
    assert (changed.json["availability"], changed.json["version"]) == ("full", 3)
    versions = midwife.get(f"{MONEY}/versions").json["items"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert versions[0]["valid_to"] is None


def test_what_stands_in_the_way_of_writing(editor, sign_in):
    assert written(editor).status_code == 200

    assert editor.put(MONEY, pathway_content()).status_code == 428
    assert editor.put(MONEY, pathway_content(), headers={"If-Match": '"0"'}).status_code == 412
    assert editor.post(f"{MONEY}/confirmations", headers={"If-Match": '"7"'}).status_code == 412
    wrong = editor.put(MONEY, {"contact_mail": "x"}, headers={"If-Match": '"1"'})
    assert wrong.status_code == 400
    assert {"agreements_text", "contact_name", "contact_mail"} <= set(wrong.json["errors"])
    assert editor.put(f"/pathways/{WEERT}/astrology", {}, headers={"If-Match": '"0"'}).status_code == 400
    assert editor.get(f"/pathways/{WEERT}/housing").status_code == 404
    assert sign_in("coordinator").put("/pathways/GM9999/money", {}, headers={"If-Match": '"0"'}).status_code == 404
    assert editor.client.get(f"/api/v1{MONEY}").status_code == 401


@pytest.mark.parametrize("who", ["directory_editor", "midwife", "administrator"])
def test_who_is_no_editor_of_weert_writes_nothing_there(editor, sign_in, who):
    assert written(editor).status_code == 200
    caller = sign_in(who)
    body = {"intervention": "VZ", "valid_from": "2026-11-03"}

    refused = [
        caller.put(MONEY, pathway_content(), headers={"If-Match": '"1"'}),
        caller.post(f"{MONEY}/confirmations", headers={"If-Match": '"1"'}),
        caller.post("/offers", {**body, "municipality": WEERT}),
        caller.get("/pathway-notices", query_string={"municipality": WEERT}),
    ]

    assert [answer.status_code for answer in refused] == [403] * 4
    assert caller.get(MONEY).json["version"] == 1


def test_an_offer_is_added_changed_and_ended(editor, sign_in, region):
    body = {"intervention": "VZ", "organisation_id": str(region.youth_health.id), "valid_from": "2026-11-03"}
    key = {"Idempotency-Key": "offer"}

    added = editor.post("/offers", {**body, "municipality": WEERT}, headers=key)
    again = editor.post("/offers", {**body, "municipality": WEERT}, headers=key)
    assert added.status_code == again.status_code == 201, added.text
    assert again.json["id"] == added.json["id"]
    one = f"/offers/{added.json['id']}"
    assert added.headers["Location"].endswith(one)

    full = editor.put(one, {**body, "capacity": "full"}, headers=etag(added))
    assert (full.status_code, full.json["capacity"]) == (200, "full")
    assert editor.put(one, body, headers=etag(added)).status_code == 412
    assert sign_in("directory_editor").put(one, body, headers=etag(full)).status_code == 403
    ended = editor.post(f"{one}/endings", {"valid_to": "2026-12-31"}, headers=etag(full))
    assert (ended.status_code, ended.json["valid_to"]) == (201, "2026-12-31")
    late = editor.post(f"{one}/endings", {"valid_to": "2027-01-31"}, headers=etag(ended))
    assert late.status_code == 409
    assert editor.get(one).json == ended.json
    assert editor.get("/offers", query_string={"municipality": WEERT}).json["items"] == [ended.json]
    assert editor.post("/offers", {**body, "municipality": WEERT}).status_code == 400
    assert editor.get(f"/offers/{region.youth_health.id}").status_code == 404


def test_every_intervention_is_listed(editor):
    found = {one["code"]: one for one in editor.get("/interventions").json["items"]}

    assert len(found) == 13
    assert found["VZ"]["phases"] == ["pregnant", "after_birth"]


def test_an_editor_reads_which_pathways_were_missed_and_nothing_of_a_family(editor, database):
    with database.writing() as session:
        directory.report_missing(session, "housing", WEERT, on=date(2026, 11, 2))

    answer = editor.get("/pathway-notices", query_string={"municipality": WEERT})

    assert answer.json == {"items": [{"theme": "housing", "municipality_code": WEERT, "opened_on": "2026-11-02"}]}


def test_advice_comes_with_the_routing_task(begin, region, database, clock):
    with database.writing() as session:
        directory.put_offer(
            session, municipality=VENLO, intervention="PHB", organisation_id=region.youth_health.id,
            valid_from=date(2026, 11, 1), by=region.directory_editor, at=clock(),
        )  # fmt: skip
    begun = begin()
    assert begun.complete({**SIGNAL, "risk_categories": ["KW04"]}).status_code == 201
    midwife = begun.by

    def task(form):
        [found] = [one["id"] for one in midwife.get("/tasks").json["items"] if one["form_key"] == form]
        claimed = midwife.post(f"/tasks/{found}/claims")
        return f"/tasks/{found}", etag(claimed)

    address, version = task("consent")
    consented = midwife.post(f"{address}/completion", {"answers": path.consent_answers()}, headers=version)
    assert consented.status_code == 201, consented.text
    address, _ = task("routing")
    advice = midwife.get(address).json["advice"]

    assert [(one["theme"], one["contact_name"], one["status"]) for one in advice["pathways"]] == [
        ("money", "Gerda Geldloket", "current")
    ]
    assert [(one["code"], one["offers"][0]["capacity"]) for one in advice["interventions"]] == [("PHB", "available")]
    assert advice["interventions"][0]["why"]
    assert (advice["on"], advice["municipality_code"], advice["missing"]) == ("2026-11-03", VENLO, [])


def test_a_certificate_is_for_an_intervention_and_is_listed_with_its_name(sign_in, region):
    administrator, nurse = sign_in("administrator"), region.nurse
    given = {"intervention": "vz", "valid_from": "2026-11-03"}

    made = administrator.post(f"/people/{nurse.person_id}/certificates", json=given)

    assert made.status_code == 201, made.text
    named = {"intervention": "VZ", "intervention_name": "VoorZorg", "valid_from": "2026-11-03", "valid_until": None}
    assert made.json == {"id": made.json["id"], **named}
    listed = administrator.get(f"/organisations/{nurse.organisation_id}/people").json["items"]
    assert [one["certificates"] for one in listed if one["person_id"] == str(nurse.person_id)] == [[made.json]]
    ended = administrator.post(f"/certificates/{made.json['id']}/endings")
    assert (ended.status_code, ended.json["intervention_name"]) == (200, "VoorZorg")
    unknown = administrator.post(f"/people/{nurse.person_id}/certificates", json={**given, "intervention": "VX"})
    assert unknown.json["errors"].keys() == {"intervention"}
