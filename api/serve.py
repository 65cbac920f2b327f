"""The web server: granian with threads, and the worker beside them (design decision D15)."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

from api import create_app, logs
from api.config import Settings

log = logs.get(__name__)

#: Granian logs through ours: JSON, like everything else.
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {name: {"handlers": [], "level": "INFO", "propagate": True} for name in ("_granian", "granian.access")},
}


def run(settings: Settings) -> None:
    """Serve until told to stop (SIGTERM, SIGINT); requests that run are finished, and the worker ends its job."""
    from granian import Granian
    from granian.constants import Interfaces

    log.info(
        "serve.starting",
        address=f"http://{settings.host}:{settings.port}",
        mode=settings.mode,
        database="sqlite" if settings.is_sqlite else "postgresql",
        workers=settings.workers,
        threads=settings.threads,
    )
    server = Granian(
        "steun",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_dictconfig=_LOGGING,
    )
    server.serve(target_loader=partial(load, settings), wrap_loader=False)
    log.info("serve.stopped")


def load(settings: Settings) -> Any:
    """The application of one web process, with a worker thread beside it; called after the fork."""
    logs.configure(settings.log_level)
    app = create_app(settings)
    if settings.worker:
        threading.Thread(target=_work, args=(app.extensions["steun.database"],), name="worker").start()
    log.info("serve.ready", address=f"http://{settings.host}:{settings.port}")
    return app


def _work(database: Any) -> None:
    """The worker's loop until this process ends: Python waits for this thread, and this thread watches the main one."""
    from api.work import work

    work(database, go_on=threading.main_thread().is_alive)
