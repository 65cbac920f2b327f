"""Breaking the glass through the doors and the pages: the password again, once, for as long as it lasts, and no traces."""

from __future__ import annotations

import re
import threading
from uuid import uuid4

import pytest

from engine.clock import local_date
from tests.api.conftest import CHEAP, PASSWORD, SIGNAL
from workflows import accounts, organisations
from workflows.actor import OPERATOR

WHY = {
    "reason": "mental_crisis",
    "explanation": "Ze zegt aan de telefoon dat ze niet meer wil leven.",
    "ground": "vital_interest",
}
PERSON = {"parent_name": SIGNAL["parent_name"], "birth_date": SIGNAL["birth_date"]}
CONSENT = {
    "consent_result": "given", "subject": "parent", "given_by": "self",
    "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
    "consent_form": "oral", "consent_language": "nl", "share_youth_health": "yes",
    "share_youth_health_categories": ["C0", "C1"], "share_feedback": "no", "share_municipality": "no",
    "validity": "until_closed",
}  # fmt: skip


@pytest.fixture
def shared(begin):
    """A shared case of the midwife: its id and number."""
    begun = begin()
    case = begun.by.get(begun.path).json["case"]
    done = begun.complete(SIGNAL)
    assert done.status_code == 201, done.text
    [asked] = [one for one in begun.by.get("/tasks").json["items"] if one["form_key"] == "consent"]
    claimed = begun.by.post(f"/tasks/{asked['id']}/claims")
    agreed = begun.by.post(
        f"/tasks/{asked['id']}/completion", json={"answers": CONSENT}, headers={"If-Match": claimed.headers["ETag"]}
    )
    assert agreed.status_code == 201, agreed.text
    return case["id"], case["number"]


@pytest.fixture
def esra(sign_in, database, region, clock):
    """A midwife of another practice, as a program, with a password to be asked again."""
    with database.writing() as session:
        accounts.create_account(
            session, person_id=region.other_midwife.person_id, login="esra", password=PASSWORD, by=OPERATOR,
            at=clock(), cost=CHEAP,
        )  # fmt: skip
    return sign_in("other_midwife")


def test_a_program_opens_reads_and_ends_it(shared, esra, sign_in, clock):
    case_id, number = shared
    key = {"Idempotency-Key": "once"}
    body = {**PERSON, **WHY, "password": PASSWORD}

    wrong = esra.post("/emergencies", json={**body, "password": "niet het goede wachtwoord"})
    opened = esra.post("/emergencies", json=body, headers=key)
    again = esra.post("/emergencies", json=body, headers=key)

    assert (wrong.status_code, set(wrong.json["errors"])) == (400, {"password"})
    assert opened.status_code == 201, opened.text
    assert again.json == opened.json
    assert opened.json["case_number"] == number
    assert "case_id" not in opened.json
    path = opened.headers["Location"].removeprefix("/api/v1")
    view = esra.get(path)
    assert view.status_code == 200
    assert SIGNAL["support_request_own_words"] in view.text
    assert [one["id"] for one in esra.get("/emergencies").json["items"]] == [opened.json["id"]]
    assert esra.get(f"/cases/{case_id}").status_code == 404
    midwife = sign_in("midwife")
    assert [one["id"] for one in midwife.get(f"/cases/{case_id}/emergencies").json["items"]] == [opened.json["id"]]
    assert midwife.get(path).status_code == 404
    for outsider in ("nurse", "log_manager", "coordinator", "process_director"):
        other = sign_in(outsider)
        assert other.get(path).status_code == 404
        assert other.post(f"{path}/endings").status_code == 404
        assert other.get(f"/cases/{case_id}/emergencies").status_code == 404
    assert midwife.post(f"{path}/endings").status_code == 201
    assert esra.get(path).status_code == 403
    assert esra.post("/emergencies", json=body, headers=key).json["runs"] is False  # a replay opens nothing anew
    assert esra.get(path).status_code == 403
    assert esra.get("/emergencies").json["items"] == []


def test_who_may_not_and_who_is_not_known(shared, esra, sign_in, region, database, clock):
    unknown = {"case_number": "2026-9999", **WHY, "password": PASSWORD}
    for outsider in ("coordinator", "log_manager", "process_director", "protection_officer", "administrator"):
        assert sign_in(outsider).post("/emergencies", json=unknown).status_code == 403
        assert sign_in(outsider).get("/emergencies").status_code == 403
    half = {**PERSON, "parent_name": "Fatima", **WHY, "password": PASSWORD}
    key = {"Idempotency-Key": "nothing"}
    answers = [esra.post("/emergencies", json=body) for body in (unknown, half)]
    answers += [esra.post("/emergencies", json=half, headers=key) for _ in range(2)]
    assert {one.status_code for one in answers} == {404}
    assert len({(one.json["title"], one.json["detail"]) for one in answers}) == 1
    for _ in range(2):
        esra.post("/emergencies", json=unknown)
    late = esra.post("/emergencies", json={**PERSON, **WHY, "password": PASSWORD})
    assert (late.status_code, late.headers["Retry-After"]) == (429, "3600")
    assert esra.get(f"/emergencies/{uuid4()}").status_code == 404


def test_who_has_a_second_factor_is_asked_for_it_too_and_nothing_tells_which_was_wrong(
    shared, sign_in, log_in, region, database, clock
):
    browser, esra = log_in("other_midwife"), sign_in("other_midwife")
    by = region.other_midwife
    with database.writing() as session:
        [account] = accounts.accounts_of(session, by.person_id, by=OPERATOR, at=clock())
        secret = accounts.begin_second_factor(session, account.id, by=by, at=clock())
        enrolled = accounts.confirm_second_factor(
            session, account.id, code=accounts.code_of(secret, accounts.step_of(clock())), by=by, at=clock(),
            sign_in_secret=browser.get_cookie("steun-sign-in").value,
        )  # fmt: skip
    browser.set_cookie("steun-sign-in", enrolled.secret)
    body = {"case_number": shared[1], **WHY, "password": PASSWORD}

    def fresh() -> str:
        clock.forward(minutes=2)
        return accounts.code_of(secret, accounts.step_of(clock()))

    refused = [
        esra.post("/emergencies", json={**body, **wrong})
        for wrong in ({}, {"one_time_code": "000000"}, {"password": "iets anders", "one_time_code": fresh()})
    ]
    assert [one.status_code for one in refused] == [400, 400, 400]
    assert len({str(one.json["errors"]) for one in refused}) == 1
    form = browser.get("/noodinzage")
    typed = {"csrf_token": hidden(form, "csrf_token"), "case_number": shared[1], "parent_name": "", "birth_date": ""}
    page = browser.post("/noodinzage", data={**typed, **WHY})
    assert 'name="one_time_code"' in page.text
    send = {**typed, **WHY, "_nonce": hidden(page, "_nonce"), "password": PASSWORD}
    code = fresh()
    without = browser.post("/noodinzage/openen", data=send)
    assert without.status_code == 400
    assert browser.post("/noodinzage/openen", data={**send, "one_time_code": code}).status_code == 303
    assert esra.post("/emergencies", json={**body, "one_time_code": code}).status_code == 400  # a code is taken once
    on_paper = {**body, "one_time_code": enrolled.recovery_codes[0]}
    assert esra.post("/emergencies", json=on_paper).status_code == 409  # it was right; the case is open already
    for _ in range(10):  # a known password opens no way to guess codes
        assert esra.post("/emergencies", json={**body, "one_time_code": "000000"}).status_code in (400, 429)
    assert esra.post("/emergencies", json={**body, "one_time_code": fresh()}).status_code in (400, 429)


def test_a_role_that_must_have_a_code_cannot_do_without(shared, esra, region, database, clock):
    with database.writing() as session:
        by = region.other_midwife
        organisations.assign_role(
            session, person_id=by.person_id, organisation_id=by.organisation_id, role="log_manager",
            valid_from=local_date(clock()), by=OPERATOR, at=clock(),
        )  # fmt: skip
    answer = esra.post("/emergencies", json={"case_number": shared[1], **WHY, "password": PASSWORD})
    assert (answer.status_code, "verplicht" in answer.json["detail"]) == (403, True)


def test_two_at_once_open_it_once(shared, esra, sign_in):
    body = {"case_number": shared[1], **WHY, "password": PASSWORD}
    callers = [esra, sign_in("other_midwife")]
    found = []
    threads = [
        threading.Thread(target=lambda who=who: found.append(who.post("/emergencies", json=body))) for who in callers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.status_code for one in found) == [201, 409]
    assert len(esra.get("/emergencies").json["items"]) == 1


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def test_the_pages_say_what_will_happen_and_lose_nothing(shared, log_in, clock):
    case_id, number = shared
    browser = log_in("other_midwife")
    typed = {"case_number": "", **PERSON, **WHY}
    form = browser.get("/noodinzage")
    assert "Noodinzage: in nood een casus openen" in form.text
    token = {"csrf_token": hidden(form, "csrf_token")}

    short = browser.post("/noodinzage", data={**token, **typed, "explanation": "kort"})
    assert short.status_code == 400
    assert SIGNAL["parent_name"] in short.text
    confirm = browser.post("/noodinzage", data={**token, **typed})
    assert confirm.status_code == 200
    assert "60 minuten" in confirm.text
    assert number not in confirm.text
    send = {**token, **typed, "_nonce": hidden(confirm, "_nonce")}
    wrong = browser.post("/noodinzage/openen", data={**send, "password": "verkeerd"})
    assert wrong.status_code == 400
    assert "verkeerd" not in wrong.text
    assert WHY["explanation"] in wrong.text
    nobody = browser.post("/noodinzage/openen", data={**send, "parent_name": "Fatima", "password": PASSWORD})
    assert nobody.status_code == 404
    send["_nonce"] = hidden(nobody, "_nonce")
    opened = browser.post("/noodinzage/openen", data={**send, "password": PASSWORD})
    again = browser.post("/noodinzage/openen", data={**send, "password": PASSWORD})

    assert opened.status_code == again.status_code == 303
    assert opened.location == again.location
    assert not any(word in opened.location for word in ("Fatima", "1998", case_id))
    page = browser.get(opened.location)
    assert SIGNAL["support_request_own_words"] in page.text
    assert "nog 60 minuten" in page.text
    assert browser.get(f"/casussen/{case_id}").status_code == 404
    clock.forward(minutes=29)  # a session ends after half an hour
    assert "nog 31 minuten" in browser.get(opened.location).text
    midwife = log_in("midwife")
    seen = midwife.get(f"/casussen/{case_id}")
    assert "Esra Verloskundige" in seen.text
    assert "Leest nu mee" in seen.text
    assert WHY["explanation"] not in seen.text
    ended = midwife.post(f"{opened.location}/stoppen", data={"csrf_token": hidden(seen, "csrf_token")})
    assert ended.location.endswith(case_id)
    over = browser.get(opened.location)
    assert over.status_code == 403
    assert "afgelopen" in over.text
    assert SIGNAL["support_request_own_words"] not in over.text
    replayed = browser.post("/noodinzage/openen", data={**send, "password": PASSWORD})
    assert browser.get(replayed.location).status_code == 403  # the same page sent once more opens nothing anew
    assert log_in("coordinator").get("/noodinzage").status_code == 403


def test_the_log_manager_reviews_on_a_page_without_the_case(shared, esra, log_in):
    opened = esra.post("/emergencies", json={"case_number": shared[1], **WHY, "password": PASSWORD})
    assert opened.status_code == 201
    browser = log_in("log_manager")
    work = browser.get("/werk")
    task = re.search(r"/taken/([0-9a-f-]{36})", work.text)[1]
    token = {"csrf_token": hidden(work, "csrf_token")}
    page = browser.post(f"/taken/{task}/oppakken", data=token, follow_redirects=True)

    assert WHY["explanation"] in page.text
    assert "Esra Verloskundige" in page.text
    assert shared[1] in page.text
    assert SIGNAL["parent_name"] not in page.text
    assert SIGNAL["support_request_own_words"] not in page.text
    aside = re.search(rf'href="(/taken/{task}/ken-ik)"', page.text)[1]
    assert browser.get(aside).status_code == 200
    stepped = browser.post(aside, data={**token, "reason": "neighbour"}, follow_redirects=True)
    assert task not in stepped.text
    assert browser.get(f"/taken/{task}").status_code == 404
