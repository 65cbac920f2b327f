"""The description of the API is valid OpenAPI 3.1 and follows the NLGov API Design Rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml.html import document_fromstring
from openapi_schema_validator import OAS31Validator as Validator
from openapi_spec_validator import validate

from api import create_app
from api.config import Settings
from api.openapi import VERSION, document
from api.problems import PAGES

METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    path = tmp_path_factory.mktemp("openapi") / "steun.db"
    made = create_app(Settings(database_url=f"sqlite:///{path}", secret_key="-" * 40))
    yield made
    made.extensions["steun.database"].dispose()


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return document()


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def parameters(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        each
        for _, _, operation in operations(spec)
        for each in (resolved(spec, given) for given in operation.get("parameters", []))
        if each["in"] == kind
    ]


def test_the_description_is_valid_openapi_31(spec):
    validate(spec)
    assert spec["openapi"].startswith("3.1.")


def test_it_is_served_without_logging_in_at_the_standard_place(app, spec):
    answer = app.test_client().get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json == json.loads(json.dumps(spec))


def test_every_door_below_the_api_is_described_and_nothing_else(app, spec):
    described = {(path, method) for path, method, _ in operations(spec)}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/") and method.lower() in METHODS
    }

    assert served - described == {("/openapi.json", "get")}
    assert described <= served


def test_the_version_is_semantic_and_its_first_part_is_in_the_address(spec):
    assert re.fullmatch(r"\d+\.\d+\.\d+", spec["info"]["version"])
    assert all(server["url"].endswith(f"/v{VERSION.split('.')[0]}") for server in spec["servers"])


def test_there_is_somebody_to_ask(spec):
    assert set(spec["info"]["contact"]) >= {"name", "email", "url"}


def test_paths_are_kebab_case_plural_and_without_a_slash_at_the_end(spec):
    for path in spec["paths"]:
        assert not path.endswith("/")
        for part in path.strip("/").split("/"):
            assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*|\{\w+\}", part), path


def test_query_keys_are_camel_case(spec):
    found = parameters(spec, "query")

    assert found
    assert all(re.fullmatch(r"[a-z]+(?:[A-Z][a-z]+)*", each["name"]) for each in found)


def test_every_answer_tells_the_version_of_the_api(spec):
    for path, method, operation in operations(spec):
        for code, response in operation["responses"].items():
            assert "API-Version" in resolved(spec, response)["headers"], (path, method, code)


def test_every_refusal_is_a_problem_with_status_title_and_detail(spec):
    for path, method, operation in operations(spec):
        for code, response in operation["responses"].items():
            if str(code)[0] in "45":
                content = resolved(spec, response)["content"]
                assert set(content) == {"application/problem+json"}, (path, method, code)
                schema = resolved(spec, content["application/problem+json"]["schema"])
                assert {"status", "title", "detail"} <= set(schema["properties"])


def test_every_operation_may_refuse_its_input_and_says_so_with_400(spec):
    for path, method, operation in operations(spec):
        assert "400" in {str(code) for code in operation["responses"]}, (path, method)
        assert "422" not in {str(code) for code in operation["responses"]}, (path, method)


def test_every_operation_is_told_in_dutch_and_has_its_own_name(spec):
    names = [operation["operationId"] for _, _, operation in operations(spec)]

    assert len(names) == len(set(names))
    assert all(operation["summary"] and operation["description"] for _, _, operation in operations(spec))


def test_every_field_is_explained_and_dates_say_their_format(spec):
    for name, schema in spec["components"]["schemas"].items():
        for key, node in schema.get("properties", {}).items():
            if (
                "$ref" in node
                or "$ref" in node.get("items", {})
                or "anyOf" in node
                or "oneOf" in node
                or "allOf" in node
            ):
                continue
            assert node.get("description"), (name, key)
            if key.endswith("_at"):
                assert node["format"] == "date-time", (name, key)
            assert node.get("format") not in {"time", "date-time-local"}


def test_every_body_and_answer_has_an_example_that_fits_its_schema(spec):
    components = {"components": spec["components"]}

    def check(schema, example, *where):
        faults = [f"{list(one.path)} {one.message}" for one in Validator({**schema, **components}).iter_errors(example)]
        assert not faults, (*where, faults[:3])

    for path, method, operation in operations(spec):
        for each in operation.get("parameters", ()):
            check(each["schema"], each["example"], method, path, each["name"])
        for each in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media_type, content in resolved(spec, each).get("content", {}).items():
                if media_type.endswith("json"):
                    check(content["schema"], content["example"], method, path, media_type)
    for name, schema in spec["components"]["schemas"].items():
        for key, node in schema.get("properties", {}).items():
            for example in node.get("examples", ()):
                check(node, example, name, key)


def test_every_link_leads_to_a_door_and_gives_it_every_id(spec):
    doors = {each["operationId"]: (path, each) for path, _, each in operations(spec)}
    linked = set()
    for path, method, operation in operations(spec):
        for response in operation["responses"].values():
            for link in resolved(spec, response).get("links", {}).values():
                wanted, target = doors[link["operationId"]]
                given = {each.removeprefix("header.") for each in link["parameters"]}
                assert set(re.findall(r"{(\w+)}", wanted)) <= given
                asks_version = any(each["name"] == "If-Match" for each in target.get("parameters", ()))
                assert asks_version == ("If-Match" in given), (method, path, link)
                linked.add(wanted)

    alone = {path for path, _, _ in operations(spec) if "{" in path} - linked
    assert len(alone) < len(linked) / 3, alone


def test_every_list_can_be_read_in_parts_and_every_answer_by_field(spec):
    for path, method, operation in operations(spec):
        answer = next(resolved(spec, each) for code, each in operation["responses"].items() if str(code)[0] == "2")
        schema = resolved(spec, answer.get("content", {}).get("application/json", {}).get("schema", {}))
        names = {each["name"] for each in operation.get("parameters", ())}
        if method == "get" and schema:
            assert "fields" in names, path
        if method == "get" and "items" in schema.get("properties", {}):
            assert {"cursor", "pageSize"} <= names, path
            assert "Link" in answer["headers"], path


def test_what_carries_a_version_says_it_and_what_is_changed_by_version_can_be_read(spec):
    """Whoever has to send If-Match can get the version from a GET of that address, or of what it is part of."""
    versioned = {
        path
        for path, _, operation in operations(spec)
        for code, each in operation["responses"].items()
        if code[0] == "2"
        and ("ETag" in resolved(spec, each)["headers"] or _shows(spec, resolved(spec, each), "version"))
    }
    for path, method, operation in operations(spec):
        if "If-Match" in {each["name"] for each in operation.get("parameters", ())}:
            parents = {path.rsplit("/", end)[0] for end in range(path.count("/"))}
            assert parents & versioned, (method, path)


def _shows(spec, answer, name):
    text = json.dumps(answer.get("content", {}))
    return any(
        name in spec["components"]["schemas"][each].get("properties", {})
        for found in re.findall(r"schemas/(\w+)", text)
        for each in {found, *re.findall(r"schemas/(\w+)", json.dumps(spec["components"]["schemas"][found]))}
    )


def test_addresses_are_words_and_ids_and_no_verbs_hang_on_a_get(spec):
    """NLGov: /core/http-methods, /core/no-trailing-slash, /core/path-segments-kebab-case, /core/naming-resources."""
    for path, item in spec["paths"].items():
        assert not set(item) - METHODS - {"parameters", "summary", "description"}, path
        if "get" in item:
            assert "requestBody" not in item["get"], path
    [server] = spec["servers"]
    assert server["url"] == "/api/v1"
    assert spec["externalDocs"]["url"] == "/ontwikkelaars"


def test_every_change_of_a_version_asks_for_the_version(spec):
    for path, method, operation in operations(spec):
        names = {resolved(spec, each)["name"] for each in operation.get("parameters", [])}
        if method in {"put", "patch", "delete"} or path.endswith("/completion"):
            assert "If-Match" in names, path
            assert {"412", "428"} <= {str(code) for code in operation["responses"]}
        if method == "post":
            assert "Idempotency-Key" in names, path


def test_whoever_makes_a_program_can_read_every_door_and_shape_without_logging_in(app, spec):
    """From the first page every other is found, and each link leads to something that is there."""
    browser, pages, waiting = app.test_client(), {}, ["/ontwikkelaars"]
    asked = set()
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        assert answer.status_code == 200, path
        page = document_fromstring(answer.data)
        pages[path] = {each.get("id") for each in page.iter() if each.get("id")}
        for href in page.xpath("//main//a/@href"):
            there, _, part = href.partition("#")
            if there.startswith(("/ontwikkelaars", "/problems")):
                asked.add((path, there, part))
                waiting += [there] if there not in pages and there not in waiting else []

    assert [each for each in asked if each[2] and each[2] not in pages[each[1]]] == []
    doors = {operation["operationId"] for _, _, operation in operations(spec)}
    assert doors <= set.union(*pages.values())
    assert {f"/ontwikkelaars/vormen/{name}" for name in spec["components"]["schemas"]} - set(pages) <= {
        "/ontwikkelaars/vormen/Problem"  # shown on the pages of its kinds
    }
    assert browser.get("/ontwikkelaars/onbekend").status_code == 404
    assert browser.get("/ontwikkelaars/vormen/Onbekend").status_code == 404


def test_every_kind_of_problem_has_a_page_that_explains_it(app):
    browser = app.test_client()
    for code in PAGES:
        answer = browser.get(f"/problems/{code}")
        assert answer.status_code == 200
        assert PAGES[code].title in answer.text
        shown = json.loads(document_fromstring(answer.data).xpath("string(//pre)"))
        assert (shown["type"], shown["status"]) == (f"/problems/{code}", PAGES[code].status)

    assert browser.get("/problems/unheard-of").status_code == 404
