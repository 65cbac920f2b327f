"""Pages from a case about the family: a birth, a move, another due date, and everybody who belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.pages import doubted, fields, kept, words
from api.pages.blueprint import by_htmx, pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Doubtful, Invalid, StaleVersion, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of page: its form, its words, and the verb that it calls."""

    form_key: str
    title: str
    intro: str
    button: str
    done: str
    verb: Callable[..., Any]


#: Last part of the address → the page.
EVENTS: Mapping[str, Event] = {
    "geboorte": Event(
        "birth",
        "Een geboorte melden",
        "Voeg voor elk kind een regel toe. De zwangerschap eindigt en de termijnen tellen vanaf de geboorte.",
        "Meld de geboorte",
        "De geboorte is gemeld. Hieronder ziet u wat er nu ligt.",
        method.report_birth,
    ),
    "verhuizing": Event(
        "move",
        "Een verhuizing melden",
        "De nieuwe gemeente wordt verantwoordelijk. Wie de casus nu vasthoudt, blijft dat tot een ander hem aanneemt.",
        "Meld de verhuizing",
        "De verhuizing is gemeld. Hieronder ziet u wat er nu ligt.",
        method.report_move,
    ),
    "uitgerekende-datum": Event(
        "due_date_change",
        "De uitgerekende datum veranderen",
        "De vorige datum blijft bewaard. Termijnen rond de geboorte tellen vanaf de nieuwe datum.",
        "Verander de datum",
        "De uitgerekende datum is veranderd.",
        method.change_due_date,
    ),
    "gezinslid": Event(
        "member",
        "Iemand van het gezin",
        "Iedereen heeft een eigen taal en een eigen veilige manier van contact. Vraag het aan de persoon zelf.",
        "Bewaar",
        "Dit is bewaard. Iedereen die hierna een taak oppakt, ziet het.",
        method.record_member,
    ),
    "toestemming": Event(
        "support_consent",
        "Toestemming vastleggen",
        "Leg vast met wie u mag overleggen en wie mag helpen. Wat u eerder vastlegde, blijft gelden tot de ouder iets anders zegt.",
        "Leg vast",
        "De toestemming is vastgelegd.",
        lambda session, case_id, *, confirmed, **more: method.record_consent(session, case_id, **more),
    ),
    "verzoek": Event(
        "rights_request",
        "Een verzoek vastleggen",
        "Ouders en jongeren mogen een kopie vragen van wat er over hen is opgeschreven, en vragen om het te verbeteren, aan te vullen of te vernietigen. Wie de casus vasthoudt, krijgt een taak om te antwoorden.",
        "Leg het verzoek vast",
        "Het verzoek is vastgelegd. Wie de casus vasthoudt, heeft er een taak voor, met de uiterste dag van het antwoord.",
        lambda session, case_id, *, confirmed, **more: method.record_request(session, case_id, **more),
    ),
}
MILESTONES = {
    "weeks_28": "28 weken zwanger",
    "weeks_34": "34 weken zwanger",
    "due_date": "Uitgerekende datum",
    "six_weeks_after_birth": "6 weken na de geboorte",
    "age_limit": "Leeftijdsgrens van de methode",
}
_ADDRESS = (
    '/casussen/<uuid:case_id>/<any(geboorte, verhuizing, "uitgerekende-datum", gezinslid, toestemming, verzoek):event>'
)
_MEMBER = "/casussen/<uuid:case_id>/<any(gezinslid):event>/<uuid:member_id>"


@pages.get(_ADDRESS)
@pages.get(_MEMBER)
def family_event(case_id: UUID, event: str, member_id: UUID | None = None) -> str:
    with reading() as session:
        by = known(session)
        asked = _asked(session, case_id, event, member_id, by)
        version = _version_of(session, case_id, member_id, by)
        return _page(case_id, event, member_id, asked, fields.flatten(asked.answers), by, version=version)


@pages.post(f"{_ADDRESS}/voorbeeld")
@pages.post(f"{_MEMBER}/voorbeeld")
def preview_family_event(case_id: UUID, event: str, member_id: UUID | None = None) -> str:
    """The questions that apply to what is typed now; also adds and removes rows. Keeps nothing."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    fields.change_rows(typed, request.form.get("_do", ""))
    with reading() as session:
        by = known(session)
        asked = _asked(session, case_id, event, member_id, by)
        if by_htmx():
            blocks = fields.draw(asked.form, typed, choices=asked.choices)
            preview = _address(case_id, event, member_id, "preview_family_event")
            return render_template("family_event_fields.html", form_blocks=blocks, preview=preview)
        return _page(case_id, event, member_id, asked, typed, by, version=request.form.get("_version", ""))


@pages.get(f"{_ADDRESS}/voorbeeld")
@pages.get(f"{_MEMBER}/voorbeeld")
def family_event_again(case_id: UUID, event: str, member_id: UUID | None = None) -> Response:
    """The address of a form that was sent, opened anew: back to its page."""
    return redirect(_address(case_id, event, member_id), 303)


@pages.post(_ADDRESS)
@pages.post(_MEMBER)
def tell_family_event(case_id: UUID, event: str, member_id: UUID | None = None) -> Response:
    """Once per page that was opened; whatever stands in the way, everything typed comes back."""
    typed = fields.typed_pairs(request.form.items(multi=True))
    told = EVENTS[event]
    try:
        with transaction() as session:
            by = known(session)
            asked = _asked(session, case_id, event, member_id, by)
            if kept.sent_before(session, by=by) is None:
                told.verb(
                    session,
                    case_id,
                    answers=fields.answers(asked.form, typed),
                    confirmed=doubted.confirmed(typed),
                    by=by,
                    at=now(),
                    **_of_member(event, member_id),
                )
                kept.now_sent(session, case_id)
    except Doubtful as refusal:
        return _back(case_id, event, member_id, typed, 400, questions=doubted.of(refusal, asked.form, typed))
    except Invalid as refusal:
        return _back(case_id, event, member_id, typed, 400, errors=refusal.errors)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.case", case_id=case_id), 303)
    except StaleVersion as refusal:
        notice = "Iemand veranderde dit intussen. Wat u typte, staat hieronder. Kijk het na en bewaar het opnieuw."
        return _back(case_id, event, member_id, typed, 412, notice=(refusal.title, notice), newest=True)
    flash(told.done, "ok")
    return redirect(url_for("pages.case", case_id=case_id), 303)


@dataclass(frozen=True, slots=True)
class Link:
    """Something that can be told about the family."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day that matters to the family."""

    text: str
    on: date
    passed: bool


@dataclass(frozen=True, slots=True)
class FamilyActions:
    """What ``case/family_actions.html`` shows: how far along, which days matter, who there is, what can be told."""

    pregnancy: str | None
    days: tuple[Day, ...]
    members: tuple[Link, ...]
    numbers: tuple[Link, ...]
    links: tuple[Link, ...]


def family_actions(session: Session, case_id: UUID, by: Actor) -> FamilyActions:
    """The context of the partial ``case/family_actions.html``, under the name ``family_actions``."""
    outline = method.family_outline(session, case_id, by=by, at=now())
    today = now().astimezone(words.AMSTERDAM).date()
    age = outline.gestational_age
    members: tuple[Link, ...] = ()
    if "member" in outline.forms:
        members = tuple(
            Link(_who(one), url_for("pages.family_event", case_id=case_id, event="gezinslid", member_id=one.id))
            for one in outline.members
            if one.version is not None
        )
    return FamilyActions(
        pregnancy=None if age is None else _weeks(*age),
        days=tuple(Day(MILESTONES[one.code], one.on, one.on < today) for one in outline.milestones),
        members=members,
        numbers=tuple(
            Link(f"BSN van {_who(one)}", url_for("pages.bsn", case_id=case_id, member_id=one.id))
            for one in outline.members
            if outline.bsn and one.version is not None and one.kind != "unborn_child"
        ),
        links=tuple(
            Link(
                "Voeg iemand toe" if event.form_key == "member" else event.title,
                url_for("pages.family_event", case_id=case_id, event=name),
            )
            for name, event in EVENTS.items()
            if event.form_key in outline.forms and name not in ("toestemming", "verzoek")
        ),
    )


def _who(member: Any) -> str:
    kind = words.say(member.kind, words.MEMBERS)
    return f"{member.name} ({kind})" if member.name else words.capital(kind)


def _weeks(weeks: int, days: int) -> str:
    return f"{weeks} weken" if days == 0 else f"{weeks} weken en {days} {'dag' if days == 1 else 'dagen'}"


def _asked(session: Session, case_id: UUID, event: str, member_id: UUID | None, by: Actor) -> method.FamilyForm:
    return method.family_form(session, case_id, EVENTS[event].form_key, member_id=member_id, by=by, at=now())


def _of_member(event: str, member_id: UUID | None) -> dict[str, Any]:
    if EVENTS[event].form_key != "member":
        return {}
    text = request.form.get("_version", "")
    return {"member_id": member_id, "version": int(text) if text.isdecimal() and len(text) < 10 else None}


def _version_of(session: Session, case_id: UUID, member_id: UUID | None, by: Actor) -> str:
    return "" if member_id is None else str(method.member(session, case_id, member_id, by=by, at=now()).version)


def _address(case_id: UUID, event: str, member_id: UUID | None, page: str = "family_event") -> str:
    more: dict[str, Any] = {} if member_id is None else {"member_id": member_id}
    return url_for(f"pages.{page}", case_id=case_id, event=event, **more)


def _page(
    case_id: UUID,
    event: str,
    member_id: UUID | None,
    asked: method.FamilyForm,
    typed: fields.Typed,
    by: Actor,
    *,
    version: str = "",
    errors: Mapping[str, Sequence[str]] | None = None,
    questions: doubted.Questions | None = None,
    notice: tuple[str, str] | None = None,
) -> str:
    wrong = errors or {}
    return render(
        "family_event.html",
        case_id=case_id,
        told=EVENTS[event],
        action=_address(case_id, event, member_id, "tell_family_event"),
        preview=_address(case_id, event, member_id, "preview_family_event"),
        form_blocks=fields.draw(asked.form, typed, errors=wrong, choices=asked.choices),
        errors=fields.faults(wrong, asked.form),
        questions=questions,
        notice=notice,
        version=version,
        nonce=kept.nonce(by, case_id),
    )


def _back(
    case_id: UUID,
    event: str,
    member_id: UUID | None,
    typed: fields.Typed,
    status: int,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    questions: doubted.Questions | None = None,
    notice: tuple[str, str] | None = None,
    newest: bool = False,
) -> Response:
    with reading() as session:
        by = known(session)
        asked = _asked(session, case_id, event, member_id, by)
        version = _version_of(session, case_id, member_id, by) if newest else request.form.get("_version", "")
        page = _page(
            case_id, event, member_id, asked, typed, by,
            version=version, errors=errors, questions=questions, notice=notice,
        )  # fmt: skip
    return make_response(page, status)
