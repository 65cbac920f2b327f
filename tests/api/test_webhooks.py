"""The doors and pages of programs that listen, and what really goes over the line to one: over TLS, to a receiver of ours."""

from __future__ import annotations

import base64
import hmac
import json
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api import posting
from api.config import Settings, SettingsRefused, read
from tests.api.conftest import Caller, etag, settings
from tests.builders import actor
from workflows import accounts, logbook
from workflows.actor import OPERATOR
from workflows.delivering import OF_ONE, Deliveries
from workflows.method.spreading import spread_events
from workflows.organisations import Role
from workflows.webhooks import MOST, Call, EventType, NotTaken

LOCAL = ("127.0.0.0/8",)
LISTENS = {"label": "Dossier", "url": "https://127.0.0.1:9443/steun?a=b", "events": ["task.opened", "case.closed"]}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@dataclass
class Receiver:
    """A program that listens, and answers as it is told; with *drips* it says one sign at a time and never ends."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    drips: bool = False
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/steun?a=b"

    def serve(self, listening: socket.socket, context: ssl.SSLContext) -> None:
        while not self.stop.is_set():
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as talk:
                    self.requests.append(_whole(talk))
                    if self.drips:
                        while not self.stop.wait(0.05):
                            talk.sendall(b"H")
                    else:
                        talk.sendall(self.answer)
            except OSError:
                continue


def _whole(talk: ssl.SSLSocket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += talk.recv(65536)
    length = int(re.search(rb"content-length: (\d+)", got, re.I)[1])  # type: ignore[index]
    while len(got.partition(b"\r\n\r\n")[2]) < length:
        got += talk.recv(65536)
    return got


@contextmanager
def receiving(certificate: tuple[Path, Path], **how: Any) -> Iterator[Receiver]:
    receiver = Receiver(**how)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver.port = listening.getsockname()[1]
        threading.Thread(target=receiver.serve, args=(listening, context), daemon=True).start()
        yield receiver
        receiver.stop.set()
        listening.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def installed(certificate) -> Settings:
    return Settings(
        webhook_networks=LOCAL, webhook_ca=str(certificate[0]), public_url="https://steun.example", secret_key="x" * 40
    )


def call(url: str, secrets: tuple[str, ...] = ("whsec_" + base64.b64encode(b"k" * 32).decode(),)) -> Call:
    return Call(
        id=uuid4(), url=url, secrets=secrets, type=str(EventType.TASK_OPENED), subject_kind="task", subject_id=uuid4(),
        organisation_id=uuid4(), at=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
    )  # fmt: skip


def test_an_event_goes_out_as_a_signed_cloud_event_that_names_nobody(installed, certificate):
    with receiving(certificate) as receiver:
        sent = call(receiver.url)
        posting.post(installed, sent, clock=lambda: 1_700_000_000.9)
        [got] = receiver.requests
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}

    assert lines[0] == "POST /steun?a=b HTTP/1.1"
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (str(sent.id), "1700000000")
    expected = hmac.digest(b"k" * 32, f"{sent.id}.1700000000.".encode() + body, "sha256")
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": str(sent.id),
        "source": "https://steun.example/api/v1",
        "type": "nl.steunopmaat.task.opened",
        "subject": f"tasks/{sent.subject_id}",
        "time": "2026-11-03T08:30:00.000Z",
        "datacontenttype": "application/json",
        "data": {"organisation_id": str(sent.organisation_id), "task_id": str(sent.subject_id)},
    }


@pytest.mark.parametrize(
    ("answer", "code", "wait"),
    [
        (b"HTTP/1.1 500 Oh\r\n\r\n", "http_500", None),
        (b"HTTP/1.1 410 Gone\r\n\r\n", "gone", None),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\n\r\n", "http_429", 120),
        (b"HTTP/1.1 503 No\r\nRetry-After: 999999\r\n\r\n", "http_503", 3600),
        (b"HTTP/1.1 302 There\r\nLocation: https://127.0.0.1:1/\r\n\r\n", "redirected", None),
        (b"SSH-2.0 what\r\n\r\n", "no_http", None),
    ],
)
def test_what_is_not_taken_says_why_and_nothing_of_what_was_answered(installed, certificate, answer, code, wait):
    with receiving(certificate, answer=answer) as receiver, pytest.raises(NotTaken) as missed:
        posting.post(installed, call(receiver.url))

    assert (missed.value.code, missed.value.wait_seconds) == (code, wait)


def test_nothing_goes_where_it_may_not_whatever_the_name_leads_to(installed, certificate):
    def code(url: str, **changes: Any) -> str:
        with pytest.raises(NotTaken) as missed:
            posting.post(installed.with_(**changes), call(url), longest=2)
        return missed.value.code

    with receiving(certificate) as receiver:
        assert code(receiver.url, webhook_networks=()) == "address_refused"
        assert code(f"https://localhost.localdomain:{receiver.port}/", webhook_networks=()) in (
            "address_refused",
            "unknown_host",
        )
        assert code(receiver.url, webhook_ca="") == "tls", "nobody vouches for it"
        assert code(f"https://127.0.0.2:{receiver.port}/") in ("tls", "unreachable"), "the certificate is another's"
        assert receiver.requests == []
    assert code(receiver.url) == "unreachable"


def test_who_answers_a_sign_at_a_time_is_cut_off(installed, certificate):
    with receiving(certificate, drips=True) as receiver:
        before = threading.active_count()
        with pytest.raises(NotTaken) as missed:
            posting.post(installed, call(receiver.url), longest=0.5)
        assert missed.value.code == "timed_out"
        assert threading.active_count() <= before
    silent = socket.create_server(("127.0.0.1", 0))  # takes the connection and says nothing
    with silent, pytest.raises(NotTaken) as missed:
        posting.post(installed, call(f"https://127.0.0.1:{silent.getsockname()[1]}/"), longest=0.3)
    assert missed.value.code == "timed_out"


def test_the_settings_say_what_is_wrong_with_a_network_or_a_certificate(monkeypatch, tmp_path, certificate):
    monkeypatch.setenv("STEUN_WEBHOOK_NETWORKS", "10.20.0.0/16, fd00::/8")
    monkeypatch.setenv("STEUN_WEBHOOK_CA", str(certificate[0]))
    assert [str(one) for one in read().webhook_allowed] == ["10.20.0.0/16", "fd00::/8"]

    (tmp_path / "leeg.pem").write_text("niets")
    monkeypatch.setenv("STEUN_WEBHOOK_NETWORKS", "10.20.0.0/99")
    monkeypatch.setenv("STEUN_WEBHOOK_CA", str(tmp_path / "leeg.pem"))
    with pytest.raises(SettingsRefused) as refused:
        read()
    assert refused.value.problems.keys() == {"STEUN_WEBHOOK_NETWORKS", "STEUN_WEBHOOK_CA"}


@pytest.fixture
def app(urls, region, clock, certificate):
    from api import create_app

    made = create_app(settings(urls, webhook_networks=LOCAL, webhook_ca=str(certificate[0])), clock=clock)
    yield made
    made.extensions["steun.database"].dispose()


def test_an_administrator_lets_a_program_listen_and_follows_what_arrives(
    app, sign_in, database, clock, certificate, begin
):
    boss = sign_in("administrator")
    kinds = boss.get("/webhook-events").json["items"]
    assert {one["type"] for one in kinds} == set(EventType)
    assert sign_in("midwife").get("/webhooks").status_code == 403
    wrong = boss.post("/webhooks", LISTENS | {"url": "https://10.0.0.1/", "events": []})
    assert (wrong.status_code, set(wrong.json["errors"])) == (400, {"url", "events"})

    with receiving(certificate) as receiver:
        once = {"headers": {"Idempotency-Key": "een-keer"}}
        made = boss.post("/webhooks", LISTENS | {"url": receiver.url}, **once)
        again = boss.post("/webhooks", LISTENS | {"url": receiver.url}, **once)
        path = f"/webhooks/{made.json['id']}"
        assert made.status_code == again.status_code == 201
        assert (again.json["id"], again.json["secret"]) == (made.json["id"], None)
        assert made.json["secret"].startswith("whsec_")
        assert "secret" not in boss.get(path).json
        assert made.headers["Location"].endswith(path)

        tried = boss.post(f"{path}/tests")
        assert tried.status_code == 201
        deliveries = Deliveries(database, posting.deliver(app.extensions["steun.settings"]))
        for thread in deliveries.begin(clock.forward(seconds=1)):
            thread.join()
        [sent] = boss.get(f"{path}/deliveries").json["items"]
        assert (sent["id"], sent["type"], sent["status"]) == (tried.json["id"], "webhook.test", "sent")
        assert b"webhook.test" in receiver.requests[0]

        assert boss.post(f"{path}/deliveries/{sent['id']}/retries").status_code == 201
        assert boss.post(f"{path}/deliveries/{uuid4()}/retries").status_code == 404
        for thread in deliveries.begin(clock.forward(seconds=1)):
            thread.join()
        assert len(receiver.requests) == 2

    stale = {"headers": {"If-Match": '"99"'}}
    shown = boss.get(path)
    assert boss.put(path, LISTENS, **stale).status_code == 412
    assert boss.put(path, LISTENS).status_code == 428
    changed = boss.put(path, LISTENS | {"label": "Rooster"}, headers=etag(shown))
    assert (changed.status_code, changed.json["label"]) == (200, "Rooster")
    assert boss.post(f"{path}/pauses").json["pause_reason"] == "by_hand"
    assert boss.post(f"{path}/pauses").status_code == 409
    assert boss.post(f"{path}/tests").status_code == 409
    assert boss.post(f"{path}/resumptions").json["status"] == "active"
    renewed = boss.post(f"{path}/secrets")
    assert renewed.json["secret"] not in (None, made.json["secret"])
    ended = boss.delete(path, headers=etag(boss.get(path)))
    assert ended.status_code == 200
    assert boss.get(path).status_code == 404

    begin()
    with database.writing() as session:
        logbook.seal(session, at=clock())
        assert spread_events(session, at=clock()) == 0


def test_another_organisations_message_arrives_while_the_receivers_of_one_hang(
    app, sign_in, region, database, clock, certificate
):
    """Really over the line: more receivers that take a connection and say nothing than there are threads."""
    boss, at = sign_in("administrator"), clock()
    with database.writing() as session:
        there = actor(session, "Bo Beheer", region.youth_health, Role.LOCAL_ADMINISTRATOR, at=at)
        token = accounts.make_token(
            session, assignment_id=there.assignment_id, label="test", expires_at=at + timedelta(days=1),
            second_factor=True, by=OPERATOR, at=at,
        ).secret  # fmt: skip
    neighbour = Caller(app.test_client(), there, token)
    deliveries = Deliveries(database, posting.deliver(app.extensions["steun.settings"]))
    with socket.create_server(("127.0.0.1", 0)) as silent, receiving(certificate) as quick:
        for number in range(MOST):
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/{number}"
            made = boss.post("/webhooks", LISTENS | {"url": url}).json
            assert boss.post(f"/webhooks/{made['id']}/tests").status_code == 201
        hanging = deliveries.begin(clock.forward(seconds=1))
        assert len(hanging) == OF_ONE
        talks = [silent.accept()[0] for _ in hanging]  # they are on the line now

        made = neighbour.post("/webhooks", LISTENS | {"url": quick.url}).json
        assert neighbour.post(f"/webhooks/{made['id']}/tests").status_code == 201
        [sending] = deliveries.begin(clock.forward(seconds=1))
        sending.join()
        assert len(quick.requests) == 1
        assert all(thread.is_alive() for thread in hanging)

        for talk in talks:
            talk.close()  # broken off: it need not take fifteen seconds
        for thread in hanging:
            thread.join()
    standing = Counter(one["breaker"] for one in boss.get("/webhooks").json["items"])
    assert standing == {"open": OF_ONE, "closed": MOST - OF_ONE}
    assert neighbour.get(f"/webhooks/{made['id']}").json["breaker"] == "closed"


def test_an_administrator_does_the_same_on_pages(log_in, database, clock):
    boss = log_in("administrator")

    def press(path: str, **data: Any) -> Any:
        found = re.search(r'name="csrf_token" value="([^"]+)"', boss.get("/koppelingen").text)
        assert found is not None
        return boss.post(path, data={"csrf_token": found[1], **data})

    assert "Er is nog geen koppeling" in boss.get("/koppelingen").text
    refused = press("/koppelingen", label="", url="http://x", events=[])
    assert refused.status_code == 400
    assert "Begin met https://" in refused.text
    made = press("/koppelingen", **LISTENS)
    assert made.status_code == 200
    secret = re.search(r"whsec_[\w+/=]+", made.text)
    assert secret is not None
    page = re.search(r"/koppelingen/[\w-]{36}", made.text)
    assert page is not None
    path = page[0]
    assert secret[0] not in boss.get(path).text
    assert "Dossier" in boss.get("/koppelingen").text

    assert press(f"{path}/proberen").status_code == 303
    app_settings = Settings(secret_key="x" * 40)
    for thread in Deliveries(database, posting.deliver(app_settings)).begin(clock.forward(seconds=1)):
        thread.join()
    shown = boss.get(path).text
    assert "Berichten komen nu niet aan" in shown
    assert "netwerk waar we niet heen mogen" in shown
    for act, said in (
        ("stilzetten", "Deze koppeling staat stil"), ("stilzetten", "staat al stil"), ("proberen", "weer aan"),
        ("aanzetten", "staat weer aan"), ("geheim", "Nieuw geheim"),
    ):  # fmt: skip
        answer = press(f"{path}/{act}")
        assert said in (answer.text if answer.status_code == 200 else boss.get(path).text), act
    message = re.search(rf"{path}/berichten/[\w-]{{36}}", boss.get(path).text)
    assert message is not None
    assert press(message[0]).status_code == 303
    version = re.search(r'name="_version" value="(\d+)"', boss.get(path).text)
    assert version is not None
    assert press(path, **LISTENS, _version="0").status_code == 412
    assert press(path, **(LISTENS | {"label": "Rooster"}), _version=version[1]).status_code == 303
    assert "Rooster" in boss.get(path).text
    assert press(f"{path}/verwijderen").status_code == 303
    assert boss.get(path).status_code == 404
