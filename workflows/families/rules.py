"""When a due date can be true. Pure."""

from __future__ import annotations

from datetime import date

from engine.clock import gestational_age_days
from workflows.errors import Invalid


def check_due_date(due_date: date, *, on: date, minimum_days: int, maximum_days: int) -> None:
    """Refuse a due date that would make the pregnancy impossibly short or long on local day *on*.

    Raises:
        Invalid: with the reason under ``due_date``.
    """
    days = gestational_age_days(due_date, on)
    if days < minimum_days:
        problem = "Deze datum ligt te ver weg voor een zwangerschap die al bekend is. Controleer het jaar en de maand."
    elif days > maximum_days:
        problem = "Deze datum is te lang geleden. Is het kind al geboren, kies dan de fase na de geboorte."
    else:
        return
    raise Invalid(f"due date gives {days} days of pregnancy", errors={"due_date": [problem]})
