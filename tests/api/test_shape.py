"""What every door has by itself: part of an answer, order, pages, limits, other websites, and doors that go away."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, g, request
from marshmallow import Schema, fields

from api import create_app, shaping
from api.config import Settings
from api.doors import Deprecation, blueprint, door
from api.problems import Unauthenticated
from workflows.actor import Actor
from workflows.errors import Invalid


class PersonOut(Schema):
    id = fields.String(required=True)
    name = fields.String()


class ThingOut(Schema):
    id = fields.String(required=True)
    name = fields.String()
    count = fields.Integer(allow_none=True)
    maker = fields.Nested(PersonOut, required=True)
    users = fields.List(fields.Nested(PersonOut))
    loose = fields.Dict()


class ThingListOut(Schema):
    items = fields.List(fields.Nested(ThingOut), required=True)
    next_cursor = fields.String(allow_none=True)


def thing(number: int, **more: Any) -> dict[str, Any]:
    person = {"id": f"p{number}", "name": f"Persoon {number}"}
    return {"id": f"t{number}", "name": f"Ding {number}", "count": number, "maker": person, "users": [person], **more}


THINGS = [thing(2), thing(1), thing(3, count=None), thing(4)]
GOING = Deprecation(since=date(2026, 1, 1), sunset=date(2026, 9, 1), instead="gebruik GET /things.")


@pytest.fixture
def app(tmp_path):
    made = create_app(
        Settings(
            database_url=f"sqlite:///{tmp_path}/steun.db",
            secret_key="-" * 40,
            rate_limit=40,
            refusal_limit=3,
            cors_origins=("https://portaal.voorbeeld.nl",),
        )
    )
    group = blueprint("things", "Om te proberen.")

    @door(group, "GET", "/things", summary="Dingen", gives=ThingListOut, sorts=("name", "count"), public=True)
    def list_things():
        return {"items": THINGS}, 200, {}

    @door(group, "GET", "/things/1", summary="Ding", gives=ThingOut, deprecated=GOING, public=True)
    def get_thing():
        return thing(1, loose={"a": 1}), 200, {"ETag": '"1"'}

    @door(group, "GET", "/things/mine", summary="Mijn ding", gives=ThingOut)
    def get_own_thing():
        right = request.headers["Authorization"] == "Bearer neighbour"
        g.steun_actor = Actor(uuid4(), uuid4(), uuid4(), "midwife") if right else None
        if not right:
            raise Unauthenticated("a guess")
        return thing(1), 200, {}

    made.register_blueprint(group)
    yield made
    made.extensions["steun.database"].dispose()


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer.json["items"]]


def test_an_answer_has_the_fields_that_are_asked_for_and_those_its_schema_requires(app: Flask):
    get = app.test_client().get

    assert get("/api/v1/things/1?fields=count").json == {"id": "t1", "count": 1, "maker": {"id": "p1"}}
    assert get("/api/v1/things/1?fields=users.name,maker").json == {
        "id": "t1",
        "maker": {"id": "p1", "name": "Persoon 1"},
        "users": [{"id": "p1", "name": "Persoon 1"}],
    }
    assert get("/api/v1/things/1?fields=loose").json["loose"] == {"a": 1}
    assert get("/api/v1/things?fields=id").json["items"][0] == {"id": "t2", "maker": {"id": "p2"}}
    for wrong in ("", "naam", "maker.age", "id,,name", "id.name", "ID", "items.id", ",".join(["id"] * 51)):
        refused = get(f"/api/v1/things?fields={wrong}")
        assert (refused.status_code, list(refused.json["errors"])) == (400, ["fields"]), wrong


def test_a_list_has_an_order_and_parts(app: Flask):
    get = app.test_client().get

    assert names(get("/api/v1/things?sort=name")) == ["Ding 1", "Ding 2", "Ding 3", "Ding 4"]
    assert names(get("/api/v1/things?sort=-count")) == ["Ding 4", "Ding 2", "Ding 1", "Ding 3"]  # empty is last
    assert get("/api/v1/things?sort=id").json["errors"]["sort"]

    first = get("/api/v1/things?sort=name&pageSize=3&fields=name")
    [link] = first.headers.getlist("Link")
    following = get(link.split(">")[0].removeprefix("<"))
    assert [*names(first), *names(following)] == ["Ding 1", "Ding 2", "Ding 3", "Ding 4"]
    assert 'rel="next"' in link
    assert "Link" not in following.headers
    assert "count" not in following.json["items"][0]
    assert get("/api/v1/things?pageSize=0").status_code == 400
    assert get("/api/v1/things?cursor=x").status_code == 400
    assert get("/api/v1/things?pagesize=1").status_code == 400


def test_a_page_goes_on_where_it_was_also_when_the_list_changed():
    things = [thing(number) for number in range(5)]
    first, cursor = shaping.part(things, cursor=None, page_size=2)

    assert shaping.part([thing(9), *things], cursor=cursor, page_size=2)[0] == things[2:4]
    assert shaping.part([things[0], *things[2:]], cursor=cursor, page_size=9) == (things[2:], None)
    assert first == things[:2]
    with pytest.raises(Invalid):
        shaping.part(things, cursor="-1", page_size=2)


def test_a_door_that_goes_away_says_so(app: Flask):
    answer = app.test_client().get("/api/v1/things/1")

    assert answer.headers["Deprecation"] == "@1767225600"
    assert answer.headers["Sunset"] == "Tue, 01 Sep 2026 00:00:00 GMT"
    assert answer.headers["ETag"] == '"1"'


def test_who_asks_too_often_waits_and_nobody_else(app: Flask):
    client = app.test_client()
    answers = [client.get("/api/v1/things") for _ in range(41)]

    assert [each.status_code for each in answers] == [200] * 40 + [429]
    refused = answers[-1]
    assert refused.mimetype == "application/problem+json"
    assert refused.json["type"] == "/problems/too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert [answers[0].headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["40", "39"]
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    assert client.get("/api/v1/things", **elsewhere).status_code == 200
    assert client.get("/health/live").status_code == 200
    assert client.get("/problems/too-many-requests").status_code == 200


def test_who_guesses_tokens_waits_and_a_neighbour_with_a_right_one_does_not(app: Flask):
    client = app.test_client()

    def ask(token: str, path: str = "/api/v1/things/mine") -> int:
        return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert ask("neighbour") == 200
    assert [client.get("/api/v1/me").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert ask("another guess") == 429
    assert ask("neighbour") == 200
    assert ask("neighbour", "/api/v1/things") == 200


def test_a_made_up_token_at_a_door_that_asks_none_is_no_program_of_its_own(app: Flask):
    client = app.test_client()

    def ask(token: str, path: str) -> int:
        return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    public, unread = "/api/v1/things", "/api/v1/things/mine?fields=wrong"
    assert [ask(f"made up {n}", path) for n, path in enumerate((public, unread, public, public))] == [
        200,
        400,
        200,
        429,
    ]
    assert ask("made up 0", public) == 429  # an answer did not make it a right one


def test_no_other_website_may_call_unless_it_is_named(app: Flask):
    client = app.test_client()
    asked = {"Access-Control-Request-Method": "GET", "Origin": "https://portaal.voorbeeld.nl"}

    before = client.options("/api/v1/things/1", headers=asked)
    named = client.get("/api/v1/things/1", headers={"Origin": "https://portaal.voorbeeld.nl"})
    other = client.get("/api/v1/things/1", headers={"Origin": "https://elders.voorbeeld.nl"})
    page = client.get("/inloggen", headers={"Origin": "https://portaal.voorbeeld.nl"})

    assert before.headers["Access-Control-Allow-Origin"] == "https://portaal.voorbeeld.nl"
    assert "GET" in before.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    assert "ETag" in named.headers["Access-Control-Expose-Headers"]
    assert "Origin" in named.headers["Vary"]
    for each in (before, named, other, page):
        assert "Access-Control-Allow-Credentials" not in each.headers
    for each in (other, page):
        assert "Access-Control-Allow-Origin" not in each.headers


def test_an_address_that_is_too_long_is_refused(app: Flask):
    assert app.test_client().get(f"/api/v1/things?fields={'a' * 8_000}").status_code == 400


def test_every_post_is_done_once_for_one_key():
    """Each view of a POST reaches what keeps the key, itself or by a function beside it; what keeps nothing needs no key."""
    keeps = {"once", "remember"}
    keeps_nothing = {
        "bundles.py check_bundle",
        "parent_logins.py print_invitation",
        "tokens.py switch_role",  # once more is the same role
        "topics.py fetch_topic_steps",  # once more gives what is left
    }
    missing = []
    for path in sorted(Path(shaping.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

        def calls(name: str, functions: dict[str, ast.FunctionDef] = functions) -> set[str]:
            found, waiting = set(), [name]
            while waiting:
                for node in ast.walk(functions[waiting.pop()]):
                    called = node.func if isinstance(node, ast.Call) else None
                    said = getattr(called, "id", getattr(called, "attr", None))
                    if said and said not in found:
                        found.add(said)
                        waiting += [said] if said in functions else []
            return found

        for name, node in functions.items():
            posts = any(
                isinstance(one, ast.Call)
                and getattr(one.func, "id", "") == "door"
                and [getattr(each, "value", None) for each in one.args[1:2]] == ["POST"]
                for one in node.decorator_list
            )
            if posts and not calls(name) & keeps:
                missing.append(f"{path.name} {name}")
    assert set(missing) == keeps_nothing
