"""One design language: colours are variables of a theme, and what is drawn can be read on a dark screen."""

from __future__ import annotations

import re
from pathlib import Path

import engine.draw

ASSETS = Path(__file__).parents[2] / "api" / "assets"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
#: Colours of drawings stand in attributes; the rules that turn them around name them.
IN_A_DRAWING = re.compile(r"^\s*\.steun-diagram \[(fill|stroke)='(#[0-9a-f]{6})'\]")


def test_no_colour_is_written_down_outside_variables():
    """Otherwise it stays what it is on a dark screen, on paper, and in the theme of somebody else."""
    found = [
        f"{path.name}:{number}: {line.strip()[:100]}"
        for path in [ASSETS / "pages.css", *sorted((ASSETS / "styles").glob("*.css"))]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if COLOUR.search(re.sub(r"--steun-[\w-]+:[^;]*;", "", line)) and not IN_A_DRAWING.match(line)
    ]
    assert found == []


def test_every_colour_of_a_drawing_has_another_on_a_dark_screen():
    drawn = set(re.findall(r"#[0-9a-f]{6}", Path(engine.draw.__file__).read_text()))
    turned = {
        match[2] for line in (ASSETS / "pages.css").read_text().splitlines() if (match := IN_A_DRAWING.match(line))
    }
    assert drawn == turned


def test_a_name_is_styled_in_one_file_only():
    """Two files that mean something else by one name spoil each other's pages, and neither shows it."""
    places: dict[str, set[str]] = {}
    for path in [ASSETS / "pages.css", *sorted((ASSETS / "styles").glob("*.css"))]:
        for name in re.findall(r"^(\.steun-[\w-]+) \{", path.read_text(), re.MULTILINE):
            places.setdefault(name, set()).add(path.name)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
