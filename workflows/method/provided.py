"""Somebody whom a provider lets in: known already, known by login, or new here; with the roles that the operator's rules give."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, accounts, logbook, organisations
from workflows.accounts import Account, ProviderIdentity
from workflows.actor import OPERATOR
from workflows.errors import Invalid, LoginRefused, WrongState
from workflows.method.leaving import end_role
from workflows.organisations import Person, RoleAssignment

_log = logging.getLogger(__name__)
#: One answer for who is not known here, was closed, or has no role.
NOT_KNOWN = "U bent wel ingelogd bij uw organisatie, maar hier heeft u (nog) geen toegang. Vraag het de beheerder van uw organisatie."


@dataclass(frozen=True, slots=True)
class RuleRole:
    """A role that a rule of the operator gives: at an organisation, by name or id."""

    organisation: str
    role: str
    municipalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entering:
    """Who comes, as the provider vouches.

    Args:
        login: by which login they may be known here; None: by none.
        gives: roles that the rules give. places: organisations that any rule is about.
        new: who is not known gets an account, when a rule gives a role.
        asked: the provider asked who it was just now. prefers: the role that they were in, in this browser.
    """

    provider: str
    issuer: str
    subject: str
    name: str
    login: str | None
    gives: tuple[RuleRole, ...]
    places: tuple[str, ...]
    new: bool
    second_factor: bool
    provider_session: str | None = None
    asked: bool = False
    prefers: UUID | None = None


def enter_by_provider(
    session: Session, who: Entering, *, device: str | None, cost: tuple[int, int, int], at: datetime
) -> str:
    """Let somebody in whom a provider vouches for; their roles by rule are what the rules say now.

    Returns:
        The browser's secret.

    Raises:
        LoginRefused: not known here, closed, or without a role.
    """
    identity = accounts.identity_of(session, who.issuer, who.subject) or _first_time(session, who, cost=cost, at=at)
    account = session.get_one(Account, identity.account_id)
    if not account.active or not session.get_one(Person, account.person_id).active:
        raise LoginRefused("account closed", detail=NOT_KNOWN)
    _follow_rules(session, identity, account.person_id, who.gives, at=at)
    roles = organisations.assignments_of(session, account.person_id, on=local_date(at))
    if not roles:
        raise LoginRefused("no role assignment", detail=NOT_KNOWN)
    return accounts.sign_in_via(
        session,
        identity,
        issuer=who.issuer,
        assignment_id=next((role.id for role in roles if role.id == who.prefers), roles[0].id),
        second_factor=who.second_factor,
        provider_session=who.provider_session,
        asked=who.asked,
        device=device,
        at=at,
    )


def end_by_provider(
    session: Session, issuer: str, *, token_id: str, subject: str | None, provider_session: str | None, at: datetime
) -> int:
    """A provider says, once, that somebody logged out there; see :func:`accounts.end_via_provider`.

    Raises:
        LoginRefused: it said so before.
    """
    accounts.use_once(session, issuer, f"logout {token_id}", at=at)
    return accounts.end_via_provider(session, issuer, subject=subject, provider_session=provider_session, at=at)


def _first_time(session: Session, who: Entering, *, cost: tuple[int, int, int], at: datetime) -> ProviderIdentity:

    def link(account: Account, *, made: bool) -> ProviderIdentity:
        return accounts.link_identity(
            session,
            account,
            provider=who.provider,
            issuer=who.issuer,
            subject=who.subject,
            made_account=made,
            at=at,
        )

    account_id = accounts.id_of_login(session, who.login) if who.login else None
    if account_id is not None:
        account = session.get_one(Account, account_id)
        if not _works_only_at(session, account.person_id, who.places, at=at):
            raise LoginRefused("known, but not only at organisations of this provider", detail=NOT_KNOWN)
        return link(account, made=False)
    if not who.new or not _known_roles(session, who.gives):
        raise LoginRefused("not known here", detail=NOT_KNOWN)
    person = organisations.add_person(session, display_name=who.name or "Naam onbekend", by=OPERATOR, at=at)
    login = f"{who.provider}:{accounts.digest(who.issuer, who.subject).hex()[:12]}"
    account = accounts.create_account(session, person_id=person.id, login=login, by=OPERATOR, at=at, cost=cost)
    return link(account, made=True)


def _works_only_at(session: Session, person_id: UUID, places: Iterable[str], *, at: datetime) -> bool:
    """A provider says something only about who works where the operator said that it is the provider of, and nowhere else:
    it would otherwise open what another organisation, or the region, entrusted to the same person."""
    theirs = {_place(session, text) for text in places}
    roles = organisations.assignments_of(session, person_id, on=local_date(at))
    return bool(roles) and all(
        role.organisation_id in theirs and role.role not in organisations.REGIONAL_ROLES for role in roles
    )


def _known_roles(session: Session, gives: Iterable[RuleRole]) -> list[tuple[UUID, RuleRole]]:
    found = []
    for rule in gives:
        place = _place(session, rule.organisation)
        if place is None:
            _log.warning("provider.rule_without_organisation")
        else:
            found.append((place, rule))
    return found


def _place(session: Session, text: str) -> UUID | None:
    query = select(organisations.Organisation).where(organisations.Organisation.active)
    return next((one.id for one in session.scalars(query) if text in (one.name, str(one.id))), None)


def _follow_rules(
    session: Session, identity: ProviderIdentity, person_id: UUID, gives: Iterable[RuleRole], *, at: datetime
) -> None:
    """Roles that a rule gave and gives no longer end, as when somebody leaves them: what they have to do goes to the team. What
    was given by hand stays. What somebody here ended, no rule gives back: they looked at this person, a rule looks at a group;
    the log says each time that it was kept so."""
    access.require(OPERATOR, "manage_accounts", access.Facts(), at=at)
    wanted = {(place, rule.role, tuple(sorted(rule.municipalities))) for place, rule in _known_roles(session, gives)}
    on = local_date(at)
    for role in accounts.roles_by_rule(session, identity):
        if _as_rule(role) not in wanted:
            if role.valid_to is None:  # else somebody here set it a last day
                accounts.withdraw_role(session, role.id, at=at)
            end_role(session, role.id, by=OPERATOR, at=at)
    ended = accounts.roles_ended_here(session, person_id, on=on)
    has = {_as_rule(role) for role in organisations.assignments_of(session, person_id, on=on)}
    for place, name, municipalities in sorted(wanted - has, key=str):
        if before := [one for one in ended if _is_part(_as_rule(one), (place, name, municipalities))]:
            details = {"provider": identity.provider}
            logbook.write(
                session, "role.kept_ended", "role_assignment", before[-1].id, by=OPERATOR, at=at, details=details
            )
            continue
        try:
            given = organisations.assign_role(
                session,
                person_id=person_id,
                organisation_id=place,
                role=name,
                areas=municipalities,
                valid_from=local_date(at),
                by=OPERATOR,
                at=at,
            )
        except (
            Invalid,
            WrongState,
        ):  # a rule that says something which is not there; who comes can do nothing about it
            _log.warning("provider.rule_refused")
        else:
            accounts.keep_role_by_rule(session, identity, given.id)


_RoleThere = tuple[UUID, str, tuple[str, ...]]


def _is_part(one: _RoleThere, other: _RoleThere) -> bool:
    """Whether two roles are the same for some municipality; none named: all of them."""
    return one[:2] == other[:2] and (not one[2] or not other[2] or bool(set(one[2]) & set(other[2])))


def _as_rule(role: RoleAssignment) -> _RoleThere:
    return role.organisation_id, str(role.role), tuple(sorted(role.areas))
