"""The command line in two languages, its exit codes, and JSON wherever a program may listen."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from click.testing import CliRunner, Result

from api.cli import language, main, progress

CLI = Path(language.__file__).parent
#: Where it is said what is wrong with a setting.
SETTINGS = [CLI.parent / "config.py", CLI.parent / "providers.py"]
_FILLED_IN = re.compile(r"\{\w+(?:!r)?\}")
#: Words that are in almost every sentence of Dutch, and in none of English.
_DUTCH = re.compile(
    r"\b(?:een|het|niet|wordt|de|geen|geef|kies|schrijf|noem|met|uit|dit|staat|sleutel|getal|tekens|bestand|aanbieder|heeft)\b"
)
#: Run until they are stopped, or are a document themselves.
NO_JSON = {"serve", "worker", "demo", "openapi", "breach"}


def commands(of: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, of
    for name, below in getattr(of, "commands", {}).items():
        yield from commands(below, (*path, name))


def steun(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"STEUN_LOG_LEVEL": "ERROR", **environment})


def test_everything_the_command_line_says_stands_in_the_english_catalogue_with_what_is_filled_in():
    wanted = {
        said
        for path in (*CLI.glob("*.py"), *SETTINGS)
        for _, said, *_more in extract_from_file("python", str(path), keywords={"_": None, "Said": None})
    }
    wanted.add(language.CLICK["Show this message and exit."])
    for _, command in commands():
        for one in (command, *command.params):
            texts = [getattr(one, name, None) for name in ("help", "metavar", "epilog")]
            wanted |= {inspect.cleandoc(text) for text in texts if text}
    with language.CATALOGUE.open("rb") as file:
        known = {one.id: one.string for one in read_po(file, locale="en") if one.id}

    assert known.keys() == wanted
    assert not [dutch for dutch, said in known.items() if not said]
    for dutch, said in known.items():
        assert sorted(_FILLED_IN.findall(str(said))) == sorted(_FILLED_IN.findall(str(dutch))), dutch


def test_every_command_explains_itself_in_both_languages_to_the_end():
    english = set()
    for path, command in commands():
        assert command.help, path
        dutch, other = (steun(*path, "--help", "--lang", one).output for one in ("nl", "en"))
        assert ("Gebruik:" in dutch, "Opties:" in dutch) == (True, True), dutch
        assert ("Usage:" in other, "Options:" in other) == (True, True), other
        assert not re.search(r"Show this|Usage|Options|required\]", dutch), dutch
        assert not re.search(r"Toon|Gebruik|Opties|verplicht|\b(?:een|het|niet|wordt)\b", other), other
        english.add(other)
    assert len(english) == len(list(commands()))


@pytest.mark.parametrize(
    ("environment", "said"),
    [({"LC_ALL": "en_GB.UTF-8"}, "Usage"), ({"LC_ALL": "", "LANG": "nl_NL.UTF-8"}, "Gebruik"), ({}, "Gebruik")],
)
def test_the_language_is_that_of_the_machine_unless_said_otherwise(environment, said):
    assert said in steun("--help", **environment).output
    assert "Gebruik" in steun("user", "--lang=nl", "add", "--help", **environment).output


@pytest.mark.parametrize(
    ("arguments", "dutch", "english"),
    [
        (("usr",), "Deze opdracht is er niet: usr. Bedoelt u 'user'?", "No such command 'usr'. Did you mean 'user'?"),
        (("migrate", "--nope"), "Deze optie is er niet: --nope", "No such option '--nope'"),
        (("token", "add", "x"), "Er ontbreekt een optie: '--assignment'", "Missing option '--assignment'"),
        (("restore",), "Er ontbreekt een argument: 'BESTAND'", "Missing argument 'FILE'"),
        (("serve", "--port", "0"), "ligt niet binnen", "is not in the range"),
        (("restore", "/nergens"), "‘/nergens’ is er niet", "does not exist"),
        (("verify", "receipt", "x"), "‘x’ is geen kenmerk", "not a valid UUID"),
        (("migrate", "x"), "Dit hoort er niet bij: x", "unexpected extra argument"),
        (("backup", "--lang", "fr", "x"), "‘fr’ is geen keuze", "'fr' is not one of"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_a_wrong_call_is_told_in_the_language_and_ends_with_2(arguments, dutch, english):
    for environment, said in (({}, dutch), ({"LC_ALL": "en_US.UTF-8"}, english)):
        refused = steun(*arguments, **environment)
        assert (refused.exit_code, said in refused.stderr) == (2, True), refused.output


#: Everything an operator can set wrong, in a few environments, since some hide others.
WRONG = [
    {
        "PORT": "x", "THREADS": "0", "LOCK_SECONDS": "lang", "MODE": "test", "WORKER": "ja", "LOG_LEVEL": "veel",
        "SECOND_FACTOR": "niemand", "DATABASE_URL": "mysql://a", "OWNER_DATABASE_URL": "sqlite://a", "THEME": "../x",
        "LEAKED_PASSWORDS": "/dev/null", "VAULT_KEY_FILE": "/nergens", "BACKUP_KEY_FILE": "/nergens",
        "BACKUP_KEY": "kort", "METRICS_TOKEN": "kort", "ANCHOR_WEBHOOK": "ftp://a", "LOG_WEBHOOK": "ftp://a",
        "PUBLIC_URL": "x", "PRACTICE_URL": "x", "CLAMAV": "x", "CORS_ORIGINS": "*", "WEBHOOK_NETWORKS": "x",
        "WEBHOOK_CA": "/dev/null", "METRICS_ADDRESS": "x", "OTEL_ENDPOINT": "x", "SMTP_PORT": "0",
        "SMTP_SECURITY": "ja", "OIDC_FILE": "/nergens", "ANCHOR_MAIL": "a@example.org", "WORKERS": "a",
    },
    {
        "WORKERS": "2", "LOG_WEBHOOK": "https://a.example", "ANCHOR_WEBHOOK": "https://a.example", "MODE": "practice",
        "SMTP_HOST": "mail", "LEAKED_PASSWORDS": "/nergens", "VAULT_KEY": "a" * 40, "BACKUP_KEY": "a" * 40,
        "OIDC_FILE": "provider = 1", "DATABASE_URL": "sqlite://a",
    },
    {"OIDC_FILE": "dit is het niet", "LEAKED_PASSWORDS": "/etc"},
    {
        "OIDC_FILE": "[[provider]]\ncode='A'\nscopes=1\nmax_age='x'\njust_in_time=1\nkleur=1\nissuer='x'\n"
        "client_secret_file='/nergens'\n[[provider.rule]]\nclaim=1\n[[provider]]\ncode='A'\nissuer='x'\n",
    },
    {"OIDC_FILE": "[[provider]]\ncode='a'\nname='a'\nissuer='https://a.example'\nclient_id='a'\n", "MODE": "demo"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_with_a_setting_is_told_in_the_language(wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "\n" in (content := wrong.get("OIDC_FILE", "")) or " " in content:
        (tmp_path / "providers.toml").write_text(content)
        wrong = wrong | {"OIDC_FILE": str(tmp_path / "providers.toml")}
    environment = {f"STEUN_{name}": value for name, value in wrong.items()}

    told = steun("serve", "--lang", "en", "--port", "8001", **environment)
    dutch = steun("serve", "--port", "8001", **environment)
    looked = steun("doctor", "--lang", "en", "--json", **environment)

    assert (told.exit_code, dutch.exit_code, looked.exit_code) == (3, 3, 1), told.output
    assert not _DUTCH.search(told.stderr), told.stderr
    assert len(told.stderr.splitlines()) == len(dutch.stderr.splitlines())
    assert not set(told.stderr.splitlines()) & set(dutch.stderr.splitlines())
    assert not [one for one in json.loads(looked.stdout)["checks"] if _DUTCH.search(one["says"])]


def test_no_sentence_about_a_setting_is_dutch_in_english():
    patterns = {
        said for path in SETTINGS for _, said, *_more in extract_from_file("python", str(path), keywords={"Said": None})
    }
    assert len(patterns) > 35
    with language.asked("en"):
        assert not [one for one in patterns if _DUTCH.search(language._(one)) or language._(one) == one]


def test_every_command_that_answers_can_answer_a_program():
    without = {
        " ".join(path)
        for path, command in commands()
        if not isinstance(command, click.Group) or command.invoke_without_command
        if "--json" not in {name for one in command.params for name in one.opts}
    }

    assert without == NO_JSON | {"practice"}


def test_a_program_is_told_why_not_in_json_with_the_exit_code(tmp_path):
    here = f"sqlite:///{tmp_path}/steun.db"
    for arguments, environment, code in (
        (("migrate", "--json", "x"), {}, 2),
        (("migrate", "--json"), {"STEUN_PORT": "x"}, 3),
        (("verify", "--json"), {"STEUN_DATABASE_URL": "postgresql://steun:geheim@127.0.0.1:1/steun"}, 4),
        (("backup", "--json", str(tmp_path)), {"STEUN_DATABASE_URL": here}, 5),
    ):
        refused = steun(*arguments, **environment)
        told: dict[str, Any] = json.loads(refused.stderr)
        assert (refused.exit_code, told["ok"], told["code"], refused.stdout) == (code, False, code, ""), refused.output
        assert told["title"]
        assert "geheim" not in refused.output


def test_a_fault_of_ours_and_being_stopped_have_codes_of_their_own(monkeypatch):
    for raised, code in ((RuntimeError("mis"), 70), (KeyboardInterrupt(), 130)):

        def fail(*_: object, raised: BaseException = raised) -> None:
            raise raised

        with monkeypatch.context() as patch:
            patch.setattr(main.commands["openapi"], "callback", fail)
            ended = steun("openapi")
        assert ended.exit_code == code, ended.output


def test_a_bar_is_for_somebody_who_looks_on_and_for_nobody_else(monkeypatch, capsys):
    for quiet in (True, False):
        with progress.bar("Nakijken", 3, quiet=quiet) as told:
            told(3)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress.bar("Nakijken", 3, quiet=False) as told:
        told(2)
    said = capsys.readouterr()
    assert (said.out, "Nakijken" in said.err, "2/3" in said.err) == ("", True, True)
