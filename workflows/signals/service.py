"""What a recorded signal changes: the family as it is known now, the card of the case, and what routing may know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from engine.clock import as_day
from workflows import families, logbook
from workflows.actor import Actor
from workflows.cases import Case, Phase
from workflows.dossier import Entry
from workflows.errors import Invalid, NotFound, WrongState
from workflows.families import FamilyMember, MemberKind, PregnancyEnd
from workflows.organisations import municipality
from workflows.signals.model import MatchQuestion, Signal
from workflows.signals.rules import check, theme_count

Scalar = str | int | float | bool | None


def record(
    session: Session, case: Case, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> dict[str, Scalar]:
    """Take over a signal that was written in the dossier; returns what routing may know besides the form's own outcomes.

    A second signal of the same case corrects what is known of the family; every entry stays.

    Args:
        answers: as ``forms.clean`` gives them: hidden fields absent, dates as ISO text.

    Raises:
        Invalid: something every signal needs is missing or impossible.
        WrongState: the case has no family any more.
    """
    before = case.municipality_code
    _record_family(session, case, answers, by=by, at=at)
    signal = Signal(
        case_id=case.id,
        entry_id=entry.id,
        organisation_id=by.organisation_id,
        person_id=by.person_id,
        received_at=at,
        vulnerability_level=answers["vulnerability_level"],
        urgency=answers["urgency"],
    )
    session.add(signal)
    session.flush()
    was = {"municipality_before": before}
    logbook.write(session, "signal.recorded", "signal", signal.id, case_id=case.id, by=by, at=at, details=was)
    return {"theme_count": theme_count(answers.get("risk_categories") or ())}


def take_over(
    session: Session, case: Case, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> dict[str, Scalar]:
    """Take over what is known of a family that was helped before: no signal was made, and the case is marked so.

    Args:
        answers: as for :func:`record`, with ``known_since``: local day since which the family was helped.

    Raises:
        Invalid, WrongState: as for :func:`record`; also without a day.
    """
    since = as_day(answers.get("known_since"))
    if since is None:
        raise Invalid(f"case {case.id}: taken over since never", errors={"known_since": ["Vul een datum in."]})
    was = {"municipality_before": case.municipality_code}
    _record_family(session, case, answers, by=by, at=at)
    case.under_way_since = since
    session.flush()
    logbook.write(session, "case.taken_over", "case", case.id, case_id=case.id, by=by, at=at, details=was)
    return {"theme_count": theme_count(answers.get("risk_categories") or ())}


def of_case(session: Session, case_id: UUID) -> list[Signal]:
    """Every signal of a case, oldest first."""
    query = select(Signal).where(Signal.case_id == case_id)
    return list(session.scalars(query.order_by(Signal.received_at, Signal.id)))


def give_feedback(session: Session, case: Case, *, by: Actor, at: datetime) -> int:
    """Write down that those who signalled heard what became of it; returns how many had not heard yet."""
    waiting = [signal for signal in of_case(session, case.id) if signal.feedback_at is None]
    for signal in waiting:
        signal.feedback_at = at
        logbook.write(session, "signal.feedback_given", "signal", signal.id, case_id=case.id, by=by, at=at)
    return len(waiting)


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the signals of a case and what was asked about it, before the entries they point at go."""
    session.flush()
    session.execute(delete(Signal).where(Signal.case_id == case_id))
    session.execute(
        delete(MatchQuestion).where(or_(MatchQuestion.case_id == case_id, MatchQuestion.existing_case_id == case_id))
    )
    logbook.write(session, "signal.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _record_family(session: Session, case: Case, answers: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    check(answers)
    family_id = case.family_id
    if family_id is None:
        raise WrongState(f"case {case.id} has no family")
    code = _municipality(session, answers.get("municipality_code"))
    _describe_case(case, answers, code)
    _record_parent(session, family_id, answers, code, case_id=case.id, by=by, at=at)
    if answers.get("partner_involved"):
        families.set_partner_involved(session, family_id, answers["partner_involved"], by=by, at=at)
    _record_pregnancy(session, family_id, answers, case_id=case.id, by=by, at=at)
    _record_children(session, family_id, answers, case_id=case.id, by=by, at=at)


def _municipality(session: Session, code: object) -> str | None:
    if code in (None, "outside", "unknown"):
        return None  # somebody from elsewhere, or without any address, is a normal case
    try:
        return municipality(session, str(code)).code
    except NotFound:
        raise Invalid(
            "signal with an unknown municipality", errors={"municipality_code": ["Kies een gemeente uit de lijst."]}
        ) from None


def _describe_case(case: Case, answers: Mapping[str, Any], code: str | None) -> None:
    case.phase = answers["phase"]
    case.urgency = answers["urgency"]
    case.municipality_code = code or case.municipality_code
    case.language = answers.get("preferred_language") or case.language
    case.interpreter_needed = bool(answers.get("interpreter_needed", False))


def _record_parent(
    session: Session,
    family_id: UUID,
    answers: Mapping[str, Any],
    code: str | None,
    *,
    case_id: UUID,
    by: Actor,
    at: datetime,
) -> FamilyMember:
    language = answers.get("preferred_language") or "nl"
    known: dict[str, Any] = {
        "kind": MemberKind.PREGNANT_PERSON if answers["phase"] == Phase.PREGNANT else MemberKind.PARENT,
        "name": str(answers["parent_name"]).strip(),
        "birth_date": as_day(answers.get("birth_date")),
        "postcode": str(answers.get("postcode") or "").replace(" ", "").upper(),
        "municipality_code": code,
        "living_situation": answers.get("living_situation") or "address",
        "preferred_language": answers.get("other_language") or language if language == "other" else language,
        "interpreter_needed": bool(answers.get("interpreter_needed", False)),
        "reading_support": bool(answers.get("reading_support", False)),
        "safe_contact": answers.get("safe_contact"),
        "safe_contact_detail": answers.get("safe_contact_detail") or "",
    }
    for member in families.members(session, family_id):
        if member.kind in (MemberKind.PREGNANT_PERSON, MemberKind.PARENT):
            return families.change_member(session, member.id, case_id=case_id, by=by, at=at, **known)
    return families.add_member(session, family_id, case_id=case_id, by=by, at=at, **known)


def _record_pregnancy(
    session: Session, family_id: UUID, answers: Mapping[str, Any], *, case_id: UUID, by: Actor, at: datetime
) -> None:
    if answers["phase"] == Phase.PREGNANT:
        known = {"multiple": answers.get("multiple_pregnancy"), "parity": answers.get("parity")}
        running = families.expecting(session, family_id, case_id=case_id, by=by, at=at, **known)
        due_date = as_day(answers["due_date"])
        assert due_date is not None, "checked before"
        certainty = answers.get("due_date_certainty") or "estimate"
        families.record_due_date(
            session, running.id, due_date=due_date, certainty=certainty, case_id=case_id, by=by, at=at
        )
    elif answers["phase"] == Phase.AFTER_BIRTH:
        before = families.current_pregnancy(session, family_id)
        if before is not None:
            families.end_pregnancy(session, before.id, PregnancyEnd.BIRTH, case_id=case_id, by=by, at=at)


def _record_children(
    session: Session, family_id: UUID, answers: Mapping[str, Any], *, case_id: UUID, by: Actor, at: datetime
) -> None:
    rows = answers.get("child_birth_dates") or ()
    said = Counter(day for row in rows if (day := as_day(row.get("date"))) is not None)
    if not said:
        return
    known: Counter[date | None] = Counter(
        member.birth_date for member in families.members(session, family_id) if member.kind == MemberKind.CHILD
    )
    for day, count in sorted(said.items()):
        for _ in range(count - known[day]):
            families.add_member(
                session, family_id, kind=MemberKind.CHILD, birth_date=day, case_id=case_id, by=by, at=at
            )
