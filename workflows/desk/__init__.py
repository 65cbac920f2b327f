"""What does not go by itself any more, told without a family, and mending it by two people: one asks, another confirms.

Knows the machinery of every room (jobs, the outbox, runs) by kind and count; knows no content, and says of no case which.
"""

from workflows.desk.model import Action, Repair, RepairStatus, Trouble, TroubleKind, TroubleState, Why
from workflows.desk.rules import Cause, cause_of
from workflows.desk.service import (
    ASK_DIRECTOR,
    PATIENCE,
    Figures,
    ask,
    confirm,
    expire,
    figures,
    operates,
    refuse,
    repair,
    repairs,
    troubles,
    waiting,
    withdraw,
)

__all__ = [
    "ASK_DIRECTOR",
    "PATIENCE",
    "Action",
    "Cause",
    "Figures",
    "Repair",
    "RepairStatus",
    "Trouble",
    "TroubleKind",
    "TroubleState",
    "Why",
    "ask",
    "cause_of",
    "confirm",
    "expire",
    "figures",
    "operates",
    "refuse",
    "repair",
    "repairs",
    "troubles",
    "waiting",
    "withdraw",
]
