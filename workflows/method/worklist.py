"""The work list besides its tasks: how much there is of what, lists under a name, and what waits in another role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, diagrams, organisations, processes
from workflows.actor import Actor
from workflows.db import house
from workflows.method.facts import find_task, kept_from, task_facts
from workflows.method.placing import HOLDER
from workflows.method.views import TaskCard
from workflows.processes import Due, SavedList


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What waits for the same person in another of their roles: a number, and no task."""

    assignment_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How much there is; every number stops at one above 99.

    ``due``: what somebody has (True) and may take (False), by group of terms. ``new``: of both, since *new_since*.
    """

    due: Mapping[tuple[bool, Due], int]
    new: int
    new_since: datetime
    lists: tuple[tuple[SavedList, int], ...]


def work_counts(session: Session, *, by: Actor, at: datetime, filters: Mapping[str, Any] | None = None) -> WorkCounts:
    """How much *by* has and may take, with these filters and in each of their own lists.

    Raises:
        Invalid: an unknown filter.
    """
    closed = kept_from(session, by)
    lists = processes.saved_lists(session, by=by)
    wanted: dict[UUID | None, Mapping[str, Any]] = {one.id: one.filters for one in lists}
    wanted[None] = {**(filters or {}), "is_new": True}
    counted = processes.list_counts(session, wanted, by=by, at=at, without=closed)
    return WorkCounts(
        due=processes.work_counts(session, by=by, at=at, filters=filters, without=closed),
        new=counted[None],
        new_since=processes.new_since(at),
        lists=tuple((one, counted[one.id]) for one in lists),
    )


def saved_lists(session: Session, *, by: Actor, at: datetime) -> list[tuple[SavedList, int]]:
    """The named lists of *by* in this role, each with how much is in it now."""
    found = processes.saved_lists(session, by=by)
    if not found:
        return []
    counted = processes.list_counts(
        session, {one.id: one.filters for one in found}, by=by, at=at, without=kept_from(session, by)
    )
    return [(one, counted[one.id]) for one in found]


def task_card(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> TaskCard:
    """The card of a task, and nothing of what it is about, also of one that *by* has.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    access.require(by, "view_card", task_facts(session, task, by=by, at=at), at=at)
    return TaskCard.of(task, by)


def work_forms(session: Session, *, by: Actor) -> dict[str, str]:
    """What tasks *by* can meet, as drawn for the role and for who holds a case: form → name of its first step."""
    bundle = diagrams.load(session, diagrams.current(session))
    found: dict[str, str] = {}
    for _, model in sorted(bundle.processes.items()):
        for node in model.nodes.values():
            if node.kind == "userTask" and node.form is not None and node.role in (by.role, HOLDER):
                found.setdefault(node.form, node.name)
    return found


def work_elsewhere(session: Session, *, by: Actor, at: datetime) -> list[Elsewhere]:
    """How much waits for *by* in each of their other roles. Somebody acts in one role at a time, so it is counted, not shown."""
    if by.person_id is None:
        return []
    found = []
    for role in organisations.assignments_of(session, by.person_id, on=local_date(at)):
        if role.id == by.assignment_id:
            continue
        there = Actor(by.person_id, role.id, role.organisation_id, role.role, frozenset(role.areas), origin=by.origin)
        with house(session):  # a number, of what is the person's own to see in that role
            counts = processes.list_counts(session, {"all": {}}, by=there, at=at, without=kept_from(session, there))
        found.append(Elsewhere(role.id, counts["all"]))
    return found


__all__ = ["Elsewhere", "WorkCounts", "saved_lists", "task_card", "work_counts", "work_elsewhere", "work_forms"]
