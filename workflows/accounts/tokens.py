"""Tokens with which a program acts as one role of somebody: issued, seen, ended, and whom one stands for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import access, logbook
from workflows.accounts.model import AccessToken
from workflows.accounts.service import actor_as, actor_through, entitled, hashed
from workflows.accounts.sessions import may_see
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.organisations import Organisation, Person, RoleAssignment


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token with which a program acts as somebody."""

    id: UUID
    label: str
    organisation: str
    role: str
    issued_at: datetime
    expires_at: datetime


def tokens_of(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> list[LiveToken]:
    """The tokens of a person that still open something, the first to expire first.

    Raises:
        NotFound: of somebody else, and *by* manages no accounts.
    """
    may_see(session, person_id, by=by, at=at)
    rows = session.execute(
        select(AccessToken, RoleAssignment.role, Organisation.name)
        .join(RoleAssignment, RoleAssignment.id == AccessToken.assignment_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(
            RoleAssignment.person_id == person_id,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > at,
            entitled(at),
        )
        .order_by(AccessToken.expires_at, AccessToken.id)
    )
    return [LiveToken(one.id, one.label, name, role, one.issued_at, one.expires_at) for one, role, name in rows]


def issue_token(
    session: Session,
    *,
    assignment_id: UUID,
    label: str,
    expires_at: datetime,
    second_factor: bool = False,
    by: Actor,
    at: datetime,
) -> str:
    """A secret with which a program acts as one role until *expires_at*; shown once, kept as a hash.

    Args:
        second_factor: the token counts as confirmed with a second factor. Only who was confirmed, or the operator at the
            command line, can say so.

    Raises:
        NotFound: no such role.
        Invalid: without a label, or expired before it begins.
        WrongState: the role has ended.
    """
    assignment = session.get(RoleAssignment, assignment_id)
    own = assignment is not None and by.person_id is not None and assignment.person_id == by.person_id
    if not own:
        access.require(by, "manage_accounts", access.Facts(), at=at)
    if assignment is None:
        raise NotFound(f"no role assignment {assignment_id}")
    errors: dict[str, list[str]] = {}
    if not 0 < len(label.strip()) <= 120:
        errors["label"] = ["Zeg in hoogstens 120 tekens waar dit token voor is."]
    if expires_at <= at:
        errors["expires_at"] = ["Kies een moment in de toekomst."]
    if second_factor and not (by.second_factor or by.is_system):
        raise NotAllowed(f"token for assignment {assignment_id} with a second factor, by somebody without")
    if errors:
        raise Invalid(f"token for assignment {assignment_id} refused", errors=errors)
    if actor_as(session, assignment_id, assignment.person_id, at=at) is None:
        raise WrongState(f"role assignment {assignment_id} has ended")
    secret = secrets.token_urlsafe(32)
    token = AccessToken(
        assignment_id=assignment_id,
        label=label.strip(),
        token_hash=hashed(secret),
        second_factor=second_factor,
        issued_by=by.person_id,
        issued_at=at,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    details = {"second_factor": second_factor}
    logbook.write(session, "token.issued", "access_token", token.id, by=by, at=at, details=details)
    return secret


def revoke_token(session: Session, token_id: UUID, *, by: Actor, at: datetime) -> None:
    """Make a token worthless from now on.

    Raises:
        NotFound: no such token, or somebody else's.
        WrongState: revoked before.
    """
    query = select(AccessToken, RoleAssignment.person_id, RoleAssignment.organisation_id)
    query = query.join(RoleAssignment, RoleAssignment.id == AccessToken.assignment_id)
    found = session.execute(query.where(AccessToken.id == token_id)).first()
    own = found is not None and by.person_id is not None and found.person_id == by.person_id
    here = access.Facts(own_organisation=found is not None and found.organisation_id == by.organisation_id)
    if found is None or not (own or access.allows(by, "manage_accounts", here)):
        raise NotFound(f"no token {token_id}")
    token: AccessToken = found[0]
    if token.revoked_at is not None:
        raise WrongState(f"token {token_id} was revoked before")
    token.revoked_at = at
    logbook.write(session, "token.revoked", "access_token", token.id, by=by, at=at)


def actor_of_token(session: Session, secret: str, *, at: datetime) -> Actor | None:
    """Whom a program's secret stands for; None when unknown, expired, revoked or no longer entitled."""
    found = session.execute(
        select(RoleAssignment, AccessToken)
        .join(AccessToken, AccessToken.assignment_id == RoleAssignment.id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(
            AccessToken.token_hash == hashed(secret),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > at,
            entitled(at),
        )
    ).first()
    return None if found is None else actor_through(*found)
