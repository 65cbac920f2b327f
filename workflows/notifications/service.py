"""Saying that something happened, for whom it is meant, and what somebody read.

What is said in a transaction waits for its end and goes in as one statement, however much it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, event, insert, or_, select, true
from sqlalchemy.orm import Session, SessionTransaction

from workflows import logbook
from workflows.actor import Actor
from workflows.notifications.model import Notification, NotificationKind, NotificationMark

#: A notification about a task; it lives as long as the task waits.
SUBJECT_TASK = "task"
_WAITING = "notifications.waiting"


def notify(
    session: Session,
    kind: NotificationKind,
    *,
    organisation_id: UUID,
    role: str,
    municipality_code: str | None = None,
    person_id: UUID | None = None,
    alone: bool = False,
    subject_kind: str = SUBJECT_TASK,
    subject_id: UUID,
    at: datetime,
) -> None:
    """Let a team, or one person in it, hear of something once this transaction is kept. Whoever acts does not hear of it.

    Args:
        municipality_code: only for who works there; None: for everybody of the team.
        person_id: for whom it is first of all. alone: and for nobody else.
        subject_kind: what it is about, of which *subject_id* is the id; nothing else of it is kept.
    """
    session.info.setdefault(_WAITING, []).append(
        {
            "kind": kind,
            "organisation_id": organisation_id,
            "role": role,
            "municipality_code": municipality_code,
            "person_id": person_id,
            "alone": alone,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "at": at,
        }
    )


def unsay(session: Session, subject_id: UUID) -> None:
    """Nobody needs to hear of it any more: in this very transaction somebody took it up."""
    if waiting := session.info.get(_WAITING):
        session.info[_WAITING] = [row for row in waiting if row["subject_id"] != subject_id]


@event.listens_for(Session, "before_commit", insert=True)  # before the lines of the logs, which go last
def _keep(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if waiting := session.info.pop(_WAITING, None):
        session.flush()
        by = logbook.acted(session)
        once: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in waiting:
            once[tuple(row[name] for name in ("kind", "subject_id", "organisation_id", "role", "person_id"))] = row
        rows = [
            {"id": uuid4(), **row, "by_person_id": by}
            for row in once.values()
            if not (row["alone"] and row["person_id"] == by)
        ]
        if rows:  # inline: who adds it may not read what is for another organisation, so nothing is asked back
            session.execute(insert(Notification.__table__).inline(), rows)  # type: ignore[arg-type]


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)


def meant_for(*, person_id: UUID, organisation_id: UUID, role: str, areas: Collection[str]) -> ColumnElement[bool]:
    """The condition that a notification is for somebody in one role."""
    here = true() if not areas else or_(
        Notification.municipality_code.is_(None), Notification.municipality_code.in_(sorted(areas))
    )  # fmt: skip
    return and_(
        Notification.organisation_id == organisation_id,
        Notification.role == role,
        or_(Notification.person_id == person_id, and_(Notification.alone.is_(False), here)),
        or_(Notification.by_person_id.is_(None), Notification.by_person_id != person_id),
    )


def is_for(one: Notification, *, person_id: UUID, organisation_id: UUID, role: str, areas: Collection[str]) -> bool:
    """The same as :func:`meant_for`, for a notification at hand."""
    if (one.organisation_id, one.role) != (organisation_id, role) or one.by_person_id == person_id:
        return False
    if one.person_id == person_id:
        return True
    return not one.alone and (not areas or one.municipality_code is None or one.municipality_code in areas)


def mark_read(session: Session, ids: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """*by* has read these. Whoever calls this found them for *by*."""
    if by.person_id is None or not ids:
        return
    known = set(
        session.scalars(
            select(NotificationMark.notification_id).where(
                NotificationMark.person_id == by.person_id, NotificationMark.notification_id.in_(list(ids))
            )
        )
    )
    session.add_all(
        NotificationMark(notification_id=one, person_id=by.person_id, read_at=at) for one in set(ids) - known
    )
    session.flush()


def over(session: Session, subject_id: UUID) -> None:
    """What it was about is decided: nobody needs to hear of it any more."""
    told = select(Notification.id).where(Notification.subject_id == subject_id)
    session.execute(delete(NotificationMark).where(NotificationMark.notification_id.in_(told)))
    session.execute(delete(Notification).where(Notification.subject_id == subject_id))


def forget_old(session: Session, *, before: datetime) -> None:
    """What is so old that nobody opens it any more goes, and who read it with it."""
    old = select(Notification.id).where(Notification.at < before)
    session.execute(delete(NotificationMark).where(NotificationMark.notification_id.in_(old)))
    session.execute(delete(Notification).where(Notification.at < before))
