"""Steps that programs of partners do: what waits, who is at it, what nobody tries any more; taking back and trying again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from api import transactions
from api.cli.base import as_json, finish, main, opened, organisation_named, say, settings_of
from api.cli.language import _
from api.pages import words
from workflows import organisations, topics
from workflows.actor import OPERATOR


@main.group("topics")
def topics_() -> None:
    """Stappen die een ander programma doet (topics)."""


@topics_.command("list")
@click.option("--organisation", help="Naam of kenmerk van de organisatie; zonder deze optie alle.")
@as_json
def list_topics(organisation: str | None, machine: bool) -> None:
    """Welke onderwerpen zijn er, welk programma doet ze, wat wacht, wie heeft wat, en wat mislukte? Zo ja: code 1.

    Het mislukte probeert niemand meer tot u retry doet. Er komt niets van een gezin in beeld.
    """
    at = transactions.system_clock()
    database = opened(settings_of())
    try:
        with database.reading() as session:
            only = organisation_named(session, organisation) if organisation else None
            found = [one for one in topics.standing(session, at=at) if only in (None, one.organisation_id)]
            names = organisations.called(session, {one.organisation_id for one in found})
            items = [_item(one, names[one.organisation_id]) for one in found]
    finally:
        database.dispose()
    failed = any(one["failed"] for one in items)
    lines = [line for one in items for line in _lines(one)]
    say(machine, {"ok": not failed, "items": items}, "\n".join(lines) or _("Er is geen stap voor een ander programma."))
    finish(not failed)


@topics_.command("release")
@click.argument("task_id", metavar="ID", type=click.UUID)
@as_json
def release_step(task_id: UUID, machine: bool) -> None:
    """Neem een stap af van het programma dat hem heeft, bijvoorbeeld omdat het vastliep. Een ander krijgt hem meteen."""
    _do(topics.release_held, task_id)
    say(
        machine,
        {"ok": True, "task_id": str(task_id)},
        _("De stap is weer vrij. Wat het programma er nog van zegt, telt niet."),
    )


@topics_.command("retry")
@click.argument("task_id", metavar="ID", type=click.UUID)
@as_json
def retry_step(task_id: UUID, machine: bool) -> None:
    """Laat een mislukte stap nog één keer proberen. Doe dit als de oorzaak weg is."""
    _do(topics.retry_step, task_id)
    say(machine, {"ok": True, "task_id": str(task_id)}, _("De stap wordt opnieuw geprobeerd."))


def _do(verb: Any, task_id: UUID) -> None:
    database = opened(settings_of())
    try:
        with database.writing() as session:
            verb(session, task_id, by=OPERATOR, at=transactions.system_clock())
    finally:
        database.dispose()


def _item(one: topics.Standing, organisation: str) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "organisation": organisation,
        "programs": [{"id": str(each.id), "label": each.label, "expires_at": each.expires_at} for each in one.programs],
        "waiting": one.waiting,
        "held": [{"task_id": str(each.task_id), "program": each.program, "until": each.until} for each in one.held],
        "failed": [
            {
                "task_id": str(each.task_id),
                "error_code": each.error_code,
                "since": each.since,
                "fetched": each.fetched,
            }
            for each in one.failed
        ],
    }


def _lines(one: dict[str, Any]) -> list[str]:
    lines = [
        _(
            "{topic}, {organisation}: {waiting} wachten, {held} bezig, {failed} mislukt",
            topic=one["topic"],
            organisation=one["organisation"],
            waiting=one["waiting"],
            held=len(one["held"]),
            failed=len(one["failed"]),
        )
    ]
    for each in one["programs"]:
        until = words.moment(each["expires_at"])
        lines.append(_("  programma {label}, token tot {moment}", label=each["label"], moment=until))
    if not one["programs"]:
        lines.append(_("  Er is geen programma dat dit doet."))
    for each in one["held"]:
        lines.append(
            _(
                "  {task}: bij {label} tot {moment}",
                task=each["task_id"],
                label=each["program"],
                moment=words.moment(each["until"]),
            )
        )
    for each in one["failed"]:
        lines.append(
            _(
                "  {task}: mislukt sinds {moment} ({code})",
                task=each["task_id"],
                moment=words.moment(each["since"]),
                code=each["error_code"],
            )
        )
    return lines
