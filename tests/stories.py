"""What many tests begin with is played by the rooms a few times in a process, and laid down as it was left after that.

A story is a method of a world: its ``__init__``, or one that brings a family somewhere. Laid down is all of the database and
all that the world knows, and only where nobody wrote anything since the story before it (or since the database was new),
with the same arguments, at the same moment, and where nobody counts what is asked of the database. So no test can see of
another what it could not have played itself.
"""

from __future__ import annotations

import atexit
import functools
import pickle
import shutil
import sqlite3
import tempfile
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy.engine import URL

from tests import postgres
from workflows.db import READS, Database

Method = TypeVar("Method", bound=Callable[..., Any])

#: Per database: what it looked like when a story ended, and which one that was.
_stands: dict[str, tuple[Hashable, Hashable]] = {}
_asked: Counter[Hashable] = Counter()
_kept: OrderedDict[Hashable, tuple[Hashable, Any, bytes]] = OrderedDict()
#: As many as there is memory for; a megabyte each.
_MOST = 60
_folder = Path(tempfile.gettempdir()) / f"steun-stories-{uuid4().hex}"
atexit.register(shutil.rmtree, _folder, ignore_errors=True)


def begin(url: URL, template: Hashable) -> None:
    """A new database like *template*: stories can be laid down in it."""
    _stands[str(url.database)] = (_look(url), template)


def forget(url: URL) -> None:
    """The database is gone."""
    _stands.pop(str(url.database), None)


def told(method: Method) -> Method:
    """Play *method* of a world, or lay down what it left."""

    @functools.wraps(method)
    def tell(self: Any, *arguments: Any, **more: Any) -> Any:
        given = (*arguments, *more.values())
        database = next((one for one in given if isinstance(one, Database)), None) or self.database
        clock = next((one for one in given if hasattr(one, "forward")), None) or getattr(self, "clock", None)
        own = repr([one for one in given if one is not database and one is not clock]) + repr([*more])
        look, story = _stands.get(str(database.url.database), (None, None))
        watched = bool(database.engine.dispatch.before_cursor_execute)  # a test counts what is asked of the database
        if look is None or look != _look(database.url) or not hasattr(clock, "now") or " at 0x" in own or watched:
            _stands.pop(str(database.url.database), None)
            return method(self, *arguments, **more)
        key = (story, type(self), method, own, clock.now)
        if key in _kept:
            _kept.move_to_end(key)
            story, rows, known = _kept[key]
            _lay_down(database.url, rows)
            mine, clock.now, result = pickle.loads(known)
            vars(self).update(mine)
            for name, value in (("database", database), ("clock", clock)):
                setattr(self, name, value)
        else:
            result = method(self, *arguments, **more)
            story = uuid4()  # nobody else's, unless it is kept
            _asked[key] += 1
            if _asked[key] > 1:  # what one test plays is not worth keeping
                _keep(key, story, database.url, self, clock, result)
        _stands[str(database.url.database)] = (_look(database.url), story)
        return result

    return tell  # type: ignore[return-value]


def _keep(key: Hashable, story: Hashable, url: URL, world: Any, clock: Any, result: Any) -> None:
    mine = {name: value for name, value in vars(world).items() if name not in ("database", "clock")}
    try:
        known = pickle.dumps((mine, clock.now, result))
    except (pickle.PicklingError, TypeError, AttributeError):
        return  # knows something that cannot be laid down
    _kept[key] = story, _take(url), known
    if len(_kept) > _MOST:
        _, (_, rows, _) = _kept.popitem(last=False)
        if isinstance(rows, Path):
            shutil.rmtree(rows, ignore_errors=True)


def _files(url: URL) -> list[Path]:
    return [Path(f"{url.database}"), Path(f"{url.database}.{READS}")]


def _look(url: URL) -> Hashable:
    """Is another after anybody wrote anything."""
    if url.get_backend_name() != "sqlite":
        return postgres.server().written()
    found: list[Hashable] = []
    for file in _files(url):
        journal = Path(f"{file}-wal")
        if journal.exists() and journal.stat().st_size:
            with Path(f"{file}-shm").open("rb") as index:
                found.append(index.read(48))  # counts what was committed
        stat = file.stat()
        found.append((stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _take(url: URL) -> Any:
    if url.get_backend_name() != "sqlite":
        return postgres.server().rows_of(str(url.database))
    folder = _folder / uuid4().hex
    folder.mkdir(parents=True)
    for number, file in enumerate(_files(url)):
        _copy(file, folder / str(number))
    return folder


def _lay_down(url: URL, rows: Any) -> None:
    if isinstance(rows, Path):
        for number, file in enumerate(_files(url)):
            _copy(rows / str(number), file)
    else:
        postgres.server().put_rows(str(url.database), rows)


def _copy(source: Path, target: Path) -> None:
    """Of a database that others may have open."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        other.execute("PRAGMA synchronous=OFF")
        one.backup(other, progress=_patience())


def _patience() -> Callable[[int, int, int], None]:
    """A copy waits for who is writing for as long as it takes; who never ends is told."""
    left = iter(range(100))  # a quarter of a second each

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and next(left, None) is None:
            raise TimeoutError("somebody keeps this database busy")

    return look
