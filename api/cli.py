"""The command ``steun``: for whoever runs an installation. Dutch, because an operator reads it.

Exit codes: 0 done, 1 the answer is no (findings, a broken logbook), 2 wrongly called, 3 wrong settings,
4 the database is away, 5 refused.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import click

from api import breaches, config, letters, logs, transactions
from api.pages import proofs, words
from api.pages.unwatched import unwatched_words
from workflows import (
    accounts,
    attachments,
    diagrams,
    directory,
    logbook,
    method,
    notifications,
    organisations,
    resealing,
    schema,
)
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.errors import Invalid, NotFound, Refusal, Unavailable
from workflows.organisations import Role

#: What is shipped: the method as drawn.
SHIPPED = Path(__file__).parent.parent / "bpmn"


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


@main.command()
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort (STEUN_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Aantal webprocessen; met SQLite altijd één.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Start de webserver, met de werker erin (tenzij STEUN_WORKER=off)."""
    from api import demo as region
    from api import serve as server

    settings = _changed(settings_of(serving=True), host=host, port=port, workers=workers)
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
    server.work(opened(settings), settings, stop)


@main.command()
def migrate() -> None:
    """Werk de database bij, als eigenaar (STEUN_OWNER_DATABASE_URL), en zet de meegeleverde werkwijze klaar."""
    prepare(settings_of())
    click.echo("De database is bijgewerkt.")


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
                method.publish_diagrams(session, _files(SHIPPED), by=OPERATOR, at=transactions.system_clock())
    finally:
        database.dispose()


@main.command()
@click.option("--host", help="Adres om op te luisteren (STEUN_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Poort (STEUN_PORT).")
def demo(host: str | None, port: int | None) -> None:
    """Vul een lege database met een verzonnen regio en start de webserver. Nooit voor echte gezinnen."""
    from api import demo as region
    from api import serve as server

    settings = _changed(settings_of(serving=True, demo=True), host=host, port=port)
    click.echo("De demoregio wordt klaargezet …")
    _fill(settings)
    click.echo(f"Open http://{settings.host}:{settings.port} en kies wie u bent. Of log in als één van:")
    for group in region.HATS:
        for hat in group.hats:
            click.echo(f"  {hat.login:8} {hat.job}")
    click.echo(f"Het wachtwoord is overal: {region.PASSWORD}")
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
    settings = _changed(settings_of(serving=True, practice=True), host=host, port=port)
    click.echo("De oefenomgeving wordt klaargezet …")
    _fill(settings)
    click.echo(f"Open http://{settings.host}:{settings.port} en kies met wie u oefent.")
    server.run(settings)


@practice.command("reset")
def reset_practice() -> None:
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
    click.echo("De oefenomgeving staat weer zoals ze begon.")


@main.command()
@click.argument("folder", metavar="MAP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def check(folder: Path, machine: bool) -> None:
    """Kijk een map met diagrammen, beslistabellen en formulieren na; eindigt met 1 als er iets niet klopt."""
    _, found = method.check_diagrams(_files(folder))
    if machine:
        click.echo(json.dumps([diagrams.as_data(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            click.echo(str(finding))
        wrong = sum(finding.severity == "error" for finding in found)
        click.echo(f"{wrong} fouten, {len(found) - wrong} waarschuwingen." if found else "Alles klopt.")
    if any(finding.severity == "error" for finding in found):
        click.get_current_context().exit(1)


@main.command()
@click.argument("folder", metavar="MAP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def publish(folder: Path, machine: bool) -> None:
    """Publiceer een map met diagrammen, beslistabellen en formulieren; nieuwe casussen beginnen ermee."""
    with opened(settings_of()).writing() as session:
        digest = method.publish_diagrams(session, _files(folder), by=OPERATOR, at=transactions.system_clock())
    click.echo(json.dumps({"digest": digest}) if machine else f"Gepubliceerd: {digest}")


@main.group(invoke_without_command=True)
@click.pass_context
@click.option(
    "--anchor", "file", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ankerbestand om mee te vergelijken; zonder deze optie dat van STEUN_ANCHOR_FILE.",
)  # fmt: skip
@as_json
def verify(context: click.Context, file: Path | None, machine: bool) -> None:
    """Controleer of aan het logboek niets is veranderd of weggelaten; eindigt met 1 als er iets niet klopt.

    Met ‘receipt’ controleert u het bewijs van één overdracht.
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_of()
    kept = file or (Path(settings.anchor_file) if settings.anchor_file else None)
    anchors: Mapping[str, list[logbook.Anchor]] = {}
    broken: list[str] = []
    if kept is not None:
        try:
            anchors = logbook.anchors.read(kept)
        except logbook.AnchorsBroken as error:
            broken.append(str(error))
        except OSError:
            broken.append(f"het ankerbestand {kept} is niet te lezen")
    database = opened(settings)
    try:
        with database.reading() as session:
            report = logbook.verify(session, anchors=anchors)
    finally:
        database.dispose()
    report.problems[:0] = broken
    if machine:
        data = {
            "ok": report.ok,
            "sealed": report.sealed,
            "unsealed": report.unsealed,
            "anchors": report.anchors,
            "heads": {name: {"position": head.position, "hash": head.hash} for name, head in report.heads.items()},
            "cuts": {name: {"position": one.position, "until": one.until} for name, one in report.cuts.items()},
            "problems": list(report.problems),
        }
        click.echo(json.dumps(data, ensure_ascii=False, default=str))
    else:
        click.echo(f"{report.sealed} regels verzegeld, {report.unsealed} nog niet.")
        for name, one in report.cuts.items():
            click.echo(f"  {name}: regels van vóór {one.until[:10]} zijn verwijderd omdat hun termijn voorbij was.")
        if kept is None:
            click.echo("Niet vergeleken met een anker: alleen daarmee is een teruggezette kopie te zien (--anchor).")
        elif not broken:
            click.echo(f"Vergeleken met {report.anchors} ankers.")
        for problem in report.problems:
            click.echo(f"  {problem}")
        click.echo("Het logboek klopt." if report.ok else "Het logboek klopt niet.")
    if not report.ok:
        click.get_current_context().exit(1)


@verify.command("receipt")
@click.argument("proof_id", metavar="ID", type=click.UUID)
@click.option("--hash", "given", metavar="KENMERK", help="Het kenmerk op papier, om mee te vergelijken.")
@as_json
def verify_receipt(proof_id: UUID, given: str | None, machine: bool) -> None:
    """Controleer het ontvangstbewijs van een overdracht, of wat er verzonden is; eindigt met 1 als er iets niet klopt.

    ID staat op het bewijs en in het adres van de pagina. Er komt niets van het gezin in beeld.
    """
    database = opened(settings_of())
    try:
        with database.reading() as session:
            found = method.operator_proof(session, proof_id, given=given)
    except NotFound:
        raise click.ClickException(f"Er is geen bewijs met het kenmerk {proof_id}.") from None
    finally:
        database.dispose()
    checked = found.checked
    holds = checked.holds and found.same is not False
    if machine:
        data = {
            "ok": holds,
            "package": found.package_id,
            "receipt": found.receipt_id,
            "version": found.version,
            "sent_at": found.sent_at.isoformat(),
            "accepted_at": None if found.accepted_at is None else found.accepted_at.isoformat(),
            "verdict": found.verdict,
            "package_hash": found.package_hash,
            "receipt_hash": found.receipt_hash,
            "lines_hold": checked.lines,
            "altered": checked.altered,
            "erased": checked.erased,
            "receipt_holds": checked.receipt,
            "logbook": str(checked.anchored),
            "same_as_given": found.same,
        }
        click.echo(json.dumps(data, ensure_ascii=False, default=str))
    else:
        for line in proofs.as_lines(found):
            click.echo(line)
        click.echo("Het bewijs klopt." if holds else "Het bewijs klopt niet.")
    if not holds:
        click.get_current_context().exit(1)


@main.command("breach")
@click.option("--since", required=True, metavar="MOMENT", help="Vanaf, bijvoorbeeld 2026-11-03 of 2026-11-03T08:30.")
@click.option("--until", required=True, metavar="MOMENT", help="Tot; van een dag telt het begin.")
@click.option("--noticed", metavar="MOMENT", help="Wanneer het lek ontdekt is; anders nu. Daarna telt de meldtermijn.")
@click.option("--organisation", metavar="NAAM", help="Alleen wat namens deze organisatie gelezen is.")
@click.option("--person", type=click.UUID, help="Alleen wat deze medewerker las.")
@click.option("--case", "case_id", type=click.UUID, help="Alleen deze casus.")
@click.option("--csv", "as_file", is_flag=True, help="Als CSV, voor een rekenblad; anders JSON.")
def breach_report(
    since: str, until: str, noticed: str | None, organisation: str | None, person: UUID | None, case_id: UUID | None,
    as_file: bool,
) -> None:  # fmt: skip
    """Schrijf na een datalek op wiens gegevens te zien waren, door wie en welke soorten. Zonder namen van gezinnen."""
    at = transactions.system_clock()
    with opened(settings_of()).reading() as session:
        found = method.breach_report(
            session,
            since=_moment(since, "--since"),
            until=_moment(until, "--until"),
            noticed_at=None if noticed is None else _moment(noticed, "--noticed"),
            organisation_id=None if organisation is None else _organisation(session, organisation),
            person_id=person,
            case_id=case_id,
            by=OPERATOR,
            at=at,
        )
    click.echo(breaches.as_csv(found) if as_file else breaches.as_json(found))
    click.echo(
        f"Dit raakt {found.subjects} mensen. Meld het uiterlijk op {words.moment(found.report_by)} bij de Autoriteit "
        "Persoonsgegevens.",
        err=True,
    )


def _moment(text: str, option: str) -> datetime:
    """An instant as an operator types it: Dutch time unless it says its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option}: ‘{text[:40]}’ is geen dag of moment.") from None
    return found if found.tzinfo else found.replace(tzinfo=words.AMSTERDAM)


@main.group()
def log() -> None:
    """Het logboek."""


@log.command("cut")
@click.option("--yes", "sure", is_flag=True, help="Verwijder ze ook echt; zonder deze optie wordt alleen geteld.")
@as_json
def cut_log(sure: bool, machine: bool) -> None:
    """Verwijder, als eigenaar (STEUN_OWNER_DATABASE_URL), regels die ouder zijn dan de bewaartermijn van het logboek.

    De termijn is de instelling log.retention_years. Wat blijft, sluit aan op wat weg is en blijft te controleren.
    """
    settings = settings_of()
    at = transactions.system_clock()
    owner = Database(settings.migration_url, house=True, lock_seconds=settings.lock_seconds)
    try:
        with owner.writing() if sure else owner.reading() as session:
            until = method.log_kept_until(session, at=at)
            found = (
                logbook.cut(session, until=until, by=OPERATOR, at=at)
                if sure
                else logbook.cuttable(session, until=until)
            )
    finally:
        owner.dispose()
    data = {"until": until.isoformat(), "cut": sure, "lines": {one.log: one.lines for one in found}}
    if machine:
        click.echo(json.dumps(data))
        return
    click.echo(f"Regels van vóór {transactions.local_date(until)}:")
    for one in found:
        click.echo(f"  {one.log}: {one.lines} regels, tot en met plaats {one.position}")
    if not found:
        click.echo("  geen")
    elif sure:
        click.echo("Verwijderd.")
    else:
        click.echo("Er is niets verwijderd. Doe dat met --yes, na een kopie voor het archief als u die nodig heeft.")


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
        report = resealing.reseal(database)
    finally:
        database.dispose()
    if machine:
        click.echo(json.dumps({"done": report.done, "unreadable": report.unreadable}))
    else:
        click.echo(f"Opnieuw versleuteld: {report.done}. Niet te openen: {report.unreadable}.")
    if report.unreadable:
        click.get_current_context().exit(1)


@main.group("attachments")
def attachments_() -> None:
    """Bestanden bij casussen."""


@attachments_.command("check")
@as_json
def check_attachments(machine: bool) -> None:
    """Open elk bestand, en ruim op wat bij geen casus hoort. Eindigt met code 1 als er een ontbreekt of niet te openen is."""
    with opened(settings_of()).reading() as session:
        found = attachments.standing(session, at=transactions.system_clock())
    if machine:
        click.echo(json.dumps({"cleared": found.cleared, "missing": [str(one) for one in found.missing]}))
    else:
        click.echo(f"Opgeruimd: {found.cleared}. Ontbreekt of niet te openen: {len(found.missing)}.")
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
    click.echo(json.dumps({"accounts": found}) if machine else f"Accounts met zo'n adres: {found}.")


@main.group()
def user() -> None:
    """Mensen en hun accounts."""


@user.command("add")
@click.option("--login", required=True, help="Gebruikersnaam.")
@click.option("--name", required=True, help="Naam zoals collega's die zien.")
@click.option("--organisation", required=True, help="Naam of kenmerk van de organisatie.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Rol in die organisatie.")
@click.option("--area", "areas", multiple=True, help="Gemeente (CBS-code); zonder deze optie het hele werkgebied.")
@as_json
def add_user(login: str, name: str, organisation: str, role: str, areas: tuple[str, ...], machine: bool) -> None:
    """Voeg iemand toe met een rol en een account. Met de activeringscode kiest diegene zelf een wachtwoord, op /activeren."""
    settings = settings_of()
    at = transactions.system_clock()
    with opened(settings).writing() as session:
        person = organisations.add_person(session, display_name=name, by=OPERATOR, at=at)
        assignment = organisations.assign_role(
            session,
            person_id=person.id,
            organisation_id=_organisation(session, organisation),
            role=role,
            areas=areas,
            valid_from=transactions.local_date(at),
            by=OPERATOR,
            at=at,
        )
        account = accounts.create_account(
            session, person_id=person.id, login=login, by=OPERATOR, at=at, cost=settings.argon2
        )
        issued = accounts.issue_activation(session, account.id, by=OPERATOR, at=at, cost=settings.argon2)
    if machine:
        data = {"person_id": str(person.id), "assignment_id": str(assignment.id), **_told(issued)}
        click.echo(json.dumps(data))
        return
    click.echo(f"Toegevoegd. Kenmerk van de rol: {assignment.id}")
    click.echo(_handed_over(issued))


@user.command("role")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@click.option("--organisation", required=True, help="Naam of kenmerk van de organisatie.")
@click.option("--role", required=True, type=click.Choice([each.value for each in Role]), help="Rol.")
@click.option("--area", "areas", multiple=True, help="Gemeente (CBS-code); zonder geldt de rol overal waar ze werkt.")
@as_json
def add_role(login: str, organisation: str, role: str, areas: tuple[str, ...], machine: bool) -> None:
    """Geef iemand die al een account heeft er een rol bij, zoals logbeheerder."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        assignment = organisations.assign_role(
            session,
            person_id=accounts.account_of(session, login, by=OPERATOR, at=at).person_id,
            organisation_id=_organisation(session, organisation),
            role=role,
            areas=areas,
            valid_from=transactions.local_date(at),
            by=OPERATOR,
            at=at,
        )
    click.echo(json.dumps({"assignment_id": str(assignment.id)}) if machine else f"De rol is gegeven: {assignment.id}")


@user.command("invite")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def invite_user(login: str, machine: bool) -> None:
    """Geef iemand een nieuwe activeringscode: het wachtwoord en alle sessies vervallen meteen. Kijk eerst wie het vraagt."""
    settings = settings_of()
    at = transactions.system_clock()
    with opened(settings).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        issued = accounts.issue_activation(session, account.id, by=OPERATOR, at=at, cost=settings.argon2)
    click.echo(json.dumps(_told(issued)) if machine else _handed_over(issued))


def _told(issued: accounts.Issued) -> dict[str, str]:
    return {"activation_code": issued.code, "activation_until": issued.expires_at.isoformat()}


def _handed_over(issued: accounts.Issued) -> str:
    return (
        f"Activeringscode: {issued.code}\nTe gebruiken op /activeren, één keer, tot {words.moment(issued.expires_at)}. "
        "Geef hem aan de persoon zelf."
    )


@user.command("end")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def end_user(login: str, machine: bool) -> None:
    """Meld iemand uit dienst: alle rollen en het account stoppen, taken en casussen gaan meteen terug naar het team."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        left = method.deactivate_person(session, account.person_id, by=OPERATOR, at=at)
        if account.active:
            accounts.deactivate_account(session, account.id, by=OPERATOR, at=at)
    data = {"tasks": len(left.tasks), "cases": len(left.cases), "alarms": len(left.alarms)}
    if machine:
        click.echo(json.dumps(data))
        return
    click.echo(f"Uit dienst. Terug naar het team: {data['tasks']} taken en {data['cases']} casussen.")
    if left.alarms:
        click.echo(
            f"Bij {data['alarms']} casussen is er niemand meer in het team. De procesregisseur heeft een taak gekregen."
        )


@user.command("reset-code")
@click.argument("login", metavar="GEBRUIKERSNAAM")
def reset_code(login: str) -> None:
    """Telefoon en herstelcodes kwijt: haal de extra controle weg en log de persoon overal uit. Kijk eerst wie het vraagt."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        accounts.reset_second_factor(session, account.id, by=OPERATOR, at=at)
    click.echo("De extra controle is weg. Bij het inloggen stelt de persoon haar opnieuw in.")


@main.group()
def organisation() -> None:
    """Organisaties."""


@organisation.command("add")
@click.argument("name", metavar="NAAM")
@click.option(
    "--type",
    "kind",
    required=True,
    type=click.Choice([each.value for each in organisations.OrganisationType]),
    help="Soort.",
)
@click.option(
    "--domain", required=True, type=click.Choice([each.value for each in organisations.Domain]), help="Domein."
)
@click.option("--area", "areas", multiple=True, required=True, help="Gemeente (CBS-code) waar ze werkt.")
@click.option("--bsn/--no-bsn", "may_use_bsn", default=False, help="Of ze het BSN mag gebruiken.")
def add_organisation(name: str, kind: str, domain: str, areas: tuple[str, ...], may_use_bsn: bool) -> None:
    """Voeg een organisatie toe."""
    with opened(settings_of()).writing() as session:
        added = organisations.add_organisation(
            session,
            name=name,
            type=kind,
            domain=domain,
            areas=areas,
            may_use_bsn=may_use_bsn,
            by=OPERATOR,
            at=transactions.system_clock(),
        )
    click.echo(f"Toegevoegd. Kenmerk: {added.id}")


@organisation.command("change")
@click.argument("name", metavar="NAAM")
@click.option("--bsn/--no-bsn", "may_use_bsn", required=True, help="Of ze het BSN mag gebruiken, vanaf nu.")
def change_organisation(name: str, may_use_bsn: bool) -> None:
    """Verander wat een organisatie mag: alleen zorg- en jeugdhulpaanbieders gebruiken het BSN."""
    with opened(settings_of()).writing() as session:
        found = _organisation(session, name)
        organisations.set_may_use_bsn(session, found, may_use_bsn, by=OPERATOR, at=transactions.system_clock())
    click.echo("Deze organisatie mag het BSN gebruiken." if may_use_bsn else "Deze organisatie ziet geen BSN meer.")


@organisation.command("check")
@as_json
def check_organisations(machine: bool) -> None:
    """Is bij elke organisatie iemand logbeheerder, en zijn er genoeg mensen om te bevestigen en te antwoorden? Zo niet: code 1."""
    with opened(settings_of()).reading() as session:
        found = method.unwatched(session, by=OPERATOR, at=transactions.system_clock())
    if machine:
        keys = ("name", "active", "waiting", "dpo")
        items = [
            {
                "organisation_id": str(one.organisation_id),
                "gap": str(one.gap),
                **{key: getattr(one, key) for key in keys},
            }
            for one in found
        ]
        click.echo(json.dumps({"ok": not found, "items": items}, ensure_ascii=False))
    elif not found:
        click.echo("Bij elke organisatie is elke rol bezet die nodig is.")
    for one in () if machine else found:
        words_of = unwatched_words(one)
        click.echo(f"{one.name}: {' '.join(filter(None, (words_of.what, words_of.waits, words_of.do)))}")
    if found:
        click.get_current_context().exit(1)


@main.command("holders")
@as_json
def check_holders(machine: bool) -> None:
    """Houdt bij elke open casus iemand de casus vast die er nog werkt? Zo niet: code 1. Noemt nummers, geen gezinnen."""
    with opened(settings_of()).reading() as session:
        found = method.unheld(session, by=OPERATOR, at=transactions.system_clock())
        names = organisations.called(session, {one.organisation_id for one in found})
    items = [
        {
            "case_id": str(one.case_id),
            "number": one.number,
            "organisation": names.get(one.organisation_id) if one.organisation_id else None,
            "role": one.role,
            "fault": str(one.fault),
        }
        for one in found
    ]
    if machine:
        click.echo(json.dumps({"ok": not found, "items": items}, ensure_ascii=False))
    elif not found:
        click.echo("Elke open casus wordt vastgehouden door een team waar iemand is.")
    for one, item in () if machine else zip(found, items, strict=True):
        click.echo(
            f"{one.number}: {item['organisation']} ({words.ROLES.get(one.role or '', one.role)}). {method.WHY_UNHELD[one.fault]}"
        )
    if found:
        click.get_current_context().exit(1)


@main.group()
def token() -> None:
    """Toegangstokens voor programma's."""


@token.command("add")
@click.argument("label", metavar="WAARVOOR")
@click.option("--assignment", required=True, type=click.UUID, help="Kenmerk van de rol, uit `steun user add`.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Hoe lang het geldt.")
@click.option(
    "--second-factor",
    is_flag=True,
    help="Geldt als bevestigd met een code. Nodig voor een beheerder, logbeheerder of functionaris gegevensbescherming.",
)
@as_json
def add_token(label: str, assignment: UUID, days: int, second_factor: bool, machine: bool) -> None:
    """Geef een programma toegang namens iemand in een rol. Het token is maar één keer te zien."""
    at = transactions.system_clock()
    until = at + timedelta(days=days)
    with opened(settings_of()).writing() as session:
        secret = accounts.issue_token(
            session,
            assignment_id=assignment,
            label=label,
            expires_at=until,
            second_factor=second_factor,
            by=OPERATOR,
            at=at,
        )
    click.echo(json.dumps({"token": secret, "expires_at": until.isoformat()}) if machine else secret)


@main.command()
def openapi() -> None:
    """Schrijf de beschrijving van de API (OpenAPI 3.1)."""
    from api.openapi import document

    click.echo(json.dumps(document(), ensure_ascii=False, indent=1))


def _changed(settings: config.Settings, **changes: Any) -> config.Settings:
    changed = settings.with_(**{name: value for name, value in changes.items() if value is not None})
    if changed.is_sqlite and changed.workers > 1:
        raise config.SettingsRefused({"--workers": ["met SQLite kan er maar één webproces zijn; kies PostgreSQL"]})
    return changed


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in diagrams.SUFFIXES}


def _organisation(session: Any, given: str) -> UUID:
    for each in organisations.organisations(session):
        if given in (each.name, str(each.id)):
            return each.id
    raise click.UsageError(f"Er is geen organisatie ‘{given}’. Voeg haar toe met: steun organisation add")


if __name__ == "__main__":
    main()
