"""Cases: status, holder and parties. Does not know tasks, diagrams or what was said."""

from workflows.cases.model import (
    TRANSITIONS,
    Case,
    CaseNumber,
    CaseParty,
    CaseStatus,
    CaseStatusChange,
    Phase,
    Result,
    Urgency,
)

__all__ = [
    "TRANSITIONS",
    "Case",
    "CaseNumber",
    "CaseParty",
    "CaseStatus",
    "CaseStatusChange",
    "Phase",
    "Result",
    "Urgency",
]
