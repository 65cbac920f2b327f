"""Keeping a question for a case, counting how often somebody asks, and wiping out what was searched for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import add_working_days, end_of_day, local_date, start_of_day
from workflows import organisations, settings, vault
from workflows.actor import Actor
from workflows.errors import NotAllowed, TooOften
from workflows.pulls.model import CaseRequest, PullReason


def search_about(request_id: UUID) -> str:
    """As what the search of a question is closed."""
    return f"case_requests/sealed_search/{request_id}"


def ask(
    session: Session, *, search: Mapping[str, str | None], reason: PullReason, by: Actor, at: datetime
) -> CaseRequest:
    """Keep that *by* asks for a case, with what to look for closed. Looks nothing up.

    Raises:
        TooOften: asked too often today.
    """
    if by.person_id is None or by.assignment_id is None or by.organisation_id is None:
        raise NotAllowed("a question for a case needs a person")
    # One at a time: who asks for twenty families at once would else be counted for none.
    who = select(organisations.Person.id).where(organisations.Person.id == by.person_id)
    session.execute(who.with_for_update(key_share=True))
    today = local_date(at)
    begin = start_of_day(today)
    asked = session.scalar(
        select(func.count()).where(CaseRequest.person_id == by.person_id, CaseRequest.asked_at >= begin)
    )
    if (asked or 0) >= int(settings.get(session, "pull.per_day", on=today)):
        raise TooOften(
            f"person {by.person_id} asked for {asked} cases today",
            detail="U vroeg vandaag al vaak om een casus. Probeer het morgen opnieuw, of vraag de ouder wie er al helpt.",
        )
    days = int(settings.get(session, "pull.answer_days", on=today))
    found = CaseRequest(
        person_id=by.person_id, assignment_id=by.assignment_id, organisation_id=by.organisation_id, role=by.role,
        reason=reason, asked_at=at, until_at=end_of_day(add_working_days(today, days)),
    )  # fmt: skip
    session.add(found)
    session.flush()
    found.sealed_search = vault.of(session).seal(json.dumps(dict(search)).encode(), about=search_about(found.id))
    session.flush()
    return found


def search_of(session: Session, found: CaseRequest) -> Mapping[str, str | None] | None:
    """What to look for; None: it was looked for before.

    Raises:
        Unreadable: its key is not here; it stays.
    """
    if found.sealed_search is None:
        return None
    search: Mapping[str, str | None] = json.loads(
        vault.of(session).open(found.sealed_search, about=search_about(found.id))
    )
    return search


def wipe(found: CaseRequest) -> None:
    """It was looked for: from now on what was searched for is kept nowhere."""
    found.sealed_search = None


def find(session: Session, request_id: UUID) -> CaseRequest | None:
    """A question; None when it was forgotten."""
    return session.get(CaseRequest, request_id)


def of_person(session: Session, *, by: Actor) -> list[CaseRequest]:
    """What *by* asked in this role, the newest first."""
    query = select(CaseRequest).where(
        CaseRequest.person_id == by.person_id, CaseRequest.assignment_id == by.assignment_id
    )
    return list(session.scalars(query.order_by(CaseRequest.asked_at.desc(), CaseRequest.id)))


def forget(session: Session, request_id: UUID) -> None:
    """Nobody needs it any more."""
    found = session.get(CaseRequest, request_id)
    if found is not None:
        session.delete(found)
