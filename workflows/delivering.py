"""Sending to the addresses that listen: beside everything else, a few at a time, each in a thread of its own.

Whoever answers slowly, or not at all, keeps that one thread busy for as long as anybody may take, and nothing else. No
organisation has more than a few of the threads, and all addresses that did not do well the last time have half of them
together: there is always room for who takes what is sent. Who is
stopped in the middle sends again later: a message arrives at least once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock, Thread
from uuid import UUID

from workflows import webhooks
from workflows.db import Database
from workflows.errors import Unavailable
from workflows.webhooks import Call, Due, NotTaken

_log = logging.getLogger(__name__)

#: How many addresses are sent to at the same time, by one worker.
AT_ONCE = 8
#: How many of them of one organisation, and how many that did not take the last message or took it slowly.
OF_ONE, TROUBLED = 2, AT_ONCE // 2
#: Sends one message, or raises :class:`NotTaken`.
Deliver = Callable[[Call], None]


class Deliveries:
    """What one worker sends.

    Args:
        deliver: sends one message and gives up in time.
        timer: seconds that only count up, with which it is seen who answers slowly.
    """

    def __init__(self, database: Database, deliver: Deliver, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._deliver = deliver
        self._timer = timer
        self._busy: dict[UUID, Due] = {}
        self._lock = Lock()

    def begin(self, at: datetime) -> list[Thread]:
        """Begin to send what is due, and wait for none of it; the threads are for who wants to wait.

        Raises:
            Unavailable: the database is away.
        """
        with self._lock:
            if len(self._busy) >= AT_ONCE:
                return []
        with self._database.reading() as session:
            due = webhooks.due(session, at=at, each=2 * OF_ONE)  # some of these may have begun just now
        begun = []
        for one in due:
            with self._lock:
                if not self._has_room_for(one):
                    continue
                self._busy[one.id] = one
            thread = Thread(target=self._send, args=(one.id, at), name="webhook", daemon=True)
            thread.start()
            begun.append(thread)
        return begun

    def _has_room_for(self, one: Due) -> bool:
        others = self._busy.values()
        return (
            one.id not in self._busy
            and len(others) < AT_ONCE
            and sum(other.organisation_id == one.organisation_id for other in others) < OF_ONE
            and not (one.troubled and sum(other.troubled for other in others) >= TROUBLED)
        )

    def _send(self, webhook_id: UUID, at: datetime) -> None:
        try:
            self._send_to(webhook_id, at)
        except Unavailable:
            _log.warning("webhook.database_away")
        except Exception as error:  # e.g. no key to sign with: the same address is tried again when its time is over
            _log.error("webhook.failed", extra={"kind": str(webhook_id), "error": type(error).__name__})
        finally:
            with self._lock:
                self._busy.pop(webhook_id, None)

    def _send_to(self, webhook_id: UUID, at: datetime) -> None:
        with self._database.writing() as session:
            calls = webhooks.take(session, webhook_id, at=at)
        left = list(calls)
        while left:
            call = left.pop(0)
            begun = self._timer()
            try:
                self._deliver(call)
            except NotTaken as failure:
                with self._database.writing() as session:
                    webhooks.missed(session, webhook_id, call.id, failure, at=at)
                    webhooks.release(session, webhook_id, left, at=at)
                return
            within = timedelta(seconds=self._timer() - begun)
            with self._database.writing() as session:
                if not webhooks.arrived(session, webhook_id, call.id, within=within, at=at):
                    webhooks.release(session, webhook_id, left, at=at)
                    return
        if calls:
            with self._database.writing() as session:
                webhooks.release(session, webhook_id, (), at=at)


__all__ = ["AT_ONCE", "OF_ONE", "TROUBLED", "Deliver", "Deliveries"]
