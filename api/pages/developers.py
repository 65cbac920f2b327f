"""For who makes a program: every door of the API to read, what goes over the wire, and what each kind of refusal means.

Made of the description itself, so that the two cannot differ. Everybody may read it, and no database is asked: it can be
read while something else is away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api import examples, openapi, problems
from api.pages.blueprint import pages, render
from api.problems import Kind
from workflows.errors import NotFound

_METHODS = ("get", "post", "put", "patch", "delete")
#: What a program does with a status that it does not know the kind of.
_ADVICE = {
    400: "Verander het verzoek. Hetzelfde nog eens sturen helpt niet.",
    401: "Stuur een geldig token mee. Is het verlopen, vraag dan een nieuw token aan de beheerder.",
    403: "Probeer het niet opnieuw: met deze rol kan het niet.",
    404: "Probeer het niet opnieuw. Kijk of het kenmerk klopt en of u er nog bij mag.",
    405: "Kijk in de beschrijving welke handelingen dit adres kent.",
    406: "Vraag om application/json.",
    409: "Haal de stand opnieuw op en beslis dan opnieuw.",
    412: "Haal de nieuwste versie op, verwerk uw wijziging daarin en stuur die met de nieuwe If-Match.",
    413: "Stuur minder tegelijk.",
    414: "Maak het adres korter.",
    415: "Stuur application/json.",
    428: "Haal de versie op en stuur die mee in If-Match.",
    429: "Wacht zoveel seconden als in Retry-After staat en stuur dan hetzelfde opnieuw.",
    500: "Geef het request_id door aan de beheerder. Herhaal een POST alleen met dezelfde Idempotency-Key.",
    503: "Wacht zoveel seconden als in Retry-After staat. Herhaal een POST met dezelfde Idempotency-Key.",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a body, an answer or a query; ``shape`` names the schema it leads to."""

    name: str
    kind: str
    shape: str | None
    required: bool
    description: str
    example: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """One operation. ``sends`` and ``gives`` name schemas, where there is one; the rest is ready to be shown."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    going: bool
    parameters: tuple[Field, ...]
    sends: str | None
    sent: str
    status: str
    gives: str | None
    given: str
    refusals: tuple[tuple[str, str], ...]
    following: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Doors about one thing; the name stands in the address of its page."""

    name: str
    title: str
    about: str
    doors: tuple[Door, ...]


@pages.get("/ontwikkelaars")
def developers() -> str:
    return render("developers.html", groups=_groups(), version=openapi.VERSION, problems=_kinds())


@pages.get("/ontwikkelaars/<group>")
def developer_group(group: str) -> str:
    found = next((each for each in _groups() if each.name == group), None)
    if found is None:
        raise NotFound(f"no doors called {group!r}")
    return render("developer_group.html", group=found)


@pages.get("/ontwikkelaars/vormen/<shape>")
def developer_shape(shape: str) -> str:
    schema = openapi.document()["components"]["schemas"].get(shape)
    if schema is None:
        raise NotFound(f"no schema called {shape!r}")
    used = [(group, door) for group in _groups() for door in group.doors if shape in (door.sends, door.gives)]
    return render(
        "developer_shape.html",
        shape=shape,
        about=schema.get("description", ""),
        known=tuple(_fields(schema)),
        used=used,
        within=_within().get(shape, ()),
    )


@pages.get("/problems")
def problem_list() -> str:
    return render("problem_kinds.html", problems=_kinds())


@pages.get("/problems/<code>")
def problem_page(code: str) -> str:
    """The page that ``type`` of a problem points at."""
    kind = problems.PAGES.get(code)
    if kind is None:
        raise NotFound(f"problem kind {code!r}")
    refusal = next((each for each, of in problems.KINDS.items() if of is kind), None)
    more = {"errors": examples.NAMES["errors"]} if code in ("invalid", "bad-request") else {}
    more |= {"questions": examples.NAMES["questions"]} if code == "doubtful" else {}
    return render(
        "problem_kind.html",
        kind=kind,
        advice=_ADVICE[kind.status],
        example=_text(examples.problem(kind, refusal.detail if refusal else None, **more)),
    )


def _kinds() -> list[Kind]:
    return sorted(problems.PAGES.values(), key=lambda kind: (kind.status, kind.code))


@cache
def _groups() -> tuple[Group, ...]:
    spec = openapi.document()
    by_tag: dict[str, list[Door]] = {}
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                by_tag.setdefault(operation["tags"][0], []).append(
                    _door(
                        spec,
                        path,
                        method,
                        {**operation, "parameters": [*item.get("parameters", ()), *operation.get("parameters", ())]},
                    )
                )
    told = {each["name"]: each.get("description", each["name"]) for each in spec["tags"]}
    return tuple(
        Group(_address(tag), *_title(told[tag]), tuple(sorted(doors, key=lambda door: (door.path, door.method))))
        for tag, doors in sorted(by_tag.items(), key=lambda each: told[each[0]])
    )


def _title(text: str) -> tuple[str, str]:
    title, _, about = text.partition(":")
    about = about.strip()
    return title.rstrip("."), about[:1].upper() + about[1:]


def _address(tag: str) -> str:
    return tag.replace("_", "-")


def _door(spec: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Door:
    status, answer = next((code, each) for code, each in operation["responses"].items() if code[0] == "2")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    content = answer.get("content", {}).get("application/json", {})
    refusals = spec["components"]["responses"]
    named = {each["operationId"]: each for item in spec["paths"].values() for each in item.values() if "tags" in each}
    return Door(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description="" if operation["description"] == operation["summary"] else operation["description"],
        going=operation.get("deprecated", False),
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        sends=_shape(body.get("schema", {})),
        sent=_text(body["example"]) if "example" in body else "",
        status=status,
        gives=_shape(content.get("schema", {})),
        given=_text(content["example"]) if "example" in content else "",
        refusals=tuple(
            (code, refusals[f"Refused{code}"]["description"]) for code in operation["responses"] if code[0] in "45"
        ),
        following=tuple(
            (_address(named[each]["tags"][0]), each, named[each]["summary"]) for each in answer.get("links", {})
        ),
    )


def _parameter(node: Mapping[str, Any]) -> Field:
    where = {"path": "in het adres", "query": "na het vraagteken", "header": "kop"}[node["in"]]
    about = node.get("description") or node["schema"].get("description") or "Kenmerk in het adres."
    kind, shape = _kind(node["schema"])
    return Field(node["name"], kind, shape, node.get("required", False), about, _said(node.get("example")), where)


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    for name, node in schema.get("properties", {}).items():
        kind, shape = _kind(node)
        example = _said(node["examples"][0]) if node.get("examples", [None])[0] is not None else ""
        about = node.get("description", "")
        if "enum" in node:
            about = f"{about} Een van: {', '.join(_said(each) for each in node['enum'] if each is not None)}."
        yield Field(name, kind, shape, name in schema.get("required", ()), about.strip(), example)


def _kind(node: Mapping[str, Any]) -> tuple[str, str | None]:
    """What a field holds in a word or two, and the schema it leads to."""
    shape = _shape(node)
    kinds = node.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    empty = " of leeg" if "null" in kinds or {"type": "null"} in node.get("anyOf", ()) else ""
    words = {
        "string": "tekst",
        "integer": "geheel getal",
        "number": "getal",
        "boolean": "ja of nee",
        "object": "object",
    }
    formats = {"uuid": "kenmerk", "date": "dag", "date-time": "moment"}
    main = next((each for each in kinds if each != "null"), "object")
    if main == "array":
        inner = _kind(node.get("items", {}))[0]
        return f"lijst van {inner}{empty}", shape
    return f"{formats.get(node.get('format', ''), words.get(main, main))}{empty}", shape


def _shape(node: Any) -> str | None:
    """The schema that a field leads to, itself or of what it holds."""
    if not isinstance(node, dict):
        return None
    if "$ref" in node:
        return str(node["$ref"].rsplit("/", 1)[-1])
    inner = [node.get("items"), node.get("additionalProperties")]
    several = [each for key in ("anyOf", "allOf", "oneOf") for each in node.get(key, ())]
    return next((found for each in (*inner, *several) if (found := _shape(each))), None)


@cache
def _within() -> dict[str, list[str]]:
    """Schema → those that have it as a part."""
    found: dict[str, list[str]] = {}
    for name, schema in openapi.document()["components"]["schemas"].items():
        for shape in sorted({_shape(node) or "" for node in schema.get("properties", {}).values()} - {"", name}):
            found.setdefault(shape, []).append(name)
    return found


def _said(value: Any) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) else json.dumps(getattr(value, "value", value), ensure_ascii=False)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
