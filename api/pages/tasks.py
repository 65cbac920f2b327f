"""The page of a task: fill in, keep, finish. Picking up and giving back is ``work``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from api.pages import (
    doubted,
    duplicates,
    fields,
    hub_places,
    hubs,
    kept,
    later,
    proofs,
    shown,
    task_forms,
    undoing,
    words,
)
from api.pages.blueprint import by_htmx, pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import (
    Doubtful,
    FormChanged,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    StaleVersion,
    WrongState,
)
from workflows.method import TypedElsewhere

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

_DONE = "done"
#: How many of what follows are told one by one: they stand in a cookie.
_TOLD = 4
_SIDE_BY_SIDE = (
    "U had deze taak ook in een ander venster open. In het formulier staat wat u hier typte. Wat u in het andere venster "
    "anders had staan, vindt u erboven. Ga hier verder en sluit het andere venster."
)
_NOT_PLACED = "U schreef een opmerking, maar plaatste haar niet. Plaats haar, of maak het veld leeg."


@pages.get("/taken/<uuid:task_id>")
def task(task_id: UUID) -> Response | str:
    with reading() as session:
        by = known(session)
        view = method.task_view(session, task_id, by=by, at=now())
        if view.task.status == "completed":
            return redirect(url_for("pages.done", task_id=task_id), 303)
        if view.form is None:  # of the team, but not (yet) in these hands
            return render("task_pool.html", task=shown.task(view.task, shown.Names(session), can_claim=True))
        return _page(
            session, view, by, fields.flatten(view.answers), saved_at=view.draft_saved_at, observed=view.observed
        )


@pages.post("/taken/<uuid:task_id>/voorbeeld")
def preview(task_id: UUID) -> Response | str:
    """The questions that apply to what is typed now; also adds and removes rows. Keeps nothing."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    fields.change_rows(typed, request.form.get("_do", ""))
    with reading() as session:
        by = known(session)
        changed = method.form_changes(session, task_id, form_digest=_form(), by=by, at=now())
        if changed is None:
            view = method.task_view(session, task_id, by=by, at=now())
            if view.form is None:
                raise WrongState(
                    f"task {task_id} is not claimed by who fills it in", detail="U heeft deze taak niet (meer)."
                )
            _with_told(view, typed)
            if by_htmx():
                blocks = fields.draw(view.form, typed, choices=view.choices)
                level = hub_places.LEVEL if hub_places.place(request.form) else None
                return render_template("task_fields.html", form_blocks=blocks, task=view.task, level=level)
            return _page(
                session,
                view,
                by,
                typed,
                saved_at=view.draft_saved_at,
                is_same=True,
                observed=_observed(),
                comment=_comment(),
            )
    return _lost(task_id, typed, changed)


@pages.get("/taken/<uuid:task_id>/opmerking")
@pages.get("/taken/<uuid:task_id>/voorbeeld")
@pages.get("/taken/<uuid:task_id>/afronden")
@pages.get("/taken/<uuid:task_id>/concept")
def again(task_id: UUID) -> Response:
    """The address of a form that was sent, opened anew: back to the task."""
    return redirect(url_for("pages.task", task_id=task_id), 303)


@pages.post("/taken/<uuid:task_id>/concept")
def draft(task_id: UUID) -> Response | str:
    """Keep what was typed. The script on the page asks for a line about it; without a script one goes to Mijn werk."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            saved, changed = _keep(session, known(session), task_id, typed, comment=_comment())
        if changed is not None:
            raise changed
    except (FormChanged, TypedElsewhere) as refusal:
        return _not_kept(task_id, typed, refusal)
    place = hub_places.place(request.form)
    if place is not None and hub_places.THEN in request.form:
        return hubs.go_on(place, request.form[hub_places.THEN], saved=saved)
    if by_htmx():
        return render_template("saved.html", saved_at=saved)
    flash(f"Bewaard om {words.clock(saved)}. U vindt de taak terug bij ‘Bij mij’.", "ok")
    return redirect(url_for("pages.work"), 303)


def _keep(
    session: Session, by: Actor, task_id: UUID, typed: fields.Typed, *, comment: str
) -> tuple[datetime, FormChanged | None]:
    """Keep a draft and say when; to the script on a page also in a form that asks something else by now, which comes back.

    Raises:
        FormChanged: it does, and nobody's script asks.
        TypedElsewhere: somebody typed on another page since.
    """
    changed = method.form_changes(session, task_id, form_digest=_form(), by=by, at=now())
    if changed is not None and not by_htmx():
        raise changed
    form = method.task_form(session, task_id, form_digest=_form(), by=by, at=now())
    saved = method.save_draft(
        session,
        task_id,
        answers=fields.answers(form, typed),
        version=_version(),
        by=by,
        at=now(),
        observed=_observed(),
        comment=comment,
        form_digest=_form(),
        window=_window(),
    )
    return saved.saved_at, changed


def _not_kept(task_id: UUID, typed: dict[str, list[str]], refusal: FormChanged | TypedElsewhere) -> Response:
    if not by_htmx():
        return _lost(task_id, typed, refusal)
    told = {"elsewhere" if isinstance(refusal, TypedElsewhere) else "not_saved": refusal.detail}
    return make_response(render_template("saved.html", **told, task_id=task_id), 412)


@pages.post("/taken/<uuid:task_id>/opmerking")
def comment_on_task(task_id: UUID) -> Response | str:
    """Place a comment beside the form; what was typed in the form is kept as a draft, and both come back if anything is wrong."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    wrong = ""
    try:
        with transaction() as session:
            by = known(session)
            _keep(session, by, task_id, typed, comment="")
            view = method.task_view(session, task_id, by=by, at=now())
            if view.case is None:
                raise NotFound(f"task {task_id} is of no case")
            if kept.sent_before(session, by=by, field="_comment_nonce") is None:
                method.add_comment(session, view.case.id, _comment(), task_id=task_id, by=by, at=now())
                kept.now_sent(session, task_id, field="_comment_nonce")
    except Invalid as refusal:
        wrong = " ".join(refusal.errors.get("text", [refusal.detail]))
    except (FormChanged, TypedElsewhere) as refusal:
        return _not_kept(task_id, typed, refusal)
    except (WrongState, StaleVersion) as refusal:
        return _lost(task_id, typed, refusal)
    if not by_htmx():
        if wrong:
            return _back(task_id, typed, Invalid("comment"), errors={kept.COMMENT: [wrong]})
        flash("Uw opmerking staat erbij.", "ok")
        place = hub_places.place(request.form)
        page = url_for("pages.task", task_id=task_id) if place is None else place.address
        return redirect(f"{page}#opmerkingen", 303)
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        beside = task_forms.beside(session, task_id, names, by=by)
        page = render_template(
            "task_comments.html",
            **beside,
            comment=_comment() if wrong else "",
            comment_error=wrong,
            placed=not wrong,
            task_id=task_id,
        )
    return make_response(
        page, 200
    )  # also with an error: it is a part of the page, and says what is wrong beside the field


@pages.post("/taken/<uuid:task_id>/afronden")
def complete(task_id: UUID) -> Response | str:
    """Finish once, however often it is sent; whatever stands in the way, everything typed comes back."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            by = known(session)
            form = method.task_form(session, task_id, form_digest=_form(), by=by, at=now())
            if kept.sent_before(session, by=by) and not _undone(session, task_id, by):
                return _once_more(session, task_id, fields.answers(form, typed), by)
            finished = _finish(session, task_id, fields.answers(form, typed), by, doubted.confirmed(typed))
            kept.now_sent(session, task_id)
            told = _told(session, finished, by)
    except Doubtful as refusal:
        wrong = {field: texts for field, texts in refusal.errors.items() if field not in refusal.questions}
        return _back(task_id, typed, refusal, errors=wrong, questions=doubted.of(refusal, form, typed))
    except Invalid as refusal:
        return _back(task_id, typed, refusal, errors=refusal.errors)
    except (WrongState, StaleVersion) as refusal:
        return _lost(task_id, typed, refusal)
    duplicates.tell(finished.running)
    if finished.safety_notice is not None:  # told here and only here: not in an address, not in a cookie
        return render("done.html", safety_notice=finished.safety_notice, **told)
    return _ready(task_id, told)


@pages.get("/taken/<uuid:task_id>/klaar")
def done(task_id: UUID) -> str:
    with reading() as session:
        by = known(session)
        undo = next((one for one in undoing.lately(session, by=by) if one.id == task_id), None)
        own = method.work_list(session, by=by, at=now(), page_size=1, filters={"mine": True}, bare=True)
        names = shown.Names(session)
        first = next((shown.task(card, names) for card in own.items), None)
    told = browser.get(_DONE) or {}
    mine = told if told.get("task_id") == str(task_id) else {"next": [], "ended": False}
    return render("done.html", undo=undo, own=first, own_count=words.capped(own.count) if own.count else "", **mine)


def _finish(session: Session, task_id: UUID, answers: Mapping[str, Any], by: Actor, confirmed: frozenset[str]) -> Any:
    """Complete with the moment that was typed beside the form; what is wrong with either is told at once."""
    unread: Invalid | None = None
    observed_at = None
    try:
        observed_at = later.moment(_observed())
    except Invalid as refusal:
        unread = refusal
    if _comment().strip():
        unread = unread or Invalid("a comment was not placed")
        unread.errors[kept.COMMENT] = [_NOT_PLACED]
    try:
        finished = method.complete_task(
            session,
            task_id,
            answers=answers,
            version=_version(),
            by=by,
            at=now(),
            observed_at=observed_at,
            form_digest=_form(),
            confirmed=confirmed,
            window=_window(),
        )
    except Invalid as refusal:
        refusal.errors |= unread.errors if unread else {}
        raise
    if unread is not None:
        raise unread  # before the transaction ends, so nothing of it is kept
    return finished


def _form() -> str | None:
    """The version of the form that was on the page."""
    return request.form.get(kept.FORM) or None


def _observed() -> dict[str, str]:
    return later.typed(request.form.items())


def _comment() -> str:
    return request.form.get(kept.COMMENT, "")


def _window() -> method.Window | None:
    """The page that this was typed on."""
    own = kept.page_name(request.form.get("_nonce", ""))
    return method.Window(own, request.form.get(kept.SEEN, "")[:16]) if own else None


def _told(session: Session, done: Any, by: Actor) -> dict[str, Any]:
    """What the page afterwards says, small enough for a cookie; of the next tasks no more than their name and place."""
    names = shown.Names(session)
    mine = {card.id for card in done.next}
    return {
        "task_id": str(done.task.id),
        "task_name": done.task.name,
        "proof": proofs.after(session, done.task, by=by),
        "ended": done.ended,
        "next": [
            {
                "id": str(card.id),
                "name": card.name,
                "organisation": names.organisation(card.organisation_id),
                "role": card.role,
                "due_at": card.due_at.isoformat() if card.due_at else None,
                "can_claim": card.id in mine,
            }
            for card in done.opened[:_TOLD]
        ],
        "more": max(0, len(done.opened) - _TOLD),
    }


def _undone(session: Session, task_id: UUID, by: Actor) -> bool:
    """Whether what was sent before was taken back since: then the same page is too old, and what was typed comes back."""
    return method.task_view(session, task_id, by=by, at=now()).task.mine


def _once_more(session: Session, task_id: UUID, answers: Mapping[str, Any], by: Actor) -> Response | str:
    """The same form came twice; only the first counted. A number to call is told again."""
    notice = method.safety_notice(session, task_id, answers=answers, by=by, at=now())
    if notice is None:
        return _ready(task_id)
    return render("done.html", safety_notice=notice, next=[], ended=False)


def _ready(task_id: UUID, told: dict[str, Any] | None = None) -> Response:
    """Where one reads what comes next: on a page of its own, or with the family at the meeting that goes on."""
    if (place := hub_places.place(request.form)) is not None:
        return hubs.ready(place, told)
    if told is not None:
        browser[_DONE] = told
    return redirect(url_for("pages.done", task_id=task_id), 303)


def _page(session: Session, view: Any, by: Actor, typed: Mapping[str, Sequence[str]], **more: Any) -> str:
    """The page on which the form stands: of the task itself, or of the meeting at which it is filled in."""
    form = task_forms.context(session, view, by, typed, again=request.form, **more)
    if (place := hub_places.place(request.form)) is not None:
        meeting = hubs.with_form(session, place, view.task.id, form, by=by)
        if meeting is not None:
            return render("hub.html", **meeting)
    return render("task.html", **form)


def _back(
    task_id: UUID,
    typed: dict[str, list[str]],
    refusal: Refusal,
    *,
    errors: Mapping[str, Sequence[str]],
    questions: doubted.Questions | None = None,
) -> Response:
    """The whole form again, with what is wrong beside each field, or what is asked above them."""
    with reading() as session:
        by = known(session)
        view = method.task_view(session, task_id, by=by, at=now())
        _with_told(view, typed)
        page = _page(
            session,
            view,
            by,
            typed,
            errors=errors,
            questions=questions,
            saved_at=view.draft_saved_at,
            is_same=True,
            observed=_observed(),
            comment=_comment(),
        )
    return make_response(page, 400)


def _lost(task_id: UUID, typed: dict[str, list[str]], refusal: Refusal) -> Response:
    """Somebody was first, or the task changed: say who and when, and keep what was typed."""
    status = 412 if isinstance(refusal, StaleVersion) else 409
    changed = isinstance(refusal, FormChanged)
    text = refusal.detail if changed else f"{refusal.detail} Wat u typte, is bewaard en staat hieronder."
    if isinstance(refusal, TypedElsewhere):
        text = _SIDE_BY_SIDE
    notice = task_forms.Notice("warning", refusal.title, text)
    form = draft = None
    try:
        with transaction() as session:
            by = known(session)
            form = method.task_form(session, task_id, form_digest=_form(), by=by, at=now())
            answers = fields.answers(form, typed)
            draft = method.keep_lost_answers(
                session,
                task_id,
                answers=answers,
                by=by,
                at=now(),
                observed=_observed(),
                comment=_comment(),
                form_digest=_form(),
                window=_window(),
            )
    except (Invalid, NotFound, NotAllowed):
        pass  # the text is shown below all the same
    if by_htmx():
        return make_response(render_template("saved.html", not_saved=refusal.detail), status)
    try:
        with reading() as session:
            by = known(session)
            view = method.task_view(session, task_id, by=by, at=now())
            if view.form is not None and view.task.status == "claimed":
                if changed and draft is not None:  # as far as it fits the form of now; the rest is beside it
                    typed = fields.flatten(view.answers)
                _with_told(view, typed)
                page = _page(session, view, by, typed, notice=notice, saved_at=now(), observed=_observed())
                return make_response(page, status)
    except (NotFound, NotAllowed):
        pass
    return make_response(kept.shown(refusal.detail, form, typed), status)


def _with_told(view: Any, typed: dict[str, list[str]]) -> None:
    """Answers that are only shown (readonly) are not posted; they come from what is known."""
    readonly = {path for path, question in view.form.fields.items() if question.readonly}
    for name, values in fields.flatten(view.answers).items():
        if name in readonly:
            typed[name] = values


def _version() -> int:
    text = request.form.get("_version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("no version in the form", detail="Open de taak opnieuw en probeer het nog een keer.")
    return int(text)
