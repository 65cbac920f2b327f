"""What families in the demo talk about: a question, what they wish, and what somebody could do. All of it is made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of question, from the first talk to looking back.

    ``helper`` is the key of an organisation of the region; ``intervention`` a code of the form, if it is one.
    """

    needs: tuple[str, ...]
    themes: tuple[str, ...]
    strengths: tuple[str, ...]
    goes_well: str
    wishes: str
    first: str
    goal: str
    dimension: str
    near: tuple[str, str]
    own: str
    helper: str
    help: str
    intervention: str | None = None


TOPICS: Mapping[str, Topic] = {
    "money": Topic(
        needs=("KW04", "KW11"),
        themes=("money", "network"),
        strengths=("asks_for_help", "looks_forward"),
        goes_well="Ze weet precies welke rekeningen er liggen en vraagt zelf om hulp.",
        wishes="Weer rustig slapen zonder aan geld te denken.",
        first="Samen de post van de laatste drie maanden op een stapel leggen.",
        goal="Elke maand genoeg over voor boodschappen en luiers.",
        dimension="daily_functioning",
        near=("Haar zus", "Elke vrijdag samen de post openmaken."),
        own="De inkomsten en vaste lasten op één blad schrijven.",
        helper="schakel",
        help="Een plan maken voor de schulden en met de schuldeisers bellen.",
    ),
    "network": Topic(
        needs=("KW11", "KW10"),
        themes=("network", "pregnancy"),
        strengths=("trust_in_care", "good_health"),
        goes_well="Ze komt op elke afspraak en leest veel over de zwangerschap.",
        wishes="Iemand in de buurt hebben om even mee te praten.",
        first="Kennismaken met één andere moeder in de wijk.",
        goal="Twee keer per week iemand zien.",
        dimension="participation",
        near=("De buurvrouw van nummer 8", "Op woensdag samen koffie drinken."),
        own="Een keer meegaan naar de ouderkamer.",
        helper="maatje",
        help="Een vrijwilliger die elke week een ochtend langskomt.",
    ),
    "mental": Topic(
        needs=("KW08", "KW11"),
        themes=("mental", "network"),
        strengths=("supportive_partner", "asks_for_help"),
        goes_well="Ze praat open over haar sombere dagen en haar partner luistert goed.",
        wishes="Weer zin krijgen in de dag.",
        first="Een vast moment buiten lopen, elke dag.",
        goal="Weer plezier hebben in kleine dingen.",
        dimension="mental_wellbeing",
        near=("Haar moeder", "Drie ochtenden helpen in huis."),
        own="Elke dag een half uur wandelen.",
        helper="ggz",
        help="Gesprekken over somberheid in de zwangerschap.",
        intervention="PREP",
    ),
    "language": Topic(
        needs=("KW03", "KW11"),
        themes=("language", "network"),
        strengths=("supportive_partner", "coping"),
        goes_well="Het gezin helpt elkaar en de oudste is blij op school.",
        wishes="Zelf kunnen bellen met de dokter.",
        first="Een tolk bij elke afspraak regelen.",
        goal="Een gesprek bij de dokter zelf kunnen voeren.",
        dimension="participation",
        near=("Een vriendin uit de moskee", "Mee naar de eerste les."),
        own="Elke dag tien minuten oefenen met de telefoon.",
        helper="taalhuis",
        help="Taalles in een kleine groep, met opvang voor de kinderen.",
    ),
    "housing": Topic(
        needs=("KW15", "KW04"),
        themes=("housing", "money"),
        strengths=("asks_for_help", "coping"),
        goes_well="Ze regelt veel zelf en is nooit zonder plan B.",
        wishes="Een eigen plek voordat het kind er is.",
        first="Het briefadres en de inschrijving op orde maken.",
        goal="Een vaste kamer met een deur die op slot kan.",
        dimension="quality_of_life",
        near=("Een tante", "De spullen voor het kind bewaren."),
        own="Elke week reageren op een woning.",
        helper="schakel",
        help="Hulp bij de aanvraag van een woning met voorrang.",
    ),
    "young": Topic(
        needs=("KW13", "KW11"),
        themes=("young_parenthood", "network"),
        strengths=("looks_forward", "support_network"),
        goes_well="Haar moeder steunt haar en ze wil haar school afmaken.",
        wishes="Een goede moeder zijn en toch mijn diploma halen.",
        first="Met school praten over het rooster na de bevalling.",
        goal="School en kind samen laten gaan.",
        dimension="meaningfulness",
        near=("Haar moeder", "Oppassen op lesdagen."),
        own="Een afspraak maken met de mentor van school.",
        helper="coaches",
        help="Elke twee weken een huisbezoek tot het kind een jaar is.",
        intervention="VZ",
    ),
    "smoking": Topic(
        needs=("KW02", "KW04"),
        themes=("substances", "money"),
        strengths=("looks_forward", "asks_for_help"),
        goes_well="Ze rookt al de helft minder en is daar trots op.",
        wishes="Rookvrij zijn als het kind komt.",
        first="Een stopdag kiezen.",
        goal="Een rookvrij huis.",
        dimension="bodily_functions",
        near=("Haar partner", "Samen stoppen, op dezelfde dag."),
        own="Op papier zetten wanneer de trek het grootst is.",
        helper="anker",
        help="Een coach voor stoppen met roken.",
        intervention="RVG",
    ),
    "relationship": Topic(
        needs=("KW12", "KW04"),
        themes=("relationship", "money"),
        strengths=("parenting_experience", "support_network"),
        goes_well="De kinderen gaan gewoon naar school en opa en oma zijn dichtbij.",
        wishes="Rust in huis en goede afspraken over de kinderen.",
        first="Een week opschrijven wie wat doet voor de kinderen.",
        goal="Samen ouders blijven zonder ruzie.",
        dimension="quality_of_life",
        near=("Opa en oma", "Op maandag en dinsdag de kinderen ophalen."),
        own="Afspraken opschrijven en op de koelkast hangen.",
        helper="anker",
        help="Gesprekken met beide ouders over de afspraken.",
    ),
    "early": Topic(
        needs=("KW09", "KW01"),
        themes=("child", "mental"),
        strengths=("supportive_partner", "trust_in_care"),
        goes_well="Beide ouders zijn elke dag bij hun kind en groeien in hun rol.",
        wishes="Met vertrouwen naar huis gaan.",
        first="Een rustige kamer maken en slaaptijden verdelen.",
        goal="Allebei genoeg slaap en vertrouwen in het kind.",
        dimension="mental_wellbeing",
        near=("De broer van vader", "Twee avonden koken."),
        own="Om de nacht wisselen wie opstaat.",
        helper="kraamzorg",
        help="Langer hulp aan huis bij voeden en slapen.",
        intervention="GF",
    ),
    "unplanned": Topic(
        needs=("KW10", "KW08"),
        themes=("pregnancy", "mental"),
        strengths=("good_health", "income"),
        goes_well="Ze heeft werk dat ze leuk vindt en een huis.",
        wishes="Helder krijgen hoe het straks moet.",
        first="Een lijst maken van wat nog geregeld moet worden.",
        goal="Met een gerust hart bevallen.",
        dimension="mental_wellbeing",
        near=("Een collega", "Meedenken over werk en verlof."),
        own="Met de leidinggevende praten.",
        helper="cjg",
        help="Een cursus voor aanstaande ouders die het alleen doen.",
        intervention="GO",
    ),
    "disability": Topic(
        needs=("KW05", "KW11"),
        themes=("disability", "network"),
        strengths=("stable_home", "supportive_partner"),
        goes_well="Ze wonen fijn en hun begeleider kent hen goed.",
        wishes="Uitleg in gewone woorden, en genoeg tijd.",
        first="Een map maken met plaatjes voor elke dag.",
        goal="Zelf weten wat het kind nodig heeft.",
        dimension="daily_functioning",
        near=("De begeleider", "Meegaan naar afspraken."),
        own="Elke dag de map samen bekijken.",
        helper="coaches",
        help="Oefenen met verzorgen, in kleine stappen.",
        intervention="SO",
    ),
    "care": Topic(
        needs=("KW17", "KW19"),
        themes=("care_contact", "pregnancy"),
        strengths=("meaning", "coping"),
        goes_well="Ze weet goed wat ze wil en komt nu toch kijken.",
        wishes="Zorg waarbij ik zelf beslis.",
        first="Eén vaste persoon die belt voor elke afspraak.",
        goal="Vertrouwen in wie er straks bij de bevalling is.",
        dimension="meaningfulness",
        near=("Haar zus", "Mee naar de controle."),
        own="Vragen opschrijven voor het gesprek.",
        helper="anker",
        help="Een vaste contactpersoon die mee kan gaan.",
    ),
}  # fmt: skip
