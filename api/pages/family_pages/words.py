"""What codes are called to a parent: B1, without words of the trade. Marked for translation; ``say`` says them."""

from __future__ import annotations

from api.pages import copies
from workflows.method.family_acts import TEXTS as REFUSALS
from workflows.method.who_looked import GROUNDS as GROUNDS
from workflows.method.who_looked import texts as looked_texts


def N_(text: str) -> str:
    """Marks a text that is translated when it is said."""
    return text


STATUSES = {
    "draft": N_("Het eerste gesprek is begonnen. Er is nog niets gedeeld."),
    "signal_received": N_("Samen met u is opgeschreven waar u steun bij wilt."),
    "awaiting_consent": N_("We willen weten of anderen mogen meehelpen. Dat beslist u."),
    "in_routing": N_("Samen met u wordt gekeken welke hulp past."),
    "in_exploration": N_("Iemand praat met u over wat goed gaat en wat u nodig heeft."),
    "in_support_planning": N_("Samen met u wordt een plan gemaakt."),
    "support_running": N_("De steun uit uw plan loopt."),
    "in_evaluation": N_("U kijkt samen terug: helpt de steun?"),
    "in_handover": N_("Uw verhaal gaat over naar een ander. Tot die ander ja zegt, verandert er niets."),
    "in_closing": N_("De steun wordt samen met u afgerond."),
    "paused": N_("De steun staat even stil."),
    "closed": N_("De steun is afgerond."),
}
ROLES = {
    "signaller": N_("sprak als eerste met u"),
    "explorer": N_("bekijkt samen met u wat u nodig heeft"),
    "case_director": N_("regelt de steun"),
    "process_director": N_("plant de overleggen"),
    "supporter": N_("doet een afspraak uit uw plan"),
    "informal_supporter": N_("doet een afspraak uit uw plan"),
}
COMING = {
    "evaluation": N_("Samen terugkijken op de steun"),
    "hub_meeting": N_("Overleg met wie u helpt"),
    "due_date": N_("De dag waarop u bent uitgerekend"),
    "task:routing": N_("Uiterlijk dan is gekozen welke hulp past"),
    "task:exploration": N_("Uiterlijk dan is het gesprek over wat u nodig heeft"),
    "task:support_plan": N_("Uiterlijk dan is het plan gemaakt"),
    "task:evaluation": N_("Uiterlijk dan kijkt u samen terug"),
}
KINDS = {
    "C0": N_("uw naam en hoe we u bereiken"),
    "C1": N_("uw vraag"),
    "C2": N_("uw gezondheid en de zwangerschap"),
    "C3": N_("hoe u zich voelt, en middelen"),
    "C4": N_("geld, wonen en papieren"),
    "C6": N_("uw plan en de afspraken"),
    "C7": N_("de mensen om u heen"),
    "C8": N_("wat over u zelf gaat"),
    "C9": N_("wat bij een overdracht meeging"),
    "C10": N_("wat u goed vond om te delen"),
    "C11": N_("dit overzicht"),
}
PURPOSES = {
    "exploration": N_("Om met u te bekijken wat u nodig heeft"),
    "pathway": N_("Om passende hulp te zoeken"),
    "hub_meeting": N_("Om samen te overleggen"),
    "support_action": N_("Om u te helpen"),
    "handover": N_("Om te lezen of zij de hulp kunnen overnemen"),
    "feedback": N_("Om te horen hoe het verderging"),
    "programme_evaluation": N_("Om te leren of deze manier van helpen werkt"),
}
RECEIVERS = {
    "youth_health": N_("De jeugdgezondheidszorg"),
    "municipality": N_("De gemeente"),
    "municipal_access_team": N_("Het team van de gemeente dat hulp regelt"),
    "signaller": N_("Wie als eerste met u sprak"),
    "midwifery_practice": N_("De verloskundige"),
    "maternity_care": N_("De kraamzorg"),
    "maternity_partnership": N_("Verloskundigen en ziekenhuis samen"),
    "hospital": N_("Het ziekenhuis"),
    "general_practice": N_("De huisarts"),
    "youth_and_family_centre": N_("Het centrum voor jeugd en gezin"),
    "welfare": N_("Het welzijnswerk"),
    "social_work": N_("Het maatschappelijk werk"),
    "family_coach": N_("De gezinscoach"),
    "youth_care": N_("De jeugdhulp"),
    "mental_health": N_("De geestelijke gezondheidszorg"),
    "disability_care": N_("De gehandicaptenzorg"),
    "addiction_care": N_("De verslavingszorg"),
    "childcare": N_("De kinderopvang"),
    "shelter": N_("De opvang"),
    "paramedic": N_("De fysiotherapeut, logopedist of diëtist"),
    "informal": N_("Vrijwilligers"),
    "library": N_("De bibliotheek"),
    "data_subject": N_("U zelf"),
}
STANDS = {
    "allowed": N_("U zei ja"),
    "refused": N_("U zei nee"),
    "withdrawn": N_("U trok dit in"),
    "run_out": N_("Afgelopen"),
}
AGREEMENTS = {
    "proposed": N_("gevraagd, nog geen antwoord"),
    "accepted": N_("loopt"),
    "refused": N_("kan niet"),
    "done": N_("gedaan"),
    "stopped": N_("gestopt"),
}
DIMENSIONS = {
    "bodily_functions": N_("Uw lichaam"),
    "mental_wellbeing": N_("Hoe u zich voelt"),
    "meaningfulness": N_("Wat u belangrijk vindt"),
    "quality_of_life": N_("Genieten van het leven"),
    "participation": N_("Meedoen met anderen"),
    "daily_functioning": N_("Elke dag redden"),
}
ACQUAINTANCE = {
    "colleague": N_("Van het werk"),
    "family": N_("Het is familie"),
    "neighbour": N_("Uit de buurt"),
    "other": N_("Anders"),
}
REQUESTS = {
    "access_copy": N_("Een kopie van alles wat over mij is opgeschreven"),
    "correction": N_("Iets verbeteren dat niet klopt"),
    "destruction": N_("Mijn gegevens vernietigen"),
}
REQUEST_STATUSES = {
    "received": N_("Ontvangen"),
    "in_progress": N_("Iemand is ermee bezig"),
    "granted": N_("Ja"),
    "partly": N_("Deels ja"),
    "refused": N_("Nee"),
}
REFUSED_BECAUSE = {
    "interest_of_another": N_("Iemand anders zou er last van hebben."),
    "law_forbids": N_("De wet staat dit niet toe."),
    "legal_hold": N_("De gegevens zijn nog nodig voor een klacht of onderzoek."),
    "not_entitled": N_("U kunt dit niet voor deze persoon vragen."),
    "nothing_kept": N_("Er is niets bewaard."),
    "facts_are_right": N_("Wat er staat, klopt volgens wie het opschreef."),
}
#: What went wrong, by code of the problem, as it is said to a parent.
PROBLEMS = {
    "not-found": (N_("Deze bladzijde vinden we niet"), N_("Hij bestaat niet (meer), of u mag hem niet zien.")),
    "method-not-allowed": (N_("Deze bladzijde vinden we niet"), N_("Zo is dit adres niet te openen. Ga terug en probeer het opnieuw.")),
    "csrf": (N_("Deze bladzijde was verlopen"), N_("U bent intussen opnieuw ingelogd, of de bladzijde stond lang open.")),
    "too-large": (N_("Dit is te veel tekst"), N_("Ga met ‘vorige’ terug: daar staat uw tekst nog. Maak hem korter en probeer het opnieuw.")),
    "internal": (N_("Er ging iets mis bij ons"), N_("Dat ligt niet aan u. Er is niets half bewaard. Probeer het over een paar minuten opnieuw.")),
    "unavailable": (N_("We zijn er even niet"), N_("De gegevens zijn nu niet bereikbaar. Wacht een paar tellen en probeer het opnieuw.")),
    "unauthenticated": (N_("Log in"), N_("U bent niet ingelogd, of het duurde te lang.")),
}  # fmt: skip
#: What is wrong with a password or a code, as the room of accounts says it.
OF_ACCOUNTS = (
    N_("Dit wachtwoord is bij een datalek elders bekend geworden. Kies een ander."),
    N_("Dit is makkelijk te raden. Kies een paar woorden die niets met u of uw werk te maken hebben."),
    N_("Deze code klopt niet. Kijk in de app welke code er nu staat en of de klok van uw telefoon goed loopt."),
)
#: What rooms say by themselves, what is shown in words of who looks, and what a copy on paper says: translated as well.
OF_ROOMS = frozenset((*REFUSALS.values(), *looked_texts(), *copies.SAID))
