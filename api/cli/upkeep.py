"""What is kept encrypted, files with cases, and mail that came back."""

from __future__ import annotations

import json

import click

from api import transactions
from api.cli.base import as_json, main, opened, settings_of
from api.cli.language import _
from api.cli.progress import bar
from workflows import attachments, notifications, resealing
from workflows.actor import OPERATOR


@main.group("vault")
def vault_() -> None:
    """Wat versleuteld bewaard wordt."""


@vault_.command("rotate")
@as_json
def rotate(machine: bool) -> None:
    """Versleutel alles met de nieuwste sleutel (de eerste van STEUN_VAULT_KEY); eindigt met 1 als er iets niet te openen was.

    Zet de oude sleutel achter de nieuwe, draai dit, en haal de oude daarna pas weg. Wat niet te openen is, blijft zoals het is.
    """
    database = opened(settings_of())
    try:
        with bar(_("Opnieuw versleutelen"), None, quiet=machine) as told:
            report = resealing.reseal(database, told=told)
    finally:
        database.dispose()
    if machine:
        click.echo(json.dumps({"done": report.done, "unreadable": report.unreadable}))
    else:
        click.echo(
            _(
                "Opnieuw versleuteld: {done}. Niet te openen: {unreadable}.",
                done=report.done,
                unreadable=report.unreadable,
            )
        )
    if report.unreadable:
        click.get_current_context().exit(1)


@main.group("attachments")
def attachments_() -> None:
    """Bestanden bij casussen."""


@attachments_.command("check")
@as_json
def check_attachments(machine: bool) -> None:
    """Open elk bestand, en ruim op wat bij geen casus hoort. Eindigt met code 1 als er een ontbreekt of niet te openen is."""
    with opened(settings_of()).reading() as session, bar(_("Bijlagen openen"), None, quiet=machine) as told:
        found = attachments.standing(session, at=transactions.system_clock(), told=told)
    if machine:
        click.echo(json.dumps({"cleared": found.cleared, "missing": [str(one) for one in found.missing]}))
    else:
        click.echo(
            _(
                "Opgeruimd: {cleared}. Ontbreekt of niet te openen: {count}.",
                cleared=found.cleared,
                count=len(found.missing),
            )
        )
        for one in found.missing:
            click.echo(f"  {one}")
    if found.missing:
        click.get_current_context().exit(1)


@main.group()
def mail() -> None:
    """Mail aan de mensen die hier werken."""


@mail.command("returned")
@click.argument("addresses", metavar="ADRES...", nargs=-1, required=True)
@as_json
def mail_returned(addresses: tuple[str, ...], machine: bool) -> None:
    """Zeg van welke adressen mail terugkwam: daar gaat niets meer heen, en de eigenaar ziet het bij Mijn account."""
    with opened(settings_of()).writing() as session:
        found = notifications.returned(session, addresses, by=OPERATOR, at=transactions.system_clock())
    click.echo(json.dumps({"accounts": found}) if machine else _("Accounts met zo'n adres: {found}.", found=found))
