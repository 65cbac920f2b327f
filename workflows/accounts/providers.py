"""People whom a provider lets in: who they are here, what counts once, and ending their sessions when the provider says so.

What a provider said was checked by the door; here it is looked up, kept and written down. Of who somebody is there a digest is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import logbook, settings
from workflows.accounts.model import (
    Account,
    Factor,
    ProviderIdentity,
    ProviderRole,
    ProviderSignIn,
    ProviderUse,
    SignIn,
)
from workflows.accounts.second_factor import must_have_one
from workflows.accounts.service import actor_through, hashed, sign_in
from workflows.actor import Actor
from workflows.errors import LoginRefused
from workflows.organisations import Person, RoleAssignment

#: Longer than anything of a provider holds.
_REMEMBERED = timedelta(days=1)
#: How long ago somebody may have logged in at a provider for that to stand for a password that they have not got here.
_FRESH = timedelta(minutes=5)
_PROVIDER = Actor(None, None, None, "system", origin="page")


def digest(issuer: str, word: str) -> bytes:
    """What is kept of a word of a provider; two providers never mean the same by it."""
    return hashlib.sha256(f"{issuer}\0{word}".encode("utf-8", "surrogatepass")).digest()


def use_once(session: Session, issuer: str, word: str, *, at: datetime) -> None:
    """Take what a provider said, for this one time.

    Raises:
        LoginRefused: it was taken before.
    """
    session.execute(delete(ProviderUse).where(ProviderUse.used_at < at - _REMEMBERED))
    key = digest(issuer, word)
    if session.get(ProviderUse, key, with_for_update=True) is not None:
        raise LoginRefused("said by a provider before")
    session.add(ProviderUse(used_hash=key, used_at=at))
    session.flush()


def identity_of(session: Session, issuer: str, subject: str) -> ProviderIdentity | None:
    """Who somebody at a provider is here, locked until the commit."""
    query = select(ProviderIdentity).where(ProviderIdentity.subject_hash == digest(issuer, subject))
    return session.scalar(query.with_for_update())


def link_identity(
    session: Session,
    account: Account,
    *,
    provider: str,
    issuer: str,
    subject: str,
    made_account: bool,
    at: datetime,
) -> ProviderIdentity:
    """From now on this person at the provider is the owner of the account."""
    made = ProviderIdentity(
        account_id=account.id,
        provider=provider,
        subject_hash=digest(issuer, subject),
        made_account=made_account,
        linked_at=at,
    )
    session.add(made)
    session.flush()
    details = {"provider": provider}
    logbook.write(session, "account.linked", "account", account.id, by=_PROVIDER, at=at, details=details)
    return made


def is_of_provider(session: Session, account_id: UUID) -> bool:
    """Whether an account came with a provider: whoever is out there is out here, so it gets no password of its own."""
    query = select(ProviderIdentity.id).where(ProviderIdentity.account_id == account_id, ProviderIdentity.made_account)
    return session.scalar(query.limit(1)) is not None


def roles_by_rule(session: Session, identity: ProviderIdentity) -> list[RoleAssignment]:
    """The roles that run and that a rule gave."""
    query = select(RoleAssignment).join(ProviderRole, ProviderRole.assignment_id == RoleAssignment.id)
    return list(
        session.scalars(query.where(ProviderRole.identity_id == identity.id, RoleAssignment.ended_at.is_(None)))
    )


def keep_role_by_rule(session: Session, identity: ProviderIdentity, assignment_id: UUID) -> None:
    """A rule gave this role, so it ends when the rule holds no longer."""
    session.add(ProviderRole(assignment_id=assignment_id, identity_id=identity.id))
    session.flush()


def withdraw_role(session: Session, assignment_id: UUID, *, at: datetime) -> None:
    """Its rule holds no longer, which is why this role ends: when the rule holds again, it gives it again."""
    session.get_one(ProviderRole, assignment_id).withdrawn_at = at


def roles_ended_here(session: Session, person_id: UUID, *, on: date) -> list[RoleAssignment]:
    """Roles that are over because somebody here ended them, whoever gave them, or set a last day to one that a rule gave."""
    query = (
        select(RoleAssignment)
        .join(ProviderRole, ProviderRole.assignment_id == RoleAssignment.id, isouter=True)
        .where(
            RoleAssignment.person_id == person_id,
            ProviderRole.withdrawn_at.is_(None),
            or_(
                RoleAssignment.ended_at.is_not(None),
                ProviderRole.assignment_id.is_not(None) & (RoleAssignment.valid_to < on),
            ),
        )
    )
    return list(session.scalars(query.order_by(RoleAssignment.id)))


def sign_in_via(
    session: Session,
    identity: ProviderIdentity,
    *,
    issuer: str,
    assignment_id: UUID,
    second_factor: bool,
    provider_session: str | None,
    asked: bool,
    device: str | None,
    at: datetime,
) -> str:
    """As :func:`sign_in`, for who was let in by a provider.

    Args:
        second_factor: the provider vouches for one; else one is asked here, as of anybody.
        asked: the provider asked who it was just now; see :class:`ProviderProof`.

    Raises:
        LoginRefused: the account is closed, or the role is not of this person.
    """
    account = session.get_one(Account, identity.account_id)
    factor = Factor.PROVIDER if second_factor else None
    secret = sign_in(session, account, assignment_id=assignment_id, device=device, factor=factor, at=at)
    identity.vouched_at = at
    opened = session.scalars(select(SignIn.id).where(SignIn.token_hash == hashed(secret))).one()
    session.add(
        ProviderSignIn(
            sign_in_id=opened,
            identity_id=identity.id,
            session_hash=None if provider_session is None else digest(issuer, provider_session),
            asked=asked,
        )
    )
    session.flush()
    return secret


def provider_of(session: Session, secret: str) -> str | None:
    """The code of the provider that let a browser in; None: it came with a password."""
    query = (
        select(ProviderIdentity.provider)
        .join(ProviderSignIn, ProviderSignIn.identity_id == ProviderIdentity.id)
        .join(SignIn, SignIn.id == ProviderSignIn.sign_in_id)
    )
    return session.scalar(query.where(SignIn.token_hash == hashed(secret)))


@dataclass(frozen=True, slots=True)
class ProviderProof:
    """What stands for the password of who has none here.

    Args:
        fresh: the provider asked who it was, and that was a moment ago. That it let a browser in which it remembered proves
            nothing: whoever finds a screen left open can have it done.
        strong: this session was confirmed with a second factor.
        lacks_factor: a role of theirs must have one, and this session has none.
    """

    provider: str
    fresh: bool
    strong: bool
    lacks_factor: bool


def proof_by_provider(session: Session, secret: str, *, at: datetime) -> ProviderProof | None:
    """What a browser proves by how it came in; None: its account has a password here, which proves more."""
    query = (
        select(SignIn, ProviderSignIn.asked, ProviderIdentity.provider)
        .join(ProviderSignIn, ProviderSignIn.sign_in_id == SignIn.id)
        .join(ProviderIdentity, ProviderIdentity.id == ProviderSignIn.identity_id)
        .where(SignIn.token_hash == hashed(secret), SignIn.ended_at.is_(None), ProviderIdentity.made_account)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    opened, asked, provider = found
    strong = opened.factor is not None
    return ProviderProof(
        provider=provider,
        fresh=asked and not opened.awaits_code and opened.opened_at > at - _FRESH,
        strong=strong,
        lacks_factor=not strong and must_have_one(session, session.get_one(Account, opened.account_id), at=at),
    )


def end_via_provider(
    session: Session, issuer: str, *, subject: str | None, provider_session: str | None, at: datetime
) -> int:
    """A provider says that somebody logged out there: that session ends here, or all of that person; say how many.

    Who is out altogether is vouched for no longer: their programs wait until the provider lets them in again.
    """
    if subject is not None and provider_session is None:
        _out_altogether(session, issuer, subject, at=at)
    query = (
        select(SignIn, Account.person_id)
        .join(ProviderSignIn, ProviderSignIn.sign_in_id == SignIn.id)
        .join(ProviderIdentity, ProviderIdentity.id == ProviderSignIn.identity_id)
        .join(Account, Account.id == SignIn.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(SignIn.ended_at.is_(None))
        .order_by(SignIn.id)
        .with_for_update(of=SignIn)
    )
    if subject is not None:
        query = query.where(ProviderIdentity.subject_hash == digest(issuer, subject))
    if provider_session is not None:
        query = query.where(ProviderSignIn.session_hash == digest(issuer, provider_session))
    ended = [row[0] for row in session.execute(query)]
    for opened in ended:
        opened.ended_at = at
        role = session.get_one(RoleAssignment, opened.assignment_id)
        details = {"by": "provider"}
        by = actor_through(role, opened)
        logbook.write(session, "sign_in.ended", "sign_in", opened.id, by=by, at=at, details=details)
    return len(ended)


def _out_altogether(session: Session, issuer: str, subject: str, *, at: datetime) -> None:
    identity = identity_of(session, issuer, subject)
    if identity is None or identity.vouched_at is None:
        return
    identity.vouched_at = None
    details = {"provider": identity.provider}
    account_id = identity.account_id
    logbook.write(session, "account.unvouched", "account", account_id, by=_PROVIDER, at=at, details=details)


def vouched(session: Session, *, at: datetime) -> ColumnElement[bool]:
    """The provider that answers for a role let its person in not too long ago: it gave the role by rule, or the account came
    with it. Where none answers, it is so. For a query with roles.

    A session ends the same day, so that a log-in shows what the provider says now; a program never logs in.
    """
    since = at - timedelta(days=int(settings.get(session, "token.provider_days", on=local_date(at))))
    by_rule = select(ProviderRole.assignment_id).where(
        ProviderRole.assignment_id == RoleAssignment.id, ProviderRole.identity_id == ProviderIdentity.id
    )
    silent = (
        select(ProviderIdentity.id)
        .join(Account, Account.id == ProviderIdentity.account_id)
        .where(
            Account.person_id == RoleAssignment.person_id,
            or_(ProviderIdentity.made_account, by_rule.correlate(RoleAssignment, ProviderIdentity).exists()),
            or_(ProviderIdentity.vouched_at.is_(None), ProviderIdentity.vouched_at <= since),
        )
    )
    return ~silent.correlate(RoleAssignment).exists()


def note_refused(session: Session, provider: str, reason: str, *, at: datetime) -> None:
    """What came from a provider did not count; *reason* is a word of ours."""
    details = {"provider": provider, "reason": reason}
    logbook.write(
        session, "provider.refused", "provider", provider, by=_PROVIDER, at=at, outcome="refused", details=details
    )
