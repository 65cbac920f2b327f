"""What a program may ask of any answer that it reads: only some fields, another order, a part of a list.

The door does this to what its view made, so every door can, and a view knows nothing of it. What is required in the
schema of an answer always stays: a client that was made from the description can read every answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, fields, validate

from api.schemas import Strict, a_text
from workflows.errors import Invalid

FIELDS = "fields"
SORT = "sort"
#: Names in ``fields`` at most: more is the whole answer.
MOST_NAMES = 50
_NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_NAMES = re.compile(rf"{_NAME}(?:,{_NAME})*")
_Tree = dict[str, Any]
_ORDERED: tuple[type, ...] = (fields.String, fields.Integer, fields.Date, fields.DateTime)
_UNORDERED: tuple[type, ...] = (fields.UUID,)

FIELDS_PARAMETER: dict[str, Any] = {
    "name": FIELDS,
    "in": "query",
    "required": False,
    "description": "Alleen deze velden, met komma’s ertussen en een punt voor een veld daarbinnen; bij een lijst de velden van elk onderdeel. Wat in het schema verplicht is, staat er altijd bij.",
    "schema": {"type": "string", "maxLength": 500, "pattern": f"^{_NAMES.pattern}$".replace("(?:", "(")},
}


class ListQuery(Strict):
    """Of a list that comes whole unless a part is asked for; read beside the query of the view."""

    class Meta:
        unknown = EXCLUDE

    cursor = a_text("Waar de bladzijde begint; uit de kop Link.", validate=validate.Length(1, 500))
    page_size = fields.Integer(
        data_key="pageSize",
        validate=validate.Range(1, 100, error="Geef een getal van {min} tot en met {max}."),
        metadata={"description": "Hoeveel er op een bladzijde staan. Zonder dit komt de hele lijst."},
    )


def sortable(schema: type[Schema]) -> tuple[str, ...]:
    """The fields of the items that have an order: texts, numbers, days and instants; an id has none."""
    inner = _inside(schema().fields["items"])
    if inner is None:
        return ()
    return tuple(
        name
        for name, field in _by_name(inner).items()
        if isinstance(field, _ORDERED) and not isinstance(field, _UNORDERED)
    )


def sort_parameter(sorts: tuple[str, ...]) -> dict[str, Any]:
    """How ``sort`` is described."""
    return {
        "name": SORT,
        "in": "query",
        "required": False,
        "description": "In welke volgorde; met een - ervoor andersom. Wat leeg is komt achteraan.",
        "schema": {"type": "string", "enum": [sign + name for name in sorts for sign in ("", "-")]},
    }


def sort(sorts: tuple[str, ...]) -> str | None:
    """The order that is asked for, if one is.

    Raises:
        Invalid: not one of *sorts*.
    """
    given = request.args.get(SORT)
    if given is not None and given.removeprefix("-") not in sorts:
        raise Invalid("sort", errors={SORT: [f"Kies uit: {', '.join(sorts)}, met een - ervoor voor andersom."]})
    return given


def is_list(schema: type[Schema]) -> bool:
    """Whether an answer is a list: ``items``."""
    return "items" in schema().fields


def wanted(schema: type[Schema]) -> _Tree | None:
    """What ``fields`` asks of an answer, as a tree of names; None: everything.

    Raises:
        Invalid: a name that the answer has not, or no list of names.
    """
    given = request.args.get(FIELDS)
    if given is None:
        return None
    names = given.split(",")
    if not _NAMES.fullmatch(given) or len(given) > 500 or len(names) > MOST_NAMES:
        raise Invalid(
            FIELDS, errors={FIELDS: [f"Geef ten hoogste {MOST_NAMES} namen, met komma’s ertussen en zonder spaties."]}
        )
    inner = _inside(schema().fields["items"]) if is_list(schema) else schema()
    tree: _Tree = {}
    unknown = [name for name in names if not _plant(tree, inner, name.split("."))]
    if unknown:
        raise Invalid(FIELDS, errors={FIELDS: [f"Dit veld kennen we niet: {name}." for name in unknown]})
    return {"items": tree} if is_list(schema) else tree


def cut(schema: type[Schema], shown: Mapping[str, Any], tree: _Tree) -> dict[str, Any]:
    """*shown* with what *tree* names and what is required. Of a list, what stands beside the items stays."""
    if is_list(schema):
        items = _cut(schema().fields["items"], shown["items"], tree["items"])
        return {**shown, "items": items}
    return _cut_object(schema(), shown, tree)


def ordered(items: list[Any], by: str) -> list[Any]:
    """*items* in the order of a field; what is empty comes last either way."""
    name = by.removeprefix("-")
    filled = [each for each in items if each.get(name) is not None]
    filled.sort(key=lambda each: _comparable(each[name]), reverse=by.startswith("-"))
    return [*filled, *(each for each in items if each.get(name) is None)]


def part(items: list[Any], *, cursor: str | None, page_size: int | None) -> tuple[list[Any], str | None]:
    """A page of a list that is there as a whole, and where the next begins.

    The cursor knows the last item as well as its place: what was added or taken away before it moves nothing.

    Raises:
        Invalid: a cursor that we never gave.
    """
    begin = 0
    if cursor is not None:
        match = re.fullmatch(r"(\d{1,6})(?:~([\w-]{1,80}))?", cursor)
        if match is None:
            raise Invalid("cursor", errors={"cursor": ["Deze bladzijde kennen we niet; begin vooraan."]})
        begin = int(match[1])
        if match[2]:
            places = [place for place, each in enumerate(items) if _id(each) == match[2]]
            begin = places[0] + 1 if places else max(begin - 1, 0)
    if page_size is None:
        return items[begin:], None
    end = begin + page_size
    if end >= len(items):
        return items[begin:], None
    last = _id(items[end - 1])
    return items[begin:end], f"{end}~{last}" if last else str(end)


def _id(item: Any) -> str | None:
    found = item.get("id") if isinstance(item, Mapping) else None
    return found if isinstance(found, str) and re.fullmatch(r"[\w-]{1,80}", found) else None


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _plant(tree: _Tree, schema: Schema | None, path: list[str]) -> bool:
    """Whether *path* means something in *schema*; then it stands in *tree*. Below an object without a schema all is well."""
    if schema is None:
        return False
    field = _by_name(schema).get(path[0])
    if field is None:
        return False
    below = tree.setdefault(path[0], {})
    if len(path) == 1:
        tree[path[0]] = {**below, "": True}  # all of it
        return True
    return _plant(below, _inside(field), path[1:])


def _cut_object(schema: Schema, shown: Mapping[str, Any], tree: _Tree) -> dict[str, Any]:
    known = _by_name(schema)
    return {
        name: _cut(known[name], value, tree.get(name, {}))
        for name, value in shown.items()
        if name in tree or name not in known or known[name].required
    }


def _cut(field: fields.Field[Any], value: Any, tree: _Tree) -> Any:
    inner = _inside(field)
    if tree.get("") or inner is None or value is None:
        return value
    if isinstance(field, fields.List):
        return [_cut_object(inner, each, tree) for each in value]
    return _cut_object(inner, value, tree)


def _inside(field: fields.Field[Any]) -> Schema | None:
    """The schema of an object, or of each object in a list; None: no object, or one of any shape."""
    found = field.inner if isinstance(field, fields.List) else field
    return found.schema if isinstance(found, fields.Nested) and not found.many else None


def _by_name(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}
