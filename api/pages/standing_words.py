"""Why a case does not move, in one Dutch sentence; also for programs, so that both say the same."""

from __future__ import annotations

from datetime import datetime

from api.pages import shown, words
from workflows.method import ByItself, Standstill, WaitsFor

_WITHHELD = "Hoe het verdergaat, ziet u alleen als de ouder terugkoppeling goed vindt."
_NOTHING = (
    "In deze casus ligt nergens een taak en er komt ook geen moment meer aan; dat hoort niet, en de beheerders van het "
    "systeem zien het."
)


def sentence(one: Standstill, names: shown.Names, *, mine: bool, now: datetime) -> str:
    """What it waits for, with whom, since when, and what will happen by itself.

    Args:
        mine: the task lies with who reads this, or with their team.
    """
    if one.waits_for == WaitsFor.CLOSED:
        return "Deze casus is gesloten."
    if one.waits_for == WaitsFor.WITHHELD:
        return _WITHHELD
    if one.waits_for == WaitsFor.NOTHING:
        return _NOTHING
    if one.waits_for == WaitsFor.MOMENT:
        return f"Er is nu niets te doen: op {words.day(one.next_at)} gaat het vanzelf verder."
    if one.waits_for == WaitsFor.SYSTEM:
        return _system(one, now)
    return f"{_waits(one, names, mine, now)}{_by_itself(one)}."


def is_wrong(one: Standstill) -> bool:
    """Whether it is so that somebody should see it without asking."""
    return one.waits_for in (WaitsFor.SYSTEM, WaitsFor.NOTHING)


def _system(one: Standstill, now: datetime) -> str:
    what = f"Het systeem kan sinds {_day(one.since)} niet verder door een storing (kenmerk {one.reference})"
    if one.by_itself == ByItself.TRIED_AGAIN:
        return f"{what}; het probeert het {words.since(one.next_at, now)} vanzelf opnieuw."
    return f"{what}; de beheerders zien dit en herstellen het, u hoeft niets te doen."


def _waits(one: Standstill, names: shown.Names, mine: bool, now: datetime) -> str:
    if one.waits_for == WaitsFor.SERVICE:
        text = f"Het wacht sinds {_day(one.since)} op een ander systeem, voor ‘{one.what}’"
    else:
        where = names.organisation(one.organisation_id) or "een organisatie"
        who = f"{'uw team' if mine else where} ({words.say(one.role, words.ROLES)})"
        text = f"Het wacht op ‘{one.what}’: dat "
        if one.taken:
            text += f"is sinds {_day(one.since)} in handen van {who}"
        else:
            text += f"ligt sinds {_day(one.since)} bij {who} en is nog niet opgepakt"
    term = words.term(one.due_at, now) if one.late else None
    return f"{text}, {term.text}" if term else text


def _by_itself(one: Standstill) -> str:
    day = words.weekday(one.next_at) if one.next_at else ""
    return {
        ByItself.ASKS_DIRECTOR: f"; is het op {day} nog niet klaar, dan vraagt het systeem de procesregisseur om te overleggen",
        ByItself.DIRECTOR_ASKED: f"; de procesregisseur is op {day} gevraagd om te overleggen",
        ByItself.GOES_ON: f"; is het op {day} nog niet klaar, dan gaat het vanzelf op een andere manier verder",
        ByItself.RETURNS: f"; gebeurt er niets, dan gaat de taak {day} terug naar het team",
    }.get(one.by_itself, "")


def _day(value: datetime | None) -> str:
    return words.short_day(value)
