"""The ends of the logbook leave the house after they were kept, over every channel that is set, and none is forgotten."""

from __future__ import annotations

import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from api import sending
from api.cli import main
from tests.api.conftest import settings
from workflows import logbook, worker
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.logbook.fields import HASHED
from workflows.outbox import Message

SECRET = "geheim-van-meer-dan-tweeëndertig-tekens"


@contextmanager
def listening(server: Any) -> Iterator[int]:
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Receiver(HTTPServer):
    """Takes what is posted, once it has refused the first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.taken: list[tuple[str, bytes]] = []
        self.answers = [500, 302]


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status == 204:
            self.server.taken.append((self.headers["X-Steun-Signature"], body))
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Postbox(socketserver.TCPServer):
    """The least that a mail server says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[str] = []


class _Mail(socketserver.StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().decode().strip().upper():
            if line == "DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.mails.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if line == "QUIT" else b"250 yes\r\n")
            if line == "QUIT":
                return


def test_the_ends_of_the_chains_are_kept_outside_the_database(database, urls, clock, tmp_path):
    receiver, postbox, file = Receiver(), Postbox(), tmp_path / "anchors"
    with listening(receiver) as web, listening(postbox) as mail:
        senders = sending.senders(
            settings(
                urls, anchor_file=str(file), anchor_webhook=f"http://127.0.0.1:{web}/", anchor_webhook_secret=SECRET,
                anchor_mail="logbeheer@voorbeeld.example", smtp_host="127.0.0.1", smtp_port=mail, smtp_security="none",
            )
        )  # fmt: skip
        worker.plan_standing_jobs(database, clock())

        def after(**time: float) -> None:
            with database.writing() as session:
                logbook.write(session, "task.completed", "task", uuid4(), by=OPERATOR, at=clock())
            worker.run_once(database, clock.forward(**time), senders=senders)

        after(seconds=15)
        assert len(logbook.anchors.read(file)["changes"]) == 1
        assert (len(receiver.taken), len(postbox.mails)) == (0, 1), "the address did not take it"
        after(minutes=2)
        after(minutes=5)
        assert len(receiver.taken) == 1, "it was sent elsewhere, or forgotten"
        for _ in range(3):
            after(minutes=5)
        assert len(logbook.anchors.read(file)["changes"]) == 6
        assert (len(receiver.taken), len(postbox.mails)) == (1, 1), "at most once an hour"
        after(hours=1)

    assert (len(receiver.taken), len(postbox.mails)) == (2, 2)
    heads = logbook.anchors.read(file)["changes"]
    signature, body = receiver.taken[-1]
    assert signature == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert json.loads(body)["heads"][0]["hash"] == heads[-1].hash
    assert heads[-1].hash in postbox.mails[-1].replace("=\r\n", "")
    with database.reading() as session:
        assert {(one.channel, one.status) for one in session.scalars(select(Message))} == {
            (channel, "sent") for channel in worker.ANCHORS
        }
        assert logbook.verify(session, anchors=logbook.anchors.read(file)).ok


def test_sealed_lines_go_to_another_system_in_order_and_none_is_forgotten(database, urls, clock):
    receiver = Receiver()
    with listening(receiver) as web:
        senders = sending.senders(settings(urls, log_webhook=f"http://127.0.0.1:{web}/", log_webhook_secret=SECRET))
        with database.writing() as session:
            for number in range(logbook.BATCH + 1):
                logbook.write(
                    session, "task.completed", "task", uuid4(), by=OPERATOR, at=clock(), details={"number": number}
                )  # fmt: skip
            logbook.read(session, "case.viewed", "case", uuid4(), by=OPERATOR, at=clock(), purpose="case", rule="x")
            logbook.seal(session, at=clock(), limit=None)
            logbook.write(session, "task.claimed", "task", uuid4(), by=OPERATOR, at=clock())  # sealed later

        worker.run_once(database, clock(), senders=senders)  # refused, and sent elsewhere
        worker.run_once(database, clock.forward(seconds=30), senders=senders)
        assert receiver.taken == [], "who refuses is left alone for a while"
        for _ in range(4):
            worker.run_once(database, clock.forward(minutes=2), senders=senders)

    bodies = [json.loads(body) for _, body in receiver.taken]
    signature, body = receiver.taken[0]
    assert signature == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert len({body["id"] for body in bodies}) == len(bodies) == 3
    lines = {
        name: [line for body in bodies if body["log"] == name for line in body["lines"]]
        for name in ("changes", "reads")
    }
    with database.reading() as session:
        ends = logbook.heads(session)
        assert list(logbook.forwardable(session, at=clock())) == []
    for name, end in ends.items():
        assert [line["position"] for line in lines[name]] == list(range(1, end.position + 1))
        previous = "0" * 64
        for line in lines[name]:  # as the other system does, without us
            assert line["previous_hash"] == previous
            values = [line["position"], previous, *(line[field] for field in HASHED[line["hash_version"]])]
            values[2 + HASHED[line["hash_version"]].index("details")] = json.loads(line["details"])
            said = json.dumps(values, sort_keys=True, separators=(",", ":"))
            previous = line["hash"]
            assert hashlib.sha256(said.encode()).hexdigest() == previous
        assert previous == end.hash


def test_who_answers_a_sign_at_a_time_does_not_keep_the_worker(database, urls, clock, monkeypatch):
    hush = threading.Event()

    class Dripping(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for _ in range(250):  # each sign well within the patience for one
                if hush.wait(0.02):
                    return
                self.wfile.write(b"H")

    monkeypatch.setattr(sending, "LONGEST", 0.2)
    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping)) as port:
        address = f"http://127.0.0.1:{port}/"
        senders = sending.senders(settings(urls, anchor_webhook=address, anchor_webhook_secret=SECRET))
        worker.plan_standing_jobs(database, clock())
        with database.writing() as session:
            logbook.write(session, "task.completed", "task", uuid4(), by=OPERATOR, at=clock())
        for minutes in (0, 5):  # the second time it is still talking
            worker.run_once(database, clock.forward(minutes=minutes), senders=senders)
            with database.reading() as session:
                message = session.scalars(select(Message)).one()
                assert (message.status, message.last_error) == ("pending", "TimeoutError")
        assert message.attempts == 2
        hush.set()


def test_the_command_compares_with_the_file_and_removes_nothing_by_itself(database, urls, clock, tmp_path, monkeypatch):
    file = tmp_path / "anchors"
    senders = sending.senders(settings(urls, anchor_file=str(file)))
    worker.plan_standing_jobs(database, clock())
    with database.writing() as session:
        for _ in range(3):
            logbook.write(session, "task.completed", "task", uuid4(), by=OPERATOR, at=clock())
    worker.run_once(database, clock(), senders=senders)
    for name, value in urls.environment.items():
        monkeypatch.setenv(name, value)

    def steun(*arguments: str) -> tuple[int, Any]:
        done = CliRunner().invoke(main, [*arguments, "--json"])
        return done.exit_code, json.loads(done.stdout) if done.stdout else None

    code, told = steun("verify")
    assert (code, told["ok"], told["anchors"]) == (0, True, 0)
    code, told = steun("verify", "--anchor", str(file))
    assert (code, told["anchors"], told["problems"]) == (0, 1, [])
    assert steun("verify", "--anchor", str(tmp_path / "nothing"))[0] == 2
    code, told = steun("log", "cut")
    assert (code, told["lines"]) == (0, {})

    owner = Database(urls.owner, house=True)
    with owner.engine.begin() as connection:
        last = connection.execute(text("SELECT max(position) FROM log_changes")).scalar_one()
        connection.execute(text("DELETE FROM log_changes WHERE position = :last"), {"last": last})
        connection.execute(
            text("UPDATE log_heads SET position = :last, hash = (SELECT hash FROM log_changes WHERE position = :last)"),
            {"last": last - 1},
        )
    owner.dispose()
    assert steun("verify")[0] == 0
    monkeypatch.setenv("STEUN_ANCHOR_FILE", str(file))
    code, told = steun("verify")
    assert code == 1
    assert "korter dan het bewaarde anker" in told["problems"][0]
    Path(file).write_text(file.read_text().replace('"position": ', '"position": 1'))
    code, told = steun("verify")
    assert (code, "ankerbestand is veranderd" in told["problems"][0]) == (1, True)


@pytest.mark.parametrize(
    ("variables", "wrong"),
    [
        ({"ANCHOR_WEBHOOK": "http://elders.example"}, {"STEUN_ANCHOR_WEBHOOK"}),
        ({"ANCHOR_WEBHOOK": "https://elders.example"}, {"STEUN_ANCHOR_WEBHOOK_SECRET"}),
        ({"ANCHOR_MAIL": "a@voorbeeld.example"}, {"STEUN_SMTP_HOST"}),
    ],
)
def test_half_a_channel_is_refused(monkeypatch, variables, wrong):
    from api import config

    for name, value in variables.items():
        monkeypatch.setenv(f"STEUN_{name}", value)
    with pytest.raises(config.SettingsRefused) as refused:
        config.read()
    assert refused.value.problems.keys() == wrong
