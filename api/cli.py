"""The command ``steun``: for whoever runs an installation. Dutch, because an operator reads it.

Exit codes: 0 done, 1 the answer is no (findings, a broken logbook), 2 wrongly called, 3 wrong settings,
4 the database is away, 5 refused.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from api import config, logs
from workflows.errors import Refusal, Unavailable


@click.group(context_settings={"help_option_names": ["-h", "--help", "--hulp"]})
def steun() -> None:
    """Steun op Maat: signaleren, verkennen en steun op maat voor gezinnen.

    Instellingen staan in omgevingsvariabelen die beginnen met STEUN_. Zie docs/.
    """


def settings_of(**wanted: Any) -> config.Settings:
    """The settings, and logging as they say."""
    settings = config.read(**wanted)
    logs.configure(settings.log_level)
    return settings


@steun.command()
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=int, help="Poort (STEUN_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Aantal webprocessen; met SQLite altijd één.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Start de webserver, met de werker erin (tenzij STEUN_WORKER=off)."""
    from api import serve as server

    server.run(_changed(settings_of(serving=True), host=host, port=port, workers=workers))


def _changed(settings: config.Settings, **changes: Any) -> config.Settings:
    changed = settings.with_(**{name: value for name, value in changes.items() if value is not None})
    if changed.is_sqlite and changed.workers > 1:
        raise config.SettingsRefused({"--workers": ["met SQLite kan er maar één webproces zijn; kies PostgreSQL"]})
    return changed


def main() -> None:
    """The entry point ``steun``."""
    try:
        steun(prog_name="steun", standalone_mode=True)
    except config.SettingsRefused as error:
        click.echo("De instellingen kloppen niet:", err=True)
        for name, texts in error.problems.items():
            for text in texts:
                click.echo(f"  {name}: {text}", err=True)
        sys.exit(3)
    except Unavailable as error:
        click.echo(f"{error.title}: {error.detail} ({error})", err=True)
        sys.exit(4)
    except Refusal as error:
        click.echo(f"{error.title}: {error.detail} ({error})", err=True)
        sys.exit(5)


if __name__ == "__main__":
    main()
