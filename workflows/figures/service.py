"""Keeping what may be told, once per period, and reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.figures.model import PublishedFigures, Topic
from workflows.figures.rules import Told


def publish(
    session: Session,
    topic: Topic,
    told: Told,
    *,
    first_day: date,
    last_day: date,
    smallest: int,
    by: Actor,
    at: datetime,
) -> PublishedFigures:
    """Keep the figures of a period as they are told from now on. What they were counted from is kept nowhere."""
    kept = PublishedFigures(
        topic=topic, first_day=first_day, last_day=last_day, smallest=smallest, told=told.rounded(), published_at=at
    )
    session.add(kept)
    session.flush()
    details: dict[str, logbook.Scalar] = {
        "topic": topic,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
    }
    logbook.write(session, "figures.published", "figures", kept.id, by=by, at=at, details=details)
    return kept


def published(session: Session, topic: Topic) -> Sequence[PublishedFigures]:
    """All periods that were told, newest first. Whether the actor may read them is asked by the caller."""
    query = select(PublishedFigures).where(PublishedFigures.topic == topic)
    return session.scalars(query.order_by(PublishedFigures.first_day.desc())).all()


def latest(session: Session, topic: Topic) -> date | None:
    """The last day that is told about; None: nothing yet."""
    query = select(PublishedFigures.last_day).where(PublishedFigures.topic == topic)
    return session.scalars(query.order_by(PublishedFigures.last_day.desc()).limit(1)).first()
