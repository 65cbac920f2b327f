"""Accounts and passwords, and from a cookie's or program's secret to the actor it stands for.

Every look-up joins person, role and organisation, so that somebody who left a second ago is nobody now.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from threading import BoundedSemaphore
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook, settings
from workflows.accounts import rules
from workflows.accounts.leaks import Leaked
from workflows.accounts.model import AccessToken, Account, Factor, SecondFactor, SignIn
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused, NotFound, WrongState
from workflows.organisations import (
    Organisation,
    Person,
    PersonKind,
    RoleAssignment,
    of_managed,
    person,
    professional,
    require_person,
    require_some,
)

#: What one password costs to check: rounds, memory in KiB, lanes (RFC 9106, second recommended option).
COST = (3, 65_536, 4)
#: Longer passwords are refused unread; hashing a megabyte is a way to keep a server busy.
LONGEST_PASSWORD = 1024
_LONGEST_LOGIN = 120
#: Each password that is checked takes as much memory as ``COST`` says; who asks for many at once waits.
_HASHING = BoundedSemaphore(2)
_SEEN_EVERY = timedelta(minutes=1)
_TOUCH = "accounts.touch"
_LEFT = "accounts.left"
_NOBODY = Actor(None, None, None, "system", origin="page")


def create_account(
    session: Session,
    *,
    person_id: UUID,
    login: str,
    password: str | None = None,
    leaked: Leaked | None = None,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = COST,
) -> Account:
    """Let a person log in with a password.

    Args:
        password: left out: the owner chooses one, with a code of :func:`issue_activation`.

    Raises:
        NotFound: no such person.
        Invalid: a login that is taken, or a password that is too short or too long.
    """
    require_person(session, person_id, whole=True, action="manage_accounts", by=by, at=at)
    name = professional(session, person_id).display_name
    login = _normal(login)
    errors: dict[str, list[str]] = {}
    if password is not None:
        prepared = NewPassword.prepare(password, about=(login, name), cost=cost, leaked=leaked)
        errors = password_errors(session, prepared, at=at)
    errors |= login_errors(session, login)
    if errors:
        raise Invalid(f"account for person {person_id} refused", errors=errors)
    account = Account(
        person_id=person_id,
        login=login,
        password_hash=nobodys_hash(cost) if password is None else prepared.hash,
        active=True,
        failed_count=0,
    )
    session.add(account)
    session.flush()
    logbook.write(session, "account.created", "account", account.id, by=by, at=at)
    return account


def login_errors(session: Session, login: str) -> dict[str, list[str]]:
    """What is wrong with a login that somebody would get."""
    login = _normal(login)
    if not login or len(login) > _LONGEST_LOGIN:
        return {"login": [f"Vul een gebruikersnaam in, van hoogstens {_LONGEST_LOGIN} tekens."]}
    if session.scalar(select(Account.id).where(Account.login == login)):
        return {"login": ["Deze gebruikersnaam bestaat al."]}
    return {}


def add_parent_account(
    session: Session, person_id: UUID, login: str, *, by: Actor, at: datetime, cost: tuple[int, int, int] = COST
) -> Account:
    """Let a parent log in, once the code of :func:`issue_parent_activation` was used. Whoever calls this asked ``access``
    about the case."""
    account = Account(
        person_id=person_id, login=_normal(login), password_hash=nobodys_hash(cost), active=True, failed_count=0
    )
    session.add(account)
    session.flush()
    logbook.write(session, "account.created", "account", account.id, by=by, at=at)
    return account


def parent_account(session: Session, person_id: UUID) -> Account:
    """With what a parent logs in.

    Raises:
        NotFound: that is no parent's login.
    """
    query = select(Account).join(Person, Person.id == Account.person_id)
    found = session.scalar(query.where(Account.person_id == person_id, Person.kind == PersonKind.PARENT))
    if found is None:
        raise NotFound(f"no account of parent {person_id}")
    return found


def login_is_taken(session: Session, login: str) -> bool:
    """Whether somebody, whoever it is, logs in with this."""
    return session.scalar(select(Account.id).where(Account.login == _normal(login))) is not None


def end_parent_account(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Nobody logs in with it any more and every session ends; the caller writes down why."""
    account = parent_account(session, person_id)
    account.active = False
    end_sign_ins(session, account.id, at=at)


def deactivate_account(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> None:
    """Close an account, end its sessions and make the tokens of its person worthless.

    Raises:
        NotFound: no such account.
        WrongState: closed before.
    """
    account = managed(session, account_id, by=by, at=at)
    if not account.active:
        raise WrongState(f"account {account_id} was closed before")
    account.active = False
    end_sign_ins(session, account_id, at=at)
    revoke_tokens(session, account.person_id, at=at)
    logbook.write(session, "account.deactivated", "account", account.id, by=by, at=at)


def account_of(session: Session, login: str, *, by: Actor, at: datetime) -> Account:
    """The account with a login, for who manages accounts.

    Raises:
        NotFound: no such login. NotAllowed: not for *by*.
    """
    access.require(by, "manage_accounts", access.Facts(), at=at)
    account = find_login(session, login, lock=False)
    if account is None:
        raise NotFound("no such login", detail="Deze gebruikersnaam bestaat niet.")
    return account


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of holding a password against the hash that is kept; for an unknown login against nobody's."""

    stored: str | None
    right: bool
    renewed: str | None = None


def stored_hash(session: Session, login: str, *, kind: PersonKind = PersonKind.PROFESSIONAL) -> str | None:
    """What is kept of a login's password, for :func:`try_password`; None for an unknown login.

    Args:
        kind: whose door it is; at the other one a login is as unknown as one that is not there.
    """
    query = select(Account.password_hash).join(Person, Person.id == Account.person_id)
    return session.scalar(query.where(Account.login == _normal(login), Person.kind == kind))


def login_of(session: Session, by: Actor) -> str | None:
    """With what the person who acts logs in, so that a password can be asked anew; None for who logs in elsewhere."""
    query = select(Account.login).where(Account.person_id == by.person_id, Account.active).order_by(Account.login)
    return session.scalars(query.limit(1)).first()


def id_of_login(session: Session, login: str) -> UUID | None:
    """Of which account of somebody who works here this is the login; nobody outside is told."""
    account = find_login(session, login, lock=False)
    return None if account is None else account.id


def try_password(stored: str | None, password: str, *, cost: tuple[int, int, int] = COST) -> Tried:
    """The slow part of logging in. Do it while no transaction is open: SQLite has one writer, and everybody can ask."""
    given = password if _can_be_hashed(password) else ""
    with _HASHING:
        right = _matches(stored or _dummy(cost), given, cost) and bool(given)
        renew = right and stored is not None and _hasher(cost).check_needs_rehash(stored)
        return Tried(stored, right, _hasher(cost).hash(given) if renew else None)


def check_password(
    session: Session,
    *,
    login: str,
    password: str,
    at: datetime,
    cost: tuple[int, int, int] = COST,
    tried: Tried | None = None,
    kind: PersonKind = PersonKind.PROFESSIONAL,
) -> Account:
    """The account that belongs to a login and password.

    The same work is done and the same answer given for an unknown login, a wrong password, a locked and a closed
    account. A failed attempt is counted on the account: commit, also when this raises. Who has a second factor starts
    with a clean count only when that was right too: otherwise a known password would open the way to guess codes.

    Args:
        tried: what :func:`try_password` found before this transaction; done here when left out or when the password was
            changed in between.
        kind: see :func:`stored_hash`.

    Raises:
        LoginRefused: for whichever reason.
    """
    account = find_login(session, login, kind=kind)
    stored = account.password_hash if account else None
    if tried is None or tried.stored != stored:
        tried = try_password(stored, password, cost=cost)
    enrolled = account is not None and is_enrolled(session, account.id)
    if account is not None and tried.right and not is_locked(account, at=at) and account.active:
        if not enrolled:
            clear_failures(account)
        account.password_hash = tried.renewed or account.password_hash
        return account
    count_failure(session, account, "login.refused", at=at)
    raise LoginRefused("login refused")


def find_login(
    session: Session, login: str, *, kind: PersonKind = PersonKind.PROFESSIONAL, lock: bool = True
) -> Account | None:
    """The account with this login, locked until the commit; None for an unknown one, which nobody is told, or one of the
    other door."""
    query = select(Account).join(Person, Person.id == Account.person_id)
    query = query.where(Account.login == _normal(login), Person.kind == kind)
    return session.scalar(query.with_for_update(of=Account) if lock else query)


def is_enrolled(session: Session, account_id: UUID) -> bool:
    """Whether an account has a second factor that counts."""
    query = select(SecondFactor.id).where(
        SecondFactor.account_id == account_id,
        SecondFactor.confirmed_at.is_not(None),
        SecondFactor.ended_at.is_(None),
    )
    return session.scalar(query) is not None


def is_locked(account: Account, *, at: datetime) -> bool:
    """Whether too many attempts failed a moment ago."""
    return account.locked_until is not None and at < account.locked_until


def clear_failures(account: Account) -> None:
    """The log-in is complete: what failed before counts no more."""
    account.failed_count = 0
    account.locked_until = None


def count_failure(session: Session, account: Account | None, event: str, *, at: datetime) -> None:
    """Write a failed attempt down, and lock the account for a while when there were too many. A locked one stays locked
    no longer for it. The settings are read for an unknown account too, so that it takes the same time."""
    attempts = int(settings.get(session, "login.attempts", on=local_date(at)))
    lock = timedelta(minutes=int(settings.get(session, "login.lock_minutes", on=local_date(at))))
    if account is not None and not is_locked(account, at=at):
        account.failed_count += 1
        if account.failed_count >= attempts:
            account.failed_count = 0
            account.locked_until = at + lock
    logbook.write(session, event, "account", account.id if account else "unknown", by=_NOBODY, at=at, outcome="refused")


def sign_in(
    session: Session,
    account: Account,
    *,
    assignment_id: UUID,
    device: str | None = None,
    factor: Factor | None = None,
    at: datetime,
) -> str:
    """Open a session that acts as one role of the account's person; the secret goes to the browser and nowhere else.

    When the account has a second factor and nothing confirmed it yet, the session waits for a code and stands for nobody
    until :func:`confirm_sign_in`.

    Args:
        device: what browser it is, in coarse words.
        factor: with what it was confirmed already, e.g. by the provider that let the person in.

    Raises:
        LoginRefused: the role is not that person's, or has ended.
    """
    actor = actor_as(session, assignment_id, account.person_id, at=at)
    if actor is None or not account.active:
        raise LoginRefused(f"account {account.id} cannot act as {assignment_id}")
    secret = secrets.token_urlsafe(32)
    opened = SignIn(
        account_id=account.id,
        assignment_id=assignment_id,
        token_hash=hashed(secret),
        device=(device or "")[:60] or None,
        awaits_code=factor is None and is_enrolled(session, account.id),
        factor=factor,
        confirmed_at=at if factor else None,
        opened_at=at,
        seen_at=at,
    )
    session.add(opened)
    session.flush()
    details = {"awaits_code": opened.awaits_code, "factor": factor and str(factor)}
    logbook.write(session, "sign_in.opened", "sign_in", opened.id, by=actor, at=at, details=details)
    return secret


def sign_in_parent(
    session: Session, account: Account, *, device: str | None = None, factor: Factor | None = None, at: datetime
) -> str:
    """As :func:`sign_in`, for a parent; that the account is of somebody in a family is for the room ``parents`` to say.

    Raises:
        LoginRefused: not the account of a parent, or a closed one.
    """
    who = session.get_one(Person, account.person_id)
    if who.kind != PersonKind.PARENT or not (who.active and account.active):
        raise LoginRefused(f"account {account.id} is of no parent")
    enrolled = is_enrolled(session, account.id)
    if not enrolled and factor is None:  # it is set up in one browser only, or somebody at home could look along unseen
        end_sign_ins(session, account.id, at=at)
    secret = secrets.token_urlsafe(32)
    opened = SignIn(
        account_id=account.id,
        as_parent=True,
        token_hash=hashed(secret),
        device=(device or "")[:60] or None,
        awaits_code=factor is None and enrolled,
        factor=factor,
        confirmed_at=at if factor else None,
        opened_at=at,
        seen_at=at,
    )
    session.add(opened)
    session.flush()
    details = {"awaits_code": opened.awaits_code, "factor": factor and str(factor)}
    by = _parent(account.person_id, opened)
    logbook.write(session, "sign_in.opened", "sign_in", opened.id, by=by, at=at, details=details)
    return secret


def parent_of_sign_in(session: Session, secret: str, *, is_use: bool = True, at: datetime) -> Actor | None:
    """As :func:`actor_of_sign_in`, for a parent. Whether that person may see a family still, and as whom, is not asked here."""
    found = whose(session, secret, kind=PersonKind.PARENT, at=at)
    if found is None or found[0].awaits_code:
        return None
    _note_use(session, found[0], Limits.now(session, PersonKind.PARENT, at=at), is_use=is_use, at=at)
    return found[1]


def actor_of_sign_in(session: Session, secret: str, *, is_use: bool = True, at: datetime) -> Actor | None:
    """Whom a browser's secret stands for; None when unknown, ended, idle too long, too old, or no longer entitled.

    That it was seen is written at most once a minute, and only in a transaction that may write; after a transaction
    that only reads, :func:`to_touch` says whether :func:`touch` is due.

    Args:
        is_use: somebody is there. A page that asks by itself says no: being idle goes on.
    """
    found = live_sign_in(session, secret, at=at)
    if found is None or found[0].awaits_code:
        return None
    opened, assignment = found
    _note_use(session, opened, Limits.now(session, at=at), is_use=is_use, at=at)
    return actor_through(assignment, opened)


def _note_use(session: Session, opened: SignIn, limits: Limits, *, is_use: bool, at: datetime) -> None:
    due = is_use and at - opened.seen_at >= _SEEN_EVERY
    session.info[_LEFT] = limits.left(opened, at=at, used=due)
    if due:
        if session.info.get("writes"):
            opened.seen_at = at
        else:
            session.info[_TOUCH] = opened.id


def whose(
    session: Session, secret: str, *, kind: PersonKind = PersonKind.PROFESSIONAL, at: datetime
) -> tuple[SignIn, Actor] | None:
    """A session that has not ended, also one that still waits for a code, and whom it will stand for: of the one kind of
    people or the other, never both."""
    if kind == PersonKind.PROFESSIONAL:
        found = live_sign_in(session, secret, at=at)
        return None if found is None else (found[0], actor_through(found[1], found[0]))
    row = session.execute(
        select(SignIn, Person.id)
        .join(Account, Account.id == SignIn.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            SignIn.token_hash == hashed(secret),
            SignIn.ended_at.is_(None),
            SignIn.as_parent,
            Account.active,
            Person.active,
            Person.kind == PersonKind.PARENT,
        )
    ).first()
    if row is None or not Limits.now(session, kind, at=at).allow(row[0], at=at):
        return None
    return row[0], _parent(row[1], row[0])


def _parent(person_id: UUID, opened: SignIn) -> Actor:
    return Actor(
        person_id,
        None,
        None,
        "parent",
        origin="page",
        second_factor=opened.factor is not None,
        access_point=opened.id.hex,
    )


def live_sign_in(session: Session, secret: str, *, at: datetime) -> tuple[SignIn, RoleAssignment] | None:
    """A session that has not ended, also one that still waits for a code, and the role it is for."""
    found = session.execute(
        select(SignIn, RoleAssignment)
        .join(Account, Account.id == SignIn.account_id)
        .join(RoleAssignment, RoleAssignment.id == SignIn.assignment_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(
            SignIn.token_hash == hashed(secret),
            SignIn.ended_at.is_(None),
            Account.active,
            Account.person_id == RoleAssignment.person_id,
            entitled(at),
        )
    ).first()
    if found is None:
        return None
    opened, assignment = found
    return (opened, assignment) if Limits.now(session, at=at).allow(opened, at=at) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts."""

    idle: timedelta
    absolute: timedelta
    code: timedelta

    @classmethod
    def now(cls, session: Session, kind: PersonKind = PersonKind.PROFESSIONAL, *, at: datetime) -> Limits:
        """As they are set. The telephone of a parent lies about at home: shorter."""
        on, whose = local_date(at), "parent_" if kind == PersonKind.PARENT else ""
        idle, absolute, code = (
            timedelta(minutes=int(settings.get(session, name, on=on)))
            for name in (f"session.{whose}idle_minutes", f"session.{whose}absolute_minutes", "login.code_minutes")
        )
        return cls(idle, absolute, code)

    def left(self, opened: SignIn, *, at: datetime, used: bool) -> tuple[timedelta, timedelta]:
        """How long it lasts when nothing is done, and at most; *used*: that it was used now is about to be written down."""
        return self.idle - (timedelta(0) if used else at - opened.seen_at), self.absolute - (at - opened.opened_at)

    def allow(self, opened: SignIn, *, at: datetime) -> bool:
        """Whether a session is neither idle too long nor too old; waiting for a code it may not last long at all."""
        longest = self.code if opened.awaits_code else self.absolute
        return at - opened.seen_at < self.idle and at - opened.opened_at < longest


def note_use_of_token(session: Session, token: AccessToken, *, at: datetime) -> None:
    """A program used its token; as of a browser that is written now, or after a transaction that only reads."""
    if at - (token.last_used_at or token.issued_at) >= _SEEN_EVERY:
        if session.info.get("writes"):
            token.last_used_at = at
        else:
            session.info[_TOUCH] = token.id


def to_touch(session: Session) -> UUID | None:
    """The session (of a browser), or token, whose last use this reading transaction could not write down, if any."""
    found: UUID | None = session.info.get(_TOUCH)
    return found


def time_left(session: Session) -> tuple[timedelta, timedelta] | None:
    """How long the session (of a browser) lasts that this transaction found: unused, and at most."""
    found: tuple[timedelta, timedelta] | None = session.info.get(_LEFT)
    return found


def touch(session: Session, sign_in_id: UUID, *, at: datetime) -> None:
    """Write down that a browser was seen, or a token used; never earlier than what is there."""
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.seen_at < at, SignIn.ended_at.is_(None)).values(seen_at=at)
    )
    later = or_(AccessToken.last_used_at.is_(None), AccessToken.last_used_at < at)
    session.execute(update(AccessToken).where(AccessToken.id == sign_in_id, later).values(last_used_at=at))


def switch_assignment(session: Session, secret: str, *, assignment_id: UUID, at: datetime) -> Actor:
    """Let a browser go on as another role of the same person; how long it may last does not change.

    Raises:
        LoginRefused: the session has ended, or the role is not that person's.
    """
    before = actor_of_sign_in(session, secret, at=at)
    after = None if before is None else actor_as(session, assignment_id, before.person_id, at=at)
    if before is None or after is None:
        raise LoginRefused(f"no switch to assignment {assignment_id}")
    opened = session.scalars(select(SignIn).where(SignIn.token_hash == hashed(secret))).one()
    opened.assignment_id = assignment_id
    after = replace(after, second_factor=before.second_factor, access_point=before.access_point)
    logbook.write(session, "sign_in.switched", "sign_in", opened.id, by=after, at=at)
    return after


def sign_out(session: Session, secret: str, *, at: datetime) -> None:
    """End a browser's session; one that is unknown or ended already stays so."""
    query = select(SignIn).where(SignIn.token_hash == hashed(secret), SignIn.ended_at.is_(None))
    opened = session.scalar(query)
    if opened is None:
        return
    if opened.assignment_id is None:
        by = _parent(session.get_one(Account, opened.account_id).person_id, opened)
    else:
        by = actor_through(session.get_one(RoleAssignment, opened.assignment_id), opened)
    opened.ended_at = at
    logbook.write(session, "sign_in.ended", "sign_in", opened.id, by=by, at=at)


def actor_as(session: Session, assignment_id: UUID, person_id: UUID | None, *, at: datetime) -> Actor | None:
    """Who acts in a role, when it is of that person and runs."""
    assignment = session.scalar(
        select(RoleAssignment)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(RoleAssignment.id == assignment_id, RoleAssignment.person_id == person_id, entitled(at))
    )
    return None if assignment is None else actor_through(assignment)


def entitled(at: datetime) -> ColumnElement[bool]:
    """The role runs, and its person and organisation are active; needs all three in the query."""
    on = local_date(at)
    return (
        RoleAssignment.ended_at.is_(None)
        & (RoleAssignment.valid_from <= on)
        & or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on)
        & Person.active
        & Organisation.active
    )


def actor_through(assignment: RoleAssignment, through: SignIn | AccessToken | None = None) -> Actor:
    """Who acts in a role, and through what."""
    return Actor(
        person_id=assignment.person_id,
        assignment_id=assignment.id,
        organisation_id=assignment.organisation_id,
        role=assignment.role,
        municipalities=frozenset(assignment.areas),
        second_factor=through.factor is not None
        if isinstance(through, SignIn)
        else bool(through and through.second_factor),
        access_point=through.id.hex if through is not None else None,
    )


def managed(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> Account:
    """An account, for who manages accounts.

    Raises:
        NotAllowed: not for *by*, or the person works elsewhere too. NotFound: no such account, or of somebody whom *by* does
            not manage.
    """
    require_some(by, "manage_accounts", at=at)
    query = select(Account).join(Person, Person.id == Account.person_id)
    query = query.where(Account.id == account_id, Person.kind == PersonKind.PROFESSIONAL)
    account = session.scalar(query.where(of_managed(Account.person_id, by)))
    if account is None:
        raise NotFound(f"no account {account_id}")
    require_person(session, account.person_id, whole=True, action="manage_accounts", by=by, at=at)
    return account


def end_sign_ins(session: Session, account_id: UUID, *, at: datetime, but: UUID | None = None) -> None:
    """End every session of an account, except one; who calls this writes down why."""
    query = update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    session.execute((query if but is None else query.where(SignIn.id != but)).values(ended_at=at))


def revoke_tokens(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Make every token of a person worthless; who calls this writes down why."""
    own = select(RoleAssignment.id).where(RoleAssignment.person_id == person_id)
    query = update(AccessToken).where(AccessToken.assignment_id.in_(own), AccessToken.revoked_at.is_(None))
    session.execute(query.values(revoked_at=at))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that somebody wants, with what is slow about it done: do that while no transaction is open.

    Args:
        hash: what will be kept. guesses: how many it stands, as a power of ten.
        has_leaked: it is in the operator's list of passwords that leaked elsewhere.
    """

    length: int
    hash: str
    guesses: float
    can_be_hashed: bool
    has_leaked: bool = False

    @classmethod
    def prepare(
        cls,
        password: str,
        *,
        about: Iterable[str],
        cost: tuple[int, int, int] = COST,
        leaked: Leaked | None = None,
    ) -> NewPassword:
        """Hash it and see how easily it is guessed by who knows *about* the person, and whether it leaked before.

        Raises:
            Unavailable: the list of leaked passwords cannot be read.
        """
        usable = _can_be_hashed(password)
        given = password if usable else ""
        with _HASHING:
            hashed_ = _hasher(cost).hash(given)
            known = leaked is not None and leaked.holds(given)
            return cls(len(password), hashed_, rules.guesses(given, about), usable, known)


def password_errors(session: Session, new: NewPassword, *, at: datetime) -> dict[str, list[str]]:
    """What is wrong with a new password, if anything."""
    on = local_date(at)
    shortest = int(settings.get(session, "login.minimum_length", on=on))
    if new.length < shortest or not new.can_be_hashed:
        return {"password": [f"Kies een wachtwoord van {shortest} tot {LONGEST_PASSWORD} tekens."]}
    if new.has_leaked:
        return {"password": ["Dit wachtwoord is bij een datalek elders bekend geworden. Kies een ander."]}
    if new.guesses < int(settings.get(session, "login.password_guesses", on=on)):
        return {
            "password": ["Dit is makkelijk te raden. Kies een paar woorden die niets met u of uw werk te maken hebben."]
        }
    return {}


def about_account(session: Session, account: Account) -> tuple[str, str]:
    """What somebody would try in a password of an account."""
    return account.login, person(session, account.person_id).display_name


def _can_be_hashed(password: str) -> bool:
    """Not too long, and text that exists: JSON can hold half a character."""
    return len(password) <= LONGEST_PASSWORD and not any("\ud800" <= sign <= "\udfff" for sign in password)


def _normal(login: str) -> str:
    # What no database can hold, no login has.
    return login.strip().lower().replace("\x00", "").encode("utf-8", "ignore").decode()


def hashed(secret: str) -> bytes:
    """What is kept of a secret."""
    # A random secret of 256 bits cannot be guessed, so a plain hash is enough; a slow one would only cost time.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=8)
def _hasher(cost: tuple[int, int, int]) -> PasswordHasher:
    rounds, memory, lanes = cost
    return PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=lanes)


def nobodys_hash(cost: tuple[int, int, int]) -> str:
    """What is kept of a password that nobody has."""
    return _hasher(cost).hash(secrets.token_urlsafe(32))


@lru_cache(maxsize=8)
def _dummy(cost: tuple[int, int, int]) -> str:
    """A hash of nothing anybody knows, to be as busy for an unknown login as for a known one."""
    return nobodys_hash(cost)


def _matches(stored: str, password: str, cost: tuple[int, int, int]) -> bool:
    try:
        return _hasher(cost).verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
