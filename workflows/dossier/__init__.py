"""What people said, kept per answer and compartment, never changed afterwards. Knows forms; knows no process."""

from workflows.dossier.model import Entry, EntryValue
from workflows.dossier.service import (
    AnsweredTask,
    EntryView,
    answers_of,
    entries,
    erase_case,
    latest_answers,
    latest_values,
    record,
)

__all__ = [
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
]
