"""Mail to people, against a real mail server: what it says, that it never goes in the clear, and that nobody waits for it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from api import letters, sending
from api.cli import main
from tests.api.conftest import settings
from workflows import accounts, jobs, notifications, worker
from workflows.actor import OPERATOR
from workflows.notifications import NotificationKind
from workflows.outbox import Message

ADDRESS = "vera@praktijk.example"
HOME = "https://steun.voorbeeld.example"


class Postbox:
    """Keeps what comes in, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer, self.verdict = "250 OK", "250 taken"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.verdict.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=default))
        return self.verdict


@contextmanager
def server(postbox: Postbox, **options: Any) -> Iterator[int]:
    """A mail server on this machine; its port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def silent() -> Iterator[int]:
    """Takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def subscribed(database, region, clock) -> Callable[[], accounts.Account]:
    """The nurse wants mail about tasks of her team at once; the code is still to be given back."""

    def subscribe() -> accounts.Account:
        person = region.nurse.person_id
        with database.writing() as session:
            account = accounts.create_account(
                session, person_id=person, login=uuid4().hex[:8], by=OPERATOR, at=clock(), cost=(1, 8, 1)
            )
            notifications.set_address(session, account.id, ADDRESS, by=region.nurse, at=clock())
            wishes = {NotificationKind.TEAM_TASK.value: "direct"}
            notifications.choose_wishes(session, account.id, wishes, by=region.nurse, at=clock())
        return account

    return subscribe


def tell(database, region, at) -> None:
    with database.writing() as session:
        for person_id in (None, region.nurse.person_id):
            notifications.notify(
                session, NotificationKind.COMMENT, organisation_id=region.nurse.organisation_id, role="explorer",
                person_id=person_id, subject_kind="case", subject_id=uuid4(), at=at,
            )  # fmt: skip


def standing(database, region, account, at):
    with database.reading() as session:
        return notifications.mail_standing(session, account.id, by=region.nurse, at=at)


def test_a_code_and_then_a_mail_that_says_how_many_and_no_more(database, region, urls, clock, subscribed):
    postbox, account = Postbox(), subscribed()
    with server(postbox) as port:
        senders = sending.senders(reaching(urls, port), database, clock)
        worker.plan_standing_jobs(database, clock())
        worker.run_once(database, clock(), senders=senders)
        [code] = postbox.mails
        given = code.get_content().split("Uw code is: ")[1].split("\n")[0]
        with database.writing() as session:
            assert notifications.confirm_address(session, account.id, given, by=region.nurse, at=clock())
            notifications.choose_wishes(session, account.id, {"comment": "direct"}, by=region.nurse, at=clock())
        clock.forward(minutes=1)
        tell(database, region, clock())
        worker.run_once(database, clock.forward(minutes=1), senders=senders)
        worker.run_once(database, clock.forward(minutes=1), senders=senders)

    assert postbox.recipients == [ADDRESS, ADDRESS]
    mail = postbox.mails[1]
    assert (mail["Subject"], mail["To"], mail["From"]) == (
        "Er staat iets voor u klaar in Steun op Maat", ADDRESS, "steun@voorbeeld.example",
    )  # fmt: skip
    text = mail.get_content()
    assert "- 2 opmerkingen van collega’s" in text
    assert f"{HOME}/werk" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Noor" not in text, "nobody's name"
    assert standing(database, region, account, clock()).sent_at is not None
    with database.reading() as session:
        assert {one.status for one in session.scalars(select(Message))} == {"sent"}


def test_what_the_mail_server_answers_is_what_the_owner_sees(database, region, urls, clock, subscribed):
    postbox, account = Postbox(), subscribed()
    with server(postbox) as port:
        senders = sending.senders(reaching(urls, port), database, clock)
        postbox.answer = "450 later"
        worker.run_once(database, clock(), senders=senders)
        assert standing(database, region, account, clock()).failure == "unreachable"
        postbox.answer = "550 5.1.1 no such user"
        worker.run_once(database, clock.forward(minutes=2), senders=senders)
        assert standing(database, region, account, clock()).failure == "refused"
        postbox.answer = "250 OK"
        worker.run_once(database, clock.forward(minutes=20), senders=senders)

    assert postbox.mails == [], "nothing goes to an address that is not there"
    done = CliRunner().invoke(main, ["mail", "returned", ADDRESS, "--json"], env=environment(urls))
    assert (done.exit_code, done.output) == (0, '{"accounts": 1}\n'), done.output
    assert standing(database, region, account, clock()).failure == "returned"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "last", ["550 5.1.1 no such user", "553 5.1.3 syntax", "551-5.1.6 moved\r\n551 5.1.6 elsewhere"]
)
def test_only_what_is_said_about_the_address_makes_it_wrong(database, region, urls, clock, subscribed, last):
    postbox, account = Postbox(), subscribed()
    of_us = [
        "550 5.7.1 we want no mail of you",
        "550 blocked",
        "552 5.2.2 full",
        "554 5.7.1 spam",
        "550 5.1.8 bad sender",
    ]
    with server(postbox) as port:
        senders = sending.senders(reaching(urls, port), database, clock)
        for place in ("answer", "verdict"):
            for said in of_us:
                setattr(postbox, place, said)
                worker.run_once(database, clock.forward(minutes=1), senders=senders)
                found = standing(database, region, account, clock())
                assert (found.failure, found.failed_at) == ("unreachable", clock()), said
                with database.writing() as session:
                    session.execute(update(Message).values(due_at=clock(), attempts=0))
            setattr(postbox, place, "250 OK")
        postbox.verdict = last
        worker.run_once(database, clock.forward(minutes=1), senders=senders)
        found = standing(database, region, account, clock())
        assert (found.failure, found.failed_at) == ("refused", clock())
    assert postbox.mails == []


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_nothing_leaves_in_the_clear_or_to_who_is_not_who_it_says(
    database, region, urls, clock, subscribed, certificate, monkeypatch
):
    postbox, account = Postbox(), subscribed()
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)

    def attempt(port: int, **changes: Any) -> str | None:
        senders = sending.senders(reaching(urls, port, **changes), database, clock)
        worker.run_once(database, clock.forward(minutes=7), senders=senders)
        return standing(database, region, account, clock()).failure

    with server(postbox) as port:
        assert attempt(port, smtp_security="starttls") == "unreachable", "it offers no encryption"
    with server(postbox, tls_context=ours) as port:
        assert attempt(port, smtp_security="starttls") == "unreachable", "nobody vouches for it"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # the machine's own list of whom it trusts
    refuses = {"authenticator": lambda *_: AuthResult(success=False), "auth_required": True, "tls_context": ours}
    with server(postbox, **refuses) as port:
        assert attempt(port, smtp_security="starttls", smtp_user="steun", smtp_password="x") == "unreachable"
    assert postbox.mails == []
    with server(postbox, tls_context=ours, require_starttls=True) as port:
        assert attempt(port, smtp_security="starttls") is None
    assert len(postbox.mails) == 1


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_mail_server_that_says_nothing_keeps_nobody_waiting(database, region, urls, clock, subscribed):
    subscribed(), subscribed()
    with database.writing() as session:
        jobs.enqueue(session, "seal", due_at=clock(), subject_kind="logbook", subject_id="all")
    with silent() as port:
        quick = sending.within(
            notifications.CHANNEL,
            lambda payload, message_id: sending.mail_person(
                reaching(urls, port), database, lambda: clock(), payload, message_id
            ),
            seconds=0.2,
        )
        worker.run_once(database, clock(), senders={notifications.CHANNEL: quick})

    with database.reading() as session:
        kept = sorted((one.attempts, one.status) for one in session.scalars(select(Message)))
    assert kept == [(0, "pending"), (1, "pending")], "the second is not even tried, and both go later"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_demo_keeps_its_mail_in_a_folder_and_says_so_nowhere_else(
    database, region, urls, clock, subscribed, log_in, tmp_path
):
    subscribed()
    installed = settings(urls)
    browser = log_in("midwife")
    assert "Er is nog niets gemaild" in browser.get("/demo/mail").text
    worker.run_once(database, clock(), senders=sending.senders(installed, database, clock))

    [one] = letters.kept(installed.demo_mail)
    assert (one.to, one.subject) == (ADDRESS, "Uw code voor Steun op Maat")
    assert "Uw code is" in browser.get("/demo/mail").text
    assert not settings(urls).with_(mode="production").mails_people
    assert list(sending.senders(installed.with_(mode="production"), database, clock)) == []


def reaching(urls, port: int, **changes: Any):
    where = {"smtp_host": "localhost", "smtp_port": port, "smtp_from": "steun@voorbeeld.example", "public_url": HOME}
    return settings(urls, **{"smtp_security": "none", **where, **changes})


def environment(urls) -> dict[str, str]:
    return {**urls.environment, "STEUN_MODE": "demo", "STEUN_SECRET_KEY": "-" * 40, "STEUN_VAULT_KEY": "-" * 40}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for this machine that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    began = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(began).not_valid_after(began + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
