"""Which rules of access these are: a digest, so that a line in the logbook can say by which ones it was decided."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest(folder: Path) -> str:
    """sha256 (its first sixteen digits) over the text of this package: the matrix, the rules, and the grounds with their data.

    Over the text and not over the tables, because how a rule is weighed decides as much as what the tables say. A line that
    was written under another digest keeps it: it is in what the line was sealed with.
    """
    found = hashlib.sha256()
    for path in sorted((*folder.glob("*.py"), *folder.glob("*.toml"))):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


#: Of the rules that this process decides by.
POLICY = digest(Path(__file__).parent)
