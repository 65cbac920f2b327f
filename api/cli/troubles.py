"""What does not go by itself any more, for who is at the console: it is mended at the desk, by two people."""

from __future__ import annotations

from api import transactions
from api.cli.base import as_json, finish, main, opened, say, settings_of
from api.cli.language import _
from api.pages import desk_words, words
from workflows import desk
from workflows.actor import OPERATOR
from workflows.desk import TroubleState


@main.command("troubles")
@as_json
def troubles(machine: bool) -> None:
    """Wat gaat er niet meer vanzelf, waarom, en wat kunt u doen? Eindigt met 1 als iets op een mens wacht.

    Herstellen doen twee mensen samen, op de pagina Beheer. Er komt niets van een gezin in beeld.
    """
    database = opened(settings_of())
    try:
        with database.reading() as session:
            found = desk.troubles(session, by=OPERATOR, at=transactions.system_clock())
    finally:
        database.dispose()
    waits = [one for one in found if one.state in (TroubleState.FAILED, TroubleState.STUCK)]
    items = [
        {
            "id": str(one.id),
            "kind": str(one.kind),
            "what": one.what,
            "state": str(one.state),
            "cause": str(one.cause),
            "error": one.error,
            "organisation": one.organisation,
            "program": one.program,
            "count": one.count,
            "since": one.since,
            "next_at": one.next_at,
            "actions": [str(action) for action in one.actions],
            "asked": one.repair is not None,
        }
        for one in found
    ]
    lines = []
    for one in found:
        reason, advice = desk_words.reason(one)
        state = desk_words.STATES[one.state][0]
        since = "" if one.since is None else f", {words.moment(one.since)}"
        where = "".join(f", {name}" for name in (one.organisation, one.program) if name)
        lines.append(f"{desk_words.title(one.kind, one.what)}{where}: {one.count} ({state}{since}). {reason} {advice}")
    say(machine, {"ok": not waits, "items": items}, "\n".join(lines) or _("Alles gaat vanzelf."))
    finish(not waits)
