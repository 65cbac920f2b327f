"""A region to try things out in: clearly fictitious organisations and people. Only under ``steun demo``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.config import Settings
from workflows import organisations
from workflows.accounts import create_account
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.organisations import Domain, OrganisationType, Role

#: The same for everybody, printed on the page where one logs in; the demo refuses to run in production.
PASSWORD = "steun-op-maat-demo"  # noqa: S105 - meant to be read
#: Cheap to check: nobody's secret hangs on it, and the demo also runs on a small machine.
COST = (1, 8_192, 1)

_NORTH = ("GM0983", "GM0984", "GM1507", "GM1894", "GM0889", "GM0893", "GM0907")
_MIDDLE = ("GM0957", "GM0988", "GM1640", "GM1641", "GM0946", "GM1669", "GM1711")


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    name: str
    type: OrganisationType
    domain: Domain
    areas: tuple[str, ...]
    may_use_bsn: bool = False


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to log in as; ``hint`` says in Dutch what there is to see."""

    login: str
    name: str
    organisation: str
    role: Role
    hint: str
    areas: tuple[str, ...] = ()


ORGANISATIONS = (
    DemoOrganisation(
        "Verloskundigenpraktijk De Bron (fictief)",
        OrganisationType.MIDWIFERY_PRACTICE,
        Domain.MEDICAL,
        ("GM0983", "GM1507"),
        may_use_bsn=True,
    ),
    DemoOrganisation(
        "Verloskundigenpraktijk De Wiek (fictief)",
        OrganisationType.MIDWIFERY_PRACTICE,
        Domain.MEDICAL,
        ("GM0957", "GM1669"),
        may_use_bsn=True,
    ),
    DemoOrganisation(
        "JGZ Limburg-Noord team Venlo (fictief)", OrganisationType.YOUTH_HEALTH, Domain.MEDICAL, _NORTH, may_use_bsn=True
    ),
    DemoOrganisation(
        "JGZ Midden-Limburg team Roermond (fictief)",
        OrganisationType.YOUTH_HEALTH,
        Domain.MEDICAL,
        _MIDDLE,
        may_use_bsn=True,
    ),
    DemoOrganisation("Toegangsteam Venlo (fictief)", OrganisationType.MUNICIPAL_ACCESS_TEAM, Domain.SOCIAL, ("GM0983",)),
    DemoOrganisation("Toegangsteam Roermond (fictief)", OrganisationType.MUNICIPAL_ACCESS_TEAM, Domain.SOCIAL, ("GM0957",)),
    DemoOrganisation("Welzijn Het Anker (fictief)", OrganisationType.WELFARE, Domain.SOCIAL, ("GM0983", "GM0957")),
    DemoOrganisation("Programmabureau Steun op Maat (fictief)", OrganisationType.PROGRAMME, Domain.GOVERNANCE, _NORTH + _MIDDLE),
)  # fmt: skip

PEOPLE = (
    DemoPerson("vera", "Vera Voorbeeld", ORGANISATIONS[0].name, Role.SIGNALLER, "Verloskundige: legt een signaal vast"),
    DemoPerson("wim", "Wim Voorbeeld", ORGANISATIONS[1].name, Role.SIGNALLER, "Verloskundige in Roermond"),
    DemoPerson("jet", "Jet Voorbeeld", ORGANISATIONS[2].name, Role.EXPLORER, "Jeugdverpleegkundige: pakt de verkenning op"),
    DemoPerson("joep", "Joep Voorbeeld", ORGANISATIONS[2].name, Role.EXPLORER, "Jeugdverpleegkundige in hetzelfde team"),
    DemoPerson("jannie", "Jannie Voorbeeld", ORGANISATIONS[3].name, Role.EXPLORER, "Jeugdverpleegkundige in Roermond"),
    DemoPerson("petra", "Petra Voorbeeld", ORGANISATIONS[4].name, Role.PROCESS_DIRECTOR, "Procesregisseur: let op de termijnen", ("GM0983",)),
    DemoPerson("paul", "Paul Voorbeeld", ORGANISATIONS[5].name, Role.PROCESS_DIRECTOR, "Procesregisseur in Roermond", ("GM0957",)),
    DemoPerson("anouk", "Anouk Voorbeeld", ORGANISATIONS[0].name, Role.PROTECTION_OFFICER, "Aandachtsfunctionaris van de verloskundigenpraktijk"),
    DemoPerson("arno", "Arno Voorbeeld", ORGANISATIONS[2].name, Role.PROTECTION_OFFICER, "Aandachtsfunctionaris van de JGZ"),
    DemoPerson("saar", "Saar Voorbeeld", ORGANISATIONS[6].name, Role.SUPPORTER, "Maatschappelijk werker"),
    DemoPerson("cor", "Cor Voorbeeld", ORGANISATIONS[7].name, Role.COORDINATOR, "Coördinator van het programma"),
    DemoPerson("bep", "Bep Voorbeeld", ORGANISATIONS[7].name, Role.ADMINISTRATOR, "Beheerder van organisaties en accounts"),
)  # fmt: skip


def fill(database: Database, settings: Settings, *, at: datetime) -> bool:
    """Put the demo region into an empty database; False when there are people already, and then nothing changes.

    Raises:
        RuntimeError: these settings are not those of a demo.
    """
    if not settings.is_demo:
        raise RuntimeError("the demo region never goes into production")
    on = at.date()
    with database.writing() as session:
        if organisations.organisations(session):
            return False
        organisations.load_municipalities(session)
        ids = {
            each.name: organisations.add_organisation(
                session,
                name=each.name,
                type=each.type,
                domain=each.domain,
                areas=each.areas,
                may_use_bsn=each.may_use_bsn,
                by=OPERATOR,
                at=at,
            ).id
            for each in ORGANISATIONS
        }
        for each in PEOPLE:
            person = organisations.add_person(session, display_name=each.name, by=OPERATOR, at=at)
            organisations.assign_role(
                session,
                person_id=person.id,
                organisation_id=ids[each.organisation],
                role=each.role,
                areas=each.areas,
                valid_from=on,
                by=OPERATOR,
                at=at,
            )
            create_account(
                session, person_id=person.id, login=each.login, password=PASSWORD, by=OPERATOR, at=at, cost=COST
            )
    return True


def accounts() -> list[dict[str, str]]:
    """Whom one can log in as, for the page where one does."""
    return [
        {
            "login": each.login,
            "name": each.name,
            "organisation": each.organisation,
            "role": each.role,
            "hint": each.hint,
        }
        for each in PEOPLE
    ]
