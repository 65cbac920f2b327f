"""The command itself and what every part of it uses: settings, the database, what an operator types."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from api import config, logs
from api.pages import words
from workflows import diagrams, organisations
from workflows.db import Database
from workflows.errors import Invalid, Refusal, Unavailable


class _Commands(click.Group):
    """Turns refusals into a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except config.SettingsRefused as error:
            click.echo("De instellingen kloppen niet:", err=True)
            _list(error.problems)
            ctx.exit(3)
        except Refusal as error:
            click.echo(f"{error.title}: {error.detail} ({error})", err=True)
            if isinstance(error, Invalid):
                _list(error.errors)
            ctx.exit(4 if isinstance(error, Unavailable) else 5)


def _list(problems: Mapping[str, list[str]]) -> None:
    for name, texts in problems.items():
        for text in texts:
            click.echo(f"  {name}: {text}", err=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help", "--hulp"]})
@click.version_option(None, "--version", package_name="steun-op-maat", prog_name="steun")
def main() -> None:
    """Steun op Maat: signaleren, verkennen en steun op maat voor gezinnen.

    Instellingen staan in omgevingsvariabelen die beginnen met STEUN_.
    """
    os.umask(0o077)  # the database and the key are for this user only


as_json = click.option("--json", "machine", is_flag=True, help="Antwoord als JSON, voor programma's.")


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
        raise click.UsageError(f"{option}: ‘{text[:40]}’ is geen dag of moment.") from None
    return found if found.tzinfo else found.replace(tzinfo=words.AMSTERDAM)


def changed(settings: config.Settings, **changes: Any) -> config.Settings:
    """The settings with what was typed in place of what the environment says."""
    found = settings.with_(**{name: value for name, value in changes.items() if value is not None})
    if found.is_sqlite and found.workers > 1:
        raise config.SettingsRefused({"--workers": ["met SQLite kan er maar één webproces zijn; kies PostgreSQL"]})
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """The drawings, tables and forms of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in diagrams.SUFFIXES}


def organisation_named(session: Any, given: str) -> UUID:
    """The organisation of this name or mark."""
    for each in organisations.organisations(session):
        if given in (each.name, str(each.id)):
            return each.id
    raise click.UsageError(f"Er is geen organisatie ‘{given}’. Voeg haar toe met: steun organisation add")
