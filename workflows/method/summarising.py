"""A case on one page, for in one's own records or in the bag: cut to what the reader may see, and written down as taken along.

Also the number that the case has in those own records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, cases, logbook
from workflows.actor import Actor
from workflows.method.facts import find_case, write_read
from workflows.method.story import CaseStory, case_story

Taken = Literal["text", "page", "pdf"]


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """Everything that may stand on the page, with what the own organisation calls the case."""

    story: CaseStory
    reference: str | None
    made_at: datetime


def case_summary(session: Session, case_id: UUID, *, taken: Taken, by: Actor, at: datetime) -> CaseSummary:
    """A case to take along. Beside what was read a line says that it was, and as what.

    Args:
        taken: as text to paste, on a page to copy from, or as a file to print.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    story = case_story(session, case_id, by=by, at=at)
    case, facts = find_case(session, case_id, by=by, at=at)
    saw = {"C0"} if story.case.members else set()
    saw |= ({"C6"} if story.plan.version else set()) | ({"C10"} if story.case.consents else set())
    about = {"case": case, "facts": facts, "purpose": "case", "saw": saw, "details": {"media": taken}}
    if taken == "pdf":
        write_read(session, "summary.printed", "case", case.id, by=by, at=at, **about)  # type: ignore[arg-type]
    else:
        write_read(session, "summary.exported", "case", case.id, by=by, at=at, **about)  # type: ignore[arg-type]
    own = cases.reference_of(session, case.id, by=by)
    return CaseSummary(story, None if own is None else own.number, at)


def case_reference(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[str, bool]:
    """What *by*'s organisation calls the case, empty when nothing, and whether *by* can say so. Reading the page that it
    stands on is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    with logbook.deciding(session):  # the own organisation's own number, on a page that was written down
        own = cases.reference_of(session, case.id, by=by)
    return ("" if own is None else own.number), access.allows(by, "keep_reference", facts)


def keep_case_reference(session: Session, case_id: UUID, number: str, *, by: Actor, at: datetime) -> None:
    """Keep what *by*'s organisation calls the case in its own records; nothing typed takes it away.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: too long, or signs that cannot be kept.
    """
    with logbook.deciding(session):  # nothing is shown, and the same number typed again changes nothing
        case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "keep_reference", facts, at=at)
    cases.keep_reference(session, case, number, by=by, at=at)
