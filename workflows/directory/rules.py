"""When a pathway is current, and what one must contain. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.clock import add_duration, local_date, start_of_day
from workflows.directory.model import Availability, PathwayStatus

#: What can be written in a pathway → the most characters; ``None`` for what is not text.
CONTENT: Mapping[str, int | None] = {
    "agreements_text": 4000,
    "contact_name": 120,
    "contact_phone": 40,
    "contact_mail": 120,
    "organisation_id": None,
    "referral_how": 2000,
    "cost": 500,
    "wait_time": 120,
    "availability": None,
    "languages": 500,
    "review_every_months": None,
}
MOST_MONTHS = 60

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[+()0-9 -]{3,}")


def review_by(last_reviewed_on: date, months: int) -> date:
    """The last day on which a pathway that was reviewed on a day is current, *months* calendar months later."""
    return local_date(add_duration(start_of_day(last_reviewed_on), f"P{months}M"))


def standing(last_reviewed_on: date | None, *, months: int, on: date) -> PathwayStatus:
    """How far a pathway can be trusted on local day *on*.

    Source:
        The programme's list of pathways has, for each: last reviewed, and review every so many months. That a pathway
        that nobody reviewed in time is told to be so, and not hidden, is a proposal for the region.
    """
    if last_reviewed_on is None:
        return PathwayStatus.CONCEPT
    return PathwayStatus.CURRENT if on <= review_by(last_reviewed_on, months) else PathwayStatus.STALE


def periods_meet(one_from: date, one_to: date | None, other_from: date, other_to: date | None) -> bool:
    """Whether two periods share a day; first and last day count, no last day is until further notice."""
    return (other_to is None or one_from <= other_to) and (one_to is None or other_from <= one_to)


def problems(content: Mapping[str, Any], *, complete: bool) -> dict[str, list[str]]:
    """What is wrong with the content of a pathway, per field, in Dutch.

    Args:
        content: every key of :data:`CONTENT`, texts stripped.
        complete: it answers the three questions of every pathway: which agreements, which support, by whom and how to
            reach them. A concept need not.
    """
    errors: dict[str, list[str]] = {}
    for field, most in CONTENT.items():
        if most is not None and len(content[field]) > most:
            errors[field] = [f"Gebruik hoogstens {most} tekens."]
    if content["availability"] not in set(Availability):
        errors["availability"] = ["Kies of er plek is."]
    if content["contact_mail"] and not _MAIL.fullmatch(content["contact_mail"]):
        errors["contact_mail"] = ["Vul een e-mailadres in zoals naam@voorbeeld.nl."]
    if content["contact_phone"] and not _PHONE.fullmatch(content["contact_phone"]):
        errors["contact_phone"] = ["Vul een telefoonnummer in, met cijfers en spaties."]
    months = content["review_every_months"]
    if months is not None and not (
        isinstance(months, int) and not isinstance(months, bool) and 1 <= months <= MOST_MONTHS
    ):
        errors["review_every_months"] = [f"Vul een heel getal in van 1 tot en met {MOST_MONTHS}."]
    if complete:
        if not content["agreements_text"]:
            errors.setdefault("agreements_text", ["Schrijf op wat er is afgesproken en welke steun er is."])
        if not content["contact_name"]:
            errors.setdefault("contact_name", ["Vul in wie de contactpersoon is."])
        if not (content["contact_phone"] or content["contact_mail"]):
            errors.setdefault("contact_phone", ["Vul een telefoonnummer of een e-mailadres in."])
    return errors
