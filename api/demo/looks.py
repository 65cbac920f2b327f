"""What people of the demo looked at: so that the log has reads in it, and one that stands out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from workflows import method
from workflows.errors import NotFound

if TYPE_CHECKING:
    from api.demo.region import Region
    from workflows.actor import Actor
    from workflows.db import Session

#: Who opens a case that was closed long ago, so that the log manager of that practice has something to ask.
CURIOUS = "veerle"


def open_case(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """As the page of a case does: one request, several reads."""
    opening = replace(by, request_id=uuid4().hex)
    with suppress(NotFound):
        method.case_view(session, case_id, by=opening, at=at)
        method.plan_view(session, case_id, by=opening, at=at)
        method.comment_list(session, case_id, by=opening, at=at)


def stand_out(session: Session, region: Region, *, at: datetime) -> None:
    """Somebody opens the case that was closed longest ago, of those that she can see."""
    by = region.who(CURIOUS)
    closed = method.case_list(session, by=by, at=at, page_size=200, filters={"status": "closed"}).items
    long_ago = [card for card in closed if card.closed_at is not None and at - card.closed_at > timedelta(days=15)]
    for card in sorted(long_ago, key=lambda card: card.opened_at)[:1]:
        open_case(session, card.id, by=by, at=at - timedelta(hours=1))
