"""Comments on a case: on the page of the case, and on a page of their own when something is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import kept, shown
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it is read."""

    text: str
    author: str
    organisation: str
    role: str
    at: datetime
    on_task: bool = False  #: it was written beside the task that is on the page


def said(one: method.CommentView, names: shown.Names, *, task_id: UUID | None = None) -> Said:
    """One comment with names in place of ids."""
    organisation = names.organisation(one.organisation_id)
    on_task = task_id is not None and one.task_id == task_id
    return Said(one.text, one.author_name or "", organisation, one.role, one.at, on_task=on_task)


def context(session: Session, case_id: UUID, names: shown.Names, *, by: Actor, typed: str = "") -> dict[str, Any]:
    """What ``case/comments.html`` shows; reading is written down.

    Args:
        typed: what somebody wrote that was not kept.
    """
    found = method.comment_list(session, case_id, by=by, at=now())
    return drawn(session, case_id, found, names, by=by, typed=typed)


def drawn(
    session: Session,
    case_id: UUID,
    found: Sequence[method.CommentView],
    names: shown.Names,
    *,
    by: Actor,
    typed: str = "",
) -> dict[str, Any]:
    """The same of what was read already."""
    return {
        "comments": [said(one, names) for one in found],
        "comment_case": case_id,
        "may_comment": method.may_comment(session, case_id, by=by, at=now()),
        "comment_nonce": kept.nonce(by, case_id),
        "comment_typed": typed,
    }


@pages.get("/casussen/<uuid:case_id>/opmerkingen")
def comments(case_id: UUID) -> str:
    return _page(case_id)


@pages.post("/casussen/<uuid:case_id>/opmerkingen")
def add_comment(case_id: UUID) -> Response | str:
    """Keep a comment once, however often it is sent; what was typed comes back with whatever is wrong."""
    typed = request.form.get("text", "")
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                method.add_comment(session, case_id, typed, by=by, at=now())
                kept.now_sent(session, case_id)
    except Invalid as refusal:
        return make_response(_page(case_id, typed, wrong=" ".join(refusal.errors.get("text", [refusal.detail]))), 400)
    except WrongState as refusal:
        return make_response(_page(case_id, typed, wrong=refusal.detail), 409)
    flash("Uw opmerking staat erbij.", "ok")
    return redirect(f"{url_for('pages.case', case_id=case_id)}#opmerkingen", 303)


def _page(case_id: UUID, typed: str = "", *, wrong: str = "") -> str:
    with reading() as session:
        by = known(session)
        given = context(session, case_id, shown.Names(session), by=by, typed=typed)
        return render("comments.html", case_id=case_id, comment_error=wrong, **given)
