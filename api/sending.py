"""What leaves the house, and how: a file, a mail, a request to an address of the operator's own.

The rooms say what; the worker comes here after their transaction was kept. Everything that is sent are ids, codes and hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

from api import letters
from api.config import Settings
from api.transactions import system_clock
from workflows import logbook, method, notifications
from workflows.db import Database
from workflows.notifications import MailFailure
from workflows.worker import LINES, Sender

#: Seconds that somebody else may take for each thing that it says, and for all of it together.
PATIENCE = 10
LONGEST = 30
#: An answer about the address of who gets it.
_ABOUT_ADDRESS = re.compile(r"5\.1\.(?:[0-6]|10)\b").match
#: Who was given up on, and is still talking.
_TALKING: set[str] = set()


def senders(
    settings: Settings, database: Database | None = None, clock: Callable[[], datetime] = system_clock
) -> dict[str, Sender]:
    """How to send over each channel that this installation uses.

    Args:
        database: of the house; mail to people is made from what is in it when the mail leaves. Left out: none is sent.
    """
    found: dict[str, Sender] = {}
    if settings.anchor_file:
        found["anchor_file"] = partial(to_file, Path(settings.anchor_file))
    if settings.anchor_mail:
        found["anchor_mail"] = within("anchor_mail", partial(by_mail, settings))
    if settings.anchor_webhook:
        anchored = partial(to_address, settings.anchor_webhook, settings.anchor_webhook_secret)
        found["anchor_webhook"] = within("anchor_webhook", anchored)
    if settings.log_webhook:
        found[LINES] = within(LINES, partial(to_address, settings.log_webhook, settings.log_webhook_secret))
    if database is not None and settings.mails_people:
        to_people = partial(mail_person, settings, database, clock)
        found[notifications.CHANNEL] = within(notifications.CHANNEL, to_people)
    return found


def within(channel: str, send: Sender, *, seconds: float | None = None) -> Sender:
    """*send*, given up on when it is not done in time. Whoever answers a sign at a time would otherwise keep the worker, and
    with it everything that is due, for as long as it likes.

    Args:
        seconds: left out: as long as anybody may take.
    """

    def send_in_time(payload: Mapping[str, Any], message_id: UUID) -> None:
        if channel in _TALKING:
            raise TimeoutError(f"{channel} is still busy with the last one")
        failed: list[BaseException] = []
        _TALKING.add(channel)
        talk = threading.Thread(target=_talk, args=(channel, partial(send, payload, message_id), failed), daemon=True)
        talk.start()
        talk.join(LONGEST if seconds is None else seconds)
        if talk.is_alive():
            raise TimeoutError(f"{channel} takes too long")
        if failed:
            raise failed.pop()

    return send_in_time


def _talk(channel: str, say: Callable[[], None], failed: list[BaseException]) -> None:
    try:
        say()
    except BaseException as error:
        failed.append(error)
    finally:
        _TALKING.discard(channel)


def to_file(path: Path, payload: Mapping[str, Any], _message_id: UUID) -> None:
    """Add the heads to the file of anchors."""
    logbook.anchors.add(path, payload["heads"])


def by_mail(settings: Settings, payload: Mapping[str, Any], message_id: UUID) -> None:
    """Mail the heads to whoever keeps them."""
    mail = EmailMessage()
    mail["From"] = settings.smtp_from or settings.anchor_mail
    mail["To"] = settings.anchor_mail
    mail["Subject"] = "Steun op Maat: stand van het logboek"
    mail["Date"] = format_datetime(system_clock())
    mail["Message-ID"] = make_msgid(str(message_id), domain="steun.invalid")
    lines = [
        f"{head['log']}: plaats {head['position']}, verzegeld {head['sealed_at']} (UTC)\n  {head['hash']}"
        for head in payload["heads"]
    ]
    mail.set_content(
        "Bewaar deze mail. Met deze stand is later te zien of iemand het logboek veranderde of een oudere kopie terugzette.\n"
        "Hoe u dat nakijkt, staat in docs/operations.md.\n\n" + "\n".join(lines) + "\n"
    )
    post(settings, mail)


def post(settings: Settings, mail: EmailMessage) -> None:
    """Give a mail to the mail server of the operator; never in the clear when the settings ask for more.

    Raises:
        SMTPException, OSError: it was not taken.
    """
    with connected(settings) as server:
        server.send_message(mail)


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The mail server of the operator, as the settings say how to come in.

    Raises:
        SMTPException, OSError: it is away, or does not let us in.
    """
    encrypted = ssl.create_default_context()
    kind = partial(smtplib.SMTP_SSL, context=encrypted) if settings.smtp_security == "tls" else smtplib.SMTP
    with kind(settings.smtp_host, settings.smtp_port, timeout=PATIENCE) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=encrypted)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server


def mail_person(
    settings: Settings, database: Database, clock: Callable[[], datetime], payload: Mapping[str, Any], message_id: UUID
) -> None:
    """Mail one person that something waits, or the code for an address, as it is now; nothing when it is not so any more.

    An address that the mail server does not know is not tried again. Whatever goes wrong, its owner sees.

    Raises:
        SMTPException, OSError: the mail server was away or refused us; it is tried again.
    """
    # Of a link to choose a password a hash is kept, before it leaves.
    with database.writing() if payload["letter"] == "reset" else database.reading() as session:
        letter = method.letter(session, payload, at=clock())
    if letter is None:
        return
    mail = letters.mail_of(letter, settings, message_id, at=clock())
    try:
        if settings.is_demo and not settings.smtp_host:
            letters.keep(settings.demo_mail, mail)
        else:
            post(settings, mail)
    except Exception as error:
        wrong = _is_wrong_address(error)
        _not_delivered(database, payload, MailFailure.REFUSED if wrong else MailFailure.UNREACHABLE, clock())
        if not wrong:
            raise
    else:
        with database.writing() as session:
            method.letter_left(session, payload, letter, at=clock())


def _is_wrong_address(error: Exception) -> bool:
    """Whether the mail server said that the address is not there, and not that it wants no mail of us, or not this one.

    A bare 550 can mean both (RFC 5321, 4.2.3: also "rejected for policy reasons"), so only what says more counts.

    Source:
        RFC 3463, 3.2: 5.1.x is about an address, of which 5.1.7 and 5.1.8 are the sender's. RFC 7505: 5.1.10, takes no mail.
    """
    answers: list[tuple[int, bytes | str]]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPDataError):  # who looks at the address only when the mail is there
        answers = [(error.smtp_code, error.smtp_error)]
    else:
        return False
    return bool(answers) and all(code in (550, 551, 553) and _ABOUT_ADDRESS(_text(said)) for code, said in answers)


def _text(said: bytes | str) -> str:
    return said.decode("ascii", "replace") if isinstance(said, bytes) else said


def _not_delivered(database: Database, payload: Mapping[str, Any], failure: MailFailure, at: datetime) -> None:
    with database.writing() as session:
        method.letter_failed(session, payload, failure, at=at)


class _Nowhere(HTTPRedirectHandler):
    """What is meant for one address goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def to_address(url: str, secret: str, payload: Mapping[str, Any], message_id: UUID) -> None:
    """Send something to an address, signed: ``X-Steun-Signature`` is the HMAC-SHA256 of the body with the shared secret.

    The id of the message is in the body, so that a signature is of one message, and who gets it twice can tell.
    """
    body = json.dumps({"id": str(message_id), **payload}, sort_keys=True).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    request = Request(  # noqa: S310 - the settings refuse anything but https
        url,
        data=body,
        headers={"Content-Type": "application/json", "X-Steun-Signature": f"sha256={signature}"},
        method="POST",
    )
    try:
        build_opener(_Nowhere).open(request, timeout=PATIENCE).close()
    except HTTPError as error:
        error.close()
        raise
