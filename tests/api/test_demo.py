"""The demo region: what is in it, that it is made once, and that what the page with hats says is true."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from lxml.html import document_fromstring
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from api import create_app, demo, letters
from api.cli import main
from api.config import Settings
from api.demo.families import FAMILIES
from api.demo.filling import KnownPasswords, NotADemo
from tests import builders
from tests.api.conftest import START, settings, shipped
from tests.api.test_cli import steun
from tests.browser.reader import Reader
from tests.conftest import VAULT, Clock, Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import accounts, diagrams, directory, logbook, method, notifications, organisations, outbox, schema
from workflows.actor import OPERATOR, Actor
from workflows.cases import CaseStatus
from workflows.db import Database

#: Statuses that no diagram of today brings a case in.
ABSENT = {CaseStatus.SIGNAL_RECEIVED, CaseStatus.PAUSED}


@dataclass
class Filled:
    """A database with the demo region in it; tests only look, or say what they added."""

    database: Database
    settings: Settings

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.execute(text(query), values))

    def number(self, query: str, **values: Any) -> Any:
        return self.rows(query, **values)[0][0]


def _filled(url: URL) -> Filled:
    installed = settings(Urls(url, url))
    database = Database(url, vault=VAULT, files=installed.files, house=True)
    with database.writing() as session:
        organisations.load_municipalities(session)
        directory.load_interventions(session)
        diagrams.publish(session, shipped(), by=OPERATOR, at=START)
    made = Filled(database, installed)
    assert demo.fill(database, made.settings, at=START)
    return made


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """On SQLite, filled once; do not work in it."""
    path = tmp_path_factory.mktemp("demo") / "steun.db"
    schema.upgrade(make_url(f"sqlite:///{path}"), application=None)
    made = _filled(make_url(f"sqlite:///{path}"))
    yield made
    made.database.dispose()
    shutil.rmtree(made.settings.files)


@contextmanager
def _copy(region: Filled, folder: Path) -> Iterator[Filled]:
    region.database.dispose()
    for file in Path(str(region.database.url.database)).parent.glob("steun.db*"):
        shutil.copy(file, folder / file.name)
    url = make_url(f"sqlite:///{folder / 'steun.db'}")
    copied = Filled(Database(url, vault=VAULT, house=True), settings(Urls(url, url)))
    yield copied
    copied.database.dispose()


def check_there(region: Filled) -> None:
    """What is in the region on any day."""
    assert region.number("SELECT count(*) FROM cases") == len(FAMILIES) == 60
    assert region.number("SELECT count(DISTINCT municipality_code) FROM cases") == 14
    assert region.number("SELECT count(*) FROM organisations") >= 25
    assert region.number("SELECT count(DISTINCT domain) FROM organisations") == 5
    assert region.number("SELECT count(*) FROM persons") >= 40
    assert region.number("SELECT count(*) FROM safety_files") == 2
    assert region.number("SELECT count(*) FROM bsns") == 2
    assert region.number("SELECT count(*) FROM outbox") == 0


def check_region(region: Filled) -> None:
    """What everybody who tries the demo counts on."""
    check_there(region)
    assert {row.status for row in region.rows("SELECT DISTINCT status FROM cases")} == set(CaseStatus) - ABSENT
    results = {row.result for row in region.rows("SELECT DISTINCT result FROM cases WHERE result IS NOT NULL")}
    assert len(results) >= 5
    live = "status IN ('open', 'claimed')"
    late = f"SELECT count(*) FROM tasks WHERE {live} AND due_at < :at"
    assert 5 <= region.number(late, at=_stored(region, START)) <= 25
    waiting = f"SELECT count(*) FROM tasks WHERE {live} AND form_key = 'handover_answer'"
    assert region.number(waiting) == 1
    soon = (
        "SELECT max(n) FROM (SELECT count(*) AS n FROM hub_meetings m JOIN agenda_items i ON i.meeting_id = m.id"
        " WHERE m.status = 'planned' AND m.starts_at BETWEEN :now AND :then GROUP BY m.id) AS agendas"
    )
    then = START + timedelta(days=14)
    assert region.number(soon, now=_stored(region, START), then=_stored(region, then)) >= 3
    actions = {row.status for row in region.rows("SELECT DISTINCT status FROM support_actions")}
    assert {"proposed", "accepted", "refused"} <= actions
    assert region.number("SELECT count(*) FROM consents WHERE withdrawn_at IS NOT NULL") >= 1
    waiting = {row.form_key for row in region.rows(f"SELECT DISTINCT form_key FROM tasks WHERE {live}")}
    assert {"access_request", "correction_notice", "emergency_notice", "emergency_review"} <= waiting
    assert region.number("SELECT count(*) FROM entries WHERE supersedes_id IS NOT NULL") >= 1
    assert region.number("SELECT count(*) FROM legal_holds WHERE ended_at IS NULL") == 1
    assert region.number("SELECT count(*) FROM destruction_decisions") == 1
    assert region.number("SELECT count(*) FROM jobs WHERE kind = 'destroy_confirmed'") == 0, "one more has to agree"


def _stored(region: Filled, at: Any) -> Any:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if region.database.is_sqlite else at


def check_once(region: Filled, clock: Clock) -> None:
    """Filling again changes nothing, also when somebody worked in it."""
    by = _signaller(region, clock.now)
    with region.database.writing() as session:
        method.start_signal(session, by=by, at=clock.now + timedelta(hours=1))
    before = region.number("SELECT count(*) FROM log_changes")

    assert not demo.fill(region.database, region.settings, at=clock.now + timedelta(days=3))

    assert region.number("SELECT count(*) FROM cases") == len(FAMILIES) + 1
    assert region.number("SELECT count(*) FROM log_changes") == before


def _signaller(region: Filled, at: datetime = START) -> Actor:
    with region.database.reading() as session:
        where = organisations.organisations_for(session, role="signaller", municipality="GM0983", on=at.date())[0]
        team = organisations.people_with_role(
            session, organisation_id=where.id, role="signaller", municipality="GM0983", on=at.date()
        )
        person, assignment = team[0]
        return Actor(person.id, assignment.id, where.id, "signaller")


def test_there_is_something_of_everything_in_the_region(region):
    check_region(region)


def test_it_is_filled_once_also_when_people_worked_in_it(region, tmp_path, clock):
    with _copy(region, tmp_path) as copied:
        check_once(copied, clock)


def test_postgresql_has_the_same_region_once_who_practised_there_puts_it_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    running = server()
    name = running.create()
    url, owner = running.url(name, APPLICATION), running.url(name, OWNER)
    schema.upgrade(owner, application=APPLICATION)
    environment = {
        "STEUN_DATABASE_URL": url.render_as_string(hide_password=False),
        "STEUN_OWNER_DATABASE_URL": owner.render_as_string(hide_password=False),
    }
    installed = settings(Urls(url, url)).with_(mode="practice", database_url=environment["STEUN_DATABASE_URL"])
    practised = Filled(Database(url, vault=VAULT, house=True), installed)
    with practised.database.writing() as session:
        logbook.write(session, "practice.filled", "region", "demo", by=OPERATOR, at=START)
        organisations.load_municipalities(session)
        builders.organisation(session, "Wat er werd geoefend", "youth_health", "public", at=START)
        outbox.put(session, notifications.CHANNEL, {"letter": "news", "account": UUID(int=1).hex}, at=START)
    mail = EmailMessage()
    mail["Subject"] = "Van voor het terugzetten"
    letters.keep(installed.demo_mail, mail)
    practised.database.dispose()

    done = CliRunner().invoke(main, ["practice", "reset"], env=environment)

    assert (done.exit_code, "zoals ze begon" in done.output) == (0, True), done.output
    assert letters.kept(installed.demo_mail) == []
    assert practised.number("SELECT count(*) FROM organisations WHERE name = 'Wat er werd geoefend'") == 0
    check_there(practised)
    check_once(practised, Clock(datetime.now(UTC)))
    practised.database.dispose()
    running.drop(name)


def test_the_logbook_of_the_region_checks_out_and_is_in_order(region):
    with region.database.writing() as session:
        logbook.seal(session, at=START)
    with region.database.reading() as session:
        assert logbook.verify(session).ok
    moments = [row.at for row in region.rows("SELECT at FROM log_changes WHERE case_id IS NOT NULL ORDER BY id")]
    assert max(moments) <= _stored(region, START)


def test_no_family_has_its_name_in_a_logbook_a_process_or_a_task(region):
    secrets = [family.name(place) for place, family in enumerate(FAMILIES)] + [family.words for family in FAMILIES]
    assert len(set(secrets)) == 120
    tables = [row.name for row in region.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = set()
    for table in tables:
        content = "\n".join(str(tuple(row)) for row in region.rows(f'SELECT * FROM "{table}"'))
        if any(secret in content for secret in secrets):
            found.add(table)
    assert found
    assert not {table for table in found if table.startswith(("log_", "runs", "tasks", "steps", "jobs"))}


def test_every_hat_finds_on_the_first_page_what_to_click_first(region, clock):
    app = create_app(region.settings, clock=clock)
    for hat in (hat for group in demo.HATS for hat in group.hats):
        browser = Reader(app.test_client()).open("/inloggen")
        [form] = [form for form in browser.tree.forms if dict(form.fields).get("login") == hat.login]
        answer = browser.client.post(form.get("action"), data=dict(form.fields), follow_redirects=True)
        if answer.request.path == "/bevestigen":  # the demo fills the code in: one click more
            [form] = [form for form in document_fromstring(answer.text).forms if form.get("action") == "/bevestigen"]
            answer = browser.client.post(form.get("action"), data=dict(form.fields), follow_redirects=True)
        assert answer.status_code == 200, hat.login
        assert answer.request.full_path.rstrip("?") == (hat.start or "/werk"), hat.login
        page = document_fromstring(answer.get_data(as_text=True))
        assert hat.name in page.text_content(), hat.login
        assert hat.click in page.xpath("//main")[0].text_content(), hat.login
        for link in page.xpath("//main//a[starts-with(@href, '/')]"):
            if hat.click in link.text_content():
                assert browser.client.get(link.get("href"), follow_redirects=True).status_code == 200, hat.login
    app.extensions["steun.database"].dispose()


def test_everybody_can_log_in(region):
    with region.database.reading() as session:
        for person in demo.PEOPLE:
            stored = accounts.stored_hash(session, person.login)
            assert accounts.try_password(stored, demo.PASSWORD, cost=demo.COST).right, person.login
        for parent in demo.PARENTS:
            assert accounts.stored_hash(session, parent.login) is None, "at the door of who works here"


def test_both_parents_of_a_family_log_in_with_a_code_that_is_filled_in(region, clock):
    app = create_app(region.settings, clock=clock)
    for parent in demo.PARENTS:
        browser = Reader(app.test_client()).open("/mijn/inloggen")
        [form] = [form for form in browser.tree.forms if dict(form.fields).get("login") == parent.login]
        answer = browser.client.post(form.get("action"), data=dict(form.fields), follow_redirects=True)
        [form] = [form for form in document_fromstring(answer.text).forms if form.get("action") == "/mijn/bevestigen"]
        answer = browser.client.post(form.get("action"), data=dict(form.fields), follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, "/mijn"), parent.login


def test_a_demo_is_never_put_in_a_database_of_others(database, urls, clock):
    with database.reading() as session:
        before = [one.name for one in organisations.organisations(session)]

    with pytest.raises(NotADemo):
        demo.fill(database, settings(urls), at=clock())

    with database.reading() as session:
        assert [one.name for one in organisations.organisations(session)] == before
        assert not demo.is_demo(session)


def test_the_command_says_so_before_anything_is_changed(tmp_path):
    environment = {"STEUN_DATABASE_URL": f"sqlite:///{tmp_path / 'theirs.db'}"}
    kind = ("--type", "midwifery_practice", "--domain", "medical", "--area", "GM0983")
    assert steun("migrate", environment=environment).returncode == 0
    assert steun("organisation", "add", "Praktijk De Proef", *kind, environment=environment).returncode == 0

    refused = steun("demo", environment=environment, cwd=tmp_path)

    assert refused.returncode == 5
    assert "geen lege database" in refused.stderr
    assert "STEUN_DATABASE_URL" in refused.stderr


def test_a_database_of_the_demo_is_not_served_in_production(region):
    with pytest.raises(KnownPasswords):
        demo.refuse_demo(region.database)


def test_the_demo_never_goes_into_production(database, urls, clock):
    with pytest.raises(RuntimeError):
        demo.fill(database, settings(urls).with_(mode="production"), at=clock())


def test_who_practises_has_a_database_of_ones_own(region, tmp_path, clock):
    """Neither on a demo nor on a real region; and who really works does not begin where people practise."""
    practice = region.settings.with_(mode="practice")
    with pytest.raises(NotADemo):
        demo.require_demo(region.database, practice)
    with _copy(region, tmp_path) as copied:
        with copied.database.engine.begin() as connection:
            connection.execute(text("UPDATE log_changes SET event = 'practice.filled' WHERE event = 'demo.filled'"))
        demo.require_demo(copied.database, practice)
        with pytest.raises(NotADemo):
            demo.require_demo(copied.database, region.settings)
        with pytest.raises(KnownPasswords):
            demo.refuse_demo(copied.database)


def test_each_page_says_that_one_practises(region, clock):
    app = create_app(region.settings.with_(mode="practice"), clock=clock)
    page = app.test_client().get("/inloggen").text
    app.extensions["steun.database"].dispose()

    assert "niets hier is echt" in page
    assert "steun-theme--practice" in page
    assert "Oefenen met verzonnen gezinnen" in page


def test_what_was_practised_is_put_back_while_it_is_served(region, tmp_path, clock):
    (tmp_path / "served").mkdir()
    (tmp_path / "fresh").mkdir()
    with _copy(region, tmp_path / "served") as served, _copy(region, tmp_path / "fresh") as fresh:
        with served.database.writing() as session:
            method.start_signal(session, by=_signaller(served), at=clock.now)
        with served.database.reading() as session:
            before = session.execute(text("SELECT count(*) FROM cases")).scalar()
            served.database.become(fresh.database)
            assert session.execute(text("SELECT count(*) FROM cases")).scalar() == before, "a page that is being made"

        assert served.number("SELECT count(*) FROM cases") == before - 1
        assert served.number("SELECT count(*) FROM reads.log_reads") == fresh.number(
            "SELECT count(*) FROM reads.log_reads"
        )


def test_what_is_put_back_has_its_files(region, tmp_path):
    fresh = region.settings.with_database_in(str(tmp_path))

    assert fresh.migration_url == fresh.database_url == f"sqlite:///{tmp_path}/steun.db"
    assert fresh.files == region.settings.files
