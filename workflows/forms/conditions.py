"""When a question is asked, for people: a condition read back as comparisons with answers, where it is that simple."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from workflows.forms.model import Field, Form

_NAME = r"(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"


class Relation(Enum):
    """What has to be so for a question to be asked; a mark of the code, nobody sends or stores it."""

    IS = "is"  #: this option was chosen
    IS_NOT = "is_not"  #: another option was chosen
    INCLUDES = "includes"  #: this option was ticked, perhaps beside others
    FILLED = "filled"  #: there is an answer
    TICKED = "ticked"
    NOT_TICKED = "not_ticked"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An answer that has to be given: to which question, and which one (its words; empty where there is no choice)."""

    question: str
    relation: Relation
    answer: str = ""


#: What hides a question, and so when it is asked. All of these are joined by ``or``: one is enough to hide.
_HIDES = (
    (re.compile(rf"{_NAME} = null"), Relation.FILLED),
    (re.compile(rf'{_NAME} != "(?P<value>[^"\\]*)"'), Relation.IS),
    (re.compile(rf'{_NAME} = "(?P<value>[^"\\]*)"'), Relation.IS_NOT),
    (re.compile(rf'not\(list contains\({_NAME}, "(?P<value>[^"\\]*)"\)\)'), Relation.INCLUDES),
    (re.compile(rf"{_NAME} (?:!= true|= false)"), Relation.TICKED),
    (re.compile(rf"{_NAME} = true"), Relation.NOT_TICKED),
)


def asked_when(form: Form, condition: str, *, rows: str = "") -> tuple[Comparison, ...] | None:
    """What must be answered elsewhere for a question to be asked, all of it; None when that cannot be said simply.

    Args:
        condition: FEEL that hides the question when it is true, without the ``=`` of form-js.
        rows: path of the list that the question stands in, e.g. ``actions``.
    """
    found: dict[str, Comparison] = {}
    for part in condition.split(" or "):
        read = next(_read(form, part.strip(), rows), None)
        if read is None:
            return None
        name, comparison = read
        known = found.get(name)
        if known is not None and Relation.FILLED not in (known.relation, comparison.relation):
            return None
        if known is None or known.relation is Relation.FILLED:
            found[name] = comparison
    return tuple(found.values())


def _read(form: Form, text: str, rows: str) -> Iterator[tuple[str, Comparison]]:
    for pattern, relation in _HIDES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        name, value = str(parts["name"]), parts.get("value")
        field = form.fields.get(f"{rows}[].{name}") if rows else None
        field = field or form.fields.get(name)
        if field is None or (value is not None and not _has(field, value)):
            continue
        yield name, Comparison(field.label, relation, "" if value is None else field.label_of(value))


def _has(field: Field, value: str) -> bool:
    return any(option.value == value for option in field.options)
