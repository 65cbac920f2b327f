"""Handovers: who offers a case to whom, and what came of it. Does not move the holder and knows no tasks."""

from workflows.handovers.model import (
    TAKEN,
    TRANSITIONS,
    Handover,
    HandoverKind,
    HandoverReason,
    HandoverStatus,
    RefusedReason,
    WarmContactForm,
)
from workflows.handovers.service import (
    accept,
    confirm_contact,
    contacted_since,
    erase,
    expire,
    of_case,
    offer,
    pending,
    pending_to,
    refuse,
    withdraw,
)

__all__ = [
    "TAKEN",
    "TRANSITIONS",
    "Handover",
    "HandoverKind",
    "HandoverReason",
    "HandoverStatus",
    "RefusedReason",
    "WarmContactForm",
    "accept",
    "confirm_contact",
    "contacted_since",
    "erase",
    "expire",
    "of_case",
    "offer",
    "pending",
    "pending_to",
    "refuse",
    "withdraw",
]
