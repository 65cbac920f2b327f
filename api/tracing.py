"""Traces for who follows a request through several systems (OpenTelemetry); an extra, and off unless there is who takes them.

A span says which door, how it ended, how long it took and how often the database was asked. Never an address as it was
typed, a statement, or anything of a person: those are not left out, they are not put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, has_request_context, request

from workflows.worker import Sender

if TYPE_CHECKING:
    from uuid import UUID

    from api.config import Settings

#: All that a span may say.
ATTRIBUTES = frozenset(
    {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "steun.request_id",
        "steun.database.statements",
        "steun.database.seconds",
        "steun.channel",
        "error.type",
    }
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def provider(settings: Settings, exporter: Any = None) -> Any:
    """What makes spans of one process, sent in batches beside the work; *exporter*: to somewhere else."""
    sdk = import_module("opentelemetry.sdk.trace")
    export = import_module("opentelemetry.sdk.trace.export")
    resources = import_module("opentelemetry.sdk.resources")
    made = sdk.TracerProvider(resource=resources.Resource({"service.name": "steun-op-maat"}))
    if exporter is None:
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        made.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter(f"{settings.otel_endpoint}/v1/traces")))
    else:
        made.add_span_processor(export.SimpleSpanProcessor(exporter))
    return made


def register(app: Flask, settings: Settings, *, exporter: Any = None) -> None:
    """A span for each request; who sends a ``traceparent`` sees it as part of theirs."""
    tracer = provider(settings, exporter).get_tracer("steun")
    trace = import_module("opentelemetry.trace")
    context = import_module("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()

    def begin() -> None:
        known = {"traceparent": request.headers.get("traceparent", "")}
        route = str(request.url_rule or "none")
        g.steun_asked = [0, 0.0]
        g.steun_span = tracer.start_span(
            f"{_method()} {route}", context=context.extract(known), kind=trace.SpanKind.SERVER
        )

    def end(response: Response) -> Response:
        span = g.pop("steun_span", None)
        if span is not None:
            statements, seconds = g.steun_asked
            said = {
                "http.request.method": _method(),
                "http.route": str(request.url_rule or "none"),
                "http.response.status_code": response.status_code,
                "steun.request_id": g.get("request_id", ""),
                "steun.database.statements": statements,
                "steun.database.seconds": round(seconds, 6),
            }
            span.set_attributes(said)
            if response.status_code >= 500:
                span.set_status(trace.StatusCode.ERROR)
            span.end()
        return response

    def asked(seconds: float) -> None:
        if has_request_context() and "steun_asked" in g:
            g.steun_asked[0] += 1
            g.steun_asked[1] += seconds

    app.before_request(begin)
    app.after_request(end)
    app.extensions["steun.database"].watch(asked)


def _method() -> str:
    return request.method if request.method in _METHODS else "other"


def around(senders: Mapping[str, Sender], settings: Settings, *, exporter: Any = None) -> dict[str, Sender]:
    """The same, with a span around everything that leaves the house."""
    tracer = provider(settings, exporter).get_tracer("steun")
    return {channel: partial(_send, tracer, channel, send) for channel, send in senders.items()}


def _send(tracer: Any, channel: str, send: Sender, payload: Mapping[str, Any], message_id: UUID) -> None:
    with tracer.start_as_current_span(
        f"send {channel}", attributes={"steun.channel": channel}, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            send(payload, message_id)
        except Exception as error:
            trace = import_module("opentelemetry.trace")
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(trace.StatusCode.ERROR)
            raise
