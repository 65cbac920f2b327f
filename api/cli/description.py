"""The API as it describes itself."""

from __future__ import annotations

import json

import click

from api.cli.base import main


@main.command()
def openapi() -> None:
    """Schrijf de beschrijving van de API (OpenAPI 3.1)."""
    from api.openapi import document

    click.echo(json.dumps(document(), ensure_ascii=False, indent=1))
