"""Where somebody wants mail: giving an address, proving that it is one's own, choosing, and what came of sending."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import accounts, logbook, outbox, settings, vault
from workflows.accounts import Account
from workflows.actor import WORKER, Actor
from workflows.errors import Invalid, NotFound, WrongState
from workflows.notifications.model import (
    MailAddress,
    MailFailure,
    MailWish,
    NotificationKind,
    address_about,
    code_about,
)
from workflows.notifications.rules import DEFAULT_WISHES, is_address, wishes_of

#: The channel of the outbox for mail to people.
CHANNEL = "notification_mail"
#: Wrong codes after which a new one has to be asked.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class MailStanding:
    """How it stands with mail to the owner of an account; ``waits``: a code was sent and not given back yet."""

    address: str | None
    confirmed: bool
    waits: bool
    wishes: Mapping[NotificationKind, MailWish]
    failure: MailFailure | None
    failed_at: datetime | None
    sent_at: datetime | None


def mail_standing(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> MailStanding:
    """How it stands, for the owner.

    Raises:
        NotFound: somebody else's account.
    """
    _own(session, account_id, by=by)
    kept = session.get(MailAddress, account_id)
    if kept is None:
        return MailStanding(None, False, False, DEFAULT_WISHES, None, None, None)
    return MailStanding(
        address=open_address(session, kept),
        confirmed=kept.confirmed_at is not None,
        waits=kept.sealed_code is not None and kept.code_until is not None and at < kept.code_until,
        wishes=wishes_of(kept.wishes),
        failure=None if kept.failure is None else MailFailure(kept.failure),
        failed_at=kept.failed_at,
        sent_at=kept.sent_at,
    )


def set_address(session: Session, account_id: UUID, address: str, *, by: Actor, at: datetime) -> None:
    """Want mail at an address, or have a new code sent to it. The door asks the password first.

    Until the code is given back nothing else is sent, and nothing goes to an earlier address any more.

    Raises:
        NotFound: somebody else's account. Invalid: no address of one person.
        WrongState: a code was sent a moment ago.
    """
    _own(session, account_id, by=by)
    given = address.strip()
    if not is_address(given):
        raise Invalid(
            f"account {account_id}: no mail address",
            errors={"address": ["Vul een mailadres in zoals naam@organisatie.nl."]},
        )
    kept = session.get(MailAddress, account_id, with_for_update=True)
    if kept is None:
        kept = MailAddress(account_id=account_id, wishes={}, told_until=at, sealed_address=b"", code_tries=0)
        session.add(kept)
    elif kept.code_until is not None and at < kept.code_until - _lasts(session, at) + timedelta(minutes=1):
        raise WrongState(f"account {account_id}: a code was sent a moment ago", detail=_JUST_SENT)
    ring = vault.of(session)
    code = "".join(secrets.choice("0123456789") for _ in range(8))
    accounts.forget_reset(session, account_id)  # a link that went to the address before
    kept.sealed_address = ring.seal(given.encode(), about=address_about(account_id))
    kept.sealed_code = ring.seal(code.encode(), about=code_about(account_id))
    kept.code_until, kept.code_tries = at + _lasts(session, at), 0
    kept.confirmed_at = kept.due_at = kept.failed_at = kept.failure = None
    session.flush()
    outbox.put(session, CHANNEL, {"letter": "code", "account": account_id.hex}, at=at)
    logbook.write(session, "mail_address.set", "account", account_id, by=by, at=at)


def confirm_address(session: Session, account_id: UUID, code: str, *, by: Actor, at: datetime) -> bool:
    """Give the code back: from now on mail goes there. False: it is not the code; commit, for the attempt counts.

    Raises:
        NotFound: somebody else's account.
        WrongState: no address waits for one, or the code is too old, or was tried too often.
    """
    _own(session, account_id, by=by)
    kept = session.get(MailAddress, account_id, with_for_update=True)
    if kept is None or kept.sealed_code is None:
        raise WrongState(f"account {account_id}: no address waits for a code", detail=_NONE_WAITS)
    if kept.code_until is None or at >= kept.code_until or kept.code_tries >= _TRIES:
        raise WrongState(f"account {account_id}: the code is worth nothing any more", detail=_TOO_LATE)
    right = vault.of(session).open(kept.sealed_code, about=code_about(account_id))
    given = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    if not hmac.compare_digest(right, given.encode()):
        kept.code_tries += 1
        return False
    kept.sealed_code = kept.code_until = None
    kept.confirmed_at = kept.told_until = at
    session.flush()
    logbook.write(session, "mail_address.confirmed", "account", account_id, by=by, at=at)
    return True


def choose_wishes(session: Session, account_id: UUID, wishes: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Choose about what, and when, mail comes. What is left out stays as it was.

    Raises:
        NotFound: somebody else's account. WrongState: there is no address. Invalid: a kind or moment that is not there.
    """
    _own(session, account_id, by=by)
    kept = session.get(MailAddress, account_id, with_for_update=True)
    if kept is None:
        raise WrongState(f"account {account_id}: no address", detail="Geef eerst een mailadres.")
    errors = {
        kind: ["Kies: meteen, één keer per dag of niet."]
        for kind, wish in wishes.items()
        if kind not in set(NotificationKind) or wish not in set(MailWish)
    }
    if errors:
        raise Invalid(f"account {account_id}: wishes refused", errors=errors)
    chosen = {**kept.wishes, **wishes}
    if chosen == kept.wishes:
        return
    kept.wishes = chosen
    session.flush()
    logbook.write(session, "mail_address.changed", "account", account_id, by=by, at=at)


def forget_address(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> None:
    """No mail any more; the address goes.

    Raises:
        NotFound: somebody else's account. WrongState: there is no address (any more).
    """
    _own(session, account_id, by=by)
    kept = session.get(MailAddress, account_id, with_for_update=True)
    if kept is None:
        raise WrongState(f"account {account_id}: no address")
    session.delete(kept)
    accounts.forget_reset(session, account_id)
    session.flush()
    logbook.write(session, "mail_address.removed", "account", account_id, by=by, at=at)


# --- for the worker


def next_letter(session: Session, kept: MailAddress, moment: datetime | None) -> None:
    """There is something for this address: it leaves at *moment*, or earlier when that was planned already."""
    if moment is not None and kept.takes_mail and (kept.due_at is None or moment < kept.due_at):
        kept.due_at = moment


def open_address(session: Session, kept: MailAddress) -> str:
    """The address.

    Raises:
        Unreadable: its key is not here.
    """
    return vault.of(session).open(kept.sealed_address, about=address_about(kept.account_id)).decode()


def letter_code(session: Session, kept: MailAddress, *, at: datetime) -> str | None:
    """The code to send; None when none is waited for any more."""
    if kept.sealed_code is None or kept.code_until is None or at >= kept.code_until:
        return None
    return vault.of(session).open(kept.sealed_code, about=code_about(kept.account_id)).decode()


def delivered(session: Session, account_id: UUID, *, told_until: datetime | None, at: datetime) -> None:
    """A mail left the house. *told_until*: what was spread until then was counted in it; None: it counted nothing."""
    if (kept := session.get(MailAddress, account_id, with_for_update=True)) is None:
        return
    kept.failed_at = kept.failure = None
    if told_until is not None:
        kept.sent_at, kept.told_until = at, max(told_until, kept.told_until)


def not_delivered(session: Session, account_id: UUID, failure: MailFailure, *, at: datetime) -> None:
    """It did not; the owner sees it, and to an address that is not there nothing is sent any more."""
    if (kept := session.get(MailAddress, account_id, with_for_update=True)) is None:
        return
    first = kept.failure != failure
    kept.failed_at, kept.failure = at, failure
    if first and failure != MailFailure.UNREACHABLE:
        logbook.write(
            session, "mail_address.refused", "account", account_id, by=WORKER, at=at, details={"failure": str(failure)}
        )


def returned(session: Session, addresses: Iterable[str], *, by: Actor, at: datetime) -> int:
    """Mail to these came back to the operator, who says so; returns of how many accounts that was the address.

    Raises:
        NotFound: for anybody but the operator.
    """
    if by.origin != "cli":
        raise NotFound("mail that came back is told at the command line")
    wanted = {one.strip().lower() for one in addresses}
    found = 0
    for kept in session.scalars(select(MailAddress).with_for_update()).all():
        if open_address(session, kept).lower() in wanted:
            not_delivered(session, kept.account_id, MailFailure.RETURNED, at=at)
            found += 1
    return found


def wrong_addresses(session: Session) -> dict[str, tuple[int, datetime | None]]:
    """How many addresses get nothing more because the mail server knows them no more, by how that was heard, and since when."""
    gone = (MailFailure.REFUSED, MailFailure.RETURNED)
    rows = session.execute(
        select(MailAddress.failure, func.count(), func.min(MailAddress.failed_at))
        .where(MailAddress.failure.in_(gone))
        .group_by(MailAddress.failure)
    )
    return {failure: (many, since) for failure, many, since in rows if failure is not None}


def _lasts(session: Session, at: datetime) -> timedelta:
    return timedelta(minutes=int(settings.get(session, "notifications.code_minutes", on=local_date(at))))


def _own(session: Session, account_id: UUID, *, by: Actor) -> None:
    account = session.get(Account, account_id)
    if account is None or by.person_id is None or account.person_id != by.person_id:
        raise NotFound(f"account {account_id} is not of who asks")


_JUST_SENT = (
    "We hebben net een code gestuurd. Kijk ook bij de ongewenste mail, en wacht een minuut voor u een nieuwe vraagt."
)
_NONE_WAITS = "Er wacht geen mailadres op een code. Misschien bevestigde u het al."
_TOO_LATE = "Deze code is te oud of te vaak geprobeerd. Vraag een nieuwe code."
