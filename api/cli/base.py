"""The command itself and what every part of it uses: settings, the database, what an operator types."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from api import config, logs
from api.cli.language import NAMES, _, asked, explained, told
from api.pages import words
from workflows import diagrams, organisations
from workflows.db import Database
from workflows.errors import Invalid, Refusal, Unavailable

#: What a command ends with.
DONE, NO, WRONG_CALL, WRONG_SETTINGS, AWAY, REFUSED, BROKEN, STOPPED = 0, 1, 2, 3, 4, 5, 70, 130


class _Explained(click.Command):
    """Explains itself in the language of who types."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with explained(self, ctx):
            super().format_help(ctx, formatter)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with explained(self, ctx):
            super().format_usage(ctx, formatter)


class _Commands(_Explained, click.Group):
    """A command with commands below it."""

    command_class = _Explained
    group_class = type


class _Steun(_Commands):
    """Turns whatever goes wrong into a sentence and an exit code."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        given, language = _language(list(sys.argv[1:] if args is None else args))
        machine = "--json" in given
        with asked(language):
            try:
                code = super().main(given, *more, **{**extra, "standalone_mode": False})
            except click.Abort:
                code = STOPPED
            except Exception as error:
                code = _tell(error, machine)
        sys.exit(code if isinstance(code, int) else DONE)


def _language(args: list[str]) -> tuple[list[str], str | None]:
    """What was typed without ``--lang``, wherever that stood; and what it said."""
    kept: list[str] = []
    language = None
    rest = iter(args)
    for one in rest:
        if one == "--":
            return [*kept, one, *rest], language
        name, _sign, value = one.partition("=")
        if name != "--lang":
            kept.append(one)
            continue
        value = value or next(rest, "")
        if value in NAMES:
            language = value
        else:  # click says what is wrong with it
            kept = ["--lang", value, *kept]
    return kept, language


def _tell(error: Exception, machine: bool) -> int:
    """Say on standard error what went wrong; returns the exit code that says it too."""
    errors: Mapping[str, Sequence[str]] = {}
    if isinstance(error, config.SettingsRefused):
        code, title, detail, errors = WRONG_SETTINGS, _("De instellingen kloppen niet"), "", told(error.problems)
    elif isinstance(error, Refusal):
        code = AWAY if isinstance(error, Unavailable) else REFUSED
        title, detail = error.title, f"{error.detail} ({error})"
        errors = error.errors if isinstance(error, Invalid) else {}
    elif isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        with explained(context.command, context) if context else nullcontext():
            code, title, detail = error.exit_code, error.format_message(), ""
            if not machine:
                error.show()
                return code
    else:
        traceback.print_exception(error)
        code, title = BROKEN, _("Er ging iets mis in het programma zelf")
        detail = _("Hierboven staat waar. Meld dit aan de leverancier.")
    if machine:
        said = {"ok": False, "code": code, "title": title, "detail": detail, "errors": dict(errors)}
        click.echo(json.dumps(said, ensure_ascii=False), err=True)
        return code
    click.echo(f"{title}: {detail}" if detail else f"{title}:" if errors else title, err=True)
    for name, texts in errors.items():
        for text in texts:
            click.echo(f"  {name}: {text}", err=True)
    return code


@click.group(
    cls=_Steun,
    context_settings={"help_option_names": ["-h", "--help", "--hulp"]},
    epilog="Eindigt met 0: gedaan; 1: het antwoord is nee, zoals bij iets dat niet klopt; 2: verkeerd aangeroepen; "
    "3: de instellingen kloppen niet; 4: de database of de schijf doet het niet, probeer het later; 5: geweigerd; "
    "70: een fout in het programma; 130: afgebroken.",
)
@click.version_option(None, "--version", package_name="steun-op-maat", prog_name="steun", help="Toon de versie.")
@click.option(
    "--lang", type=click.Choice(NAMES), expose_value=False,
    help="Nederlands of Engels, waar ook in de regel; anders zoals de computer het heeft (LANG).",
)  # fmt: skip
def main() -> None:
    """Steun op Maat: signaleren, verkennen en steun op maat voor gezinnen.

    Instellingen staan in omgevingsvariabelen die beginnen met STEUN_.
    """
    before = os.umask(0o077)  # the database and the key are for this user only
    click.get_current_context().call_on_close(lambda: os.umask(before))  # a program that calls this keeps its own


as_json = click.option("--json", "machine", is_flag=True, help="Antwoord als JSON, voor programma's.")


def say(machine: bool, data: Mapping[str, Any], text: str) -> None:
    """The answer: *data* for a program, *text* for somebody who reads."""
    click.echo(json.dumps(data, ensure_ascii=False, default=str) if machine else text)


def finish(ok: bool) -> None:
    """End with 1 when the answer is no."""
    if not ok:
        click.get_current_context().exit(NO)


def settings_of(**wanted: Any) -> config.Settings:
    """The settings, and logging as they say."""
    settings = config.read(**wanted)
    logs.configure(settings.log_level)
    return settings


def opened(settings: config.Settings) -> Database:
    """The database for the house itself: for the operator, who sees to all of it, and the worker."""
    return Database(
        settings.database_url,
        vault=settings.vault,
        files=settings.files,
        house=True,
        lock_seconds=settings.lock_seconds,
    )


def owned(settings: config.Settings) -> Database:
    """The same as its owner opens it, for what the application may not do."""
    return Database(settings.migration_url, house=True, lock_seconds=settings.lock_seconds)


def moment(text: str, option: str) -> datetime:
    """An instant as an operator types it: Dutch time unless it says its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(_("{option}: ‘{text}’ is geen dag of moment.", option=option, text=text[:40])) from None
    return found if found.tzinfo else found.replace(tzinfo=words.AMSTERDAM)


def changed(settings: config.Settings, **changes: Any) -> config.Settings:
    """The settings with what was typed in place of what the environment says."""
    found = settings.with_(**{name: value for name, value in changes.items() if value is not None})
    if found.is_sqlite and found.workers > 1:
        raise config.SettingsRefused({"--workers": [config.ONE_PROCESS]})
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """The drawings, tables and forms of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in diagrams.SUFFIXES}


def organisation_named(session: Any, given: str) -> UUID:
    """The organisation of this name or mark."""
    for each in organisations.organisations(session):
        if given in (each.name, str(each.id)):
            return each.id
    raise click.UsageError(_("Er is geen organisatie ‘{name}’. Voeg haar toe met: steun organisation add", name=given))
