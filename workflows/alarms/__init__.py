"""Unusual reading, found in the log, and what was lost on the way: each time once, for the log manager of that organisation
to explain.

Knows who works where and whether a case is closed; knows no content, and nobody outside the own organisation sees one.
The findings stand here and not in the logbook: that only grows and holds no words, and a review is words that change.
"""

from workflows.alarms.model import Alarm, AlarmKind, AlarmOutcome, AlarmStatus, outcomes_of
from workflows.alarms.rules import Finding, Limits, Look, Readers, find_unusual
from workflows.alarms.service import (
    LONGEST,
    alarms,
    explain,
    find,
    forget_words,
    look,
    lost_item,
    open_count,
    see,
    touching,
    unusual,
)

__all__ = [
    "LONGEST",
    "Alarm",
    "AlarmKind",
    "AlarmOutcome",
    "AlarmStatus",
    "Finding",
    "Limits",
    "Look",
    "Readers",
    "alarms",
    "explain",
    "find",
    "find_unusual",
    "forget_words",
    "look",
    "lost_item",
    "open_count",
    "outcomes_of",
    "see",
    "touching",
    "unusual",
]
