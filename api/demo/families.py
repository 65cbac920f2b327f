"""Sixty families of the demo region: who they are, what they ask, and how far they are. Every one of them is made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.demo import scripts
from api.demo.region import (
    BEESEL,
    BERGEN,
    ECHT_SUSTEREN,
    GENNEP,
    HORST,
    LEUDAL,
    MAASGOUW,
    NEDERWEERT,
    PEEL_EN_MAAS,
    PRACTICES,
    ROERDALEN,
    ROERMOND,
    VENLO,
    VENRAY,
    WEERT,
)
from api.demo.scripts import NEW, SOON, Script, Step

_SURNAMES = ("Verzonnen", "Bedacht", "Fictief", "Denkbeeld", "Proefgezin")


@dataclass(frozen=True, slots=True)
class Family:
    """One family and its script.

    Args:
        weeks: of the pregnancy when it was signalled; None: not pregnant then.
        child_days: age of the child at that moment, in days.
        seen_by: login of who met the parent first; left out: the midwives of the place.
        more: answers of the signal that differ.
    """

    first_name: str
    place: str
    topic: str
    words: str
    script: Script
    weeks: int | None = 22
    child_days: int | None = None
    seen_by: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def signaller(self) -> str:
        return self.seen_by or PRACTICES[self.place]

    def name(self, place: int) -> str:
        """First name and a surname that nobody has; *place* in the list makes the couple unique."""
        return f"{self.first_name} {_SURNAMES[place % len(_SURNAMES)]}"


def _speaks(language: str, **more: Any) -> dict[str, Any]:
    return {"preferred_language": language, "interpreter_needed": True, **more}


def _then(script: Script, *steps: Step) -> Script:
    return (*script, *steps)


def _do(days_ago: int, does: str, **answers: Any) -> Step:
    return Step(days_ago, does, answers)


_HIDDEN = {
    "partner_involved": "do_not_inform",
    "safe_contact": "do_not_call_home",
    "safe_contact_detail": "Alleen bellen op dinsdag tussen negen en elf",
}
_NOWHERE = {"living_situation": "no_fixed_address", "postcode": None}

FAMILIES: tuple[Family, ...] = (
    # --- concepts and signals
    Family("Noor", VENLO, "money", "Ik krijg brieven die ik niet durf open te maken.", scripts.draft(1), 18),
    Family("Sanne", ROERMOND, "mental", "Ik huil veel en weet niet waarom.", scripts.draft(1), 27),
    Family("Agnieszka", WEERT, "language", "Ik begrijp de brieven van het ziekenhuis niet.", scripts.draft(5), 24, more=_speaks("pl")),
    Family("Iris", VENLO, "network", "Ik ben hier net komen wonen en ken nog niemand.", scripts.signalled(1, safety_concern="doubt"), 16),
    Family("Fleur", HORST, "smoking", "Ik wil stoppen met roken maar het lukt me niet alleen.", scripts.signalled(12), 19),
    Family("Yara", ECHT_SUSTEREN, "language", "Mijn man vertaalt alles. Ik wil het zelf kunnen zeggen.", scripts.signalled(2), 29, more=_speaks("ar")),
    Family("Demi", ROERMOND, "young", "Ik zit nog op school en mijn buik wordt al dik.", scripts.think_again(6), 21, more={"birth_date": "young"}),
    Family("Lotte", VENLO, "unplanned", "Ik wist niet dat ik zwanger was. Nu moet alles snel.", scripts.think_again(20), 30),
    Family("Mila", VENRAY, "care", "Ik doe het liever op mijn eigen manier.", scripts.refused(9), 26),
    Family("Janne", GENNEP, "relationship", "We maken veel ruzie, maar ik wil dat dit tussen ons blijft.", scripts.refused(16), 15),
    # --- choosing a route
    Family("Emma", VENLO, "money", "Mijn uren zijn minder geworden en de huur is omhoog gegaan.", scripts.agreed(2), 23),
    Family("Oksana", LEUDAL, "housing", "We wonen bij mensen op zolder en moeten daar weg.", scripts.agreed(2), 20, more=_speaks("uk")),
    Family("Romy", ROERMOND, "smoking", "Iedereen om mij heen rookt.", scripts.agreed(13), 17, seen_by="hilde"),
    Family("Bo", ROERMOND, "money", "Ik weet niet op welke toeslagen ik recht heb.", scripts.routed(5, "pathway"), 25),
    Family("Evi", BEESEL, "network", "Ik had vooral iemand nodig om het tegen te zeggen.", scripts.not_needed(12), 14),
    Family("Kim", ROERDALEN, "unplanned", "Ik wil nu nog geen kind. Wat kan ik doen?", scripts.routed(4, "nu_niet_zwanger", phase="before_pregnancy", family_planning="yes"), None, seen_by="hilde"),
    # --- exploring
    Family("Lieke", VENLO, "mental", "Na de vorige bevalling ging het niet goed. Ik ben bang dat het terugkomt.", scripts.routed(4), 28),
    Family("Selam", VENLO, "language", "Ik slaap slecht en kan hier met niemand praten.", scripts.routed(3, urgency="urgent"), 33, more=_speaks("ti")),
    Family("Amina", WEERT, "network", "Mijn zus woont ver weg. Ik doe alles alleen.", scripts.routed(4), 24, more=_speaks("so")),
    Family("Roos", PEEL_EN_MAAS, "disability", "Het gaat mij soms te snel. Wilt u het nog eens uitleggen?", _then(scripts.routed(9), Step(2, scripts.WITHDRAW, of="exploration")), 20),
    Family("Zeynep", VENLO, "relationship", "Wij gaan uit elkaar en er komt een kind.", _then(scripts.routed(8), Step(1, scripts.CLAIM, of="exploration")), 22, seen_by="hans"),
    Family("Fenna", ROERMOND, "money", "Ik sta in het rood en heb nog geen bedje.", _then(scripts.routed(9), Step(1, scripts.CLAIM, of="exploration")), 31),
    Family("Naomi", VENLO, "housing", "Ik slaap om de beurt bij vriendinnen.", scripts.routed(27), 18, more=_NOWHERE),
    Family("Luna", ROERMOND, "young", "Mijn ouders weten het nog niet zo lang.", _then(scripts.routed(30), Step(9, scripts.DELAY)), 23, more={"birth_date": "young"}),
    Family("Tirza", VENLO, "care", "Ik ben liever niet te vaak bij de dokter.", (*scripts.routed(18), _do(4, "exploration", conclusion="not_reached")), 25),
    Family("Ilona", MAASGOUW, "housing", "We wachten al twee jaar op een huis.", (*scripts.routed(24), _do(11, "exploration", conclusion="not_reached"), _do(9, "no_contact", contact_result="try_again")), 19, more=_speaks("ro")),
    Family("Sofie", NEDERWEERT, "care", "Ik zie wel hoe het loopt.", (*scripts.routed(40), _do(28, "exploration", conclusion="not_reached"), _do(25, "no_contact", contact_result="stop"), _do(22, "closure", result="no_contact")), 22),
    Family("Maud", ROERMOND, "early", "Ons kind lag zes weken in het ziekenhuis. Thuis is alles anders.", scripts.explored(10, safety_concern="doubt"), None, 50, seen_by="zoe"),
    Family("Elif", BERGEN, "language", "Ik wil graag leren fietsen en praten, voor mijn kind.", _then(scripts.explored(13), Step(2, scripts.BSN, of="jet")), 26, more=_speaks("tr")),
    # --- planning support
    Family("Julie", VENLO, "smoking", "Ik wil het goed doen voor deze baby.", scripts.shared(18), 21),
    Family("Hanne", LEUDAL, "disability", "Onze begeleider zegt dat er hulp is. Hoe vraag je die?", scripts.shared(19), 28),
    Family("Nour", VENLO, "housing", "Er komt een kind en we hebben één kamer.", scripts.shared(20, "hub_meeting"), 30, more=_speaks("ar")),
    Family("Anne", ROERMOND, "relationship", "Hij is weg en ik weet niet of hij terugkomt.", scripts.shared(19, "hub_meeting"), 27, more=_HIDDEN),
    Family("Bente", VENLO, "money", "Schulden, een kapotte auto en een kind op komst.", scripts.to_hub(24, NEW, meeting_ahead=8), 24),
    Family("Daria", VENLO, "unplanned", "Mijn contract stopt net als het kind komt.", scripts.to_hub(22, SOON), 29, more=_speaks("pl")),
    Family("Eva", VENLO, "mental", "Ik kom de dag niet door zonder te huilen.", scripts.to_hub(21, SOON), 32),
    Family("Gwen", ROERMOND, "early", "Onze tweeling is te vroeg geboren en we hebben nog twee kinderen.", scripts.to_hub(23, NEW, meeting_ahead=9), None, 40, seen_by="zoe"),
    Family("Hiba", WEERT, "network", "Niemand hier kent mijn familie.", scripts.to_hub(30, NEW, meeting_in=8), 20, more=_speaks("ar")),
    Family("Isa", VENLO, "relationship", "Er moet rust komen voordat het kind er is.", _then(scripts.met(30), Step(4, scripts.COMMENT, of="De eerste afspraak staat. De ouder neemt haar zus mee."), _do(3, scripts.CORRECT, what_first="Eerst rust in huis. De rest komt daarna.")), 26),
    Family("Jolien", ROERMOND, "disability", "Wij willen het zelf doen, met een beetje hulp.", scripts.met(31), 23),
    # --- support runs
    Family("Karlijn", VENLO, "network", "Ik wil dat mijn kind later vriendjes heeft.", _then(scripts.supported(45), Step(9, scripts.COMMENT, of="De ouder is deze week liever per bericht te bereiken."), Step(7, scripts.BSN, of="vera"), _do(6, scripts.REQUEST, request_kind="access_copy")), 20),
    Family("Liv", VENLO, "smoking", "Mijn moeder rookte ook. Ik wil het anders.", _then(scripts.planned(24), Step(2, scripts.COMMENT, of="De ouder wil graag weten wanneer de coach kan beginnen."), Step(2, scripts.ATTACH, of="Afspraken met de coach")), 18),
    Family("Merel", ROERMOND, "care", "Ik wil één vast gezicht.", _then(scripts.planned(38), Step(5, scripts.DELAY), Step(2, scripts.EMERGENCY, of="veerle")), 16),
    Family("Nina", ROERMOND, "money", "Ik verdien net te veel voor hulp en te weinig om te leven.", _then(scripts.planned(32), _do(7, "action_acceptance", action_accepted="no")), 22),
    Family("Pien", VENRAY, "mental", "Ik wil weer lachen om kleine dingen. Het worden er twee.", _then(scripts.looked_back(147, next_in=120), _do(45, "action_progress"), _do(36, "evaluation", next_in=60), _do(8, scripts.BIRTH, born=[{"name": "Teun"}, {"name": "Saar"}])), 18, more={"multiple_pregnancy": True}),
    Family("Quinty", GENNEP, "young", "Mijn vriend en ik willen het samen doen.", _then(scripts.supported(48), _do(3, scripts.MOVE, new_municipality=VENRAY, new_postcode="5801 XX")), 17, more={"birth_date": "young"}),
    Family("Rania", ECHT_SUSTEREN, "network", "Ik mis mijn moeder.", scripts.supported(40), 21, more=_speaks("fr")),
    Family("Saskia", WEERT, "money", "Van een klein loon moeten straks vier mensen leven.", _then(scripts.met_and_supported(60), _do(17, "evaluation", next_in=60), _do(6, scripts.BIRTH, born=[{"name": "Mats"}]), _do(2, "after_birth")), 32),
    Family("Tooske", HORST, "mental", "Mijn hoofd staat nooit stil.", _then(scripts.closed(470, "partly_reached"), Step(4, scripts.CONFIRM, of="abel")), None, 40),
    # --- looking back
    Family("Uma", VENLO, "housing", "We kregen een kamer. Nu de rest nog.", scripts.supported(66), 17),
    Family("Veronique", ROERMOND, "language", "Ik kan nu zelf de dokter bellen.", scripts.supported(85), 14, more=_speaks("prs")),
    Family("Willemijn", BEESEL, "disability", "Het lukt ons elke week een beetje beter.", scripts.supported(67), 15),
    Family("Xenia", VENLO, "unplanned", "Ik zie het weer zitten, maar het plan klopt niet meer.", _then(scripts.looked_back(80, "adjust"), _do(11, "support_plan", adjusted=True)), 12, more={"partner_involved": "no"}),
    Family("Ymke", VENLO, "early", "Thuis gaat het goed. Alleen de nachten nog.", _then(scripts.looked_back(72, "hand_over"), _do(3, "handover", receiver="toegang_venlo"), _do(2, "handover_offer")), None, 30, seen_by="zoe"),
    Family("Zita", ROERMOND, "network", "Ik heb nu twee vriendinnen in de straat.", _then(scripts.looked_back(74, "hand_over"), _do(7, "handover", receiver="toegang_roermond"), _do(6, "handover_offer"), _do(4, "handover_answer", handover_answer="refused")), None, 20),
    # --- what happens in a family
    Family("Aya", ROERDALEN, "mental", "Ik was zo blij met dit kind.", _then(scripts.routed(12), _do(1, scripts.LOSS)), 17),
    Family("Britt", PEEL_EN_MAAS, "money", "Er moet nog zoveel geregeld worden.", _then(scripts.closed(480, "goals_reached"), Step(300, scripts.HOLD, of="jet")), None, 25),
    Family("Cato", VENLO, "network", "Alleen met een baby is de dag lang.", _then(scripts.looked_back(610, next_in=170), _do(515, "action_progress"), _do(372, "evaluation", next_in=170), _do(200, "evaluation", next_in=140), _do(58, "evaluation", next_in=84)), None, 45, seen_by="kitty"),
    Family("Dewi", ECHT_SUSTEREN, "young", "Ik word achttien en moeder in één maand.", scripts.closed(100, "regular_care"), None, 35, more={"birth_date": "young"}),
    Family("Esmee", VENLO, "mental", "Wij hadden al hulp van de praktijk en willen daarmee verder.", _then((_do(20, scripts.TAKE_OVER),), _do(19, "consent"), _do(17, "support_consent"), _do(11, "support_plan"), _do(8, "action_acceptance")), None, 120),
)  # fmt: skip
