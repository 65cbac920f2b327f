"""``steun doctor``: a healthy installation is told to be so, and each thing that is wrong by its name and what to do."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from api.transactions import system_clock
from tests.api.test_backups import steun
from workflows import logbook, worker
from workflows.actor import WORKER
from workflows.jobs import Job


def looked(urls, *arguments: str, **more: str) -> tuple[int, dict[str, str]]:
    done = steun(urls, "doctor", "--json", *arguments, **more)
    told: dict[str, Any] = json.loads(done.stdout)
    found: dict[str, str] = {}
    for one in told["checks"]:
        assert one["says"], one
        assert one["do"] or one["state"] == "ok", one
        found[one["check"]] = max(found.get(one["check"], ""), one["state"], key=["", "ok", "warning", "wrong"].index)
    assert told["ok"] is (done.exit_code == 0)
    return done.exit_code, found


@pytest.fixture
def clock():
    """The time of the machine, as the command line has it."""
    return system_clock


def test_a_healthy_installation_is_told_to_be_so_and_what_is_wrong_by_its_name(urls, app, begin, database, tmp_path):
    begin()
    anchors = tmp_path / "anchors"
    with database.writing() as session:
        logbook.seal(session, at=system_clock(), limit=None)
    worker.plan_standing_jobs(database, system_clock())
    worker.run_once(database, system_clock())
    with database.reading() as session:
        kept = [
            {"log": name, "position": one.position, "hash": one.hash, "sealed_at": one.sealed_at}
            for name, one in logbook.heads(session).items()
        ]
    logbook.anchors.add(anchors, kept)
    assert steun(urls, "backup", tmp_path / "backups").exit_code == 0

    code, found = looked(urls, "--deep", STEUN_ANCHOR_FILE=str(anchors))
    expected = {
        *("settings", "assets", "disk", "database", "migrations", "clock", "worker", "vault", "backup", "attachments"),
        "logbook",
    }
    assert (code, {name for name, state in found.items() if state == "ok"}) == (0, expected), found

    key = tmp_path / "key"
    key.write_text("y" * 40)
    key.chmod(0o644)
    with database.writing() as session:
        session.execute(update(Job).values(due_at=system_clock() - timedelta(hours=1)))
        logbook.write(session, "backup.made", "backup", "x", by=WORKER, at=system_clock() + timedelta(minutes=9))
    logbook.anchors.add(anchors, [{**kept[0], "position": 10_000}])
    urls.files.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(urls.files)
    urls.files.touch()
    code, found = looked(
        urls, STEUN_ANCHOR_FILE=str(anchors), STEUN_VAULT_KEY_FILE=str(key), STEUN_CLAMAV="localhost:1",
        STEUN_SMTP_HOST="127.0.0.1", STEUN_SMTP_PORT="1", STEUN_SMTP_FROM="a@b.nl",
    )  # fmt: skip
    urls.files.unlink()
    wrong = {name for name, state in found.items() if state == "wrong"}
    assert (code, wrong) == (1, {"worker", "clock", "attachments", "key_files", "mail", "scanner", "logbook"}), found


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_who_works_here_with_which_tokens_is_listed_and_a_token_ended_at_once(urls, app, sign_in, region):
    midwife = sign_in("midwife")
    everybody = json.loads(steun(urls, "user", "list", "--json").stdout)["items"]
    [where] = {one["organisation"] for one in everybody if one["person_id"] == str(region.midwife.person_id)}
    listed = json.loads(steun(urls, "organisation", "list", "--json").stdout)["items"]
    assert where in {one["name"] for one in listed}
    there = json.loads(steun(urls, "user", "list", "--organisation", where, "--json").stdout)["items"]
    assert {one["organisation"] for one in there} == {where} < {one["organisation"] for one in everybody}
    made = steun(
        urls,
        "user",
        "add",
        "--login",
        "nieuw",
        "--name",
        "Nieuw",
        "--role",
        "signaller",
        "--organisation",
        where,
        "--json",
    )
    assignment = json.loads(made.stdout)["assignment_id"]
    assert "nieuw" in steun(urls, "user", "list").stdout
    midwife.token = steun(urls, "token", "add", "proef", "--assignment", assignment).stdout.strip()
    assert midwife.get("/me").status_code == 200
    [kept] = json.loads(steun(urls, "token", "list", "nieuw", "--json").stdout)["items"]
    assert (kept["label"], kept["organisation"], "proef" in steun(urls, "token", "list", "nieuw").stdout) == (
        "proef",
        where,
        True,
    )
    assert steun(urls, "token", "end", kept["token_id"]).exit_code == 0
    assert midwife.get("/me").status_code == 401
    assert steun(urls, "token", "end", kept["token_id"]).exit_code == 5


def test_what_does_not_go_by_itself_is_told_with_a_code_and_without_a_family(urls, app, begin, database):
    begin()
    well = steun(urls, "troubles")
    assert (well.exit_code, well.output) == (0, "Alles gaat vanzelf.\n")
    with database.writing() as session:
        session.execute(update(Job).values(status="failed", attempts=8, last_error="TimeoutError at send"))
    told, data = steun(urls, "troubles"), steun(urls, "troubles", "--json")
    assert (told.exit_code, data.exit_code) == (1, 1), told.output
    assert all(one["state"] == "failed" for one in json.loads(data.stdout)["items"])
    assert told.stdout.strip()


def test_what_cannot_even_be_looked_at_is_told_too(urls, tmp_path):
    owner = urls.owner.render_as_string(hide_password=False)
    refused = steun(urls, "doctor", STEUN_PORT="x", STEUN_SECRET_KEY="kort")
    away = steun(urls, "doctor", "--lang", "en", STEUN_DATABASE_URL="postgresql://steun:geheim@127.0.0.1:1/steun")
    nothing = steun(urls, "doctor", STEUN_DATABASE_URL=f"sqlite:///{tmp_path}/none/steun.db")
    as_owner = steun(urls, "doctor", STEUN_DATABASE_URL=owner)

    assert (refused.exit_code, "STEUN_PORT" in refused.output, "STEUN_SECRET_KEY" in refused.output) == (1, True, True)
    assert (away.exit_code, "does not answer" in away.output, "geheim" in away.output) == (1, True, False), away.output
    assert (nothing.exit_code, "steun migrate" in nothing.output) == (1, True), nothing.output
    assert not (tmp_path / "none").exists()
    assert ("eigenaar van de tabellen" in as_owner.output) is (urls.owner != urls.application), as_owner.output
