"""Log lines: JSON, one per event, with ids and never a person. What is not on the allow-list does not get out."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

#: The only keys a line may have. Values are ids, codes, counts and times; never what somebody typed.
ALLOWED = frozenset(
    {
        *("event", "level", "timestamp", "logger", "request_id", "origin"),
        *("method", "route", "status", "milliseconds", "problem", "error", "where", "reason"),
        *("case_id", "task_id", "run_id", "job_id", "attachment_id", "kind", "digest", "count", "attempt"),
        *("address", "mode", "database", "version", "workers", "threads", "path", "signal"),
    }
)
#: Libraries whose sentences speak of servers and migrations only; of all others just the name gets out.
QUIET_LIBRARIES = ("granian", "_granian", "alembic")

Event = MutableMapping[str, Any]


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send everything, also what libraries log, to *stream* (standard error) as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _library],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                only_allowed,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("werkzeug", "sqlalchemy", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> Any:
    """A logger; use ``log.info("room.what_happened", case_id=…)``."""
    return structlog.stdlib.get_logger(name)


def only_allowed(_logger: Any, _method: str, event: Event) -> Event:
    """Drop every key that is not on the list: forgetting to allow is harmless, forgetting to forbid is not."""
    return {
        key: value if isinstance(value, int | float | list) else str(value)
        for key, value in event.items()
        if key in ALLOWED
    }


def _exception(_logger: Any, _method: str, event: Event) -> Event:
    """Say which error and where, not its text: a driver puts the values of a row in it."""
    info = event.pop("exc_info", None)
    error = (
        info
        if isinstance(info, BaseException)
        else info[1]
        if isinstance(info, tuple)
        else sys.exc_info()[1]
        if info
        else None
    )
    if error is not None:
        event["error"] = _chain(error)
        event["where"] = _frames(error.__traceback__)
    return event


def _chain(error: BaseException) -> str:
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 8:
        names.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    return " < ".join(names)


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-20:]


def _library(_logger: Any, _method: str, event: Event) -> Event:
    """What another library logs: its name always, its sentence only if that library knows nothing of families."""
    record = event.get("_record")
    name = getattr(record, "name", "")
    event["logger"] = name
    if not name.startswith(QUIET_LIBRARIES):
        event["event"] = "library"
    return event
