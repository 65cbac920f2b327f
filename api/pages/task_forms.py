"""The form of a task with what belongs to it, for whichever page it stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.pages import (
    comments,
    directory,
    doubted,
    emergencies,
    fields,
    kept,
    later,
    paper,
    plans,
    proofs,
    rights,
    shown,
)
from api.transactions import now
from workflows import method

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

COMMENT = kept.COMMENT


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell above a form."""

    kind: str
    title: str
    text: str


def context(
    session: Session,
    view: Any,
    by: Actor,
    typed: Mapping[str, Sequence[str]],
    *,
    observed: Mapping[str, str],
    saved_at: Any = None,
    again: Mapping[str, str] | None = None,
    is_same: bool = False,
    errors: Mapping[str, Sequence[str]] | None = None,
    notice: Notice | None = None,
    comment: str | None = None,
    questions: doubted.Questions | None = None,
) -> dict[str, Any]:
    """What ``task_form.html`` and what stands around it are drawn from; what is read beside the form is written down.

    Args:
        view: of a task that *by* has, with its form.
        typed: what stands in the form, by flat name.
        again: the form as it was posted. is_same: and it comes back as that same page, with the name that it had.
    """
    wrong = dict(errors or {})
    when = later.block(observed, wrong)
    asked = {k: v for k, v in wrong.items() if k not in (later.FIELD, COMMENT)}
    faults = [*later.faults(wrong), *fields.faults(asked, view.form)]
    faults += [fields.Fault("opmerking", "Uw opmerking", text) for text in wrong.get(COMMENT, ())]
    names = shown.Names(session)
    posted = again if again is not None and is_same and kept.made_for(again.get("_nonce", "")) else None
    return {
        "task": view.task,
        "family": shown.family(view.case, view.members, names) if view.case else None,
        "form_blocks": fields.draw(view.form, typed, errors=wrong, choices=view.choices),
        "errors": faults,
        "later": when,
        "form_digest": view.form.digest,
        "gone": view.gone,
        "on_paper": paper.printable(session, view.form.key),
        "nonce": posted["_nonce"] if posted else kept.nonce(by, view.task.id),
        "seen": posted.get(kept.SEEN, "")[:16] if posted else view.window,
        "elsewhere": view.elsewhere,
        "held": view.held,
        "begun_before": view.begun_before,
        "comment": view.comment if comment is None else comment,
        "comment_error": " ".join(wrong.get(COMMENT, ())),
        "saved_at": saved_at,
        "notice": notice,
        "questions": questions,
        "concern": view.concern,
        "advice": directory.advice(view.advice, names),
        "action": plans.action(view.action, names) if view.action else None,
        "asked": rights.asked(view.request) if view.request else None,
        "asked_by": view.asked_by,
        "emergency": emergencies.notice(view.emergency, names) if view.emergency else None,
        "package_case": view.case.id if view.case and view.form.key in proofs.FORMS else None,
        "mine": True,
        **beside(session, view.task.id, names, by=by),
    }


def beside(session: Session, task_id: UUID, names: shown.Names, *, by: Actor) -> dict[str, Any]:
    """What stands beside the form: what was said before, who helps, what colleagues wrote."""
    found = method.task_surroundings(session, task_id, by=by, at=now())
    before = [shown.entry(one, names) for one in found.before]
    return {
        "before": before[: found.telling or None],
        "before_else": before[found.telling :] if found.telling else [],
        "parties": [shown.party(one, names) for one in found.parties],
        "comments": [comments.said(one, names, task_id=task_id) for one in found.comments],
        "may_comment": found.may_comment,
        "comment_nonce": kept.nonce(by, task_id),
        "then": found.then,
    }
