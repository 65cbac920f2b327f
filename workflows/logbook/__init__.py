"""Everything is written down: what was changed, and what was read. Knows no room; ids and scalars, never answers."""

from workflows.logbook.chain import Anchor, VerifyReport, seal, verify
from workflows.logbook.model import LoggedChange, LoggedRead
from workflows.logbook.service import UnloggedChange, happened, lines, read, salted, write

__all__ = [
    "Anchor",
    "LoggedChange",
    "LoggedRead",
    "UnloggedChange",
    "VerifyReport",
    "happened",
    "lines",
    "read",
    "salted",
    "seal",
    "verify",
    "write",
]
