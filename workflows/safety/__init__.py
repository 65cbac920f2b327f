"""Safety concerns of one organisation. Nothing of it reaches a diagram of the case or another organisation."""

from workflows.safety.model import SafetyFile, SafetyLevel, SafetyNote, SafetyStatus
from workflows.safety.rules import FIELD, Phone, SafetyNotice, level_of
from workflows.safety.service import (
    Concern,
    close,
    find,
    has_open_file,
    keeps_case,
    lock,
    notes,
    notice,
    raise_concern,
)

__all__ = [
    "FIELD",
    "Concern",
    "Phone",
    "SafetyFile",
    "SafetyLevel",
    "SafetyNote",
    "SafetyNotice",
    "SafetyStatus",
    "close",
    "find",
    "has_open_file",
    "keeps_case",
    "level_of",
    "lock",
    "notes",
    "notice",
    "raise_concern",
]
