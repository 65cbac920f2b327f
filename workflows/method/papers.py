"""Papers that are given to a member of the family: showing one changes nothing, giving it is an act of sharing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, consent, families
from workflows.access import Ground
from workflows.actor import Actor
from workflows.consent import Because, DisclosureCause
from workflows.errors import Invalid, NotFound
from workflows.method.facts import find_case
from workflows.method.sharing import sharing
from workflows.method.who_looked import client_log_subjects


class Paper(StrEnum):
    """What is given to somebody of the family, about themselves."""

    CONSENTS = "consents"
    CLIENT_LOG = "client_log"


_CATEGORIES = {Paper.CONSENTS: ("C10",), Paper.CLIENT_LOG: ("C11",)}


def give_paper(session: Session, case_id: UUID, *, paper: str, subject_id: UUID, by: Actor, at: datetime) -> UUID:
    """Write down that a paper went to the person whom it is about; returns the act of sharing.

    Raises:
        NotFound, NotAllowed: not for *by*, or nothing of this person is. Invalid: no such paper.
    """
    if paper not in set(Paper):
        raise Invalid(f"paper {paper!r:.40}", errors={"paper": ["Kies welk papier u meegaf."]})
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    if paper == Paper.CLIENT_LOG:
        access.require(by, "view_client_log", facts, at=at)
        about = {one.id for one in client_log_subjects(session, case.id, by=by, at=at)}
    else:
        access.require(by, "record_consent", facts, at=at)
        view = sharing(session, case, facts, access.visible(by, facts), by=by, at=at)
        about = {one.subject_id for one in view.answers}
    if subject_id not in about or case.family_id is None:
        raise NotFound(f"case {case_id}: no paper about {subject_id}")
    return consent.hand_out(
        session,
        case_id=case.id,
        subject_ids=[families.member(session, case.family_id, subject_id).id],
        ground=Ground.LEGAL_OBLIGATION,
        categories=_CATEGORIES[Paper(paper)],
        because=Because(DisclosureCause.COPY, subject_id),
        by=by,
        at=at,
    ).id
