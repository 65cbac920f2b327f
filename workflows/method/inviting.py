"""Inviting a parent to log in, on paper, and ending that: by who holds the case, never by mail, and with nothing that tells one
parent of the login of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, accounts, families, logbook, parents
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound
from workflows.families import FamilyMember, SafeContact
from workflows.method.facts import find_case, write_read
from workflows.parents import Delivery, IdentityCheck, Invitation, LinkEnd, ParentLink


@dataclass(frozen=True, slots=True)
class LoginView:
    """Somebody of the family and how it stands with their login, for who holds the case.

    Args:
        link_id: None: never invited, or it ended. expires_at: of a paper that was not used yet; None: used, or too old.
        may: whether this person may log in as things are; not: a login that is there shows nothing.
        by_post: whether a letter is safe.
    """

    member_id: UUID
    name: str
    kind: str
    may: bool
    by_post: bool
    link_id: UUID | None = None
    login: str | None = None
    invited_at: datetime | None = None
    expires_at: datetime | None = None
    first_used_at: datetime | None = None

    @property
    def in_use(self) -> bool:
        """Whether the parent began; a renewed paper that waits says that too."""
        return self.first_used_at is not None


def parent_logins(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[LoginView]:
    """Who of the family logs in or could be invited; of others nothing is said, also not why.

    Raises:
        NotFound, NotAllowed: not for *by*, who has to hold the case.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "invite_parent", facts, at=at)
    found = [] if case.family_id is None else _views(session, case.family_id, at=at)
    write_read(
        session, "logins.viewed", "case", case.id, case=case, facts=facts, purpose="case", saw={"C0"}, by=by, at=at
    )
    return found


def invite_parent(
    session: Session,
    case_id: UUID,
    member_id: UUID,
    *,
    identity_check: IdentityCheck | str,
    delivery: Delivery | str,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = accounts.COST,
) -> Invitation:
    """Make the paper with which somebody of the family begins.

    Raises:
        NotFound: no such case or person, or nobody who may have a login; NotAllowed: *by* does not hold the case.
        Invalid: see ``parents.invite``. WrongState: there is a login already.
    """
    case, member = _find(session, case_id, member_id, "invite_parent", by=by, at=at)
    return parents.invite(
        session, member, identity_check=identity_check, delivery=delivery, case_id=case.id, by=by, at=at, cost=cost
    )


def renew_invitation(
    session: Session,
    case_id: UUID,
    link_id: UUID,
    *,
    identity_check: IdentityCheck | str,
    delivery: Delivery | str,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = accounts.COST,
) -> Invitation:
    """A new paper, for who lost the old one, the password or the telephone; what was before is worth nothing.

    Raises:
        As :func:`invite_parent`.
    """
    case, link = _find_link(session, case_id, link_id, "invite_parent", by=by, at=at)
    return parents.renew(
        session, link, identity_check=identity_check, delivery=delivery, case_id=case.id, by=by, at=at, cost=cost
    )


def end_parent_login(
    session: Session, case_id: UUID, link_id: UUID, *, reason: LinkEnd | str, by: Actor, at: datetime
) -> None:
    """Somebody of the family logs in no longer; an invitation that was not used yet is taken back.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: no reason. WrongState: it ended before.
    """
    case, link = _find_link(session, case_id, link_id, "end_parent_login", by=by, at=at)
    parents.end_link(session, link, reason, case_id=case.id, by=by, at=at)


def stop_own_login(session: Session, *, by: Actor, at: datetime) -> None:
    """A parent logs in no longer, by their own wish; nothing else about the family changes.

    Raises:
        NotFound: nobody's parent, or no longer.
    """
    parents.end_link(session, parents.own_link(session, by, at=at), LinkEnd.PARENT_STOPPED, case_id=None, by=by, at=at)


def write_paper(session: Session, case_id: UUID, link_id: UUID, code: str, *, by: Actor, at: datetime) -> Invitation:
    """The same paper again as a file, for who has it on the screen: only with its code, which is kept nowhere.

    Raises:
        NotFound: not for *by*, or the code is of no paper that waits.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "invite_parent", facts, at=at)
    link = _link(session, case, link_id)
    account = accounts.parent_account(session, link.person_id)
    until = accounts.opens(session, account.id, code, at=at)
    if until is None:
        raise NotFound(f"no paper of link {link_id} waits with this code")
    write_read(
        session, "invitation.printed", "parent_link", link.id, case=case, facts=facts, purpose="case", by=by, at=at
    )
    return Invitation(link, account.login, code, until)


def _views(session: Session, family_id: UUID, *, at: datetime) -> list[LoginView]:
    with logbook.deciding(session):
        may = {one.id for one in parents.who_may_be_invited(session, family_id, at=at)}
        links = {one.member_id: one for one in parents.live_links(session, family_id)}
        members = families.members(session, family_id)
    return [
        _view(session, one, links.get(one.id), may=one.id in may, at=at)
        for one in members
        if one.id in may or one.id in links
    ]


def _view(session: Session, member: FamilyMember, link: ParentLink | None, *, may: bool, at: datetime) -> LoginView:
    by_post = member.safe_contact == SafeContact.LETTER
    if link is None:
        return LoginView(member.id, member.name, member.kind, may, by_post)
    account = accounts.parent_account(session, link.person_id)
    return LoginView(
        member_id=member.id,
        name=member.name,
        kind=member.kind,
        may=may,
        by_post=by_post,
        link_id=link.id,
        login=account.login,
        invited_at=link.renewed_at or link.invited_at,
        expires_at=accounts.waits_for_activation(session, account.id, at=at),
        first_used_at=link.first_used_at,
    )


def _find(
    session: Session, case_id: UUID, member_id: UUID, action: str, *, by: Actor, at: datetime
) -> tuple[Case, FamilyMember]:
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, action, facts, at=at)
    if case.family_id is None:
        raise NotFound(f"case {case_id} is of no family any more")
    return case, families.member(session, case.family_id, member_id)


def _find_link(
    session: Session, case_id: UUID, link_id: UUID, action: str, *, by: Actor, at: datetime
) -> tuple[Case, ParentLink]:
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, action, facts, at=at)
    return case, _link(session, case, link_id)


def _link(session: Session, case: Case, link_id: UUID) -> ParentLink:
    if case.family_id is None:
        raise NotFound(f"case {case.id} is of no family any more")
    return parents.link_of(session, case.family_id, link_id)
