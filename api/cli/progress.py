"""How far long work is: a bar for somebody who looks on, and nothing for a file, a pipe or a program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(title: str, total: int | None, *, quiet: bool, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """Gives what hears each step; draws on standard error, and only when that is a terminal.

    Args:
        total: how much there is to do; None when nobody knows.
        quiet: a program is reading what we say.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    counted = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), counted, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda step: progress.advance(task, step)
