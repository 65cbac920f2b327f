"""When somebody gets a mail, and what an address looks like. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from engine.clock import AMSTERDAM, is_working_day, local_date
from workflows.notifications.model import MailWish, NotificationKind

#: What somebody gets who confirmed an address and chose nothing: what cannot wait at once, the rest together.
DEFAULT_WISHES: Mapping[NotificationKind, MailWish] = {
    **dict.fromkeys(NotificationKind, MailWish.DAILY),
    NotificationKind.OWN_TASK: MailWish.DIRECT,
    NotificationKind.HANDED: MailWish.DIRECT,
    NotificationKind.LATE: MailWish.DIRECT,
    NotificationKind.HANDOVER: MailWish.DIRECT,
    NotificationKind.HANDOVER_BACK: MailWish.DIRECT,
    NotificationKind.ALARM: MailWish.DIRECT,
    NotificationKind.WEBHOOK_PAUSED: MailWish.DIRECT,
    NotificationKind.ACCESS_REVIEW: MailWish.DIRECT,
    NotificationKind.REPAIR_ASKED: MailWish.DIRECT,
}
#: Kinds that only who looks after the log hears of, and the roles that do.
_LOG_ROLES = frozenset({"log_manager", "dpo"})
_ADMINISTRATORS = frozenset({"administrator", "local_administrator"})
#: Kinds that only these roles hear of; of the others everybody can.
_ONLY: Mapping[NotificationKind, frozenset[str]] = {
    NotificationKind.ALARM: _LOG_ROLES,
    NotificationKind.WEBHOOK_PAUSED: _ADMINISTRATORS,
    NotificationKind.ACCESS_REVIEW: _ADMINISTRATORS,
    NotificationKind.REPAIR_ASKED: frozenset({"administrator"}),
}

_LONGEST = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the region says about mail.

    Args:
        digest_hour: local hour of the mail that comes once a day. mails_per_hour: as many a person gets at most.
    """

    digest_hour: int
    mails_per_hour: int


def is_address(given: str) -> bool:
    """Whether it can be a mail address, of one person, with nothing in it that a mail server reads as something else."""
    local = given.partition("@")[0]
    return len(given) <= _LONGEST and len(local) <= 64 and _ADDRESS.fullmatch(given) is not None


def offered(roles: Iterable[str]) -> tuple[NotificationKind, ...]:
    """The kinds that somebody in these roles can hear of, in the order of a page."""
    has = frozenset(roles)
    return tuple(kind for kind in NotificationKind if kind not in _ONLY or not _ONLY[kind].isdisjoint(has))


def wishes_of(kept: Mapping[str, Any]) -> dict[NotificationKind, MailWish]:
    """What somebody chose, and for what came later what everybody gets."""
    known = set(MailWish)
    return {
        kind: MailWish(kept[kind]) if kept.get(kind) in known else DEFAULT_WISHES[kind] for kind in NotificationKind
    }


def mail_moment(wish: MailWish, *, at: datetime, sent_at: datetime | None, limits: Limits) -> datetime | None:
    """When a mail about something that happens at *at* may leave; None: never.

    Args:
        sent_at: when the last mail to this person left. Direct mails keep a distance, and what comes between goes together.
    """
    if wish == MailWish.NONE:
        return None
    if wish == MailWish.DAILY:
        return next_digest(at, hour=limits.digest_hour)
    gap = timedelta(minutes=60 / max(1, limits.mails_per_hour))
    return at if sent_at is None else max(at, sent_at + gap)


def next_digest(at: datetime, *, hour: int) -> datetime:
    """The first moment after *at* at a local hour of a working day."""
    on = local_date(at)
    while True:
        moment = datetime.combine(on, time(hour), AMSTERDAM)
        if moment > at and is_working_day(on):
            return moment
        on += timedelta(days=1)
