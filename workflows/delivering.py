"""Sending to the addresses that listen: beside everything else, a few at a time, each in a thread of its own.

Whoever answers slowly, or not at all, keeps that one thread busy for as long as anybody may take, and nothing else. Who is
stopped in the middle sends again later: a message arrives at least once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Lock, Thread
from uuid import UUID

from workflows import webhooks
from workflows.db import Database
from workflows.errors import Unavailable
from workflows.webhooks import Call, NotTaken

_log = logging.getLogger(__name__)

#: How many addresses are sent to at the same time, by one worker.
AT_ONCE = 8
#: Sends one message, or raises :class:`NotTaken`.
Deliver = Callable[[Call], None]


class Deliveries:
    """What one worker sends.

    Args:
        deliver: sends one message and gives up in time.
    """

    def __init__(self, database: Database, deliver: Deliver, *, at_once: int = AT_ONCE) -> None:
        self._database = database
        self._deliver = deliver
        self._at_once = at_once
        self._busy: set[UUID] = set()
        self._lock = Lock()

    def begin(self, at: datetime) -> list[Thread]:
        """Begin to send what is due, and wait for none of it; the threads are for who wants to wait.

        Raises:
            Unavailable: the database is away.
        """
        with self._lock:
            free = self._at_once - len(self._busy)
        if free <= 0:
            return []
        with self._database.reading() as session:
            due = webhooks.due(session, at=at, limit=self._at_once + len(self._busy))
        begun = []
        for webhook_id in due:
            with self._lock:
                if webhook_id in self._busy or len(self._busy) >= self._at_once:
                    continue
                self._busy.add(webhook_id)
            thread = Thread(target=self._send, args=(webhook_id, at), name="webhook", daemon=True)
            thread.start()
            begun.append(thread)
        return begun

    def _send(self, webhook_id: UUID, at: datetime) -> None:
        try:
            self._send_to(webhook_id, at)
        except Unavailable:
            _log.warning("webhook.database_away")
        except Exception as error:  # e.g. no key to sign with: the same address is tried again when its time is over
            _log.error("webhook.failed", extra={"kind": str(webhook_id), "error": type(error).__name__})
        finally:
            with self._lock:
                self._busy.discard(webhook_id)

    def _send_to(self, webhook_id: UUID, at: datetime) -> None:
        with self._database.writing() as session:
            calls = webhooks.take(session, webhook_id, at=at)
        left = list(calls)
        while left:
            call = left.pop(0)
            try:
                self._deliver(call)
            except NotTaken as failure:
                with self._database.writing() as session:
                    webhooks.missed(session, webhook_id, call.id, failure, at=at)
                    webhooks.release(session, webhook_id, left, at=at)
                return
            with self._database.writing() as session:
                webhooks.arrived(session, webhook_id, call.id, at=at)
        if calls:
            with self._database.writing() as session:
                webhooks.release(session, webhook_id, (), at=at)


__all__ = ["AT_ONCE", "Deliver", "Deliveries"]
