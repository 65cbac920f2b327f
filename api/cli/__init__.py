"""The command ``steun``: for whoever runs an installation. Dutch, because an operator reads it.

Exit codes: 0 done, 1 the answer is no (findings, a broken logbook), 2 wrongly called, 3 wrong settings,
4 the database is away, 5 refused.

A subject is a module of its own; being imported here is what adds its commands.
"""

from __future__ import annotations

from api.cli import backups as backups
from api.cli import description as description
from api.cli import drawings as drawings
from api.cli import people as people
from api.cli import proof as proof
from api.cli import running as running
from api.cli import upkeep as upkeep
from api.cli.base import main as main
