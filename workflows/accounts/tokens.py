"""Tokens with which a program acts as one role of somebody: issued, seen, ended, and whom one stands for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook, settings
from workflows.accounts.model import AccessToken
from workflows.accounts.providers import vouched
from workflows.accounts.service import actor_as, actor_through, entitled, hashed, note_use_of_token
from workflows.accounts.sessions import may_see
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.organisations import Organisation, Person, RoleAssignment

#: What a secret begins with, so that whoever finds one lying about, or a program that looks for such things, knows what it is.
PREFIX = "steun_"
_LABEL = 120
_NETWORKS = 20
#: Of a token that ended and is still used, or from elsewhere, so often at most a line is written.
_TOLD_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token with which a program acts as somebody.

    Args:
        last_used_at: on a minute; None: not since the first minute.
        networks: from where alone it may come; empty: from anywhere.
        here: it is the one that asks.
        asleep: opens nothing until its owner logs in again by way of their provider.
    """

    id: UUID
    label: str
    person_id: UUID
    person: str
    organisation: str
    role: str
    second_factor: bool
    networks: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    here: bool
    asleep: bool


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just issued; its secret is shown once, only a hash is kept."""

    id: UUID
    secret: str


def tokens_of(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> list[LiveToken]:
    """The tokens of a person that still open something, the first to expire first.

    Raises:
        NotFound: of somebody else, and *by* manages no accounts.
    """
    may_see(session, person_id, by=by, at=at)
    return _live(session, _tokens(session, at).where(RoleAssignment.person_id == person_id), by=by)


def tokens_at(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> list[LiveToken]:
    """The tokens that act for an organisation and still open something, the first to expire first.

    Raises:
        NotAllowed: *by* manages no accounts there.
    """
    here = access.Facts(own_organisation=organisation_id == by.organisation_id)
    access.require(by, "manage_accounts", here, at=at)
    return _live(session, _tokens(session, at).where(RoleAssignment.organisation_id == organisation_id), by=by)


def _tokens(session: Session, at: datetime) -> Select[AccessToken, RoleAssignment, str, str, bool]:
    query = (
        select(AccessToken, RoleAssignment, Organisation.name, Person.display_name, vouched(session, at=at))
        .join(RoleAssignment, RoleAssignment.id == AccessToken.assignment_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
    )
    return query.where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > at, entitled(at))


def _live(
    session: Session, query: Select[AccessToken, RoleAssignment, str, str, bool], *, by: Actor
) -> list[LiveToken]:
    return [
        LiveToken(
            one.id,
            one.label,
            assignment.person_id,
            person,
            organisation,
            assignment.role,
            one.second_factor,
            tuple(one.networks),
            one.issued_at,
            one.expires_at,
            one.last_used_at,
            one.id.hex == by.access_point,
            not vouched_for,
        )
        for one, assignment, organisation, person, vouched_for in session.execute(
            query.order_by(AccessToken.expires_at, AccessToken.id)
        )
    ]


def make_token(
    session: Session,
    *,
    assignment_id: UUID,
    label: str,
    expires_at: datetime,
    second_factor: bool = False,
    networks: Iterable[str] = (),
    by: Actor,
    at: datetime,
) -> NewToken:
    """A secret with which a program acts as one role until *expires_at*; shown once, kept as a hash.

    Whose role it is, issues it; or the operator at the command line. Who manages accounts ends tokens and makes none: it would
    be a way to become anybody.

    Args:
        second_factor: the token counts as confirmed with a second factor. Only who was confirmed, or the operator at the
            command line, can say so.
        networks: from where alone it may come, such as ``192.0.2.0/28``; none: from anywhere.

    Raises:
        NotFound: no such role, or somebody else's.
        NotAllowed: it is to count as confirmed, and *by* was not.
        Invalid: without a label, expired before it begins, or longer than the region allows.
        WrongState: the role has ended.
    """
    assignment = session.get(RoleAssignment, assignment_id)
    own = assignment is not None and by.person_id is not None and assignment.person_id == by.person_id
    if assignment is None or not (own or by.is_system):
        raise NotFound(f"no role assignment {assignment_id} of person {by.person_id}")
    if not own:
        access.require(by, "manage_accounts", access.Facts(), at=at)
    longest = int(settings.get(session, "token.longest_days", on=local_date(at)))
    errors: dict[str, list[str]] = {}
    if not 0 < len(label.strip()) <= _LABEL:
        errors["label"] = [f"Zeg in hoogstens {_LABEL} tekens waar dit token voor is."]
    if not at < expires_at <= at + timedelta(days=longest):
        errors["expires_at"] = [f"Kies een moment in de toekomst, hoogstens {longest} dagen vooruit."]
    given = [text for each in networks if (text := each.strip())]
    wrong = [text for text in given if _network(text) is None]
    if wrong or len(given) > _NETWORKS:
        errors["networks"] = [f"Geef hoogstens {_NETWORKS} adressen of netwerken, zoals 192.0.2.10 of 192.0.2.0/28."]
    if second_factor and not (by.second_factor or by.is_system):
        raise NotAllowed(f"token for assignment {assignment_id} with a second factor, by somebody without")
    if errors:
        raise Invalid(f"token for assignment {assignment_id} refused", errors=errors)
    if actor_as(session, assignment_id, assignment.person_id, at=at) is None:
        raise WrongState(f"role assignment {assignment_id} has ended")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken(
        assignment_id=assignment_id,
        label=label.strip(),
        token_hash=hashed(secret),
        second_factor=second_factor,
        networks=[str(_network(text)) for text in given],
        issued_by=by.person_id,
        issued_at=at,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    details = {"second_factor": second_factor}
    logbook.write(session, "token.issued", "access_token", token.id, by=by, at=at, details=details)
    return NewToken(token.id, secret)


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


def end_tokens_of_roles(session: Session, assignment_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """These roles end, and what acts in them with them; whoever calls this asked whether *by* may end the roles."""
    query = select(AccessToken).where(AccessToken.assignment_id.in_(list(assignment_ids)))
    query = query.where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > at)
    for token in session.scalars(query.order_by(AccessToken.id).with_for_update()):
        token.revoked_at = at
        logbook.write(session, "token.revoked", "access_token", token.id, by=by, at=at)


def every_token(session: Session, *, at: datetime) -> list[AccessToken]:
    """All that were not ended and are in time, also where a role ended meanwhile. For an installation that was put back."""
    query = select(AccessToken).where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > at)
    return list(session.scalars(query.order_by(AccessToken.id)))


def end_every_token(session: Session, *, by: Actor, at: datetime) -> int:
    """End all of :func:`every_token`; returns how many it were."""
    found = every_token(session, at=at)
    for token in found:
        token.revoked_at = at
        logbook.write(session, "token.revoked", "access_token", token.id, by=by, at=at)
    return len(found)


def actor_of_token(session: Session, secret: str, *, address: str | None = None, at: datetime) -> Actor | None:
    """Whom a program's secret stands for; None when unknown, expired, revoked, no longer entitled, not
    vouched for by the provider of its owner, or from elsewhere.

    That it was used is written at most once a minute; see :func:`touch`.

    Args:
        address: where it comes from.
    """
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
            vouched(session, at=at),
        )
    ).first()
    if found is None or not _comes_from(found[1], address):
        return None
    note_use_of_token(session, found[1], at=at)
    return actor_through(*found)


def refused_token(session: Session, secret: str, *, at: datetime) -> UUID | None:
    """Of which token a secret is that opened nothing, when that is still to be written down; None: of none of ours."""
    token = session.scalar(select(AccessToken).where(AccessToken.token_hash == hashed(secret)))
    return None if token is None or _was_told(token, at) else token.id


def note_refused_token(session: Session, token_id: UUID, *, address: str | None = None, at: datetime) -> None:
    """A token that ended, or may not come from there, is used: somebody has it who should not. Written down at most once an
    hour."""
    token = session.scalars(select(AccessToken).where(AccessToken.id == token_id).with_for_update()).one()
    if _was_told(token, at):
        return
    if token.revoked_at is not None:
        why = "revoked"
    elif token.expires_at <= at:
        why = "expired"
    elif not _comes_from(token, address):
        why = "network"
    else:
        asleep = select(RoleAssignment.id).where(RoleAssignment.id == token.assignment_id, ~vouched(session, at=at))
        why = "role_ended" if session.scalar(asleep) is None else "unvouched"
    token.refused_at = at
    by = actor_through(session.get_one(RoleAssignment, token.assignment_id), token)
    details = {"reason": why}
    logbook.write(session, "token.refused", "access_token", token.id, by=by, at=at, outcome="refused", details=details)


def _was_told(token: AccessToken, at: datetime) -> bool:
    return token.refused_at is not None and at - token.refused_at < _TOLD_EVERY


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _comes_from(token: AccessToken, address: str | None) -> bool:
    if not token.networks:
        return True
    try:
        where = ip_address(address or "")
    except ValueError:
        return False
    where = getattr(where, "ipv4_mapped", None) or where
    return any(where in network for text in token.networks if (network := _network(text)) is not None)
