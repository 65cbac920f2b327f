"""The command ``steun``: for whoever runs an installation. Dutch, or English for a machine that speaks it.

Exit codes: 0 done, 1 the answer is no (findings, a broken logbook), 2 wrongly called, 3 wrong settings,
4 the database or the disk is away, 5 refused, 70 a fault of ours, 130 stopped.

A subject is a module of its own; being imported here is what adds its commands. What they say goes through
``language._``, with the English beside it in ``english.po``.
"""

from __future__ import annotations

from api.cli import backups as backups
from api.cli import description as description
from api.cli import doctor as doctor
from api.cli import drawings as drawings
from api.cli import people as people
from api.cli import proof as proof
from api.cli import running as running
from api.cli import topics as topics
from api.cli import troubles as troubles
from api.cli import upkeep as upkeep
from api.cli.base import main as main
