"""The command ``steun``, as an operator runs it: a process of its own, its exit code and what it says."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.conftest import SHIPPED
from tests.conftest import VAULT, Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import logbook
from workflows.db import Database

STEUN = [sys.executable, "-m", "api.cli"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation whose database is still empty."""
    common = {
        "STEUN_SECRET_KEY": "-" * 40,
        "STEUN_VAULT_KEY": "-" * 40,
        "STEUN_ARGON2_TIME": "1",
        "STEUN_ARGON2_MEMORY": "8",
        "STEUN_ARGON2_LANES": "1",
    }
    if request.param == "sqlite":
        yield {**common, "STEUN_DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'steun.db'}"}
    else:
        running = server()
        name = running.create()
        yield {**common, **Urls(running.url(name, APPLICATION), running.url(name, OWNER)).environment}
        running.drop(name)


def steun(*arguments: str, environment: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STEUN, *arguments],
        env={**_bare(), **environment},
        cwd=options.pop("cwd", ROOT),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def _bare() -> dict[str, str]:
    left_out = ("STEUN_", "PYTHONDONTWRITEBYTECODE")  # compiling everything anew takes seconds per process
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(1200):  # the demo is filled first, and the machine may be busy with other tests
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert process.poll() is None, "the server ended"
        time.sleep(0.1)
    raise AssertionError("the server did not answer")


def test_an_empty_database_becomes_an_installation_that_somebody_works_with(empty, tmp_path):
    for _ in range(2):
        migrated = steun("migrate", environment=empty)
        assert migrated.returncode == 0, migrated.stderr
    made = steun(
        *("organisation", "add", "Praktijk De Proef (fictief)", "--type", "midwifery_practice"),
        *("--domain", "medical", "--area", "GM0983"),
        environment=empty,
    )
    assert made.returncode == 0, made.stderr
    changed = steun("organisation", "change", "Praktijk De Proef (fictief)", "--bsn", environment=empty)
    assert "mag het BSN gebruiken" in changed.stdout, changed.stderr
    held = steun("holders", "--json", environment=empty)
    assert (held.returncode, json.loads(held.stdout)) == (0, {"ok": True, "items": []}), held.stderr
    added = steun(
        *("user", "add", "--login", "vera", "--name", "Vera Voorbeeld", "--role", "signaller"),
        *("--organisation", "Praktijk De Proef (fictief)", "--json"),
        environment=empty,
    )
    assert added.returncode == 0, added.stderr
    assignment = json.loads(added.stdout)["assignment_id"]
    issued = steun("token", "add", "proef", "--assignment", assignment, environment=empty)
    assert issued.returncode == 0, issued.stderr
    token = issued.stdout.strip()

    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*STEUN, "serve", "--port", str(port)],
            env={**_bare(), **empty},
            cwd=ROOT,
            stderr=log,
            stdout=log,
            text=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/live", process)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/signals",
            data=b'{"municipality_code": "GM0983"}',
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            begun = json.load(answer)
        process.send_signal(signal.SIGTERM)
        ended = process.wait(60)
    finally:
        process.kill()

    lines = (tmp_path / "log").read_text()
    assert begun["status"] == "claimed"
    assert ended == 0, lines
    assert f"http://127.0.0.1:{port}" in lines
    assert all(json.loads(line) for line in lines.splitlines()), lines
    assert token not in lines
    assert "Vera" not in lines
    checked = steun("verify", "--json", environment=empty)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["ok"] is True


def test_a_logbook_that_was_changed_is_told(empty, clock):
    assert steun("migrate", environment=empty).returncode == 0
    database = Database(empty.get("STEUN_OWNER_DATABASE_URL", empty["STEUN_DATABASE_URL"]), vault=VAULT, house=True)
    with database.writing() as session:
        logbook.seal(session, at=clock())
    with database.writing() as session:
        session.execute(text("UPDATE log_changes SET event = 'something.else' WHERE position = 1"))
    database.dispose()

    checked = steun("verify", environment=empty)

    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "klopt niet" in checked.stdout


def test_the_shipped_method_is_in_order():
    checked = steun("check", str(SHIPPED), environment={})

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_broken_method_is_told_in_dutch_with_its_place(tmp_path):
    folder = tmp_path / "bpmn"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "routering.dmn").unlink()

    told = steun("check", str(folder), environment={})
    data = steun("check", str(folder), "--json", environment={})

    assert told.returncode == data.returncode == 1
    assert "routeren.bpmn regel" in told.stdout
    assert any(finding["file"] == "routeren.bpmn" and finding["line"] for finding in json.loads(data.stdout))


def test_a_method_that_breaks_a_rule_is_not_published(empty, tmp_path):
    folder = tmp_path / "bpmn"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert steun("migrate", environment=empty).returncode == 0
    drawing = (folder / "verkennen.bpmn").read_text(encoding="utf-8")
    (folder / "verkennen.bpmn").write_text(
        drawing.replace('formRef="feedback"', 'formRef="follow_up"'), encoding="utf-8"
    )

    told = steun("check", str(folder), environment={})
    refused = steun("publish", str(folder), environment=empty)
    published = steun("publish", str(SHIPPED), "--json", environment=empty)

    assert told.returncode == 1
    assert "verkennen.bpmn regel" in told.stdout
    assert "De signaleerder hoort niet wat er met het signaal gebeurde." in told.stdout
    assert refused.returncode == 5
    assert "De signaleerder hoort niet wat er met het signaal gebeurde." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert json.loads(published.stdout)["digest"]


def test_wrong_settings_are_told_all_at_once():
    refused = steun("serve", environment={"STEUN_PORT": "x", "STEUN_MODE": "test"})

    assert refused.returncode == 3
    for name in ("STEUN_PORT", "STEUN_MODE", "STEUN_SECRET_KEY"):
        assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_is_away_is_told_without_its_password():
    away = steun("verify", environment={"STEUN_DATABASE_URL": "postgresql://steun:geheim@127.0.0.1:1/steun"})

    assert away.returncode == 4
    assert "geheim" not in away.stderr
    assert "Traceback" not in away.stderr


def test_the_demo_refuses_production(tmp_path):
    refused = steun("demo", environment={"STEUN_MODE": "production", "STEUN_SECRET_KEY": "-" * 40}, cwd=tmp_path)

    assert refused.returncode == 3
    assert not (tmp_path / "var").exists()


def test_the_demo_shows_a_region_to_log_in_to_and_keeps_it_for_the_next_time(tmp_path):
    for _ in range(2):
        port = free_port()
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(
                [*STEUN, "demo", "--port", str(port)], env=_bare(), cwd=tmp_path, stderr=log, stdout=log, text=True
            )
        try:
            wait_for(f"http://127.0.0.1:{port}/health/live", process)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/inloggen") as answer:
                page = answer.read().decode()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0, (tmp_path / "log").read_text()
        finally:
            process.kill()
        assert "vera" in page

    assert (tmp_path / "var" / "steun.db").stat().st_mode & 0o077 == 0


def test_every_command_explains_itself_in_dutch():
    from api.cli import main

    for name, command in main.commands.items():
        assert command.help, name
    assert "Gebruikersnaam" in steun("user", "add", "--help", environment={}).stdout


def test_the_description_of_the_api_can_be_written_to_a_file():
    written = steun("openapi", environment={})

    assert json.loads(written.stdout)["openapi"].startswith("3.1")
