"""Pure rules on answers: what may stand together, what decides, and how answers are taken apart and put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.forms.model import ONE_OF, Answers, Field, Form, Rows, Scalar

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
        place, key = _place(rows, value.field)
        if field.type == "checklist":
            place.setdefault(key, []).append(value.value)
        else:
            place[key] = value.value
    joined: Answers = _closed(rows)
    return joined


def _place(rows: dict[Any, Any], path: str) -> tuple[dict[Any, Any], str]:
    """Where an answer goes in answers that are being put together; rows are kept by number until they are closed."""
    steps = _STEP.findall(path)
    for name, index in steps[:-1]:
        rows = rows.setdefault(name, {})
        if index:
            rows = rows.setdefault(int(index), {})
    return rows, steps[-1][0]


def _closed(place: Any) -> Any:
    if not isinstance(place, dict):
        return place
    if place and all(isinstance(key, int) for key in place):
        return [_closed(place[index]) for index in sorted(place)]
    return {key: _closed(each) for key, each in place.items()}


# --- two versions of one form


#: What has no place in a form: path → the question as it was asked, and the answer in words.
Left = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different for who fills in a form: questions and lists, by their label."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)

    @property
    def told(self) -> str:
        """In Dutch, every question named."""
        parts = (("Nieuw", self.new), ("Vervallen", self.gone), ("Veranderd", self.changed))
        return " ".join(f"{word}: {', '.join(f'‘{label}’' for label in labels)}." for word, labels in parts if labels)


def changed(old: Form, new: Form) -> Changes:
    """How *new* asks something else than *old*. Another order, and what only the process looks at, is no change."""
    before: dict[str, Field | Rows] = {**old.rows, **old.fields}
    after: dict[str, Field | Rows] = {**new.rows, **new.fields}
    return Changes(
        new=tuple(each.label for path, each in after.items() if path not in before),
        gone=tuple(each.label for path, each in before.items() if path not in after),
        changed=tuple(
            each.label for path, each in after.items() if path in before and _asked(before[path]) != _asked(each)
        ),
    )


def _asked(each: Field | Rows) -> tuple[Any, ...]:
    if isinstance(each, Rows):
        return each.label, each.hide, each.at_least, each.at_most
    told = {name: text for name, text in each.properties.items() if name != "decides"}
    return (
        *(each.label, each.description, each.type, each.required, each.readonly),
        *(each.options, each.values_key, each.hide, dict(each.validate), told),
    )


def carried(
    old: Form, new: Form, raw: Mapping[str, Any], *, words: Callable[[Field, object], str] = Field.label_of
) -> tuple[Answers, Left]:
    """Answers that were typed in *old*, as a draft of *new*.

    Returns:
        What has a place in the new form, untouched; and the rest in words, to copy from.
    """
    kept: dict[str, Any] = {}
    left: Left = {}
    for path, value in _leaves(raw, ""):
        was, field = old.field_at(path), new.field_at(path)
        stays, goes = (None, value) if field is None else _fitting(was, field, value)
        if not _empty(stays):
            place, key = _place(kept, path)
            place[key] = stays
        if not _empty(goes):
            each = goes if isinstance(goes, list) else [goes]
            left[path] = _named(old, path), ", ".join(_text(was, one, words) for one in each)
    answers: Answers = _closed(kept)
    return answers, left


def _fitting(was: Field | None, now: Field, value: Any) -> tuple[Any, Any]:
    """What of an answer a question can still show, and what not."""
    if was is None:
        return value, None  # typed for no question of then: judged as if it were typed now
    if now.type == "checklist" and was.type == "checklist":
        chosen = value if isinstance(value, list) else [value]
        known = [option.value for option in now.options]
        return [one for one in chosen if one in known], [one for one in chosen if one not in known]
    if now.type in ONE_OF and was.type in ONE_OF:
        known = [option.value for option in now.options]
        here = value in known if now.values_key is None else now.values_key == was.values_key
        return (value, None) if here else (None, value)
    chosen_from = ONE_OF | {"checklist", "checkbox"}
    same = was.type == now.type or not {was.type, now.type} & chosen_from
    return (value, None) if same else (None, value)


def _leaves(raw: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            for index, row in enumerate(value):
                yield from (
                    _leaves(row, f"{path}[{index}].") if isinstance(row, Mapping) else [(f"{path}[{index}]", row)]
                )
        else:
            yield path, value


def _named(form: Form, path: str) -> str:
    """The question of an answer; in a list with the number of the row."""
    field = form.field_at(path)
    if field is None:
        return path
    rows = form.rows.get(field.path.split("[]", 1)[0])
    number = _STEP.match(path)
    return field.label if rows is None or number is None else f"{rows.label} {int(number[2]) + 1}: {field.label}"


def _text(field: Field | None, value: object, words: Callable[[Field, object], str]) -> str:
    if isinstance(value, bool):
        return "Ja" if value else "Nee"
    if field is not None and field.type == "checkbox":
        return "Ja" if value in ("on", "true") else "Nee"
    return str(value) if field is None else words(field, value)


def _empty(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())
