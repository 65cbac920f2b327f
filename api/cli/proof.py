"""The logbook: whether it holds, what a breach touched, and its end after the term."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import click

from api import breaches, transactions
from api.cli.base import as_json, main, moment, opened, organisation_named, owned, settings_of
from api.cli.language import _
from api.cli.progress import bar
from api.pages import proofs, words
from workflows import logbook, method
from workflows.actor import OPERATOR
from workflows.errors import NotFound


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
            lines = sum(head.position for head in logbook.heads(session).values())
            with bar(_("Nakijken"), lines, quiet=machine) as told:
                report = logbook.verify(session, anchors=anchors, told=told)
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
        click.echo(_("{sealed} regels verzegeld, {unsealed} nog niet.", sealed=report.sealed, unsealed=report.unsealed))
        for name, one in report.cuts.items():
            click.echo(
                _(
                    "  {name}: regels van vóór {until} zijn verwijderd omdat hun termijn voorbij was.",
                    name=name,
                    until=one.until[:10],
                )
            )
        if kept is None:
            click.echo(_("Niet vergeleken met een anker: alleen daarmee is een teruggezette kopie te zien (--anchor)."))
        elif not broken:
            click.echo(_("Vergeleken met {anchors} ankers.", anchors=report.anchors))
        for problem in report.problems:
            click.echo(f"  {problem}")
        click.echo(_("Het logboek klopt.") if report.ok else _("Het logboek klopt niet."))
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
        raise click.ClickException(_("Er is geen bewijs met het kenmerk {proof_id}.", proof_id=proof_id)) from None
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
        click.echo(_("Het bewijs klopt.") if holds else _("Het bewijs klopt niet."))
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
            since=moment(since, "--since"),
            until=moment(until, "--until"),
            noticed_at=None if noticed is None else moment(noticed, "--noticed"),
            organisation_id=None if organisation is None else organisation_named(session, organisation),
            person_id=person,
            case_id=case_id,
            by=OPERATOR,
            at=at,
        )
    click.echo(breaches.as_csv(found) if as_file else breaches.as_json(found))
    click.echo(
        _(
            "Dit raakt {subjects} mensen. Meld het uiterlijk op {moment} bij de Autoriteit Persoonsgegevens.",
            subjects=found.subjects,
            moment=words.moment(found.report_by),
        ),
        err=True,
    )


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
    owner = owned(settings)
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
    click.echo(_("Regels van vóór {day}:", day=transactions.local_date(until)))
    for one in found:
        click.echo(
            _(
                "  {log}: {lines} regels, tot en met plaats {position}",
                log=one.log,
                lines=one.lines,
                position=one.position,
            )
        )
    if not found:
        click.echo(_("  geen"))
    elif sure:
        click.echo(_("Verwijderd."))
    else:
        click.echo(_("Er is niets verwijderd. Doe dat met --yes, na een kopie voor het archief als u die nodig heeft."))
