"""Everything is written down: what was changed, and what was read. Knows no room; ids and scalars, never answers."""

from workflows.logbook.chain import Anchor, VerifyReport, seal, verify
from workflows.logbook.model import LoggedChange, LoggedRead
from workflows.logbook.nen7513 import EMPTY, action, nen7513, processing
from workflows.logbook.service import UnloggedChange, happened, lines, read, salted, write

__all__ = [
    "EMPTY",
    "Anchor",
    "LoggedChange",
    "LoggedRead",
    "UnloggedChange",
    "VerifyReport",
    "action",
    "happened",
    "lines",
    "nen7513",
    "processing",
    "read",
    "salted",
    "seal",
    "verify",
    "write",
]
