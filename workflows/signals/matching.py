"""Whether a family may be known already: another open case of a parent with the same name and day of birth.

Compared are whole names and days that families keep anyway: what sounds alike is enough to search by among what one may
see, and too little to ask another organisation about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from workflows import cases
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus
from workflows.families import FamilyMember, MemberKind, name_words
from workflows.organisations import Organisation
from workflows.signals.model import MatchQuestion

#: A word that is shorter says little: an initial, or ‘de’.
_SHORTEST_WORD = 3
_PARENTS = (MemberKind.PREGNANT_PERSON, MemberKind.PARENT)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case that may be of the same family. ``visible``: whoever asked may know of it."""

    case_id: UUID
    number: str
    holder: str
    visible: bool


def open_cases(session: Session, case: Case, *, by: Actor) -> list[OpenCase]:
    """Other open cases of somebody like the parent of *case*, whoever may know of them: first ask ``visible``.

    One statement, whether there are any or not, so that how long it takes tells nothing.
    """
    mine, other = aliased(FamilyMember), aliased(FamilyMember)
    rows = session.execute(
        select(
            Case.id,
            Case.number,
            Organisation.name.label("holder"),
            cases.visible_clause(by).label("visible"),
            mine.name.label("name"),
            mine.postcode.label("postcode"),
            other.name.label("other_name"),
            other.postcode.label("other_postcode"),
        )
        .join(other, other.birth_date == mine.birth_date)
        .join(Case, Case.family_id == other.family_id)
        .join(Organisation, Organisation.id == Case.holder_organisation_id)
        .where(
            mine.family_id == case.family_id,
            mine.kind.in_(_PARENTS),
            other.kind.in_(_PARENTS),
            Case.id != case.id,
            Case.status != CaseStatus.CLOSED,
        )
        .order_by(Case.opened_at, Case.id)
    )
    found = {
        row.id: OpenCase(row.id, row.number, row.holder, bool(row.visible))
        for row in rows
        if alike(row.name, row.postcode, row.other_name, row.other_postcode)
    }
    return list(found.values())


def alike(name: str, postcode: str, other_name: str, other_postcode: str) -> bool:
    """Whether two people born on the same day may be one: the same name however it was typed, or part of it at the same
    postcode, because names change and are written down in part."""
    one, two = name_words(name), name_words(other_name)
    if not one or not two:
        return False
    if "".join(one) == "".join(two) or sorted(one) == sorted(two):
        return True
    shared = {word for word in one if len(word) >= _SHORTEST_WORD} & set(two)
    return bool(shared) and _plain(postcode) != "" and _plain(postcode) == _plain(other_postcode)


def questions(session: Session, case_id: UUID) -> list[MatchQuestion]:
    """What was asked about this case, or to its holder about another."""
    query = select(MatchQuestion).where(
        or_(MatchQuestion.case_id == case_id, MatchQuestion.existing_case_id == case_id)
    )
    return list(session.scalars(query.order_by(MatchQuestion.asked_at, MatchQuestion.id)))


def _plain(postcode: str) -> str:
    return re.sub(r"\s", "", postcode).upper()
