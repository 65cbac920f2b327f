"""What follows from a due date and a birth date, and what cannot well be true together. Pure; nothing of it is kept.

All dates are local (Europe/Amsterdam), so the change to summer time moves none of them. A question is asked, in Dutch,
when an answer is possible but unlikely: who knows better confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.clock import gestational_age_days
from workflows.errors import Invalid

#: Days from the first day of the last period to the due date.
TERM_DAYS = 280
#: Twins may be born on either side of midnight.
TWIN_DAYS = 1
#: Weeks after a birth at which midwife and youth health look back with the parent.
WEEKS_AFTER_BIRTH = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """Where an answer becomes doubtful; settings of the region."""

    age_limit_months: int
    parent_minimum_years: int
    parent_maximum_years: int
    siblings_months: int
    preterm_weeks: int
    shift_days: int
    maximum_days: int


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day that matters to a family; ``code`` says which."""

    code: str
    on: date


#: What people put between the digits of a number.
_BETWEEN = re.compile(r"[\s.\-\u2010-\u2013]")
_LONGEST_TYPED = 40
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def read_bsn(text: str) -> str:
    """The nine digits of a BSN as somebody typed it, with spaces, dots or dashes. The text of a refusal never holds them.

    Eight digits are refused, not filled up with a zero: every document shows nine, so mostly one was forgotten, and filled
    up one in eleven of those would pass as the number of somebody else.

    Raises:
        Invalid: under ``bsn``: not nine digits, or not together the number of anybody.

    Source:
        Eleven-test: nine times the first digit, eight times the second and so on to twice the eighth, minus the ninth, is
        a multiple of eleven. Logisch Ontwerp BSN (RvIG).
    """
    digits = _BETWEEN.sub("", text[:_LONGEST_TYPED])
    if not re.fullmatch(r"[0-9]{9}", digits) or len(text) > _LONGEST_TYPED:
        told = "Een BSN heeft 9 cijfers. Vul ze alle 9 in, ook een 0 aan het begin."
    elif sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11 or digits == "0" * 9:
        told = "Dit BSN kan niet kloppen. Er is een cijfer anders. Neem het over van het document."
    else:
        return digits
    raise Invalid("not a BSN", errors={"bsn": [told]})


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


def last_period(due_date: date) -> date:
    """The first day of the last period that a due date goes with.

    Source:
        General knowledge [K]: 280 days before the due date (Naegele's rule).
    """
    return due_date - timedelta(days=TERM_DAYS)


def gestational_age(due_date: date, on: date) -> tuple[int, int]:
    """Weeks and days of pregnancy on a day; negative weeks before the last period.

    Source:
        General knowledge [K]: counted from the first day of the last period.
    """
    return divmod(gestational_age_days(due_date, on), 7)


def reaches_weeks(due_date: date, weeks: int) -> date:
    """The day on which a pregnancy is *weeks* weeks.

    Source:
        VoorZorg starts at the latest in week 28; the handover around birth is planned from week 34 (method, WO11).
    """
    return last_period(due_date) + timedelta(weeks=weeks)


def weeks_after_birth(birth_date: date, weeks: int = WEEKS_AFTER_BIRTH) -> date:
    """The day *weeks* weeks after a birth.

    Source:
        Zorgstandaard Integrale Geboortezorg: the care around birth lasts until six weeks after it.
    """
    return birth_date + timedelta(weeks=weeks)


def reaches_age(birth_date: date, months: int) -> date:
    """The day on which somebody is *months* months old. Who was born on the 29th to 31st is so on the last day of a
    shorter month, as all terms in months here (``engine.clock``).

    Source:
        The age limit of the method is the second birthday: setting ``case.age_limit_months``.
    """
    year, month = divmod(birth_date.year * 12 + birth_date.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(birth_date.day, last))


def age_in_years(birth_date: date, on: date) -> int:
    """Whole years on a local day; negative before birth. An age is reached on the birthday itself.

    Source:
        General knowledge [K]: an age counts from the beginning of the birthday, in local time.
    """
    years = on.year - birth_date.year
    return years if reaches_age(birth_date, 12 * years) <= on else years - 1


def milestones(*, due_date: date | None, youngest_born_on: date | None, age_limit_months: int) -> tuple[Milestone, ...]:
    """The days that matter, in order: of the pregnancy while there is one, else of the youngest child."""
    found: list[Milestone] = []
    if due_date is not None:
        found += [
            Milestone("weeks_28", reaches_weeks(due_date, 28)),
            Milestone("weeks_34", reaches_weeks(due_date, 34)),
            Milestone("due_date", due_date),
        ]
    elif youngest_born_on is not None:
        found += [
            Milestone("six_weeks_after_birth", weeks_after_birth(youngest_born_on)),
            Milestone("age_limit", reaches_age(youngest_born_on, age_limit_months)),
        ]
    return tuple(found)


# --- what is asked about


def doubt_due_date(
    due_date: date, *, earlier: date | None, births: Iterable[date], on: date, limits: Limits
) -> dict[str, str]:
    """Questions about a due date: it lies far from what was known, or the pregnancy would have begun before a birth.

    Args:
        earlier: the due date that was known of this pregnancy, so also its last period.
        births: birth dates of children that were born before.
    """
    questions: list[str] = []
    if earlier is not None and abs((due_date - earlier).days) > limits.shift_days:
        days = abs((due_date - earlier).days)
        questions.append(
            f"Klopt het dat de uitgerekende datum {days} dagen anders is dan eerder is opgeschreven ({_day(earlier)})?"
        )
    began = last_period(due_date)
    before = [birth for birth in births if began < birth <= on]
    if before:
        questions.append(
            f"Klopt het dat deze zwangerschap begon vóór de geboorte van een ander kind op {_day(max(before))}?"
        )
    return _about("due_date", questions)


def doubt_parent(
    birth_date: date, *, child_on: date, on: date, limits: Limits, field: str = "birth_date"
) -> dict[str, str]:
    """Questions about the birth date of a parent, who would be very young or old when the child comes.

    Args:
        child_on: when the child was born or is expected; *on* when there is none yet.
    """
    years = age_in_years(birth_date, child_on)
    if limits.parent_minimum_years <= years <= limits.parent_maximum_years:
        return {}
    if child_on == on:
        return _about(field, [f"Klopt het dat de ouder nu {_years(years)} is?"])
    return _about(field, [f"Klopt het dat de ouder {_years(years)} is bij de geboorte op {_day(child_on)}?"])


def doubt_child(
    birth_date: date,
    *,
    siblings: Iterable[date],
    expecting: bool,
    on: date,
    limits: Limits,
    field: str = "birth_date",
) -> dict[str, str]:
    """Questions about the birth date of a child: it lies ahead, the youngest is too old for the method, or it lies so
    near another child's that one mother did not bear both.

    Args:
        siblings: birth dates of the other children.
        expecting: the family expects another child, so this one is not the youngest.
    """
    questions: list[str] = []
    others = sorted(siblings)
    if birth_date > on:
        questions.append(f"Klopt het dat het kind pas op {_day(birth_date)} wordt geboren?")
    youngest = not expecting and all(other <= birth_date for other in others)
    if youngest and reaches_age(birth_date, limits.age_limit_months) <= on:
        questions.append(f"Klopt het dat het jongste kind al {limits.age_limit_months} maanden of ouder is?")
    for other in others:
        older, younger = sorted((birth_date, other))
        if (younger - older).days > TWIN_DAYS and younger < reaches_age(older, limits.siblings_months):
            questions.append(
                f"Klopt het dat de kinderen minder dan {limits.siblings_months} maanden na elkaar zijn geboren"
                f" ({_day(older)} en {_day(younger)})?"
            )
            break
    return _about(field, questions)


def doubt_birth(
    birth_date: date, *, due_date: date | None, preterm: str | None, born: int, expected: int, limits: Limits
) -> dict[str, str]:
    """Questions about a birth that does not go with the pregnancy: long before the due date and not called preterm,
    called preterm around it, long after it, or fewer children than were expected.

    Source:
        Preterm is before 37 completed weeks (WHO) [K]; setting ``pregnancy.preterm_weeks``.
    """
    found: dict[str, str] = {}
    if due_date is not None:
        weeks, days = gestational_age(due_date, birth_date)
        early = weeks < limits.preterm_weeks
        if early and preterm != "yes":
            found |= _about("preterm", [f"Klopt het dat het kind is geboren na {_weeks(weeks, days)} zwangerschap?"])
        elif not early and preterm == "yes":
            asked = f"Klopt het dat het kind te vroeg is geboren? Op deze datum was het {_weeks(weeks, days)}."
            found |= _about("preterm", [asked])
        if gestational_age_days(due_date, birth_date) > limits.maximum_days:
            late = (birth_date - due_date).days
            found |= _about("birth_date", [f"Klopt het dat het kind {late} dagen na de uitgerekende datum is geboren?"])
    if born < expected:
        found |= _about("born", [f"Klopt het dat er {_children(born)}? Er werden er {expected} verwacht."])
    return found


def joined(*found: Mapping[str, str]) -> dict[str, str]:
    """Several sets of questions as one; questions about the same field stand after each other."""
    all_: dict[str, str] = {}
    for questions in found:
        for field, question in questions.items():
            all_[field] = f"{all_[field]} {question}" if field in all_ else question
    return all_


def _about(field: str, questions: list[str]) -> dict[str, str]:
    return {field: " ".join(questions)} if questions else {}


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def _years(years: int) -> str:
    return "nog niet geboren" if years < 0 else f"{years} jaar"


def _weeks(weeks: int, days: int) -> str:
    return f"{weeks} weken" if days == 0 else f"{weeks} weken en {days} {'dag' if days == 1 else 'dagen'}"


def _children(count: int) -> str:
    return "één kind is geboren" if count == 1 else f"{count} kinderen zijn geboren"
