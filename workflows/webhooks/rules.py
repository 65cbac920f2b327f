"""What an address may be, and how what goes there is signed. Pure."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit
from uuid import UUID

Network = IPv4Network | IPv6Network

_LONGEST = 500
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.I)
_PREFIX = "whsec_"
#: Ports on which no program waits for events and some answer to anything.
_LOW = 1024
#: Addresses of IPv6 in which one of IPv4 is hidden, which a translator on the way takes out: NAT64, 6to4, Teredo, and
#: one that is written as the other.
_HIDING = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))


@dataclass(frozen=True, slots=True)
class Call:
    """One message for one address, as it is to be sent: ids and codes.

    Args:
        id: the same whenever it is sent again. secrets: each signs it. subject_kind: what *subject_id* is the id of.
    """

    id: UUID
    url: str
    secrets: tuple[str, ...]
    type: str
    subject_kind: str
    subject_id: UUID
    organisation_id: UUID
    at: datetime


class NotTaken(Exception):
    """An address did not take a message.

    Args:
        code: kind of failure, e.g. ``http_500`` or ``timed_out``; never what the other side said.
        wait_seconds: how long it asked to be left alone.
    """

    def __init__(self, code: str, *, wait_seconds: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.wait_seconds = wait_seconds


def address_faults(url: str, *, allowed: Iterable[Network]) -> list[str]:
    """What is wrong with an address, in Dutch; nothing when it can be sent to. Where its name leads is looked at when
    something is sent.

    Args:
        allowed: networks of the installation's own surroundings that may be reached besides the internet.
    """
    if len(url) > _LONGEST or not url.isascii() or any(sign <= " " or sign == "\x7f" or sign == "\\" for sign in url):
        return [f"Geef een adres van hoogstens {_LONGEST} tekens, zonder spaties of bijzondere tekens."]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ["Dit is geen adres. Een adres ziet er zo uit: https://voorbeeld.nl/steun."]
    if parts.scheme != "https" or not host:
        return ["Begin met https://. Zo kan niemand onderweg meelezen."]
    if parts.username is not None or parts.password is not None:
        return ["Zet geen naam of wachtwoord in het adres. Onze handtekening laat zien dat een bericht van ons komt."]
    if parts.fragment:
        return ["Haal het deel na # weg."]
    if port is not None and port != 443 and port < _LOW:
        return ["Gebruik poort 443, of een poort vanaf 1024."]
    try:
        address = ip_address(host)
    except ValueError:
        return [] if _HOST.fullmatch(host) else ["Geef een volledige naam, zoals voorbeeld.nl."]
    return (
        []
        if may_reach(address, allowed=allowed)
        else ["Dit adres ligt niet op internet. De beheerder van de installatie kan een eigen netwerk toestaan."]
    )


def may_reach(address: IPv4Address | IPv6Address, *, allowed: Iterable[Network]) -> bool:
    """Whether something may be sent there: on the internet, or in a network that the installation allows. Never to the
    machine itself, to its neighbours, or to where a cloud tells its secrets."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return may_reach(address.ipv4_mapped, allowed=allowed)
        if address.scope_id is not None:
            return False
    if any(address in network for network in allowed if network.version == address.version):
        return True
    hidden = isinstance(address, IPv6Address) and any(address in network for network in _HIDING)
    return address.is_global and not address.is_multicast and not address.is_reserved and not hidden


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """Networks as they are written in the settings, e.g. ``10.20.0.0/16``.

    Raises:
        ValueError: one of them is no network.
    """
    return tuple(ip_network(one.strip()) for one in written if one.strip())


def new_secret() -> str:
    """A secret of 256 bits, written as the Standard Webhooks specification writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secrets: Iterable[str], message_id: UUID, seconds: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one for each secret, so that a receiver can change over without missing any.

    Args:
        seconds: since 1970, as ``webhook-timestamp`` says it.

    Source:
        Standard Webhooks 1.0.0, symmetric signatures: HMAC-SHA256 over ``id.timestamp.body``.
    """
    signed = f"{message_id}.{seconds}.".encode() + body
    keys = [base64.b64decode(one.removeprefix(_PREFIX)) for one in secrets]
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)


def clean_label(label: str) -> str:
    """As it is kept."""
    return " ".join(label.split())


def faults(
    label: str, url: str, events: Iterable[str], *, known: Iterable[str], allowed: Iterable[Network]
) -> Mapping[str, list[str]]:
    """Everything that is wrong with what somebody chose, by field, in Dutch."""
    found: dict[str, list[str]] = {}
    clean = clean_label(label)
    if not 0 < len(clean) <= 80 or not clean.isprintable():
        found["label"] = ["Zeg in hoogstens 80 tekens voor welk programma dit is."]
    if wrong := address_faults(url, allowed=allowed):
        found["url"] = wrong
    chosen = set(events)
    if not chosen:
        found["events"] = ["Kies ten minste één soort bericht."]
    elif chosen - set(known):
        found["events"] = ["Deze soort bericht bestaat niet."]
    return found
