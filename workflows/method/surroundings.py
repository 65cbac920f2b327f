"""Beside a task: what the family said before, who else helps and what colleagues wrote, to who may read it on the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, cases, diagrams, logbook, organisations
from workflows import comments as comments_room
from workflows.access import Facts, Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound
from workflows.method.commenting import CommentView, viewed
from workflows.method.facts import case_of, find_case, find_task, task_facts, write_read
from workflows.method.reading import entries_for
from workflows.method.views import EntryView
from workflows.processes import Task

#: Form → forms of which the answers matter most to who fills it in, the most telling first.
MATTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "consent": ("signal",),
    "routing": ("signal", "taking_over"),
    "exploration": ("signal", "routing"),
    "no_contact": ("exploration", "signal"),
    "feedback": ("exploration", "signal"),
    "follow_up": ("exploration", "routing", "signal"),
    "support_consent": ("exploration", "signal"),
    "hub_planning": ("exploration", "support_consent"),
    "hub_minutes": ("exploration", "signal", "evaluation"),
    "support_plan": ("hub_minutes", "exploration", "evaluation", "signal"),
    "action_acceptance": ("support_plan",),
    "action_progress": ("support_plan",),
    "evaluation": ("evaluation", "support_plan", "exploration"),
    "after_birth": ("birth", "exploration", "evaluation"),
    "handover": ("evaluation", "support_plan", "exploration", "signal"),
    "handover_offer": ("handover", "handover_question", "evaluation", "support_plan"),
    "handover_answer": ("handover_question", "handover", "handover_offer"),
    "handover_question": ("handover_answer", "handover"),
    "handover_supplement": ("handover_answer", "handover"),
    "handover_talk": ("handover", "handover_question"),
    "handover_contact": ("handover", "evaluation", "support_plan"),
    "loss_follow_up": ("loss",),
    "closure": ("evaluation", "support_plan", "handover"),
    "escalation": (),
    "new_holder": (),
}

_DONE_BY_PEOPLE: Final = frozenset({"userTask", "callActivity"})
#: More than these help nobody to see what is coming.
_MOST_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class PartyView:
    """An organisation that helps in a case, in which role and, if known, who does it there."""

    organisation_id: UUID
    role: str
    person_name: str | None
    holds: bool  #: has the case now
    signalled: bool  #: where it came from


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside the form of a task. ``before``: what matters most to this form first, each newest first; how many
    that are says ``telling``. ``comments``: newest first, those on this very task before the others."""

    before: tuple[EntryView, ...] = ()
    telling: int = 0
    parties: tuple[PartyView, ...] = ()
    comments: tuple[CommentView, ...] = ()
    may_comment: bool = False
    then: tuple[str, ...] = ()  #: names of the steps that can come next, as drawn


def task_surroundings(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> Surroundings:
    """What *by*, who has a task, may read of its case beside the form; the read is written down.

    The rules are those of the page of the case. A task that is of no case, or of one that *by* may not open, has nothing
    beside it.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    mine = task_facts(session, task, by=by, at=at)
    access.require(by, "view_card", mine, at=at)
    if not mine.claimed_by_me or case_of(session, task) is None:
        return Surroundings()
    then = _then(session, task)
    try:
        with logbook.deciding(session):
            case, facts = find_case(session, task.subject_id, by=by, at=at)
    except NotFound:
        return Surroundings(then=then)
    readable = access.visible(by, facts)
    entries = [one for one in entries_for(session, case, facts=facts, readable=readable, by=by) if not one.superseded]
    wanted = {key: place for place, key in enumerate(MATTERS.get(task.form_key or "", ()))}
    entries.sort(key=lambda one: one.recorded_at, reverse=True)
    entries.sort(key=lambda one: wanted.get(one.form_key, len(wanted)))
    said = comments_room.of_case(session, case.id, readable=readable, by=by)
    said.sort(key=lambda one: (one.task_id == task.id, one.ordinal), reverse=True)
    saw = {value.compartment for entry in entries for value in entry.values} | ({"C6"} if said else set())
    if entries or said:
        write_read(
            session, "case.viewed", "case", case.id, case=case, facts=facts, purpose=f"task:{task.form_key}", saw=saw,
            by=by, at=at,
        )  # fmt: skip
    return Surroundings(
        before=tuple(entries),
        telling=sum(one.form_key in wanted for one in entries),
        parties=_parties(session, case, facts=facts, readable=readable, by=by),
        comments=tuple(viewed(session, one) for one in said),
        may_comment=not case.is_closed and access.allows(by, "comment", facts),
        then=then,
    )


def _then(session: Session, task: Task) -> tuple[str, ...]:
    """The steps that the drawing can come to next: each road is followed to the first thing that somebody does, out of a
    called process into what called it."""
    models = diagrams.load(session, task.run.bundle_digest).processes
    found: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    ways = [(task.process_id, task.element_id)]
    while ways:
        process_id, element_id = ways.pop(0)
        model = models.get(process_id)
        if model is None or element_id not in model.nodes or (process_id, element_id) in seen:
            continue
        seen.add((process_id, element_id))
        for flow_id in model.nodes[element_id].outgoing:
            node = model.nodes[model.flows[flow_id].target]
            if node.kind in _DONE_BY_PEOPLE:
                found[node.label] = None
            elif node.kind == "endEvent" and node.parent is None:
                ways += [
                    (other.id, caller.id)
                    for other in models.values()
                    for caller in other.nodes.values()
                    if caller.called == process_id
                ]
            else:
                ways.append((process_id, node.id))
    return tuple(found)[:_MOST_STEPS]


def _parties(session: Session, case: Case, *, facts: Facts, readable: Readable, by: Actor) -> tuple[PartyView, ...]:
    """Who helps, to who may follow how it goes on; to the rest who has the case, and the own organisation."""
    with logbook.deciding(session):  # who helps, and nothing of the family
        found = cases.parties(session, case.id)
    holder = (case.holder_organisation_id, case.holder_role)
    shown = []
    for one in found:
        holds = (one.organisation_id, one.role) == holder
        if holds or facts.holder or readable.follows or one.organisation_id == by.organisation_id:
            person_id = case.holder_person_id if holds else one.person_id
            name = organisations.person(session, person_id).display_name if person_id else None
            signalled = one.organisation_id == case.signaller_organisation_id and one.role == "signaller"
            shown.append(PartyView(one.organisation_id, one.role, name, holds, signalled))
    return tuple(sorted(shown, key=lambda one: not one.holds))
