"""A second factor: begun, confirmed with a code, asked at every log-in from then on, and taken away again.

Which key opens the secrets is handed in by the door: it is not in the database. A code is taken once. Wrong codes count
with wrong passwords towards the same lock, and every refusal is the same.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook, vault
from workflows.accounts import rules
from workflows.accounts.model import Account, Factor, RecoveryCode, SecondFactor, SignIn, factor_about
from workflows.accounts.service import (
    COST,
    Tried,
    check_password,
    clear_failures,
    count_failure,
    end_sign_ins,
    find_login,
    hashed,
    is_enrolled,
    is_locked,
    managed,
    whose,
)
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused, NotAllowed, NotFound, WrongState
from workflows.organisations import Person, PersonKind, assignments_of

#: One answer for a code that is wrong, used before or too old, and for an account that is locked.
FACTOR_NEEDED = "Voor een rol die u heeft, is een code verplicht. Stel die eerst in bij ‘Mijn account’."
CODE_REFUSED = (
    "Deze code klopt niet, is al gebruikt of is verlopen, of er ging te vaak iets mis. "
    "Wacht op de volgende code en probeer het opnieuw."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a browser is with logging in, and what its account has."""

    sign_in_id: UUID
    account_id: UUID
    person_id: UUID
    login: str
    awaits_code: bool
    confirmed: bool
    enrolled: bool
    last_step: int
    recovery_left: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor that counts from now on.

    Args:
        recovery_codes: shown once; only hashes are kept.
        secret: the browser's new secret, when a browser did it.
    """

    recovery_codes: tuple[str, ...]
    secret: str | None = None


def standing(
    session: Session, secret: str, *, kind: PersonKind = PersonKind.PROFESSIONAL, at: datetime
) -> Standing | None:
    """What a browser's secret is good for, also when it still waits for a code; None when it is good for nothing."""
    found = whose(session, secret, kind=kind, at=at)
    if found is None:
        return None
    opened, _ = found
    account = session.get_one(Account, opened.account_id)
    factor = _factor(session, account.id)
    left = select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return Standing(
        sign_in_id=opened.id,
        account_id=account.id,
        person_id=account.person_id,
        login=account.login,
        awaits_code=opened.awaits_code,
        confirmed=opened.factor is not None,
        enrolled=factor is not None,
        last_step=factor.last_step if factor else 0,
        recovery_left=session.scalar(left) or 0,
    )


def confirm_sign_in(
    session: Session, secret: str, *, code: str, kind: PersonKind = PersonKind.PROFESSIONAL, at: datetime
) -> str:
    """Confirm a log-in, or a session that goes on, with a code of the app or one from paper.

    A failed attempt is counted on the account: commit, also when this raises.

    Returns:
        The browser's new secret; the old one is worth nothing any more.

    Raises:
        LoginRefused: for whichever reason.
    """
    found = whose(session, secret, kind=kind, at=at)
    if found is None:
        raise LoginRefused("no sign-in to confirm", detail=CODE_REFUSED)
    opened, by = found
    account = session.scalars(select(Account).where(Account.id == opened.account_id).with_for_update()).one()
    factor = _factor(session, account.id)
    step = _step(session, factor, code, at=at)
    paper = _on_paper(session, account.id, code)
    if factor is None or is_locked(account, at=at) or (step is None and paper is None):
        count_failure(session, account, "second_factor.refused", at=at)
        raise LoginRefused("code refused", detail=CODE_REFUSED)
    if step is not None:
        factor.last_step = step
    elif paper is not None:
        paper.used_at = at
    clear_failures(account)
    opened.factor = Factor.TOTP if step is not None else Factor.RECOVERY_CODE
    renewed = _confirmed(opened, at=at)
    by = replace(by, second_factor=True, origin="page")
    logbook.write(
        session, "sign_in.confirmed", "sign_in", opened.id, by=by, at=at, details={"factor": str(opened.factor)}
    )
    return renewed


def prove_again(
    session: Session,
    *,
    login: str,
    password: str,
    code: str,
    at: datetime,
    cost: tuple[int, int, int] = COST,
    tried: Tried | None = None,
) -> None:
    """Whoever asks knows the password and, when the account has a second factor, has a code of it that was not used yet.

    What was wrong is not told, the same work is done for either, and one attempt counts once. Commit, also when this
    raises.

    Args:
        code: of the app or from paper; looked at only when the account has a second factor.

    Raises:
        LoginRefused: for whichever reason.
        NotAllowed: it was the right password, of somebody with a role that must have a second factor, and has none.
    """
    account = find_login(session, login)
    factor = None if account is None else _factor(session, account.id)
    step = _step(session, factor, code, at=at)
    paper = None if account is None else _on_paper(session, account.id, code)
    account = check_password(session, login=login, password=password, at=at, cost=cost, tried=tried)
    if factor is None:
        if must_have_one(session, account, at=at):
            raise NotAllowed(
                f"account {account.id} must have a second factor and has none",
                detail=FACTOR_NEEDED,
            )
        return
    if step is None and paper is None:
        count_failure(session, account, "second_factor.refused", at=at)
        raise LoginRefused("code refused", detail=CODE_REFUSED)
    if step is not None:
        factor.last_step = step
    elif paper is not None:
        paper.used_at = at
    clear_failures(account)


def begin_second_factor(
    session: Session, account_id: UUID, *, secret: str | None = None, by: Actor, at: datetime
) -> str:
    """Draw the secret of an authenticator app; it counts once :func:`confirm_second_factor` got a code of it.

    What was begun before is thrown away; what counts goes on counting.

    Args:
        secret: for a demo or a test; drawn at random when left out.

    Returns:
        The secret in base32, to be shown to its owner.

    Raises:
        NotFound: no such account, or somebody else's.
        NotAllowed: there is one already, and this session was not confirmed with it.
    """
    account = _own(session, account_id, by=by, at=at)
    _require_confirmed(session, account, by=by)
    if (before := _factor(session, account_id, begun=True)) is not None:
        _end(before, at=at)
        if not is_enrolled(session, account_id):  # codes on paper that were shown and did not count yet
            session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
        session.flush()
    secret = secret or rules.new_secret()
    begun = SecondFactor(id=uuid4(), account_id=account_id, begun_at=at, last_step=0)
    begun.sealed_secret = vault.of(session).seal(secret.encode(), about=factor_about(begun.id))
    session.add(begun)
    session.flush()
    logbook.write(session, "second_factor.begun", "account", account_id, by=by, at=at)
    return secret


def begin_on_paper(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> tuple[str, ...]:
    """For who has no telephone for an app: codes on paper are the second factor. They count once
    :func:`confirm_second_factor` got one of them, so that nobody is locked out who did not write them down.

    Raises:
        NotFound: no such account, or somebody else's. WrongState: there is a second factor already.
    """
    if is_enrolled(session, account_id):
        raise WrongState(f"account {account_id} has a second factor")
    begin_second_factor(session, account_id, by=by, at=at)  # of which nobody is shown the secret
    return _new_codes(session, account_id, at=at)


def begun_secret(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> str | None:
    """The secret that was begun and not confirmed yet, to show it again to its owner; else None."""
    account = _own(session, account_id, by=by, at=at)
    begun = _factor(session, account.id, begun=True)
    return None if begun is None else _opened(session, begun)


def confirm_second_factor(
    session: Session,
    account_id: UUID,
    *,
    code: str,
    sign_in_secret: str | None = None,
    by: Actor,
    at: datetime,
) -> Enrolled:
    """Let a second factor count: its owner showed a code of it. What counted before ends, as do all other sessions.

    Raises:
        NotFound: no such account, or somebody else's.
        WrongState: nothing was begun.
        Invalid: not a code of it.
    """
    account = _own(session, account_id, by=by, at=at)
    _require_confirmed(session, account, by=by)
    begun = _factor(session, account_id, begun=True)
    if begun is None:
        raise WrongState(f"account {account_id} began no second factor", detail="Begin opnieuw met instellen.")
    step = _step(session, begun, code, at=at)
    before = _factor(session, account_id)
    paper = _on_paper(session, account_id, code) if before is None else None  # see begin_on_paper
    if step is None and paper is None:
        text = "Deze code klopt niet. Kijk in de app welke code er nu staat en of de klok van uw telefoon goed loopt."
        raise Invalid(f"second factor of account {account_id} not confirmed", errors={"code": [text]})
    if before is not None:
        _end(before, at=at)
        session.flush()
    begun.confirmed_at, begun.last_step = at, step or 0
    if paper is not None:
        paper.used_at = at
    renewed, here = None, None
    if sign_in_secret is not None:
        here = session.scalars(select(SignIn).where(SignIn.token_hash == hashed(sign_in_secret))).one()
        here.factor = Factor.TOTP if paper is None else Factor.RECOVERY_CODE
        renewed = _confirmed(here, at=at)
        session.flush()
    end_sign_ins(session, account_id, at=at, but=here.id if here else None)
    logbook.write(session, "second_factor.confirmed", "account", account_id, by=by, at=at)
    return Enrolled((), renewed) if paper is not None else Enrolled(_new_codes(session, account_id, at=at), renewed)


def renew_recovery_codes(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> tuple[str, ...]:
    """New codes on paper; the old ones are worth nothing any more.

    Raises:
        NotFound: no such account, or somebody else's. WrongState: it has no second factor.
        NotAllowed: this session was not confirmed.
    """
    account = _own(session, account_id, by=by, at=at)
    if not is_enrolled(session, account_id):
        raise WrongState(f"account {account_id} has no second factor")
    _require_confirmed(session, account, by=by)
    logbook.write(session, "second_factor.codes_renewed", "account", account_id, by=by, at=at)
    return _new_codes(session, account_id, at=at)


def remove_second_factor(
    session: Session, account_id: UUID, *, of_everybody: bool = False, by: Actor, at: datetime
) -> None:
    """Stop asking the owner for a code.

    Args:
        of_everybody: every role asks for it, so nobody stops.

    Raises:
        NotFound: no such account, or somebody else's. WrongState: it has no second factor.
        NotAllowed: a role of the person asks for it, or this session was not confirmed.
    """
    account = _own(session, account_id, by=by, at=at)
    if not is_enrolled(session, account_id):
        raise WrongState(f"account {account_id} has no second factor")
    _require_confirmed(session, account, by=by)
    if must_have_one(session, account, of_everybody=of_everybody, at=at):
        raise NotAllowed(
            f"account {account_id} has a role that asks for a second factor",
            detail="Voor een rol die u heeft, is een code verplicht.",
        )
    _take_away(session, account_id, at=at)
    logbook.write(session, "second_factor.removed", "account", account_id, by=by, at=at)


def reset_second_factor(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> None:
    """For somebody who lost telephone and paper: take the second factor away and end every session.

    Whoever does this has first seen who asks.

    Raises:
        NotAllowed: *by* manages no accounts. NotFound: no such account. WrongState: it has no second factor.
    """
    account = managed(session, account_id, by=by, at=at)
    if not is_enrolled(session, account.id):
        raise WrongState(f"account {account_id} has no second factor")
    _take_away(session, account_id, at=at)
    end_sign_ins(session, account_id, at=at)
    logbook.write(session, "second_factor.reset", "account", account_id, by=by, at=at)


def forget_second_factor(session: Session, account: Account, *, at: datetime) -> None:
    """As :func:`reset_second_factor`, of a parent who gets a new invitation; the caller asked ``access`` and writes it down."""
    _take_away(session, account.id, at=at)
    end_sign_ins(session, account.id, at=at)


def _own(session: Session, account_id: UUID, *, by: Actor, at: datetime) -> Account:
    """The account of *by*, or any for who sets up accounts at the command line."""
    account = session.get(Account, account_id)
    if account is not None and by.person_id is not None and account.person_id == by.person_id:
        return account
    if not by.is_system:
        raise NotFound(f"no account {account_id} of person {by.person_id}")
    access.require(by, "manage_accounts", access.Facts(), at=at)
    if account is None:
        raise NotFound(f"no account {account_id}")
    return account


def must_have_one(session: Session, account: Account, *, of_everybody: bool = False, at: datetime) -> bool:
    """Whether an account may do nothing without a second factor, in a role that it has."""
    if session.get_one(Person, account.person_id).kind == PersonKind.PARENT:
        return True
    roles = {one.role for one in assignments_of(session, account.person_id, on=local_date(at))}
    return any(rules.asks_second_factor(role, of_everybody=of_everybody) for role in roles)


def _require_confirmed(session: Session, account: Account, *, by: Actor) -> None:
    if not (by.is_system or by.second_factor) and is_enrolled(session, account.id):
        raise NotAllowed(
            f"account {account.id} has a second factor that this session was not confirmed with",
            detail="Bevestig eerst met uw code.",
        )


def _factor(session: Session, account_id: UUID, *, begun: bool = False) -> SecondFactor | None:
    confirmed = SecondFactor.confirmed_at.is_(None) if begun else SecondFactor.confirmed_at.is_not(None)
    query = select(SecondFactor).where(
        SecondFactor.account_id == account_id, SecondFactor.ended_at.is_(None), confirmed
    )
    return session.scalar(query)


def _opened(session: Session, factor: SecondFactor) -> str:
    assert factor.sealed_secret is not None, "one that has not ended has a secret"
    return vault.of(session).open(factor.sealed_secret, about=factor_about(factor.id)).decode()


def _step(session: Session, factor: SecondFactor | None, code: str, *, at: datetime) -> int | None:
    """The half minute of a code of this app; without an app as much work is done for nothing."""
    secret = rules.new_secret() if factor is None else _opened(session, factor)
    found = rules.matching_step(secret, rules.normal_code(code), at=at, after=factor.last_step if factor else 0)
    return found if factor is not None else None


def _on_paper(session: Session, account_id: UUID, code: str) -> RecoveryCode | None:
    query = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == rules.hashed_code(code),
        RecoveryCode.used_at.is_(None),
    )
    return session.scalar(query)


def _confirmed(opened: SignIn, *, at: datetime) -> str:
    """The session is confirmed; its secret changes, so that whoever knew the old one is left behind."""
    renewed = secrets.token_urlsafe(32)
    opened.token_hash, opened.awaits_code, opened.confirmed_at = hashed(renewed), False, at
    return renewed


def _new_codes(session: Session, account_id: UUID, *, at: datetime) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = tuple(rules.new_recovery_code() for _ in range(rules.RECOVERY_CODES))
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=rules.hashed_code(code), made_at=at) for code in codes
    )
    session.flush()
    return codes


def _end(factor: SecondFactor, *, at: datetime) -> None:
    factor.ended_at, factor.sealed_secret = at, None


def _take_away(session: Session, account_id: UUID, *, at: datetime) -> None:
    for begun in (False, True):
        if (factor := _factor(session, account_id, begun=begun)) is not None:
            _end(factor, at=at)
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.flush()
