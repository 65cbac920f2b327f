"""Opening, ending and reviewing an emergency. What was typed stays in its tables; lines in the logbook hold codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, logbook, organisations, settings, texts
from workflows.actor import Actor
from workflows.cases import Case
from workflows.emergencies.model import (
    EmergencyAccess,
    EmergencyAttempt,
    EmergencyEnd,
    EmergencyReason,
    EmergencyReview,
    ReviewOutcome,
)
from workflows.errors import NotAllowed, NotFound, TooOften, WrongState

#: Characters of the story: enough to say why, too few for a record.
SHORTEST, LONGEST = 20, 2000
_WINDOW = timedelta(hours=1)
_KEEP_ATTEMPTS = timedelta(days=30)


def problems(*, reason: str, explanation: str, ground: str) -> dict[str, list[str]]:
    """What is wrong with what somebody typed to open a case, per field; empty when nothing is."""
    errors: dict[str, list[str]] = {}
    said = explanation.strip()
    if reason not in set(EmergencyReason):
        errors["reason"] = ["Kies waarom u nu moet kijken."]
    if not SHORTEST <= len(said) <= LONGEST:
        errors["explanation"] = [f"Schrijf in {SHORTEST} tot {LONGEST} tekens op wat er aan de hand is."]
    elif not texts.can_be_kept(said):
        errors["explanation"] = [texts.CANNOT_BE_KEPT]
    if ground not in {str(one) for one in access.EMERGENCY_GROUNDS}:
        errors["ground"] = ["Kies op grond waarvan u kijkt."]
    return errors


def attempt(session: Session, *, by: Actor, at: datetime) -> None:
    """Count that *by* looks for a case, found or not. Call it before looking, and commit whatever comes of it.

    Raises:
        TooOften: tried too often in the last hour; the count is kept.
    """
    if by.person_id is None:
        raise NotAllowed("an emergency needs a person")
    # One at a time: who looks for twenty families at once would else be counted for none. Rows that name the person may be added.
    who = select(organisations.Person.id).where(organisations.Person.id == by.person_id)
    session.execute(who.with_for_update(key_share=True))
    session.execute(
        delete(EmergencyAttempt).where(
            EmergencyAttempt.person_id == by.person_id, EmergencyAttempt.at < at - _KEEP_ATTEMPTS
        )
    )
    tried = session.scalar(
        select(func.count()).where(EmergencyAttempt.person_id == by.person_id, EmergencyAttempt.at > at - _WINDOW)
    )
    session.add(EmergencyAttempt(person_id=by.person_id, at=at))
    session.flush()
    if (tried or 0) >= int(settings.get(session, "emergency.attempts", on=local_date(at))):
        raise TooOften(
            f"person {by.person_id} looked for a case {tried} times in an hour",
            detail="U zocht te vaak achter elkaar. Probeer het over een uur opnieuw. Bel bij direct gevaar 112.",
        )


def open_access(
    session: Session, case: Case, *, reason: str, explanation: str, ground: str, by: Actor, at: datetime
) -> EmergencyAccess:
    """Let *by* read a locked case until the time is over.

    Raises:
        WrongState: it is open to this person and role already.
    """
    if by.person_id is None or by.assignment_id is None or by.organisation_id is None:
        raise NotAllowed("an emergency needs a person with a role in an organisation")
    before = session.scalars(
        select(EmergencyAccess).where(
            EmergencyAccess.case_id == case.id,
            EmergencyAccess.assignment_id == by.assignment_id,
            EmergencyAccess.ended_at.is_(None),
        )
    ).first()
    if before is not None and before.runs(at):
        raise WrongState(f"case {case.id} is open to {by.assignment_id}", detail="U heeft deze casus nu al open.")
    if before is not None:
        end(session, before, EmergencyEnd.TIME_OVER, by=by, at=at)
    minutes = settings.get(session, "emergency.minutes", municipality=case.municipality_code, on=local_date(at))
    opened = EmergencyAccess(
        case_id=case.id,
        case_number=case.number,
        person_id=by.person_id,
        assignment_id=by.assignment_id,
        organisation_id=by.organisation_id,
        role=by.role,
        reason=EmergencyReason(reason),
        explanation=explanation.replace("\r\n", "\n").strip(),
        ground=access.Ground(ground),
        opened_at=at,
        until_at=at + timedelta(minutes=int(minutes)),
    )
    session.add(opened)
    session.flush()
    details: dict[str, str | int | float | bool | None] = {
        "reason": opened.reason,
        "minutes": int(minutes),
        "holder": str(case.holder_organisation_id),
    }
    logbook.write(
        session, "emergency.opened", "emergency", opened.id, case_id=case.id, by=by, at=at,
        details=details, purpose="emergency", rule=access.Relation.EMERGENCY, ground=opened.ground,
    )  # fmt: skip
    return opened


def running(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> EmergencyAccess | None:
    """The emergency through which *by* may read a case at this very moment, in the role in which it was opened."""
    if by.person_id is None or by.assignment_id is None:
        return None
    found = session.scalars(
        select(EmergencyAccess).where(
            EmergencyAccess.case_id == case_id,
            EmergencyAccess.person_id == by.person_id,
            EmergencyAccess.assignment_id == by.assignment_id,
            EmergencyAccess.ended_at.is_(None),
        )
    ).first()
    return found if found is not None and found.runs(at) else None


def find(session: Session, emergency_id: UUID) -> EmergencyAccess:
    """One emergency. Whether the actor may know of it is asked by the caller.

    Raises:
        NotFound: no such emergency.
    """
    found = session.get(EmergencyAccess, emergency_id)
    if found is None:
        raise NotFound(f"no emergency {emergency_id}")
    return found


def of_case(session: Session, case_id: UUID) -> list[EmergencyAccess]:
    """Every emergency in which a case was read, the newest first."""
    query = select(EmergencyAccess).where(EmergencyAccess.case_id == case_id)
    return list(session.scalars(query.order_by(EmergencyAccess.opened_at.desc(), EmergencyAccess.id)))


def of_person(session: Session, *, by: Actor, at: datetime) -> list[EmergencyAccess]:
    """What is open to *by* now, in this role, the newest first."""
    query = select(EmergencyAccess).where(
        EmergencyAccess.person_id == by.person_id,
        EmergencyAccess.assignment_id == by.assignment_id,
        EmergencyAccess.ended_at.is_(None),
        EmergencyAccess.until_at > at,
    )
    return list(session.scalars(query.order_by(EmergencyAccess.opened_at.desc(), EmergencyAccess.id)))


def end(session: Session, found: EmergencyAccess, through: EmergencyEnd, *, by: Actor, at: datetime) -> None:
    """End it now: what was open is closed at the next request.

    Raises:
        WrongState: it ended before.
    """
    found.end(through, by=by.person_id, at=at)
    session.flush()
    logbook.write(
        session, "emergency.ended", "emergency", found.id, case_id=found.case_id, by=by, at=at,
        details={"through": through.value}, ground=found.ground,
    )  # fmt: skip


def end_all(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """The case ended, and with it every emergency that still lets somebody read it."""
    for one in of_case(session, case_id):
        if one.ended_at is None:
            over = one.until_at <= at
            end(session, one, EmergencyEnd.TIME_OVER if over else EmergencyEnd.CASE_ENDED, by=by, at=at)


def ask_reviews(
    session: Session, found: EmergencyAccess, organisation_ids: Iterable[UUID], *, at: datetime
) -> list[EmergencyReview]:
    """Let each of these organisations look back at an emergency, once."""
    wanted = dict.fromkeys(organisation_ids)
    rows = [EmergencyReview(emergency_id=found.id, organisation_id=key, asked_at=at, words="") for key in wanted]
    session.add_all(rows)
    session.flush()
    return rows


def find_review(session: Session, review_id: UUID) -> tuple[EmergencyReview, EmergencyAccess]:
    """A review with the emergency that it is about. Whether the actor may know of it is asked by the caller.

    Raises:
        NotFound: no such review.
    """
    found = session.get(EmergencyReview, review_id)
    if found is None:
        raise NotFound(f"no review {review_id}")
    return found, find(session, found.emergency_id)


def reviews_on(session: Session, case_ids: Iterable[UUID]) -> list[UUID]:
    """The reviews of emergencies in which one of these cases was read."""
    query = select(EmergencyReview.id).join(EmergencyAccess, EmergencyAccess.id == EmergencyReview.emergency_id)
    return list(session.scalars(query.where(EmergencyAccess.case_id.in_(list(case_ids)))))


def kept_out(by: Actor) -> Select[UUID]:
    """For queries: the reviews of emergencies in cases that are closed to *by* in person."""
    query = select(EmergencyReview.id).join(EmergencyAccess, EmergencyAccess.id == EmergencyReview.emergency_id)
    return query.where(EmergencyAccess.case_id.in_(cases.kept_out(by)))


def reviews_of(session: Session, emergency_id: UUID) -> list[EmergencyReview]:
    """Who was asked to look back at an emergency, and what they found."""
    query = select(EmergencyReview).where(EmergencyReview.emergency_id == emergency_id)
    return list(session.scalars(query.order_by(EmergencyReview.asked_at, EmergencyReview.id)))


def review(
    session: Session, review_id: UUID, outcome: ReviewOutcome | str, words: str, *, by: Actor, at: datetime
) -> EmergencyReview:
    """Keep what somebody found who looked back at it.

    Raises:
        NotFound: no such review. WrongState: it was done before.
    """
    found, of = find_review(session, review_id)
    found.settle(outcome, words, by=by.person_id, at=at)
    session.flush()
    logbook.write(
        session, "emergency.reviewed", "emergency", of.id, case_id=of.case_id, by=by, at=at,
        details={"outcome": found.outcome, "organisation": str(found.organisation_id)}, ground=of.ground,
    )  # fmt: skip
    return found
