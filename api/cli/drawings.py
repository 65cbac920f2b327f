"""The method as drawn: looking it over and publishing it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import click

from api import transactions
from api.cli.base import as_json, files_in, main, opened, settings_of
from api.cli.language import _
from workflows import diagrams, method
from workflows.actor import OPERATOR


@main.command()
@click.argument("folder", metavar="MAP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def check(folder: Path, machine: bool) -> None:
    """Kijk een map met diagrammen, beslistabellen en formulieren na; eindigt met 1 als er iets niet klopt."""
    _bundle, found = method.check_diagrams(files_in(folder))
    if machine:
        click.echo(json.dumps([diagrams.as_data(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(str(finding))
        wrong = sum(finding.severity == "error" for finding in found)
        click.echo(
            _("{wrong} fouten, {number} waarschuwingen.", wrong=wrong, number=len(found) - wrong)
            if found
            else _("Alles klopt.")
        )
    if any(finding.severity == "error" for finding in found):
        click.get_current_context().exit(1)


@main.command()
@click.argument("folder", metavar="MAP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def publish(folder: Path, machine: bool) -> None:
    """Publiceer een map met diagrammen, beslistabellen en formulieren; nieuwe casussen beginnen ermee."""
    passed = method.examine_diagrams(files_in(folder), by=OPERATOR, patient=True)  # before anybody has to wait for us
    with opened(settings_of()).writing() as session, suppress(diagrams.InForceAlready):
        method.put_diagrams_in_force(session, passed, by=OPERATOR, at=transactions.system_clock())
    digest = passed.bundle.digest
    click.echo(json.dumps({"digest": digest}) if machine else _("Gepubliceerd: {digest}", digest=digest))
