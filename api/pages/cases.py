"""A new signal, the cases that one may see, and the page of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import (
    attachments,
    comments,
    duplicates,
    emergencies,
    family_events,
    fields,
    handovers,
    hubs,
    kept,
    networks,
    plans,
    sharing,
    shown,
    standing_words,
    timelines,
)
from api.pages import terms as terms_pages
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, WrongState


@pages.get("/signaal")
def new_signal() -> str:
    with reading() as session:
        by = known(session)
    return render("signal_new.html", nonce=kept.nonce(by))


@pages.post("/signaal")
def start_signal() -> Response:
    """One signal per page that was opened, also when the button is pressed twice."""
    with transaction() as session:
        by = known(session)
        if (replay := kept.sent_before(session, by=by)) is not None:
            return redirect(url_for("pages.task", task_id=replay.location_id), 303)
        task = method.start_signal(session, under_way="_under_way" in request.form, by=by, at=now())
        kept.now_sent(session, task.id)
    return redirect(url_for("pages.task", task_id=task.id), 303)


@pages.get("/casussen")
def cases() -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        closed = "gesloten" in request.args
        filters = {"status": "closed"} if closed else None  # left out: all but the closed ones
        page = method.case_list(
            session, by=by, at=now(), cursor=request.args.get("vanaf"), page_size=25, filters=filters
        )
        found = [shown.case(card, names) for card in page.items]
        return render("cases.html", next=page.next_cursor, closed=closed, cases=found)


@pages.get("/casussen/<uuid:case_id>")
def case(case_id: UUID) -> str:
    """Everything of one case, as far as whoever asks may see it; told from one reading of it."""
    with reading() as session:
        by = known(session)
        story = method.case_story(session, case_id, by=by, at=now())
        view = story.case
        names = shown.Names(session, story.organisations)
        tasks = [
            shown.task(card, names, can_claim=(card.organisation_id, card.role) == (by.organisation_id, by.role))
            for card in view.tasks
        ]
        reference, may_keep_reference = method.case_reference(session, case_id, by=by, at=now())
        happened = method.timeline(story, at=now())
        return render(
            "case.html",
            case=view.case,
            family=shown.family(view.case, view.members, names),
            holder=names.organisation(view.case.holder_organisation_id),
            holder_name=story.people.get(view.case.holder_person_id) if view.case.holder_person_id else None,
            tasks=tasks,
            now_at=shown.where_we_are(view.case, tasks),
            standstill=standing_words.sentence(
                view.standstill,
                names,
                mine=(view.standstill.organisation_id, view.standstill.role) == (by.organisation_id, by.role),
                now=now(),
            ),
            stands_wrong=standing_words.is_wrong(view.standstill),
            months=timelines.months(happened[: timelines.ON_CASE], names, story.people),
            more_happened=len(happened) > timelines.ON_CASE,
            forms=shown.by_form([shown.entry(one, names, by=by, people=story.people) for one in view.entries]),
            network=networks.draw(method.around_family(story), names),
            consent_status=shown.consent_status(view.consent_status, names),
            diagram=next((one for one in reversed(list(map(shown.drawing, view.diagrams))) if one.live), None),
            drawings=len(view.diagrams),
            may=view.may,
            reference=reference,
            may_keep_reference=may_keep_reference,
            retain_until=view.case.retain_until,
            family_actions=family_events.family_actions(session, case_id, by),
            talks=hubs.talks(story.hub, names),
            sharing=sharing.read(session, story.sharing, names, by=by, known=story.people),
            **plans.drawn(story.plan, story.talks, names),
            **handovers.drawn(session, case_id, story.handovers, names, by=by),
            **comments.drawn(session, case_id, story.comments, names, by=by),
            **attachments.context(session, case_id, names, by=by),
            **duplicates.context(session, case_id, by=by),
            **emergencies.context(session, case_id, names, by=by),
            **terms_pages.forecast(session, case_id, by=by, at=now()),
        )


@pages.get("/casussen/<uuid:case_id>/tekeningen")
def case_drawings(case_id: UUID) -> str:
    """Every process of the case; its page has only the one that it is in, to be quick on a phone."""
    with reading() as session:
        view = method.case_view(session, case_id, by=known(session), at=now())
        return render("drawings.html", case=view.case, diagrams=[shown.drawing(one) for one in view.diagrams])


@pages.get("/casussen/<uuid:case_id>/verlies")
def loss(case_id: UUID) -> str:
    return _loss_page(case_id, {})


@pages.post("/casussen/<uuid:case_id>/verlies")
def report_loss(case_id: UUID) -> Response | str:
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            by = known(session)
            form = method.loss_form(session, case_id, by=by, at=now())
            if kept.sent_before(session, by=by) is None:
                method.report_loss(session, case_id, answers=fields.answers(form, typed), by=by, at=now())
                kept.now_sent(session, case_id)
    except Invalid as refusal:
        return make_response(_loss_page(case_id, typed, errors=refusal.errors), 400)
    flash(
        "Het verlies is gemeld. Alle afspraken en berichten over de geboorte zijn gestopt. "
        "Hieronder ziet u wie nu contact opneemt met de ouder.",
        "info",
    )
    return redirect(url_for("pages.case", case_id=case_id), 303)


@pages.get("/casussen/<uuid:case_id>/weggooien")
def discard(case_id: UUID) -> str:
    with reading() as session:
        view = method.case_view(session, case_id, by=known(session), at=now())
    if "discard_signal" not in view.may:
        raise WrongState(f"case {case_id} is not a draft", detail="Dit is geen concept meer. Rond de casus af.")
    return render("discard.html", case=view.case)


@pages.post("/casussen/<uuid:case_id>/weggooien")
def discard_signal(case_id: UUID) -> Response:
    with transaction() as session:
        method.discard_signal(session, case_id, by=known(session), at=now())
    flash("Het concept is weggegooid.", "ok")
    return redirect(url_for("pages.work"), 303)


def _loss_page(
    case_id: UUID, typed: Mapping[str, Sequence[str]], *, errors: Mapping[str, Sequence[str]] | None = None
) -> str:
    with reading() as session:
        by = known(session)
        form: Any = method.loss_form(session, case_id, by=by, at=now())
    wrong = errors or {}
    return render(
        "loss.html",
        case_id=case_id,
        form_blocks=fields.draw(form, typed, errors=wrong),
        errors=fields.faults(wrong, form),
        nonce=kept.nonce(by, case_id),
    )
