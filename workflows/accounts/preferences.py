"""What somebody wants from the pages: whether the tour is over, and whether single keys do something. One's own, and nobody
else's to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from workflows.db import Base
from workflows.errors import NotAllowed

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


class Preference(Base):
    """What one person chose; without a row nothing was chosen yet."""

    __tablename__ = "preferences"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    tour_ended_at: Mapped[datetime | None] = mapped_column(comment="followed to its end, or skipped")
    shortcuts: Mapped[bool] = mapped_column(default=True, comment="single keys do something (WCAG 2.1.4)")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What holds for somebody.

    Args:
        tour_over: the tour is not offered by itself any more.
        shortcuts: single keys do something.
    """

    tour_over: bool = False
    shortcuts: bool = True


def preferences_of(session: Session, by: Actor) -> Preferences:
    """What *by* chose, or what holds for who chose nothing."""
    row = session.get(Preference, by.person_id) if by.person_id is not None else None
    return Preferences() if row is None else Preferences(row.tour_ended_at is not None, row.shortcuts)


def end_tour(session: Session, *, by: Actor, at: datetime) -> None:
    """The tour is over for *by*, to its end or not; it can always be opened again."""
    _own(session, by).tour_ended_at = at


def choose_shortcuts(session: Session, wanted: bool, *, by: Actor) -> None:
    """Whether single keys do something for *by*."""
    _own(session, by).shortcuts = wanted


def _own(session: Session, by: Actor) -> Preference:
    """The row of *by*, made when there is none; of two who make it at once one finds that of the other.

    Raises:
        NotAllowed: a program or the house has no preferences.
    """
    if by.person_id is None:
        raise NotAllowed("only a person has preferences")
    found = session.get(Preference, by.person_id, with_for_update=True)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(made := Preference(person_id=by.person_id, shortcuts=True))
            session.flush()
    except IntegrityError:
        return session.get_one(Preference, by.person_id, with_for_update=True)
    return made
