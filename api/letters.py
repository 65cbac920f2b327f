"""Mail to people who work here: what it says, in Dutch, and where the demo keeps it. No names and no numbers of cases."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from api.config import Settings
from workflows.method import Letter
from workflows.notifications import NotificationKind

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
#: What is counted, of one and of more.
COUNTED: Mapping[NotificationKind, tuple[str, str]] = {
    NotificationKind.OWN_TASK: ("taak in een casus die u vasthoudt", "taken in casussen die u vasthoudt"),
    NotificationKind.TEAM_TASK: ("taak voor uw team", "taken voor uw team"),
    NotificationKind.HANDED: ("taak die een collega aan u gaf", "taken die een collega aan u gaf"),
    NotificationKind.LAPSED: ("taak van u die terug is bij uw team", "taken van u die terug zijn bij uw team"),
    NotificationKind.NEARLY_LATE: ("taak die bijna te laat is", "taken die bijna te laat zijn"),
    NotificationKind.LATE: ("taak die te laat is", "taken die te laat zijn"),
    NotificationKind.HANDOVER: ("overdracht die op antwoord wacht", "overdrachten die op antwoord wachten"),
    NotificationKind.HANDOVER_WAITS: ("overdracht van u zonder antwoord", "overdrachten van u zonder antwoord"),
    NotificationKind.HANDOVER_TAKEN: ("overdracht van u die is aangenomen", "overdrachten van u die zijn aangenomen"),
    NotificationKind.HANDOVER_BACK: ("overdracht van u die terug is", "overdrachten van u die terug zijn"),
    NotificationKind.HANDOVER_MET: ("eerste contact na een overdracht van u", "eerste contacten na overdrachten van u"),
    NotificationKind.COMMENT: ("opmerking van een collega", "opmerkingen van collega’s"),
    NotificationKind.ALARM: ("melding over het logboek", "meldingen over het logboek"),
    NotificationKind.WEBHOOK_PAUSED: ("koppeling die stilstaat", "koppelingen die stilstaan"),
    NotificationKind.CERTIFICATE_ENDS: ("certificaat dat bijna afloopt", "certificaten die bijna aflopen"),
    NotificationKind.REPAIR_ASKED: (
        "herstel dat op uw bevestiging wacht",
        "herstellingen die op uw bevestiging wachten",
    ),
    NotificationKind.ACCESS_REVIEW: ("lijst met rollen om na te kijken", "lijsten met rollen om na te kijken"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail of the demo, as it would have arrived."""

    to: str
    subject: str
    at: datetime
    text: str


def mail_of(letter: Letter, settings: Settings, message_id: UUID, *, at: datetime) -> EmailMessage:
    """The mail; sent twice it is the same one."""
    mail = EmailMessage()
    mail["From"] = settings.smtp_from or "Steun op Maat <steun@voorbeeld.example>"
    mail["To"] = letter.to
    mail["Subject"] = _subject(letter)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id.hex}@steun.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    home = settings.public_url or f"http://{settings.host}:{settings.port}"
    mail.set_content(_text(letter, home))
    return mail


def _subject(letter: Letter) -> str:
    if letter.reset:
        return "Kies een nieuw wachtwoord voor Steun op Maat"
    if letter.password_changed:
        return "Uw wachtwoord voor Steun op Maat is veranderd"
    if letter.invites_until is not None:
        return "Uitnodiging om met Steun op Maat te werken"
    return "Er staat iets voor u klaar in Steun op Maat" if letter.counts else "Uw code voor Steun op Maat"


def keep(folder: Path, mail: EmailMessage) -> None:
    """Put a mail of the demo in a folder, instead of sending it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(folder).add(mail)


def kept(folder: Path, *, most: int = 50) -> list[Kept]:
    """What the demo would have mailed, newest first."""
    if not (folder / "new").is_dir():
        return []
    return sorted(_read(folder), key=lambda one: one.at, reverse=True)[:most]


def forget(folder: Path) -> None:
    """Let go of what was kept: what is begun anew has mailed nothing."""
    if (folder / "new").is_dir():
        mailbox.Maildir(folder).clear()


def _read(folder: Path) -> Iterator[Kept]:
    for path in (folder / "new").iterdir():
        found = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
        sent_at = parsedate_to_datetime(str(found["Date"]))
        yield Kept(str(found["To"]), str(found["Subject"]), sent_at, found.get_content())


def _text(letter: Letter, home: str) -> str:
    if letter.reset:
        return _reset(letter.reset, home)
    if letter.password_changed:
        return _changed(home)
    if letter.counts:
        return _news(letter.counts, home)
    if letter.invites_until is not None:
        return _invitation(letter.code or "", letter.invites_until, home)
    return _code(letter.code or "", home)


def _reset(secret: str, home: str) -> str:
    return (
        "Goedendag,\n\n"
        "Iemand vroeg om een nieuw wachtwoord voor uw account bij Steun op Maat. Kies het hier:\n"
        f"{home}/wachtwoord-vergeten/{secret}\n\n"
        "De link werkt één keer en maar kort. Daarna bent u overal uitgelogd en logt u in met uw nieuwe wachtwoord.\n\n"
        "Vroeg u dit niet? Dan hoeft u niets te doen: uw wachtwoord blijft zoals het was. Geef deze link aan niemand.\n\n"
        "Deze mail is automatisch verstuurd. Antwoorden kan niet.\n"
    )


def _changed(home: str) -> str:
    return (
        "Goedendag,\n\n"
        "Het wachtwoord van uw account bij Steun op Maat is net veranderd. Overal anders bent u uitgelogd.\n\n"
        "Programma’s die namens u werken, werken door met hun toegangstoken. Kijk bij Mijn account of u ze allemaal kent.\n"
        "Kent u er een niet? Trek het token dan in.\n"
        f"{home}/account\n\n"
        "Deed u dit niet zelf? Bel dan meteen de beheerder van uw organisatie, en kies een nieuw wachtwoord:\n"
        f"{home}/wachtwoord-vergeten\n\n"
        "Deze mail is automatisch verstuurd. Antwoorden kan niet.\n"
    )


def _news(counts: Mapping[NotificationKind, int], home: str) -> str:
    lines = "\n".join(f"- {count} {COUNTED[kind][count != 1]}" for kind, count in counts.items())
    return (
        "Goedendag,\n\n"
        f"In Steun op Maat staat iets voor u klaar:\n\n{lines}\n\n"
        f"Bekijk het in uw werklijst:\n{home}/werk\n\n"
        "In deze mail staat niet om wie het gaat. Dat ziet u pas als u bent ingelogd.\n"
        "Wilt u minder mail, of op een ander moment? Dat kiest u zelf bij Mijn account:\n"
        f"{home}/account/mail\n\n"
        "Deze mail is automatisch verstuurd. Antwoorden kan niet.\n"
    )


def _code(code: str, home: str) -> str:
    return (
        "Goedendag,\n\n"
        f"Uw code is: {code[:4]} {code[4:]}\n\n"
        "Vul deze code in bij Mijn account. Daarna sturen we mail naar dit adres.\n"
        f"{home}/account/mail\n\n"
        "Vroeg u dit niet? Dan hoeft u niets te doen. Er komt dan geen mail meer.\n"
    )


def _invitation(code: str, until: datetime, home: str) -> str:
    local = until.astimezone(_AMSTERDAM)
    return (
        "Goedendag,\n\n"
        "U bent uitgenodigd om met Steun op Maat te werken. Zo begint u:\n\n"
        f"1. Ga naar {home}/activeren\n"
        "2. Vul de gebruikersnaam in. Die krijgt u van wie u uitnodigde.\n"
        f"3. Vul deze code in: {code}\n"
        "4. Kies een wachtwoord.\n\n"
        f"De code werkt één keer, tot {local:%d-%m-%Y} om {local:%H:%M} uur. Is hij te oud? Vraag dan een nieuwe aan wie u\n"
        "uitnodigde.\n\n"
        "Verwachtte u deze mail niet? Dan hoeft u niets te doen. Zonder gebruikersnaam komt niemand erin.\n"
        "Deze mail is automatisch verstuurd. Antwoorden kan niet.\n"
    )
