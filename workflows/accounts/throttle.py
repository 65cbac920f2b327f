"""How often logging in may fail from one address. A measure that fills with failures and empties with time.

Only failures count, so a whole practice behind one address logs in without noticing. When the measure is full the next
attempt waits a few seconds, whoever it is for. The row is in the database: every web process sees the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import settings
from workflows.accounts.model import LoginThrottle


def wait_for(session: Session, key: bytes, *, at: datetime) -> timedelta:
    """How long the next attempt from an address has to wait; nothing as long as the measure is not full.

    Args:
        key: a keyed hash of the address; the address itself is kept nowhere.
    """
    empties_at = session.scalar(select(LoginThrottle.empties_at).where(LoginThrottle.key == key))
    attempts, each = _measure(session, at=at)
    if empties_at is None:
        return timedelta(0)
    return max(timedelta(0), empties_at - at - (attempts - 1) * each)


def note_failure(session: Session, key: bytes, *, at: datetime) -> None:
    """An attempt from an address failed. Measures that are empty are thrown away."""
    _, each = _measure(session, at=at)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(LoginThrottle).values(key=key, empties_at=at).on_conflict_do_nothing())
    row = session.scalars(select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
    row.empties_at = max(row.empties_at, at) + each
    session.flush()
    session.execute(delete(LoginThrottle).where(LoginThrottle.empties_at < at - each, LoginThrottle.key != key))


def _measure(session: Session, *, at: datetime) -> tuple[int, timedelta]:
    on = local_date(at)
    attempts = int(settings.get(session, "login.address_attempts", on=on))
    return attempts, timedelta(seconds=int(settings.get(session, "login.address_seconds", on=on)))
