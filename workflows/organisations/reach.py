"""Whom an administrator looks after: the region everybody, an organisation's own administrator who works there.

Of a person who also works elsewhere, or has a role of the region, an organisation gives and ends its own roles only: who can
choose a password for somebody else, or take their second factor away, could otherwise come in where they have no business.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.clock import local_date
from workflows import access
from workflows.actor import Actor
from workflows.errors import NotAllowed, NotFound
from workflows.organisations.model import REGIONAL_ROLES, Role, RoleAssignment

_ELSEWHERE = (
    "Deze persoon werkt ook bij een andere organisatie, of voor de regio. Vraag dit aan de beheerder van de regio."
)


def is_regional(by: Actor) -> bool:
    """Whether *by* manages every organisation."""
    return access.allows(by, "manage_organisations", access.Facts())


def manages_there(by: Actor, organisation_id: UUID) -> bool:
    """Whether *by* manages who works for an organisation."""
    own = by.organisation_id is not None and by.organisation_id == organisation_id
    return access.allows(by, "manage_people", access.Facts(own_organisation=own))


def require_there(by: Actor, organisation_id: UUID, *, at: datetime) -> None:
    """Pass who manages an organisation.

    Raises:
        NotAllowed: *by* manages none. NotFound: *by* manages another one.
    """
    require_some(by, at=at)
    if not manages_there(by, organisation_id):
        raise NotFound(f"no organisation {organisation_id} that {by.organisation_id} manages")


def require_person(
    session: Session, person_id: UUID, *, whole: bool = False, action: str = "manage_people", by: Actor, at: datetime
) -> None:
    """Pass who manages a person; asked before anything of them is looked up. Somebody who is nobody is left to the caller.

    Args:
        whole: what is about to be done counts wherever the person works.

    Raises:
        NotAllowed: *by* manages nobody, or the person works elsewhere too and it is *whole*.
        NotFound: somebody of another organisation.
    """
    require_some(by, action, at=at)
    if is_regional(by):
        return
    theirs = select(RoleAssignment).where(RoleAssignment.person_id == person_id)
    roles = list(session.scalars(theirs))
    if not any(one.organisation_id == by.organisation_id for one in roles):
        raise NotFound(f"no person {person_id} at organisation {by.organisation_id}")
    if whole and any(_beyond(one, by, local_date(at)) for one in roles):
        raise NotAllowed(f"person {person_id} has roles beyond organisation {by.organisation_id}", detail=_ELSEWHERE)


def of_managed(person_id: InstrumentedAttribute[UUID], by: Actor) -> ColumnElement[bool]:
    """The condition that *by* manages a person, so that what is of somebody else is looked for as what is not there."""
    if is_regional(by):
        return true()
    return person_id.in_(select(RoleAssignment.person_id).where(RoleAssignment.organisation_id == by.organisation_id))


def reaches(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether :func:`require_person` would pass for all of a person; for showing, never instead of it."""
    try:
        require_person(session, person_id, whole=True, by=by, at=at)
    except (NotAllowed, NotFound):
        return False
    return True


def require_role(by: Actor, role: Role | str, organisation_id: UUID, *, at: datetime) -> None:
    """Pass who may give or end a role at an organisation.

    Raises:
        NotAllowed: a role of the region, by who manages one organisation. NotFound: another organisation.
    """
    require_there(by, organisation_id, at=at)
    if role in REGIONAL_ROLES and not is_regional(by):
        raise NotAllowed(
            f"role {role} is not for organisation {organisation_id} to give or end",
            detail="Deze rol geeft en beëindigt de beheerder van de regio.",
        )


def roles_given_by(by: Actor) -> list[Role]:
    """Which roles *by* may give, in their order. Nobody is a parent on behalf of an organisation."""
    regional = is_regional(by)
    return [role for role in Role if role != Role.PARENT and (regional or role not in REGIONAL_ROLES)]


def require_some(by: Actor, action: str = "manage_people", *, at: datetime) -> None:
    """Pass who manages anybody at all; asked before anything is looked up.

    Raises:
        NotAllowed: *by* manages nobody.
    """
    access.require(by, action, access.Facts(own_organisation=by.organisation_id is not None), at=at)


def _beyond(role: RoleAssignment, by: Actor, on: date) -> bool:
    over = role.ended_at is not None or (role.valid_to is not None and role.valid_to < on)
    return not over and (role.organisation_id != by.organisation_id or role.role in REGIONAL_ROLES)
