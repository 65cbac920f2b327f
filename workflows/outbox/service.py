"""Putting messages in and taking them out. Each step is a short transaction: nothing is locked while something is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from workflows.outbox.model import Message, MessageStatus

#: Until when who took a message is thought to be busy sending it; twice as long after every attempt, up to an hour.
_BUSY = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)


def put(session: Session, channel: str, payload: Mapping[str, Any], *, at: datetime) -> Message:
    """Have something sent once this transaction is kept. What was sent before over this channel is cleared away.

    Args:
        payload: ids, codes and hashes only.
    """
    session.execute(delete(Message).where(Message.channel == channel, Message.status == MessageStatus.SENT))
    message = Message(channel=channel, payload=dict(payload), created_at=at, due_at=at)
    session.add(message)
    return message


def latest(session: Session, channel: str) -> Message | None:
    """The last message that was put in for a channel."""
    query = select(Message).where(Message.channel == channel).order_by(Message.created_at.desc(), Message.id)
    return session.scalars(query.limit(1)).first()


def due(session: Session, *, channels: Iterable[str], at: datetime, limit: int = 20) -> list[tuple[UUID, str]]:
    """Ids and channels of what waits to be sent over one of *channels*, oldest first; nothing is locked."""
    query = select(Message.id, Message.channel).where(
        Message.status == MessageStatus.PENDING, Message.due_at <= at, Message.channel.in_(list(channels))
    )
    rows = session.execute(query.order_by(Message.created_at, Message.id).limit(limit))
    return [(row.id, row.channel) for row in rows]


def take(session: Session, message_id: UUID, *, at: datetime) -> Message | None:
    """A message to send now; None when somebody else took it. Who took it and dies leaves it for the next attempt."""
    query = select(Message).where(Message.id == message_id).with_for_update(skip_locked=True)
    message = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if message is None or message.status != MessageStatus.PENDING or message.due_at > at:
        return None
    message.due_at = at + min(_BUSY * 2**message.attempts, _LONGEST)
    message.attempts += 1
    return message


def sent(session: Session, message_id: UUID, *, at: datetime) -> None:
    """It left the house."""
    if (message := session.get(Message, message_id)) is not None:
        message.has_left(at)


def failed(session: Session, message_id: UUID, reason: str, *, keep: bool = False) -> None:
    """It did not leave the house; *reason* is the kind of error. *keep*: it is not given up on, however often that was."""
    if (message := session.get(Message, message_id)) is not None:
        message.has_failed(reason, keep=keep)


def retry_all(session: Session, channel: str, *, failed: bool, last_error: str | None, at: datetime) -> int:
    """Try what did not leave over a channel, for one reason, again now; returns how much.

    Args:
        failed: what nobody tries any more; else what would be tried again by itself, later.
    """
    found = list(session.scalars(_same(channel, failed, last_error).with_for_update(skip_locked=True)))
    for message in found:
        message.again(at)
    return len(found)


def drop_all(session: Session, channel: str, *, failed: bool, last_error: str | None) -> int:
    """Do not send it any more; returns how much that was. Nothing of it is kept."""
    found = list(session.scalars(_same(channel, failed, last_error).with_for_update(skip_locked=True)))
    for message in found:
        session.delete(message)
    session.flush()
    return len(found)


def _same(channel: str, failed: bool, last_error: str | None) -> Select[Message]:
    return (
        select(Message)
        .where(
            Message.channel == channel,
            Message.status == (MessageStatus.FAILED if failed else MessageStatus.PENDING),
            Message.last_error.is_not_distinct_from(last_error),
        )
        .order_by(Message.id)
    )


# --- for channels that keep what was sent for a while, and of which each is one receiver's


def put_all(session: Session, messages: Iterable[tuple[str, Mapping[str, Any]]], *, at: datetime) -> list[Message]:
    """Have many things sent, each over its channel; what was sent before stays.

    Args:
        messages: channel and payload: ids, codes and hashes only.
    """
    made = [Message(channel=channel, payload=dict(payload), created_at=at, due_at=at) for channel, payload in messages]
    session.add_all(made)
    session.flush()
    return made


def waiting(session: Session, channel: str, *, at: datetime, limit: int) -> list[UUID]:
    """Ids of what waits to be sent over one channel: what was tried least often first, then the oldest."""
    query = select(Message.id).where(
        Message.channel == channel, Message.status == MessageStatus.PENDING, Message.due_at <= at
    )
    return list(session.scalars(query.order_by(Message.attempts, Message.created_at, Message.id).limit(limit)))


def put_back(session: Session, message_ids: Collection[UUID], *, at: datetime) -> None:
    """Who took these did not come to them: they can go at once."""
    if message_ids:
        for message in session.scalars(select(Message).where(Message.id.in_(list(message_ids)))):
            message.put_back(at)


def recent(session: Session, channel: str, *, limit: int) -> list[Message]:
    """What is kept of one channel, the newest first."""
    query = select(Message).where(Message.channel == channel)
    return list(session.scalars(query.order_by(Message.created_at.desc(), Message.id).limit(limit)))


def again(session: Session, channel: str, message_id: UUID, *, at: datetime) -> bool:
    """Send one message of a channel (once more); False when it is not kept."""
    message = session.scalar(select(Message).where(Message.id == message_id, Message.channel == channel))
    if message is None:
        return False
    message.go_again(at)
    return True


def again_all(session: Session, channel: str, *, at: datetime) -> None:
    """Try everything of a channel that was not sent anew, also what was given up on."""
    unsent = select(Message).where(Message.channel == channel, Message.status != MessageStatus.SENT)
    for message in session.scalars(unsent):
        message.go_again(at)


def discard(session: Session, channel: str) -> None:
    """Keep nothing of a channel."""
    session.execute(delete(Message).where(Message.channel == channel))


def forget(session: Session, channels: str, *, before: datetime) -> None:
    """Keep nothing of before a moment of the channels whose names begin so."""
    session.execute(delete(Message).where(Message.channel.startswith(channels), Message.created_at < before))
