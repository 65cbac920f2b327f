"""The doors for a program that does steps: with a token that opens nothing else, and waiting without keeping others."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from api import topics as doors
from api.transactions import system_clock
from tests import builders
from tests.api.conftest import SIGNAL, Caller, etag
from tests.api.test_backups import steun
from tests.builders import CHEAP, PASSWORD
from tests.workflows import outsourced, path
from workflows import accounts, organisations
from workflows.actor import OPERATOR
from workflows.logbook.model import LoggedChange
from workflows.organisations import Role


@pytest.fixture
def boss(app, region, database, clock):
    """The administrator of youth health."""
    with database.writing() as session:
        outsourced.stored(session, clock())
        person = organisations.add_person(session, display_name="Bo Beheer", by=OPERATOR, at=clock())
        given = organisations.assign_role(
            session, person_id=person.id, organisation_id=region.nurse.organisation_id, role=Role.ADMINISTRATOR,
            by=OPERATOR, valid_from=clock().date(), at=clock(),
        )  # fmt: skip
    bo = replace(region.administrator, person_id=person.id, assignment_id=given.id,
                 organisation_id=region.nurse.organisation_id)  # fmt: skip
    with database.writing() as session:
        token = accounts.make_token(
            session, assignment_id=given.id, label="test", expires_at=clock() + timedelta(days=1), second_factor=True,
            by=OPERATOR, at=clock(),
        ).secret  # fmt: skip
    return Caller(app.test_client(), bo, token)


def letter_waits(begin) -> None:
    """A case comes to where the program has to do something."""
    begun = begin()
    done = begun.complete(SIGNAL)
    assert done.status_code == 201, done.text
    task = done.json["next"][0]["id"]
    claimed = begun.by.post(f"/tasks/{task}/claims")
    agreed = begun.by.post(f"/tasks/{task}/completion", json={"answers": path.consent_answers()}, headers=etag(claimed))
    assert agreed.status_code == 201, agreed.text


def test_a_program_does_steps_with_a_token_that_opens_no_other_door(boss, sign_in, begin, app):
    chosen = {"topic": outsourced.TOPIC, "label": "Brieven", "reads": ["theme_count"], "writes": ["theme_count"]}
    made = boss.post("/topic-workers", chosen)
    assert made.status_code == 201
    path_ = f"/topic-workers/{made.json['id']}"
    assert "token" not in boss.get(path_).json
    program = replace(boss, token=made.json["token"])
    assert program.get("/tasks").status_code == program.get("/topic-workers").status_code == 401
    assert boss.post("/topic-steps/fetches").status_code == 401, "nor does the token of a person do steps"
    assert program.post("/topic-steps/fetches", {"most": 99, "wait_seconds": 3600}).status_code == 400
    assert program.post("/topic-steps/fetches").json == {"items": []}

    letter_waits(begin)
    [step] = program.post("/topic-steps/fetches", {"most": 10}).json["items"]
    at, lock = f"/topic-steps/{step['id']}", {"lock_id": step["lock_id"]}
    assert program.post(f"{at}/extensions", lock | {"lock_seconds": 600}).json["status"] == "locked"
    assert program.post(f"{at}/failures", lock | {"error_code": "Een zin."}).status_code == 400
    failed = program.post(f"{at}/failures", lock | {"error_code": "printer_away", "retries_left": 0})
    assert (failed.status_code, failed.json["retries_left"]) == (200, 0)
    [incident] = boss.get("/topic-incidents").json["items"]
    assert (incident["task_id"], incident["error_code"]) == (step["id"], "printer_away")
    assert boss.post(f"/topic-incidents/{step['id']}/retries").json == {"items": []}

    [again] = program.post("/topic-steps/fetches").json["items"]
    lock = {"lock_id": again["lock_id"]}
    assert program.post(f"{at}/releases", lock).json["status"] == "released"
    [again] = program.post("/topic-steps/fetches").json["items"]
    done = {"lock_id": again["lock_id"], "variables": {"theme_count": 7}}
    key = {"headers": {"Idempotency-Key": "klaar"}}
    for _ in range(2):
        answer = program.post(f"{at}/completions", done, **key)
        assert (answer.status_code, answer.json["status"]) == (200, "completed")
    assert program.post(f"{at}/completions", done).status_code == 409

    renewed = boss.post(f"{path_}/tokens", {"days": 30})
    assert renewed.status_code == 201
    assert program.post("/topic-steps/fetches").status_code == 401
    gone = boss.delete(path_, headers=etag(boss.get(path_)))
    assert gone.status_code == 200
    assert replace(boss, token=renewed.json["token"]).post("/topic-steps/fetches").status_code == 401
    assert sign_in("midwife").get("/topic-workers").status_code == 403


def test_pages_tell_how_it_stands_and_what_a_program_gave_up_on(boss, sign_in, begin, log_in, region, database, clock):
    made = boss.post("/topic-workers", {"topic": outsourced.TOPIC, "label": "Brieven"})
    program = replace(boss, token=made.json["token"])
    letter_waits(begin)
    office = log_in("administrator")
    assert "Er is nog geen programma" in office.get("/koppelingen/programmas").text
    assert "Stappen bij andere systemen" not in office.get("/beheer").text
    own = local_administrator(region.youth_health, boss.client.application, database, clock)
    assert "Wacht op een programma</dt><dd>1<" in own.get("/koppelingen/programmas").text
    assert own.get("/beheer").status_code == 403

    [step] = program.post("/topic-steps/fetches").json["items"]
    failure = {"lock_id": step["lock_id"], "error_code": "printer_away", "retries_left": 0}
    assert program.post(f"/topic-steps/{step['id']}/failures", failure).status_code == 200
    assert "Lukt niet" in own.get("/koppelingen").text
    shown = own.get("/koppelingen/programmas").text
    assert ("printer_away" in shown, "Lukt niet" in shown, "Fatima" in shown) == (True, True, False)
    shown = office.get("/beheer").text
    part = shown[shown.index("Stappen bij andere systemen") :]
    for said in ("Brieven", region.youth_health.name, "meldt dat deze stap niet lukt", "Opnieuw proberen"):
        assert said in part
    assert "Verder staat er niets stil." in shown
    assert "Fatima" not in shown

    api = sign_in("administrator")
    [trouble] = api.get("/desk/troubles").json["items"]
    assert (trouble["kind"], trouble["what"], trouble["title"]) == ("step", outsourced.TOPIC, "Stap ‘letters’")
    assert (trouble["organisation"], trouble["program"]) == (region.youth_health.name, "Brieven")
    wanted = {"trouble_id": trouble["id"], "action": "take_back", "why": "advised"}
    assert api.post("/desk/repairs", wanted).status_code == 400, "no program has it"
    assert api.post("/desk/repairs", {**wanted, "action": "retry"}).status_code == 201


def local_administrator(where, app, database, clock):
    """A browser of who manages one organisation and not the installation."""
    with database.writing() as session:
        own = builders.actor(session, "Ada Eigen", where, Role.LOCAL_ADMINISTRATOR, at=clock())
        account = accounts.create_account(
            session, person_id=own.person_id, login="ada", password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP
        )
        secret = accounts.sign_in(
            session, account, assignment_id=own.assignment_id, factor=accounts.Factor.TOTP, at=clock()
        )
    browser = app.test_client()
    browser.set_cookie("steun-sign-in", secret)
    return browser


def test_an_administrator_lets_a_program_in_on_a_page_renews_its_token_and_has_failed_steps_tried_again(
    boss, begin, region, database, clock
):
    own = local_administrator(region.youth_health, boss.client.application, database, clock)
    at = "/koppelingen/programmas"

    def hidden(page: str) -> dict[str, str]:
        return dict(re.findall(r'name="(csrf_token|_nonce)" value="([^"]+)"', own.get(page).text))

    def token_of(answer: Any) -> str:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        [token] = re.findall(r"steun_topic_[\w-]+", answer.text)
        return token

    typed = {
        "topic": "Brieven!",
        "label": "Brieven",
        "reads": "theme_count, phase",
        "writes": "theme_count",
        "days": "x",
    }
    refused = own.post(at, data=typed | hidden(at))
    assert refused.status_code == 400
    for said in ("kleine letters, cijfers", "van 1 tot en met 366", 'value="theme_count, phase"', 'value="Brieven!"'):
        assert said in refused.text
    assert "Er is nog geen programma" in own.get(at).text
    sent = typed | hidden(at) | {"topic": outsourced.TOPIC, "days": "30"}
    program = replace(boss, token=token_of(own.post(at, data=sent)))
    second = own.post(at, data=sent, follow_redirects=True)  # a double click
    assert "Dit is al gedaan" in second.text
    assert "steun_topic_" not in second.text
    [kept] = boss.get("/topic-workers").json["items"]
    assert (kept["label"], kept["reads"], kept["writes"]) == ("Brieven", ["phase", "theme_count"], ["theme_count"])

    letter_waits(begin)
    [step] = program.post("/topic-steps/fetches").json["items"]
    failure = {"lock_id": step["lock_id"], "error_code": "printer_away", "retries_left": 0}
    assert program.post(f"/topic-steps/{step['id']}/failures", failure).status_code == 200
    assert program.post("/topic-steps/fetches").json["items"] == []
    for topic, said in (
        ("other", "niets meer"),
        (outsourced.TOPIC, "wordt opnieuw geprobeerd"),
        (outsourced.TOPIC, "niets meer"),
    ):
        pressed = own.post(f"{at}/opnieuw", data=hidden(at) | {"topic": topic}, follow_redirects=True)
        assert said in pressed.text
    assert [one["id"] for one in program.post("/topic-steps/fetches").json["items"]] == [step["id"]]
    with database.reading() as session:
        written = session.scalars(select(LoggedChange).where(LoggedChange.event == "topic_step.retried"))
        assert [UUID(line.subject_id) for line in written] == [UUID(step["id"])]

    page = f"{at}/{kept['id']}"
    assert "Krijgt mee</dt><dd>phase, theme_count<" in own.get(page).text
    assert own.post(f"{page}/token", data=hidden(page) | {"days": "367"}).status_code == 400
    renewal = hidden(page) | {"days": "366"}
    renewed = replace(boss, token=token_of(own.post(f"{page}/token", data=renewal)))
    assert "Dit is al gedaan" in own.post(f"{page}/token", data=renewal, follow_redirects=True).text
    assert program.post("/topic-steps/fetches").status_code == 401
    assert renewed.post("/topic-steps/fetches").status_code == 200
    assert own.post(f"{page}/verwijderen", data=hidden(page)).status_code == 303
    assert renewed.post("/topic-steps/fetches").status_code == 401
    assert own.get(page).status_code == 404


@pytest.mark.parametrize("clock", [system_clock], ids=["now"])  # the command line has the time of the machine
def test_the_operator_sees_how_it_stands_at_the_console_and_does_something_about_it(boss, begin, urls, clock):
    nothing = steun(urls, "topics", "list", "--json", "--organisation", "Programmabureau (fictief)")
    assert (nothing.exit_code, json.loads(nothing.stdout)["items"]) == (0, [])
    made = boss.post("/topic-workers", {"topic": outsourced.TOPIC, "label": "Brieven"})
    program = replace(boss, token=made.json["token"])
    letter_waits(begin)

    def standing(code: int) -> dict[str, Any]:
        told = steun(urls, "topics", "list", "--json")
        assert told.exit_code == code, told.output
        [one] = json.loads(told.stdout)["items"]
        return one

    assert standing(0)["waiting"] == 1
    [step] = program.post("/topic-steps/fetches").json["items"]
    [held] = standing(0)["held"]
    assert (held["task_id"], held["program"]) == (step["id"], "Brieven")
    assert steun(urls, "topics", "retry", step["id"]).exit_code == 5
    assert steun(urls, "topics", "release", step["id"]).exit_code == 0
    at, lock = f"/topic-steps/{step['id']}", {"lock_id": step["lock_id"]}
    assert program.post(f"{at}/completions", lock).status_code == 409
    [step] = program.post("/topic-steps/fetches").json["items"]
    failure = {"lock_id": step["lock_id"], "error_code": "printer_away", "retries_left": 0}
    assert program.post(f"{at}/failures", failure).status_code == 200
    [failed] = standing(1)["failed"]
    assert (failed["task_id"], failed["error_code"]) == (step["id"], "printer_away")
    for lang, said in (("nl", "mislukt sinds"), ("en", "failed since")):
        told = steun(urls, "topics", "list", "--lang", lang)
        assert (said in told.output, "printer_away" in told.output, "Fatima" in told.output) == (True, True, False)
    assert steun(urls, "topics", "retry", step["id"]).exit_code == 0
    assert [one["id"] for one in program.post("/topic-steps/fetches").json["items"]] == [step["id"]]
    assert steun(urls, "topics", "release", str(uuid4())).exit_code == 5


def test_who_waits_for_work_hears_of_it_and_only_a_few_may_wait(boss, begin, app, monkeypatch):
    monkeypatch.setattr(doors, "_LOOK_EVERY", 0.02)
    made = boss.post("/topic-workers", {"topic": outsourced.TOPIC, "label": "Brieven"})
    program = replace(boss, token=made.json["token"])
    got: list[Any] = []

    def wait() -> None:
        asks = replace(program, client=app.test_client())
        got.append(asks.post("/topic-steps/fetches", {"wait_seconds": 20}).json["items"])

    with app.app_context():
        places = doors._places()
    waiting = threading.Thread(target=wait)
    waiting.start()
    letter_waits(begin)
    waiting.join()
    assert [len(items) for items in got] == [1]
    assert places.acquire(blocking=False), "who waited gave the place back"
    while places.acquire(blocking=False):
        pass
    assert program.post("/topic-steps/fetches", {"wait_seconds": 20}).json == {"items": []}, "it waits for nothing"
