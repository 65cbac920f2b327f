"""The checked list of ASVS: every requirement once, and what shows that it is met exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STANDINGS = {"met", "not met", "not applicable"}
#: Levels 1 and 2 of ASVS 5.0.0, as last numbers per section.
ASKED = {
    "6.1": range(1, 4), "6.2": range(1, 13), "6.3": range(1, 5), "6.4": range(1, 5), "6.5": range(1, 6), "6.6": range(1, 4), "6.8": range(1, 5),
    "7.1": range(1, 4), "7.2": range(1, 5), "7.3": range(1, 3), "7.4": range(1, 6), "7.5": range(1, 3), "7.6": range(1, 3),
    "8.1": range(1, 3), "8.2": range(1, 4), "8.3": range(1, 2), "8.4": range(1, 2),
    "16.1": range(1, 2), "16.2": range(1, 6), "16.3": range(1, 5), "16.4": range(1, 4), "16.5": range(1, 4),
}  # fmt: skip


def test_every_requirement_is_there_once_with_something_that_shows_it():
    text = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| (.+) \|$", text, re.M)

    assert [row[0] for row in rows] == [f"{section}.{number}" for section, all_ in ASKED.items() for number in all_]
    for id, asked, standing, shown in rows:
        assert asked.strip(), id
        assert standing.strip() in STANDINGS, id
        [evidence] = re.findall(r"^`([^`]+)`", shown)
        path, _, name = evidence.partition("::")
        assert (ROOT / path).is_file(), evidence
        if name:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M), evidence
        if standing.strip() != "met":
            assert len(shown) > len(evidence) + 10, f"{id} says why"


def test_the_headings_name_what_the_tables_hold():
    text = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    named = ", ".join(re.findall(r"^## V\d+ [^:]+: (.+)$", text, re.M)).split(", ")

    assert named == [
        f"{section}.1–{section}.{all_[-1]}" if len(all_) > 1 else f"{section}.1" for section, all_ in ASKED.items()
    ]
