"""What a program may send: JSON read strictly, query keys checked, versions and keys taken from the headers.

Stricter than the JSON library: a key that occurs twice, a number that no database keeps, a NUL or half a surrogate
pair would come back differently or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from api.problems import TooLarge, WrongMediaType
from workflows.errors import Invalid, StaleVersion, VersionMissing

MAX_DEPTH = 64
MAX_KEYS = 10_000
#: Beyond this whole numbers lose digits in most languages (I-JSON, RFC 7493).
MAX_INTEGER = 2**53 - 1

_ETAG = re.compile(r'"(\d{1,12})"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def json_object() -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        WrongMediaType: it is not sent as JSON.
        TooLarge: more bytes than the settings allow.
        Invalid: not JSON, not an object, or JSON that would not survive being kept.
    """
    if request.mimetype != "application/json":
        raise WrongMediaType(f"media type {request.mimetype!r}")
    try:
        data = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise TooLarge("body") from None
    if request.content_length is None and len(data) >= (request.max_content_length or 0):
        raise TooLarge("body without a length")  # werkzeug stops reading at the limit and does not say so
    return parse(data)


def parse(data: bytes) -> dict[str, Any]:
    """One JSON object from *data*; see :func:`json_object`."""
    keys = 0

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(pairs)
        if keys > MAX_KEYS:
            raise _refused(f"Er staan meer dan {MAX_KEYS} sleutels in.")
        found = dict(pairs)
        if len(found) != len(pairs):
            raise _refused("Een sleutel komt twee keer voor in hetzelfde object.")
        return found

    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=build,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except RecursionError:
        raise _refused(_TOO_DEEP) from None
    except UnicodeDecodeError:
        raise _refused("De tekst is geen UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _refused(f"Dit is geen JSON: regel {error.lineno}, teken {error.colno}.") from None
    if not isinstance(value, dict):
        raise _refused("Stuur een JSON-object: { … }.")
    _inspect(value)
    return value


def load(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """What *schema* makes of *data*; every mistake of every field in one :class:`Invalid`."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise Invalid("schema", errors=flat(error.messages)) from None
    return loaded


def query(schema: Schema, *, beside: tuple[str, ...] = ()) -> dict[str, Any]:
    """The query keys; one that is unknown or occurs twice is refused. Those *beside* the schema are read elsewhere."""
    twice = {key: ["Geef dit één keer."] for key, values in request.args.lists() if len(values) > 1}
    if twice:
        raise Invalid("query", errors=twice)
    return load(schema, {key: value for key, value in request.args.items() if key not in beside})


def if_match() -> int:
    """The version that the caller changes, from ``If-Match: "7"``.

    Raises:
        VersionMissing: no header, or ``*``, which names no version.
        StaleVersion: a tag that we never gave.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise VersionMissing("If-Match is missing")
    match = _ETAG.fullmatch(given)
    if match is None:
        raise StaleVersion("If-Match is not a version of ours")
    return int(match[1])


def etag(version: int) -> dict[str, str]:
    """The header that tells which version an answer shows."""
    return {"ETag": f'"{version}"'}


def idempotency_key() -> str | None:
    """What the caller calls this attempt, if it does; visible ASCII, at most 255 characters."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise Invalid(
            "Idempotency-Key", errors={"Idempotency-Key": ["Geef 1 tot 255 zichtbare tekens, zonder spaties."]}
        )
    return given


def flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as path → sentences."""
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in messages.items():
            name = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else str(key)
            found.update(flat(value, "" if name == "_schema" else name))
        return found
    return {path or "body": [str(text) for text in (messages if isinstance(messages, list) else [messages])]}


_TOO_DEEP = f"Dit is dieper genest dan {MAX_DEPTH} niveaus."


def _inspect(value: Any) -> None:
    """Depth and text of everything, without recursion: the depth is what we are looking for."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            _text(item)
        elif isinstance(item, dict):
            if depth > MAX_DEPTH:
                raise _refused(_TOO_DEEP)
            for key, inner in item.items():
                _text(key)
                waiting.append((inner, depth + 1))
        elif isinstance(item, list):
            if depth > MAX_DEPTH:
                raise _refused(_TOO_DEEP)
            waiting.extend((inner, depth + 1) for inner in item)


def _text(text: str) -> None:
    if "\0" in text:
        raise _refused("Er staat een NUL-teken in.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused("Er staat een half teken in (een los surrogaat).") from None


def _constant(name: str) -> Any:
    raise _refused(f"{name} is geen JSON.")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _refused("Een getal is te groot.")
    return number


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise _refused("Een getal is te groot.")
    return int(text)


def _refused(text: str) -> Invalid:
    return Invalid("body", errors={"body": [text]})
