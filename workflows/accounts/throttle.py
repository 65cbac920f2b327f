"""How often logging in may fail from one address, and from all together. Measures that fill with failures and empty with time.

Only failures count, so a whole practice behind one address logs in without noticing. When the measure is full the next
attempt waits a few seconds, whoever it is for. The row is in the database: every web process sees the same.

Who tries one password on many logins from many addresses stays below each. So all failures count together as well: when that is
full, every address may fail a few times only, and it is told.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings
from workflows.accounts.model import LoginThrottle
from workflows.actor import Actor

#: The row of all addresses together.
_ALL = hashlib.sha256(b"every address").digest()
#: The measure of all overflows at twice its size, so that it is over soon after it stopped.
_OVERFULL = 2


def wait_for(session: Session, key: bytes, *, at: datetime) -> timedelta:
    """How long the next attempt from an address has to wait; nothing as long as the measure is not full.

    Args:
        key: a keyed hash of the address; the address itself is kept nowhere.
    """
    query = select(LoginThrottle.key, LoginThrottle.empties_at).where(LoginThrottle.key.in_((key, _ALL)))
    empties: dict[bytes, datetime] = {bytes(row.key): row.empties_at for row in session.execute(query)}
    if (empties_at := empties.get(key)) is None:
        return timedelta(0)
    attempts, each = _measure(session, "address", at=at)
    if (all_empty_at := empties.get(_ALL)) is not None and _is_full(session, all_empty_at, at=at):
        attempts = min(attempts, int(settings.get(session, "login.siege_attempts", on=local_date(at))))
    return max(timedelta(0), empties_at - at - (attempts - 1) * each)


def note_failure(session: Session, key: bytes, *, at: datetime) -> bool:
    """An attempt from an address failed. Measures that are empty are thrown away.

    Returns:
        From now on too much fails from all addresses together: somebody tries passwords on many logins.
    """
    _, each = _measure(session, "address", at=at)
    _pour(session, key, each, at=at)
    everywhere, all_each = _measure(session, "region", at=at)
    before, after = _pour(session, _ALL, all_each, at=at, most=_OVERFULL * everywhere * all_each)
    session.execute(delete(LoginThrottle).where(LoginThrottle.empties_at < at - each, LoginThrottle.key != key))
    sprayed = before < everywhere * all_each <= after
    if sprayed:
        by = Actor(None, None, None, "system", origin="page")
        logbook.write(session, "login.sprayed", "region", "all", by=by, at=at, outcome="refused")
    return sprayed


def _pour(
    session: Session, key: bytes, each: timedelta, *, at: datetime, most: timedelta | None = None
) -> tuple[timedelta, timedelta]:
    """Put one failure in a measure; how full it was, and is."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(LoginThrottle).values(key=key, empties_at=at).on_conflict_do_nothing())
    row = session.scalars(select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
    before = max(row.empties_at, at) - at
    after = before + each if most is None else min(before + each, most)
    row.empties_at = at + after
    session.flush()
    return before, after


def _is_full(session: Session, empties_at: datetime, *, at: datetime) -> bool:
    attempts, each = _measure(session, "region", at=at)
    return empties_at - at >= attempts * each


def _measure(session: Session, of: str, *, at: datetime) -> tuple[int, timedelta]:
    on = local_date(at)
    attempts = int(settings.get(session, f"login.{of}_attempts", on=on))
    return attempts, timedelta(seconds=int(settings.get(session, f"login.{of}_seconds", on=on)))
