"""The faults of programs like ours: each has a test, and that test exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_fault_of_others_has_tests_that_exist():
    text = (ROOT / "docs/pitfalls.md").read_text(encoding="utf-8")
    [_, _, *rows] = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]

    assert len(rows) == 12
    for fault, here, shown in rows:
        assert fault.strip()
        assert here.strip()
        named = re.findall(r"`([^`]+)`", shown)
        assert named, fault
        for one in named:
            path, _, name = one.partition("::")
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^def {name}\(", source, re.M), one
