"""Empty forms to print, for a home visit without a computer. What is on them is in the bundle; no family is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from api.pages import words
from api.pages.blueprint import pages, render
from api.pages.fields import TextPart, text_parts
from api.pages.people import known
from api.transactions import reading
from workflows import diagrams, forms
from workflows.forms import Comparison, Form, Relation

if TYPE_CHECKING:
    from workflows.db import Session

#: What is said of a condition that is no simple comparison.
OTHERWISE = "Alleen als dit van toepassing is."
#: How often the questions of a list stand on paper; for more there is another sheet.
_MOST_COPIES = 3
_LINES = {"textarea": 4, "textfield": 1}


@dataclass(slots=True)
class Part:
    """Pieces of a form that are asked under one condition; ``note`` says which, empty when they always are."""

    note: str
    blocks: list[Block]


@dataclass(slots=True)
class Block:
    """One piece of a form on paper. ``kind``: group, list, text, separator, options, lines, day, time, number or tick."""

    kind: str
    label: str = ""
    description: str = ""
    required: bool = True
    unsafe: bool = False
    several: bool = False
    options: list[str] = field(default_factory=list)
    lines: int = 0
    before: str = ""
    after: str = ""
    copies: int = 1
    parts: list[Part] = field(default_factory=list)
    text: list[TextPart] = field(default_factory=list)


@pages.get("/papier")
def papers() -> str:
    with reading() as session:
        known(session)
        found = sorted((words.say(key, words.FORMS), key) for key in _keys(session))
        return render("papers.html", forms=found)


@pages.get("/papier/<string:key>")
def paper(key: str) -> str:
    with reading() as session:
        known(session)
        form = forms.definition(diagrams.load(session, diagrams.current(session)), key)
        return render(
            "paper.html",
            name=words.say(key, words.FORMS),
            parts_=drawn(form),
            version=form.digest[:12],
            unsafe=any(one.reads_unsafety for one in form.fields.values()),
        )


def printable(session: Session, key: str) -> bool:
    """Whether there is such a form in the current bundle."""
    return key in _keys(session)


def _keys(session: Session) -> Sequence[str]:
    return sorted(diagrams.load(session, diagrams.current(session)).forms)


def drawn(form: Form) -> list[Part]:
    """The whole form, every question of it, as it is printed."""
    return _parts(form, form.schema.get("components", []), "", "")


def _parts(form: Form, components: Sequence[Mapping[str, Any]], prefix: str, rows: str) -> list[Part]:
    """Pieces in order; what stands together under one condition says so once."""
    found = []
    for condition, together in groupby(components, key=_condition):
        blocks = [block for each in together if (block := _block(form, each, prefix, rows)) is not None]
        if blocks:
            found.append(Part(note(form, condition, rows), blocks))
    return found


def _condition(component: Mapping[str, Any]) -> str:
    return str((component.get("conditional") or {}).get("hide") or "").removeprefix("=").strip()


def _block(form: Form, component: Mapping[str, Any], prefix: str, rows: str) -> Block | None:
    kind, path = str(component.get("type")), str(component.get("path") or "")
    block = Block(kind, str(component.get("label") or ""), str(component.get("description") or ""))
    appearance = component.get("appearance") or {}
    block.before, block.after = (str(appearance.get(f"{side}Adorner") or "") for side in ("prefix", "suffix"))
    inner = component.get("components", [])
    if kind == "text":
        block.text = text_parts(str(component.get("text", "")))
    elif kind == "group":
        block.parts = _parts(form, inner, f"{prefix}{path}." if path else prefix, rows)
    elif kind == "dynamiclist":
        block.kind, block.copies = "list", min(_MOST_COPIES, form.rows[prefix + path].at_most)
        block.required = form.rows[prefix + path].at_least > 0
        block.parts = _parts(form, inner, f"{prefix}{path}[].", prefix + path)
    elif kind != "separator":
        return _question(form.fields.get(prefix + str(component.get("key"))), block)
    return block if block.text or block.parts or kind == "separator" else None


def _question(asked: forms.Field | None, block: Block) -> Block | None:
    if asked is None or asked.readonly:
        return None  # space, or what only the system says
    block.label, block.required, block.unsafe = asked.label, asked.required, asked.reads_unsafety
    if asked.type in ("radio", "select", "checklist") and asked.values_key is None:
        block.kind, block.options = "options", [option.label for option in asked.options]
        block.several = asked.type == "checklist"
    elif asked.type in ("datetime", "time", "number", "checkbox"):
        block.kind = {"datetime": "day", "time": "time", "number": "number", "checkbox": "tick"}[asked.type]
    else:
        block.kind, block.lines = "lines", _LINES.get(asked.type, 1)
    return block


def note(form: Form, condition: str, rows: str = "") -> str:
    """When to fill it in, in plain Dutch; empty without a condition."""
    if not condition:
        return ""
    found = forms.asked_when(form, condition, rows=rows)
    return f"Alleen invullen als u {' en '.join(_said(one) for one in found)}." if found else OTHERWISE


def _said(one: Comparison) -> str:
    question, answer = f"‘{one.question}’", f"‘{one.answer}’"
    return {
        Relation.IS: f"bij {question} kiest voor {answer}",
        Relation.IS_NOT: f"bij {question} iets anders kiest dan {answer}",
        Relation.INCLUDES: f"bij {question} ook {answer} aankruist",
        Relation.FILLED: f"{question} invult",
        Relation.TICKED: f"{question} aankruist",
        Relation.NOT_TICKED: f"{question} niet aankruist",
    }[one.relation]
