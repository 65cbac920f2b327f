"""What a program can hear of, and why it did not arrive, in Dutch: for the page and for the documentation alike."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.webhooks import EventType

#: Type → what happened.
TYPES: Mapping[str, str] = {
    EventType.TASK_OPENED: "Er ligt een taak bij een team van de organisatie",
    EventType.TASK_CLAIMED: "Iemand pakte een taak op",
    EventType.TASK_RELEASED: "Een taak ging terug naar het team",
    EventType.TASK_COMPLETED: "Een taak is afgerond",
    EventType.TASK_WITHDRAWN: "Een taak is niet meer nodig, of ligt nu bij een andere organisatie",
    EventType.TASK_NEARLY_LATE: "Een taak is bijna te laat",
    EventType.TASK_LATE: "Een taak is te laat",
    EventType.CASE_JOINED: "De organisatie hoort vanaf nu bij een casus",
    EventType.CASE_LEFT: "De organisatie hoort niet meer bij een casus",
    EventType.CASE_CHANGED: "Er veranderde iets in een casus, zoals het plan of een datum",
    EventType.CASE_STATUS_CHANGED: "Een casus is een stap verder",
    EventType.CASE_HOLDER_CHANGED: "Iemand anders houdt een casus vast",
    EventType.CASE_CLOSED: "Een casus is gesloten",
    EventType.HANDOVER_OFFERED: "Een casus wordt aangeboden",
    EventType.HANDOVER_ASKED: "De ontvanger van een overdracht vraagt eerst iets terug",
    EventType.HANDOVER_REPLIED: "De afzender van een overdracht gaf antwoord",
    EventType.HANDOVER_ACCEPTED: "Een overdracht is aangenomen",
    EventType.HANDOVER_REFUSED: "Een overdracht is geweigerd",
    EventType.HANDOVER_WITHDRAWN: "Een overdracht is ingetrokken",
    EventType.HANDOVER_EXPIRED: "Een overdracht verviel zonder antwoord",
    EventType.HANDOVER_COMPLETED: "De ontvanger van een overdracht sprak het gezin",
    EventType.TEST: "Iemand probeert het adres uit",
}
#: Kind of failure → what was wrong, as the end of a sentence that begins with "Niet aangekomen:".
_FAILURES: Mapping[str, str] = {
    "unknown_host": "de naam in het adres bestaat niet",
    "address_refused": "het adres ligt in een netwerk waar we niet heen mogen",
    "tls": "het certificaat van het adres klopt niet",
    "timed_out": "het adres gaf niet op tijd antwoord",
    "unreachable": "het adres is niet te bereiken",
    "no_http": "het antwoord was niet te begrijpen",
    "redirected": "het adres stuurt door naar een ander adres; geef dat adres zelf",
    "slow": "het kwam wel aan, maar het antwoord liet lang op zich wachten",
    "gone": "het adres zegt dat het niet meer bestaat (410)",
}


def failure(code: str) -> str:
    """Why something did not arrive."""
    return _FAILURES.get(code) or f"het adres antwoordde met {code.removeprefix('http_')}"
