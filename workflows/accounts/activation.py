"""The first password, and a new one for who forgot: a code that works once and for a short time, and never logs anybody in.

Nobody but its owner ever knows a password: who makes an account hands over a code, with which the owner chooses one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings, vault
from workflows.accounts import rules
from workflows.accounts.leaks import Leaked
from workflows.accounts.model import Account, Activation, PasswordReset, activation_about
from workflows.accounts.providers import is_of_provider
from workflows.accounts.service import (
    COST,
    NewPassword,
    about_account,
    clear_failures,
    count_failure,
    end_sign_ins,
    find_login,
    is_locked,
    managed,
    nobodys_hash,
    password_errors,
)
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused, NotFound, WrongState
from workflows.organisations import PersonKind

#: One answer for an unknown login, a code that is wrong, used or expired, and an account that is locked or closed.
ACTIVATION_REFUSED = (
    "Deze gebruikersnaam en activeringscode horen niet bij elkaar, de code is al gebruikt of verlopen, of er ging te vaak "
    "iets mis. Vraag zo nodig een nieuwe code aan uw beheerder."
)


#: Eighty bits, to be typed on a telephone; so few attempts are taken that nobody guesses it before it expires.
_GROUPS_FOR_PARENT = 4


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to hand over; shown once, only its hash is kept."""

    code: str
    expires_at: datetime


def issue_activation(
    session: Session, account_id: UUID, *, by: Actor, at: datetime, cost: tuple[int, int, int] = COST
) -> Issued:
    """Draw a code with which the owner of an account chooses a password. An earlier code, the password and every session
    are worth nothing from now on; the second factor stays.

    Whoever does this has first seen who asks.

    Raises:
        NotAllowed: *by* manages no accounts. NotFound: no such account. WrongState: it is closed.
    """
    account = managed(session, account_id, by=by, at=at)
    hours = int(settings.get(session, "login.activation_hours", on=local_date(at)))
    return _issue(session, account, hours, by=by, at=at, cost=cost)


def issue_parent_activation(
    session: Session, account: Account, *, by: Actor, at: datetime, cost: tuple[int, int, int] = COST
) -> Issued:
    """As :func:`issue_activation`, for the paper that a parent is given; whoever calls this asked ``access`` about the case.

    Raises:
        WrongState: the account is closed.
    """
    hours = 24 * int(settings.get(session, "parents.invitation_days", on=local_date(at)))
    return _issue(session, account, hours, groups=_GROUPS_FOR_PARENT, by=by, at=at, cost=cost)


def forget_activation(session: Session, account_id: UUID) -> bool:
    """A code that was handed out is worth nothing any more; say whether there was one."""
    kept = session.get(Activation, account_id)
    if kept is not None:
        session.delete(kept)
        session.flush()
    return kept is not None


def every_code(session: Session, *, at: datetime) -> list[Activation | PasswordReset]:
    """All codes, on paper or by mail, with which somebody could choose a password now. For an installation that was put back."""
    found: list[Activation | PasswordReset] = []
    for kind in (Activation, PasswordReset):
        found += session.scalars(select(kind).where(kind.expires_at > at).order_by(kind.account_id))
    return found


def end_every_code(session: Session, *, by: Actor, at: datetime) -> int:
    """End all of :func:`every_code`; returns how many it were."""
    found = every_code(session, at=at)
    for one in found:
        session.delete(one)
        logbook.write(session, "activation.ended", "account", one.account_id, by=by, at=at)
    session.flush()
    return len(found)


def _issue(
    session: Session,
    account: Account,
    hours: int,
    *,
    groups: int = 6,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int],
) -> Issued:
    account_id = account.id
    if not account.active:
        raise WrongState(f"account {account_id} is closed", detail="Dit account is gestopt.")
    if is_of_provider(session, account_id):
        raise WrongState(
            f"account {account_id} came with a provider",
            detail="Dit account heeft hier geen wachtwoord: deze persoon logt in via de eigen organisatie.",
        )
    code, until = rules.new_recovery_code(groups), at + timedelta(hours=hours)
    account.password_hash = nobodys_hash(cost)
    end_sign_ins(session, account_id, at=at)
    session.execute(delete(Activation).where(Activation.account_id == account_id))
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account_id))
    session.add(Activation(account_id=account_id, code_hash=rules.hashed_code(code), issued_at=at, expires_at=until))
    session.flush()
    logbook.write(session, "activation.issued", "account", account_id, by=by, at=at, details={"hours": hours})
    return Issued(code, until)


@dataclass(frozen=True, slots=True)
class ByMail:
    """Where a code goes, and the code; only while the mail has not left."""

    to: str
    code: str
    expires_at: datetime


def keep_for_mail(session: Session, account_id: UUID, issued: Issued, address: str) -> None:
    """Let the code that was drawn a moment ago go out by mail. Code and address are kept closed until that mail has left.

    Raises:
        NotFound: no code was drawn.
    """
    kept = session.get(Activation, account_id)
    if kept is None:
        raise NotFound(f"no activation of account {account_id}")
    ring = vault.of(session)
    kept.sealed_code = ring.seal(issued.code.encode(), about=activation_about(account_id, "code"))
    kept.sealed_address = ring.seal(address.encode(), about=activation_about(account_id, "address"))
    session.flush()


def code_to_mail(session: Session, account_id: UUID, *, at: datetime) -> ByMail | None:
    """What to mail; None: the code was used, replaced or mailed meanwhile, or is too old."""
    kept = session.get(Activation, account_id)
    if kept is None or kept.sealed_code is None or kept.sealed_address is None or at >= kept.expires_at:
        return None
    ring = vault.of(session)
    code = ring.open(kept.sealed_code, about=activation_about(account_id, "code")).decode()
    to = ring.open(kept.sealed_address, about=activation_about(account_id, "address")).decode()
    return ByMail(to, code, kept.expires_at)


def code_mailed(session: Session, account_id: UUID, *, at: datetime) -> None:
    """The mail left: neither code nor address is kept any longer."""
    if (kept := session.get(Activation, account_id, with_for_update=True)) is not None:
        kept.sealed_code = kept.sealed_address = kept.mail_failed_at = None
        kept.mailed_at = at


def code_not_mailed(session: Session, account_id: UUID, *, for_good: bool, at: datetime) -> None:
    """The mail server did not take it; *for_good*: there is no such address, and nobody tries any more."""
    if (kept := session.get(Activation, account_id, with_for_update=True)) is not None:
        kept.mail_failed_at = at
        if for_good:
            kept.sealed_code = kept.sealed_address = None


def pending_activations(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, tuple[Account, Activation]]:
    """Who of these people has a code to choose a password with that was not used yet, also one that ran out; by person. Asked
    by who manages them."""
    query = (
        select(Account, Activation)
        .join(Activation, Activation.account_id == Account.id)
        .where(Account.person_id.in_(list(person_ids)), Account.active)
        .order_by(Activation.issued_at)
    )
    return {account.person_id: (account, kept) for account, kept in session.execute(query)}


def waits_for_activation(session: Session, account_id: UUID, *, at: datetime) -> datetime | None:
    """Until when a code of an account works; None when there is none."""
    query = select(Activation.expires_at).where(Activation.account_id == account_id, Activation.expires_at > at)
    return session.scalar(query)


def opens(session: Session, account_id: UUID, code: str, *, at: datetime) -> datetime | None:
    """Until when this code opens an account, for who has it in hand already; None: it opens nothing."""
    kept = session.get(Activation, account_id)
    right = secrets.compare_digest(kept.code_hash if kept else bytes(32), rules.hashed_code(code))
    return kept.expires_at if kept is not None and right and at < kept.expires_at else None


def about_login(session: Session, login: str, *, kind: PersonKind = PersonKind.PROFESSIONAL) -> tuple[str, ...]:
    """What somebody would try in a new password of this login; for an unknown one the login itself."""
    account = find_login(session, login, kind=kind, lock=False)
    return (login,) if account is None else about_account(session, account)


def activate(
    session: Session,
    *,
    login: str,
    code: str,
    password: str = "",
    prepared: NewPassword | None = None,
    leaked: Leaked | None = None,
    at: datetime,
    cost: tuple[int, int, int] = COST,
    kind: PersonKind = PersonKind.PROFESSIONAL,
) -> Account:
    """Choose the password of an account with its code; every session ends, and logging in is still to come.

    A failed attempt is counted on the account: commit, also when this raises LoginRefused. The same work is done for an
    unknown login.

    Args:
        prepared: the new password, looked at and hashed before this transaction, because that is slow.

    Raises:
        LoginRefused: for whichever reason. Invalid: the code is right, the password cannot be it.
    """
    account = find_login(session, login, kind=kind)
    kept = session.get(Activation, account.id) if account else None
    digest = rules.hashed_code(code)
    right = secrets.compare_digest(kept.code_hash if kept else bytes(len(digest)), digest)
    usable = kept is not None and at < kept.expires_at
    if account is None or kept is None or not (right and usable) or is_locked(account, at=at) or not account.active:
        count_failure(session, account, "activation.refused", at=at)
        raise LoginRefused("activation refused", detail=ACTIVATION_REFUSED)
    if prepared is None:
        prepared = NewPassword.prepare(password, about=about_account(session, account), cost=cost, leaked=leaked)
    if errors := password_errors(session, prepared, at=at):
        raise Invalid(f"password of account {account.id} refused", errors=errors)
    account.password_hash = prepared.hash
    clear_failures(account)
    session.delete(kept)
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account.id))
    end_sign_ins(session, account.id, at=at)
    session.flush()
    by = Actor(account.person_id, None, None, "self", origin="page")
    logbook.write(session, "account.activated", "account", account.id, by=by, at=at)
    return account
