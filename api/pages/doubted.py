"""Questions about answers that do not go together: shown above the form, each with a box to say that it is true.

A tick counts for exactly the answers that the question was about: whoever changes an answer is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from api.pages import fields
from workflows.errors import Doubtful
from workflows.forms import Form


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and where the answer stands that it is about."""

    field: str
    anchor: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked now; ``settled`` are fields that were confirmed before and still are."""

    asked: tuple[Question, ...]
    settled: tuple[str, ...]
    digest: str
    title: str
    detail: str


def of(refusal: Doubtful, form: Form, typed: fields.Typed) -> Questions:
    """What to show for a refusal that asks."""
    asked = []
    for field, text in refusal.questions.items():
        [fault] = fields.faults({field: [text]}, form)
        asked.append(Question(field, fault.anchor, fault.label, text))
    settled = tuple(sorted(confirmed(typed) - set(refusal.questions)))
    return Questions(tuple(asked), settled, _digest(typed), refusal.title, refusal.detail)


def confirmed(typed: fields.Typed) -> frozenset[str]:
    """Fields that were ticked as true on the page that was sent, if nothing was changed since they were asked about."""
    if request.form.get("_asked") != _digest(typed):
        return frozenset()
    return frozenset(request.form.getlist("_confirm"))


def _digest(typed: fields.Typed) -> str:
    return sha256(repr(sorted(_filled(typed))).encode()).hexdigest()[:32]


def _filled(typed: fields.Typed) -> Iterable[tuple[str, str]]:
    return ((name, value.replace("\r\n", "\n").strip()) for name, value in fields.form_pairs(typed) if value.strip())
