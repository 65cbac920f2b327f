"""An appointment as a calendar file (iCalendar, RFC 5545). It lies open on telephones, so nothing of a family is in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, url_for
from icalendar import Calendar, Event

from workflows.hubs import MeetingCard

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MEDIA_TYPE = "text/calendar"
_STATUS = {"cancelled": "CANCELLED"}


def of(meeting: MeetingCard, *, at: datetime) -> bytes:
    """The file for one meeting: when and where, and the way to the agenda for who logs in."""
    link = url_for("pages.hub_meeting", meeting_id=meeting.id, _external=True)
    event = Event()
    event.add("uid", f"{meeting.id}@steun-op-maat")
    event.add("dtstamp", at)
    event.add("sequence", meeting.version - 1)
    event.add("summary", "Knooppuntoverleg")
    event.add("dtstart", meeting.starts_at.astimezone(AMSTERDAM))
    event.add("dtend", meeting.ends_at.astimezone(AMSTERDAM))
    if where := " / ".join(part for part in (meeting.place, "online" if meeting.online else "") if part):
        event.add("location", where)
    event.add("status", _STATUS.get(meeting.status, "CONFIRMED"))
    event.add("class", "PRIVATE")
    event.add("url", link)
    event.add("description", f"De agenda ziet u na inloggen: {link}")
    calendar = Calendar()
    calendar.add("prodid", "-//Steun op Maat//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if meeting.status == "cancelled" else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def response(meeting: MeetingCard, *, at: datetime) -> Response:
    """The file as a download; its name tells no more than the file does."""
    made = Response(of(meeting, at=at), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    made.headers["Content-Disposition"] = f"attachment; filename={filename(meeting.id)}"
    return made


def filename(meeting_id: UUID) -> str:
    return f"knooppuntoverleg-{str(meeting_id)[:8]}.ics"
