"""Logging in by way of a provider: who is let in, as whom, and everything that does not count."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from lxml.html import document_fromstring
from sqlalchemy import select

from api import create_app, providers
from api.providers import Provider, Rule
from tests.api.conftest import CHEAP, PASSWORD, settings
from tests.api.oidc_provider import CLIENT, OTHER, SECRET, Strange, serving
from workflows import accounts, method, organisations
from workflows.accounts import ProviderIdentity
from workflows.actor import OPERATOR
from workflows.errors import WrongState
from workflows.logbook.model import LoggedChange
from workflows.organisations import RoleAssignment

SURE = "urn:voorbeeld:sterk"


@pytest.fixture
def strange(clock) -> Iterator[Strange]:
    with serving(clock) as found:
        yield found


class House:
    """The application with one provider, or two that the same machine plays."""

    def __init__(self, urls, clock, strange, region, **changes) -> None:
        rules = (
            Rule("groups", "verkenners", region.youth_health.name, "explorer"),
            Rule("groups", "gm0983", str(region.youth_health.id), "explorer", ("GM0983",)),
            Rule("groups", "kapot", "Bestaat niet", "explorer"),
        )
        one = Provider("ggd", "GGD (fictief)", strange.issuer, CLIENT, SECRET, just_in_time=True, rules=rules)
        self.provider = replace(one, **changes)
        self.strange = strange
        made = settings(urls, providers=(self.provider, replace(one, code="ander", name="Ander")))
        self.app: Flask = create_app(made, clock=clock)
        self.client = self.app.test_client()

    def begin(self, path: str = "/inloggen/via/ggd?next=/afwezig") -> dict[str, str]:
        there = self.client.get(path)
        assert there.status_code == 303, there.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there.location).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        self.strange.asked = asked
        return asked

    def back(self, asked: dict[str, str], code: str = "ggd", **changes: str):
        return self.client.get(
            f"/inloggen/via/{code}/terug", query_string={"state": asked["state"], "code": "c", **changes}
        )

    def enter(self, *groups: str, **claims):
        self.client = self.app.test_client()
        self.strange.claims = {"sub": "4711", **claims}
        self.strange.userinfo = {"name": "Gijs van Buiten", "groups": list(groups)}
        return self.back(self.begin())

    def me(self):
        return self.client.get("/api/v1/me").json


@pytest.fixture
def house(urls, clock, strange, region) -> Iterator:
    made = []

    def build(**changes) -> House:
        made.append(House(urls, clock, strange, region, **changes))
        return made[-1]

    yield build
    for one in made:
        one.app.extensions["steun.database"].dispose()


def reasons(database) -> list[str]:
    with database.reading() as session:
        lines = session.scalars(select(LoggedChange).where(LoggedChange.event == "provider.refused"))
        return [one.details["reason"] for one in lines]


def test_who_is_new_gets_an_account_with_the_roles_that_the_rules_give_and_loses_them_again(
    house, database, region, clock
):
    here = house()
    assert here.enter("verkenners", "kapot").headers["Location"] == "/afwezig"
    me = here.me()
    assert (me["display_name"], me["acting_as"]["role"]) == ("Gijs van Buiten", "explorer")
    assert here.enter("verkenners").status_code == 303, "who comes back is the same person"
    with database.reading() as session:
        [identity] = session.scalars(select(ProviderIdentity))
        account = session.get_one(accounts.Account, identity.account_id)
        assert b"4711" not in identity.subject_hash
    with database.writing() as session:
        organisations.assign_role(
            session, person_id=account.person_id, organisation_id=region.practice.id, role="signaller",
            valid_from=clock().date(), by=OPERATOR, at=clock(),
        )  # fmt: skip
        with pytest.raises(WrongState):  # out there is out here: no password beside it
            accounts.issue_activation(session, account.id, by=OPERATOR, at=clock(), cost=CHEAP)

    assert here.enter("gm0983").status_code == 303
    roles = {(one["role"], tuple(one["areas"])) for one in here.me()["assignments"]}
    assert roles == {("explorer", ("GM0983",)), ("signaller", ())}, "what was given by hand stays"
    with database.reading() as session:
        ended = session.scalars(select(RoleAssignment).where(RoleAssignment.person_id == account.person_id)).all()
        assert sorted(one.ended_at is not None for one in ended) == [False, False, True]


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_nobody_is_let_in_without_a_rule_and_nobody_taken_for_another(house, database, region, clock):
    with database.writing() as session:
        accounts.create_account(session, person_id=region.midwife.person_id, login="vera", password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP)  # fmt: skip
        accounts.create_account(session, person_id=region.nurse.person_id, login="jet", password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP)  # fmt: skip
    closed, open_ = house(just_in_time=False), house(login_claim="login")
    assert closed.enter("verkenners").status_code == 401
    assert "hier heeft u (nog) geen toegang" in open_.enter("andere").text
    assert open_.enter("verkenners", sub="2", login="vera").status_code == 401, "she works elsewhere: not theirs to say"
    assert open_.enter("verkenners", sub="3", login="jet").status_code == 303
    assert open_.me()["person_id"] == str(region.nurse.person_id)
    with database.writing() as session:
        accounts.create_account(session, person_id=region.nurse2.person_id, login="jannie", password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP)  # fmt: skip
        organisations.assign_role(
            session, person_id=region.nurse2.person_id, organisation_id=region.practice.id, role="log_manager",
            valid_from=clock().date(), by=OPERATOR, at=clock(),
        )  # fmt: skip
    assert open_.enter("verkenners", sub="4", login="jannie").status_code == 401, "it would open the practice's log too"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_second_factor_is_taken_from_the_provider_or_asked_here(house, database):
    here = house(second_factor_acr=(SURE,), second_factor_amr=("mfa",))
    for claims, strong in (
        ({"acr": SURE}, True),
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "zwak", "amr": ["pwd"]}, False),
    ):
        assert here.enter("verkenners", **claims).status_code == 303
        with database.reading() as session:
            secret = here.client.get_cookie("steun-sign-in").value
            actor = accounts.actor_of_sign_in(session, secret, at=here.strange.clock())
        assert actor is not None
        assert actor.second_factor is strong

    demanding = house(acr=(SURE,))
    assert demanding.begin()["acr_values"] == SURE
    assert "extra controle" in demanding.enter("verkenners", acr="zwak").text
    assert demanding.enter("verkenners", acr=SURE).status_code == 303
    assert reasons(database) == ["acr"]


def wrong_issuer(s):
    s.claims |= {"iss": "http://127.0.0.1:1"}


WRONG = {
    "not_for_us": [wrong_issuer, lambda s: s.claims.update(aud="een ander"), lambda s: s.claims.update(aud=[])],
    "azp": [lambda s: s.claims.update(aud=[CLIENT, "ander"], azp="ander")],
    "nonce": [lambda s: s.claims.update(nonce="van een andere poging")],
    "times": [
        lambda s: s.claims.update(exp=s.clock().timestamp() - 130),
        lambda s: s.claims.update(iat=s.clock().timestamp() + 130),
        lambda s: s.claims.update(nbf=s.clock().timestamp() + 130),
        lambda s: s.claims.update(exp="morgen"),
    ],
    "signature": [
        lambda s: setattr(s, "key", OTHER),
        lambda s: setattr(s, "algorithm", "none"),
        lambda s: setattr(s, "algorithm", "HS256"),
    ],
    "no_nonce": [lambda s: setattr(s, "asked", {**s.asked, "nonce": None})],
    "at_hash": [lambda s: s.claims.update(at_hash="x")],
    "userinfo": [lambda s: s.userinfo.update(sub="een ander")],
    "code": [lambda s: s.asked.update(code_challenge="van een ander")],
}


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_what_is_not_signed_for_us_and_this_attempt_does_not_count(house, database, strange):
    here = house()
    expected = []
    for reason, ways in WRONG.items():
        for way in ways:
            fresh = Strange(issuer=strange.issuer, clock=strange.clock)
            for name in ("claims", "userinfo", "key", "algorithm"):
                setattr(strange, name, getattr(fresh, name))
            asked = here.begin()
            way(strange)
            answer = here.back(asked)
            assert answer.status_code == 401, reason
            assert here.client.get("/api/v1/me").status_code == 401
            expected.append(reason)
    assert reasons(database) == expected
    fine = Strange(issuer=strange.issuer, clock=strange.clock)
    strange.key, strange.algorithm, strange.keys = OTHER, fine.algorithm, (OTHER,)
    known = here.app.extensions["steun.providers"]["ggd"]._about
    known.keys_at -= 60
    assert here.enter("verkenners").status_code == 303, "new keys are fetched when one is not known"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_an_attempt_is_of_one_browser_one_provider_and_once(house, database, strange, clock):
    here = house()
    asked = here.begin()
    assert here.back(asked, state="x").status_code == 401
    assert here.back({**asked, "state": ""}).status_code == 401
    asked = here.begin()
    assert here.back(asked, code="ander").status_code == 401, "sent to one provider, back from another"
    asked = here.begin()
    assert here.back(asked, iss="http://127.0.0.1:1").status_code == 401, "of another issuer, says the answer itself"
    strange.metadata["authorization_response_iss_parameter_supported"] = True
    for talk in here.app.extensions["steun.providers"].values():
        talk._about = None
    assert here.back(here.begin()).status_code == 401, "who says that it names itself and does not"
    strange.userinfo = {"groups": ["verkenners"]}
    asked = here.begin()
    other = here.app.test_client()
    assert other.get("/inloggen/via/ggd/terug", query_string={"state": asked["state"], "code": "c"}).status_code == 401
    cookie = here.client.get_cookie("steun-browser").value
    assert here.back(asked, iss=strange.issuer).status_code == 303
    thief = here.app.test_client()  # with everything of the browser from just before
    thief.set_cookie("steun-browser", cookie)
    query = {"state": asked["state"], "code": "c", "iss": strange.issuer}
    assert thief.get("/inloggen/via/ggd/terug", query_string=query).status_code == 401
    late = House.begin(here, "/inloggen/via/ggd?opnieuw=1")
    assert (late["prompt"], late["max_age"]) == ("login", "60")
    clock.forward(minutes=11)
    assert here.back(late, iss=strange.issuer).status_code == 401
    denied = here.begin("/inloggen/via/ander?opnieuw=1")
    answer = here.client.get(
        "/inloggen/via/ander/terug", query_string={"state": denied["state"], "error": "access_denied"}
    )
    assert "brak het inloggen daar af" in answer.text
    outward = here.begin("/inloggen/via/ggd?opnieuw=1&next=//kwaad.example")
    strange.claims = {"sub": "4711", "auth_time": int(clock().timestamp())}
    assert here.back(outward, iss=strange.issuer).headers["Location"] == "/werk"
    assert reasons(database) == ["state", "state", "state", "issuer", "issuer", "state", "state", "denied"]


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_provider_that_is_away_or_says_nothing_says_so_and_keeps_nobody_waiting(house, strange, monkeypatch):
    here = house()
    strange.status = 500
    away = here.client.get("/inloggen/via/ggd")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "30")
    assert "nu niet bereikbaar" in away.text
    asked = len(strange.paths)
    assert here.client.get("/inloggen/via/ggd").status_code == 503
    assert len(strange.paths) == asked, "and it is left alone for a moment"
    assert here.client.get("/inloggen").status_code == 200

    monkeypatch.setattr(providers, "PATIENCE", 0.2)
    strange.status, strange.hangs = 200, threading.Event()
    here.app.extensions["steun.providers"]["ggd"] = providers.Talk(here.provider)
    assert here.client.get("/inloggen/via/ggd").status_code == 503
    strange.hangs.set()
    strange.hangs = None
    here.app.extensions["steun.providers"]["ggd"] = providers.Talk(here.provider)
    monkeypatch.setattr(providers, "PATIENCE", 5.0)
    asked_ = here.begin()
    strange.status = 502
    assert here.back(asked_).status_code == 503, "away in the middle of it"
    strange.status = 200
    assert here.enter("verkenners").status_code == 303


def csrf(here: House) -> str:
    page = document_fromstring(here.client.get("/account").text)
    return str(page.xpath("//input[@name='csrf_token']/@value")[0])


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_who_logs_out_there_is_out_here_and_who_logs_out_here_is_shown_the_way_there(house, database, strange, clock):
    here = house()
    end = "/inloggen/via/ggd/afgemeld"
    assert here.enter("verkenners", sid="s1").status_code == 303
    wrong = [
        strange.id_token(sub="4711"),
        strange.logout_token(sub="4711", nonce="x"),
        strange.logout_token(sub="4711", events={}),
        strange.logout_token(),
        strange.logout_token(sub="4711", aud="ander"),
        strange.logout_token(sub="4711", iat=int(clock().timestamp()) - 300),
        "x",
    ]
    machine = here.app.test_client()
    assert {machine.post(end, data={"logout_token": token}).status_code for token in wrong} == {400}
    assert machine.post(end, data={"logout_token": strange.logout_token(sid="s2", sub="4711")}).status_code == 200
    assert here.client.get("/api/v1/me").status_code == 200, "another session there"
    assert machine.post(end, data={"logout_token": strange.logout_token(sid="s1", jti="twee")}).status_code == 200
    assert here.client.get("/api/v1/me").status_code == 401

    assert here.enter("verkenners").status_code == 303
    assert machine.post(end, data={"logout_token": strange.logout_token(sub="4711", jti="twee")}).status_code == 200
    assert here.client.get("/api/v1/me").status_code == 200, "said before: it counts once"
    here.client.post("/uitloggen", data={"csrf_token": csrf(here)})
    page = here.client.get("/inloggen").text
    assert "Bij GGD (fictief) bent u misschien nog ingelogd" in page
    assert "misschien nog" not in here.client.get("/inloggen").text
    there = here.client.get("/inloggen/via/ggd/uit").location
    assert there.startswith(f"{strange.issuer}/bye?client_id={CLIENT}&post_logout_redirect_uri=")


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_who_has_no_password_here_proves_anew_at_the_provider(house, strange, clock, region, database):
    here = house()
    at = lambda: int(clock().timestamp())  # noqa: E731
    here.enter("verkenners")
    make = {
        "label": "EPD",
        "until": "2026-11-10",
        "networks": "",
        "password": "",
        "assignment": here.me()["acting_as"]["id"],
    }
    pages = ("/account/programmas/nieuw", "/account/code", "/account/mail", "/noodinzage")
    for claims in ({}, {"auth_time": at() - 250}):  # who finds the screen left open: the provider lets it in unasked
        assert here.enter("verkenners", **claims).status_code == 303
        for page in pages:
            shown = here.client.get(page).text
            assert f"/inloggen/via/ggd?opnieuw=1&amp;next={page}" in shown.replace("%2F", "/"), page
            assert "Log opnieuw in bij GGD (fictief)" in shown
            assert 'type="password"' not in shown
        refused = here.client.post("/account/programmas/nieuw", data={"csrf_token": csrf(here), **make})
        assert (refused.status_code, "U heeft hier geen wachtwoord" in refused.text) == (400, True)
    assert here.enter("verkenners", auth_time=at() + 130).status_code == 401, "from the time to come"
    assert "verandert het daar" in (here.enter("verkenners"), here.client.get("/account/wachtwoord").text)[1]
    assert here.client.post("/account/programmas/nieuw", data={"csrf_token": csrf(here), **make}).status_code == 400
    clock.forward(minutes=6)
    refused = here.client.post("/account/programmas/nieuw", data={"csrf_token": csrf(here), **make})
    assert refused.status_code == 400
    again = here.begin("/inloggen/via/ggd?opnieuw=1")
    strange.claims = {"sub": "4711", "auth_time": int(clock().timestamp()) - 400}
    assert here.back(again).status_code == 401, "it did not ask anew"
    again = here.begin("/inloggen/via/ggd?opnieuw=1")
    strange.claims = {"sub": "4711", "auth_time": int(clock().timestamp())}
    assert here.back(again).status_code == 303
    for page in pages:
        shown = here.client.get(page).text
        assert 'type="password"' not in shown
        assert "opnieuw=1" not in shown
    assert here.client.post("/account/programmas/nieuw", data={"csrf_token": csrf(here), **make}).status_code == 200
    clock.forward(minutes=6)
    assert here.client.post("/account/programmas/nieuw", data={"csrf_token": csrf(here), **make}).status_code == 400

    with database.writing() as session:
        [identity] = session.scalars(select(ProviderIdentity))
        person = session.get_one(accounts.Account, identity.account_id).person_id
        organisations.assign_role(
            session, person_id=person, organisation_id=region.practice.id, role="signaller",
            valid_from=clock().date(), by=OPERATOR, at=clock(),
        )  # fmt: skip
    other = next(one["id"] for one in here.me()["assignments"] if one["role"] == "signaller")
    here.client.post("/rol", data={"csrf_token": csrf(here), "assignment": other})
    again = here.begin("/inloggen/via/ggd?opnieuw=1")
    strange.claims["auth_time"] = at()
    assert here.back(again).status_code == 303
    assert here.me()["acting_as"]["id"] == other, "who proves it anew goes on in the role that they were in"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_role_that_somebody_here_ended_is_not_given_back_by_a_rule(house, database, region, clock):
    here = house()

    def roles(*groups: str) -> set:
        if here.enter(*groups).status_code != 303:
            return set()
        return {(one["role"], tuple(one["areas"])) for one in here.me()["assignments"]}

    def kept() -> int:
        with database.reading() as session:
            return len(session.scalars(select(LoggedChange).where(LoggedChange.event == "role.kept_ended")).all())

    whole, venlo = ("explorer", ()), ("explorer", ("GM0983",))
    assert roles("verkenners") == {whole}
    assert roles() == set(), "out of the group"
    assert roles("verkenners") == {whole}, "and in it again"
    assert kept() == 0
    with database.writing() as session:
        [identity] = session.scalars(select(ProviderIdentity))
        person_id = session.get_one(accounts.Account, identity.account_id).person_id
        [running] = organisations.assignments_of(session, person_id, on=clock().date())
        method.end_role(session, running.id, by=region.administrator, at=clock())
    assert roles("verkenners") == set()
    assert kept() == 1
    assert roles("gm0983") == set(), "nor a part of it, by another rule"
    with database.writing() as session:
        given = organisations.assign_role(
            session, person_id=person_id, organisation_id=region.youth_health.id, role="explorer", areas=["GM0983"],
            valid_from=clock().date(), by=region.administrator, at=clock(),
        )  # fmt: skip
    assert roles("gm0983") == {venlo}, "an administrator gave it"
    assert roles() == {venlo}, "by hand, so that it stays"
    with database.writing() as session:
        method.end_role(session, given.id, by=region.administrator, at=clock())
    assert roles("gm0983", "verkenners") == set()

    clock.forward(days=1)  # somebody else, of whom an administrator set a last day
    here.enter("verkenners", sub="4712")
    with database.writing() as session:
        [running] = organisations.assignments_of(session, UUID(here.me()["person_id"]), on=clock().date())
        organisations.change_last_day(
            session, running.id, clock().date(), version=running.version, by=region.administrator, at=clock()
        )
    clock.forward(days=1)
    assert here.enter("verkenners", sub="4712").status_code == 401
    assert here.enter(sub="4712").status_code == 401
    assert here.enter("verkenners", sub="4712").status_code == 401, "also when it was out of the group meanwhile"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_program_works_no_longer_than_the_provider_answers_for_its_owner(house, database, strange, region, clock):
    here = house()
    here.enter("verkenners")
    with database.reading() as session:
        owner = accounts.actor_of_sign_in(session, here.client.get_cookie("steun-sign-in").value, at=clock())
    with database.writing() as session:
        until = clock() + timedelta(days=90)
        tokens = [
            accounts.make_token(session, assignment_id=one.assignment_id, label="EPD", expires_at=until, by=one, at=clock()).secret
            for one in (owner, region.midwife)
        ]  # fmt: skip
    program, other = ({"Authorization": f"Bearer {one}"} for one in tokens)
    machine = here.app.test_client()

    def works(headers) -> bool:
        return machine.get("/api/v1/me", headers=headers).status_code == 200

    clock.forward(days=13)
    assert works(program)
    clock.forward(days=2)
    assert not works(program), "who was sent away there never logs in again"
    assert works(other), "whose account is of no provider"
    here.enter("verkenners")
    [listed] = here.client.get("/api/v1/me/tokens").json["items"]
    assert works(program)
    assert not listed["asleep"]

    end = "/inloggen/via/ggd/afgemeld"
    machine.post(end, data={"logout_token": strange.logout_token(sub="4711", sid="s1")})
    assert works(program), "one browser there"
    machine.post(end, data={"logout_token": strange.logout_token(sub="4711", jti="twee")})
    assert not works(program), "altogether"
    with database.reading() as session:
        [asleep] = accounts.tokens_of(session, owner.person_id, by=OPERATOR, at=clock())
        assert asleep.asleep, "it is shown, and can be ended"
    here.enter("verkenners")
    assert works(program)

    here.enter("gm0983")
    assert not works(program)
    with database.reading() as session:
        assert accounts.tokens_of(session, owner.person_id, by=OPERATOR, at=clock()) == []
        lines = session.scalars(
            select(LoggedChange).where(LoggedChange.event.like("token.re%")).order_by(LoggedChange.id)
        )
        told = [one.details.get("reason", one.event) for one in lines]
        assert told == ["unvouched", "token.revoked"]


def test_a_file_of_providers_says_everything_that_is_wrong_with_it(tmp_path):
    file = tmp_path / "aanbieders.toml"
    file.write_text("""
[[provider]]
code = "Groot!"
issuer = "http://elders.example"
client_id = "x"
geheim = "x"
max_age = -1
[[provider.rule]]
claim = "groups"
""")
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - what it says is looked at
        providers.read(str(file))
    told = str(refused.value)
    for part in (
        "geheim kennen we niet",
        "name ontbreekt",
        "code heeft alleen",
        "issuer begint met https://",
        "max_age",
        "een regel heeft",
    ):
        assert part in told
    (tmp_path / "secret").write_text("geheim\n")
    file.write_text(f"""
[[provider]]
code = "venlo"
name = "Gemeente Venlo"
issuer = "https://inloggen.example/realm"
client_id = "steun"
client_secret_file = "{tmp_path / "secret"}"
second_factor_amr = ["mfa"]
[[provider.rule]]
claim = "groups"
value = "jeugd"
organisation = "GGD"
role = "explorer"
municipalities = ["GM0983"]
""")
    [found] = providers.read(str(file))
    assert (found.client_secret, found.scopes, found.rules[0].municipalities) == (
        "geheim",
        ("openid", "profile"),
        ("GM0983",),
    )
    assert "geheim" not in repr(found)


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("made", "takes"),
    [
        (lambda: RSAKey.generate_key(2048), ["PS256"]),
        (lambda: RSAKey.generate_key(2048), ["RS256", "PS256"]),
        (lambda: ECKey.generate_key("P-384"), ["ES384"]),
        (lambda: OKPKey.generate_key("Ed25519"), ["Ed25519"]),
    ],
)
def test_who_we_are_can_be_signed_with_a_key_of_which_the_provider_knows_the_public_half(
    house, strange, tmp_path, made, takes
):
    file, written = tmp_path / "key.pem", tmp_path / "providers.toml"
    file.write_bytes(made().as_pem(private=True))
    written.write_text(f"""
[[provider]]
code = "ggd"
name = "GGD"
issuer = "{strange.issuer}"
client_id = "steun"
private_key_file = "{file}"
""")
    [read] = providers.read(str(written))
    here = house(client_secret="", private_key=read.private_key)
    strange.metadata = {
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": takes,
    }
    published = here.client.get("/inloggen/via/ggd/sleutels")
    assert published.status_code == 200
    assert not {"d", "p", "q"} & set(published.json["keys"][0]), "only the public half"
    strange.client_keys = lambda: here.app.test_client().get("/inloggen/via/ggd/sleutels").json
    assert here.enter("verkenners").status_code == 303
    assert here.enter("verkenners").status_code == 303, "signed anew each time"
    assert len(strange.used) == 2
    strange.client_keys = lambda: {"keys": [{**OTHER.as_dict(private=False), "kid": published.json["keys"][0]["kid"]}]}
    assert here.enter("verkenners").status_code == 503, "it breaks off: not our key"


def test_a_key_that_is_none_too_short_or_beside_a_secret_is_refused(tmp_path):
    short = tmp_path / "short.pem"
    with pytest.warns(SecurityWarning):
        short.write_bytes(RSAKey.generate_key(1024).as_pem(private=True))
    public = tmp_path / "public.pem"
    public.write_bytes(OTHER.as_pem(private=False))
    right = tmp_path / "right.jwk"
    right.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    (tmp_path / "text").write_text("geheim")
    given = "[[provider]]\ncode = 'a'\nname = 'A'\nissuer = 'https://a.example'\nclient_id = 'x'\n"
    written = tmp_path / "providers.toml"
    for name in ("short.pem", "public.pem", "text", "absent"):
        written.write_text(f"{given}private_key_file = '{tmp_path / name}'")
        with pytest.raises(ValueError, match="aanbieder a: private_key_file is geen geheime sleutel"):
            providers.read(str(written))
    written.write_text(f"{given}private_key_file = '{right}'")
    [found] = providers.read(str(written))
    assert found.public_keys["keys"][0]["crv"] == "P-256"
    assert "private_key" not in repr(found)
    written.write_text(f"{given}private_key_file = '{right}'\nclient_secret = 'x'")
    with pytest.raises(ValueError, match="niet allebei"):
        providers.read(str(written))


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_what_was_typed_while_the_proof_of_a_provider_ran_out_is_sent_after_logging_in_beside_it(house, strange, clock):
    here = house()
    make, typed = "/account/programmas/nieuw", {"label": "EPD", "until": "2026-11-10"}
    here.enter("verkenners")
    prove(here, strange, clock)
    fields = form_of(here.client.get(make).text, make) | typed
    clock.forward(minutes=6)

    late = here.client.post(make, data=fields)
    assert (late.status_code, 'value="EPD"' in late.text, "opent een nieuw tabblad" in late.text) == (400, True, True)
    prove(here, strange, clock)  # in another tab, which gives the browser another token against forms from elsewhere
    stale = here.client.post(make, data=form_of(late.text, make))
    assert (stale.status_code, "Wat u typte, is niet weg" in stale.text) == (400, True)
    assert "steun-key" in here.client.post(make, data=form_of(stale.text, make)).text

    fields = form_of(here.client.get(make).text, make) | typed | {"label": "Later"}
    clock.forward(hours=1)  # the session itself ends
    ended = here.client.post(make, data=fields)
    assert (ended.status_code, "Inloggen via GGD (fictief) (opent een nieuw tabblad)" in ended.text) == (401, True)
    prove(here, strange, clock, "/inloggen/via/ggd")
    stale = here.client.post(make, data=form_of(ended.text, make))
    assert "steun-key" in here.client.post(make, data=form_of(stale.text, make)).text


def prove(here: House, strange, clock, path: str = "/inloggen/via/ggd?opnieuw=1") -> None:
    again = here.begin(path)
    strange.claims = {"sub": "4711", "auth_time": int(clock().timestamp())}
    assert here.back(again).status_code == 303


def form_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send of the form to *action*."""
    return next(dict(form.form_values()) for form in document_fromstring(page).forms if form.get("action") == action)
