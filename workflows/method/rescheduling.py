"""Working out terms anew: after a date or a setting changed, in every case that it touches, each in its own transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import access, cases, jobs, logbook, organisations, processes, settings
from workflows.actor import WORKER, Actor
from workflows.cases import Case, CaseStatus
from workflows.db import house
from workflows.errors import Invalid, NotFound
from workflows.method.effects import settle
from workflows.method.placing import around_case
from workflows.processes import RunStatus
from workflows.settings import Setting


def reschedule_case(session: Session, case_id: UUID, *, at: datetime, by: Actor = WORKER) -> None:
    """Work out every term of a case anew, from when it began: a date or a setting changed. Nothing else moves.

    Raises:
        NotFound: no such case. Whether *by* may is asked by the caller.
    """
    case = cases.lock(session, case_id)
    if case.is_closed:
        return
    for known in processes.runs_of(session, "case", case.id):
        if known.status != RunStatus.RUNNING:
            continue
        run = processes.lock_run(session, known.id)
        assert run is not None  # waiting for a lock ends with it
        around = around_case(session, case, at=at, careful=False, digest=run.bundle_digest)
        change = processes.reschedule(session, run, place=around.place, terms=around.terms, at=at)
        settle(session, case, run, change, by=by, at=at)
    logbook.write(session, "case.rescheduled", "case", case.id, case_id=case.id, by=by, at=at)
    session.flush()


def change_setting(
    session: Session,
    name: str,
    value: Any,
    *,
    municipality: str | None = None,
    valid_from: date,
    valid_to: date | None = None,
    tag: str,
    source: str,
    by: Actor,
    at: datetime,
) -> Setting:
    """Set a value from today or a later day on, and let running terms follow on that day.

    Raises:
        NotAllowed: only an administrator or coordinator sets values.
        Invalid: every field that is not right, at once.
    """
    access.require(by, "change_settings", access.Facts(), at=at)
    errors: dict[str, list[str]] = {}
    if municipality is not None:
        try:
            organisations.municipality(session, municipality)
        except NotFound:
            errors["municipality_code"] = ["Deze gemeente hoort niet bij de regio."]
    if valid_from < local_date(at):
        errors["valid_from"] = ["Kies vandaag of een latere dag: wat al gold, blijft zo."]
    if not source.strip():
        errors["source"] = ["Schrijf op wie dit besloot, of waar het staat."]
    elif len(source) > LONGEST_SOURCE or "\0" in source:
        errors["source"] = [f"Gebruik ten hoogste {LONGEST_SOURCE} tekens, die te bewaren zijn."]
    for name_of, day in (("valid_from", valid_from), ("valid_to", valid_to)):
        if day is not None and day > LAST_DAY:
            errors[name_of] = [f"Kies een dag voor {LAST_DAY.year + 1}."]
    if tag not in TAGS:
        errors["tag"] = ["Kies hoe vast dit staat."]
    try:
        settings.check(settings.definition(name), value)
    except Invalid as refused:
        if name in refused.errors:
            errors["value"] = refused.errors[name]
        else:
            errors["name"] = [refused.detail]
    if errors:
        raise Invalid(f"setting {name} refused", errors=errors)
    setting = settings.put(
        session,
        name,
        value,
        municipality=municipality,
        valid_from=valid_from,
        valid_to=valid_to,
        tag=tag,
        source=source.strip(),
        by=by,
        at=at,
    )
    if settings.moves_terms(name):
        with house(session):  # a job for every case that runs, whoever holds it
            follow_setting(session, setting, at=at)
    return setting


#: How firm a value is that somebody sets: a proposal, or decided by the region or the municipality.
TAGS = ("[I]", "[B]")


#: Characters of a source.
LONGEST_SOURCE = 500
#: Until when a value can be planned: the day after it has to exist, too.
LAST_DAY = date(2199, 12, 31)


def follow_setting(session: Session, setting: Setting, *, at: datetime) -> None:
    """Plan a job per running case when a value begins or ends to hold; and come back for what is still to come."""
    today = local_date(at)
    days = [setting.valid_from] + ([setting.valid_to + timedelta(days=1)] if setting.valid_to else [])
    if any(day <= today for day in days):
        running = select(Case.id).where(Case.status != CaseStatus.CLOSED)
        if setting.municipality_code is not None:
            running = running.where(Case.municipality_code == setting.municipality_code)
        jobs.enqueue_all(session, "reschedule", due_at=at, subject_kind="case", subject_ids=session.scalars(running))
    if later := [day for day in days if day > today]:
        due_at = start_of_day(min(later))
        jobs.enqueue(session, "setting_changes", due_at=due_at, subject_kind="setting", subject_id=setting.id)


def follow_planned(session: Session, setting_id: UUID, *, at: datetime) -> None:
    """The day has come on which a value begins or ends to hold."""
    setting = session.get(Setting, setting_id)
    if setting is not None:
        follow_setting(session, setting, at=at)
