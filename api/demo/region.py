"""Who there is in the demo region: organisations over all domains in the fourteen municipalities, and people with roles.

Everything is made up. Organisations say "(fictief)", people are called Voorbeeld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from api.demo.codes import secret_of
from api.transactions import local_date
from workflows import organisations, settings
from workflows.accounts import (
    SECOND_FACTOR_ROLES,
    begin_second_factor,
    code_of,
    confirm_second_factor,
    create_account,
    step_of,
)
from workflows.actor import OPERATOR, Actor
from workflows.organisations import Domain, OrganisationType, Role

if TYPE_CHECKING:
    from workflows.db import Session

#: The same for everybody, printed on the page where one logs in; a database of the demo is never served in production.
PASSWORD = "kijk-gerust-in-elke-kamer"  # noqa: S105 - meant to be read
#: Cheap to check: nobody's secret hangs on it, and the demo also runs on a small machine.
COST = (1, 8_192, 1)
#: How long before the demo is filled its people began to work; longer than any family is known.
WORKING_FOR = timedelta(days=900)

BEESEL, BERGEN, GENNEP, HORST = "GM0889", "GM0893", "GM0907", "GM1507"
PEEL_EN_MAAS, VENLO, VENRAY = "GM1894", "GM0983", "GM0984"
ECHT_SUSTEREN, LEUDAL, MAASGOUW, NEDERWEERT = "GM1711", "GM1640", "GM1641", "GM0946"
ROERDALEN, ROERMOND, WEERT = "GM1669", "GM0957", "GM0988"

NORTH = (BEESEL, BERGEN, GENNEP, HORST, PEEL_EN_MAAS, VENLO, VENRAY)
MIDDLE = (ECHT_SUSTEREN, LEUDAL, MAASGOUW, NEDERWEERT, ROERDALEN, ROERMOND, WEERT)
REGION = NORTH + MIDDLE
#: Where a case is kept for a year only, so that the list of what is to be destroyed has something on it.
SHORTLY_KEPT = (HORST, PEEL_EN_MAAS)


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """A partner; ``key`` is how the stories of families name it."""

    key: str
    name: str
    type: OrganisationType
    domain: Domain
    areas: tuple[str, ...]
    may_use_bsn: bool = False


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to log in as; ``hint`` says in Dutch what somebody is there."""

    login: str
    name: str
    organisation: str
    role: Role
    hint: str
    areas: tuple[str, ...] = ()
    also: tuple[Role, ...] = ()
    certificates: tuple[str, ...] = ()


def _medical(key: str, name: str, type: OrganisationType, *areas: str) -> DemoOrganisation:
    return DemoOrganisation(key, f"{name} (fictief)", type, Domain.MEDICAL, areas, may_use_bsn=True)


def _social(
    key: str, name: str, type: OrganisationType, *areas: str, domain: Domain = Domain.SOCIAL
) -> DemoOrganisation:
    return DemoOrganisation(key, f"{name} (fictief)", type, domain, areas)


ORGANISATIONS = (
    _medical("bron", "Verloskundigenpraktijk De Bron", OrganisationType.MIDWIFERY_PRACTICE, VENLO, HORST, BEESEL),
    _medical("wiek", "Verloskundigenpraktijk De Wiek", OrganisationType.MIDWIFERY_PRACTICE, ROERMOND, ROERDALEN),
    _medical("peelkant", "Verloskundigenpraktijk De Peelkant", OrganisationType.MIDWIFERY_PRACTICE, VENRAY, PEEL_EN_MAAS, HORST),
    _medical("maasduinen", "Verloskundigenpraktijk De Maasduin", OrganisationType.MIDWIFERY_PRACTICE, BERGEN, GENNEP),
    _medical("weerterveld", "Verloskundigenpraktijk Het Weerterveld", OrganisationType.MIDWIFERY_PRACTICE, WEERT, NEDERWEERT, LEUDAL),
    _medical("maasoever", "Verloskundigenpraktijk De Maasoever", OrganisationType.MIDWIFERY_PRACTICE, MAASGOUW, ECHT_SUSTEREN),
    _medical("ziekenhuis", "Ziekenhuis Maasdal, polikliniek verloskunde", OrganisationType.HOSPITAL, *REGION),
    _medical("kraamzorg", "Kraamzorg De Wieg", OrganisationType.MATERNITY_CARE, *REGION),
    _medical("huisarts_venlo", "Huisartsenpraktijk Aan de Markt", OrganisationType.GENERAL_PRACTICE, VENLO, BEESEL),
    _medical("huisarts_roermond", "Huisartsenpraktijk Roerzicht", OrganisationType.GENERAL_PRACTICE, ROERMOND, ROERDALEN, MAASGOUW),
    _medical("ggz", "GGZ Rond de Geboorte", OrganisationType.MENTAL_HEALTH, *REGION),
    DemoOrganisation("jgz_noord", "JGZ Limburg-Noord team Venlo (fictief)", OrganisationType.YOUTH_HEALTH, Domain.PUBLIC, NORTH, may_use_bsn=True),
    DemoOrganisation("jgz_midden", "JGZ Midden-Limburg team Roermond (fictief)", OrganisationType.YOUTH_HEALTH, Domain.PUBLIC, MIDDLE, may_use_bsn=True),
    _social("cjg", "CJG Midden-Limburg", OrganisationType.YOUTH_AND_FAMILY_CENTRE, *MIDDLE, domain=Domain.PUBLIC),
    _social("gemeente_venlo", "Gemeente Venlo, team Jeugd", OrganisationType.MUNICIPALITY, VENLO, domain=Domain.PUBLIC),
    _social("toegang_venlo", "Toegangsteam Venlo", OrganisationType.MUNICIPAL_ACCESS_TEAM, VENLO),
    _social("toegang_roermond", "Toegangsteam Roermond", OrganisationType.MUNICIPAL_ACCESS_TEAM, ROERMOND),
    _social("toegang_peel", "Toegangsteam Peel en Maas, Horst en Venray", OrganisationType.MUNICIPAL_ACCESS_TEAM, PEEL_EN_MAAS, HORST, VENRAY),
    _social("toegang_maas", "Toegangsteam Beesel, Bergen en Gennep", OrganisationType.MUNICIPAL_ACCESS_TEAM, BEESEL, BERGEN, GENNEP),
    _social("toegang_weert", "Toegangsteam Weert, Nederweert en Leudal", OrganisationType.MUNICIPAL_ACCESS_TEAM, WEERT, NEDERWEERT, LEUDAL),
    _social("toegang_roer", "Toegangsteam Roerdalen, Maasgouw en Echt-Susteren", OrganisationType.MUNICIPAL_ACCESS_TEAM, ROERDALEN, MAASGOUW, ECHT_SUSTEREN),
    _social("anker", "Welzijn Het Anker", OrganisationType.WELFARE, *REGION),
    _social("schakel", "Maatschappelijk werk De Schakel", OrganisationType.SOCIAL_WORK, *REGION),
    _social("coaches", "Gezinscoaches Maasdal", OrganisationType.FAMILY_COACH, *REGION),
    _social("taalhuis", "Taalhuis De Letterboom", OrganisationType.LIBRARY, *REGION),
    _social("maatje", "Vrijwilligers Maatje aan Huis", OrganisationType.INFORMAL, *REGION, domain=Domain.INFORMAL),
    _social("ouders", "Ouders voor Ouders", OrganisationType.INFORMAL, ROERMOND, WEERT, ROERDALEN, domain=Domain.INFORMAL),
    _social("bureau", "Programmabureau Steun op Maat", OrganisationType.PROGRAMME, *REGION, domain=Domain.GOVERNANCE),
    _social("regieraad", "Regieraad Kansrijke Start", OrganisationType.PROGRAMME, *REGION, domain=Domain.GOVERNANCE),
)  # fmt: skip


def _person(
    login: str,
    organisation: str,
    role: Role,
    hint: str,
    *areas: str,
    also: tuple[Role, ...] = (),
    certificates: tuple[str, ...] = (),
) -> DemoPerson:
    return DemoPerson(login, f"{login.capitalize()} Voorbeeld", organisation, role, hint, areas, also, certificates)


PEOPLE = (
    _person("vera", "bron", Role.SIGNALLER, "Verloskundige"),
    _person("veerle", "bron", Role.SIGNALLER, "Verloskundige"),
    _person("wim", "wiek", Role.SIGNALLER, "Verloskundige"),
    _person("vince", "peelkant", Role.SIGNALLER, "Verloskundige"),
    _person("mara", "maasduinen", Role.SIGNALLER, "Verloskundige"),
    _person("vivian", "weerterveld", Role.SIGNALLER, "Verloskundige"),
    _person("valerie", "maasoever", Role.SIGNALLER, "Verloskundige"),
    _person("zoe", "ziekenhuis", Role.SIGNALLER, "Verloskundige"),
    _person("kitty", "kraamzorg", Role.SIGNALLER, "Kraamverzorgende"),
    _person("hans", "huisarts_venlo", Role.SIGNALLER, "Praktijkondersteuner"),
    _person("hilde", "huisarts_roermond", Role.SIGNALLER, "Huisarts"),
    _person("jet", "jgz_noord", Role.EXPLORER, "Jeugdverpleegkundige"),
    _person("joep", "jgz_noord", Role.EXPLORER, "Jeugdverpleegkundige"),
    _person("julia", "jgz_noord", Role.EXPLORER, "Jeugdverpleegkundige en casusregisseur", also=(Role.CASE_DIRECTOR,)),
    _person("jannie", "jgz_midden", Role.EXPLORER, "Jeugdverpleegkundige"),
    _person("jamila", "jgz_midden", Role.EXPLORER, "Jeugdverpleegkundige"),
    _person("carla", "toegang_venlo", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("chris", "toegang_roermond", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("coby", "toegang_peel", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("cees", "toegang_maas", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("clara", "toegang_weert", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("casper", "toegang_roer", Role.CASE_DIRECTOR, "Casusregisseur"),
    _person("petra", "toegang_venlo", Role.PROCESS_DIRECTOR, "Procesregisseur", VENLO),
    _person("paul", "toegang_roermond", Role.PROCESS_DIRECTOR, "Procesregisseur", ROERMOND),
    _person("pim", "toegang_peel", Role.PROCESS_DIRECTOR, "Procesregisseur"),
    _person("pauline", "toegang_maas", Role.PROCESS_DIRECTOR, "Procesregisseur"),
    _person("pieter", "toegang_weert", Role.PROCESS_DIRECTOR, "Procesregisseur"),
    _person("priya", "toegang_roer", Role.PROCESS_DIRECTOR, "Procesregisseur"),
    _person("saar", "anker", Role.SUPPORTER, "Maatschappelijk werker"),
    _person("sem", "schakel", Role.SUPPORTER, "Schuldhulpverlener"),
    _person("gina", "coaches", Role.SUPPORTER, "Gezinscoach", certificates=("VZ", "SO")),
    _person("mieke", "maatje", Role.SUPPORTER, "Coördinator van vrijwilligers"),
    _person("otto", "ouders", Role.SUPPORTER, "Ouder die andere ouders helpt"),
    _person("greet", "ggz", Role.SUPPORTER, "Psycholoog rond de geboorte"),
    _person("tess", "taalhuis", Role.SUPPORTER, "Taalcoach"),
    _person("karim", "cjg", Role.SUPPORTER, "Opvoedondersteuner"),
    _person("katja", "kraamzorg", Role.SUPPORTER, "Kraamverzorgende die langer blijft"),
    _person("anouk", "bron", Role.PROTECTION_OFFICER, "Aandachtsfunctionaris"),
    _person("arno", "jgz_noord", Role.PROTECTION_OFFICER, "Aandachtsfunctionaris"),
    _person("alice", "jgz_midden", Role.PROTECTION_OFFICER, "Aandachtsfunctionaris"),
    _person("ans", "wiek", Role.PROTECTION_OFFICER, "Aandachtsfunctionaris"),
    _person("cor", "bureau", Role.COORDINATOR, "Programmacoördinator"),
    _person("ed", "bureau", Role.DIRECTORY_EDITOR, "Redacteur van de Wegwijzer"),
    _person("ria", "regieraad", Role.STEERING_BOARD, "Lid van de regieraad"),
    _person("leo", "bron", Role.LOG_MANAGER, "Beheerder van het logboek"),
    _person("abel", "jgz_noord", Role.LOCAL_ADMINISTRATOR, "Beheerder van JGZ Limburg-Noord"),
    _person("fien", "jgz_noord", Role.DPO, "Functionaris gegevensbescherming"),
    _person("bep", "bureau", Role.ADMINISTRATOR, "Beheerder van de regio"),
    _person("bo", "bureau", Role.ADMINISTRATOR, "Beheerder van de regio"),
)  # fmt: skip

#: Where a parent of each municipality usually meets somebody first.
PRACTICES: Mapping[str, str] = {
    BEESEL: "vera", BERGEN: "mara", GENNEP: "mara", HORST: "vera", PEEL_EN_MAAS: "vince", VENLO: "vera", VENRAY: "vince",
    ECHT_SUSTEREN: "valerie", LEUDAL: "vivian", MAASGOUW: "valerie", NEDERWEERT: "vivian", ROERDALEN: "wim",
    ROERMOND: "wim", WEERT: "vivian",
}  # fmt: skip
#: Four digits that are used there; the letters after them are made up.
POSTCODES: Mapping[str, str] = {
    BEESEL: "5953", BERGEN: "5854", GENNEP: "6591", HORST: "5961", PEEL_EN_MAAS: "5981", VENLO: "5911", VENRAY: "5801",
    ECHT_SUSTEREN: "6101", LEUDAL: "6093", MAASGOUW: "6051", NEDERWEERT: "6031", ROERDALEN: "6075", ROERMOND: "6041",
    WEERT: "6001",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the region as a door would know them: a login and, per role, who acts."""

    login: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Region:
    """Whom the stories can call upon."""

    organisations: Mapping[str, UUID]
    workers: tuple[Worker, ...]

    def who(self, login: str, role: Role | None = None) -> Actor:
        """Somebody by login, in the first role or in *role*."""
        return next(w.actor for w in self.workers if w.login == login and role in (None, w.actor.role))

    def team(self, organisation_id: UUID, role: str, municipality: str | None) -> list[Actor]:
        """Everybody who could take a task there."""
        return [
            worker.actor
            for worker in self.workers
            if (worker.actor.organisation_id, worker.actor.role) == (organisation_id, role)
            and (not worker.actor.municipalities or municipality in (None, *worker.actor.municipalities))
        ]


def settle(session: Session, *, at: datetime) -> Region:
    """Add the organisations, the people, their roles and their accounts; they began long before *at*."""
    began = at - WORKING_FOR
    organisations.load_municipalities(session)
    ids = {
        each.key: organisations.add_organisation(
            session,
            name=each.name,
            type=each.type,
            domain=each.domain,
            areas=each.areas,
            may_use_bsn=each.may_use_bsn,
            by=OPERATOR,
            at=began,
        ).id
        for each in ORGANISATIONS
    }
    for municipality in SHORTLY_KEPT:
        settings.put(
            session, "retention.case_years", 1, municipality=municipality, valid_from=local_date(began),
            source="Alleen in de demonstratie, zodat er al iets te vernietigen is", by=OPERATOR, at=began,
        )  # fmt: skip
    workers: list[Worker] = []
    for each in PEOPLE:
        workers.extend(_settle(session, each, ids[each.organisation], began=began))
    return Region(ids, tuple(workers))


def _settle(session: Session, each: DemoPerson, organisation_id: UUID, *, began: datetime) -> Iterable[Worker]:
    person = organisations.add_person(session, display_name=each.name, by=OPERATOR, at=began)
    for place, role in enumerate((each.role, *each.also)):
        assignment = organisations.assign_role(
            session,
            person_id=person.id,
            organisation_id=organisation_id,
            role=role,
            areas=each.areas,
            valid_from=local_date(began) + timedelta(days=place),  # who logs in begins in the oldest role
            by=OPERATOR,
            at=began,
        )
        actor = Actor(person.id, assignment.id, organisation_id, str(role), frozenset(each.areas), origin="page")
        yield Worker(each.login, actor)
    for code in each.certificates:
        organisations.add_certificate(
            session, person_id=person.id, intervention=code, valid_from=local_date(began), by=OPERATOR, at=began
        )
    account = create_account(
        session, person_id=person.id, login=each.login, password=PASSWORD, by=OPERATOR, at=began, cost=COST
    )
    if SECOND_FACTOR_ROLES & {each.role, *each.also}:
        secret = begin_second_factor(session, account.id, secret=secret_of(each.login), by=OPERATOR, at=began)
        code = code_of(secret, step_of(began))
        confirm_second_factor(session, account.id, code=code, by=OPERATOR, at=began)


def accounts() -> list[dict[str, str]]:
    """Whom one can log in as, in words."""
    names = {each.key: each.name for each in ORGANISATIONS}
    return [
        {
            "login": each.login,
            "name": each.name,
            "organisation": names[each.organisation],
            "role": each.role.value,
            "hint": each.hint,
        }
        for each in PEOPLE
    ]
