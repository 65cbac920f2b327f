"""Dutch for what the desk tells: what does not go, why, and what can be done. Also for programs, so that both say the same."""

from __future__ import annotations

from workflows.desk import Action, Cause, RepairStatus, Trouble, TroubleKind, TroubleState, Why

#: Kinds of jobs, as what they do.
JOBS = {
    "worker": "Werk dat klaarstaat",
    "run_timer": "Een moment in een casus",
    "lease_expiry": "Een opgepakte taak die terug naar het team gaat",
    "task_term": "De termijn van een taak bewaken",
    "reschedule": "Termijnen van een casus opnieuw uitrekenen",
    "setting_changes": "Een instelling laten ingaan",
    "consent_ends": "Een toestemming die afloopt",
    "match_cases": "Kijken of twee casussen over één gezin gaan",
    "erase_unshared": "Een niet gedeelde casus wissen",
    "destroy_confirmed": "Een casus vernietigen na bevestiging",
    "destroy_on_request": "Vernietigen op verzoek",
    "destroy_rest": "Het laatste van een vernietigde casus wissen",
    "alarm_holder": "Een casus voorleggen die niemand vasthoudt",
    "ask_director": "Een casus voorleggen waarin niets meer wacht",
    "check_holders": "De controle van elke nacht",
    "absence_begins": "Een afwezigheid laten ingaan",
    "look_for_case": "Een gevraagde casus zoeken",
    "forget_case_request": "Een oude vraag om een casus wissen",
    "emergency_end": "Een noodinzage beëindigen",
    "end_overlap": "Het meelezen na een overdracht beëindigen",
    "ground_ends": "Een andere grond die afloopt",
    "spread_events": "Gebeurtenissen klaarzetten voor andere programma’s",
    "spread_notifications": "Meldingen en mail klaarzetten",
    "seal": "Het logboek verzegelen",
    "watch_reading": "Het logboek nakijken op bijzonder kijkgedrag",
}
#: Channels of what leaves the house.
CHANNELS = {
    "notification_mail": "Mail aan medewerkers",
    "anchor_file": "De stand van het logboek, in een bestand",
    "anchor_mail": "De stand van het logboek, per mail",
    "anchor_webhook": "De stand van het logboek, naar een adres",
    "webhook": "Adressen van andere programma’s die niets aannemen",
}
LOGS = {"changes": "Regels van het logboek: wat gedaan is", "reads": "Regels van het logboek: wat bekeken is"}
FAILURES = {
    "refused": "Mailadressen die de mailserver niet kent",
    "returned": "Mailadressen waarvan mail terugkwam",
}
STATES = {
    TroubleState.FAILED: ("lukt niet", "late"),
    TroubleState.RETRYING: ("wordt nog geprobeerd", "soon"),
    TroubleState.OVERDUE: ("te laat", "soon"),
    TroubleState.HELD: ("bij een programma", "soon"),
    TroubleState.STUCK: ("staat stil", "late"),
}
#: Cause → what is the matter, and what somebody can do about it.
CAUSES = {
    Cause.DRAWING: (
        "Het schema weet hier niet hoe het verder moet.",
        "Vraag de coördinator om het schema na te kijken. Probeer het daarna opnieuw.",
    ),
    Cause.OTHER_PROGRAM: (
        "Het programma van een partner meldt dat deze stap niet lukt.",
        "Vraag de beheerder van die organisatie wat er aan de hand is. Is dat opgelost, probeer het dan opnieuw.",
    ),
    Cause.PROGRAM_TRIES: (
        "Het programma van een partner meldt dat deze stap nog niet lukt.",
        "U hoeft nog niets te doen: het programma probeert het zelf weer.",
    ),
    Cause.PROGRAM_SILENT: (
        "Het programma haalde dit op en liet niets meer horen. De tijd die het had, is om.",
        "Vraag de beheerder van die organisatie of het programma nog draait. Het kan dit nu weer ophalen.",
    ),
    Cause.PROGRAM_BUSY: (
        "Dit ligt er al lang. Het programma dat het nu heeft, is nog niet klaar.",
        "Vraag de beheerder van die organisatie of het programma nog werkt. Hangt het, neem dit dan terug.",
    ),
    Cause.PROGRAM_AWAY: (
        "Dit ligt er al lang en het programma haalt het niet op.",
        "Vraag de beheerder van die organisatie of het programma nog draait.",
    ),
    Cause.NO_PROGRAM: (
        "Die organisatie heeft geen programma dat dit doet, of de toegang ervan is om.",
        "Vraag de beheerder van die organisatie om het programma aan te sluiten.",
    ),
    Cause.NO_WORKER: (
        "Er is geen systeem dat deze stap doet.",
        "Kijk of het andere systeem aangesloten is, en of alle onderdelen van deze versie draaien.",
    ),
    Cause.KEY: (
        "Versleutelde gegevens zijn niet te openen: de sleutel ontbreekt of past niet.",
        "Zet de juiste sleutel terug in STEUN_VAULT_KEY en start opnieuw.",
    ),
    Cause.DATABASE: ("De database gaf een fout.", "Kijk of de database draait en ruimte heeft."),
    Cause.DISK: (
        "Een bestand of map is niet te lezen of te schrijven.",
        "Kijk of de schijf vol is en of de rechten van de map kloppen.",
    ),
    Cause.AWAY: ("De andere kant antwoordt niet.", "Kijk of de server daar draait en of het netwerk het doorlaat."),
    Cause.REFUSED: (
        "De andere kant antwoordt, maar neemt het niet aan.",
        "Kijk daar in het log waarom. Vaak klopt het adres of een instelling niet.",
    ),
    Cause.LOGIN: (
        "De mailserver laat ons niet binnen.",
        "Kijk of STEUN_SMTP_USER en STEUN_SMTP_PASSWORD kloppen.",
    ),
    Cause.CERTIFICATE: (
        "Het certificaat van de andere kant is niet te vertrouwen.",
        "Laat het daar vernieuwen. Zet de controle niet uit.",
    ),
    Cause.NO_SENDER: (
        "Deze installatie heeft geen manier om dit te versturen.",
        "Stel die weer in (zie docs/operations.md), of laat het vervallen.",
    ),
    Cause.STATE: (
        "De stand is anders dan dit werk verwacht.",
        "Probeer het opnieuw. Blijft het, geef de kenmerken hieronder dan door aan de leverancier.",
    ),
    Cause.NO_WORKER_RUNS: (
        "Niemand doet wat klaarstaat.",
        "Kijk of er een worker draait: ‘steun worker’, of ‘steun serve’ met STEUN_WORKER=on.",
    ),
    Cause.NOTHING_WAITS: (
        "Er ligt nergens een taak en er komt geen moment meer aan.",
        "Laat het schema opnieuw kijken, of leg de casus voor.",
    ),
    Cause.SOFTWARE: (
        "Er zit een fout in de software.",
        "Geef de fout en de kenmerken hieronder door aan de leverancier.",
    ),
}
#: Of addresses there is something else to say: nobody here can mend them.
ADDRESSES = (
    "Er gaat geen mail meer naar deze adressen.",
    "U hoeft niets te doen: de eigenaar ziet het bij ‘Mijn account’ en geeft een ander adres.",
)
#: Nor can they choose another address for a program of an organisation.
PROGRAMMES = (
    "Het adres antwoordt al dagen niet, en wordt met rust gelaten.",
    "U hoeft niets te doen: de beheerder van de organisatie ziet het en zet het weer aan.",
)
ACTIONS = {
    Action.RETRY: "Opnieuw proberen",
    Action.TAKE_BACK: "Terugnemen van het programma",
    Action.DROP: "Laten vervallen",
    Action.RESUME: "Het schema opnieuw laten kijken wat er ligt",
    Action.ASK_DIRECTOR: "Voorleggen aan de procesregisseur",
}
WHYS = {
    Why.CAUSE_MENDED: "De oorzaak is weg",
    Why.SEE_IF_IT_WORKS: "Om te zien of het nu lukt",
    Why.NOT_NEEDED: "Het is niet meer nodig",
    Why.ADVISED: "De leverancier raadt het aan",
}
STATUSES = {
    RepairStatus.ASKED: "wacht op een collega",
    RepairStatus.DONE: "gedaan",
    RepairStatus.REFUSED: "afgewezen",
    RepairStatus.WITHDRAWN: "ingetrokken",
    RepairStatus.EXPIRED: "verlopen of niet meer nodig",
}


def title(kind: str, what: str) -> str:
    """What does not go."""
    if kind == TroubleKind.JOB:
        return JOBS.get(what, f"Werk ‘{what}’")
    if kind == TroubleKind.MESSAGE:
        return CHANNELS.get(what, f"Berichten over ‘{what}’")
    if kind == TroubleKind.LOG_LINES:
        return LOGS.get(what, what)
    if kind == TroubleKind.MAIL_ADDRESS:
        return FAILURES.get(what, what)
    if kind == TroubleKind.STEP:
        return f"Stap ‘{what}’"
    return f"Processen ‘{what}’" if kind == TroubleKind.RUN else "Casussen zonder proces"


def reason(one: Trouble) -> tuple[str, str]:
    """What is the matter, and what somebody can do about it."""
    if one.kind == TroubleKind.MAIL_ADDRESS:
        return ADDRESSES
    return PROGRAMMES if (one.kind, one.what) == (TroubleKind.MESSAGE, "webhook") else CAUSES[one.cause]
