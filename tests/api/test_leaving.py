"""Putting somebody, a role or an organisation out of service, over HTTP and at the command line."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.api.conftest import SIGNAL
from tests.api.test_cli import empty, steun  # noqa: F401
from tests.conftest import VAULT
from workflows import accounts
from workflows.db import Database
from workflows.organisations import Organisation, Person


def ids(region) -> dict[str, str]:
    return {
        f"/people/{region.midwife.person_id}/deactivations": "person",
        f"/assignments/{region.midwife.assignment_id}/endings": "role",
        f"/organisations/{region.practice.id}/deactivations": "organisation",
    }


@pytest.mark.parametrize("which", range(3))
def test_what_somebody_had_goes_back_and_their_key_opens_nothing_any_more(begin, sign_in, region, which):
    path = list(ids(region))[which]
    begun = begin()

    left = sign_in("administrator").post(path)

    assert left.status_code == 200, left.text
    assert (left.json["tasks"], left.json["cases"]) == (1, 1)
    assert left.json["alarms"] == (1 if "organisations" in path else 0)
    assert begun.by.get(begun.path).status_code == 401
    assert begun.complete(SIGNAL).status_code == 401


@pytest.mark.parametrize("which", range(3))
def test_sent_twice_with_one_key_it_happens_once(sign_in, region, which):
    path = list(ids(region))[which]
    administrator = sign_in("administrator")
    key = {"Idempotency-Key": "once"}

    first, second = administrator.post(path, headers=key), administrator.post(path, headers=key)
    third = administrator.post(path)

    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 409)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == {"id": first.json["id"], "tasks": None, "cases": None, "alarms": None}
    assert "al " in third.json["detail"]


def test_offers_are_prepared_before_an_organisation_stops(sign_in, region, begin):
    begin()
    administrator, path = sign_in("administrator"), f"/organisations/{region.practice.id}/successions"
    chosen = {"successors": [{"role": "signaller", "organisation_id": str(region.youth_health.id)}]}
    key = {"Idempotency-Key": "once"}

    first, again = (administrator.post(path, json=chosen, headers=key) for _ in range(2))

    told = {"id": str(region.practice.id), "prepared": 0, "asked": 0, "underway": 0}  # a draft goes nowhere
    assert (first.status_code, first.json) == (200, told)
    assert again.json == dict.fromkeys(told) | {"id": told["id"]}
    wrong = {"successors": [{"role": "signaller", "organisation_id": str(region.practice.id)}]}
    refused = administrator.post(path, json=wrong)
    assert (refused.status_code, set(refused.json["errors"])) == (400, {"signaller"})
    assert sign_in("midwife2").post(path, json=chosen).status_code == 403


@pytest.mark.parametrize("who", ["coordinator", "process_director", "midwife2"])
def test_only_an_administrator_does_it(sign_in, region, database, who):
    other = sign_in(who)

    assert [other.post(path).status_code for path in ids(region)] == [403, 403, 403]
    with database.reading() as session:
        assert session.get(Person, region.midwife.person_id).active


def test_who_or_what_does_not_exist_is_not_found(sign_in):
    administrator = sign_in("administrator")

    for path in ("/people/{}/deactivations", "/assignments/{}/endings", "/organisations/{}/deactivations"):
        assert administrator.post(path.format(uuid4())).status_code == 404


def test_the_operator_puts_somebody_out_of_service_by_login(empty):  # noqa: F811
    assert steun("migrate", environment=empty).returncode == 0
    made = steun(
        *("organisation", "add", "Praktijk De Proef (fictief)", "--type", "midwifery_practice"),
        *("--domain", "medical", "--area", "GM0983"),
        environment=empty,
    )
    assert made.returncode == 0, made.stderr
    added = steun(
        *("user", "add", "--login", "vera", "--name", "Vera Voorbeeld", "--role", "signaller"),
        *("--organisation", "Praktijk De Proef (fictief)", "--json"),
        environment=empty,
    )
    assert added.returncode == 0, added.stderr

    checked = steun("organisation", "check", environment=empty)
    data = steun("organisation", "check", "--json", environment=empty)
    assert checked.returncode == data.returncode == 1, checked.stderr
    assert "Praktijk De Proef (fictief): Er is geen logbeheerder." in checked.stdout
    assert [one["gap"] for one in json.loads(data.stdout)["items"]] == ["no_log_manager"]
    given = steun(
        *("user", "role", "vera", "--role", "log_manager", "--organisation", "Praktijk De Proef (fictief)"),
        environment=empty,
    )
    assert given.returncode == 0, given.stderr
    assert (
        steun("organisation", "check", environment=empty).stdout
        == "Bij elke organisatie is elke rol bezet die nodig is.\n"
    )
    ended = steun("user", "end", "Vera", "--json", environment=empty)
    again = steun("user", "end", "vera", environment=empty)
    unknown = steun("user", "end", "niemand", environment=empty)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"tasks": 0, "cases": 0, "alarms": 0}
    assert again.returncode == unknown.returncode == 5
    assert "al uit dienst" in again.stderr
    assert "bestaat niet" in unknown.stderr
    assert "Traceback" not in again.stderr + unknown.stderr
    database = Database(empty["STEUN_DATABASE_URL"], vault=VAULT, house=True)
    with database.reading() as session:
        assert session.scalars(select(accounts.Account.active)).all() == [False]
    database.dispose()
    assert "Meld iemand uit dienst" in steun("user", "end", "--help", environment={}).stdout


def test_a_program_hears_where_nobody_keeps_watch(sign_in, region):
    found = sign_in("administrator").get("/organisations/unwatched")

    assert found.status_code == 200, found.text
    said = {(one["organisation_id"], one["gap"], one["waiting"]) for one in found.json["items"]}
    assert (str(region.youth_health.id), "no_log_manager", 0) in said
    assert str(region.practice.id) not in found.text  # it has a log manager
    assert sign_in("coordinator").get("/organisations/unwatched").status_code == 403


def test_a_program_says_who_may_use_the_bsn(sign_in, region, database):
    path = f"/organisations/{region.practice.id}/bsn-uses"
    administrator = sign_in("administrator")

    assert sign_in("coordinator").post(path, {"may_use_bsn": False}).status_code == 403
    assert administrator.post(f"/organisations/{uuid4()}/bsn-uses", {"may_use_bsn": True}).status_code == 404
    assert administrator.post(path, {}).status_code == 400
    changed = administrator.post(path, {"may_use_bsn": False})
    assert (changed.status_code, changed.json) == (200, {"may_use_bsn": False})
    with database.reading() as session:
        assert session.get_one(Organisation, region.practice.id).may_use_bsn is False
