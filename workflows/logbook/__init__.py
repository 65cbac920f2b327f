"""Everything is written down: what was changed, and what was read. Knows no room; ids and scalars, never answers."""

from workflows.logbook.chain import Anchor, VerifyReport, seal, verify
from workflows.logbook.looking import (
    EMERGENCY,
    LOGS,
    Line,
    Place,
    Search,
    by_emergency,
    count,
    ends,
    first_at,
    is_emergency,
    newest,
    reads_of,
)
from workflows.logbook.model import LoggedChange, LoggedRead
from workflows.logbook.nen7513 import EMPTY, action, nen7513, processing
from workflows.logbook.service import Scalar, UnloggedChange, happened, lines, read, salted, times_read, write

__all__ = [
    "EMERGENCY",
    "EMPTY",
    "LOGS",
    "Anchor",
    "Line",
    "LoggedChange",
    "LoggedRead",
    "Place",
    "Scalar",
    "Search",
    "UnloggedChange",
    "VerifyReport",
    "action",
    "by_emergency",
    "count",
    "ends",
    "first_at",
    "happened",
    "is_emergency",
    "lines",
    "nen7513",
    "newest",
    "processing",
    "read",
    "reads_of",
    "salted",
    "seal",
    "times_read",
    "verify",
    "write",
]
