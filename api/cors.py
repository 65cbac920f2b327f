"""Which other websites may call the API from a browser: none, unless this installation names them.

A cookie of ours is never accepted from there (no ``Allow-Credentials``): such a page brings a bearer token.
"""

from __future__ import annotations

from flask import Flask, Response, request

from api.config import Settings
from api.problems import is_api

#: What a page elsewhere may send and read. Whatever is not named, a browser keeps from it.
SENDS = ("Authorization", "Content-Type", "If-Match", "Idempotency-Key")
READS = (
    *("API-Version", "ETag", "Link", "Location", "Retry-After", "Deprecation", "Sunset", "Idempotency-Replayed"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"),
)


def register(app: Flask, settings: Settings) -> None:
    """Answer the browsers of the origins in ``STEUN_CORS_ORIGINS``."""
    allowed = frozenset(settings.cors_origins)

    def say(response: Response) -> Response:
        if not allowed or not is_api():
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if origin not in allowed:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = ", ".join(READS)
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(response.allow or {"GET"}))
            response.headers["Access-Control-Allow-Headers"] = ", ".join(SENDS)
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    app.after_request(say)
