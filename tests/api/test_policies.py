"""What every route says to a browser, and that none takes a change that another site could have sent."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from lxml.html import document_fromstring

from api import create_app, policies
from api.policies import HEADERS
from tests.api.conftest import PASSWORD, settings
from workflows import settings as regional
from workflows.actor import OPERATOR

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def addresses(app, wanted):
    """Every route that knows one of these methods, with something made up in it."""
    for rule in app.url_map.iter_rules():
        for method in sorted(wanted & (rule.methods or set())):
            path = re.sub(r"<uuid:\w+>", lambda _: str(uuid4()), rule.rule)
            path = re.sub(r"<path:\w+>", "mark.svg", re.sub(r"<int:\w+>", "1", path))
            yield rule.endpoint, method, re.sub(r"<(?:\w+:)?\w+>", "x", path)


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_every_page_and_door_says_what_may_be_done_with_it(app, log_in):
    somebody = [log_in("administrator"), log_in("midwife"), app.test_client()]
    seen = set()
    for endpoint, method, path in addresses(app, {"GET"}):
        for client in somebody:
            answer = client.open(path, method=method, buffered=True)
            where = f"{path} {answer.status_code}"
            for name, value in HEADERS.items():
                assert answer.headers[name] == value, where
            content = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in content, where
            assert "frame-ancestors 'none'" in content, where
            assert "unsafe" not in content, where
            assert answer.headers.getlist("Cache-Control") == [_cache(endpoint, answer)], where
            if answer.mimetype not in policies.SHOWN and endpoint != "static":
                assert answer.headers["Content-Disposition"].startswith("attachment"), where
            if answer.mimetype == "text/html":
                assert ("<script" in answer.text) <= ("script-src 'self'" in content), where
                assert "style-src 'self'" in content, where
                assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", answer.text), where
            elif not path.startswith("/static"):
                assert "script-src" not in content, where
            seen.add(endpoint)
    assert len(seen) > 60
    only_with_a_token = {"metrics.metrics"}  # tests/api/test_metrics.py looks at it
    assert {*policies.ROUTES} - only_with_a_token <= {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not [
        endpoint for endpoint in seen if re.search("factor|recovery|password|log_in|confirm", endpoint)
        and policies.of(endpoint, "/").scripts
    ]  # fmt: skip


def _cache(endpoint, answer):
    if answer.status_code == 200 and endpoint == "static":
        return "public, max-age=3600"
    return "no-cache" if endpoint == "openapi" else "no-store"


def test_built_files_are_kept_and_a_missing_one_is_not(app):
    client = app.test_client()
    [style] = re.findall(r'href="(/static/built/[^"]+\.css)"', client.get("/inloggen").text)
    assert client.get(style, buffered=True).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/built/assets/none.css").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_no_change_is_taken_without_proof_that_it_was_meant(app, log_in):
    """The page's own token for a cookie. A browser that says that it came from elsewhere is believed."""
    browser, tried = log_in("administrator"), 0
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/account").text)
    assert token is not None
    for endpoint, method, path in addresses(app, UNSAFE):
        if endpoint == "pages.provider_logout":  # from a provider itself, without a cookie: it signs what it says
            continue
        tried += 1
        without = browser.open(path, method=method, json={} if path.startswith("/api") else None)
        assert without.status_code == 400, (method, path)
        assert "csrf" in without.text or "verlopen" in without.text, (method, path)
        for site in ("cross-site", "same-site"):
            elsewhere = browser.open(
                path, method=method, data={"csrf_token": token[1]},
                headers={"Sec-Fetch-Site": site, "X-CSRFToken": token[1]},
            )  # fmt: skip
            assert elsewhere.status_code == 403, (method, path)
            assert "andere website" in elsewhere.text, (method, path)
        if not path.startswith("/api"):
            assert app.test_client().open(path, method=method).status_code == 400, (method, path)
    assert tried > 60


def test_the_doorstep_reads_little_and_brings_back_what_was_typed(client, app):
    big = {"login": "a", "password": "b" * 5000}
    for path in ("/inloggen", "/bevestigen", "/inloggen?bewaard=vals"):
        assert client.post(path, data=big).status_code == 413, path
    with app.test_request_context():
        from api.tickets import ticket

        given = ticket()
    assert client.post(f"/inloggen?bewaard={given}", data=big).status_code == 400  # read, and then no token in it


def test_an_address_that_fails_too_often_waits_and_those_inside_do_not_notice(client, log_in, database, clock):
    inside = log_in("midwife")
    with database.writing() as session:
        regional.put(
            session, "login.address_attempts", 10, valid_from=clock().date(), source="test", by=OPERATOR, at=clock()
        )
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/inloggen").text)
    assert token is not None

    def attempt():
        return client.post("/inloggen", data={"login": uuid4().hex, "password": "x", "csrf_token": token[1]})

    assert {attempt().status_code for _ in range(10)} == {401}
    full = attempt()
    assert full.status_code == 429
    assert full.headers["Retry-After"] == "11"
    assert "Wacht 11 seconden" in full.text
    assert inside.get("/api/v1/me").status_code == 200
    clock.forward(seconds=11)
    assert attempt().status_code == 401


def test_in_production_both_cookies_belong_to_this_host_alone(urls, region, clock):
    app = create_app(settings(urls).with_(mode="production"), clock=clock)
    answer = app.test_client().get("/inloggen", base_url="https://steun.example")
    app.extensions["steun.database"].dispose()

    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-steun-browser=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_sessions_are_listed_and_ended_by_programs_too(sign_in, log_in, region):
    browser, program, admin = log_in("midwife"), sign_in("midwife"), sign_in("administrator")
    log_in("midwife")
    path = f"/people/{region.midwife.person_id}/sessions"

    listed = program.get("/me/sessions").json["items"]
    assert [one["here"] for one in listed] == [False, False]
    assert [one["here"] for one in browser.get("/api/v1/me/sessions").json["items"]].count(True) == 1
    assert admin.get(path).json["items"] == listed
    assert sign_in("coordinator").get(path).status_code == 404
    assert sign_in("coordinator").post(f"/sessions/{listed[0]['id']}/endings").status_code == 404
    assert program.post(f"/sessions/{listed[0]['id']}/endings").json == {"ended": 1}
    assert program.post(f"/sessions/{listed[0]['id']}/endings").status_code == 409
    assert admin.post(f"{path}/endings").json == {"ended": 1}
    assert program.post("/me/sessions/endings").json == {"ended": 0}
    assert browser.get("/api/v1/me").status_code == 401

    desk, phone = log_in("midwife"), log_in("midwife")
    page = document_fromstring(desk.get("/account").text)
    token = {"X-CSRFToken": page.xpath("//input[@name='csrf_token']/@value")[0]}
    for typed in ({}, {"password": "verkeerd"}):
        refused = desk.post("/api/v1/me/sessions/endings", json=typed, headers=token)
        assert (refused.status_code, list(refused.json["errors"])) == (400, ["password"])
    assert phone.get("/api/v1/me").status_code == 200
    assert desk.post("/api/v1/me/sessions/endings", json={"password": PASSWORD}, headers=token).json == {"ended": 1}
    assert phone.get("/api/v1/me").status_code == 401
