"""When a request has to be answered. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from engine.clock import add_months, is_working_day
from workflows.rights.model import RequestKind

#: Request → the setting with the months that there are to answer it.
MONTHS = {
    RequestKind.ACCESS_COPY: "rights.answer_months",
    RequestKind.CORRECTION: "rights.answer_months",
    RequestKind.ADDITION: "rights.answer_months",
    RequestKind.DESTRUCTION: "rights.destruction_months",
}


def answer_by(received_on: date, *, months: int) -> date:
    """The last local day to answer a request.

    A term that would end on a day off ends on the working day before: so the answer is on time however one counts.

    Source:
        AVG art. 12(3), one month; destruction of files of youth care: Jeugdwet art. 7.3.9, three months. Both are
        settings, to be confirmed by a lawyer.
    """
    day = add_months(received_on, months)
    while not is_working_day(day) and day > received_on:
        day -= timedelta(days=1)
    return day
