"""From form-js JSON and what was typed to a tree that the form macros draw. Decides nothing about answers.

A *name* is flat, as an HTML form posts it: ``due_date``, ``contacts[0].date``; a checklist repeats its name. Values are
kept exactly as typed, so that a form that comes back holds every letter, right or wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from workflows.forms import Choices, Field, Form, from_pairs, hidden, label_of, rows_at_first

#: Flat name → what was typed, one text per ticked option.
Typed = Mapping[str, Sequence[str]]

#: Names that belong to the page and not to the form, e.g. ``_version``; also Flask-WTF's token.
OWN_PREFIX = "_"
CSRF = "csrf_token"
ROWS = "_rows."
_MOST_ROWS = 100
#: What a draft holds that can no longer be chosen.
GONE = "Uw eerdere keuze staat niet meer op de lijst"


@dataclass(slots=True)
class Block:
    """One piece of a form as it is drawn. ``kind`` chooses the macro."""

    kind: str
    name: str = ""
    id: str = ""
    label: str = ""
    description: str = ""
    required: bool = False
    values: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    steers: bool = False
    input_type: str = "text"
    input_mode: str | None = None
    autocomplete: str | None = None
    max_length: int | None = None
    prefix: str = ""
    suffix: str = ""
    step: int | None = None  #: of a time, in seconds
    fixed: bool = False  #: a list to which no row is added
    headings: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    rows: list[list[Block]] = field(default_factory=list)
    text: list[TextPart] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_few(self) -> bool:
        """Short enough to stand side by side, also on a phone: ja, nee."""
        return len(self.options) <= 3 and all(len(label) <= 12 for _, label in self.options)

    @property
    def is_numbers(self) -> bool:
        """A group of numbers stands two by two where there is room."""
        return len(self.blocks) > 2 and all(block.input_mode for block in self.blocks)

    @property
    def described_by(self) -> str | None:
        parts = [f"{self.id}-uitleg"] * bool(self.description) + [f"{self.id}-fout"] * bool(self.errors)
        parts += [f"{self.id}-voor"] * bool(self.prefix) + [f"{self.id}-na"] * bool(self.suffix)
        return " ".join(parts) or None

    @property
    def parts(self) -> list[tuple[str, list[tuple[int, str, str]]]]:
        """The options by heading, each with its number; one part without a heading when there is none."""
        found: list[tuple[str, list[tuple[int, str, str]]]] = []
        for number, (value, label) in enumerate(self.options, 1):
            if not found or value in self.headings:
                found.append((self.headings.get(value, ""), []))
            found[-1][1].append((number, value, label))
        return found


@dataclass(frozen=True, slots=True)
class TextPart:
    """A paragraph, heading or list of a ``text`` component."""

    kind: str
    lines: tuple[str, ...]


def typed_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What a browser posted, as flat names; the page's own fields (``_…``) are left out, except counts of rows."""
    typed: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != CSRF and (not name.startswith(OWN_PREFIX) or name.startswith(ROWS)):
            typed.setdefault(name, []).append(value)
    return typed


def form_pairs(typed: Typed) -> list[tuple[str, str]]:
    """Back to pairs, without the page's own counts: what the room ``forms`` reads."""
    return [(name, value) for name, values in typed.items() if not name.startswith(OWN_PREFIX) for value in values]


def flatten(answers: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Answers as kept (a draft, a prefill) as if they had been typed."""
    typed: dict[str, list[str]] = {}
    for key, value in answers.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            typed.update(flatten(value, f"{name}."))
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    typed.update(flatten(item, f"{name}[{index}]."))
                elif item is not None:
                    typed.setdefault(name, []).append(_typed(item))
        elif value is not None:
            typed[name] = [_typed(value)]
    return typed


def build(
    schema: Mapping[str, Any],
    typed: Typed,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    hidden: Callable[[str], bool] = lambda _path: False,
    choices: Choices | None = None,
) -> list[Block]:
    """The tree of one form.

    Args:
        schema: form-js JSON as it was published.
        typed: by flat name; see the module.
        errors: Dutch sentences by flat name.
        hidden: whether the room ``forms`` says that a path (``contacts[].date``) does not apply now; what was typed
            there travels along unseen.
        choices: for questions whose choices are handed in.
    """
    components = schema.get("components", [])
    conditions = " ".join(_conditions(components))
    return _Builder(typed, errors or {}, hidden, conditions, choices or {}).many(components, "")


def change_rows(typed: dict[str, list[str]], action: str) -> None:
    """Do what an add or remove button asks: ``add:contacts`` or ``remove:contacts[1]``; anything else changes nothing."""
    verb, _, name = action.partition(":")
    if verb == "add":
        count = min(row_count(typed, name) + 1, _MOST_ROWS)
        typed[f"{ROWS}{name}"] = [str(count)]
    elif verb == "remove" and (match := re.fullmatch(r"(.+)\[(\d{1,3})\]", name)):
        stem, gone = match[1], int(match[2])
        count = row_count(typed, stem)
        _shift(typed, stem, gone)
        typed[f"{ROWS}{stem}"] = [str(max(count - 1, 0))]


def row_count(typed: Typed, name: str) -> int:
    """How many rows of a list there are: as counted by the page, or as many as hold something."""
    start = f"{name}["
    indices = [
        int(m[1]) for key in typed if key.startswith(start) and (m := re.match(r"\[(\d{1,3})\]", key[len(name) :]))
    ]
    counted = next(iter(typed.get(f"{ROWS}{name}", ())), "")
    most = max([index + 1 for index in indices], default=0)
    return min(max(most, int(counted) if counted.isdecimal() and len(counted) < 4 else 0), _MOST_ROWS)


def anchor(name: str) -> str:
    """The id of a field's element: ``veld-contacts-0-date``."""
    return "veld-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


@dataclass(slots=True)
class _Builder:
    typed: Typed
    errors: Mapping[str, Sequence[str]]
    hidden: Callable[[str], bool]
    conditions: str
    choices: Choices

    def many(self, components: Sequence[Mapping[str, Any]], prefix: str) -> list[Block]:
        return [block for component in components for block in self.one(component, prefix)]

    def one(self, component: Mapping[str, Any], prefix: str) -> list[Block]:
        kind = str(component.get("type", ""))
        name = prefix + str(component.get("key") or component.get("path") or component.get("id") or "")
        if self.hidden(re.sub(r"\[\d+\]", "[]", name)):
            return self.carried(name)
        if kind == "text":
            return [Block("text", text=text_parts(str(component.get("text", ""))))]
        if kind in ("separator", "spacer"):
            return [Block("separator")] if kind == "separator" else []
        if kind == "group":
            path = str(component.get("path") or "")
            inner = self.many(component.get("components", []), f"{prefix}{path}." if path else prefix)
            unseen = [block for block in inner if block.kind in _UNSEEN]
            if component.get("conditional") and len(unseen) == len(inner):  # every question in it is hidden
                return [block for block in unseen if block.kind == "carried"]
            return [self.block("group", component, name, blocks=inner)]
        if kind == "dynamiclist":
            return [self.repeated(component, name)]
        return [self.field(component, kind, name)]

    def block(self, kind: str, component: Mapping[str, Any], name: str, **more: Any) -> Block:
        validate = component.get("validate") or {}
        return Block(
            kind,
            name=name,
            id=anchor(name),
            label=label_of(component),
            description=str(component.get("description") or ""),
            required=bool(validate.get("required")),
            errors=list(self.errors.get(name, ())),
            max_length=validate.get("maxLength"),
            **more,
        )

    def field(self, component: Mapping[str, Any], kind: str, name: str) -> Block:
        block = self.block(_KINDS.get(kind, "textfield"), component, name)
        block.values = list(self.typed.get(name, ()))
        block.options = self.options(component, block.value)
        if component.get("readonly") or component.get("disabled"):
            block.kind = "told"
            block.text = [TextPart("paragraph", tuple(dict(block.options).get(v, v) for v in block.values))]
            return block
        key = str(component.get("key", ""))
        block.steers = bool(key) and re.search(rf"\b{re.escape(key)}\b", self.conditions) is not None
        block.autocomplete = (component.get("properties") or {}).get("autocomplete")
        appearance = component.get("appearance") or {}
        block.prefix, block.suffix = (str(appearance.get(f"{side}Adorner") or "") for side in ("prefix", "suffix"))
        properties = component.get("properties") or {}
        block.headings = {
            name.removeprefix("heading."): str(text) for name, text in properties.items() if name.startswith("heading.")
        }
        if kind == "number":
            block.input_mode = "decimal" if _has_decimals(component) else "numeric"
        if kind == "datetime" and component.get("subtype") == "time":
            block.step = 60 * int(component.get("timeInterval") or 1)
            block.input_type = "time" if not block.value or _is_time(block.value) else "text"
        elif block.kind == "date":
            # A browser shows nothing for a date it cannot read; what was typed comes back as text.
            block.input_type = "date" if not block.value or _is_date(block.value) else "text"
        if kind == "textfield":
            subtype = (component.get("validate") or {}).get("validationType")
            block.input_type = {"email": "email", "phone": "tel"}.get(str(subtype), "text")
        return block

    def options(self, component: Mapping[str, Any], chosen: str) -> list[tuple[str, str]]:
        if "valuesKey" not in component:
            return [(str(o.get("value")), str(o.get("label", o.get("value")))) for o in component.get("values", [])]
        found = list(self.choices.get(str(component["valuesKey"]), ()))
        if chosen and chosen not in dict(found):
            found.append((chosen, GONE))  # or a list without it would look as if nothing had been chosen
        return found

    def repeated(self, component: Mapping[str, Any], name: str) -> Block:
        count = row_count(self.typed, name)
        if f"{ROWS}{name}" not in self.typed:
            count = max(count, rows_at_first(component))
        rows = [self.many(component.get("components", []), f"{name}[{index}].") for index in range(count)]
        block = self.block("dynamiclist", component, name, rows=rows, fixed=component.get("allowAddRemove") is False)
        block.required = block.required or str((component.get("properties") or {}).get("min_items", "0")) != "0"
        return block

    def carried(self, name: str) -> list[Block]:
        """Text in a field that does not show now, kept for when it shows again."""
        inside = (f"{name}[", f"{name}.")
        return [
            Block("carried", name=key, values=list(values))
            for key, values in self.typed.items()
            if key == name or key.startswith(inside) or key == f"{ROWS}{name}"
        ]


_UNSEEN = frozenset({"carried", "text", "separator"})
_KINDS = {
    "textfield": "textfield",
    "number": "textfield",
    "textarea": "textarea",
    "datetime": "date",
    "date": "date",
    "select": "select",
    "radio": "radio",
    "checklist": "checklist",
    "checkbox": "checkbox",
}


def _conditions(components: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for component in components:
        hide = (component.get("conditional") or {}).get("hide")
        if hide:
            yield str(hide)
        yield from _conditions(component.get("components", []))


def _shift(typed: dict[str, list[str]], stem: str, gone: int) -> None:
    pattern = re.compile(rf"({re.escape(stem)}|{re.escape(ROWS + stem)})\[(\d{{1,3}})\](.*)", re.DOTALL)
    kept: dict[str, list[str]] = {}
    for name, values in typed.items():
        match = pattern.fullmatch(name)
        if match is None:
            kept[name] = values
        elif int(match[2]) != gone:
            kept[f"{match[1]}[{int(match[2]) - (int(match[2]) > gone)}]{match[3]}"] = values
    typed.clear()
    typed.update(kept)


def text_parts(text: str | None) -> list[TextPart]:
    """Headings, lists and paragraphs; what stands inside a line is for :func:`marked`."""
    parts: list[TextPart] = []
    for chunk in re.split(r"\n\s*\n", (text or "").strip()):
        lines = [line.strip() for line in chunk.splitlines() if line.strip()]
        if not lines:
            continue
        if lines[0].startswith("#"):
            parts.append(TextPart("heading", (lines.pop(0).lstrip("# "),)))
        if lines and all(line.startswith(("- ", "* ")) for line in lines):
            parts.append(TextPart("list", tuple(line[2:] for line in lines)))
        elif lines and all(re.match(r"\d{1,2}[.)] ", line) for line in lines):
            parts.append(TextPart("numbers", tuple(line.partition(" ")[2] for line in lines)))
        elif lines:
            parts.append(TextPart("paragraph", tuple(lines)))
    return parts


_LINK = re.compile(r"\[([^\]]{1,200})\]\(((?:https?://|tel:|mailto:|/)[^\s()]{1,500})\)")
_BOLD = re.compile(r"\*\*(?=\S)(.{1,500}?)(?<=\S)\*\*")


def marked(text: str) -> Markup:
    """A line of a text of a form with what is bold in it, and with links; everything else is shown as it stands."""
    safe = _LINK.sub(r'<a class="nl-link" href="\2" rel="noreferrer">\1</a>', str(escape(text)))
    return Markup(_BOLD.sub(r"<strong>\1</strong>", safe))  # noqa: S704 - escaped above


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == len("2026-11-03")
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    return re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text, re.ASCII) is not None


def _has_decimals(component: Mapping[str, Any]) -> bool:
    """Whether a number may have a comma, so that a phone shows the key for it."""
    digits, step = component.get("decimalDigits"), str(component.get("increment") or "")
    return digits != 0 if digits is not None else not step or "." in step


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the error summary."""

    anchor: str
    label: str
    text: str


def faults(errors: Mapping[str, Sequence[str]], form: Form) -> list[Fault]:
    """The error summary of a form, in the order of its questions; what belongs to no question comes first."""
    order = {path: place for place, path in enumerate([*form.rows, *form.fields])}
    found = []
    for name, texts in errors.items():
        path = re.sub(r"\[\d+\]", "[]", name)
        question = form.field_at(name) or form.rows.get(path)
        place = order.get(path, -1)
        label = question.label if question else ""
        if question and (row := re.search(r"\[(\d+)\]\.", name)) and int(row[1]):  # which one, when there are more
            label = f"{label} (nummer {int(row[1]) + 1})"
        found += [(place, name, Fault(anchor(name) if question else "velden", label, text)) for text in texts]
    return [fault for _, _, fault in sorted(found, key=lambda one: one[:2])]


def answers(form: Form, typed: Typed) -> dict[str, Any]:
    """What was typed, as the room ``forms`` reads it; untouched, so still to be cleaned there."""
    return from_pairs(form, form_pairs(typed))


def draw(
    form: Form,
    typed: Typed,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    choices: Choices | None = None,
) -> list[Block]:
    """The tree of *form* with what was typed, as it applies now."""
    gone = hidden(form, answers(form, typed), choices=choices)
    return build(form.schema, typed, errors=errors, hidden=lambda path: path in gone, choices=choices)


def said(
    form: Form | None, typed: Typed, *, words: Callable[[Field, str], str] = Field.label_of
) -> list[tuple[str, str]]:
    """Questions with what was typed, to copy from when the form itself cannot be shown any more.

    Args:
        words: how an answer reads; see ``method.words_of``.
    """
    found = []
    for name, values in typed.items():
        question = form.field_at(name) if form else None
        texts = [words(question, value) if question else value for value in values if value]
        if texts and not name.startswith(OWN_PREFIX):
            found.append((question.label if question else name, "\n".join(texts)))
    return found
