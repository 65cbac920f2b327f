"""Dutch for what stands in the log. An event is "room.what_happened"; both halves have a word, so a new one reads well
before anybody thought of it."""

from __future__ import annotations

from api.pages import words

NOUNS = {
    "access": "Toegang",
    "account": "Account",
    "action": "Steunafspraak",
    "alarm": "Melding",
    "alarms": "Meldingen",
    "block": "Afgeschermde casus",
    "blocks": "Voor wie de casus is afgeschermd",
    "breach": "Datalek",
    "bsn": "BSN",
    "case": "Casus",
    "cases": "Casussen",
    "certificate": "Certificaat",
    "client_log": "Overzicht ‘wie keek’",
    "comment": "Opmerking",
    "comments": "Opmerkingen",
    "consent": "Toestemming",
    "copy": "Kopie voor de ouder",
    "contacts": "Berichten over eerste contact",
    "demo": "Demonstratie",
    "destruction": "Lijst om te vernietigen",
    "diagrams": "Schema’s",
    "directory_notice": "Bericht over de Wegwijzer",
    "disclosure": "Delen van gegevens",
    "draft": "Concept",
    "due_date": "Uitgerekende datum",
    "emergencies": "Noodinzages",
    "emergency": "Noodinzage",
    "entry": "Wat is opgeschreven",
    "evaluation": "Terugblik",
    "evaluations": "Terugblikken",
    "exploration": "Verkenning",
    "family": "Gezin",
    "handover": "Overdracht",
    "handovers": "Overdrachten",
    "hub_item": "Gezin op de agenda",
    "hub_meeting": "Knooppuntoverleg",
    "intervention": "Interventie",
    "log": "Logboek",
    "login": "Inloggen",
    "loss": "Verlies",
    "match": "Vraag of het om hetzelfde gezin gaat",
    "member": "Iemand van het gezin",
    "organisation": "Organisatie",
    "pathway": "Zorgpad",
    "person": "Medewerker",
    "plan": "Plan",
    "pregnancy": "Zwangerschap",
    "requests": "Vragen van ouders",
    "role": "Rol",
    "run": "Proces",
    "safety": "Zorg over veiligheid",
    "second_factor": "Tweede controle",
    "setting": "Instelling",
    "sign_in": "Sessie",
    "signal": "Signaal",
    "task": "Taak",
    "terms": "Termijnen",
    "token": "Toegangstoken",
    "work": "Werklijst",
}
VERBS = {
    "accepted": "aangenomen",
    "added": "toegevoegd",
    "answered": "beantwoord",
    "asked": "gevraagd",
    "assigned": "gegeven",
    "cancelled": "afgezegd",
    "changed": "veranderd",
    "claimed": "opgepakt",
    "closed": "gesloten",
    "completed": "afgerond",
    "confirmed": "bevestigd",
    "corrected": "verbeterd",
    "created": "begonnen",
    "cut": "ingekort",
    "deactivated": "gestopt",
    "declined": "geweigerd",
    "described": "aangevuld",
    "discarded": "weggegooid",
    "discussed": "besproken",
    "ended": "beëindigd",
    "erased": "gewist",
    "escalated": "voorgelegd",
    "expired": "verlopen",
    "explained": "verklaard",
    "exported": "meegenomen als bestand",
    "feedback_given": "teruggekoppeld",
    "filled": "gevuld",
    "forecast": "bekeken (wat eraan komt)",
    "given": "gegeven",
    "held": "gehouden",
    "holder_moved": "overgegaan naar een ander",
    "issued": "uitgegeven",
    "joined": "meegedaan",
    "kept": "bewaard",
    "lease_ended": "terug naar het team",
    "left": "verlaten",
    "listed": "in een lijst gezien",
    "matched": "gevonden bij een nieuw signaal",
    "moved": "verplaatst",
    "noted": "aangevuld",
    "offered": "aangeboden",
    "opened": "geopend",
    "partner_set": "aangevuld (partner)",
    "password_set": "nieuw wachtwoord",
    "person_left": "iemand vertrokken",
    "planned": "gepland",
    "postponed": "uitgesteld",
    "printed": "afgedrukt",
    "proposed": "voorgesteld",
    "published": "gepubliceerd",
    "put": "vastgesteld",
    "recorded": "vastgelegd",
    "refused": "geweigerd",
    "released": "teruggegeven",
    "relocated": "verhuisd",
    "removed": "weggehaald",
    "reported": "gemeld",
    "requested": "gevraagd",
    "rescheduled": "opnieuw gepland",
    "revoked": "ingetrokken",
    "searched": "gezocht",
    "unwatched": "zonder iemand die de wacht houdt",
    "watched": "weer met iemand die de wacht houdt",
    "seen": "gezien",
    "set": "ingesteld",
    "shared": "gedeeld",
    "started": "begonnen",
    "stopped": "gestopt",
    "switched": "andere rol",
    "taken_over": "overgenomen",
    "told": "bekeken",
    "unusual": "bijzonder kijkgedrag gevonden",
    "viewed": "bekeken",
    "warned": "bijna te laat",
    "withdrawn": "ingetrokken",
}
#: What reads better as a whole.
EVENTS = {
    "case.moved": "Casus naar een volgende stap",
    "case.left": "Casus losgelaten",
    "case.joined": "Bij de casus gekomen",
    "case.matched": "Casus gevonden bij een nieuw signaal",
    "log.unusual": "Bijzonder kijkgedrag gevonden",
    "account.activated": "Eigen wachtwoord gekozen",
    "activation.issued": "Activeringscode gegeven",
    "activation.refused": "Activeringscode geweigerd",
    "login.refused": "Inloggen geweigerd",
    "sign_in.opened": "Ingelogd",
    "sign_in.confirmed": "Bevestigd met een code",
    "sign_in.ended": "Uitgelogd",
    "sign_in.switched": "Van rol gewisseld",
    "ground.invoked": "Zich op een andere grond dan toestemming beroepen",
    "ground.ended": "Zich niet langer op een andere grond beroepen",
    "ground.told": "Vastgelegd dat de ouder het weet",
    "client_log.printed": "Wie keek: afgedrukt",
    "consents.printed": "Toestemmingen afgedrukt",
    "hub_meeting.calendar_taken": "Overleg in de eigen agenda gezet",
}
PURPOSES = {
    "access_copy": "een kopie voor de ouder",
    "case": "de casus volgen",
    "client_log": "samen met de ouder kijken",
    "correction": "iets verbeteren",
    "data_breach": "een datalek uitzoeken",
    "emergency": "noodgeval",
    "family": "gegevens van het gezin",
    "forecast": "zien wat eraan komt",
    "log_review": "het logboek nakijken",
    "match": "kijken of er al hulp is",
    "retention": "bewaren en vernietigen",
    "rights": "vragen van ouders over hun gegevens",
    "terms": "termijnen bewaken",
}
RULES = {
    "author_organisation": "de eigen organisatie schreef het",
    "break_glass": "noodknop",
    "consent": "met toestemming",
    "decide_destruction": "besluit over vernietigen",
    "own": "eigen organisatie",
    "report_breach": "meldt een datalek",
    "author": "schreef het zelf",
    "candidate": "kan de taak doen",
    "claimant": "heeft de taak",
    "directs": "regisseert het overleg",
    "emergency": "noodknop",
    "holder": "houdt de casus vast",
    "invited": "zit aan tafel",
    "log": "kijkt het logboek na",
    "party": "betrokken bij de casus",
    "process_director": "procesregisseur",
    "safety": "aandachtsfunctionaris",
}
ORIGINS = {"page": "pagina", "api": "programma", "worker": "het systeem zelf", "cli": "beheer"}
KINDS = {
    "many_cases": "Veel casussen op één dag",
    "many_readers": "Veel kijkers bij één casus",
    "at_night": "Gekeken in de nacht",
    "in_emergency": "Gekeken met de noodknop",
    "closed_case": "Een gesloten casus bekeken",
    "refusals": "Vaak geweigerd, kort na elkaar",
}
STATUSES = {"raised": "Nieuw", "seen": "Wordt bekeken", "explained": "Bekeken"}
OUTCOMES = {
    "part_of_work": "Het hoorde bij het werk",
    "talked_about": "Besproken met de medewerker: voortaan anders",
    "not_justified": "Zonder goede reden gekeken",
    "data_breach": "Gemeld als datalek",
}


def event(code: str) -> str:
    """E.g. ``Taak afgerond`` for ``task.completed``; a half that has no word stays as it is."""
    if code in EVENTS:
        return EVENTS[code]
    noun, _, verb = code.partition(".")
    return f"{NOUNS.get(noun, words.capital(noun.replace('_', ' ')))} {VERBS.get(verb, verb.replace('_', ' '))}".strip()


def purpose(code: str | None) -> str:
    """What somebody looked for: a task by its form, a consent's purpose, or one of the house's own."""
    kind, _, form = (code or "").partition(":")
    if kind == "task":
        return f"taak: {words.say(form, words.FORMS).lower()}" if form else "een taak"
    return PURPOSES.get(kind) or words.say(kind, words.PURPOSES)


def rule(code: str | None) -> str:
    """Why it was allowed, e.g. ``betrokken bij de casus, heeft de taak``."""
    return ", ".join(RULES.get(part, part) for part in (code or "").split("+") if part and part != "none")


def counted(kind: str, count: int) -> str:
    """What was counted, e.g. ``41 casussen``."""
    one, many = {
        "many_cases": ("casus", "casussen"),
        "many_readers": ("medewerker", "medewerkers"),
        "refusals": ("weigering", "weigeringen"),
    }.get(kind, ("keer", "keer"))
    return f"{count} {one if count == 1 else many}"
