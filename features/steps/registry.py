"""The registry of steps, and what a feature file must be before anybody runs it. Knows nothing of the method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import parse  # type: ignore[import-untyped]
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler
from gherkin.stream.id_generator import IdGenerator
from gherkin.token_scanner import TokenScanner

Keyword = Literal["Gegeven", "Als", "Dan"]
Verb = Callable[..., None]

_KINDS: Final = {"Gegeven": "given", "Als": "when", "Dan": "then"}
_TYPES: Final = {"Context": "given", "Action": "when", "Outcome": "then"}


@dataclass(frozen=True)
class Step:
    """One sentence and the function behind it. The function takes ``world`` and the words between braces, by name."""

    kind: str
    pattern: str
    function: Verb

    @cached_property
    def parser(self) -> Any:
        return parse.compile(self.pattern, case_sensitive=True)


STEPS: list[Step] = []


def step(keyword: Keyword, pattern: str) -> Callable[[Verb], Verb]:
    """Register a function for sentences such as ``de {who} de verkenning oppakt``; may be repeated."""

    def register(function: Verb) -> Verb:
        STEPS.append(Step(_KINDS[keyword], pattern, function))
        return function

    return register


def matching(kind: str, text: str) -> list[Step]:
    """The steps that a sentence can mean: exactly one when all is well."""
    return [each for each in STEPS if each.kind == kind and each.parser.parse(text)]


def faults(name: str, source: str) -> list[str]:
    """Why a feature file cannot be trusted, in Dutch; empty when it can.

    Free text under a title is a fault: a misspelt keyword ("Gegevn …") would make a scenario without steps, which passes.
    """
    try:
        document: Any = Parser().parse(TokenScanner(source))
    except Exception as error:
        return [f"{name}: dit is niet te lezen als scenario. {error}"]
    document["uri"] = name
    return list(_faults(name, document))


def _faults(name: str, document: Any) -> Iterator[str]:
    feature = document.get("feature")
    if feature is None:
        yield f"{name}: er staat geen functionaliteit in."
        return
    if feature["language"] != "nl":
        yield f"{name}: begin met ‘# language: nl’."
    for title in _titles(feature):
        if (title.get("description") or "").strip():
            yield f"{name}, ‘{title['name']}’: haal de losse tekst onder de titel weg. Begin elke regel met Gegeven, Als of Dan."
    for scenario in _scenarios(feature):
        where = f"{name}, ‘{scenario['name']}’"
        if not scenario["steps"]:
            yield f"{where}: er staan geen stappen in."
        elif not any(each.get("keywordType") == "Outcome" for each in scenario["steps"]):
            yield f"{where}: er staat geen ‘Dan’ in, dus er wordt niets beloofd."
        if not scenario["tags"]:
            yield f"{where}: noem met een label (@…) wat dit scenario laat zien."
        if "examples" in scenario and scenario["keyword"].startswith("Abstract") and not _rows(scenario):
            yield f"{where}: er staan geen voorbeelden bij."
    for pickle in Compiler(IdGenerator()).compile(document):
        for each in pickle["steps"]:
            found = matching(_TYPES.get(each.get("type", ""), ""), each["text"])
            if len(found) != 1:
                known = "niemand kent deze stap" if not found else "deze stap kan op twee manieren gelezen worden"
                yield f"{name}, ‘{pickle['name']}’: {known}: ‘{each['text']}’."


def _titles(feature: Any) -> Iterator[Any]:
    yield feature
    for child in feature["children"]:
        for kind in ("background", "scenario", "rule"):
            if kind in child:
                yield from _titles(child[kind]) if kind == "rule" else [child[kind]]
        yield from child.get("scenario", {}).get("examples", [])


def _scenarios(feature: Any) -> Iterator[Any]:
    for child in feature["children"]:
        if "scenario" in child:
            yield child["scenario"]
        elif "rule" in child:
            yield from _scenarios(child["rule"])


def _rows(scenario: Any) -> int:
    return sum(len(examples.get("tableBody", [])) for examples in scenario["examples"])
