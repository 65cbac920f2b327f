"""Figures about handovers for the steering board: made once for a period that is over, cut so that nobody can be worked out.

A quarter with too few families waits for the next one, and both are told as one period. The wait after a quarter is there
so that what was offered at its end has been answered, because figures are never made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import is_working_day, local_date, start_of_day
from workflows import access, figures, handovers, logbook, settings
from workflows.actor import WORKER, Actor
from workflows.figures import Outcome, Passed, Topic
from workflows.handovers import Handover, HandoverKind, HandoverStatus, RefusedReason

#: Status of a handover → what came of it. What is not here waits still, or was never offered.
_OUTCOMES = {
    HandoverStatus.ACCEPTED: Outcome.ACCEPTED,
    HandoverStatus.COMPLETED: Outcome.ACCEPTED,
    HandoverStatus.REFUSED: Outcome.REFUSED,
    HandoverStatus.WITHDRAWN: Outcome.WITHDRAWN,
    HandoverStatus.EXPIRED: Outcome.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class FiguresView:
    """A period as it is told: percents, counts to fives, and None or nothing for what is too small to tell."""

    first_day: date
    last_day: date
    smallest: int
    published_at: datetime
    count: int
    warm_percent: int | None
    asked_back_percent: int | None
    median_working_days: int | None
    returned_percent: int | None
    outcomes: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    kinds: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Every period that was told, newest first, and the days that wait until there is enough to tell."""

    items: list[FiguresView]
    waits_from: date | None
    waits_until: date | None
    smallest: int


def handover_figures(session: Session, *, by: Actor, at: datetime) -> FiguresPage:
    """What the steering board may read about handovers; nothing is counted for it, and the read is written down.

    Raises:
        NotAllowed: not for *by*.
    """
    access.require(by, "view_figures", access.Facts(), at=at)
    items = [
        FiguresView(
            first_day=one.first_day, last_day=one.last_day, smallest=one.smallest, published_at=one.published_at, **one.told
        )
        for one in figures.published(session, Topic.HANDOVERS)
    ]  # fmt: skip
    logbook.read(
        session, "figures.viewed", "figures", str(Topic.HANDOVERS), by=by, at=at, purpose="steering", rule="steering_board",
        details={"count": len(items)},
    )  # fmt: skip
    begins, ends = None, _last_day_due(session, at)
    if items:
        begins = items[0].last_day + timedelta(days=1)
        if begins > ends:
            begins = None
    smallest = int(settings.get(session, "monitoring.smallest_cell", on=local_date(at)))
    return FiguresPage(items, begins, ends if begins else None, smallest)


def publish_due_figures(session: Session, *, at: datetime) -> int:
    """Tell about every quarter that is over long enough and was not told yet; returns how many periods were."""
    told, last = 0, _last_day_due(session, at)
    begins = _untold_from(session)
    if begins is None or begins > last:
        return 0
    smallest = int(settings.get(session, "monitoring.smallest_cell", on=local_date(at)))
    ends = begins
    while (ends := figures.next_quarter(ends)) <= last + timedelta(days=1):
        rows = _passed(session, begins, ends)
        found = figures.tell(rows, kinds=tuple(HandoverKind), reasons=tuple(RefusedReason), smallest=smallest)
        if found is None:
            continue  # too few: told together with the quarter after it
        last_day = ends - timedelta(days=1)
        figures.publish(
            session, Topic.HANDOVERS, found, first_day=begins, last_day=last_day, smallest=smallest, by=WORKER, at=at
        )  # fmt: skip
        told, begins = told + 1, ends
    return told


def _last_day_due(session: Session, at: datetime) -> date:
    """The last day of the newest quarter that is over long enough."""
    wait = int(settings.get(session, "monitoring.wait_days", on=local_date(at)))
    return figures.first_of_quarter(local_date(at) - timedelta(days=wait - 1)) - timedelta(days=1)


def _untold_from(session: Session) -> date | None:
    """The first day of the first quarter that was not told, if anything was ever offered."""
    if (before := figures.latest(session, Topic.HANDOVERS)) is not None:
        return before + timedelta(days=1)
    first = session.scalar(select(func.min(Handover.offered_at)))
    return None if first is None else figures.first_of_quarter(local_date(first))


def _passed(session: Session, begins: date, ends: date) -> list[Passed]:
    """What was offered from one local day until another, as it counts."""
    query = select(Handover).where(
        Handover.offered_at >= start_of_day(begins), Handover.offered_at < start_of_day(ends)
    )
    found = session.scalars(query.order_by(Handover.offered_at, Handover.id)).all()
    cases = {one.case_id for one in found}
    later: dict[Any, list[Handover]] = {}
    for one in session.scalars(select(Handover).where(Handover.case_id.in_(cases))):
        later.setdefault(one.case_id, []).append(one)
    return [
        Passed(
            family=one.case_id,
            kind=one.kind,
            warm=one.is_warm,
            asked_back=one.questions > 0,
            outcome=_OUTCOMES.get(HandoverStatus(one.status), Outcome.WAITING),
            reason=one.refused_reason,
            working_days=_answered_after(one),
            returned=_returned(one, later[one.case_id]),
        )
        for one in found
    ]


def _returned(handover: Handover, others: Sequence[Handover]) -> bool:
    """Whether who accepted it later gave the case back to who had offered it."""
    if handover.answered_at is None or handover.status == HandoverStatus.REFUSED:
        return False
    there = (handover.to_organisation_id, handover.to_role)
    back = (handover.from_organisation_id, handover.from_role)
    return any(
        (one.from_organisation_id, one.from_role) == there
        and (one.to_organisation_id, one.to_role) == back
        and one.offered_at is not None
        and one.offered_at >= handover.answered_at
        and one.status in handovers.TAKEN
        for one in others
    )


def _answered_after(handover: Handover) -> int | None:
    if handover.offered_at is None or handover.answered_at is None:
        return None
    return _working_days(handover.offered_at, handover.answered_at)


def _working_days(offered_at: datetime, answered_at: datetime) -> int:
    """Working days after the one on which it was offered, up to and with the one of the answer."""
    begins, ends = local_date(offered_at), local_date(answered_at)
    return sum(is_working_day(begins + timedelta(days=one)) for one in range(1, (ends - begins).days + 1))
