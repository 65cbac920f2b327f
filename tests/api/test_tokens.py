"""Tokens of programs over HTTP: made by who they stand for, seen, ended, and what happens with one that was stolen."""

from __future__ import annotations

from datetime import timedelta

from lxml.html import document_fromstring
from sqlalchemy import select

from tests.api.conftest import PASSWORD, Caller
from workflows import organisations
from workflows.actor import OPERATOR
from workflows.logbook.model import LoggedChange
from workflows.organisations import Role


def csrf(browser) -> dict[str, str]:
    page = document_fromstring(browser.get("/account").text)
    return {"X-CSRFToken": str(page.xpath("//input[@name='csrf_token']/@value")[0])}


def body(clock, **changes):
    until = (clock() + timedelta(days=30)).isoformat()
    return {"label": "EPD", "expires_at": until, "password": PASSWORD, **changes}


def test_who_it_stands_for_makes_it_sees_it_used_and_ends_it(app, sign_in, log_in, region, database, clock):
    browser = log_in("midwife")
    headers = {**csrf(browser), "Idempotency-Key": "een-keer"}
    assert browser.post("/api/v1/me/tokens", json=body(clock, password="x"), headers=headers).status_code == 400
    made = browser.post("/api/v1/me/tokens", json=body(clock), headers=headers)
    again = browser.post("/api/v1/me/tokens", json=body(clock), headers=headers)
    assert made.status_code == again.status_code == 201
    assert made.json["token"].startswith("steun_")
    assert again.json == {"id": made.json["id"], "token": None}

    program = Caller(app.test_client(), region.midwife, made.json["token"])
    assert program.get("/me").json["acting_as"]["role"] == "signaller"
    assert program.post("/me/tokens", json=body(clock)).status_code == 403
    clock.forward(minutes=5)
    [listed] = program.get("/me/tokens").json["items"]
    assert (listed["label"], listed["last_used_at"], listed["here"]) == ("EPD", None, True)
    [listed] = program.get("/me/tokens").json["items"]
    assert listed["last_used_at"] == "2026-11-03T08:35:00.000Z"
    assert "Laatst gebruikt" in browser.get("/account").text

    administrator, nurse = sign_in("administrator"), sign_in("nurse")
    path = f"/organisations/{region.midwife.organisation_id}/tokens"
    assert [one["id"] for one in administrator.get(path).json["items"]] == [made.json["id"]]
    assert nurse.get(path).status_code == 403
    assert nurse.get(f"/people/{region.midwife.person_id}/tokens").status_code == 404
    assert nurse.post(f"/tokens/{made.json['id']}/endings").status_code == 404
    assert administrator.post(f"/tokens/{made.json['id']}/endings").json == {"id": made.json["id"]}
    assert program.get("/me").status_code == 401


def test_a_token_that_ended_and_is_used_still_is_written_down_once_an_hour(sign_in, database, clock):
    program = sign_in("midwife")
    [mine] = program.get("/me/tokens").json["items"]
    assert program.post(f"/tokens/{mine['id']}/endings").status_code == 200, "a program ends its own that leaked"
    said = []
    for minutes in (0, 1, 60):
        clock.forward(minutes=minutes)
        said.append(program.get("/me").json)
    stranger = Caller(program.client, program.actor, "steun_" + "x" * 43)
    said.append(stranger.get("/me").json)

    assert len({one["detail"] for one in said}) == 1, "the answer tells nothing"
    with database.reading() as session:
        lines = session.scalars(select(LoggedChange).where(LoggedChange.event == "token.refused")).all()
        assert [one.details["reason"] for one in lines] == ["revoked", "revoked"]
        assert {one.organisation_id for one in lines} == {program.actor.organisation_id}


def test_one_page_of_one_organisation_sends_nothing_for_another(log_in, region, database, clock):
    with database.writing() as session:
        other = organisations.assign_role(
            session, person_id=region.nurse.person_id, organisation_id=region.practice.id, role=Role.SIGNALLER,
            valid_from=clock().date(), by=OPERATOR, at=clock(),
        )  # fmt: skip
    browser = log_in("nurse")
    old = csrf(browser)
    asked = {"assignment_id": str(other.id)}
    assert browser.post("/api/v1/me/role-switches", json={"assignment_id": str(region.midwife.assignment_id)}, headers=old).status_code == 400  # fmt: skip
    switched = browser.post("/api/v1/me/role-switches", json=asked, headers=old)
    assert switched.json == {**asked, "organisation_id": str(region.practice.id), "role": "signaller"}
    assert browser.get("/api/v1/me").json["acting_as"]["id"] == str(other.id)

    stale = browser.post("/afwezig", data={"csrf_token": old["X-CSRFToken"], "from_on": "2026-11-05"})
    assert stale.status_code == 400
    assert csrf(browser) != old


def test_a_token_is_made_on_a_page_and_shown_once(app, region, log_in, clock):
    browser = log_in("midwife")
    typed = {
        "csrf_token": csrf(browser)["X-CSRFToken"],
        "label": "EPD",
        "assignment": str(region.midwife.assignment_id),
    }
    wrong = browser.post(
        "/account/programmas/nieuw", data={**typed, "until": "gisteren", "networks": "", "password": PASSWORD}
    )
    assert wrong.status_code == 400
    assert 'value="EPD"' in wrong.text
    page = browser.post(
        "/account/programmas/nieuw",
        data={**typed, "until": "2026-11-10", "networks": "127.0.0.1", "password": PASSWORD},
    )
    secret = document_fromstring(page.text).xpath("//code[@class='steun-key']")[0].text_content()

    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert Caller(app.test_client(), region.midwife, secret).get("/me").status_code == 200
    assert secret not in browser.get("/account").text
    assert "alleen vanaf 127.0.0.1/32" in browser.get("/account").text
