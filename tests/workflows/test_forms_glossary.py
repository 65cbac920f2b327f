"""GLOSSARY.md pairs every word that the method puts in code, database and API with the Dutch that people read."""

from __future__ import annotations

import enum
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import engine
from bpmn import DIRECTORY
from workflows import method

ROOT = Path(__file__).parents[2]
INTERNAL = {"access"}  # how the guard counts; nobody reads or sends it


def rooms() -> set[str]:
    """Names of the rooms, as folders of ``workflows``."""
    return {path.parent.name for path in (ROOT / "workflows").glob("*/__init__.py")}


def codes() -> dict[str, str]:
    """Every role, status and other code of a room, with where it stands."""
    found = {}
    for room in sorted(rooms() - INTERNAL):
        module = importlib.import_module(f"workflows.{room}")
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
                found |= {member.value: f"workflows.{room}.{name}" for member in kind}
    return found


def words_of_forms() -> dict[str, str]:
    """Every key of a form and of its fields, and every value that can be chosen."""
    bundle = engine.Bundle.read_dir(DIRECTORY)
    found = {key: f"{key}.form" for key in bundle.forms}
    for key, form in bundle.forms.items():
        for component in components(form):
            name = component.get("key") or component.get("path")
            found |= {name: f"{key}.form"} if name else {}
            found |= {option["value"]: f"{key}.form" for option in component.get("values", [])}
    return found


def words_of_diagrams() -> dict[str, str]:
    """Processes, decisions, roles, statuses, results, terms, messages, and the names on which a route is decided."""
    bundle = engine.Bundle.read_dir(DIRECTORY)
    found = dict.fromkeys([*bundle.processes, *bundle.decisions, *bundle.deciding], "a bundle")
    for model in bundle.processes.values():
        found |= {lane.role: model.file for lane in model.lanes if lane.role}
        for node in model.nodes.values():
            words = [node.term, node.properties.get("case_status"), node.properties.get("case_result")]
            if node.event:
                words += [node.event.name, node.event.timer.text.removeprefix("term.") if node.event.timer else None]
            found |= {word: model.file for word in words if word}
    return found


def components(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in form.get("components", []):
        yield component
        yield from components(component)


def glossary() -> dict[str, str]:
    """Word → Dutch, of every row of every table."""
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([^`]+)` \| (.+?) \|$", text, re.M))


def test_every_room_role_status_and_code_has_a_dutch_word():
    missing = {word: where for word, where in codes().items() if word not in glossary()}

    assert rooms() <= glossary().keys()
    assert missing == {}


def test_every_word_of_the_forms_has_a_dutch_word():
    assert {word: where for word, where in words_of_forms().items() if word not in glossary()} == {}


def test_every_word_of_the_drawings_has_a_dutch_word():
    assert {word: where for word, where in words_of_diagrams().items() if word not in glossary()} == {}


def test_every_set_of_choices_has_a_dutch_word():
    assert method.CHOICES.keys() <= glossary().keys()


def test_no_word_stands_without_dutch():
    assert all(dutch.strip() for dutch in glossary().values())
