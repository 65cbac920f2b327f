"""The command line in Dutch or English, as whoever types it has it. Dutch stands in the code, English beside it in ``english.po``.

What the rooms say (why something is refused, what is wrong in a diagram) is Dutch: the people it is about read it too.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from api.saying import Said

CATALOGUE = Path(__file__).parent / "english.po"
NAMES = ("nl", "en")
_ASKED: list[str] = []

#: What click says itself, in Dutch; it asks for each of these when it says it.
CLICK = {
    "Usage:": "Gebruik:",
    "Options": "Opties",
    "Commands": "Opdrachten",
    "Error: {message}": "Fout: {message}",
    "Show this message and exit.": "Toon deze uitleg.",
    "Show the version and exit.": "Toon de versie.",
    "%(prog)s, version %(version)s": "%(prog)s, versie %(version)s",
    "Try '{command} {option}' for help.": "Uitleg: {command} {option}",
    "default: {default}": "standaard: {default}",
    "required": "verplicht",
    "argument": "Argument",
    "option": "Optie",
    "parameter": "Gegeven",
    "Argument": "Argument",
    "Option": "Optie",
    "Parameter": "Gegeven",
    "Missing argument": "Er ontbreekt een argument:",
    "Missing option": "Er ontbreekt een optie:",
    "Missing parameter": "Er ontbreekt een gegeven:",
    "Missing {param_type}": "Er ontbreekt: {param_type}",
    "Missing command.": "Geef een opdracht.",
    "No such command {name!r}.": "Deze opdracht is er niet: {name}.",
    "Did you mean {possibility}?": "Bedoelt u {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(Bedoelt u een van: {possibilities}?)",
    "No such option {name!r}.": "Deze optie is er niet: {name}.",
    "No such option: {name}": "Deze optie is er niet: {name}.",
    "Option {name!r} requires an argument.": "Achter optie {name} hoort nog iets.",
    "Option {name!r} does not take a value.": "Achter optie {name} hoort niets.",
    "Got unexpected extra argument ({args})": "Dit hoort er niet bij: {args}",
    "Got unexpected extra arguments ({args})": "Dit hoort er niet bij: {args}",
    "Invalid value: {message}": "Dat kan niet: {message}",
    "Invalid value for {param_hint}: {message}": "Dat kan niet bij {param_hint}: {message}",
    "{value!r} is not a valid {number_type}.": "‘{value}’ is geen getal.",
    "{value} is not in the range {range}.": "{value} ligt niet binnen {range}.",
    "{value!r} is not a valid UUID.": "‘{value}’ is geen kenmerk.",
    "{value!r} is not one of {choices}.": "‘{value}’ is geen keuze. Kies uit: {choices}.",
    "{name} {filename!r} does not exist.": "‘{filename}’ is er niet.",
    "{name} {filename!r} is a file.": "‘{filename}’ is een bestand.",
    "{name} {filename!r} is a directory.": "‘{filename}’ is een map.",
    "{name} {filename!r} is not readable.": "‘{filename}’ is niet te lezen.",
}


def chosen() -> str:
    """``nl`` or ``en``: what ``--lang`` says, else the language of the machine, else Dutch."""
    if _ASKED:
        return _ASKED[-1]
    said = next((one for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (one := os.environ.get(name))), "")
    return "en" if said.startswith("en") else "nl"


@contextmanager
def asked(language: str | None) -> Iterator[None]:
    """For as long as one command runs: what ``--lang`` said."""
    if language is None:
        yield
        return
    _ASKED.append(language)
    try:
        yield
    finally:
        _ASKED.pop()


def _(text: str, /, **values: Any) -> str:
    """*text*, which is Dutch, in the language of who types; with *values* filled in where it says ``{name}``."""
    said = english().gettext(text) if text and chosen() == "en" else text
    return said.format(**values) if values else said


def told(problems: Mapping[str, Sequence[Said]]) -> dict[str, list[str]]:
    """What is wrong with which setting, in the language of who types."""
    return {name: [_said(text) for text in texts] for name, texts in problems.items()}


def _said(text: Said) -> str:
    values = {name: _said(one) if isinstance(one, Said) else one for name, one in text.values.items()}
    return _(text.pattern, **values)


@cache
def english() -> Translations:
    """The catalogue."""
    with CATALOGUE.open("rb") as file:
        known = read_po(file, locale="en")
    compiled = BytesIO()
    write_mo(compiled, known)
    compiled.seek(0)
    return Translations(compiled)


@contextmanager
def explained(command: click.Command, ctx: click.Context) -> Iterator[None]:
    """While *command* explains itself: its help, that of its parameters and of what is below it, in the language."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    said: list[tuple[Any, str, str]] = []
    for one in (command, *command.get_params(ctx), *below):
        for name in ("help", "metavar", "epilog"):
            text = getattr(one, name, None)
            if text:
                said.append((one, name, text))
                setattr(one, name, _(_of_click(inspect.cleandoc(text))))  # click keeps its own of the first time
    named = (command.options_metavar, getattr(command, "subcommand_metavar", None))
    command.options_metavar = _("[OPTIES]") if command.options_metavar else command.options_metavar
    if isinstance(command, click.Group):
        command.subcommand_metavar = _("OPDRACHT …")
    try:
        yield
    finally:
        for one, name, text in said:
            setattr(one, name, text)
        command.options_metavar = named[0]
        if isinstance(command, click.Group):
            command.subcommand_metavar = named[1] or ""


def _of_click(text: str) -> str:
    return CLICK.get(text, text) if chosen() == "nl" else text


def _of_click_by_number(one: str, many: str, number: int) -> str:
    return _of_click(one if number == 1 else many)


# click asks gettext for everything it says; its catalogue would have to be a compiled file on this machine. A test looks
# whether it still asks here.
for _module in (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types):
    for _name, _ours in (("_", _of_click), ("ngettext", _of_click_by_number)):
        if hasattr(_module, _name):
            setattr(_module, _name, _ours)
