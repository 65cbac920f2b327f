"""What ``deploy/`` says to machines means something: commands that exist, settings that are read, files that are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from api import create_app
from api.cli import main
from api.config import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())


def unit(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(), re.M):
        found.setdefault(name, []).append(value)
    return found


def understood(words: list[str]) -> click.Command:
    """The command that these words call, with its options; click says when they mean nothing."""
    command: click.Command = main.commands[words[0]]
    command.make_context(words[0], words[1:])
    return command


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_exists_shut_in_and_without_a_key_in_it(path):
    found = unit(path)
    [start] = found["ExecStart"]
    program, *words = shlex.split(start)

    assert program == "/opt/steun/current/.venv/bin/steun"
    understood(words)
    assert found["User"] == ["steun"]
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome"):
        assert found[name] == ["yes"]
    assert found["ProtectSystem"] == ["strict"]
    handed = {one.partition(":")[0] for one in found["LoadCredential"]}
    assert {one.partition("=%d/")[2] for one in found["Environment"]} == handed
    assert ("/etc/steun/owner.env" in found["EnvironmentFile"]) is (words[0] == "migrate")


def test_every_timer_has_its_service_and_every_unit_is_in_the_readme():
    text = (DEPLOY / "README.md").read_text()

    for timer in (DEPLOY / "systemd").glob("*.timer"):
        assert timer.with_suffix(".service").exists()
        assert timer.name in text
    for path in UNITS:
        assert path.name.removesuffix(".service") in text


def test_containers_are_a_database_one_migration_several_web_processes_and_workers(tmp_path):
    services = COMPOSE["services"]

    assert {"database", "migrate", "web", "worker", "backup"} == set(services)
    for name in ("migrate", "web", "worker", "backup"):
        command = understood([str(one) for one in services[name]["command"]])
        assert command.name == ("serve" if name == "web" else name)
        assert services[name]["environment"]["STEUN_WORKER"] == "off"
        assert services[name]["cap_drop"] == ["ALL"]
        assert ("owner.env" in services[name]["env_file"]) is (name == "migrate")
    assert int(services["web"]["command"][-1]) > 1
    assert services["worker"]["deploy"]["replicas"] > 1
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])
    asked = {one for service in services.values() for one in service.get("secrets", [])}
    assert asked == set(COMPOSE["secrets"])
    [path] = re.findall(r"127\.0\.0\.1:8000(/[\w/]+)", " ".join(services["web"]["healthcheck"]["test"]))
    app = create_app(
        Settings(database_url=f"sqlite:///{tmp_path}/steun.db", mode="demo", secret_key="-" * 40, worker=False)
    )
    assert path in {rule.rule for rule in app.url_map.iter_rules()}


def test_what_is_set_is_read_and_no_secret_is_written_down():
    known = set(re.findall(r"STEUN_[A-Z0-9_]*[A-Z0-9]", (ROOT / "docs/operations.md").read_text()))
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert set(re.findall(r"STEUN_[A-Z0-9_]*[A-Z0-9]", text)) <= known, path
            assert set(re.findall(r"^STEUN_SECRET_KEY=(.*)$", text, re.M)) <= {"CHANGE"}
            assert set(re.findall(r"://\w+:([^@]*)@", text)) <= {"CHANGE"}


def test_what_the_image_is_built_from_is_there():
    text = (DEPLOY / "container/Containerfile").read_text()

    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.M):
        assert (ROOT / source).exists(), source
    assert all(":" in image for image in re.findall(r"^FROM (\S+)", text, re.M))
    assert "USER 10001" in text
    pins = re.search(r"sed -n 's/(.+)/\\1\\3/p'", text)
    assert pins
    pattern = re.sub(r"\\([(){}])", r"\1", pins[1])
    found = re.findall(pattern, (ROOT / "requirements.lock").read_text(), re.M)
    assert {"flask", "rich", "granian"} <= {name for name, *_ in found}
    assert all(re.fullmatch(r"==[\w.!+]+", version) for *_, version in found)
