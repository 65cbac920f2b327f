"""Tasks over HTTP: once for success, once per refusal."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests import builders
from tests.api.conftest import SIGNAL, etag, shipped
from workflows import diagrams
from workflows.actor import OPERATOR
from workflows.processes import NO_TERM, Task


def test_a_signal_begins_with_a_task_in_the_hands_of_who_began_it(begin):
    begun = begin()

    answer = begun.by.get(begun.path)

    assert answer.status_code == 200, answer.text
    assert answer.json["task"]["mine"] is True
    assert answer.json["form"]["key"] == "signal"
    assert answer.json["case"]["status"] == "draft"
    assert answer.headers["ETag"] == begun.etag
    assert begun.task_id in {task["id"] for task in begun.by.get("/tasks").json["items"]}


def test_a_task_tells_the_choices_that_differ_per_case(begin, database, clock, region):
    files = shipped()
    drawn = json.loads(files["signal.form"])
    drawn["components"].append(
        {"id": "Field_who", "type": "select", "key": "who", "label": "Wie?", "valuesKey": "receivers",
         "properties": {"compartment": "C1"}}
    )  # fmt: skip
    assert begin().by.get("/tasks").json["items"]
    with database.writing() as session:
        diagrams.publish(session, {**files, "signal.form": json.dumps(drawn).encode()}, by=OPERATOR, at=clock())
    begun = begin()

    [choice] = begun.by.get(begun.path).json["choices"]["receivers"]

    assert choice["value"] == f"{region.youth_health.id}:explorer"
    assert choice["label"].startswith("JGZ Limburg-Noord team Venlo (fictief), als verkenner")
    refused = begun.complete({**SIGNAL, "who": str(region.youth_health.id)})
    assert refused.json["errors"] == {"who": ["Kies een van de antwoorden op de lijst."]}
    assert begun.complete({**SIGNAL, "who": choice["value"]}).status_code == 201


def test_only_who_may_signal_begins_a_signal(sign_in):
    refused = sign_in("process_director").post("/signals")

    assert refused.status_code == 403
    assert refused.json["type"] == "/problems/not-allowed"


def test_a_draft_is_kept_incomplete_and_comes_back(begin):
    begun = begin()

    saved = begun.by.put(f"{begun.path}/draft", {"answers": {"parent_name": "Fa"}}, headers=begun.headers)
    found = begun.by.get(f"{begun.path}/draft")

    assert saved.status_code == 200, saved.text
    assert found.json["answers"] == {"parent_name": "Fa"}
    assert found.json["saved_at"] == "2026-11-03T08:30:00.000Z"
    assert found.headers["ETag"] == saved.headers["ETag"]


def test_after_a_draft_the_task_is_completed_with_the_version_the_draft_answered(begin):
    begun = begin()
    saved = begun.by.put(f"{begun.path}/draft", {"answers": {"parent_name": "Fa"}}, headers=begun.headers)

    done = begun.complete(SIGNAL, headers=etag(saved))

    assert done.status_code == 201, done.text


def test_completing_keeps_the_answers_and_shows_what_comes_next(begin):
    begun = begin()

    done = begun.complete(SIGNAL)

    assert done.status_code == 201, done.text
    assert done.json["task"]["status"] == "completed"
    assert done.json["next"]
    assert done.json["safety_notice"] is None
    case = begun.by.get("/cases").json["items"][0]
    entries = begun.by.get(f"/cases/{case['id']}/entries").json["items"]
    values = {value["field"]: value["value"] for value in entries[0]["values"]}
    assert values["parent_name"] == SIGNAL["parent_name"]


def test_an_incomplete_form_tells_every_field_at_once_and_keeps_nothing(begin):
    begun = begin()

    refused = begun.complete({"parent_name": "Fatima", "phase": "nonsense"})

    assert refused.status_code == 400
    assert refused.json["type"] == "/problems/invalid"
    assert {"phase", "support_request_own_words", "risk_categories"} <= set(refused.json["errors"])
    assert begun.by.get(begun.path).json["task"]["status"] == "claimed"


def test_an_unsafe_situation_gives_a_phone_number_first(begin):
    begun = begin()

    done = begun.complete({**SIGNAL, "safety_concern": "yes"})

    assert done.status_code == 201, done.text
    assert done.json["safety_notice"]["phone"]


def test_the_same_request_twice_with_one_key_is_done_once(begin):
    begun = begin()
    key = {"Idempotency-Key": "double-click"}

    first = begun.complete({**SIGNAL, "safety_concern": "yes"}, headers=key)
    second = begun.complete({**SIGNAL, "safety_concern": "yes"}, headers=key)

    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json["task"] == first.json["task"]
    assert second.json["safety_notice"] == first.json["safety_notice"]
    assert second.headers["Location"] == first.headers["Location"]
    [case] = begun.by.get("/cases").json["items"]
    assert len(begun.by.get(f"/cases/{case['id']}/entries").json["items"]) == 1


def test_a_signal_begun_twice_with_one_key_is_one_case(sign_in):
    midwife = sign_in("midwife")
    key = {"Idempotency-Key": "k-1"}

    answers = [midwife.post("/signals", headers=key) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(midwife.get("/cases").json["items"]) == 1


def test_a_task_given_away_twice_with_one_key_is_told_to_be_where_it_is(begin, database, clock, region):
    with database.writing() as session:
        colleague = builders.actor(session, "Tweede Verloskundige", region.practice, "signaller", at=clock())
    begun = begin()
    key = {"Idempotency-Key": "double-click"}
    body = {"person_id": str(colleague.person_id), "note": "Wilt u bellen?"}

    first, second = (begun.by.post(f"{begun.path}/assignments", json=body, headers=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == first.json
    assert second.json["person_id"] == str(colleague.person_id)


def test_a_key_is_not_for_two_different_requests(sign_in):
    midwife = sign_in("midwife")
    key = {"Idempotency-Key": "k-1"}
    midwife.post("/signals", headers=key)

    again = midwife.post("/signals", json={"municipality_code": "GM0983"}, headers=key)

    assert again.status_code == 409


def test_a_key_belongs_to_one_actor(sign_in):
    key = {"Idempotency-Key": "k-1"}
    first = sign_in("midwife").post("/signals", headers=key)
    other = sign_in("nurse").post("/signals", headers=key)

    assert first.status_code == 201
    assert other.status_code != 201 or other.json["id"] != first.json["id"]


def test_without_a_key_the_second_completion_is_told_that_it_was_done(begin):
    begun = begin()
    begun.complete(SIGNAL)

    second = begun.complete(SIGNAL)

    assert second.status_code == 409
    assert "afgerond" in second.json["detail"]


def test_a_change_says_which_version_it_changes(begin):
    begun = begin()
    body = {"answers": {}}

    missing = begun.by.put(f"{begun.path}/draft", body)
    star = begun.by.put(f"{begun.path}/draft", body, headers={"If-Match": "*"})
    weak = begun.by.put(f"{begun.path}/draft", body, headers={"If-Match": f"W/{begun.etag}"})
    stale = begun.by.put(f"{begun.path}/draft", body, headers={"If-Match": '"99"'})

    assert [each.status_code for each in (missing, star, weak, stale)] == [428, 428, 412, 412]


def test_a_task_goes_back_to_the_team_and_is_claimed_again(begin):
    begun = begin()

    released = begun.by.delete(f"{begun.path}/claims/current", headers=begun.headers)
    claimed = begun.by.post(f"{begun.path}/claims")

    assert released.status_code == 200, released.text
    assert released.json["status"] == "open"
    assert claimed.status_code == 201
    assert claimed.json["mine"] is True
    assert claimed.headers["Location"].endswith(begun.path)


def test_claiming_what_is_claimed_is_refused(begin):
    begun = begin()

    assert begun.by.post(f"{begun.path}/claims").status_code == 409


@pytest.mark.parametrize("role", ["nurse", "process_director", "protection_officer"])
def test_what_may_not_be_seen_and_what_does_not_exist_answer_alike(begin, sign_in, role):
    begun, other = begin(), sign_in(role)
    case_id = begun.by.get(begun.path).json["case"]["id"]

    for path in (
        "/tasks/{}",
        "/tasks/{}/draft",
        "/tasks/{}/candidates",
        "/cases/{}",
        "/cases/{}/entries",
        "/cases/{}/diagrams/hoofdproces",
    ):
        known = begun.task_id if "tasks" in path else case_id
        forbidden, unknown = other.get(path.format(known)), other.get(path.format(uuid4()))
        assert forbidden.status_code == unknown.status_code == 404, path
        for answer in (forbidden, unknown):
            answer.json["request_id"] = ""
        assert {**forbidden.json, "request_id": ""} == {**unknown.json, "request_id": ""}
        assert set(forbidden.headers.keys()) == set(unknown.headers.keys())


def test_changing_what_may_not_be_seen_answers_as_if_it_were_not_there(begin, sign_in):
    begun, nurse = begin(), sign_in("nurse")
    for verb, path in (("POST", "claims"), ("DELETE", "claims/current"), ("PUT", "draft"), ("POST", "completion")):
        answers = [
            nurse(verb, f"/tasks/{task}/{path}", json={"answers": {}}, headers={"If-Match": '"1"'})
            for task in (begun.task_id, uuid4())
        ]
        assert [answer.status_code for answer in answers] == [404, 404], (verb, path, answers[0].text)
        assert len({answer.json["detail"] for answer in answers}) == 1


def test_candidates_are_people_of_the_own_team(begin):
    begun = begin()

    found = begun.by.get(f"{begun.path}/candidates")

    assert found.status_code == 200, found.text
    assert str(begun.by.actor.person_id) in {each["person_id"] for each in found.json["items"]}


def test_the_work_list_goes_on_where_the_page_ended(begin, sign_in, database):
    midwife = sign_in("midwife")
    made = [begin(midwife).task_id for _ in range(6)]
    arrived = [*made[3:], *made[:3]]
    with database.writing() as session:
        for days, task_id in enumerate(made):
            task = session.get_one(Task, UUID(task_id))
            task.opened_at = task.opened_at - timedelta(days=9 - arrived.index(task_id))
            task.due_at = task.due_at + timedelta(days=days // 2) if days < 4 else None
            task.sort_at = task.due_at or NO_TERM

    def read(path: str) -> list[str]:
        found = []
        while path:
            page = midwife.get(path)
            assert page.status_code == 200
            assert len(page.json["items"]) <= 2
            found += [task["id"] for task in page.json["items"]]
            link = page.headers.get("Link")
            assert (link is None) == (page.json["next_cursor"] is None)
            path = link.split(">")[0].removeprefix("</api/v1") if link else ""
        return found

    first = read("/tasks?pageSize=2")
    assert sorted(first) == sorted(made)
    assert first[4:] == sorted(made[4:]), "without a term comes last"
    assert read("/tasks?pageSize=2&sort=due_at") == first
    assert read("/tasks?pageSize=2&sort=-due_at") == [*reversed(first[:4]), *reversed(first[4:])]
    assert read("/tasks?pageSize=2&sort=opened_at") == arrived
    assert read("/tasks?pageSize=2&sort=-opened_at") == [*reversed(arrived)]
    nurse = sign_in("nurse")
    assert nurse.get("/tasks?sort=-opened_at").json["items"] == [], "of another team"
    assert midwife.get("/tasks?sort=name").status_code == 400


def test_a_query_that_means_nothing_is_refused(sign_in):
    midwife = sign_in("midwife")
    for query, field in (
        ("pageSize=0", "pageSize"),
        ("pageSize=101", "pageSize"),
        ("pageSize=x", "pageSize"),
        ("page_size=1", "page_size"),
        ("unknown=1", "unknown"),
        ("status=done", "status"),
        ("status=open&status=claimed", "status"),
        ("municipality=Venlo", "municipality"),
        ("cursor=nonsense", "cursor"),
    ):
        refused = midwife.get(f"/tasks?{query}")
        assert refused.status_code == 400, refused.text
        assert field in refused.json["errors"]


def test_the_drawn_process_of_a_case_is_a_picture(begin):
    begun = begin()
    case_id = begun.by.get(begun.path).json["case"]["id"]

    picture = begun.by.get(f"/cases/{case_id}/diagrams/hoofdproces")

    assert picture.status_code == 200
    assert picture.mimetype == "image/svg+xml"
    assert "<script" not in picture.text
    assert begun.by.get(f"/cases/{case_id}/diagrams/onbekend").status_code == 404


def test_the_form_and_the_bundle_of_a_task_can_be_read(begin):
    begun = begin()
    form = begun.by.get(begun.path).json["form"]

    found = begun.by.get(f"/forms/{form['digest']}/{form['key']}")

    assert found.json == form
    assert begun.by.get("/bundles/current").json["digest"] == form["digest"]
    assert begun.by.get(f"/forms/{form['digest']}/unknown").status_code == 404
    assert begun.by.get(f"/forms/{'0' * 64}/signal").status_code == 404


def test_the_region_can_be_looked_up(sign_in):
    midwife = sign_in("midwife")

    assert len(midwife.get("/municipalities").json["items"]) == 15
    here = midwife.get("/organisations?municipality=GM0983&role=explorer").json["items"]
    assert here
    assert {each["id"] for each in here} < {each["id"] for each in midwife.get("/organisations").json["items"]}


@pytest.mark.parametrize(
    "text",
    ['["0001-01-01T00:00:00+23:00","{id}"]', '["9999-12-31T23:59:59-23:00","{id}"]', "[" * 30_000, "ab", "[1,2]"],
)
def test_a_bookmark_that_is_not_ours_is_refused(sign_in, log_in, text):
    cursor = base64.urlsafe_b64encode(text.replace("{id}", "0" * 32).encode()).decode()
    program, browser = sign_in("midwife"), log_in("midwife")

    for path in ("/tasks", "/cases"):
        assert program.get(path, query_string={"cursor": cursor}).status_code == 400, path
    assert browser.get("/werk", query_string={"mijn": cursor}).status_code == 400
    assert browser.get("/casussen", query_string={"vanaf": cursor}).status_code == 400
