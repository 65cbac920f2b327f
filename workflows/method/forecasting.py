"""Looking ahead: what is coming in one case, and which terms in an area pass or float. Everything is derived when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import end_of_day, local_date
from workflows import access, consent, logbook, organisations, processes, settings
from workflows.access import Facts, Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import house
from workflows.method.facts import find_case, kept_from, write_read
from workflows.method.placing import Anchors, around_case
from workflows.method.terms import ESCALATION
from workflows.processes import Page, Task


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that is coming on a local day. ``label`` and ``source`` are Dutch; the source says what it is derived from."""

    day: date
    kind: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class RiskCard:
    """A task whose term passes or that nobody carries yet: which team has it, and who holds the case. No family, no case.

    ``risk``: ``late``, ``soon``, or ``floating``: a support action that nobody has accepted.
    """

    id: UUID
    name: str
    status: str
    role: str
    organisation_id: UUID
    holder_organisation_id: UUID | None
    holder_role: str | None
    municipality_code: str | None
    urgency: str | None
    due_at: datetime | None
    warned_at: datetime | None
    escalated_at: datetime | None
    opened_at: datetime
    risk: str


def forecast(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[Expected]:
    """What is coming in a case, as far as *by* may know it, by day; what is late already comes first. The read is logged.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    today = local_date(at)
    write_read(session, "case.forecast", "case", case.id, case=case, facts=facts, purpose="forecast", by=by, at=at)
    found = [*_consents(session, case, readable, by)]
    tasks: list[Expected] = []
    if not case.is_closed:
        tasks = list(_tasks(session, case, facts, readable, by, today))
        found += _agreed(session, case, readable)
        found += _child(session, case, readable, by, at)
    coming = [one for one in found if one.day >= today]
    return sorted([*tasks, *coming], key=lambda one: (one.day, one.label))


def _tasks(
    session: Session, case: Case, facts: Facts, readable: Readable, by: Actor, today: date
) -> Iterator[Expected]:
    """As on the page of the case: who may not follow how it goes on sees the tasks of the own organisation."""
    all_of_them = facts.holder or readable.follows
    for task in processes.tasks_of(session, "case", case.id, live_only=True):
        if (
            task.kind == "user"
            and task.due_at is not None
            and (all_of_them or task.organisation_id == by.organisation_id)
        ):
            yield Expected(
                local_date(task.due_at), "task", task.name, _source(session, case, f"term.{task.term}", today)
            )


def _agreed(session: Session, case: Case, readable: Readable) -> Iterator[Expected]:
    if not readable.follows:
        return
    anchors = Anchors(session, case)
    for kind, name, label in (
        ("evaluation", "evaluation_date", "Samen terugkijken op de steun"),
        ("hub_meeting", "hub_meeting", "Overleg in het knooppunt"),
    ):
        day = anchors.get(name)
        if isinstance(day, date):
            yield Expected(day, kind, label, "Afgesproken dag")


def _child(session: Session, case: Case, readable: Readable, by: Actor, at: datetime) -> Iterator[Expected]:
    """The pregnancy and the child. After a loss nothing of it, unless another child lives that is younger than the limit."""
    own, author = by.organisation_id == case.signaller_organisation_id, by.person_id == case.opened_by
    anchors, today = Anchors(session, case), local_date(at)

    def number(name: str) -> int:
        return int(settings.get(session, name, municipality=case.municipality_code, on=today))

    due_date, birth_date = anchors.get("due_date"), anchors.get("birth_date")
    if isinstance(due_date, date):
        if not readable.reads("C1", own_organisation=own, author=author):
            return
        source = "Uitgerekende datum"
        for name in ("pregnancy.voorzorg_weeks", "pregnancy.home_visit_weeks"):
            weeks = number(name)
            day = due_date - timedelta(days=280 - 7 * weeks)
            yield Expected(
                day, "pregnancy_weeks", f"{weeks} weken zwanger", f"{source}; {_source(session, case, name, today)}"
            )
        yield Expected(due_date, "due_date", "Uitgerekende datum", source)
        born = due_date
    elif isinstance(birth_date, date):
        if not readable.reads("C0", own_organisation=own, author=author):
            return
        source, born = "Geboortedatum van het jongste kind", birth_date
    else:
        return
    if isinstance(due_date, date) or not anchors.get("loss"):
        weeks = number("case.after_birth_weeks")
        label = f"{weeks} weken na de geboorte"
        yield Expected(
            born + timedelta(days=7 * weeks),
            "after_birth",
            label,
            f"{source}; {_source(session, case, 'case.after_birth_weeks', today)}",
        )
    limit = settings.age_limit(anchors, local_date(case.opened_at), months=number("case.age_limit_months"))
    if limit is not None:
        warning = around_case(session, case, at=at, careful=False).terms("age_limit_warning", case.opened_at)
        yield Expected(
            local_date(warning),
            "age_limit_warning",
            "Afspreken wie na de leeftijdsgrens het aanspreekpunt is",
            f"{source}; {_source(session, case, 'term.age_limit_warning', today)}",
        )
        label = (
            "Het kind wordt twee jaar"
            if number("case.age_limit_months") == 24
            else "Het kind bereikt de leeftijdsgrens"
        )
        yield Expected(limit, "age_limit", label, f"{source}; {_source(session, case, 'case.age_limit_months', today)}")


def _consents(session: Session, case: Case, readable: Readable, by: Actor) -> Iterator[Expected]:
    if not readable.reads("C10", own_organisation=by.organisation_id == case.signaller_organisation_id):
        return
    ends = {
        local_date(one.valid_until)
        for one in consent.of_case(session, case.id)
        if one.is_yes and one.valid_until is not None
    }
    for day in sorted(ends):
        yield Expected(day, "consent_ends", "Een toestemming loopt af", "Afgesproken met de ouder")


def _source(session: Session, case: Case, name: str, on: date) -> str:
    if name not in settings.definitions():
        return "Afgesproken dag"
    return settings.origin(session, name, municipality=case.municipality_code, on=on)


def terms_at_risk(
    session: Session, *, by: Actor, at: datetime, cursor: str | None = None, page_size: int = 50
) -> Page[RiskCard]:
    """Tasks in the process director's own area that are late, nearly due or floating, the earliest term first.

    Without the family and without the content; what is about safety is never among them. The read is logged.

    Raises:
        NotAllowed: for a process director only.
        Invalid: a cursor that is not ours.
    """
    access.require(by, "view_terms_at_risk", Facts(), at=at)
    assert by.organisation_id is not None
    today = local_date(at)
    areas = by.municipalities or organisations.organisation(session, by.organisation_id).areas
    days = int(settings.get(session, "task.at_risk_days", on=today))
    page = processes.at_risk(
        session,
        municipalities=areas,
        until=end_of_day(today + timedelta(days=days)),
        unless_form=ESCALATION,  # the process director's own question about one of the others
        cursor=cursor,
        page_size=page_size,
        without=kept_from(session, by),
    )
    ids = {task.subject_id for task in page.items}
    query = select(Case.id, Case.holder_organisation_id, Case.holder_role).where(Case.id.in_(ids))
    with house(session):  # which team holds the case, of those whose term passes in the own area; nothing else of it
        holders = {row.id: row for row in session.execute(query)} if ids else {}
    logbook.read(
        session, "terms.viewed", "organisation", by.organisation_id, by=by, at=at, purpose="terms", rule="process_director",
        details={"tasks": len(page.items)},
    )  # fmt: skip
    cards = []
    for task in page.items:
        holder = holders.get(task.subject_id)
        cards.append(
            RiskCard(
                id=task.id,
                name=task.name,
                status=task.status,
                role=task.role,
                organisation_id=task.organisation_id,
                holder_organisation_id=None if holder is None else holder.holder_organisation_id,
                holder_role=None if holder is None else holder.holder_role,
                municipality_code=task.municipality_code,
                urgency=task.urgency,
                due_at=task.due_at,
                warned_at=task.warned_at,
                escalated_at=task.escalated_at,
                opened_at=task.opened_at,
                risk=_risk(task, at),
            )
        )
    return Page(cards, page.next_cursor, page.count)


def _risk(task: Task, at: datetime) -> str:
    if task.due_at is not None and task.due_at <= at:
        return "late"
    return "floating" if task.form_key == processes.FLOATING_FORM else "soon"
