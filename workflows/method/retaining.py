"""How long a closed case is kept: derived from its result, its closing and the settings, and stored nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from engine.clock import add_months, local_date, start_of_day
from engine.errors import ExpressionFailed
from workflows import diagrams, processes, settings
from workflows.cases import Case
from workflows.errors import NotFound

#: The decision table that gives a class of retention.
TABLE = "bewaartermijn"
#: Class → the setting with its years. What was never shared has a day of its own.
YEARS = {
    "case": "retention.case_years",
    "loss": "retention.loss_years",
    "compulsory": "retention.compulsory_years",
}
UNSHARED = "unshared"


@dataclass(frozen=True, slots=True)
class Retention:
    """``until`` is the local day until which the case is kept; None: open, or already erased. ``source`` is Dutch."""

    retention_class: str
    until: date | None
    source: str


def retention(session: Session, case: Case, *, on: date | None = None) -> Retention:
    """What class of retention a case has, and until when.

    Args:
        on: local day whose settings hold; left out: the day on which the case was closed.
    """
    shared = case.erase_on is None and case.family_id is not None
    name = _class(session, case, shared=shared)
    if name == UNSHARED or not shared:
        source = settings.origin(
            session,
            "case.unshared_retention_days",
            municipality=case.municipality_code,
            on=on or local_date(case.opened_at),
        )
        return Retention(UNSHARED, case.erase_on if case.is_closed else None, source)
    closed = None if case.closed_at is None else local_date(case.closed_at)
    setting, day = YEARS[name], on or closed or local_date(case.opened_at)
    source = settings.origin(session, setting, municipality=case.municipality_code, on=day)
    if closed is None:
        return Retention(name, None, source)
    years = int(settings.get(session, setting, municipality=case.municipality_code, on=day))
    return Retention(name, add_months(closed, 12 * years), source)


def log_kept_until(session: Session, *, at: datetime) -> datetime:
    """The instant before which lines of the logbook are not kept any more."""
    today = local_date(at)
    years = int(settings.get(session, "log.retention_years", on=today))
    return start_of_day(add_months(today, -12 * years))


def _class(session: Session, case: Case, *, shared: bool) -> str:
    """What the table of the case's own bundle says; the longest known, when there is no table or it cannot be asked."""
    otherwise = "case" if shared else UNSHARED
    try:
        digest = processes.run_of(session, "case", case.id).bundle_digest
    except NotFound:
        return otherwise
    table = diagrams.load(session, digest).decisions.get(TABLE)
    if table is None:
        return otherwise
    try:
        outputs = table.decide({"result": case.result, "shared": "yes" if shared else "no"}).outputs
    except ExpressionFailed:
        return otherwise
    name = outputs.get("retention_class") if isinstance(outputs, dict) else None
    return name if name in YEARS or (name == UNSHARED and not shared) else otherwise
