"""Who may not come near a case: the page for who holds it, and the page on which somebody says that they know the family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import fields, kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, WrongState

_Errors = Mapping[str, Sequence[str]]
_ASIDE = "U ziet dit gezin niet meer. Wat u onder handen had, ligt weer bij uw team."


@pages.get("/casussen/<uuid:case_id>/afgeschermd")
def blocks(case_id: UUID) -> str:
    return _page(case_id)


@pages.post("/casussen/<uuid:case_id>/afgeschermd")
def block_person(case_id: UUID) -> Response | str:
    try:
        person = UUID(request.form.get("person_id", ""))
    except ValueError:
        person = UUID(int=0)
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                reason = request.form.get("reason", "")
                method.block_person(session, case_id, person_id=person, reason=reason, by=by, at=now())
                kept.now_sent(session, case_id)
            herself = person == by.person_id
    except Invalid as refusal:
        return make_response(_page(case_id, errors=refusal.errors), 400)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.blocks", case_id=case_id), 303)
    if herself:
        flash(_ASIDE, "ok")
        return redirect(url_for("pages.work"), 303)
    flash("Deze persoon kan er vanaf nu niet meer bij.", "ok")
    return redirect(url_for("pages.blocks", case_id=case_id), 303)


@pages.post("/afschermingen/<uuid:block_id>/opheffen")
def unblock_person(block_id: UUID) -> Response:
    with transaction() as session:
        case_id = method.unblock_person(session, block_id, by=known(session), at=now())
    flash("Deze persoon kan er weer bij, voor zover de rol dat toelaat.", "ok")
    return redirect(url_for("pages.blocks", case_id=case_id), 303)


@pages.get("/taken/<uuid:task_id>/ken-ik")
def know_family_of_task(task_id: UUID) -> str:
    return _aside_from_task(task_id)


@pages.post("/taken/<uuid:task_id>/ken-ik")
def step_aside_from_task(task_id: UUID) -> Response | str:
    return _stepped(method.step_aside_from_task, task_id, _aside_from_task)


@pages.get("/casussen/<uuid:case_id>/ken-ik")
def know_family(case_id: UUID) -> str:
    return _aside(case_id)


@pages.post("/casussen/<uuid:case_id>/ken-ik")
def step_aside(case_id: UUID) -> Response | str:
    return _stepped(method.step_aside, case_id, _aside)


def _stepped(verb: Callable[..., None], subject_id: UUID, again: Callable[..., str]) -> Response | str:
    """The one who sent it steps aside, once; what is wrong is told on the page that *again* shows."""
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                verb(session, subject_id, reason=request.form.get("reason", ""), by=by, at=now())
                kept.now_sent(session, subject_id)
    except Invalid as refusal:
        return make_response(again(subject_id, errors=refusal.errors), 400)
    flash(_ASIDE, "ok")
    return redirect(url_for("pages.work"), 303)


def _page(case_id: UUID, *, errors: _Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        return render(
            "blocks.html",
            case_id=case_id,
            blocks=[
                (one, names.organisation(one.organisation_id))
                for one in method.block_list(session, case_id, by=by, at=now())
            ],
            people=[
                (str(one.person_id), f"{one.name} – {names.organisation(one.organisation_id)}")
                for one in method.involved_people(session, case_id, by=by, at=now())
            ],
            nonce=kept.nonce(by, case_id),
            typed=request.form,
            wrong=errors or {},
            errors=_faults(errors),
            reasons=words.BLOCKS,
        )


def _aside(case_id: UUID, *, errors: _Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        method.require_step_aside(session, case_id, by=by, at=now())
    return _aside_page(
        url_for("pages.step_aside", case_id=case_id),
        url_for("pages.case", case_id=case_id),
        kept.nonce(by, case_id),
        errors,
    )


def _aside_from_task(task_id: UUID, *, errors: _Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        method.require_own_task(session, task_id, by=by, at=now())
    return _aside_page(
        url_for("pages.step_aside_from_task", task_id=task_id),
        url_for("pages.task", task_id=task_id),
        kept.nonce(by, task_id),
        errors,
    )


def _aside_page(action: str, back_to: str, nonce: str, errors: _Errors | None) -> str:
    return render(
        "step_aside.html",
        action=action,
        back_to=back_to,
        nonce=nonce,
        wrong=errors or {},
        errors=_faults(errors),
        reasons=words.BLOCKS,
    )


def _faults(errors: _Errors | None) -> list[fields.Fault]:
    label = {"person_id": "Wie", "reason": "Waarvan kent deze persoon het gezin"}
    return [fields.Fault(name, label.get(name, ""), text) for name, texts in (errors or {}).items() for text in texts]
