"""Whom one can be in the demo, by what one does, and what to click first. A test logs in as each and looks."""

from __future__ import annotations

from dataclasses import dataclass

from api.demo.region import ORGANISATIONS, PEOPLE


@dataclass(frozen=True, slots=True)
class Hat:
    """Somebody to be.

    Args:
        click: text that stands on the first page after logging in.
        then: what there is to see, as the end of the sentence "Klik eerst op …".
        start: path of that first page; left out: the own work.
    """

    login: str
    click: str
    then: str
    start: str | None = None

    @property
    def name(self) -> str:
        return _PEOPLE[self.login].name

    @property
    def job(self) -> str:
        return _PEOPLE[self.login].hint

    @property
    def organisation(self) -> str:
        """Without "(fictief)": above the hats it says that everything is made up."""
        return _NAMES[_PEOPLE[self.login].organisation].removesuffix(" (fictief)")


@dataclass(frozen=True, slots=True)
class HatGroup:
    """Hats with which one does the same kind of thing."""

    title: str
    hats: tuple[Hat, ...]


_PEOPLE = {each.login: each for each in PEOPLE}
_NAMES = {each.key: each.name for each in ORGANISATIONS}

HATS = (
    HatGroup(
        "Ik signaleer",
        (
            Hat("vera", "Toestemming vragen", "en bespreek met de ouder wie het mag weten."),
            Hat("wim", "Signaal vastleggen", "en maak af wat al begonnen is."),
        ),
    ),
    HatGroup(
        "Ik verken",
        (
            Hat("jet", "Verkenning doen", "en pak een gezin op. Pas dan ziet u wie het is."),
            Hat("jannie", "Toestemming voor overleg en steun", "en vraag wie er mag meehelpen."),
        ),
    ),
    HatGroup(
        "Ik regisseer een casus",
        (
            Hat("carla", "Overdracht beantwoorden", "want een collega biedt u een gezin aan."),
            Hat("chris", "Steunplan maken", "en spreek met de ouder af wie wat doet."),
        ),
    ),
    HatGroup(
        "Ik let op het proces",
        (
            Hat("petra", "Knooppunt plannen", "en zet een gezin op de agenda van een overleg."),
            Hat("paul", "Termijn verlopen: overleggen", "want ergens wacht een gezin te lang."),
        ),
    ),
    HatGroup(
        "Ik help met een afspraak",
        (
            Hat("saar", "Steunafspraak aannemen", "en zeg of uw organisatie het kan doen."),
            Hat("mieke", "Steunafspraak uitvoeren", "en laat weten hoe het gaat."),
        ),
    ),
    HatGroup(
        "Ik let op veiligheid",
        (Hat("anouk", "Reageren op een zorg", "en lees wat uw collega opschreef."),),
    ),
    HatGroup(
        "Ik kijk het logboek na",
        (
            Hat(
                "leo",
                "Bekijk de melding",
                "en vraag na waarom een collega keek. Bij Mijn werk wacht een noodinzage.",
                "/logboek",
            ),
        ),
    ),
    HatGroup(
        "Ik let op de rechten van ouders",
        (
            Hat("joep", "Kopie van het dossier geven", "want een ouder wil lezen wat er is opgeschreven."),
            Hat(
                "fien",
                "Vernietig deze casus",
                "want een collega bevestigde het al. Van de andere casus moet alles bewaard blijven.",
                "/vernietigen",
            ),
            Hat("jamila", "Noodinzage: lees wie er keek", "want iemand van elders keek in een casus van uw team."),
        ),
    ),
    HatGroup(
        "Ik zit in de regieraad",
        (
            Hat(
                "ria",
                "Cijfers over overdrachten",
                "en zie dat van te weinig gezinnen niets te lezen is.",
                "/cijfers",
            ),
        ),
    ),
    HatGroup(
        "Ik beheer",
        (
            Hat("cor", "Tijd tot het eerste contact van de verkenner", "en zie wie dat vaststelt.", "/instellingen"),
            Hat(
                "bep",
                "Gemeente Venlo, team Jeugd",
                "en kijk wie er werkt en waar diegene is ingelogd.",
                "/organisaties",
            ),
            Hat("abel", "Bekijk uw organisatie", "en nodig een collega uit of kijk na wie wat mag."),
            Hat("ed", "Wijzig", "naast Geld, en houd bij wat Venlo daarvoor heeft.", "/wegwijzer?gemeente=GM0983"),
        ),
    ),
)
