"""One task open on two pages: the older one is told, and what stood on either is kept.

A page says how it is called and on which page the draft was typed that it began with. A draft that was typed on a third page
since then is newer than what this page knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM
from workflows import forms
from workflows.errors import StaleVersion
from workflows.forms import Answers, Form
from workflows.method.choices import words_of
from workflows.processes import Draft

#: Names of what is kept beside a draft.
WINDOW: Final = "window"
ELSEWHERE: Final = "elsewhere"
COMMENT: Final = "comment"
#: Characters of a comment that was typed and not placed; more than one may have.
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Window:
    """A page on which somebody types.

    Args:
        own: how this page is called; no other page is called so.
        seen: how the page was called whose draft this one began with.
    """

    own: str
    seen: str = ""


class TypedElsewhere(StaleVersion):
    """The same person typed the same task later on another page. Nothing is written over; both can be put side by side."""

    title = "U typte ook in een ander venster"


def elsewhere(draft: Draft | None, window: Window | None) -> TypedElsewhere | None:
    """The refusal for a page that does not know what was typed last; None when it may be kept. A program has no page."""
    last = None if draft is None else (draft.beside or {}).get(WINDOW)
    if draft is None or window is None or last in (None, window.own, window.seen):
        return None
    when = f"{draft.saved_at.astimezone(AMSTERDAM):%H:%M}"
    return TypedElsewhere(
        f"draft of task {draft.task_id} was typed on another page",
        detail=f"U heeft deze taak ook in een ander venster open en typte daar het laatst, om {when}. "
        "Wat u hier typt, wordt daarom nu niet bewaard.",
    )


def beside(
    session: Session, form: Form, draft: Draft | None, answers: Answers, *, window: Window | None, comment: str | None
) -> dict[str, Any]:
    """What is kept beside the answers that take the place of *draft*: which page they come from, a comment that was not
    placed, and everything of another page that would be gone."""
    kept: dict[str, Any] = {} if comment is None else {COMMENT: forms.mended(comment[:_LONGEST])}
    if window is None:
        return kept
    kept[WINDOW] = window.own
    if draft is not None and elsewhere(draft, window) is not None:
        known = dict(_texts(answers))
        lost = {path: text for path, text in _texts(draft.answers) if not _stays(form, path, text, known.get(path, ""))}
        older = dict((draft.beside or {}).get(ELSEWHERE, {}))
        kept[ELSEWHERE] = {**older, **{path: _told(session, form, path, text) for path, text in lost.items()}}
    return kept


def kept_from_elsewhere(beside: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Question and text of what was typed on another page and is not in the form."""
    return tuple((asked, said) for asked, said in beside.get(ELSEWHERE, {}).values())


def _stays(form: Form, path: str, text: str, now: str) -> bool:
    """Whether nothing of *text* is gone when *now* takes its place: what is typed may have grown, what is chosen is there or not."""
    field = form.field_at(path)
    if field is None or field.type in ("textfield", "textarea"):
        return text in now
    return set(text.split("\n")) <= set(now.split("\n"))


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every answer as text, by path; the ticks of one question together."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _texts(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for index, below in enumerate(value):
            yield from _texts(below, f"{path}[{index}]")
    elif isinstance(value, list):
        yield path, "\n".join(str(each) for each in value)
    elif value not in (None, "", False):
        yield path, "true" if value is True else str(value)


def _told(session: Session, form: Form, path: str, text: str) -> tuple[str, str]:
    field = form.field_at(path)
    if field is None:
        return path, text
    if field.type == "checkbox":
        return field.label, "Ja"
    return field.label, "\n".join(
        words_of(session, field, line) for line in text.split("\n")
    ) if field.options or field.values_key else text
