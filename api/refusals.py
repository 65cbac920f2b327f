"""Whoever is refused access is written down, in a transaction of its own: the first one is undone.

Only of somebody who is signed in: who is nobody is refused before anything is looked for, and could fill the log for
nothing. Of one person at most so many a minute are written one by one; the next line says how many were not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from flask import current_app, g, request

from api.transactions import now, reading
from workflows import method
from workflows.actor import Actor
from workflows.errors import NotAllowed, NotFound, Refusal

#: Refusals of one person that are written down one by one, and in how long. More is a program that tries ids: it would
#: fill the disk, and a hundred lines tell as much as a million.
AT_MOST = 100
WITHIN = timedelta(minutes=1)


class _Flood:
    """Counts per person; forgets who has been quiet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[UUID, tuple[datetime, int]] = {}

    def passes(self, person_id: UUID, at: datetime) -> int | None:
        """How many were skipped before this one; None when this one is skipped as well."""
        with self._lock:
            since, count = self._counts.get(person_id, (at, 0))
            skipped = 0
            if at - since >= WITHIN:
                since, skipped, count = at, max(0, count - AT_MOST), 0
                self._counts = {
                    one: kept for one, kept in self._counts.items() if kept[0] > at - WITHIN or kept[1] > AT_MOST
                }
            self._counts[person_id] = (since, count + 1)
            return None if count >= AT_MOST else skipped


def write_down(refusal: Refusal) -> None:
    """Write the refusal down, if it is one of access and of somebody.

    Raises:
        Unavailable: it cannot be written down; then that is the answer, whatever was asked for.
    """
    by: Actor | None = g.get("steun_actor")
    if by is None or by.person_id is None or not isinstance(refusal, NotFound | NotAllowed):
        return
    asked = {name.removesuffix("_id"): one for name, one in (request.view_args or {}).items() if isinstance(one, UUID)}
    if not asked and isinstance(refusal, NotFound):
        return  # a word in the address that means nothing, such as a form that is not there
    flood: _Flood = current_app.extensions.setdefault("steun.refusals", _Flood())
    skipped = flood.passes(by.person_id, now())
    if skipped is None:
        return
    kind, subject = list(asked.items())[-1] if asked else ("door", None)
    with reading() as session:
        method.write_refusal(
            session,
            kind,
            subject,
            of=asked,
            reason="not_allowed" if isinstance(refusal, NotAllowed) else "not_found",
            door=f"{request.method} {request.endpoint}",
            by=by,
            at=now(),
            skipped=skipped,
        )
