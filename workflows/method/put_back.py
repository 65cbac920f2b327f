"""An installation that was put back from a copy: by what somebody outside comes in there, and ending all of that at once.

What was ended after the copy was made lives again in it. The console alone comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import accounts, cases, logbook, outside, topics
from workflows.actor import OPERATOR


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How many there are of each.

    ``tokens`` act as somebody, ``programs`` do steps of a topic, ``codes`` on paper or by mail give an account a password, and
    ``links`` open what goes to somebody without an account.
    """

    tokens: int
    programs: int
    codes: int
    links: int

    def __bool__(self) -> bool:
        return bool(self.tokens or self.programs or self.codes or self.links)


def ways_in(session: Session, *, at: datetime) -> WaysIn:
    """What opens at *at*."""
    with logbook.deciding(session):  # counted only
        return WaysIn(
            tokens=len(accounts.every_token(session, at=at)),
            programs=len(topics.every_worker(session, at=at)),
            codes=len(accounts.every_code(session, at=at)),
            links=len(outside.that_open(session, at=at)),
        )


def end_ways_in(session: Session, *, at: datetime) -> WaysIn:
    """End all of them; each stands in the logbook. Whoever still needs one is given another.

    Returns:
        how many of each it were.
    """
    with logbook.deciding(session):
        links = outside.that_open(session, at=at)
        for case_id in sorted({one.case_id for one in links}):
            cases.lock(session, case_id)
        links = outside.that_open(session, at=at)
    ended = WaysIn(
        tokens=accounts.end_every_token(session, by=OPERATOR, at=at),
        programs=topics.end_every_worker(session, by=OPERATOR, at=at),
        codes=accounts.end_every_code(session, by=OPERATOR, at=at),
        links=len(links),
    )
    for one in links:
        outside.end(session, one, outside.OutsideEnd.WITHDRAWN, by=OPERATOR, at=at)
    return ended
