"""Adding and ending partners, people and roles; finding who may be asked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from engine.clock import local_date
from workflows import access, logbook, settings
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.organisations.model import (
    Absence,
    Certificate,
    Domain,
    Municipality,
    Organisation,
    OrganisationType,
    Person,
    PersonKind,
    Role,
    RoleAssignment,
    WorkArea,
)
from workflows.organisations.reach import of_managed, require_person, require_role, require_some

#: The shipped municipalities are valid from here; before it nothing was recorded.
_BEGINNING = date(2020, 1, 1)


def load_municipalities(session: Session) -> int:
    """Add the shipped municipalities that are not there yet; returns how many. What the region changed stays."""
    with (Path(__file__).parent / "municipalities.toml").open("rb") as file:
        shipped = tomllib.load(file)["municipality"]
    known = set(session.scalars(select(Municipality.code)))
    new = [
        Municipality(**{"in_coalition": True, "note": "", "valid_from": _BEGINNING, **fields})
        for fields in shipped
        if fields["code"] not in known
    ]
    session.add_all(new)
    session.flush()
    return len(new)


def municipality(session: Session, code: str) -> Municipality:
    """One municipality, whatever its period.

    Raises:
        NotFound: no such code in the region.
    """
    found = session.get(Municipality, code)
    if found is None:
        raise NotFound(f"no municipality {code}")
    return found


def municipalities(session: Session, *, on: date | None = None) -> list[Municipality]:
    """All of the region by name, or those that exist on a local day."""
    query = select(Municipality).order_by(Municipality.name)
    if on is not None:
        query = query.where(
            Municipality.valid_from <= on, or_(Municipality.valid_to.is_(None), Municipality.valid_to >= on)
        )
    return list(session.scalars(query))


def organisations(session: Session, *, municipality: str | None = None) -> list[Organisation]:
    """Active organisations by name, of the whole region or those that work in a municipality."""
    query = select(Organisation).where(Organisation.active).order_by(Organisation.name)
    if municipality is not None:
        query = query.where(Organisation.work_areas.any(WorkArea.municipality_code == municipality))
    return list(session.scalars(query))


def is_empty(session: Session) -> bool:
    """Whether nobody ever worked here: no organisation and no person, active or not."""
    return all(session.scalars(select(known.id).limit(1)).first() is None for known in (Organisation, Person))


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    """One organisation, active or not.

    Raises:
        NotFound: no such organisation.
    """
    together = joinedload(Organisation.work_areas)  # one statement, where a list of organisations takes two
    found = session.get(Organisation, organisation_id, options=[together])
    if found is None:
        raise NotFound(f"no organisation {organisation_id}")
    session.info.setdefault("organisations.read", set()).add(
        found
    )  # a session lets go of what nobody holds, and asks again
    return found


def person(session: Session, person_id: UUID) -> Person:
    """One person, active or not.

    Raises:
        NotFound: no such person.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound(f"no person {person_id}")
    return found


def professional(session: Session, person_id: UUID) -> Person:
    """One person who works here, active or not; a parent's login is not there for who looks for people.

    Raises:
        NotFound: no such person.
    """
    found = session.get(Person, person_id)
    if found is None or found.kind != PersonKind.PROFESSIONAL:
        raise NotFound(f"no professional {person_id}")
    return found


#: What a parent is called wherever somebody is named who did something. Their name stands with the family only.
PARENT_NAME = "Ouder"


def add_parent(session: Session) -> Person:
    """A row for somebody of a family to log in with. It can have no role anywhere; whoever calls this asked ``access`` about
    the case, links it to the member, and writes that down."""
    added = Person(kind=PersonKind.PARENT, display_name=PARENT_NAME, active=True)
    session.add(added)
    session.flush()
    return added


def end_parent(session: Session, person_id: UUID) -> None:
    """Nobody logs in as this parent any more; the caller writes down why. One that ended before stays so."""
    found = session.get(Person, person_id)
    if found is not None and found.kind == PersonKind.PARENT:
        found.active = False


def add_organisation(
    session: Session,
    *,
    name: str,
    type: OrganisationType | str,
    domain: Domain | str,
    areas: Iterable[str],
    may_use_bsn: bool = False,
    by: Actor,
    at: datetime,
) -> Organisation:
    """Add a partner that works in *areas* (codes of municipalities).

    Raises:
        Invalid: an unknown type, domain or municipality, or a name that is taken.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    errors: dict[str, list[str]] = {}
    if type not in set(OrganisationType):
        errors["type"] = ["Kies een soort organisatie."]
    if domain not in set(Domain):
        errors["domain"] = ["Kies een domein."]
    codes = frozenset(areas)
    if codes - set(session.scalars(select(Municipality.code))):
        errors["areas"] = ["Kies gemeenten uit de regio."]
    if not name.strip() or session.scalar(select(Organisation.id).where(Organisation.name == name.strip())):
        errors["name"] = ["Geef de organisatie een naam die nog niet bestaat."]
    if errors:
        raise Invalid("organisation refused", errors=errors)
    added = Organisation(
        name=name.strip(),
        type=type,
        domain=domain,
        may_use_bsn=may_use_bsn,
        active=True,
        work_areas=[WorkArea(municipality_code=code) for code in sorted(codes)],
    )
    session.add(added)
    session.flush()
    logbook.write(session, "organisation.added", "organisation", added.id, by=by, at=at, details={"type": str(type)})
    return added


def set_may_use_bsn(
    session: Session, organisation_id: UUID, may_use_bsn: bool, *, by: Actor, at: datetime
) -> Organisation:
    """Whether an organisation has a ground in law to use the BSN. When it has none, nobody there sees any from the next
    request on; what it recorded stays for who may use it.

    Raises:
        NotFound: no such organisation.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    found = organisation(session, organisation_id)
    if found.may_use_bsn != may_use_bsn:
        found.may_use_bsn = may_use_bsn
        details = {"may_use_bsn": may_use_bsn}
        logbook.write(session, "organisation.changed", "organisation", found.id, by=by, at=at, details=details)
    return found


def deactivate_organisation(
    session: Session, organisation_id: UUID, *, by: Actor, at: datetime
) -> list[RoleAssignment]:
    """Everybody who acts for it loses that at the next request; it gets no new tasks.

    Returns:
        the roles that ended with it.

    Raises:
        WrongState: it stopped before.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    found = organisation(session, organisation_id)
    if not found.active:
        raise WrongState(f"organisation {organisation_id} is not active", detail="Deze organisatie is al gestopt.")
    found.active = False
    ended = _end(session, RoleAssignment.organisation_id == organisation_id, at)
    details = {"roles": len(ended)}
    logbook.write(session, "organisation.deactivated", "organisation", found.id, by=by, at=at, details=details)
    return ended


def add_person(session: Session, *, display_name: str, by: Actor, at: datetime) -> Person:
    """Add somebody who will work with the software.

    Raises:
        Invalid: without a name.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    if not display_name.strip():
        raise Invalid("person without a name", errors={"display_name": ["Vul een naam in."]})
    added = Person(display_name=display_name.strip(), active=True)
    session.add(added)
    session.flush()
    logbook.write(session, "person.added", "person", added.id, by=by, at=at)
    return added


def assign_role(
    session: Session,
    *,
    person_id: UUID,
    organisation_id: UUID,
    role: Role | str,
    areas: Iterable[str] = (),
    valid_from: date,
    valid_to: date | None = None,
    by: Actor,
    at: datetime,
) -> RoleAssignment:
    """Let a person act for an organisation in a role, in all of its municipalities or in *areas*.

    Raises:
        NotFound: no such person or organisation, or not one that *by* manages.
        NotAllowed: not for *by* to give, or to *by* in person.
        Invalid: an unknown role, municipalities where the organisation does not work, or an end before the start.
        WrongState: the person or the organisation is not active.
    """
    require_role(by, role, organisation_id, at=at)
    require_person(session, person_id, by=by, at=at)
    if by.person_id == person_id:
        raise NotAllowed(
            f"person {person_id} gives themselves a role",
            detail="Uzelf een rol geven kan niet. Vraag het een andere beheerder.",
        )
    who, where = professional(session, person_id), organisation(session, organisation_id)
    if not (who.active and where.active):
        raise WrongState(f"person {person_id} or organisation {organisation_id} is not active")
    codes = tuple(areas)
    errors = role_errors(where, role, areas=codes, valid_from=valid_from, valid_to=valid_to)
    if errors:
        raise Invalid(f"assignment of {person_id} refused", errors=errors)
    return give_role(session, who, where, role, areas=codes, valid_from=valid_from, valid_to=valid_to, by=by, at=at)


def role_errors(
    where: Organisation, role: Role | str, *, areas: Iterable[str], valid_from: date, valid_to: date | None
) -> dict[str, list[str]]:
    """What is wrong with a role that somebody would get at an organisation."""
    errors: dict[str, list[str]] = {}
    if role not in set(Role) - {Role.PARENT}:  # nobody is a parent on behalf of an organisation
        errors["role"] = ["Kies een rol."]
    if frozenset(areas) - where.areas:
        errors["areas"] = ["Kies gemeenten waar de organisatie werkt."]
    if valid_to is not None and valid_to < valid_from:
        errors["valid_to"] = ["Kies een dag na de begindag."]
    return errors


def give_role(
    session: Session,
    who: Person,
    where: Organisation,
    role: Role | str,
    *,
    areas: Iterable[str],
    valid_from: date,
    valid_to: date | None,
    by: Actor,
    at: datetime,
) -> RoleAssignment:
    """Write a role down; whoever calls this asked whether it may be, and :func:`role_errors`."""
    added = RoleAssignment(
        person_id=who.id,
        organisation_id=where.id,
        role=role,
        areas=sorted(set(areas)),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(added)
    session.flush()
    logbook.write(session, "role.assigned", "role_assignment", added.id, by=by, at=at, details={"role": str(role)})
    return added


def end_assignment(session: Session, assignment_id: UUID, *, by: Actor, at: datetime) -> RoleAssignment:
    """End a role now; its rights are gone at the next request.

    Raises:
        NotFound: no such assignment, or not one that *by* manages. NotAllowed: not for *by* to end.
        WrongState: ended before.
    """
    found = managed_assignment(session, assignment_id, by=by, at=at)
    if found.ended_at is not None:
        raise WrongState(f"role assignment {assignment_id} was ended before", detail="Deze rol is al beëindigd.")
    found.ended_at = at
    logbook.write(session, "role.ended", "role_assignment", found.id, by=by, at=at)
    return found


def deactivate_person(session: Session, person_id: UUID, *, by: Actor, at: datetime) -> list[RoleAssignment]:
    """Somebody left: end every role of theirs now and return those, so that their tasks can go back to the teams.

    Raises:
        NotFound: no such person. NotAllowed: they work elsewhere too, which *by* does not manage.
        WrongState: left before.
    """
    require_person(session, person_id, whole=True, by=by, at=at)
    found = professional(session, person_id)
    if not found.active:
        raise WrongState(f"person {person_id} is not active", detail="Deze persoon is al uit dienst.")
    found.active = False
    ended = _end(session, RoleAssignment.person_id == person_id, at)
    logbook.write(session, "person.deactivated", "person", person_id, by=by, at=at, details={"roles": len(ended)})
    return ended


def managed_assignment(session: Session, assignment_id: UUID, *, by: Actor, at: datetime) -> RoleAssignment:
    """One role of somebody, for who may end or change it.

    Raises:
        NotFound: no such assignment, or of an organisation that *by* does not manage. NotAllowed: a role of the region.
    """
    require_some(by, at=at)
    found = assignment(session, assignment_id)
    require_role(by, found.role, found.organisation_id, at=at)
    return found


def assignment(session: Session, assignment_id: UUID) -> RoleAssignment:
    """One role of somebody, running or not.

    Raises:
        NotFound: no such assignment.
    """
    found = session.get(RoleAssignment, assignment_id)
    if found is None:
        raise NotFound(f"no role assignment {assignment_id}")
    return found


def acts(session: Session, by: Actor, *, at: datetime) -> bool:
    """Whether *by* still acts as it says, and goes on doing so until this transaction ends: leaving waits for it.

    Asked by what would otherwise be left in the hands of somebody who left a moment ago.
    """
    query = (
        select(RoleAssignment.id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(RoleAssignment.id == by.assignment_id, Person.active, Organisation.active, _holds(local_date(at)))
        .with_for_update(read=True)
    )
    return session.scalar(query) is not None


def roles_at(session: Session, organisation_id: UUID, *, on: date) -> list[tuple[Person, RoleAssignment]]:
    """Active people of an organisation with the roles they have there on a local day, by name."""
    query = (
        select(Person, RoleAssignment)
        .join(RoleAssignment, RoleAssignment.person_id == Person.id)
        .where(RoleAssignment.organisation_id == organisation_id, Person.active, _holds(on))
        .order_by(Person.display_name, RoleAssignment.role, RoleAssignment.id)
    )
    return [(who, role) for who, role in session.execute(query)]


def people_ever(session: Session, organisation_id: UUID) -> list[Person]:
    """Everybody who acts or ever acted for an organisation, by name."""
    theirs = select(RoleAssignment.person_id).where(RoleAssignment.organisation_id == organisation_id)
    return list(session.scalars(select(Person).where(Person.id.in_(theirs)).order_by(Person.display_name, Person.id)))


def had_people_since(
    session: Session,
    *,
    organisation_id: UUID,
    role: Role | str,
    municipality: str | None,
    since: datetime,
    on: date,
    without: Iterable[UUID] = (),
) -> bool:
    """Whether anybody, leaving out these people, could act for an organisation in a role at some moment after *since*. Who was
    away then and is so still, could not."""
    day = local_date(since)
    query = select(RoleAssignment).where(
        RoleAssignment.organisation_id == organisation_id,
        RoleAssignment.person_id.not_in(list(without)),
        RoleAssignment.role == role,
        or_(RoleAssignment.ended_at.is_(None), RoleAssignment.ended_at > since),
        or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= day),
        ~exists().where(
            Absence.assignment_id == RoleAssignment.id,
            Absence.from_on <= day,
            Absence.until_on >= on,
            Absence.ended_at.is_(None),
        ),
    )
    return any(not one.areas or municipality is None or municipality in one.areas for one in session.scalars(query))


def add_certificate(
    session: Session,
    *,
    person_id: UUID,
    intervention: str,
    valid_from: date,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> Certificate:
    """Write down that somebody may carry out an intervention that asks for training.

    Args:
        intervention: code in the directory, e.g. ``VZ``.

    Raises:
        NotFound: no such person. NotAllowed: *by* gives it to themselves.
        Invalid: without a code, or an end before the start.
    """
    require_person(session, person_id, by=by, at=at)
    if by.person_id == person_id:
        raise NotAllowed(
            f"person {person_id} gives themselves a certificate",
            detail="Uzelf een certificaat geven kan niet. Vraag het een andere beheerder.",
        )
    who, code = professional(session, person_id), intervention.strip().upper()
    errors: dict[str, list[str]] = {}
    if not 0 < len(code) <= 16:
        errors["intervention"] = ["Kies een interventie."]
    if valid_until is not None and valid_until < valid_from:
        errors["valid_until"] = ["Kies een dag na de begindag."]
    if errors:
        raise Invalid(f"certificate of {person_id} refused", errors=errors)
    added = Certificate(person_id=who.id, intervention=code, valid_from=valid_from, valid_until=valid_until)
    session.add(added)
    session.flush()
    details = {"intervention": code}
    logbook.write(session, "certificate.added", "certificate", added.id, by=by, at=at, details=details)
    return added


def certificate(session: Session, certificate_id: UUID, *, by: Actor, at: datetime) -> Certificate:
    """One certificate, for who manages its owner.

    Raises:
        NotAllowed: *by* manages nobody. NotFound: no such certificate, or of somebody whom *by* does not manage.
    """
    require_some(by, at=at)
    found = session.scalar(
        select(Certificate).where(Certificate.id == certificate_id, of_managed(Certificate.person_id, by))
    )
    if found is None:
        raise NotFound(f"no certificate {certificate_id}")
    return found


def end_certificate(session: Session, certificate_id: UUID, *, by: Actor, at: datetime) -> Certificate:
    """It holds no more from now on.

    Raises:
        NotFound: no such certificate. WrongState: ended before.
    """
    found = certificate(session, certificate_id, by=by, at=at)
    if found.ended_at is not None:
        raise WrongState(f"certificate {certificate_id} was ended before", detail="Dit certificaat is al beëindigd.")
    found.ended_at = at
    logbook.write(session, "certificate.ended", "certificate", found.id, by=by, at=at)
    return found


def certificates_of(session: Session, person_ids: Iterable[UUID], *, on: date) -> list[Certificate]:
    """Certificates of people that hold on a local day, or later, by code."""
    query = select(Certificate).where(
        Certificate.person_id.in_(list(person_ids)),
        Certificate.ended_at.is_(None),
        or_(Certificate.valid_until.is_(None), Certificate.valid_until >= on),
    )
    return list(session.scalars(query.order_by(Certificate.intervention, Certificate.valid_from)))


def ending_certificates(session: Session, *, within_days: int, at: datetime) -> list[Certificate]:
    """Certificates whose last day comes within so many days and of which nobody was told, without one that holds on after it;
    of people who still work here. They count as told from now on."""
    on = local_date(at)
    later = aliased(Certificate)
    query = (
        select(Certificate)
        .join(Person, Person.id == Certificate.person_id)
        .where(
            Person.active,
            Certificate.ended_at.is_(None),
            Certificate.reminded_at.is_(None),
            Certificate.valid_until >= on,
            Certificate.valid_until <= on + timedelta(days=within_days),
            ~exists().where(
                later.person_id == Certificate.person_id,
                later.intervention == Certificate.intervention,
                later.ended_at.is_(None),
                or_(later.valid_until.is_(None), later.valid_until > Certificate.valid_until),
            ),
        )
        .order_by(Certificate.valid_until, Certificate.id)
    )
    found = list(session.scalars(query))
    for one in found:
        one.reminded_at = at
    session.flush()
    return found


def certified(session: Session, *, person_id: UUID, code: str, on: date) -> bool:
    """Whether a person has a certificate for an intervention that holds on a local day."""
    found = certificates_of(session, [person_id], on=on)
    return any(one.intervention == code and one.valid_from <= on for one in found)


def require_certificate(
    session: Session, *, code: str | None, municipality: str | None, by: Actor, at: datetime
) -> None:
    """Pass when an intervention asks for no certificate here, or *by* has one; asked before somebody takes it on.

    Raises:
        NotAllowed: this intervention asks for a certificate that *by* has not.
    """
    on = local_date(at)
    asked = str(settings.get(session, "directory.certified_interventions", municipality=municipality, on=on))
    if code is None or code not in {one.strip() for one in asked.split(",")}:
        return
    if by.person_id is None or not certified(session, person_id=by.person_id, code=code, on=on):
        raise NotAllowed(
            f"person {by.person_id} has no certificate for {code}",
            detail="Voor deze interventie is een certificaat nodig. Vraag een collega die dat heeft.",
        )


def assignments_of(session: Session, person_id: UUID, *, on: date) -> list[RoleAssignment]:
    """What an active person may act as on a local day, oldest first; roles in organisations that stopped do not count."""
    query = (
        select(RoleAssignment)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(RoleAssignment.person_id == person_id, Person.active, Organisation.active, _holds(on))
        .order_by(RoleAssignment.valid_from, Organisation.name, RoleAssignment.role, RoleAssignment.id)
    )
    return list(session.scalars(query))


def organisations_for(
    session: Session, *, role: Role | str, municipality: str | None, on: date, type: str | None = None
) -> list[Organisation]:
    """Active organisations with somebody in *role* for a municipality on a local day, by name.

    Without a municipality (unknown, or outside the region) every organisation with that role counts.
    """
    query = (
        select(Organisation, RoleAssignment.areas)
        .join(RoleAssignment, RoleAssignment.organisation_id == Organisation.id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(Organisation.active, Person.active, RoleAssignment.role == role, _holds(on))
        .order_by(Organisation.name)
    )
    if municipality is not None:
        query = query.join(WorkArea, WorkArea.organisation_id == Organisation.id).where(
            WorkArea.municipality_code == municipality
        )
    if type is not None:
        query = query.where(Organisation.type == type)
    found: dict[UUID, Organisation] = {}
    for candidate, areas in session.execute(query):
        if not areas or municipality is None or municipality in areas:
            found.setdefault(candidate.id, candidate)
    return list(found.values())


def people_with_role(
    session: Session, *, organisation_id: UUID, role: Role | str, municipality: str | None, on: date
) -> list[tuple[Person, RoleAssignment]]:
    """Active people who may act for an organisation in a role, by name: the team behind a pool of tasks."""
    query = (
        select(Person, RoleAssignment)
        .join(RoleAssignment, RoleAssignment.person_id == Person.id)
        .where(
            RoleAssignment.organisation_id == organisation_id, RoleAssignment.role == role, Person.active, _holds(on)
        )
        .order_by(Person.display_name, RoleAssignment.id)
    )
    return [
        (who, assignment)
        for who, assignment in session.execute(query)
        if not assignment.areas or municipality is None or municipality in assignment.areas
    ]


def team_then(
    session: Session, *, organisation_id: UUID, role: Role | str, municipality: str | None, at: datetime
) -> frozenset[UUID]:
    """Who could act for an organisation in a role at a moment, looked back at; in which area, as it is known now."""
    on = local_date(at)
    query = select(RoleAssignment).where(
        RoleAssignment.organisation_id == organisation_id,
        RoleAssignment.role == role,
        RoleAssignment.valid_from <= on,
        or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
        or_(RoleAssignment.ended_at.is_(None), RoleAssignment.ended_at > at),
    )
    return frozenset(
        one.person_id
        for one in session.scalars(query)
        if not one.areas or municipality is None or municipality in one.areas
    )


def teams(session: Session, *, on: date) -> dict[tuple[UUID, str], frozenset[UUID]]:
    """Active people by active organisation and role, of the whole region on a local day; a team of nobody is not there."""
    query = (
        select(RoleAssignment.organisation_id, RoleAssignment.role, RoleAssignment.person_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(Person.active, Organisation.active, _holds(on))
    )
    found: dict[tuple[UUID, str], set[UUID]] = {}
    for organisation_id, role, person_id in session.execute(query):
        found.setdefault((organisation_id, role), set()).add(person_id)
    return {team: frozenset(people) for team, people in found.items()}


def _end(session: Session, which: ColumnElement[bool], at: datetime) -> list[RoleAssignment]:
    """End running roles now; rights are gone at the next request."""
    ended = list(session.scalars(select(RoleAssignment).where(which, RoleAssignment.ended_at.is_(None))))
    for one in ended:
        one.ended_at = at
    session.flush()
    return ended


def _holds(on: date) -> ColumnElement[bool]:
    return (
        RoleAssignment.ended_at.is_(None)
        & (RoleAssignment.valid_from <= on)
        & or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on)
    )


def names_of(session: Session, person_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of people by id, in one statement; who is not there is left out."""
    wanted = {one for one in person_ids if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(wanted)))
    return {row.id: row.display_name for row in rows}


def called(session: Session, organisation_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of organisations by id, in one statement; who is not there is left out."""
    wanted = {one for one in organisation_ids if one is not None}
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)))
    }
