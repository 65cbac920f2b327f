"""A new password by mail, against a real mail server; and many addresses that try passwords together."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml.html import document_fromstring
from sqlalchemy import select

from api import create_app, sending
from tests.api.conftest import CHEAP, PASSWORD
from tests.api.test_mail import ADDRESS, HOME, Postbox, reaching, server
from workflows import accounts, method, notifications, outbox, worker
from workflows import settings as regional
from workflows.accounts.model import LoginThrottle, PasswordReset
from workflows.actor import OPERATOR
from workflows.logbook.model import LoggedChange
from workflows.outbox import Message

LOGIN, NEW = "jet.verkenner", "paarse-fiets-vliegt-achterwaarts"
LINK = re.compile(re.escape(HOME) + r"/wachtwoord-vergeten/(\S+)")


@pytest.fixture
def account(database, region, clock) -> accounts.Account:
    """The nurse gave an address and proved that it is hers."""
    with database.writing() as session:
        made = accounts.create_account(
            session,
            person_id=region.nurse.person_id,
            login=LOGIN,
            password=PASSWORD,
            by=OPERATOR,
            at=clock(),
            cost=CHEAP,
        )
        notifications.set_address(session, made.id, ADDRESS, by=region.nurse, at=clock())
        kept = session.get_one(notifications.MailAddress, made.id)
        code = notifications.letter_code(session, kept, at=clock())
        assert code
        assert notifications.confirm_address(session, made.id, code, by=region.nurse, at=clock())
    return made


class Door:
    """A browser at the pages of who forgot."""

    def __init__(self, app, address: str = "127.0.0.1") -> None:
        self.client = app.test_client()
        self.address = {"REMOTE_ADDR": address}

    def send(self, path: str, **typed: str):
        page = document_fromstring(self.client.get("/wachtwoord-vergeten", environ_base=self.address).text)
        typed["csrf_token"] = str(page.xpath("//input[@name='csrf_token']/@value")[0])
        return self.client.post(path, data=typed, environ_base=self.address)

    def log_in(self, password: str) -> int:
        return self.send("/inloggen", login=LOGIN, password=password).status_code


@pytest.mark.parametrize("urls", ["sqlite", "postgresql"], indirect=True)
def test_who_forgot_chooses_another_by_a_link_that_works_once(urls, database, region, clock, account):
    with database.writing() as session:
        running = accounts.sign_in(session, account, assignment_id=region.nurse.assignment_id, at=clock())
    postbox = Postbox()
    with server(postbox) as port:
        made = reaching(urls, port)
        app = create_app(made, clock=clock)
        door, senders = Door(app), sending.senders(made, database, clock)
        said = [door.send("/wachtwoord-vergeten", login=login) for login in (LOGIN, "niemand", "")]
        worker.run_once(database, clock(), senders=senders)
        [first] = LINK.findall(
            "".join(mail.get_content() for mail in postbox.mails if "nieuw wachtwoord" in mail["Subject"])
        )
        door.send("/wachtwoord-vergeten", login=LOGIN)
        worker.run_once(database, clock.forward(minutes=1), senders=senders)
        assert len(postbox.mails) == 1, "who asks again at once fills no mailbox"
        door.send("/wachtwoord-vergeten", login=LOGIN)
        worker.run_once(database, clock.forward(minutes=6), senders=senders)
        second = LINK.findall(postbox.mails[1].get_content())[0]

        assert {answer.status_code for answer in said} == {200}
        assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in said}) == 1, "nobody learns who there is"
        page = app.test_client().get(f"/wachtwoord-vergeten/{second}")
        assert "script-src" not in page.headers["Content-Security-Policy"]
        assert door.send(f"/wachtwoord-vergeten/{first}", password=NEW).status_code == 401, "a newer one replaced it"
        weak = door.send(f"/wachtwoord-vergeten/{second}", password="wachtwoord12345")
        assert (weak.status_code, "makkelijk te raden" in weak.text) == (400, True)
        assert door.send(f"/wachtwoord-vergeten/{second}", password=NEW).status_code == 303
        assert door.send(f"/wachtwoord-vergeten/{second}", password=NEW).status_code == 401
        worker.run_once(database, clock(), senders=senders)
        app.extensions["steun.database"].dispose()

    assert "is veranderd" in postbox.mails[-1]["Subject"]
    told = postbox.mails[-1].get_content()
    assert "toegangstoken" in told, "a program of whoever had the password works on"
    assert f"{HOME}/account" in told.split()
    assert [door.log_in(PASSWORD), door.log_in(NEW)] == [401, 303]
    with database.reading() as session:
        assert accounts.actor_of_sign_in(session, running, at=clock()) is None, "every session ended"
        told = {one.event for one in session.scalars(select(LoggedChange))}
        assert {"password_reset.asked", "password_reset.sent", "password_reset.used", "password_reset.refused"} <= told
        assert all(
            NEW not in str(one.payload) and second not in str(one.payload) for one in session.scalars(select(Message))
        )


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_mail_server_that_is_away_gets_a_link_that_is_fresh_when_it_is_back(urls, database, region, clock, account):
    app = create_app(reaching(urls, 1), clock=clock)
    assert Door(app).send("/wachtwoord-vergeten", login=LOGIN).status_code == 200
    worker.run_once(database, clock(), senders=sending.senders(reaching(urls, 1), database, clock))
    postbox = Postbox()
    with server(postbox) as port:
        clock.forward(minutes=90)
        worker.run_once(database, clock(), senders=sending.senders(reaching(urls, port), database, clock))
    [link] = LINK.findall(postbox.mails[0].get_content())
    clock.forward(minutes=59)
    assert Door(app).send(f"/wachtwoord-vergeten/{link}", password=NEW).status_code == 303

    with server(postbox) as port:
        senders = sending.senders(reaching(urls, port), database, clock)
        Door(app).send("/wachtwoord-vergeten", login=LOGIN)
        clock.forward(minutes=10)
        worker.run_once(database, clock(), senders=senders)
        _, link = [one for mail in postbox.mails for one in LINK.findall(mail.get_content())]  # beside other news
        clock.forward(minutes=60)
    assert Door(app).send(f"/wachtwoord-vergeten/{link}", password=NEW + "!").status_code == 401, "too old"
    app.extensions["steun.database"].dispose()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize("why", ["must have a second factor", "left", "closed", "another address"])
def test_a_mailbox_alone_opens_nothing(urls, database, region, clock, account, why):
    ask = {"letter": "reset", "account": account.id.hex, "ask": account.id.hex, "asked_at": clock().isoformat()}
    with database.writing() as session:
        outbox.put(session, notifications.CHANNEL, {**ask, "everybody": why == "must have a second factor"}, at=clock())
        if why == "left":
            method.deactivate_person(session, region.nurse.person_id, by=OPERATOR, at=clock())
        if why == "closed":
            accounts.deactivate_account(session, account.id, by=OPERATOR, at=clock())
        if why == "another address":
            clock.forward(minutes=2)
            notifications.set_address(session, account.id, "ander@praktijk.example", by=region.nurse, at=clock())
    postbox = Postbox()
    with server(postbox) as port:
        worker.run_once(database, clock(), senders=sending.senders(reaching(urls, port), database, clock))

    assert not any(LINK.search(mail.get_content()) for mail in postbox.mails)
    with database.reading() as session:
        assert session.get(PasswordReset, account.id) is None


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_many_addresses_that_try_together_are_noticed_and_get_few_attempts_each(urls, app, database, clock, account):
    with database.writing() as session:
        for name, value in (("login.region_attempts", 50), ("login.siege_attempts", 3)):
            regional.put(session, name, value, valid_from=clock().date(), source="test", by=OPERATOR, at=clock())
    calm = [Door(app, "192.0.2.9").log_in("x") for _ in range(4)]
    with database.writing() as session:
        for number in range(60):
            accounts.note_failure(session, number.to_bytes(32, "big"), at=clock())
    besieged = [Door(app, "198.51.100.7").log_in("x") for _ in range(4)]

    assert calm == [401] * 4
    assert besieged == [401] * 3 + [429]
    with database.reading() as session:
        assert [one.event for one in session.scalars(select(LoggedChange))].count("login.sprayed") == 1
        everywhere = session.scalars(select(LoginThrottle).order_by(LoginThrottle.empties_at.desc())).first()
        assert everywhere is not None
        assert everywhere.empties_at <= clock() + timedelta(seconds=2 * 50 * 3), "it is over soon after it stopped"
    clock.forward(minutes=6)
    assert Door(app, "198.51.100.7").log_in(PASSWORD) == 303
