"""Choosing, sending and looking back. Who manages the addresses of an organisation is its own administrator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from workflows import access, logbook, notifications, outbox, vault
from workflows.actor import WORKER, Actor
from workflows.errors import Invalid, NotFound, TooOften, WrongState
from workflows.notifications import NotificationKind
from workflows.outbox import Message, MessageStatus
from workflows.webhooks.model import (
    BUSY,
    OVERLAP,
    EventPosition,
    EventType,
    PauseReason,
    Webhook,
    WebhookStatus,
)
from workflows.webhooks.rules import Call, Network, NotTaken, clean_label, faults, new_secret

#: How many addresses an organisation has at most, and how long what waits or was sent is kept.
MOST = 10
KEPT_DAYS = 30
#: How many messages go to one address in a row.
_AT_ONCE = 10
_LOG = "changes"
#: How the channels of the outbox begin that are an address's own: how these go is for its administrator to see.
CHANNELS = "webhook:"
#: What somebody can choose.
CHOSEN = tuple(kind for kind in EventType if kind != EventType.TEST)
#: Tries that may wait at one address.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message."""

    id: UUID
    type: str
    created_at: datetime
    status: str
    attempts: int
    error: str | None
    sent_at: datetime | None


# --- choosing


def own_all(session: Session, *, by: Actor, at: datetime) -> list[Webhook]:
    """The addresses of the organisation of *by*, oldest first, without those that ended.

    Raises:
        NotAllowed: *by* is no administrator.
    """
    _require(by, at)
    query = select(Webhook).where(Webhook.organisation_id == by.organisation_id, Webhook.status != WebhookStatus.ENDED)
    return list(session.scalars(query.order_by(Webhook.created_at, Webhook.id)))


def own(session: Session, webhook_id: UUID, *, by: Actor, at: datetime, lock: bool = False) -> Webhook:
    """One address of the own organisation.

    Raises:
        NotAllowed: *by* is no administrator. NotFound: no such address, ended, or of another organisation.
    """
    _require(by, at)
    query = select(Webhook).where(
        Webhook.id == webhook_id,
        Webhook.organisation_id == by.organisation_id,
        Webhook.status != WebhookStatus.ENDED,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"no webhook {webhook_id}")
    return found


def create(
    session: Session,
    *,
    label: str,
    url: str,
    events: Sequence[str],
    allowed: Iterable[Network] = (),
    by: Actor,
    at: datetime,
) -> tuple[Webhook, str]:
    """Let an address hear what happens in the organisation of *by* from now on.

    Args:
        allowed: networks that may be reached besides the internet.

    Returns:
        the address, and the secret that signs, which is shown this once.

    Raises:
        NotAllowed: *by* is no administrator. Invalid: the address, what is chosen, or too many addresses.
    """
    _require(by, at)
    assert by.organisation_id is not None, "a role is of an organisation"
    wrong = dict(faults(label, url, events, known=CHOSEN, allowed=allowed))
    if len(own_all(session, by=by, at=at)) >= MOST:
        wrong.setdefault("url", []).append(f"U heeft al {MOST} adressen. Verwijder er eerst een.")
    if wrong:
        raise Invalid(f"webhook of organisation {by.organisation_id} refused", errors=wrong)
    identity, secret = uuid4(), new_secret()
    made = Webhook(
        id=identity,
        organisation_id=by.organisation_id,
        label=clean_label(label),
        url=url,
        events=_sorted(events),
        channel=f"{CHANNELS}{identity.hex}",
        next_at=at,
        created_at=at,
        created_by=by.person_id,
    )
    made.sign_with((secret,), ring=vault.of(session), previous_until=None)
    session.add(made)
    session.flush()
    logbook.write(session, "webhook.created", "webhook", made.id, by=by, at=at, details={"events": len(made.events)})
    return made, secret


def change(
    session: Session,
    webhook_id: UUID,
    *,
    label: str,
    url: str,
    events: Sequence[str],
    allowed: Iterable[Network] = (),
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Webhook:
    """Give an address another name, place or choice. What waits goes to the new place.

    Raises:
        NotAllowed, NotFound: see :func:`own`. StaleVersion: it changed since it was read. Invalid: see :func:`create`.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    found.require(version)
    if wrong := faults(label, url, events, known=CHOSEN, allowed=allowed):
        raise Invalid(f"webhook {webhook_id} refused", errors=wrong)
    moved = found.url != url
    found.label, found.url, found.events = clean_label(label), url, _sorted(events)
    found.version += 1
    if moved:
        found.next_at = min(found.next_at, at)
    details = {"moved": moved, "events": len(found.events)}
    logbook.write(session, "webhook.changed", "webhook", found.id, by=by, at=at, details=details)
    session.flush()
    return found


def rotate(session: Session, webhook_id: UUID, *, by: Actor, at: datetime) -> tuple[Webhook, str]:
    """Make a new secret. The one of now signs along for a day, so that the receiver can change over.

    Returns:
        the address, and the new secret, which is shown this once.

    Raises:
        NotAllowed, NotFound: see :func:`own`.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    secret = new_secret()
    found.sign_with((secret, *found.secrets[:1]), ring=vault.of(session), previous_until=at + OVERLAP)
    found.version += 1
    logbook.write(session, "webhook.secret_renewed", "webhook", found.id, by=by, at=at)
    session.flush()
    return found, secret


def pause(session: Session, webhook_id: UUID, *, by: Actor, at: datetime) -> Webhook:
    """Send nothing there for now; what happens is kept for it.

    Raises:
        NotAllowed, NotFound: see :func:`own`. WrongState: it stands still already.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    found.pause(PauseReason.BY_HAND)
    logbook.write(session, "webhook.paused", "webhook", found.id, by=by, at=at, details={"reason": "by_hand"})
    session.flush()
    return found


def resume(session: Session, webhook_id: UUID, *, by: Actor, at: datetime) -> Webhook:
    """Send there again, beginning with what was kept; also what was given up on is tried anew.

    Raises:
        NotAllowed, NotFound: see :func:`own`. WrongState: it is on.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    found.resume(at)
    outbox.again_all(session, found.channel, at=at)
    logbook.write(session, "webhook.resumed", "webhook", found.id, by=by, at=at)
    session.flush()
    return found


def end(session: Session, webhook_id: UUID, *, version: int | None = None, by: Actor, at: datetime) -> Webhook:
    """Never send there again; what waited is thrown away.

    Raises:
        NotAllowed, NotFound: see :func:`own`. StaleVersion: it changed since it was read.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    found.require(version)
    found.end()
    outbox.discard(session, found.channel)
    logbook.write(session, "webhook.ended", "webhook", found.id, by=by, at=at)
    session.flush()
    return found


def try_out(session: Session, webhook_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Send a message that says nothing, to see whether it arrives.

    Returns:
        the id of the message, by which it stands among the deliveries.

    Raises:
        NotAllowed, NotFound: see :func:`own`. WrongState: it stands still. TooOften: tries wait there already.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    if found.status != WebhookStatus.ACTIVE:
        raise WrongState(
            f"webhook {webhook_id} is {found.status}", detail="Dit adres staat stil. Zet het eerst weer aan."
        )
    waiting = [one for one in outbox.recent(session, found.channel, limit=50) if _is_try(one)]
    if sum(one.status == MessageStatus.PENDING for one in waiting) >= _TRIES:
        raise TooOften(f"webhook {webhook_id} has tries that wait")
    [message] = outbox.put_all(session, [(found.channel, _payload(EventType.TEST, "webhook", found.id, at))], at=at)
    found.next_at = min(found.next_at, at)
    logbook.write(session, "webhook.tried", "webhook", found.id, by=by, at=at)
    session.flush()
    return message.id


def deliveries(session: Session, webhook_id: UUID, *, by: Actor, at: datetime, limit: int = 50) -> list[Delivery]:
    """What went to an address lately, or waits for it, the newest first.

    Raises:
        NotAllowed, NotFound: see :func:`own`.
    """
    found = own(session, webhook_id, by=by, at=at)
    return [
        Delivery(
            id=one.id,
            type=str(one.payload["type"]),
            created_at=one.created_at,
            status=one.status,
            attempts=one.attempts,
            error=one.last_error,
            sent_at=one.sent_at,
        )
        for one in outbox.recent(session, found.channel, limit=limit)
    ]


def retry(session: Session, webhook_id: UUID, message_id: UUID, *, by: Actor, at: datetime) -> None:
    """Send a message once more, also one that arrived: the receiver may have lost it.

    Raises:
        NotAllowed, NotFound: see :func:`own`; NotFound also when the message is not kept any more.
    """
    found = own(session, webhook_id, by=by, at=at, lock=True)
    if not outbox.again(session, found.channel, message_id, at=at):
        raise NotFound(f"webhook {webhook_id} has no message {message_id}")
    found.next_at = min(found.next_at, at)
    logbook.write(session, "webhook.sent_again", "webhook", found.id, by=by, at=at)
    session.flush()


# --- telling on: the worker's


def listening(session: Session) -> Mapping[UUID, Sequence[Webhook]]:
    """Organisation → its addresses that hear what happens, also those that stand still."""
    found: dict[UUID, list[Webhook]] = {}
    for one in session.scalars(select(Webhook).where(Webhook.status != WebhookStatus.ENDED).order_by(Webhook.id)):
        found.setdefault(one.organisation_id, []).append(one)
    return found


def position(session: Session, *, head: int) -> int | None:
    """Up to which line of the log was told on, locked until the end of the transaction; None: somebody else is at it.

    Args:
        head: where the log ends now, from where on is told when nothing was before.
    """
    query = select(EventPosition).where(EventPosition.log == _LOG).with_for_update(skip_locked=True)
    kept = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if kept is not None:
        return kept.position
    if session.get(EventPosition, _LOG) is not None:
        return None
    session.add(EventPosition(log=_LOG, position=head))
    session.flush()
    return head


def passed(session: Session, until: int) -> None:
    """Everything up to this line was told on."""
    session.get_one(EventPosition, _LOG).position = until


def put(session: Session, told: Collection[tuple[Webhook, EventType, str, UUID, datetime]], *, at: datetime) -> None:
    """Keep what is to be told to addresses: which, what, of what kind of thing, of which, and when it happened."""
    rows = [
        (webhook.channel, _payload(kind, subject_kind, subject_id, happened_at))
        for webhook, kind, subject_kind, subject_id, happened_at in told
    ]
    outbox.put_all(session, rows, at=at)


def forget_old(session: Session, *, before: datetime) -> None:
    """What was sent, given up on, or waits for an address that nobody turned on again, goes."""
    outbox.forget(session, CHANNELS, before=before)


# --- sending: the worker's, in short transactions around what takes long


@dataclass(frozen=True, slots=True)
class Due:
    """An address for which something waits."""

    id: UUID
    organisation_id: UUID
    troubled: bool


def due(session: Session, *, at: datetime, each: int) -> list[Due]:
    """Addresses for which something waits, and that are not left alone, who waits longest first; nothing is locked.

    Args:
        each: at most so many of an organisation that do well, and as many that do not: nobody fills the list.
    """
    waits = exists().where(
        Message.channel == Webhook.channel, Message.status == MessageStatus.PENDING, Message.due_at <= at
    )
    troubled = Webhook.last_error.is_not(None)
    place = func.row_number().over(
        partition_by=(Webhook.organisation_id, troubled), order_by=(Webhook.next_at, Webhook.id)
    )
    waiting = (
        select(Webhook.id, Webhook.organisation_id, Webhook.next_at, troubled.label("troubled"), place.label("place"))
        .where(Webhook.status == WebhookStatus.ACTIVE, Webhook.next_at <= at, waits)
        .subquery()
    )
    query = select(waiting).where(waiting.c.place <= each).order_by(waiting.c.next_at, waiting.c.id)
    return [Due(row.id, row.organisation_id, bool(row.troubled)) for row in session.execute(query)]


def take(session: Session, webhook_id: UUID, *, at: datetime) -> list[Call]:
    """What to send to an address now, for nobody else meanwhile; nothing when somebody else is at it. Who takes it and
    dies leaves it for later.

    Raises:
        Unreadable: the key of its secrets is not here.
    """
    query = select(Webhook).where(Webhook.id == webhook_id).with_for_update(skip_locked=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.status != WebhookStatus.ACTIVE or found.next_at > at:
        return []
    secrets = found.secrets
    if found.previous_until is not None and found.previous_until <= at:
        secrets = secrets[:1]
        found.sign_with(secrets, ring=vault.of(session), previous_until=None)
    limit = 1 if found.is_troubled else _AT_ONCE
    found.next_at = at + BUSY
    waiting = outbox.waiting(session, found.channel, at=at, limit=limit)
    taken = [message for one in waiting if (message := outbox.take(session, one, at=at)) is not None]
    return [
        Call(
            id=one.id,
            url=found.url,
            secrets=secrets,
            type=str(one.payload["type"]),
            subject_kind=str(one.payload["subject_kind"]),
            subject_id=UUID(str(one.payload["subject_id"])),
            organisation_id=found.organisation_id,
            at=datetime.fromisoformat(str(one.payload["at"])),
        )
        for one in taken
    ]


def arrived(
    session: Session, webhook_id: UUID, message_id: UUID, *, within: timedelta = timedelta(0), at: datetime
) -> bool:
    """An address took a message.

    Args:
        within: how long that took; one that is slow is left alone for a while.

    Returns:
        whether the next may go there at once.
    """
    found = session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    outbox.sent(session, message_id, at=at)
    if found is not None and found.status != WebhookStatus.ENDED:
        found.has_taken(at, within=within)
    return found is not None and not found.is_troubled


def missed(session: Session, webhook_id: UUID, message_id: UUID, failure: NotTaken, *, at: datetime) -> None:
    """An address did not take a message. One message that is refused again and again while others are taken is given up
    on; of an address that takes nothing, everything is kept, and after days it is left alone and its administrator told."""
    found = session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    if found is None or found.status == WebhookStatus.ENDED:
        return
    alone = found.failures == 0
    wait = None if failure.wait_seconds is None else timedelta(seconds=failure.wait_seconds)
    found.has_missed(failure.code, at, wait=wait)
    outbox.failed(session, message_id, failure.code, keep=not alone)
    if found.status != WebhookStatus.ACTIVE:
        return
    reason = PauseReason.GONE if failure.code == "gone" else PauseReason.FAILING
    if reason != PauseReason.GONE and not found.is_hopeless(at):
        return
    found.pause(reason)
    logbook.write(
        session, "webhook.paused", "webhook", found.id, by=WORKER, at=at,
        details={"reason": str(reason), "organisation_id": str(found.organisation_id)},
    )  # fmt: skip
    for role in ("administrator", "local_administrator"):
        notifications.notify(
            session,
            NotificationKind.WEBHOOK_PAUSED,
            organisation_id=found.organisation_id,
            role=role,
            subject_kind="webhook",
            subject_id=found.id,
            at=at,
        )


def release(session: Session, webhook_id: UUID, calls: Iterable[Call], *, at: datetime) -> None:
    """Who sent is done with an address: what is left of *calls* need not wait, and the next may go as soon as it may."""
    found = session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    outbox.put_back(session, [call.id for call in calls], at=at)
    if found is not None and not found.is_troubled:
        found.next_at = at


def _require(by: Actor, at: datetime) -> None:
    access.require(by, "manage_webhooks", access.Facts(own_organisation=True), at=at)


def _sorted(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    return [str(kind) for kind in CHOSEN if kind in chosen]


def _payload(kind: EventType, subject_kind: str, subject_id: UUID, at: datetime) -> dict[str, Any]:
    return {"type": str(kind), "subject_kind": subject_kind, "subject_id": subject_id.hex, "at": at.isoformat()}


def _is_try(message: Message) -> bool:
    return bool(message.payload["type"] == EventType.TEST)
