"""Who asks: a cookie for people, a token for programs, and nobody else."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from sqlalchemy import select

from api import auth
from tests.api.conftest import PASSWORD
from tests.conftest import VAULT
from workflows import organisations
from workflows.accounts import Account
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.errors import LoginRefused

CLOSED = ["/me", "/tasks", "/cases", "/municipalities", "/organisations", "/bundles/current"]


def test_without_a_token_or_cookie_every_door_asks_to_log_in(client):
    for path in CLOSED:
        answer = client.get(f"/api/v1{path}")

        assert answer.status_code == 401, path
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_not_ours_opens_nothing(client):
    for header in ("Bearer nonsense", "Bearer ", "Basic abc", "bearer \xff", "Bearer a b c"):
        assert client.get("/api/v1/me", headers={"Authorization": header}).status_code == 401, header


def test_a_token_says_who_you_are_and_for_whom_you_act(sign_in):
    midwife = sign_in("midwife")

    answer = midwife.get("/me")

    assert answer.status_code == 200, answer.text
    assert answer.json["person_id"] == str(midwife.actor.person_id)
    assert answer.json["acting_as"]["role"] == "signaller"
    assert answer.json["acting_as"]["organisation_id"] == str(midwife.actor.organisation_id)


def test_a_token_ends_when_it_expires(sign_in, clock):
    midwife = sign_in("midwife")
    clock.forward(days=1)

    assert midwife.get("/me").status_code == 401


def test_a_person_who_left_a_second_ago_can_do_nothing_more(sign_in, log_in, database, clock):
    midwife, browser = sign_in("midwife"), log_in("midwife")
    assert midwife.get("/me").status_code == 200
    assert browser.get("/api/v1/me").status_code == 200

    with database.writing() as session:
        organisations.deactivate_person(session, midwife.actor.person_id, by=OPERATOR, at=clock())

    assert midwife.get("/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_ends_after_half_an_hour_without_use(log_in, clock):
    browser = log_in("midwife")
    assert browser.get("/api/v1/me").status_code == 200

    clock.forward(minutes=31)

    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_that_is_used_goes_on_but_not_longer_than_a_working_day(log_in, clock):
    browser = log_in("midwife")
    for _ in range(35):
        clock.forward(minutes=20)
        assert browser.get("/api/v1/me").status_code == 200

    clock.forward(minutes=21)

    assert browser.get("/api/v1/me").status_code == 401


def test_a_change_by_cookie_needs_a_csrf_token_and_a_change_by_token_does_not(log_in, sign_in):
    by_cookie = log_in("midwife").post("/api/v1/signals", json={})
    by_nothing = log_in("midwife").post("/api/v1/signals", json={}, headers={"Authorization": "Bearer "})
    by_token = sign_in("midwife").post("/signals")

    assert by_cookie.status_code == 400
    assert by_cookie.json["type"] == by_nothing.json["type"] == "/problems/csrf"
    assert by_token.status_code == 201


def test_a_cookie_beside_a_token_counts_for_nothing(log_in):
    browser = log_in("midwife")

    answer = browser.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


def test_unknown_wrong_and_locked_logins_are_refused_alike_and_counted(app, database, region, clock, log_in):
    log_in("midwife")  # makes an account with a random login
    details = set()
    with app.test_request_context("/inloggen", method="POST"):
        for login in ("nobody", "midwife"):
            for _ in range(10):
                with pytest.raises(LoginRefused) as refused:
                    auth.log_in(login, "wrong")
                details.add((refused.value.title, refused.value.detail))

    assert len(details) == 1


def test_logging_in_with_the_form_sets_a_cookie_that_scripts_cannot_read(app, database, region, clock):
    from workflows import accounts

    with database.writing() as session:
        accounts.create_account(
            session,
            person_id=region.midwife.person_id,
            login="vera",
            password=PASSWORD,
            by=OPERATOR,
            at=clock(),
            cost=(1, 8, 1),
        )
    browser = app.test_client()
    page = browser.get("/inloggen").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None

    without = browser.post("/inloggen", data={"login": "vera", "password": PASSWORD})
    answer = browser.post("/inloggen", data={"login": "vera", "password": PASSWORD, "csrf_token": token[1]})

    assert without.status_code == 400
    assert answer.status_code == 303
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("steun-sign-in")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/api/v1/me").status_code == 200


def test_production_cookies_only_travel_over_tls_and_to_this_host(urls, region, clock, database):
    from api import create_app
    from tests.api.conftest import settings
    from workflows import accounts

    with database.writing() as session:
        accounts.create_account(
            session,
            person_id=region.midwife.person_id,
            login="vera",
            password=PASSWORD,
            by=OPERATOR,
            at=clock(),
            cost=(1, 8, 1),
        )
    app = create_app(settings(urls).with_(mode="production"), clock=clock)
    with app.test_request_context("/inloggen", method="POST"):
        response = auth.keep(app.make_response(""), auth.log_in("vera", PASSWORD))
    app.extensions["steun.database"].dispose()

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-steun-sign-in=")
    assert "Secure" in cookie


def test_while_a_password_is_checked_nobody_waits(app, urls, log_in, database, monkeypatch):
    """Checking one is slow on purpose and everybody may ask for it; on SQLite there is one writer."""
    log_in("midwife")
    others = Database(urls.application, lock_seconds=0.3, vault=VAULT, house=True)
    seen: list[str | None] = []

    def slow(*_: object) -> bool:
        with others.writing() as session:
            seen.append(session.scalars(select(Account.login).with_for_update(nowait=True)).first())
        return False

    monkeypatch.setattr("workflows.accounts.service._matches", slow)
    with database.reading() as session:
        login = session.scalars(select(Account.login)).first()
    for name, password in ((login, PASSWORD), (login, "verkeerd"), ("niemand", PASSWORD)):
        with app.test_request_context("/inloggen"), suppress(LoginRefused):
            auth.log_in(name, password)
    others.dispose()

    assert len(seen) == 3
