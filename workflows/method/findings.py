"""What was noticed and what was found out: signals and explorations as facts, cut to what the asker reads of the forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import access, cases, explorations, logbook, signals
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import EntryView
from workflows.method.facts import find_case, write_read
from workflows.method.reading import readable_entries
from workflows.processes import Page, beyond, read_cursor, write_cursor


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal without its story, which stands in the form ``entry_id``; None: not for the asker."""

    id: UUID
    case_id: UUID
    entry_id: UUID
    organisation_id: UUID
    person_id: UUID | None
    received_at: datetime
    vulnerability_level: str | None
    urgency: str | None
    feedback_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExplorationView:
    """What an exploration concluded, without the talk, which stands in the form ``entry_id``; None: not for the asker."""

    id: UUID
    case_id: UUID
    entry_id: UUID
    organisation_id: UUID | None
    person_id: UUID | None
    concluded_at: datetime
    conclusion: str | None
    decided_with_parent: bool | None
    vulnerability_level_after: str | None


@dataclass(frozen=True, slots=True)
class OwnSignal:
    """A signal of the own organisation on its list: which case it became and whether one heard back, nothing of a family."""

    id: UUID
    case_id: UUID
    case_number: str
    case_status: str
    person_id: UUID | None
    received_at: datetime
    feedback_at: datetime | None


def signal_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[SignalView]:
    """The signals about a case, oldest first, of which *by* may read the form; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts, seen = _entries(session, case_id, by=by, at=at)
    found = []
    for one in signals.of_case(session, case.id):
        if (entry := seen.get(one.entry_id)) is None:
            continue
        says = {value.field: value.value for value in entry.values}
        found.append(
            SignalView(
                id=one.id,
                case_id=case.id,
                entry_id=entry.id,
                organisation_id=one.organisation_id,
                person_id=one.person_id,
                received_at=one.received_at,
                vulnerability_level=says.get("vulnerability_level"),
                urgency=says.get("urgency"),
                feedback_at=one.feedback_at,
            )
        )
    saw = {"C1"} if any(one.vulnerability_level or one.urgency for one in found) else set()
    write_read(
        session, "signals.viewed", "case", case.id, case=case, facts=facts, purpose="case", saw=saw,
        details={"count": len(found)}, by=by, at=at,
    )  # fmt: skip
    return found


def exploration_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[ExplorationView]:
    """The concluded explorations of a case, oldest first, of which *by* may read the form; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts, seen = _entries(session, case_id, by=by, at=at)
    found = []
    for one in explorations.of_case(session, case.id):
        if (entry := seen.get(one.entry_id)) is None:
            continue
        says = {value.field: value.value for value in entry.values}
        found.append(
            ExplorationView(
                id=one.id,
                case_id=case.id,
                entry_id=entry.id,
                organisation_id=entry.organisation_id,
                person_id=entry.author_id,
                concluded_at=one.concluded_at,
                conclusion=says.get("conclusion"),
                decided_with_parent=_YES_NO.get(str(says.get("decided_with_parent"))),
                vulnerability_level_after=says.get("vulnerability_level_after"),
            )
        )
    saw = {"C6"} if any(one.conclusion or one.decided_with_parent is not None for one in found) else set()
    saw |= {"C1"} if any(one.vulnerability_level_after for one in found) else set()
    write_read(
        session, "explorations.viewed", "case", case.id, case=case, facts=facts, purpose="case", saw=saw,
        details={"count": len(found)}, by=by, at=at,
    )  # fmt: skip
    return found


def own_signals(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    heard: bool | None = None,
    cursor: str | None = None,
    page_size: int = 50,
    oldest_first: bool = False,
) -> Page[OwnSignal]:
    """What *by*'s organisation signalled in cases that *by* may know of, newest first; the list is written down.

    Args:
        heard: only those of which one heard (True) or did not hear yet (False) what became of them.

    Raises:
        Invalid: a cursor that is not ours.
    """
    signal, after = signals.Signal, read_cursor(cursor)
    # Columns, not rows: the one that only tells that there is more is not shown, so no line has to name its case.
    query = select(
        signal.id, signal.case_id, Case.number, Case.status, signal.person_id, signal.received_at, signal.feedback_at
    ).join(Case, Case.id == signal.case_id)
    query = query.where(cases.visible_clause(by), signal.organisation_id == by.organisation_id)
    if heard is not None:
        query = query.where(signal.feedback_at.is_not(None) if heard else signal.feedback_at.is_(None))
    if after is not None:
        query = query.where(beyond(signal.received_at, signal.id, after, backwards=not oldest_first))
    page_size = max(1, min(page_size, 200))
    order = (signal.received_at, signal.id) if oldest_first else (signal.received_at.desc(), signal.id.desc())
    rows = session.execute(query.order_by(*order).limit(page_size + 1)).all()
    page = [OwnSignal(*row) for row in rows[:page_size]]
    logbook.listed(
        session, "signals.listed", (one.case_id for one in page), by=by, at=at, purpose="overview", rule="party",
        query={} if heard is None else {"heard": heard},
    )  # fmt: skip
    more = len(rows) > page_size
    return Page(page, write_cursor(page[-1].received_at, page[-1].id) if more else None, len(rows))


#: How forms answer a question of yes or no.
_YES_NO = {"yes": True, "True": True, "no": False, "False": False}


def _entries(
    session: Session, case_id: UUID, *, by: Actor, at: datetime
) -> tuple[Case, access.Facts, Mapping[UUID, EntryView]]:
    """A case, and by the id of each form that *by* reads its latest version: a correction in place of what it corrects."""
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    found = readable_entries(session, case, facts=facts, readable=readable, by=by)
    newer = {one.supersedes_id: one for one in found if one.supersedes_id is not None}
    latest = {}
    for one in found:
        last = one
        while last.id in newer:
            last = newer[last.id]
        latest[one.id] = last
    return case, facts, latest


__all__ = ["ExplorationView", "OwnSignal", "SignalView", "exploration_list", "own_signals", "signal_list"]
