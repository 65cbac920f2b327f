"""Answers that contradict each other or what is known are asked about, not swallowed. Which forms ask what stands here.

A question is only asked about what the asker may know: otherwise it would tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import families, signals
from workflows.cases import Case
from workflows.errors import Doubtful

#: Clean answers of a form in a case → questions by field, in Dutch.
Doubts = Callable[[Session, Case, Mapping[str, Any], datetime], Mapping[str, str]]


def _signal(session: Session, case: Case, answers: Mapping[str, Any], at: datetime) -> Mapping[str, str]:
    on = local_date(at)
    known = None if case.family_id is None else families.current_due_date(session, case.family_id)
    return signals.doubts(
        answers,
        earlier_due_date=known,
        on=on,
        limits=families.limits(session, municipality=case.municipality_code, on=on),
    )


#: Forms whose answers are compared, by key; a family that was under way already is described as a signal does.
DOUBTS: Mapping[str, Doubts] = {"signal": _signal, "taking_over": _signal}


def ask(
    session: Session,
    case: Case | None,
    form_key: str,
    answers: Mapping[str, Any],
    *,
    confirmed: frozenset[str],
    at: datetime,
) -> dict[str, str]:
    """Ask what is doubtful in the answers to a form, unless it was confirmed.

    Returns:
        What goes in the log line of the entry: ``confirmed`` with the fields that were asked about; empty when none was.

    Raises:
        Doubtful: with every question that is not confirmed.
    """
    doubts = DOUBTS.get(form_key)
    if doubts is None or case is None:
        return {}
    return settled(doubts(session, case, answers, at), confirmed=confirmed, form_key=form_key)


def settled(questions: Mapping[str, str], *, confirmed: frozenset[str], form_key: str) -> dict[str, str]:
    """As :func:`ask`, for questions that are known."""
    open_ = {field: question for field, question in questions.items() if field not in confirmed}
    if open_:
        raise Doubtful(f"form {form_key}: {len(open_)} answers are doubtful", questions=open_)
    return {"confirmed": ",".join(sorted(questions))} if questions else {}
