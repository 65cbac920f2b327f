"""Another ground than consent for one case: choosing it and saying why, ending it, and that the family was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import fields, kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.organisations import TYPES
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import forms, method
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState

#: In whose words somebody weighs.
WEIGHED = {
    "legal_obligation": "Een wet verplicht u om dit te delen.",
    "conflict_of_duties": "Zwijgen geeft ernstige schade, er is geen andere weg, en u deelt zo weinig mogelijk.",
    "vital_interest": "Het gaat om iemands leven of gezondheid, en toestemming vragen kan niet.",
    "right_to_report": "U meldde bij Veilig Thuis. De ouder en andere organisaties zien dit niet, tot u zegt dat u het vertelde.",
    "treatment_relation_wgbo": "De ontvanger behandelt dit gezin. Er gaat niets extra open.",
    "task_wpg_jgz": "De ontvanger werkt hier vanuit de jeugdgezondheidszorg. Er gaat niets extra open.",
    "task_youth_act": "De ontvanger helpt hier vanuit de Jeugdwet. Er gaat niets extra open.",
    "task_wmo": "De ontvanger helpt hier vanuit de Wmo. Er gaat niets extra open.",
}
_LABELS = {
    "ground": "Op grond waarvan?",
    "recipient": "Voor wie?",
    "categories": "Welke gegevens zijn nodig?",
    "reason": "Waarom moet het?",
    "until": "Tot en met welke dag?",
}


@pages.get("/casussen/<uuid:case_id>/toestemming/grond")
def ground_form(case_id: UUID) -> str:
    return _page(case_id)


@pages.post("/casussen/<uuid:case_id>/toestemming/grond")
def invoke_ground(case_id: UUID) -> Response | str:
    typed = request.form
    text = typed.get("until", "").strip()
    day = forms.day_of(text)
    if text and day is None:
        errors = {"until": ["Vul een datum in, bijvoorbeeld 31-12-2026."]}
        return make_response(_page(case_id, errors=errors), 400)
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                method.invoke_ground(
                    session,
                    case_id,
                    ground=typed.get("ground", ""),
                    recipient=typed.get("recipient", ""),
                    categories=typed.getlist("categories"),
                    reason=typed.get("reason", ""),
                    until_on=day,
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, case_id)
    except Invalid as refusal:
        return make_response(_page(case_id, errors=refusal.errors), 400)
    except WrongState as refusal:
        return make_response(_page(case_id, errors={"ground": [refusal.detail]}), 409)
    flash("Vastgelegd. Vertel het de ouder, als dat veilig kan.", "ok")
    return redirect(url_for("pages.sharing", case_id=case_id) + "#gronden", 303)


@pages.post("/gronden/<uuid:ground_id>/stoppen")
def end_ground(ground_id: UUID) -> Response:
    return _changed(method.end_ground, ground_id, "Gestopt. Vanaf nu rust hier niets meer op.")


@pages.post("/gronden/<uuid:ground_id>/verteld")
def tell_ground(ground_id: UUID) -> Response:
    return _changed(method.tell_ground, ground_id, "Vastgelegd dat de ouder het weet.")


def _changed(verb: Callable[..., Any], ground_id: UUID, said: str) -> Response:
    with reading() as session:
        case_id = method.case_of_ground(session, ground_id, by=known(session), at=now())
    try:
        with transaction() as session:
            verb(session, ground_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash(said, "ok")
    try:
        with reading() as session:
            method.require_step_aside(session, case_id, by=known(session), at=now())
    except (NotFound, NotAllowed):
        return redirect(url_for("pages.work"), 303)
    return redirect(url_for("pages.sharing", case_id=case_id) + "#gronden", 303)


def _page(case_id: UUID, *, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    wrong = errors or {}
    with reading() as session:
        by, names = known(session), shown.Names(session)
        choices = method.ground_choices(session, case_id, by=by, at=now())
        recipients: dict[str, str] = {}
        for one in choices:
            for code, there, role in one.recipients:
                kind = code.removeprefix("outside:")
                name = names.organisation(there) or words.say(kind, words.RECIPIENTS)
                if kind != code:
                    name = f"{TYPES.get(kind, kind)}, zonder account"
                recipients[code] = f"{name}, {words.say(role, words.ROLES)}" if role else name
        categories = {code for one in choices for code in one.categories}
        return render(
            "ground.html",
            case_id=case_id,
            choices=[
                (one, words.capital(words.say(one.ground, words.GROUNDS)), WEIGHED[one.ground]) for one in choices
            ],
            recipients=sorted(recipients.items(), key=lambda one: one[1]),
            categories=[
                (code, words.say(code, words.COMPARTMENTS)) for code in words.COMPARTMENTS if code in categories
            ],
            nonce=kept.nonce(by, case_id),
            typed=request.form,
            wrong=wrong,
            labels=_LABELS,
            errors=[fields.Fault(name, _LABELS.get(name, ""), " ".join(texts)) for name, texts in wrong.items()],
        )
