"""A new password for who forgot it, by a link in a mail: drawn when the mail leaves, works once and shortly, logs nobody in.

The second factor stays. Who must have one and has none yet gets no link: whoever reads that mailbox would be all the way in.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings
from workflows.accounts.model import Account, PasswordReset
from workflows.accounts.providers import is_of_provider
from workflows.accounts.second_factor import must_have_one
from workflows.accounts.service import (
    NewPassword,
    about_account,
    clear_failures,
    end_sign_ins,
    hashed,
    is_enrolled,
    password_errors,
)
from workflows.actor import WORKER, Actor
from workflows.errors import Invalid, LoginRefused
from workflows.organisations import Person, PersonKind

#: One answer for a link that is wrong, used, too old or replaced, and for an account that is closed.
RESET_REFUSED = (
    "Deze link werkt niet meer: hij is al gebruikt, te oud, of u vroeg daarna een nieuwe. Vraag opnieuw een link aan."
)
#: Between two links of one account; who asks again and again fills nobody's mailbox.
_APART = timedelta(minutes=5)


def draw_reset(
    session: Session, account_id: UUID, *, ask: UUID, of_everybody: bool = False, at: datetime
) -> str | None:
    """The secret of a link, now that its mail leaves; an earlier link is worth nothing any more. None: no mail leaves.

    Args:
        ask: for which question; a mail that has to be sent again gets a link, another question a moment later does not.
        of_everybody: every role asks for a second factor.
    """
    account = session.scalar(select(Account).where(Account.id == account_id).with_for_update())
    if account is None or not account.active:
        return None
    who = session.get_one(Person, account.person_id)
    if who.kind != PersonKind.PROFESSIONAL or not who.active:
        return None
    if not is_enrolled(session, account.id) and must_have_one(session, account, of_everybody=of_everybody, at=at):
        return None
    if is_of_provider(session, account.id):
        return None
    kept = session.get(PasswordReset, account.id)
    if kept is not None and kept.ask != ask and at - kept.drawn_at < _APART:
        return None
    secret = secrets.token_urlsafe(32)
    minutes = int(settings.get(session, "login.reset_minutes", on=local_date(at)))
    if kept is None:
        kept = PasswordReset(account_id=account.id)
        session.add(kept)
    kept.ask, kept.code_hash = ask, hashed(secret)
    kept.drawn_at, kept.expires_at = at, at + timedelta(minutes=minutes)
    session.flush()
    logbook.write(session, "password_reset.sent", "account", account.id, by=WORKER, at=at)
    return secret


def forget_reset(session: Session, account_id: UUID) -> None:
    """A link that was sent is worth nothing any more."""
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account_id))


def about_reset(session: Session, secret: str) -> tuple[str, ...]:
    """What somebody would try in the new password; nothing for a link that opens nothing."""
    query = select(Account).join(PasswordReset, PasswordReset.account_id == Account.id)
    account = session.scalar(query.where(PasswordReset.code_hash == hashed(secret)))
    return () if account is None else about_account(session, account)


def reset_password(session: Session, secret: str, *, prepared: NewPassword, at: datetime) -> Account:
    """Choose a new password with a link; every session ends, and logging in, with a code where that is asked, is still to come.

    Commit, also when this raises LoginRefused.

    Raises:
        LoginRefused: for whichever reason. Invalid: the link is right, the password cannot be it.
    """
    query = select(Account).join(PasswordReset, PasswordReset.account_id == Account.id)
    account = session.scalar(query.where(PasswordReset.code_hash == hashed(secret)).with_for_update(of=Account))
    kept = None if account is None else session.get(PasswordReset, account.id, with_for_update=True)
    right = kept is not None and kept.code_hash == hashed(secret) and at < kept.expires_at
    if account is None or kept is None or not right or not account.active:
        by = Actor(None, None, None, "system", origin="page")
        whose = account.id if account else "unknown"
        logbook.write(session, "password_reset.refused", "account", whose, by=by, at=at, outcome="refused")
        raise LoginRefused("reset refused", detail=RESET_REFUSED)
    if errors := password_errors(session, prepared, at=at):
        raise Invalid(f"password of account {account.id} refused", errors=errors)
    account.password_hash = prepared.hash
    if not is_enrolled(session, account.id):  # else whoever reads the mailbox could guess codes without end
        clear_failures(account)
    session.delete(kept)
    end_sign_ins(session, account.id, at=at)
    session.flush()
    by = Actor(account.person_id, None, None, "self", origin="page")
    logbook.write(session, "password_reset.used", "account", account.id, by=by, at=at)
    return account
