"""Removing the oldest lines when their time is over, so that what remains still checks out.

Not for the application: on PostgreSQL it may not delete a line. Whoever owns the database does it at the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from workflows.actor import Actor
from workflows.errors import Invalid
from workflows.logbook.chain import CUT, MINIMUM, TABLES, _canonical_instant
from workflows.logbook.service import write


@dataclass(frozen=True, slots=True)
class Cuttable:
    """The oldest lines of a log: how many, and where they end."""

    log: str
    lines: int
    position: int
    hash: str


def cuttable(session: Session, *, until: datetime) -> list[Cuttable]:
    """What can be removed of each log: the sealed lines from its beginning that all lie before *until*."""
    found = []
    for name, (log, _) in TABLES.items():
        sealed = log.c.position.is_not(None)
        keeps = select(func.min(log.c.position)).where(sealed, (log.c.at >= until) | (log.c.sealed_at >= until))
        first = session.scalar(keeps)
        before = sealed if first is None else sealed & (log.c.position < first)
        lines, last = session.execute(select(func.count(), func.max(log.c.position)).where(before)).one()
        if lines:
            value = session.scalar(select(log.c.hash).where(log.c.position == last))
            found.append(Cuttable(name, lines, last, str(value)))
    return found


def cut(session: Session, *, until: datetime, by: Actor, at: datetime) -> list[Cuttable]:
    """Remove the lines before *until*, and write down of each log where it was cut and with which hash: what remains goes
    on from there. That line is itself sealed, so a beginning that was cut off by somebody else is missed.

    Raises:
        Invalid: less than five years ago (NEN 7513 and its explanation by the AP; domain LR7).
    """
    if until > at - MINIMUM:
        raise Invalid(
            "the logbook is kept for five years at least", errors={"until": ["Bewaar het logboek vijf jaar of langer."]}
        )
    found = cuttable(session, until=until)
    for one in found:
        log = TABLES[one.log][0]
        session.execute(delete(log).where(log.c.position <= one.position))
        write(
            session, CUT, "logbook", one.log, by=by, at=at,
            details={
                "position": one.position, "hash": one.hash, "lines": one.lines, "until": _canonical_instant(until),
            },
        )  # fmt: skip
    return found
