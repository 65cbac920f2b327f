"""``steun doctor``: looks over an installation and says what is wrong and what to do about it. Changes nothing."""

from __future__ import annotations

import shutil
import smtplib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

import click

import api
from api import config, health, logs, scanning, sending, transactions
from api.cli.base import as_json, finish, main, opened, say
from api.cli.language import _, told
from api.pages import words
from workflows import attachments, checkup, logbook, schema
from workflows.db import Database
from workflows.errors import Refusal

State = Literal["ok", "warning", "wrong"]
#: How much room there has to be: below the first it goes wrong soon, below the second it is time to do something.
_NEARLY_FULL, _GETTING_FULL = 300_000_000, 2_000_000_000
#: How far a clock may be off, and how late the worker may be, before it is a fault.
_CLOCK, _LATE = timedelta(seconds=5), timedelta(minutes=5)
#: How old the last backup may be.
_BACKUP = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at: how it is, and what to do when it is not well."""

    check: str
    state: State
    says: str
    do: str = ""


@main.command()
@click.option("--deep", is_flag=True, help="Kijk ook het hele logboek na en open elke bijlage; dat kan lang duren.")
@as_json
def doctor(deep: bool, machine: bool) -> None:
    """Kijk of deze installatie gezond is: instellingen, database, werker, sleutels, schijf, klok, mail. Zo niet: code 1.

    Er verandert niets, en er komt niets van een gezin in beeld. Een waarschuwing alleen geeft code 0.
    """
    found = list(look(deep=deep))
    ok = all(one.state != "wrong" for one in found)
    signs = {"ok": _("goed"), "warning": _("let op"), "wrong": _("fout")}
    lines = [f"{signs[one.state]:8}{one.says}" + (f"\n{'':8}→ {one.do}" if one.do else "") for one in found]
    last = _("Alles is in orde.") if ok else _("Er is iets mis.")
    data = [{"check": one.check, "state": one.state, "says": one.says, "do": one.do} for one in found]
    say(machine, {"ok": ok, "checks": data}, "\n".join([*lines, last]))
    finish(ok)


def look(*, deep: bool = False) -> Iterator[Found]:
    """Everything that there is to look at, one after the other; what cannot be looked at is wrong."""
    try:
        settings = config.read(serving=True)
    except config.SettingsRefused as error:
        logs.configure("ERROR")
        for name, texts in told(error.problems).items():
            yield Found("settings", "wrong", f"{name}: {' '.join(texts)}", "docs/operations.md")
        return
    logs.configure("ERROR")
    yield Found("settings", "ok", _("De instellingen kloppen."))
    yield from _assets()
    yield from _disk(settings)
    yield from _keys(settings)
    yield from _mail(settings)
    yield from _scanner(settings)
    at = transactions.system_clock()
    if settings.is_sqlite and not _sqlite_file(settings).exists():
        yield Found("database", "wrong", _("Er is nog geen database."), "steun migrate")
        return
    database = opened(settings)
    try:
        database.ping()
        yield Found("database", "ok", _("De database antwoordt."))
        if not schema.is_current(database):
            yield Found("migrations", "wrong", _("De database is niet van deze versie."), "steun backup, steun migrate")
            return
        yield Found("migrations", "ok", _("De database is van deze versie."))
        yield from _facts(settings, checkup.look(database, at=at), at)
        yield from _attachments(settings, database, at, deep=deep)
        yield from _logbook(settings, database, deep=deep)
    except Refusal as error:
        yield Found("database", "wrong", _("De database antwoordt niet."), str(error))
    finally:
        database.dispose()


def _sqlite_file(settings: config.Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def _assets() -> Iterator[Found]:
    missing = health.missing_assets(Path(api.__file__).parent)
    if missing:
        says = _("De bestanden voor pagina’s of FEEL ontbreken: {names}.", names=", ".join(missing))
        yield Found("assets", "wrong", says, "make assets")
    else:
        yield Found("assets", "ok", _("De bestanden voor de pagina’s zijn er."))


def _disk(settings: config.Settings) -> Iterator[Found]:
    places = {settings.files}
    if settings.is_sqlite:
        places.add(_sqlite_file(settings).parent)
    if settings.anchor_file:
        places.add(Path(settings.anchor_file).parent)
    for place in sorted(places):
        there = next(one for one in (place, *place.absolute().parents) if one.exists())
        free = shutil.disk_usage(there).free
        state: State = "wrong" if free < _NEARLY_FULL else "warning" if free < _GETTING_FULL else "ok"
        says = _("{place}: nog {free} GB vrij.", place=place, free=f"{free / 1e9:.1f}")
        yield Found(
            "disk", state, says, "" if state == "ok" else _("Maak ruimte; bij een volle schijf antwoordt alles 503.")
        )


def _keys(settings: config.Settings) -> Iterator[Found]:
    if settings.backup_vault is None:
        yield Found("backup_key", "warning", _("Er is geen sleutel voor back-ups."), "STEUN_BACKUP_KEY_FILE")
    for name, file in config.key_files():
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            says = _("{name}: anderen op deze machine kunnen {file} lezen.", name=name, file=file)
            yield Found("key_files", "wrong", says, f"chmod 600 {file}")


def _mail(settings: config.Settings) -> Iterator[Found]:
    if not settings.smtp_host:
        yield Found("mail", "warning", _("Er gaat geen mail uit: er is geen mailserver ingesteld."), "STEUN_SMTP_HOST")
        return
    try:
        with sending.connected(settings) as server:
            server.noop()
        yield Found("mail", "ok", _("De mailserver antwoordt."))
    except (OSError, smtplib.SMTPException) as error:
        does = _(
            "Kijk de instellingen STEUN_SMTP_… na, of vraag wie de mailserver beheert. Mail wacht en gaat later alsnog."
        )
        yield Found("mail", "wrong", _("De mailserver antwoordt niet: {error}.", error=type(error).__name__), does)


def _scanner(settings: config.Settings) -> Iterator[Found]:
    if not settings.clamav:
        yield Found("scanner", "warning", _("Bijlagen worden niet op virussen bekeken."), "STEUN_CLAMAV")
        return
    try:
        scanning.require_clean(settings, b"steun doctor")
        yield Found("scanner", "ok", _("De virusscanner antwoordt."))
    except Refusal as error:
        yield Found("scanner", "wrong", _("De virusscanner antwoordt niet; er kan geen bijlage bij."), str(error))


def _facts(settings: config.Settings, facts: checkup.Facts, at: datetime) -> Iterator[Found]:
    off = max(abs(facts.clock_off or timedelta(0)), facts.ahead)
    if off > _CLOCK:
        says = _(
            "De klok loopt {seconds} seconden uit de pas met de database of het logboek.",
            seconds=round(off.total_seconds()),
        )
        yield Found("clock", "wrong", says, _("Zet de tijd gelijk (NTP) op deze machine en die van de database."))
    else:
        yield Found("clock", "ok", _("De klok loopt gelijk."))
    late = max(facts.unsealed_for, facts.overdue)
    if not facts.standing or late > _LATE:
        says = (
            _("De werker doet zijn werk niet: iets wacht al {minutes} minuten.", minutes=late // timedelta(minutes=1))
            if facts.standing
            else _("De werker heeft hier nog nooit gelopen.")
        )
        yield Found("worker", "wrong", says, _("Start hem: steun serve met STEUN_WORKER=on, of steun worker."))
    else:
        yield Found("worker", "ok", _("De werker loopt en het logboek wordt verzegeld."))
    failed = facts.failed_jobs + facts.failed_messages
    if failed:
        says = _(
            "Er wacht werk op een mens: {jobs} taken voor het systeem en {messages} berichten zijn vaak mislukt.",
            jobs=facts.failed_jobs,
            messages=facts.failed_messages,
        )
        yield Found("failed", "warning", says, "steun troubles")
    if facts.unreadable:
        says = _("Versleuteld en met deze sleutels niet te openen: {names}.", names=", ".join(facts.unreadable))
        yield Found("vault", "wrong", says, _("Zet de sleutel van toen achter de nieuwe in STEUN_VAULT_KEY."))
    else:
        yield Found("vault", "ok", _("Wat versleuteld is, is met deze sleutels te openen."))
    if facts.owns:
        says = _("De toepassing is eigenaar van de tabellen en kan dus het logboek veranderen.")
        yield Found("database_role", "wrong", says, "STEUN_DATABASE_URL, STEUN_OWNER_DATABASE_URL")
    if facts.unlocked:
        yield Found("row_security", "wrong", _("De database schermt rijen niet af."), "steun migrate")
    if settings.is_sqlite and not settings.is_demo:
        says = _("SQLite schermt rijen niet zelf af; voor echte gezinnen is PostgreSQL beter.")
        yield Found("row_security", "warning", says, "docs/operations.md")
    if facts.backup_at is None or at - facts.backup_at > _BACKUP:
        says = _("Er is nog nooit een back-up gemaakt.") if facts.backup_at is None else _(
            "De laatste back-up is van {moment}.", moment=words.moment(facts.backup_at)
        )  # fmt: skip
        yield Found("backup", "warning", says, "steun backup MAP --keep 30")
    else:
        yield Found("backup", "ok", _("De laatste back-up is van {moment}.", moment=words.moment(facts.backup_at)))


def _attachments(settings: config.Settings, database: Database, at: datetime, *, deep: bool) -> Iterator[Found]:
    try:
        settings.files.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=settings.files) as file:
            file.write(b"steun")
            file.flush()
    except OSError as error:
        says = _("In {place} kan niet geschreven worden: {error}.", place=settings.files, error=error.strerror)
        yield Found("attachments", "wrong", says, "STEUN_ATTACHMENTS")
        return
    missing = 0
    if deep:
        with database.reading() as session:
            missing = len(attachments.broken(session))
    if missing:
        says = _("Bijlagen die ontbreken of niet te openen zijn: {count}.", count=missing)
        yield Found("attachments", "wrong", says, "steun attachments check")
    else:
        yield Found("attachments", "ok", _("De map voor bijlagen is er en er kan in geschreven worden."))


def _logbook(settings: config.Settings, database: Database, *, deep: bool) -> Iterator[Found]:
    anchors = {}
    if settings.anchor_file:
        try:
            anchors = logbook.anchors.read(Path(settings.anchor_file))
        except (logbook.AnchorsBroken, OSError) as error:
            says = _("Het ankerbestand is niet te lezen: {error}.", error=error)
            yield Found("anchors", "wrong", says, "STEUN_ANCHOR_FILE")
    elif not (settings.anchor_mail or settings.anchor_webhook):
        says = _("De stand van het logboek wordt nergens buiten de database bewaard.")
        yield Found("anchors", "warning", says, "STEUN_ANCHOR_FILE")
    with database.reading() as session:
        heads = logbook.heads(session)
        problems = list(logbook.verify(session, anchors=anchors).problems) if deep else []
    behind = [
        name
        for name, kept in anchors.items()
        if max(one.position for one in kept) > getattr(heads.get(name), "position", 0)
    ]
    if problems or behind:
        says = (
            problems[0]
            if problems
            else _("Het logboek is korter dan het ankerbestand: {names}.", names=", ".join(behind))
        )
        yield Found("logbook", "wrong", says, "steun verify")
    else:
        yield Found("logbook", "ok", _("Het hele logboek klopt.") if deep else _("Het logboek sluit aan op de ankers."))
