"""The web server: granian with threads, and the worker beside them (design decision D15)."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from api import create_app, logs, metrics, tracing
from api.config import Settings
from api.transactions import system_clock
from workflows import diagrams
from workflows.db import Database
from workflows.errors import Refusal

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

    together = metrics.count_together() if metrics.are_wanted(settings) else None
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
    if together is not None:
        together.cleanup()
    log.info("serve.stopped")


def load(settings: Settings) -> Any:
    """The application of one web process, with a worker thread beside it; called after the fork."""
    logs.configure(settings.log_level)
    app = create_app(settings)
    if settings.worker:
        stop = _WhenMainEnds()
        database = app.extensions["steun.database"].of_house()
        threading.Thread(target=work, args=(database, settings, stop), name="worker").start()
    if settings.metrics_address:
        told = (app.extensions["steun.metrics"], settings.metrics_address, _WhenMainEnds())
        threading.Thread(target=metrics.listen, args=told, name="metrics", daemon=True).start()
    threading.Thread(target=warm, args=(app.extensions["steun.database"],), name="warm", daemon=True).start()
    log.info("serve.ready", address=f"http://{settings.host}:{settings.port}")
    return app


def warm(database: Database) -> None:
    """Read the current diagrams beforehand, so that the first to come does not wait for it."""
    with suppress(Refusal), database.reading() as session:
        diagrams.load(session, diagrams.current(session))


def work(database: Database, settings: Settings, stop: threading.Event) -> None:
    """The worker's loop, until *stop*."""
    from api import posting, sending
    from workflows import worker
    from workflows.delivering import Deliveries

    senders = sending.senders(settings, database)
    if settings.otel_endpoint:
        senders = tracing.around(senders, settings)
    worker.Worker(database, system_clock, stop, senders, Deliveries(database, posting.deliver(settings))).run()


def tell(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Tell the metrics of a worker without web server, at the address that its own settings name."""
    if settings.metrics_address:
        told = (metrics.Metrics(database, system_clock, ""), settings.metrics_address, stop)
        threading.Thread(target=metrics.listen, args=told, name="metrics", daemon=True).start()


def stop_on_signal(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT end the loop after the job that runs."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())


class _WhenMainEnds(threading.Event):
    """Set when the web process is ending: Python then waits for the worker's thread, which looks at the main one."""

    def is_set(self) -> bool:
        return super().is_set() or not threading.main_thread().is_alive()

    def wait(self, timeout: float | None = None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = 0.5 if deadline is None else min(0.5, deadline - time.monotonic())
            if left <= 0:
                return False
            super().wait(left)
        return True
