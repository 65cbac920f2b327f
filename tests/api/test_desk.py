"""The doors and the page of the operator's desk: once for success, once per refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from api.pages import desk_words
from tests import builders
from workflows import accounts, desk, jobs, method, worker
from workflows.actor import OPERATOR
from workflows.worker import ANCHORS


@pytest.fixture
def failed(database, clock):
    """A mail that did not come through the night, and work that nobody tries any more."""
    with database.writing() as session:
        for kind in ("consent_ends", "run_timer"):
            job = jobs.enqueue(session, kind, due_at=clock(), subject_kind="case", subject_id=uuid4())
            for _ in range(jobs.ATTEMPTS):
                job.fail(clock(), "RouteUndecided at decide_route")


@pytest.fixture
def colleague(sign_in, region, database, clock):
    """A second administrator of the office, as a program."""
    with database.writing() as session:
        by = builders.actor(session, "Bo Beheerder", region.programme, "administrator", at=clock())
        token = accounts.make_token(
            session, assignment_id=by.assignment_id, label="x", expires_at=clock() + timedelta(days=1),
            second_factor=True, by=OPERATOR, at=clock(),
        ).secret  # fmt: skip
    return replace(sign_in("administrator"), actor=by, token=token)


def test_everything_that_can_go_wrong_has_words():
    assert set(method.KINDS) <= set(desk_words.JOBS)
    assert {*ANCHORS, "notification_mail"} <= set(desk_words.CHANNELS)
    assert set(desk_words.CAUSES) == set(desk.Cause)
    assert set(desk_words.STATES) == set(desk.TroubleState)
    assert set(desk_words.ACTIONS) == set(desk.Action)
    assert set(desk_words.WHYS) == set(desk.Why)
    assert set(desk_words.STATUSES) == set(desk.RepairStatus)
    assert set(worker.STANDING) <= set(desk_words.JOBS)


def test_a_program_asks_and_another_confirms(failed, sign_in, colleague, clock):
    bea = sign_in("administrator")

    dead, other = bea.get("/desk/troubles").json["items"]
    assert (dead["what"], dead["state"], dead["cause"], dead["step"]) == (
        "consent_ends",
        "failed",
        "drawing",
        "decide_route",
    )
    assert dead["title"] == "Een toestemming die afloopt"
    assert dead["actions"] == ["retry"]
    assert "repair_id" not in dead

    body = {"trouble_id": dead["id"], "action": "retry", "why": "cause_mended"}
    key = {"Idempotency-Key": "a"}
    asked = bea.post("/desk/repairs", body, headers=key)
    assert asked.status_code == 201
    assert bea.post("/desk/repairs", body, headers=key).json["id"] == asked.json["id"]
    assert bea.post("/desk/repairs", body).status_code == 409
    assert bea.post("/desk/repairs", {**body, "action": "drop", "trouble_id": other["id"]}).status_code == 400
    assert bea.post("/desk/repairs", {**body, "trouble_id": str(uuid4())}).status_code == 404
    assert bea.get("/desk/troubles").json["items"][0]["repair_id"] == asked.json["id"]

    path = asked.headers["Location"].removeprefix("/api/v1")
    assert bea.post(f"{path}/confirmations").status_code == 403
    assert colleague.post(f"{path}/withdrawals").status_code == 403
    done = colleague.post(f"{path}/confirmations")
    assert (done.status_code, done.json["status"], done.json["mended"]) == (201, "done", 1)
    assert colleague.post(f"{path}/confirmations").status_code == 409
    assert bea.get(path).json == done.json

    for decide, by in (("refusals", colleague), ("withdrawals", bea)):
        clock.forward(minutes=1)
        again = bea.post("/desk/repairs", {**body, "trouble_id": other["id"]})
        assert by.post(f"{again.headers['Location'].removeprefix('/api/v1')}/{decide}").status_code == 201
    page = bea.get("/desk/repairs?pageSize=2")
    assert [one["status"] for one in page.json["items"]] == ["withdrawn", "refused"]
    assert 'rel="next"' in page.headers["Link"]
    assert colleague.post(f"/desk/repairs/{uuid4()}/refusals").status_code == 404


def test_nobody_else_comes_to_the_desk(failed, sign_in, log_in, region, database, clock):
    for who in ("coordinator", "midwife", "process_director"):
        assert sign_in(who).get("/desk/troubles").status_code == 403
        assert log_in(who).get("/beheer").status_code == 403
        assert b"Werking van het systeem" not in log_in(who).get("/casussen").data


def test_on_the_page_one_asks_and_a_colleague_confirms(failed, log_in, region, database, clock, app):
    bea = log_in("administrator")
    with database.reading() as session:
        dead = desk.troubles(session, by=region.administrator, at=clock())[0]

    assert "Er gaat iets niet meer vanzelf" in bea.get("/werk").text
    shown = bea.get("/beheer").text
    assert "Het schema weet hier niet hoe het verder moet." in shown
    assert "decide_route" in shown
    assert bea.post(f"/beheer/{dead.id}", data={"csrf_token": token(bea)}).status_code == 400
    sent = bea.post(
        f"/beheer/{dead.id}",
        data={"csrf_token": token(bea), "action": "retry", "why": "advised"},
        follow_redirects=True,
    )
    assert "Een collega bevestigt het nog." in sent.text
    with database.writing() as session:
        [asked] = desk.repairs(session, by=region.administrator, at=clock()).items
    own = bea.post(f"/beheer/verzoeken/{asked.id}/bevestigen", data={"csrf_token": token(bea)}, follow_redirects=True)
    assert "U vroeg dit zelf." in own.text
    assert bea.post(f"/beheer/verzoeken/{asked.id}/intrekken", data={"csrf_token": token(bea)}).status_code == 303
    assert "Ingetrokken" in bea.get("/beheer").text


def token(browser) -> str:
    """The CSRF token of a page."""
    return browser.get("/beheer").text.split('name="csrf_token" value="')[1].split('"')[0]
