"""Whoever is refused access is written down, in a transaction of its own: the first one is undone.

Only of somebody who is signed in: who is nobody is refused before anything is looked for, and could fill the log for
nothing. Of one person at most so many a minute are written one by one; when the minute is over one line says how many
more there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from flask import Flask, Response, current_app, g, request

from api import logs
from api.transactions import database, now, reading
from workflows import method
from workflows.actor import Actor
from workflows.errors import Unavailable

log = logs.get(__name__)

#: Refusals of one person that are written down one by one, and in how long. More is a program that tries ids: it would
#: fill the disk, and a hundred lines tell as much as a million.
AT_MOST = 100
WITHIN = timedelta(minutes=1)
#: What stands for the door in the line about all that were too many.
MANY = "many"


@dataclass(slots=True)
class _Minute:
    """What somebody was refused since a moment; ``by`` is as whom they asked when it became too much."""

    since: datetime
    count: int = 0
    by: Actor | None = None


class _Flood:
    """Counts per person; forgets who has been quiet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: dict[UUID, _Minute] = {}

    def passes(self, person_id: UUID, by: Actor, at: datetime) -> bool:
        """Whether this one gets a line of its own."""
        with self._lock:
            minute = self._minutes.setdefault(person_id, _Minute(at))
            minute.count += 1
            if minute.count <= AT_MOST:
                return True
            minute.by = minute.by or by
            return False

    def over(self, at: datetime) -> list[tuple[Actor, int]]:
        """Who was refused more than that, and how many more, now that their minute is over; each is told once."""
        with self._lock:
            ended = [one for one, minute in self._minutes.items() if at - minute.since >= WITHIN]
            minutes = [self._minutes.pop(one) for one in ended]
        return [(minute.by, minute.count - AT_MOST) for minute in minutes if minute.by is not None]


def register(app: Flask) -> None:
    """Whichever request comes first after somebody's minute writes down what was too much in it."""
    app.extensions["steun.refusals"] = _Flood()
    app.after_request(_count_the_rest)


def write_down(reason: str, *, of: Mapping[str, UUID] | None = None) -> None:
    """Write down that somebody was refused access.

    Args:
        reason: code of the kind of refusal.
        of: what was asked for, by kind, where it does not stand in the address.

    Raises:
        Unavailable: it cannot be written down; then that is the answer, whatever was asked for.
    """
    by: Actor | None = g.get("steun_actor") or g.get("steun_parent")
    if by is None or by.person_id is None:
        return
    asked = of or {
        name.removesuffix("_id"): one for name, one in (request.view_args or {}).items() if isinstance(one, UUID)
    }
    if not asked and reason == "not_found":
        return  # a word in the address that means nothing, such as a form that is not there
    if not _flood().passes(by.person_id, by, now()):
        return
    kind, subject = list(asked.items())[-1] if asked else ("door", None)
    with reading() as session:
        method.write_refusal(
            session,
            kind,
            subject,
            of=asked,
            reason=reason,
            door=f"{request.method} {request.endpoint}",
            by=by,
            at=now(),
        )


def _count_the_rest(response: Response) -> Response:
    for by, count in _flood().over(now()):
        try:
            with database().reading() as session:
                method.write_refusal(
                    session, "door", None, of={}, reason="too_many", door=MANY, by=by, at=now(), skipped=count
                )
        except Unavailable:
            log.error("refusals.unwritten", count=count)
    return response


def _flood() -> _Flood:
    found: _Flood = current_app.extensions["steun.refusals"]
    return found
