"""Roles that ask for a second factor: refused without it at every door, and the way to it and back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import document_fromstring
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from api import create_app
from tests.api.conftest import CHEAP, PASSWORD, Caller, settings
from workflows import accounts, logbook, organisations
from workflows.accounts import SignIn
from workflows.actor import OPERATOR
from workflows.organisations import Role

LOGIN = "bea@bureau.example"


class Browser:
    """Somebody at a browser without JavaScript."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.last: TestResponse = client.get("/inloggen")

    def get(self, path: str) -> Browser:
        self.last = self.client.get(path, follow_redirects=True)
        return self

    def send(self, action: str, **typed: str) -> Browser:
        [form, *_] = [
            form for form in document_fromstring(self.last.text).forms if form.get("action", "").split("?")[0] == action
        ]
        fields = dict(form.form_values()) | typed
        self.last = self.client.post(form.get("action"), data=fields, follow_redirects=True)
        return self

    def enter(self, password: str = PASSWORD) -> Browser:
        return self.send("/inloggen", login=LOGIN, password=password)

    @property
    def path(self) -> str:
        return self.last.request.path

    @property
    def text(self) -> str:
        return " ".join(document_fromstring(self.last.text).xpath("//main")[0].text_content().split())

    def typed(self, name: str) -> str:
        """What stands in a field of the page."""
        return document_fromstring(self.last.text).xpath("//main//input[@name=$name]", name=name)[0].get("value", "")

    @property
    def csrf(self) -> str:
        return str(document_fromstring(self.last.text).xpath("//input[@name='csrf_token']/@value")[0])

    @property
    def cookie(self) -> str:
        found = self.client.get_cookie("steun-sign-in")
        assert found is not None
        return found.value


@pytest.fixture
def administrator(app: Flask, region, database, clock) -> Iterator[Browser]:
    with database.writing() as session:
        accounts.create_account(
            session, person_id=region.administrator.person_id, login=LOGIN, password=PASSWORD, by=OPERATOR, at=clock(),
            cost=CHEAP,
        )  # fmt: skip
    return Browser(app.test_client())


def key_of(browser: Browser) -> str:
    """What somebody types in the app when the camera does not work."""
    return document_fromstring(browser.last.text).xpath("//code[@class='steun-key']")[0].text_content().replace(" ", "")


def code(secret: str, clock, ahead: int = 0) -> str:
    return accounts.code_of(secret, accounts.step_of(clock()) + ahead)


@pytest.mark.parametrize("role", ["administrator", "log_manager"])
def test_without_it_every_door_is_closed_and_with_it_none(app, region, database, clock, role):
    who = getattr(region, role)
    answers = []
    for second_factor in (False, True):
        with database.writing() as session:
            token = accounts.make_token(
                session, assignment_id=who.assignment_id, label="x", expires_at=clock() + timedelta(hours=1),
                second_factor=second_factor, by=OPERATOR, at=clock(),
            ).secret  # fmt: skip
        caller = Caller(app.test_client(), who, token)
        answers.append([caller.get(path) for path in ("/me", "/tasks", "/cases", "/organisations", "/settings")])

    for refused, given in zip(*answers, strict=True):
        assert refused.status_code == 403
        assert refused.json["type"] == "/problems/second-factor-needed"
        assert refused.json["title"] == "Bevestig met uw code"
        assert given.status_code == 200, given.text


def test_the_first_time_it_is_set_up_and_one_comes_back_where_one_was_going(administrator, clock):
    browser = administrator.get("/organisaties").enter()
    assert browser.path == "/account/code"
    assert "Voor uw rol is dit verplicht" in browser.text
    assert "<script" not in browser.last.text
    for path in ("/werk", "/account", "/instellingen"):
        assert browser.get(path).path == "/account/code", path
    first = browser.cookie

    browser.get("/organisaties").send("/account/code/begin", password="verkeerd")
    assert browser.last.status_code == 400
    assert "Dit wachtwoord klopt niet" in browser.text
    browser.send("/account/code/begin", password=PASSWORD)
    secret = key_of(browser)
    assert "<svg" in browser.last.text
    assert "secret=" not in browser.last.text
    browser.send("/account/code", code="000000")
    assert browser.last.status_code == 400
    assert key_of(browser) == secret
    browser.send("/account/code", code=code(secret, clock))

    assert "Bewaar uw herstelcodes" in browser.text
    paper = re.findall(r"(?:[a-z2-7]{4}-){5}[a-z2-7]{4}", browser.text)
    assert len({*paper}) == 8
    assert browser.cookie != first, "a new secret after a step up"
    onwards = document_fromstring(browser.last.text).xpath("//a[normalize-space()='Ik heb ze bewaard']/@href")
    assert onwards == ["/organisaties"]
    assert browser.get("/organisaties").path == "/organisaties"
    assert browser.client.get("/api/v1/me").status_code == 200

    browser.get("/organisaties").send("/uitloggen").get("/organisaties").enter()
    assert browser.path == "/bevestigen"
    assert "<script" not in browser.last.text
    half = browser.cookie
    assert browser.client.get("/api/v1/me").status_code == 401
    said = set()
    for wrong in (code(secret, clock), "000000", "", "x" * 60):
        browser.send("/bevestigen", code=wrong)
        assert browser.last.status_code == 401
        said.add(browser.text)
    assert len(said) == 1
    assert "Deze code klopt niet, is al gebruikt of is verlopen" in said.pop()
    browser.send("/bevestigen", code=code(secret, clock, 1))
    assert browser.path == "/organisaties"
    assert browser.cookie != half

    browser.send("/uitloggen").enter().send("/bevestigen", code=paper[0])
    assert browser.path == "/werk"
    assert "nog 7 herstelcodes" in browser.get("/account").text


def test_another_role_of_the_same_person_needs_no_code_and_the_role_that_does_asks_for_it(
    administrator, region, database, clock
):
    with database.writing() as session:
        organisations.assign_role(
            session, person_id=region.administrator.person_id, organisation_id=region.programme.id,
            role=Role.COORDINATOR, valid_from=clock().date() - timedelta(days=9), by=OPERATOR, at=clock(),
        )  # fmt: skip
    browser = administrator.enter()
    assert browser.path == "/werk"
    assert "Staat uit" in browser.get("/account").text

    browser.send("/rol")

    assert browser.path == "/account/code"
    browser.send("/rol")
    assert browser.path == "/werk"


def test_what_was_typed_when_a_code_turned_out_to_be_needed_is_there_after_it(administrator, database, clock):
    browser = administrator.enter().send("/account/code/begin", password=PASSWORD)
    secret = key_of(browser)
    browser.send("/account/code", code=code(secret, clock)).get("/afwezig")
    with database.writing() as session:
        session.execute(update(SignIn).values(factor=None, confirmed_at=None))
    clock.forward(minutes=1)

    browser.send("/afwezig", from_on="2026-11-05", until_on="2026-11-09")

    assert (browser.last.status_code, browser.path) == (403, "/afwezig")
    assert "Wat u typte, is er nog" in browser.text
    browser.send("/bevestigen", code="000000")
    browser.send("/bevestigen", code=code(secret, clock))
    assert "verstuur het opnieuw" in browser.text
    assert "2026-11-09" in browser.text
    browser.send("/afwezig")
    assert browser.last.status_code == 200
    assert "9 november" in browser.get("/afwezig").text


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_an_installation_can_ask_it_of_everybody_who_logs_in(urls, region, database, clock, sign_in):
    made = settings(urls, second_factor="everybody")
    app = create_app(made, clock=clock)
    assert [made.with_(second_factor="", mode=mode).second_factor_for_all for mode in ("production", "demo")] == [
        True,
        False,
    ]
    with database.writing() as session:
        accounts.create_account(
            session, person_id=region.midwife.person_id, login=LOGIN, password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP,
        )  # fmt: skip
    browser = Browser(app.test_client()).enter()
    assert browser.path == "/account/code"
    assert browser.get("/casussen").path == "/account/code"
    assert browser.client.get("/api/v1/tasks").json["type"] == "/problems/second-factor-needed"

    browser.get("/account/code").send("/account/code/begin", password=PASSWORD)
    browser.send("/account/code", code=code(key_of(browser), clock))

    assert browser.get("/casussen").path == "/casussen"
    page = browser.get("/account/code")
    assert "Zet de extra controle uit" not in page.text
    page.last = page.client.post("/account/code/uit", data={"password": PASSWORD, "csrf_token": page.csrf})
    assert page.last.status_code == 403
    program = Caller(app.test_client(), region.midwife, sign_in("midwife").token)
    assert program.get("/tasks").status_code == 200, "a token is the operator's word"
    app.extensions["steun.database"].dispose()


def test_a_first_password_is_chosen_with_a_code_that_works_once_and_shortly(
    app, region, database, clock, log_in, tmp_path
):
    leaks = tmp_path / "leaks.txt"
    told = {hashlib.sha1(word.encode()).hexdigest().upper() for word in ("een paard rijdt op de maan", "x", "y", "z")}
    leaks.write_text("".join(f"{one}:3\n" for one in sorted(told)))
    app.extensions["steun.settings"] = app.extensions["steun.settings"].with_(leaked_passwords=str(leaks))
    with database.writing() as session:
        account = accounts.create_account(
            session, person_id=region.nurse.person_id, login=LOGIN, by=OPERATOR, at=clock(), cost=CHEAP
        )
        account_id = account.id
    page = f"/organisaties/mensen/{region.nurse.person_id}/toegang"
    admin, nurse = Browser(log_in("administrator")), Browser(app.test_client())

    def code_from_admin() -> str:
        admin.get(page).send(f"{page}/{account_id}/activeringscode")
        return str(document_fromstring(admin.last.text).xpath("//code[@class='steun-key']/text()")[0])

    late = code_from_admin()
    clock.forward(hours=72)
    choose = {"login": LOGIN.upper(), "password": "groene laarzen in de sneeuw"}
    assert nurse.get("/activeren").typed("login") == ""
    nurse.send("/activeren", **choose | {"login": 'een"<b>'}, code=late)
    assert nurse.typed("login") == 'een"<b>'
    nurse.send("/activeren", **choose, code=late)
    assert nurse.last.status_code == 401
    expired = nurse.text
    admin = Browser(log_in("administrator"))
    first, second = code_from_admin(), code_from_admin()
    for wrong in ({"code": first}, {"code": ""}, {"code": second, "login": "niemand"}):
        nurse.send("/activeren", **{**choose, **wrong})
        assert nurse.last.status_code == 401
        assert nurse.text == expired
    for easy, why in (("een paard rijdt op de maan", "bij een datalek"), ("qqz7", "van 12 tot")):
        nurse.send("/activeren", login=LOGIN, code=second, password=easy)
        assert nurse.last.status_code == 400
        assert why in nurse.text
        assert easy not in nurse.last.text
    assert "werkt tot" in admin.get(page).text
    nurse.send("/activeren", **choose, code=second.upper().replace("-", " "))
    assert nurse.path == "/inloggen"
    assert nurse.enter("groene laarzen in de sneeuw").path == "/werk"
    stranger = Browser(app.test_client()).get("/activeren").send("/activeren", **choose, code=second)
    assert stranger.last.status_code == 401

    nurse.get("/account/wachtwoord").send(
        "/account/wachtwoord", old=choose["password"], password="een paard rijdt op de maan"
    )
    assert "bij een datalek" in nurse.text
    code_from_admin()
    assert nurse.get("/werk").path == "/inloggen", "whoever forgot it is logged out everywhere"
    assert nurse.enter(choose["password"]).last.status_code == 401
    with database.reading() as session:
        lines = session.execute(
            select(logbook.LoggedChange.event, logbook.LoggedChange.outcome)
            .where(logbook.LoggedChange.subject_id == str(account_id))
            .order_by(logbook.LoggedChange.id)
        ).all()
    assert ("activation.issued", "success") in lines
    assert ("activation.refused", "refused") in lines
    assert ("account.activated", "success") in lines


def test_an_administrator_sees_where_somebody_is_logged_in_and_takes_it_away(log_in, sign_in, region, clock):
    midwife, admin, program = log_in("midwife"), Browser(log_in("administrator")), sign_in("midwife")
    page = f"/organisaties/mensen/{region.midwife.person_id}/toegang"

    assert "Onbekend apparaat" in admin.get(page).text
    admin.send(f"{page}/uitloggen")
    assert "Nu nergens." in admin.text
    assert midwife.get("/api/v1/me").status_code == 401
    assert program.get("/me").status_code == 200
    [revoke] = [
        form.get("action")
        for form in document_fromstring(admin.last.text).forms
        if "/programmas/" in form.get("action")
    ]
    admin.send(revoke)
    assert program.get("/me").status_code == 401
    assert log_in("coordinator").get(page).status_code == 403


def test_ones_own_account_says_where_one_is_logged_in_and_changes_the_password(app, region, database, clock):
    with database.writing() as session:
        accounts.create_account(
            session, person_id=region.midwife.person_id, login=LOGIN, password=PASSWORD, by=OPERATOR, at=clock(),
            cost=CHEAP,
        )  # fmt: skip
    agents = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
    )
    browsers = []
    for agent in agents:
        client = app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = agent
        browsers.append(Browser(client).enter())
    here, phone = browsers
    text = here.get("/account").text
    assert "Firefox op Windows · dit apparaat" in text
    assert "Safari op iPhone" in text

    [phone_only] = [
        one
        for one in document_fromstring(here.last.text).xpath("//main//a/@href")
        if "/sessies/" in one and one != "/account/sessies/beeindigen"
    ]
    here.get(phone_only).send(phone_only, password="verkeerd")
    assert here.last.status_code == 400
    assert "Dit wachtwoord klopt niet" in here.text
    assert phone.get("/werk").path == "/werk"
    here.send(phone_only, password=PASSWORD)
    assert "Daar bent u uitgelogd." in here.text
    assert phone.get("/werk").path == "/inloggen"
    assert here.get(phone_only).last.status_code == 404

    phone.enter()
    assert "Safari op iPhone" in here.get("/account/sessies/beeindigen").text
    here.send("/account/sessies/beeindigen")
    assert here.last.status_code == 400
    here.send("/account/sessies/beeindigen", password=PASSWORD)
    assert "U bent overal anders uitgelogd." in here.text
    assert "Safari op iPhone" not in here.text
    assert phone.get("/werk").path == "/inloggen"
    phone.enter()
    before = here.cookie
    here.get("/account/wachtwoord").send("/account/wachtwoord", old="verkeerd", password="iets heel anders nu")
    assert here.last.status_code == 400
    here.send("/account/wachtwoord", old=PASSWORD, password="kort")
    assert "Kies een wachtwoord van 12" in here.text
    here.send("/account/wachtwoord", old=PASSWORD, password="iets heel anders nu")
    assert here.path == "/account"
    assert here.cookie != before
    assert phone.get("/werk").path == "/inloggen"
    phone.enter()
    assert phone.last.status_code == 401
    assert phone.enter("iets heel anders nu").path == "/werk"
