"""Figures for who watches over the machine (Prometheus): how often, how long, and what does not go. Counts and codes only.

They are counted in files when there are several processes, so that whoever answers tells of all of them; what stands in
the database is asked when somebody looks. Nothing is counted, and nothing answers, unless the operator wants it.
"""

from __future__ import annotations

import errno
import hmac
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Blueprint, current_app, request

from api import logs
from workflows import desk
from workflows.db import Database
from workflows.errors import Refusal

if TYPE_CHECKING:
    from api.config import Settings

log = logs.get(__name__)
blueprint = Blueprint("metrics", __name__)

#: Where processes count together; prometheus-client reads it when it is loaded.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Seconds that what was asked of the database is told again, however many look.
_FRESH = 10.0
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Name → what it says, and its labels. What is asked of the database when somebody looks.
GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "steun_database_up": ("1 when the database answers", ()),
    "steun_jobs": ("work of the worker: waiting, retrying or failed", ("kind", "state")),
    "steun_jobs_oldest_due_seconds": ("how long the oldest work waits for a worker", ()),
    "steun_messages": ("what has to leave the house: waiting or failed", ("channel", "state")),
    "steun_messages_oldest_seconds": ("how long the oldest of them waits", ("channel",)),
    "steun_log_lines_unsealed": ("lines of the logbook without a place in the chain", ("log",)),
    "steun_log_oldest_unsealed_seconds": ("how old the oldest of them is", ()),
    "steun_log_lines_unsent": ("sealed lines that another system has not taken", ("log",)),
    "steun_stuck": ("processes and cases in which nothing waits; there should be none", ("kind",)),
    "steun_tasks_open": ("tasks that wait for somebody", ()),
    "steun_tasks_late": ("of these, past their term", ()),
    "steun_repairs_asked": ("what waits for a second person to confirm", ()),
}
#: Counted while requests are answered.
COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "steun_requests_total": ("requests that were answered", ("method", "route", "status")),
    "steun_request_seconds": ("how long they took", ("route",)),
}


def count_together() -> tempfile.TemporaryDirectory[str] | None:
    """Before processes are made that count together: a folder for it, for as long as the answer is kept."""
    if os.environ.get(FOLDER):
        return None
    folder = tempfile.TemporaryDirectory(prefix="steun-metrics-")
    os.environ[FOLDER] = folder.name
    return folder


class Metrics:
    """What one process counts, and what it tells of all."""

    def __init__(self, database: Database, clock: Callable[[], datetime], token: str) -> None:
        self._prometheus: Any = import_module("prometheus_client")
        self._database = database.of_house()
        self._clock = clock
        self._token = token
        self._own = self._prometheus.CollectorRegistry()
        text, labels = COUNTERS["steun_requests_total"]
        here = {"registry": self._own}
        self._requests = self._prometheus.Counter("steun_requests", text, labels, **here)
        text, labels = COUNTERS["steun_request_seconds"]
        self._seconds = self._prometheus.Histogram("steun_request_seconds", text, labels, buckets=_BUCKETS, **here)
        self._lock = threading.Lock()
        self._asked: tuple[float, desk.Figures | None] | None = None

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; *route* is the address as it is drawn, without what was filled in."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def knows(self, given: str) -> bool:
        """Whether who asks may look."""
        return bool(self._token) and hmac.compare_digest(self._token.encode(), given.encode())

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        told = self._prometheus.CollectorRegistry()
        if os.environ.get(FOLDER):
            import_module("prometheus_client.multiprocess").MultiProcessCollector(told)
        else:
            told.register(self._own)
        told.register(self)
        found: bytes = self._prometheus.generate_latest(told)
        return found

    def collect(self) -> Iterator[Any]:
        """What stands in the database, for ``prometheus_client``."""
        values = _values(self._figures())
        family = import_module("prometheus_client.core").GaugeMetricFamily
        for name, (text, labels) in GAUGES.items():
            if name in values:
                gauge = family(name, text, labels=labels)
                for of, value in values[name].items():
                    gauge.add_metric(of, value)
                yield gauge

    def describe(self) -> Iterable[Any]:
        """Nothing is asked when this is registered."""
        return ()

    def _figures(self) -> desk.Figures | None:
        with self._lock:
            if self._asked is None or time.monotonic() - self._asked[0] > _FRESH:
                try:
                    with self._database.reading() as session:
                        found: desk.Figures | None = desk.figures(session, at=self._clock())
                except Refusal:
                    found = None
                except Exception as error:  # who watches has to hear of it, and may not be left without an answer
                    log.error("metrics.failed", error=type(error).__name__)
                    found = None
                self._asked = (time.monotonic(), found)
            return self._asked[1]


def _values(found: desk.Figures | None) -> dict[str, dict[tuple[str, ...], float]]:
    if found is None:
        return {"steun_database_up": {(): 0}}
    states = {"waiting": found.jobs_waiting, "retrying": found.jobs_retrying, "failed": found.jobs_failed}
    sent = {"waiting": found.messages_waiting, "failed": found.messages_failed}

    def by(counts: Mapping[str, float]) -> dict[tuple[str, ...], float]:
        return {(name,): value for name, value in sorted(counts.items())}

    return {
        "steun_database_up": {(): 1},
        "steun_jobs": {(kind, state): many for state, of in states.items() for kind, many in sorted(of.items())},
        "steun_jobs_oldest_due_seconds": {(): found.oldest_due_seconds},
        "steun_messages": {(name, state): many for state, of in sent.items() for name, many in sorted(of.items())},
        "steun_messages_oldest_seconds": by(found.oldest_message_seconds),
        "steun_log_lines_unsealed": by(found.lines_unsealed),
        "steun_log_oldest_unsealed_seconds": {(): found.oldest_unsealed_seconds},
        "steun_log_lines_unsent": by(found.lines_unsent),
        "steun_stuck": by(found.stuck),
        "steun_tasks_open": {(): found.tasks_open},
        "steun_tasks_late": {(): found.tasks_late},
        "steun_repairs_asked": {(): found.repairs_asked},
    }


@blueprint.get("/metrics")
def metrics() -> tuple[bytes, int, dict[str, str]]:
    """For Prometheus, with the token of the installation; without one in the settings this address is not there."""
    found: Metrics = current_app.extensions["steun.metrics"]
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not found.knows(given.strip()):
        return b"", 401, {"Content-Type": "text/plain", "WWW-Authenticate": "Bearer"}
    return found.text(), 200, {"Content-Type": CONTENT_TYPE}


def listen(found: Metrics, address: str, stop: threading.Event) -> None:
    """Tell it at an address of its own, for as long as this process lives. Where several have the same address one of them
    answers, and another takes over when it ends."""
    host, _, port = address.rpartition(":")
    while not stop.is_set():
        try:
            server = make_server(host, int(port), _answers(found), server_class=_Server, handler_class=_Quiet)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                log.error("metrics.no_address", error=type(error).__name__)
                return
            stop.wait(5)
            continue
        with server:
            threading.Thread(target=server.serve_forever, args=(0.5,), name="metrics", daemon=True).start()
            log.info("metrics.ready", address=address)
            stop.wait()
            server.shutdown()


def _answers(found: Metrics) -> Any:
    def answer(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/metrics" or environ.get("REQUEST_METHOD") != "GET":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        body = found.text()
        start("200 OK", [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))])
        return [body]

    return answer


class _Server(WSGIServer):
    """An address that another process has is in use, also when it was told that it could be shared."""

    allow_reuse_port = False


class _Quiet(WSGIRequestHandler):
    """Who looks every fifteen seconds fills no log."""

    timeout = 10

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def are_wanted(settings: Settings) -> bool:
    """Whether the operator wants anything to be counted."""
    return bool(settings.metrics_token or settings.metrics_address)
