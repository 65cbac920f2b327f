"""Hub meetings: the list, one meeting on one screen with its minutes and on paper, the calendar file, postponing and cancelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from api import calendars
from api.pages import fields, hub_places, shown, task_forms, words
from api.pages.blueprint import by_htmx, pages, render
from api.pages.hub_places import Place
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import hubs, method
from workflows.errors import NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

MEETINGS = {"planned": "Gepland", "held": "Geweest", "cancelled": "Afgezegd"}
ITEMS = {
    "planned": "Nog te bespreken",
    "discussed": "Besproken",
    "postponed": "Uitgesteld",
    "removed": "Van de agenda gehaald",
}


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting on a list or above its agenda."""

    id: UUID
    day: str
    time: str
    where: str
    municipality: str
    organiser: str
    status: str
    status_text: str
    families: str


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation at the table."""

    organisation: str
    role: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A family on the agenda, with what is still missing in words."""

    id: UUID
    position: int
    case_number: str
    name: str | None
    municipality: str
    language: str | None
    interpreter_needed: bool
    status: str
    status_text: str
    parents: str
    minutes_shared: bool
    seats: tuple[Seat, ...]
    missing: tuple[str, ...]
    left_out: str | None
    case_id: UUID | None = None  #: when the page of the case is there for who asks
    minutes_task: UUID | None = None  #: to write down what came of it, when that is the asker's work
    minutes_taken: bool = False
    minutes_mine: bool = False
    case_director: str = ""

    @property
    def planned(self) -> bool:
        """Whether the family has not been talked about."""
        return self.status == "planned"


_TOLD = "hub"
OTHER_PARENT = {
    "together": "de andere ouder samen met de ouder",
    "separately": "de andere ouder apart",
    "not_invited": "de andere ouder niet",
}


@dataclass(frozen=True, slots=True)
class Talk:
    """One time that a case was, or will be, talked about."""

    when: str
    where: str
    status_text: str
    status: str  #: of the family on the agenda; ``cancelled`` when the whole meeting was
    parents: str
    reason: str | None
    invited: tuple[str, ...]
    case_director: str
    meeting_id: UUID | None


@pages.get("/knooppunt")
def hub_meetings() -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)

        def part(cursor: str, *, past: bool) -> dict[str, Any]:
            page = hubs.meetings(session, by=by, at=now(), past=past, cursor=request.args.get(cursor), page_size=25)
            return {"meetings": [meeting(card, names) for card in page.items], "next": page.next_cursor}

        return render("hubs.html", coming=part("vanaf", past=False), past=part("eerder", past=True))


@pages.get("/knooppunt/<uuid:meeting_id>")
def hub_meeting(meeting_id: UUID) -> str:
    """One meeting; ``?verslag=`` opens the minutes of a family, for who has them in hand. The script asks for the families alone."""
    return _opened(meeting_id, hub_places.as_id(request.args.get("verslag", "")))


@pages.get("/knooppunt/<uuid:meeting_id>/afdrukken")
def hub_meeting_on_paper(meeting_id: UUID) -> str:
    with reading() as session:
        return render("hub_print.html", **_screen(session, meeting_id, by=known(session), printed=True).drawn)


@pages.get("/knooppunt/<uuid:meeting_id>/agenda.ics")
def hub_meeting_calendar(meeting_id: UUID) -> Response:
    with reading() as session:
        card = hubs.appointment(session, meeting_id, by=known(session), at=now())
        return calendars.response(card, at=now())


@pages.post("/knooppunt/<uuid:meeting_id>/afzeggen")
def cancel_hub_meeting(meeting_id: UUID) -> Response:
    try:
        with transaction() as session:
            hubs.cancel(session, meeting_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Het overleg is afgezegd. Laat het de ouders en de genodigden ook zelf weten.", "ok")
    return redirect(url_for("pages.hub_meeting", meeting_id=meeting_id), 303)


@pages.post("/knooppunt/<uuid:meeting_id>/gezinnen/<uuid:item_id>/uitstellen")
def postpone_hub_item(meeting_id: UUID, item_id: UUID) -> Response:
    try:
        with transaction() as session:
            hubs.postpone(session, meeting_id, item_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Dit gezin is uitgesteld. Laat het de ouders en de genodigden ook zelf weten.", "ok")
    return redirect(url_for("pages.hub_meeting", meeting_id=meeting_id), 303)


def talks(found: Iterable[method.HubTalk], names: shown.Names) -> list[Talk]:
    """For ``case/hub.html`` on the page of a case, as ``talks``: every time that it was or will be talked about."""
    return [
        Talk(
            when=f"{words.capital(words.day(one.starts_at))}, {words.clock(one.starts_at)} uur",
            where=_where(one.place, one.online),
            status_text=ITEMS[one.status] if one.meeting_status != "cancelled" else MEETINGS["cancelled"],
            status=one.status if one.meeting_status != "cancelled" else "cancelled",
            parents=", ".join(
                part
                for part in (
                    _parents(one.parents_invited, one.parents_present),
                    OTHER_PARENT.get(one.other_parent or ""),
                )
                if part
            ),
            reason=one.reason_if_absent or one.reason_not_invited,
            invited=tuple(names.organisation(key) for key in one.invited),
            case_director=names.organisation(one.case_director_organisation_id),
            meeting_id=one.meeting_id,
        )
        for one in found
    ]


# --- the minutes of a family, on the same screen


@dataclass(frozen=True, slots=True)
class _Screen:
    """What ``hub.html`` is drawn from, and whose minutes *by* has in hand: item → task."""

    drawn: dict[str, Any]
    in_hand: dict[UUID, UUID]
    to_take: dict[UUID, UUID]


def _screen(session: Session, meeting_id: UUID, *, by: Actor, printed: bool = False) -> _Screen:
    view = hubs.agenda(session, meeting_id, by=by, at=now(), printed=printed)
    desk = method.hub_desk(session, view, by=by)
    names = shown.Names(session)
    tasks = {one.id: desk[one.case_id] for one in view.items}
    return _Screen(
        {
            "meeting": meeting(view.meeting, names),
            "items": [item(one, names, desk[one.case_id]) for one in view.items],
            "parent_seats": view.parent_seats,
            "directs": view.directs,
            "may": view.may,
        },
        in_hand={key: one.minutes_task for key, one in tasks.items() if one.minutes_task and one.taken_by_me},
        to_take={key: one.minutes_task for key, one in tasks.items() if one.minutes_task and not one.taken},
    )


def _opened(meeting_id: UUID, item_id: UUID | None, *, closed: UUID | None = None) -> str:
    """The screen with the minutes of one family open, if they are the asker's work; else without any."""
    with reading() as session:
        by = known(session)
        screen = _screen(session, meeting_id, by=by)
        drawn: dict[str, Any] = {"here_at": closed, **screen.drawn, **_told_before()}
        if item_id is not None and (task_id := screen.in_hand.get(item_id)) is not None:
            view = method.task_view(session, task_id, by=by, at=now())
            if view.form is not None:
                form = task_forms.context(
                    session,
                    view,
                    by,
                    fields.flatten(view.answers),
                    saved_at=view.draft_saved_at,
                    observed=view.observed,
                )
                drawn |= _with_form(Place(meeting_id, item_id), form)
        return render_template("hub_families.html", **drawn) if by_htmx() else render("hub.html", **drawn)


def _with_form(place: Place, form: dict[str, Any]) -> dict[str, Any]:
    return {**form, "place": place, "level": hub_places.LEVEL, "here_at": place.item_id}


def with_form(
    session: Session, place: Place, task_id: UUID, form: dict[str, Any], *, by: Actor
) -> dict[str, Any] | None:
    """What ``hub.html`` is drawn from with the form of a task that was sent from there; None when its place is not there (any more)."""
    try:
        screen = _screen(session, place.meeting_id, by=by)
    except NotFound:
        return None
    if screen.in_hand.get(place.item_id) != task_id:
        return None
    return {**screen.drawn, **_with_form(place, form)}


def go_on(place: Place, then: str, *, saved: datetime) -> Response:
    """What was typed is kept; now the minutes of another family, taken up where nobody has them, or none."""
    item_id = hub_places.as_id(then)
    browser[_TOLD] = {"item": str(place.item_id), "saved": words.clock(saved)}
    if item_id is not None:
        try:
            with transaction() as session:
                by = known(session)
                if (task_id := _screen(session, place.meeting_id, by=by).to_take.get(item_id)) is not None:
                    method.claim_task(session, task_id, by=by, at=now())
        except WrongState:
            pass  # a colleague was first, and the screen says so
    if by_htmx():
        return make_response(_opened(place.meeting_id, item_id, closed=item_id or place.item_id))
    return redirect(place.closed if item_id is None else Place(place.meeting_id, item_id).of_form, 303)


def ready(place: Place, told: Mapping[str, Any] | None) -> Response:
    """The minutes of a family are done: the meeting goes on where it was, and says what comes next for this family."""
    if told is not None:
        browser[_TOLD] = {"item": str(place.item_id), "done": True, "next": told["next"], "ended": told["ended"]}
    return redirect(place.closed, 303)


def _told_before() -> dict[str, Any]:
    """What came of the form that was sent last, once."""
    return {"told": browser.pop(_TOLD, None)}


def meeting(card: hubs.MeetingCard, names: shown.Names) -> Meeting:
    """One meeting in words."""
    return Meeting(
        id=card.id,
        day=words.capital(words.day(card.starts_at)),
        time=f"{words.clock(card.starts_at)}–{words.clock(card.ends_at)} uur",
        where=_where(card.place, card.online),
        municipality=names.municipality(card.municipality_code),
        organiser=names.organisation(card.organised_by),
        status=card.status,
        status_text=MEETINGS[card.status],
        families=_count(card.families, "gezin", "gezinnen"),
    )


def item(view: hubs.ItemView, names: shown.Names, desk: method.Desk) -> Item:
    """One family in words."""
    seats = tuple(Seat(names.organisation(one.organisation_id), one.role, one.consent_ok) for one in view.seats)
    return Item(
        id=view.id,
        position=view.position,
        case_number=view.case_number,
        name=view.name,
        municipality=names.municipality(view.municipality_code),
        language=view.language if view.language != "nl" else None,
        interpreter_needed=view.interpreter_needed,
        status=view.status,
        status_text=ITEMS[view.status],
        parents=_parents(view.parents_invited, view.parents_present),
        minutes_shared=view.minutes_shared,
        seats=seats,
        missing=tuple(_missing(view, seats)) if view.status == "planned" else (),
        left_out=_left_out(view.left_out),
        case_id=view.case_id if desk.may_open else None,
        minutes_task=desk.minutes_task,
        minutes_taken=desk.taken,
        minutes_mine=desk.taken_by_me,
        case_director=names.organisation(view.case_director_organisation_id),
    )


def _missing(view: hubs.ItemView, seats: Sequence[Seat]) -> list[str]:
    found = []
    if not view.parents_invited:
        found.append("De ouders zijn niet uitgenodigd.")
    if not seats:
        found.append("Er is nog geen organisatie uitgenodigd. Vraag het gezin wie erbij mag zijn.")
    found += [f"{seat.organisation}: het gezin vindt dit niet meer goed." for seat in seats if not seat.agreed]
    return found


def _left_out(number: int | None) -> str | None:
    """A family that does not agree to somebody lacks nothing; so this is told, and is no warning."""
    if not number:
        return None
    return (
        f"{_count(number, 'organisatie is', 'organisaties zijn')} niet uitgenodigd, "
        "omdat het gezin daar geen toestemming voor gaf."
    )


def _parents(invited: bool, present: bool | None) -> str:
    if present is None:
        return "De ouders zijn uitgenodigd" if invited else "De ouders zijn niet uitgenodigd"
    return "De ouders waren erbij" if present else "De ouders waren er niet bij"


def _where(place: str, online: bool) -> str:
    return ", ".join(part for part in (place, "online" if online else "") if part) or "Plaats nog niet bekend"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
