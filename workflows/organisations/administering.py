"""What an administrator does beside giving and ending roles: colleagues, the period of a role, the organisation's own data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from engine.clock import local_date
from workflows import logbook
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, StaleVersion, WrongState
from workflows.organisations.model import (
    Certificate,
    Municipality,
    Organisation,
    Person,
    Role,
    RoleAssignment,
    WorkArea,
)
from workflows.organisations.reach import require_person, require_role, require_there
from workflows.organisations.service import (
    certificates_of,
    give_role,
    managed_assignment,
    organisation,
    professional,
    role_errors,
)

_NAME = "Vul een naam in, van hoogstens 120 tekens."
_CHANGED = "Iemand anders veranderde dit net. Kijk wat er nu staat en doe het zo nodig opnieuw."
#: A telephone number as people write it; a letter in it is a mistake.
_PHONE = re.compile(r"[0-9+()\s-]{6,40}")
#: An address of an organisation, not of somebody who reads it: the same signs as everywhere.
_MAIL = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[A-Za-z]{2,63}")
_SITE = re.compile(r"https://[^\s/<>\"]+\.[A-Za-z]{2,63}(/[^\s<>\"]*)?")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may act for an organisation now or later, and how."""

    person: Person
    roles: tuple[RoleAssignment, ...]
    certificates: tuple[Certificate, ...]


def colleagues(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> list[Colleague]:
    """Everybody who may act for an organisation today or later, by name, with their roles there and their certificates.

    Raises:
        NotAllowed, NotFound: not for *by*.
    """
    require_there(by, organisation_id, at=at)
    organisation(session, organisation_id)
    on = local_date(at)
    query = (
        select(Person, RoleAssignment)
        .join(RoleAssignment, RoleAssignment.person_id == Person.id)
        .where(
            RoleAssignment.organisation_id == organisation_id,
            Person.active,
            RoleAssignment.ended_at.is_(None),
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
        )
        .order_by(Person.display_name, Person.id, RoleAssignment.valid_from, RoleAssignment.role, RoleAssignment.id)
    )
    people: dict[UUID, Person] = {}
    roles: dict[UUID, list[RoleAssignment]] = {}
    for who, role in session.execute(query):
        people[who.id] = who
        roles.setdefault(who.id, []).append(role)
    given: dict[UUID, list[Certificate]] = {}
    for one in certificates_of(session, people, on=on):
        given.setdefault(one.person_id, []).append(one)
    return [Colleague(who, tuple(roles[its_id]), tuple(given.get(its_id, ()))) for its_id, who in people.items()]


def colleague_errors(
    session: Session,
    organisation_id: UUID,
    *,
    display_name: str,
    role: Role | str,
    areas: Iterable[str],
    valid_from: date,
    valid_to: date | None,
    by: Actor,
    at: datetime,
) -> dict[str, list[str]]:
    """What is wrong with somebody new, all at once.

    Raises:
        NotAllowed, NotFound: not for *by*. WrongState: the organisation stopped.
    """
    require_there(by, organisation_id, at=at)
    where = organisation(session, organisation_id)
    if not where.active:
        raise WrongState(f"organisation {organisation_id} is not active", detail="Deze organisatie is gestopt.")
    errors = role_errors(where, role, areas=areas, valid_from=valid_from, valid_to=valid_to)
    if not 0 < len(display_name.strip()) <= 120:
        errors["display_name"] = [_NAME]
    return errors


def add_colleague(
    session: Session,
    organisation_id: UUID,
    *,
    display_name: str,
    role: Role | str,
    areas: Iterable[str] = (),
    valid_from: date,
    valid_to: date | None = None,
    by: Actor,
    at: datetime,
) -> tuple[Person, RoleAssignment]:
    """Somebody new comes to work at an organisation, in a first role.

    Raises:
        NotAllowed: a role that *by* may not give. NotFound: not an organisation of *by*.
        Invalid: with everything that is wrong. WrongState: the organisation stopped.
    """
    require_role(by, role, organisation_id, at=at)
    codes = tuple(areas)
    errors = colleague_errors(
        session, organisation_id, display_name=display_name, role=role, areas=codes, valid_from=valid_from,
        valid_to=valid_to, by=by, at=at,
    )  # fmt: skip
    if errors:
        raise Invalid(f"colleague at {organisation_id} refused", errors=errors)
    added = Person(display_name=display_name.strip(), active=True)
    session.add(added)
    session.flush()
    logbook.write(session, "person.added", "person", added.id, by=by, at=at)
    where = organisation(session, organisation_id)
    given = give_role(session, added, where, role, areas=codes, valid_from=valid_from, valid_to=valid_to, by=by, at=at)
    return added, given


def rename_person(
    session: Session, person_id: UUID, display_name: str, *, version: int, by: Actor, at: datetime
) -> Person:
    """Somebody is called otherwise, e.g. since a marriage; so they are named everywhere, also for what they did before.

    Raises:
        NotAllowed, NotFound: not for *by*. Invalid: no name. StaleVersion: somebody changed it since.
    """
    require_person(session, person_id, whole=True, by=by, at=at)
    found = professional(session, person_id)
    _fresh(found, version)
    if not 0 < len(display_name.strip()) <= 120:
        raise Invalid("person without a name", errors={"display_name": [_NAME]})
    if found.display_name != display_name.strip():
        found.display_name = display_name.strip()
        session.flush()
        logbook.write(session, "person.changed", "person", person_id, by=by, at=at)
    return found


def change_last_day(
    session: Session, assignment_id: UUID, valid_to: date | None, *, version: int, by: Actor, at: datetime
) -> RoleAssignment:
    """A role lasts longer or shorter than was thought. To end it today is another verb, which gives back what somebody has.

    Raises:
        NotAllowed: not for *by*, or of *by* in person and longer. NotFound: not for *by*. WrongState: it is over.
        StaleVersion: somebody changed it since. Invalid: a day that is past, or before it begins.
    """
    found = managed_assignment(session, assignment_id, by=by, at=at)
    _fresh(found, version)
    on = local_date(at)
    if found.ended_at is not None or (found.valid_to is not None and found.valid_to < on):
        raise WrongState(f"role assignment {assignment_id} is over", detail="Deze rol is al voorbij.")
    if valid_to is not None and valid_to < max(on, found.valid_from):
        raise Invalid(
            f"role assignment {assignment_id} until {valid_to}",
            errors={"valid_to": ["Kies vandaag of een latere dag, en niet voor de begindag."]},
        )
    longer = found.valid_to is not None and (valid_to is None or valid_to > found.valid_to)
    if longer and found.person_id == by.person_id:
        raise NotAllowed(
            f"person {by.person_id} makes a role of themselves last longer",
            detail="Uw eigen rol langer laten duren kan niet. Vraag het een andere beheerder.",
        )
    if found.valid_to != valid_to:
        found.valid_to = valid_to
        session.flush()
        details = {"valid_to": valid_to.isoformat() if valid_to else ""}
        logbook.write(session, "role.changed", "role_assignment", found.id, by=by, at=at, details=details)
    return found


def change_organisation(
    session: Session,
    organisation_id: UUID,
    *,
    phone: str | None,
    mail: str | None,
    website: str | None,
    areas: Sequence[str],
    version: int,
    by: Actor,
    at: datetime,
) -> Organisation:
    """How an organisation is reached and where it works. Its name, kind and right to use the BSN are the region's to say.

    A municipality goes only when no role is for that one: a team that nobody sees would otherwise be left with nobody.

    Raises:
        NotAllowed, NotFound: not for *by*. StaleVersion: somebody changed it since. Invalid: with everything that is wrong.
    """
    require_there(by, organisation_id, at=at)
    found = organisation(session, organisation_id)
    _fresh(found, version)
    typed = {"phone": _bare(phone), "mail": _bare(mail), "website": _bare(website)}
    errors: dict[str, list[str]] = {}
    for name, pattern, longest, said in (
        ("phone", _PHONE, 40, "Vul een telefoonnummer in zoals 077 000 00 00."),
        ("mail", _MAIL, 254, "Vul een mailadres in zoals info@organisatie.nl."),
        ("website", _SITE, 200, "Vul een adres in dat met https:// begint."),
    ):
        value = typed[name]
        if value is not None and (len(value) > longest or not pattern.fullmatch(value)):
            errors[name] = [said]
    codes = frozenset(areas)
    if not codes or codes - set(session.scalars(select(Municipality.code))):
        errors["areas"] = ["Kies ten minste één gemeente uit de regio."]
    elif held := _held_areas(session, organisation_id, found.areas - codes, on=local_date(at)):
        names = ", ".join(session.scalars(select(Municipality.name).where(Municipality.code.in_(held))))
        errors["areas"] = [f"Iemand heeft nog een rol voor {names}. Beëindig die rol eerst."]
    if errors:
        raise Invalid(f"data of organisation {organisation_id} refused", errors=errors)
    changed = [name for name, value in typed.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, typed[name])
    if codes != found.areas:
        found.work_areas = [one for one in found.work_areas if one.municipality_code in codes] + [
            WorkArea(municipality_code=code) for code in sorted(codes - found.areas)
        ]
        changed.append("areas")
        flag_modified(found, "name")  # so that another version is kept: where it works is in rows of its own
    if changed:
        session.flush()
        details: dict[str, Any] = {"changed": ",".join(changed)}
        logbook.write(session, "organisation.changed", "organisation", found.id, by=by, at=at, details=details)
    return found


def _held_areas(session: Session, organisation_id: UUID, gone: frozenset[str], *, on: date) -> list[str]:
    rows = session.scalars(
        select(RoleAssignment.areas).where(
            RoleAssignment.organisation_id == organisation_id,
            RoleAssignment.ended_at.is_(None),
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
        )
    )
    return sorted(gone.intersection(*[{code for areas in rows for code in areas}]))


def _fresh(found: Organisation | Person | RoleAssignment, version: int) -> None:
    if found.version != version:
        raise StaleVersion(f"{found.id} has version {found.version}, not {version}", detail=_CHANGED)


def _bare(value: str | None) -> str | None:
    return (value or "").strip() or None
