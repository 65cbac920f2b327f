"""What leaves the house: kept in the transaction that wants it sent, sent after it. Knows no room and no way of sending."""

from workflows.outbox.model import Message, MessageStatus
from workflows.outbox.service import drop_all, due, failed, latest, put, retry_all, sent, take

__all__ = ["Message", "MessageStatus", "drop_all", "due", "failed", "latest", "put", "retry_all", "sent", "take"]
