"""Once a year: does everybody who may act for an organisation still need the role they have? Who answered what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from engine.clock import local_date
from workflows import logbook, settings
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.organisations.model import (
    AccessReview,
    AccessReviewItem,
    Organisation,
    Person,
    ReviewAnswer,
    RoleAssignment,
)
from workflows.organisations.reach import manages_there, require_some, require_there
from workflows.organisations.service import organisation

#: Of the year that an organisation is asked about when nothing is set otherwise; months are counted as this many days.
_MONTH = timedelta(days=365) / 12


def review(session: Session, review_id: UUID, *, by: Actor, at: datetime) -> AccessReview:
    """One review, over or not.

    Raises:
        NotAllowed: *by* manages nobody. NotFound: no such review, or of an organisation that *by* does not manage.
    """
    require_some(by, at=at)
    found = session.get(AccessReview, review_id)
    if found is None or not manages_there(by, found.organisation_id):
        raise NotFound(f"no access review {review_id}")
    return found


def reviews_of(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> list[AccessReview]:
    """The reviews of an organisation, the newest first.

    Raises:
        NotAllowed, NotFound: not for *by*.
    """
    require_there(by, organisation_id, at=at)
    organisation(session, organisation_id)
    query = select(AccessReview).where(AccessReview.organisation_id == organisation_id)
    query = query.options(selectinload(AccessReview.items))
    return list(session.scalars(query.order_by(AccessReview.opened_at.desc(), AccessReview.id)))


def begin_review(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> AccessReview:
    """Begin one now, before the year is over.

    Raises:
        NotAllowed, NotFound: not for *by*. WrongState: one runs already, or nobody works there.
    """
    require_there(by, organisation_id, at=at)
    organisation(session, organisation_id)
    running = select(AccessReview.id).where(
        AccessReview.organisation_id == organisation_id, AccessReview.closed_at.is_(None)
    )
    if session.scalar(running) is not None:
        raise WrongState(
            f"organisation {organisation_id} is being reviewed", detail="Er loopt al een lijst om na te kijken."
        )
    begun = open_review(session, organisation_id, by=by, at=at)
    if begun is None:
        raise WrongState(f"nobody works at {organisation_id}", detail="Hier heeft nu niemand een rol.")
    return begun


def open_review(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> AccessReview | None:
    """Ask about every role that holds now; None when there is none. Whoever calls this asked whether it is time."""
    on = local_date(at)
    held = session.scalars(
        select(RoleAssignment)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.organisation_id == organisation_id,
            Person.active,
            RoleAssignment.ended_at.is_(None),
            RoleAssignment.valid_from <= on,
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
        )
        .order_by(Person.display_name, RoleAssignment.role, RoleAssignment.id)
    ).all()
    if not held:
        return None
    opened = AccessReview(
        organisation_id=organisation_id,
        opened_at=at,
        due_on=on + timedelta(days=_number(session, "review_days", on)),
        rounds=1,
        items=[
            AccessReviewItem(
                assignment_id=one.id,
                person_id=one.person_id,
                role=one.role,
                areas=list(one.areas),
                valid_to=one.valid_to,
            )
            for one in held
        ],
    )
    session.add(opened)
    session.flush()
    details: dict[str, str | int] = {"roles": len(held), "due_on": opened.due_on.isoformat()}
    logbook.write(session, "access_review.opened", "access_review", opened.id, by=by, at=at, details=details)
    return opened


def answer_review(
    session: Session, review_id: UUID, answers: Mapping[UUID, ReviewAnswer], *, version: int, by: Actor, at: datetime
) -> AccessReview:
    """Say of some roles whether they are still needed. Whoever calls this ends those that are not, before it.

    Raises:
        NotAllowed: *by* manages nobody, or would answer about themselves. NotFound: not a review of *by*, or no such role in it.
        WrongState: it is over, or a role was answered before. StaleVersion: somebody answered meanwhile.
        Invalid: nothing is answered.
    """
    found = review(session, review_id, by=by, at=at)
    if found.closed_at is not None:
        raise WrongState(f"access review {review_id} is over", detail="Deze lijst is al helemaal nagekeken.")
    if found.version != version:
        raise StaleVersion(
            f"access review {review_id} has version {found.version}, not {version}",
            detail="Een collega keek intussen ook na. Kijk wat er nog open staat.",
        )
    if not answers:
        raise Invalid(f"access review {review_id}: no answers", errors={"answers": ["Kies bij ten minste één rol."]})
    items = {one.id: one for one in found.items}
    if unknown := answers.keys() - items.keys():
        raise NotFound(f"no items {sorted(unknown)} in access review {review_id}")
    for item_id, answer in answers.items():
        item = items[item_id]
        if item.answer is not None:
            raise WrongState(f"item {item_id} was answered before", detail="Dit was al nagekeken.")
        if item.person_id == by.person_id:
            raise NotAllowed(
                f"person {by.person_id} reviews themselves",
                detail="Uw eigen rollen kijkt een andere beheerder na, of de beheerder van de regio.",
            )
        _answer(session, item, answer, by=by, at=at)
    _close_when_done(session, found, by=by, at=at)
    return found


def _answer(session: Session, item: AccessReviewItem, answer: ReviewAnswer, *, by: Actor, at: datetime) -> None:
    item.answer, item.answered_at, item.answered_by = answer, at, by.person_id
    session.flush()
    details = {"answer": str(answer), "assignment": item.assignment_id.hex}
    logbook.write(session, "access_review.answered", "access_review", item.review_id, by=by, at=at, details=details)


def _close_when_done(session: Session, found: AccessReview, *, by: Actor, at: datetime) -> None:
    if not found.waiting:
        found.closed_at = at
        confirmed = sum(one.answer == ReviewAnswer.CONFIRMED for one in found.items)
        details = {"confirmed": confirmed, "ended": len(found.items) - confirmed}
        logbook.write(session, "access_review.closed", "access_review", found.id, by=by, at=at, details=details)
    else:
        flag_modified(found, "rounds")  # another version: what somebody else looks at is no longer what is asked
    session.flush()


# --- by itself, once a night


def due_reviews(session: Session, *, at: datetime) -> list[UUID]:
    """Organisations whose last look, or else whose first role, is so long ago that they are asked again."""
    on = local_date(at)
    before = at - _MONTH * _number(session, "review_months", on)
    last = (
        select(AccessReview.organisation_id, func.max(AccessReview.opened_at).label("opened_at"))
        .group_by(AccessReview.organisation_id)
        .subquery()
    )
    first = (
        select(RoleAssignment.organisation_id, func.min(RoleAssignment.valid_from).label("began"))
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            Person.active,
            RoleAssignment.ended_at.is_(None),
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
        )
        .group_by(RoleAssignment.organisation_id)
        .subquery()
    )
    running = select(AccessReview.organisation_id).where(AccessReview.closed_at.is_(None))
    query = (
        select(Organisation.id)
        .join(first, first.c.organisation_id == Organisation.id)
        .outerjoin(last, last.c.organisation_id == Organisation.id)
        .where(
            Organisation.active,
            Organisation.id.not_in(running),
            or_(
                last.c.opened_at <= before,
                last.c.opened_at.is_(None) & (first.c.began <= local_date(before)),
            ),
        )
    )
    return list(session.scalars(query.order_by(Organisation.id)))


def running_reviews(session: Session) -> list[AccessReview]:
    """Every review that is not over."""
    query = select(AccessReview).where(AccessReview.closed_at.is_(None)).options(selectinload(AccessReview.items))
    return list(session.scalars(query.order_by(AccessReview.opened_at, AccessReview.id)))


def drop_ended(session: Session, found: AccessReview, *, by: Actor, at: datetime) -> None:
    """What ended by itself or by hand meanwhile needs no answer of anybody any more."""
    on = local_date(at)
    waiting = {one.assignment_id: one for one in found.waiting}
    over = session.scalars(
        select(RoleAssignment)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(
            RoleAssignment.id.in_(list(waiting)),
            or_(RoleAssignment.ended_at.is_not(None), RoleAssignment.valid_to < on, Person.active.is_(False)),
        )
    ).all()
    for one in over:
        _answer(session, waiting[one.id], ReviewAnswer.ENDED, by=by, at=at)
    if over:
        _close_when_done(session, found, by=by, at=at)


def ask_again(session: Session, found: AccessReview, *, by: Actor, at: datetime) -> None:
    """The time is over and something has no answer: there is time again, and whoever calls this tells the region."""
    on = local_date(at)
    found.rounds += 1
    found.due_on, found.reminded_at = on + timedelta(days=_number(session, "review_days", on)), None
    session.flush()
    details: dict[str, str | int] = {
        "rounds": found.rounds,
        "waiting": len(found.waiting),
        "due_on": found.due_on.isoformat(),
    }
    logbook.write(session, "access_review.asked_again", "access_review", found.id, by=by, at=at, details=details)


def remind(session: Session, found: AccessReview, *, at: datetime) -> bool:
    """Whether now is the time to remind; once in a round."""
    days = _number(session, "review_reminder_days", local_date(at))
    if found.reminded_at is not None or local_date(at) < found.due_on - timedelta(days=days):
        return False
    found.reminded_at = at
    session.flush()
    return True


def _number(session: Session, name: str, on: date) -> int:
    return int(settings.get(session, f"administration.{name}", on=on))
