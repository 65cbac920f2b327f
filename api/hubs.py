"""Hub meetings: when they are, the agenda as far as one may see it, the calendar, cancelling and postponing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields

from api import calendars
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.schemas import PageQuery, a_number, a_text, a_truth, an_id, an_instant, maybe_text, some_texts
from api.transactions import now, reading, transaction
from workflows import hubs

blueprint = group("hubs", "Knooppuntoverleggen: agenda's en uitnodigingen.")


class HubMeetingsQuery(PageQuery):
    past = a_truth("Wat geweest of afgezegd is, in plaats van wat nog komt.", load_default=False)


class HubMeetingOut(Schema):
    """When and where."""

    id = an_id("Kenmerk van het overleg.")
    municipality_code = maybe_text("CBS-code van de gemeente; leeg: niet bekend.")
    organised_by = an_id("De organisatie die het overleg plant.")
    starts_at = an_instant("Wanneer het begint.")
    ends_at = an_instant("Wanneer het ongeveer klaar is.")
    place = a_text("Waar het is.")
    online = a_truth("Of het (ook) online is.")
    status = a_text("planned, held of cancelled.")
    families = a_number("Hoeveel gezinnen op de agenda u mag zien.")
    version = a_number("De versie van het overleg zelf.")


class SeatOut(Schema):
    organisation_id = an_id("De organisatie aan tafel.")
    role = a_text("In welke rol.")
    consent_ok = a_truth("Of het gezin dat op dit moment goedvindt.")


class AgendaItemOut(Schema):
    id = an_id("Kenmerk van het gezin op deze agenda.")
    position = a_number("Volgorde, geteld over wat u mag zien.")
    status = a_text("planned, discussed of postponed.")
    case_id = an_id("De casus.")
    case_number = a_text("Nummer van de casus.")
    municipality_code = maybe_text("CBS-code van de gemeente van het gezin.")
    language = a_text("Taal die de ouder het liefst spreekt.")
    interpreter_needed = a_truth("Of er een tolk nodig is.")
    parents_invited = a_truth("Of de ouders zijn uitgenodigd.")
    parents_present = fields.Boolean(
        allow_none=True, metadata={"description": "Of de ouders erbij waren; leeg: nog geen verslag."}
    )
    minutes_shared = a_truth("Of de ouders het verslag kregen.")
    seats = fields.List(fields.Nested(SeatOut), metadata={"description": "Wie voor dit gezin aan tafel zit."})
    name = maybe_text("Naam van de ouder, voor wie voor dit gezin aan tafel zit.")
    left_out = fields.Integer(
        allow_none=True,
        metadata={"description": "Voor de procesregisseur: hoeveel organisaties geen toestemming hebben."},
    )


class HubAgendaOut(HubMeetingOut):
    """A meeting with what one may see of its agenda."""

    items = fields.List(fields.Nested(AgendaItemOut), metadata={"description": "De gezinnen die u mag zien."})
    parent_seats = a_number("Bij hoeveel van die gezinnen de ouders zijn uitgenodigd.")
    may = some_texts("Wat u met dit overleg kunt doen.")


class HubMeetingListOut(Schema):
    items = fields.List(fields.Nested(HubMeetingOut), metadata={"description": "Overleggen."})


def shown(view: hubs.Agenda) -> dict[str, Any]:
    """The agenda as it goes over the wire."""
    dumped: dict[str, Any] = HubAgendaOut().dump(
        {
            **{name: getattr(view.meeting, name) for name in HubMeetingOut().fields},
            "items": view.items,
            "parent_seats": view.parent_seats,
            "may": sorted(view.may),
        }
    )
    return dumped


@door(
    blueprint,
    "GET",
    "/hub-meetings",
    summary="Knooppuntoverleggen",
    description="Overleggen waar u de procesregisseur van bent, of waar u voor een gezin aan tafel zit.",
    query=HubMeetingsQuery,
    gives=HubMeetingListOut,
    paged=True,
)
def list_hub_meetings(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = hubs.meetings(
            session,
            by=actor(),
            at=now(),
            past=query["past"],
            cursor=query.get("cursor"),
            page_size=query["page_size"],
        )
        return HubMeetingListOut().dump({"items": page.items}), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/hub-meetings/<uuid:meeting_id>",
    summary="Eén knooppuntoverleg",
    description="De agenda, zonder gezinnen die u niet mag kennen. Het lezen wordt vastgelegd.",
    gives=HubAgendaOut,
    refuses=(404,),
    versioned=True,
)
def get_hub_meeting(meeting_id: UUID) -> Answer:
    with reading() as session:
        view = hubs.agenda(session, meeting_id, by=actor(), at=now())
        return shown(view), 200, etag(view.meeting.version)


@door(
    blueprint,
    "GET",
    "/hub-meetings/<uuid:meeting_id>/calendar",
    summary="Het overleg voor in een agenda (iCalendar)",
    description="Wanneer en waar, zonder namen, nummers of onderwerpen.",
    media_type=calendars.MEDIA_TYPE,
    refuses=(404,),
)
def get_hub_calendar(meeting_id: UUID) -> Response:
    with reading() as session:
        return calendars.response(hubs.appointment(session, meeting_id, by=actor(), at=now()), at=now())


@door(
    blueprint,
    "POST",
    "/hub-meetings/<uuid:meeting_id>/cancellations",
    summary="Overleg afzeggen",
    description="Alle gezinnen op de agenda worden uitgesteld en niemand is meer uitgenodigd.",
    gives=HubAgendaOut,
    status=201,
    refuses=(403, 404),
)
def cancel_hub_meeting(meeting_id: UUID) -> Answer:
    return _changed(meeting_id, lambda session, by: hubs.cancel(session, meeting_id, by=by, at=now()))


@door(
    blueprint,
    "POST",
    "/hub-meetings/<uuid:meeting_id>/items/<uuid:item_id>/postponements",
    summary="Een gezin uitstellen",
    description="Het gezin gaat van deze agenda; de anderen blijven staan.",
    gives=HubAgendaOut,
    status=201,
    refuses=(403, 404),
)
def postpone_hub_item(meeting_id: UUID, item_id: UUID) -> Answer:
    return _changed(meeting_id, lambda session, by: hubs.postpone(session, meeting_id, item_id, by=by, at=now()))


def _changed(meeting_id: UUID, change: Any) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            change(session, by)
            return meeting_id, shown(hubs.agenda(session, meeting_id, by=by, at=now()))

        def again(_: UUID | None) -> dict[str, Any]:
            return shown(hubs.agenda(session, meeting_id, by=by, at=now()))

        def location(_: UUID | None) -> str:
            return url_for("hubs.get_hub_meeting", meeting_id=meeting_id)

        return once(session, by=by, do=do, again=again, location=location)
