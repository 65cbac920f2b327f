"""Safety concerns of one organisation. Nothing of it reaches a diagram of the case or another organisation."""

from workflows.safety.model import SafetyFile, SafetyLevel, SafetyNote, SafetyStatus
from workflows.safety.rules import FIELD, Phone, SafetyNotice, level_of
from workflows.safety.service import (
    answer,
    close,
    file,
    files_on,
    find,
    keeps_case,
    kept_out,
    lock,
    notes,
    notice,
    open_file,
    raise_concern,
)

__all__ = [
    "FIELD",
    "Phone",
    "SafetyFile",
    "SafetyLevel",
    "SafetyNote",
    "SafetyNotice",
    "SafetyStatus",
    "answer",
    "close",
    "file",
    "files_on",
    "find",
    "keeps_case",
    "kept_out",
    "level_of",
    "lock",
    "notes",
    "notice",
    "open_file",
    "raise_concern",
]
