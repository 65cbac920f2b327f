"""Settings come from the environment, and every mistake is told at the same time."""

from __future__ import annotations

import json
import sqlite3

import pytest
from click.testing import CliRunner

from api import config, themes
from api.cli import main
from tests.conftest import copy_of

LONG = "x" * config.SECRET_LENGTH


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    import os

    for name in [name for name in os.environ if name.startswith("STEUN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_the_database_is_a_file_below_var():
    assert config.read().database_url == "sqlite:///var/steun.db"


def test_every_mistake_is_told_at_once(monkeypatch):
    for name, value in {
        "PORT": "x",
        "MODE": "test",
        "DATABASE_URL": "mysql://a",
        "THREADS": "0",
        "WORKER": "ja",
        "SECOND_FACTOR": "niemand",
        "LEAKED_PASSWORDS": "/dev/null",
        "THEME": "../voorbeeld",
    }.items():
        monkeypatch.setenv(f"STEUN_{name}", value)

    with pytest.raises(config.SettingsRefused) as refused:
        config.read(serving=True)

    assert set(refused.value.problems) == {
        *("STEUN_PORT", "STEUN_MODE", "STEUN_DATABASE_URL", "STEUN_THREADS", "STEUN_WORKER", "STEUN_SECRET_KEY"),
        *("STEUN_VAULT_KEY", "STEUN_SECOND_FACTOR", "STEUN_LEAKED_PASSWORDS", "STEUN_THEME"),
    }


@pytest.mark.parametrize("secret", ["", "x" * (config.SECRET_LENGTH - 1)])
def test_production_does_not_serve_without_a_long_secret(monkeypatch, secret):
    monkeypatch.setenv("STEUN_SECRET_KEY", secret)

    with pytest.raises(config.SettingsRefused, match="STEUN_SECRET_KEY"):
        config.read(serving=True)


def test_production_serves_with_a_long_secret_and_then_cookies_need_tls(monkeypatch):
    monkeypatch.setenv("STEUN_SECRET_KEY", LONG)
    with pytest.raises(config.SettingsRefused, match="STEUN_VAULT_KEY"):
        config.read(serving=True)
    monkeypatch.setenv("STEUN_VAULT_KEY", LONG)

    assert config.read(serving=True).secure_cookies


def test_keys_come_from_a_variable_and_from_a_file_the_newest_first(monkeypatch, tmp_path):
    older = tmp_path / "keys"
    older.write_text(f"{LONG}2\n\n{LONG}3\n")
    monkeypatch.setenv("STEUN_VAULT_KEY", f"{LONG}1, {LONG}2")
    monkeypatch.setenv("STEUN_VAULT_KEY_FILE", str(older))

    assert config.read().vault_keys == (f"{LONG}1", f"{LONG}2", f"{LONG}3")

    monkeypatch.setenv("STEUN_VAULT_KEY", f"{LONG}1,kort")
    monkeypatch.setenv("STEUN_VAULT_KEY_FILE", str(tmp_path / "niets"))
    with pytest.raises(config.SettingsRefused) as refused:
        config.read()
    assert set(refused.value.problems) == {"STEUN_VAULT_KEY", "STEUN_VAULT_KEY_FILE"}


def test_what_cannot_be_opened_is_told_to_who_rotates(monkeypatch, sqlite_template, tmp_path):
    url = copy_of(sqlite_template, tmp_path)
    monkeypatch.setenv("STEUN_DATABASE_URL", str(url))
    monkeypatch.setenv("STEUN_VAULT_KEY", LONG)
    assert CliRunner().invoke(main, ["vault", "rotate"]).exit_code == 0
    one = "0" * 31 + "1"
    row = (one, one, b"x", "2026-11-03 08:30:00.000000", 0)
    with sqlite3.connect(str(url.database)) as database:
        database.execute(
            "INSERT INTO second_factors (id, account_id, sealed_secret, begun_at, last_step) VALUES (?,?,?,?,?)", row
        )
    database.close()

    told = CliRunner().invoke(main, ["vault", "rotate", "--json"])

    assert told.exit_code == 1, told.output
    assert json.loads(told.stdout) == {"done": 0, "unreadable": 1}


def test_the_demo_makes_a_secret_once_that_only_its_user_can_read(tmp_path):
    first = config.read(serving=True, demo=True)
    second = config.read(serving=True, demo=True)

    assert first.is_demo
    assert len(first.secret_key) >= config.SECRET_LENGTH
    assert first.secret_key == second.secret_key
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


def test_the_demo_refuses_production(monkeypatch):
    monkeypatch.setenv("STEUN_MODE", "production")
    monkeypatch.setenv("STEUN_SECRET_KEY", LONG)

    with pytest.raises(config.SettingsRefused, match="demo"):
        config.read(serving=True, demo=True)


def test_sqlite_has_one_web_process(monkeypatch):
    monkeypatch.setenv("STEUN_WORKERS", "2")
    with pytest.raises(config.SettingsRefused, match="SQLite"):
        config.read()

    monkeypatch.setenv("STEUN_DATABASE_URL", "postgresql://x@/y")
    assert config.read().workers == 2


def test_a_mistake_does_not_print_the_secret_or_the_password(monkeypatch):
    monkeypatch.setenv("STEUN_SECRET_KEY", "geheim")
    monkeypatch.setenv("STEUN_DATABASE_URL", "mysql://user:wachtwoord@host/db")

    with pytest.raises(config.SettingsRefused) as refused:
        config.read(serving=True)

    assert "geheim\n" not in f"{refused.value}\n"
    assert "wachtwoord" not in str(refused.value)


def test_a_theme_is_one_that_was_built(monkeypatch, tmp_path):
    built = tmp_path / "built"
    (built / ".vite").mkdir(parents=True)
    (built / ".vite" / "manifest.json").write_text(
        json.dumps({"pages.js": {"file": "assets/a.js"}, "themes/venlo.css": {"file": "assets/b.css"}})
    )
    assert themes.known(built) == {"venlo"}
    assert themes.SHIPPED in themes.known(tmp_path), "before the first build"

    monkeypatch.setenv("STEUN_THEME", "venlo")
    with pytest.raises(config.SettingsRefused, match="dit thema is er niet; kies uit voorbeeld"):
        config.read()
