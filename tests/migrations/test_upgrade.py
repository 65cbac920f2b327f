"""The upgrade of ``deploy/README.md``, played from the release before this one, on an installation where cases run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api import config, create_app
from api.cli import main
from tests.conftest import SECRET, Urls
from tests.plugin_timings import NO_HISTORY
from tests.postgres import APPLICATION, OWNER, server

ROOT = Path(__file__).parents[2]
SCHEMA = "migrations/versions"


def git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # no git on this machine
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def release_before() -> str | None:
    """The last commit with an older schema than this; where the history does not go back that far, the commit before this
    one; None where there is none at all, as in a shallow clone."""
    newest = git("log", "-1", "--format=%H", "--", SCHEMA)
    for commit in (f"{newest}~1" if newest else None, "HEAD~1"):
        if commit and (found := git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")):
            return found
    return None


@pytest.fixture
def earlier(tmp_path: Path, record_property: Any) -> Path:
    """The code of the release before; without history that of this one, and that is said loudly."""
    commit = release_before()
    if commit is None:
        record_property(NO_HISTORY, True)
        return ROOT
    folder = tmp_path / "earlier"
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    for built in ("api/static/built", "engine/built"):
        if not (folder / built).exists() and (ROOT / built).exists():
            (folder / built).symlink_to(ROOT / built)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[dict[str, str]]]:
    """Where two empty databases of one kind are: of the installation, and a spare one."""
    if request.param == "sqlite":
        yield [{"STEUN_DATABASE_URL": f"sqlite:///{tmp_path / name / 'steun.db'}"} for name in ("own", "spare")]
        return
    running = server()
    made = [running.create(), running.create()]
    yield [Urls(running.url(name, APPLICATION), running.url(name, OWNER)).environment for name in made]
    for name in made:
        running.drop(name)


def environment(database: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        **database,
        "STEUN_SECRET_KEY": SECRET,
        "STEUN_VAULT_KEY": SECRET,
        "STEUN_BACKUP_KEY": "een-eigen-sleutel-voor-de-back-ups-0123456789",
        "STEUN_ATTACHMENTS": str(tmp_path / "attachments"),
        "STEUN_LOG_LEVEL": "ERROR",
        "STEUN_WORKER": "off",
        "STEUN_ARGON2_TIME": "1",
        "STEUN_ARGON2_MEMORY": "8",
        "STEUN_ARGON2_LANES": "1",
    }


def installed_by(folder: Path, settings: dict[str, str]) -> dict[str, Any]:
    """What the earlier release made of an empty database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STEUN_")}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("earlier_release.py"))],
        cwd=folder, env={**kept, **settings, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    made: dict[str, Any] = json.loads(done.stdout)
    return made


class Installation:
    """This release on a database that an earlier one left."""

    def __init__(self, settings: dict[str, str], token: str) -> None:
        self.settings = settings
        self.headers = {"Authorization": f"Bearer {token}"}

    def steun(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env=self.settings)

    def goes_on(self, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """Cases, drafts and access are as they were left, and people go on where they stopped."""
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)
        app = create_app(config.read())
        client = app.test_client()
        done, typed, open_ = made["begun"]
        for one in made["begun"]:
            assert client.get(f"/api/v1/cases/{one['case']}", headers=self.headers).status_code == 200
        entries = client.get(f"/api/v1/cases/{done['case']}/entries", headers=self.headers)
        assert made["signal"]["parent_name"] in entries.text
        draft = client.get(f"{typed['task']}/draft", headers=self.headers)
        assert draft.json["answers"]["support_request_own_words"] == "Half getypt"
        for one in (typed, open_):
            task = client.get(one["task"], headers=self.headers)
            version = {"If-Match": task.headers["ETag"]}
            answers = {"answers": made["signal"]}
            finished = client.post(f"{one['task']}/completion", json=answers, headers={**self.headers, **version})
            assert finished.status_code == 201, finished.text
        waiting = client.get("/api/v1/tasks", headers=self.headers).json["items"]
        for one in waiting:
            claimed = client.post(f"/api/v1/tasks/{one['id']}/claims", headers=self.headers, json={})
            assert claimed.status_code in (200, 201), claimed.text
        assert len(waiting) >= 3  # each of the three came to its next task
        begun = client.post("/api/v1/signals", json={"municipality_code": "GM0983"}, headers=self.headers)
        assert begun.status_code == 201, begun.text
        app.extensions["steun.database"].dispose()


def test_an_installation_of_the_release_before_is_upgraded_and_its_cases_go_on(
    earlier, databases, tmp_path, monkeypatch
):
    own, spare = databases
    settings = environment(own, tmp_path)
    made = installed_by(earlier, settings)
    ours = Installation(settings, made["token"])

    backed_up = ours.steun("backup", str(tmp_path / "backups"), "--json")
    assert backed_up.exit_code == 0, backed_up.output
    file = json.loads(backed_up.stdout)["file"]
    whole = ours.steun("restore", "--check", file)
    assert whole.exit_code == 0, whole.output
    migrated = ours.steun("migrate", "--json")
    assert migrated.exit_code == 0, migrated.output
    verified = ours.steun("verify")
    assert verified.exit_code == 0, verified.output
    told = json.loads(ours.steun("doctor", "--json").stdout)["checks"]
    assert {one["check"] for one in told if one["state"] == "wrong"} <= {"worker", "disk"}, told
    ours.goes_on(made, monkeypatch)

    # A backup of the earlier release, put back by this one, is an installation of this one.
    restored = Installation(environment(spare, tmp_path), made["token"]).steun("restore", file, "--json")
    assert (restored.exit_code, json.loads(restored.stdout)["ok"]) == (0, True), restored.output
