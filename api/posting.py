"""Sending an event to an address that somebody else chose: signed, within time, and never to where it may not go.

The name of the address is looked up here, each of its addresses is judged, and the connection goes to the one that was
judged: a name that leads elsewhere a moment later changes nothing. No proxy, no redirect, and nothing of the answer is
kept but its status.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from api.config import Settings
from workflows import webhooks
from workflows.delivering import Deliver
from workflows.webhooks import Call, NotTaken

#: Seconds to connect, and for all of it together.
CONNECT = 5.0
LONGEST = 15.0
#: Reversed name of whose events these are, before the type.
TYPES = "nl.steunopmaat."
#: Where what an event is about can be asked, by what it is.
_PATHS: Mapping[str, str] = {"task": "tasks", "case": "cases", "handover": "handovers", "webhook": "webhooks"}
#: As long as a receiver may ask to be left alone.
_LONGEST_WAIT = 3600


def deliver(settings: Settings) -> Deliver:
    """How this installation sends events to programs that listen."""
    return partial(post, settings)


def event_of(call: Call, *, source: str) -> dict[str, Any]:
    """What is sent, as a CloudEvent: which kind of thing happened to what. Whoever may know more asks for it.

    Args:
        source: address of this installation.

    Source:
        CloudEvents 1.0.2, structured content mode.
    """
    data = {"organisation_id": str(call.organisation_id)}
    if call.subject_kind != "webhook":
        data[f"{call.subject_kind}_id"] = str(call.subject_id)
    return {
        "specversion": "1.0",
        "id": str(call.id),
        "source": f"{source}/api/v1" if source else "/api/v1",
        "type": TYPES + call.type,
        "subject": f"{_PATHS[call.subject_kind]}/{call.subject_id}",
        "time": call.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }


def post(settings: Settings, call: Call, *, clock: Callable[[], float] = time.time, longest: float = LONGEST) -> None:
    """Send one event.

    Args:
        clock: seconds since 1970; a receiver refuses what was signed long ago. longest: seconds for all of it.

    Raises:
        NotTaken: it was not taken, with why.
    """
    body = json.dumps(event_of(call, source=settings.public_url), separators=(",", ":"), sort_keys=True).encode()
    seconds = int(clock())
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "steun-op-maat",
        "Connection": "close",
        "webhook-id": str(call.id),
        "webhook-timestamp": str(seconds),
        "webhook-signature": webhooks.signature(call.secrets, call.id, seconds, body),
    }
    try:
        status, wait = _send(settings, call.url, body, headers, longest)
    except NotTaken:
        raise
    except socket.gaierror:
        raise NotTaken("unknown_host") from None
    except ssl.SSLError:
        raise NotTaken("tls") from None
    except TimeoutError:
        raise NotTaken("timed_out") from None
    except HTTPException:
        raise NotTaken("no_http") from None
    except OSError:
        raise NotTaken("unreachable") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotTaken("redirected")
    raise NotTaken("gone" if status == 410 else f"http_{status}", wait_seconds=wait)


def _send(
    settings: Settings, url: str, body: bytes, headers: Mapping[str, str], longest: float
) -> tuple[int, int | None]:
    allowed = settings.webhook_allowed
    if webhooks.address_faults(url, allowed=allowed):  # the settings may have changed since it was chosen
        raise NotTaken("address_refused")
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not all(webhooks.may_reach(ip_address(where[4][0]), allowed=allowed) for where in found):
        raise NotTaken("address_refused")
    plain = _connect(found)
    plain.settimeout(longest)
    late: list[bool] = []
    descriptor = os.dup(plain.fileno())  # wrapping it for TLS takes the first over
    watch = Timer(longest, _cut, (descriptor, late))
    watch.daemon = True
    watch.start()
    try:
        with _context(settings.webhook_ca).wrap_socket(plain, server_hostname=host) as secured:
            talk = HTTPConnection(host, port)
            talk.sock = secured
            path = parts.path or "/"
            talk.request("POST", f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
            answer = HTTPResponse(secured, method="POST")
            try:
                answer.begin()
                return answer.status, _wait(answer.getheader("Retry-After"))
            finally:
                answer.close()
    except OSError:
        if late:
            raise TimeoutError from None
        raise
    except HTTPException:
        if late:
            raise TimeoutError from None
        raise
    finally:
        watch.cancel()
        watch.join()
        os.close(descriptor)
        plain.close()


def _connect(found: list[Any]) -> socket.socket:
    """To the first address that answers, of those that were judged."""
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, where in found[:4]:
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(CONNECT)
        try:
            plain.connect(where)
        except OSError as error:
            plain.close()
            failed = error
        else:
            return plain
    raise failed


def _cut(descriptor: int, late: list[bool]) -> None:
    """Whoever answers a sign at a time is cut off: each sign would begin the patience of a socket anew."""
    late.append(True)
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as same:
        same.shutdown(socket.SHUT_RDWR)


def _wait(written: str | None) -> int | None:
    """Seconds that a receiver asks to be left alone; a date, or what is no number, counts as not asked."""
    return min(int(written), _LONGEST_WAIT) if written and written.isascii() and written.isdigit() else None


@cache
def _context(authorities: str) -> ssl.SSLContext:
    """With whom we talk is checked, against the authorities of the machine and those that the installation adds."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities:
        made.load_verify_locations(authorities)
    return made
