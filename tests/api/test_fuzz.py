"""Whatever is sent, by whoever, the API answers as it describes itself: no fault of ours, nothing undocumented, and nothing
to who is nobody. Doors are tried one by one, and one after another along the links of the description.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import SIGNAL
from tests.api.matrix.world import Known, fill
from workflows.organisations import Role

LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"
#: How often each door is tried by one role. In the short profile, and on SQLite, each door meets one role, and each role some
#: doors: what is asked of a request is decided before a database is, and making one up costs more than answering it.
EXAMPLES = 1 if LONG else 3
CHAINS = 4 if LONG else 2
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_NEVER = ("POST /people/{person_id}/deactivations", "POST /organisations/{organisation_id}/deactivations")


@pytest.fixture
def world(app: Flask, database: Any, clock: Any, region: Any) -> SimpleNamespace:
    """A region in which everything has happened once, and a way to be somebody of each role."""
    known = fill(database, clock, region)
    number = int(os.environ.get("STEUN_TEST_SEED") or random.randrange(2**32))
    print(f"seed {number}: repeat with STEUN_TEST_SEED={number}")
    by_role: dict[str, list[str]] = {}
    for name, actor in sorted(known.people.items()):
        if name in known.tokens:
            by_role.setdefault(actor.role, []).append(name)
    missing = {role.value for role in Role} - set(by_role) - {"parent"}
    assert not missing, "every role that works here tries the doors"
    return SimpleNamespace(
        app=app, known=known, number=number, by_role=by_role, drawn=random.Random(number),
        thorough=LONG and not database.is_sqlite,
    )  # fmt: skip


def bearer(known: Known, name: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {known.tokens[name]}"} if name else {}


def described(app: Flask) -> Any:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.config.phases.stateful.inference.algorithms = []  # our own links, and no guesses
    return schema


def cases(operation: Any, known: dict[str, str]) -> Any:
    """Anything that fits, anything that does not, and what fits with ids that exist."""
    wanted = [parameter.name for parameter in operation.path_parameters]
    tried = [operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)]
    if wanted and set(wanted) <= set(known):
        tried.append(operation.as_strategy(path_parameters={name: known[name] for name in wanted}))
    return st.one_of(tried)


def by_each(world: SimpleNamespace, operations: list[Any]) -> Iterator[tuple[Any, str | None]]:
    """Each door with who tries it: nobody, and one of each role or of the role whose turn it is."""
    roles = sorted(world.by_role)
    world.drawn.shuffle(roles)
    for place, operation in enumerate(operations):
        yield operation, None
        for role in roles if world.thorough else [roles[place % len(roles)]]:
            yield operation, world.drawn.choice(world.by_role[role])


def without_proof(case: Any) -> None:
    """Who asks is said by the test alone."""
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    case.cookies = {}


def test_every_answer_is_one_that_is_described(world: SimpleNamespace) -> None:
    operations = [result.ok() for result in described(world.app).get_all_operations()]
    tried: set[str] = set()

    def attempt(operation: Any, name: str | None) -> None:
        @seed(world.number)
        @settings(
            max_examples=EXAMPLES if name else 1,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation, world.known.ids), garbled=st.booleans())
        def answer(case: Any, garbled: bool) -> None:
            without_proof(case)
            headers = bearer(world.known, name)
            if name is None and garbled:
                headers = {"Authorization": "Bearer een-token-dat-er-niet-is"}
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            if name is None and operation.definition.raw.get("security") != []:
                assert response.status_code in (400, 401, 404, 405, 413, 415), (operation.label, response.status_code)

        answer()

    for operation, name in by_each(world, operations):
        if name is None or operation.label not in _NEVER:
            attempt(operation, name)
            tried.add(operation.label)

    assert len(tried) == len(operations)


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)
def test_every_answer_on_the_way_from_door_to_door_is_one_that_is_described(world: SimpleNamespace) -> None:
    """From an answer to what can be asked next, with ids and versions that were given. A signal is answered as people do."""
    roles = ["signaller", "explorer", *world.drawn.sample(sorted(world.by_role), len(world.by_role) if LONG else 4)]
    schema = described(world.app)
    followed: set[tuple[str, int]] = set()
    wrong: list[str] = []

    for role in roles:
        name = "signaller" if role == "signaller" else world.drawn.choice(world.by_role[role])

        class Way(schema.as_state_machine()):  # type: ignore[misc]
            def before_call(self, case: Any) -> None:
                without_proof(case)
                label = case.operation.label
                if label == "POST /signals":
                    case.body = {"municipality_code": "GM0983"}
                if label in ("POST /tasks/{task_id}/completion", "PUT /tasks/{task_id}/draft"):
                    case.body = {"answers": SIGNAL}
                if label in _NEVER:
                    case.path_parameters = dict.fromkeys(case.path_parameters, "00000000-0000-4000-8000-000000000000")

            def get_call_kwargs(self, case: Any, name: str = name) -> dict[str, Any]:
                return {"headers": bearer(world.known, name)}

            def validate_response(self, response: Any, case: Any, name: str = name, **more: Any) -> None:
                followed.add((case.operation.label, response.status_code))
                try:
                    case.validate_response(response, checks=CHECKS)
                except Exception as failure:
                    wrong.append(f"{case.operation.label} as {name}: {failure}")
                    raise

        way = seed(world.number)(Way)
        # What a server gives is new each time, so a way cannot be gone twice: then this role has gone far enough. What was wrong
        # on it is kept in ``wrong``, whatever comes of trying it again.
        with suppress(FlakyStrategyDefinition):
            run_state_machine_as_test(
                way,
                settings=settings(
                    max_examples=CHAINS,
                    stateful_step_count=8,
                    database=None,
                    deadline=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )

    assert wrong == []
    print(f"{len(followed)} kinds of step, {len({label for label, _ in followed})} doors")
    assert {status for _, status in followed} >= {200, 201, 404}
    assert not {status for _, status in followed if status >= 500}
