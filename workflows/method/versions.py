"""A form that is not the one that was opened: what changed meanwhile, and what was typed in the version of then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, diagrams, forms, processes
from workflows.actor import Actor
from workflows.errors import FormChanged, Invalid, NotFound, WrongState
from workflows.forms import Answers, Changes, Form, Left
from workflows.method.choices import words_of
from workflows.method.facts import find_task, task_facts
from workflows.processes import Draft, Task


def form_of(session: Session, task: Task) -> Form:
    """The form of a task, in the version of the bundle that its run is pinned to."""
    if task.form_key is None:
        raise WrongState(f"task {task.id} has no form")
    return form_in(session, task.run.bundle_digest, task.form_key)


def form_in(session: Session, digest: str, key: str) -> Form:
    """A form of a bundle; of the current one when an older bundle does not know that form yet.

    Raises:
        NotFound: neither has it.
    """
    bundle = diagrams.load(session, digest)
    if key not in bundle.forms:
        bundle = diagrams.load(session, diagrams.current(session))
    return forms.definition(bundle, key)


def form_changes(
    session: Session, task_id: UUID, *, form_digest: str | None, by: Actor, at: datetime
) -> FormChanged | None:
    """The refusal for who fills in the form as it was in bundle *form_digest*; None when it asks the same now.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "view_card", task_facts(session, task, by=by, at=at), at=at)
    form = form_of(session, task)
    changes = forms.changed(opened(session, task, form_digest), form)
    return refusal(task, changes) if changes else None


def require_same_form(session: Session, task: Task, form: Form, form_digest: str | None) -> None:
    """Pass when *form* asks what the version of *form_digest* asked; without a digest it is taken to be this one.

    Raises:
        FormChanged: questions came, went or changed.
        Invalid: no such version was ever published.
    """
    if form_digest is None or form_digest == form.digest:
        return
    old = _version(session, task, form_digest)
    if old is None:
        wrong = "Deze versie van het formulier bestaat niet. Open de taak opnieuw."
        raise Invalid(f"task {task.id}: no such version of form {form.key}", errors={"form_digest": [wrong]})
    if changes := forms.changed(old, form):
        raise refusal(task, changes)


def refusal(task: Task, changes: Changes) -> FormChanged:
    """Names every question; what was typed is kept by whoever refuses."""
    return FormChanged(
        f"task {task.id}: form {task.form_key} changed since it was opened",
        detail=f"Dit formulier is veranderd sinds u het opende. {changes.told} Wat u typte is bewaard als concept. "
        "Kijk het na en rond het opnieuw af.",
    )


def opened(session: Session, task: Task, form_digest: str | None) -> Form:
    """The form as it was opened; one that nobody knows is taken to be the present one, so that nothing typed gets lost."""
    found = None if form_digest is None else _version(session, task, form_digest)
    return form_of(session, task) if found is None else found


def as_draft(
    session: Session, task: Task, answers: Mapping[str, Any], *, form_digest: str | None, by: Actor
) -> tuple[Answers, dict[str, Any]]:
    """What was typed, as it is kept: as far as it fits the present form, and beside it what does not fit any more,
    also of what was kept before.

    Raises:
        Invalid: keys that are not of this form, or more than any form holds.
    """
    form = form_of(session, task)
    draft = processes.draft_of(session, task.id, by=by)
    gone = left_behind(session, task, form, draft)
    left: Left = {}
    if form_digest is None or form_digest == form.digest:
        kept = forms.clean(form, answers, partial=True)
    else:
        kept, left = _carry(session, opened(session, task, form_digest), form, answers)
    return kept, {"form": form.digest, "gone": {**gone, **left}}


def fitting(session: Session, task: Task, form: Form, draft: Draft) -> Answers:
    """A draft as the present form can show it."""
    digest = (draft.beside or {}).get("form")
    if digest in (None, form.digest):
        return draft.answers
    return _carry(session, opened(session, task, digest), form, draft.answers)[0]


def left_behind(session: Session, task: Task, form: Form, draft: Draft | None) -> Left:
    """What was typed to questions that the present form does not ask, or does not ask so."""
    if draft is None or not draft.beside:
        return {}
    gone: Left = {path: (asked, said) for path, (asked, said) in draft.beside.get("gone", {}).items()}
    digest = draft.beside.get("form")
    if digest not in (None, form.digest):
        gone |= _carry(session, opened(session, task, digest), form, draft.answers)[1]
    return gone


def left_of(draft: Draft) -> tuple[tuple[str, str], ...]:
    """Question and text of what is kept beside a draft that was just saved."""
    return tuple((asked, said) for asked, said in (draft.beside or {}).get("gone", {}).values())


def _carry(session: Session, old: Form, new: Form, answers: Mapping[str, Any]) -> tuple[Answers, Left]:
    return forms.carry(old, new, answers, words=lambda field, value: words_of(session, field, value))


def _version(session: Session, task: Task, digest: str) -> Form | None:
    try:
        return forms.definition(diagrams.load(session, digest), task.form_key or "")
    except (NotFound, Invalid):
        return None
