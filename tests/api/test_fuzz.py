"""Whatever is sent, the API answers as it describes itself: no fault of ours, nothing that is not documented."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import SIGNAL, Begun, Caller, etag

LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"
EXAMPLES = 60 if LONG else 6
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations(app: Flask) -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for result in schema.get_all_operations():
        yield result.ok()


def parts(operation: Any, known: dict[str, str]) -> Any:
    """Anything that fits, anything that does not, and what fits with ids that exist."""
    wanted = [parameter.name for parameter in operation.path_parameters]
    tried = [operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)]
    if wanted and set(wanted) <= set(known):
        tried.append(operation.as_strategy(path_parameters={name: known[name] for name in wanted}))
    return st.one_of(tried)


@pytest.mark.parametrize("who", ["nobody", "midwife"])
def test_every_answer_is_one_that_is_described(
    app: Flask, who: str, begin: Callable[..., Begun], sign_in: Callable[[str], Caller]
) -> None:
    number = int(os.environ.get("STEUN_TEST_SEED") or random.randrange(2**32))
    print(f"seed {number}: repeat with STEUN_TEST_SEED={number}")
    begun = begin()
    done = begin(begun.by)
    assert done.complete(SIGNAL).status_code == 201
    case = begun.by.get(begun.path).json["case"]
    form = begun.by.get(begun.path).json["form"]
    known = {
        "task_id": begun.task_id,
        "case_id": case["id"],
        "process_id": "hoofdproces",
        "digest": form["digest"],
        "key": form["key"],
    }
    headers = {"Authorization": f"Bearer {begun.by.token}"} if who == "midwife" else {}
    asked = 0

    for operation in operations(app):

        @seed(number)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=parts(operation, known))
        def answer(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.headers = {
                name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
            }
            case.call_and_validate(headers=headers, checks=CHECKS)

        answer()

    assert asked >= EXAMPLES
    assert begun.by.get("/me").status_code == 200
    if who == "nobody":  # and nothing of what nobody asked was done
        assert begun.complete(SIGNAL, headers=etag(begun.by.get(begun.path))).status_code == 201
