"""States that earlier releases wrote still mean the same, and still come to their end."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from engine.bundle import Bundle
from engine.process import Process
from engine.state import RELEASE
from tests.engine.diagrams import NOW, terms
from tests.engine.golden import make

STATES = sorted(make.HERE.glob("*/*/*.state"))


@cache
def kept(folder: Path) -> Bundle:
    return Bundle.read_dir(folder)


def test_this_release_has_golden_states():
    assert {state.parts[-3] for state in STATES} >= {RELEASE}


@pytest.mark.parametrize("path", STATES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_state_of_an_earlier_release_means_the_same_and_comes_to_its_end(path):
    state, told = path.read_bytes(), json.loads(path.with_suffix(".json").read_text())
    outcomes, passed = told.pop("outcomes"), told.pop("passed")

    process = Process.resume(kept(path.parent), state, now=NOW, terms=terms)

    assert json.loads(json.dumps(make.meaning(process))) == told
    assert make.finish(kept(path.parent), state, outcomes) == passed
