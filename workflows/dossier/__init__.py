"""What people said, kept per answer and compartment, never changed afterwards. Knows forms; knows no process."""

from workflows.dossier.model import Entry, EntryValue, value_about
from workflows.dossier.service import (
    UNSAID,
    AnsweredTask,
    EntryView,
    answers_of,
    entries,
    erase_case,
    latest_answers,
    latest_values,
    record,
    withdraw,
)

__all__ = [
    "UNSAID",
    "AnsweredTask",
    "Entry",
    "EntryValue",
    "EntryView",
    "answers_of",
    "entries",
    "erase_case",
    "latest_answers",
    "latest_values",
    "record",
    "value_about",
    "withdraw",
]
