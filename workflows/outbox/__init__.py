"""What leaves the house: kept in the transaction that wants it sent, sent after it. Knows no room and no way of sending."""

from workflows.outbox.model import ATTEMPTS, Message, MessageStatus
from workflows.outbox.service import (
    again,
    again_all,
    discard,
    drop_all,
    due,
    failed,
    forget,
    latest,
    put,
    put_all,
    put_back,
    recent,
    retry_all,
    sent,
    take,
    waiting,
)

__all__ = [
    "ATTEMPTS",
    "Message",
    "MessageStatus",
    "again",
    "again_all",
    "discard",
    "drop_all",
    "due",
    "failed",
    "forget",
    "latest",
    "put",
    "put_all",
    "put_back",
    "recent",
    "retry_all",
    "sent",
    "take",
    "waiting",
]
