"""What is logged in now: one's own sessions and tokens, or somebody's for who manages accounts; ending them; one's password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from workflows import access, logbook
from workflows.accounts.model import Account, Factor, PasswordReset, SignIn
from workflows.accounts.service import (
    COST,
    Limits,
    NewPassword,
    Tried,
    about_account,
    check_password,
    end_sign_ins,
    entitled,
    hashed,
    password_errors,
    whose,
)
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused, NotFound, WrongState
from workflows.organisations import (
    Organisation,
    Person,
    PersonKind,
    RoleAssignment,
    of_managed,
    reaches,
    require_person,
)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is logged in as somebody.

    Args:
        device: in coarse words; None when the browser did not say.
        here: it is the one that asks.
    """

    id: UUID
    opened_at: datetime
    seen_at: datetime
    device: str | None
    organisation: str
    role: str
    factor: Factor | None
    here: bool


def sessions_of(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> list[OpenSession]:
    """The sessions of a person that have not ended, the last used first.

    Raises:
        NotFound: of somebody else, and *by* manages no accounts.
    """
    may_see(session, person_id, by=by, at=at)
    limits = Limits.now(session, at=at)
    rows = session.execute(
        select(SignIn, RoleAssignment.role, Organisation.name)
        .join(Account, Account.id == SignIn.account_id)
        .join(RoleAssignment, RoleAssignment.id == SignIn.assignment_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(
            Account.person_id == person_id,
            Account.active,
            SignIn.ended_at.is_(None),
            SignIn.awaits_code.is_(False),
            entitled(at),
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id)
    )
    return [
        OpenSession(
            one.id, one.opened_at, one.seen_at, one.device, name, role, one.factor, one.id.hex == by.access_point
        )
        for one, role, name in rows
        if limits.allow(one, at=at)
    ]


def sessions_of_parent(session: Session, *, by: Actor, at: datetime) -> list[OpenSession]:
    """As :func:`sessions_of`, of the parent who asks; they act for no organisation."""
    limits = Limits.now(session, PersonKind.PARENT, at=at)
    query = select(SignIn).join(Account, Account.id == SignIn.account_id)
    rows = session.scalars(
        query.where(
            Account.person_id == by.person_id,
            Account.active,
            SignIn.as_parent,
            SignIn.ended_at.is_(None),
            SignIn.awaits_code.is_(False),
        ).order_by(SignIn.seen_at.desc(), SignIn.id)
    )
    return [
        OpenSession(
            one.id, one.opened_at, one.seen_at, one.device, "", by.role, one.factor, one.id.hex == by.access_point
        )
        for one in rows
        if limits.allow(one, at=at)
    ]


def end_session(session: Session, sign_in_id: UUID, *, by: Actor, at: datetime) -> None:
    """End a session: one's own, or anybody's for who manages accounts.

    Raises:
        NotFound: no such session, or not for *by*.
        WrongState: it ended before.
    """
    query = select(SignIn, Account.person_id).join(Account, Account.id == SignIn.account_id)
    found = session.execute(query.where(SignIn.id == sign_in_id, _in_sight(by))).first()
    if found is None or not (found.person_id == by.person_id or _manages(session, found.person_id, by=by, at=at)):
        raise NotFound(f"no session {sign_in_id}")
    opened: SignIn = found[0]
    if opened.ended_at is not None:
        raise WrongState(f"session {sign_in_id} ended before", detail="Deze sessie was al beëindigd.")
    opened.ended_at = at
    logbook.write(session, "sign_in.ended", "sign_in", opened.id, by=by, at=at)


def end_sessions(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> int:
    """End every session of a person but the one that *by* came through; say how many ended.

    Raises:
        NotFound: of somebody else, and *by* manages no accounts.
    """
    may_see(session, person_id, by=by, at=at)
    query = (
        select(SignIn)
        .join(Account, Account.id == SignIn.account_id)
        .where(Account.person_id == person_id, SignIn.ended_at.is_(None))
        .order_by(SignIn.id)
        .with_for_update(of=SignIn)
    )
    ended = [one for one in session.scalars(query) if one.id.hex != by.access_point]
    for one in ended:
        one.ended_at = at
        logbook.write(session, "sign_in.ended", "sign_in", one.id, by=by, at=at)
    return len(ended)


def end_every_session(session: Session, *, at: datetime) -> int:
    """Log everybody out everywhere; returns how many sessions ended. For a database that was put back, in which sessions go on
    that ended since. Who comes back logs in."""
    still = list(session.scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))))
    session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=at))
    return len(still)


def accounts_of(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> list[Account]:
    """With what a person logs in, for who manages accounts.

    Raises:
        NotAllowed: not for *by*. NotFound: somebody whom *by* does not manage.
    """
    require_person(session, person_id, whole=True, action="manage_accounts", by=by, at=at)
    query = select(Account).join(Person, Person.id == Account.person_id)
    query = query.where(Account.person_id == person_id, Person.kind == PersonKind.PROFESSIONAL)
    return list(session.scalars(query.order_by(Account.login)))


def change_password(
    session: Session,
    secret: str,
    *,
    old: str,
    new: str,
    tried: Tried | None = None,
    prepared: NewPassword | None = None,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = COST,
    kind: PersonKind = PersonKind.PROFESSIONAL,
) -> str:
    """Change one's own password; every other session ends.

    A wrong old password is counted on the account: commit, also when this raises LoginRefused.

    Args:
        tried: what came of trying *old* before this transaction; see :func:`check_password`.
        prepared: *new*, looked at and hashed before this transaction, because that is slow.

    Returns:
        The browser's new secret.

    Raises:
        LoginRefused: the old password is wrong, or the account is locked.
        Invalid: the new one cannot be it.
    """
    found = whose(session, secret, kind=kind, at=at)
    if found is None or found[0].awaits_code:
        raise LoginRefused("no session")
    opened = found[0]
    login = session.get_one(Account, opened.account_id).login
    account = check_password(session, login=login, password=old, tried=tried, at=at, cost=cost, kind=kind)
    prepared = prepared or NewPassword.prepare(new, about=about_account(session, account), cost=cost)
    errors = password_errors(session, prepared, at=at)
    if not errors and new == old:
        errors = {"password": ["Kies een ander wachtwoord dan u had."]}
    if errors:
        raise Invalid(f"password of account {account.id} refused", errors=errors)
    account.password_hash = prepared.hash
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account.id))
    renewed = secrets.token_urlsafe(32)
    opened.token_hash = hashed(renewed)
    session.flush()
    end_sign_ins(session, account.id, at=at, but=opened.id)
    logbook.write(session, "account.password_set", "account", account.id, by=by, at=at)
    return renewed


def _in_sight(by: Actor) -> ColumnElement[bool]:
    """Of whom *by* may know that there is a session: looked for in one question, whatever is there."""
    return or_(Account.person_id == by.person_id, of_managed(Account.person_id, by))


def _manages(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether *by* looks after the accounts of who works here; that of a parent is no administrator's."""
    if not access.allows(by, "manage_accounts", access.Facts(own_organisation=by.organisation_id is not None)):
        return False
    if not reaches(session, person_id, by=by, at=at):
        return False
    who = session.get(Person, person_id)
    return who is None or who.kind == PersonKind.PROFESSIONAL


def may_see(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> None:
    """Pass when *by* is that person, or looks after the accounts of who works here.

    Raises:
        NotFound: neither.
    """
    own = by.person_id is not None and by.person_id == person_id
    if not own and not _manages(session, person_id, by=by, at=at):
        raise NotFound(f"no sessions of person {person_id} for role {by.role}")
