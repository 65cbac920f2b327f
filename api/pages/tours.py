"""The tour: five steps for who is new, told for what that person does. Texts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Of how many steps every tour is.
STEPS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a tour.

    Args:
        title: what it is about, as a sentence to the reader.
        text: what there is to know, in short paragraphs.
        link: name of a page to look at, and what it says; left out: nothing to look at.
    """

    title: str
    text: tuple[str, ...]
    link: tuple[str, str] | None = None


_WORK = ("work", "Mijn werk")
_CASES = ("cases", "Casussen")
_HELP = ("help_page", "Hulp")

_POOL = Step(
    "Uw dag begint bij Mijn werk",
    (
        "Bovenaan staat wat u zelf doet. Daaronder staat wat voor uw team klaarligt. Wat het eerst klaar moet zijn, staat boven.",
        "Een taak voor uw team zegt nog niet om welk gezin het gaat. Dat ziet u als u de taak oppakt. Kan het toch niet? Dan geeft u"
        " de taak terug.",
    ),
    _WORK,
)
_KEPT = Step(
    "Wat u typt, blijft bewaard",
    (
        "Terwijl u typt, bewaart het systeem uw antwoorden. Valt het internet weg of wordt u gebeld? Ga later verder waar u was.",
        "Klaar? Dan ziet u wat er nu gebeurt en wie aan zet is.",
    ),
)
_CASE = Step(
    "Een casus laat zien hoe het staat",
    (
        "U ziet hoe u het gezin veilig bereikt, wie het gezin vasthoudt, wat er is afgesproken en wat er nog komt.",
        "U ziet alleen wat u mag zien. Het gezin beslist mee, en ieder die kijkt, staat in het logboek.",
    ),
    _CASES,
)
_HELPED = Step(
    "U staat er niet alleen voor",
    (
        "Bij Hulp staat wie u belt, ook als u zich zorgen maakt over veiligheid. Bij direct gevaar belt u altijd eerst 112.",
        "Deze rondleiding vindt u daar terug.",
    ),
    _HELP,
)

_SIGNALLER = (
    Step(
        "U ziet iets bij een ouder",
        (
            "Met Nieuw signaal schrijft u samen met de ouder op wat er speelt: eerst in eigen woorden, ook wat goed gaat.",
            "Het kost een paar minuten. Stoppen mag: wat er staat, blijft staan.",
        ),
        ("new_signal", "Nieuw signaal"),
    ),
    Step(
        "De ouder beslist",
        (
            "U vraagt of de jeugdgezondheidszorg mag meekijken, en wat die mag weten. Nee is ook goed: dan gaat er niets weg.",
            "Een ja kan de ouder altijd intrekken. Dat stopt het delen meteen.",
        ),
    ),
    Step(
        "Daarna geeft u het door",
        (
            "U kiest samen de route. Gaat het naar een verkenning, dan houdt u het gezin vast tot iemand anders het aanneemt.",
            "U hoort terug dat er een gesprek is geweest.",
        ),
        _WORK,
    ),
    _CASE,
    _HELPED,
)
_EXPLORER = (
    _POOL,
    Step(
        "U gaat langs en luistert",
        (
            "In de verkenning staat wat de ouder al vertelde. Die hoeft dat dus niet nog eens te doen.",
            "Geen computer bij u? Print het formulier bij Formulieren op papier en vul het later in.",
        ),
        ("papers", "Formulieren op papier"),
    ),
    _KEPT,
    _CASE,
    _HELPED,
)
_DIRECTOR = (
    Step(
        "U bewaakt dat geen gezin blijft liggen",
        (
            "Bij Termijnen ziet u wat te laat is of dat bijna wordt, en bij wie het ligt.",
            "Is een termijn verlopen, dan krijgt u een taak om met de houder te overleggen.",
        ),
        ("terms", "Termijnen"),
    ),
    Step(
        "U plant het knooppunt",
        (
            "Bij Knooppunt zet u gezinnen op de agenda van een overleg. Ouders nodigt u uit: zij zitten erbij.",
            "Aan tafel komt alleen wie van het gezin mag meepraten.",
        ),
        ("hub_meetings", "Knooppunt"),
    ),
    _POOL,
    _CASE,
    _HELPED,
)
_CASE_DIRECTOR = (
    _POOL,
    Step(
        "U houdt het gezin vast",
        (
            "Elke casus heeft één houder. Draagt u over, dan blijft u houder tot een ander de casus aanneemt.",
            "Zo is er nooit een gezin dat niemand heeft.",
        ),
        _CASES,
    ),
    Step(
        "U maakt samen een plan",
        (
            "Een steunplan heeft doelen in woorden van de ouder, en afspraken met een naam en een datum.",
            "Wat het gezin en de eigen mensen doen, staat voorop. Op de afgesproken dag kijkt u samen terug.",
        ),
    ),
    _KEPT,
    _HELPED,
)
_SUPPORTER = (
    _POOL,
    Step(
        "U neemt een afspraak aan",
        (
            "U ziet wat er van uw organisatie gevraagd wordt en zegt of het kan. Kan het niet, dan zoekt de houder iemand anders.",
            "Daarna laat u weten hoe het gaat. Dat is genoeg: u hoeft niets dubbel op te schrijven.",
        ),
        _WORK,
    ),
    _KEPT,
    _CASE,
    _HELPED,
)
_LOG = (
    Step(
        "U kijkt wie er keek",
        (
            "In het logboek staat ieder die iets van een gezin bekeek. Wat opvalt, staat bij de meldingen.",
            "Een melding is geen verwijt. U vraagt na waarom iemand keek en schrijft op wat u hoorde.",
        ),
        ("log", "Logboek"),
    ),
    Step(
        "Ouders mogen weten wie keek",
        (
            "Wie een casus vasthoudt, kan met een ouder bekijken wie er keek, in gewone taal.",
            "Wat iemand precies las of schreef, staat niet in het logboek.",
        ),
    ),
    _POOL,
    _KEPT,
    _HELPED,
)
_KEEPER = (
    Step(
        "U houdt de afspraken van de regio bij",
        (
            "Bij Instellingen staan de termijnen en aantallen van de werkwijze, met wie ze heeft vastgesteld.",
            "Een verandering geldt vanaf een dag die u kiest, voor de regio of voor één gemeente.",
        ),
        ("settings_list", "Instellingen van de regio"),
    ),
    Step(
        "De Wegwijzer helpt kiezen",
        (
            "Per gemeente staat er welke hulp er is en wanneer iemand dat voor het laatst nakeek.",
            "Klopt iets niet? De beleidsambtenaar van de gemeente past het aan.",
        ),
        ("directory_page", "Wegwijzer"),
    ),
    _POOL,
    _KEPT,
    _HELPED,
)
_ADMINISTRATOR = (
    Step(
        "U regelt wie erin mag",
        (
            "Bij Organisaties en mensen geeft u iemand een rol en een code om te beginnen. Gaat iemand weg, dan meldt u dat daar.",
            "Wat diegene in handen had, ligt dan meteen weer bij het team.",
        ),
        ("organisation_list", "Organisaties en mensen"),
    ),
    Step(
        "U ziet niets van gezinnen",
        (
            "Een beheerder leest geen casussen. Wel ziet u waar een rol niet bezet is, want daar blijft werk liggen.",
            "Iemand die zijn telefoon kwijt is, helpt u aan een nieuwe code.",
        ),
    ),
    Step(
        "Bewaren en vernietigen",
        (
            "Na de bewaartermijn worden casussen vernietigd. Daarvoor zijn mensen van de eigen organisatie nodig die het bevestigen.",
        ),
        ("settings_list", "Instellingen van de regio"),
    ),
    _KEPT,
    _HELPED,
)
_OWN_ADMINISTRATOR = (
    Step(
        "U regelt wie er bij uw organisatie in mag",
        (
            "Bij Mijn organisatie nodigt u een collega uit en kiest u wat die mag doen. Gaat iemand weg, dan meldt u dat daar.",
            "Wat diegene in handen had, ligt dan meteen weer bij het team.",
        ),
        ("own_organisation", "Mijn organisatie"),
    ),
    *_ADMINISTRATOR[1:],
)
_OTHERS = (_POOL, _KEPT, _CASE, Step(
    "De Wegwijzer helpt kiezen",
    ("Per gemeente staat er welke hulp er is, en wanneer iemand dat voor het laatst nakeek.",),
    ("directory_page", "Wegwijzer"),
), _HELPED)  # fmt: skip

#: Role → its tour; who is not here gets that of everybody else.
TOURS: Mapping[str, tuple[Step, ...]] = {
    "signaller": _SIGNALLER,
    "explorer": _EXPLORER,
    "process_director": _DIRECTOR,
    "case_director": _CASE_DIRECTOR,
    "supporter": _SUPPORTER,
    "informal_supporter": _SUPPORTER,
    "log_manager": _LOG,
    "dpo": _LOG,
    "coordinator": _KEEPER,
    "directory_editor": _KEEPER,
    "administrator": _ADMINISTRATOR,
    "local_administrator": _OWN_ADMINISTRATOR,
}


def tour_of(role: str) -> tuple[Step, ...]:
    """The five steps for who works in a role."""
    return TOURS.get(role, _OTHERS)
