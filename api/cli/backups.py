"""Backups: making one while people work, and putting one back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from api import config, transactions
from api.cli.base import as_json, main, opened, say, settings_of
from api.cli.language import _
from api.cli.progress import bar
from api.pages import words
from workflows import backups, logbook, method
from workflows.db import Database


@main.command()
@click.argument("folder", metavar="MAP", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(1, 10_000), help="Bewaar zoveel back-ups in deze map en verwijder oudere.")
@click.option(
    "--unencrypted", is_flag=True, help="Zonder sleutel: wie het bestand heeft, kan alles over gezinnen lezen."
)
@as_json
def backup(folder: Path, keep: int | None, unencrypted: bool, machine: bool) -> None:
    """Zet een kopie van alles in één bestand in MAP: database, logboek en bijlagen. Iedereen werkt gewoon door.

    Het bestand is versleuteld met STEUN_BACKUP_KEY. De sleutels zelf zitten er niet in: bewaar ze apart, en dubbel.
    """
    settings = settings_of()
    if settings.backup_vault is None and not unencrypted:
        raise backups.NoBackupKey("to close a backup")
    database = opened(settings)
    try:
        with bar(_("Back-up"), None, quiet=machine, in_bytes=True) as told:
            made = backups.back_up(
                database, folder, vault=None if unencrypted else settings.backup_vault,
                at=transactions.system_clock(), told=told,
            )  # fmt: skip
    finally:
        database.dispose()
    gone = backups.forget_older(folder, keep=keep) if keep else []
    if machine:
        data = {
            "file": str(made.place),
            "made_at": made.made_at.isoformat(),
            "bytes": made.size,
            "tables": made.tables,
            "attachments": made.files,
            "heads": made.heads,
            "removed": [str(one) for one in gone],
        }
        click.echo(json.dumps(data))
        return
    click.echo(
        _(
            "{place}: {size}, {tables} tabellen en {files} bijlagen.",
            place=made.place,
            size=_size(made.size),
            tables=made.tables,
            files=made.files,
        )
    )
    for one in gone:
        click.echo(_("Verwijderd: {one}", one=one))
    if unencrypted:
        click.echo(_("Let op: dit bestand is niet versleuteld."), err=True)


@main.command()
@click.argument("file", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--check", "only_check", is_flag=True, help="Lees alleen of de back-up heel is; er wordt niets teruggezet."
)
@click.option(
    "--anchor", "anchor", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ankerbestand om mee te vergelijken; zonder deze optie dat van STEUN_ANCHOR_FILE.",
)  # fmt: skip
@click.option(
    "--unencrypted", is_flag=True, help="Dit bestand is zonder sleutel gemaakt, en u weet zeker dat het uw eigen is."
)
@click.option(
    "--end-doors", "end_them", is_flag=True,
    help="Beëindig daarna alle tokens, codes om een wachtwoord te kiezen en links voor mensen zonder account.",
)  # fmt: skip
@as_json
def restore(
    file: Path, only_check: bool, anchor: Path | None, unencrypted: bool, end_them: bool, machine: bool
) -> None:
    """Zet een back-up terug in een lege database en kijk of het logboek klopt; eindigt met 1 als er iets niet klopt.

    Een back-up van een oudere versie wordt meteen bijgewerkt. Wat er al staat, wordt nooit overschreven.
    """
    if only_check and end_them:
        raise click.UsageError(_("--end-doors hoort niet bij --check: dan wordt er niets teruggezet."))
    settings = settings_of()
    vault = None if unencrypted else settings.backup_vault
    ways: method.WaysIn | None = None
    size = file.stat().st_size
    if only_check:
        with bar(_("Nakijken"), size, quiet=machine, in_bytes=True) as told:
            found = backups.check(file, vault=vault, keys=settings.vault, told=told)
    else:
        database = opened(settings)
        try:
            with bar(_("Terugzetten"), size, quiet=machine, in_bytes=True) as told:
                found = backups.restore(
                    database, Database(settings.migration_url).url, file, vault=vault,
                    at=transactions.system_clock(), anchors=_anchors(settings, anchor), told=told,
                )  # fmt: skip
            ways = _doors(database, end=end_them)
        finally:
            database.dispose()
    _tell(found, machine, ways, ended=end_them)
    if not found.ok:
        click.get_current_context().exit(1)


@main.command()
@click.option(
    "--end", "end_them", is_flag=True, help="Beëindig ze allemaal. Wie er nog een nodig heeft, krijgt een nieuwe."
)
@as_json
def doors(end_them: bool, machine: bool) -> None:
    """Hoeveel tokens, codes en links werken nu? Na het terugzetten van een back-up kunnen daar beëindigde bij zijn."""
    database = opened(settings_of())
    try:
        ways = _doors(database, end=end_them)
    finally:
        database.dispose()
    say(machine, {"ended": end_them, **asdict(ways)}, _counted(ways, ended=end_them))


def _doors(database: Database, *, end: bool) -> method.WaysIn:
    at = transactions.system_clock()
    with database.writing() if end else database.reading() as session:
        return method.end_ways_in(session, at=at) if end else method.ways_in(session, at=at)


def _counted(ways: method.WaysIn, *, ended: bool) -> str:
    said = (
        _("Beëindigd: {tokens} tokens, {programs} programma’s voor stappen, {codes} codes en {links} links.", **asdict(ways))
        if ended
        else _("Nu werken: {tokens} tokens, {programs} programma’s voor stappen, {codes} codes en {links} links.", **asdict(ways))
    )  # fmt: skip
    return said


def _anchors(settings: config.Settings, given: Path | None) -> Mapping[str, list[logbook.Anchor]]:
    kept = given or (Path(settings.anchor_file) if settings.anchor_file else None)
    if kept is None or not kept.exists():
        return {}
    try:
        return logbook.anchors.read(kept)
    except logbook.AnchorsBroken as error:
        raise click.ClickException(_("{error}. Wijs een ander aan met --anchor.", error=error)) from None


def _tell(found: backups.Restored, machine: bool, ways: method.WaysIn | None, *, ended: bool) -> None:
    restored = ways is not None
    if machine:
        data = {
            "ok": found.ok,
            "restored": restored,
            "made_at": found.made_at.isoformat(),
            "release": found.release,
            "tables": found.tables,
            "attachments": found.files,
            "heads": found.heads,
            "vault_key": found.key,
            "sealed": found.sealed,
            "unsealed": found.unsealed,
            "anchors": found.anchors,
            "lost": found.lost,
            "sessions": found.sessions,
            "doors": None if ways is None else {"ended": ended, **asdict(ways)},
            "missing": [str(one) for one in found.missing],
            "problems": found.problems,
        }
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    click.echo(
        _(
            "Back-up van {moment}, versie {release}: {tables} tabellen en {files} bijlagen.",
            moment=words.moment(found.made_at),
            release=found.release,
            tables=found.tables,
            files=found.files,
        )
    )
    if found.key is False:
        click.echo(_("  De sleutel van toen staat niet in STEUN_VAULT_KEY: wat versleuteld is, is nu niet te lezen."))
    if ways is None:
        click.echo(_("De back-up is heel. Er is niets teruggezet."))
        return
    click.echo(
        _(
            "  {sealed} regels verzegeld, {unsealed} nog niet; vergeleken met {anchors} ankers.",
            sealed=found.sealed,
            unsealed=found.unsealed,
            anchors=found.anchors,
        )
    )
    for name, lines in found.lost.items():
        click.echo(
            _("  {name}: na de back-up zijn nog {lines} regels verzegeld. Die zijn verloren.", name=name, lines=lines)
        )
    if found.missing:
        click.echo(
            _(
                "  Bijlagen die ontbreken of niet te openen zijn: {count}. Zie: steun attachments check",
                count=len(found.missing),
            )
        )
    for problem in found.problems:
        click.echo(f"  {problem}")
    click.echo(_("  Iedereen is uitgelogd: {sessions} sessies.", sessions=found.sessions))
    click.echo("  " + _counted(ways, ended=ended))
    if ways and not ended:
        click.echo(_("  Wat na de back-up is beëindigd, werkt daardoor weer. Beëindig alles met: steun doors --end"))
    click.echo(
        _("Teruggezet. Het logboek klopt.") if not found.problems else _("Teruggezet, maar het logboek klopt niet.")
    )


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB".replace(".", ",") if size >= 100_000 else f"{size} bytes"
