"""What tests need and do not care about: a small region of fictitious partners, a family, a case."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import accounts, cases, consent, directory, families, organisations, parents, schema
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case, CaseStatus
from workflows.diagrams import StoredBundle
from workflows.directory import Pathway
from workflows.dossier import Entry
from workflows.families import FamilyMember, MemberKind
from workflows.organisations import Organisation, PersonKind, Role

VENLO, ROERMOND, WEERT = "GM0983", "GM0957", "GM0988"
PASSWORD = "een lang maar verzonnen wachtwoord"
#: Argon2 that takes no time; never use it outside tests.
CHEAP = (1, 8, 1)


@dataclass(frozen=True)
class Region:
    """Fictitious partners in Venlo and Roermond, and who works there."""

    practice: Organisation
    other_practice: Organisation
    youth_health: Organisation
    municipality: Organisation
    programme: Organisation
    midwife: Actor
    midwife2: Actor
    protection_officer: Actor
    other_midwife: Actor
    other_protection_officer: Actor
    nurse: Actor
    nurse2: Actor
    youth_protection_officer: Actor
    process_director: Actor
    coordinator: Actor
    administrator: Actor
    log_manager: Actor
    directory_editor: Actor
    weert_editor: Actor


def region(session: Session, at: datetime) -> Region:
    """Municipalities, organisations and people; every name is made up. Built by the rooms once in a process, and laid
    down row by row after that: most tests only want it to be there."""
    return built_once(session, ("region", at), lambda: _region(session, at))


_built: dict[Hashable, tuple[list[tuple[Table, list[dict[str, Any]]]], list[dict[str, Any]], Any]] = {}


def built_once(session: Session, key: Hashable, build: Callable[[], Any]) -> Any:
    """What *build* made in an empty database: built the first time in this process, laid down as the same rows later.

    Organisations in the result belong to *session*. Where there is something already, it is built as always.
    """
    if session.scalar(select(Organisation.id).limit(1)) is not None:
        return build()
    tables = schema.metadata().sorted_tables
    if key not in _built:
        before = {table.fullname: _rows(session, table) for table in tables}
        made = build()
        session.flush()
        added = [
            (table, [row for row in _rows(session, table) if row not in before[table.fullname]]) for table in tables
        ]
        written = [dict(line) for line in session.info.get("logbook.changes", ())]
        kept = made
        if dataclasses.is_dataclass(made):  # objects of a session that rolls back lose even their id
            kept = dataclasses.replace(
                made,
                **{n: Organisation(id=v.id) for n, v in vars(made).items() if isinstance(v, Organisation)},  # type: ignore[type-var]
            )
        _built[key] = [(table, rows) for table, rows in added if rows], written, kept
        return made
    rows_of, written, made = _built[key]
    for table, rows in rows_of:
        session.execute(insert(table), rows)
    session.info.setdefault("logbook.changes", []).extend(dict(line) for line in written)
    if not dataclasses.is_dataclass(made):
        return made
    of_name = {name: value.id for name, value in vars(made).items() if isinstance(value, Organisation)}
    found = {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(of_name.values())))}
    return dataclasses.replace(made, **{name: found[its_id] for name, its_id in of_name.items()})  # type: ignore[type-var]


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    """As they are kept; a number that the database hands out itself is left to it."""
    counted = table.autoincrement_column
    kept = [column for column in table.columns if column is not counted]
    return [dict(row._mapping) for row in session.execute(select(*kept))]


def _region(session: Session, at: datetime) -> Region:
    organisations.load_municipalities(session)
    practice = organisation(session, "Verloskundigenpraktijk De Bron (fictief)", "midwifery_practice", "medical", at=at)
    other = organisation(session, "Verloskundigenpraktijk De Es (fictief)", "midwifery_practice", "medical", at=at)
    youth = organisation(session, "JGZ Limburg-Noord team Venlo (fictief)", "youth_health", "public", at=at)
    town = organisation(session, "Gemeente Venlo (fictief)", "municipality", "public", [VENLO], at=at)
    weert = organisation(session, "Gemeente Weert (fictief)", "municipality", "public", [WEERT], at=at)
    office = organisation(session, "Programmabureau (fictief)", "programme", "governance", at=at)
    directory.load_interventions(session)
    pathway(session, VENLO, "money", at)

    def person(name: str, where: Organisation, role: Role) -> Actor:
        return actor(session, name, where, role, at=at)

    return Region(
        practice=practice,
        other_practice=other,
        youth_health=youth,
        municipality=town,
        programme=office,
        midwife=person("Vera Verloskundige", practice, Role.SIGNALLER),
        midwife2=person("Mila Verloskundige", practice, Role.SIGNALLER),
        protection_officer=person("Ada Aandacht", practice, Role.PROTECTION_OFFICER),
        other_midwife=person("Esra Verloskundige", other, Role.SIGNALLER),
        other_protection_officer=person("Otto Aandacht", other, Role.PROTECTION_OFFICER),
        nurse=person("Jet Jeugdverpleegkundige", youth, Role.EXPLORER),
        nurse2=person("Joris Jeugdverpleegkundige", youth, Role.EXPLORER),
        youth_protection_officer=person("Yara Aandacht", youth, Role.PROTECTION_OFFICER),
        process_director=person("Pien Procesregisseur", town, Role.PROCESS_DIRECTOR),
        coordinator=person("Coen Coördinator", office, Role.COORDINATOR),
        administrator=person("Bea Beheerder", office, Role.ADMINISTRATOR),
        log_manager=person("Loes Logbeheerder", practice, Role.LOG_MANAGER),
        directory_editor=person("Bram Beleidsambtenaar", town, Role.DIRECTORY_EDITOR),
        weert_editor=person("Wil Beleidsambtenaar", weert, Role.DIRECTORY_EDITOR),
    )


def organisation(
    session: Session, name: str, type: str, domain: str, areas: list[str] | None = None, *, at: datetime
) -> Organisation:
    """A partner in Venlo, Roermond and Weert, or in *areas*. Who gives care may use the BSN."""
    where = [VENLO, ROERMOND, WEERT] if areas is None else areas
    bsn = domain == "medical" or type == "youth_health"
    return organisations.add_organisation(
        session, name=name, type=type, domain=domain, areas=where, may_use_bsn=bsn, by=OPERATOR, at=at
    )


def actor(
    session: Session,
    name: str,
    where: Organisation,
    role: Role | str,
    *,
    areas: tuple[str, ...] = (),
    valid_from: date | None = None,
    valid_to: date | None = None,
    at: datetime,
) -> Actor:
    """A new person with one role, as a door would establish it."""
    who = organisations.add_person(session, display_name=name, by=OPERATOR, at=at)
    assignment = organisations.assign_role(
        session,
        person_id=who.id,
        organisation_id=where.id,
        role=role,
        areas=areas,
        valid_from=valid_from or local_date(at) - timedelta(days=1),
        valid_to=valid_to,
        by=OPERATOR,
        at=at,
    )
    return Actor(who.id, assignment.id, where.id, str(role), frozenset(areas), origin="api")


def pathway_content(**changes: Any) -> dict[str, Any]:
    """A complete pathway about money; *changes* say otherwise."""
    content: dict[str, Any] = {
        "agreements_text": "Eerst samen een overzicht maken. Daarna helpt het geldloket met een plan.",
        "contact_name": "Gerda Geldloket",
        "contact_phone": "077 000 00 00",
        "contact_mail": "geldloket@voorbeeld.example",
        "referral_how": "Bel samen met de ouder.",
        "cost": "Geen",
        "wait_time": "Een week",
        "availability": "available",
        "languages": "Nederlands en Pools",
    }
    return content | changes


def pathway(
    session: Session,
    municipality: str,
    theme: str,
    at: datetime,
    *,
    version: int = 0,
    reviewed: bool = True,
    by: Actor = OPERATOR,
    **changes: Any,
) -> Pathway:
    """What a municipality has for a theme, reviewed today."""
    return directory.put_pathway(
        session,
        municipality=municipality,
        theme=theme,
        content=pathway_content(**changes),
        version=version,
        reviewed=reviewed,
        by=by,
        at=at,
    )


def case(session: Session, by: Actor, at: datetime, *, municipality_code: str = VENLO) -> Case:
    """A draft of *by* with a pregnant person in the family."""
    family = families.create_family(session, by=by, at=at)
    families.add_member(
        session,
        family.id,
        kind=MemberKind.PREGNANT_PERSON,
        name="Noor Voorbeeld",
        birth_date=date(1998, 5, 17),
        municipality_code=municipality_code,
        safe_contact="call",
        by=by,
        at=at,
    )
    return cases.open_case(session, family_id=family.id, municipality_code=municipality_code, by=by, at=at)


def parent(session: Session, of: Case) -> FamilyMember:
    """The pregnant person or parent of a case."""
    assert of.family_id is not None
    return families.members(session, of.family_id)[0]


def agree(session: Session, of: Case, by: Actor, at: datetime, **changes: Any) -> list[consent.Consent]:
    """The parent agrees that youth health explores with everything but medical data; *changes* say otherwise."""
    given: dict[str, Any] = {
        "case_id": of.id,
        "subject_id": parent(session, of).id,
        "recipient_kind": "youth_health",
        "purpose": "exploration",
        "categories": ["C0", "C1", "C3", "C4"],
        "given_by": "self",
        "information_given": consent.EXPLAINED,
        "form": "oral",
        "language": "nl",
        "text_version": "2026-1",
    }
    return consent.record(session, **{**given, **changes}, by=by, at=at)


def explored_case(session: Session, of: Region, at: datetime) -> Case:
    """A shared case that the youth nurse explores and holds."""
    shared = case(session, of.midwife, at)
    cases.move_to(session, shared, CaseStatus.AWAITING_CONSENT, by=of.midwife, at=at)
    agree(session, shared, of.midwife, at)
    cases.share(session, shared, by=of.midwife, at=at)
    cases.move_to(session, shared, CaseStatus.IN_ROUTING, by=of.midwife, at=at)
    cases.move_to(session, shared, CaseStatus.IN_EXPLORATION, by=of.midwife, at=at)
    accept(session, shared, of.nurse, at)
    return shared


def accept(session: Session, of: Case, by: Actor, at: datetime) -> None:
    """*by* takes over the case."""
    assert by.organisation_id is not None
    cases.move_holder(
        session, of, organisation_id=by.organisation_id, role=by.role, person_id=by.person_id, by=by, at=at
    )


def entry(session: Session, of: Case, by: Actor, at: datetime, form_key: str = "signal") -> Entry:
    """An entry without values, to hang something on."""
    digest = "0" * 64
    if session.get(StoredBundle, digest) is None:
        session.add(StoredBundle(digest=digest, published_at=at, published_by=None, is_current=False))
        session.flush()
    written = Entry(
        subject_kind="case",
        subject_id=of.id,
        case_id=of.id,
        form_key=form_key,
        bundle_digest=digest,
        author_id=by.person_id,
        organisation_id=by.organisation_id,
        role=by.role,
        observed_at=at,
        recorded_at=at,
    )
    session.add(written)
    session.flush()
    return written


def signal_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """What a midwife writes down with a pregnant woman who worries about money; *changes* say otherwise.

    A change to ``None`` leaves the answer out, as a hidden field does.
    """
    answers: dict[str, Any] = {
        "support_request_own_words": "Ik kom niet rond en weet niet waar ik moet beginnen.",
        "unclear_question": "no",
        "phase": "pregnant",
        "due_date": (local_date(at) + timedelta(days=140)).isoformat(),
        "due_date_certainty": "dating_scan",
        "multiple_pregnancy": False,
        "parity": 0,
        "parent_name": "Noor Voorbeeld",
        "birth_date": "1998-05-17",
        "living_situation": "address",
        "postcode": "5911 AB",
        "municipality_code": VENLO,
        "preferred_language": "nl",
        "interpreter_needed": False,
        "reading_support": False,
        "safe_contact": "call",
        "safe_contact_detail": "Bel na zes uur",
        "partner_involved": "unknown",
        "protective_factors": ["asks_for_help"],
        "risk_categories": ["KW04", "KW11"],
        "vulnerability_level": "vulnerable",
        "assessed_together": "yes",
        "safety_concern": "no",
        "urgency": "regular",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


@dataclass(frozen=True)
class ParentLogin:
    """A parent who can log in: with ``login``, :data:`PASSWORD` and the codes of ``secret``."""

    actor: Actor
    member: FamilyMember
    link: parents.ParentLink
    login: str
    secret: str

    def code(self, at: datetime) -> str:
        """What the app on the telephone shows."""
        return accounts.code_of(self.secret, accounts.step_of(at))


def parent_login(session: Session, by: Actor, member: FamilyMember, at: datetime) -> ParentLogin:
    """*member* logs in: invited by *by*, password chosen, the app coupled a while ago. *by* works on a case of the family."""
    case = session.scalars(select(Case).where(Case.family_id == member.family_id)).first()
    assert case is not None
    made = parents.invite(session, member, identity_check="known", case_id=case.id, by=by, at=at, cost=CHEAP)
    account = accounts.activate(
        session, login=made.login, code=made.code, password=PASSWORD, kind=PersonKind.PARENT, at=at, cost=CHEAP
    )
    parents.note_first_use(session, account.person_id, at=at)
    actor = parents.actor_of_account(session, account, at=at)
    secret = accounts.begin_second_factor(session, account.id, by=actor, at=at)
    earlier = at - timedelta(minutes=1)  # the code of now is still to be used
    code = accounts.code_of(secret, accounts.step_of(earlier))
    accounts.confirm_second_factor(session, account.id, code=code, by=actor, at=earlier)
    return ParentLogin(dataclasses.replace(actor, second_factor=True), member, made.link, made.login, secret)


def ids(of: Actor) -> tuple[UUID, UUID]:
    """Person and assignment of an actor that is a person."""
    assert of.person_id is not None
    assert of.assignment_id is not None
    return of.person_id, of.assignment_id
