"""Who looks back at an emergency: the log manager of an organisation, or who stands in when it has none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import diagrams, emergencies, logbook, organisations, processes, safety, settings
from workflows.actor import Actor
from workflows.emergencies import EmergencyAccess
from workflows.method.placing import Surroundings, around_safety
from workflows.method.views import EmergencyNotice
from workflows.organisations import OrganisationType, Role
from workflows.processes import Place, Scalar, Task, TaskStatus

#: The drawing of one review, and what its run is about: one row per organisation.
PROCESS = "noodinzage"
REVIEW = "emergency_review"
#: Who stands in for an organisation without a log manager: first of the programme, then of anybody.
_STANDING_IN = (Role.DPO, Role.ADMINISTRATOR)


def around_other(session: Session, subject_kind: str, subject_id: UUID, *, at: datetime) -> Surroundings:
    """For the run of what is no case: a review of an emergency, or a safety file."""
    if subject_kind != REVIEW:
        return around_safety(session, safety.lock(session, subject_id), at=at)
    found, _ = emergencies.find_review(session, subject_id)
    return Surroundings(
        place=lambda step: reviewer_place(session, found.organisation_id, at=at),
        terms=settings.term_resolver(session, municipality=None, anchors={}, on=local_date(at)),
    )


def late_place(session: Session, task: Task, *, at: datetime) -> Place:
    """Where is asked about a late task that is of no case: a review with who stands in, safety with the team itself."""
    if task.subject_kind == REVIEW:
        return _standing_in(session, at) or Place(organisation_id=task.organisation_id, role=task.role)
    # What is about safety stays with the team that has it, and its card says nothing of the family.
    return Place(organisation_id=task.organisation_id, role=task.role, urgency=task.urgency)


def reviewer_place(session: Session, organisation_id: UUID, *, at: datetime) -> Place:
    """Where the review for an organisation lies: its log manager, else who stands in, else its own empty pool."""
    if has_log_manager(session, organisation_id, at=at):
        return Place(organisation_id=organisation_id, role=Role.LOG_MANAGER)
    return _standing_in(session, at) or Place(organisation_id=organisation_id, role=Role.LOG_MANAGER)


def has_log_manager(session: Session, organisation_id: UUID, *, at: datetime) -> bool:
    """Whether an organisation has somebody who looks after its log."""
    return organisations.organisation(session, organisation_id).active and bool(
        organisations.people_with_role(
            session, organisation_id=organisation_id, role=Role.LOG_MANAGER, municipality=None, on=local_date(at)
        )
    )


def ask_reviews(
    session: Session, found: EmergencyAccess, organisation_ids: list[UUID], *, by: Actor, at: datetime
) -> None:
    """Give each organisation its task. A set of drawings without this process leaves the row, which says who must look."""
    drawn = PROCESS in diagrams.load(session, diagrams.current(session)).processes
    for row in emergencies.ask_reviews(session, found, organisation_ids, at=at):
        if not drawn:
            continue
        around = around_other(session, REVIEW, row.id, at=at)
        run, change = processes.start_run(
            session,
            process_id=PROCESS,
            subject_kind=REVIEW,
            subject_id=row.id,
            place=around.place,
            terms=around.terms,
            at=at,
        )
        details: dict[str, Scalar] = {
            "organisation": str(row.organisation_id),
            "run": run.id.hex,
            "opened": len(change.opened),
        }
        logbook.write(
            session, "emergency.review_asked", "emergency", found.id, case_id=found.case_id, by=by, at=at,
            details=details,
        )  # fmt: skip


def review_notice(session: Session, review_id: UUID, *, by: Actor, at: datetime) -> EmergencyNotice:
    """What the reviewer sees beside the form: who, when, why and in what words; nothing of the case but its number. Of
    which case that is, a line tells."""
    _, found = emergencies.find_review(session, review_id)
    logbook.read(
        session, "emergencies.told", "emergency", found.id, case_id=found.case_id, by=by, at=at, purpose="emergency",
        rule="claimant",
    )  # fmt: skip
    return EmergencyNotice(
        case_number=found.case_number,
        person_name=organisations.person(session, found.person_id).display_name,
        organisation_id=found.organisation_id,
        role=found.role,
        reason=found.reason,
        ground=found.ground,
        explanation=found.explanation,
        opened_at=found.opened_at,
        until_at=found.until_at,
        ended_at=found.ended_at,
    )


def move_reviews(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> None:
    """An organisation stopped, so its reviews go to who stands in."""
    waiting = select(Task).where(
        Task.organisation_id == organisation_id,
        Task.subject_kind == REVIEW,
        Task.status.in_((TaskStatus.OPEN, TaskStatus.CLAIMED)),
    )
    for task in session.scalars(waiting.order_by(Task.id)):
        there = _standing_in(session, at)
        if there is not None:
            processes.move(session, task, there, at=at)
            logbook.write(session, "task.moved", "task", task.id, by=by, at=at)


def pass_on_review(session: Session, task: Task, *, without: Collection[UUID], by: Actor, at: datetime) -> None:
    """Who had a review knows the family, so it lies open again: with the same team, or with who stands in when nobody of it
    is left *without* these people."""
    left = organisations.people_with_role(
        session, organisation_id=task.organisation_id, role=task.role, municipality=None, on=local_date(at)
    )
    there = _standing_in(session, at)
    if there is not None and not {person.id for person, _ in left} - set(without):
        processes.move(session, task, there, at=at)
        logbook.write(session, "task.moved", "task", task.id, by=by, at=at)


def _standing_in(session: Session, at: datetime) -> Place | None:
    for role in _STANDING_IN:
        found = organisations.organisations_for(session, role=role, municipality=None, on=local_date(at))
        for one in sorted(found, key=lambda one: one.type != OrganisationType.PROGRAMME):
            return Place(organisation_id=one.id, role=role)
    return None
