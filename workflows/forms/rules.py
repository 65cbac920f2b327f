"""Pure rules on answers: what may stand together, what decides, and how answers are taken apart and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.forms.model import Answers, Field, Form, Scalar

_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Value:
    """One answer as it is kept: the smallest piece with a compartment of its own.

    ``field`` is the path of the answer (``contacts[0].present``), ``position`` its place among the chosen options.
    """

    field: str
    position: int
    value: Any
    compartment: str


def wrong_together(field: Field, chosen: Sequence[str]) -> str | None:
    """Why these options cannot stand together, in Dutch; None when they can.

    ``exclusive`` names the option that means "none of these"; ``complete`` asks that every option is ticked.
    """
    alone = field.properties.get("exclusive")
    if alone in chosen and len(chosen) > 1:
        return f"Kies ‘{field.label_of(alone)}’ alleen als niets anders past."
    if field.properties.get("complete") == "true":
        missing = [option.label for option in field.options if option.value not in chosen]
        if missing and chosen:
            return f"Dit ontbreekt nog: {'; '.join(missing)}."
    return None


def outcomes(form: Form, answers: Mapping[str, Any]) -> dict[str, Scalar]:
    """What the process may decide on: every deciding field, None when it was hidden or left empty."""
    return {field.path: answers.get(field.path) for field in form.deciding}


def split(form: Form, answers: Mapping[str, Any]) -> list[Value]:
    """Clean answers as separate values, each with its compartment; list answers per option."""
    values: list[Value] = []
    _split(form, answers, "", values)
    return values


def _split(form: Form, answers: Mapping[str, Any], prefix: str, values: list[Value]) -> None:
    for key, answer in answers.items():
        path = prefix + key
        field = form.field_at(path)
        if field is None:
            if isinstance(answer, Mapping):
                _split(form, answer, f"{path}.", values)
            else:
                for index, row in enumerate(answer):
                    _split(form, row, f"{path}[{index}].", values)
        elif field.type == "checklist":
            values += [Value(path, place, one, field.compartment_of(one)) for place, one in enumerate(answer)]
        else:
            values.append(Value(path, 0, answer, field.compartment_of(answer)))


def join(form: Form, values: Iterable[Value]) -> Answers:
    """Put values together again. Values that were withheld leave no trace: rows and options close up."""
    rows: dict[str, Any] = {}
    for value in sorted(values, key=lambda each: each.position):
        field = form.field_at(value.field)
        if field is None:
            continue
        steps = [(name, index) for name, index in _STEP.findall(value.field)]
        place = rows
        for name, index in steps[:-1]:
            place = place.setdefault(name, {})
            if index:
                place = place.setdefault(int(index), {})
        if field.type == "checklist":
            place.setdefault(steps[-1][0], []).append(value.value)
        else:
            place[steps[-1][0]] = value.value
    joined: Answers = _closed(rows)
    return joined


def _closed(place: Any) -> Any:
    if not isinstance(place, dict):
        return place
    if place and all(isinstance(key, int) for key in place):
        return [_closed(place[index]) for index in sorted(place)]
    return {key: _closed(each) for key, each in place.items()}
