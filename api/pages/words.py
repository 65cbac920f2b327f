"""Dutch words and dates for what the rooms call by code. Knows no rules: an unknown code is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

ROLES = {
    "signaller": "signaleerder",
    "intake_desk": "aanmeldpunt",
    "explorer": "verkenner",
    "case_director": "casusregisseur",
    "process_director": "procesregisseur",
    "supporter": "uitvoerder van een steunafspraak",
    "informal_supporter": "steunfiguur",
    "parent": "ouder",
    "protection_officer": "aandachtsfunctionaris",
    "coordinator": "coördinator",
    "directory_editor": "beleidsambtenaar",
    "steering_board": "regieraad",
    "log_manager": "logbeheerder",
    "dpo": "functionaris gegevensbescherming",
    "administrator": "beheerder van de regio",
    "local_administrator": "beheerder van de organisatie",
    "outside_party": "iemand zonder account",
    "system": "het systeem",
}
STATUSES = {
    "draft": "Concept",
    "signal_received": "Signaal ontvangen",
    "awaiting_consent": "Wacht op toestemming",
    "in_routing": "De route wordt gekozen",
    "in_exploration": "In verkenning",
    "in_support_planning": "Steun wordt afgesproken",
    "support_running": "Steun loopt",
    "in_evaluation": "In evaluatie",
    "in_handover": "Wordt overgedragen",
    "in_closing": "Wordt afgesloten",
    "paused": "Gepauzeerd",
    "closed": "Gesloten",
}
PHASES = {"before_pregnancy": "voor de zwangerschap", "pregnant": "zwanger", "after_birth": "na de geboorte"}
CONCERNS = {
    "doubt": "De collega twijfelt over de veiligheid",
    "yes": "De collega ziet onveiligheid",
    "acute": "Acuut: nu in gevaar",
}
#: Groups of the work list by when something is due.
DUE = {
    "overdue": "Te laat",
    "today": "Vandaag",
    "this_week": "Deze week",
    "later": "Later",
    "no_term": "Zonder termijn",
}
URGENCIES = {"regular": "Regulier", "urgent": "Spoed", "acute": "Acuut"}
RESULTS = {
    "goals_reached": "doelen bereikt",
    "partly_reached": "deels bereikt",
    "regular_care": "verder met gewone zorg",
    "handed_over": "overgedragen",
    "parent_stops": "de ouder stopt",
    "moved": "verhuisd",
    "loss": "verlies",
    "age_reached": "leeftijd bereikt",
    "no_contact": "geen contact",
    "compulsory_framework": "verder in een gedwongen kader",
    "consent_refused": "geen toestemming",
    "no_case_needed": "geen casus nodig",
    "discarded": "concept weggegooid",
}
MEMBERS = {
    "pregnant_person": "zwangere",
    "parent": "ouder",
    "partner": "partner",
    "child": "kind",
    "unborn_child": "ongeboren kind",
    "household": "woont bij het gezin",
}
CONTACT = {
    "call": "Bellen",
    "app": "Een bericht per app",
    "letter": "Een brief",
    "via_signaller": "Alleen via de signaleerder",
    "do_not_call_home": "Niet naar huis bellen",
}
PURPOSES = {
    "exploration": "samen verkennen",
    "care_pathway": "zorgpad",
    "local_hub": "overleg in het knooppunt",
    "hub_meeting": "overleg in het knooppunt",
    "support_action": "steunafspraak",
    "handover": "overdracht",
    "feedback": "terugkoppeling aan wie het signaal gaf",
    "programme_evaluation": "evaluatie van het programma",
}
GROUNDS = {
    "consent_of_subject": "toestemming van de persoon zelf",
    "consent_of_representative": "toestemming van wie over de persoon beslist",
    "treatment_relation_wgbo": "behandelrelatie (WGBO)",
    "task_wpg_jgz": "taak van de jeugdgezondheidszorg (Wet publieke gezondheid)",
    "task_youth_act": "taak volgens de Jeugdwet",
    "task_wmo": "taak volgens de Wmo",
    "legal_obligation": "wettelijke plicht",
    "right_to_report": "meldrecht (Wmo)",
    "conflict_of_duties": "conflict van plichten",
    "vital_interest": "vitaal belang",
    "anonymised": "zonder herkenbare gegevens",
}
#: The same, to the parent: why it may.
GROUNDS_TO_PARENT = {
    "treatment_relation_wgbo": "Zij geven u zorg.",
    "task_wpg_jgz": "Het is hun taak in de wet over publieke gezondheid.",
    "task_youth_act": "Het is hun taak in de Jeugdwet.",
    "task_wmo": "Het is hun taak in de Wet maatschappelijke ondersteuning.",
    "legal_obligation": "De wet verplicht dit.",
    "right_to_report": "Iemand maakte zich zorgen. Dan mag dit van de wet.",
    "conflict_of_duties": "Zwijgen zou grote schade geven. Dan mag dit van de wet.",
    "vital_interest": "Het gaat om iemands leven of gezondheid. Dan mag dit van de wet.",
}
COMPARTMENTS = {
    "C0": "naam en hoe we contact opnemen",
    "C1": "de vraag en het signaal",
    "C2": "medische gegevens en zwangerschap",
    "C3": "psychische klachten of verslaving",
    "C4": "geld, wonen en papieren",
    "C5": "veiligheid",
    "C6": "afspraken en plan",
    "C7": "mensen om het gezin heen",
    "C8": "gegevens van de partner",
    "C9": "overdracht",
    "C10": "toestemmingen",
    "C11": "logboek",
}
RECIPIENTS = {
    "youth_health": "De jeugdgezondheidszorg",
    "municipality": "De gemeente",
    "municipal_access_team": "Het toegangsteam van de gemeente",
    "signaller": "Wie het signaal gaf",
    "midwifery_practice": "De verloskundigenpraktijk",
    "maternity_care": "De kraamzorg",
    "maternity_partnership": "Het verloskundig samenwerkingsverband",
    "hospital": "Het ziekenhuis",
    "general_practice": "De huisarts",
    "youth_and_family_centre": "Het centrum voor jeugd en gezin",
    "welfare": "Het welzijnswerk",
    "social_work": "Het maatschappelijk werk",
    "family_coach": "De gezinscoach",
    "youth_care": "De jeugdhulp",
    "mental_health": "De geestelijke gezondheidszorg",
    "disability_care": "De gehandicaptenzorg",
    "addiction_care": "De verslavingszorg",
    "childcare": "De kinderopvang",
    "shelter": "De maatschappelijke opvang",
    "paramedic": "De paramedische zorg",
    "safe_home": "Veilig Thuis",
    "library": "De bibliotheek",
    "informal": "Vrijwilligers en informele steun",
    "parent_voice": "De stem van ouders",
    "health_insurer": "De zorgverzekeraar",
    "province": "De provincie",
    "programme": "Het programma en wie het ondersteunt",
}
FORMS = {
    "signal": "Het signaal",
    "consent": "Toestemming",
    "routing": "De gekozen route",
    "exploration": "De verkenning",
    "feedback": "Terugkoppeling",
    "escalation": "Overleg over de termijn",
    "new_holder": "Casus aangeboden aan een nieuw team",
    "emergency_notice": "Noodinzage gelezen",
    "pull_answer": "Vraag om de casus beantwoord",
    "emergency_review": "Noodinzage beoordeeld",
    "no_contact": "Geen contact gekregen",
    "follow_up": "Vervolg",
    "closure": "Afsluiting",
    "loss": "Verlies",
    "loss_follow_up": "Nazorg na verlies",
    "member": "Iemand van het gezin",
    "safety_response": "Veiligheid",
    "action_acceptance": "Een steunafspraak aannemen",
    "action_progress": "Een steunafspraak afronden",
    "after_birth": "Na de geboorte",
    "age_limit": "Aanspreekpunt na de leeftijdsgrens",
    "birth": "Een geboorte",
    "due_date_change": "Nieuwe uitgerekende datum",
    "evaluation": "De evaluatie",
    "handover": "De overdracht",
    "handover_offer": "De overdracht laten zien en aanbieden",
    "handover_answer": "Antwoord op de overdracht",
    "handover_question": "Antwoord op een vraag over de overdracht",
    "handover_supplement": "Aanvulling bij de overdracht",
    "birth_handover": "Overdracht rond de geboorte",
    "handover_talk": "Gesprek na de overdracht",
    "handover_contact": "Eerste contact na de overdracht",
    "hub_minutes": "Uitkomst van het overleg",
    "hub_planning": "Het overleg plannen",
    "move": "Verhuizing",
    "support_consent": "Toestemming voor overleg en steun",
    "support_plan": "Het steunplan",
    "taking_over": "Een gezin dat al onderweg is",
    "rights_request": "Verzoek over de eigen gegevens",
    "access_request": "Antwoord: een kopie",
    "correction_request": "Antwoord: verbeteren",
    "erasure_request": "Antwoord: vernietigen",
    "correction_notice": "Bericht dat er iets is verbeterd",
}
LANGUAGES = {
    "nl": "Nederlands", "ar": "Arabisch", "bg": "Bulgaars", "prs": "Dari of Farsi", "de": "Duits", "en": "Engels",
    "fr": "Frans", "uk": "Oekraïens", "pl": "Pools", "pt": "Portugees", "ro": "Roemeens", "so": "Somalisch",
    "es": "Spaans", "ti": "Tigrinya", "tr": "Turks", "dse": "Gebarentaal", "other": "Een andere taal",
}  # fmt: skip
THEMES = {
    "mental": "Psychisch",
    "substances": "Middelen",
    "language": "Taal",
    "money": "Geld",
    "disability": "Beperking",
    "child": "Zorg om het kind",
    "pregnancy": "Zwangerschap",
    "network": "Netwerk",
    "relationship": "Relatie",
    "young_parenthood": "Jong ouderschap",
    "housing": "Wonen",
    "legal": "Juridisch",
    "care_contact": "Contact met zorg",
    "residence": "Verblijf en werk",
    "other": "Anders",
}
AVAILABILITY = {"available": "Er is plek", "waiting_list": "Er is een wachtlijst", "full": "Vol"}
PATHWAY_STATUSES = {"concept": "Concept", "current": "Actueel", "stale": "Verouderd"}
BLOCKS = {
    "colleague": "Als collega",
    "family": "Als familie",
    "neighbour": "Als buur",
    "other": "Op een andere manier",
}
LOGIN_CHECKS = {
    "known": "Ik ken deze ouder van eerder contact",
    "document": "Ik zag een legitimatiebewijs",
    "called_back": "Ik belde terug op het nummer dat we al hadden",
}
LOGIN_DELIVERIES = {"in_person": "Ik geef het papier zelf", "post": "Per post: deze ouder zei dat een brief veilig is"}
#: Of what a professional may say; that the parent stopped is said by the parent.
LOGIN_ENDS = {
    "parent_asked": "De ouder vraagt erom",
    "not_safe": "Het is niet veilig (meer)",
    "no_longer_involved": "Deze persoon is niet meer betrokken",
    "wrong_person": "De uitnodiging kwam bij de verkeerde",
    "taken_back": "De uitnodiging is niet meer nodig",
}
MARKS = {"live": "nu hier", "done": "gedaan", "withheld": "afgeschermd"}


def say(code: Any, book: dict[str, str]) -> str:
    """The Dutch words for *code*; free text and unknown codes stay as they are."""
    return book.get(str(code), str(code)) if code not in (None, "") else ""


def capital(text: str) -> str:
    """First letter large, the rest untouched."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """E.g. ``de gemeente, de kraamzorg en de huisarts``."""
    return " en ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def day(value: date | datetime | str | None) -> str:
    """E.g. ``dinsdag 3 november 2026``; an ISO text is read first, an instant is told in Dutch time."""
    local = _local_day(value)
    return format_date(local, "EEEE d MMMM y", locale="nl") if local else str(value or "")


def short_day(value: date | datetime | str | None) -> str:
    """E.g. ``3 november 2026``."""
    local = _local_day(value)
    return format_date(local, "d MMMM y", locale="nl") if local else str(value or "")


def clock(value: datetime | None) -> str:
    """E.g. ``09:30``, Dutch time."""
    return value.astimezone(AMSTERDAM).strftime("%H:%M") if value else ""


def moment(value: datetime | None) -> str:
    """E.g. ``3 november 2026 om 09:30``."""
    return f"{short_day(value)} om {clock(value)}" if value else ""


def entered_later(observed_at: datetime, recorded_at: datetime) -> str:
    """E.g. ``Besproken op 1 november 2026 om 14:30 · ingevoerd op 3 november 2026 om 09:30``; empty when it is one moment.

    A moment at midnight, Dutch time, is a day of which the time was not given.
    """
    if recorded_at - observed_at < timedelta(minutes=1):
        return ""
    said = short_day(observed_at) if clock(observed_at) == "00:00" else moment(observed_at)
    return f"Besproken op {said} · ingevoerd op {moment(recorded_at)}"


def since(value: datetime | None, now: datetime) -> str:
    """A moment near *now*, as people say it: ``om 09:30``, ``gisteren om 17:02``, ``op 3 november 2026 om 09:30``."""
    if value is None:
        return ""
    days = (now.astimezone(AMSTERDAM).date() - value.astimezone(AMSTERDAM).date()).days
    if days == 0:
        return f"om {clock(value)}"
    return f"gisteren om {clock(value)}" if days == 1 else f"op {moment(value)}"


@dataclass(frozen=True, slots=True)
class Term:
    """How a due date reads: its words and how pressing it is (``late``, ``soon`` or ``calm``)."""

    text: str
    kind: str


def term(due_at: datetime | None, now: datetime) -> Term | None:
    """Due dates in days of the calendar, Dutch time."""
    if due_at is None:
        return None
    days = (due_at.astimezone(AMSTERDAM).date() - now.astimezone(AMSTERDAM).date()).days
    if due_at < now:
        return Term(
            "vandaag verlopen" if days == 0 else "1 dag te laat" if days == -1 else f"{-days} dagen te laat", "late"
        )
    if days <= 1:
        return Term("uiterlijk vandaag" if days == 0 else "uiterlijk morgen", "soon")
    local = due_at.astimezone(AMSTERDAM).date()
    return Term(f"uiterlijk {format_date(local, 'EEEE d MMMM', locale='nl')}", "soon" if days <= 2 else "calm")


def weekday(value: datetime) -> str:
    """A day close by, without its year: “woensdag 25 november”."""
    return format_date(value.astimezone(AMSTERDAM).date(), "EEEE d MMMM", locale="nl")


def capped(count: int, most: int = 99) -> str:
    """Counts are told up to *most*: ``99+``."""
    return f"{most}+" if count > most else str(count)


def initials(name: str) -> str:
    """One or two letters for the sign of a person."""
    parts = [part for part in name.split() if part[:1].isalpha()]
    chosen = [parts[0], parts[-1]] if len(parts) > 1 else parts
    return "".join(part[0].upper() for part in chosen) or "?"


def read_day(text: str) -> date:
    """A day as a browser sends it, or as people write it: 2026-11-03, 3-11-2026, 3/11/2026 or 3.11.2026.

    Raises:
        ValueError: it is none.
    """
    clean = text.strip()
    written = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", clean, re.ASCII)
    if written is None:
        return date.fromisoformat(clean)
    return date(int(written[4]), int(written[3]), int(written[1]))


def _local_day(value: date | datetime | str | None) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(AMSTERDAM).date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value
