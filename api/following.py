"""Where a program goes on from an answer: links of OpenAPI, derived from how the addresses hang together.

From a list or what was made in it to one of its items, and from one thing to everything below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_METHODS = ("get", "post", "put", "delete", "patch")
#: Doors whose answer is a thing that lives elsewhere: where its id stands, and whose address it completes.
_ELSEWHERE = {
    "create_signal": ("/id", "/tasks/{task_id}"),
    "claim_task": ("/id", "/tasks/{task_id}"),
    "complete_task": ("/next/0/id", "/tasks/{task_id}"),
    "get_task": ("/case/id", "/cases/{case_id}"),
    "search_cases": ("/found/0/case/id", "/cases/{case_id}"),
    "fetch_topic_steps": ("/items/0/id", "/topic-steps/{task_id}/completions"),
    "list_topic_incidents": ("/items/0/task_id", "/topic-incidents/{task_id}/retries"),
}


def link(spec: dict[str, Any]) -> None:
    """Put links with every answer from which something can be followed."""
    paths = spec["paths"]
    for path, item in paths.items():
        for method, target in _operations(item):
            if method not in ("get", "post") and "get" in item:
                _add(item["get"], target, path, "")
            parent = _parent(paths, path)
            if parent is None or "{" not in path:
                continue
            made = path[len(parent) :].startswith("/{")
            for from_method, source in _operations(paths[parent]):
                if from_method in ("get", "post") and (parent, from_method) != (path, method):
                    pointer = _id_in(spec, source) if made else "" if from_method == "get" else None
                    if pointer is not None:
                        _add(source, target, path, pointer)
    by_name = {each["operationId"]: each for item in paths.values() for _, each in _operations(item)}
    for name, (pointer, path) in _ELSEWHERE.items():
        for _, target in _operations(paths.get(path, {})):
            if name in by_name:
                _add(by_name[name], target, path, pointer)


def _add(source: dict[str, Any], target: dict[str, Any], path: str, pointer: str) -> None:
    """From the good answer of *source* to *target*; the last id of *path* stands at *pointer*, if it is not in the request."""
    names = re.findall(r"\{(\w+)\}", path)
    values = {name: f"$request.path.{name}" for name in names}
    if pointer:
        values[names[-1]] = f"$response.body#{pointer}"
    answer = _good(source)
    if _takes_version(target):
        if "ETag" not in answer.get("headers", {}):
            return
        values["header.If-Match"] = "$response.header.ETag"
    answer.setdefault("links", {})[target["operationId"]] = {
        "operationId": target["operationId"],
        "parameters": values,
        "description": target["summary"],
    }


def _parent(paths: dict[str, Any], path: str) -> str | None:
    """The longest address that this one begins with and that is one itself; ids below it come from its answer or request."""
    parts = path.split("/")
    for end in range(len(parts) - 1, 1, -1):
        shorter = "/".join(parts[:end])
        more = [part for part in parts[end:] if part.startswith("{")]
        if shorter in paths:
            return shorter if not more or (more == [parts[end]]) else None
    return None


def _id_in(spec: dict[str, Any], source: dict[str, Any]) -> str | None:
    node = _good(source).get("content", {}).get("application/json", {}).get("schema", {})
    properties = _resolved(spec, node).get("properties", {})
    if "items" in properties:
        inner = _resolved(spec, properties["items"].get("items", {})).get("properties", {})
        return "/items/0/id" if "id" in inner else None
    return "/id" if "id" in properties else None


def _good(operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(each for code, each in operation["responses"].items() if str(code)[0] == "2")
    return found


def _resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        found: dict[str, Any] = spec["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def _takes_version(operation: dict[str, Any]) -> bool:
    return any(each.get("name") == "If-Match" for each in operation.get("parameters", ()))


def _operations(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((method, each) for method, each in item.items() if method in _METHODS)
