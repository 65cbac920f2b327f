"""What leaves the house: kept in the transaction that wants it sent, sent after it. Knows no room and no way of sending."""

from workflows.outbox.model import Message, MessageStatus
from workflows.outbox.service import due, failed, latest, put, sent, take

__all__ = ["Message", "MessageStatus", "due", "failed", "latest", "put", "sent", "take"]
