"""Parents at their own door: the code on the paper, the second factor, and what their cookie opens: nothing else."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from engine.clock import local_date
from tests import builders
from tests.builders import CHEAP, PASSWORD
from workflows import accounts, parents, settings
from workflows.organisations import PersonKind

_REFUSED = re.compile(r"horen niet bij elkaar")


@pytest.fixture
def case(database, region, clock):
    with database.writing() as session:
        return builders.case(session, region.midwife, clock())


@pytest.fixture
def invited(database, region, case, clock):
    with database.writing() as session:
        mother = builders.parent(session, case)
        return parents.invite(
            session, mother, identity_check="known", case_id=case.id, by=region.midwife, at=clock(), cost=CHEAP
        )


def post(client, path, **data):
    """As a browser does that has just opened the page."""
    for page in (path, "/mijn", "/mijn/inloggen", "/mijn/code", "/mijn/bevestigen"):
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text):
            break
    assert found
    return client.post(path, data={"csrf_token": found[1], **data})


def begin(client, invited):
    return post(client, "/mijn/begin", login=invited.login, code=invited.code, password=PASSWORD)


def couple(database, client, invited, clock):
    """The app on the telephone, as if it had read the square."""
    assert client.get("/mijn").headers["Location"] == "/mijn/code", "nothing before the second factor"
    page = client.get("/mijn/code").text
    secret = re.search(r'class="steun-key"[^>]*>([^<]+)<', page)[1].replace(" ", "")
    return post(client, "/mijn/code", code=accounts.code_of(secret, accounts.step_of(clock()))), secret


def test_from_paper_to_page_with_a_telephone(client, app, database, invited, clock):
    assert client.get("/mijn").headers["Location"] == "/mijn/inloggen"
    begun = begin(client, invited)
    assert (begun.status_code, begun.headers["Location"]) == (303, "/mijn/code")
    codes, secret = couple(database, client, invited, clock)
    assert len(re.findall(r'class="steun-key"', codes.text)) == 8
    assert client.get("/mijn").status_code == 200

    again = app.test_client()  # somewhere else, and every refusal is the same
    said = {
        _REFUSED.findall(post(again, "/mijn/begin", **data).text)[0]
        for data in (
            {"login": invited.login, "code": invited.code, "password": PASSWORD},
            {"login": "ouder-0000-0000", "code": invited.code, "password": PASSWORD},
        )
    }
    assert len(said) == 1
    clock.forward(minutes=1)
    entered = post(again, "/mijn/inloggen", login=invited.login.replace("-", " "), password=PASSWORD)
    assert entered.headers["Location"] == "/mijn/bevestigen"
    assert again.get("/mijn").headers["Location"] == "/mijn/inloggen"
    assert post(again, "/mijn/bevestigen", code="000000").status_code == 401
    post(again, "/mijn/bevestigen", code=accounts.code_of(secret, accounts.step_of(clock())))
    assert again.get("/mijn").status_code == 200
    post(again, "/mijn/uitloggen")
    assert again.get("/mijn").headers["Location"] == "/mijn/inloggen"
    clock.forward(minutes=16)
    assert client.get("/mijn").headers["Location"] == "/mijn/inloggen", "the telephone lay on the table"


def test_from_paper_to_page_with_codes_on_paper(client, app, invited, clock):
    begin(client, invited)
    codes = re.findall(r'class="steun-key"[^>]*>([^<]+)<', post(client, "/mijn/code/papier").text)
    assert len(codes) == 8
    assert client.get("/mijn").headers["Location"] == "/mijn/code", "they were shown, not written down yet"
    assert post(client, "/mijn/code", code="aaaa-bbbb").status_code == 400
    assert post(client, "/mijn/code", code=codes[0]).headers["Location"] == "/mijn"
    assert client.get("/mijn").status_code == 200

    again = app.test_client()
    post(again, "/mijn/inloggen", login=invited.login, password=PASSWORD)
    assert post(again, "/mijn/bevestigen", code=codes[0]).status_code == 401, "each once"
    post(again, "/mijn/bevestigen", code=codes[1])
    assert again.get("/mijn").status_code == 200


def test_the_door_speaks_the_language_that_was_chosen_there_until_the_end(client, database, invited, region, clock):
    assert "?taal=" not in client.get("/mijn/begin?taal=en").text, "no region switched it on"
    with database.writing() as session:
        settings.put(
            session, "family.language_en", 1, valid_from=local_date(clock()), source="In de proef nagekeken",
            by=region.administrator, at=clock(),
        )  # fmt: skip
    page = client.get("/mijn/begin?taal=en")
    assert '<html lang="en" dir="ltr"' in page.text
    assert "This translation has not been reviewed yet" in page.text

    refused = post(client, "/mijn/begin", login=invited.login, code=invited.code, password="welkom welkom")
    assert "This is easy to guess." in refused.text
    assert 'value="' + invited.login in refused.text, "typed once is enough"
    assert "do not belong together" in post(client, "/mijn/inloggen", login=invited.login, password="x").text
    begin(client, invited)
    assert "This code is not right. Look in the app" in post(client, "/mijn/code", code="123456").text
    codes = couple(database, client, invited, clock)[0].text
    assert "We show them only once." in codes
    assert "?taal=" not in codes, "choosing here would lose them"
    assert '<html lang="en"' in client.get("/mijn").text
    assert "This page had expired" in client.post("/mijn/inlog/stop").text
    assert "We cannot find this page" in client.get("/mijn/nergens").text
    assert post(client, "/mijn/uitloggen").status_code == 303
    assert "You are logged out." in client.get("/mijn/inloggen").text


def test_who_knows_the_password_too_does_not_see_the_factor_that_is_being_set_up(client, app, database, invited):
    begin(client, invited)

    other = app.test_client()
    post(other, "/mijn/inloggen", login=invited.login, password=PASSWORD)

    assert "steun-key" in other.get("/mijn/code").text
    with database.reading() as session:  # what she saw makes no code that counts
        drawn = session.scalars(select(accounts.SecondFactor).order_by(accounts.SecondFactor.ended_at.is_(None))).all()
    assert [one.ended_at is None for one in drawn] == [False, True]
    assert client.get("/mijn/code").headers["Location"] == "/mijn/inloggen"  # and she sees that something is wrong


def test_one_door_does_not_know_who_comes_in_by_the_other(client, app, database, region, case, clock):
    with database.writing() as session:
        parent = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
        accounts.create_account(
            session, person_id=region.midwife.person_id, login="vera", password=PASSWORD, by=builders.OPERATOR,
            at=clock(), cost=CHEAP,
        )  # fmt: skip
    theirs, ours = app.test_client(), app.test_client()
    post(theirs, "/mijn/inloggen", login=parent.login, password=PASSWORD)
    post(theirs, "/mijn/bevestigen", code=parent.code(clock()))
    assert theirs.get("/mijn").status_code == 200

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', ours.get("/inloggen").text)[1]
    answers = [
        ours.post("/inloggen", data={"csrf_token": token, "login": login, "password": PASSWORD})
        for login in ("nobody", parent.login)
    ]
    assert [one.status_code for one in answers] == [401, 401]
    told = [re.sub(r'name="csrf_token"[^>]*', "", one.text) for one in answers]
    assert told[0].replace("nobody", "") == told[1].replace(parent.login, "")
    answers = [post(app.test_client(), "/mijn/inloggen", login=one, password=PASSWORD) for one in ("nobody", "vera")]
    assert [one.status_code for one in answers] == [401, 401]
    assert [_REFUSED.findall(one.text) for one in answers] == [["horen niet bij elkaar"]] * 2

    mine, work = theirs.get_cookie("steun-mijn").value, app.test_client()
    work.set_cookie("steun-sign-in", mine)
    assert work.get("/werk").headers["Location"].startswith("/inloggen")
    assert work.get("/api/v1/me").status_code == 401
    assert app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {mine}"}).status_code == 401
    with database.writing() as session:
        account = accounts.account_of(session, "vera", by=builders.OPERATOR, at=clock())
        _, assignment = builders.ids(region.midwife)
        secret = accounts.sign_in(session, account, assignment_id=assignment, at=clock())
    work.set_cookie("steun-mijn", secret)
    assert work.get("/mijn").headers["Location"] == "/mijn/inloggen"


def test_a_login_that_ended_a_moment_ago_is_nobody_and_too_many_attempts_are_one_answer(
    client, app, database, region, case, clock
):
    with database.writing() as session:
        parent = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
    post(client, "/mijn/inloggen", login=parent.login, password=PASSWORD)
    post(client, "/mijn/bevestigen", code=parent.code(clock()))
    assert client.get("/mijn").status_code == 200
    with database.writing() as session:
        link = parents.link_of(session, parent.member.family_id, parent.link.id)
        parents.end_link(session, link, "not_safe", case_id=case.id, by=region.midwife, at=clock())
    assert client.get("/mijn").headers["Location"] == "/mijn/inloggen"
    ended = post(app.test_client(), "/mijn/inloggen", login=parent.login, password=PASSWORD)
    unknown = post(app.test_client(), "/mijn/inloggen", login="ouder-0000-0000", password=PASSWORD)
    assert ended.status_code == unknown.status_code == 401
    assert PersonKind.PARENT not in ended.text


def logged_in(app, parent, clock):
    client = app.test_client()
    post(client, "/mijn/inloggen", login=parent.login, password=PASSWORD)
    post(client, "/mijn/bevestigen", code=parent.code(clock()))
    assert client.get("/mijn").status_code == 200
    return client


def test_what_is_of_another_family_is_as_what_is_not_there_and_a_parents_cookie_is_nobodys_elsewhere(
    app, database, region, case, clock
):
    with database.writing() as session:
        other = builders.case(session, region.other_midwife, clock())
        ours = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
        theirs = builders.parent_login(session, region.other_midwife, builders.parent(session, other), clock())
    client = logged_in(app, ours, clock)
    logged_in(app, theirs, clock)
    with database.reading() as session:
        at = clock()
        [sign_in] = accounts.sessions_of_parent(session, by=theirs.actor, at=at)
    ids = {"case_id": other.id, "member_id": theirs.member.id, "session_id": sign_in.id, "link_id": theirs.link.id}
    said: list[str] = []
    event.listen(app.extensions["steun.database"].engine, "after_cursor_execute", lambda *told: said.append(told[2]))

    def ask(rule, method, given):
        path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: str(given.get(match[1], given["case_id"])), rule)
        data = {"csrf_token": token} if method == "POST" else None
        said.clear()
        answer = client.open(path, method=method, data=data)
        text = re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}", "", _TOKEN.sub("", answer.text))
        return answer.status_code, text, [re.sub(r"sa_savepoint_\d+", "", one) for one in said]

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/mijn/inlog").text)[1]
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST"}):
            if rule.rule.startswith("/mijn/") and "<uuid:" in rule.rule:
                nothing = dict.fromkeys(ids, uuid4())
                ask(rule.rule, method, nothing)  # what is read once
                forbidden, unknown = ask(rule.rule, method, ids), ask(rule.rule, method, nothing)
                assert forbidden == unknown, f"{method} {rule.rule}"
                assert forbidden[0] in (404, 400, 302, 303), rule.rule
                tried += 1
            elif method == "GET" and "<" not in rule.rule and not rule.rule.startswith("/mijn"):
                nobody = app.test_client().get(rule.rule)
                assert client.get(rule.rule).status_code == nobody.status_code, rule.rule
    assert tried
    with database.reading() as session:
        assert len(accounts.sessions_of_parent(session, by=theirs.actor, at=clock())) == 1


_TOKEN = re.compile(r'name="csrf_token"[^>]*|name="_nonce"[^>]*')
