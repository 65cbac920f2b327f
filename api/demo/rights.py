"""What happens around the rights of a family in the demo: a request, a correction, a hold, a destruction, an emergency, a BSN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.demo import scripts
from api.transactions import local_date
from workflows import cases, families, method
from workflows.rights import HoldReason

if TYPE_CHECKING:
    from api.demo.region import Region
    from workflows.actor import Actor
    from workflows.db import Session

#: For tests: nobody has a BSN that begins with 99999. By the role of who records it.
BSNS: Mapping[str, str] = {"signaller": "999990019", "explorer": "999990299"}
_EMERGENCY: Mapping[str, Any] = {
    "reason": "acute_illness",
    "explanation": "De bevalling is begonnen en de eigen verloskundige is niet bereikbaar. Ik wil weten waar ik op moet letten.",
    "ground": "vital_interest",
}


def request(session: Session, case_id: UUID, answers: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """The parent asks something about what is kept, and somebody writes that down."""
    case = cases.lock(session, case_id)
    assert case.family_id is not None
    parent = families.members(session, case.family_id)[0]
    given = {
        "request_words": "Ik wil graag lezen wat er over mij is opgeschreven.",
        "received_on": local_date(at).isoformat(),
        "request_subject": str(parent.id),
        "requested_by": "self",
        "identity_check": "known_in_person",
        **answers,
    }
    method.record_request(session, case_id, answers=given, by=by, at=at)


def correct(session: Session, case_id: UUID, answers: Mapping[str, Any], region: Region, *, at: datetime) -> None:
    """Who wrote the exploration puts right what was written down wrongly; who could read it hears that."""
    actors = [worker.actor for worker in region.workers]
    case = cases.lock(session, case_id)
    holder = next(
        one for one in actors if (one.organisation_id, one.role) == (case.holder_organisation_id, case.holder_role)
    )
    shown = method.case_view(session, case_id, by=holder, at=at)
    entry = next(one for one in shown.entries if one.form_key == "exploration")
    by = next(one for one in actors if one.person_id == entry.author_id)
    before = method.correction_form(session, case_id, entry.id, by=by, at=at).answers
    method.correct_entry(session, case_id, entry.id, answers={**before, **answers}, by=by, at=at)


def hold(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """There is a complaint, so nothing of this case is destroyed."""
    method.set_hold(session, case_id, HoldReason.COMPLAINT, by=by, at=at)


def confirm(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """The first of two agrees that a case is destroyed."""
    method.confirm_destruction(session, case_id, by=by, at=at)


def bsn(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Who gives care records the parent's BSN: of a range that is given to nobody."""
    case = cases.lock(session, case_id)
    assert case.family_id is not None
    parent = families.members(session, case.family_id)[0]
    method.record_bsn(session, case_id, parent.id, BSNS[by.role], by=by, at=at)


def emergency(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Somebody who was called opens the case, reads it and stops."""
    number = cases.lock(session, case_id).number
    opened = method.open_emergency(session, case_number=number, **_EMERGENCY, by=by, at=at)
    method.emergency_view(session, opened.id, by=by, at=at + timedelta(minutes=2))


#: Step that somebody does by login → what it is.
BY_LOGIN: Mapping[str, Callable[..., None]] = {
    scripts.BSN: bsn,
    scripts.HOLD: hold,
    scripts.CONFIRM: confirm,
    scripts.EMERGENCY: emergency,
}
