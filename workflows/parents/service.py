"""Inviting a parent, finding anew whose login it is, and ending it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import accounts, db, families, logbook, organisations
from workflows.accounts import Account, Activation, RecoveryCode, SecondFactor, SignIn
from workflows.actor import Actor
from workflows.db import Base
from workflows.errors import Invalid, LoginRefused, NotFound, WrongState
from workflows.families import Family, FamilyMember, MemberKind, SafeContact
from workflows.organisations import Person, PersonKind
from workflows.parents import rules
from workflows.parents.model import Delivery, IdentityCheck, LinkEnd, ParentLink


@dataclass(frozen=True, slots=True)
class Invitation:
    """What stands on the paper; the code is shown once and kept nowhere."""

    link: ParentLink
    login: str
    code: str
    expires_at: datetime


def invite(
    session: Session,
    member: FamilyMember,
    *,
    identity_check: IdentityCheck | str,
    delivery: Delivery | str = Delivery.IN_PERSON,
    login: str | None = None,
    case_id: UUID,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = accounts.COST,
) -> Invitation:
    """Make a login for a member and the code for the paper; whether *by* may was asked about the case.

    Args:
        login: for a demo; drawn at random when left out.

    Raises:
        NotFound: nobody who may have a login. Invalid: what was checked or how it goes is missing, or post is not safe.
        WrongState: there is a login already.
    """
    _require(session, member, at=at)
    check, how = _checked(member, identity_check, delivery)
    if by.organisation_id is None:
        raise NotFound("an invitation comes from an organisation")
    if _live(session, member.id) is not None:
        raise WrongState(f"member {member.id} has a login", detail="Deze ouder heeft al een uitnodiging of een inlog.")
    who = organisations.add_parent(session)
    while login is None or accounts.login_is_taken(session, login):
        login = rules.new_login()
    account = accounts.add_parent_account(session, who.id, login, by=by, at=at, cost=cost)
    link = ParentLink(
        person_id=who.id,
        member_id=member.id,
        family_id=member.family_id,
        invited_by=by.person_id,
        organisation_id=by.organisation_id,
        invited_at=at,
        identity_check=check,
        delivery=how,
    )
    session.add(link)
    session.flush()
    issued = accounts.issue_parent_activation(session, account, by=by, at=at, cost=cost)
    _write(session, "parent.invited", link, case_id, by, at, identity_check=str(check), delivery=str(how))
    return Invitation(link, login, issued.code, issued.expires_at)


def renew(
    session: Session,
    link: ParentLink,
    *,
    identity_check: IdentityCheck | str,
    delivery: Delivery | str = Delivery.IN_PERSON,
    case_id: UUID,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = accounts.COST,
) -> Invitation:
    """A new paper for who lost it, forgot the password or lost the telephone: the earlier code, the password, the second factor
    and every session are worth nothing from now on.

    Raises:
        NotFound: this member may have no login any more. Invalid: as for :func:`invite`. WrongState: the login ended.
    """
    member = session.get_one(FamilyMember, link.member_id)
    _require(session, member, at=at)
    check, how = _checked(member, identity_check, delivery)
    if link.ended_at is not None or by.organisation_id is None:
        raise WrongState(f"link {link.id} has ended", detail="Deze inlog is al beëindigd. Maak een nieuwe uitnodiging.")
    account = accounts.parent_account(session, link.person_id)
    accounts.forget_second_factor(session, account, at=at)
    issued = accounts.issue_parent_activation(session, account, by=by, at=at, cost=cost)
    link.renewed_at, link.organisation_id = at, by.organisation_id
    link.identity_check, link.delivery = check, how
    session.flush()
    _write(session, "parent.invitation_renewed", link, case_id, by, at, identity_check=str(check), delivery=str(how))
    return Invitation(link, account.login, issued.code, issued.expires_at)


def end_link(
    session: Session, link: ParentLink, reason: LinkEnd | str, *, case_id: UUID | None, by: Actor, at: datetime
) -> None:
    """This login is over: at the next request nobody is there any more, and the code on the paper opens nothing.

    Raises:
        Invalid: no such reason. WrongState: it ended before.
    """
    if reason not in set(LinkEnd):
        raise Invalid(f"link {link.id}: no such reason", errors={"reason": ["Kies waarom de inlog stopt."]})
    if link.ended_at is not None:
        raise WrongState(f"link {link.id} has ended", detail="Deze inlog was al beëindigd.")
    account = accounts.parent_account(session, link.person_id)
    accounts.forget_activation(session, account.id)
    accounts.forget_second_factor(session, account, at=at)
    accounts.end_parent_account(session, link.person_id, at=at)
    organisations.end_parent(session, link.person_id)
    link.ended_at, link.end_reason, link.ended_by = at, LinkEnd(reason), by.person_id
    session.flush()
    _write(session, "parent.login_ended", link, case_id, by, at, reason=str(link.end_reason))


def who_may_be_invited(session: Session, family_id: UUID, *, at: datetime) -> list[FamilyMember]:
    """Members who may have a login now, the one the case speaks with first; of the others nobody says why not."""
    return _allowed(session, family_id, families.members(session, family_id), at=at)


def _allowed(session: Session, family_id: UUID, people: list[FamilyMember], *, at: datetime) -> list[FamilyMember]:
    family = session.get_one(Family, family_id)
    known = families.authorities(session, family_id)
    children = frozenset[object](one.id for one in people if one.kind == MemberKind.CHILD)
    on = local_date(at)
    return [
        one
        for one in people
        if rules.may_log_in(
            one,
            first=_is_first(one, people),
            partner=family.partner_involved,
            authorities=known,
            children=children,
            on=on,
        )
    ]


def own_link(session: Session, by: Actor, *, at: datetime) -> ParentLink:
    """The login through which a parent acts.

    Raises:
        NotFound: nobody's parent, or no longer.
    """
    member = member_of(session, by, at=at)
    with logbook.deciding(session):
        found = _live(session, member.id)
    if found is None:
        raise NotFound(f"person {by.person_id} is of no family")
    return found


def logins_of(session: Session, member_id: UUID) -> frozenset[UUID]:
    """The people as whom a member logs in or ever did, so that they know their own reading from that of others."""
    with logbook.deciding(session):
        return frozenset(session.scalars(select(ParentLink.person_id).where(ParentLink.member_id == member_id)))


def live_links(session: Session, family_id: UUID) -> list[ParentLink]:
    """The logins of a family that have not ended, for who works on the case; never for a parent."""
    query = select(ParentLink).where(ParentLink.family_id == family_id, ParentLink.ended_at.is_(None))
    return list(session.scalars(query.order_by(ParentLink.invited_at, ParentLink.id)))


def link_of(session: Session, family_id: UUID, link_id: UUID) -> ParentLink:
    """One login of this family, live or not.

    Raises:
        NotFound: no such login, or of another family.
    """
    found = session.get(ParentLink, link_id)
    if found is None or found.family_id != family_id:
        raise NotFound(f"no parent link {link_id} in family {family_id}")
    return found


def member_of(session: Session, by: Actor, *, at: datetime) -> FamilyMember:
    """Who of which family a parent is, now.

    Raises:
        NotFound: nobody, or no longer.
    """
    with logbook.deciding(session):
        found = _found(session, by.person_id, at=at) if by.role in rules.FAMILY_ROLES else None
    if found is None:
        raise NotFound(f"person {by.person_id} is of no family")
    return found[0]


def actor_of_sign_in(session: Session, secret: str, *, is_use: bool = True, at: datetime) -> Actor | None:
    """Whom a parent's browser stands for; None when unknown, ended, idle too long, or when they may see nothing any more."""
    known = accounts.parent_of_sign_in(session, secret, is_use=is_use, at=at)
    return None if known is None else _as_member(session, known, at=at)


def actor_of_account(session: Session, account: Account, *, at: datetime) -> Actor:
    """As whom a parent who gave the right password would act.

    Raises:
        LoginRefused: as nobody, or no longer; the same as for a wrong password.
    """
    found = _as_member(session, Actor(account.person_id, None, None, "parent", origin="page"), at=at)
    if found is None:
        raise LoginRefused(f"account {account.id} is of nobody's parent")
    return found


def standing(session: Session, secret: str, *, at: datetime) -> accounts.Standing | None:
    """How far a parent's browser is with logging in; None when it is good for nothing, or the link has ended."""
    found = accounts.standing(session, secret, kind=PersonKind.PARENT, at=at)
    if found is None:
        return None
    return found if _as_member(session, Actor(found.person_id, None, None, "parent"), at=at) else None


def note_first_use(session: Session, person_id: UUID, *, at: datetime) -> None:
    """The code on the paper was used."""
    session.execute(
        update(ParentLink)
        .where(ParentLink.person_id == person_id, ParentLink.first_used_at.is_(None))
        .values(first_used_at=at)
    )


def erase(session: Session, family_id: UUID) -> None:
    """Delete every login of a family, live or not, with all that belongs to it, when everything about the family goes."""
    people = list(session.scalars(select(ParentLink.person_id).where(ParentLink.family_id == family_id)))
    session.execute(delete(ParentLink).where(ParentLink.family_id == family_id))
    own = select(Account.id).where(Account.person_id.in_(people))
    for table in (SignIn, SecondFactor, RecoveryCode, Activation):
        session.execute(delete(table).where(table.account_id.in_(own)))
    session.execute(delete(Account).where(Account.person_id.in_(people)))
    loosen(session, people)
    session.execute(delete(Person).where(Person.id.in_(people)))
    session.flush()


def loosen(session: Session, people: Iterable[UUID]) -> None:
    """What these parents did and stays, says no longer who did it: whatever table it stands in, found by its foreign keys."""
    gone = list(people)
    for table in Base.metadata.sorted_tables if gone else ():
        for column in table.columns:
            if column.nullable and any(one.column.table is Person.__table__ for one in column.foreign_keys):
                session.execute(update(table).where(column.in_(gone)).values({column: None}))


def _as_member(session: Session, known: Actor, *, at: datetime) -> Actor | None:
    """The same, as the member that they are now. The database hears for whom this transaction is before it gives the row."""
    db.identify(session, organisation_id=None, role=known.role, person_id=known.person_id)
    with logbook.deciding(session):
        found = _found(session, known.person_id, at=at)
    if found is None:
        return None
    _, first = found
    return replace(known, role="parent" if first else "other_parent")


def _found(session: Session, person_id: UUID | None, *, at: datetime) -> tuple[FamilyMember, bool] | None:
    """Who it is, and whether that is the one the case speaks with."""
    query = (
        select(FamilyMember)
        .join(ParentLink, ParentLink.member_id == FamilyMember.id)
        .join(Person, Person.id == ParentLink.person_id)
        .where(ParentLink.person_id == person_id, ParentLink.ended_at.is_(None), Person.active)
    )
    member = session.scalar(query)
    if member is None:
        return None
    people = families.members(session, member.family_id)
    if member not in _allowed(session, member.family_id, people, at=at):
        return None
    return member, _is_first(member, people)


def _is_first(member: FamilyMember, people: Iterable[FamilyMember]) -> bool:
    """The case speaks with one parent: the first of them, however many there are."""
    return member.id == next((one.id for one in people if one.is_parent), None)


def _live(session: Session, member_id: UUID) -> ParentLink | None:
    query = select(ParentLink).where(ParentLink.member_id == member_id, ParentLink.ended_at.is_(None))
    return session.scalar(query)


def _require(session: Session, member: FamilyMember, *, at: datetime) -> None:
    if member not in who_may_be_invited(session, member.family_id, at=at):
        raise NotFound(f"member {member.id} may have no login")


def _checked(
    member: FamilyMember, identity_check: IdentityCheck | str, delivery: Delivery | str
) -> tuple[IdentityCheck, Delivery]:
    errors: dict[str, list[str]] = {}
    if identity_check not in set(IdentityCheck):
        errors["identity_check"] = ["Kies hoe u weet dat dit de ouder is."]
    elif identity_check == IdentityCheck.CALLED_BACK and delivery == Delivery.IN_PERSON:
        errors["identity_check"] = ["U geeft het papier zelf: kies dat u de ouder kent, of dat u een legitimatie zag."]
    if delivery not in set(Delivery):
        errors["delivery"] = ["Kies hoe de ouder de uitnodiging krijgt."]
    elif delivery == Delivery.POST and member.safe_contact != SafeContact.LETTER:
        errors["delivery"] = ["Deze ouder zei niet dat een brief veilig is. Geef de uitnodiging zelf in handen."]
    if errors:
        raise Invalid(f"invitation of member {member.id} refused", errors=errors)
    return IdentityCheck(identity_check), Delivery(delivery)


def _write(
    session: Session, event: str, link: ParentLink, case_id: UUID | None, by: Actor, at: datetime, **details: str
) -> None:
    """One line; it names the login and not the member, for the log of a case is read by more than who may know that."""
    told: dict[str, str | int | float | bool | None] = {**details}
    logbook.write(session, event, "parent_link", link.id, case_id=case_id, by=by, at=at, details=told)


__all__ = [
    "Invitation",
    "actor_of_account",
    "actor_of_sign_in",
    "end_link",
    "erase",
    "invite",
    "link_of",
    "live_links",
    "logins_of",
    "loosen",
    "member_of",
    "note_first_use",
    "own_link",
    "renew",
    "standing",
    "who_may_be_invited",
]
