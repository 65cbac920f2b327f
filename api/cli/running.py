"""Starting: web server, worker, the newest schema, and the made-up regions."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from api import config, letters, transactions
from api.cli.base import as_json, changed, files_in, main, opened, say, settings_of
from api.cli.language import _
from workflows import diagrams, directory, method, organisations, schema
from workflows.actor import OPERATOR
from workflows.db import Database

#: What is shipped: the method as drawn.
SHIPPED = Path(__file__).parents[2] / "bpmn"


@main.command()
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort (STEUN_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Aantal webprocessen; met SQLite altijd één.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Start de webserver, met de werker erin (tenzij STEUN_WORKER=off)."""
    from api import demo as region
    from api import serve as server

    settings = changed(settings_of(serving=True), host=host, port=port, workers=workers)
    database = opened(settings)
    try:
        if settings.is_practice:
            region.require_demo(database, settings)
        elif not settings.is_demo:
            region.refuse_demo(database)
    finally:
        database.dispose()
    server.run(settings)


@main.command()
def worker() -> None:
    """Start een werker: termijnen, taken voor het systeem en het verzegelen van het logboek."""
    from api import serve as server

    settings = settings_of()
    stop = threading.Event()
    server.stop_on_signal(stop)
    database = opened(settings)
    server.tell(database, settings, stop)
    server.work(database, settings, stop)


@main.command()
@as_json
def migrate(machine: bool) -> None:
    """Werk de database bij, als eigenaar (STEUN_OWNER_DATABASE_URL), en zet de meegeleverde werkwijze klaar."""
    settings = settings_of()
    prepare(settings)
    database = opened(settings)
    try:
        with database.reading() as session:
            revision = schema.revision(session)
    finally:
        database.dispose()
    say(machine, {"ok": True, "revision": revision}, _("De database is bijgewerkt."))


def prepare(settings: config.Settings) -> None:
    """The newest schema, the municipalities, the interventions, and the shipped diagrams if there are none yet."""
    application, owner = Database(settings.database_url).url, Database(settings.migration_url).url
    schema.upgrade(owner, application=application.username if application.username != owner.username else None)
    database = opened(settings)
    try:
        with database.writing() as session:
            organisations.load_municipalities(session)
            directory.load_interventions(session)
            try:
                diagrams.current(session)
            except diagrams.NothingPublished:
                method.publish_diagrams(session, files_in(SHIPPED), by=OPERATOR, at=transactions.system_clock())
    finally:
        database.dispose()


@main.command()
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort (STEUN_PORT).")
def demo(host: str | None, port: int | None) -> None:
    """Vul een lege database met een verzonnen regio en start de webserver. Nooit voor echte gezinnen."""
    from api import demo as region
    from api import serve as server

    settings = changed(settings_of(serving=True, demo=True), host=host, port=port)
    click.echo(_("De demoregio wordt klaargezet …"))
    _fill(settings)
    click.echo(
        _(
            "Open http://{host}:{port} en kies wie u bent. Of log in als één van:",
            host=settings.host,
            port=settings.port,
        )
    )
    for group in region.HATS:
        for hat in group.hats:
            click.echo(f"  {hat.login:8} {hat.job}")
    click.echo(_("Het wachtwoord is overal: {PASSWORD}", PASSWORD=region.PASSWORD))
    server.run(settings)


def _fill(settings: config.Settings) -> None:
    """The made-up region, in a database that is empty or has it already."""
    from api import demo as region

    if settings.is_sqlite:  # a folder of its own, so that its key and files are never those of another
        Path(str(Database(settings.database_url).url.database)).parent.mkdir(parents=True, exist_ok=True)
    database = opened(settings)
    try:
        region.require_demo(database, settings)  # before anything is changed
        prepare(settings)
        region.fill(database, settings, at=transactions.system_clock())
    finally:
        database.dispose()


@main.group(invoke_without_command=True)
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort (STEUN_PORT).")
@click.pass_context
def practice(context: click.Context, host: str | None, port: int | None) -> None:
    """Een verzonnen regio waarin professionals oefenen, met een eigen database. Op elke bladzijde staat dat niets echt is."""
    from api import serve as server

    if context.invoked_subcommand is not None:
        return
    settings = changed(settings_of(serving=True, practice=True), host=host, port=port)
    click.echo(_("De oefenomgeving wordt klaargezet …"))
    _fill(settings)
    click.echo(_("Open http://{host}:{port} en kies met wie u oefent.", host=settings.host, port=settings.port))
    server.run(settings)


@practice.command("reset")
@as_json
def reset_practice(machine: bool) -> None:
    """Zet alles terug zoals het begon; met SQLite ook terwijl de oefenomgeving draait. Wie was ingelogd, kiest opnieuw."""
    from api import demo as region

    settings = settings_of(practice=True)
    database = opened(settings)
    try:
        region.require_demo(database, settings)
        if not settings.is_sqlite:
            if schema.is_there(database):
                schema.downgrade(Database(settings.migration_url).url)
            _fill(settings)
        else:
            with TemporaryDirectory() as folder:
                fresh = settings.with_database_in(folder)
                _fill(fresh)
                made = opened(fresh)
                try:
                    database.become(made)
                finally:
                    made.dispose()
        letters.forget(settings.demo_mail)
    finally:
        database.dispose()
    say(machine, {"ok": True}, _("De oefenomgeving staat weer zoals ze begon."))
